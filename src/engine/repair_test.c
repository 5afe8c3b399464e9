// SPDX-License-Identifier: ISC
// A pair of switches, each with a hook that takes it out of use, and what becomes of a fault of
// one.
#include "engine/site_check.h"
#include "engine/state.h"

#include "base/check.h"

#include <string.h>

enum { CA1, CA2 };  // hooks, and members of the group

static struct site *open_pair(void)
{
    struct site *s = site_open(1);
    struct net_group *group = &s->net.groups[s->net.group_count++];
    *group = (struct net_group){"ca", NET_REDUNDANCY, 2, {{.name = "ca1"}, {.name = "ca2"}}};
    for (uint32_t m = CA1; m <= CA2; m++)
        s->net.hooks[m].object = (struct net_object){NET_OBJECT_MEMBER, 0, m};
    return s;
}

static const struct repair *repair_of(const struct site *s, uint32_t hook)
{
    return &s->engine->repairs[hook];
}

static void fault_is(struct site *s, enum fault_state state, uint32_t member)
{
    struct event event = {.kind = EVENT_FAULT,
                          .fault = {.number = 5 + member, .state = state, .words = "ca: all"}};
    event.fault.part = fault_part_any();
    strcpy(event.fault.part.group, "ca");
    strcpy(event.fault.part.member, member == CA1 ? "ca1" : "ca2");
    event.fault.evidence =
        (struct fault_evidence){.loss_ppm = 1000000, .share_ppm = 500000, .samples = 60};
    site_feed(s, event);
    site_run(s, 50);
}

static void program_is(struct site *s, bool undo, enum event_hook_state state)
{
    struct event event = {.kind = EVENT_HOOK};
    event.hook = (struct event_hook){CA2, repair_of(s, CA2)->number, undo, state, ""};
    site_feed(s, event);
    site_run(s, 50);
}

static void expect(const struct site *s, enum repair_state state, bool in_force, bool undo)
{
    assert_int_equal(repair_of(s, CA2)->state, state);
    assert_int_equal(hook_state(s->engine, CA2)->in_force, in_force);
    assert_int_equal(hook_state(s->engine, CA2)->undo, undo);
}

static struct site *open_acting(void)
{
    struct site *s = open_pair();
    fault_is(s, FAULT_NAMED, CA2);
    expect(s, REPAIR_ACTING, true, false);
    assert_int_equal(repair_of(s, CA1)->state, REPAIR_NONE);
    return s;
}

static void takes_it_out_and_keeps_it_out(void **state)
{
    (void)state;
    struct site *s = open_acting();
    program_is(s, false, HOOK_DONE);
    expect(s, REPAIR_ACTING, true, false);  // packets do not meet it yet
    site_run(s, 1000);
    expect(s, REPAIR_VERIFY, true, false);
    fault_is(s, FAULT_OVER, CA2);
    expect(s, REPAIR_HELD, true, false);
    site_run(s, 100 * 1000);  // longer than any hold
    expect(s, REPAIR_HELD, true, false);
    fault_is(s, FAULT_NAMED, CA1);  // the last one stays
    assert_int_equal(repair_of(s, CA1)->state, REPAIR_NONE);
    assert_int_equal(repair_of(s, CA1)->said_refusal, REPAIR_OTHER);
    site_close(s);
}

// Quick probes may see the end of it before the program says so.
static void believes_packets_that_are_quicker_than_the_program(void **state)
{
    (void)state;
    struct site *s = open_acting();
    fault_is(s, FAULT_OVER, CA2);
    expect(s, REPAIR_ACTING, true, false);
    program_is(s, false, HOOK_DONE);
    site_run(s, 1100);
    expect(s, REPAIR_HELD, true, false);
    site_close(s);
}

static void takes_back_what_did_not_help(void **state)
{
    (void)state;
    struct site *s = open_acting();
    program_is(s, false, HOOK_DONE);
    site_run(s, 1000 + 15 * 1000 + 100);
    expect(s, REPAIR_UNDOING, true, true);
    program_is(s, true, HOOK_DONE);
    expect(s, REPAIR_NONE, false, true);
    site_run(s, 50);
    assert_int_equal(repair_of(s, CA2)->said_refusal, REPAIR_BUDGET);  // not at once again
    int waited_s = 0;
    for (; waited_s < 180 && repair_of(s, CA2)->state == REPAIR_NONE; waited_s++)
        site_run(s, 1000);
    assert_in_range(waited_s, 90, 150);  // twice the least hold, by chance a fifth more or less
    expect(s, REPAIR_ACTING, true, false);
    site_close(s);
}

static void takes_back_what_failed(void **state)
{
    (void)state;
    struct site *s = open_acting();
    program_is(s, false, HOOK_FAILED);
    expect(s, REPAIR_UNDOING, true, true);
    program_is(s, true, HOOK_FAILED);
    expect(s, REPAIR_NONE, true, true);  // in force, perhaps: people were told
    site_run(s, 180 * 1000);
    expect(s, REPAIR_NONE, true, true);
    site_close(s);
}

static void says_so_where_there_is_no_way_back(void **state)
{
    (void)state;
    struct site *s = open_pair();
    s->net.hooks[CA2].undo_arguments.count = 0;
    fault_is(s, FAULT_NAMED, CA2);
    program_is(s, false, HOOK_FAILED);
    expect(s, REPAIR_NONE, true, false);
    site_close(s);
}

static void takes_back_what_it_cannot_verify(void **state)
{
    (void)state;
    struct site *s = open_acting();
    struct event event = {.kind = EVENT_ROLE, .role = {ROLE_PROBE, ROLE_DEAD, ""}};
    site_feed(s, event);
    expect(s, REPAIR_UNDOING, true, true);
    site_close(s);
}

static void freeze(struct site *s, bool on)
{
    site_feed(s,
              (struct event){.kind = EVENT_COMMAND, .command = on ? COMMAND_FREEZE : COMMAND_THAW});
    site_run(s, 50);
}

// Whatever stands, stands while it is frozen.
static void stays_as_it_is_while_frozen(void **state)
{
    (void)state;
    struct site *s = open_acting();
    program_is(s, false, HOOK_DONE);
    site_run(s, 1000);
    freeze(s, true);
    site_run(s, 60 * 1000);
    expect(s, REPAIR_VERIFY, true, false);
    freeze(s, false);
    expect(s, REPAIR_UNDOING, true, true);
    site_close(s);
}

// What is wrong with the fault or the moment, and what is said of it.
static const struct {
    const char *name;
    enum net_mode mode;
    bool frozen, hookless, suspected, delay, doubted, shared_risk, routerless;
    uint32_t share_ppm;
    enum repair_refusal said;
} refusals[] = {
    // clang-format off
    {.name = "only advice", .mode = NET_ADVISE, .share_ppm = 500000, .said = REPAIR_MAY},
    {.name = "only looking", .mode = NET_OBSERVE, .share_ppm = 500000, .said = REPAIR_MAY},
    {.name = "frozen", .mode = NET_ACT, .frozen = true, .share_ppm = 500000, .said = REPAIR_FROZEN},
    {.name = "nobody runs programs", .mode = NET_ACT, .hookless = true, .share_ppm = 500000,
     .said = REPAIR_NO_HOOK_ROLE},
    {.name = "a session is gone", .mode = NET_ACT, .routerless = true, .share_ppm = 500000,
     .said = REPAIR_NOT_READY},
    {.name = "the other one is doubted", .mode = NET_ACT, .doubted = true, .share_ppm = 500000,
     .said = REPAIR_LAST},
    {.name = "all fail as one", .mode = NET_ACT, .shared_risk = true, .share_ppm = 500000,
     .said = REPAIR_LAST},
    {.name = "half a percent just not", .mode = NET_ACT, .share_ppm = 4999, .said = REPAIR_GAIN},
    // clang-format on
};

static void says_why_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct site *s = open_pair();
        s->net.mode = refusals[i].mode;
        if (refusals[i].shared_risk)
            s->net.groups[0].kind = NET_SHARED_RISK;
        if (refusals[i].frozen)
            freeze(s, true);
        if (refusals[i].hookless)
            site_feed(s, (struct event){.kind = EVENT_ROLE, .role = {ROLE_HOOK, ROLE_DEAD, ""}});
        if (refusals[i].routerless)
            site_feed(s,
                      (struct event){.kind = EVENT_SESSION, .session = {0, SESSION_DOWN, 0, ""}});
        if (refusals[i].doubted)
            fault_is(s, FAULT_SUSPECTED, CA1);
        struct event event = {.kind = EVENT_FAULT, .fault = {.number = 6, .state = FAULT_NAMED}};
        event.fault.part = fault_part_any();
        strcpy(event.fault.part.group, "ca");
        strcpy(event.fault.part.member, "ca2");
        event.fault.evidence =
            (struct fault_evidence){.loss_ppm = 1000000, .share_ppm = refusals[i].share_ppm};
        site_feed(s, event);
        site_run(s, 50);
        CHECK_ROW(refusals[i].name, repair_of(s, CA2)->state == REPAIR_NONE);
        CHECK_ROW(refusals[i].name, !hook_state(s->engine, CA2)->in_force);
        CHECK_ROW(refusals[i].name, repair_of(s, CA2)->said_fault == 6);
        CHECK_ROW(refusals[i].name, repair_of(s, CA2)->said_refusal == refusals[i].said);
        site_close(s);
    }
}

static void leaves_other_faults_alone(void **state)
{
    (void)state;
    struct site *s = open_pair();
    fault_is(s, FAULT_SUSPECTED, CA2);
    assert_int_equal(repair_of(s, CA2)->said_fault, 0);
    struct event event = {.kind = EVENT_FAULT,
                          .fault = {.number = 9, .state = FAULT_NAMED, .symptom = FAULT_DELAY}};
    event.fault.part = fault_part_any();
    strcpy(event.fault.part.group, "ca");
    site_feed(s, event);  // of no member
    strcpy(event.fault.part.member, "ca2");
    event.fault.number++;
    site_feed(s, event);  // packets are late, not lost
    site_run(s, 100);
    expect(s, REPAIR_NONE, false, false);
    assert_int_equal(repair_of(s, CA2)->said_fault, 0);
    site_close(s);
}

static void undrain(struct site *s, uint32_t member)
{
    struct event event = {.kind = EVENT_ASKED};
    event.asked.what = ASKED_UNDRAIN;
    event.asked.object = (struct net_object){NET_OBJECT_MEMBER, 0, member};
    strcpy(event.asked.who, "anna");
    site_feed(s, event);
    site_run(s, 50);
}

// The daemon before took one out of use: the other is the last, until people bring the first back.
static void knows_what_was_out_before_it_began(void **state)
{
    (void)state;
    struct site *s = open_pair();
    site_feed(s, (struct event){.kind = EVENT_HOOK, .hook = {CA1, 0, false, HOOK_STANDS, "t1"}});
    fault_is(s, FAULT_NAMED, CA2);
    expect(s, REPAIR_NONE, false, false);
    assert_int_equal(repair_of(s, CA2)->said_refusal, REPAIR_OTHER);
    undrain(s, CA1);
    assert_true(s->answered.done);
    site_feed(s, (struct event){.kind = EVENT_HOOK, .hook = {CA1, 0, true, HOOK_DONE, ""}});
    site_run(s, 50);
    expect(s, REPAIR_ACTING, true, false);
    site_close(s);
}

static void is_brought_back_by_people(void **state)
{
    (void)state;
    struct site *s = open_acting();
    program_is(s, false, HOOK_DONE);
    undrain(s, CA2);  // packets must say first whether it helps
    assert_false(s->answered.done);
    expect(s, REPAIR_ACTING, true, false);
    site_run(s, 1000);
    fault_is(s, FAULT_OVER, CA2);
    expect(s, REPAIR_HELD, true, false);
    undrain(s, CA2);
    assert_true(s->answered.done);
    expect(s, REPAIR_HELD, true, true);
    program_is(s, true, HOOK_DONE);
    expect(s, REPAIR_NONE, false, true);
    undrain(s, CA2);
    assert_false(s->answered.done);
    site_close(s);
}

// The prober was stopped, or we were: what it named before may be over.
static void waits_after_it_was_deaf(void **state)
{
    (void)state;
    struct site *s = open_pair();
    s->net.steer.quiet_start_ns = NS_PER_S;
    s->ms += 1500;
    site_run(s, 50);
    fault_is(s, FAULT_NAMED, CA2);
    site_run(s, 10500);  // for a second what it tells is of before
    expect(s, REPAIR_NONE, false, false);
    assert_int_equal(repair_of(s, CA2)->said_refusal, REPAIR_NOT_READY);
    site_run(s, 700);
    expect(s, REPAIR_ACTING, true, false);
    site_close(s);
}

// It lives, and can vouch for nothing that it asks.
static void waits_after_it_told_nothing_usable(void **state)
{
    (void)state;
    struct site *s = open_pair();
    s->routed_percent = SITE_UNKNOWN;
    for (uint32_t way = 0; way < SITE_WAYS; way++)
        s->void_percent[way] = 100;
    site_run(s, 3000);
    fault_is(s, FAULT_NAMED, CA2);
    site_run(s, 12 * 1000);
    expect(s, REPAIR_NONE, false, false);
    memset(s->void_percent, 0, sizeof s->void_percent);
    site_run(s, 9500);
    expect(s, REPAIR_NONE, false, false);
    assert_int_equal(repair_of(s, CA2)->said_refusal, REPAIR_NOT_READY);
    site_run(s, 700);
    expect(s, REPAIR_ACTING, true, false);
    site_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_it_out_and_keeps_it_out),
        cmocka_unit_test(believes_packets_that_are_quicker_than_the_program),
        cmocka_unit_test(takes_back_what_did_not_help),
        cmocka_unit_test(takes_back_what_failed),
        cmocka_unit_test(says_so_where_there_is_no_way_back),
        cmocka_unit_test(takes_back_what_it_cannot_verify),
        cmocka_unit_test(stays_as_it_is_while_frozen),
        cmocka_unit_test(says_why_not),
        cmocka_unit_test(leaves_other_faults_alone),
        cmocka_unit_test(knows_what_was_out_before_it_began),
        cmocka_unit_test(is_brought_back_by_people),
        cmocka_unit_test(waits_after_it_was_deaf),
        cmocka_unit_test(waits_after_it_told_nothing_usable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
