// SPDX-License-Identifier: ISC
// How much of a path's traffic moves, and where to, by what upstreams carry and can carry. The site
// of site_check.h, with ten prefixes of 10 Mbit/s more that leave by A, and one of 30.
#include "engine/site_check.h"
#include "engine/state.h"

#include "base/check.h"

#include <stdio.h>

enum { A = SITE_A, B, C, D, MBIT = 1000 * 1000, LIGHT = 10, PREFIXES = LIGHT + 2 };

static void tell_use(struct site *s, const int64_t *mbps)
{
    for (uint32_t u = 0; u < SITE_WAYS; u++)
        if (mbps[u] >= 0)
            site_feed(s, (struct event){.kind = EVENT_USE,
                                        .use = {.upstream = u, .out_bps = mbps[u] * MBIT}});
}

static struct prefix light(uint32_t n)
{
    char text[32];
    snprintf(text, sizeof text, "203.0.113.%u/24", 0);
    struct prefix prefix = small_prefix(text);
    prefix.address.bytes[2] = (uint8_t)(120 + n);
    return prefix;
}

static void tell_demand(struct site *s, const char *heavy)
{
    for (uint32_t n = 0; n < LIGHT; n++)
        site_feed(s, (struct event){.kind = EVENT_DEMAND,
                                    .demand = {.prefix = light(n), .bps = 10 * MBIT}});
    site_feed(s, (struct event){.kind = EVENT_DEMAND,
                                .demand = {.prefix = small_prefix(heavy), .bps = 30 * MBIT}});
    site_feed(s, (struct event){.kind = EVENT_DEMAND,
                                .demand = {.prefix = small_prefix("203.0.112.0/24"), .bps = 0}});
}

static const struct row {
    const char *name;
    uint32_t capacity[SITE_WAYS];  // Mbit/s; 0: unknown
    int64_t use[SITE_WAYS];        // Mbit/s; -1: unknown
    bool demand;                   // told for each prefix
    uint32_t moved[SITE_WAYS];     // prefixes by way
    const char *says;              // of the first plan
    const char *country[SITE_WAYS];
} rows[] = {
    // clang-format off
    {"all of it finds room on one", {1000, 1000, 1000, 1000}, {130, 0, 0, 0}, true,
     {0, PREFIXES, 0, 0}, "limits: 12 of", {0}},
    {"the second one is too small: the heaviest that fit",
     {1000, 100, 1, 1}, {130, 20, 1, 1}, true, {0, 5, 0, 0}, "; 7 stay, 70 Mbit/s: no room", {0}},
    {"over three of them", {1000, 50, 50, 100}, {130, 0, 0, 0}, true, {0, 3, 4, 5}, "limits", {0}},
    {"capacities unknown", {1000, 0, 0, 0}, {130, 0, 0, 0}, true, {0},
     "unknown is not moved (S10)", {0}},
    {"use unknown", {1000, 1000, 1000, 1000}, {130, -1, -1, -1}, true, {0},
     "unknown is not moved", {0}},
    {"only one of them is known", {1000, 0, 0, 1000}, {130, 0, 0, 0}, true, {0, 0, 0, PREFIXES},
     "limits", {0}},
    {"no room anywhere", {1000, 100, 100, 100}, {130, 80, 90, 100}, true, {0},
     "no room for anything", {0}},
    {"nobody tells of the prefixes: an even part of what A carries, default and all",
     {1000, 100, 1, 1}, {130, 20, 1, 1}, false, {0, 6, 0, 0}, "; 6 stay, 60 Mbit/s", {0}},
    {"nobody tells of them, nor of A", {1000, 100, 100, 100}, {-1, 20, 1, 1}, false, {0},
     "unknown", {0}},
    {"the same country first", {1000, 1000, 1000, 1000}, {130, 0, 0, 0}, true,
     {0, 0, 0, PREFIXES}, "limits", {"de", "fr", "at", "de"}},
    // clang-format on
};

static struct site *open_row(const struct row *row)
{
    struct site *s = site_open(1);
    s->net.steer.capacity = NET_CAPACITY_PROVE;
    s->net.steer.budget.moved_per_minute_percent = 100;
    for (uint32_t u = 0; u < SITE_WAYS; u++) {
        s->net.upstreams[u].capacity_mbps = row->capacity[u];
        strcpy(s->net.upstreams[u].country, row->country[u] ? row->country[u] : "");
        for (uint32_t n = 0; n < LIGHT; n++)
            site_feed(s,
                      (struct event){.kind = EVENT_ROUTE, .route = {u, u, light(n), true, u == A}});
    }
    site_run(s, 11 * 1000);  // by then counters hold what the routes bring
    tell_use(s, row->use);
    if (row->demand)
        tell_demand(s, "203.0.113.0/24");
    return s;
}

static void count_moved(const struct site *s, uint32_t *moved)
{
    for (uint32_t i = 0; i < s->engine->moves.count; i++)
        moved[s->engine->moves.items[i].to]++;
}

static void moves_what_finds_room(void **state)
{
    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        const struct row *row = &rows[r];
        struct site *s = open_row(row);
        uint32_t moved[SITE_WAYS] = {0};
        s->loss_percent[A] = 40;
        site_signal(s, A, SIGNAL_CONFIRMED);
        site_run(s, 1500);
        count_moved(s, moved);
        for (uint32_t u = 0; u < SITE_WAYS; u++)
            if (moved[u] != row->moved[u])
                fail_msg("%s: %u, not %u, to %u: %s", row->name, moved[u], row->moved[u], u,
                         s->said_count ? s->said[0].reason : "");
        if (s->said_count == 0 || !strstr(s->said[0].reason, row->says))
            fail_msg("%s: said: %s", row->name, s->said_count ? s->said[0].reason : "");
        site_close(s);
    }
}

static const struct row plenty = {"plenty", {1000, 1000, 1000, 1000}, {130, 0, 0, 0}, true, {0}, "",
                                  {0}};
static const struct row split = {"split", {1000, 50, 50, 100}, {130, 0, 0, 0}, true, {0}, "", {0}};

static struct site *open_bad(const struct row *row)
{
    struct site *s = open_row(row);
    s->loss_percent[A] = 40;
    return s;
}

static void go_bad(struct site *s, int64_t ms)
{
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, ms);
}

static void run_told(struct site *s, int64_t ms, const int64_t *use)
{
    for (; ms > 0; ms -= 5000) {
        tell_use(s, use);
        site_run(s, 5000);
    }
}

static void check_moved(const struct site *s, uint32_t b, uint32_t c, uint32_t d)
{
    uint32_t moved[SITE_WAYS] = {0};
    count_moved(s, moved);
    if (moved[B] != b || moved[C] != c || moved[D] != d)
        fail_msg("%u, %u and %u moved, not %u, %u and %u", moved[B], moved[C], moved[D], b, c, d);
}

// What does not help on one way is taken back there, and stays on the others.
static void undoes_one_way_of_three(void **state)
{
    (void)state;
    struct site *s = open_bad(&split);
    go_bad(s, 300);
    check_moved(s, 3, 4, 5);
    s->loss_percent[C] = 30;
    site_run(s, 5000);
    check_moved(s, 3, 0, 5);
    site_check_said(s, 0, PLAN_ACT, A, B);
    site_check_said(s, 1, PLAN_ACT, A, C);
    site_check_said(s, 2, PLAN_ACT, A, D);
    site_check_said(s, 3, PLAN_UNDO, C, A);
    assert_int_equal(s->state, INCIDENT_HELD);
    assert_int_equal(s->standing, 8 * SITE_WAYS);
    site_close(s);
}

static void undoes_all_when_none_helps(void **state)
{
    (void)state;
    struct site *s = open_bad(&split);
    go_bad(s, 300);
    s->routed_percent = s->loss_percent[B] = s->loss_percent[C] = s->loss_percent[D] = 40;
    site_run(s, 5000);
    check_moved(s, 0, 0, 0);
    assert_int_equal(s->standing, 0);
    assert_int_equal(s->state, INCIDENT_CONFIRMED);
    site_close(s);
}

// What found no room is looked at again, and what was moved since counts as used until then.
static void moves_the_rest_when_there_is_room(void **state)
{
    (void)state;
    const int64_t before[SITE_WAYS] = {130, 20, 1, 1}, after[SITE_WAYS] = {50, 90, 1, 1};
    struct site *s =
        open_bad(&(struct row){"small", {1000, 100, 1, 1}, {130, 20, 1, 1}, true, {0}, "", {0}});
    go_bad(s, 1500);
    check_moved(s, 5, 0, 0);
    run_told(s, 30 * 1000, before);
    run_told(s, 35 * 1000, after);
    check_moved(s, 5, 0, 0);
    s->net.upstreams[B].capacity_mbps = 1000;
    run_told(s, 65 * 1000, after);
    check_moved(s, PREFIXES, 0, 0);
    assert_int_equal(s->state, INCIDENT_HELD);
    site_close(s);
}

// 80 Mbit/s were moved to B, which had 20: whether counters hold none of that yet, a part or all,
// it is the same 100; what they hold beyond it is somebody else's.
static void counts_once_what_was_moved(void **state)
{
    (void)state;
    static const struct {
        int64_t told, reckoned;
    } counters[] = {{20, 100}, {60, 100}, {100, 100}, {130, 130}};
    for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++) {
        const int64_t use[SITE_WAYS] = {50, counters[i].told, 1, 1};
        struct site *s = open_bad(
            &(struct row){"small", {1000, 130, 1, 1}, {130, 20, 1, 1}, true, {0}, "", {0}});
        go_bad(s, 1500);
        check_moved(s, 7, 0, 0);  // 30, five of 10, and one without any
        tell_use(s, use);
        room_measure(s->engine, net_path_find(&s->net, A, FAMILY_IPV4), false);
        assert_int_equal(s->engine->room.upstreams[B].use_kbps, 1000 * counters[i].reckoned);
        site_close(s);
    }
}

// And it is there until no router has it any more, wanted or not.
static void counts_what_is_taken_back(void **state)
{
    (void)state;
    const int64_t use[SITE_WAYS] = {50, 20, 1, 1};
    struct site *s =
        open_bad(&(struct row){"small", {1000, 130, 1, 1}, {130, 20, 1, 1}, true, {0}, "", {0}});
    uint32_t path = net_path_find(&s->net, A, FAMILY_IPV4);
    go_bad(s, 1500);
    tell_use(s, use);
    moves_want(&s->engine->moves, path, false);
    room_measure(s->engine, path, false);
    assert_int_equal(s->engine->room.upstreams[B].use_kbps, 100 * 1000);
    moves_release(&s->engine->moves);
    room_measure(s->engine, path, false);
    assert_int_equal(s->engine->room.upstreams[B].use_kbps, 20 * 1000);
    site_close(s);
}

// What asks for 130 leaves by A, which carries less: routers send the rest by B already. Where all
// that there is fits into the headroom of B, by counters and by flows, all of it may go there; else
// each by what it asks for.
static void moves_all_where_all_fits(void **state)
{
    (void)state;
    static const struct {
        uint32_t capacity_mbps;
        int64_t use_mbps;  // of A, and of B
        uint32_t moved;
    } parts[] = {{180, 68, PREFIXES}, {170, 68, 5}, {160, 60, 5}};  // flows say 130, of 128
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        int64_t use = parts[i].use_mbps;
        struct site *s = open_bad(&(struct row){
            "part", {1000, parts[i].capacity_mbps, 1, 1}, {use, use, 2, 2}, true, {0}, "", {0}});
        go_bad(s, 1500);
        check_moved(s, parts[i].moved, 0, 0);
        site_close(s);
    }
}

static void moves_half_of_all_in_a_minute(void **state)
{
    (void)state;
    struct site *s = open_bad(&plenty);
    s->net.steer.budget.moved_per_minute_percent = 50;
    go_bad(s, 1500);
    check_moved(s, 5, 0, 0);  // 30 and three of 10, of 130 Mbit/s; and one that weighs nothing
    site_close(s);
}

static void moves_so_many_in_a_minute(void **state)
{
    (void)state;
    struct site *s = open_bad(&plenty);
    s->net.steer.budget.prefixes_per_minute_max = 3;
    go_bad(s, 1500);
    check_moved(s, 3, 0, 0);
    site_close(s);
}

// The first move ever is of one that can be verified; the others follow.
static void sends_a_canary(void **state)
{
    (void)state;
    struct site *s = open_bad(&plenty);
    s->net.steer.budget.canary_ns = 60 * (int64_t)NS_PER_S;
    go_bad(s, 3000);
    check_moved(s, 1, 0, 0);
    assert_true(prefix_equal(s->engine->moves.items[0].prefix, small_prefix("203.0.113.0/24")));
    assert_int_equal(s->state, INCIDENT_HELD);
    run_told(s, 50 * 1000, plenty.use);
    check_moved(s, 1, 0, 0);
    run_told(s, 15 * 1000, plenty.use);
    check_moved(s, PREFIXES, 0, 0);
    site_close(s);
}

// S9: of four upstreams one may be left at 25 %, and a second one not.
static void leaves_no_second_upstream(void **state)
{
    (void)state;
    struct site *s = open_bad(&plenty);
    s->net.steer.budget.drained_upstreams_percent = 25;
    go_bad(s, 3000);
    s->loss_percent[B] = 40;
    site_signal(s, B, SIGNAL_CONFIRMED);
    site_run(s, 3000);
    bool said = false;
    for (uint32_t i = 0; i < s->said_count; i++)
        said |= strstr(s->said[i].reason, "(S9)") != NULL;
    assert_true(said);
    site_close(s);
}

static void lift_it(struct site *s, enum lift_rule rule, uint32_t upstream)
{
    struct event_asked asked = {.what = ASKED_LIFT,
                                .uid = 1000,
                                .object = {NET_OBJECT_UPSTREAM, upstream, 0},
                                .until = mono_add_ms(s->engine->now, 60 * 1000),
                                .number = rule,
                                .reason = "a fire"};
    site_feed(s, (struct event){.kind = EVENT_ASKED, .asked = asked});
    asked = (struct event_asked){.what = ASKED_APPROVE,
                                 .uid = 1001,
                                 .object.kind = NET_OBJECT_KINDS,
                                 .number = s->answered.number};
    site_feed(s, (struct event){.kind = EVENT_ASKED, .asked = asked});
    assert_true(s->answered.done);
}

// S18: what the configuration limits, and two persons do not; what is built in stays.
static void moves_more_when_it_is_lifted(void **state)
{
    (void)state;
    static const struct row small = {"small", {1000, 100, 1, 1}, {130, 20, 1, 1}, true, {0}, "",
                                     {0}};
    static const struct {
        enum lift_rule rule;
        uint32_t upstream, percent, prefixes;
        const struct row *row;
        uint32_t moved;
    } lifts[] = {
        {LIFT_S8, A, 50, 400, &plenty, PREFIXES}, {LIFT_S8, A, 100, 3, &plenty, PREFIXES},
        {LIFT_S8, B, 50, 400, &plenty, 5},        {LIFT_S9, A, 50, 400, &plenty, 5},
        {LIFT_S10, B, 100, 400, &small, 6},  // 95 of 100: 20 are used, and 30 and four of 10 come
        {LIFT_S10, A, 100, 400, &small, 5},       {LIFT_S8, A, 100, 400, &small, 5},
    };
    for (size_t i = 0; i < sizeof lifts / sizeof lifts[0]; i++) {
        struct site *s = open_bad(lifts[i].row);
        s->net.steer.budget.moved_per_minute_percent = lifts[i].percent;
        s->net.steer.budget.prefixes_per_minute_max = lifts[i].prefixes;
        lift_it(s, lifts[i].rule, lifts[i].upstream);
        go_bad(s, 1500);
        check_moved(s, lifts[i].moved, 0, 0);
        site_close(s);
    }
}

// What fitted when it left may not fit when it could return: it waits until it does.
static void returns_when_there_is_room(void **state)
{
    (void)state;
    const int64_t full[SITE_WAYS] = {900, 130, 0, 0}, empty[SITE_WAYS] = {0, 130, 0, 0};
    struct site *s = open_bad(&plenty);
    go_bad(s, 3000);
    check_moved(s, PREFIXES, 0, 0);
    s->loss_percent[A] = 0;
    site_signal(s, A, SIGNAL_CLEAR);
    run_told(s, 150 * 1000, full);
    check_moved(s, PREFIXES, 0, 0);
    site_check_said(s, s->said_count - 1, PLAN_REFUSED, B, A);
    assert_non_null(strstr(s->said[s->said_count - 1].reason, "(S10)"));
    run_told(s, 10 * 1000, empty);
    check_moved(s, 0, 0, 0);
    site_close(s);
}

// S12: when every way fails for every target at once, it is not the ways.
static void doubts_itself(void **state)
{
    (void)state;
    struct site *s = open_bad(&plenty);
    for (uint32_t way = 0; way < SITE_WAYS; way++)
        s->loss_percent[way] = 100;
    site_run(s, 5000);
    go_bad(s, 3000);
    assert_int_equal(s->orders, 0);
    assert_non_null(strstr(s->said[0].reason, "it is ourselves (S12)"));
    site_close(s);
}

// I7: where a fifth of all samples tells nothing, the rest is no evidence.
static void wants_samples_that_tell(void **state)
{
    (void)state;
    struct site *s = open_bad(&plenty);
    site_feed(s, (struct event){.kind = EVENT_TALLY,
                                .tally = {.path = 0, .target = 0, .ok = 1, .voided = 100 * 1000}});
    go_bad(s, 2000);
    assert_int_equal(s->orders, 0);
    assert_non_null(strstr(s->said[0].reason, "(I7)"));
    site_run(s, 60000);
    assert_true(s->orders > 0);
    site_close(s);
}

// A person's drain is whole or not at all.
static void drains_all_or_nothing(void **state)
{
    (void)state;
    struct site *s =
        open_row(&(struct row){"small", {1000, 100, 1, 1}, {130, 20, 1, 1}, true, {0}, "", {0}});
    story_ask(s->engine, net_path_find(&s->net, A, FAMILY_IPV4), STORY_DRAIN, "asked for");
    site_run(s, 3000);
    assert_int_equal(s->orders, 0);
    assert_non_null(strstr(s->said[0].reason, "all or nothing"));
    s->net.upstreams[B].capacity_mbps = 1000;
    site_run(s, 3000);
    check_moved(s, PREFIXES, 0, 0);
    site_close(s);
}

// 40 Mbit/s have just turned to B by themselves, which its counters do not show yet.
static void counts_what_came_by_itself(void **state)
{
    (void)state;
    struct site *s =
        open_bad(&(struct row){"small", {1000, 150, 1, 1}, {90, 40, 1, 1}, true, {0}, "", {0}});
    for (uint32_t n = 0; n < 4; n++)
        for (uint32_t u = A; u <= B; u++)
            site_feed(s,
                      (struct event){.kind = EVENT_ROUTE, .route = {u, u, light(n), true, u == B}});
    site_run(s, 1500);
    go_bad(s, 1500);
    check_moved(s, 3, 0, 0);  // 40 of 120 Mbit/s are left: 30, and one of 10; and one without any
    site_close(s);
}

static void tell_routes(struct site *s, bool present, bool best)
{
    for (uint32_t n = 0; n < 6; n++)
        site_feed(s, (struct event){.kind = EVENT_ROUTE, .route = {B, B, light(n), present, best}});
}

// The session of B was down, and is back: the first route that comes does not tell what the next
// ones bring, of which counters know nothing either.
static void waits_for_what_comes_by_itself(void **state)
{
    (void)state;
    const int64_t use[SITE_WAYS] = {130, 0, 1, 1};
    struct site *s =
        open_bad(&(struct row){"back", {1000, 125, 1, 1}, {130, 0, 1, 1}, true, {0}, "", {0}});
    tell_routes(s, false, false);
    run_told(s, 15 * 1000, use);
    site_feed(s, (struct event){.kind = EVENT_ROUTE, .route = {B, B, light(0), true, false}});
    go_bad(s, 900);
    check_moved(s, 0, 0, 0);
    tell_routes(s, true, true);
    site_run(s, 900);
    check_moved(s, 0, 0, 0);
    site_run(s, 200);
    check_moved(s, 3, 0, 0);  // 60 came: of 100 Mbit/s 40 are left
    site_close(s);
}

// Nor does what was moved return to a way that is just coming back.
static void returns_to_what_has_come(void **state)
{
    (void)state;
    struct site *s = open_bad(&plenty);
    s->net.steer.hold_min_ns = 5 * (int64_t)NS_PER_S;
    go_bad(s, 1500);
    s->loss_percent[A] = 0;
    site_signal(s, A, SIGNAL_CLEAR);
    for (int i = 0; i < 160; i++) {  // in a minute all may move once more (I3)
        site_feed(s, (struct event){.kind = EVENT_ROUTE, .route = {A, A, light(0), i % 2, false}});
        site_run(s, 400);
    }
    assert_int_equal(s->state, INCIDENT_HELD);
    site_run(s, 1500);
    assert_int_equal(s->said[s->said_count - 1].verdict, PLAN_RETURN);
    site_close(s);
}

// What returns may have to go back, and would be moved a second time: half of all within a minute
// is the limit (I3), so the trial waits.
static void tries_a_return_when_there_is_room_to_go_back(void **state)
{
    (void)state;
    struct site *s = open_row(&rows[0]);
    s->net.steer.budget.moved_per_minute_percent = 50;
    s->net.steer.hold_min_ns = 5 * (int64_t)NS_PER_S;
    s->loss_percent[A] = 40;
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 1500);
    site_check_said(s, 0, PLAN_ACT, A, B);
    s->loss_percent[A] = 0;
    site_signal(s, A, SIGNAL_CLEAR);
    site_run(s, 55 * 1000);
    assert_int_equal(s->state, INCIDENT_HELD);
    site_run(s, 5 * 1000);
    assert_int_equal(s->said[s->said_count - 1].verdict, PLAN_RETURN);
    site_close(s);
}

static void a_relapse_counts(void **state)
{
    (void)state;
    struct site *s = open_row(&rows[0]);
    uint32_t path = net_path_find(&s->net, A, FAMILY_IPV4);
    s->loss_percent[A] = 40;
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 1500);
    s->net.steer.budget.moved_per_minute_percent = 50;
    assert_true(s->engine->moves.count > 1);
    moves_want(&s->engine->moves, path, false);  // as if it had returned
    stay_relapse(s->engine, path, "bad again");
    assert_false(s->engine->moves.items[0].wanted);  // all of it was moved within the minute
    site_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moves_what_finds_room),
        cmocka_unit_test(undoes_one_way_of_three),
        cmocka_unit_test(undoes_all_when_none_helps),
        cmocka_unit_test(moves_the_rest_when_there_is_room),
        cmocka_unit_test(counts_once_what_was_moved),
        cmocka_unit_test(counts_what_is_taken_back),
        cmocka_unit_test(moves_all_where_all_fits),
        cmocka_unit_test(moves_half_of_all_in_a_minute),
        cmocka_unit_test(moves_so_many_in_a_minute),
        cmocka_unit_test(sends_a_canary),
        cmocka_unit_test(leaves_no_second_upstream),
        cmocka_unit_test(moves_more_when_it_is_lifted),
        cmocka_unit_test(returns_when_there_is_room),
        cmocka_unit_test(doubts_itself),
        cmocka_unit_test(wants_samples_that_tell),
        cmocka_unit_test(drains_all_or_nothing),
        cmocka_unit_test(tries_a_return_when_there_is_room_to_go_back),
        cmocka_unit_test(a_relapse_counts),
        cmocka_unit_test(counts_what_came_by_itself),
        cmocka_unit_test(waits_for_what_comes_by_itself),
        cmocka_unit_test(returns_to_what_has_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
