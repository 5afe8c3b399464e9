// SPDX-License-Identifier: ISC
#include "probe/gather.h"

#include "base/check.h"

static struct sample answer(uint32_t path, int64_t sent_ns)
{
    return (struct sample){
        .id = 100000 + path,
        .use = FLOW_SENTINEL,
        .path = path,
        .target = 31,
        .flow = 63,
        .verdict = SAMPLE_OK,
        .sent_at = {sent_ns},
        .known_at = {sent_ns + 1500},
        .rtt_ns = 1200,
        .lost_forward = 255,
        .lost_reverse = 3,
        .direction_known = true,
    };
}

static void check_is(const struct sample *got, const struct sample *wanted)
{
    assert_int_equal(got->id, wanted->id);
    assert_int_equal(got->use, wanted->use);
    assert_int_equal(got->path, wanted->path);
    assert_int_equal(got->target, wanted->target);
    assert_int_equal(got->flow, wanted->flow);
    assert_int_equal(got->verdict, wanted->verdict);
    assert_int_equal(got->void_reason, wanted->void_reason);
    assert_int_equal(got->late, wanted->late);
    assert_true(got->sent_at.ns == wanted->sent_at.ns);
    assert_true(got->known_at.ns == wanted->known_at.ns);
    assert_true(got->rtt_ns == wanted->rtt_ns);
    assert_int_equal(got->lost_forward, wanted->lost_forward);
    assert_int_equal(got->lost_reverse, wanted->lost_reverse);
    assert_int_equal(got->direction_known, wanted->direction_known);
}

static void gives_each_back_by_path_and_then_as_they_came(void **state)
{
    (void)state;
    static const uint32_t paths[] = {41, 0, 7, 0, 255, 7, 0, 41};
    static const int64_t sent_ns[] = {1, 9, 3, 8, 5, 6, INT64_C(1) << 60, 8};
    static const uint32_t wanted[] = {1, 3, 6, 2, 5, 0, 7, 4};
    enum { COUNT = sizeof paths / sizeof paths[0] };
    struct gather gather;
    assert_true(gather_init(&gather));
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < COUNT; i++) {
            struct sample sample = answer(paths[i], sent_ns[i]);
            assert_true(gather_add(&gather, &sample));
        }
        assert_int_equal(gather.count, COUNT);
        gather_sort(&gather);
        for (uint32_t n = 0; n < COUNT; n++) {
            struct sample got = gather_sample(gather_entry(&gather, n));
            struct sample sample = answer(paths[wanted[n]], sent_ns[wanted[n]]);
            check_is(&got, &sample);
        }
        gather.count = 0;
    }
    gather_done(&gather);
}

struct row {
    const char *name;
    bool waits;
    void (*change)(struct sample *sample);
};

// clang-format off
static void nothing(struct sample *s) { (void)s; }
static void lost(struct sample *s) { s->verdict = SAMPLE_LOST; }
static void voided(struct sample *s) { s->verdict = SAMPLE_VOID; }
static void late(struct sample *s) { s->late = true; }
static void roving(struct sample *s) { s->use = FLOW_ROVING; }
static void crossing(struct sample *s) { s->use = FLOW_CROSSING; }
static void long_rtt(struct sample *s) { s->rtt_ns = UINT32_MAX; }
static void longer_rtt(struct sample *s) { s->rtt_ns = INT64_C(1) << 32; }
static void long_known(struct sample *s) { s->known_at.ns = s->sent_at.ns + UINT32_MAX; }
static void longer_known(struct sample *s) { s->known_at.ns = s->sent_at.ns + (INT64_C(1) << 32); }
static void known_before(struct sample *s) { s->known_at.ns = s->sent_at.ns - 1; }
static void many_there(struct sample *s) { s->lost_forward = 256; }
static void many_back(struct sample *s) { s->lost_reverse = 256; }
static void far_path(struct sample *s) { s->path = GATHER_PATHS_MAX; }
static void far_target(struct sample *s) { s->target = 256; }
static void far_flow(struct sample *s) { s->flow = 65536; }
// clang-format on

static const struct row rows[] = {
    {"an answer", true, nothing},
    {"a loss", false, lost},
    {"a void one", false, voided},
    {"a late one", false, late},
    {"of a roving flow", false, roving},
    {"of a crossing flow", false, crossing},
    {"the longest round trip", true, long_rtt},
    {"a longer one", false, longer_rtt},
    {"known last", true, long_known},
    {"known later", false, longer_known},
    {"known before", false, known_before},
    {"too many lost there", false, many_there},
    {"too many lost back", false, many_back},
    {"path out of range", false, far_path},
    {"target out of range", false, far_target},
    {"flow out of range", false, far_flow},
};

static void holds_back_only_what_may_wait(void **state)
{
    (void)state;
    struct gather gather;
    assert_true(gather_init(&gather));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sample sample = answer(255, 1000);
        gather.count = 0;
        rows[i].change(&sample);
        if (gather_add(&gather, &sample) != rows[i].waits || gather.count != rows[i].waits)
            fail_msg("%s", rows[i].name);
        if (!rows[i].waits)
            continue;
        gather_sort(&gather);
        struct sample got = gather_sample(gather_entry(&gather, 0));
        check_is(&got, &sample);
    }
    gather_done(&gather);
}

static void takes_no_more_than_it_has_room_for(void **state)
{
    (void)state;
    struct gather gather;
    struct sample sample = answer(0, 1000);
    assert_true(gather_init(&gather));
    for (uint32_t i = 0; i < GATHER_MAX; i++)
        assert_true(gather_add(&gather, &sample));
    assert_false(gather_add(&gather, &sample));
    gather_sort(&gather);
    assert_int_equal(gather.order[GATHER_MAX - 1], GATHER_MAX - 1);
    gather_done(&gather);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_each_back_by_path_and_then_as_they_came),
        cmocka_unit_test(holds_back_only_what_may_wait),
        cmocka_unit_test(takes_no_more_than_it_has_room_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
