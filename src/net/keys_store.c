// SPDX-License-Identifier: ISC
#include "net/keys_rows.h"

#include "net/net.h"

static const struct key rows[] = {
    {.name = "file",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net, store.path),
     .max = NET_TEXT_MAX - 1,
     .fallback = "",
     .doc = "an SQLite file in a directory that 'user' may write; empty: nothing is kept"},
    {.name = "keep_days",
     .kind = KEY_U32,
     .offset = offsetof(struct net, store.keep_days),
     .min = 1,
     .max = 3650,
     .fallback = "400",
     .doc = "what is older goes"},
    {.name = "keep_rates_days",
     .kind = KEY_U32,
     .offset = offsetof(struct net, store.keep_rates_days),
     .min = 1,
     .max = 3650,
     .fallback = "30",
     .doc = "for so long it is kept how each path was, every ten seconds: 0.3 MB a path and day; "
            "no more than ten million rows"},
};
const struct keys keys_store = KEYS_OF(rows);
