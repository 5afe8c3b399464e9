// SPDX-License-Identifier: ISC
#include "bmp/monitor.h"

#include "bmp/bmp_check.h"

#define REST CHECK_REST
#define ZEROS CHECK_ZEROS
#define PEER CHECK_PEER("00")
#define PEER_OF CHECK_PEER
#define LOC_RIB CHECK_LOC_RIB
#define ENDS CHECK_ENDS
#define MARK CHECK_MARK
#define OPEN CHECK_OPEN
#define OPEN_AS4 CHECK_OPEN_AS4
#define OPEN_OUTSIDE CHECK_OPEN_OUTSIDE
#define OPEN_PATHS CHECK_OPEN_PATHS
#define UPDATE_OF CHECK_UPDATE
#define GOOD CHECK_GOOD
#define ROUTE CHECK_ROUTE
#define ROUTE_2 UPDATE_OF("002d", "0012", "40010100 400204 0201 fde9 400304c0000201 ", "18 c63364")
#define ROUTE_ID UPDATE_OF("0033", "0014", GOOD, "00000007 18 c63364")
#define ROUTE_PREF UPDATE_OF("0036", "001b", GOOD "400504000000c8 ", "18 c63364")
#define ROUTE_OWN                                                                                  \
    UPDATE_OF("002f", "0014", "40010100 400206 0201 0000fde9 40030400000000 ", "18 c63364")
#define ROUTE_BAD UPDATE_OF("0029", "000e", "40010109 400200 400304c0000201 ", "18 c63364")
#define ROUTE_CUT UPDATE_OF("002f", "0014", GOOD, "21 c63364")

static struct bmp_monitor *fresh(uint32_t peers_max)
{
    struct bmp_monitor *m = bmp_monitor_new(peers_max, (struct siphash_key){3, 4});
    assert_non_null(m);
    return m;
}

// Reads a message of this type; what is read stays good until the next.
static struct bmp_verdict hear(struct bmp_monitor *m, uint8_t type, const char *body,
                               struct bmp_reading *reading)
{
    static uint8_t bytes[512];
    return bmp_monitor_read(m, cursor_over(bytes, check_bmp(type, body, bytes)), reading);
}

enum { R = BMP_ROUTE_MONITORING, DOWN = BMP_PEER_DOWN, UP = BMP_PEER_UP };

// A Peer Up if there is one, then a route: how it is read.
static const struct row {
    const char *name, *up, *route;
    int remedy, bgp_remedy;
    bool path_id;
} rows[] = {
    {"no Peer Up", NULL, PEER ROUTE, BMP_ACCEPT, BGP_ACCEPT, false},
    {"Peer Up", PEER ENDS OPEN OPEN, PEER ROUTE, BMP_ACCEPT, BGP_ACCEPT, false},
    // RFC 7854 §4.2: the A flag says, not what was negotiated.
    {"4 octets, as negotiated", PEER ENDS OPEN_AS4 OPEN_AS4, PEER ROUTE, BMP_ACCEPT, BGP_ACCEPT,
     false},
    {"2 octets by the flag", PEER ENDS OPEN OPEN, PEER_OF("20") ROUTE_2, BMP_ACCEPT, BGP_ACCEPT,
     false},
    {"2 octets, no flag", PEER ENDS OPEN OPEN, PEER ROUTE_2, BMP_ACCEPT, BGP_TREAT_AS_WITHDRAW,
     false},
    // RFC 7911 §4: who sends and who receives.
    {"in: router receives, peer sends", PEER ENDS OPEN_PATHS("1") OPEN_PATHS("2"), PEER ROUTE_ID,
     BMP_ACCEPT, BGP_ACCEPT, true},
    {"in: both do both", PEER ENDS OPEN_PATHS("3") OPEN_PATHS("3"), PEER_OF("40") ROUTE_ID,
     BMP_ACCEPT, BGP_ACCEPT, true},
    {"in: router sends, peer receives", PEER ENDS OPEN_PATHS("2") OPEN_PATHS("1"), PEER ROUTE,
     BMP_ACCEPT, BGP_ACCEPT, false},
    {"in: both receive", PEER ENDS OPEN_PATHS("1") OPEN_PATHS("1"), PEER ROUTE, BMP_ACCEPT,
     BGP_ACCEPT, false},
    {"out: router sends, peer receives", PEER ENDS OPEN_PATHS("2") OPEN_PATHS("1"),
     PEER_OF("10") ROUTE_ID, BMP_ACCEPT, BGP_ACCEPT, true},
    {"out: router receives, peer sends", PEER ENDS OPEN_PATHS("1") OPEN_PATHS("2"),
     PEER_OF("50") ROUTE, BMP_ACCEPT, BGP_ACCEPT, false},
    {"out: only the router offers", PEER ENDS OPEN_PATHS("3") OPEN, PEER_OF("10") ROUTE, BMP_ACCEPT,
     BGP_ACCEPT, false},
    {"Loc-RIB with paths", LOC_RIB ENDS OPEN_PATHS("2") OPEN_PATHS("2"), LOC_RIB ROUTE_ID,
     BMP_ACCEPT, BGP_ACCEPT, true},
    {"Loc-RIB without", LOC_RIB ENDS OPEN OPEN, LOC_RIB ROUTE, BMP_ACCEPT, BGP_ACCEPT, false},
    // RFC 7606 §7.5, and RFC 7854 §4.2: after policy it is the router's own.
    {"LOCAL_PREF inside", PEER ENDS OPEN OPEN, PEER ROUTE_PREF, BMP_ACCEPT, BGP_ACCEPT, false},
    {"LOCAL_PREF from outside", PEER ENDS OPEN OPEN_OUTSIDE, PEER ROUTE_PREF, BMP_ACCEPT,
     BGP_ATTRIBUTE_DISCARD, false},
    {"LOCAL_PREF set by policy", PEER ENDS OPEN OPEN_OUTSIDE, PEER_OF("40") ROUTE_PREF, BMP_ACCEPT,
     BGP_ACCEPT, false},
    {"LOCAL_PREF towards outside", PEER ENDS OPEN OPEN_OUTSIDE, PEER_OF("10") ROUTE_PREF,
     BMP_ACCEPT, BGP_ACCEPT, false},
    {"a route of the router's own", NULL, LOC_RIB ROUTE_OWN, BMP_ACCEPT, BGP_ACCEPT, false},
    {"a bad attribute", NULL, PEER ROUTE_BAD, BMP_ACCEPT, BGP_TREAT_AS_WITHDRAW, false},
    {"a prefix that cannot be read", NULL, PEER ROUTE_CUT, BMP_DROP, BGP_SESSION_RESET, false},
    {"an OPEN", NULL, PEER OPEN, BMP_DROP, BGP_SESSION_RESET, false},
    {"a KEEPALIVE", NULL, PEER MARK "0013 04", BMP_DROP, BGP_ACCEPT, false},
    {"a NOTIFICATION", NULL, PEER MARK "0015 03 06 02", BMP_DROP, BGP_CLOSE, false},
    {"nothing", NULL, PEER, BMP_DROP, BGP_SESSION_RESET, false},
    {"octets behind the UPDATE", NULL, PEER ROUTE "0011 0002 0000 0001", BMP_DISCARD, BGP_ACCEPT,
     false},
    {"half a marker", NULL, PEER "ffff00", BMP_DROP, BGP_SESSION_RESET, false},
};

static void reads_routes_as_negotiated(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bmp_monitor *m = fresh(4);
        struct bmp_reading reading;
        if (rows[i].up)
            CHECK_ROW(rows[i].name, hear(m, UP, rows[i].up, &reading).remedy == BMP_ACCEPT);
        struct bmp_verdict verdict = hear(m, R, rows[i].route, &reading);
        CHECK_ROW(rows[i].name, (int)verdict.remedy == rows[i].remedy);
        CHECK_ROW(rows[i].name, reading.has_bgp);
        CHECK_ROW(rows[i].name, (int)reading.bgp_verdict.remedy == rows[i].bgp_remedy);
        CHECK_ROW(rows[i].name, !verdict.spec == !verdict.reason[0]);
        CHECK_ROW(rows[i].name, !reading.paths_missing);
        if (verdict.remedy < BMP_DROP) {
            struct bgp_route route;
            struct bgp_nlri nlri = reading.bgp.update.announced;
            CHECK_ROW(rows[i].name, bgp_nlri_next(&nlri, &route));
            CHECK_ROW(rows[i].name, prefix_equal(route.prefix, check_prefix("198.51.100.0/24")));
            CHECK_ROW(rows[i].name, route.path_id == (rows[i].path_id ? 7 : 0));
        }
        bmp_monitor_free(m);
    }
}

// Two peers of one address in two VRFs, one of IPv6 whose octets end alike, and the Loc-RIB.
static void keeps_peers_apart(void **state)
{
    (void)state;
    static const char *const peers[] = {
        PEER,
        "02 00" ZEROS "000000000000000000000000 c0000209" REST,
        CHECK_VRF("1"),
        CHECK_VRF("2"),
        "00 80" ZEROS "000000000000000000000000 c0000209" REST,
        LOC_RIB,
        "03 00 0000000000000001" ZEROS ZEROS REST,
    };
    static const char *const texts[] = {
        "192.0.2.9",   "192.0.2.9", "192.0.2.9/64500:1", "192.0.2.9/64500:2",
        "::192.0.2.9", "loc-rib",   "loc-rib/0:1",
    };
    enum { PEERS = sizeof peers / sizeof peers[0] };
    struct bmp_monitor *m = fresh(PEERS);
    struct bmp_reading reading;
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < PEERS; i++) {
            char body[512], text[BMP_KNOWN_TEXT_MAX];
            snprintf(body, sizeof body, "%s%s", peers[i], ROUTE);
            assert_int_equal(hear(m, R, body, &reading).remedy, BMP_ACCEPT);
            assert_int_equal(reading.peer, i);
            assert_string_equal(bmp_known_text(bmp_monitor_peer(m, i), text), texts[i]);
        }
    }
    assert_int_equal(bmp_monitor_count(m), PEERS);
    // Pre- and post-policy, in and out are tables of the same peer.
    hear(m, R, PEER_OF("40") ROUTE, &reading);
    assert_true(reading.peer == 0 && reading.message.peer.table == BMP_IN_POST);
    hear(m, R, PEER_OF("10") ROUTE, &reading);
    assert_true(reading.peer == 0 && reading.message.peer.table == BMP_OUT_PRE);
    // One more than there is room for.
    struct bmp_verdict verdict =
        hear(m, R, "03 00 0000000000000002" ZEROS ZEROS REST ROUTE, &reading);
    assert_true(verdict.remedy == BMP_IGNORE && reading.peer == BMP_NOBODY && !reading.has_bgp);
    assert_int_equal(hear(m, R, PEER ROUTE, &reading).remedy, BMP_ACCEPT);
    bmp_monitor_free(m);
}

static void follows_a_peer_up_and_down(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t type;
        const char *body;
        int remedy;
        enum bmp_peer_state before, after;
    } steps[] = {
        {"a route first", R, PEER ROUTE, BMP_ACCEPT, BMP_UNTOLD, BMP_UNTOLD},
        {"up", UP, PEER ENDS OPEN_PATHS("3") OPEN_PATHS("3"), BMP_ACCEPT, BMP_UNTOLD, BMP_UP},
        {"a bad Peer Up changes nothing", UP, PEER ENDS OPEN, BMP_DROP, BMP_UNTOLD, BMP_UP},
        {"a route", R, PEER ROUTE_ID, BMP_ACCEPT, BMP_UP, BMP_UP},
        {"up again", UP, PEER ENDS OPEN OPEN, BMP_ACCEPT, BMP_UP, BMP_UP},
        {"a route as now negotiated", R, PEER ROUTE, BMP_ACCEPT, BMP_UP, BMP_UP},
        {"a bad Peer Down", DOWN, PEER, BMP_DROP, BMP_UNTOLD, BMP_UP},
        {"down, reason unreadable", DOWN, PEER "01", BMP_DISCARD, BMP_UP, BMP_DOWN},
        {"a route of the dead", R, PEER ROUTE, BMP_DROP, BMP_DOWN, BMP_DOWN},
        {"down again", DOWN, PEER "04", BMP_ACCEPT, BMP_DOWN, BMP_DOWN},
        {"up, names unreadable", UP, PEER ENDS OPEN OPEN "00", BMP_DISCARD, BMP_DOWN, BMP_UP},
        {"a route again", R, PEER ROUTE, BMP_ACCEPT, BMP_UP, BMP_UP},
    };
    struct bmp_monitor *m = fresh(1);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct bmp_reading reading;
        struct bmp_verdict verdict = hear(m, steps[i].type, steps[i].body, &reading);
        CHECK_ROW(steps[i].name, (int)verdict.remedy == steps[i].remedy);
        CHECK_ROW(steps[i].name, reading.before == steps[i].before);
        CHECK_ROW(steps[i].name, bmp_monitor_peer(m, 0)->state == steps[i].after);
    }
    assert_int_equal(bmp_monitor_count(m), 1);
    bmp_monitor_free(m);
}

static void mirrored_messages_are_as_received(void **state)
{
    (void)state;
    struct bmp_monitor *m = fresh(2);
    struct bmp_reading reading;
    assert_true(bmp_monitor_mirror_context(m, BMP_NOBODY).as4);
    hear(m, UP, PEER ENDS OPEN_PATHS("1") OPEN_PATHS("2"), &reading);
    struct bgp_context context = bmp_monitor_mirror_context(m, reading.peer);
    assert_true(!context.as4 && context.add_path[FAMILY_IPV4] && !context.add_path[FAMILY_IPV6]);
    assert_int_equal(context.state, BGP_STATE_ANY);
    hear(m, UP, PEER ENDS OPEN_AS4 OPEN_AS4, &reading);
    context = bmp_monitor_mirror_context(m, reading.peer);
    assert_true(context.as4 && !context.add_path[FAMILY_IPV4]);
    bmp_monitor_free(m);
}

// Many peers, found again whatever their order, in a table that is as full as it gets.
static void finds_every_peer_of_many(void **state)
{
    (void)state;
    enum { MANY = 1000 };
    struct bmp_monitor *m = fresh(MANY);
    struct bmp_reading reading;
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < MANY; i++) {
            char body[512];
            uint32_t n = round ? i * 7 % MANY : i;
            snprintf(body, sizeof body, "00 00" ZEROS "000000000000000000000000 0a%06x" REST ROUTE,
                     n);
            assert_int_equal(hear(m, R, body, &reading).remedy, BMP_ACCEPT);
            assert_int_equal(reading.peer, n);
        }
    }
    bmp_monitor_free(m);
}

// One after the other in one table of a peer that negotiated ADD-PATH: how each is read.
static void finds_out_whether_identifiers_are_there(void **state)
{
    (void)state;
    enum { T = BMP_PATHS_TOLD, M = BMP_PATHS_MISSING, NOTHING = -1 };
    static const struct {
        const char *name;
        struct {
            const char *prefixes;
            int paths;  // NOTHING: unreadable
            bool sure, misread;
        } updates[3];
    } cases[] = {
        {"small identifiers",
         {{"00000001 18 c63364", T, true, false}, {"ff000001 18 c63364", T, true, false}}},
        {"small ones that could be default routes", {{"00000010 08 0a", T, true, false}}},
        {"none", {{"18 c63364", M, true, false}, {"18 c63364 18 c63365", M, true, false}}},
        {"none, could be one", {{"1a cb001500", M, false, false}, {"18 c63364", M, true, false}}},
        {"none, several that could be", {{"1a cb001500 10 c633", M, true, false}}},
        {"the default route with one", {{"00000001 00", T, true, false}}},
        {"the default route without", {{"00", M, true, false}}},
        {"default routes of two paths", {{"00000001 00 00000002 00", T, false, false}}},
        {"large identifiers", {{"1a000001 18 c63364", T, true, false}}},
        {"large ones with bits behind a prefix", {{"17c63365 08 0a", T, true, false}}},
        {"large ones that could be prefixes",
         {{"18c63364 08 0a", M, false, false},
          {"01000001 18 c63364", T, true, true},
          {"18c63364 08 0a", T, true, false}}},
        {"bits behind the prefix",
         {{"00000001 17 c63365", T, false, false}, {"17 c63365", NOTHING, false, false}}},
        {"what cannot be read shows nothing", {{"00000001 21 c63364", NOTHING, false, false}}},
        {"once sure it stays",
         {{"18 c63364", M, true, false}, {"00000001 18 c63364", NOTHING, true, false}}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bmp_monitor *m = fresh(2);
        struct bmp_reading reading;
        hear(m, UP, PEER ENDS OPEN_PATHS("3") OPEN_PATHS("3"), &reading);
        for (size_t j = 0; j < 3 && cases[i].updates[j].prefixes; j++) {
            uint8_t prefixes[64];
            char body[512];
            size_t size = check_hex(cases[i].updates[j].prefixes, prefixes);
            snprintf(body, sizeof body, PEER MARK "%04x 02 0000 0014 " GOOD "%s",
                     (unsigned)(43 + size), cases[i].updates[j].prefixes);
            struct bmp_verdict verdict = hear(m, R, body, &reading);
            int paths = verdict.remedy != BMP_ACCEPT ? NOTHING : reading.paths_missing ? M : T;
            CHECK_ROW(cases[i].name, paths == cases[i].updates[j].paths);
            CHECK_ROW(cases[i].name, reading.misread == cases[i].updates[j].misread);
            CHECK_ROW(cases[i].name, (bmp_monitor_peer(m, 0)->paths[BMP_IN_PRE] !=
                                      BMP_PATHS_UNKNOWN) == cases[i].updates[j].sure);
            struct bgp_nlri nlri = reading.bgp.update.announced;
            if (paths != NOTHING)
                CHECK_ROW(cases[i].name, nlri.add_path == (paths == T));
        }
        // Another table of the peer is another question, and so is its next session.
        assert_false(hear(m, R, PEER_OF("40") ROUTE_ID, &reading).spec);
        assert_false(reading.paths_missing);
        hear(m, UP, PEER ENDS OPEN_PATHS("3") OPEN_PATHS("3"), &reading);
        hear(m, R, PEER ROUTE_ID, &reading);
        CHECK_ROW(cases[i].name, reading.has_bgp && !reading.paths_missing);
        bmp_monitor_free(m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_routes_as_negotiated),
        cmocka_unit_test(finds_out_whether_identifiers_are_there),
        cmocka_unit_test(keeps_peers_apart),
        cmocka_unit_test(follows_a_peer_up_and_down),
        cmocka_unit_test(mirrored_messages_are_as_received),
        cmocka_unit_test(finds_every_peer_of_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
