// SPDX-License-Identifier: ISC
// What becomes of own prefixes on real sessions is told to the engine, both families.
#include "role/route_check.h"

#define V4 "203.0.113.0/24"
#define V6 "2001:db8:f::/48"
#define ORIGIN "400101 00 "
#define AS_PATH "40020a 0202 0000fde9 0000fe4c "  // 65001 65100
#define FOREIGN "40020a 0202 0000fde9 0000fc9a "  // 65001 64666
#define PREF "400504 00000064 "
#define HOP "400304 0a000101 "
#define HOP_B "400304 0a000201 "
#define NLRI "00000001 18 cb0071"
#define MP "800e20 0002 01 10 20010db8 000000a1 00000000 00000001 00 00000001 30 20010db8000f "
#define MORE_NLRI "00000001 19 cb007180"

static const char *const announced[] = {"0000 001f " ORIGIN AS_PATH HOP PREF NLRI,
                                        "0000 003b " MP ORIGIN AS_PATH PREF};
static const char through_b[] = "0000 001f " ORIGIN AS_PATH HOP_B PREF NLRI;
static const char *const foreign[] = {"0000 001f " ORIGIN FOREIGN HOP PREF NLRI,
                                      "0000 003b " MP ORIGIN FOREIGN PREF};
static const char *const more[] = {"0000 001f " ORIGIN FOREIGN HOP PREF MORE_NLRI,
                                   "0000 003c 800e21 0002 01 10 20010db8 000000a1 00000000 "
                                   "00000001 00 00000001 31 20010db8000f80 " ORIGIN FOREIGN PREF};
static const char *const withdrawn[] = {"0008 00000001 18 cb0071 0000",
                                        "0000 0011 800f0e 0002 01 00000001 30 20010db8000f"};
static const char *const prefixes[] = {V4, V6};

// Both routers have both prefixes, and are complete.
static void world_start_and_fill(struct world *w)
{
    world_start(w);
    for (uint32_t i = 0; i < 2; i++) {
        router_accept(&w->routers[i]);
        router_establish(&w->routers[i]);
        router_say(&w->routers[i], BGP_UPDATE, i == EDGE1 ? announced[0] : through_b);
        router_say(&w->routers[i], BGP_UPDATE, announced[1]);
        router_say(&w->routers[i], BGP_UPDATE, "0000 0000");
        router_say(&w->routers[i], BGP_UPDATE, "0000 0006 800f03 0002 01");
    }
    for (int complete = 0; complete < 4;)
        complete += engine_hear(w, EVENT_SESSION)->session.state == SESSION_COMPLETE;
}

static void world_up(struct world *w)
{
    world_init(w);
    w->net.own_count = 2;
    for (uint32_t own = 0; own < 2; own++) {
        w->net.own[own].prefix = check_prefix(prefixes[own]);
        w->net.own[own].origins = (struct net_as_numbers){1, {65100}};
    }
    world_start_and_fill(w);
}

static void hears(struct world *w, enum notice_kind kind, bool raised, const char *peer)
{
    const struct notice *notice = &engine_hear(w, EVENT_NOTICE)->notice;
    if (notice->kind != kind || notice->raised != raised || strcmp(notice->peer, peer) != 0)
        fail_msg("%s %s at '%s': %s", notice->raised ? "raised" : "cleared",
                 notice_rules[notice->kind].name, notice->peer, notice->text);
}

// By the longest prefix that holds the target's address; when it goes, it is not known any more.
static void tells_where_targets_are(void **state)
{
    (void)state;
    struct world w;
    world_up(&w);
    for (int seen = 0; seen != 3;) {
        const struct event_origin *origin = &engine_hear(&w, EVENT_ORIGIN)->origin;
        assert_int_equal(origin->asn, 65100);
        seen |= origin->family == FAMILY_IPV4 ? 1 : 2;
    }
    for (uint32_t i = 0; i < 2; i++)
        for (int family = 0; family < 2; family++)
            router_say(&w.routers[i], BGP_UPDATE, withdrawn[family]);
    while (engine_hear(&w, EVENT_ORIGIN)->origin.asn != 0)
        continue;
    world_end(&w, 0);
}

static void tells_of_own_prefixes(void **state)
{
    (void)state;
    for (int family = 0; family < 2; family++) {
        struct world w;
        world_up(&w);
        struct router *edge1 = &w.routers[EDGE1], *edge2 = &w.routers[EDGE2];
        router_say(edge1, BGP_UPDATE, withdrawn[family]);
        hears(&w, NOTICE_OWN_WITHDRAWN, true, "edge1");
        assert_true(prefix_equal(w.event.notice.prefix, check_prefix(prefixes[family])));
        assert_int_equal(w.event.notice.router, EDGE1);
        router_say(edge2, BGP_UPDATE, withdrawn[family]);
        hears(&w, NOTICE_OWN_WITHDRAWN, true, "edge2");
        hears(&w, NOTICE_OWN_INVISIBLE, true, "");
        router_say(edge2, BGP_UPDATE, announced[family]);
        hears(&w, NOTICE_OWN_WITHDRAWN, false, "edge2");
        hears(&w, NOTICE_OWN_INVISIBLE, false, "");
        router_say(edge2, BGP_UPDATE, foreign[family]);
        hears(&w, NOTICE_OWN_ORIGIN_CHANGED, true, "edge2");
        router_say(edge2, BGP_UPDATE, more[family]);
        hears(&w, NOTICE_OWN_MORE_SPECIFIC, true, "");
        router_hang_up(edge2);  // what only it showed is not known any more
        hears(&w, NOTICE_OWN_ORIGIN_CHANGED, false, "edge2");
        hears(&w, NOTICE_OWN_MORE_SPECIFIC, false, "");
        world_end(&w, 0);
    }
}

// 20.0.0.0/24 and those that follow, under path identifier 1.
static void say_many(struct router *router, uint32_t first, uint32_t count)
{
    uint8_t bytes[BGP_MESSAGE_MAX], head[64];
    struct writer w = writer_over(bytes, sizeof bytes);
    size_t begun = bgp_message_begin(&w, BGP_UPDATE);
    writer_bytes(&w, head, check_hex("0000 001f " ORIGIN AS_PATH HOP PREF, head));
    for (uint32_t i = first; i < first + count; i++) {
        writer_be32(&w, 1);
        writer_be32(&w, 24u << 24 | (0x140000 + i));
    }
    bgp_message_end(&w, begun);
    router_write(router, &w);
}

static void hears_of_room(struct world *w, bool raised)
{
    const struct notice *notice;
    do
        notice = &engine_hear(w, EVENT_NOTICE)->notice;
    while (notice->kind != NOTICE_TABLE_FULL);  // so many routes are churn, too
    assert_int_equal(notice->raised, raised);
    assert_string_equal(notice->peer, "edge1");
    assert_int_equal(notice->total, 1);
}

static void a_full_table_is_told_and_steers_nothing(void **state)
{
    (void)state;
    enum { MESSAGE = 400, ROUTES = 150 * MESSAGE };  // of 20 bytes or so, in 1 MiB
    struct world w;
    world_init(&w);
    w.net.table_mib_max = 1;
    world_start_and_fill(&w);
    struct router *edge1 = &w.routers[EDGE1];
    engine_lease(&w);
    engine_order(&w, EFFECT_ANNOUNCE, EDGE1, V4);
    engine_hears_override(&w, OVERRIDE_ANNOUNCED, "");
    for (uint32_t first = 0; first < ROUTES; first += MESSAGE)
        say_many(edge1, first, MESSAGE);
    hears_of_room(&w, true);
    engine_lease(&w);
    engine_order(&w, EFFECT_ANNOUNCE, EDGE2, V4);
    engine_hears_override(&w, OVERRIDE_REFUSED, "S7: the table of edge1 did not fit");
    router_hang_up(edge1);
    hears_of_room(&w, false);
    world_end(&w, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_where_targets_are),
        cmocka_unit_test(tells_of_own_prefixes),
        cmocka_unit_test(a_full_table_is_told_and_steers_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
