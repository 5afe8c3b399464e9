// SPDX-License-Identifier: ISC
// Routers that say too much, the wrong thing, or all of it again.
#include "role/route_check.h"

#define V4 "203.0.113.0/24"
#define V6 "2001:db8:f::/48"
#define ORIGIN "400101 00 "
#define AS_PATH "40020a 0202 0000fde9 0000fe4c "
#define PREF "400504 00000064 "
#define HOP_A "400304 0a000101 "
#define HOP_B "400304 0a000201 "
#define MP_A "800e20 0002 01 10 20010db8 000000a1 00000000 00000001 00 00000001 30 20010db8000f "
#define UPDATE4(hop, nlri) "0000 001f " ORIGIN AS_PATH hop PREF nlri
#define UPDATE6 "0000 003b " MP_A ORIGIN AS_PATH PREF

static void establish(struct world *w, bool enhanced_refresh)
{
    struct router *edge1 = &w->routers[EDGE1];
    uint8_t bytes[BGP_MESSAGE_MAX];
    struct writer open = writer_over(bytes, sizeof bytes);
    router_accept(edge1);
    bgp_open_encode(&open, &(struct bgp_open){
                               .asn = 64500,
                               .id = edge1->id,
                               .hold_s = 90,
                               .families = {0, 1, 1},
                               .as4 = true,
                               .refresh = true,
                               .enhanced_refresh = enhanced_refresh,
                               .add_path = {0, BGP_ADD_PATH_SEND, BGP_ADD_PATH_SEND},
                           });
    router_write(edge1, &open);
    assert_true(router_read(edge1, BGP_OPEN)->open.enhanced_refresh);
    router_say_keepalive(edge1);
    router_read(edge1, BGP_KEEPALIVE);
    assert_int_equal(engine_hear(w, EVENT_SESSION)->session.state, SESSION_UP);
}

// Only this one may go; that others are the best now is not asked.
static void hears_route(struct world *w, const char *prefix, uint32_t upstream, bool present)
{
    for (;;) {
        const struct event_route *route = &engine_hear(w, EVENT_ROUTE)->route;
        char text[PREFIX_TEXT_MAX];
        bool same = prefix_equal(route->prefix, check_prefix(prefix)) &&
                    route->upstream == upstream && route->present == present;
        if (same)
            return;
        if (!route->present)
            fail_msg("%s by %u went", prefix_format(route->prefix, text), route->upstream);
    }
}

static const struct notice *hears_notice(struct world *w, enum notice_kind kind)
{
    const struct notice *notice;
    do
        notice = &engine_hear(w, EVENT_NOTICE)->notice;
    while (notice->kind != kind);
    assert_int_equal(notice->router, EDGE1);
    assert_string_equal(notice->peer, "edge1");
    return notice;
}

static void hears_cease(struct router *router, uint8_t subcode)
{
    const struct bgp_notification *n = &router_read(router, BGP_NOTIFICATION)->notification;
    assert_true(n->code == BGP_CEASE && n->subcode == subcode);
}

// RFC 7313: between the marks all is said again; what is not, goes, and nothing else.
static void what_is_not_said_again_goes(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    world_start(&w);
    establish(&w, true);
    struct router *edge1 = &w.routers[EDGE1];
    router_say(edge1, BGP_UPDATE, UPDATE4(HOP_A, "00000001 18 cb0071"));
    hears_route(&w, V4, TRANSIT_A, true);
    router_say(edge1, BGP_UPDATE, UPDATE4(HOP_B, "00000002 18 cb0071"));
    hears_route(&w, V4, TRANSIT_B, true);
    router_say(edge1, BGP_UPDATE, UPDATE6);
    hears_route(&w, V6, TRANSIT_A, true);

    router_say(edge1, BGP_ROUTE_REFRESH, "0001 02 01");  // an end without a beginning
    router_say(edge1, BGP_ROUTE_REFRESH, "0001 01 01");
    router_say(edge1, BGP_UPDATE, UPDATE4(HOP_A, "00000001 18 cb0071"));
    router_say(edge1, BGP_ROUTE_REFRESH, "0001 02 01");
    hears_route(&w, V4, TRANSIT_B, false);

    // Said again in another form, and with another identifier.
    router_say(edge1, BGP_ROUTE_REFRESH, "0001 01 01");
    router_say(edge1, BGP_UPDATE, UPDATE4(HOP_B, "00000007 18 cb0071"));
    hears_route(&w, V4, TRANSIT_B, true);
    router_say(edge1, BGP_ROUTE_REFRESH, "0001 02 01");
    hears_route(&w, V4, TRANSIT_A, false);

    router_say(edge1, BGP_ROUTE_REFRESH, "0002 01 01");
    router_say(edge1, BGP_ROUTE_REFRESH, "0002 02 01");
    hears_route(&w, V6, TRANSIT_A, false);
    world_end(&w, 0);
}

// Without the capability the marks are nothing: RFC 7313 §3.
static void marks_that_were_not_agreed_on_are_ignored(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    world_start(&w);
    establish(&w, false);
    struct router *edge1 = &w.routers[EDGE1];
    router_say(edge1, BGP_UPDATE, UPDATE4(HOP_A, "00000001 18 cb0071"));
    hears_route(&w, V4, TRANSIT_A, true);
    router_say(edge1, BGP_ROUTE_REFRESH, "0001 01 01");
    router_say(edge1, BGP_ROUTE_REFRESH, "0001 02 01");
    router_say(edge1, BGP_UPDATE, UPDATE4(HOP_B, "00000002 18 cb0071"));
    hears_route(&w, V4, TRANSIT_B, true);  // the first has not gone
    world_end(&w, 0);
}

static void more_than_may_be_is_refused(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    w.net.routers[EDGE1].prefixes_max = 2;
    world_start(&w);
    establish(&w, false);
    struct router *edge1 = &w.routers[EDGE1];
    router_say(edge1, BGP_UPDATE, UPDATE4(HOP_A, "00000001 18 cb0071"));
    hears_route(&w, V4, TRANSIT_A, true);
    router_say(edge1, BGP_UPDATE, UPDATE6);  // the other family counts for itself
    hears_route(&w, V6, TRANSIT_A, true);
    router_say(edge1, BGP_UPDATE, UPDATE4(HOP_A, "00000001 18 140100"));
    router_say(edge1, BGP_UPDATE, UPDATE4(HOP_B, "00000002 18 cb0071"));  // one too many
    const struct notice *notice = hears_notice(&w, NOTICE_PEER_PREFIXES_MAX);
    assert_true(notice->raised && notice->total == 2);
    assert_string_equal(notice->text, "ipv4: more than 2, nothing new is taken");
    router_say(edge1, BGP_UPDATE, UPDATE4(HOP_B, "00000001 18 cb0071"));  // known: it may change
    hears_route(&w, V4, TRANSIT_A, false);
    hears_route(&w, V4, TRANSIT_B, true);
    // Its table is not whole: nothing is steered by it, though there is room again.
    router_say(edge1, BGP_UPDATE, "0008 00000001 18 140100 0000");
    engine_lease(&w);
    engine_order(&w, EFFECT_ANNOUNCE, EDGE1, V4);
    const struct event_override *o = &engine_hear(&w, EVENT_OVERRIDE)->override;
    assert_int_equal(o->state, OVERRIDE_REFUSED);
    router_hang_up(edge1);
    assert_false(hears_notice(&w, NOTICE_PEER_PREFIXES_MAX)->raised);
    world_end(&w, 0);
}

static void more_than_may_be_ends_the_session_if_wanted(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    w.net.routers[EDGE1].prefixes_max = 1;
    w.net.routers[EDGE1].prefixes_over = NET_OVER_CLOSE;
    world_start(&w);
    establish(&w, false);
    struct router *edge1 = &w.routers[EDGE1];
    router_say(edge1, BGP_UPDATE, UPDATE4(HOP_A, "00000001 18 cb0071 00000001 18 140100"));
    assert_string_equal(hears_notice(&w, NOTICE_PEER_PREFIXES_MAX)->text,
                        "ipv4: more than 1, the session is closed for 5 min");
    hears_cease(edge1, 1);
    const struct event_session *session = &engine_hear(&w, EVENT_SESSION)->session;
    assert_string_equal(session->reason, "too many prefixes");
    // It is not dialled again; the other router is.
    struct pollfd quiet = {.fd = edge1->listener, .events = POLLIN};
    assert_int_equal(poll(&quiet, 1, 2500), 0);
    world_end(&w, 0);
}

// RFC 8950: an IPv4 route through a next hop that has only an IPv6 address is held, and told as
// that of the upstream; the gate moves none, as upstreams are configured with next hops of each
// family.
static void next_hops_of_the_other_family(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    world_start(&w);
    struct router *edge1 = &w.routers[EDGE1];
    router_accept(edge1);
    router_say_open(edge1);
    assert_true(router_read(edge1, BGP_OPEN)->open.next_hop_ipv6);
    router_say_keepalive(edge1);
    router_read(edge1, BGP_KEEPALIVE);
    router_say(edge1, BGP_UPDATE,
               "0000 0038 800e1d 0001 01 10 20010db8 000000b1 00000000 00000001 00 "
               "00000001 18 cb0071 " ORIGIN AS_PATH PREF);
    hears_route(&w, V4, TRANSIT_B, true);
    engine_lease(&w);
    engine_order(&w, EFFECT_ANNOUNCE, EDGE1, V4);
    assert_int_equal(engine_hear(&w, EVENT_OVERRIDE)->override.state, OVERRIDE_REFUSED);
    router_say(edge1, BGP_UPDATE, "0008 00000001 18 cb0071 0000");
    hears_route(&w, V4, TRANSIT_B, false);
    world_end(&w, 0);
}

// ---- more than the engine has room for, of one family

enum { NOT_A = 2, NOT_B };  // beside TRANSIT_A and TRANSIT_B: withdrawn

// From 100.64.0.0/24 or 2001:db8:8000::/48 on.
static const char *numbered(enum family family, uint32_t n)
{
    static char text[PREFIX_TEXT_MAX];
    if (family == FAMILY_IPV4)
        sprintf(text, "100.%u.%u.0/24", 64 + (n >> 8), n & 255);
    else
        sprintf(text, "2001:db8:%x::/48", 0x8000 + n);
    return text;
}

// What comes before as many octets of NLRI: RFC 4271 §4.3, RFC 4760 §3 and §4.
static int before_nlri(char *hex, enum family family, uint32_t through, uint32_t octets)
{
    static const char *const hops[] = {HOP_A, HOP_B};
    if (family == FAMILY_IPV4)
        return through >= NOT_A
                   ? sprintf(hex, "%04x", octets)
                   : sprintf(hex, "0000 001f " ORIGIN AS_PATH "%s" PREF, hops[through]);
    return through >= NOT_A
               ? sprintf(hex, "0000 %04x 900f %04x 0002 01", 7 + octets, 3 + octets)
               : sprintf(hex,
                         "0000 %04x " ORIGIN AS_PATH PREF
                         "900e %04x 0002 01 10 20010db8 000000%02x 00000000 00000001 00",
                         49 + octets, 21 + octets, through == TRANSIT_A ? 0xa1 : 0xb1);
}

static void say_many(struct router *router, enum family family, uint32_t through, uint32_t first,
                     uint32_t count)
{
    enum { AT_ONCE = 300 };
    char hex[256 + 24 * AT_ONCE];
    for (uint32_t end = first + count; first < end;) {
        uint32_t many = end - first < AT_ONCE ? end - first : AT_ONCE;
        int size = before_nlri(hex, family, through, many * (family == FAMILY_IPV4 ? 8 : 11));
        for (uint32_t n = first; n < first + many; n++)
            size += sprintf(hex + size,
                            family == FAMILY_IPV4 ? "%08x 18 64%04x" : "%08x 30 20010db8%04x",
                            through % 2 + 1, n + (family == FAMILY_IPV4 ? 0x4000u : 0x8000u));
        sprintf(hex + size, family == FAMILY_IPV4 && through >= NOT_A ? "0000" : "");
        router_say(router, BGP_UPDATE, hex);
        first += many;
    }
}

// Of the family so many of `all` are known; of the other, which has one, this one.
static void hears_of_steerable(struct world *w, enum family family, uint32_t known, uint32_t all,
                               uint32_t other)
{
    char text[160];
    const struct notice *notice;
    uint32_t v4 = family == FAMILY_IPV4 ? known : other, v6 = family == FAMILY_IPV4 ? other : known;
    sprintf(text, "ipv4: %u of %u can be moved, ipv6: %u of %u%s", v4,
            family == FAMILY_IPV4 ? all : other, v6, family == FAMILY_IPV4 ? other : all,
            known < all ? "; the rest stays where it is in an outage: narrow steer.prefixes" : "");
    do
        notice = &engine_hear(w, EVENT_NOTICE)->notice;
    while (notice->kind != NOTICE_STEERABLE_MAX);
    assert_string_equal(notice->text, text);
    assert_int_equal(notice->raised, known < all);
    assert_int_equal(notice->count, all - known);
    assert_int_equal(notice->router, NET_NOBODY);
}

static void hears_that_it_went(struct world *w, const char *prefix)
{
    const struct event_route *next = &engine_hear(w, EVENT_ROUTE)->route;
    assert_true(prefix_equal(next->prefix, check_prefix(prefix)) && !next->present && !next->best);
}

// What is heavier gets a place of another, and gives it back; both with all ways that they have.
static void exchange(struct world *w, enum family family)
{
    const char *unsteerable = family == FAMILY_IPV4 ? V4 : V6,
               *other = family == FAMILY_IPV4 ? V6 : V4;
    say_many(&w->routers[EDGE1], family, TRANSIT_B, 1024, 1);
    for (int back = 0; back < 2; back++) {
        struct prefix out = check_prefix(numbered(family, back ? 1024 : 0)),
                      in = check_prefix(numbered(family, back ? 0 : 1024));
        struct effect_place bad[] = {{check_prefix(unsteerable), out},
                                     {in, in},
                                     {out, out},
                                     {out, in},
                                     {in, check_prefix(other)},
                                     {check_prefix(other), out},
                                     {check_prefix(numbered(family, 9000)), out}};
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
            engine_say(w, &(struct effect){.kind = EFFECT_PLACE, .place = bad[i]});
        engine_say(w, &(struct effect){.kind = EFFECT_PLACE, .place = {in, out}});
        if (back)
            hears_that_it_went(w, numbered(family, 1024));
        hears_that_it_went(w, numbered(family, back ? 1024 : 0));
        hears_route(w, numbered(family, back ? 0 : 1024), TRANSIT_A, true);
        if (!back)
            hears_route(w, numbered(family, 1024), TRANSIT_B, true);
    }
}

// More of one family than the engine has room for leaves the other its own, and people are told.
// What was never told to the engine goes unsaid, and makes no room for more.
static void more_than_can_be_moved_is_told(enum family family)
{
    struct world w;
    world_init(&w);
    w.net.steer.prefixes.items[family == FAMILY_IPV6] =
        check_prefix(family == FAMILY_IPV4 ? "100.64.0.0/10" : "2001:db8:8000::/33");
    world_start(&w);
    establish(&w, false);
    struct router *edge1 = &w.routers[EDGE1];
    say_many(edge1, family, TRANSIT_A, 0, 1205);
    router_say(edge1, BGP_UPDATE,
               family == FAMILY_IPV4 ? UPDATE6 : UPDATE4(HOP_A, "00000002 18 cb0071"));
    hears_route(&w, numbered(family, 0), TRANSIT_A, true);
    hears_route(&w, numbered(family, 999), TRANSIT_A, true);
    const struct event_route *next = &engine_hear(&w, EVENT_ROUTE)->route;
    assert_true(prefix_equal(next->prefix, check_prefix(family == FAMILY_IPV4 ? V6 : V4)));
    hears_of_steerable(&w, family, 1000, 1205, 1);
    router_say(edge1, BGP_UPDATE,
               family == FAMILY_IPV4 ? UPDATE4(HOP_A, "00000002 18 cb0071") : UPDATE6);
    exchange(&w, family);

    say_many(edge1, family, NOT_B, 1024, 1);
    say_many(edge1, family, NOT_A, 1000, 205);
    hears_of_steerable(&w, family, 1000, 1000, 1);
    say_many(edge1, family, TRANSIT_A, 1300, 1);  // there is no more room than before
    hears_of_steerable(&w, family, 1000, 1001, 1);
    say_many(edge1, family, NOT_A, 0, 1);
    hears_that_it_went(&w, numbered(family, 0));
    say_many(edge1, family, TRANSIT_B, 1300, 1);
    hears_route(&w, numbered(family, 1300), TRANSIT_A, true);  // with all that it has
    hears_route(&w, numbered(family, 1300), TRANSIT_B, true);
    hears_of_steerable(&w, family, 1000, 1000, 1);

    say_many(edge1, family, TRANSIT_A, 1400, 7);
    hears_of_steerable(&w, family, 1000, 1007, 1);
    router_hang_up(edge1);
    hears_of_steerable(&w, family, 0, 0, 0);
    world_end(&w, 0);
}

static void more_than_can_be_moved_is_told_ipv4(void **state)
{
    (void)state;
    more_than_can_be_moved_is_told(FAMILY_IPV4);
}

static void more_than_can_be_moved_is_told_ipv6(void **state)
{
    (void)state;
    more_than_can_be_moved_is_told(FAMILY_IPV6);
}

static void rubbish_is_told(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    world_start(&w);
    establish(&w, false);
    struct router *edge1 = &w.routers[EDGE1];
    router_say(edge1, BGP_UPDATE, "0000 0020 40010200 00 " AS_PATH HOP_A PREF "00000001 18 cb0071");
    const struct notice *notice = hears_notice(&w, NOTICE_MALFORMED_MESSAGES);
    assert_string_equal(notice->text, "treat-as-withdraw: ORIGIN has length 2 (RFC 7606 §7.1, "
                                      "octet 23 of update)");
    assert_int_equal(notice->count, 1);
    router_say(edge1, BGP_UPDATE, "0000 0000 00000001 21 cb00710000");
    notice = hears_notice(&w, NOTICE_MALFORMED_MESSAGES);
    assert_string_equal(notice->text, "session-reset: a prefix of length 33 cannot be read (RFC "
                                      "7606 §5.3, octet 23 of update)");
    const struct bgp_notification *n = &router_read(edge1, BGP_NOTIFICATION)->notification;
    assert_true(n->code == BGP_UPDATE_ERROR && n->subcode == 10);
    assert_int_equal(engine_hear(&w, EVENT_SESSION)->session.state, SESSION_DOWN);
    world_end(&w, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_said_again_goes),
        cmocka_unit_test(marks_that_were_not_agreed_on_are_ignored),
        cmocka_unit_test(more_than_may_be_is_refused),
        cmocka_unit_test(more_than_may_be_ends_the_session_if_wanted),
        cmocka_unit_test(next_hops_of_the_other_family),
        cmocka_unit_test(more_than_can_be_moved_is_told_ipv4),
        cmocka_unit_test(more_than_can_be_moved_is_told_ipv6),
        cmocka_unit_test(rubbish_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
