// SPDX-License-Identifier: ISC
// The station and routers that lie, break off, or never stop.
#include "role/route_bmp_check.h"
#include "role/route_dump.h"

#include <jansson.h>

// What is malformed costs its message; what cannot be framed, and a farewell, the stream.
static void judges_what_it_hears(void **state)
{
    (void)state;
    static const struct {
        const char *name, *octets;
        bool over;
        uint64_t malformed, unknown;
    } rows[] = {
        {"peer header cut", "03 0000001a 00 00000000000000000000000000000000 00000000", false, 1,
         0},
        {"a bad UPDATE",
         "03 00000043 00 " CHECK_PEER("00") "00000000000000000000000000000000 0014 02", false, 1,
         0},
        {"unknown type", "03 00000007 63 61", false, 0, 1},
        {"unknown peer type",
         "03 00000031 02 ff 00" CHECK_ZEROS CHECK_ZEROS CHECK_ZEROS CHECK_REST "01", false, 0, 1},
        {"version 0", "00 00000006 04", true, 1, 0},
        {"length 5", "03 00000005 04", true, 1, 0},
        {"length 4 GiB", "03 ffffffff 00", true, 1, 0},
        {"termination", "03 0000000c 05 0001 0002 0002", true, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct station st;
        uint8_t bytes[256];
        station_init(&st);
        station_start(&st);
        int fd = call_from(&st, EDGE1), other = call_from(&st, EDGE2);
        say(&st, other, RM, CHECK_PEER("00") CHECK_ROUTE);
        say(&st, fd, RM, CHECK_PEER("00") CHECK_ROUTE);
        send_all(&st, fd, bytes, check_hex(rows[i].octets, bytes));
        say(&st, fd, RM, CHECK_PEER("00") CHECK_ROUTE_2);
        CHECK_ROW(rows[i].name, is_over(fd) == rows[i].over && !is_over(other));
        CHECK_ROW(rows[i].name,
                  routes_of(&st, "edge1/192.0.2.9 in-pre", FAMILY_IPV4) == (rows[i].over ? 0 : 2));
        CHECK_ROW(rows[i].name, routes_of(&st, "edge2/192.0.2.9 in-pre", FAMILY_IPV4) == 1);
        CHECK_ROW(rows[i].name, st.role->bmp.senders[EDGE1].malformed == rows[i].malformed);
        CHECK_ROW(rows[i].name, st.role->bmp.senders[EDGE1].unknown == rows[i].unknown);
        if (rows[i].malformed > 0)
            CHECK_ROW(rows[i].name,
                      strncmp(hear(&st, NOTICE_MALFORMED_MESSAGES)->peer, "edge1", 5) == 0);
        close(fd);
        close(other);
        station_end(&st);
    }
}

static size_t whole_story(uint8_t *bytes)
{
    static const struct {
        uint8_t type;
        const char *body;
    } messages[] = {
        {BMP_INITIATION, "0001 0001 78 0002 0002 7231"},
        {UP, CHECK_PEER("00") CHECK_UP "0003 0003 726564"},
        {RM, CHECK_PEER("00") CHECK_ROUTE},
        {RM, CHECK_PEER("40") CHECK_ROUTE6},
        {RM, CHECK_PEER("00") CHECK_END_OF_RIB},
        {BMP_STATISTICS_REPORT, CHECK_PEER("00") "00000001 0000 0004 00000007"},
        {BMP_ROUTE_MIRRORING, CHECK_PEER("00") "0001 0002 0001 0000 0015" CHECK_CEASE},
        {DOWN, CHECK_PEER("00") "03" CHECK_CEASE},
        {UP, CHECK_PEER("00") CHECK_UP},
        {RM, CHECK_PEER("00") CHECK_ROUTE_2},
    };
    size_t size = 0;
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++)
        size += check_bmp(messages[i].type, messages[i].body, bytes + size);
    return size;
}

static void hears_the_same_in_any_pieces(void **state)
{
    (void)state;
    static const size_t pieces[] = {1, 7, 100, 1400};
    uint8_t bytes[2048];
    size_t size = whole_story(bytes);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct station st;
        station_init(&st);
        station_start(&st);
        int fd = call_from(&st, EDGE1);
        for (size_t at = 0; at < size; at += pieces[i]) {
            send_all(&st, fd, bytes + at, pieces[i] < size - at ? pieces[i] : size - at);
            turn(&st);
        }
        turns(&st);
        assert_int_equal(routes_of(&st, "edge1/192.0.2.9 in-pre", FAMILY_IPV4), 1);
        assert_int_equal(routes_of(&st, "edge1/192.0.2.9 in-post", FAMILY_IPV6), 0);
        assert_int_equal(st.role->bmp.senders[EDGE1].messages, 10);
        close(fd);
        station_end(&st);
    }
}

// FRR 02da52d22e and others used what a lost session had freed: here it is lost at every octet.
static void survives_a_loss_at_every_octet(void **state)
{
    (void)state;
    uint8_t bytes[2048];
    size_t size = whole_story(bytes);
    struct station st;
    station_init(&st);
    station_start(&st);
    int other = call_from(&st, EDGE2);
    say(&st, other, RM, CHECK_PEER("00") CHECK_ROUTE);
    for (size_t cut = 0; cut <= size; cut++) {
        uint16_t any = 0;
        int fd = bound_socket(addresses[EDGE1], &any);
        union endpoint to = endpoint_of(check_address("127.0.0.1"), st.net.bmp.port);
        assert_int_equal(connect(fd, &to.any, endpoint_size(&to)), 0);
        send_all(&st, fd, bytes, cut);
        struct linger reset = {.l_onoff = 1};
        if (cut % 2)
            assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset), 0);
        for (int i = 0; i < 4; i++)
            turn(&st);
        close(fd);
        for (int i = 0; i < 8; i++)
            turn(&st);
        assert_true(tables_become(&st, 1));
        while (rib_sweep(st.role->rib))
            ;
    }
    assert_int_equal(routes_of(&st, "edge2/192.0.2.9 in-pre", FAMILY_IPV4), 1);
    close(other);
    station_end(&st);
}

static void keeps_within_its_limits(void **state)
{
    (void)state;
    struct station st;
    station_init(&st);
    station_start(&st);
    int fd = call_from(&st, EDGE1);
    static const char *const vrfs[] = {
        CHECK_VRF("1") CHECK_ROUTE, CHECK_VRF("2") CHECK_ROUTE, CHECK_VRF("3") CHECK_ROUTE,
        CHECK_VRF("4") CHECK_ROUTE, CHECK_VRF("5") CHECK_ROUTE, CHECK_VRF("6") CHECK_ROUTE,
    };
    for (size_t i = 0; i < sizeof vrfs / sizeof vrfs[0]; i++)
        say(&st, fd, RM, vrfs[i]);
    assert_int_equal(tables(&st), 4);  // peers_max
    assert_int_equal(st.role->bmp.senders[EDGE1].unknown, 2);
    // All numbers of the RIB in use: an ordinary no, until some are free again.
    uint32_t taken[RIB_PEERS_MAX], count = 0;
    for (uint32_t peer; (peer = rib_peer_open(st.role->rib, RIB_PEER_FIB)) != RIB_NO_PEER;)
        taken[count++] = peer;
    int other = call_from(&st, EDGE2);
    say(&st, other, RM, CHECK_PEER("00") CHECK_ROUTE);
    assert_int_equal(routes_of(&st, "edge2/192.0.2.9 in-pre", FAMILY_IPV4), 0);
    while (count > 0)
        rib_peer_close(st.role->rib, taken[--count]);
    say(&st, other, RM, CHECK_PEER("00") CHECK_ROUTE);
    assert_int_equal(routes_of(&st, "edge2/192.0.2.9 in-pre", FAMILY_IPV4), 1);
    close(fd);
    close(other);
    station_end(&st);
}

// Two routers that send without end: each turn takes a bounded piece, and both get theirs.
static void takes_bounded_pieces(void **state)
{
    (void)state;
    uint8_t message[512];
    size_t size = check_bmp(RM, CHECK_PEER("00") CHECK_ROUTE, message);
    struct station st;
    station_init(&st);
    station_start(&st);
    int fds[] = {call_from(&st, EDGE1), call_from(&st, EDGE2), call_from(&st, SERVER)};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &(int){1 << 20}, sizeof(int)),
                         0);
        for (int n = 0; n < 4000 && send(fds[i], message, size, MSG_DONTWAIT) == (ssize_t)size; n++)
            ;
    }
    uint64_t before[3] = {0}, heard = 0, most = ROUTE_BMP_TURN_MAX / size + 3;
    for (int n = 0; n < 6; n++) {
        turn(&st);
        uint64_t sum = 0;
        for (int i = 0; i < 3; i++) {
            sum += st.role->bmp.senders[i].messages - before[i];
            before[i] = st.role->bmp.senders[i].messages;
        }
        assert_true(sum <= most);
        heard += sum;
    }
    assert_true(heard > most);
    for (int i = 0; i < 3; i++) {
        assert_true(before[i] > 0);
        close(fds[i]);
    }
    station_end(&st);
}

static void waits_while_the_engine_does(void **state)
{
    (void)state;
    struct station st;
    station_init(&st);
    station_start(&st);
    int fd = call_from(&st, EDGE1);
    st.role->paused = true;
    turn(&st);
    say(&st, fd, RM, CHECK_PEER("00") CHECK_ROUTE);
    assert_int_equal(st.role->bmp.senders[EDGE1].messages, 0);
    st.role->paused = false;
    turn(&st);
    st.role->bmp.senders[EDGE1].ready = st.role->paused = true;  // heard of it just before
    route_bmp_turn(st.role);
    assert_int_equal(st.role->bmp.senders[EDGE1].messages, 0);
    st.role->paused = false;
    turns(&st);
    assert_int_equal(routes_of(&st, "edge1/192.0.2.9 in-pre", FAMILY_IPV4), 1);
    close(fd);
    station_end(&st);
}

// As many times in one go: the same message, which need not change anything.
static void say_often(struct station *st, int fd, const char *body, int times)
{
    uint8_t bytes[1024];
    size_t size = check_bmp(RM, body, bytes);
    const struct route_bmp_sender *sender = station_end_of(st, fd);
    uint64_t all = sender->messages + (uint64_t)times;
    struct mono end = mono_add_ms(now_mono(), WAIT_MS);
    for (int i = 0; i < times; i++)
        assert_int_equal(send(fd, bytes, size, MSG_NOSIGNAL), size);
    while (sender->messages < all && !mono_reached(now_mono(), end))
        turn(st);
    turns(st);
}

static void look_in(struct station *st, int64_t ms)
{
    st->role->now = mono_add_ms(st->role->now, ms);
    st->role->watch.look_at = st->role->now;
    route_watch_tick(st->role);
}

// Far more in ten seconds than a table so small ever has, of one peer of a router: told once, with
// the numbers, and told when it is over.
static void tells_of_unusual_churn(void **state)
{
    (void)state;
    static const struct {
        const char *route, *end, *name;
    } rows[] = {
        {CHECK_PEER("00") CHECK_ROUTE, CHECK_PEER("00") CHECK_END_OF_RIB, "edge1/192.0.2.9 in-pre"},
        {CHECK_PEER6("80") CHECK_ROUTE6, CHECK_PEER6("80") CHECK_END_OF_RIB6,
         "edge1/2001:db8::9 in-pre"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct station st;
        station_init(&st);
        station_start(&st);
        int fd = call_from(&st, EDGE1);
        say(&st, fd, RM, rows[i].route);
        say(&st, fd, RM, rows[i].end);
        struct churn *churn = &st.role->watch.churn[table_of(&st, rows[i].name)];
        say_often(&st, fd, rows[i].route, CHURN_FLOOR - 2);
        churn->complete_at = mono_add_ms(churn->complete_at, -(CHURN_SETTLE_S + 10) * 1000);
        look_in(&st, 1);
        CHECK_ROW(rows[i].name, !churn->unusual);
        say_often(&st, fd, rows[i].route, 1);
        look_in(&st, 1);
        const struct notice *notice = hear(&st, NOTICE_CHURN);
        CHECK_ROW(rows[i].name, notice->raised && strcmp(notice->peer, rows[i].name) == 0);
        CHECK_ROW(rows[i].name, notice->count == CHURN_FLOOR && notice->total == CHURN_FLOOR);
        CHECK_ROW(rows[i].name, notice->router == EDGE1);
        look_in(&st, 61000);
        notice = hear(&st, NOTICE_CHURN);
        CHECK_ROW(rows[i].name, !notice->raised && strcmp(notice->peer, rows[i].name) == 0);
        close(fd);
        station_end(&st);
    }
}

// The dump of the tables has those that BMP tells of, an own place for each, and a Loc-RIB by the
// address of its router; what is told last counts all octets of all pieces.
static void dumps_what_routers_tell(void **state)
{
    (void)state;
    enum { MANY = 2000 };
    struct station st;
    station_init(&st);
    for (uint32_t router = 0; router < st.net.router_count; router++)
        st.net.routers[router].address = check_address("192.0.2.77");
    station_start(&st);
    int fd = call_from(&st, EDGE1);
    say(&st, fd, UP, CHECK_PEER("00") CHECK_UP);
    say(&st, fd, RM, CHECK_PEER("00") CHECK_ROUTE);
    say(&st, fd, RM, CHECK_LOC_RIB CHECK_ROUTE6);
    uint32_t table = table_of(&st, "edge1/192.0.2.9 in-pre");
    static const uint8_t path[] = {2, 1, 0, 0, 0xfd, 0xe9};
    struct rib_attributes a = {.next_hop = check_address("192.0.2.1"), .as_path = {path, 6}};
    uint32_t set = rib_attributes_take(st.role->rib, &a);
    for (uint32_t i = 0; i < MANY; i++) {
        uint8_t bytes[4] = {20, (uint8_t)(i >> 8), (uint8_t)i};
        struct prefix prefix = prefix_of(address_from_bytes(FAMILY_IPV4, bytes), 24);
        assert_int_equal(rib_learn(st.role->rib, table, prefix, 0, set), RIB_CHANGED);
    }
    rib_attributes_give(st.role->rib, set);
    struct route_job job = {.role = st.role, .fd = -1, .ask.kind = ASK_TABLE};
    json_t *line = NULL;
    json_int_t octets = 0, pieces = 0, piece = 0;
    while (route_dump_step(&job))
        ;
    for (size_t at = 0; at < job.out_end; at += (size_t)piece) {
        json_error_t error;
        json_decref(line);
        line = json_loadb(job.out + at, job.out_end - at, JSON_DISABLE_EOF_CHECK, &error);
        assert_non_null(line);
        at += (size_t)error.position + 1;
        piece = json_integer_value(json_object_get(line, "piece"));
        pieces += piece > 0;
        octets += piece;
    }
    assert_true(pieces > 1);
    assert_int_equal(json_integer_value(json_object_get(line, "bytes")), octets);
    assert_int_equal(json_integer_value(json_object_get(line, "routes")), MANY + 2);
    assert_int_equal(json_integer_value(json_object_get(line, "peers")), st.net.router_count + 2);
    json_decref(line);
    route_dump_done(&job);
    free(job.out);
    close(fd);
    station_end(&st);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_what_it_hears),
        cmocka_unit_test(hears_the_same_in_any_pieces),
        cmocka_unit_test(survives_a_loss_at_every_octet),
        cmocka_unit_test(keeps_within_its_limits),
        cmocka_unit_test(takes_bounded_pieces),
        cmocka_unit_test(waits_while_the_engine_does),
        cmocka_unit_test(tells_of_unusual_churn),
        cmocka_unit_test(dumps_what_routers_tell),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
