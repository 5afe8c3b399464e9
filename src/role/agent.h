// SPDX-License-Identifier: ISC
// `fairlead agent`: shows this host's kernel to a Fairlead elsewhere (kernel/relay.h), until SIGINT
// or SIGTERM. Whoever is allowed may read; nobody can change anything. Bounded: who reads too
// slowly is told so and cut off.
#pragma once

#include "net/net.h"
#include "role/roles.h"

enum { AGENT_ALLOW_MAX = NET_ROUTERS_MAX, AGENT_READERS_MAX = 4 };

struct agent_options {
    struct address listen;
    uint16_t port;
    struct address allow[AGENT_ALLOW_MAX];  // who may read
    uint32_t allow_count;
    char md5_key[NET_TEXT_MAX];  // RFC 2385, of all of them; empty: none
    const char *user;            // to become when started as root
};

struct agent;

// Opens what needs privileges, gives them up, takes over SIGINT and SIGTERM. NULL on failure; `why`
// (ROLE_ERROR_MAX bytes) says what failed, why, and what would help.
struct agent *agent_open(const struct agent_options *options, char *why);
int agent_run(struct agent *agent);  // 0 or -errno
void agent_close(struct agent *agent);
