// SPDX-License-Identifier: ISC
#include "engine/use.h"

#include "base/check.h"
#include "engine/demand.h"
#include "engine/engine.h"
#include "engine/small_net.h"

#include <jansson.h>

#define V6                                                                                         \
    {                                                                                              \
        .address = {FAMILY_IPV6, {0x20, 1, 0xd, 0xb8, 0, 0xf}}, .length = 48                       \
    }

static struct mono at_s(int64_t s)
{
    return (struct mono){s * NS_PER_S};
}

// One value every `step_s` from 1000 s on, then asked at `asked_s`.
static const struct {
    const char *name;
    int64_t out_bps[8];
    uint32_t count;
    int64_t step_s, asked_s;
    struct use_seen expected;
} rows[] = {
    {"nothing", {0}, 0, 1, 1000, {0}},
    {"one", {7}, 1, 1, 1001, {true, NS_PER_S, 7, 8, 7, 8, 1}},
    {"as old as may be", {7}, 1, 1, 1030, {true, 30ll * NS_PER_S, 7, 8, 7, 8, 1}},
    {"too old", {7}, 1, 1, 1031, {false, 31ll * NS_PER_S, 7, 8, 7, 8, 1}},
    {"of one slot the highest", {5, 9, 6}, 3, 1, 1002, {true, 0, 6, 7, 9, 10, 1}},
    {"the latest is the least", {9, 5, 1}, 3, 5, 1010, {true, 0, 1, 2, 9, 10, 3}},
    {"five minutes and no longer", {90, 5, 6}, 3, 150, 1300, {true, 0, 6, 7, 6, 7, 2}},
    {"the last slot that counts", {90, 5, 6}, 3, 145, 1290, {true, 0, 6, 7, 90, 91, 3}},
    {"nothing left", {7}, 1, 1, 1400, {false, 400ll * NS_PER_S, 7, 8, 0, 0, 0}},
};

static void tells_what_is_used(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct use use = {0};
        for (uint32_t n = 0; n < rows[i].count; n++) {
            const struct event_use told = {2, rows[i].out_bps[n], rows[i].out_bps[n] + 1};
            CHECK_ROW(rows[i].name, use_take(&use, at_s(1000 + n * rows[i].step_s), &told));
        }
        struct use_seen got = use_of(&use, 2, at_s(rows[i].asked_s)), want = rows[i].expected;
        CHECK_ROW(rows[i].name, got.known == want.known && got.age_ns == want.age_ns);
        CHECK_ROW(rows[i].name, got.out_bps == want.out_bps && got.in_bps == want.in_bps);
        CHECK_ROW(rows[i].name, got.out_p95_bps == want.out_p95_bps);
        CHECK_ROW(rows[i].name, got.in_p95_bps == want.in_p95_bps);
        CHECK_ROW(rows[i].name, got.slots == want.slots);
        CHECK_ROW(rows[i].name, !use_of(&use, 1, at_s(rows[i].asked_s)).known);
    }
}

// One value each 5 s: which of them are told, by their times.
static void tells_what_is_another(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t first_bps, then_bps, told_s[4];  // from then_s on; 0: no more
        int64_t then_s;
    } changes[] = {
        {"the same", 1000, 1000, {1000, 1600, 2200}, 1100},
        {"a tenth more", 1000, 1100, {1000, 1600, 2200}, 1100},
        {"more", 1000, 1101, {1000, 1100, 1700}, 1100},
        {"less", 1000, 899, {1000, 1100, 1700}, 1100},
        {"more, but soon", 1000, 5000, {1000, 1060, 1660}, 1005},
        {"nothing, and something", 0, 1, {1000, 1100, 1700}, 1100},
        {"nothing", 7, 0, {1000, 1100, 1700}, 1100},
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
        for (int in = 0; in < 2; in++) {
            struct use use = {0};
            int told = 0;
            for (int64_t s = 1000; told < 3; s += 5) {
                int64_t bps = s < changes[i].then_s ? changes[i].first_bps : changes[i].then_bps;
                const struct event_use taken = {1, in ? 5 : bps, in ? bps : 5};
                if (use_is_news(&use, at_s(s), &taken))
                    CHECK_ROW(changes[i].name, s == changes[i].told_s[told++]);
                CHECK_ROW(changes[i].name, s < 3000);
            }
        }
    struct use use = {0};  // the first, however soon after the machine began
    const struct event_use nothing = {1, 0, 0};
    assert_true(use_is_news(&use, at_s(10), &nothing));
    assert_false(use_is_news(&use, at_s(15), &nothing));
}

// Of 60 slots three may be higher.
static void takes_the_95th_of_a_hundred(void **state)
{
    (void)state;
    struct use use = {0};
    for (uint32_t n = 0; n < USE_SLOTS; n++)
        use_take(&use, at_s(USE_SLOT_S * n), &(struct event_use){0, n * 37 % 60 + 1, 60 - n});
    struct use_seen seen = use_of(&use, 0, at_s(USE_SLOT_S * (USE_SLOTS - 1)));
    assert_int_equal(seen.slots, USE_SLOTS);
    assert_int_equal(seen.out_p95_bps, 57);
    assert_int_equal(seen.in_p95_bps, 57);
}

// What three upstreams carry in slot after slot, and all of them together at the end; -1: nothing
// was told.
static const struct {
    const char *name;
    int64_t out_bps[3][6];
    int64_t all_bps;
} togethers[] = {
    {"as ever", {{5, 5, 5, 5, 5, 5}, {3, 3, 3, 3, 3, 3}, {1, 1, 1, 1, 1, 1}}, 9},
    {"moved", {{5, 5, 5, 0, 0, 0}, {3, 3, 3, 8, 8, 8}, {0, 0, 0, 0, 0, 0}}, 8},
    {"moved there and back", {{5, 0, 5, 0, 5, 0}, {3, 8, 3, 8, 3, 8}, {0, 0, 0, 0, 0, 0}}, 8},
    {"more in the past", {{5, 9, 5, 5, 5, 5}, {3, 3, 3, 3, 3, 3}, {1, 1, 1, 1, 1, 1}}, 13},
    {"more now", {{5, 5, 5, 5, 5, 9}, {3, 3, 3, 3, 3, 3}, {1, 1, 1, 1, 1, 1}}, 13},
    {"a gap counts for nothing", {{5, 9, 5, 5, 5, 5}, {3, -1, 3, 3, 3, 3}, {1, 1, 1, 1, 1, 1}}, 9},
    {"one is never told", {{5, 5, 5, 5, 5, 5}, {3, 3, 3, 3, 3, 3}, {-1, -1, -1, -1, -1, -1}}, -1},
};

// Each slot is told twice: the highest, of an upstream that is just left, does not count.
static void adds_up_what_all_carry(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof togethers / sizeof togethers[0]; i++) {
        struct use use = {0};
        for (uint32_t n = 0; n < 6; n++)
            for (uint32_t u = 0; u < 3; u++) {
                const int64_t *bps = &togethers[i].out_bps[u][n];
                struct event_use last = {u, *bps, 0}, before = {u, n > 0 ? bps[-1] : *bps, 0};
                if (*bps < 0)
                    continue;
                use_take(&use, at_s(1000 + USE_SLOT_S * n), before.out_bps < 0 ? &last : &before);
                use_take(&use, at_s(1002 + USE_SLOT_S * n), &last);
                use_take(&use, at_s(1001 + USE_SLOT_S * n), &(struct event_use){u, 99, 0});
            }
        CHECK_ROW(togethers[i].name, use_all_bps(&use, 3, at_s(1029)) == togethers[i].all_bps);
        CHECK_ROW(togethers[i].name, use_all_bps(&use, 3, at_s(1060)) == -1);
    }
    struct use none = {0};
    assert_int_equal(use_all_bps(&none, 1, at_s(1000)), -1);
}

static void takes_nothing_that_cannot_be(void **state)
{
    (void)state;
    static const struct event_use bad[] = {
        {0, -1, 1},
        {0, 1, -1},
        {0, INT64_MAX, 1},
        {0, 1, USE_TBPS_MAX * 1000000000000ll + 1},
        {NET_UPSTREAMS_MAX, 1, 1},
        {NET_NOBODY, 1, 1},
    };
    struct use use = {0};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(use_take(&use, at_s(1), &bad[i]));
    assert_false(use_take(&use, (struct mono){-1}, &(struct event_use){0, 1, 1}));
    assert_false(use_of(&use, 0, at_s(1)).known);
    assert_false(use_of(&use, NET_NOBODY, at_s(1)).known);
}

// What was overtaken on its way counts where it belongs, and is not the latest.
static void orders_what_comes_late(void **state)
{
    (void)state;
    struct use use = {0};
    assert_true(use_take(&use, at_s(1000), &(struct event_use){0, 5, 5}));
    assert_true(use_take(&use, at_s(990), &(struct event_use){0, 9, 9}));
    struct use_seen seen = use_of(&use, 0, at_s(1000));
    assert_int_equal(seen.out_bps, 5);
    assert_int_equal(seen.out_p95_bps, 9);
    assert_false(use_take(&use, at_s(700), &(struct event_use){0, 99, 99}));
    assert_int_equal(use_of(&use, 0, at_s(1000)).out_p95_bps, 9);
}

static struct event_demand demand_to(const char *prefix, int64_t bps)
{
    return (struct event_demand){small_prefix(prefix), bps};
}

static void knows_demand_for_three_minutes(void **state)
{
    (void)state;
    static const char *const texts[] = {"203.0.113.0/24", "203.0.113.0/25", "2001:db8:f::/48"};
    struct demand *demand = calloc(1, sizeof *demand);
    for (int i = 2; i >= 0; i--)
        assert_true(demand_take(demand, at_s(10), at_s(10),
                                &(struct event_demand){small_prefix(texts[i]), i + 1}));
    for (int i = 0; i < 3; i++) {
        struct prefix prefix = small_prefix(texts[i]);
        assert_int_equal(demand_bps(demand, prefix, at_s(190)), i + 1);
        assert_int_equal(demand_bps(demand, prefix, at_s(191)), -1);
    }
    assert_int_equal(demand_bps(demand, small_prefix("203.0.113.128/25"), at_s(10)), -1);
    struct event_demand more = demand_to(texts[1], 70), less = demand_to(texts[1], 60),
                        gone = demand_to(texts[1], 0);
    assert_true(demand_take(demand, at_s(20), at_s(21), &more));
    assert_true(demand_take(demand, at_s(19), at_s(21), &less));
    assert_int_equal(demand_bps(demand, more.prefix, at_s(21)), 70);
    assert_true(demand_take(demand, at_s(22), at_s(22), &gone));
    assert_int_equal(demand_bps(demand, more.prefix, at_s(22)), -1);
    assert_int_equal(demand->count, 2);
    assert_int_equal(demand_bps(demand, small_prefix(texts[2]), at_s(22)), 3);
    assert_true(demand_take(demand, at_s(22), at_s(22), &gone));
    assert_int_equal(demand->count, 2);
    free(demand);
}

static void refuses_demand_that_cannot_be(void **state)
{
    (void)state;
    struct demand *demand = calloc(1, sizeof *demand);
    const struct event_demand bad[] = {demand_to("203.0.113.0/24", -1),
                                       demand_to("203.0.113.0/24", INT64_MAX)};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(demand_take(demand, at_s(1), at_s(1), &bad[i]));
    const struct event_demand old = demand_to("203.0.113.0/24", 1);
    assert_false(demand_take(demand, at_s(1), at_s(182), &old));
    assert_int_equal(demand->refused, 3);
    assert_int_equal(demand->count, 0);
    free(demand);
}

// What is old makes room; what is not does not, to what is no heavier.
static void holds_so_many_prefixes(void **state)
{
    (void)state;
    static const char *const texts[][3] = {{"10.0.0.0/24", "192.0.2.0/24", "2001:db8::/32"},
                                           {"3fff::/24", "2001:db8::/32", "192.0.2.0/24"}};
    for (size_t row = 0; row < 2; row++) {
        struct demand *demand = calloc(1, sizeof *demand);
        struct event_demand told = demand_to(texts[row][0], 5);
        for (uint32_t i = 0; i < DEMAND_PER_FAMILY_MAX; i++) {
            told.prefix.address.bytes[1] = (uint8_t)(i >> 8);
            told.prefix.address.bytes[2] = (uint8_t)i;
            assert_true(demand_take(demand, at_s(i % 2 ? 100 : 200), at_s(200), &told));
        }
        struct event_demand more = demand_to(texts[row][1], 5), other = demand_to(texts[row][2], 7);
        assert_false(demand_take(demand, at_s(200), at_s(280), &more));
        assert_int_equal(demand->refused, 1);
        assert_true(demand_take(demand, at_s(280), at_s(280), &other));  // has a room of its own
        assert_true(demand_take(demand, at_s(281), at_s(281), &more));
        assert_int_equal(demand->count, DEMAND_PER_FAMILY_MAX / 2 + 2);
        for (uint32_t i = 1; i < demand->count; i++)
            assert_true(prefix_compare(demand->items[i - 1].prefix, demand->items[i].prefix) < 0);
        free(demand);
    }
}

static void gives_the_room_to_the_heaviest(void **state)
{
    (void)state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        const char *text = family == FAMILY_IPV4 ? "10.0.0.0/24" : "2001:db8::/48";
        struct demand *demand = calloc(1, sizeof *demand);
        struct event_demand told = demand_to(text, 0), other = demand_to("192.0.2.0/24", 1);
        other.prefix = family == FAMILY_IPV4 ? small_prefix("3fff::/24") : other.prefix;
        assert_true(demand_take(demand, at_s(1), at_s(1), &other));
        for (uint32_t i = 0; i <= DEMAND_PER_FAMILY_MAX; i++) {
            told.prefix.address.bytes[1] = (uint8_t)(i >> 8);
            told.prefix.address.bytes[2] = (uint8_t)i;
            told.bps = 2000 - i % DEMAND_PER_FAMILY_MAX;  // the last is the heaviest again
            assert_true(demand_take(demand, at_s(1), at_s(1), &told));
        }
        told.prefix.address.bytes[1] = (DEMAND_PER_FAMILY_MAX - 1) >> 8;
        told.prefix.address.bytes[2] = (uint8_t)(DEMAND_PER_FAMILY_MAX - 1);
        assert_int_equal(demand_bps(demand, told.prefix, at_s(1)), -1);  // was the lightest
        assert_int_equal(demand_bps(demand, other.prefix, at_s(1)), 1);
        assert_int_equal(demand->count, DEMAND_PER_FAMILY_MAX + 1);
        free(demand);
    }
}

static json_t *status_after(struct engine *engine, const struct event *event, int64_t s)
{
    enum { SIZE = 1 << 16 };
    size_t count;
    const struct effect *told = engine_step(engine, event, &count);
    assert_int_equal(count, event->kind == EVENT_USE);  // for people, and nothing else
    assert_true(count == 0 || told[0].kind == EFFECT_USE);
    char *text = malloc(SIZE);
    size_t size = engine_status_json(engine, at_s(s), text, SIZE);
    json_t *json = json_loadb(text, size, 0, NULL);
    assert_non_null(json);
    free(text);
    return json;
}

static json_int_t number(const json_t *status, size_t upstream, const char *key)
{
    const json_t *use = json_array_get(json_object_get(status, "use"), upstream);
    const json_t *value = json_object_get(use, key);
    assert_non_null(value);
    return json_is_null(value) ? -1 : json_integer_value(value);
}

// Aged by the time of the measurement, and that is never in the future.
static void shows_use_and_does_nothing(void **state)
{
    (void)state;
    struct net net = small_net();
    net.upstreams[0].capacity_mbps = 10000;
    struct engine *engine = engine_new(&net);
    size_t count;
    engine_step(engine, &(struct event){.kind = EVENT_START, .at = at_s(100)}, &count);
    const struct event use = {.kind = EVENT_USE, .at = at_s(90), .use = {0, 11, 12}},
                       future = {.kind = EVENT_USE, .at = at_s(500), .use = {1, 13, 14}},
                       told = {.kind = EVENT_DEMAND, .at = at_s(100), .demand = {V6, 7}},
                       broken = {.kind = EVENT_DEMAND, .at = {INT64_MIN}, .demand = {V6, 8}};
    json_t *status = status_after(engine, &use, 101);
    assert_int_equal(number(status, 0, "capacity_mbps"), 10000);
    assert_int_equal(number(status, 0, "out_bps"), 11);
    assert_int_equal(number(status, 0, "in_bps"), 12);
    assert_int_equal(number(status, 0, "out_p95_bps"), 11);
    assert_int_equal(number(status, 0, "in_p95_bps"), 12);
    assert_int_equal(number(status, 0, "age_ns"), 11ll * NS_PER_S);
    assert_int_equal(number(status, 1, "capacity_mbps"), -1);
    assert_int_equal(number(status, 1, "out_bps"), -1);
    json_decref(status);
    status = status_after(engine, &future, 121);
    assert_int_equal(number(status, 0, "out_bps"), -1);
    assert_int_equal(number(status, 1, "age_ns"), 20ll * NS_PER_S);
    json_decref(status);
    json_decref(status_after(engine, &told, 121));
    status = status_after(engine, &broken, 121);
    assert_int_equal(json_integer_value(json_object_get(status, "demand_count")), 1);
    json_decref(status);
    engine_free(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_is_used),
        cmocka_unit_test(tells_what_is_another),
        cmocka_unit_test(takes_the_95th_of_a_hundred),
        cmocka_unit_test(adds_up_what_all_carry),
        cmocka_unit_test(takes_nothing_that_cannot_be),
        cmocka_unit_test(orders_what_comes_late),
        cmocka_unit_test(knows_demand_for_three_minutes),
        cmocka_unit_test(refuses_demand_that_cannot_be),
        cmocka_unit_test(holds_so_many_prefixes),
        cmocka_unit_test(gives_the_room_to_the_heaviest),
        cmocka_unit_test(shows_use_and_does_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
