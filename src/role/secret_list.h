// SPDX-License-Identifier: ISC
// The files with secrets that the configuration names, and which role reads each: for the audit log
// (safety.md 7.3), which never says what is in them.
#pragma once

#include "engine/event.h"
#include "net/net.h"

struct secret_use {
    const char *key;   // of the configuration: "changes.token_file"
    const char *file;  // lent by the net
    enum event_role role;
};

enum { SECRET_USES_MAX = NET_CHANNELS_MAX + NET_ETCDS_MAX + 6 };

// Gives how many. A role that is not wanted reads none of its own.
uint32_t secret_list(const struct net *net, struct secret_use uses[SECRET_USES_MAX]);
