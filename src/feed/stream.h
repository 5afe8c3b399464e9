// SPDX-License-Identifier: ISC
// Whole BGP messages one behind the other, ready to be written: a table as a peer will hear it.
#pragma once

#include "base/writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct feed_stream {  // all zero is empty
    uint8_t *bytes;
    size_t size, capacity;
    uint64_t messages;
};

void feed_stream_done(struct feed_stream *stream);

// Room for one more message of any size; failed when there is no memory.
struct writer feed_stream_room(struct feed_stream *stream);
// Takes in what was written there, one message; one that failed is no part of the stream.
void feed_stream_add(struct feed_stream *stream, const struct writer *w);

// Where the message ends that the octet `at` is a part of; `at` itself between two messages.
// `from` is where some message begins, not behind `at`.
size_t feed_stream_boundary(const struct feed_stream *stream, size_t from, size_t at);
