// SPDX-License-Identifier: ISC
#include "rib/column.h"

#include <assert.h>

enum {
    CAPACITY_MIN = 8,
    SPARSE_MAX = SEGMENT_SIZE / 8,  // above it, places cost little more than the bitmap saves
    THIN = SEGMENT_SIZE / 16,       // a chunk with places and fewer routes goes back to a bitmap
    SUMS = CHUNK_MAP_WORDS,
};

static bool is_sparse(uint32_t capacity)
{
    return capacity < SEGMENT_SIZE;
}

static size_t chunk_bytes(uint32_t capacity, bool has_ids)
{
    size_t words = (is_sparse(capacity) ? CHUNK_SPARSE_WORDS : 0) + capacity * (has_ids ? 2u : 1u);
    return sizeof(struct chunk) + words * sizeof(uint32_t);
}

static uint32_t *values_of(struct chunk *chunk)
{
    return chunk->words + (is_sparse(chunk->capacity) ? CHUNK_SPARSE_WORDS : 0);
}

static uint32_t *ids_of(struct chunk *chunk)
{
    return values_of(chunk) + chunk->capacity;
}

uint32_t group_new(struct slabs *slabs, const struct group_path *paths, uint32_t count,
                   uint32_t room)
{
    uint32_t handle = slabs_take(slabs, group_words(room));
    if (handle == 0)
        return 0;
    struct group *group = slabs_at(slabs, handle);
    group->count = count;
    memcpy(group->paths, paths, count * sizeof *paths);
    return handle | SLOT_GROUP;
}

void group_free(struct slabs *slabs, uint32_t value)
{
    slabs_give(slabs, value & ~SLOT_GROUP);
}

static void free_groups(struct chunk *chunk, struct slabs *slabs)
{
    const uint32_t *values = values_of(chunk);
    uint32_t count = is_sparse(chunk->capacity) ? chunk->live : SEGMENT_SIZE;
    for (uint32_t i = 0; i < count; i++) {
        if (values[i] & SLOT_GROUP)
            group_free(slabs, values[i]);
    }
}

// Gives each slot that names a group a copy of its own; false: memory is out, and none has one.
static bool copy_groups(struct chunk *chunk, struct slabs *slabs)
{
    uint32_t *values = values_of(chunk);
    uint32_t count = is_sparse(chunk->capacity) ? chunk->live : SEGMENT_SIZE;
    for (uint32_t i = 0; i < count; i++) {
        if (!(values[i] & SLOT_GROUP))
            continue;
        const struct group *group = group_at(slabs, values[i]);
        uint32_t copy = group_new(slabs, group->paths, group->count, group->count);
        if (copy != 0) {
            values[i] = copy;
            continue;
        }
        memset(values + i, 0, (count - i) * sizeof *values);
        free_groups(chunk, slabs);
        return false;
    }
    return true;
}

static void add_to_map(struct chunk *chunk, uint32_t slot)
{
    uint8_t *sums = (uint8_t *)&chunk->words[CHUNK_MAP_WORDS];
    chunk->words[slot / 32] |= UINT32_C(1) << slot % 32;
    for (uint32_t i = slot / 32 + 1; i < SUMS; i++)
        sums[i]++;
}

static void remove_from_map(struct chunk *chunk, uint32_t slot)
{
    uint8_t *sums = (uint8_t *)&chunk->words[CHUNK_MAP_WORDS];
    chunk->words[slot / 32] &= ~(UINT32_C(1) << slot % 32);
    for (uint32_t i = slot / 32 + 1; i < SUMS; i++)
        sums[i]--;
}

// Where among the routes one at `slot` is, or would come.
static uint32_t place_of(const struct chunk *chunk, uint32_t slot)
{
    const uint8_t *sums = (const uint8_t *)&chunk->words[CHUNK_MAP_WORDS];
    uint32_t below = chunk->words[slot / 32] & ((UINT32_C(1) << slot % 32) - 1);
    return sums[slot / 32] + (uint32_t)__builtin_popcount(below);
}

static void set_values(struct chunk *chunk, uint32_t place, struct slot slot)
{
    values_of(chunk)[place] = slot.value;
    if (chunk->has_ids)
        ids_of(chunk)[place] = slot.path_id;
}

// Moves the routes from `place` on by one, up or down.
static void shift(struct chunk *chunk, uint32_t place, uint32_t from, uint32_t to)
{
    size_t bytes = (chunk->live - place) * sizeof(uint32_t);
    memmove(values_of(chunk) + to, values_of(chunk) + from, bytes);
    if (chunk->has_ids)
        memmove(ids_of(chunk) + to, ids_of(chunk) + from, bytes);
}

static void insert(struct chunk *chunk, uint32_t at, struct slot slot)
{
    assert(chunk->live < chunk->capacity);
    uint32_t place = at;
    if (is_sparse(chunk->capacity)) {
        place = place_of(chunk, at);
        shift(chunk, place, place, place + 1);
        add_to_map(chunk, at);
    }
    set_values(chunk, place, slot);
    chunk->live++;
}

static void take_out(struct chunk *chunk, uint32_t at)
{
    chunk->live--;
    if (!is_sparse(chunk->capacity)) {
        set_values(chunk, at, (struct slot){0});
        return;
    }
    uint32_t place = place_of(chunk, at);
    shift(chunk, place, place + 1, place);
    remove_from_map(chunk, at);
}

static struct chunk *chunk_new(uint32_t capacity, bool has_ids, struct budget *budget)
{
    struct chunk *chunk = budget_take(budget, chunk_bytes(capacity, has_ids));
    if (!chunk)
        return NULL;
    memset(chunk, 0, chunk_bytes(capacity, has_ids));
    *chunk = (struct chunk){.holders = 1, .capacity = (uint16_t)capacity, .has_ids = has_ids};
    return chunk;
}

static void copy_routes(struct chunk *to, const struct chunk *from)
{
    bool alike = to->capacity == from->capacity && to->has_ids == from->has_ids;
    if (alike) {
        to->live = from->live;
        memcpy(to->words, from->words,
               chunk_bytes(to->capacity, to->has_ids) - sizeof(struct chunk));
        return;
    }
    for (uint32_t at = 0; at < SEGMENT_SIZE; at++) {
        struct slot slot = chunk_slot(from, at);
        if (slot.value != 0)
            insert(to, at, slot);
    }
}

static void free_chunk(struct chunk *chunk, struct budget *budget)
{
    budget_give(budget, chunk, chunk_bytes(chunk->capacity, chunk->has_ids));
}

// Puts one of another shape in the place of a chunk; its own, with groups of its own.
static bool reshape(struct chunk **chunk, uint32_t capacity, bool has_ids, struct slabs *slabs)
{
    struct chunk *before = *chunk, *after = chunk_new(capacity, has_ids, slabs->budget);
    if (!after)
        return false;
    if (before)
        copy_routes(after, before);
    if (before && before->holders > 1) {
        if (!copy_groups(after, slabs)) {
            free_chunk(after, slabs->budget);
            return false;
        }
        before->holders--;
    } else if (before) {
        free_chunk(before, slabs->budget);
    }
    *chunk = after;
    return true;
}

bool chunk_reach(struct chunk **chunk, const struct chunk_wish *wish, struct slabs *slabs)
{
    const struct chunk *c = *chunk;
    if (!c)
        return reshape(chunk, CAPACITY_MIN, wish->ids, slabs);
    bool has_ids = c->has_ids || wish->ids, has_room = c->live < c->capacity;
    if (c->holders == 1 && has_ids == c->has_ids && has_room)
        return true;
    uint32_t capacity = c->capacity;
    if (!has_room && chunk_slot(c, wish->slot).value == 0)
        capacity = capacity < SPARSE_MAX ? capacity * 2 : SEGMENT_SIZE;
    else if (c->holders == 1 && has_ids == c->has_ids)
        return true;  // it is full, but the slot is one of those
    return reshape(chunk, capacity, has_ids, slabs);
}

bool chunk_own(struct chunk **chunk, struct slabs *slabs)
{
    const struct chunk *c = *chunk;
    return c->holders == 1 || reshape(chunk, c->capacity, c->has_ids, slabs);
}

// Without memory for a smaller one it stays as it is.
static void make_smaller(struct chunk **chunk, struct slabs *slabs)
{
    const struct chunk *c = *chunk;
    if (c->live == 0) {
        free_chunk(*chunk, slabs->budget);
        *chunk = NULL;
    } else if (!is_sparse(c->capacity) && c->live < THIN) {
        (void)reshape(chunk, SPARSE_MAX, c->has_ids, slabs);
    } else if (is_sparse(c->capacity) && c->capacity > CAPACITY_MIN && c->live < c->capacity / 4) {
        (void)reshape(chunk, c->capacity / 2, c->has_ids, slabs);
    }
}

void chunk_put(struct chunk **chunk, uint32_t at, struct slot slot, struct slabs *slabs)
{
    struct chunk *c = *chunk;
    assert(c->holders == 1);
    bool was = chunk_slot(c, at).value != 0;
    if (was && slot.value != 0) {
        set_values(c, is_sparse(c->capacity) ? place_of(c, at) : at, slot);
    } else if (was) {
        take_out(c, at);
        make_smaller(chunk, slabs);
    } else if (slot.value != 0) {
        insert(c, at, slot);
    }
}

void chunk_give(struct chunk *chunk, struct slabs *slabs)
{
    if (--chunk->holders > 0)
        return;
    free_groups(chunk, slabs);
    free_chunk(chunk, slabs->budget);
}

void chunk_expand(const struct chunk *chunk, uint32_t *values, uint32_t *ids)
{
    if (!is_sparse(chunk->capacity)) {
        memcpy(values, chunk->words, SEGMENT_SIZE * sizeof *values);
        if (ids && chunk->has_ids)
            memcpy(ids, chunk->words + SEGMENT_SIZE, SEGMENT_SIZE * sizeof *ids);
        else if (ids)
            memset(ids, 0, SEGMENT_SIZE * sizeof *ids);
        return;
    }
    for (uint32_t at = 0; at < SEGMENT_SIZE; at++) {
        struct slot slot = chunk_slot(chunk, at);
        values[at] = slot.value;
        if (ids)
            ids[at] = slot.path_id;
    }
}

const uint32_t *chunk_values(const struct chunk *chunk, uint32_t *room)
{
    if (!is_sparse(chunk->capacity))
        return chunk->words;
    chunk_expand(chunk, room, NULL);
    return room;
}

static size_t column_bytes(uint32_t chunk_count)
{
    return sizeof(struct column) + chunk_count * sizeof(struct chunk *);
}

bool column_reach(struct column **column, enum family family, uint32_t segment,
                  struct budget *budget)
{
    struct column *c = *column;
    if (c && segment < c->chunk_count)
        return true;
    uint32_t before = c ? c->chunk_count : 0, count = segment + segment / 8 + CAPACITY_MIN;
    c = budget_resize(budget, c, column_bytes(before), column_bytes(count));
    if (!c)
        return false;
    if (before == 0)
        *c = (struct column){.family = family};
    memset(c->chunks + before, 0, (count - before) * sizeof c->chunks[0]);
    c->chunk_count = count;
    *column = c;
    return true;
}

struct column *column_share(const struct column *column, struct budget *budget)
{
    struct column *copy = budget_take(budget, column_bytes(column->chunk_count));
    if (!copy)
        return NULL;
    memcpy(copy, column, column_bytes(column->chunk_count));
    copy->next = NULL;
    copy->is_snapshot = true;
    for (uint32_t i = 0; i < copy->chunk_count; i++) {
        if (copy->chunks[i])
            copy->chunks[i]->holders++;
    }
    return copy;
}

void column_free(struct column *column, struct budget *budget)
{
    budget_give(budget, column, column_bytes(column->chunk_count));
}
