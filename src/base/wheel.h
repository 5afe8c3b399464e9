// SPDX-License-Identifier: ISC
// A queue of ids by time: "which of these is due". Each id is in it at most once and can be moved;
// all operations take the same time however many there are (hierarchical timing wheels, Varghese
// and Lauck (1987)). What is due leaves in steps of a millisecond, within one in the order in which
// it came, so nobody starves. 16 bytes an id, with what its owner keeps of it beside, allocated
// once; nothing allocates after.
#pragma once

#include "base/region.h"

#define WHEEL_NOBODY UINT32_MAX

enum {
    WHEEL_TICK_LOG2 = 20,  // of ns: 1.05 ms
    WHEEL_SLOTS_LOG2 = 10,
    WHEEL_SLOTS = 1 << WHEEL_SLOTS_LOG2,
    WHEEL_LEVELS = 3,  // 1.1 s, 18 min, 13 days; what is further away goes round again
};

struct wheel_node {       // of each id, at the beginning of its owner's record of it
    uint32_t next, prev;  // itself: alone
    int64_t key_ns;
};

struct wheel {
    struct region *memory;
    uint8_t *records;  // of each id, and of each slot after all ids
    size_t record_size;
    uint64_t filled[WHEEL_LEVELS][WHEEL_SLOTS / 64];
    int64_t hand;     // tick up to which slots were emptied
    int64_t ripe_ns;  // all that is due by then is known to be
    uint32_t capacity, count;
};

// For ids 0 .. capacity-1, with records of `record_size` that are zeroes behind their nodes, in
// `memory`, NULL: its own. False without memory.
bool wheel_init(struct wheel *wheel, uint32_t capacity, size_t record_size, struct region *memory);
void wheel_done(struct wheel *wheel);

static inline void *wheel_record(const struct wheel *wheel, uint32_t id)
{
    return wheel->records + id * wheel->record_size;
}

// Inserts the id, or moves it. Keys and `now_ns` are of one clock, which does not go back.
void wheel_set(struct wheel *wheel, uint32_t id, int64_t key_ns, int64_t now_ns);
void wheel_remove(struct wheel *wheel, uint32_t id);  // an absent one is fine
bool wheel_has(const struct wheel *wheel, uint32_t id);
// One that is due, which stays where it is until it is moved or removed; WHEEL_NOBODY.
uint32_t wheel_due(struct wheel *wheel, int64_t now_ns);
// The smallest key of all, or that of any id which is known to be due: whoever is late does not get
// later by looking how late; INT64_MAX when there is none.
int64_t wheel_next_ns(const struct wheel *wheel);
// All that are in it, in no order, into `ids` with room for so many; how many.
uint32_t wheel_list(const struct wheel *wheel, uint32_t *ids);
