// SPDX-License-Identifier: ISC
// What confirms (stat/burst.h): false alarms of a path with harmless bursts of total loss, each as
// harmful to an i.i.d. detector as can be, and its delay beside the floor of physics: bursts of
// mean length b that begin at a rate r last D = b ln(r * asked interval) once in that interval
// (detection.md 2.7).
#include "bench/detect.h"

#include "base/clock.h"
#include "detect/harmless.h"
#include "stat/burst.h"

#include <stdio.h>

enum { PROBE_NS = 10 * NS_PER_MS, LEARNED_BURSTS = 100 };

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
    w->burst_at_ns = w->at_ns + bench_exponential(&w->random, w->apart_ns);
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
    struct cusum_book book = {0};
    return burst_rule_init(rule, &ask, &book);
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

// A world in which bursts are learned from a hundred of them, by detect/harmless.c.
static struct harmless learn(struct world *w)
{
    struct net net = {.detect = {.loss_normal_ppm = 1000,
                                 .burst_mean_ns = 50 * NS_PER_MS,
                                 .burst_interval_s = 60,
                                 .learn = NET_LEARN_FREELY}};
    static struct harmless_learner l;
    l = (struct harmless_learner){0};
    for (int bursts = 0; bursts < LEARNED_BURSTS; bursts++) {
        double from_ns = w->at_ns + bench_exponential(&w->random, w->apart_ns);
        double end_ns = from_ns + bench_exponential(&w->random, w->mean_ns);
        for (; w->at_ns <= end_ns; w->at_ns += PROBE_NS) {
            bool lost = w->at_ns >= from_ns || random_unit(&w->random) < w->normal;
            harmless_add(&l, lost, (int64_t)w->at_ns);
        }
        harmless_take(&l);
    }
    return harmless_now(&l, &net, DAY_S);
}

// A hundred learners, each followed for so many days.
static void learned(struct bench *b, double mean_ms)
{
    uint32_t learners = 100, days = b->seeds / learners, alarms = 0;
    double mean_s = 0;
    for (uint32_t seed = 0; seed < learners; seed++) {
        struct world w = {.normal = 0.001,
                          .mean_ns = mean_ms * NS_PER_MS,
                          .apart_ns = mean_ms * NS_PER_MS / MEAN_LOSS,
                          .random = bench_random(seed, 7000 + (uint64_t)mean_ms)};
        struct harmless h = learn(&w);
        struct burst_rule rule;
        struct burst_ask ask = {.loss_normal_ppm = h.loss_ppm,
                                .mean_ns = h.burst_mean_ns,
                                .apart_ns = h.burst_apart_ns,
                                .interval_ns = PROBE_NS,
                                .interval_min_ns = PROBE_NS,
                                .false_alarm_s = DAY_S};
        struct cusum_book book = {0};
        if (!burst_rule_init(&rule, &ask, &book))
            return;
        mean_s += (double)h.burst_mean_ns / 1e9 * log(DAY_S * 1e9 / (double)h.burst_apart_ns);
        alarms += alarms_in(&w, &rule, w.at_ns + days * DAY_S * 1e9);
    }
    double is_s = mean_ms / 1000 * log(DAY_S / (mean_ms / 1000 / MEAN_LOSS));
    printf("%5.0f ms  %9u  %8u  %8.3f  %9.2f  %9.2f\n", mean_ms, learners * days, alarms,
           alarms / (double)(learners * days), mean_s / learners, is_s);
    bench_wrong(b, alarms / (double)(learners * days), BENCH_SEEDS,
                "learned bursts of %g ms, one false alarm a day: measured", mean_ms);
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
    printf("\nthe same, from what was learned of 100 of them: false alarms; and what an outage "
           "must last\n"
           "%8s  %9s  %8s  %8s  %9s  %9s\n",
           "bursts", "days", "alarms", "each", "learned s", "known s");
    for (size_t i = 0; i < sizeof means_ms / sizeof means_ms[0]; i++)
        learned(b, means_ms[i]);
    printf("\nconfirming, bursts of 50 ms once a minute, one false alarm in 60 years: mean delay\n"
           "%7s  %8s  %7s  %7s\n",
           "lost", "probes", "s", "floor s");
    for (size_t i = 0; i < sizeof losses / sizeof losses[0]; i++)
        delay(b, losses[i], 60 * BENCH_YEAR_S);
}
