// SPDX-License-Identifier: ISC
// Four ways out: which one is chosen, what follows when it does not help, and two that fail at
// once.
#include "engine/site_check.h"
#include "engine/state.h"

#include "base/check.h"

enum { A = SITE_A, B, C, D };

static void chooses_the_best_way(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    s->loss_percent[B] = s->loss_percent[D] = 1;
    site_run(s, 2000);
    s->loss_percent[A] = 40;
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 2000);
    assert_int_equal(s->said_count, 1);
    site_check_said(s, 0, PLAN_ACT, A, C);
    assert_int_equal(s->said[0].prefixes, 2);                   // no default route: S5
    assert_in_range(s->said[0].loss_from_ppm, 150000, 400000);  // what the detector saw, 20 of 50
    assert_int_equal(s->state, INCIDENT_HELD);
    assert_int_equal(s->standing, 2 * SITE_WAYS);
    site_close(s);
}

// Two ways that do not help are left again, and then it stays so for the hold time.
static void gives_up_after_two_tries(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    s->loss_percent[A] = s->routed_percent = 40;
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 20000);
    assert_int_equal(s->said_count, 5);
    site_check_said(s, 0, PLAN_ACT, A, B);
    site_check_said(s, 1, PLAN_UNDO, B, A);
    site_check_said(s, 2, PLAN_ACT, A, C);
    site_check_said(s, 3, PLAN_UNDO, C, A);
    site_check_said(s, 4, PLAN_REFUSED, A, NET_NOBODY);
    assert_non_null(strstr(s->said[4].reason, "two moves did not help"));
    site_run(s, 200000);  // the hold times, doubled and jittered, are over
    site_check_said(s, 5, PLAN_ACT, A, B);
    site_close(s);
}

// The second waits until packets have proven the first.
static void moves_one_at_a_time(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    s->loss_percent[A] = s->loss_percent[B] = 40;
    s->routed_percent = SITE_UNKNOWN;  // verification takes all its time
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_signal(s, B, SIGNAL_CONFIRMED);
    site_run(s, 3000);
    assert_int_equal(s->said_count, 2);
    site_check_said(s, 0, PLAN_ACT, A, C);
    site_check_said(s, 1, PLAN_REFUSED, B, NET_NOBODY);
    assert_non_null(strstr(s->said[1].reason, "one at a time"));
    s->routed_percent = 0;
    site_run(s, 2000);
    site_check_said(s, 2, PLAN_ACT, B, C);
    site_close(s);
}

static struct site *open_held(uint64_t seed)
{
    struct site *s = site_open(seed);
    s->net.steer.hold_min_ns = 10 * (int64_t)NS_PER_S;
    s->loss_percent[A] = 40;
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 3000);
    assert_int_equal(s->state, INCIDENT_HELD);
    return s;
}

// The detector says so, and so do the probes themselves.
static void returns_when_both_agree(void **state)
{
    (void)state;
    struct site *s = open_held(1);
    site_signal(s, A, SIGNAL_CLEAR);
    s->loss_percent[A] = 2;
    site_run(s, 30000);
    assert_int_equal(s->state, INCIDENT_HELD);
    s->loss_percent[A] = SITE_SPARSE;  // no loss, but too few probes to tell
    site_run(s, 30000);
    assert_int_equal(s->state, INCIDENT_HELD);
    s->loss_percent[A] = 0;
    site_run(s, 20000);
    assert_int_equal(s->state, INCIDENT_CLOSED);
    assert_int_equal(s->standing, 0);
    site_close(s);
    s = open_held(1);
    s->loss_percent[A] = 0;
    site_run(s, 30000);
    assert_int_equal(s->state, INCIDENT_HELD);
    site_signal(s, A, SIGNAL_CLEAR);
    site_run(s, 3000);
    assert_int_equal(s->state, INCIDENT_CLOSED);
    site_close(s);
}

static void returns_only_when_it_could_move_again(void **state)
{
    (void)state;
    struct site *s = open_held(1);
    struct event role = {.kind = EVENT_ROLE, .role = {ROLE_ROUTE, ROLE_SICK, ""}};
    site_signal(s, A, SIGNAL_CLEAR);
    s->loss_percent[A] = 0;
    site_run(s, 7500);  // the hold is 8 s at least
    site_feed(s, role);
    site_run(s, 3900);
    assert_int_equal(s->state, INCIDENT_HELD);
    role.role.state = ROLE_ALIVE;
    site_feed(s, role);
    site_run(s, 5000);
    assert_int_equal(s->state, INCIDENT_CLOSED);
    assert_int_equal(s->released, 0);
    site_close(s);
}

static void moves_a_lossy_slice_back(void **state)
{
    (void)state;
    struct site *s = open_held(1);
    site_signal(s, A, SIGNAL_CLEAR);
    s->loss_percent[A] = 0;
    s->routed_percent = 40;
    while (s->state == INCIDENT_HELD && s->ms < 60000)
        site_run(s, 50);
    assert_int_equal(s->state, INCIDENT_TRIAL);
    site_run(s, 3000);  // far under the time that a verification may take
    assert_int_equal(s->state, INCIDENT_HELD);
    assert_int_equal(s->standing, 2 * SITE_WAYS);
    site_close(s);
}

static void turn_to(struct site *s, const char *prefix, uint32_t way)
{
    for (uint32_t r = 0; r < SITE_WAYS; r++)
        site_feed(s, (struct event){.kind = EVENT_ROUTE,
                                    .route = {r, r, small_prefix(prefix), true, r == way}});
}

static void run_to_trial(struct site *s)
{
    site_signal(s, A, SIGNAL_CLEAR);
    s->loss_percent[A] = 0;
    s->routed_percent = 40;  // of whatever returns and has targets
    while (s->state != INCIDENT_TRIAL && s->ms < 200000)
        site_run(s, 50);
    assert_int_equal(s->state, INCIDENT_TRIAL);
}

static const struct story *story_of_a(const struct site *s)
{
    return &s->engine->stories[net_path_find(&s->net, A, FAMILY_IPV4)];
}

// Of a way that is well only what leaves by it tells.
static void tries_what_leaves_by_the_old_way(void **state)
{
    (void)state;
    struct site *s = open_held(1);
    turn_to(s, "203.0.113.0/24", C);
    run_to_trial(s);
    assert_true(prefix_equal(story_of_a(s)->slice, small_prefix("203.0.112.0/24")));
    site_run(s, 5000);  // pinned probes prove it
    assert_int_equal(s->state, INCIDENT_CLOSED);
    assert_int_equal(s->standing, 0);
    site_close(s);
}

// What routers turned to another way while it was tried is not moved away from that.
static void leaves_alone_what_left_the_old_way(void **state)
{
    (void)state;
    struct site *s = open_held(1);
    run_to_trial(s);
    assert_true(prefix_equal(story_of_a(s)->slice, small_prefix("203.0.113.0/24")));
    turn_to(s, "203.0.113.0/24", C);
    uint32_t acts = s->engine->memories[net_path_find(&s->net, A, FAMILY_IPV4)].hold.act_count;
    while (s->state == INCIDENT_TRIAL && s->ms < 60000)
        site_run(s, 50);
    assert_int_equal(s->state, INCIDENT_HELD);
    site_run(s, 1000);
    assert_null(moves_find(&s->engine->moves, small_prefix("203.0.113.0/24")));
    assert_int_equal(s->standing, SITE_WAYS);  // the other prefix, on every router
    assert_int_equal(s->engine->memories[net_path_find(&s->net, A, FAMILY_IPV4)].hold.act_count,
                     acts);
    turn_to(s, "203.0.112.0/24", C);
    run_to_trial(s);
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 1000);
    assert_int_equal(s->standing, 0);
    assert_int_equal(s->state, INCIDENT_CONFIRMED);  // A is bad, and nothing leaves by it
    assert_int_equal(s->said[s->said_count - 1].verdict, PLAN_RETURN);  // nothing to take back
    site_close(s);
}

// Nor does a thaw take it along.
static void thaws_without_what_left_the_old_way(void **state)
{
    (void)state;
    struct site *s = open_held(1);
    run_to_trial(s);
    while (story_of_a(s)->phase != TRIAL_SLICE_VERIFY)
        site_run(s, 50);
    turn_to(s, "203.0.113.0/24", C);
    for (enum event_command c = COMMAND_FREEZE; c <= COMMAND_THAW; c++)
        site_feed(s, (struct event){.kind = EVENT_COMMAND, .command = c});
    site_run(s, 1000);
    assert_int_equal(s->state, INCIDENT_HELD);
    assert_int_equal(s->standing, SITE_WAYS);
    site_close(s);
}

static void undoes_what_is_not_proven_in_time(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    s->loss_percent[A] = 40;
    s->routed_percent = SITE_UNKNOWN;
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 14000);
    assert_int_equal(s->state, INCIDENT_VERIFY);
    site_run(s, 2000);
    site_check_said(s, 1, PLAN_UNDO, B, A);
    assert_string_equal(s->said[1].reason, "not proven better in time");
    site_close(s);
}

// What cannot be verified is not moved.
static void moves_nothing_blindly(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    for (uint32_t r = 0; r < SITE_WAYS; r++)
        site_feed(s, (struct event){.kind = EVENT_ROUTE,
                                    .route = {r, r, small_prefix("203.0.113.0/24"), false, false}});
    s->loss_percent[A] = 40;
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 3000);
    assert_int_equal(s->orders, 0);
    assert_non_null(strstr(s->said[0].reason, "no target that answers lies inside"));
    site_close(s);
}

static void forgets_all_with_route(void **state)
{
    (void)state;
    struct site *s = open_held(1);
    uint32_t orders = s->orders;
    site_feed(s, (struct event){.kind = EVENT_ROLE, .role = {ROLE_ROUTE, ROLE_DEAD, ""}});
    assert_int_equal(s->state, INCIDENT_CONFIRMED);
    site_run(s, 3000);
    assert_int_equal(s->orders, orders);  // nobody is there to take one
    assert_non_null(strstr(s->said[s->said_count - 1].reason, "holds the BGP sessions"));
    site_close(s);
}

// A way that was bad must be good for a while before it is one to move to.
static void distrusts_what_was_bad(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    site_signal(s, C, SIGNAL_CONFIRMED);
    site_signal(s, D, SIGNAL_CONFIRMED);
    site_signal(s, B, SIGNAL_CONFIRMED);
    site_signal(s, B, SIGNAL_CLEAR);
    s->loss_percent[A] = 40;
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 900);
    assert_int_equal(s->orders, 0);
    site_run(s, 1000);
    assert_true(s->orders > 0);
    site_close(s);
}

static uint32_t relative_of_a(const struct site *s)
{
    static const char key[] = "\"relative_millinats\":";
    char text[8192];
    assert_true(engine_status_json(s->engine, (struct mono){0}, text, sizeof text) > 0);
    return (uint32_t)atoi(strstr(text, key) + strlen(key));
}

static void clears_evidence_of_what_is_over(void **state)
{
    (void)state;
    struct site *s = open_held(1);
    assert_true(relative_of_a(s) > 9000);
    site_signal(s, A, SIGNAL_CLEAR);
    assert_int_equal(relative_of_a(s), 0);
    site_close(s);
}

// The clock of another process is believed within a second.
static void keeps_its_own_time(void **state)
{
    (void)state;
    struct site *s = open_held(1);
    struct event tally = {.kind = EVENT_TALLY, .at = {INT64_MAX}};
    size_t count;
    engine_step(s->engine, &tally, &count);
    site_run(s, 5000);
    assert_int_equal(s->released, 0);
    assert_true(s->last_at.ns <= (1000 * 1000 + s->ms) * NS_PER_MS);
    site_close(s);
}

// Telia, 2016-06-17: a third is lost for a minute, then nothing for two, three, up to twelve, for
// more than an hour. It leaves once, and returns once, when it is over.
static void bears_what_comes_and_goes(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    s->net.steer.hold_min_ns = 300 * (int64_t)NS_PER_S;
    s->net.steer.hold_max_ns = 3600 * (int64_t)NS_PER_S;
    for (int64_t minutes = 2; minutes <= 12; minutes++) {
        s->loss_percent[A] = 38;
        site_run(s, 500);
        site_signal(s, A, SIGNAL_CONFIRMED);
        site_run(s, 60 * 1000);
        s->loss_percent[A] = 0;
        site_run(s, 2000);
        site_signal(s, A, SIGNAL_CLEAR);
        site_run(s, minutes * 60 * 1000);
    }
    assert_int_equal(s->said_count, 1);
    site_check_said(s, 0, PLAN_ACT, A, B);
    assert_int_equal(s->state, INCIDENT_HELD);
    site_run(s, 3600 * 1000);
    assert_int_equal(s->said_count, 2);
    site_check_said(s, 1, PLAN_RETURN, B, A);
    assert_int_equal(s->standing, 0);
    site_close(s);
}

static int64_t returned_at(uint64_t seed)
{
    struct site *s = open_held(seed);
    site_signal(s, A, SIGNAL_CLEAR);
    s->loss_percent[A] = 0;
    while (s->state != INCIDENT_CLOSED && s->ms < 60000)
        site_run(s, 50);
    int64_t ms = s->ms;
    site_close(s);
    return ms;
}

// Sites do not return in step.
static void jitters_by_seed(void **state)
{
    (void)state;
    assert_int_equal(returned_at(1), returned_at(1));
    assert_true(returned_at(1) != returned_at(2) || returned_at(1) != returned_at(3));
}

// The old way has ended to lose, but detectors are not sure yet; the new one loses all.
static void goes_back_to_what_loses_less_now(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    s->loss_percent[A] = 40;
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 3000);
    site_check_said(s, 0, PLAN_ACT, A, B);
    s->loss_percent[A] = 0;
    s->loss_percent[C] = s->loss_percent[D] = 40;
    site_signal(s, C, SIGNAL_SUSPECT);
    site_signal(s, D, SIGNAL_SUSPECT);
    site_run(s, 9000);
    s->loss_percent[B] = s->routed_percent = 99;
    site_signal(s, B, SIGNAL_CONFIRMED);
    site_run(s, 3000);
    assert_int_equal(s->standing, 0);
    site_close(s);
}

// Others are on their way in the routers' own tables too: what just came is not moved on at once.
static void waits_until_a_route_has_settled(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    static const char *const both[] = {"203.0.112.0/24", "203.0.113.0/24"};
    for (uint32_t n = 0; n < 2; n++)
        for (int best = 0; best < 2; best++)  // away from A, and back
            site_feed(s, (struct event){.kind = EVENT_ROUTE,
                                        .route = {A, A, small_prefix(both[n]), true, best}});
    s->loss_percent[A] = 40;
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 900);
    assert_int_equal(s->orders, 0);
    site_run(s, 1000);
    site_check_said(s, 0, PLAN_ACT, A, B);
    site_close(s);
}

// The rest does without what the gate refuses.
static void moves_the_others_when_one_is_refused(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    s->refused = small_prefix("203.0.112.0/24");
    s->net.steer.hold_min_ns = 2 * STEER_MORE_AFTER_S * (int64_t)NS_PER_S;
    s->loss_percent[A] = 40;
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 2000);
    assert_int_equal(s->said_count, 1);
    site_check_said(s, 0, PLAN_ACT, A, B);
    assert_int_equal(s->said[0].prefixes, 2);
    assert_int_equal(s->state, INCIDENT_HELD);
    assert_int_equal(s->standing, SITE_WAYS);
    uint32_t orders = s->orders;
    site_run(s, (STEER_MORE_AFTER_S + 5) * 1000);  // and looks for the rest
    assert_int_equal(s->orders, orders);
    site_close(s);
}

static void does_not_plan_what_the_configuration_forbids(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    s->net.guard.protected_prefixes = (struct net_prefixes){1, {small_prefix("203.0.120.0/22")}};
    for (uint32_t r = 0; r < SITE_WAYS; r++)
        site_feed(s, (struct event){.kind = EVENT_ROUTE,
                                    .route = {r, r, small_prefix("203.0.121.0/24"), true, r == A}});
    s->loss_percent[A] = 40;
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 2000);
    site_check_said(s, 0, PLAN_ACT, A, B);
    assert_int_equal(s->said[0].prefixes, 2);
    site_close(s);
}

static void tell(struct site *s, uint32_t ok, uint32_t lost)
{
    for (uint32_t t = 0; t < s->net.target_count; t++)
        site_feed(s, (struct event){.kind = EVENT_TALLY,
                                    .tally = {.path = net_path_find(&s->net, A, FAMILY_IPV4),
                                              .target = t,
                                              .ok = ok,
                                              .lost = lost}});
}

// Stopped for 30 s, it hears all at once of a loss that is over; one packet is lost by chance
// later.
static void does_not_act_on_what_was_lost_while_it_was_stopped(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    s->ms += 30 * 1000;
    site_feed(s, (struct event){.kind = EVENT_TICK});
    tell(s, 300, 100);
    const struct watch *watch = &s->engine->watch;
    uint32_t path = net_path_find(&s->net, A, FAMILY_IPV4);
    assert_int_equal(watch_loss_recent(watch, path, s->engine->now).lost, 0);
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 1100);
    tell(s, 99, 1);
    site_run(s, 3000);
    for (uint32_t i = 0; i < s->said_count; i++)
        assert_int_equal(s->said[i].verdict, PLAN_REFUSED);
    s->loss_percent[A] = 40;  // it goes on: then it does
    site_run(s, 3000);
    assert_int_equal(s->said[s->said_count - 1].verdict, PLAN_ACT);
    site_close(s);
}

// S9 while all is frozen: what stands counts, what was withdrawn does not.
static void counts_what_is_left_while_frozen(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    s->net.steer.budget.drained_upstreams_percent = 25;
    uint32_t b = net_path_find(&s->net, B, FAMILY_IPV4);
    assert_true(budget_may_drain(s->engine, b));
    s->loss_percent[A] = 40;
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 3000);
    assert_int_equal(s->state, INCIDENT_HELD);
    assert_false(budget_may_drain(s->engine, b));
    site_feed(s, (struct event){.kind = EVENT_COMMAND, .command = COMMAND_FREEZE});
    site_run(s, 1000);
    assert_int_equal(s->state, INCIDENT_FROZEN);
    assert_false(budget_may_drain(s->engine, b));
    site_feed(s, (struct event){.kind = EVENT_COMMAND, .command = COMMAND_WITHDRAW});
    site_run(s, 1000);
    assert_int_equal(s->released, 1);
    assert_true(s->engine->frozen && budget_may_drain(s->engine, b));
    site_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chooses_the_best_way),
        cmocka_unit_test(gives_up_after_two_tries),
        cmocka_unit_test(moves_one_at_a_time),
        cmocka_unit_test(returns_when_both_agree),
        cmocka_unit_test(returns_only_when_it_could_move_again),
        cmocka_unit_test(moves_a_lossy_slice_back),
        cmocka_unit_test(tries_what_leaves_by_the_old_way),
        cmocka_unit_test(leaves_alone_what_left_the_old_way),
        cmocka_unit_test(thaws_without_what_left_the_old_way),
        cmocka_unit_test(undoes_what_is_not_proven_in_time),
        cmocka_unit_test(moves_nothing_blindly),
        cmocka_unit_test(forgets_all_with_route),
        cmocka_unit_test(distrusts_what_was_bad),
        cmocka_unit_test(clears_evidence_of_what_is_over),
        cmocka_unit_test(keeps_its_own_time),
        cmocka_unit_test(bears_what_comes_and_goes),
        cmocka_unit_test(jitters_by_seed),
        cmocka_unit_test(moves_the_others_when_one_is_refused),
        cmocka_unit_test(does_not_plan_what_the_configuration_forbids),
        cmocka_unit_test(does_not_act_on_what_was_lost_while_it_was_stopped),
        cmocka_unit_test(goes_back_to_what_loses_less_now),
        cmocka_unit_test(waits_until_a_route_has_settled),
        cmocka_unit_test(counts_what_is_left_while_frozen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
