// SPDX-License-Identifier: ISC
// What would come of a drain, as JSON.
#pragma once

#include "net/object.h"
#include "rib/whatif.h"

#include <jansson.h>

// What the tables would lose with the object; nothing, of a member that no upstream passes.
struct whatif_drain whatif_json_drain(const struct net *net, struct net_object object);
// One line with its newline, into `text` (WHATIF_LINE_MAX bytes); gives its length. Written by
// hand, as there may be a million; the names of a configuration need no escapes.
// {"move":{"prefix":"192.0.2.0/24","routers":{"edge1":{"from":"transit-a","to":"transit-b"}},
//   "ways_before":2,"ways_after":1}}; `to` null: no path is left.
enum { WHATIF_LINE_MAX = 256 + NET_ROUTERS_MAX * (NET_NAME_MAX + 2 * WHATIF_WAY_TEXT_MAX + 32) };
size_t whatif_json_move(const struct net *net, const struct whatif_move *move, char *text);
// {"family":"ipv4","prefixes":1,"moved":1,"lost":0,"one_way":1,"gained":{"transit-b":1}}
json_t *whatif_json_counts(const struct net *net, enum family family,
                           const struct whatif_counts *counts);
