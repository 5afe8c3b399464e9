// SPDX-License-Identifier: ISC
// What persons ask of the engine by name, and what they are answered.
#include "engine/site_check.h"
#include "engine/state.h"

#include "base/check.h"

enum { A = SITE_A, ANNA = 1000 };

static struct event_asked asked(enum event_asked_for what, const char *who, const char *reason)
{
    struct event_asked asked = {.what = what, .uid = ANNA};
    strcpy(asked.who, who);
    strcpy(asked.reason, reason);
    return asked;
}

// Asks, and checks what is answered.
static void ask(struct site *s, struct event_asked asked, bool done, const char *text)
{
    site_feed(s, (struct event){.kind = EVENT_ASKED, .asked = asked});
    if (s->answered.done != done || strcmp(s->answered.text, text) != 0)
        fail_msg("'%s', %s, not '%s'", s->answered.text, s->answered.done ? "done" : "refused",
                 text);
    assert_int_equal(s->answered.what, asked.what);
    assert_int_equal(s->answered.uid, asked.uid);
    assert_string_equal(s->answered.who, asked.who);
}

static void freezes_and_thaws_by_name(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    ask(s, asked(ASKED_THAW, "anna", ""), false, "nothing is frozen");
    ask(s, asked(ASKED_FREEZE, "anna", "core change"), true,
        "nothing moves until a thaw, what stands stays: core change");
    assert_true(s->engine->frozen);
    assert_string_equal(s->engine->frozen_why, "anna: core change");
    ask(s, asked(ASKED_FREEZE, "bert", "mine"), false, "frozen already: anna: core change");
    s->loss_percent[A] = 40;
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 3000);
    assert_int_equal(s->orders, 0);
    ask(s, asked(ASKED_THAW, "bert", ""), true, "thawed: what was begun is finished");
    assert_string_equal(s->engine->frozen_why, "");
    site_run(s, 1000);
    assert_true(s->orders > 0);
    site_close(s);
}

static bool is_told_frozen_before(const struct site *s, const char *text)
{
    const struct notice *notice;
    for (uint32_t n = 0; (notice = engine_notice(s->engine, n)); n++)
        if (notice->kind == NOTICE_FROZEN_BEFORE)
            return strcmp(notice->text, text) == 0;
    return false;
}

// As it was when the daemon before ended, however it did: until a person thaws.
static void is_frozen_from_before(void **state)
{
    (void)state;
    static const char why[] = "anna since t1: core change";
    struct site *s = site_open(1);
    site_feed(s, (struct event){.kind = EVENT_FROZEN, .frozen = {"anna since t1: core change"}});
    assert_true(s->engine->frozen && is_told_frozen_before(s, why));
    assert_string_equal(s->engine->frozen_why, why);
    ask(s, asked(ASKED_FREEZE, "bert", "mine"), false,
        "frozen already: anna since t1: core change");
    s->loss_percent[A] = 40;
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 3000);
    assert_int_equal(s->orders, 0);
    assert_true(is_told_frozen_before(s, why));
    ask(s, asked(ASKED_THAW, "bert", ""), true, "thawed: what was begun is finished");
    assert_false(is_told_frozen_before(s, why));
    site_run(s, 1000);
    assert_true(s->orders > 0);
    site_close(s);
}

// What stands when it is frozen stays, and nothing returns.
static void freezes_what_is_moved(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    s->loss_percent[A] = 40;
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 3000);
    uint32_t standing = s->standing, orders = s->orders;
    assert_true(standing > 0);
    ask(s, asked(ASKED_FREEZE, "anna", ""), true, "nothing moves until a thaw, what stands stays");
    s->loss_percent[A] = 0;
    site_signal(s, A, SIGNAL_CLEAR);
    site_run(s, 300 * 1000);
    assert_int_equal(s->standing, standing);
    assert_int_equal(s->orders, orders);
    site_close(s);
}

static void publishes_the_status_of_an_outage(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    struct event_asked publish = asked(ASKED_PUBLISH, "anna", "we know");
    publish.number = 1;
    ask(s, publish, false, "there is no status page: see the key 'status_page.directory'");
    strcpy(s->net.status_page.directory, "/p");
    ask(s, publish, false, "there was no outage 1 since Fairlead was started");
    s->loss_percent[A] = 40;
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 3000);
    ask(s, publish, true, "the status of outage 1 goes out as it is drafted");
    assert_int_equal(s->engine->effects[0].kind, EFFECT_PUBLISH);
    assert_int_equal(s->engine->effects[0].publish.number, 1);
    assert_string_equal(s->engine->effects[0].publish.who, "anna");
    assert_string_equal(s->engine->effects[0].publish.note, "we know");
    publish.number = 0;
    ask(s, publish, false, "there was no outage 0 since Fairlead was started");
    publish.run = 3;  // only the store knows of earlier lives
    publish.number = 12;
    ask(s, publish, true, "the status of outage 3.12 goes out as it is drafted");
    assert_int_equal(s->engine->effects[0].publish.run, 3);
    assert_int_equal(s->engine->effects[0].publish.number, 12);
    site_close(s);
}

// Whether it was frozen before or not: all goes, and nothing comes back by itself.
static void withdraws_all_and_stays_so(void **state)
{
    (void)state;
    for (int frozen = 0; frozen < 2; frozen++) {
        struct site *s = site_open(1);
        s->loss_percent[A] = 40;
        site_signal(s, A, SIGNAL_CONFIRMED);
        site_run(s, 3000);
        assert_true(s->standing > 0);
        if (frozen)
            ask(s, asked(ASKED_FREEZE, "anna", ""), true,
                "nothing moves until a thaw, what stands stays");
        ask(s, asked(ASKED_WITHDRAW_ALL, "bert", "a fire"), true,
            "all is withdrawn, and nothing moves until a thaw: a fire");
        assert_int_equal(s->released, 1);
        assert_string_equal(s->engine->frozen_why, "bert: a fire");
        uint32_t orders = s->orders;
        site_run(s, 300 * 1000);
        assert_int_equal(s->orders, orders);
        ask(s, asked(ASKED_THAW, "bert", ""), true, "thawed: what was begun is finished");
        site_close(s);
    }
}

static struct event_asked approval(uint32_t number)
{
    struct event_asked a = asked(ASKED_APPROVE, "anna", "");
    a.number = number;
    return a;
}

static struct site *open_confirming(void)
{
    struct site *s = site_open(1);
    s->net.mode = NET_CONFIRM;
    s->loss_percent[A] = 40;
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 1000);
    site_check_said(s, 0, PLAN_CONFIRM, A, SITE_B);
    assert_int_equal(s->orders, 0);
    return s;
}

// Nothing is done before; once done, it goes on and returns without a person.
static void waits_for_approval(void **state)
{
    (void)state;
    struct site *s = open_confirming();
    uint32_t number = s->said[0].approval;
    assert_true(number > 0);
    ask(s, approval(number + 1), false,
        "no plan 3 waits: it was never, is over, or is replaced by another; see fairlead plans");
    assert_int_equal(s->orders, 0);
    ask(s, approval(number), true, "plan 2, a ipv4: it is being done");
    assert_true(s->orders > 0);
    site_check_said(s, 1, PLAN_ACT, A, SITE_B);
    site_run(s, 5000);
    assert_int_equal(s->state, INCIDENT_HELD);
    s->loss_percent[A] = 0;
    site_signal(s, A, SIGNAL_CLEAR);
    site_run(s, 200 * 1000);
    assert_int_equal(s->state, INCIDENT_CLOSED);
    ask(s, approval(number), false,
        "no plan 2 waits: it was never, is over, or is replaced by another; see fairlead plans");
    site_close(s);
}

// The plan must still be what the person was told, and hold.
static void refuses_what_is_stale(void **state)
{
    (void)state;
    struct site *s = open_confirming();
    uint32_t first = s->said[0].approval, said = s->said_count;
    site_run(s, 599 * 1000);
    assert_int_equal(s->said_count, said);
    site_run(s, 2000);
    assert_int_equal(s->said_count, said + 1);
    uint32_t second = s->said[said].approval;
    assert_true(second > first);
    site_feed(s, (struct event){.kind = EVENT_ASKED, .asked = approval(first)});
    assert_false(s->answered.done);
    s->loss_percent[SITE_B] = 40;  // it would lead elsewhere
    site_signal(s, SITE_B, SIGNAL_CONFIRMED);
    site_feed(s, (struct event){.kind = EVENT_ASKED, .asked = approval(second)});
    assert_false(s->answered.done);
    assert_int_equal(s->orders, 0);
    site_check_said(s, said + 1, PLAN_CONFIRM, A, SITE_C);
    assert_true(s->said[said + 1].approval > second);
    s->loss_percent[A] = 0;  // nothing would be gained
    site_signal(s, A, SIGNAL_CLEAR);
    site_run(s, 5000);
    ask(s, approval(0), false,
        "no plan 0 waits: it was never, is over, or is replaced by another; see fairlead plans");
    site_close(s);
}

// What did not help was approved, what comes next was not.
static void asks_again_after_a_failure(void **state)
{
    (void)state;
    struct site *s = open_confirming();
    s->routed_percent = 40;
    site_feed(s, (struct event){.kind = EVENT_ASKED, .asked = approval(s->said[0].approval)});
    assert_true(s->answered.done);
    site_run(s, 10 * 1000);
    site_check_said(s, 1, PLAN_ACT, A, SITE_B);
    site_check_said(s, 2, PLAN_UNDO, SITE_B, A);
    site_check_said(s, 3, PLAN_CONFIRM, A, SITE_C);
    assert_int_equal(s->standing, 0);
    site_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_frozen_from_before),
        cmocka_unit_test(freezes_and_thaws_by_name),
        cmocka_unit_test(freezes_what_is_moved),
        cmocka_unit_test(waits_for_approval),
        cmocka_unit_test(refuses_what_is_stale),
        cmocka_unit_test(publishes_the_status_of_an_outage),
        cmocka_unit_test(asks_again_after_a_failure),
        cmocka_unit_test(withdraws_all_and_stays_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
