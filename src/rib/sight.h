// SPDX-License-Identifier: ISC
// What one peer's table shows of a prefix that is ours: whether it is there, by whom the traffic
// comes in, and whether somebody originates it who may not. Echoes of our own announcements count
// only where they come through another AS: others see us then.
#pragma once

#include "rib/rib.h"

struct rib_sight {
    bool present;
    uint32_t paths;
    // Of the peer's own choice, as rib_best() tells. Origin 0: it ends in a set (RFC 6811 §2).
    struct address next_hop;
    uint32_t neighbour, origin;
    // Of a path whose origin may not: the choice, or the first met.
    bool foreign;
    uint32_t foreign_neighbour, foreign_origin;
};

struct rib_sight rib_sight(const struct rib *rib, const struct net *net, uint32_t peer,
                           struct prefix prefix, const struct net_own *own);
bool rib_sight_equal(const struct rib_sight *a, const struct rib_sight *b);

// The AS that a path comes from; ours when the path is empty; 0 when it ends in a set.
uint32_t rib_path_origin(const struct rib *rib, const struct net *net, const struct rib_path *path);
uint32_t rib_path_neighbour(const struct rib *rib, const struct rib_path *path);  // 0: none
// No other AS stands in its path: it never left our own.
bool rib_path_is_internal(const struct rib *rib, const struct rib_path *path);
bool rib_origin_may(const struct net *net, const struct net_own *own, uint32_t origin);
