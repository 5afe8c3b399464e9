// SPDX-License-Identifier: ISC
// Which tables this host's rules mean packets of a mark or a source for, or a VRF those that leave
// by it. A way from another one is not the way that was chosen: Linux forgets the routes of an
// interface that is taken down, and its packets fall through to a later rule.
#pragma once

#include "role/kernel_socket.h"
#include "role/way_ask.h"

enum { WAY_TABLES_MAX = 4 };

struct way_meant {
    uint32_t tables[WAY_TABLES_MAX];
    uint8_t count;  // 0: none is meant more than others, or they are too many
};

// By all rules of this mark or source, but for those that ask the main table before or after others
// or leave out its short prefixes: that is asked for all packets. Reads all rules.
struct way_meant way_meant(struct kernel_socket *socket, const struct way_question *question);
// The VRF's, of packets that leave by this device; none where it is no VRF.
struct way_meant way_meant_by_device(struct kernel_socket *socket, const char *device);
bool way_is_meant(const struct way_meant *meant, uint32_t table);
// There are some, and nothing stands in any of them. Opens sockets.
bool way_meant_is_empty(const struct way_meant *meant, enum family family);
