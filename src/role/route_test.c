// SPDX-License-Identifier: ISC
#include "role/route_check.h"

#include "role/log.h"
#include "role/now.h"
#include "steer/limits.h"

#include <fcntl.h>

#define V4 "203.0.113.0/24"
#define V6 "2001:db8:f::/48"

// ORIGIN igp; AS_PATH of the transit and 65100; LOCAL_PREF 100
#define ORIGIN "400101 00 "
#define AS_PATH_A "40020a 0202 0000fde9 0000fe4c "
#define AS_PATH_B "40020a 0202 0000fdea 0000fe4c "
#define AS_PATH_B_LONG "40020e 0203 0000fdea 0000fdea 0000fe4c "
#define PREF "400504 00000064 "
#define HOP_A "400304 0a000101 "
#define HOP_B "400304 0a000201 "
#define NLRI "00000001 18 cb0071"
#define MP_A "800e20 0002 01 10 20010db8 000000a1 00000000 00000001 00 00000001 30 20010db8000f "
#define MP_B "800e20 0002 01 10 20010db8 000000b1 00000000 00000001 00 00000001 30 20010db8000f "
#define EOR4 "0000 0000"
#define EOR6 "0000 0006 800f03 0002 01"

// Both routers up, each with both prefixes through its own transit, the tables complete.
static void world_up(struct world *w)
{
    world_start(w);
    for (uint32_t i = 0; i < 2; i++) {
        router_accept(&w->routers[i]);
        router_establish(&w->routers[i]);
    }
    router_say(&w->routers[EDGE1], BGP_UPDATE, "0000 001f " ORIGIN AS_PATH_A HOP_A PREF NLRI);
    router_say(&w->routers[EDGE1], BGP_UPDATE, "0000 003b " MP_A ORIGIN AS_PATH_A PREF);
    router_say(&w->routers[EDGE2], BGP_UPDATE, "0000 001f " ORIGIN AS_PATH_B HOP_B PREF NLRI);
    router_say(&w->routers[EDGE2], BGP_UPDATE, "0000 003b " MP_B ORIGIN AS_PATH_B PREF);
    for (uint32_t i = 0; i < 2; i++) {
        router_say(&w->routers[i], BGP_UPDATE, EOR4);
        router_say(&w->routers[i], BGP_UPDATE, EOR6);
    }
    for (int complete = 0; complete < 4;)
        complete += engine_hear(w, EVENT_SESSION)->session.state == SESSION_COMPLETE;
    engine_lease(w);
}

static void engine_moves(struct world *w, uint32_t router, const char *prefix)
{
    engine_order(w, EFFECT_ANNOUNCE, router, prefix);
    engine_hears_override(w, OVERRIDE_ANNOUNCED, "");
}

static void hears_withdrawal(struct router *router, const char *prefix)
{
    struct bgp_update *update = &router_read(router, BGP_UPDATE)->update;
    struct bgp_nlri gone = check_prefix(prefix).address.family == FAMILY_IPV4
                               ? update->withdrawn
                               : update->mp_withdrawn;
    struct bgp_route route;
    assert_true(bgp_nlri_next(&gone, &route));
    assert_true(prefix_equal(route.prefix, check_prefix(prefix)));
    assert_false(bgp_nlri_next(&gone, &route));
}

// What the wire shows is a copy of transit-b's path, with our marks and nothing else.
static void hears_move(struct router *router, const char *prefix, uint32_t as_path_size)
{
    struct bgp_update *update = &router_read(router, BGP_UPDATE)->update;
    const struct bgp_attributes *a = &update->attributes;
    enum family family = check_prefix(prefix).address.family;
    struct bgp_nlri announced = family == FAMILY_IPV4 ? update->announced : update->mp_announced;
    struct bgp_route route;
    assert_true(bgp_nlri_next(&announced, &route));
    assert_true(prefix_equal(route.prefix, check_prefix(prefix)));
    assert_false(bgp_nlri_next(&announced, &route));
    struct address hop = family == FAMILY_IPV4 ? a->next_hop : a->mp_next_hop;
    assert_true(address_equal(hop, small_net().upstreams[TRANSIT_B].next_hop[family]));
    static const uint8_t no_export[] = {0xff, 0xff, 0xff, 0x01};
    static const uint8_t marker[] = {0, 0, 0xfb, 0xf4, 0, 0, 0x02, 0x9a, 0, 0, 0, 1};
    assert_int_equal(a->communities.size, sizeof no_export);
    assert_memory_equal(a->communities.bytes, no_export, sizeof no_export);
    assert_int_equal(a->large_communities.size, sizeof marker);
    assert_memory_equal(a->large_communities.bytes, marker, sizeof marker);
    assert_int_equal(a->local_pref, 500);
    assert_int_equal(a->as_path.size, as_path_size);
    assert_int_equal(a->as_path.bytes[5], 0xea);  // 65002, transit-b
}

static void tells_what_it_learns(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    world_start(&w);
    struct router *edge1 = &w.routers[EDGE1];
    router_accept(edge1);
    router_establish(edge1);
    struct event *e = engine_hear(&w, EVENT_SESSION);
    assert_true(e->session.router == EDGE1 && e->session.state == SESSION_UP);

    router_say(edge1, BGP_UPDATE, "0000 001f " ORIGIN AS_PATH_A HOP_A PREF NLRI);
    e = engine_hear(&w, EVENT_ROUTE);
    assert_true(e->route.router == EDGE1 && e->route.upstream == TRANSIT_A);
    assert_true(prefix_equal(e->route.prefix, check_prefix(V4)));
    assert_true(e->route.present && e->route.best);

    // Outside steer.prefixes, and through a next hop that is nobody's: both are none of its
    // business.
    router_say(edge1, BGP_UPDATE, "0000 001f " ORIGIN AS_PATH_A HOP_A PREF "00000001 18 cb0072");
    router_say(edge1, BGP_UPDATE,
               "0000 001f " ORIGIN AS_PATH_A "400304 0a000909 " PREF "00000002 18 cb0071");
    // Another path, better by its local preference: the first is not the best any more.
    router_say(edge1, BGP_UPDATE,
               "0000 001f " ORIGIN AS_PATH_B HOP_B "400504 000000c8 00000003 18 cb0071");
    e = engine_hear(&w, EVENT_ROUTE);
    assert_true(e->route.upstream == TRANSIT_A && e->route.present && !e->route.best);
    e = engine_hear(&w, EVENT_ROUTE);
    assert_true(e->route.upstream == TRANSIT_B && e->route.present && e->route.best);

    router_say(edge1, BGP_UPDATE, EOR4);
    e = engine_hear(&w, EVENT_SESSION);
    assert_true(e->session.state == SESSION_COMPLETE && e->session.family == FAMILY_IPV4);
    assert_string_equal(e->session.reason, "End-of-RIB");
    e = engine_hear(&w, EVENT_SESSION);  // no End-of-RIB comes for IPv6: a pause has to do
    assert_true(e->session.state == SESSION_COMPLETE && e->session.family == FAMILY_IPV6);
    assert_string_equal(e->session.reason, "no End-of-RIB, but nothing new for 3 s");

    // RFC 7606: ORIGIN of two octets takes back what stood under that identifier.
    router_say(edge1, BGP_UPDATE,
               "0000 0020 40010200 00 " AS_PATH_B HOP_B PREF "00000003 18 cb0071");
    e = engine_hear(&w, EVENT_ROUTE);
    assert_true(e->route.upstream == TRANSIT_A && e->route.present && e->route.best);
    e = engine_hear(&w, EVENT_ROUTE);
    assert_true(e->route.upstream == TRANSIT_B && !e->route.present);

    router_hang_up(edge1);
    e = engine_hear(&w, EVENT_SESSION);
    assert_int_equal(e->session.state, SESSION_DOWN);
    assert_string_equal(e->session.reason, "in Established: the router closed the connection");
    e = engine_hear(&w, EVENT_ROUTE);
    assert_true(e->route.upstream == TRANSIT_A && !e->route.present);
    world_end(&w, 0);
}

// edge2 uses what edge1 has, but does not send on to us what it learned over iBGP: what it sent is
// not its choice until edge1's path is gone, one way or the other.
static void sees_through_what_ibgp_hides(void **state)
{
    (void)state;
    for (int hangs_up = 0; hangs_up < 2; hangs_up++) {
        struct world w;
        world_init(&w);
        world_up(&w);
        struct router *edge1 = &w.routers[EDGE1];
        router_say(edge1, BGP_UPDATE, "0000 001f " ORIGIN AS_PATH_A HOP_A "400504 000000c8 " NLRI);
        struct event *e = engine_hear(&w, EVENT_ROUTE);
        assert_true(e->route.router == EDGE2 && e->route.upstream == TRANSIT_B);
        assert_true(e->route.present && !e->route.best);

        if (hangs_up)
            router_hang_up(edge1);
        else
            router_say(edge1, BGP_UPDATE, "0008 " NLRI " 0000");
        e = engine_hear(&w, EVENT_ROUTE);
        assert_true(e->route.router == EDGE1 && !e->route.present);
        e = engine_hear(&w, EVENT_ROUTE);
        assert_true(e->route.router == EDGE2 && e->route.upstream == TRANSIT_B);
        assert_true(e->route.present && e->route.best);
        world_end(&w, 0);
    }
}

static void moves_and_takes_back(void **state)
{
    (void)state;
    static const char *const prefixes[] = {V4, V6};
    struct world w;
    world_init(&w);
    world_up(&w);
    for (size_t i = 0; i < 2; i++) {
        for (uint32_t router = 0; router < 2; router++) {
            engine_moves(&w, router, prefixes[i]);
            hears_move(&w.routers[router], prefixes[i], 10);
        }
        engine_order(&w, EFFECT_WITHDRAW, EDGE1, prefixes[i]);
        engine_hears_override(&w, OVERRIDE_WITHDRAWN, "");
        hears_withdrawal(&w.routers[EDGE1], prefixes[i]);
        engine_order(&w, EFFECT_WITHDRAW, EDGE1, prefixes[i]);
        engine_hears_override(&w, OVERRIDE_WITHDRAWN, "did not stand");
    }
    engine_say(&w, &(struct effect){.kind = EFFECT_RELEASE});
    for (size_t i = 0; i < 2; i++)
        engine_hears_override(&w, OVERRIDE_WITHDRAWN, "released");
    hears_withdrawal(&w.routers[EDGE2], V6);
    hears_withdrawal(&w.routers[EDGE2], V4);
    world_end(&w, 0);
}

static void refuses_and_says_why(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    world_up(&w);
    engine_moves(&w, EDGE1, V4);
    engine_order(&w, EFFECT_ANNOUNCE, EDGE1, "203.0.113.0/25");
    engine_hears_override(&w, OVERRIDE_REFUSED,
                          "S5: length of 203.0.113.0/25 not within /8 to /24");
    engine_order(&w, EFFECT_ANNOUNCE, EDGE1, "2001:db8:f:1::/64");
    engine_hears_override(&w, OVERRIDE_REFUSED,
                          "S5: length of 2001:db8:f:1::/64 not within /19 to /48");
    engine_order(&w, EFFECT_ANNOUNCE, EDGE1, "203.0.112.0/24");
    engine_hears_override(&w, OVERRIDE_REFUSED, "S1: 203.0.112.0/24 is not inside steer.prefixes");
    engine_order(&w, EFFECT_ANNOUNCE, EDGE1, V4);
    engine_hears_override(&w, OVERRIDE_ANNOUNCED, "stood already");
    hears_move(&w.routers[EDGE1], V4, 10);
    engine_order(&w, EFFECT_WITHDRAW, EDGE1, V4);
    hears_withdrawal(&w.routers[EDGE1], V4);  // and nothing was said between
    world_end(&w, 0);
}

static void lets_go_when_the_engine_falls_silent(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    w.net.steer.lease_ns = 300 * NS_PER_MS;
    world_up(&w);
    engine_moves(&w, EDGE1, V4);
    hears_move(&w.routers[EDGE1], V4, 10);
    engine_hears_override(&w, OVERRIDE_WITHDRAWN, "the engine's lease ran out");
    hears_withdrawal(&w.routers[EDGE1], V4);
    engine_order(&w, EFFECT_ANNOUNCE, EDGE1, V4);
    engine_hears_override(&w, OVERRIDE_REFUSED, "no lease from the engine");
    world_end(&w, 0);
}

// The role was stopped, or the order waited: the engine has given it up long ago.
static void takes_no_old_order(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    world_up(&w);
    struct effect old = {.kind = EFFECT_ANNOUNCE,
                         .at = mono_add_ms(now_mono(), -STEER_ORDER_MS),
                         .override = {EDGE1, TRANSIT_B, check_prefix(V4), 1}};
    assert_int_equal(channel_send_effect(w.channel, &w.net, &old), 0);
    engine_hears_override(&w, OVERRIDE_REFUSED, "the order is too old");
    engine_moves(&w, EDGE1, V4);
    hears_move(&w.routers[EDGE1], V4, 10);  // the first thing that the router hears
    world_end(&w, 0);
}

// S20: the engine says nothing, and is not asked: within a second all has gone, and stays so until
// the file is gone too.
static void lets_go_when_the_kill_file_stands(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    snprintf(w.net.kill_path, sizeof w.net.kill_path, "/tmp/kill-%d", (int)getpid());
    world_up(&w);
    engine_moves(&w, EDGE1, V4);
    engine_moves(&w, EDGE2, V6);
    hears_move(&w.routers[EDGE1], V4, 10);
    hears_move(&w.routers[EDGE2], V6, 10);
    int64_t before_ns = now_mono().ns;
    close(open(w.net.kill_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    hears_withdrawal(&w.routers[EDGE1], V4);
    hears_withdrawal(&w.routers[EDGE2], V6);
    assert_true(now_mono().ns - before_ns < NS_PER_S);
    engine_hears_override(&w, OVERRIDE_WITHDRAWN, "S20: the kill file stands");
    engine_hears_override(&w, OVERRIDE_WITHDRAWN, "S20: the kill file stands");
    engine_lease(&w);
    engine_order(&w, EFFECT_ANNOUNCE, EDGE1, V4);
    engine_hears_override(&w, OVERRIDE_REFUSED, "S20: the kill file stands");
    unlink(w.net.kill_path);
    for (enum event_override_state told = OVERRIDE_REFUSED; told == OVERRIDE_REFUSED;) {
        engine_order(&w, EFFECT_ANNOUNCE, EDGE1, V4);
        told = engine_hear(&w, EVENT_OVERRIDE)->override.state;
    }
    hears_move(&w.routers[EDGE1], V4, 10);
    world_end(&w, 0);
}

static void lets_go_when_the_alternative_is_lost(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    world_up(&w);
    engine_moves(&w, EDGE1, V4);
    engine_moves(&w, EDGE1, V6);
    hears_move(&w.routers[EDGE1], V4, 10);
    hears_move(&w.routers[EDGE1], V6, 10);

    // The path changes: what was copied follows. Then it goes: so does the copy.
    router_say(&w.routers[EDGE2], BGP_UPDATE, "0000 0023 " ORIGIN AS_PATH_B_LONG HOP_B PREF NLRI);
    hears_move(&w.routers[EDGE1], V4, 14);
    router_say(&w.routers[EDGE2], BGP_UPDATE, "0008 " NLRI " 0000");
    engine_hears_override(&w, OVERRIDE_WITHDRAWN, "S2: no live path to " V4 " via transit-b");
    hears_withdrawal(&w.routers[EDGE1], V4);

    // The router that has the alternative is lost.
    router_hang_up(&w.routers[EDGE2]);
    engine_hears_override(&w, OVERRIDE_WITHDRAWN, "S2: no live path to " V6 " via transit-b");
    hears_withdrawal(&w.routers[EDGE1], V6);
    world_end(&w, 0);
}

static void lets_go_when_the_prefix_is_lost(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    world_up(&w);
    engine_moves(&w, EDGE1, V4);
    hears_move(&w.routers[EDGE1], V4, 10);
    router_say(&w.routers[EDGE1], BGP_UPDATE, "0008 " NLRI " 0000");
    engine_hears_override(&w, OVERRIDE_WITHDRAWN, "S1: " V4 " is not in the table of edge1");
    hears_withdrawal(&w.routers[EDGE1], V4);

    engine_moves(&w, EDGE1, V6);
    hears_move(&w.routers[EDGE1], V6, 10);
    engine_moves(&w, EDGE2, V6);
    router_say(&w.routers[EDGE1], BGP_UPDATE, "0000 0011 800f0e 0002 01 00000001 30 20010db8000f");
    engine_hears_override(&w, OVERRIDE_WITHDRAWN, "S1: " V6 " is not in the table of edge1");
    hears_withdrawal(&w.routers[EDGE1], V6);

    router_hang_up(&w.routers[EDGE2]);
    engine_hears_override(&w, OVERRIDE_WITHDRAWN,
                          "in Established: the router closed the connection");
    world_end(&w, 0);
}

// What a router has from us, or from another Fairlead, is no path that could be copied.
static void an_echo_is_no_path(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    world_start(&w);
    struct router *edge1 = &w.routers[EDGE1];
    router_accept(edge1);
    router_establish(edge1);
    router_say(edge1, BGP_UPDATE,
               "0000 002e " ORIGIN AS_PATH_B HOP_B PREF "c0200c 0000fbf4 0000029a 00000001 " NLRI);
    router_say(edge1, BGP_UPDATE, "0000 0026 " ORIGIN AS_PATH_B HOP_B PREF "800904 c0000205 " NLRI);
    router_say(edge1, BGP_UPDATE, "0000 003b " MP_A ORIGIN AS_PATH_A PREF);
    struct event_route *route = &engine_hear(&w, EVENT_ROUTE)->route;
    assert_true(prefix_equal(route->prefix, check_prefix(V6)));
    world_end(&w, 0);
}

// An order to let go of one upstream does not touch what has moved on to another.
static void lets_go_only_of_what_was_meant(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    world_up(&w);
    engine_moves(&w, EDGE1, V4);
    hears_move(&w.routers[EDGE1], V4, 10);
    engine_say(&w, &(struct effect){
                       .kind = EFFECT_WITHDRAW,
                       .override = {EDGE1, TRANSIT_A, check_prefix(V4), 1},
                   });
    engine_hears_override(&w, OVERRIDE_WITHDRAWN, "replaced before");
    engine_moves(&w, EDGE1, V6);
    hears_move(&w.routers[EDGE1], V6, 10);  // the first thing that the router hears since
    world_end(&w, 0);
}

static void says_again_what_a_router_wants_to_hear(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    world_up(&w);
    engine_moves(&w, EDGE1, V4);
    engine_moves(&w, EDGE1, V6);
    hears_move(&w.routers[EDGE1], V4, 10);
    hears_move(&w.routers[EDGE1], V6, 10);
    router_say(&w.routers[EDGE1], BGP_ROUTE_REFRESH, "0002 00 01");
    hears_move(&w.routers[EDGE1], V6, 10);
    world_end(&w, 0);
}

// However it ends: withdrawals first, then Cease with our words, then the connection.
static void says_goodbye(void **state)
{
    (void)state;
    for (int by_signal = 0; by_signal < 2; by_signal++) {
        struct world w;
        world_init(&w);
        world_up(&w);
        engine_moves(&w, EDGE1, V4);
        hears_move(&w.routers[EDGE1], V4, 10);
        if (by_signal) {
            kill(w.role, SIGTERM);
        } else {
            close(w.channel);
            w.channel = -1;
        }
        hears_withdrawal(&w.routers[EDGE1], V4);
        for (uint32_t i = 0; i < 2; i++) {
            struct bgp_notification *n =
                &router_read(&w.routers[i], BGP_NOTIFICATION)->notification;
            assert_true(n->code == BGP_CEASE && n->subcode == 2);
            assert_int_equal(n->text_size, strlen("fairlead stops"));
            assert_memory_equal(n->text, "fairlead stops", n->text_size);
        }
        world_end(&w, 0);
    }
}

static void only_looks_unless_told_to_act(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    w.net.mode = NET_OBSERVE;
    world_start(&w);
    engine_lease(&w);
    engine_order(&w, EFFECT_ANNOUNCE, EDGE1, V4);
    engine_hears_override(&w, OVERRIDE_REFUSED, "S16: the mode is neither 'act' nor 'confirm'");
    world_end(&w, 0);
}

static uint32_t count_lines(FILE *log, uint32_t *more)
{
    char line[LOG_LINE_MAX];
    uint32_t lines = 0, refused;
    rewind(log);
    while (fgets(line, sizeof line, log)) {
        lines += strncmp(line, "event=override_refused ", 23) == 0;
        if (sscanf(line, "event=overrides_more announced=0 withdrawn=0 refused=%u", &refused) == 1)
            *more += refused;
    }
    return lines;
}

// A crowd has a line each for the first, and none is lost from the count; the engine hears each.
static void logs_a_crowd_as_one(void **state)
{
    (void)state;
    enum { CROWD = 500, LINES_AT_LEAST = 32 };
    int before = dup(STDERR_FILENO);
    FILE *log = tmpfile();
    struct world w;
    world_init(&w);
    w.net.mode = NET_OBSERVE;
    dup2(fileno(log), STDERR_FILENO);
    world_start(&w);
    dup2(before, STDERR_FILENO);
    for (uint32_t i = 0; i < CROWD; i++)
        engine_order(&w, EFFECT_ANNOUNCE, EDGE1, V4);
    for (uint32_t i = 0; i < CROWD; i++)
        engine_hears_override(&w, OVERRIDE_REFUSED, "no lease from the engine");
    world_end(&w, 0);
    uint32_t more = 0, lines = count_lines(log, &more);
    assert_int_equal(lines + more, CROWD);
    assert_true(lines >= LINES_AT_LEAST && more > 0);
    fclose(log);
    close(before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_it_learns),
        cmocka_unit_test(sees_through_what_ibgp_hides),
        cmocka_unit_test(moves_and_takes_back),
        cmocka_unit_test(refuses_and_says_why),
        cmocka_unit_test(lets_go_when_the_engine_falls_silent),
        cmocka_unit_test(takes_no_old_order),
        cmocka_unit_test(lets_go_when_the_kill_file_stands),
        cmocka_unit_test(lets_go_when_the_alternative_is_lost),
        cmocka_unit_test(lets_go_when_the_prefix_is_lost),
        cmocka_unit_test(an_echo_is_no_path),
        cmocka_unit_test(lets_go_only_of_what_was_meant),
        cmocka_unit_test(says_again_what_a_router_wants_to_hear),
        cmocka_unit_test(says_goodbye),
        cmocka_unit_test(only_looks_unless_told_to_act),
        cmocka_unit_test(logs_a_crowd_as_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
