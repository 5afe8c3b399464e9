// SPDX-License-Identifier: ISC
// The CUSUM bank: false alarms in years of independent losses, and its delay beside the exact
// optimum, the CUSUM that was told the loss rate beforehand (Moustakides (1986)), solved in the
// same run.
#include "bench/detect.h"

#include "stat/arl.h"
#include "stat/cusum.h"

#include <stdio.h>

enum { INTERVALS = 3, NORMALS = 6, LOSSES = 9, USUAL_PPM = 1000 };

static const struct {
    const char *name;
    double s, years;  // and how many of them are simulated
} intervals[INTERVALS] = {{"10 ms", 0.01, 20}, {"100 ms", 0.1, 100}, {"1 s", 1, 500}};

static const uint32_t normals_ppm[NORMALS] = {500, 1000, 2000, 5000, 10000, 20000};
static const double losses[LOSSES] = {0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.38, 0.7, 1};

static struct cusum_rule rule_of(uint32_t normal_ppm, double probes)
{
    struct cusum_rule rule;
    struct cusum_ask ask = {.loss_normal_ppm = normal_ppm, .probes = probes};
    if (!cusum_rule_init(&rule, &ask))
        printf("no rule for %u ppm, one in %g probes\n", normal_ppm, probes);
    return rule;
}

// ---- false alarms

static uint32_t alarms_in(const struct cusum_rule *rule, double normal, double probes,
                          struct random *r)
{
    struct cusum_bank bank = {0};
    uint32_t alarms = 0;
    for (double at = 0; at < probes;) {
        double answers = bench_answers(r, normal);
        at += answers + 1;
        cusum_add_answers(&bank, rule, (uint64_t)answers);
        if (at >= probes || cusum_add(&bank, rule, true) == 0)
            continue;
        alarms++;
        bank = (struct cusum_bank){0};
    }
    return alarms;
}

// As many years as make 13 or more alarms likely, shared among the seeds.
static double false_alarms(struct bench *b, uint32_t interval, uint32_t normal_ppm)
{
    double normal = normal_ppm / 1e6, years = intervals[interval].years;
    if (b->seeds < BENCH_SEEDS)
        years *= (double)b->seeds / BENCH_SEEDS;
    double year_probes = BENCH_YEAR_S / intervals[interval].s;
    struct cusum_rule rule = rule_of(normal_ppm, year_probes);
    uint32_t alarms = 0;
    for (uint32_t seed = 0; seed < b->seeds; seed++) {
        struct random r = bench_random(seed, interval * 100 + normal_ppm);
        alarms += alarms_in(&rule, normal, years * year_probes / b->seeds, &r);
    }
    printf("%6s  %5.2f %%  %10.1f  %8u  %8.3f\n", intervals[interval].name, normal * 100, years,
           alarms, alarms / years);
    return alarms / years;
}

// ---- delay

static double delay_of(struct arl_test test, double normal, double probes, double loss)
{
    test.loss = normal;
    test.threshold = arl_threshold(&test, probes, 60000);
    test.loss = loss;
    return test.threshold ? arl_probes(&test) : INFINITY;
}

// The best of the lattices, of which the finer ones are for losses that few answers outweigh.
static double optimum(double normal, double probes, double loss)
{
    if (loss >= 1)  // so many in a row
        return delay_of((struct arl_test){.lost_step = 1, .ok_step = ARL_OK_STEP_MAX}, normal,
                        probes, loss);
    double ratio = log(loss / normal) / -log((1 - loss) / (1 - normal)), best = INFINITY;
    for (uint32_t step = 1; step <= ARL_OK_STEP_MAX && (step == 1 || ratio < 64); step++) {
        struct arl_test test = {.lost_step = (uint32_t)lround(step * ratio), .ok_step = step};
        if (test.lost_step > 0)
            best = fmin(best, delay_of(test, normal, probes, loss));
    }
    return best;
}

static double delay_once(const struct cusum_rule *rule, double loss, struct random *r)
{
    struct cusum_bank bank = {0};
    double probes = 0;
    do {
        double answers = bench_answers(r, loss);
        cusum_add_answers(&bank, rule, (uint64_t)answers);
        probes += answers + 1;
    } while (cusum_add(&bank, rule, true) == 0);
    return probes;
}

static double mean_delay(const struct bench *b, const struct cusum_rule *rule, double loss)
{
    double probes = 0;
    for (uint32_t seed = 0; seed < b->seeds; seed++) {
        struct random r = bench_random(seed, (uint64_t)(loss * 1e6));
        probes += delay_once(rule, loss, &r);
    }
    return probes / b->seeds;
}

// Of one normal loss rate; the figures are asked for the usual one cell by cell, for the others of
// the worst.
struct worst {
    double ratio, more;
};

static void judge(struct bench *b, struct worst *worst, uint32_t normal_ppm, const char *where,
                  double loss, double best, double ours)
{
    worst->ratio = loss < 0.5 ? fmax(worst->ratio, ours / best) : worst->ratio;
    worst->more = loss < 0.5 ? worst->more : fmax(worst->more, ours - best);
    if (normal_ppm != USUAL_PPM)
        return;
    if (loss < 0.5)
        bench_at_most(b, ours / best, 1.2, "bank, %s, %g %% lost: times the optimum", where,
                      loss * 100);
    else
        bench_at_most(b, ours - best, 1.2, "bank, %s, %g %% lost: probes beyond the optimum", where,
                      loss * 100);
}

static void delays(struct bench *b, struct worst *worst, uint32_t interval, uint32_t normal_ppm)
{
    double normal = normal_ppm / 1e6, probes = BENCH_YEAR_S / intervals[interval].s;
    struct cusum_rule rule = rule_of(normal_ppm, probes);
    for (uint32_t i = 0; i < LOSSES; i++) {
        double loss = losses[i];
        if (loss < 4 * normal)  // nobody's fault, or nearly so
            continue;
        double best = optimum(normal, probes, loss), ours = mean_delay(b, &rule, loss);
        printf("%6s  %5.2f %%  %5.1f %%  %9.1f  %9.1f  %6.3f  %6.2f\n", intervals[interval].name,
               normal * 100, loss * 100, best, ours, ours / best, ours - best);
        judge(b, worst, normal_ppm, intervals[interval].name, loss, best, ours);
    }
}

void bench_bank(struct bench *b)
{
    printf("\nthe bank, one false alarm a year asked, losses independent and normal\n"
           "%6s  %7s  %10s  %8s  %8s\n",
           "every", "normal", "years", "alarms", "a year");
    for (uint32_t n = 0; n < NORMALS; n++)
        for (uint32_t i = 0; i < INTERVALS; i++) {
            double a_year = false_alarms(b, i, normals_ppm[n]);
            bench_wrong(b, a_year, intervals[i].years,
                        "bank, %.2f %% normal, %s: false alarms a year", normals_ppm[n] / 1e4,
                        intervals[i].name);
        }
    printf("\nthe bank's delay in probes, mean\n%6s  %7s  %7s  %9s  %9s  %6s  %6s\n", "every",
           "normal", "lost", "optimum", "bank", "ratio", "more");
    for (uint32_t n = 0; n < NORMALS; n++) {
        struct worst worst = {0};
        for (uint32_t i = 0; i < INTERVALS; i++)
            delays(b, &worst, i, normals_ppm[n]);
        if (normals_ppm[n] == USUAL_PPM)
            continue;
        bench_at_most(b, worst.ratio, 1.2, "bank, %.2f %% normal, worst: times the optimum",
                      normals_ppm[n] / 1e4);
        bench_at_most(b, worst.more, 1.2, "bank, %.2f %% normal, worst: probes beyond the optimum",
                      normals_ppm[n] / 1e4);
    }
}
