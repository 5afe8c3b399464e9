// SPDX-License-Identifier: ISC
#include "net/keys_rows.h"

#include "net/net.h"

static const struct key rows[] = {
    {.name = "from",
     .kind = KEY_USE,
     .offset = offsetof(struct net_use, from),
     .fallback = "",
     .doc = "kernel: of an interface of this host; pushed: by HTTP, see counters; empty: unknown"},
    {.name = "device",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net_use, device),
     .min = 1,
     .max = 15,
     .fallback = "",
     .doc = "the interface of this host that leads to the upstream and to nothing else"},
};
const struct keys keys_use = KEYS_OF(rows);
