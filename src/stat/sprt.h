// SPDX-License-Identifier: ISC
// Wald (1945): decides between two loss rates with as few probes as possible, wrong in either
// direction at most once in a thousand times.
#pragma once

#include <stdint.h>

enum sprt_answer { SPRT_OPEN, SPRT_GOOD, SPRT_BAD };

struct sprt {
    double lost_nats, ok_nats;  // what one result adds: > 0, < 0
    double score;               // nats; towards good when negative
};

// Good is a loss of at most `good_ppm`, bad at least `bad_ppm`; 0 < good < bad < 1000000.
void sprt_init(struct sprt *sprt, uint32_t good_ppm, uint32_t bad_ppm);
// Adds counts; the answer stands until the next results or sprt_restart().
enum sprt_answer sprt_add(struct sprt *sprt, uint64_t ok, uint64_t lost);
enum sprt_answer sprt_answer(const struct sprt *sprt);
void sprt_restart(struct sprt *sprt);
// How few results say good: when none is lost.
uint64_t sprt_least_good(const struct sprt *sprt);
// How many results it takes on average to say good, where as many are lost as is just good.
double sprt_mean_good(const struct sprt *sprt);
