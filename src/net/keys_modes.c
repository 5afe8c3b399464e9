// SPDX-License-Identifier: ISC
#include "net/keys.h"
#include "net/keys_rows.h"
#include "net/net.h"

#define LEVER(lever, word, what)                                                                   \
    {                                                                                              \
        .name = word, .kind = KEY_LEVER_MODE, .offset = offsetof(struct net, lever_modes[lever]),  \
        .fallback = "", .doc = what                                                                \
    }

static const struct key rows[] = {
    LEVER(NET_LEVER_OVERRIDE, "override", "learned prefixes moved one by one; none: as mode"),
    LEVER(NET_LEVER_EXIT, "exit", "a whole upstream moved by its next hop; none: as mode"),
    LEVER(NET_LEVER_STANCE, "stance",
          "own prefixes announced another way, which the world sees; none: as mode"),
    LEVER(NET_LEVER_HOOK, "hook", "programs; none: as mode"),
};
const struct keys keys_modes = KEYS_OF(rows);
