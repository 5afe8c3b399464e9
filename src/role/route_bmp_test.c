// SPDX-License-Identifier: ISC
#include "role/route_bmp_check.h"
#include "role/route_bmp_show.h"
#include "role/route_whatif.h"

static void keeps_every_table_of_a_peer(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t type;
        const char *body, *table;
        enum rib_peer_kind kind;
        uint32_t ipv4, ipv6;
    } steps[] = {
        {"initiation", BMP_INITIATION, "0002 0002 7231", "", RIB_PEER_NONE, 0, 0},
        {"up", UP, CHECK_PEER("00") CHECK_UP, "", RIB_PEER_NONE, 0, 0},
        {"heard", RM, CHECK_PEER("00") CHECK_ROUTE, "edge1/192.0.2.9 in-pre", RIB_PEER_BMP_IN, 1,
         0},
        {"heard of IPv6", RM, CHECK_PEER("00") CHECK_ROUTE6, "edge1/192.0.2.9 in-pre",
         RIB_PEER_BMP_IN, 1, 1},
        {"behind policy", RM, CHECK_PEER("40") CHECK_ROUTE_2, "edge1/192.0.2.9 in-post",
         RIB_PEER_BMP_IN, 1, 0},
        {"said", RM, CHECK_PEER("10") CHECK_ROUTE, "edge1/192.0.2.9 out-pre", RIB_PEER_BMP_OUT, 1,
         0},
        {"said behind policy", RM, CHECK_PEER("50") CHECK_ROUTE6, "edge1/192.0.2.9 out-post",
         RIB_PEER_BMP_OUT, 0, 1},
        {"used, no Peer Up", RM, CHECK_LOC_RIB CHECK_ROUTE, "edge1/loc-rib", RIB_PEER_BMP_LOC, 1,
         0},
        {"of a VRF", RM, CHECK_VRF("7") CHECK_ROUTE, "edge1/192.0.2.9/64500:7 in-pre",
         RIB_PEER_BMP_IN, 1, 0},
        {"withdrawn", RM, CHECK_PEER("00") CHECK_WITHDRAWN, "edge1/192.0.2.9 in-pre",
         RIB_PEER_BMP_IN, 0, 1},
        {"a bad attribute", RM, CHECK_PEER("40") CHECK_ROUTE_2_BAD, "edge1/192.0.2.9 in-post",
         RIB_PEER_BMP_IN, 0, 0},
        {"the rest is as it was", RM, CHECK_PEER("00") CHECK_END_OF_RIB, "edge1/192.0.2.9 out-pre",
         RIB_PEER_BMP_OUT, 1, 0},
    };
    struct station st;
    station_init(&st);
    station_start(&st);
    int fd = call_from(&st, EDGE1);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        say(&st, fd, steps[i].type, steps[i].body);
        uint32_t peer = table_of(&st, steps[i].table);
        if (!steps[i].table[0])
            continue;
        CHECK_ROW(steps[i].name, peer != RIB_NO_PEER);
        CHECK_ROW(steps[i].name, rib_peer_kind(st.role->rib, peer) == steps[i].kind);
        CHECK_ROW(steps[i].name, routes_of(&st, steps[i].table, FAMILY_IPV4) == steps[i].ipv4);
        CHECK_ROW(steps[i].name, routes_of(&st, steps[i].table, FAMILY_IPV6) == steps[i].ipv6);
        CHECK_ROW(steps[i].name, route_peer_router(st.role, peer) == EDGE1);
    }
    // Of a family that nobody holds there is no table.
    uint32_t before = tables(&st);
    say(&st, fd, RM, CHECK_VRF("6") CHECK_FLOWSPEC);
    assert_int_equal(tables(&st), before);
    // None of it can justify an announcement.
    struct rib_path path;
    struct rib_paths paths = rib_session_paths(st.role->rib, check_prefix("198.51.100.0/24"));
    assert_false(rib_paths_next(&paths, &path));
    close(fd);
    station_end(&st);
}

// Only all of the main instance's Loc-RIB says what the router chose, as long as it is there.
static void lends_the_choice_to_the_kernel(void **state)
{
    (void)state;
    struct station st;
    station_init(&st);
    st.net.routers[EDGE1].fib = (struct net_fib){
        .from = NET_FIB_AGENT, .address = check_address("127.0.0.1"), .port = 1, .table = 254};
    station_start(&st);
    const struct fib *fib = route_fib_of(st.role, EDGE1);
    int fd = call_from(&st, EDGE1);
    say(&st, fd, UP, CHECK_PEER("00") CHECK_UP);
    say(&st, fd, RM, CHECK_PEER("00") CHECK_ROUTE);
    assert_int_equal(fib_loc_rib(fib), RIB_NO_PEER);
    say(&st, fd, RM, CHECK_LOC_RIB CHECK_ROUTE);
    assert_int_equal(fib_loc_rib(fib), table_of(&st, "edge1/loc-rib"));
    assert_int_not_equal(fib_loc_rib(fib), RIB_NO_PEER);
    close(fd);
    turns(&st);
    assert_int_equal(fib_loc_rib(fib), RIB_NO_PEER);
    int other = call_from(&st, EDGE2);
    say(&st, other, RM, CHECK_LOC_RIB CHECK_ROUTE);
    assert_int_equal(fib_loc_rib(fib), RIB_NO_PEER);
    close(other);
    station_end(&st);
}

static void completes_tables(void **state)
{
    (void)state;
    struct station st;
    station_init(&st);
    station_start(&st);
    int fd = call_from(&st, EDGE2);
    const char *pre = "edge2/2001:db8::9 in-pre", *post = "edge2/2001:db8::9 in-post";
    say(&st, fd, UP,
        CHECK_PEER6("80") "20010db8000000000000000000000001 00b3 9c40 " CHECK_OPEN CHECK_OPEN);
    say(&st, fd, RM, CHECK_PEER6("80") CHECK_ROUTE);
    say(&st, fd, RM, CHECK_PEER6("80") CHECK_ROUTE6);
    say(&st, fd, RM, CHECK_PEER6("c0") CHECK_ROUTE6);
    struct rib *rib = st.role->rib;
    assert_false(rib_peer_is_complete(rib, table_of(&st, pre), FAMILY_IPV4));
    say(&st, fd, RM, CHECK_PEER6("80") CHECK_END_OF_RIB);
    assert_true(rib_peer_is_complete(rib, table_of(&st, pre), FAMILY_IPV4));
    assert_false(rib_peer_is_complete(rib, table_of(&st, pre), FAMILY_IPV6));
    say(&st, fd, RM, CHECK_PEER6("80") CHECK_END_OF_RIB6);
    assert_true(rib_peer_is_complete(rib, table_of(&st, pre), FAMILY_IPV6));
    // Without End-of-RIB by a pause; a family of which nothing came is not known.
    st.role->now = mono_add_ms(st.role->now, ROUTE_BMP_IDLE_MS - 1000);
    route_bmp_tick(st.role);
    assert_false(rib_peer_is_complete(rib, table_of(&st, post), FAMILY_IPV6));
    st.role->now = mono_add_ms(st.role->now, 2000);
    route_bmp_tick(st.role);
    assert_true(rib_peer_is_complete(rib, table_of(&st, post), FAMILY_IPV6));
    assert_false(rib_peer_is_complete(rib, table_of(&st, post), FAMILY_IPV4));
    // Forgotten with the table.
    say(&st, fd, DOWN, CHECK_PEER6("80") "04");
    assert_false(rib_peer_is_complete(rib, table_of(&st, pre), FAMILY_IPV4));
    close(fd);
    station_end(&st);
}

// What could not be read may have been any change: that table is believed no more, the others are.
static void doubts_a_table_after_an_unusable_update(void **state)
{
    (void)state;
    static const struct {
        const char *name, *peer, *update, *table, *other;
        bool doubted;
    } rows[] = {
        {"attributes longer than the UPDATE", CHECK_PEER("00"),
         CHECK_UPDATE("002f", "00ff", CHECK_GOOD, "18 c63364"), "edge1/192.0.2.9 in-pre",
         "edge1/192.0.2.9 in-post", true},
        {"the same behind policy", CHECK_PEER("40"),
         CHECK_UPDATE("002f", "00ff", CHECK_GOOD, "18 c63364"), "edge1/192.0.2.9 in-post",
         "edge1/192.0.2.9 in-pre", true},
        {"the same of an IPv6 peer", CHECK_PEER6("80"),
         CHECK_UPDATE("002f", "00ff", CHECK_GOOD, "18 c63364"), "edge1/2001:db8::9 in-pre",
         "edge1/192.0.2.9 in-pre", true},
        {"of a table that nothing was told of", CHECK_VRF("7"),
         CHECK_UPDATE("002f", "00ff", CHECK_GOOD, "18 c63364"), "edge1/192.0.2.9/64500:7 in-pre",
         "edge1/192.0.2.9 in-pre", true},
        {"a prefix of 33 bits", CHECK_PEER("00"),
         CHECK_UPDATE("002f", "0014", CHECK_GOOD, "21 c63364"), "edge1/192.0.2.9 in-pre",
         "edge1/192.0.2.9 in-post", true},
        {"a KEEPALIVE in its place", CHECK_PEER("00"), CHECK_MARK "0013 04",
         "edge1/192.0.2.9 in-pre", "edge1/192.0.2.9 in-post", true},
        {"mended: a withdrawal", CHECK_PEER("00"), CHECK_ROUTE_2_BAD, "edge1/192.0.2.9 in-pre",
         "edge1/192.0.2.9 in-post", false},
        {"of no family of ours", CHECK_PEER("00"), CHECK_FLOWSPEC, "edge1/192.0.2.9 in-pre",
         "edge1/192.0.2.9 in-post", false},
        {"octets behind it", CHECK_PEER("00"), CHECK_ROUTE_2 "0000", "edge1/192.0.2.9 in-pre",
         "edge1/192.0.2.9 in-post", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct station st;
        station_init(&st);
        station_start(&st);
        int fd = call_from(&st, EDGE1);
        say(&st, fd, RM, CHECK_PEER("00") CHECK_ROUTE);
        say(&st, fd, RM, CHECK_PEER("40") CHECK_ROUTE);
        say(&st, fd, RM, CHECK_PEER6("80") CHECK_ROUTE6);
        char body[512];
        snprintf(body, sizeof body, "%s%s", rows[i].peer, rows[i].update);
        say(&st, fd, RM, body);
        uint32_t table = table_of(&st, rows[i].table);
        CHECK_ROW(rows[i].name, table != RIB_NO_PEER);
        CHECK_ROW(rows[i].name, rib_peer_is_partial(st.role->rib, table) == rows[i].doubted);
        CHECK_ROW(rows[i].name, !rib_peer_is_partial(st.role->rib, table_of(&st, rows[i].other)));
        if (rows[i].doubted) {
            const struct notice *notice = hear(&st, NOTICE_TABLE_DOUBTFUL);
            CHECK_ROW(rows[i].name, notice->raised && strcmp(notice->peer, rows[i].table) == 0);
        }
        close(fd);
        station_end(&st);
    }
}

static void believes_a_table_that_is_sent_anew(void **state)
{
    (void)state;
    static const struct {
        const char *peer, *up, *table;
    } rows[] = {
        {CHECK_PEER("00"), CHECK_UP, "edge1/192.0.2.9 in-pre"},
        {CHECK_PEER6("80"), "20010db8000000000000000000000001 00b3 9c40 " CHECK_OPEN CHECK_OPEN,
         "edge1/2001:db8::9 in-pre"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct station st;
        char up[512], good[512], bad[512], end[512];
        snprintf(up, sizeof up, "%s%s", rows[i].peer, rows[i].up);
        snprintf(good, sizeof good, "%s%s", rows[i].peer, CHECK_ROUTE);
        snprintf(bad, sizeof bad, "%s%s", rows[i].peer, CHECK_UNREADABLE);
        snprintf(end, sizeof end, "%s%s", rows[i].peer, CHECK_END_OF_RIB);
        station_init(&st);
        station_start(&st);
        struct rib *rib = st.role->rib;
        int fd = call_from(&st, EDGE1);
        say(&st, fd, UP, up);
        say(&st, fd, RM, good);
        say(&st, fd, RM, bad);
        // Neither more routes nor the end of the table make good what was lost.
        say(&st, fd, RM, good);
        say(&st, fd, RM, end);
        CHECK_ROW(rows[i].table, rib_peer_is_partial(rib, table_of(&st, rows[i].table)));
        CHECK_ROW(rows[i].table, routes_of(&st, rows[i].table, FAMILY_IPV4) == 1);
        CHECK_ROW(rows[i].table, hear(&st, NOTICE_TABLE_DOUBTFUL)->raised);
        say(&st, fd, UP, up);
        say(&st, fd, RM, good);
        CHECK_ROW(rows[i].table, !rib_peer_is_partial(rib, table_of(&st, rows[i].table)));
        route_watch_tick(st.role);
        CHECK_ROW(rows[i].table, !hear(&st, NOTICE_TABLE_DOUBTFUL)->raised);
        // What is still told of a peer that is down is not believed, and is no reason for doubt.
        say(&st, fd, DOWN, strcat(memcpy(end, rows[i].peer, strlen(rows[i].peer) + 1), "04"));
        say(&st, fd, RM, bad);
        CHECK_ROW(rows[i].table, !rib_peer_is_partial(rib, table_of(&st, rows[i].table)));
        close(fd);
        station_end(&st);
    }
}

// What was taken wrongly is forgotten, and the router does not send it again: whether or not there
// was a doubt before, there is one now.
static void doubts_a_table_that_was_misread(void **state)
{
    (void)state;
    const char *table = "edge1/192.0.2.9 in-pre";
    for (int unreadable = 0; unreadable < 2; unreadable++) {
        struct station st;
        station_init(&st);
        station_start(&st);
        struct rib *rib = st.role->rib;
        int fd = call_from(&st, EDGE1);
        say(&st, fd, UP, CHECK_PEER("00") CHECK_ENDS CHECK_OPEN_PATHS("3") CHECK_OPEN_PATHS("3"));
        say(&st, fd, RM,
            CHECK_PEER("00") CHECK_UPDATE("0031", "0014", CHECK_GOOD, "18c63364 080a"));
        assert_int_equal(routes_of(&st, table, FAMILY_IPV4), 2);
        if (unreadable)
            say(&st, fd, RM, CHECK_PEER("00") CHECK_UNREADABLE);
        assert_int_equal(rib_peer_is_partial(rib, table_of(&st, table)), unreadable);
        say(&st, fd, RM,
            CHECK_PEER("00") CHECK_UPDATE("0033", "0014", CHECK_GOOD, "01000001 18c63364"));
        assert_int_equal(routes_of(&st, table, FAMILY_IPV4), 1);
        assert_true(rib_peer_is_doubted(rib, table_of(&st, table)));
        assert_false(rib_peer_is_full(rib, table_of(&st, table)));
        assert_true(hear(&st, NOTICE_TABLE_DOUBTFUL)->raised);
        close(fd);
        station_end(&st);
    }
}

static void forgets_a_peer_that_is_down(void **state)
{
    (void)state;
    struct station st;
    station_init(&st);
    station_start(&st);
    int fd = call_from(&st, EDGE1);
    const char *pre = "edge1/192.0.2.9 in-pre", *vrf = "edge1/192.0.2.9/64500:7 in-pre";
    say(&st, fd, UP, CHECK_PEER("00") CHECK_UP);
    say(&st, fd, RM, CHECK_PEER("00") CHECK_ROUTE);
    say(&st, fd, RM, CHECK_VRF("7") CHECK_ROUTE);
    uint32_t number = table_of(&st, pre);
    say(&st, fd, DOWN, CHECK_PEER("00") "03" CHECK_CEASE);
    assert_int_equal(routes_of(&st, pre, FAMILY_IPV4), 0);
    assert_int_equal(routes_of(&st, vrf, FAMILY_IPV4), 1);
    const struct notice *notice = hear(&st, NOTICE_BMP_PEER_DOWN);
    assert_true(notice->raised && notice->router == EDGE1);
    assert_string_equal(notice->peer, "edge1/192.0.2.9");
    assert_string_equal(notice->text, "the peer said Cease/Administrative Shutdown");
    // What is still said of it does not come back before it is up.
    say(&st, fd, RM, CHECK_PEER("00") CHECK_ROUTE);
    assert_int_equal(routes_of(&st, pre, FAMILY_IPV4), 0);
    say(&st, fd, UP, CHECK_PEER("00") CHECK_UP);
    assert_false(hear(&st, NOTICE_BMP_PEER_DOWN)->raised);
    say(&st, fd, RM, CHECK_PEER("00") CHECK_ROUTE);
    assert_true(routes_of(&st, pre, FAMILY_IPV4) == 1 && table_of(&st, pre) == number);
    // A Peer Up without a Peer Down before it is a new session too.
    say(&st, fd, UP, CHECK_PEER("00") CHECK_UP);
    assert_int_equal(routes_of(&st, pre, FAMILY_IPV4), 0);
    close(fd);
    station_end(&st);
}

static void forgets_a_router_that_is_lost(void **state)
{
    (void)state;
    struct station st;
    station_init(&st);
    station_start(&st);
    int one = call_from(&st, EDGE1), two = call_from(&st, EDGE2);
    say(&st, one, RM, CHECK_PEER("00") CHECK_ROUTE);
    say(&st, one, DOWN, CHECK_VRF("7") "04");
    say(&st, two, RM, CHECK_PEER("00") CHECK_ROUTE);
    assert_true(hear(&st, NOTICE_BMP_PEER_DOWN)->raised);
    assert_int_equal(tables(&st), 2);
    close(one);
    assert_true(tables_become(&st, 1));
    assert_int_equal(routes_of(&st, "edge2/192.0.2.9 in-pre", FAMILY_IPV4), 1);
    // Of its peers nothing is known any more; of itself that it is gone.
    assert_false(hear(&st, NOTICE_BMP_PEER_DOWN)->raised);
    const struct notice *notice = hear(&st, NOTICE_BMP_ROUTER_DOWN);
    assert_true(notice->raised && notice->router == EDGE1);
    assert_string_equal(notice->text, "the router closed the connection");
    one = call_from(&st, EDGE1);
    assert_false(hear(&st, NOTICE_BMP_ROUTER_DOWN)->raised);
    say(&st, one, RM, CHECK_PEER("00") CHECK_ROUTE);
    assert_int_equal(tables(&st), 2);
    // It calls again while the old connection seems alive: the new one counts.
    int again = call_from(&st, EDGE1);
    assert_true(ends(&st, one) && !is_over(again));
    assert_int_equal(tables(&st), 1);
    say(&st, again, RM, CHECK_PEER("00") CHECK_ROUTE);
    assert_int_equal(tables(&st), 2);
    close(one);
    close(again);
    close(two);
    station_end(&st);
}

static void refuses_strangers(void **state)
{
    (void)state;
    struct station st;
    station_init(&st);
    station_start(&st);
    st.net.bmp.sender_count = SENDERS - 1;  // the last is a stranger now
    int fd = call_from(&st, SERVER);
    assert_true(is_over(fd));
    close(fd);
    station_end(&st);
}

static void calls_routers_that_wait(void **state)
{
    (void)state;
    for (uint32_t sender = EDGE1; sender <= EDGE2; sender++) {
        struct station st;
        station_init(&st);
        uint16_t port = 0;
        int listener = bound_socket(addresses[sender], &port);
        st.net.bmp.senders[sender].port = port;
        station_start(&st);
        route_bmp_tick(st.role);  // nobody is there yet: refused
        turns(&st);
        assert_int_equal(st.role->bmp.senders[sender].fd, -1);
        assert_string_equal(st.role->bmp.senders[sender].reason, "Connection refused");
        assert_int_equal(listen(listener, 1), 0);
        route_bmp_tick(st.role);  // too early
        assert_int_equal(st.role->bmp.senders[sender].fd, -1);
        st.role->now = mono_add_ms(st.role->now, ROUTE_BMP_RETRY_MIN_MS);
        route_bmp_tick(st.role);
        int fd = accept(listener, NULL, NULL);
        assert_true(fd >= 0);
        turns(&st);
        say(&st, fd, RM, CHECK_PEER("00") CHECK_ROUTE);
        assert_int_equal(tables(&st), 1);
        close(fd);
        close(listener);
        assert_true(tables_become(&st, 0));
        station_end(&st);
    }
}

static void tells_who_never_came(void **state)
{
    (void)state;
    struct station st;
    station_init(&st);
    station_start(&st);
    int fd = call_from(&st, EDGE2);
    st.role->now = mono_add_ms(st.role->started_at, ROUTE_BMP_LATE_MS);
    route_bmp_tick(st.role);
    route_bmp_tick(st.role);
    const struct notice *notice = hear(&st, NOTICE_BMP_ROUTER_DOWN);
    assert_string_equal(notice->peer, "edge1");
    assert_string_equal(notice->text, "it has not called");
    notice = hear(&st, NOTICE_BMP_ROUTER_DOWN);
    assert_true(strcmp(notice->peer, "rs") == 0 && notice->router == NET_NOBODY);
    close(call_from(&st, EDGE1));
    assert_false(hear(&st, NOTICE_BMP_ROUTER_DOWN)->raised);
    close(fd);
    station_end(&st);
}

static void keeps_what_is_told_beside_routes(void **state)
{
    (void)state;
    struct station st;
    station_init(&st);
    station_start(&st);
    int fd = call_from(&st, EDGE1);
    say(&st, fd, BMP_INITIATION, "0001 0002 0a22 0002 0004 65313c3e");
    say(&st, fd, UP,
        CHECK_PEER("00") CHECK_ENDS CHECK_OPEN_AS4 CHECK_OPEN_AS4
        "0003 0003 726564 0004 0002 c3a9");
    say(&st, fd, BMP_STATISTICS_REPORT,
        CHECK_PEER("00") "00000004 0000 0004 00000007 0008 0008 0000000000000009"
                         "0009 000b 0002 01 0000000000000005 0063 0004 00000001");
    say(&st, fd, BMP_ROUTE_MIRRORING,
        CHECK_PEER("00") "0001 0002 0001 0000 002f" CHECK_ROUTE "0000 0013" CHECK_MARK "0013 00");
    struct route_bmp_sender *sender = &st.role->bmp.senders[EDGE1];
    struct route_bmp_peer *peer = &sender->peers[0];
    assert_string_equal(sender->system_name, "e1<>");
    assert_string_equal(sender->system_description, "\\x0a\\x22");
    assert_string_equal(peer->table_name, "red");
    assert_string_equal(peer->admin_label, "\xc3\xa9");
    assert_int_equal(peer->statistics_told, 1 << 0 | 1 << 8 | 1 << 9);
    assert_true(peer->statistics[0] == 7 && peer->statistics[8] == 9);
    assert_int_equal(peer->gauges[ROUTE_BMP_IN_ROUTES][FAMILY_IPV6], 5);
    assert_true(peer->mirrored == 2 && peer->mirrored_errors == 1 && peer->mirrored_lost == 1);
    close(fd);
    station_end(&st);
}

// All lines of the answer; a router hangs up while it is made if `lost` is its socket.
static json_t *answer_by(struct station *st, const struct route_answer *by, const struct ask *ask,
                         int lost)
{
    struct route_job job = {.role = st->role, .fd = -1, .ask = *ask};
    json_t *lines = json_array();
    for (bool more = true; more;) {
        more = by->step(&job);
        if (lost >= 0)
            close(lost);
        if (lost >= 0)
            turns(st);
        lost = -1;
    }
    for (size_t at = 0; at < job.out_end;) {
        json_error_t error;
        json_t *line = json_loadb(job.out + at, job.out_end - at, JSON_DISABLE_EOF_CHECK, &error);
        if (!line)
            fail_msg("no JSON: %s", error.text);
        json_array_append_new(lines, line);
        at += (size_t)error.position + 1;
    }
    by->done(&job);
    free(job.out);
    return lines;
}

static json_t *answer(struct station *st, int lost)
{
    static const struct route_answer by = {route_bmp_show, route_bmp_show_done};
    return answer_by(st, &by, &(struct ask){.kind = ASK_BMP}, lost);
}

static const char *text_in(json_t *lines, size_t line, const char *object, const char *key)
{
    json_t *value = json_object_get(json_object_get(json_array_get(lines, line), object), key);
    return json_is_string(value) ? json_string_value(value) : "";
}

static void answers_what_it_knows(void **state)
{
    (void)state;
    struct station st;
    station_init(&st);
    station_start(&st);
    int one = call_from(&st, EDGE1), two = call_from(&st, EDGE2);
    say(&st, one, BMP_INITIATION, "0002 0002 7231");
    say(&st, one, UP, CHECK_PEER("00") CHECK_UP);
    say(&st, one, RM, CHECK_PEER("00") CHECK_ROUTE);
    say(&st, one, BMP_STATISTICS_REPORT,
        CHECK_PEER("00") "00000002 0000 0004 00000007 0009 000b 0002 01 0000000000000005");
    say(&st, one, DOWN, CHECK_VRF("7") "04");
    json_t *lines = answer(&st, -1);
    assert_int_equal(json_array_size(lines), 6);
    assert_string_equal(text_in(lines, 0, "router", "system_name"), "r1");
    assert_string_equal(text_in(lines, 1, "peer", "state"), "up");
    assert_string_equal(text_in(lines, 2, "peer", "peer"), "192.0.2.9/64500:7");
    assert_string_equal(text_in(lines, 2, "peer", "reason"), "the connection to the peer was lost");
    assert_string_equal(text_in(lines, 4, "router", "router"), "rs");
    json_t *peer = json_object_get(json_array_get(lines, 1), "peer");
    char *statistics = json_dumps(json_object_get(peer, "statistics"), JSON_COMPACT);
    assert_string_equal(statistics, "{\"rejected_prefixes\":7,\"adj_rib_in_family_routes\":"
                                    "{\"ipv4\":0,\"ipv6\":5}}");
    json_t *table = json_array_get(json_object_get(peer, "tables"), 0);
    assert_int_equal(json_integer_value(json_object_get(table, "routes_ipv4")), 1);
    free(statistics);
    json_decref(lines);
    // Whoever is lost under way is told of as far as it was known then.
    lines = answer(&st, one);
    assert_true(json_array_size(lines) >= 4);
    json_decref(lines);
    close(two);
    station_end(&st);
}

// A peer's table that is not known whole makes the answer incomplete; what a router says it sends
// or chose is not asked.
static void says_whose_tables_make_what_if_doubtful(void **state)
{
    (void)state;
    static const struct {
        const char *said, *incomplete;
    } steps[] = {
        {CHECK_PEER("00") CHECK_END_OF_RIB, "[\"edge1\",\"edge2\"]"},
        {CHECK_PEER("00") CHECK_ROUTE, "[\"edge1\",\"edge2\"]"},
        {CHECK_PEER("50") CHECK_UNREADABLE, "[\"edge1\",\"edge2\"]"},
        {CHECK_PEER("00") CHECK_UNREADABLE, "[\"edge1\",\"edge2\",\"edge1/192.0.2.9 in-pre\"]"},
        {CHECK_PEER("40") CHECK_ROUTE,  // of which the end was not told yet
         "[\"edge1\",\"edge2\",\"edge1/192.0.2.9 in-pre\",\"edge1/192.0.2.9 in-post\"]"},
    };
    static const struct route_answer by = {route_whatif_step, route_whatif_done};
    struct ask ask = {.kind = ASK_WHATIF, .whatif = {"router edge1", false}};
    struct station st;
    station_init(&st);
    station_start(&st);
    int fd = call_from(&st, EDGE1);
    say(&st, fd, UP, CHECK_PEER("00") CHECK_UP);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        say(&st, fd, RM, steps[i].said);
        json_t *lines = answer_by(&st, &by, &ask, -1);
        json_t *done = json_array_get(lines, json_array_size(lines) - 1);
        char *got = json_dumps(json_object_get(done, "incomplete"), JSON_COMPACT);
        if (!got || strcmp(got, steps[i].incomplete) != 0)
            fail_msg("step %zu: %s", i, got ? got : "nothing");
        free(got);
        json_decref(lines);
    }
    close(fd);
    station_end(&st);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_every_table_of_a_peer),
        cmocka_unit_test(lends_the_choice_to_the_kernel),
        cmocka_unit_test(completes_tables),
        cmocka_unit_test(doubts_a_table_after_an_unusable_update),
        cmocka_unit_test(believes_a_table_that_is_sent_anew),
        cmocka_unit_test(doubts_a_table_that_was_misread),
        cmocka_unit_test(forgets_a_peer_that_is_down),
        cmocka_unit_test(forgets_a_router_that_is_lost),
        cmocka_unit_test(refuses_strangers),
        cmocka_unit_test(calls_routers_that_wait),
        cmocka_unit_test(tells_who_never_came),
        cmocka_unit_test(keeps_what_is_told_beside_routes),
        cmocka_unit_test(answers_what_it_knows),
        cmocka_unit_test(says_whose_tables_make_what_if_doubtful),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
