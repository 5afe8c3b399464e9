// SPDX-License-Identifier: ISC
// Sites that share a backbone: who goes at once, who waits, and that nobody waits for ever.
#include "engine/site_check.h"
#include "engine/state.h"
#include "engine/turn.h"

#include "base/check.h"

#include <stdio.h>
#include <string.h>

enum { A = SITE_A };

// Of six sites the detector saw 20 of 50 lost, then four of ten are: two of six are surely too few.
// Each further one has its time after the onset, if the loss stays as it is.
static const struct {
    const char *name;
    uint32_t sites, turn, ms;  // ms: after the detector spoke, half a second after the onset
    bool moves;
} rows[] = {
    {"nobody shares it", 0, 0, 500, true},         {"the first goes at once", 6, 1, 500, true},
    {"the second too", 6, 2, 500, true},           {"the third too", 6, 3, 500, true},
    {"the fourth waits", 6, 4, 2500, false},       {"and goes then", 6, 4, 3500, true},
    {"the last of six", 6, 6, 5000, false},        {"and goes then", 6, 6, 7000, true},
    {"the third of a hundred", 100, 3, 500, true}, {"the first of two", 2, 1, 500, true},
};

static void each_has_its_turn(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct site *s = site_open(1);
        s->net.upstreams[A].shared = (struct net_shared){rows[i].sites, rows[i].turn};
        s->loss_percent[A] = 40;
        site_signal(s, A, SIGNAL_CONFIRMED);
        site_run(s, rows[i].ms);
        bool moves = s->said_count > 0 && s->said[s->said_count - 1].verdict == PLAN_ACT;
        if (moves != rows[i].moves)
            fail_msg("turn %u of %u after %u ms: %s", rows[i].turn, rows[i].sites, rows[i].ms,
                     rows[i].name);
        if (!moves && rows[i].ms > 1500)
            assert_non_null(strstr(s->said[0].reason, "other sites share this backbone"));
        site_close(s);
    }
}

// Nothing is left: it is no lack of room, and only detectors' doubt keeps the last.
static void a_dead_backbone_is_left_by_all(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    s->net.upstreams[A].shared = (struct net_shared){6, 6};
    s->loss_percent[A] = 100;
    site_run(s, 1000);  // the window is full of it when the detector speaks
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 5000);
    site_check_said(s, s->said_count - 1, PLAN_ACT, A, s->said[s->said_count - 1].to);
    site_close(s);
}

// What the others moved was enough: who waited moves nothing.
static void the_others_were_enough(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    s->net.upstreams[A].shared = (struct net_shared){6, 4};
    s->loss_percent[A] = 40;
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 1000);
    s->loss_percent[A] = 0;
    site_run(s, 20000);
    assert_int_equal(s->orders, 0);
    site_close(s);
}

// The old way is good again: the first returns after its hold time, the second a turn later.
static void returns_in_turns(void **state)
{
    (void)state;
    for (uint32_t turn = 1; turn <= 2; turn++) {
        struct site *s = site_open(1);
        s->net.upstreams[A].shared = (struct net_shared){6, turn};
        s->net.steer.hold_min_ns = 5 * (int64_t)NS_PER_S;
        s->loss_percent[A] = 40;
        site_signal(s, A, SIGNAL_CONFIRMED);
        site_run(s, 3000);
        assert_int_equal(s->state, INCIDENT_HELD);
        s->loss_percent[A] = 0;
        site_signal(s, A, SIGNAL_CLEAR);
        site_run(s, (turn * STEER_TURN_BACK_S - 10) * 1000);
        assert_int_equal(s->state, INCIDENT_HELD);
        site_run(s, 60 * 1000);
        assert_int_equal(s->state, INCIDENT_CLOSED);
        site_close(s);
    }
}

// One detector speaks first because by chance it saw most lost: what the other family meets counts
// too, though its detector says nothing yet. The fourth of six is not needed then.
static void asks_both_families_how_much_is_lost(void **state)
{
    (void)state;
    for (int both = 0; both < 2; both++) {
        struct site *s = site_open(1);
        uint32_t other = net_path_find(&s->net, A, FAMILY_IPV6);
        s->net.upstreams[A].shared = (struct net_shared){6, 4};
        s->loss_percent[A] = 80;
        site_run(s, 500);
        struct event tally = {.kind = EVENT_TALLY,
                              .tally = {.path = other, .ok = 9000, .lost = 1000}};
        if (both)
            site_feed(s, tally);
        site_signal(s, A, SIGNAL_CONFIRMED);
        site_run(s, 500);
        assert_int_equal(s->orders == 0, both);
        site_close(s);
    }
}

// Much of a few packets: the error is that of the half for which three of six were enough, not the
// smaller one of so extreme a loss. The fourth waits for more.
static void a_few_packets_are_not_sure(void **state)
{
    static const struct {
        uint32_t samples, lost;
        bool moves;  // two of the losses do not count
    } seen[] = {{12, 12, true}, {12, 10, false}, {20, 16, false}, {50, 37, true}};
    (void)state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        for (size_t i = 0; i < sizeof seen / sizeof seen[0]; i++) {
            struct site *s = site_open(1);
            uint32_t path = net_path_find(&s->net, A, family);
            s->net.upstreams[A].shared = (struct net_shared){6, 4};
            site_feed(s, (struct event){.kind = EVENT_SIGNAL,
                                        .signal = {.kind = SIGNAL_CONFIRMED,
                                                   .path = path,
                                                   .began_at = s->engine->now,
                                                   .evidence = {.samples = seen[i].samples,
                                                                .lost = seen[i].lost}}});
            assert_int_equal(turn_is_ours(s->engine, path), seen[i].moves);
            site_close(s);
        }
}

// The second family is only suspected: with the first, which has left, it is known well enough;
// where nobody shares the upstream each family proves its own loss.
static void the_other_family_follows(void **state)
{
    (void)state;
    for (uint32_t sites = 0; sites <= 6; sites += 6) {
        struct site *s = site_open(1);
        uint32_t first = net_path_find(&s->net, A, FAMILY_IPV4);
        uint32_t second = net_path_find(&s->net, A, FAMILY_IPV6);
        s->net.upstreams[A].shared = (struct net_shared){sites, sites / 6};
        struct event event = {.kind = EVENT_SIGNAL, .signal.kind = SIGNAL_SUSPECT};
        event.signal.path = second;
        site_feed(s, event);
        site_run(s, 100);
        assert_int_equal(s->engine->stories[second].state, INCIDENT_SUSPECT);
        assert_int_equal(turn_sibling(s->engine, second), NET_NOBODY);
        s->loss_percent[A] = 40;
        site_signal(s, A, SIGNAL_CONFIRMED);
        site_run(s, 500);
        assert_true(story_moves(&s->engine->stories[first]));
        bool follows = sites > 0;
        assert_int_equal(s->engine->stories[second].state,
                         follows ? INCIDENT_CONFIRMED : INCIDENT_SUSPECT);
        assert_int_equal(turn_sibling(s->engine, second), follows ? first : NET_NOBODY);
        assert_int_equal(decide_loss_ppm(s->engine, second) > 300000, follows);
        site_close(s);
    }
}

int main(void)
{
    const struct CMUnitTest units[] = {
        cmocka_unit_test(each_has_its_turn),
        cmocka_unit_test(a_dead_backbone_is_left_by_all),
        cmocka_unit_test(the_others_were_enough),
        cmocka_unit_test(returns_in_turns),
        cmocka_unit_test(asks_both_families_how_much_is_lost),
        cmocka_unit_test(a_few_packets_are_not_sure),
        cmocka_unit_test(the_other_family_follows),
    };
    return cmocka_run_group_tests(units, NULL, NULL);
}
