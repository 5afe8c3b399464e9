// SPDX-License-Identifier: ISC
// Limits that two persons lift together: who may, for how long, and what becomes possible by it.
#include "engine/site_check.h"
#include "engine/state.h"

#include "base/check.h"

enum { A = SITE_A, B, ANNA = 1000, BERT = 1001 };

static struct event_asked by(uint32_t uid, enum event_asked_for what)
{
    struct event_asked asked = {.what = what, .uid = uid, .object.kind = NET_OBJECT_KINDS};
    strcpy(asked.who, uid == ANNA ? "anna" : uid == BERT ? "bert" : "root");
    return asked;
}

static struct event_asked lift(const struct site *s, enum lift_rule rule, uint32_t upstream)
{
    struct event_asked asked = by(ANNA, ASKED_LIFT);
    asked.number = rule;
    asked.object = (struct net_object){NET_OBJECT_UPSTREAM, upstream, 0};
    asked.until = mono_add_ms(s->engine->now, 3600 * 1000);
    strcpy(asked.reason, "both sick");
    return asked;
}

static struct event_asked of_number(uint32_t uid, enum event_asked_for what, uint32_t number)
{
    struct event_asked asked = by(uid, what);
    asked.number = number;
    return asked;
}

static void ask(struct site *s, struct event_asked asked, bool done, const char *text)
{
    site_feed(s, (struct event){.kind = EVENT_ASKED, .asked = asked});
    if (s->answered.done != done || !strstr(s->answered.text, text))
        fail_msg("'%s', %s, not '%s'", s->answered.text, s->answered.done ? "done" : "refused",
                 text);
}

static bool is_lifted(const struct site *s, enum lift_rule rule, uint32_t upstream)
{
    return lifts_hold(s->engine, rule, upstream);
}

static void lifts_when_two_say_so(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    ask(s, lift(s, LIFT_S9, B), true, "S9 of upstream b is lifted when another person says so");
    assert_int_equal(s->answered.number, 1);
    assert_false(is_lifted(s, LIFT_S9, B));
    ask(s, of_number(ANNA, ASKED_APPROVE, 1), false, "you asked for it yourself");
    ask(s, of_number(0, ASKED_APPROVE, 1), false, "root is nobody in particular");
    ask(s, lift(s, LIFT_S9, B), false, "lift 1 of it stands already, by anna: waits");
    assert_false(is_lifted(s, LIFT_S9, B));
    ask(s, of_number(BERT, ASKED_APPROVE, 1), true, "S9 of upstream b is lifted for 60 min");
    assert_true(is_lifted(s, LIFT_S9, B));
    assert_false(is_lifted(s, LIFT_S8, B) || is_lifted(s, LIFT_S10, B) || is_lifted(s, LIFT_S9, A));
    ask(s, of_number(BERT, ASKED_APPROVE, 1), false, "no plan 1 waits");
    ask(s, lift(s, LIFT_S9, B), false, "in_force");
    site_run(s, 3600 * 1000 - 100);
    assert_true(is_lifted(s, LIFT_S9, B));
    site_run(s, 200);
    assert_false(is_lifted(s, LIFT_S9, B));
    assert_int_equal(s->engine->lifts.items[0].state, LIFT_OVER);
    ask(s, of_number(BERT, ASKED_UNLIFT, 1), false, "there is no lift 1");
    site_close(s);
}

// The kernel knows nobody of them: they are told apart by their names.
static void tells_people_over_the_web_apart(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    struct event_asked asked = lift(s, LIFT_S9, B), second = of_number(BERT, ASKED_APPROVE, 1);
    asked.uid = second.uid = ASKED_UID_WEB;
    ask(s, asked, true, "when another person says so");
    ask(s, of_number(ANNA, ASKED_APPROVE, 1), false, "you asked for it yourself");
    strcpy(second.who, "anna");
    ask(s, second, false, "you asked for it yourself");
    strcpy(second.who, "bert");
    second.uid = ASKED_UID_TOKEN;
    ask(s, second, false, "a token is nobody");
    second.uid = ASKED_UID_WEB;
    ask(s, second, true, "S9 of upstream b is lifted");
    site_close(s);
}

static void one_person_ends_it(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    ask(s, lift(s, LIFT_S8, A), true, "S8 of upstream a");
    ask(s, of_number(BERT, ASKED_APPROVE, 1), true, "is lifted");
    ask(s, of_number(0, ASKED_UNLIFT, 1), true, "lift 1 is over");
    assert_false(is_lifted(s, LIFT_S8, A));
    ask(s, lift(s, LIFT_S8, A), true, "S8 of upstream a");
    assert_int_equal(s->answered.number, 2);
    site_run(s, STEER_APPROVAL_S * 1000 + 100);
    ask(s, of_number(BERT, ASKED_APPROVE, 2), false, "no plan 2 waits");
    ask(s, of_number(BERT, ASKED_APPROVE, 0), false, "no plan 0 waits");
    ask(s, of_number(BERT, ASKED_UNLIFT, 0), false, "there is no lift 0");
    site_close(s);
}

static void refuses_what_may_not_be(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    struct event_asked no = lift(s, LIFT_RULES, A);
    ask(s, no, false, "only S8, S9 and S10 may be lifted");
    no = lift(s, LIFT_S9, A);
    no.uid = 0;
    ask(s, no, false, "root is nobody in particular");
    no = lift(s, LIFT_S9, A);
    no.reason[0] = '\0';
    ask(s, no, false, "a reason is missing");
    no = lift(s, LIFT_S9, A);
    no.until = mono_add_ms(s->engine->now, 4 * 3600 * 1000 + 1000);
    ask(s, no, false, "at most 4 hours");
    no.until = (struct mono){INT64_MAX};
    ask(s, no, false, "at most 4 hours");
    no.until = s->engine->now;
    ask(s, no, false, "write how long");
    no.until = (struct mono){0};
    ask(s, no, false, "write how long");
    static const struct net_object wide[] = {{NET_OBJECT_SITE, 0, 0},
                                             {NET_OBJECT_KINDS, 0, 0},
                                             {NET_OBJECT_UPSTREAM, 99, 0},
                                             {NET_OBJECT_MEMBER, 0, 0}};
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++) {
        no = lift(s, LIFT_S9, A);
        no.object = wide[i];
        ask(s, no, false, "a limit is lifted for one upstream, or a router");
    }
    for (uint32_t way = A; way < SITE_WAYS; way++) {
        ask(s, lift(s, LIFT_S8, way), true, "is lifted when");
        ask(s, lift(s, LIFT_S10, way), true, "is lifted when");
    }
    ask(s, lift(s, LIFT_S9, A), false, "8 lifts stand already");
    site_close(s);
}

static void lift_it(struct site *s, enum lift_rule rule, uint32_t upstream)
{
    ask(s, lift(s, rule, upstream), true, "is lifted when");
    ask(s, of_number(BERT, ASKED_APPROVE, s->answered.number), true, "is lifted for");
}

// With one of four away no second may go (25 %), unless it is lifted; and the last one never.
static void one_more_may_be_left(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    uint32_t path = net_path_find(&s->net, B, FAMILY_IPV4);
    s->net.steer.budget.drained_upstreams_percent = 25;
    s->loss_percent[A] = 40;
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 3000);
    assert_int_equal(s->state, INCIDENT_HELD);
    assert_false(budget_may_drain(s->engine, path));
    lift_it(s, LIFT_S9, A);
    assert_false(budget_may_drain(s->engine, path));
    lift_it(s, LIFT_S9, B);
    assert_true(budget_may_drain(s->engine, path));
    s->net.upstream_count = 2;
    assert_false(budget_may_drain(s->engine, path));
    s->net.upstream_count = SITE_WAYS;
    site_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lifts_when_two_say_so), cmocka_unit_test(tells_people_over_the_web_apart),
        cmocka_unit_test(one_person_ends_it),    cmocka_unit_test(refuses_what_may_not_be),
        cmocka_unit_test(one_more_may_be_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
