// SPDX-License-Identifier: ISC
// What a path's detector takes from the configuration, and what it takes for harmless.
#include "base/check.h"
#include "detect/testbed_check.h"

#include <math.h>
#include <stdlib.h>

#define MS INT64_C(1000000)
#define S INT64_C(1000000000)

struct fixture {
    struct net net;
    struct cusum_book book;
    struct testbed bed;
};

static int set_up(void **state)
{
    struct fixture *f = *state = calloc(1, sizeof *f);
    if (f)
        testbed_net(&f->net);
    return f ? 0 : -1;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

// Verdicts may come so late that so many others, sent meanwhile, are there: at the fastest rate.
static const struct {
    const char *name;
    uint32_t fastest_pps;
    int64_t timeout_ms;
    uint32_t samples;
} orders[] = {
    {"100 a second, a second", 100, 1000, 32 + 100},
    {"1000 a second, half a second", 1000, 500, 32 + 500},
    {"slower than its own 85", 10, 1000, 32 + 85},
    {"more than half of what is kept", 1000, 60000, HISTORY_SAMPLES / 2},
};

static void scores_again_for_as_long_as_verdicts_may_come(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        f->net.probe.path_rate_max_pps = orders[i].fastest_pps;
        f->net.probe.timeout_max_ns = orders[i].timeout_ms * MS;
        CHECK_ROW(orders[i].name, detect_path_init(&f->bed.detect, &f->net, 0, &f->book));
        CHECK_ROW(orders[i].name, f->bed.detect.reorder_max == orders[i].samples);
    }
}

// What is usual is what is sent to targets of its family; what is promised holds at the fastest.
static void each_family_has_its_own_rate(void **state)
{
    struct fixture *f = *state;
    f->net.targets[1].address[FAMILY_IPV4].family = FAMILY_NONE;
    for (uint32_t path = 0; path < 2; path++) {
        struct detect_path *d = &f->bed.detect;
        bool is_ipv4 = net_path(&f->net, path).family == FAMILY_IPV4;
        assert_true(detect_path_init(d, &f->net, path, &f->book));
        assert_int_equal(d->interval_ns, is_ipv4 ? S / 45 : S / 85);
        // 6 paths, each wrong once in ten years; two kinds of evidence; every 10 ms.
        double probes = 2 * 6 * 10 * 31557600.0 * 100;
        assert_true(fabs(d->burst_rule.run_threshold - log(probes)) < 1e-9);
    }
}

static struct sample sample_of(const struct detect_path *d, uint32_t target, int i,
                               enum sample_verdict verdict)
{
    return (struct sample){.path = d->path,
                           .target = target,
                           .verdict = verdict,
                           .sent_at = {S + i * 10 * MS},
                           .known_at = {S + i * 10 * MS + MS},
                           .rtt_ns = MS};
}

// Of what we cannot vouch for, and of a target that fails by itself, nothing is learned.
static void learns_of_what_counts_only(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *name;
        enum sample_verdict verdict;
        bool aside, learns;
    } rows[] = {
        {"answers", SAMPLE_OK, false, true},
        {"void ones", SAMPLE_VOID, false, false},
        {"those of a target that is set aside", SAMPLE_LOST, true, false},
    };
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        struct detect_path *d = &f->bed.detect;
        struct signal out;
        assert_true(detect_path_init(d, &f->net, 0, &f->book));
        d->targets[1].aside = rows[r].aside;
        sprt_init(&d->targets[1].back, 2000, 10000);
        for (int i = 0; i < 1000; i++) {
            struct sample sample = sample_of(d, 1, i, rows[r].verdict);
            detect_path_sample(d, &sample, &out);
        }
        uint32_t past = 1000 - d->reorder_max;
        CHECK_ROW(rows[r].name, d->learner.pending.probes == (rows[r].learns ? past : 0));
    }
}

// Only a loss can be taken back.
static void a_void_one_stays_void(void **state)
{
    struct fixture *f = *state;
    struct detect_path *d = &f->bed.detect;
    struct signal out;
    assert_true(detect_path_init(d, &f->net, 0, &f->book));
    struct sample sample = sample_of(d, 1, 0, SAMPLE_VOID);
    detect_path_sample(d, &sample, &out);
    sample.verdict = SAMPLE_OK;
    sample.late = true;
    detect_path_sample(d, &sample, &out);
    struct history_count count;
    history_count(&d->history, (struct mono){0}, &count);
    assert_true(count.voided == 1 && count.ok == 0);
}

// Two targets are not heard of any more, as their probes are void: for three seconds what they said
// last counts against the path's being at fault, then the third speaks for the path.
static void what_is_not_heard_vouches_for_three_seconds(void **state)
{
    struct fixture *f = *state;
    for (int64_t after_s = 1; after_s <= 5; after_s += 4)
        for (uint64_t seed = 0; seed < 10; seed++) {
            struct testbed *bed = &f->bed;
            testbed_init(bed, &f->net, seed);
            bed->world.normal = 0;
            testbed_run(bed, bed->now_ns + 10 * S, false, SIGNAL_KINDS);
            int64_t silent_ns = bed->now_ns;
            bed->target_due_ns[1] = bed->target_due_ns[2] = INT64_MAX;
            testbed_run(bed, silent_ns + after_s * S, false, SIGNAL_KINDS);
            bed->world.fault_at_ns = bed->now_ns;
            bed->world.fault_targets = 1;
            bed->world.loss = 0.6;
            testbed_run(bed, bed->now_ns + 1500 * MS, true, SIGNAL_CONFIRMED);
            assert_int_equal(bed->detect.state == DETECT_CONFIRMED, after_s > 3);
        }
}

// Of two targets one is down for itself: then the other speaks for the path.
static void what_is_set_aside_vouches_for_nothing(void **state)
{
    struct fixture *f = *state;
    struct testbed *bed = &f->bed;
    testbed_init(bed, &f->net, 4);
    bed->target_due_ns[2] = INT64_MAX;
    testbed_run(bed, bed->now_ns + 5 * S, false, SIGNAL_KINDS);
    bed->world.fault_at_ns = bed->now_ns;
    bed->world.fault_targets = 2;
    bed->world.loss = 0.6;
    testbed_run(bed, bed->now_ns + 20 * S, false, SIGNAL_KINDS);
    assert_true(detect_path_has_aside(&bed->detect, 1));
    bed->world.fault_targets = 3;
    testbed_run(bed, bed->now_ns + 3 * S, true, SIGNAL_CONFIRMED);
    assert_int_equal(bed->detect.state, DETECT_CONFIRMED);
}

// What a target that is set aside did is neither learned, nor held against the path's being well.
static void what_is_set_aside_is_forgotten(void **state)
{
    struct fixture *f = *state;
    struct testbed *bed = &f->bed;
    for (uint64_t seed = 0; seed < 30; seed++) {
        testbed_init(bed, &f->net, seed);
        bed->world.fault_at_ns = bed->now_ns + 5 * S;
        bed->world.fault_targets = 1u << seed % 2;
        bed->world.loss = seed % 3 ? 0.6 : 1;
        while (!detect_path_has_aside(&bed->detect, seed % 2)) {
            assert_true(bed->now_ns < 1060 * S);
            testbed_run(bed, bed->now_ns + 1, false, SIGNAL_KINDS);
        }
        assert_true(bed->detect.learner.pending.probes == 0);
        assert_true(bed->detect.clear.score < 0.5);
    }
}

// A suspicion of which too few targets could say whose loss it was: once it is over, the next one
// has to last as long as any.
static void what_was_not_confirmed_confirms_nothing_later(void **state)
{
    struct fixture *f = *state;
    struct testbed *bed = &f->bed;
    uint32_t tried = 0;
    for (uint64_t seed = 0; seed < 10; seed++) {
        testbed_init(bed, &f->net, seed);
        bed->world.normal = 0;
        testbed_run(bed, bed->now_ns + 10 * S, false, SIGNAL_KINDS);
        bed->target_due_ns[1] = bed->target_due_ns[2] = INT64_MAX;
        bed->world.fault_at_ns = bed->now_ns;
        bed->world.loss = 0.6;
        testbed_run(bed, bed->now_ns + 2500 * MS, true, SIGNAL_CONFIRMED);
        tried += bed->detect.state == DETECT_SUSPECT && bed->detect.now.outlasts;
        bed->world.fault_at_ns = INT64_MAX;
        bed->target_due_ns[1] = bed->target_due_ns[2] = bed->now_ns;
        testbed_run(bed, bed->now_ns + 60 * S, true, SIGNAL_CLEAR);
        assert_int_equal(bed->detect.state, DETECT_GOOD);
        assert_false(bed->detect.now.outlasts);
    }
    assert_true(tried > 5);
}

// A single loss disturbs nothing, and two within a second do.
static void a_loss_alone_is_no_disturbance(void **state)
{
    struct fixture *f = *state;
    for (int losses = 1; losses <= 2; losses++) {
        struct detect_path *d = &f->bed.detect;
        struct signal out;
        assert_true(detect_path_init(d, &f->net, 0, &f->book));
        for (int i = 0; i < 200; i++) {
            bool lost = i == 100 || (i == 102 && losses == 2);
            struct sample sample = sample_of(d, (uint32_t)i % 3, i, lost ? SAMPLE_LOST : SAMPLE_OK);
            detect_path_sample(d, &sample, &out);
            detect_path_tick(d, sample.known_at, &out);
        }
        assert_int_equal(d->learner.disturbed, losses == 2);
    }
}

// As long as something is told of the path, nothing of it is learned to be harmless.
static void what_is_told_is_no_calm(void **state)
{
    struct fixture *f = *state;
    for (enum detect_state told = DETECT_GOOD; told <= DETECT_CONFIRMED; told++) {
        struct detect_path *d = &f->bed.detect;
        struct signal out;
        assert_true(detect_path_init(d, &f->net, 0, &f->book));
        struct sample sample = sample_of(d, 0, 0, SAMPLE_OK);
        detect_path_sample(d, &sample, &out);
        d->state = told;
        detect_path_tick(d, sample.known_at, &out);
        assert_int_equal(d->learner.disturbed, told != DETECT_GOOD);
    }
}

// The first that comes may be void: silence counts from there.
static void silence_counts_from_the_first_sample(void **state)
{
    struct fixture *f = *state;
    struct detect_path *d = &f->bed.detect;
    struct signal out;
    assert_true(detect_path_init(d, &f->net, 0, &f->book));
    struct sample sample = sample_of(d, 0, 100000, SAMPLE_VOID);
    assert_false(detect_path_sample(d, &sample, &out));
    assert_false(detect_path_tick(d, mono_add_ms(sample.known_at, 999), &out));
    assert_true(detect_path_tick(d, mono_add_ms(sample.known_at, 1000), &out));
    assert_int_equal(out.kind, SIGNAL_SILENT);
    assert_int_equal(out.began_at.ns, sample.known_at.ns);
}

// What is said when somebody is heard again is up to date, also where that answer was overtaken.
static void what_is_heard_again_counts_at_once(void **state)
{
    struct fixture *f = *state;
    struct detect_path *d = &f->bed.detect;
    struct signal out;
    assert_true(detect_path_init(d, &f->net, 0, &f->book));
    for (int i = 0; i < 60; i++) {
        struct sample sample = sample_of(d, 0, i, i < 30 ? SAMPLE_OK : SAMPLE_LOST);
        detect_path_sample(d, &sample, &out);
    }
    struct sample sample = sample_of(d, 0, 70, SAMPLE_VOID);
    detect_path_sample(d, &sample, &out);
    struct mono now = {S + 10 * S};
    while (!detect_path_tick(d, now, &out) || out.kind != SIGNAL_SILENT)
        now = mono_add_ms(now, 100);
    sample = sample_of(d, 0, 65, SAMPLE_OK);
    sample.known_at = mono_add_ms(now, 100);
    assert_true(detect_path_sample(d, &sample, &out));
    assert_int_equal(out.kind, SIGNAL_HEARD);
    assert_false(d->behind);
}

// One that was never heard vouches for nothing, however short a time ago the clock was at 0.
static void what_was_never_heard_vouches_for_nothing(void **state)
{
    struct fixture *f = *state;
    struct testbed *bed = &f->bed;
    testbed_init(bed, &f->net, 3);
    bed->now_ns = bed->world.burst_until_ns = 0;
    bed->target_due_ns[0] = 0;
    bed->target_due_ns[1] = bed->target_due_ns[2] = INT64_MAX;
    bed->world.fault_at_ns = S / 2;
    bed->world.loss = 0.6;
    testbed_run(bed, 5 * S / 2, true, SIGNAL_CONFIRMED);
    assert_int_equal(bed->detect.state, DETECT_CONFIRMED);
}

// Half of what was lost is what being over must rule out, against twice what is normal; but no more
// than a tenth after a suspicion and a hundredth after an outage, and no less than five times
// normal.
static void asks_of_what_is_over_to_be_half_as_bad(void **state)
{
    struct fixture *f = *state;
    static const double losses[] = {0.02, 0.05, 0.1, 0.5};
    uint32_t halves = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct testbed *bed = &f->bed;
        testbed_init(bed, &f->net, seed);
        bed->world.fault_at_ns = bed->now_ns + S;
        bed->world.loss = losses[seed % 4];
        for (int confirmed = 0; confirmed < 2; confirmed++) {
            testbed_run(bed, bed->now_ns + 60 * S, true,
                        confirmed ? SIGNAL_CONFIRMED : SIGNAL_SUSPECT);
            if (bed->detect.state != (confirmed ? DETECT_CONFIRMED : DETECT_SUSPECT))
                break;
            const struct signal *said = &bed->signals[bed->signal_count - 1];
            double half = said->evidence.loss_ppm / 2, most = confirmed ? 10000 : 100000;
            double bad = fmax(5000, fmin(most, half));
            halves += bad < most;
            assert_true(fabs(bed->detect.clear.lost_nats - log(bad / 2000)) < 1e-3);
        }
    }
    assert_true(halves > 5);
}

// However many answers come: what was lost half a second ago is not over.
static void is_not_clear_before_half_a_second(void **state)
{
    struct fixture *f = *state;
    struct detect_path *d = &f->bed.detect;
    struct signal out;
    assert_true(detect_path_init(d, &f->net, 0, &f->book));
    int64_t at_ns = S, lost_ns = 0;
    for (int i = 0; i < 2000; i++, at_ns += MS / 2) {
        struct sample sample = sample_of(d, (uint32_t)i % 3, 0, SAMPLE_OK);
        sample.sent_at.ns = at_ns;
        sample.known_at.ns = at_ns + MS / 4;
        if (i >= 20 && i < 40) {
            sample.verdict = SAMPLE_LOST;
            lost_ns = at_ns;
        }
        if (detect_path_sample(d, &sample, &out) && out.kind == SIGNAL_CLEAR)
            break;
    }
    assert_int_equal(out.kind, SIGNAL_CLEAR);
    assert_in_range(out.at.ns - lost_ns, 500 * MS, 502 * MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(scores_again_for_as_long_as_verdicts_may_come, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(each_family_has_its_own_rate, set_up, tear_down),
        cmocka_unit_test_setup_teardown(learns_of_what_counts_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_void_one_stays_void, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_heard_vouches_for_three_seconds, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_set_aside_vouches_for_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_set_aside_is_forgotten, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_not_confirmed_confirms_nothing_later, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_loss_alone_is_no_disturbance, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_told_is_no_calm, set_up, tear_down),
        cmocka_unit_test_setup_teardown(silence_counts_from_the_first_sample, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_heard_again_counts_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_never_heard_vouches_for_nothing, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(asks_of_what_is_over_to_be_half_as_bad, set_up, tear_down),
        cmocka_unit_test_setup_teardown(is_not_clear_before_half_a_second, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
