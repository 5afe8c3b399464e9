// SPDX-License-Identifier: ISC
// Which flows an answer may belong to: ids by a hash of what packets show. Several may share one
// hash, by chance or because they differ in size or class alone: the caller tries each. 8 bytes a
// flow at most beside its record; nothing allocates after the start.
#pragma once

#include "base/region.h"
#include "probe/flow.h"

#define FLOW_INDEX_NOBODY UINT32_MAX

struct flow_index {
    uint32_t *first;     // of each bucket
    struct flow *flows;  // of which it writes `next_of_hash`
    struct region *memory;
    uint32_t mask, capacity;
};

// Borrows `flows`. For ids 0 .. capacity-1, in `memory`, NULL: its own. False without memory.
bool flow_index_init(struct flow_index *index, struct flow *flows, uint32_t capacity,
                     struct region *memory);
void flow_index_done(struct flow_index *index);

// `hash` must be what it was when the id was added, and the id be in at most once.
void flow_index_add(struct flow_index *index, uint32_t id, uint64_t hash);
void flow_index_remove(struct flow_index *index, uint32_t id, uint64_t hash);

// The ids that may have this hash, one after the other; FLOW_INDEX_NOBODY ends them.
uint32_t flow_index_first(const struct flow_index *index, uint64_t hash);
uint32_t flow_index_next(const struct flow_index *index, uint32_t id);
// Soon somebody asks for the first of them.
void flow_index_fetch(const struct flow_index *index, uint64_t hash);
