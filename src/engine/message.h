// SPDX-License-Identifier: ISC
// Events and effects as text, one JSON object a line: the form between processes, in recordings and
// in `--json` output. Names, not numbers, for upstreams, routers, paths, targets and enumerators.
#pragma once

#include "engine/effect.h"
#include "engine/event.h"

#include <stddef.h>

enum {
    MESSAGE_MAX = 3072,    // bytes of one line, without a newline, with the final zero
    MESSAGE_WHY_MAX = 96,  // bytes
};

// Give the length written, or 0 when it does not fit `size`.
size_t message_from_event(const struct net *net, const struct event *event, char *text,
                          size_t size);
size_t message_from_effect(const struct net *net, const struct effect *effect, char *text,
                           size_t size);

// False when the text is not such a message; `why` (MESSAGE_WHY_MAX bytes) then says what was
// wrong.
bool message_to_event(const struct net *net, const char *text, size_t size, struct event *event,
                      char *why);
bool message_to_effect(const struct net *net, const char *text, size_t size, struct effect *effect,
                       char *why);
