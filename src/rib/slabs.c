// SPDX-License-Identifier: ISC
#include "rib/slabs.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

enum { STEP_BITS = 3, COUNT_MIN = 16 };

static_assert(sizeof(struct slab) == 20, "a slab's record stays small");

void slabs_init(struct slabs *slabs, struct budget *budget)
{
    *slabs = (struct slabs){.budget = budget, .count = 1};
}

static size_t memory_bytes(const struct slab *slab)
{
    return (slab->size == 0 ? slab->item_words : SLAB_WORDS) * sizeof(uint32_t);
}

void slabs_done(struct slabs *slabs)
{
    for (uint32_t at = 1; at < slabs->count; at++)
        budget_give(slabs->budget, slabs->memory[at], memory_bytes(&slabs->slabs[at]));
    budget_give(slabs->budget, slabs->memory, slabs->capacity * sizeof *slabs->memory);
    budget_give(slabs->budget, slabs->slabs, slabs->capacity * sizeof *slabs->slabs);
    slabs_init(slabs, slabs->budget);
}

// Rounds the words up to those of its size, which is returned; 0: alone.
static uint16_t size_of(uint32_t *words)
{
    if (*words < 2)
        *words = 2;  // a free thing holds the number of the next
    if (*words <= SLABS_SMALL_WORDS)
        return (uint16_t)*words;
    if (*words > SLABS_MIDDLE_WORDS)
        return 0;
    // 65 to 128 in steps of 8, 129 to 256 of 16 and so on.
    uint32_t step_bits = 31 - (uint32_t)__builtin_clz(*words - 1) - STEP_BITS;
    uint32_t steps = ((*words - 1) >> step_bits) + 1;
    *words = steps << step_bits;
    return (uint16_t)(SLABS_SMALL_WORDS + (step_bits - STEP_BITS) * 8 + steps - 8);
}

// More numbers for slabs; those there are keep theirs.
static bool grow(struct slabs *slabs)
{
    uint32_t more = slabs->capacity + slabs->capacity / 2 + COUNT_MIN;
    if (more > SLABS_MAX)
        more = SLABS_MAX;
    if (more == slabs->capacity)
        return false;
    uint32_t **memory = budget_take(slabs->budget, more * sizeof *memory);
    struct slab *records = budget_take(slabs->budget, more * sizeof *records);
    if (!memory || !records) {
        budget_give(slabs->budget, memory, more * sizeof *memory);
        budget_give(slabs->budget, records, more * sizeof *records);
        return false;
    }
    if (slabs->capacity > 0) {
        memcpy(memory, slabs->memory, slabs->count * sizeof *memory);
        memcpy(records, slabs->slabs, slabs->count * sizeof *records);
    } else {
        memory[0] = NULL;
        records[0] = (struct slab){0};
    }
    budget_give(slabs->budget, slabs->memory, slabs->capacity * sizeof *memory);
    budget_give(slabs->budget, slabs->slabs, slabs->capacity * sizeof *records);
    slabs->memory = memory;
    slabs->slabs = records;
    slabs->capacity = more;
    return true;
}

static void enter_roomy(struct slabs *slabs, uint32_t at)
{
    struct slab *slab = &slabs->slabs[at];
    slab->previous = 0;
    slab->next = slabs->roomy[slab->size];
    if (slab->next != 0)
        slabs->slabs[slab->next].previous = at;
    slabs->roomy[slab->size] = at;
}

static void leave_roomy(struct slabs *slabs, uint32_t at)
{
    struct slab *slab = &slabs->slabs[at];
    if (slab->previous != 0)
        slabs->slabs[slab->previous].next = slab->next;
    else
        slabs->roomy[slab->size] = slab->next;
    if (slab->next != 0)
        slabs->slabs[slab->next].previous = slab->previous;
}

// A slab without things; 0 when there is no room for it.
static uint32_t slab_new(struct slabs *slabs, uint16_t size, uint32_t item_words)
{
    if (slabs->unused == 0 && slabs->count >= slabs->capacity && !grow(slabs))
        return 0;
    struct slab slab = {.item_words = item_words, .size = size};
    uint32_t *memory = budget_take(slabs->budget, memory_bytes(&slab));
    if (!memory)
        return 0;
    uint32_t at = slabs->unused;
    if (at != 0)
        slabs->unused = slabs->slabs[at].next;
    else
        at = slabs->count++;
    slabs->memory[at] = memory;
    slabs->slabs[at] = slab;
    return at;
}

static void slab_free(struct slabs *slabs, uint32_t at)
{
    struct slab *slab = &slabs->slabs[at];
    budget_give(slabs->budget, slabs->memory[at], memory_bytes(slab));
    slabs->memory[at] = NULL;
    *slab = (struct slab){.next = slabs->unused};
    slabs->unused = at;
}

static bool is_full(const struct slab *slab)
{
    return slab->live == SLAB_WORDS / slab->item_words;
}

static uint32_t *thing_at(const struct slabs *slabs, uint32_t at, uint32_t number)
{
    return slabs->memory[at] + (number - 1) * slabs->slabs[at].item_words;
}

uint32_t slabs_take(struct slabs *slabs, uint32_t words)
{
    uint16_t size = size_of(&words);
    if (size == 0)
        return slab_new(slabs, size, words) * SLAB_WORDS;
    uint32_t at = slabs->roomy[size];
    if (at == 0) {
        if ((at = slab_new(slabs, size, words)) == 0)
            return 0;
        enter_roomy(slabs, at);
    }
    struct slab *slab = &slabs->slabs[at];
    uint32_t number = slab->free_top;
    if (number != 0)
        slab->free_top = (uint16_t)*thing_at(slabs, at, number);
    else
        number = ++slab->reached;
    slab->live++;
    if (is_full(slab))
        leave_roomy(slabs, at);
    return at * SLAB_WORDS + (number - 1) * slab->item_words;
}

void slabs_give(struct slabs *slabs, uint32_t handle)
{
    uint32_t at = handle / SLAB_WORDS;
    struct slab *slab = &slabs->slabs[at];
    assert(at < slabs->count && slabs->memory[at] && (slab->size == 0 || slab->live > 0));
    if (slab->size == 0) {
        slab_free(slabs, at);
        return;
    }
    if (is_full(slab))
        enter_roomy(slabs, at);
    if (--slab->live == 0) {
        leave_roomy(slabs, at);
        slab_free(slabs, at);
        return;
    }
    uint32_t number = handle % SLAB_WORDS / slab->item_words + 1;
    *thing_at(slabs, at, number) = slab->free_top;
    slab->free_top = (uint16_t)number;
}

uint32_t slabs_room(const struct slabs *slabs, uint32_t handle)
{
    return slabs->slabs[handle / SLAB_WORDS].item_words;
}

void slabs_in_use(const struct slabs *slabs, uint32_t at, uint64_t *bits)
{
    const struct slab *slab = &slabs->slabs[at];
    bool is_alone = slabs->memory[at] && slab->size == 0;
    uint32_t reached = is_alone ? 1 : slab->reached;
    memset(bits, 0, SLAB_THINGS_MAX / 8);
    for (uint32_t place = 0; place < reached; place++)
        bits[place / 64] |= UINT64_C(1) << place % 64;
    for (uint32_t free = slab->free_top; free != 0; free = *thing_at(slabs, at, free))
        bits[(free - 1) / 64] &= ~(UINT64_C(1) << (free - 1) % 64);
}
