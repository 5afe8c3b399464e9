// SPDX-License-Identifier: ISC
#include "net/keys.h"

#include "net/net.h"

static const struct key hook_rows[] = {
    {.name = "name",
     .kind = KEY_NAME,
     .offset = offsetof(struct net_hook, name),
     .doc = "how the hook is called in messages"},
    {.name = "object",
     .kind = KEY_OBJECT,
     .offset = offsetof(struct net_hook, object),
     .doc = "what is out of use when the program has done its work"},
    {.name = "program",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net_hook, program),
     .min = 1,
     .max = NET_TEXT_MAX - 1,
     .doc = "its absolute path; it is run without a shell, with FAIRLEAD_ACTION (do or undo), "
            "FAIRLEAD_OBJECT, FAIRLEAD_HOOK, FAIRLEAD_INCIDENT, FAIRLEAD_SITE and PATH as its "
            "whole environment"},
    {.name = "arguments",
     .kind = KEY_ARGUMENTS,
     .offset = offsetof(struct net_hook, arguments),
     .fallback = "",
     .doc = "handed to it as they stand here, at most 8; empty ones are left out"},
    {.name = "undo_arguments",
     .kind = KEY_ARGUMENTS,
     .offset = offsetof(struct net_hook, undo_arguments),
     .fallback = "",
     .doc = "the same, to take back what it did; none: only a person can"},
    {.name = "timeout_s",
     .kind = KEY_S,
     .offset = offsetof(struct net_hook, timeout_ns),
     .min = 1,
     .max = 300,
     .fallback = "30",
     .doc = "it is ended then, with all that it started, and counts as failed"},
    {.name = "settle_s",
     .kind = KEY_S,
     .offset = offsetof(struct net_hook, settle_ns),
     .min = 0,
     .max = 60,
     .fallback = "1",
     .doc = "from its end until packets meet what it did"},
};
const struct keys keys_hooks = {hook_rows, sizeof hook_rows / sizeof hook_rows[0]};
