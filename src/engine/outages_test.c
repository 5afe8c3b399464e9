// SPDX-License-Identifier: ISC
// What people are told of what is broken, as one.
#include "engine/site_check.h"

#include "base/check.h"

enum { TOLD_MAX = 16 };

struct ear {
    struct site *site;
    struct effect_outage told[TOLD_MAX];
    uint32_t count;
};

// As site_run(), with what is told of outages kept.
static void listen(struct ear *ear)
{
    for (uint32_t i = 0; i < ear->site->outage_count; i++)
        if (ear->count < TOLD_MAX)
            ear->told[ear->count++] = ear->site->outages[i];
    ear->site->outage_count = 0;
}

static void run(struct ear *ear, int64_t ms)
{
    for (; ms > 0; ms -= 1000) {
        site_run(ear->site, 1000);
        listen(ear);
    }
}

static const struct effect_outage *last(const struct ear *ear)
{
    assert_true(ear->count > 0);
    return &ear->told[ear->count - 1];
}

static void opens_with_proof_and_ends_when_all_is_over(void **state)
{
    struct ear ear = {.site = site_open(7)};
    (void)state;
    ear.site->loss_percent[SITE_A] = ear.site->routed_percent = 40;
    site_signal(ear.site, SITE_A, SIGNAL_SUSPECT);
    run(&ear, 1000);
    assert_int_equal(ear.count, 0);  // nothing is proven
    site_signal(ear.site, SITE_A, SIGNAL_CONFIRMED);
    run(&ear, 1000);
    assert_true(ear.count > 0);
    assert_int_equal(ear.told[0].number, 1);
    assert_int_equal(ear.told[0].state, OUTAGE_OPEN);
    assert_string_equal(ear.told[0].title, "loss on a ipv4");
    assert_non_null(strstr(ear.told[0].cause, "the network behind a"));
    assert_non_null(strstr(ear.told[0].action, "incident 1: "));
    ear.site->routed_percent = 0;
    run(&ear, 20000);
    assert_int_equal(last(&ear)->state, OUTAGE_MITIGATED);
    ear.site->loss_percent[SITE_A] = 0;
    site_signal(ear.site, SITE_A, SIGNAL_CLEAR);
    run(&ear, 200000);
    assert_int_equal(last(&ear)->state, OUTAGE_OVER);
    assert_int_equal(last(&ear)->number, 1);
    site_close(ear.site);
}

static void is_opened_by_a_named_fault(void **state)
{
    struct ear ear = {.site = site_open(7)};
    struct event fault = {
        .kind = EVENT_FAULT,
        .fault = {.number = 3, .state = FAULT_NAMED, .part = fault_part_any(), .words = "ca2"}};
    (void)state;
    site_feed(ear.site, fault);
    run(&ear, 1000);
    assert_int_equal(ear.count, 1);
    assert_int_equal(ear.told[0].state, OUTAGE_OPEN);
    assert_string_equal(ear.told[0].title, "ca2");
    fault.fault.state = FAULT_OVER;
    site_feed(ear.site, fault);
    run(&ear, 1000);
    assert_int_equal(last(&ear)->state, OUTAGE_WELL);
    run(&ear, 70000);
    assert_int_equal(last(&ear)->state, OUTAGE_OVER);
    assert_int_equal(ear.count, 3);
    site_close(ear.site);
}

static void a_drain_is_none(void **state)
{
    struct ear ear = {.site = site_open(7)};
    struct event asked = {.kind = EVENT_ASKED,
                          .asked = {ASKED_DRAIN, 0, "anna", {NET_OBJECT_UPSTREAM, SITE_A, 0}}};
    (void)state;
    site_feed(ear.site, asked);
    run(&ear, 20000);
    assert_int_equal(ear.site->state, INCIDENT_HELD);
    assert_int_equal(ear.count, 0);
    site_close(ear.site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_with_proof_and_ends_when_all_is_over),
        cmocka_unit_test(is_opened_by_a_named_fault),
        cmocka_unit_test(a_drain_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
