// SPDX-License-Identifier: ISC
// Asks for something of each of many, round after round, a few in each turn of 25 ms: all within
// 5 s when nothing has changed; and once something has, all as soon as may be.
#pragma once

#include <stdint.h>

enum { ROUND_TURNS = 200 };

struct round {
    uint32_t next;  // to be asked for
    uint32_t left;  // that are to be asked for soon
};

// Something has changed that may concern each of `all`.
static inline void round_hurry(struct round *round, uint32_t all)
{
    round->left = all;
}

// How many to ask for in this turn, `most` at most if it hurries.
static inline uint32_t round_turn(struct round *round, uint32_t all, uint32_t most)
{
    if (round->left == 0)
        return all > 0 ? all / ROUND_TURNS + 1 : 0;
    uint32_t count = round->left < most ? round->left : most;
    round->left -= count;
    return count;
}

static inline uint32_t round_next(struct round *round, uint32_t all)
{
    uint32_t one = round->next < all ? round->next : 0;
    round->next = one + 1;
    return one;
}
