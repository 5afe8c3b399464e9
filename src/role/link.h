// SPDX-License-Identifier: ISC
// Whether our own interfaces are up, and whether they drop packets themselves: the difference
// between a lossy path and a pulled cable or a full ring; and when they or their addresses changed.
#pragma once

#include "base/prefix.h"
#include "count/use.h"

#include <stdbool.h>
#include <stdint.h>

enum { LINK_NAME_MAX = 16 };

struct link_watch {
    int changes;  // netlink: readable when any changed; only says that, not what
    int asking;
    int counting;  // netlink: questions about counters
};

// What an interface could not send, and what it had no room for, since it exists. Not what came
// damaged: that is the link's fault, and what comes through is evidence of it.
struct link_drops {
    uint64_t sent, received;
};

// 0 or -errno.
int link_watch_open(struct link_watch *watch);
void link_watch_close(struct link_watch *watch);
// Whether any link or address changed since last asked.
bool link_watch_changed(const struct link_watch *watch);
// IFF_UP and IFF_RUNNING; false also when there is no such interface any more.
bool link_is_up(const struct link_watch *watch, const char *name);
// The name of an interface by its index; false: there is none.
bool link_name(const struct link_watch *watch, uint32_t index, char name[LINK_NAME_MAX]);
// False: there is no such interface, or its kernel does not say.
bool link_read_drops(const struct link_watch *watch, const char *name, struct link_drops *drops);
// What passed it since it exists; false as above.
bool link_read_octets(const struct link_watch *watch, const char *name,
                      struct count_octets *octets);
// The interface that has this address; false: none, or the loopback, which is always up.
bool link_of_address(struct address address, char name[LINK_NAME_MAX]);
