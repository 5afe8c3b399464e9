// SPDX-License-Identifier: ISC
#include "net/keys_rows.h"
#include "net/net.h"

static const struct key gravity_rows[] = {
    {.name = "teams",
     .kind = KEY_TEAMS,
     .offset = offsetof(struct net_gravity, teams),
     .fallback = "",
     .doc = "all of them are paged at once; none: nobody is"},
    {.name = "acknowledge_s",
     .kind = KEY_S,
     .offset = offsetof(struct net_gravity, acknowledge_ns),
     .min = 10,
     .max = 86400,
     .fallback = "120",
     .doc = "not acknowledged by then: the secondary is paged too, and once more later the whole "
            "team"},
    {.name = "repeat_s",
     .kind = KEY_S,
     .offset = offsetof(struct net_gravity, repeat_ns),
     .min = 60,
     .max = 86400,
     .fallback = "300",
     .doc = "from then on all are paged this often until it is acknowledged"},
    {.name = "expires_s",
     .kind = KEY_S,
     .offset = offsetof(struct net_gravity, expires_ns),
     .min = 60,
     .max = 604800,
     .fallback = "3600",
     .doc = "an acknowledgement holds so long; is it not over by then, all begins anew"},
};
static const struct keys gravity_keys = KEYS_OF(gravity_rows);

#define GRAVITY(n, word)                                                                           \
    {                                                                                              \
        .name = word, .kind = KEY_MAP, .offset = (n) * sizeof(struct net_gravity), .fallback = "", \
        .section = &gravity_keys, .doc = "of a " word " outage"                                    \
    }

static const struct key rows[] = {GRAVITY(0, "minor"), GRAVITY(1, "major"), GRAVITY(2, "critical")};
const struct keys keys_gravities = KEYS_OF(rows);
