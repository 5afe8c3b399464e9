// SPDX-License-Identifier: ISC
// What programs of hooks did before this daemon began and did not take back, as the audit log says:
// other than routes, it stands when Fairlead is gone. It only forbids, so nothing of it is proven
// by hashes: whoever can write the log can stop us anyway.
#pragma once

#include "engine/event.h"
#include "net/net.h"

enum { HOOKS_FOUND_FILES_MAX = 16 };  // the latest of the log, a quarter of a second to read

struct hooks_found {
    uint32_t count;
    struct event_hook hooks[NET_HOOKS_MAX];
};

// Needs the right to read the log. Of a log that cannot be read nothing is found.
void hooks_found_read(struct hooks_found *found, const struct net *net);
