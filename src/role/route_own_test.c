// SPDX-License-Identifier: ISC
// Our own prefixes through the whole role, as a router hears them: for the world, with the words
// that its export policy reads, replaced in place, and spared when overrides are let go.
#include "role/route_check.h"

static const char *const prefixes[] = {"30.0.0.0/24", "2a30:1::/48"};
static const char *const next_hops[] = {"30.9.9.9", "2a30:9::9"};
enum { OWNS = 2 };

static void add_own(struct world *w)
{
    struct net *net = &w->net;
    net->announce_count = OWNS;
    for (uint32_t own = 0; own < OWNS; own++)
        net->announce[own] = (struct net_announce){
            .prefix = check_prefix(prefixes[own]),
            .next_hop = check_address(next_hops[own]),
            .communities = {2, {{NET_TAG_STANDARD, {64500, 80, 0}}, {NET_TAG_LARGE, {1, 2, 3}}}},
        };
    net->upstreams[0].inbound[NET_STANCE_PREPEND] =
        (struct net_tag){NET_TAG_LARGE, {64500, UINT32_MAX, 7}};
    net->upstreams[0].inbound[NET_STANCE_WITHHELD] =
        (struct net_tag){NET_TAG_STANDARD, {64501, 65535, 0}};
}

// Sessions and a lease are all that it takes: no table has come yet.
static void begin(struct world *w)
{
    world_init(w);
    add_own(w);
    world_start(w);
    for (uint32_t i = 0; i < 2; i++) {
        router_accept(&w->routers[i]);
        router_establish(&w->routers[i]);
        engine_hear(w, EVENT_SESSION);
    }
    engine_lease(w);
}

static void say_to(struct world *w, uint32_t router, uint32_t own, struct effect_stance how)
{
    how.router = router;
    how.own = own;
    engine_say(w, &(struct effect){.kind = EFFECT_STANCE, .stance = how});
}

static void say(struct world *w, uint32_t own, struct effect_stance how)
{
    say_to(w, EDGE1, own, how);
}

// The next UPDATE is this prefix, with these communities of both sorts and nothing of ours else.
static void hears_own(struct router *router, uint32_t own, const char *standard, const char *large)
{
    struct bgp_update *update = &router_read(router, BGP_UPDATE)->update;
    const struct bgp_attributes *a = &update->attributes;
    struct bgp_nlri announced = own == 0 ? update->announced : update->mp_announced;
    struct bgp_route route;
    uint8_t bytes[256];
    assert_true(bgp_nlri_next(&announced, &route));
    assert_true(prefix_equal(route.prefix, check_prefix(prefixes[own])));
    assert_false(bgp_nlri_next(&announced, &route));
    assert_true(
        address_equal(own == 0 ? a->next_hop : a->mp_next_hop, check_address(next_hops[own])));
    assert_int_equal(a->communities.size, check_hex(standard, bytes));
    assert_memory_equal(a->communities.bytes, bytes, a->communities.size);
    assert_int_equal(a->large_communities.size, check_hex(large, bytes));
    assert_memory_equal(a->large_communities.bytes, bytes, a->large_communities.size);
    assert_true(a->local_pref == 100 && a->as_path.size == 0 && a->origin == 0);
}

static void hears_withdrawal(struct router *router, uint32_t own)
{
    struct bgp_update *update = &router_read(router, BGP_UPDATE)->update;
    struct bgp_nlri gone = own == 0 ? update->withdrawn : update->mp_withdrawn;
    struct bgp_route route;
    assert_true(bgp_nlri_next(&gone, &route));
    assert_true(prefix_equal(route.prefix, check_prefix(prefixes[own])));
}

static void engine_hears_own(struct world *w, uint32_t own, enum event_override_state state,
                             const char *reason)
{
    engine_hears_override(w, state, reason);
    assert_int_equal(w->event.override.upstream, NET_NOBODY);
    assert_true(prefix_equal(w->event.override.prefix, check_prefix(prefixes[own])));
}

#define MARKER "0000fbf4 0000029a 00000001 "
#define LARGE MARKER "00000001 00000002 00000003 "

static void says_what_is_configured(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    for (uint32_t own = 0; own < OWNS; own++) {
        say(&w, own, (struct effect_stance){.announced = true});
        engine_hears_own(&w, own, OVERRIDE_ANNOUNCED, "");
        hears_own(&w.routers[EDGE1], own, "fbf4 0050", LARGE);
        say(&w, own, (struct effect_stance){.announced = true, .prepend = 1});
        engine_hears_own(&w, own, OVERRIDE_ANNOUNCED, "");
        hears_own(&w.routers[EDGE1], own, "fbf4 0050", LARGE "0000fbf4 ffffffff 00000007");
        say_to(&w, EDGE2, own, (struct effect_stance){.announced = true});  // so not the last way
        engine_hears_own(&w, own, OVERRIDE_ANNOUNCED, "");
        say(&w, own, (struct effect_stance){.announced = true, .withheld = 1});
        engine_hears_own(&w, own, OVERRIDE_ANNOUNCED, "");
        hears_own(&w.routers[EDGE1], own, "fbf4 0050 fbf5 ffff", LARGE);
        say(&w, own, (struct effect_stance){.announced = true, .graceful = 1});
        engine_hears_own(&w, own, OVERRIDE_REFUSED,
                         "S3: no community says 'graceful' towards transit-a");
    }
    engine_say(&w, &(struct effect){.kind = EFFECT_RELEASE});
    for (uint32_t own = 0; own < OWNS; own++) {
        say(&w, own, (struct effect_stance){.announced = false});
        engine_hears_own(&w, own, OVERRIDE_WITHDRAWN, "");  // nothing was before
        hears_withdrawal(&w.routers[EDGE1], own);
    }
    world_end(&w, 0);
}

// People are to know of a limit that was reached: the third announcement comes too soon.
static void tells_of_limits(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    for (uint32_t n = 0; n < 2; n++) {
        say(&w, 1, (struct effect_stance){.announced = true});
        engine_hears_own(&w, 1, OVERRIDE_ANNOUNCED, "");
        say(&w, 1, (struct effect_stance){.announced = false});
        engine_hears_own(&w, 1, OVERRIDE_WITHDRAWN, "");
    }
    say(&w, 1, (struct effect_stance){.announced = true});
    engine_hears_own(&w, 1, OVERRIDE_REFUSED,
                     "S15: 2 acts on 2a30:1::/48 in an hour, the next in 30 s");
    struct notice *notice = &engine_hear(&w, EVENT_NOTICE)->notice;
    assert_int_equal(notice->kind, NOTICE_LIMIT_REACHED);
    assert_string_equal(notice->text, "S15: 2 acts on 2a30:1::/48 in an hour, the next in 30 s");
    assert_true(notice->router == EDGE1 && prefix_equal(notice->prefix, check_prefix(prefixes[1])));
    world_end(&w, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_is_configured),
        cmocka_unit_test(tells_of_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
