// SPDX-License-Identifier: ISC
#include "feed/say.h"

#include "bgp/update_encode.h"

#include <stdio.h>

size_t feed_say_announced(struct feed_stream *stream, const struct bgp_context *context,
                          const struct bgp_attributes *attributes, const struct bgp_route *routes,
                          size_t count)
{
    size_t done = 0;
    while (done < count) {
        struct writer w = feed_stream_room(stream);
        if (!writer_ok(&w))
            return FEED_NO_MEMORY;
        size_t fitted = bgp_update_encode(&w, context, attributes, routes + done, count - done);
        if (fitted == 0)
            break;
        feed_stream_add(stream, &w);
        done += fitted;
    }
    return done;
}

bool feed_say_withdrawn(struct feed_stream *stream, const struct bgp_context *context,
                        const struct bgp_route *routes, size_t count)
{
    for (size_t done = 0; done < count;) {
        struct writer w = feed_stream_room(stream);
        size_t fitted = bgp_withdraw_encode(&w, context, routes + done, count - done);
        if (fitted == 0)
            return false;
        feed_stream_add(stream, &w);
        done += fitted;
    }
    return true;
}

bool feed_say_end_of_rib(struct feed_stream *stream, enum family family)
{
    struct writer w = feed_stream_room(stream);
    bgp_end_of_rib_encode(&w, family);
    feed_stream_add(stream, &w);
    return writer_ok(&w);
}

void feed_leave_out(struct feed_left_out *left_out, uint64_t count, const char *reason)
{
    if (left_out->count == 0 && count > 0)
        snprintf(left_out->reason, sizeof left_out->reason, "%s", reason);
    left_out->count += count;
}
