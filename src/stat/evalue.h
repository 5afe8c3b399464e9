// SPDX-License-Identifier: ISC
// Is loss here really higher than there? Needs no idea of what is normal: under "both lose alike,
// at whatever common rate" each block's factor has mean at most 1 (Turner, Ly and Grunwald (2024);
// detection.md 2.8). Bad everywhere is therefore no evidence at all.
#pragma once

#include <stdint.h>

enum {
    EVALUE_GRID = 15,
    EVALUE_CEILING_NATS = 15,  // more is sure enough, and would be in the way when things change
};

struct evalue_block {
    uint32_t ok, lost;              // here
    uint32_t peers_ok, peers_lost;  // there, at the same time and to the same target
};

// Per pair of loss rates (here, there), the Shiryaev-Roberts sum R <- (1 + R) E.
struct evalue {
    double sum[EVALUE_GRID];
    // The last block's E: while nothing is lost, one block is like the next.
    struct evalue_block last;
    double factor[EVALUE_GRID];
};

void evalue_init(struct evalue *e);
// A block of any size; one without both sides says nothing.
void evalue_add(struct evalue *e, const struct evalue_block *block);
// Nats, at least 0: ln of the mean of R over the grid. While both lose alike it takes e^x blocks on
// average until it first reaches x.
double evalue_nats(const struct evalue *e);
