// SPDX-License-Identifier: ISC
#include "base/region.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25  // Linux 6.1: madvise(2)
#endif

enum { LARGE_PAGE_BYTES = 2 * 1024 * 1024 };

static size_t round_up(size_t bytes, size_t to)
{
    return (bytes + to - 1) / to * to;
}

bool region_init(struct region *region, size_t size)
{
    *region = (struct region){0};
    size_t mapped_bytes = round_up(size, LARGE_PAGE_BYTES) + LARGE_PAGE_BYTES;
    void *mapped = mmap(NULL, mapped_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED)
        return false;
    *region = (struct region){
        .mapped = mapped,
        .mapped_bytes = mapped_bytes,
        .bytes = (uint8_t *)round_up((uintptr_t)mapped, LARGE_PAGE_BYTES),
        .size = size,
    };
    return true;
}

void region_done(struct region *region)
{
    if (region->mapped)
        munmap(region->mapped, region->mapped_bytes);
    *region = (struct region){0};
}

static void *take_elsewhere(size_t bytes)
{
    if (bytes > SIZE_MAX - REGION_LINE_BYTES)
        return NULL;
    void *taken = aligned_alloc(REGION_LINE_BYTES, round_up(bytes, REGION_LINE_BYTES));
    return taken ? memset(taken, 0, bytes) : NULL;
}

void *region_take(struct region *region, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        return NULL;
    if (!region || bytes > region->size - region->used)
        return take_elsewhere(bytes);
    void *taken = region->bytes + region->used;
    size_t end = round_up(region->used + bytes, REGION_LINE_BYTES);
    region->used = end < region->size ? end : region->size;
    return taken;
}

// Nothing of a full one may have been taken too; behind its end more is mapped, that nobody takes.
static bool is_inside(const struct region *region, const uint8_t *memory)
{
    return region && memory >= region->bytes && memory <= region->bytes + region->size;
}

void region_give(struct region *region, void *memory)
{
    if (!is_inside(region, memory))
        free(memory);
}

void region_use_large_pages(const struct region *region)
{
    size_t whole = region->used / LARGE_PAGE_BYTES * LARGE_PAGE_BYTES;
    if (whole > 0)
        (void)madvise(region->bytes, whole, MADV_COLLAPSE);
}
