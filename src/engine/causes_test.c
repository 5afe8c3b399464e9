// SPDX-License-Identifier: ISC
// Reasons to leave a path other than loss: what a person asks for, and parts named at fault.
#include "engine/site_check.h"
#include "engine/state.h"

#include "base/check.h"

enum { A = SITE_A, B, C, D };

static uint32_t path_of(const struct site *s, uint32_t way)
{
    return net_path_find(&s->net, way, FAMILY_IPV4);
}

static struct site *open_drained(uint64_t seed)
{
    struct site *s = site_open(seed);
    story_ask(s->engine, path_of(s, A), STORY_DRAIN, "asked for");
    site_run(s, 3000);
    return s;
}

// No loss speaks for it, none is caused, and it stays so until it is told to end.
static void drains_and_returns(void **state)
{
    (void)state;
    struct site *s = open_drained(1);
    site_check_said(s, 0, PLAN_ACT, A, B);
    assert_int_equal(s->state, INCIDENT_HELD);
    assert_int_equal(s->standing, 2 * SITE_WAYS);
    site_run(s, 100 * 1000);  // longer than any hold
    assert_int_equal(s->state, INCIDENT_HELD);
    story_over(s->engine, path_of(s, A), STORY_DRAIN);
    site_run(s, 5000);
    assert_int_equal(s->state, INCIDENT_CLOSED);
    assert_int_equal(s->standing, 0);
    site_close(s);
}

// Who asks for it knows more than packets can tell of the other way.
static void drains_to_what_tells_little(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    s->void_percent[B] = s->void_percent[C] = s->void_percent[D] = 25;
    site_run(s, 12000);
    story_ask(s->engine, path_of(s, A), STORY_DRAIN, "asked for");
    site_run(s, 3000);
    site_check_said(s, 0, PLAN_ACT, A, B);
    site_close(s);
}

static void takes_back_a_drain_that_loses(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    s->routed_percent = 20;
    story_ask(s->engine, path_of(s, A), STORY_DRAIN, "asked for");
    site_run(s, 10000);
    site_check_said(s, 0, PLAN_ACT, A, B);
    site_check_said(s, 1, PLAN_UNDO, B, A);
    site_check_said(s, 2, PLAN_ACT, A, C);
    assert_int_equal(s->standing, 0);
    assert_int_equal(s->state, INCIDENT_CONFIRMED);
    story_over(s->engine, path_of(s, A), STORY_DRAIN);
    site_run(s, 100);
    assert_int_equal(s->state, INCIDENT_CLOSED);
    site_close(s);
}

// The path under maintenance is dead; after it, it has to prove itself first.
static void returns_only_to_what_works(void **state)
{
    (void)state;
    struct site *s = open_drained(1);
    s->loss_percent[A] = 100;
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 5000);
    story_over(s->engine, path_of(s, A), STORY_DRAIN);
    site_run(s, 20000);
    assert_int_equal(s->state, INCIDENT_HELD);
    s->loss_percent[A] = 0;
    site_signal(s, A, SIGNAL_CLEAR);
    site_run(s, 10000);
    assert_int_equal(s->state, INCIDENT_CLOSED);
    site_close(s);
}

// What moved because of loss stays when a person asks before it has returned.
static void joins_what_is_moved_already(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    s->net.steer.hold_min_ns = 10 * (int64_t)NS_PER_S;
    s->loss_percent[A] = 40;
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 3000);
    s->loss_percent[A] = 0;
    site_signal(s, A, SIGNAL_CLEAR);
    s->routed_percent = SITE_UNKNOWN;  // the slice waits for proof
    while (s->state == INCIDENT_HELD && s->ms < 60000)
        site_run(s, 50);
    assert_int_equal(s->state, INCIDENT_TRIAL);
    story_ask(s->engine, path_of(s, A), STORY_DRAIN, "asked for");
    site_run(s, 60000);
    assert_int_equal(s->engine->stories[path_of(s, A)].state, INCIDENT_HELD);
    assert_int_equal(s->standing, 2 * SITE_WAYS);
    site_close(s);
}

static void waits_for_a_thaw(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    site_feed(s, (struct event){.kind = EVENT_COMMAND, .command = COMMAND_FREEZE});
    story_ask(s->engine, path_of(s, A), STORY_DRAIN, "asked for");
    site_run(s, 3000);
    assert_int_equal(s->orders, 0);
    site_feed(s, (struct event){.kind = EVENT_COMMAND, .command = COMMAND_THAW});
    site_run(s, 3000);
    assert_int_equal(s->state, INCIDENT_HELD);
    site_feed(s, (struct event){.kind = EVENT_ROLE, .role = {ROLE_ROUTE, ROLE_DEAD, ""}});
    assert_int_equal(s->state, INCIDENT_CONFIRMED);  // it is asked for still
    site_close(s);
}

// ---- parts named at fault

// One of a hundred 5-tuples of A is dead: no detector of the path is sure of that.
static struct fault named_part(enum fault_state state)
{
    struct fault fault = {.number = 1,
                          .state = state,
                          .symptom = FAULT_TUPLES,
                          .part = fault_part_any(),
                          .evidence = {.samples = 40000,
                                       .lost = 2500,
                                       .loss_ppm = 1000000,
                                       .flows = 60,
                                       .flows_lossy = 60,
                                       .share_ppm = 62500}};
    fault.part.upstream = A;
    fault.part.family = FAMILY_IPV4;
    return fault;
}

static void tell(struct site *s, struct fault fault)
{
    site_feed(s, (struct event){.kind = EVENT_FAULT, .fault = fault});
    site_run(s, 3000);
}

static void moves_away_from_a_named_part(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    s->net.steer.act_on_faults = true;
    s->net.steer.hold_min_ns = 10 * (int64_t)NS_PER_S;
    tell(s, named_part(FAULT_SUSPECTED));
    assert_int_equal(s->said_count, 0);
    tell(s, named_part(FAULT_NAMED));
    site_check_said(s, 0, PLAN_ACT, A, B);
    assert_in_range(s->said[0].loss_from_ppm, 40000, 62500);
    assert_int_equal(s->state, INCIDENT_HELD);
    site_run(s, 60000);
    assert_int_equal(s->state, INCIDENT_HELD);
    tell(s, named_part(FAULT_OVER));
    site_run(s, 20000);
    assert_int_equal(s->state, INCIDENT_CLOSED);
    assert_int_equal(s->standing, 0);
    site_close(s);
}

// Each by itself makes it no reason to move.
static void moves_for_no_other_fault(void **state)
{
    (void)state;
    enum { NOT_SAID, REVERSE, TARGET, PLACE, DELAY, CLASS, SIZE, LITTLE, OTHER_FAMILY, CASES };
    for (int n = 0; n < CASES; n++) {
        struct site *s = site_open(1);
        struct fault fault = named_part(FAULT_NAMED);
        s->net.steer.act_on_faults = n != NOT_SAID;
        fault.part.direction = n == REVERSE ? FAULT_REVERSE : FAULT_EITHER;
        fault.part.target = n == TARGET ? 0 : NET_NOBODY;
        snprintf(fault.part.place, sizeof fault.part.place, "%s", n == PLACE ? "Asia" : "");
        fault.symptom = n == DELAY ? FAULT_DELAY : FAULT_TUPLES;
        fault.part.dscp = n == CLASS ? 46 : FAULT_ANY;
        fault.part.size_bytes = n == SIZE ? 1400 : FAULT_ANY;
        fault.evidence.share_ppm = n == LITTLE ? 5000 : 62500;
        fault.part.family = n == OTHER_FAMILY ? FAMILY_IPV6 : FAMILY_IPV4;
        tell(s, fault);
        if (s->orders > 0)
            fail_msg("case %d moved", n);
        site_close(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drains_and_returns),
        cmocka_unit_test(drains_to_what_tells_little),
        cmocka_unit_test(takes_back_a_drain_that_loses),
        cmocka_unit_test(returns_only_to_what_works),
        cmocka_unit_test(joins_what_is_moved_already),
        cmocka_unit_test(waits_for_a_thaw),
        cmocka_unit_test(moves_away_from_a_named_part),
        cmocka_unit_test(moves_for_no_other_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
