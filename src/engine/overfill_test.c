// SPDX-License-Identifier: ISC
// Traffic was moved to B, which has 100 Mbit/s and carried 20: what becomes of it when counters
// tell of more than was reckoned. Ten prefixes leave A, of 5 Mbit/s as flows tell; one may be
// heavier.
#include "engine/overfill.h"

#include "engine/site_check.h"
#include "engine/state.h"

#include "base/check.h"

#include <string.h>

enum { A = SITE_A, B, C, D, MBIT = 1000 * 1000, PREFIXES = 10, LIGHT = 5, BEFORE = 20 };

static struct prefix prefix_number(enum family family, uint32_t n)
{
    char text[48];
    if (family == FAMILY_IPV4)
        snprintf(text, sizeof text, "20.0.%u.0/24", n);
    else
        snprintf(text, sizeof text, "2001:db8:%x::/48", 256 + n);
    return small_prefix(text);
}

static void tell_use(struct site *s, int64_t a_mbps, int64_t b_mbps)
{
    const int64_t mbps[SITE_WAYS] = {a_mbps, b_mbps, 0, 0};
    for (uint32_t u = 0; u < SITE_WAYS; u++)
        site_feed(s, (struct event){.kind = EVENT_USE,
                                    .use = {.upstream = u, .out_bps = mbps[u] * MBIT}});
}

static void tell_demand(struct site *s, uint32_t n, int64_t mbps)
{
    site_feed(s, (struct event){.kind = EVENT_DEMAND,
                                .demand = {prefix_number(s->family, n), mbps * MBIT}});
}

static void tell_route(struct site *s, struct prefix prefix, uint32_t best)
{
    for (uint32_t r = 0; r < SITE_WAYS; r++)
        if (s->net.routers[r].families[s->family])
            site_feed(s, (struct event){.kind = EVENT_ROUTE,
                                        .route = {r, r, prefix, best != SITE_WAYS, r == best}});
}

static void run_told(struct site *s, int64_t ms, int64_t a_mbps, int64_t b_mbps)
{
    for (; ms > 0; ms -= 1000) {
        tell_use(s, a_mbps, b_mbps);
        site_run(s, 1000);
    }
}

// Targets are in three prefixes from this one on, which weigh a little less than the others where
// it is not the first.
static struct site *open_ready(enum family family, int64_t heavy_mbps, uint32_t first_target)
{
    struct site *s = site_open(1);
    s->net.hook_count = 0;
    s->net.steer.capacity = NET_CAPACITY_PROVE;
    s->net.steer.budget.moved_per_minute_percent = 100;
    for (uint32_t u = 0; u < SITE_WAYS; u++)
        s->net.upstreams[u].capacity_mbps = u == A ? 1000 : u == B ? 100 : 1;
    tell_route(s, small_prefix("203.0.112.0/24"), SITE_WAYS);
    tell_route(s, small_prefix("203.0.113.0/24"), SITE_WAYS);
    s->family = family;
    for (uint32_t n = 0; n < PREFIXES; n++) {
        tell_route(s, prefix_number(family, n), A);
        bool is_last = first_target > 0 && n >= first_target;
        tell_demand(s, n, is_last ? LIGHT - 1 : n == 7 ? heavy_mbps : LIGHT);
    }
    for (uint32_t t = 0; t < s->net.target_count; t++)
        s->net.targets[t].address[family] = prefix_number(family, first_target + t).address;
    return s;
}

// All of it leaves A, and is not verified yet.
static void move_all(struct site *s)
{
    run_told(s, 15 * 1000, 150, BEFORE);
    s->routed_percent = SITE_UNKNOWN;
    s->loss_percent[A] = 40;
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 1500);
    assert_int_equal(s->engine->moves.count, PREFIXES);
    assert_int_equal(s->state, INCIDENT_VERIFY);
}

// For B.
static struct site *open_moved(enum family family, int64_t heavy_mbps, uint32_t first_target)
{
    struct site *s = open_ready(family, heavy_mbps, first_target);
    move_all(s);
    return s;
}

static struct site *open_held(enum family family, int64_t heavy_mbps)
{
    struct site *s = open_moved(family, heavy_mbps, 0);
    s->routed_percent = 0;
    site_run(s, 3000);
    assert_int_equal(s->state, INCIDENT_HELD);
    return s;
}

static uint32_t wanted(const struct site *s)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < s->engine->moves.count; i++)
        count += s->engine->moves.items[i].wanted;
    return count;
}

static const struct row {
    const char *name;
    int64_t heavy_mbps;   // of one prefix, as flows tell
    int64_t turned_mbps;  // by routers themselves, afterwards
    int64_t use_mbps;     // of B, then
    bool loses, ignored, frozen, old;
    uint32_t stay;
} rows[] = {
    // clang-format off
    {"as reckoned", LIGHT, 0, 70, false, false, false, false, 10},
    {"twice what was told: seven of ten have room", LIGHT, 0, 120, false, false, false, false, 7},
    {"a little too much", LIGHT, 0, 96, false, false, false, false, 9},
    {"grown, and not too much", LIGHT, 0, 95, false, false, false, false, 10},
    {"and lost", LIGHT, 0, 90, true, false, false, false, 8},
    {"lost, with room", LIGHT, 0, 80, true, false, false, false, 10},
    {"the heaviest stay", 15, 0, 99, false, false, false, false, 9},
    {"less came than was told", LIGHT, 0, 45, false, false, false, false, 10},
    {"routers turned more there: a part of ours", LIGHT, 40, 110, false, false, false, false, 7},
    {"of ours less came than was told", LIGHT, 60, 110, false, false, false, false, 7},
    {"routers filled it", LIGHT, 80, 150, false, false, false, false, 0},
    {"nobody asks for room", LIGHT, 0, 120, false, true, false, false, 10},
    {"frozen", LIGHT, 0, 120, false, false, true, false, 10},
    {"nobody knows any more", LIGHT, 0, 120, false, false, false, true, 10},
    // clang-format on
};

static void fill(struct site *s, const struct row *row)
{
    struct prefix other = prefix_number(s->family, PREFIXES);
    if (row->ignored)
        s->net.steer.capacity = NET_CAPACITY_IGNORE;
    if (row->frozen)
        site_feed(s, (struct event){.kind = EVENT_COMMAND, .command = COMMAND_FREEZE});
    if (row->turned_mbps > 0) {
        tell_demand(s, PREFIXES, row->turned_mbps);
        tell_route(s, other, B);
    }
    if (row->loses) {
        s->loss_percent[B] = 5;
        site_signal(s, B, SIGNAL_CONFIRMED);
    }
    if (row->old)
        s->engine->use.upstreams[B].at = mono_add_ms(s->engine->now, -40 * 1000);
}

static void check_said(const struct site *s, uint32_t back)
{
    uint32_t said = 0;
    for (uint32_t i = 0; i < s->said_count; i++)
        if (s->said[i].verdict == PLAN_UNDO) {
            site_check_said(s, i, PLAN_UNDO, B, A);
            said += s->said[i].prefixes;
        }
    assert_int_equal(said, back);
}

static void takes_back_what_has_no_room(void **state)
{
    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++)
        for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
            const struct row *row = &rows[r];
            struct site *s = open_held(family, row->heavy_mbps);
            tell_use(s, 80, row->use_mbps);
            fill(s, row);
            site_run(s, 1500);
            if (wanted(s) != row->stay)
                fail_msg("%s, %s: %u stay, not %u: %s", row->name, family_name(family), wanted(s),
                         row->stay, s->said[s->said_count - 1].reason);
            uint32_t routers = family == FAMILY_IPV4 ? SITE_WAYS : 2;
            assert_int_equal(s->standing, row->stay * routers);
            check_said(s, PREFIXES - row->stay);
            site_close(s);
        }
}

static bool is_moved(const struct site *s, uint32_t n)
{
    const struct move *move = moves_find(&s->engine->moves, prefix_number(s->family, n));
    return move && move->wanted;
}

// The heaviest is kept; where it alone has no room, lighter ones are.
static void keeps_the_heaviest_that_fit(void **state)
{
    (void)state;
    static const struct {
        int64_t use_mbps;
        uint32_t stay;
        bool heaviest;
    } cases[] = {
        {99, 9, true}, {318, 1, true}, {324, 2, false}};  // told 15: 20, 74, 76 by counters
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct site *s = open_held(FAMILY_IPV6, 15);
        tell_use(s, 80, cases[i].use_mbps);
        site_run(s, 1500);
        assert_int_equal(wanted(s), cases[i].stay);
        assert_int_equal(is_moved(s, 7), cases[i].heaviest);
        site_close(s);
    }
}

// What went back stays there: counters still hold it for ten seconds, then there is no room, and
// nothing is tried again and again.
static void does_not_come_and_go(void **state)
{
    (void)state;
    struct site *s = open_held(FAMILY_IPV4, LIGHT);
    tell_use(s, 80, 120);
    site_run(s, 1500);
    uint32_t orders = s->orders, path = net_path_find(&s->net, A, FAMILY_IPV4);
    assert_int_equal(s->engine->memories[path].hold.failures, 2);  // the move, and this
    for (uint32_t n = 0; n < PREFIXES; n++) {
        const struct routes *routes = &s->engine->routes;
        const struct route *route =
            &routes->items[routes_find(routes, prefix_number(s->family, n))];
        assert_int_equal(mono_reached(s->engine->now, route->refused_until), n < 7);
    }
    run_told(s, 9000, 80, 120);  // as if they were slow
    assert_int_equal(wanted(s), 7);
    run_told(s, 240 * 1000, 120, 80);
    assert_int_equal(wanted(s), 7);
    assert_int_equal(s->orders, orders);
    assert_int_equal(s->state, INCIDENT_HELD);
    run_told(s, 2000, 120, 107);  // and once more, as demand grows: by what is told, of 35 are 12
    assert_int_equal(wanted(s), 4);
    site_close(s);
}

// Whatever else of ours has just left is in counters still.
static void waits_until_counters_hold_what_left(void **state)
{
    (void)state;
    struct site *s = open_held(FAMILY_IPV4, LIGHT);
    moves_want_one(&s->engine->moves, prefix_number(FAMILY_IPV4, 9), false);
    site_run(s, 500);
    run_told(s, 9000, 80, 120);
    assert_int_equal(wanted(s), PREFIXES - 1);
    run_told(s, 3000, 80, 120);
    assert_in_range(wanted(s), 1, PREFIXES - 3);
    site_close(s);
}

// Another move there is no reason to look sooner.
static void remembers_what_left_when_more_comes(void **state)
{
    (void)state;
    struct site *s = open_held(FAMILY_IPV4, LIGHT);
    struct mono left = s->engine->bases[B].eased_at = mono_add_ms(s->engine->now, -1000);
    room_taken(s->engine, B);
    assert_int_equal(s->engine->bases[B].at.ns, s->engine->now.ns);
    assert_int_equal(s->engine->bases[B].eased_at.ns, left.ns);
    site_close(s);
}

// Two persons let it be fuller.
static void a_lifted_headroom_holds_here_too(void **state)
{
    (void)state;
    for (int lifted = 0; lifted < 2; lifted++) {
        struct site *s = open_held(FAMILY_IPV4, LIGHT);
        if (lifted)
            s->engine->lifts.items[0] = (struct lift){.state = LIFT_IN_FORCE,
                                                      .rule = LIFT_S10,
                                                      .object = {NET_OBJECT_UPSTREAM, B, 0},
                                                      .until = mono_add_ms(s->engine->now, 9000)};
        fill(s, &(struct row){.loses = true});
        tell_use(s, 80, 94);
        site_run(s, 1500);
        assert_int_equal(wanted(s), lifted ? PREFIXES : 8);
        site_close(s);
    }
}

// While one of them is tried on the old way, too: that returns by itself.
static void looks_while_a_part_returns(void **state)
{
    (void)state;
    struct site *s = open_held(FAMILY_IPV4, LIGHT);
    s->loss_percent[A] = 0;
    site_signal(s, A, SIGNAL_CLEAR);
    for (int i = 0; i < 200 && s->state != INCIDENT_TRIAL; i++)
        run_told(s, 1000, 80, 70);
    assert_int_equal(s->state, INCIDENT_TRIAL);
    s->routed_percent = SITE_UNKNOWN;
    run_told(s, 13 * 1000, 80, 120);
    assert_int_equal(s->state, INCIDENT_TRIAL);
    assert_in_range(wanted(s), 1, PREFIXES - 3);
    site_close(s);
}

// Beside what is moved in IPv4.
static struct prefix add_ipv6(struct site *s, uint32_t to, struct mono at)
{
    struct engine *e = s->engine;
    uint32_t path = net_path_find(&s->net, A, FAMILY_IPV6);
    struct move move = {.prefix = prefix_number(FAMILY_IPV6, 1),
                        .path = path,
                        .from = A,
                        .to = to,
                        .demand_kbps = 20 * 1000,
                        .at = at};
    moves_add(&e->moves, &move);
    e->stories[path].state = INCIDENT_VERIFY;
    e->stories[path].ways = 1u << to;
    e->effect_count = 0;
    return move.prefix;
}

// Of what was moved there long before, counters held all when the last came: how much more of that
// came than was told is of that alone, and so is taken for what all of it weighs.
static void weighs_by_what_came_last(void **state)
{
    (void)state;
    struct site *s = open_held(FAMILY_IPV4, LIGHT);
    struct engine *e = s->engine;
    tell_use(s, 80, 120);
    struct prefix before = add_ipv6(s, B, mono_add_ms(e->bases[B].at, -1000));
    overfill_look(e);
    assert_true(moves_find(&e->moves, before)->wanted);
    assert_int_equal(wanted(s), 8);
    site_close(s);
}

// Both families came by it, and have no room: of each returns a part as a plan of its own.
static void takes_back_what_is_of_both(void **state)
{
    (void)state;
    struct site *s = open_held(FAMILY_IPV4, LIGHT);
    struct engine *e = s->engine;
    tell_use(s, 80, 400);
    struct prefix of_other = add_ipv6(s, B, e->bases[B].at);
    overfill_look(e);
    assert_false(moves_find(&e->moves, of_other)->wanted);
    assert_int_equal(wanted(s), 2);  // of five and a bit as much as was told
    uint32_t plans[FAMILIES] = {0};
    for (uint32_t i = 0; i < e->effect_count; i++)
        if (e->effects[i].kind == EFFECT_PLAN && e->effects[i].plan.verdict == PLAN_UNDO)
            plans[e->effects[i].plan.family]++;
    assert_true(plans[FAMILY_IPV4] == 1 && plans[FAMILY_IPV6] == 1);
    site_close(s);
}

// Also before packets have proven it, which then goes on with what stays.
static void does_not_wait_for_packets(void **state)
{
    (void)state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        for (uint32_t first = 0; first <= 7; first += 7) {  // of those that stay, or that return
            struct site *s = open_moved(family, LIGHT, first);
            tell_use(s, 80, first == 0 ? 120 : 114);
            site_run(s, 1500);
            assert_int_equal(wanted(s), 7);
            if (first == 0)
                assert_int_equal(s->state, INCIDENT_VERIFY);
            s->routed_percent = first == 0 ? 0 : 40;
            site_run(s, 3000);
            assert_int_equal(s->state, INCIDENT_HELD);
            assert_int_equal(wanted(s), 7);
            site_close(s);
        }
    }
}

// Some went to B and some to C, and packets have proven one of the ways: that.
static struct site *open_split(uint32_t *proven)
{
    struct site *s = open_ready(FAMILY_IPV4, 40, 0);
    const struct story *story = &s->engine->stories[net_path_find(&s->net, A, FAMILY_IPV4)];
    s->net.upstreams[C].capacity_mbps = 100;
    for (uint32_t t = 0; t < s->net.target_count; t++)  // in the heavy one alone
        s->net.targets[t].address[FAMILY_IPV4] = prefix_number(FAMILY_IPV4, 7).address;
    move_all(s);
    *proven = B + C - moves_find(&s->engine->moves, prefix_number(FAMILY_IPV4, 7))->to;
    assert_int_equal(story->ways, 1u << B | 1u << C);
    assert_int_equal(story->good, 1u << *proven);
    return s;
}

static void fill_way(struct site *s, uint32_t way, int64_t mbps)
{
    site_feed(s,
              (struct event){.kind = EVENT_USE, .use = {.upstream = way, .out_bps = mbps * MBIT}});
}

// Gives how many.
static uint32_t not_taken(struct site *s, uint32_t way)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < s->engine->moves.count; i++) {
        const struct move *move = &s->engine->moves.items[i];
        struct event_override word = {way, way, move->prefix, OVERRIDE_NOT_TAKEN, ""};
        if (move->to != way)
            continue;
        site_feed(s, (struct event){.kind = EVENT_OVERRIDE, .override = word});
        count++;
    }
    return count;
}

// Nothing has room there any more, or its router did not take it: what packets prove of the other
// is enough. That is no failure of all.
static void the_way_that_is_left_is_judged_alone(void **state)
{
    (void)state;
    for (int word = 0; word < 2; word++) {
        uint32_t gone;
        struct site *s = open_split(&gone);
        uint32_t path = net_path_find(&s->net, A, FAMILY_IPV4);
        struct story *story = &s->engine->stories[path];
        story->approved = true;
        uint32_t count = word ? not_taken(s, gone) : 0;
        if (!word)
            fill_way(s, gone, 900);
        site_run(s, word ? 6000 : 1500);
        char all[16];
        snprintf(all, sizeof all, " %u of %u,", count, count);
        assert_true(!word || strstr(s->said[s->said_count - 1].reason, all));
        assert_int_equal(story->ways, (1u << B | 1u << C) & ~(1u << gone));
        assert_true(story->rests && !story->approved);
        assert_int_equal(s->engine->memories[path].tries, 0);
        s->routed_percent = 0;
        site_run(s, 3000);
        assert_int_equal(s->state, INCIDENT_HELD);
        site_close(s);
    }
}

// What stays there is proven anew.
static void what_was_proven_of_more_is_not_of_less(void **state)
{
    (void)state;
    uint32_t full;
    struct site *s = open_split(&full);
    fill_way(s, full, 400);
    site_run(s, 50);
    assert_in_range(wanted(s), 2, PREFIXES - 1);
    assert_int_equal(s->engine->stories[net_path_find(&s->net, A, FAMILY_IPV4)].good, 0);
    site_close(s);
}

// While more of ours is on its way there, what it will carry is not known; or all is frozen.
static void waits_for_what_comes(void **state)
{
    (void)state;
    struct site *s = open_held(FAMILY_IPV4, LIGHT);
    struct engine *e = s->engine;
    tell_use(s, 80, 120);
    add_ipv6(s, B, e->now);
    struct story *story = &e->stories[net_path_find(&s->net, A, FAMILY_IPV6)];
    story->state = INCIDENT_ACTING;
    overfill_look(e);
    assert_int_equal(wanted(s), PREFIXES + 1);
    story->state = INCIDENT_VERIFY;
    e->frozen = true;
    overfill_look(e);
    assert_int_equal(wanted(s), PREFIXES + 1);
    e->frozen = false;
    overfill_look(e);
    assert_true(wanted(s) < PREFIXES);
    site_close(s);
}

static void looks_at_each_upstream(void **state)
{
    (void)state;
    for (uint32_t u = B; u < SITE_WAYS; u++) {
        struct site *s = open_held(FAMILY_IPV4, LIGHT);
        struct engine *e = s->engine;
        uint32_t path = net_path_find(&s->net, A, FAMILY_IPV4);
        struct move move = {.prefix = prefix_number(FAMILY_IPV4, 20),
                            .path = path,
                            .from = A,
                            .to = u,
                            .wanted = true,
                            .at = e->now};
        s->net.upstreams[u].capacity_mbps = 100;
        fill_way(s, u, 900);
        moves_add(&e->moves, &move);
        e->stories[path].ways |= 1u << u;
        e->effect_count = 0;
        overfill_look(e);
        assert_int_equal(wanted(s), u == B ? 1 : PREFIXES);
        site_close(s);
    }
}

// One route moves all, and cannot be made smaller: it goes back, and prefixes go one by one.
static void takes_back_an_exit(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    s->net.hook_count = 0;
    s->net.upstreams[A].exit[FAMILY_IPV4] = small_address("10.9.0.1");
    s->net.steer.capacity = NET_CAPACITY_PROVE;
    s->net.steer.budget.moved_per_minute_percent = 100;
    for (uint32_t u = 0; u < SITE_WAYS; u++)
        s->net.upstreams[u].capacity_mbps = u == C || u == D ? 1 : 100;
    run_told(s, 15 * 1000, 50, BEFORE);
    s->loss_percent[A] = 40;
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 3000);
    assert_int_equal(s->engine->moves.count, 1);
    assert_int_equal(net_exit_of(&s->net, s->engine->moves.items[0].prefix), A);
    tell_use(s, 0, 98);
    site_run(s, 1500);
    assert_int_equal(s->standing, 0);
    uint32_t path = net_path_find(&s->net, A, FAMILY_IPV4);
    assert_false(mono_reached(s->engine->now, s->engine->memories[path].exit_refused_until));
    assert_false(mono_reached(s->engine->now, s->engine->memories[path].tainted_until[B]));
    site_close(s);
}

// What an exit brings lands where the router of its way sends it: that one is full. Where routers
// fill one on which none of it lands, it stays.
static void takes_back_what_lands_elsewhere(void **state)
{
    (void)state;
    for (int lands = 0; lands < 2; lands++) {
        struct site *s = site_open(1);
        s->net.hook_count = 0;
        s->net.upstreams[A].exit[FAMILY_IPV4] = small_address("10.9.0.1");
        s->net.upstreams[C].router = B;
        s->net.steer.capacity = NET_CAPACITY_PROVE;
        s->net.steer.budget.moved_per_minute_percent = 100;
        for (uint32_t u = 0; u < SITE_WAYS; u++)
            s->net.upstreams[u].capacity_mbps = u == D ? 1 : 100;
        site_feed(
            s, (struct event){.kind = EVENT_ROUTE,
                              .route = {B, C, small_prefix("203.0.113.0/24"), true, lands == 1}});
        run_told(s, 15 * 1000, 50, BEFORE);
        s->loss_percent[A] = 40;
        site_signal(s, A, SIGNAL_CONFIRMED);
        site_run(s, 3000);
        assert_int_equal(s->engine->moves.count, 1);
        assert_int_equal(s->engine->moves.items[0].to, B);
        uint32_t standing = s->standing;
        site_feed(s,
                  (struct event){.kind = EVENT_USE, .use = {.upstream = C, .out_bps = 98 * MBIT}});
        site_run(s, 1500);
        assert_int_equal(s->standing, lands ? 0 : standing);
        if (lands)
            assert_true(mono_since_ns(s->engine->now, s->engine->bases[C].eased_at) < 2 * NS_PER_S);
        site_close(s);
    }
}

// What came since the last was decided is no move's where none of those stands: as told, five fit.
static void weighs_as_told_what_came_by_itself(void **state)
{
    (void)state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct site *s = open_held(family, LIGHT);
        site_run(s, 50);
        room_taken(s->engine, B);
        tell_use(s, 80, 120);
        site_run(s, 1500);
        assert_int_equal(wanted(s), 5);
        site_close(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_back_what_has_no_room),
        cmocka_unit_test(keeps_the_heaviest_that_fit),
        cmocka_unit_test(does_not_come_and_go),
        cmocka_unit_test(waits_until_counters_hold_what_left),
        cmocka_unit_test(remembers_what_left_when_more_comes),
        cmocka_unit_test(a_lifted_headroom_holds_here_too),
        cmocka_unit_test(looks_while_a_part_returns),
        cmocka_unit_test(weighs_by_what_came_last),
        cmocka_unit_test(takes_back_what_is_of_both),
        cmocka_unit_test(weighs_as_told_what_came_by_itself),
        cmocka_unit_test(does_not_wait_for_packets),
        cmocka_unit_test(the_way_that_is_left_is_judged_alone),
        cmocka_unit_test(what_was_proven_of_more_is_not_of_less),
        cmocka_unit_test(waits_for_what_comes),
        cmocka_unit_test(looks_at_each_upstream),
        cmocka_unit_test(takes_back_an_exit),
        cmocka_unit_test(takes_back_what_lands_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
