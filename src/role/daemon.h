// SPDX-License-Identifier: ISC
// The parent's state, for run.c (the loop), crew.c (the roles' lives) and those beside them.
#pragma once

#include "engine/engine.h"
#include "role/acts_done.h"
#include "role/audit_desk.h"
#include "role/control.h"
#include "role/keeper.h"
#include "role/outbox.h"
#include "role/past.h"
#include "role/run.h"
#include "role/service.h"
#include "role/stored.h"
#include "role/teller.h"
#include "web/bucket.h"

#include <uv.h>

enum { RESTARTS_MAX = 5 };  // a minute, of one role; then we go without

// Roles that may die and live again: nothing that is announced depends on them.
static inline bool role_may_die(enum event_role role)
{
    return role == ROLE_INGEST || role == ROLE_HOOK || role == ROLE_WEB || role == ROLE_AUDIT ||
           role == ROLE_NOTIFY || role == ROLE_STORE || role == ROLE_SHELL;
}

// Roles that tell the engine something: channels of others carry texts of their own, or nothing.
static inline bool role_says_events(enum event_role role)
{
    return role != ROLE_WEB && role != ROLE_AUDIT && role != ROLE_STORE;
}

struct child {
    pid_t pid;    // 0: none
    int channel;  // -1: none
    struct keeper keeper;
    bool watched, killed;
    struct mono killed_at;
    uv_poll_t poll;         // of the channel, when watched
    struct mono closed_at;  // the channel, while the process still is
    bool again;             // it died, and is to be started again
    bool has_renewed;       // its certificate is newer than at our start
    struct mono starts[RESTARTS_MAX];
    uint32_t start_count;
};

enum daemon_phase { DAEMON_RUNNING, DAEMON_STOPPING };

struct daemon {
    const struct run_options *options;
    const struct net *net;
    struct engine *engine;
    struct outbox *outbox;
    struct audit_desk *desk;  // NULL: there is no audit log
    struct past past;
    bool audit_sick, audit_ended, pages_owed;
    struct web_bucket entries;  // how often somebody who comes or goes is put on record
    uint32_t entries_missed;    // since the last that was
    struct stored stored;
    bool killed;  // the kill file stands, and the engine knows
    struct recorder recorder;
    struct teller teller;
    struct service service;
    struct control *control;   // NULL: none
    struct askers web_askers;  // whose questions come over the web
    struct acts_done acts_done;
    struct asker_handovers handovers;
    struct spawn_user user, users[ROLES];
    void *roles[ROLES];  // opened; NULL once they are forked
    struct child children[ROLES];
    uv_loop_t loop;
    uv_timer_t timer;
    uv_signal_t signals[4];
    struct teller_now now;  // read once a turn
    enum daemon_phase phase;
    int exit_status;
    struct mono stop_by, status_at;
    uint64_t effects_told;
    bool released;  // stopping: everything is sent, the channels are shut
    uint32_t stop_requests;
    bool has_terminal;  // which, hung up, ends us; else SIGHUP renews certificates
    bool hung_up;       // SIGHUP came
    bool child_ended;   // SIGCHLD came
    int64_t turn_longest_ns;
    // When zones were told, and the clocks' difference then; since when notify owes word of a page.
    int64_t zones_offset_ns;
    struct mono zones_at, pages_owed_since;
    struct effect_answered answered;  // to what a person asked last
};

// run.c
void daemon_feed(struct daemon *d, const struct event *event);
void daemon_stop(struct daemon *d, int exit_status);
void daemon_carry_out(struct daemon *d, const struct effect *effect);  // by route, by hook
void daemon_on_readable(uv_poll_t *poll, int status, int events);

// crew.c: whatever needs privileges, and all that fails, not only the first.
bool crew_open(struct daemon *d);
void crew_close(struct daemon *d);
// Forks all, then gives up what the parent no longer needs. 0 or -errno.
int crew_fork(struct daemon *d);
int crew_watch(struct daemon *d);  // 0 or -errno
void crew_tell_alive(struct daemon *d);
void crew_hear(struct daemon *d);  // their events, into the engine
void crew_reap(struct daemon *d);
void crew_restart(struct daemon *d);  // those that died, if they may
void crew_kill(struct daemon *d, enum event_role role, const char *why);
void crew_end_the_silent(struct daemon *d);
void crew_end_the_mute(struct daemon *d);
bool crew_is_alive(const struct daemon *d);  // any but the audit role
bool crew_role_is_alive(const struct daemon *d, enum event_role role);
void crew_tell(struct daemon *d, enum event_role role, enum event_role_state state,
               const char *reason);
void crew_shut_channels(struct daemon *d);  // but that of the audit role
