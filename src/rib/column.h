// SPDX-License-Identifier: ISC
// The routes of one peer in one family: a column over the numbers of prefixes, in chunks as large
// as a segment of those. A route is a slot: the handle of its attributes. Several paths of a prefix
// (RFC 7911) are a slot that names a group of them; path identifiers that are not 0 take a second
// word for each slot of their chunk.
//
// A chunk with few routes holds only those, found by a bitmap. Chunks may be shared with snapshots:
// before one is changed its holder gets a copy.
#pragma once

#include "rib/prefixes.h"
#include "rib/slabs.h"

#define SLOT_GROUP UINT32_C(0x80000000)  // the rest is a group's handle

struct slot {
    uint32_t value;    // 0: no route
    uint32_t path_id;  // of a single path
};

struct group_path {
    uint32_t path_id, attributes;
};

struct group {  // in slabs
    uint32_t count;
    struct group_path paths[];
};

struct chunk {
    uint32_t holders;   // columns and snapshots
    uint16_t live;      // slots with routes
    uint16_t capacity;  // routes that have room; SEGMENT_SIZE: each has its place
    bool has_ids;
    uint32_t words[];  // without places the bitmap and its sums; values; path identifiers
};

struct column {
    struct column *next;  // of those whose peer is forgotten, or whose snapshot is gone
    enum family family;
    bool is_snapshot;      // its routes are no users of anything
    uint32_t swept;        // chunks from here on are gone: of one without a peer
    uint32_t chunk_count;  // of which the last may be NULL too
    struct chunk *chunks[];
};

enum { CHUNK_MAP_WORDS = SEGMENT_SIZE / 32, CHUNK_SPARSE_WORDS = CHUNK_MAP_WORDS * 5 / 4 };

// A slot's number among the routes of a chunk without places; the chunk's capacity if it is empty.
static inline uint32_t chunk_rank(const struct chunk *chunk, uint32_t slot)
{
    const uint8_t *sums = (const uint8_t *)&chunk->words[CHUNK_MAP_WORDS];
    uint32_t map = chunk->words[slot / 32], bit = UINT32_C(1) << slot % 32;
    if (!(map & bit))
        return chunk->capacity;
    return sums[slot / 32] + (uint32_t)__builtin_popcount(map & (bit - 1));
}

static inline struct slot chunk_slot(const struct chunk *chunk, uint32_t slot)
{
    const uint32_t *values = chunk->words;
    if (chunk->capacity < SEGMENT_SIZE) {
        if ((slot = chunk_rank(chunk, slot)) == chunk->capacity)
            return (struct slot){0};
        values += CHUNK_SPARSE_WORDS;
    }
    return (struct slot){values[slot], chunk->has_ids ? values[chunk->capacity + slot] : 0};
}

static inline struct chunk *column_chunk(const struct column *column, uint32_t segment)
{
    return column && segment < column->chunk_count ? column->chunks[segment] : NULL;
}

static inline struct slot column_slot(const struct column *column, uint32_t id)
{
    const struct chunk *chunk = column_chunk(column, id >> SEGMENT_BITS);
    return chunk ? chunk_slot(chunk, id % SEGMENT_SIZE) : (struct slot){0};
}

// Makes room for a segment's routes; false when the budget or memory is out.
bool column_reach(struct column **column, enum family family, uint32_t segment,
                  struct budget *budget);
// A second holder of every chunk; NULL when memory is out.
struct column *column_share(const struct column *column, struct budget *budget);
void column_free(struct column *column, struct budget *budget);  // all chunks must be gone

// Makes the chunk its column's own, with room for a route at `slot`, with identifiers if asked;
// false when the budget or memory is out: then nothing has changed.
struct chunk_wish {
    uint32_t slot;
    bool ids;
};
bool chunk_reach(struct chunk **chunk, const struct chunk_wish *wish, struct slabs *slabs);
// The same for one whose routes only go.
bool chunk_own(struct chunk **chunk, struct slabs *slabs);
// Sets or clears (value 0) a slot of one's own chunk that has room for it. A chunk that becomes
// empty or thin gives memory back.
void chunk_put(struct chunk **chunk, uint32_t at, struct slot slot, struct slabs *slabs);
// One holder fewer; with the last it goes, with its groups.
void chunk_give(struct chunk *chunk, struct slabs *slabs);
// All slots at once: SEGMENT_SIZE values, and path identifiers if `ids` is not NULL.
void chunk_expand(const struct chunk *chunk, uint32_t *values, uint32_t *ids);
const uint32_t *chunk_values(const struct chunk *chunk, uint32_t *room);  // in `room`, or their own

static inline struct group *group_at(const struct slabs *slabs, uint32_t value)
{
    return slabs_at(slabs, value & ~SLOT_GROUP);
}

static inline uint32_t group_words(uint32_t paths)
{
    return (uint32_t)((sizeof(struct group) + paths * sizeof(struct group_path)) /
                      sizeof(uint32_t));
}

// A slot's value for a group of these paths and room for more; 0 when memory is out.
uint32_t group_new(struct slabs *slabs, const struct group_path *paths, uint32_t count,
                   uint32_t room);
void group_free(struct slabs *slabs, uint32_t value);
