// SPDX-License-Identifier: ISC
// What is well again returns, however few probes tell of it; and what comes to leave by a way that
// is still bad leaves it too.
#include "engine/site_check.h"
#include "engine/state.h"
#include "engine/world_check.h"

#include "base/check.h"

enum { A = SITE_A, B, C, D };

static const struct story *story_of_a(const struct site *s)
{
    return &s->engine->stories[net_path_find(&s->net, A, FAMILY_IPV4)];
}

static bool is_away(const struct site *s, struct prefix prefix)
{
    const struct move *move = moves_find(&s->engine->moves, prefix);
    return move && move->wanted;
}

static struct prefix newcomer(void)
{
    return small_prefix("203.0.115.0/24");
}

static void turn_to(struct site *s, uint32_t way)
{
    for (uint32_t r = 0; r < SITE_WAYS; r++)
        site_feed(s,
                  (struct event){.kind = EVENT_ROUTE, .route = {r, r, newcomer(), true, r == way}});
}

// ---- a site that is drained

static void tell(struct site *s, uint32_t path, uint32_t target, uint32_t lost)
{
    site_feed(
        s, (struct event){.kind = EVENT_TALLY,
                          .tally = {.path = path, .target = target, .ok = 1 - lost, .lost = lost}});
}

// Ten probes a second go to each target as routed; those to one are lost.
static void run_slowly(struct site *s, int64_t ms, uint32_t lost)
{
    uint32_t routed = net_path_find(&s->net, NET_NOBODY, FAMILY_IPV4);
    s->routed_percent = SITE_UNKNOWN;
    for (int64_t until = s->ms + ms; s->ms < until;) {
        site_run(s, 100);
        for (uint32_t t = 0; t < s->net.target_count; t++)
            tell(s, routed, t, t == lost);
    }
}

static void ask(struct site *s, enum event_asked_for what)
{
    site_feed(s, (struct event){.kind = EVENT_ASKED,
                                .asked = {.what = what,
                                          .who = "anna",
                                          .reason = "optics",
                                          .object = {NET_OBJECT_UPSTREAM, A, 0}}});
}

// Three prefixes, with one, two and no targets: together they prove a move in time.
static struct site *open_drained(void)
{
    struct site *s = site_open(1);
    s->net.targets[1].address[FAMILY_IPV4] = small_address("203.0.112.10");
    s->net.targets[2].address[FAMILY_IPV4] = small_address("203.0.112.74");
    s->net.steer.hold_min_ns = 10 * (int64_t)NS_PER_S;
    s->net.steer.prefixes.items[0] = small_prefix("203.0.112.0/22");
    s->net.guard.allowed_bogons.items[0] = small_prefix("203.0.112.0/22");
    turn_to(s, A);
    for (uint32_t t = 0; t < 3; t++)
        s->net.targets[t].rate_mpps = 10 * 1000;
    run_slowly(s, 2000, NET_NOBODY);
    ask(s, ASKED_DRAIN);
    run_slowly(s, 20 * 1000, NET_NOBODY);
    assert_int_equal(story_of_a(s)->state, INCIDENT_HELD);
    assert_int_equal(s->standing, 3 * SITE_WAYS);
    return s;
}

static struct site *open_tried(void)
{
    struct site *s = open_drained();
    ask(s, ASKED_UNDRAIN);
    while (story_of_a(s)->state == INCIDENT_HELD && s->ms < 120 * 1000)
        run_slowly(s, 100, NET_NOBODY);
    assert_int_equal(story_of_a(s)->state, INCIDENT_TRIAL);
    return s;
}

static void returns_after_a_drain(void **state)
{
    (void)state;
    struct site *s = open_drained();
    ask(s, ASKED_UNDRAIN);
    run_slowly(s, 60 * 1000, NET_NOBODY);
    assert_int_equal(story_of_a(s)->state, INCIDENT_NONE);
    assert_int_equal(s->standing, 0);
    site_close(s);
}

// Of 30 answers that are lost none is waited for.
static void moves_back_what_loses_all(void **state)
{
    (void)state;
    struct site *s = open_tried();
    assert_true(prefix_equal(story_of_a(s)->slice, small_prefix("203.0.112.0/24")));
    run_slowly(s, 5000, 2);
    assert_int_equal(story_of_a(s)->state, INCIDENT_HELD);
    assert_int_equal(s->standing, 3 * SITE_WAYS);
    site_close(s);
}

// Nothing is told of the slice any more: it is not waited for for ever.
static void moves_back_what_is_never_proven(void **state)
{
    (void)state;
    struct site *s = open_tried();
    site_run(s, 50 * 1000);  // two targets: 2 * 558 answers, 20 a second
    assert_int_equal(story_of_a(s)->state, INCIDENT_TRIAL);
    site_run(s, 8 * 1000);
    assert_int_equal(story_of_a(s)->state, INCIDENT_HELD);
    site_close(s);
}

// While the old way is tried, the new one becomes bad: nothing waits for the proof.
static void returns_at_once_from_what_fails(void **state)
{
    (void)state;
    struct site *s = open_tried();
    s->loss_percent[B] = 40;
    site_signal(s, B, SIGNAL_CONFIRMED);
    run_slowly(s, 3000, NET_NOBODY);
    assert_int_equal(story_of_a(s)->state, INCIDENT_NONE);
    assert_null(moves_find(&s->engine->moves, newcomer()));
    assert_null(moves_find(&s->engine->moves, small_prefix("203.0.113.0/24")));
    assert_null(moves_find(&s->engine->moves, small_prefix("203.0.112.0/24")));
    site_close(s);
}

// The second target is in a prefix that is still away, and loses there: that returns at once, and
// does not go along when the slice, which loses all, moves back.
static void returns_alone_what_does_worse(void **state)
{
    (void)state;
    struct site *s = open_tried();
    s->net.targets[1].address[FAMILY_IPV4] = small_address("203.0.113.20");
    s->engine->stories[A].hold_ns = 60 * (int64_t)NS_PER_S;
    s->second_percent[B] = 38;
    run_slowly(s, 8000, NET_NOBODY);
    assert_int_equal(story_of_a(s)->state, INCIDENT_TRIAL);
    assert_false(is_away(s, small_prefix("203.0.113.0/24")));
    assert_true(is_away(s, newcomer()));
    for (int i = 0; i < 50; i++) {
        run_slowly(s, 100, 2);
        assert_false(is_away(s, small_prefix("203.0.113.0/24")));
    }
    assert_int_equal(story_of_a(s)->state, INCIDENT_HELD);
    assert_int_equal(s->standing, 2 * SITE_WAYS);
    site_close(s);
}

static void does_not_move_back_to_what_failed(void **state)
{
    (void)state;
    struct site *s = open_tried();
    run_slowly(s, 1000, NET_NOBODY);
    s->engine->memories[A].tainted_until[B] = mono_add_ms(s->engine->now, 60 * 1000);
    run_slowly(s, 5000, 2);
    assert_int_equal(story_of_a(s)->state, INCIDENT_HELD);
    assert_null(moves_find(&s->engine->moves, small_prefix("203.0.112.0/24")));
    assert_int_equal(s->standing, 2 * SITE_WAYS);
    site_close(s);
}

// ---- a loss in both families

// One target in each prefix, one beside: eight probes a second to each on each way.
static struct net seldom_probed(void)
{
    struct net net = world_net(NET_ACT);
    net.steer.prefixes.items[0] = small_prefix("203.0.112.0/23");
    net.steer.prefixes.items[1] = small_prefix("2001:db8:e::/47");
    net.targets[1].address[FAMILY_IPV4] = small_address("203.0.112.10");
    net.targets[1].address[FAMILY_IPV6] = small_address("2001:db8:e:1::10");
    net.targets[2].address[FAMILY_IPV4] = small_address("203.0.114.10");
    net.targets[2].address[FAMILY_IPV6] = small_address("2001:db8:1::10");
    for (uint32_t t = 0; t < net.target_count; t++)
        net.targets[t].rate_mpps = 8 * 1000;
    return net;
}

static void returns_after_a_loss(void **state)
{
    (void)state;
    const struct world_event outage = {WORLD_LOSS, 15000, 60000, A, FAMILY_NONE, 100 * 1000};
    const struct net net = seldom_probed();
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct world *world = world_new(&net, seed, false);
        world->events = &outage;
        world->event_count = 1;
        world_run(world, 59000);
        for (uint32_t p = 0; p < WORLD_PREFIXES; p++)
            assert_true(world->overrides[0][p].forwards);
        world_run(world, 300 * 1000);
        assert_null(world->broken);
        assert_true(world_is_bare(world));
        assert_int_equal(world->relapses, 0);
        assert_int_equal(world->fault_free_lost, 0);
        world_free(world);
    }
}

// Others' hosts: so few probes that more than a second without an answer is nothing odd.
static void returns_where_few_are_asked(void **state)
{
    (void)state;
    const struct world_event outage = {WORLD_LOSS, 60000, 120000, A, FAMILY_NONE, 1000 * 1000};
    struct net net = seldom_probed();
    for (uint32_t t = 0; t < net.target_count; t++)
        net.targets[t].rate_mpps = 1700;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct world *world = world_new(&net, seed, false);
        world->events = &outage;
        world->event_count = 1;
        world_run(world, 119000);
        for (uint32_t p = 0; p < WORLD_PREFIXES; p++)
            assert_true(world->overrides[0][p].forwards);
        world_run(world, 900 * 1000);
        assert_null(world->broken);
        assert_true(world_is_bare(world));
        assert_int_equal(world->fault_free_lost, 0);
        world_free(world);
    }
}

// ---- what comes to leave by a bad way

// The newcomer leaves by C, and A loses 40 %.
static struct site *open_losing(void)
{
    struct site *s = site_open(1);
    s->net.steer.prefixes.items[0] = small_prefix("203.0.112.0/22");
    s->net.guard.allowed_bogons.items[0] = small_prefix("203.0.112.0/22");
    turn_to(s, C);
    site_run(s, 2000);
    s->loss_percent[A] = 40;
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 5000);
    assert_int_equal(s->state, INCIDENT_HELD);
    assert_int_equal(s->standing, 2 * SITE_WAYS);
    assert_int_equal(s->said_count, 1);
    return s;
}

static void moves_what_comes_later(void **state)
{
    (void)state;
    struct site *s = open_losing();
    turn_to(s, A);
    site_run(s, 70 * 1000);
    assert_non_null(moves_find(&s->engine->moves, newcomer()));
    assert_int_equal(s->standing, 3 * SITE_WAYS);
    site_check_said(s, 1, PLAN_ACT, A, B);
    assert_int_equal(s->said[1].prefixes, 1);
    assert_int_equal(s->state, INCIDENT_HELD);
    site_close(s);
}

// What a limit forbids is told once, and done when it allows it.
static void says_why_it_stays(void **state)
{
    (void)state;
    struct site *s = open_losing();
    struct hold *hold = &s->engine->memories[A].hold;
    while (hold->act_count < STEER_ACTS_PER_HOUR_MAX)
        hold_acted(hold, s->engine->now);
    turn_to(s, A);
    site_run(s, 300 * 1000);
    assert_null(moves_find(&s->engine->moves, newcomer()));
    assert_int_equal(s->said_count, 2);
    assert_int_equal(s->said[1].verdict, PLAN_REFUSED);
    assert_non_null(strstr(s->said[1].reason, "(S15)"));
    memset(hold, 0, sizeof *hold);
    site_run(s, 70 * 1000);
    assert_int_equal(s->standing, 3 * SITE_WAYS);
    site_close(s);
}

static bool approve(struct site *s, uint32_t number)
{
    site_feed(s, (struct event){.kind = EVENT_ASKED,
                                .asked = {.what = ASKED_APPROVE, .who = "anna", .number = number}});
    return s->answered.done;
}

// Where a person approves, nobody was asked about what came later.
static void asks_about_what_comes_later(void **state)
{
    (void)state;
    struct site *s = open_losing();
    s->net.mode = NET_CONFIRM;
    s->engine->stories[A].approved = true;
    turn_to(s, A);
    site_run(s, 70 * 1000);
    assert_int_equal(s->standing, 2 * SITE_WAYS);
    assert_int_equal(s->said_count, 2);
    site_check_said(s, 1, PLAN_CONFIRM, A, B);
    site_run(s, 600 * 1000);  // told anew
    assert_int_equal(s->said_count, 3);
    assert_false(approve(s, s->said[1].approval));
    assert_true(approve(s, s->said[2].approval));
    assert_int_equal(s->state, INCIDENT_ACTING);
    site_check_said(s, 3, PLAN_ACT, A, B);
    site_run(s, 2000);
    assert_int_equal(s->standing, 3 * SITE_WAYS);
    assert_false(approve(s, s->said[2].approval));
    site_close(s);
}

// A plan of which nothing was told for long waits no more.
static void forgets_what_was_proposed(void **state)
{
    (void)state;
    struct site *s = open_losing();
    s->net.mode = NET_CONFIRM;
    turn_to(s, A);
    site_run(s, 70 * 1000);
    uint32_t number = s->said[1].approval;
    assert_true(number > 0);
    s->engine->watch.paths[A].state = WATCH_GOOD;
    site_run(s, 600 * 1000);
    s->engine->watch.paths[A].state = WATCH_CONFIRMED;
    assert_false(approve(s, number));
    assert_non_null(strstr(s->answered.text, "no plan "));
    site_signal(s, A, SIGNAL_CLEAR);
    s->loss_percent[A] = 0;
    while (story_of_a(s)->state == INCIDENT_HELD)
        site_run(s, 50);
    assert_int_equal(story_of_a(s)->state, INCIDENT_TRIAL);
    assert_int_equal(story_of_a(s)->approval, 0);
    site_close(s);
}

// Of a way that is well again what comes stays there.
static void leaves_it_on_a_good_way(void **state)
{
    (void)state;
    struct site *s = open_losing();
    s->loss_percent[A] = 0;
    site_signal(s, A, SIGNAL_CLEAR);
    turn_to(s, A);
    s->engine->stories[A].hold_ns = INT64_MAX / 2;
    site_run(s, 150 * 1000);
    assert_null(moves_find(&s->engine->moves, newcomer()));
    assert_int_equal(s->said_count, 1);
    site_close(s);
}

// Held for a minute: A has been well for all but the last seconds of it.
static struct site *open_nearly_proven(void)
{
    struct site *s = open_losing();
    s->engine->stories[A].hold_ns = 60 * (int64_t)NS_PER_S;
    s->loss_percent[A] = 0;
    site_signal(s, A, SIGNAL_CLEAR);
    site_run(s, 50 * 1000);
    return s;
}

static void expect_anew(struct site *s)
{
    site_run(s, 50 * 1000);
    assert_int_equal(story_of_a(s)->state, INCIDENT_HELD);
    site_run(s, 15 * 1000);
    assert_int_equal(story_of_a(s)->state, INCIDENT_NONE);
    site_close(s);
}

// Without samples nothing is proven, whoever says that there are none.
static void proves_anew_after_silence(void **state)
{
    (void)state;
    struct site *s = open_nearly_proven();
    site_run(s, 20 * 1000);
    assert_int_equal(story_of_a(s)->state, INCIDENT_NONE);
    site_close(s);
    s = open_nearly_proven();
    site_signal(s, A, SIGNAL_SILENT);
    site_run(s, 50);
    site_signal(s, A, SIGNAL_HEARD);
    expect_anew(s);
    s = open_nearly_proven();
    for (int i = 0; i < 25; i++, s->ms += 50)
        site_feed(s, (struct event){.kind = EVENT_TICK});
    expect_anew(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(returns_after_a_drain),
        cmocka_unit_test(moves_back_what_loses_all),
        cmocka_unit_test(moves_back_what_is_never_proven),
        cmocka_unit_test(returns_at_once_from_what_fails),
        cmocka_unit_test(returns_alone_what_does_worse),
        cmocka_unit_test(does_not_move_back_to_what_failed),
        cmocka_unit_test(returns_after_a_loss),
        cmocka_unit_test(returns_where_few_are_asked),
        cmocka_unit_test(proves_anew_after_silence),
        cmocka_unit_test(moves_what_comes_later),
        cmocka_unit_test(says_why_it_stays),
        cmocka_unit_test(asks_about_what_comes_later),
        cmocka_unit_test(forgets_what_was_proposed),
        cmocka_unit_test(leaves_it_on_a_good_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
