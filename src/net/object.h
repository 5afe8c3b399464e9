// SPDX-License-Identifier: ISC
// What people, calendars and hooks name when something is to be taken out of use: "upstream
// transit-a", "router edge1", "member switches/ca2", "site".
#pragma once

#include "net/net.h"

enum {
    NET_OBJECT_TEXT_MAX = 2 * NET_NAME_MAX + 8,  // bytes, with the final zero
    NET_OBJECT_WHY_MAX = 256,
};

// The words of a command line and one text with spaces are the same. "site fra1" is good when that
// is its name. False: `why` (NET_OBJECT_WHY_MAX bytes) says what there is instead.
bool net_object_parse(const struct net *net, const char *text, struct net_object *object,
                      char *why);
// Into `text` (NET_OBJECT_TEXT_MAX bytes); gives it back.
const char *net_object_format(const struct net *net, struct net_object object, char *text);

// Whether the configuration has it.
bool net_object_exists(const struct net *net, struct net_object object);
bool net_object_equal(struct net_object a, struct net_object b);
// The upstreams (a bit set) that are out of use with it.
uint32_t net_object_upstreams(const struct net *net, struct net_object object);
// The routers (a bit set) that are out of use as a whole with it.
uint32_t net_object_routers(const struct net *net, struct net_object object);
