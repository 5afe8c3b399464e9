// SPDX-License-Identifier: ISC
// bench/detect from inside: each file simulates one kind of detector, the real one, in probes or in
// virtual time, prints a table and notes what is asked of it.
#pragma once

#include "base/random.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#define BENCH_YEAR_S 31557600.0

enum {
    BENCH_SEEDS = 10000,  // in full
    BENCH_ROWS_MAX = 256,
    BENCH_WHAT_MAX = 96,
};

struct bench_row {
    char what[BENCH_WHAT_MAX], asked[24];
    double measured;
    bool met;
};

struct bench {
    uint32_t seeds;  // simulations of each cell
    uint32_t row_count;
    struct bench_row rows[BENCH_ROWS_MAX];
};

// Notes that `measured` must be at most (or at least) `limit`; true when it is.
bool bench_at_most(struct bench *b, double measured, double limit, const char *what, ...)
    __attribute__((format(printf, 4, 5)));
bool bench_at_least(struct bench *b, double measured, double limit, const char *what, ...)
    __attribute__((format(printf, 4, 5)));

// Notes that false alarms, as a share of what was asked, must be at most 1. `intervals`: how many
// would make up what was asked in a full run; a shorter one is given three deviations.
bool bench_wrong(struct bench *b, double share, double intervals, const char *what, ...)
    __attribute__((format(printf, 4, 5)));

// Independent of each other for different seeds and salts.
static inline struct random bench_random(uint64_t seed, uint64_t salt)
{
    struct random r = {seed * 0x9e3779b97f4a7c15u ^ salt << 32};
    r.state = random_u64(&r);
    return r;
}

// How many answers come before the next loss: drawn at once, so that quiet costs nothing.
static inline double bench_answers(struct random *r, double loss)
{
    return loss < 1 ? floor(log1p(-random_unit(r)) / log1p(-loss)) : 0;
}

static inline double bench_exponential(struct random *r, double mean)
{
    return -mean * log1p(-random_unit(r));
}

void bench_bank(struct bench *b);      // detect_bank.c: the CUSUM bank
void bench_schedule(struct bench *b);  // detect_schedule.c: the bank, probing faster after a loss
void bench_burst(struct bench *b);     // detect_burst.c: what confirms, under bursts
void bench_rove(struct bench *b);      // detect_rove.c: dead 5-tuples
void bench_delay(struct bench *b);     // detect_delay.c: later packets
void bench_crossing(struct bench *b);  // detect_crossing.c: directions
