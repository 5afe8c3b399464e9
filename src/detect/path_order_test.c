// SPDX-License-Identifier: ISC
// Verdicts come in any order; what the detector says of them never depends on it.
#include "detect/path.h"

#include "base/check.h"
#include "detect/testbed_check.h"

#include <stdlib.h>

#define MS INT64_C(1000000)
#define S INT64_C(1000000000)

struct fixture {
    struct net net;
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

// The same samples, by order of sending and shuffled within the time-out, must leave the same
// scores: sample i is told after all that were sent 0 to 15 places later.
static void the_order_of_verdicts_does_not_matter(void **state)
{
    struct fixture *f = *state;
    struct testbed *bed = &f->bed, *other = &f->other;
    enum { SAMPLES = 3000 };
    struct sample samples[SAMPLES];
    uint32_t order[SAMPLES];
    struct signal out;
    int compared = 0;
    for (uint64_t seed = 0; seed < 20; seed++) {
        testbed_init(bed, &f->net, seed);
        testbed_init(other, &f->net, seed);
        struct random r = {seed};
        int64_t key[SAMPLES];
        for (uint32_t i = 0; i < SAMPLES; i++) {
            bool lost = random_unit(&r) < (i % 1000 > 900 ? 0.015 : 0.001);
            samples[i] = sample_of(&bed->detect, i % 3, i % 4, S + i * 10 * MS,
                                   lost ? SAMPLE_LOST : SAMPLE_OK);
            if (random_unit(&r) < 0.01)
                samples[i].verdict = SAMPLE_VOID;
            key[i] = (int64_t)i * 16 + (int64_t)(random_u64(&r) % 256);
            uint32_t at = i;
            for (; at > 0 && key[order[at - 1]] > key[i]; at--)
                order[at] = order[at - 1];
            order[at] = i;
        }
        bool spoke = false;
        for (uint32_t i = 0; i < SAMPLES; i++) {
            spoke |= detect_path_sample(&bed->detect, &samples[i], &out);
            spoke |= detect_path_sample(&other->detect, &samples[order[i]], &out);
        }
        if (spoke)
            continue;  // a clear starts afresh, and not at the same sample
        compared++;
        detect_path_quickens(&other->detect);  // whatever waits is scored
        assert_memory_equal(&bed->detect.now.bank, &other->detect.now.bank, 12);
        assert_memory_equal(&bed->detect.now.trail, &other->detect.now.trail,
                            sizeof bed->detect.now.trail);
        assert_true(bed->detect.now.burst.run_score == other->detect.now.burst.run_score);
        assert_memory_equal(&bed->detect.now.burst.starts, &other->detect.now.burst.starts, 12);
    }
    assert_true(compared >= 10);
}

// A late answer must leave what an answer in time would have left.
// Answers that came before others which were asked for later may wait to be scored: nothing that
// they change is a reason to speak. Here some answers take as long as a time-out.
static void what_waits_is_no_alarm(void **state)
{
    struct fixture *f = *state;
    struct detect_path *d = &f->bed.detect;
    const struct detect_score *now = &d->now;
    struct signal out;
    uint32_t waited = 0, alarmed = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        testbed_init(&f->bed, &f->net, seed);
        struct random r = {seed};
        double loss = random_unit(&r) / 2;
        for (uint32_t i = 100; i < 400; i++) {
            uint32_t ago = (uint32_t)(random_u64(&r) % 24);
            struct sample sample =
                sample_of(d, i % 3, i % 4, S + (i - ago) * 10 * MS,
                          random_unit(&r) < (i > 300 ? loss : 0.001) ? SAMPLE_LOST : SAMPLE_OK);
            detect_path_sample(d, &sample, &out);
            if (random_u64(&r) % 4 > 0)
                continue;
            uint32_t before = now->alarmed;
            bool outlasted = now->outlasts, good = d->state == DETECT_GOOD;
            waited += d->behind;
            detect_path_quickens(d);
            assert_true((now->alarmed & ~before) == 0 && (outlasted || !now->outlasts));
            assert_true(!good || now->alarmed == 0);
            alarmed += now->alarmed != 0;
        }
    }
    assert_true(waited > 1000 && alarmed > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_of_verdicts_does_not_matter),
        cmocka_unit_test(what_waits_is_no_alarm),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
