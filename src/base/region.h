// SPDX-License-Identifier: ISC
// Memory of one owner, in one piece: what is read in places all over waits longer for its pages'
// addresses than for itself, unless the pages are large, and those are whole pieces of 2 MiB. What
// does not fit comes from elsewhere, likewise where there is no region (NULL). Knows no clock.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REGION_LINE_BYTES = 64 };  // of a processor's caches

struct region {
    uint8_t *mapped, *bytes;
    size_t mapped_bytes, size, used;
};

// Nothing of it is in memory before it is touched. False without memory.
bool region_init(struct region *region, size_t size);
void region_done(struct region *region);

// Zeroes, each taken in lines of its own; NULL without memory. Whoever takes it gives it back.
void *region_take(struct region *region, size_t count, size_t size);
void region_give(struct region *region, void *memory);

// What was taken moves into large pages, but for an end that does not fill one; where the kernel
// has none nothing changes. A process that has its memory from another calls it when it begins:
// what it writes to would be copied in small pages otherwise.
void region_use_large_pages(const struct region *region);
