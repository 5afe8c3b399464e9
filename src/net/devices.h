// SPDX-License-Identifier: ISC
// Everything of the configuration that has a configuration of its own, numbered as one: routers,
// then devices that tell by syslog, then senders of BMP. One that stands in several of these lists
// under one name is one device, with its first number.
#pragma once

#include "net/net.h"

enum { NET_DEVICE_NUMBERS = NET_ROUTERS_MAX + NET_DEVICES_MAX + NET_BMP_SENDERS_MAX };

struct net_device_set {
    uint32_t words[(NET_DEVICE_NUMBERS + 31) / 32];
};

// NET_NOBODY: nobody is called so.
uint32_t net_device_find(const struct net *net, const char *name);
// NULL: no device has this number.
const char *net_device_name(const struct net *net, uint32_t number);

bool net_devices_have(const struct net_device_set *set, uint32_t number);
void net_devices_add(struct net_device_set *set, uint32_t number);
uint32_t net_devices_count(const struct net_device_set *set);
// The first from `number` on; NET_NOBODY: there are no more.
uint32_t net_devices_next(const struct net_device_set *set, uint32_t number);
bool net_devices_equal(const struct net_device_set *a, const struct net_device_set *b);
// Whether all of `part` are in `whole`; no devices are part of any set.
bool net_devices_within(const struct net_device_set *part, const struct net_device_set *whole);
// "fra-rr-1, fra-rr-2 and 14 more" into `text`, cut at a name; gives it back.
const char *net_devices_format(const struct net *net, const struct net_device_set *set, char *text,
                               size_t size);
