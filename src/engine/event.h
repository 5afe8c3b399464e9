// SPDX-License-Identifier: ISC
// Everything the engine ever learns. Roles send these over their channel, the recording holds them,
// replay and simulation feed them: one form for all. Integers and short texts only.
#pragma once

#include "base/clock.h"
#include "base/prefix.h"
#include "change/change.h"
#include "detect/fault.h"
#include "detect/flow_report.h"
#include "detect/notice.h"
#include "detect/rate.h"
#include "detect/signal.h"
#include "engine/kept_record.h"
#include "net/net.h"
#include "steer/words.h"

enum event_kind {
    EVENT_NONE,
    EVENT_START,     // the daemon began: wall clock beside, and the seed for jitter
    EVENT_TICK,      // time passes, every ENGINE_TICK_MS
    EVENT_TALLY,     // probe: what became of the probes of one path to one target lately
    EVENT_SIGNAL,    // probe: a detector spoke
    EVENT_SESSION,   // route: a BGP session went up or down, or its table is complete
    EVENT_ROUTE,     // route: a steerable route was learned, changed or lost
    EVENT_OVERRIDE,  // route: what became of an override that the engine ordered
    EVENT_ROLE,      // parent: a role started, died, or stopped answering
    EVENT_COMMAND,   // a person spoke
    EVENT_NOTICE,    // route, ingest, probe: something that is no loss of packets, for people
    EVENT_FAULT,     // probe: which part of the network fails, or that it is over
    EVENT_USE,       // ingest: what an upstream carries now
    EVENT_DEMAND,    // ingest: what goes to a prefix now
    EVENT_HOOK,      // hook: what became of a run of a hook's program
    EVENT_HEALTH,    // hook: whether what is announced is well
    EVENT_ASKED,     // a person asked for something by name, with a reason
    EVENT_CHANGE,    // ingest: somebody changed devices; for people and the search for causes
    EVENT_ODD,       // ingest: what of a change differs on some of its devices
    // A maintenance was announced, changed or called off.
    EVENT_MAINTENANCE,
    EVENT_ZONE,      // parent: what clocks show in a team's time zone, and the wall clock anew
    EVENT_DELIVERY,  // notify: what became of a page
    EVENT_RATE,      // probe: what became of the probes of one path within RATE_S, up to `at`
    EVENT_FLOW,      // probe: likewise of one 5-tuple of a path that loses packets
    EVENT_ORIGIN,    // route: which AS a target is in
    // store: what another life of the process kept of outages that were open; no more is to come
    EVENT_KEPT_FACT,
    EVENT_KEPT_OUTAGE,
    EVENT_KEPT_END,
    EVENT_FROZEN,  // parent: what a person froze before this daemon began is frozen still
    EVENT_KINDS
};

struct event_start {
    struct wall wall;
    uint64_t seed;
};

struct event_tally {
    uint32_t path, target;
    // Since the last tally of this path and target. Voided: no evidence about the path, because the
    // prober could not see, or because the target fails on every path of its family.
    uint32_t ok, lost, voided;
    uint32_t lost_forward, lost_reverse;  // where a stateful reflector told
    uint32_t late;                        // answers to what earlier tallies told as lost
    int64_t rtt_p50_ns;                   // of the ok ones; 0: none
    int64_t oldest_ns;                    // age of the oldest probe still without verdict; 0: none
};

enum event_session_state { SESSION_DOWN, SESSION_UP, SESSION_COMPLETE, SESSION_STATES };

struct event_session {
    uint32_t router;
    enum event_session_state state;
    enum family family;  // with SESSION_COMPLETE: End-of-RIB (or its timer) of this family
    char reason[96];
};

// A learned route of `router` to `prefix` whose next hop is that of `upstream`. Only prefixes
// inside net.steer.prefixes are told. One router may have several (ADD-PATH), one for each
// upstream.
struct event_route {
    uint32_t router, upstream;
    struct prefix prefix;
    bool present;  // false: lost
    bool best;     // the router's choice, as far as RFC 4271 §9.1 tells from what all routers sent
};

enum event_override_state {
    OVERRIDE_ANNOUNCED,
    OVERRIDE_WITHDRAWN,
    OVERRIDE_REFUSED,
    // What the router says of one that is announced: told when it is another word than before.
    OVERRIDE_TAKEN,      // its packets go by it
    OVERRIDE_NOT_TAKEN,  // they go otherwise, `reason` says how
    OVERRIDE_UNTOLD,     // it does not say any more
    OVERRIDE_STATES
};

static inline bool override_is_word(enum event_override_state state)
{
    return state >= OVERRIDE_TAKEN;
}

static inline enum event_override_state override_of_word(enum standing_word word)
{
    return word == STANDING_TAKEN       ? OVERRIDE_TAKEN
           : word == STANDING_NOT_TAKEN ? OVERRIDE_NOT_TAKEN
                                        : OVERRIDE_UNTOLD;
}

struct event_override {
    uint32_t router, upstream;
    struct prefix prefix;
    enum event_override_state state;
    char reason[96];  // OVERRIDE_REFUSED: the limit that said no: "S4: 200 of 200 routes on e1"
};

enum event_hook_state {
    HOOK_STARTED,
    HOOK_DONE,    // its status was 0: nothing is known yet of what it did
    HOOK_FAILED,  // another status, or it could not run
    HOOK_TIMED_OUT,
    HOOK_STANDS,  // as the audit log says: run before this daemon began, and not taken back
    HOOK_STATES
};

struct event_hook {
    uint32_t hook, number;  // as ordered by EFFECT_HOOK
    bool undo;
    enum event_hook_state state;
    char reason[96];  // its last words, or why it did not run
};

struct event_health {
    uint32_t announced;  // index of net.announce
    bool healthy;
    char reason[96];
};

enum event_role {
    ROLE_PROBE,
    ROLE_ROUTE,
    ROLE_INGEST,
    ROLE_HOOK,
    ROLE_WEB,
    ROLE_AUDIT,
    ROLE_NOTIFY,
    ROLE_STORE,
    ROLE_SHELL,
    ROLES
};
enum event_role_state { ROLE_ALIVE, ROLE_SICK, ROLE_DEAD, ROLE_STATES };

struct event_role_change {
    enum event_role role;
    enum event_role_state state;
    char reason[96];
};

// As measured up to `at`. Ours out of the network, and into it.
struct event_use {
    uint32_t upstream;
    int64_t out_bps, in_bps;
};

struct event_demand {
    struct prefix prefix;
    int64_t bps;  // out; 0: nothing goes there any more
};

// Withdraw: all goes, and nothing moves until a thaw.
enum event_command { COMMAND_FREEZE, COMMAND_THAW, COMMAND_STOP, COMMAND_WITHDRAW, COMMANDS };

enum event_asked_for {
    ASKED_FREEZE,
    ASKED_THAW,
    ASKED_DRAIN,
    ASKED_UNDRAIN,
    ASKED_APPROVE,
    ASKED_WITHDRAW_ALL,
    ASKED_LIFT,  // of a limit, see lifts.h
    ASKED_UNLIFT,
    ASKED_STOP,     // of the daemon
    ASKED_ACK,      // of an outage
    ASKED_PUBLISH,  // its status
    ASKED_KINDS,
    // What comes as an event of its own, and is answered likewise.
    ASKED_MAINTENANCE = ASKED_KINDS,
    ANSWERED_KINDS
};

// Of those whom the kernel does not know: a person over the web, and a machine's token there.
#define ASKED_UID_WEB UINT32_C(0xfffffffe)
#define ASKED_UID_TOKEN UINT32_C(0xfffffffd)

// The parent has made sure that this person may.
struct event_asked {
    enum event_asked_for what;
    uint32_t uid;  // as the kernel says; `who` is its name where there is one
    char who[NET_NAME_MAX];
    struct net_object object;  // to drain or undrain; NET_OBJECT_KINDS: none
    struct mono until;         // of a drain: its end; 0: until it is undrained
    uint32_t number;           // of the plan to approve, outage, lift; ASKED_LIFT: enum lift_rule
    uint32_t run;              // ASKED_PUBLISH: of the store, whose outage it is; 0: this one
    char reason[96];
};

// From `changes_at_s` (UTC) on; told in order, and again when the wall clock was set.
struct event_zone {
    uint32_t team;
    struct wall wall;  // at event.at
    int64_t changes_at_s;
    int64_t offset_s;
};

enum event_delivery_state {
    DELIVERY_KEPT,    // on the disk: it goes out even when Fairlead ends now
    DELIVERY_SENT,    // the other end took it
    DELIVERY_FAILED,  // this attempt; others follow
    DELIVERY_STATES
};

struct event_delivery {
    int64_t page;
    uint32_t channel;
    enum event_delivery_state state;
    char reason[96];
};

enum { EVENT_MAINTENANCE_ID_MAX = 64 };

// Of one object, by whoever works on it. What is told later of the same id and object takes its
// place.
struct event_maintenance {
    char id[EVENT_MAINTENANCE_ID_MAX];  // whose, and which: "carrier.example/4711"
    uint32_t sequence;                  // of the announcement: an older one is not heard any more
    // NET_OBJECT_KINDS: all objects have been told, and others of this id are out of it.
    struct net_object object;
    struct mono from, until;
    bool over;     // called off, or done
    bool hurts;    // what goes by the object is to leave before
    uint32_t uid;  // who told it to us
    char who[NET_NAME_MAX];
    char text[96];
};

// By the route to it; 0: not known.
struct event_origin {
    uint32_t target;
    enum family family;
    uint32_t asn;
};

// As the audit log says; or that it cannot say, and it may be so.
struct event_frozen {
    char why[160];  // "anna since 2026-01-02T03:04:05.006Z: core change"
};

struct event {
    enum event_kind kind;
    struct mono at;  // when it happened, on the sender's reading of CLOCK_MONOTONIC
    union {
        struct event_start start;
        struct event_tally tally;
        struct signal signal;
        struct event_session session;
        struct event_route route;
        struct event_override override;
        struct event_role_change role;
        enum event_command command;
        struct notice notice;
        struct fault fault;
        struct event_use use;
        struct event_demand demand;
        struct event_hook hook;
        struct event_health health;
        struct event_asked asked;
        struct event_zone zone;
        struct event_delivery delivery;
        struct change change;
        struct change_odd odd;
        struct rate rate;
        struct flow_report flow;
        struct event_origin origin;
        struct kept_fact kept_fact;
        struct kept_outage kept_outage;
        struct event_maintenance maintenance;
        struct event_frozen frozen;
    };
};
