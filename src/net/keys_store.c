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
};
const struct keys keys_store = KEYS_OF(rows);
