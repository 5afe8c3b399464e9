// SPDX-License-Identifier: ISC
#include "rib/budget.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { LINE_BYTES = 64, LARGE_PAGE_BYTES = 2 << 20 };

static bool spend(struct budget *budget, size_t bytes)
{
    bool fails = budget->fails_in > 0 && --budget->fails_in == 0;
    size_t max = budget->max - (budget->is_guest ? budget->reserve : 0);
    if (fails || budget->used > max || bytes > max - budget->used)
        return false;
    budget->used += bytes;
    return true;
}

static void *paid(struct budget *budget, void *memory, size_t bytes)
{
    if (!memory)
        budget->used -= bytes;
    return memory;
}

void *budget_take(struct budget *budget, size_t bytes)
{
    if (!spend(budget, bytes + BUDGET_OVERHEAD))
        return NULL;
    return paid(budget, malloc(bytes), bytes + BUDGET_OVERHEAD);
}

void *budget_take_lines(struct budget *budget, size_t bytes)
{
    assert(bytes % LINE_BYTES == 0);
    if (!spend(budget, bytes + BUDGET_OVERHEAD))
        return NULL;
    // Whole large pages where they fit: what is asked for anywhere in a table of many megabytes
    // waits longer for its page's address than for itself. A kernel without them changes nothing.
    bool is_large = bytes % LARGE_PAGE_BYTES == 0;
    size_t alignment = is_large ? LARGE_PAGE_BYTES : LINE_BYTES;
    void *memory = paid(budget, aligned_alloc(alignment, bytes), bytes + BUDGET_OVERHEAD);
    if (memory && is_large)
        (void)madvise(memory, bytes, MADV_HUGEPAGE);
    return memory ? memset(memory, 0, bytes) : NULL;
}

void *budget_resize(struct budget *budget, void *memory, size_t bytes, size_t wanted)
{
    size_t before = memory ? bytes + BUDGET_OVERHEAD : 0;
    if (!spend(budget, wanted + BUDGET_OVERHEAD))
        return NULL;
    void *resized = paid(budget, realloc(memory, wanted), wanted + BUDGET_OVERHEAD);
    if (resized)
        budget->used -= before;
    return resized;
}

void budget_give(struct budget *budget, void *memory, size_t bytes)
{
    if (!memory)
        return;
    assert(budget->used >= bytes + BUDGET_OVERHEAD);
    budget->used -= bytes + BUDGET_OVERHEAD;
    free(memory);
}
