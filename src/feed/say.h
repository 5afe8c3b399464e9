// SPDX-License-Identifier: ISC
// Routes as messages into a stream, and what had to be left out.
#pragma once

#include "bgp/update.h"
#include "feed/stream.h"

#define FEED_NO_MEMORY SIZE_MAX

// How many of the routes, from the first, went into messages: all, unless the attributes leave no
// room for a prefix in one. FEED_NO_MEMORY.
size_t feed_say_announced(struct feed_stream *stream, const struct bgp_context *context,
                          const struct bgp_attributes *attributes, const struct bgp_route *routes,
                          size_t count);
// False without memory.
bool feed_say_withdrawn(struct feed_stream *stream, const struct bgp_context *context,
                        const struct bgp_route *routes, size_t count);
bool feed_say_end_of_rib(struct feed_stream *stream, enum family family);

struct feed_left_out {
    uint64_t count;
    char reason[96];  // of the first
};

void feed_leave_out(struct feed_left_out *left_out, uint64_t count, const char *reason);
