// SPDX-License-Identifier: ISC
#include "net/keys.h"

#include "net/net.h"

static const struct key rows[] = {
    {.name = "token_file",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net, changes.token_file),
     .max = NET_TEXT_MAX - 1,
     .fallback = "",
     .doc = "a file, readable by nobody else, with what a request to POST /api/v1/changes at "
            "counters.http must bring as 'Authorization: Bearer TOKEN'; none: nobody may post"},
};
const struct keys keys_changes = KEYS_OF(rows);
