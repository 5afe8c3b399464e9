// SPDX-License-Identifier: ISC
#include "stat/burst.h"

#include "base/check.h"
#include "base/random.h"

#include <math.h>

#define MS INT64_C(1000000)
#define YEAR_S 31557600.0

// As doc/fairlead.example.yaml asks of each of six paths.
static const struct burst_ask example = {
    .loss_normal_ppm = 1000,
    .mean_ns = 50 * MS,
    .apart_ns = 60000 * MS,
    .interval_ns = 1000 * MS / 85,
    .interval_min_ns = 10 * MS,
    .false_alarm_s = 60 * YEAR_S,
};

static struct burst_rule rule_of(const struct burst_ask *ask)
{
    static struct cusum_book book;
    struct burst_rule rule;
    assert_true(burst_rule_init(&rule, ask, &book));
    return rule;
}

static const struct {
    const char *name;
    struct burst_ask ask;
} bad_asks[] = {
    {"no mean", {1000, 0, 60000 * MS, 10 * MS, 10 * MS, 1e9}},
    {"no distance", {1000, 50 * MS, 0, 10 * MS, 10 * MS, 1e9}},
    {"no interval", {1000, 50 * MS, 60000 * MS, 10 * MS, 0, 1e9}},
    {"fastest is slower", {1000, 50 * MS, 60000 * MS, 10 * MS, 11 * MS, 1e9}},
    {"asked for nothing", {1000, 50 * MS, 60000 * MS, 10 * MS, 10 * MS, 0}},
    {"a burst in every tenth interval", {1000, 50 * MS, 100 * MS, 10 * MS, 10 * MS, 1e9}},
    {"no normal loss, no bursts", {0, 50 * MS, INT64_MAX, 10 * MS, 10 * MS, 1e9}},
};

static void refuses_what_has_no_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_asks / sizeof bad_asks[0]; i++) {
        struct burst_rule rule;
        static struct cusum_book book;
        CHECK_ROW(bad_asks[i].name, !burst_rule_init(&rule, &bad_asks[i].ask, &book));
    }
}

static double mean_probes(const struct burst_rule *rule, double loss, int runs, struct random *r)
{
    double probes = 0;
    for (int i = 0; i < runs; i++) {
        struct burst b;
        burst_init(&b);
        int64_t at = 0;
        burst_add(&b, rule, false, at);
        do
            probes++;
        while (!burst_add(&b, rule, random_unit(r) < loss, at += 10 * MS));
    }
    return probes / runs;
}

static const struct {
    const char *name;
    double loss, probes_min, probes_max;
} losses[] = {
    {"1 %", 0.01, 1700, 2200},
    {"5 %", 0.05, 150, 210},
    {"10 %", 0.1, 65, 90},
    {"38 % in some 20", 0.38, 16, 22.5},
    {"50 %", 0.5, 15, 21},
    {"80 %", 0.8, 20, 30},
    {"90 %", 0.9, 30, 50},
    {"98 %", 0.98, 60, 90},
    // D = 50 ms * ln(2 * 60 years / 60 s) = 0.90 s, and what the bet costs.
    {"100 % after D", 1, 88, 96},
};

static void confirms_an_outage(void **state)
{
    (void)state;
    struct random r = {1};
    struct burst_rule rule = rule_of(&example);
    for (size_t i = 0; i < sizeof losses / sizeof losses[0]; i++) {
        double probes = mean_probes(&rule, losses[i].loss, losses[i].loss < 0.02 ? 100 : 1000, &r);
        CHECK_ROW(losses[i].name, probes >= losses[i].probes_min);
        CHECK_ROW(losses[i].name, probes <= losses[i].probes_max);
    }
}

// '.' answered, 'x' lost, one each 10 ms; '_' 200 ms in which nothing was sent.
static const struct {
    const char *name, *results;
    bool outlasts;
} rows[] = {
    {"quiet", "....................", false},
    {"one burst of half a second", ".xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.", false},
    {"five starts in twelve", ".x.xx.xx.x..x", true},
    {"four are too few", ".x.xx.xx.x...", false},
    {"five runs of losses, far apart", ".xx............xx...........xx............xx..........xx",
     false},
    {"after a gap a start says nothing", ".x._x._x._x._x._x", false},
    {"all lost through gaps", ".xx_x_x_x_x_x", true},
    {"one answer in a long loss",
     ".xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
     ".xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
     true},
};

static void tells_starts_from_runs(void **state)
{
    (void)state;
    struct burst_rule rule = rule_of(&example);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct burst b;
        burst_init(&b);
        bool outlasts = false;
        int64_t at = 1;
        for (const char *c = rows[i].results; *c; c++) {
            at += *c == '_' ? 200 * MS : 10 * MS;
            if (*c != '_')
                outlasts |= burst_add(&b, &rule, *c == 'x', at);
        }
        CHECK_ROW(rows[i].name, outlasts == rows[i].outlasts);
        struct burst_evidence e = burst_evidence(&b, &rule);
        CHECK_ROW(rows[i].name, e.threshold_millinats > 20000 && e.threshold_millinats < 30000);
        CHECK_ROW(rows[i].name, !outlasts || e.millinats > e.threshold_millinats * 4 / 5);
    }
}

// How long all must be lost, when so many probes a second say so; `inside`: how likely a burst was
// on before the answer that they follow.
static double lasts_ms(uint32_t pps, double inside)
{
    struct burst_ask ask = example;
    ask.interval_ns = ask.interval_min_ns = 1000 * MS / pps;
    struct burst_rule rule = rule_of(&ask);
    struct burst b;
    burst_init(&b);
    b.inside = inside;
    int64_t at = 1;
    burst_add(&b, &rule, false, at);
    while (!burst_add(&b, &rule, true, at += ask.interval_ns)) {
    }
    return (double)(at - 1) / 1e6;
}

// More probes are more chances for a false alarm, but each a smaller one for a burst to begin.
static void many_losses_in_a_moment_do_not_delay_it(void **state)
{
    (void)state;
    double few_ms = lasts_ms(100, 0), many_ms = lasts_ms(2000, 0);
    assert_true(many_ms - few_ms < 120);
}

static void an_answer_ends_whatever_was_before_it(void **state)
{
    (void)state;
    assert_true(lasts_ms(1000, 1) == lasts_ms(1000, 0));
}

// A burst hits nine in ten of what is pooled, and the tenth is answered all the time: that says
// nothing of when it ends. Where what was hit is answered, each loss after it may be another one.
static void what_was_not_hit_ends_no_burst(void **state)
{
    (void)state;
    struct burst_rule rule = rule_of(&example);
    for (int may_end = 0; may_end < 2; may_end++) {
        struct burst b;
        bool outlasts = false;
        burst_init(&b);
        for (int i = 0; i < 250; i++) {
            bool lost = i > 0 && i % 10 > 0;
            outlasts |= burst_add_part(&b, &rule,
                                       &(struct burst_result){lost, i == 1, may_end, i * MS + 1});
        }
        assert_int_equal(outlasts, may_end);
    }
}

// What was promised of losses in a row over the most that a harmless model gives them: bets that an
// answer is among them once in 200, and, with a tenth of the stake, once in 100,000.
struct run {
    double score, normal, inside;
    int losses;
};

static double promised(const struct run *run, bool answered)
{
    double some = pow(1 - 0.005, run->losses) * (answered ? 0.005 : 1);
    double none = pow(1 - 1e-5, run->losses) * (answered ? 1e-5 : 1);
    return 0.9 * some + 0.1 * none;
}

static double run_nats(const struct run *run)
{
    return run->score + log(promised(run, false) / (run->normal + run->inside));
}

static void run_add(struct run *run, const struct burst_rule *rule, bool lost, double gap_ns)
{
    if (!lost) {
        double cost = log(promised(run, true) / promised(run, false));
        double score = fmax(0, fmin(run_nats(run), rule->run_threshold) + cost);
        *run = (struct run){.score = score, .normal = 1};
        return;
    }
    double begins = 1 - exp(-gap_ns / 60e9), goes_on = exp(-gap_ns / 50e6);
    double inside = run->normal * begins + run->inside * goes_on;
    run->normal = (run->normal + run->inside) * 0.001;
    run->inside = inside;
    run->losses++;
}

static void a_run_is_what_the_bets_promised_of_it(void **state)
{
    (void)state;
    static const int runs[] = {30, 60, 80, 1000, 1, 20, 40};  // then an answer each time
    struct burst_rule rule = rule_of(&example);
    struct run run = {.normal = 1};
    struct burst b;
    int64_t at = 1;
    burst_init(&b);
    burst_add(&b, &rule, false, at);
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
        for (int n = 0; n < runs[i]; n++) {
            run_add(&run, &rule, true, (double)(10 * MS));
            bool outlasts = burst_add(&b, &rule, true, at += 10 * MS);
            assert_true(outlasts == (run_nats(&run) >= rule.run_threshold));
        }
        b.starts = (struct cusum_bank){0};  // the other kind of evidence
        double nats = fmin(run_nats(&run), 2 * rule.run_threshold);
        assert_true(fabs(burst_evidence(&b, &rule).millinats - 1000 * nats) < 2);
        run_add(&run, &rule, false, 0);
        burst_add(&b, &rule, false, at += 10 * MS);
        assert_true(fabs(b.run_score - run.score) < 1e-6);
    }
}

// A loss is a start as long after an answer as four probes take, and no longer.
static void a_start_follows_soon_after_an_answer(void **state)
{
    (void)state;
    struct burst_rule rule = rule_of(&example);
    for (int64_t more = 0; more < 2; more++) {
        struct burst b;
        burst_init(&b);
        burst_add(&b, &rule, false, 1);
        burst_add(&b, &rule, true, 1 + 4 * example.interval_ns + more);
        assert_true(cusum_is_at_rest(&b.starts) == (more > 0));
    }
}

// Of what a burst did not hit, answers take nothing of the time for which it lasts.
static void answers_of_others_take_no_time(void **state)
{
    (void)state;
    struct burst_rule rule = rule_of(&example);
    struct burst alone, among;
    burst_init(&alone);
    burst_init(&among);
    for (int64_t i = 0; i < 50; i++) {
        struct burst_result lost = {.lost = true, .sent_ns = 1 + i * 10 * MS};
        struct burst_result other = {.sent_ns = lost.sent_ns + 5 * MS};
        burst_add_part(&alone, &rule, &lost);
        burst_add_part(&among, &rule, &lost);
        burst_add_part(&among, &rule, &other);
    }
    assert_int_equal(burst_evidence(&alone, &rule).millinats,
                     burst_evidence(&among, &rule).millinats);
}

static void counts_no_more_losses_than_it_can(void **state)
{
    (void)state;
    struct burst_rule rule = rule_of(&example);
    struct burst b;
    burst_init(&b);
    burst_add(&b, &rule, true, 1);
    b.losses = 10 * 1000 * 1000 - 1;
    for (int64_t i = 1; i < 4; i++)
        burst_add(&b, &rule, true, 1 + i * 10 * MS);
    assert_int_equal(b.losses, 10 * 1000 * 1000);
}

// A path without an outage: losses at 0.1 %, bursts of total loss that begin once a minute and are
// probed faster. Only what happens is drawn; quiet stretches are added at once.
struct null_world {
    double mean_ns;
    bool fixed;
    double interval_ns, burst_interval_ns;
    double at_ns, burst_at_ns;
    struct random random;
};

static double exponential(struct null_world *w, double mean)
{
    return -mean * log1p(-random_unit(&w->random));
}

static void quiet_stretch(struct null_world *w, struct burst *b, const struct burst_rule *rule,
                          double answers)
{
    for (; answers > 16; answers -= 1) {
        // The run's score is gone after some answers, the starts' can be lowered at once.
        double at_once = answers - 16;
        for (int i = 0; i < 8; i++)
            burst_add(b, rule, false, (int64_t)(w->at_ns += w->interval_ns));
        cusum_add_answers(&b->starts, &rule->starts, (uint64_t)at_once);
        w->at_ns += at_once * w->interval_ns;
        b->last_ns = (int64_t)w->at_ns;
        answers -= at_once + 8;
    }
    for (; answers >= 1; answers -= 1)
        burst_add(b, rule, false, (int64_t)(w->at_ns += w->interval_ns));
}

static bool a_burst(struct null_world *w, struct burst *b, const struct burst_rule *rule)
{
    bool alarm = false;
    double end_ns = w->burst_at_ns + (w->fixed ? w->mean_ns : exponential(w, w->mean_ns));
    for (w->at_ns += w->interval_ns; w->at_ns <= end_ns; w->at_ns += w->burst_interval_ns)
        alarm |= burst_add(b, rule, true, (int64_t)w->at_ns);
    burst_add(b, rule, false, (int64_t)w->at_ns);
    w->burst_at_ns = end_ns + exponential(w, (double)example.apart_ns);
    return alarm;
}

static long alarms_in(struct null_world *w, const struct burst_rule *rule, double until_ns)
{
    struct burst b;
    burst_init(&b);
    long alarms = 0;
    for (w->burst_at_ns = exponential(w, (double)example.apart_ns); w->at_ns < until_ns;) {
        double to_loss = floor(log1p(-random_unit(&w->random)) / log1p(-rule->loss_normal));
        double to_burst = fmax(0, floor((w->burst_at_ns - w->at_ns) / w->interval_ns));
        bool alarm;
        quiet_stretch(w, &b, rule, fmin(to_loss, to_burst));
        if (to_burst <= to_loss)
            alarm = a_burst(w, &b, rule);
        else
            alarm = burst_add(&b, rule, true, (int64_t)(w->at_ns += w->interval_ns));
        alarms += alarm;
        if (alarm)
            burst_init(&b);
    }
    return alarms;
}

// detection.md 2.11, item 5: six lengths, whatever their distribution and however fast they are
// probed. About half of the alarms asked for are measured, so 40 intervals give some 20.
static void keeps_its_promise_through_bursts(void **state)
{
    (void)state;
    static const int64_t mean_ms[] = {15, 20, 50, 100, 200, 500}, fast_ms[] = {10, 20, 5};
    const double asked_s = 50000;
    for (size_t i = 0; i < 6 * 3; i++) {
        struct burst_ask ask = example;
        ask.mean_ns = mean_ms[i % 6] * MS;
        ask.false_alarm_s = asked_s;
        ask.interval_min_ns = i / 6 == 2 ? 5 * MS : 10 * MS;
        struct burst_rule rule = rule_of(&ask);
        struct null_world w = {.mean_ns = (double)ask.mean_ns,
                               .fixed = i / 6 == 1,
                               .interval_ns = (double)ask.interval_ns,
                               .burst_interval_ns = (double)(fast_ms[i / 6] * MS),
                               .random = {i}};
        long alarms = alarms_in(&w, &rule, 40 * asked_s * 1e9);
        if (alarms > 36)
            fail_msg("bursts of %d ms, kind %zu: %ld alarms in 40 intervals", (int)mean_ms[i % 6],
                     i / 6, alarms);
    }
}

// With the promise of the example: not one in a month of a burst a minute.
static void is_never_wrong_in_a_month(void **state)
{
    (void)state;
    struct burst_rule rule = rule_of(&example);
    for (int fixed = 0; fixed < 2; fixed++) {
        struct null_world w = {.mean_ns = (double)example.mean_ns,
                               .fixed = fixed,
                               .interval_ns = (double)example.interval_ns,
                               .burst_interval_ns = 10e6,
                               .random = {7}};
        assert_int_equal(alarms_in(&w, &rule, 30 * 86400e9), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_has_no_rule),
        cmocka_unit_test(confirms_an_outage),
        cmocka_unit_test(tells_starts_from_runs),
        cmocka_unit_test(many_losses_in_a_moment_do_not_delay_it),
        cmocka_unit_test(an_answer_ends_whatever_was_before_it),
        cmocka_unit_test(what_was_not_hit_ends_no_burst),
        cmocka_unit_test(a_run_is_what_the_bets_promised_of_it),
        cmocka_unit_test(a_start_follows_soon_after_an_answer),
        cmocka_unit_test(answers_of_others_take_no_time),
        cmocka_unit_test(counts_no_more_losses_than_it_can),
        cmocka_unit_test(keeps_its_promise_through_bursts),
        cmocka_unit_test(is_never_wrong_in_a_month),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
