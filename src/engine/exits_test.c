// SPDX-License-Identifier: ISC
// Whole upstreams moved by one route: when, and what becomes of it.
#include "engine/site_check.h"
#include "engine/state.h"

#include "base/check.h"

enum { A = SITE_A, B, C, D };

static struct prefix exit_prefix(uint32_t upstream)
{
    char text[32];
    snprintf(text, sizeof text, "10.9.%u.1/32", upstream);
    return small_prefix(text);
}

static struct site *open_site(void)
{
    struct site *s = site_open(1);
    s->net.hook_count = 0;
    for (uint32_t u = 0; u < SITE_WAYS; u++)
        s->net.upstreams[u].exit[FAMILY_IPV4] = exit_prefix(u).address;
    return s;
}

static void drain(struct site *s, uint32_t upstream, enum event_asked_for what)
{
    struct event_asked asked = {
        .what = what, .who = "anna", .object = {NET_OBJECT_UPSTREAM, upstream, 0}};
    strcpy(asked.reason, "works");
    site_feed(s, (struct event){.kind = EVENT_ASKED, .asked = asked});
    if (!s->answered.done)
        fail_msg("%s", s->answered.text);
}

static void lose(struct site *s, uint32_t way, uint32_t percent)
{
    s->loss_percent[way] = percent;
    if (percent > 0)
        site_signal(s, way, SIGNAL_CONFIRMED);
    else
        site_signal(s, way, SIGNAL_CLEAR);
}

static bool goes_by_exit(const struct site *s, uint32_t upstream)
{
    return moves_find(&s->engine->moves, exit_prefix(upstream)) != NULL;
}

// One order a router, verified and returned by trial like others.
static void drains_by_one_route(void **state)
{
    (void)state;
    struct site *s = open_site();
    drain(s, A, ASKED_DRAIN);
    site_run(s, 5000);
    assert_int_equal(s->orders, SITE_WAYS);
    assert_int_equal(s->standing, SITE_WAYS);
    assert_true(goes_by_exit(s, A));
    site_check_said(s, 0, PLAN_ACT, A, s->said[0].to);
    assert_int_equal(s->said[0].prefixes, 2);
    assert_non_null(strstr(s->said[0].reason, "one route moves all (exit)"));
    assert_int_equal(s->state, INCIDENT_HELD);
    assert_true(drain_is_active(s->engine->drains.items[0].state));
    assert_true(s->engine->drains.items[0].stood);
    drain(s, A, ASKED_UNDRAIN);
    site_run(s, 20 * 1000);
    assert_int_equal(s->engine->drains.items[0].state, DRAIN_OVER);
    assert_int_equal(s->standing, 0);
    assert_int_equal(s->orders, 2 * SITE_WAYS);
    site_close(s);
}

static void moves_all_by_one_route(void **state)
{
    (void)state;
    struct site *s = open_site();
    lose(s, A, 40);
    site_run(s, 5000);
    assert_int_equal(s->standing, SITE_WAYS);
    assert_true(goes_by_exit(s, A));
    assert_int_equal(s->state, INCIDENT_HELD);
    lose(s, A, 0);
    site_run(s, 200 * 1000);
    assert_int_equal(s->standing, 0);
    site_close(s);
}

// What does not help is taken back; and what the gate refuses goes by prefixes.
static void takes_it_back(void **state)
{
    (void)state;
    struct site *s = open_site();
    s->routed_percent = 40;
    lose(s, A, 40);
    site_run(s, 20 * 1000);
    assert_int_equal(s->orders, 2 * 2 * SITE_WAYS);  // two tries, there and back
    assert_int_equal(s->standing, 0);
    site_check_said(s, 1, PLAN_UNDO, s->said[0].to, A);
    site_close(s);

    s = open_site();
    s->refused = exit_prefix(A);
    drain(s, A, ASKED_DRAIN);
    site_run(s, 6000);
    assert_false(goes_by_exit(s, A));
    assert_int_equal(s->standing, 2 * SITE_WAYS);
    assert_true(s->engine->drains.items[0].stood);
    site_close(s);
}

// Let go by route, which sees that the other way has not what is needed.
static void goes_by_prefixes_when_let_go(void **state)
{
    (void)state;
    struct site *s = open_site();
    drain(s, A, ASKED_DRAIN);
    site_run(s, 5000);
    uint32_t to = moves_find(&s->engine->moves, exit_prefix(A))->to;
    site_feed(s, (struct event){.kind = EVENT_OVERRIDE,
                                .override = {to, to, exit_prefix(A), OVERRIDE_WITHDRAWN, "S2"}});
    s->standing--;
    site_run(s, 10 * 1000);
    assert_false(goes_by_exit(s, A));
    assert_int_equal(s->standing, 2 * SITE_WAYS);
    site_close(s);
}

// One more prefix that leaves by that way, for long enough.
static struct prefix add_third(struct site *s, const char *text, uint32_t way)
{
    struct prefix prefix = small_prefix(text);
    for (uint32_t r = 0; r < SITE_WAYS; r++)
        site_feed(s, (struct event){.kind = EVENT_ROUTE, .route = {r, r, prefix, true, r == way}});
    site_run(s, 5000);
    return prefix;
}

static void other(struct site *s)
{
    lose(s, B, 40);
    site_run(s, 6000);
    assert_true(goes_by_exit(s, A) != goes_by_exit(s, B));
    assert_int_equal(s->standing, 2 * SITE_WAYS);  // one exit, and one prefix
}

static void goes_by_prefixes_otherwise(void **state)
{
    (void)state;
    struct site *s = open_site();  // no exit
    s->net.upstreams[A].exit[FAMILY_IPV4] = (struct address){0};
    lose(s, A, 40);
    site_run(s, 5000);
    assert_int_equal(s->standing, 2 * SITE_WAYS);
    site_close(s);

    s = open_site();  // not by this lever
    s->net.lever_modes[NET_LEVER_EXIT] = 1 + (uint32_t)NET_ADVISE;
    drain(s, A, ASKED_DRAIN);
    site_run(s, 5000);
    assert_int_equal(s->standing, 2 * SITE_WAYS);
    assert_false(goes_by_exit(s, A));
    site_close(s);

    s = open_site();  // S8: one exit at a time
    s->net.steer.budget.drained_upstreams_percent = 100;
    drain(s, A, ASKED_DRAIN);
    site_run(s, 5000);
    other(s);
    site_close(s);

    s = open_site();  // nor when the second is asked for
    s->net.steer.budget.drained_upstreams_percent = 100;
    add_third(s, "203.0.114.0/24", C);
    s->net.targets[1].address[FAMILY_IPV4] = small_address("203.0.114.10");
    drain(s, A, ASKED_DRAIN);
    site_run(s, 5000);
    drain(s, C, ASKED_DRAIN);
    site_run(s, 6000);
    assert_true(goes_by_exit(s, A));
    assert_false(goes_by_exit(s, C));
    assert_int_equal(s->standing, 2 * SITE_WAYS);
    site_close(s);
}

// The first move ever is of one prefix; and where a part has left already the rest follows it.
static void sends_a_canary_first(void **state)
{
    (void)state;
    struct site *s = open_site();
    s->net.steer.budget.canary_ns = 60 * (int64_t)NS_PER_S;
    lose(s, A, 40);
    site_run(s, 5000);
    assert_false(goes_by_exit(s, A));
    assert_int_equal(s->standing, SITE_WAYS);
    assert_int_equal(s->state, INCIDENT_HELD);
    site_run(s, 65 * 1000);
    assert_int_equal(s->standing, 2 * SITE_WAYS);
    site_close(s);

    s = open_site();  // also when somebody asks
    s->net.steer.budget.canary_ns = 60 * (int64_t)NS_PER_S;
    drain(s, A, ASKED_DRAIN);
    site_run(s, 5000);
    assert_false(goes_by_exit(s, A));
    site_close(s);

    s = open_site();
    s->net.steer.budget.canary_ns = 4 * (int64_t)NS_PER_S;
    lose(s, A, 40);
    site_run(s, 3000);
    assert_int_equal(s->state, INCIDENT_HELD);
    drain(s, A, ASKED_DRAIN);
    site_run(s, 60 * 1000);
    assert_false(goes_by_exit(s, A));
    assert_int_equal(s->standing, 2 * SITE_WAYS);
    site_close(s);
}

static void tell_demand(struct site *s, struct prefix prefix, int64_t mbps)
{
    site_feed(s, (struct event){.kind = EVENT_DEMAND, .demand = {prefix, mbps * 1000 * 1000}});
}

static void choose(struct site *s, uint32_t router, uint32_t upstream, const char *prefix)
{
    site_feed(s, (struct event){.kind = EVENT_ROUTE,
                                .route = {router, upstream, small_prefix(prefix), true, true}});
}

// All of what the upstream carries must find room, whoever knows of its prefixes.
static void asks_for_room_for_all(void **state)
{
    (void)state;
    static const struct {
        int64_t use_mbps;
        uint32_t minute_percent;  // of all traffic, that may move in a minute
        int64_t third_mbps;       // of a third prefix; 0: there is none
        uint32_t exit_mbps;       // reckoned to have moved; 0: no exit
        const char *third;
        bool elsewhere_too;  // another router sends the third by its own
    } rows[] = {
        {100, 100, 0, 100, "", false},
        {900, 100, 0, 0, "", false},
        {-1, 100, 0, 0, "", false},
        {100, 50, 0, 0, "", false},
        {100, 100, 10, 100, "203.0.114.0/24", false},
        {100, 100, 900, 0, "203.0.114.0/24", false},
        // Counters know no families: what the other one is told to carry stays.
        {100, 50, 60, 40, "2001:db8:f:2::/64", false},
        {100, 50, 40, 0, "2001:db8:f:2::/64", false},
        // If it does. But when that moves, it is not counted a second time.
        {100, 50, 60, 0, "2001:db8:f:2::/64", true},
        {100, 100, 60, 40, "2001:db8:f:2::/64", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct site *s = open_site();
        s->net.steer.capacity = NET_CAPACITY_PROVE;
        s->net.steer.budget.moved_per_minute_percent = rows[i].minute_percent;
        for (uint32_t u = 0; u < SITE_WAYS; u++)
            s->net.upstreams[u].capacity_mbps = 1000;
        struct prefix third =
            rows[i].third_mbps > 0 ? add_third(s, rows[i].third, A) : (struct prefix){0};
        if (rows[i].elsewhere_too)
            choose(s, D, D, rows[i].third);
        site_run(s, 11 * 1000);
        for (uint32_t u = 0; u < SITE_WAYS; u++)
            if (u != A || rows[i].use_mbps >= 0)
                site_feed(
                    s, (struct event){.kind = EVENT_USE,
                                      .use = {u, u == A ? rows[i].use_mbps * 1000 * 1000 : 0, 0}});
        if (rows[i].third_mbps > 0)
            tell_demand(s, third, rows[i].third_mbps);
        tell_demand(s, small_prefix("203.0.112.0/24"), 10);
        tell_demand(s, small_prefix("203.0.113.0/24"), 10);
        lose(s, A, 40);
        site_run(s, 1500);
        if (goes_by_exit(s, A) != (rows[i].exit_mbps > 0))
            fail_msg("row %zu: %u stand: %s", i, s->standing, s->said[0].reason);
        if (rows[i].exit_mbps > 0)
            assert_int_equal(s->engine->moves.items[0].demand_kbps, 1000 * rows[i].exit_mbps);
        site_close(s);
    }
}

static bool told_by_exit(struct site *s)
{
    lose(s, A, 40);
    site_run(s, 1500);
    return goes_by_exit(s, A);
}

static const char *const of_a[] = {"203.0.112.0/24", "203.0.113.0/24"};

static void tell_use(struct site *s, int64_t c_mbps)
{
    int64_t use_mbps[SITE_WAYS] = {100, 500, c_mbps, 799};
    for (uint32_t u = 0; u < SITE_WAYS; u++)
        site_feed(s, (struct event){.kind = EVENT_USE, .use = {u, use_mbps[u] * 1000 * 1000, 0}});
}

// The router of B has C too, and sends what leaves by A elsewhere by `chosen`.
static struct site *open_where_b_chooses(uint32_t chosen, int64_t c_mbps)
{
    struct site *s = open_site();
    s->net.steer.capacity = NET_CAPACITY_PROVE;
    s->net.upstreams[C].router = B;
    for (uint32_t u = 0; u < SITE_WAYS; u++)
        s->net.upstreams[u].capacity_mbps = 1000;
    for (size_t p = 0; p < 2; p++)
        choose(s, B, chosen, of_a[p]);
    site_run(s, 11 * 1000);
    tell_use(s, c_mbps);
    return s;
}

// So that what routers chose just now is in the counters.
static void count_again(struct site *s, int64_t c_mbps)
{
    site_run(s, 11 * 1000);
    tell_use(s, c_mbps);
}

// The router of the other upstream sends packets by its own choice: that needs the room.
static void asks_for_room_where_it_lands(void **state)
{
    (void)state;
    static const struct {
        uint32_t chosen;      // by the router of B, for what leaves by A elsewhere
        int64_t chosen_mbps;  // that C carries already
        int64_t told_mbps;    // of 100 that A carries: what is told to go to its two prefixes
        bool by_exit, d_too;  // d_too: another router sends it by D, that has no room
    } rows[] = {
        {B, 750, 100, true, false}, {B, 750, 100, true, true}, {C, 750, 100, false, false},
        {C, 650, 100, true, false}, {C, 750, 0, false, false}, {C, 650, 0, true, false},
        {C, 690, 100, true, true},  // more than leaves by A lands nowhere
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct site *s = open_where_b_chooses(rows[i].chosen, rows[i].chosen_mbps);
        for (size_t p = 0; p < 2 && rows[i].d_too; p++)
            choose(s, D, D, of_a[p]);
        count_again(s, rows[i].chosen_mbps);
        for (size_t p = 0; p < 2 && rows[i].told_mbps > 0; p++)
            tell_demand(s, small_prefix(of_a[p]), rows[i].told_mbps / 2);
        site_run(s, 1500);
        if (told_by_exit(s) != rows[i].by_exit)
            fail_msg("row %zu: %u stand: %s", i, s->standing, s->said[0].reason);
        site_close(s);
    }
}

// What is told of one prefix leaves by D in part: then more than the rest goes to the other.
static void asks_for_room_for_what_hides(void **state)
{
    (void)state;
    for (int hides = 0; hides < 2; hides++) {
        struct site *s = open_where_b_chooses(C, 750);
        choose(s, B, A, of_a[0]);
        if (hides)
            choose(s, D, D, of_a[0]);
        count_again(s, 750);
        tell_demand(s, small_prefix(of_a[0]), 100);
        site_run(s, 1500);
        assert_int_equal(told_by_exit(s), !hides);
        site_close(s);
    }
}

// What an exit brought to a third upstream is not in its counters yet: nothing more goes there.
static void waits_until_it_is_counted(void **state)
{
    (void)state;
    static const struct {
        uint32_t chosen;
        int64_t age_s;  // of the counters' news when D begins to lose
        uint32_t full;  // the one of B and C that has no room for more
        bool moves;
    } rows[] = {{C, 5, B, false}, {C, 15, B, true}, {B, 5, B, true}, {B, 5, C, true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct site *s = open_where_b_chooses(rows[i].chosen, 300);
        struct prefix third = add_third(s, "203.0.114.0/24", D);
        s->net.targets[1].address[FAMILY_IPV4] = small_address("203.0.114.10");
        s->net.steer.budget.drained_upstreams_percent = 100;
        tell_demand(s, third, 10);
        assert_true(told_by_exit(s));
        assert_int_equal(moves_find(&s->engine->moves, exit_prefix(A))->to, B);
        site_run(s, rows[i].age_s * 1000 - 1500);
        tell_use(s, 300);
        s->net.upstreams[rows[i].full].capacity_mbps = rows[i].full == B ? 600 : 330;
        lose(s, D, 40);
        site_run(s, 3000);
        if ((moves_find(&s->engine->moves, third) != NULL) != rows[i].moves)
            fail_msg("row %zu: %u stand: %s", i, s->standing, s->said[s->said_count - 1].reason);
        site_close(s);
    }
}

enum { MANY = 150, MANY_USE_MBPS = 200, BY_EXIT = 1 };

static struct prefix one_of_many(enum family family, uint32_t i)
{
    char text[48];
    if (family == FAMILY_IPV4)
        snprintf(text, sizeof text, "20.0.%u.0/24", i);
    else
        snprintf(text, sizeof text, "2001:db8:%x::/48", 256 + i);
    return small_prefix(text);
}

// Many prefixes of the family leave by A; all routers of the family know them, or A's own alone.
static void add_many(struct site *s, enum family family, bool last_is_alone)
{
    for (uint32_t i = 0; i < MANY; i++)
        for (uint32_t r = 0; r < SITE_WAYS; r++)
            if (s->net.routers[r].families[family] && (r == A || i + 1 < MANY || !last_is_alone))
                site_feed(s, (struct event){.kind = EVENT_ROUTE,
                                            .route = {r, r, one_of_many(family, i), true, r == A}});
    for (uint32_t t = 0; t < s->net.target_count; t++)
        s->net.targets[t].address[family] = one_of_many(family, t + 1).address;
}

static void tell_use_of_many(struct site *s, uint32_t capacity_mbps)
{
    s->net.steer.capacity = NET_CAPACITY_PROVE;
    for (uint32_t u = 0; u < SITE_WAYS; u++) {
        int64_t bps = u == A ? MANY_USE_MBPS * INT64_C(1000000) : 0;
        s->net.upstreams[u].capacity_mbps = capacity_mbps;
        site_feed(s, (struct event){.kind = EVENT_USE, .use = {u, bps, 0}});
    }
}

struct many {
    enum family family;
    uint32_t capacity_mbps;       // of each upstream; 0: nobody asks
    uint32_t per_minute_percent;  // of all traffic, that may move
    uint32_t per_minute_max;      // prefixes
    bool last_is_alone;           // the last one can go by A only
    bool light;                   // the targets' prefixes weigh least
    uint32_t standing;            // overrides, or BY_EXIT
};

static uint32_t stands_of_many(const struct many *row)
{
    struct site *s = open_site();
    s->family = row->family;
    for (uint32_t u = 0; u < SITE_WAYS; u++) {
        char text[32];
        snprintf(text, sizeof text, "2001:db8:9::%u", u + 1);
        s->net.upstreams[u].exit[FAMILY_IPV6] = small_address(text);
    }
    s->net.steer.budget.moved_per_minute_percent = row->per_minute_percent;
    s->net.steer.budget.prefixes_per_minute_max = row->per_minute_max;
    add_many(s, row->family, row->last_is_alone);
    site_run(s, 11 * 1000);
    if (row->capacity_mbps > 0)
        tell_use_of_many(s, row->capacity_mbps);
    for (uint32_t i = 0; row->light && i < MANY; i++)
        site_feed(s,
                  (struct event){.kind = EVENT_DEMAND,
                                 .demand = {one_of_many(row->family, i), i < 4 ? 1000 : 1000000}});
    lose(s, A, 40);
    site_run(s, 1500);
    bool by_exit =
        s->engine->moves.count == 1 && net_exit_of(&s->net, s->engine->moves.items[0].prefix) == A;
    uint32_t standing = by_exit ? BY_EXIT : s->standing;
    if (standing != row->standing)
        print_message("%u stand: %s\n", s->standing, s->said[0].reason);
    site_close(s);
    return standing;
}

// 200 overrides of a family may stand: 50 prefixes on four routers, 100 on the two with IPv6.
static void moves_more_than_overrides_may(void **state)
{
    (void)state;
    static const struct many rows[] = {
        {FAMILY_IPV4, 0, 100, 400, false, false, BY_EXIT},
        {FAMILY_IPV6, 0, 100, 400, false, false, BY_EXIT},
        {FAMILY_IPV4, 1000, 100, 400, false, false, BY_EXIT},
        {FAMILY_IPV6, 1000, 100, 400, false, false, BY_EXIT},
        {FAMILY_IPV4, 1000, 100, 400, false, true, BY_EXIT},
        {FAMILY_IPV6, 1000, 100, 400, false, true, BY_EXIT},
        {FAMILY_IPV4, 180, 100, 400, false, false, 200},  // room for what moves, but not for all
        {FAMILY_IPV6, 180, 100, 400, false, false, 200},
        {FAMILY_IPV4, 1000, 80, 400, false, false, 200},
        {FAMILY_IPV6, 1000, 80, 400, false, false, 200},
        {FAMILY_IPV4, 1000, 100, 20, false, false, 80},
        {FAMILY_IPV6, 1000, 100, 20, false, false, 40},
        {FAMILY_IPV4, 1000, 100, 400, true, false, 200},
        {FAMILY_IPV6, 1000, 100, 400, true, false, 200},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (stands_of_many(&rows[i]) != rows[i].standing)
            fail_msg("row %zu", i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drains_by_one_route),
        cmocka_unit_test(moves_all_by_one_route),
        cmocka_unit_test(takes_it_back),
        cmocka_unit_test(goes_by_prefixes_when_let_go),
        cmocka_unit_test(goes_by_prefixes_otherwise),
        cmocka_unit_test(sends_a_canary_first),
        cmocka_unit_test(asks_for_room_for_all),
        cmocka_unit_test(asks_for_room_where_it_lands),
        cmocka_unit_test(asks_for_room_for_what_hides),
        cmocka_unit_test(waits_until_it_is_counted),
        cmocka_unit_test(moves_more_than_overrides_may),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
