// SPDX-License-Identifier: ISC
// What the world was asked is given back at once where that harms, or nobody can vouch for it.
#include "engine/inbound_check.h"
#include "engine/state.h"

#include "base/check.h"

enum { A = INBOUND_A, B, C };

static const struct harm_row {
    const char *name;
    uint32_t b_percent;
    int64_t b_mbps, c_mbps;
    bool suspected, frozen, ends;
} harms[] = {
    {"nothing", 0, 500, 500, false, false, false},
    {"the other loses more", 60, 500, 500, false, false, true},
    {"the other loses less", 15, 500, 500, false, false, false},
    {"the other loses more, and all is frozen", 60, 500, 500, false, true, false},
    {"the other may lose more", 60, 500, 500, true, false, false},
    {"one that it was not asked to turn to is full", 0, 500, 960, false, false, false},
    {"the other is full", 0, 960, 500, false, false, true},
    {"demand has grown", 0, 940, 500, false, false, false},
    {"and something is lost there", 15, 810, 500, false, false, true},
};

static void gives_back_what_harms(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof harms / sizeof harms[0]; i++)
        for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
            const struct harm_row *harm = &harms[i];
            struct site *s = inbound_site(family, NET_ACT);
            s->net.upstreams[B].capacity_mbps = s->net.upstreams[C].capacity_mbps = 1000;
            inbound_lose(s, 40, LONG_MS);
            s->net.steer.capacity = NET_CAPACITY_PROVE;
            if (harm->frozen)
                site_feed(s, (struct event){.kind = EVENT_COMMAND, .command = COMMAND_FREEZE});
            s->loss_percent[B] = harm->b_percent;
            if (harm->b_percent)
                site_signal(s, B, harm->suspected ? SIGNAL_SUSPECT : SIGNAL_CONFIRMED);
            inbound_use(s, 100, harm->b_mbps);
            site_feed(s, (struct event){.kind = EVENT_USE, .use = {C, MBIT, harm->c_mbps * MBIT}});
            site_run(s, 15000);
            if (inbound_is_offered_last(s) == harm->ends)
                fail_msg("%s, %s: %s", harm->name, family_name(family),
                         inbound_of_a(s)->told.reason);
            inbound_heal(s);
            s->loss_percent[B] = 0;
            site_signal(s, B, SIGNAL_CLEAR);
            s->net.steer.capacity = NET_CAPACITY_IGNORE;
            inbound_lose(s, 40, 25 * MINUTE_MS);
            assert_int_equal(inbound_of_a(s)->hold.act_count, harm->ends ? 2 : 1);
            site_close(s);
        }
}

static void let_down(struct site *s)
{
    s->loss_percent[B] = 90;
    site_signal(s, B, SIGNAL_CONFIRMED);
    site_run(s, 10000);
    assert_false(inbound_is_offered_last(s));
    s->loss_percent[B] = 0;
    site_signal(s, B, SIGNAL_CLEAR);
}

// Two changes in an hour.
static void waits_after_a_failure(void **state)
{
    (void)state;
    struct site *s = inbound_site(FAMILY_IPV6, NET_ACT);
    inbound_lose(s, 40, LONG_MS);
    for (int i = 0; i < 2; i++) {
        let_down(s);
        inbound_run(s, 55 * MINUTE_MS);
        assert_false(inbound_is_offered_last(s));
        for (int minute = 0; minute < 20 && !inbound_is_offered_last(s); minute++)
            inbound_run(s, MINUTE_MS);
        assert_true(inbound_is_offered_last(s));
    }
    site_close(s);
}

// I6: none would gain.
static void bad_alike_is_no_harm(void **state)
{
    (void)state;
    struct site *s = inbound_site(FAMILY_IPV6, NET_ACT);
    inbound_lose(s, 40, LONG_MS);
    s->loss_percent[B] = 40;
    site_signal(s, B, SIGNAL_CONFIRMED);
    inbound_run(s, 2 * MINUTE_MS);
    assert_true(inbound_is_offered_last(s));
    site_close(s);
}

// Fail open: nobody can vouch for it any more.
static void lets_go(void **state)
{
    (void)state;
    static const struct event events[] = {
        {.kind = EVENT_ROLE, .role = {ROLE_PROBE, ROLE_DEAD, ""}},
        {.kind = EVENT_COMMAND, .command = COMMAND_WITHDRAW},
    };
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        for (enum inbound_state at = INBOUND_ACTING; at <= INBOUND_HELD; at++) {
            struct site *s = inbound_site(FAMILY_IPV6, NET_ACT);
            inbound_lose(s, 40, LONG_MS);
            assert_true(inbound_is_offered_last(s));
            inbound_of_a(s)->state = at;  // acting: another router has not answered yet
            site_feed(s, events[i]);
            assert_int_equal(inbound_of_a(s)->told.verdict, PLAN_UNDO);
            site_feed(s, (struct event){.kind = EVENT_TICK});
            assert_false(inbound_is_offered_last(s));
            site_close(s);
        }
    struct site *s = inbound_site(FAMILY_IPV6, NET_ACT);  // with nothing moved beside
    inbound_lose(s, 40, LONG_MS);
    for (int64_t ms = 0; ms <= ENGINE_RELEASE_MS; ms += 50, s->ms += 50)
        site_feed(s, (struct event){.kind = EVENT_TICK});
    assert_false(inbound_is_offered_last(s));
    site_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_back_what_harms),
        cmocka_unit_test(waits_after_a_failure),
        cmocka_unit_test(bad_alike_is_no_harm),
        cmocka_unit_test(lets_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
