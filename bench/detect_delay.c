// SPDX-License-Identifier: ISC
// The detector of later packets (detect/delay.c) on the four flows of a target, ten samples a
// second each: hours of what is usual, and samples until a shift is told. It waits for half a
// second, 20 samples, in any case.
#include "bench/detect.h"

#include "detect/delay.h"

#include <stdio.h>
#include <stdlib.h>

enum { FLOWS = 4, GAP_NS = 25 * NS_PER_MS, HOUR_S = 3600 };

enum shape { STEADY, HEAVY, TWO_WAYS };  // how round trips vary

struct world {
    enum shape shape;
    double jitter_ms;         // mean
    double add_ms, queue_ms;  // from `from_ns` on: to all alike, and at random
    uint32_t flows;           // set of flows
    int64_t from_ns, now_ns;
    uint32_t samples;
    struct random random;
    struct delay delay;
};

static double vary(struct world *w)
{
    switch (w->shape) {
    case HEAVY:  // Pareto, index 2.5
        return w->jitter_ms * 0.6 * pow(1 - random_unit(&w->random), -0.4);
    case TWO_WAYS:
        return bench_exponential(&w->random, w->jitter_ms) +
               (random_unit(&w->random) < 0.02 ? 30 : 0);
    case STEADY:
        break;
    }
    return bench_exponential(&w->random, w->jitter_ms);
}

static bool send_one(struct world *w, const struct delay_rule *rule, struct delay_shift *out)
{
    uint32_t flow = w->samples++ % FLOWS;
    double ms = 10 + vary(w);
    w->now_ns += GAP_NS;
    if (w->now_ns >= w->from_ns && w->flows >> flow & 1) {
        ms += w->add_ms;
        ms += w->queue_ms > 0 ? bench_exponential(&w->random, w->queue_ms) : 0;
    }
    struct sample sample = {.flow = flow,
                            .verdict = SAMPLE_OK,
                            .sent_at = {w->now_ns},
                            .rtt_ns = (int64_t)(ms * NS_PER_MS)};
    sample.known_at = mono_add_ns(sample.sent_at, sample.rtt_ns);
    return delay_add(&w->delay, rule, &sample, 0, out);
}

static void world_init(struct world *w, uint64_t seed)
{
    w->now_ns = 1000ll * NS_PER_S;
    w->random = bench_random(seed, 99);
    delay_init(&w->delay, 0, 0);
}

static void false_alarms(struct bench *b, const struct delay_rule *rule, const char *name,
                         struct world model)
{
    uint32_t hours = b->seeds / 20, told = 0;
    struct delay_shift shift;
    for (uint32_t seed = 0; seed < hours; seed++) {
        static struct world w;
        w = model;
        world_init(&w, seed);
        w.from_ns = INT64_MAX;
        for (uint32_t i = 0; i < HOUR_S * (NS_PER_S / GAP_NS); i++)
            told += send_one(&w, rule, &shift) && shift.word == DELAY_BEGAN;
    }
    printf("%-36s  %8u  %8u\n", name, hours, told);
    bench_wrong(b, told / (double)hours, hours, "later packets, %s, one an hour: false alarms",
                name);
}

static void find(struct bench *b, const struct delay_rule *rule, const char *name,
                 struct world model, enum delay_kind kind)
{
    uint32_t runs = b->seeds / 10, right = 0, concerned = (uint32_t)__builtin_popcount(model.flows);
    double samples = 0;
    for (uint32_t seed = 0; seed < runs; seed++) {
        static struct world w;
        struct delay_shift shift;
        w = model;
        world_init(&w, seed);
        w.from_ns = w.now_ns + 60ll * NS_PER_S;
        while (!send_one(&w, rule, &shift) || w.now_ns < w.from_ns)
            if (w.now_ns > w.from_ns + 600ll * NS_PER_S)
                break;
        right += shift.kind == kind;
        samples += (double)(w.now_ns - w.from_ns) / GAP_NS * concerned / FLOWS;
    }
    samples /= runs;
    printf("%-36s  %8.1f  %7.2f  %7.1f %%\n", name, samples,
           samples * FLOWS / concerned * GAP_NS / 1e9, 100.0 * right / runs);
    bench_at_most(b, samples, 30, "later packets, %s: samples of the flows concerned", name);
    bench_at_least(b, 100.0 * right / runs, 95, "later packets, %s: kind right, %%", name);
}

static bool rule_of(struct delay_rule *rule, double asked_s)
{
    struct delay_ask ask = {.false_alarm_s = asked_s, .interval_ns = GAP_NS};
    struct cusum_book book = {0};
    return delay_rule_init(rule, &ask, &book);
}

void bench_delay(struct bench *b)
{
    struct delay_rule hourly, rule;
    if (!rule_of(&hourly, HOUR_S) || !rule_of(&rule, 10 * 54 * BENCH_YEAR_S))
        return;
    printf("\nlater packets, one false alarm an hour asked\n%-36s  %8s  %8s\n", "usual", "hours",
           "alarms");
    false_alarms(b, &hourly, "0.2 ms of variation", (struct world){.jitter_ms = 0.2});
    false_alarms(b, &hourly, "10 ms of variation", (struct world){.jitter_ms = 10});
    false_alarms(b, &hourly, "rarely very late", (struct world){.shape = HEAVY, .jitter_ms = 2});
    false_alarms(b, &hourly, "one in fifty another way",
                 (struct world){.shape = TWO_WAYS, .jitter_ms = 0.3});
    printf("\nlater packets, one false alarm in ten years on 54 ways to targets: until told, mean\n"
           "%-36s  %8s  %7s  %9s\n",
           "shift", "samples", "s", "kind");
    find(b, &rule, "20 ms, steady", (struct world){.jitter_ms = 0.2, .add_ms = 20, .flows = 15},
         DELAY_REROUTED);
    find(b, &rule, "20 ms, 2 ms of variation",
         (struct world){.jitter_ms = 2, .add_ms = 20, .flows = 15}, DELAY_REROUTED);
    find(b, &rule, "20 ms, 5 ms of variation",
         (struct world){.jitter_ms = 5, .add_ms = 20, .flows = 15}, DELAY_REROUTED);
    find(b, &rule, "20 ms on one of four flows",
         (struct world){.jitter_ms = 0.5, .add_ms = 20, .flows = 4}, DELAY_REROUTED);
    find(b, &rule, "4 ms, steady", (struct world){.jitter_ms = 0.2, .add_ms = 4, .flows = 15},
         DELAY_REROUTED);
    find(b, &rule, "a queue of 20 ms in the mean",
         (struct world){.jitter_ms = 0.5, .queue_ms = 20, .flows = 15}, DELAY_QUEUED);
}
