// SPDX-License-Identifier: ISC
// Snapshots are numbered from 1. What dies while one stands is stamped with the newest's number,
// and is needed until every snapshot up to that number is gone. 22 bits of the number are kept.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { STAMP_BITS = 22, STAMP_MAX = (1 << STAMP_BITS) - 1 };

// `oldest`: the stamp of the oldest snapshot that stands; 0: none does.
static inline bool stamp_is_over(uint32_t stamp, uint32_t oldest)
{
    uint32_t newer_by = (oldest - stamp) & STAMP_MAX;
    return oldest == 0 || (newer_by > 0 && newer_by <= STAMP_MAX / 2);
}
