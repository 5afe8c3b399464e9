// SPDX-License-Identifier: ISC
// A thousand prefixes of a family are known, and flows tell of others: which gets whose place.
#include "engine/places.h"

#include "engine/small_net.h"
#include "engine/state.h"

#include "base/check.h"

enum { WANTED = ROUTES_PER_FAMILY_MAX + 10 };  // the number of one that has no place

struct rig {
    struct net net;
    struct engine *engine;
    enum family family;
    int64_t ms;
    uint32_t count;
    struct effect_place places[64];
};

static struct prefix numbered(const struct rig *r, uint32_t n)
{
    struct prefix prefix = small_prefix(r->family == FAMILY_IPV4 ? "20.0.0.0/24" : "2a10::/48");
    uint8_t *octets = prefix.address.bytes + (r->family == FAMILY_IPV4 ? 1 : 4);
    octets[0] = (uint8_t)(n >> 8);
    octets[1] = (uint8_t)n;
    return prefix;
}

static void feed(struct rig *r, struct event event)
{
    size_t count;
    event.at.ns = (1000 * 1000 + r->ms) * NS_PER_MS;
    const struct effect *effects = engine_step(r->engine, &event, &count);
    for (size_t i = 0; i < count; i++)
        if (effects[i].kind == EFFECT_PLACE && r->count < 64)
            r->places[r->count++] = effects[i].place;
}

static void tell_route(struct rig *r, struct prefix prefix, bool present)
{
    for (uint32_t router = 0; router < 2; router++)
        feed(r, (struct event){.kind = EVENT_ROUTE,
                               .route = {router, router, prefix, present, present && router == 0}});
}

static void tell(struct rig *r, struct prefix prefix, int64_t bps)
{
    feed(r, (struct event){.kind = EVENT_DEMAND, .demand = {prefix, bps}});
}

static void run(struct rig *r, int64_t ms)
{
    for (int64_t until = r->ms + ms; r->ms < until; r->ms += ENGINE_TICK_MS)
        feed(r, (struct event){.kind = EVENT_TICK});
}

// Prefix n weighs 1000 + n, but for the first two, of which nobody tells.
static struct rig *open_full(enum family family)
{
    struct rig *r = calloc(1, sizeof *r);
    assert_non_null(r);
    r->net = small_net();
    r->family = family;
    r->engine = engine_new(&r->net);
    for (uint32_t t = 0; t < r->net.target_count; t++)
        r->net.targets[t].address[family] = numbered(r, t == 0 ? 2 : 3).address;
    feed(r, (struct event){.kind = EVENT_START, .start.seed = 1});
    for (uint32_t n = 0; n < ROUTES_PER_FAMILY_MAX; n++) {
        tell_route(r, numbered(r, n), true);
        if (n >= 2)
            tell(r, numbered(r, n), 1000 + n);
    }
    run(r, 15 * 1000);
    assert_int_equal(r->count, 0);  // nobody wants a place
    return r;
}

static void close_rig(struct rig *r)
{
    engine_free(r->engine);
    free(r);
}

static void check_place(const struct rig *r, uint32_t place, uint32_t wanted, uint32_t instead)
{
    assert_true(place < r->count);
    assert_true(prefix_equal(r->places[place].prefix, numbered(r, wanted)));
    if (!prefix_equal(r->places[place].instead, numbered(r, instead)))
        fail_msg("%s: not %u gives way", family_name(r->family), instead);
}

static void do_it(struct rig *r)
{
    const struct effect_place *place = &r->places[r->count - 1];
    tell_route(r, place->instead, false);
    tell_route(r, place->prefix, true);
}

// With this move, which no tick lets go of.
static void look(struct rig *r, const struct move *move)
{
    moves_release(&r->engine->moves);
    moves_add(&r->engine->moves, move);
    r->engine->effect_count = 0;
    r->engine->demand.places_at = r->engine->now;
    places_look(r->engine);
    for (uint32_t i = 0; i < r->engine->effect_count; i++)
        r->places[r->count++] = r->engine->effects[i].place;
}

// Of whom nobody tells goes first, then the lightest; not what targets can tell of, what was
// refused a while ago, or is moved.
static void the_lightest_gives_way(void **state)
{
    (void)state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct rig *r = open_full(family);
        struct move move = {.prefix = numbered(r, 5), .to = 1};
        routes_refuse(&r->engine->routes, numbered(r, 4), mono_add_ms(r->engine->now, 60 * 1000));
        static const uint32_t out[] = {0, 1, 6, 7};
        for (uint32_t i = 0; i < 4; i++) {
            tell(r, numbered(r, WANTED + i), 5000 - i);
            look(r, &move);
            assert_int_equal(r->count, i + 1);
            check_place(r, i, WANTED + i, out[i]);
            do_it(r);
        }
        close_rig(r);
    }
}

static void the_heaviest_comes_first(void **state)
{
    (void)state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct rig *r = open_full(family);
        // Of the other family one has a place and no demand, and one weighs more than all.
        r->family = family == FAMILY_IPV4 ? FAMILY_IPV6 : FAMILY_IPV4;
        tell_route(r, numbered(r, 0), true);
        tell(r, numbered(r, 1), 9000);
        r->family = family;
        for (uint32_t i = 0; i < 3; i++)
            tell(r, numbered(r, WANTED + i), 3000 + 1000 * (i % 2));
        run(r, 1100);
        check_place(r, 0, WANTED + 1, 0);
        close_rig(r);
    }
}

// Once, while there is no answer; by a quarter more at least; and nothing that could not be moved.
static void asks_no_more_than_it_must(void **state)
{
    (void)state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct rig *r = open_full(family);
        for (uint32_t n = 0; n < 2; n++)
            tell(r, numbered(r, n), 1000);
        tell(r, numbered(r, WANTED), 1250);
        tell(r, small_prefix(family == FAMILY_IPV4 ? "192.168.1.0/24" : "fc00:1::/48"), 9000);
        run(r, 3000);
        assert_int_equal(r->count, 0);
        tell(r, numbered(r, WANTED), 1251);
        run(r, 120 * 1000);
        assert_int_equal(r->count, 1);
        check_place(r, 0, WANTED, 0);
        for (int64_t m = 0; m < 10; m++) {
            tell(r, numbered(r, WANTED), 2000);
            run(r, 60 * 1000);
        }
        assert_int_equal(r->count, 2);
        close_rig(r);
    }
}

// What was told long ago wants nothing; what can never be moved keeps no place, however heavy.
static void looks_at_what_can_be_and_is(void **state)
{
    (void)state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct rig *r = open_full(family);
        struct prefix never =
            small_prefix(family == FAMILY_IPV4 ? "192.168.1.0/24" : "fc00:1::/48");
        tell_route(r, numbered(r, 0), false);
        tell_route(r, never, true);
        tell(r, never, 9000);
        tell(r, numbered(r, WANTED), 5000);
        r->engine->demand.places_at = mono_add_ms(r->engine->now, 181 * 1000);
        run(r, 185 * 1000);
        assert_int_equal(r->count, 0);
        tell(r, never, 9000);
        tell(r, numbered(r, WANTED), 5000);
        run(r, 1500);
        assert_int_equal(r->count, 1);
        assert_true(prefix_equal(r->places[0].instead, never));
        close_rig(r);
    }
}

// One follows the other soon; where there was none, they are looked for less often.
static void one_follows_the_other(void **state)
{
    (void)state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct rig *r = open_full(family);
        tell(r, numbered(r, WANTED), 5000);
        tell(r, numbered(r, WANTED + 1), 4000);
        for (int i = 0; i < 30 && r->count == 0; i++)
            run(r, ENGINE_TICK_MS);
        assert_int_equal(r->count, 1);
        do_it(r);
        run(r, 300);
        assert_int_equal(r->count, 2);
        do_it(r);
        run(r, 1500);
        for (struct mono at = r->engine->demand.places_at; at.ns == r->engine->demand.places_at.ns;)
            run(r, ENGINE_TICK_MS);
        tell(r, numbered(r, WANTED + 2), 4000);
        run(r, 800);
        assert_int_equal(r->count, 2);
        run(r, 300);
        assert_int_equal(r->count, 3);
        close_rig(r);
    }
}

// While an incident is open, of whichever family, all keep theirs.
static void waits_while_something_is_wrong(void **state)
{
    (void)state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        for (enum family wrong = FAMILY_IPV4; wrong < FAMILIES; wrong++) {
            struct rig *r = open_full(family);
            struct signal signal = {.path = net_path_find(&r->net, 0, wrong),
                                    .kind = SIGNAL_SUSPECT};
            feed(r, (struct event){.kind = EVENT_SIGNAL, .signal = signal});
            tell(r, numbered(r, WANTED), 5000);
            run(r, 1500);
            assert_int_equal(r->count, 0);
            close_rig(r);
        }
}

// What route tells because it was asked to is no news to the routers: counters hold it already, and
// nothing has to settle. Lost with its routes, it is asked for again at once.
static void is_no_news_to_routers(void **state)
{
    (void)state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct rig *r = open_full(family);
        tell(r, numbered(r, WANTED), 5000);
        run(r, 1500);
        struct mono came_at = r->engine->routes.came_at[0];
        do_it(r);
        uint32_t place = routes_find(&r->engine->routes, numbered(r, WANTED));
        assert_int_not_equal(place, NET_NOBODY);
        assert_true(mono_since_ns(r->engine->now, r->engine->routes.items[place].best_at) >
                    3600 * (int64_t)NS_PER_S);
        assert_int_equal(r->engine->routes.came_at[0].ns, came_at.ns);
        run(r, 3000);
        r->engine->demand.places_at = mono_add_ms(r->engine->now, 9000);
        demand_find(&r->engine->demand, numbered(r, WANTED))->asked_at =
            mono_add_ms(r->engine->now, -2500);  // not looked at since
        tell_route(r, numbered(r, WANTED), false);
        tell_route(r, numbered(r, WANTED), true);
        place = routes_find(&r->engine->routes, numbered(r, WANTED));
        assert_int_equal(r->engine->routes.items[place].best_at.ns, r->engine->now.ns);
        run(r, 10 * 1000);
        tell_route(r, numbered(r, WANTED), false);
        tell_route(r, numbered(r, 0), true);  // news
        assert_int_equal(r->engine->routes.came_at[0].ns, r->engine->now.ns);
        run(r, 1500);
        check_place(r, 1, WANTED, 0);
        close_rig(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lightest_gives_way),
        cmocka_unit_test(the_heaviest_comes_first),
        cmocka_unit_test(asks_no_more_than_it_must),
        cmocka_unit_test(looks_at_what_can_be_and_is),
        cmocka_unit_test(one_follows_the_other),
        cmocka_unit_test(waits_while_something_is_wrong),
        cmocka_unit_test(is_no_news_to_routers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
