// SPDX-License-Identifier: ISC
// The bank on one flow that probe/schedule.c sends faster after a loss (detection.md 2.5): seconds
// from the fault until the last probe that the alarm needed. What a probe's time-out adds is not
// counted.
#include "bench/detect.h"

#include "probe/schedule.h"
#include "stat/cusum.h"

#include <stdio.h>

enum { CAP_PPS = 100 };  // as doc/fairlead.example.yaml has for a path

// The table of detection.md 2.5.
static const struct {
    double loss;
    double fixed_s[2], fast_s[2];
} rows[] = {
    {0.01, {932, 109}, {599, 74}},    {0.05, {101, 11.8}, {24, 4.2}},
    {0.1, {42.8, 5.0}, {10.4, 1.75}}, {0.38, {9.2, 1.0}, {2.3, 0.37}},
    {1, {2.5, 0.35}, {0.54, 0.11}},
};

static const struct {
    const char *name;
    int64_t ns;
} intervals[] = {{"1 s", NS_PER_S}, {"100 ms", 100 * NS_PER_MS}};

struct flight {
    struct schedule *schedule;
    struct cusum_bank bank;
    const struct cusum_rule *rule;
    struct random random;
    bool faster;
};

// Sends the next probe and gives when.
static int64_t send_one(struct flight *f, double loss, bool *alarmed)
{
    struct mono now = schedule_due(f->schedule);
    while (schedule_take(f->schedule, now) == SCHEDULE_NOBODY)
        now = schedule_due(f->schedule);
    bool lost = random_unit(&f->random) < loss;
    *alarmed = cusum_add(&f->bank, f->rule, lost) != 0;
    if (f->faster)
        schedule_told(f->schedule, 0, lost, now);
    return now.ns;
}

static void start(struct flight *f, int64_t interval_ns)
{
    static const uint32_t unlimited = SCHEDULE_UNLIMITED;
    const struct schedule_caps caps = {
        .path_count = 1, .path_pps = CAP_PPS, .target_count = 1, .target_pps = &unlimited};
    struct schedule_flow flow = {
        .interval_ns = interval_ns,
        .phase_ns = (int64_t)(random_unit(&f->random) * (double)interval_ns),
    };
    f->bank = (struct cusum_bank){0};
    f->schedule = schedule_new(&flow, 1, &caps, random_u64(&f->random));
    schedule_start(f->schedule, (struct mono){0});
}

static double mean_s(const struct bench *b, const struct cusum_rule *rule, int64_t interval_ns,
                     double loss, bool faster)
{
    double sum_s = 0;
    for (uint32_t seed = 0; seed < b->seeds; seed++) {
        struct flight f = {
            .rule = rule, .faster = faster, .random = bench_random(seed, (uint64_t)(loss * 1000))};
        start(&f, interval_ns);
        int64_t at_ns;
        bool alarmed;
        do
            at_ns = send_one(&f, loss, &alarmed);
        while (!alarmed);
        schedule_free(f.schedule);
        sum_s += (double)at_ns / 1e9;
    }
    return sum_s / b->seeds;
}

// How many probes more a healthy flow sends for it.
static double overhead(const struct cusum_rule *rule, int64_t interval_ns, uint32_t seeds)
{
    struct flight f = {.rule = rule, .faster = true, .random = {7}};
    start(&f, interval_ns);
    double probes = 100.0 * seeds;
    int64_t at_ns = 0;
    bool alarmed;
    for (double i = 0; i < probes; i++)
        at_ns = send_one(&f, 0.001, &alarmed);
    schedule_free(f.schedule);
    return probes * (double)interval_ns / (double)at_ns - 1;
}

void bench_schedule(struct bench *b)
{
    printf("\nfaster after a loss, one false alarm a year asked, 0.1 %% normal: seconds, mean\n"
           "%6s  %6s  %8s  %8s  %8s  %8s\n",
           "every", "lost", "fixed", "table", "faster", "table");
    for (int n = 0; n < 2; n++) {
        int64_t interval_ns = intervals[n].ns;
        struct cusum_rule rule;
        struct cusum_ask ask = {.loss_normal_ppm = 1000,
                                .probes = BENCH_YEAR_S * 1e9 / (double)interval_ns};
        if (!cusum_rule_init(&rule, &ask))
            return;
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            double fixed = mean_s(b, &rule, interval_ns, rows[i].loss, false);
            double fast = mean_s(b, &rule, interval_ns, rows[i].loss, true);
            printf("%6s  %4.0f %%  %8.3f  %8.3f  %8.3f  %8.3f\n", intervals[n].name,
                   rows[i].loss * 100, fixed, rows[i].fixed_s[n], fast, rows[i].fast_s[n]);
            bench_at_most(b, fast, 1.1 * rows[i].fast_s[n],
                          "faster after a loss, %s, %g %% lost: s", intervals[n].name,
                          rows[i].loss * 100);
        }
        bench_at_most(b, 100 * overhead(&rule, interval_ns, b->seeds), 1.1 * 4.4,
                      "faster after a loss, %s: more probes while healthy, %%", intervals[n].name);
    }
}
