// SPDX-License-Identifier: ISC
#include "net/keys_rows.h"

#include "net/net.h"

enum { KEY_BYTES_MIN = 8 };  // RFC 3414 §11.2

static const struct key snmp_rows[] = {
    {.name = "address",
     .kind = KEY_HOST,
     .offset = offsetof(struct net_snmp, address),
     .fallback = "",
     .doc = "of the device's agent"},
    {.name = "port",
     .kind = KEY_U16,
     .offset = offsetof(struct net_snmp, port),
     .min = 1,
     .max = 65535,
     .fallback = "161",
     .doc = "UDP port of the agent"},
    {.name = "interface",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net_snmp, interface),
     .min = 1,
     .max = NET_SNMP_TEXT_MAX - 1,
     .fallback = "",
     .doc = "the device's interface that leads to the upstream and to nothing else, as its ifName: "
            "ge-0/0/0.0"},
    {.name = "community",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net_snmp, community),
     .min = 1,
     .max = NET_SNMP_TEXT_MAX - 1,
     .fallback = "",
     .doc = "asks by version 2c; whoever is on the way reads it"},
    {.name = "user",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net_snmp, user),
     .min = 1,
     .max = 32,
     .fallback = "",
     .doc = "asks by version 3 instead"},
    {.name = "auth_key",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net_snmp, auth_key),
     .min = KEY_BYTES_MIN,
     .max = NET_SNMP_TEXT_MAX - 1,
     .fallback = "",
     .doc = "the user's password, by HMAC-SHA-96"},
    {.name = "priv_key",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net_snmp, priv_key),
     .min = KEY_BYTES_MIN,
     .max = NET_SNMP_TEXT_MAX - 1,
     .fallback = "",
     .doc = "the user's password for privacy, by AES-128; none: anybody on the way reads the "
            "counters"},
};
static const struct keys keys_snmp = KEYS_OF(snmp_rows);

static const struct key rows[] = {
    {.name = "from",
     .kind = KEY_USE,
     .offset = offsetof(struct net_use, from),
     .fallback = "",
     .doc =
         "kernel: of an interface of this host; pushed: by HTTP, see counters; snmp: of a device's "
         "interface; empty: unknown"},
    {.name = "device",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net_use, device),
     .min = 1,
     .max = 15,
     .fallback = "",
     .doc = "the interface of this host that leads to the upstream and to nothing else"},
    {.name = "snmp",
     .kind = KEY_MAP,
     .offset = offsetof(struct net_use, snmp),
     .fallback = "",
     .section = &keys_snmp,
     .doc = "the interface that is asked for its counters every 2 s"},
};
const struct keys keys_use = KEYS_OF(rows);

static const struct key shared_rows[] = {
    {.name = "sites",
     .kind = KEY_U32,
     .offset = offsetof(struct net_shared, sites),
     .min = 2,
     .max = NET_SHARED_SITES_MAX,
     .fallback = "",
     .doc = "how many sites leave by it, this one counted"},
    {.name = "turn",
     .kind = KEY_U32,
     .offset = offsetof(struct net_shared, turn),
     .min = 1,
     .max = NET_SHARED_SITES_MAX,
     .fallback = "",
     .doc = "which of them this one is when some must leave it: every site has another"},
};
const struct keys keys_shared = KEYS_OF(shared_rows);
