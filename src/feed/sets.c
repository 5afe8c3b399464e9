// SPDX-License-Identifier: ISC
#include "feed/sets.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 1 << 12, CAPACITY_MAX = 1 << 28, CHUNK_SIZE = 1 << 20 };

struct feed_chunk {
    struct feed_chunk *before;
    size_t used;
    uint8_t octets[CHUNK_SIZE];
};

void feed_sets_init(struct feed_sets *sets, struct siphash_key key)
{
    *sets = (struct feed_sets){.key = key};
}

void feed_sets_done(struct feed_sets *sets)
{
    while (sets->chunk) {
        struct feed_chunk *before = sets->chunk->before;
        free(sets->chunk);
        sets->chunk = before;
    }
    free(sets->sets);
    free(sets->slots);
    feed_sets_init(sets, sets->key);
}

static const uint8_t *keep(struct feed_sets *sets, struct bgp_bytes bytes)
{
    if (!sets->chunk || CHUNK_SIZE - sets->chunk->used < bytes.size) {
        struct feed_chunk *chunk = malloc(sizeof *chunk);
        if (!chunk)
            return NULL;
        chunk->before = sets->chunk;
        chunk->used = 0;
        sets->chunk = chunk;
    }
    uint8_t *kept = sets->chunk->octets + sets->chunk->used;
    if (bytes.size > 0)
        memcpy(kept, bytes.bytes, bytes.size);
    sets->chunk->used += bytes.size;
    return kept;
}

static bool is_equal(const struct feed_octets *a, const struct feed_octets *b)
{
    return a->family == b->family && a->as_size == b->as_size && a->bytes.size == b->bytes.size &&
           (a->bytes.size == 0 || memcmp(a->bytes.bytes, b->bytes.bytes, a->bytes.size) == 0);
}

// The slot that holds an equal set, or the free one where it belongs.
static uint32_t *slot_of(const struct feed_sets *sets, uint64_t hash,
                         const struct feed_octets *octets)
{
    uint32_t mask = 2 * sets->capacity - 1;
    for (uint32_t at = (uint32_t)hash & mask;; at = (at + 1) & mask) {
        uint32_t *slot = &sets->slots[at];
        const struct feed_set *set = *slot ? &sets->sets[*slot - 1] : NULL;
        if (!set || (set->hash == hash && is_equal(&set->octets, octets)))
            return slot;
    }
}

static bool grow(struct feed_sets *sets)
{
    uint32_t capacity = sets->capacity ? 2 * sets->capacity : FIRST_CAPACITY;
    if (capacity > CAPACITY_MAX)
        return false;
    struct feed_set *larger = realloc(sets->sets, capacity * sizeof *larger);
    if (!larger)
        return false;
    sets->sets = larger;
    uint32_t *slots = calloc((size_t)2 * capacity, sizeof *slots);
    if (!slots)
        return false;
    free(sets->slots);
    sets->slots = slots;
    sets->capacity = capacity;
    for (uint32_t i = 0; i < sets->count; i++)
        *slot_of(sets, larger[i].hash, &larger[i].octets) = i + 1;
    return true;
}

uint32_t feed_sets_take(struct feed_sets *sets, const struct feed_octets *octets)
{
    if (sets->count == sets->capacity && !grow(sets))
        return FEED_NO_SET;
    uint64_t hash = siphash(sets->key, octets->bytes.bytes, octets->bytes.size);
    uint32_t *slot = slot_of(sets, hash, octets);
    if (*slot == 0) {
        const uint8_t *kept = keep(sets, octets->bytes);
        if (!kept)
            return FEED_NO_SET;
        struct feed_set *set = &sets->sets[sets->count++];
        *set = (struct feed_set){.octets = *octets, .hash = hash};
        set->octets.bytes.bytes = kept;
        *slot = sets->count;
    }
    sets->sets[*slot - 1].uses++;
    return *slot - 1;
}
