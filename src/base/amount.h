// SPDX-License-Identifier: ISC
// Amounts, of which there are never fewer than none; and times and rates, which may be below.
#pragma once

#include <stdint.h>

// What is left of `all` without `part`.
static inline uint64_t amount_less(uint64_t all, uint64_t part)
{
    return all > part ? all - part : 0;
}

static inline uint64_t amount_least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static inline uint64_t amount_most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static inline int64_t amount_higher(int64_t a, int64_t b)
{
    return a > b ? a : b;
}
