// SPDX-License-Identifier: ISC
// Recorded UPDATEs of one peer, in memory with their times, and as this session is to say them.
#pragma once

#include "base/clock.h"
#include "feed/table.h"

struct feed_recorded {
    int64_t at_ns;       // of the recorder's clock
    struct cursor body;  // of the UPDATE, after its header
    uint8_t as_size;     // 2 or 4
    bool add_path;       // it has path identifiers
};

struct feed_replay {  // all zero is empty
    struct feed_kept *kept;
    size_t count, capacity;
    uint8_t *octets;  // the bodies
    size_t octets_size, octets_capacity;
};

void feed_replay_done(struct feed_replay *replay);

// Copies the body. False without memory.
bool feed_replay_add(struct feed_replay *replay, const struct feed_recorded *update);

struct feed_due {   // what is to have been said by when
    int64_t at_ns;  // after the first of them; never less than the one before
    size_t end;     // octets of the stream
};

struct feed_schedule {
    struct feed_stream stream;
    struct feed_due *dues;  // one for each recorded UPDATE that is said at all
    size_t count;
    uint64_t announced, withdrawn;  // routes
    struct feed_left_out bad, unwanted;
};

void feed_schedule_done(struct feed_schedule *schedule);

// `schedule` is all zero. False without memory.
bool feed_replay_encode(const struct feed_replay *replay, const struct feed_how *how,
                        struct feed_schedule *schedule);
