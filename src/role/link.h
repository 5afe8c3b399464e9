// SPDX-License-Identifier: ISC
// Whether our own interfaces are up: the difference between a lossy path and a pulled cable; and
// when they or their addresses changed.
#pragma once

#include "base/prefix.h"

#include <stdbool.h>

enum { LINK_NAME_MAX = 16 };

struct link_watch {
    int changes;  // netlink: readable when any changed; only says that, not what
    int asking;
};

// 0 or -errno.
int link_watch_open(struct link_watch *watch);
void link_watch_close(struct link_watch *watch);
// Whether any link or address changed since last asked.
bool link_watch_changed(const struct link_watch *watch);
// IFF_UP and IFF_RUNNING; false also when there is no such interface any more.
bool link_is_up(const struct link_watch *watch, const char *name);
// The interface that has this address; false: none, or the loopback, which is always up.
bool link_of_address(struct address address, char name[LINK_NAME_MAX]);
