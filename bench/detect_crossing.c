// SPDX-License-Identifier: ISC
// How many packets that cross two ways tell in which direction one of them loses
// (detect/crossing.c), at odds of 100 to 1; its own packets are ten times as many.
#include "bench/detect.h"

#include "detect/crossing.h"

#include <stdio.h>

enum { OWN = 10, CROSSING_MAX = 10000 };

static bool is_lost(struct random *r, double loss)
{
    return random_unit(r) < loss || random_unit(r) < 0.001;
}

// Crossing packets each way until a direction is said; negative when it is the wrong one.
static double until_told(double loss, enum fault_direction direction, struct random *r)
{
    static struct crossing c;
    const struct crossing_question question = {
        .way = 0, .ways = 2, .normal_ppm = 1000, .asked_millinats = 4605};
    double out = direction == FAULT_FORWARD ? loss : 0;
    double back = direction == FAULT_REVERSE ? loss : 0;
    struct mono at = {1000ll * NS_PER_S};
    c = (struct crossing){0};
    for (int n = 1; n <= CROSSING_MAX; n++) {
        for (int i = 0; i < OWN; i++) {
            crossing_add(&c, 0, 0, is_lost(r, loss), at);
            crossing_add(&c, 1, 1, is_lost(r, 0), at);
        }
        crossing_add(&c, 0, 1, is_lost(r, out), at);
        crossing_add(&c, 1, 0, is_lost(r, back), at);
        struct crossing_answer answer = crossing_ask(&c, &question, at);
        if (answer.direction != FAULT_EITHER)
            return answer.direction == direction ? n : -n;
    }
    return CROSSING_MAX;
}

void bench_crossing(struct bench *b)
{
    static const double losses[] = {0.05, 0.1, 0.38, 1};
    printf("\ncrossing packets each way until the direction is told, mean\n%7s  %8s  %8s  %8s\n",
           "lost", "forward", "reverse", "wrong %");
    for (size_t i = 0; i < sizeof losses / sizeof losses[0]; i++) {
        double packets[FAULT_DIRECTIONS] = {0}, wrong = 0;
        uint32_t runs = b->seeds / 50;
        for (uint32_t seed = 0; seed < 2 * runs; seed++) {
            struct random r = bench_random(seed, (uint64_t)(losses[i] * 1000));
            enum fault_direction direction = seed % 2 ? FAULT_FORWARD : FAULT_REVERSE;
            double told = until_told(losses[i], direction, &r);
            packets[direction] += fabs(told) / runs;
            wrong += 100.0 * (told < 0) / (2 * runs);
        }
        printf("%5.0f %%  %8.1f  %8.1f  %8.2f\n", losses[i] * 100, packets[FAULT_FORWARD],
               packets[FAULT_REVERSE], wrong);
        bench_at_most(b, wrong, 3, "direction by crossing packets, %g %% lost: wrong, %%",
                      losses[i] * 100);
    }
}
