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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(freezes_and_thaws_by_name),
        cmocka_unit_test(freezes_what_is_moved),
        cmocka_unit_test(withdraws_all_and_stays_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
