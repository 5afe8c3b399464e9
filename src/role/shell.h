// SPDX-License-Identifier: ISC
// The shell role from inside: it keeps a session of SSH to each device that is to be asked, runs
// the same commands over it again and again, and tells what in their output is new or over
// (detect/output.h). It holds a private key that may only look, and nothing else.
#pragma once

#include "detect/output.h"
#include "role/endpoint.h"
#include "role/pattern_files.h"
#include "role/roles.h"

#include <libssh2.h>
#include <uv.h>

enum {
    SHELL_FILE_MAX = 64 * 1024,    // bytes of the key, and of the known hosts
    SHELL_TICK_MS = 50,            // a handshake takes about ten
    SHELL_STEPS_PER_TURN_MAX = 8,  // of one device
    SHELL_READ_MAX = 64 * 1024,    // bytes of one device and turn
    SHELL_REASON_MAX = 128,
};

enum shell_step {
    SHELL_REST,  // with a session or without, until it is time
    SHELL_CONNECT,
    SHELL_HANDSHAKE,
    SHELL_LOGIN,
    SHELL_OPEN,  // a channel for the next command
    SHELL_RUN,
    SHELL_READ,
    SHELL_CLOSE,
    SHELL_STEPS
};

struct shell_device {
    struct shell_role *role;
    const struct net_ssh_device *config;
    const struct net_ssh_vendor *vendor;
    enum shell_step step;
    int fd;                    // -1: none
    LIBSSH2_SESSION *session;  // NULL: none
    LIBSSH2_CHANNEL *channel;
    uint32_t command, served;  // which one is next; how many this session has run
    bool is_anew;              // this look was begun a second time
    struct mono ask_at, give_up_at;
    bool is_lost, is_lost_told;
    char reason[SHELL_REASON_MAX];
    struct output output;
};

struct shell_role {
    const struct net *net;
    char key[SHELL_FILE_MAX], known[SHELL_FILE_MAX];
    LIBSSH2_KNOWNHOSTS *hosts;
    LIBSSH2_SESSION *hosts_session;  // known hosts belong to one, which is never connected
    struct syslog_patterns *patterns;
    struct pattern_watch watch;
    struct shell_device devices[NET_SSH_DEVICES_MAX];
    bool has_pending;  // a notice that the engine had no room for
    struct notice pending;

    uv_loop_t loop;
    uv_timer_t timer;
    uv_poll_t channel_poll;
    uv_signal_t terminate;
    int channel;
    struct mono now;  // of this turn
};

// shell_hosts.c: reads the lines of known_hosts; false, and `why` says so.
bool shell_hosts_read(struct shell_role *role, char *why);
void shell_hosts_done(struct shell_role *role);
// The sorts of keys that are known of it, as libssh2 takes them; false: none.
bool shell_hosts_methods(struct shell_role *role, const struct net_ssh_device *device, char *list,
                         size_t size);
// Whether the session's other side has a key that is known; else why not.
bool shell_hosts_know(struct shell_role *role, const struct net_ssh_device *device,
                      LIBSSH2_SESSION *session, const char **why);

// shell_session.c: as far as it goes without waiting.
void shell_turn(struct shell_device *device);
void shell_hang_up(struct shell_device *device);
