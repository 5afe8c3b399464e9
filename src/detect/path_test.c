// SPDX-License-Identifier: ISC
#include "detect/path.h"

#include "base/check.h"
#include "detect/testbed_check.h"

#include <stdlib.h>

#define MS INT64_C(1000000)
#define S INT64_C(1000000000)

struct fixture {
    struct net net;
    struct cusum_book book;
    struct testbed bed, other;
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

static uint32_t said(const struct testbed *bed, enum signal_kind kind)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < bed->signal_count; i++)
        count += bed->signals[i].kind == kind;
    return count;
}

static const struct signal *first(const struct testbed *bed, enum signal_kind kind)
{
    for (uint32_t i = 0; i < bed->signal_count; i++)
        if (bed->signals[i].kind == kind)
            return &bed->signals[i];
    return NULL;
}

// A fault some seconds from now, which it gives.
static int64_t fault(struct testbed *bed, double loss, uint32_t targets)
{
    int64_t at_ns = bed->now_ns + (int64_t)((2 + random_unit(&bed->world.random)) * (double)S);
    bed->world.fault_at_ns = at_ns;
    bed->world.fault_targets = targets;
    bed->world.loss = loss;
    return at_ns;
}

static void bursts(struct testbed *bed, int64_t length_ns, bool fixed)
{
    bed->world.burst_ns = length_ns;
    bed->world.burst_apart_ns = 60 * S;
    bed->world.burst_fixed = fixed;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

// Milliseconds from the fault until it is confirmed, time-out of 50 ms included: limits for the
// median and for 95 of 100, over 120 runs.
static const struct {
    const char *name;
    double loss;
    int64_t p50_max_ms, p95_max_ms;
} speeds[] = {
    {"telia: 38 %", 0.38, 280, 470}, {"10 %", 0.1, 1000, 2000}, {"20 %", 0.2, 500, 850},
    {"70 %", 0.7, 280, 450},         {"90 %", 0.9, 560, 900},   {"all", 1, 1030, 1100},
};

static void confirms_fast(void **state)
{
    struct fixture *f = *state;
    struct testbed *bed = &f->bed;
    enum { RUNS = 120 };
    for (size_t i = 0; i < sizeof speeds / sizeof speeds[0]; i++) {
        int64_t delay_ms[RUNS];
        for (uint64_t n = 0; n < RUNS; n++) {
            testbed_init(bed, &f->net, n);
            bursts(bed, 50 * MS, false);
            int64_t at_ns = fault(bed, speeds[i].loss, ~0u);
            testbed_run(bed, at_ns + 60 * S, true, SIGNAL_CONFIRMED);
            const struct signal *confirmed = first(bed, SIGNAL_CONFIRMED);
            CHECK_ROW(speeds[i].name, confirmed && first(bed, SIGNAL_SUSPECT));
            delay_ms[n] = (confirmed->at.ns - at_ns) / MS;
        }
        qsort(delay_ms, RUNS, sizeof delay_ms[0], compare);
        int64_t p50_ms = delay_ms[RUNS / 2], p95_ms = delay_ms[RUNS * 95 / 100];
        printf("%s: confirmed after p50 %d ms, p95 %d ms\n", speeds[i].name, (int)p50_ms,
               (int)p95_ms);
        CHECK_ROW(speeds[i].name, delay_ms[0] > 50);
        CHECK_ROW(speeds[i].name, p50_ms <= speeds[i].p50_max_ms);
        CHECK_ROW(speeds[i].name, p95_ms <= speeds[i].p95_max_ms);
    }
}

// A long way away: the time-out is a second, and a hundred samples are known before a loss is.
static void confirms_through_a_long_time_out(void **state)
{
    struct fixture *f = *state;
    struct testbed *bed = &f->bed;
    for (uint64_t seed = 0; seed < 20; seed++) {
        testbed_init(bed, &f->net, seed);
        bed->timeout_ns = S;
        int64_t at_ns = fault(bed, 0.38, ~0u);
        testbed_run(bed, at_ns + 10 * S, true, SIGNAL_CONFIRMED);
        assert_int_equal(said(bed, SIGNAL_CONFIRMED), 1);
        assert_in_range(bed->now_ns - at_ns, S, 2 * S);
    }
}

static void says_what_it_saw(void **state)
{
    struct fixture *f = *state;
    struct testbed *bed = &f->bed;
    testbed_init(bed, &f->net, 5);
    int64_t at_ns = fault(bed, 0.38, ~0u);
    testbed_run(bed, at_ns + 5 * S, true, SIGNAL_CONFIRMED);
    const struct signal *s = first(bed, SIGNAL_CONFIRMED);
    assert_non_null(s);
    const struct detect_evidence *e = &s->evidence;
    assert_true(s->at.ns > at_ns + 50 * MS && s->at.ns <= bed->now_ns);
    assert_true(s->began_at.ns >= at_ns - 100 * MS && s->began_at.ns <= at_ns + 100 * MS);
    assert_in_range(e->samples, 10, 50);
    assert_in_range(e->lost, 5, e->samples);
    assert_int_equal(e->loss_ppm, (uint64_t)e->lost * 1000000 / e->samples);
    assert_in_range(e->loss_ppm, 200000, 800000);
    assert_true(e->member_ppm == 300000 || e->member_ppm == 800000);
    assert_true(e->score >= e->threshold && e->threshold > 0);
    assert_in_range(e->burst_millinats, e->burst_threshold_millinats, 60000);
    assert_int_equal(e->asked_s, 315576000);
    assert_int_equal(first(bed, SIGNAL_SUSPECT)->evidence.asked_s, 7200);
    assert_int_equal(e->normal_ppm, 1000);
    assert_int_equal(e->burst_mean_ns, 50 * MS);
    assert_int_equal(e->burst_apart_ns, 60 * S);
    assert_in_range(e->burst_threshold_millinats, 15000, 30000);
    assert_in_range(e->targets_lossy, 2, 3);
    assert_in_range(e->targets, e->targets_lossy, 3);
    assert_in_range(e->flows_lossy, 4, e->flows);
    assert_in_range(e->flows, 8, 9);
    assert_true(e->span_ns > 30 * MS && e->span_ns < s->at.ns - s->began_at.ns);
    assert_true(e->rtt_p50_ns >= MS && e->rtt_p50_ns < MS * 11 / 10);
    assert_int_equal(e->voided, 0);
}

// Half an hour of a healthy path, with a burst a minute.
static const struct {
    const char *name;
    int64_t burst_ms;
    bool fixed;
    double normal;
    uint32_t suspicions_max;
} nulls[] = {
    {"0.1 % and nothing else", 0, false, 0.001, 1}, {"no loss at all", 0, false, 0, 0},
    {"bursts of 50 ms", 50, true, 0.001, 50},       {"of 50 ms on average", 50, false, 0.001, 50},
    {"of 15 ms on average", 15, false, 0.001, 50},
};

static void never_confirms_harmless_bursts(void **state)
{
    struct fixture *f = *state;
    struct testbed *bed = &f->bed;
    for (size_t i = 0; i < sizeof nulls / sizeof nulls[0]; i++) {
        testbed_init(bed, &f->net, i);
        bed->world.normal = nulls[i].normal;
        if (nulls[i].burst_ms > 0)
            bursts(bed, nulls[i].burst_ms * MS, nulls[i].fixed);
        testbed_run(bed, bed->now_ns + 1800 * S, false, SIGNAL_KINDS);
        CHECK_ROW(nulls[i].name, said(bed, SIGNAL_CONFIRMED) == 0);
        CHECK_ROW(nulls[i].name, said(bed, SIGNAL_SUSPECT) <= nulls[i].suspicions_max);
        CHECK_ROW(nulls[i].name, said(bed, SIGNAL_CLEAR) + 1 >= said(bed, SIGNAL_SUSPECT));
        CHECK_ROW(nulls[i].name, said(bed, SIGNAL_SILENT) == 0);
    }
}

static void learns_bursts_from_its_configuration(void **state)
{
    struct fixture *f = *state;
    struct testbed *bed = &f->bed;
    f->net.detect.burst_mean_ns = 500 * MS;
    testbed_init(bed, &f->net, 1);
    bursts(bed, 500 * MS, false);
    testbed_run(bed, bed->now_ns + 1800 * S, false, SIGNAL_KINDS);
    assert_int_equal(said(bed, SIGNAL_CONFIRMED), 0);
    assert_true(said(bed, SIGNAL_SUSPECT) > 10);
    testbed_net(&f->net);
}

// What holds after an hour of a world, beside 1000 ppm and bursts of 50 ms a minute as configured.
static const struct {
    const char *name;
    enum net_learn learn;
    double normal;
    int64_t burst_ms, apart_s;
    bool outage;  // bursts are of that length each
    uint32_t loss_ppm;
    int64_t mean_ms_min, mean_ms_max;
} lives[] = {
    {"as configured", NET_LEARN_CAREFULLY, 0.0005, 0, 0, false, 1000, 50, 50},
    {"more loss", NET_LEARN_CAREFULLY, 0.0014, 0, 0, false, 2000, 50, 50},
    {"less loss", NET_LEARN_FREELY, 0.0002, 0, 0, false, 500, 50, 50},
    {"longer bursts", NET_LEARN_CAREFULLY, 0.0005, 130, 60, false, 1000, 130, 250},
    {"shorter bursts", NET_LEARN_FREELY, 0.0001, 25, 20, false, 500, 25, 45},
    {"but never", NET_LEARN_NEVER, 0.0014, 130, 60, false, 1000, 50, 50},
    {"outages are not harmless", NET_LEARN_CAREFULLY, 0.0005, 3000, 300, true, 1000, 50, 50},
};

static void learns_what_is_harmless(void **state)
{
    struct fixture *f = *state;
    struct testbed *bed = &f->bed;
    for (size_t i = 0; i < sizeof lives / sizeof lives[0]; i++) {
        f->net.detect.learn = lives[i].learn;
        testbed_init(bed, &f->net, i);
        bed->world.normal = lives[i].normal;
        if (lives[i].burst_ms > 0)
            bursts(bed, lives[i].burst_ms * MS, lives[i].outage);
        bed->world.burst_apart_ns = lives[i].apart_s * S;
        testbed_run(bed, bed->now_ns + 5400 * S, false, SIGNAL_KINDS);
        const struct harmless *h = &bed->detect.harmless;
        CHECK_ROW(lives[i].name, h->loss_ppm == lives[i].loss_ppm);
        CHECK_ROW(lives[i].name, h->burst_mean_ns >= lives[i].mean_ms_min * MS);
        CHECK_ROW(lives[i].name, h->burst_mean_ns <= lives[i].mean_ms_max * MS);
        CHECK_ROW(lives[i].name, (said(bed, SIGNAL_CONFIRMED) > 5) == lives[i].outage);
    }
    testbed_net(&f->net);
}

static void clears_when_it_is_over(void **state)
{
    struct fixture *f = *state;
    struct testbed *bed = &f->bed;
    for (uint64_t seed = 0; seed < 10; seed++) {
        testbed_init(bed, &f->net, seed);
        int64_t at_ns = fault(bed, 0.38, ~0u);
        testbed_run(bed, at_ns + 30 * S, false, SIGNAL_KINDS);
        assert_int_equal(said(bed, SIGNAL_CONFIRMED), 1);
        assert_int_equal(said(bed, SIGNAL_CLEAR), 0);
        bed->world.fault_at_ns = INT64_MAX;
        int64_t over_ns = bed->now_ns;
        testbed_run(bed, over_ns + 60 * S, true, SIGNAL_CLEAR);
        const struct signal *clear = first(bed, SIGNAL_CLEAR);
        assert_non_null(clear);
        assert_in_range(clear->at.ns - over_ns, S, 40 * S);
        assert_true(clear->began_at.ns >= over_ns - 100 * MS);
        assert_in_range(clear->evidence.loss_ppm, 0, 5000);
        fault(bed, 0.38, ~0u);
        testbed_run(bed, bed->now_ns + 10 * S, false, SIGNAL_KINDS);
        assert_int_equal(said(bed, SIGNAL_CONFIRMED), 2);
    }
}

// The path must not take the blame for one target that is down, and must still be judged.
static void sets_one_dead_target_aside(void **state)
{
    struct fixture *f = *state;
    struct testbed *bed = &f->bed;
    for (uint64_t seed = 0; seed < 18; seed++) {
        testbed_init(bed, &f->net, seed);
        int64_t at_ns = fault(bed, seed % 2 ? 1 : 0.5, 1u << seed % 3);
        testbed_run(bed, at_ns + 60 * S, false, SIGNAL_KINDS);
        assert_int_equal(said(bed, SIGNAL_CONFIRMED), 0);
        assert_true(bed->detect.state != DETECT_CONFIRMED);
        assert_true(bed->detect.targets[seed % 3].aside || bed->detect.state == DETECT_SUSPECT);
        bed->world.fault_targets = ~0u;  // now all
        testbed_run(bed, bed->now_ns + 10 * S, true, SIGNAL_CONFIRMED);
        assert_int_equal(said(bed, SIGNAL_CONFIRMED), 1);
        assert_true(bed->now_ns < at_ns + 70 * S);
        bed->world.fault_at_ns = INT64_MAX;
        testbed_run(bed, bed->now_ns + 60 * S, false, SIGNAL_KINDS);
        assert_int_equal(bed->detect.state, DETECT_GOOD);
        assert_false(bed->detect.targets[seed % 3].aside);
    }
}

// An outage that ends for all targets but one is over for the path.
static void clears_though_one_target_stays_down(void **state)
{
    struct fixture *f = *state;
    struct testbed *bed = &f->bed;
    for (uint64_t seed = 0; seed < 6; seed++) {
        testbed_init(bed, &f->net, seed);
        int64_t at_ns = fault(bed, seed % 2 ? 1 : 0.5, ~0u);
        testbed_run(bed, at_ns + 10 * S, false, SIGNAL_KINDS);
        assert_int_equal(said(bed, SIGNAL_CONFIRMED), 1);
        bed->world.fault_targets = 1u << seed % 3;
        testbed_run(bed, at_ns + 100 * S, false, SIGNAL_KINDS);
        assert_int_equal(bed->detect.state, DETECT_GOOD);
        assert_true(bed->detect.targets[seed % 3].aside);
    }
}

static void believes_its_only_target(void **state)
{
    struct fixture *f = *state;
    struct testbed *bed = &f->bed;
    testbed_init(bed, &f->net, 3);
    bed->target_due_ns[1] = bed->target_due_ns[2] = INT64_MAX;  // never asked
    int64_t at_ns = fault(bed, 0.38, 1);
    testbed_run(bed, at_ns + 3 * S, true, SIGNAL_CONFIRMED);
    assert_int_equal(said(bed, SIGNAL_CONFIRMED), 1);
    assert_int_equal(bed->signals[bed->signal_count - 1].evidence.targets, 1);
}

static struct sample sample_of(const struct detect_path *d, uint32_t target, uint32_t flow,
                               int64_t sent_ns, enum sample_verdict verdict)
{
    return (struct sample){.path = d->path,
                           .target = target,
                           .flow = flow,
                           .verdict = verdict,
                           .sent_at = {sent_ns},
                           .known_at = {sent_ns + (verdict == SAMPLE_LOST ? 50 : 1) * MS},
                           .rtt_ns = MS};
}

static void a_cleared_suspicion_is_forgotten(void **state)
{
    struct fixture *f = *state;
    struct testbed *bed = &f->bed;
    struct signal out = {.kind = SIGNAL_KINDS};
    testbed_init(bed, &f->net, 1);
    int i = 0;
    for (; out.kind != SIGNAL_CLEAR; i++) {  // 200 ms of total loss
        bool lost = i >= 20 && i < 40;
        struct sample s =
            sample_of(&bed->detect, i % 2, 0, S + i * 10 * MS, lost ? SAMPLE_LOST : SAMPLE_OK);
        detect_path_sample(&bed->detect, &s, &out);
        assert_true(i < 1000);
    }
    struct sample s = sample_of(&bed->detect, 0, 0, S + i * 10 * MS, SAMPLE_LOST);
    assert_false(detect_path_sample(&bed->detect, &s, &out));
}

static void tells_silence_of(struct fixture *f, uint32_t path)
{
    struct detect_path *d = &f->bed.detect;
    struct signal out;
    assert_true(detect_path_init(d, &f->net, path, &f->book));
    struct mono now = {5000 * S};
    assert_false(detect_path_tick(d, now, &out));
    assert_false(detect_path_tick(d, mono_add_ms(now, 999), &out));
    assert_true(detect_path_tick(d, mono_add_ms(now, 1000), &out));
    assert_int_equal(out.kind, SIGNAL_SILENT);
    assert_int_equal(out.began_at.ns, now.ns);
    assert_false(detect_path_tick(d, mono_add_ms(now, 5000), &out));
    struct sample sample = sample_of(d, 0, 0, now.ns + 5100 * MS, SAMPLE_VOID);
    assert_false(detect_path_sample(d, &sample, &out));
    sample.verdict = SAMPLE_OK;
    sample.flow = 1;
    assert_true(detect_path_sample(d, &sample, &out));
    assert_int_equal(out.kind, SIGNAL_HEARD);
    assert_int_equal(out.evidence.voided, 1);
    assert_false(detect_path_tick(d, mono_add_ms(now, 6000), &out));
    // Void samples are no voice; losses are.
    for (int i = 0; i < 200; i++) {
        sample = sample_of(d, 0, 2, now.ns + 5200 * MS + i * 10 * MS, SAMPLE_VOID);
        bool spoke = detect_path_sample(d, &sample, &out);
        spoke |= detect_path_tick(d, sample.known_at, &out);
        if (spoke)
            break;
    }
    assert_int_equal(out.kind, SIGNAL_SILENT);
    assert_true(out.evidence.voided > 50 && out.evidence.samples == 0);
    sample = sample_of(d, 0, 3, now.ns + 7500 * MS, SAMPLE_LOST);
    assert_true(detect_path_sample(d, &sample, &out));
    assert_int_equal(out.kind, SIGNAL_HEARD);
    assert_int_equal(out.path, path);
}

static void tells_silence(void **state)
{
    struct fixture *f = *state;
    for (uint32_t path = 0; path < net_path_count(&f->net); path++)  // both families, as routed
        tells_silence_of(f, path);
    assert_int_equal(f->book.solved, 2);  // paths that ask for the same share it
}

// One path's silence is no other's, and a slowly probed one is not silent between two probes.
static const struct {
    const char *name;
    uint32_t rate_mpps, silent_after_ms;  // of each of three targets
} silences[] = {
    {"33 a second", 11000, 1000},
    {"10 a second", 3333, 1001},
    {"1.5 a second", 500, 6667},
    {"one in three seconds", 110, 30304},
};

static void tells_silence_of_each_path(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof silences / sizeof silences[0]; i++) {
        struct detect_path *quiet = &f->bed.detect, *heard = &f->other.detect;
        struct signal out;
        for (uint32_t t = 0; t < f->net.target_count; t++)
            f->net.targets[t].rate_mpps = silences[i].rate_mpps;
        assert_true(detect_path_init(quiet, &f->net, 0, &f->book));
        assert_true(detect_path_init(heard, &f->net, 1, &f->book));
        uint32_t after_ms = 0;
        detect_path_tick(quiet, (struct mono){S}, &out);
        for (uint32_t ms = 0; ms < 120000 && after_ms == 0; ms++) {
            struct sample sample = sample_of(heard, 0, 0, S + ms * MS, SAMPLE_OK);
            CHECK_ROW(silences[i].name, !detect_path_sample(heard, &sample, &out));
            CHECK_ROW(silences[i].name, !detect_path_tick(heard, sample.known_at, &out));
            if (detect_path_tick(quiet, (struct mono){S + ms * MS}, &out))
                after_ms = ms;
        }
        CHECK_ROW(silences[i].name, out.kind == SIGNAL_SILENT && out.path == 0);
        CHECK_ROW(silences[i].name, after_ms == silences[i].silent_after_ms);
    }
    testbed_net(&f->net);
}

static void takes_a_loss_back(void **state)
{
    struct fixture *f = *state;
    struct testbed *bed = &f->bed, *other = &f->other;
    struct signal out;
    for (int late = 0; late < 4; late++) {
        testbed_init(bed, &f->net, 1);
        testbed_init(other, &f->net, 1);
        for (int i = 0; i < 100; i++) {
            bool lost = i == 50 || i == 60 || i == 61;
            struct sample s =
                sample_of(&bed->detect, 0, i % 4, S + i * 10 * MS, lost ? SAMPLE_LOST : SAMPLE_OK);
            detect_path_sample(&bed->detect, &s, &out);
            if (lost && i >= 60 - 10 * (late & 1)) {
                s.verdict = SAMPLE_OK;
                s.known_at = mono_add_ms(s.sent_at, 1);
            }
            detect_path_sample(&other->detect, &s, &out);
        }
        assert_memory_not_equal(&bed->detect.now.bank, &other->detect.now.bank, 12);
        for (int i = 50; i <= 61; i++) {
            struct sample s = sample_of(&bed->detect, 0, i % 4, S + i * 10 * MS, SAMPLE_OK);
            s.late = true;
            if (i >= 60 - 10 * (late & 1))
                detect_path_sample(&bed->detect, &s, &out);
        }
        assert_memory_equal(&bed->detect.now.bank, &other->detect.now.bank, 12);
        assert_memory_equal(&bed->detect.now.burst, &other->detect.now.burst,
                            sizeof bed->detect.now.burst);
    }
}

static void a_void_sample_changes_no_score(void **state)
{
    struct fixture *f = *state;
    struct testbed *bed = &f->bed;
    struct signal out;
    testbed_init(bed, &f->net, 1);
    for (int i = 0; i < 1000; i++) {
        struct sample s =
            sample_of(&bed->detect, 0, 0, S + i * 10 * MS, i % 100 ? SAMPLE_OK : SAMPLE_LOST);
        detect_path_sample(&bed->detect, &s, &out);
        struct detect_score before = bed->detect.now;
        s = sample_of(&bed->detect, 1, 0, S + i * 10 * MS + MS, SAMPLE_VOID);
        assert_false(detect_path_sample(&bed->detect, &s, &out));
        assert_memory_equal(&before, &bed->detect.now, sizeof before);
    }
}

static void quickens_after_a_loss(void **state)
{
    struct fixture *f = *state;
    struct testbed *bed = &f->bed;
    struct signal out;
    testbed_init(bed, &f->net, 1);
    for (int i = 0; i < 100; i++) {
        struct sample s =
            sample_of(&bed->detect, 0, 0, S + i * 10 * MS, i == 20 ? SAMPLE_LOST : SAMPLE_OK);
        detect_path_sample(&bed->detect, &s, &out);
        assert_int_equal(detect_path_quickens(&bed->detect), i >= 20 && i < 64);
    }
}

// Nonsense order, stale and repeated samples: nothing may break.
static void survives_any_order(void **state)
{
    struct fixture *f = *state;
    struct testbed *bed = &f->bed;
    struct random r = {9};
    struct signal out;
    testbed_init(bed, &f->net, 1);
    for (int i = 0; i < 20000; i++) {
        int64_t sent_ns = S * 100 + i * 10 * MS - (int64_t)(random_u64(&r) % (100 * S)) * (i % 3);
        struct sample s = sample_of(&bed->detect, random_u64(&r) % NET_TARGETS_MAX,
                                    random_u64(&r) % NET_FLOWS_MAX, sent_ns,
                                    (enum sample_verdict)(random_u64(&r) % SAMPLE_VERDICTS));
        s.late = s.verdict == SAMPLE_OK && i % 5 == 0;
        s.lost_forward = s.lost_reverse = UINT32_MAX;
        s.direction_known = true;
        if (detect_path_sample(&bed->detect, &s, &out)) {
            assert_true(out.evidence.lost_forward + out.evidence.lost_reverse <= out.evidence.lost);
            assert_true(out.evidence.lost <= out.evidence.samples);
        }
    }
}

static void refuses_what_cannot_be_solved(void **state)
{
    struct fixture *f = *state;
    struct testbed *bed = &f->bed;
    assert_true(detect_path_init(&bed->detect, &f->net, 5, &f->book));  // as routed, IPv6
    f->net.detect.loss_normal_ppm = 0;
    assert_false(detect_path_init(&bed->detect, &f->net, 0, &f->book));
    testbed_net(&f->net);
    f->net.target_count = 0;
    assert_true(detect_path_init(&bed->detect, &f->net, 0, &f->book));
    testbed_net(&f->net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(confirms_fast),
        cmocka_unit_test(confirms_through_a_long_time_out),
        cmocka_unit_test(says_what_it_saw),
        cmocka_unit_test(never_confirms_harmless_bursts),
        cmocka_unit_test(learns_bursts_from_its_configuration),
        cmocka_unit_test(learns_what_is_harmless),
        cmocka_unit_test(clears_when_it_is_over),
        cmocka_unit_test(sets_one_dead_target_aside),
        cmocka_unit_test(clears_though_one_target_stays_down),
        cmocka_unit_test(a_cleared_suspicion_is_forgotten),
        cmocka_unit_test(believes_its_only_target),
        cmocka_unit_test(tells_silence),
        cmocka_unit_test(tells_silence_of_each_path),
        cmocka_unit_test(takes_a_loss_back),
        cmocka_unit_test(a_void_sample_changes_no_score),
        cmocka_unit_test(quickens_after_a_loss),
        cmocka_unit_test(survives_any_order),
        cmocka_unit_test(refuses_what_cannot_be_solved),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
