// SPDX-License-Identifier: ISC
#include "net/keys.h"

#include "net/net.h"

enum { KEY_BYTES_MIN = 8 };  // of a password of version 3 (RFC 3414 §11.2)

static const struct key user_rows[] = {
    {.name = "name",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net_trap_user, name),
     .min = 1,
     .max = 32,
     .doc = "of the user that the device sends as"},
    {.name = "engine_id",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net_trap_user, engine_id),
     .max = NET_SNMP_TEXT_MAX + 2,
     .fallback = "",
     .doc = "of the device, in hexadecimal, 10 to 64 digits: the keys of its traps depend on it; a "
            "device of the same user has an entry of its own; empty: only informs are taken"},
    {.name = "auth",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net_trap_user, auth),
     .max = NET_SNMP_TEXT_MAX - 1,
     .fallback = "SHA",
     .doc = "SHA, SHA-224, SHA-256, SHA-384 or SHA-512: how the device signs"},
    {.name = "auth_key",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net_trap_user, auth_key),
     .min = KEY_BYTES_MIN,
     .max = NET_SNMP_TEXT_MAX - 1,
     .fallback = "",
     .doc = "the user's password; empty: nothing shows that the device says it; not empty: nothing "
            "is taken that is not signed with it"},
    {.name = "priv_key",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net_trap_user, priv_key),
     .min = KEY_BYTES_MIN,
     .max = NET_SNMP_TEXT_MAX - 1,
     .fallback = "",
     .doc = "the user's password for privacy, by AES-128; not empty: nothing is taken that is not "
            "encrypted with it"},
};
static const struct keys user_keys = KEYS_OF(user_rows);

#define TRAPS(member) offsetof(struct net, traps.member)

static const struct key rows[] = {
    {.name = "listen",
     .kind = KEY_ADDRESSES,
     .offset = TRAPS(listen),
     .fallback = "",
     .doc = "addresses on which traps and informs are taken, by UDP; none: they are not"},
    {.name = "port",
     .kind = KEY_U16,
     .offset = TRAPS(port),
     .min = 1,
     .max = 65535,
     .fallback = "162",
     .doc = "UDP port of listen"},
    {.name = "community",
     .kind = KEY_TEXT,
     .offset = TRAPS(community),
     .min = 1,
     .max = NET_SNMP_TEXT_MAX - 1,
     .fallback = "",
     .doc = "that traps of version 2c must bring, in the clear; empty: version 2c is not taken"},
    {.name = "users",
     .kind = KEY_LIST,
     .offset = TRAPS(users),
     .max = NET_TRAP_USERS_MAX,
     .fallback = "",
     .section = &user_keys,
     .count_offset = TRAPS(user_count),
     .stride = sizeof(struct net_trap_user),
     .doc = "Who may send by version 3."},
    {.name = "patterns",
     .kind = KEY_TEXT,
     .offset = TRAPS(patterns),
     .max = NET_TEXT_MAX - 1,
     .fallback = "",
     .doc = "directory of VENDOR.pattern files for traps, see fairlead(8), taken anew when they "
            "change; empty: those that were installed"},
};
const struct keys keys_traps = KEYS_OF(rows);
