// SPDX-License-Identifier: ISC
// What confirms (stat/burst.h): false alarms of a path with harmless bursts of total loss, each as
// harmful to an i.i.d. detector as can be, and its delay beside the floor of physics: bursts of
// mean length b that begin at a rate r last D = b ln(r * asked interval) once in that interval
// (detection.md 2.7).
#include "bench/detect.h"

#include "base/clock.h"
#include "stat/burst.h"

#include <stdio.h>

enum { PROBE_NS = 10 * NS_PER_MS };

#define DAY_S 86400.0
#define MEAN_LOSS 0.001  // of bursts alone

// Losses at `normal`, and bursts. Only what happens is drawn.
struct world {
    double normal, mean_ns, apart_ns;
    double at_ns, burst_at_ns;
    struct random random;
};

static bool add(struct world *w, struct burst *b, const struct burst_rule *rule, bool lost)
{
    w->at_ns += PROBE_NS;
    return burst_add(b, rule, lost, (int64_t)w->at_ns);
}

// After a few answers in a row only the starts' scores still change.
static void quiet(struct world *w, struct burst *b, const struct burst_rule *rule, double answers)
{
    for (int i = 0; i < 8 && answers >= 1; i++, answers--)
        add(w, b, rule, false);
    if (answers < 1)
        return;
    cusum_add_answers(&b->starts, &rule->starts, (uint64_t)answers);
    w->at_ns += answers * PROBE_NS;
    b->last_ns = (int64_t)w->at_ns;
}

static bool a_burst(struct world *w, struct burst *b, const struct burst_rule *rule)
{
    double end_ns = w->burst_at_ns + bench_exponential(&w->random, w->mean_ns);
    bool alarm = false;
    while (w->at_ns + PROBE_NS <= end_ns)
        alarm |= add(w, b, rule, true);
    add(w, b, rule, false);
    w->burst_at_ns = end_ns + bench_exponential(&w->random, w->apart_ns);
    return alarm;
}

static uint32_t alarms_in(struct world *w, const struct burst_rule *rule, double until_ns)
{
    struct burst b;
    burst_init(&b);
    uint32_t alarms = 0;
    w->burst_at_ns = bench_exponential(&w->random, w->apart_ns);
    while (w->at_ns < until_ns) {
        double to_loss = bench_answers(&w->random, w->normal);
        double to_burst = fmax(0, floor((w->burst_at_ns - w->at_ns) / PROBE_NS));
        quiet(w, &b, rule, fmin(to_loss, to_burst));
        bool alarm = to_burst <= to_loss ? a_burst(w, &b, rule) : add(w, &b, rule, true);
        alarms += alarm;
        if (alarm)
            burst_init(&b);
    }
    return alarms;
}

static bool rule_of(struct burst_rule *rule, double mean_ns, double apart_ns, double asked_s)
{
    struct burst_ask ask = {.loss_normal_ppm = 1000,
                            .mean_ns = (int64_t)mean_ns,
                            .apart_ns = (int64_t)apart_ns,
                            .interval_ns = PROBE_NS,
                            .interval_min_ns = PROBE_NS,
                            .false_alarm_s = asked_s};
    return burst_rule_init(rule, &ask);
}

// So many seeds of a day each when a day is asked for, of a thousandth of a year for a year.
static void false_alarms(struct bench *b, double mean_ms, double asked_s, const char *asked)
{
    struct burst_rule rule;
    double mean_ns = mean_ms * NS_PER_MS, apart_ns = mean_ns / MEAN_LOSS;
    double seed_s = asked_s > DAY_S ? asked_s / 1000 : asked_s;
    if (!rule_of(&rule, mean_ns, apart_ns, asked_s))
        return;
    uint32_t alarms = 0;
    for (uint32_t seed = 0; seed < b->seeds; seed++) {
        struct world w = {.normal = 0.001,
                          .mean_ns = mean_ns,
                          .apart_ns = apart_ns,
                          .random = bench_random(seed, (uint64_t)mean_ms)};
        alarms += alarms_in(&w, &rule, seed_s * 1e9);
    }
    double intervals = b->seeds * seed_s / asked_s;
    printf("%5.0f ms  %7.1f s  %8s  %9.0f  %8u  %8.3f\n", mean_ms, apart_ns / 1e9, asked, intervals,
           alarms, alarms / intervals);
    bench_wrong(b, alarms / intervals, BENCH_SEEDS * seed_s / asked_s,
                "bursts of %g ms, one false alarm a %s: measured", mean_ms, asked);
}

static void delay(struct bench *b, double loss, double asked_s)
{
    struct burst_rule rule;
    double mean_ns = 50 * NS_PER_MS, apart_ns = 60.0 * NS_PER_S, probes = 0;
    if (!rule_of(&rule, mean_ns, apart_ns, asked_s))
        return;
    for (uint32_t seed = 0; seed < b->seeds; seed++) {
        struct random r = bench_random(seed, (uint64_t)(loss * 1000));
        struct world w = {0};
        struct burst burst;
        burst_init(&burst);
        add(&w, &burst, &rule, false);
        do
            probes++;
        while (!add(&w, &burst, &rule, random_unit(&r) < loss));
    }
    double floor_s = mean_ns / 1e9 * log(asked_s * 1e9 / apart_ns), s = probes / b->seeds / 100;
    printf("%5.0f %%  %8.1f  %7.3f  %7.3f\n", loss * 100, probes / b->seeds, s, floor_s);
    if (loss >= 1)
        bench_at_most(b, s / floor_s, 1.2, "confirming a total loss: x the floor of bursts");
}

void bench_burst(struct bench *b)
{
    static const double means_ms[] = {15, 20, 50, 100, 200, 500};
    static const double losses[] = {0.05, 0.1, 0.2, 0.38, 0.5, 0.7, 0.9, 1};
    printf(
        "\nconfirming, probes every 10 ms; bursts that lose 0.1 %% in all, and 0.1 %% beside them"
        "\n%8s  %9s  %8s  %9s  %8s  %8s\n",
        "bursts", "apart", "asked: a", "of these", "alarms", "each");
    for (size_t i = 0; i < sizeof means_ms / sizeof means_ms[0]; i++) {
        false_alarms(b, means_ms[i], DAY_S, "day");
        false_alarms(b, means_ms[i], BENCH_YEAR_S, "year");
    }
    printf("\nconfirming, bursts of 50 ms once a minute, one false alarm in 60 years: mean delay\n"
           "%7s  %8s  %7s  %7s\n",
           "lost", "probes", "s", "floor s");
    for (size_t i = 0; i < sizeof losses / sizeof losses[0]; i++)
        delay(b, losses[i], 60 * BENCH_YEAR_S);
}
