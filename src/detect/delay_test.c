// SPDX-License-Identifier: ISC
#include "detect/delay.h"

#include "base/check.h"
#include "base/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MS INT64_C(1000000)
#define S INT64_C(1000000000)
#define YEAR_S 31557600.0

enum { FLOWS = 4, SHIFTS_MAX = 64 };

// Round trips of four flows, each probed ten times a second: a base, what varies above it, and from
// some moment until another what a shift adds to some of the flows.
struct world {
    double jitter_ms;                                         // mean
    double (*vary)(struct random *random, double jitter_ms);  // NULL: exponential
    double drift_ms, drift_period_s;                          // of the base, up and down
    double add_ms, queue_ms;                                  // shift: all alike; and at random
    uint32_t flows;                                           // set of flows
    int64_t from_ns, until_ns;
    int64_t own_late_ns;
};

struct bed {
    struct delay_rule rule;
    struct delay delay;
    struct random random;
    int64_t now_ns;
    uint64_t samples;
    uint32_t count;
    struct delay_shift shifts[SHIFTS_MAX];
};

static double exponential(struct random *r, double mean)
{
    return -mean * log1p(-random_unit(r));
}

// Pareto with index 2.5: rarely very late.
static double heavy(struct random *r, double mean)
{
    return mean * 0.6 * pow(1 - random_unit(r), -0.4);
}

// One in fifty takes another way.
static double two_ways(struct random *r, double mean)
{
    return exponential(r, mean) + (random_unit(r) < 0.02 ? 30 : 0);
}

static double still(struct random *r, double mean)
{
    (void)r;
    return mean;
}

static void bed_init(struct bed *bed, uint64_t seed, uint32_t path)
{
    // Ten years for each of nine targets' detectors on six paths.
    struct delay_ask ask = {.false_alarm_s = 10 * 54 * YEAR_S, .interval_ns = 25 * MS};
    static struct delay_rule rule;  // solved once
    static struct cusum_book book;
    if (rule.exceed[0].threshold[0] == 0)
        assert_true(delay_rule_init(&rule, &ask, &book));
    *bed = (struct bed){.rule = rule, .random = {seed}, .now_ns = 1000 * S};
    delay_init(&bed->delay, path, 3);
}

static int64_t rtt_ns(struct bed *bed, const struct world *w, uint32_t flow)
{
    double ms = 10, jitter_ms = w->jitter_ms;
    ms += w->vary ? w->vary(&bed->random, jitter_ms) : exponential(&bed->random, jitter_ms);
    if (w->drift_ms > 0)
        ms += w->drift_ms * (1 + sin((double)bed->now_ns / 1e9 * 2 * M_PI / w->drift_period_s));
    bool shifted = bed->now_ns >= w->from_ns && bed->now_ns < w->until_ns && w->flows >> flow & 1;
    if (shifted)
        ms += w->add_ms + (w->queue_ms > 0 ? exponential(&bed->random, w->queue_ms) : 0);
    return (int64_t)(ms * 1e6);
}

static void run(struct bed *bed, const struct world *w, int64_t until_ns)
{
    while (bed->now_ns < until_ns) {
        uint32_t flow = (uint32_t)(bed->samples++ % FLOWS);
        bed->now_ns += 25 * MS;
        struct sample sample = {
            .path = bed->delay.path,
            .target = 3,
            .flow = flow,
            .verdict = SAMPLE_OK,
            .sent_at = {bed->now_ns},
            .rtt_ns = rtt_ns(bed, w, flow),
        };
        sample.known_at = mono_add_ns(sample.sent_at, sample.rtt_ns);
        struct delay_shift *out = &bed->shifts[bed->count % SHIFTS_MAX];
        bed->count += delay_add(&bed->delay, &bed->rule, &sample, w->own_late_ns, out);
    }
}

// ---- what is harmless

static const struct {
    const char *name;
    struct world world;
} nulls[] = {
    {"hardly any variation", {.jitter_ms = 0.05}},
    {"none", {.jitter_ms = 0.5, .vary = still}},
    {"some", {.jitter_ms = 2}},
    {"much", {.jitter_ms = 20}},
    {"rarely very late", {.jitter_ms = 2, .vary = heavy}},
    {"one in fifty goes another way", {.jitter_ms = 0.3, .vary = two_ways}},
    {"longer by day", {.jitter_ms = 1, .drift_ms = 10, .drift_period_s = 86400}},
};

static void says_nothing_of_what_is_usual(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof nulls / sizeof nulls[0]; i++) {
        static struct bed bed;
        bed_init(&bed, i, i % 2);
        run(&bed, &nulls[i].world, bed.now_ns + 3 * 3600 * S);
        CHECK_ROW(nulls[i].name, bed.count == 0);
    }
}

// What ends within half a second is a burst: nobody could do anything about it.
static void says_nothing_of_a_moment(void **state)
{
    (void)state;
    static struct bed bed;
    bed_init(&bed, 1, 0);
    for (int i = 0; i < 200; i++) {
        struct world w = {.jitter_ms = 0.5, .add_ms = 80, .flows = ~0u};
        w.from_ns = bed.now_ns + 10 * S;
        w.until_ns = w.from_ns + 250 * MS;
        run(&bed, &w, bed.now_ns + 20 * S);
    }
    assert_int_equal(bed.count, 0);
}

// ---- what is not

// Samples from the shift on until it is told, median and 95 of 100 of 200 runs; half a second
// is 20.
static const struct {
    const char *name;
    struct world world;
    enum delay_kind kind;
    double p50_max, p95_max;
} shifts[] = {
    {"20 ms more, steady", {.jitter_ms = 0.2, .add_ms = 20, .flows = 15}, DELAY_REROUTED, 22, 24},
    {"20 ms more, varying", {.jitter_ms = 2, .add_ms = 20, .flows = 15}, DELAY_REROUTED, 22, 24},
    {"20 ms more, varying a lot",
     {.jitter_ms = 5, .add_ms = 20, .flows = 15},
     DELAY_REROUTED,
     30,
     60},
    {"4 ms more, steady", {.jitter_ms = 0.2, .add_ms = 4, .flows = 15}, DELAY_REROUTED, 22, 24},
    {"one of four flows, 20 ms",
     {.jitter_ms = 0.5, .add_ms = 20, .flows = 4},
     DELAY_REROUTED,
     58,
     62},
    {"a queue of 20 ms in the mean",
     {.jitter_ms = 0.5, .queue_ms = 20, .flows = 15},
     DELAY_QUEUED,
     24,
     30},
    {"a queue that never is empty",
     {.jitter_ms = 0.5, .add_ms = 5, .queue_ms = 30, .flows = 15},
     DELAY_QUEUED,
     24,
     30},
};

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void finds_a_shift_in_some_twenty_samples(void **state)
{
    (void)state;
    enum { RUNS = 200 };
    for (size_t i = 0; i < sizeof shifts / sizeof shifts[0]; i++) {
        double samples[RUNS];
        uint32_t right = 0;
        for (uint32_t n = 0; n < RUNS; n++) {
            static struct bed bed;
            bed_init(&bed, n, n % 2);
            struct world w = shifts[i].world;
            w.from_ns = bed.now_ns + 60 * S + (int64_t)n * 7 * MS;
            w.until_ns = INT64_MAX;
            run(&bed, &w, w.from_ns + 10 * S);
            CHECK_ROW(shifts[i].name, bed.count >= 1 && bed.shifts[0].word == DELAY_BEGAN);
            const struct delay_shift *s = &bed.shifts[0];
            right += s->kind == shifts[i].kind;
            samples[n] = (double)(s->at.ns - s->after_ns - w.from_ns) / (25.0 * MS);
            CHECK_ROW(shifts[i].name, llabs(s->began_at.ns - w.from_ns) < S);
            CHECK_ROW(shifts[i].name, s->path == n % 2 && s->target == 3);
            CHECK_ROW(shifts[i].name, s->after_ns - s->before_ns > w.add_ms * 0.7e6);
            CHECK_ROW(shifts[i].name, s->exceeding <= s->samples && s->exceeding >= 5);
            CHECK_ROW(shifts[i].name, s->flows == FLOWS);
            CHECK_ROW(shifts[i].name, s->asked_millinats > 25000);
        }
        qsort(samples, RUNS, sizeof samples[0], compare);
        printf("%s: p50 %.1f samples, p95 %.1f, kind right in %u of %u\n", shifts[i].name,
               samples[RUNS / 2], samples[RUNS * 95 / 100], right, RUNS);
        CHECK_ROW(shifts[i].name, samples[RUNS / 2] <= shifts[i].p50_max);
        CHECK_ROW(shifts[i].name, samples[RUNS * 95 / 100] <= shifts[i].p95_max);
        CHECK_ROW(shifts[i].name, right >= RUNS * 95 / 100);
    }
}

// Our own host was late: what is later by less is nobody's, what is later by more is told; and no
// shift is over because we cannot see it.
static void leaves_out_what_may_be_ours(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof shifts / sizeof shifts[0]; i++) {
        static struct bed bed;
        bed_init(&bed, i, 0);
        struct world w = shifts[i].world;
        run(&bed, &w, 1100 * S);
        w.from_ns = bed.now_ns;
        w.until_ns = INT64_MAX;
        w.own_late_ns = 500 * MS;
        run(&bed, &w, 1200 * S);
        CHECK_ROW(shifts[i].name, bed.count == 0);
        w.own_late_ns = w.add_ms == 20 ? 5 * MS : 0;
        run(&bed, &w, 1210 * S);
        CHECK_ROW(shifts[i].name, bed.count == 1 && bed.shifts[0].word == DELAY_BEGAN);
        w.own_late_ns = 500 * MS;
        w.queue_ms = w.queue_ms > 0 ? 500 : 0;  // or some of it would be as usual
        run(&bed, &w, 1300 * S);
        CHECK_ROW(shifts[i].name, bed.count == 1 || w.flows != 15);
        w.until_ns = bed.now_ns;
        run(&bed, &w, 1301 * S + 900 * MS);  // less than the two seconds that it takes
        CHECK_ROW(shifts[i].name, bed.count == 1 || w.flows != 15);
        w.own_late_ns = 0;
        run(&bed, &w, 1310 * S);
        CHECK_ROW(shifts[i].name, bed.count == 2 && bed.shifts[1].word == DELAY_OVER);
    }
}

static void says_how_much_and_which_flows(void **state)
{
    (void)state;
    static struct bed bed;
    bed_init(&bed, 1, 0);
    struct world w = {.jitter_ms = 0.5,
                      .add_ms = 20,
                      .flows = 4,
                      .from_ns = bed.now_ns + 60 * S,
                      .until_ns = INT64_MAX};
    run(&bed, &w, w.from_ns + 5 * S);
    assert_int_equal(bed.count, 1);
    const struct delay_shift *s = &bed.shifts[0];
    assert_int_equal(s->flows_exceeding, 1);
    assert_in_range(s->before_ns, 9900000, 10500000);
    assert_in_range(s->after_ns - s->before_ns, 19 * MS, 22 * MS);
}

// What is usual has become 10 ms longer within hours: the shift counts from there.
static void counts_from_what_is_usual_now(void **state)
{
    (void)state;
    static struct bed bed;
    bed_init(&bed, 1, 0);
    // From the lowest point of the drift to its highest.
    struct world w = {
        .jitter_ms = 0.5, .drift_ms = 5, .drift_period_s = 14400, .from_ns = INT64_MAX};
    bed.now_ns = 3 * 3600 * S;
    run(&bed, &w, bed.now_ns + 7200 * S);
    w = (struct world){.jitter_ms = 10.5,
                       .vary = still,
                       .add_ms = 20,
                       .flows = 15,
                       .from_ns = bed.now_ns,
                       .until_ns = INT64_MAX};
    run(&bed, &w, w.from_ns + 5 * S);
    assert_int_equal(bed.count, 1);
    assert_in_range(bed.shifts[0].before_ns, 19500000, 20600000);
}

// ---- and then

static void is_over_when_it_is_over(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof shifts / sizeof shifts[0]; i++) {
        static struct bed bed;
        bed_init(&bed, i, 1);
        struct world w = shifts[i].world;
        w.from_ns = bed.now_ns + 60 * S;
        w.until_ns = w.from_ns + 60 * S;
        run(&bed, &w, w.until_ns + 30 * S);
        CHECK_ROW(shifts[i].name, bed.count == 2 && bed.shifts[1].word == DELAY_OVER);
        double after_s = (double)(bed.shifts[1].at.ns - w.until_ns) / 1e9;
        CHECK_ROW(shifts[i].name, after_s >= 1.8 && after_s < 8);
    }
}

static void a_new_way_becomes_usual(void **state)
{
    (void)state;
    static struct bed bed;
    bed_init(&bed, 1, 0);
    struct world w = {.jitter_ms = 0.5,
                      .add_ms = 20,
                      .flows = 15,
                      .from_ns = bed.now_ns + 60 * S,
                      .until_ns = INT64_MAX};
    run(&bed, &w, w.from_ns + 3600 * S);
    assert_int_equal(bed.count, 2);
    assert_int_equal(bed.shifts[1].word, DELAY_USUAL);
    assert_in_range(bed.shifts[1].at.ns - w.from_ns, 590 * S, 610 * S);
    // A queue is not forgiven as soon.
    bed_init(&bed, 1, 0);
    w = (struct world){.jitter_ms = 0.5, .queue_ms = 20, .flows = 15, .until_ns = INT64_MAX};
    w.from_ns = bed.now_ns + 60 * S;
    run(&bed, &w, w.from_ns + 3600 * S);
    assert_int_equal(bed.count, 1);
}

static void corrects_itself(void **state)
{
    (void)state;
    static struct bed bed;
    bed_init(&bed, 1, 0);
    struct world w = {.jitter_ms = 0.5,
                      .add_ms = 20,
                      .flows = 15,
                      .from_ns = bed.now_ns + 60 * S,
                      .until_ns = INT64_MAX};
    run(&bed, &w, w.from_ns + 5 * S);
    w.queue_ms = 40;
    run(&bed, &w, w.from_ns + 15 * S);
    assert_int_equal(bed.count, 2);
    assert_int_equal(bed.shifts[0].kind, DELAY_REROUTED);
    assert_int_equal(bed.shifts[1].word, DELAY_OTHERWISE);
    assert_int_equal(bed.shifts[1].kind, DELAY_QUEUED);
    int64_t after_ms = (bed.shifts[1].at.ns - w.from_ns - 5 * S) / MS;
    assert_in_range(after_ms, 1000, 3000);  // 40 samples that say so
}

// Losses and voids say nothing, nor do answers that follow closely; a late answer does.
static void takes_what_counts(void **state)
{
    (void)state;
    static struct bed bed;
    bed_init(&bed, 1, 0);
    struct delay_shift out;
    struct sample sample = {.target = 3, .verdict = SAMPLE_OK, .rtt_ns = 10 * MS};
    enum { DAY_MS = 24 * 3600 * 1000 };
    static const struct {
        const char *name;
        enum sample_verdict verdict;
        int64_t sent_ms, rtt_ms;
        bool late, counts;
    } rows[] = {
        {"the first", SAMPLE_OK, 0, 10, false, true},
        {"50 ms later", SAMPLE_OK, 50, 10, false, false},
        {"a loss", SAMPLE_LOST, 100, 0, false, false},
        {"void", SAMPLE_VOID, 100, 0, false, false},
        {"100 ms later", SAMPLE_OK, 100, 900, false, true},
        {"overlaps", SAMPLE_OK, 700, 900, false, false},
        {"late", SAMPLE_OK, 1000, 1500, true, true},
        {"out of order", SAMPLE_OK, 900, 10, false, false},
        {"20 days later", SAMPLE_OK, INT64_C(20) * DAY_MS, 10, false, true},
        {"50 ms after that", SAMPLE_OK, INT64_C(20) * DAY_MS + 50, 10, false, false},
        {"50 days later", SAMPLE_OK, INT64_C(70) * DAY_MS, 10, false, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t before = bed.delay.count;
        sample.verdict = rows[i].verdict;
        sample.sent_at.ns = rows[i].sent_ms * MS;
        sample.rtt_ns = rows[i].rtt_ms * MS;
        sample.late = rows[i].late;
        assert_false(delay_add(&bed.delay, &bed.rule, &sample, 0, &out));
        CHECK_ROW(rows[i].name, (bed.delay.count > before) == rows[i].counts);
    }
}

static void refuses_what_has_no_rule(void **state)
{
    (void)state;
    struct delay_rule rule;
    static struct cusum_book book;
    assert_false(delay_rule_init(&rule, &(struct delay_ask){0, 25 * MS}, &book));
    assert_false(delay_rule_init(&rule, &(struct delay_ask){1e300, 25 * MS}, &book));
    assert_true(delay_rule_init(&rule, &(struct delay_ask){1e12, MS}, &book));
}

// Two levels may each be wrong half as often, and half as many more may exceed as were learned.
static void asks_each_level_for_its_share(void **state)
{
    (void)state;
    static struct cusum_book book;
    struct delay_rule rule;
    struct delay_ask ask = {.interval_ns = 100 * NS_PER_MS, .false_alarm_s = 1e7};
    assert_true(delay_rule_init(&rule, &ask, &book));
    for (uint32_t level = 0; level < DELAY_LEVELS; level++) {
        struct cusum_rule expected;
        struct cusum_ask bank = {.loss_normal_ppm = level ? 15000 : 75000, .probes = 2 * 1e7 * 10};
        assert_true(cusum_rule_init(&expected, &bank));
        assert_memory_equal(expected.threshold, rule.exceed[level].threshold,
                            sizeof expected.threshold);
    }
}

// A third of a second of it, and one more sample of that kind later, is no shift: it does not go
// on.
static void what_has_passed_is_no_shift(void **state)
{
    (void)state;
    static struct cusum_book book;
    struct delay_rule rule;
    struct delay_ask ask = {.interval_ns = 10 * NS_PER_MS, .false_alarm_s = 1e7};
    assert_true(delay_rule_init(&rule, &ask, &book));
    for (int goes_on = 0; goes_on < 2; goes_on++) {
        struct delay d;
        struct delay_shift shift;
        bool told = false;
        delay_init(&d, 0, 0);
        for (uint32_t i = 0; i < 470; i++) {
            bool is_late = i >= 400 && (i < 430 || i >= 465 || goes_on);
            struct mono at = {100 * (int64_t)NS_PER_S + i * 10 * (int64_t)NS_PER_MS};
            struct sample sample = {.flow = i % 10,
                                    .verdict = SAMPLE_OK,
                                    .sent_at = at,
                                    .known_at = at,
                                    .rtt_ns = (is_late ? 30 : 10) * NS_PER_MS};
            told |= delay_add(&d, &rule, &sample, 0, &shift);
        }
        assert_int_equal(told, goes_on);
    }
}

// The least of a second, of eight samples at least, moves the floor by a sixteenth.
static void a_floor_follows_the_least_of_each_second(void **state)
{
    (void)state;
    static struct cusum_book book;
    struct delay_rule rule;
    struct delay_ask ask = {.interval_ns = 100 * NS_PER_MS, .false_alarm_s = 1e7};
    assert_true(delay_rule_init(&rule, &ask, &book));
    for (int64_t gap_ms = 100; gap_ms <= 400; gap_ms += 300) {
        struct delay d;
        struct delay_shift shift;
        struct mono at = {100 * (int64_t)NS_PER_S};
        double floor_ns = 10 * NS_PER_MS;
        delay_init(&d, 0, 0);
        for (uint32_t i = 0; i < DELAY_RECENT; i++, at = mono_add_ms(at, gap_ms)) {
            struct sample sample = {
                .verdict = SAMPLE_OK, .sent_at = at, .known_at = at, .rtt_ns = 10 * NS_PER_MS};
            assert_false(delay_add(&d, &rule, &sample, 0, &shift));
        }
        assert_int_equal(d.usual.floor_ns, 10 * NS_PER_MS);
        // What it knows for less than a second tells nothing of others.
        struct delay_tally tally = {0};
        assert_false(delay_count(&d, d.usual.since_ns + NS_PER_S - 1, &tally));
        assert_true(delay_count(&d, d.usual.since_ns + NS_PER_S, &tally));
        // A first "second" is over with its eighth sample; then each takes a second and eight.
        uint32_t first = 8, each = gap_ms == 100 ? 10 : 8;
        for (uint32_t i = 1; i <= 60; i++, at = mono_add_ms(at, gap_ms)) {
            bool is_least = i % 5 == 0;  // the others are as usual
            struct sample sample = {.verdict = SAMPLE_OK,
                                    .sent_at = at,
                                    .known_at = at,
                                    .rtt_ns = (is_least ? 9 : 10) * NS_PER_MS};
            assert_false(delay_add(&d, &rule, &sample, 0, &shift));
            if (i >= first && (i - first) % each == 0)
                floor_ns += (9 * NS_PER_MS - floor_ns) / 16;
            assert_true(fabs((double)d.usual.floor_ns - floor_ns) < 100);
        }
        assert_true(d.usual.floor_ns < 9800 * (int64_t)NS_PER_US);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_nothing_of_what_is_usual),
        cmocka_unit_test(says_nothing_of_a_moment),
        cmocka_unit_test(finds_a_shift_in_some_twenty_samples),
        cmocka_unit_test(leaves_out_what_may_be_ours),
        cmocka_unit_test(says_how_much_and_which_flows),
        cmocka_unit_test(counts_from_what_is_usual_now),
        cmocka_unit_test(is_over_when_it_is_over),
        cmocka_unit_test(a_new_way_becomes_usual),
        cmocka_unit_test(corrects_itself),
        cmocka_unit_test(takes_what_counts),
        cmocka_unit_test(refuses_what_has_no_rule),
        cmocka_unit_test(asks_each_level_for_its_share),
        cmocka_unit_test(what_has_passed_is_no_shift),
        cmocka_unit_test(a_floor_follows_the_least_of_each_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
