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

static const struct key status_rows[] = {
    {.name = "directory",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net, status_page.directory),
     .max = NET_TEXT_MAX - 1,
     .fallback = "",
     .doc = "a directory that 'user' may write: drafts get into draft/ there, what is published "
            "into public/; needs store.file; empty: neither"},
    {.name = "publish",
     .kind = KEY_PUBLISH,
     .offset = offsetof(struct net, status_page.publish),
     .fallback = "by-hand",
     .doc = "by-hand: a person says so, with fairlead publish; at-once: every draft is published"},
};
const struct keys keys_status_page = KEYS_OF(status_rows);
