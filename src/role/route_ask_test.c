// SPDX-License-Identifier: ISC
// Questions about the tables, asked as the engine's process hands them over.
#include "engine/ask.h"
#include "mrt/item.h"
#include "role/handover.h"
#include "role/route_ask.h"
#include "role/route_check.h"

#include <jansson.h>
#include <sys/socket.h>

#define V4 "203.0.113.0/24"
#define ATTRIBUTES "400101 00 40020a 0202 0000fde9 0000fe4c 400504 00000064 "
#define COMMUNITIES "c00804 fbf40001 e0200c 0000fbf4 00000001 00000002 "
#define MP "800e20 0002 01 10 20010db8 000000a1 00000000 00000001 00 00000001 30 20010db8000f "

static void world_up(struct world *w)
{
    world_init(w);
    w->net.own_count = 1;
    w->net.own[0].prefix = check_prefix(V4);
    w->net.own[0].origins = (struct net_as_numbers){1, {65100}};
    w->net.routers[EDGE2].fib = (struct net_fib){
        .from = NET_FIB_AGENT, .address = check_address("127.0.0.13"), .port = 1, .table = 254};
    world_start(w);
    for (uint32_t i = 0; i < 2; i++) {
        router_accept(&w->routers[i]);
        router_establish(&w->routers[i]);
    }
    router_say(&w->routers[EDGE1], BGP_UPDATE,
               "0000 0035 " ATTRIBUTES COMMUNITIES "400304 0a000101 00000001 18 cb0071");
    router_say(&w->routers[EDGE2], BGP_UPDATE,
               "0000 001f " ATTRIBUTES "400304 0a000201 00000007 18 cb0071");
    router_say(&w->routers[EDGE1], BGP_UPDATE, "0000 003b " MP ATTRIBUTES);
    for (uint32_t i = 0; i < 2; i++) {
        router_say(&w->routers[i], BGP_UPDATE, "0000 0000");
        router_say(&w->routers[i], BGP_UPDATE, "0000 0006 800f03 0002 01");
    }
    for (int complete = 0; complete < 4;)
        complete += engine_hear(w, EVENT_SESSION)->session.state == SESSION_COMPLETE;
}

// Hands a question over; gives our end of the connection.
static int hand_over(const struct world *w, const char *question)
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(handover_send(w->handover, question, strlen(question), pair[1]), 0);
    close(pair[1]);
    return pair[0];
}

// The whole answer as an array of its lines.
static json_t *hear_all(int fd)
{
    FILE *file = fdopen(fd, "r");
    json_t *lines = json_array();
    char *line = NULL;
    size_t room = 0;
    wait_readable(fd, "an answer");
    while (getline(&line, &room, file) > 0) {
        json_t *json = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(json);
        json_array_append_new(lines, json);
    }
    free(line);
    fclose(file);
    return lines;
}

static json_t *ask(const struct world *w, const struct ask *ask)
{
    char question[ASK_LINE_MAX];
    assert_true(ask_write(ask, question, sizeof question) > 0);
    return hear_all(hand_over(w, question));
}

// The same after a crowd that may not be gone yet: asks again, as the answer says, until it is.
static json_t *ask_after_others(const struct world *w, const struct ask *question)
{
    for (int tries = 0; tries < 1000; tries++) {
        json_t *lines = ask(w, question);
        const char *error = json_string_value(json_object_get(json_array_get(lines, 0), "error"));
        if (!error || strncmp(error, "too many", 8) != 0)
            return lines;
        json_decref(lines);
        poll(NULL, 0, 10);
    }
    fail_msg("the places of those who went are not free");
    return NULL;
}

// Follows a way like "1.path.communities.0" and says what stands there.
static const char *at(const json_t *json, const char *way, char *text)
{
    char copy[128], *rest = strcpy(copy, way), *word;
    while ((word = strtok_r(rest, ".", &rest)))
        json = json_is_array(json) ? json_array_get(json, (size_t)atoi(word))
                                   : json_object_get(json, word);
    if (json_is_string(json))
        return json_string_value(json);
    size_t size = json ? json_dumpb(json, text, 256, JSON_ENCODE_ANY | JSON_COMPACT) : 0;
    text[size < 256 ? size : 0] = '\0';
    return text;
}

struct row {
    const char *way, *value;
};

static void check(json_t *lines, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char text[256];
        const char *value = at(lines, rows[i].way, text);
        if (strcmp(value, rows[i].value) != 0)
            fail_msg("%s is '%s', not '%s', in\n%s", rows[i].way, value, rows[i].value,
                     json_dumps(lines, JSON_INDENT(1)));
    }
    json_decref(lines);
}

#define CHECK(lines, rows) check(lines, rows, sizeof(rows) / sizeof((rows)[0]))

static const struct row of_prefix[] = {
    {"0.prefix", V4},
    {"0.own", "true"},
    {"1.path.peer", "edge1"},
    {"1.path.kind", "session"},
    {"1.path.router", "edge1"},
    {"1.path.as_path", "65001 65100"},
    {"1.path.origin", "igp"},
    {"1.path.local_pref", "100"},
    {"1.path.med", ""},
    {"1.path.communities", "[\"64500:1\"]"},
    {"1.path.large_communities", "[\"64500:1:2\"]"},
    {"2.path.peer", "edge2"},
    {"2.path.upstream", "transit-b"},
    {"2.path.path_id", "7"},
    {"2.path.best", "true"},
    {"2.path.next_hop", "10.0.2.1"},
    {"2.path.communities", ""},
    {"3.seen.peer", "edge1"},
    {"3.seen.state", "present"},
    {"5.change.before", "null"},
    {"5.change.after.origin_as", "65100"},
    {"7.done", "true"},
    {"7.paths", "2"},
};

static const struct row of_address[] = {
    {"0.of", "2001:db8:f:1::1"}, {"0.prefix", "2001:db8:f::/48"},
    {"0.own", "false"},          {"1.path.upstream", "transit-a"},
    {"2.done", "true"},          {"2.paths", "1"},
};

static const struct row of_nothing[] = {
    {"0.prefix", "null"},
    {"1.paths", "0"},
};

static const struct row of_upstreams[] = {
    {"0.peer.peer", "edge1"},
    {"0.peer.routes_ipv4", "1"},
    {"0.peer.routes_ipv6", "1"},
    {"0.peer.complete", "[\"ipv4\",\"ipv6\"]"},
    {"0.peer.partial", "false"},
    {"0.peer.paths.0.upstream", "transit-a"},
    {"0.peer.paths.0.ipv4", "1"},
    {"0.peer.paths.0.ipv6", "1"},
    {"1.peer.paths.0.upstream", "transit-b"},
    {"0.peer.churn.1h.announced", "2"},
    {"1.peer.routes_ipv6", "0"},
    {"1.peer.churn.1min.sessions_lost", "0"},
    {"2.done", "true"},
    {"2.peers", "2"},
};

static const struct row of_upstream_drained[] = {
    {"0.move.prefix", V4},
    {"0.move.routers.edge1.from", "transit-a"},
    {"0.move.routers.edge1.to", "transit-b"},
    {"0.move.routers.edge2.from", ""},
    {"0.move.ways_after", "1"},
    {"1.move.prefix", "2001:db8:f::/48"},
    {"1.move.routers.edge2.to", "null"},
    {"2.summary.family", "ipv4"},
    {"2.summary.prefixes", "1"},
    {"2.summary.moved", "1"},
    {"2.summary.one_way", "1"},
    {"2.summary.gained.transit-b", "1"},
    {"3.summary.lost", "1"},
    {"3.summary.moved", "0"},
    {"4.done", "true"},
    {"4.lost", "1"},
    {"4.incomplete", "[]"},
};

static const struct row of_router_drained[] = {
    {"0.summary.moved", "0"},
    {"0.summary.one_way", "1"},
    {"1.summary.lost", "0"},
    {"2.done", "true"},
};

static const struct row of_no_such[] = {
    {"0.error", "there is no upstream 'edge1': there are transit-a, transit-b"},
};

static const struct row of_kernels[] = {
    {"0.kernel.router", "edge2"},
    {"0.kernel.from", "agent 127.0.0.13 port 1"},
    {"0.kernel.known", "false"},
    {"0.kernel.routes_ipv6", "0"},
    {"0.kernel.compared_at", "null"},
    {"0.kernel.found", "{}"},
    {"1.done", "true"},
    {"1.kernels", "1"},
    {"1.lost", "1"},
    {"1.findings", "0"},
};

static const struct row of_no_kernel[] = {{"0.done", "true"}, {"0.kernels", "0"}};

static const struct row of_no_router[] = {
    {"0.error", "there is no router 'transit-a' in the configuration"},
};

static void says_what_kernels_have(void **state)
{
    (void)state;
    struct world w;
    world_up(&w);
    CHECK(ask(&w, &(struct ask){.kind = ASK_FIB, .version = 1}), of_kernels);
    CHECK(ask(&w, &(struct ask){ASK_FIB, 1, .fib = {"edge2"}}), of_kernels);
    CHECK(ask(&w, &(struct ask){ASK_FIB, 1, .fib = {"edge1"}}), of_no_kernel);
    CHECK(ask(&w, &(struct ask){ASK_FIB, 1, .fib = {"transit-a"}}), of_no_router);
    world_end(&w, 0);
}

static const struct row of_dump[] = {
    {"done", "true"},
    {"peers", "2"},
    {"routes", "3"},
    {"left_out", "0"},
};

// The archive's octets into `archive`; gives the last line.
static json_t *hear_archive(int fd, uint8_t *archive, size_t room, size_t *size)
{
    FILE *file = fdopen(fd, "r");
    char line[256];
    json_t *json = NULL;
    *size = 0;
    wait_readable(fd, "an archive");
    while (fgets(line, sizeof line, file)) {
        assert_null(json_object_get(json, "done"));
        json_decref(json);
        json = json_loads(line, 0, NULL);
        assert_non_null(json);
        size_t piece = (size_t)json_integer_value(json_object_get(json, "piece"));
        assert_true(piece <= room - *size);
        assert_int_equal(fread(archive + *size, 1, piece, file), piece);
        *size += piece;
    }
    fclose(file);
    return json;
}

static void check_archive(const uint8_t *archive, size_t size)
{
    struct mrt_reader reader = mrt_reader_over(archive, size, 0);
    struct mrt_record record;
    struct mrt_peers peers = {0};
    struct mrt_item item;
    struct mrt_entry entry;
    uint32_t routes[2] = {0};
    while (mrt_reader_next(&reader, &record) == MRT_RECORD) {
        mrt_item_decode(&record, &peers, &item);
        assert_true(item.kind == MRT_PEERS || item.kind == MRT_RIB);
        while (mrt_entry_next(&item, &entry))
            routes[entry.peer_index]++;
    }
    assert_int_equal(mrt_reader_left(&reader), 0);
    assert_int_equal(peers.count, 2);
    assert_int_equal(peers.collector_id, 0xc0000205);
    assert_true(address_equal(peers.list[1].address, check_address("::1")));
    assert_int_equal(peers.list[1].as, 64500);
    assert_int_equal(peers.list[1].id, 0x0a000002);
    assert_int_equal(routes[EDGE1], 2);
    assert_int_equal(routes[EDGE2], 1);
    mrt_peers_done(&peers);
}

// Those who do not read, or go, leave no snapshot behind: there are fewer than they are.
static void dumps_the_table(void **state)
{
    (void)state;
    static const char question[] = "{\"ask\":\"table\",\"version\":1}";
    struct world w;
    uint8_t archive[4096];
    size_t size;
    world_up(&w);
    for (int i = 0; i < 64; i++)
        close(hand_over(&w, question));
    CHECK(ask_after_others(&w, &(struct ask){ASK_ROUTES, 1, .routes = {"192.0.2.1"}}), of_nothing);
    json_t *done = hear_archive(hand_over(&w, question), archive, sizeof archive, &size);
    assert_int_equal(json_integer_value(json_object_get(done, "bytes")), size);
    CHECK(done, of_dump);
    check_archive(archive, size);
    world_end(&w, 0);
}

static void says_what_if(void **state)
{
    (void)state;
    struct world w;
    world_up(&w);
    CHECK(ask(&w, &(struct ask){ASK_WHATIF, 1, .whatif = {"upstream transit-a", true}}),
          of_upstream_drained);
    CHECK(ask(&w, &(struct ask){ASK_WHATIF, 1, .whatif = {"router edge2", false}}),
          of_router_drained);
    CHECK(ask(&w, &(struct ask){ASK_WHATIF, 1, .whatif = {"upstream edge1", false}}), of_no_such);
    world_end(&w, 0);
}

static const struct row of_traffic[] = {
    {"2.traffic.way", "transit-a"},
    {"2.traffic.drained", "true"},
    {"2.traffic.use_bps", "900000000"},
    {"2.traffic.gains", ""},
    {"3.traffic.way", "transit-b"},
    {"3.traffic.capacity_bps", "1000000000"},
    {"3.traffic.use_bps", "200000000"},
    {"3.traffic.ipv4", "{\"least\":0,\"most\":500000000}"},  // edge2 leaves by its own
    {"3.traffic.ipv6", "{\"least\":0,\"most\":0}"},
    {"3.traffic.untold", "{\"least\":0,\"most\":870000000}"},
    {"3.traffic.after", "{\"least\":200000000,\"most\":1100000000}"},
    {"3.traffic.fits", "null"},
    {"4.done", "true"},
    {"4.all_traffic.leaves.least", "900000000"},
    {"4.all_traffic.no_way", "{\"least\":30000000,\"most\":900000000}"},
    {"4.all_traffic.lost", "{\"least\":30000000,\"most\":900000000}"},
};

// The question's line and what comes along; gives our end of the connection.
static int hand_both_over(const struct world *w, const struct traffic *traffic, size_t size)
{
    static char both[ROUTE_ASK_BYTES_MAX];
    const struct ask question = {ASK_WHATIF, 1, .whatif = {"upstream transit-a", false}};
    size_t length = ask_write(&question, both, ASK_LINE_MAX);
    int pair[2];
    both[length] = '\n';
    memcpy(both + length + 1, traffic, size);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(handover_send(w->handover, both, length + 1 + size, pair[1]), 0);
    close(pair[1]);
    return pair[0];
}

// As much as may come along, in both families; of what is no such thing nothing is told.
static void says_what_traffic_if(void **state)
{
    (void)state;
    static struct traffic t = {
        .upstreams = {{-1, -1, 900000000}, {1000000000, 800000000, 200000000}},
        .count = DEMAND_MAX,
    };
    struct world w;
    world_up(&w);
    for (uint32_t i = 0; i < DEMAND_MAX; i++) {
        t.items[i] = (struct traffic_item){check_prefix("198.51.0.0/24"), 1000};
        t.items[i].prefix.address.bytes[2] = (uint8_t)(i % 100);
    }
    t.items[7] = (struct traffic_item){check_prefix(V4), 500000000};
    t.items[DEMAND_MAX - 1] = (struct traffic_item){check_prefix("2001:db8:f::/48"), 30000000};
    CHECK(hear_all(hand_both_over(&w, &t, traffic_size(&t))), of_traffic);
    static const char error[] = "too many questions at once: ask again";
    for (size_t cut = 1; cut < traffic_size(&t); cut *= 30) {
        json_t *lines = hear_all(hand_both_over(&w, &t, traffic_size(&t) - cut));
        CHECK(lines, ((struct row[]){{"0.error", error}}));
    }
    t.count = DEMAND_MAX + 1;
    CHECK(hear_all(hand_both_over(&w, &t, sizeof t)), ((struct row[]){{"0.error", error}}));
    world_end(&w, 0);
}

static void answers_from_the_tables(void **state)
{
    (void)state;
    struct world w;
    world_up(&w);
    CHECK(ask(&w, &(struct ask){ASK_ROUTES, 1, .routes = {V4}}), of_prefix);
    CHECK(ask(&w, &(struct ask){ASK_ROUTES, 1, .routes = {"2001:db8:f:1::1"}}), of_address);
    CHECK(ask(&w, &(struct ask){ASK_ROUTES, 1, .routes = {"192.0.2.0/24"}}), of_nothing);
    CHECK(ask(&w, &(struct ask){ASK_ROUTES, 1, .routes = {"192.0.2.1"}}), of_nothing);
    CHECK(ask(&w, &(struct ask){.kind = ASK_UPSTREAMS, .version = 1}), of_upstreams);
    json_t *lines = ask(&w, &(struct ask){ASK_ROUTES, 1, .routes = {"edge1"}});
    assert_int_equal(json_array_size(lines), 1);
    assert_non_null(json_object_get(json_array_get(lines, 0), "error"));
    json_decref(lines);
    world_end(&w, 0);
}

// Neither rubbish nor people who do not read nor the end of the engine's side harm the sessions.
static void goes_on_whoever_asks(void **state)
{
    (void)state;
    struct world w;
    world_up(&w);
    static const char *const rubbish[] = {"", "x", "{\"ask\":\"status\",\"version\":1}",
                                          "{\"ask\":\"routes\",\"version\":1,\"of\":\"\"}"};
    for (size_t i = 1; i < sizeof rubbish / sizeof rubbish[0]; i++)
        json_decref(hear_all(hand_over(&w, rubbish[i])));
    int silent[2 * ROUTE_ASKS_MAX];
    for (int i = 0; i < 2 * ROUTE_ASKS_MAX; i++)
        silent[i] = hand_over(&w, "{\"ask\":\"upstreams\",\"version\":1}");
    for (int i = 0; i < 2 * ROUTE_ASKS_MAX; i++)
        close(silent[i]);
    assert_int_equal(send(w.handover, "no descriptor", 13, MSG_NOSIGNAL), 13);
    CHECK(ask_after_others(&w, &(struct ask){ASK_ROUTES, 1, .routes = {"192.0.2.1"}}), of_nothing);
    shutdown(w.handover, SHUT_RDWR);
    router_say(&w.routers[EDGE1], BGP_UPDATE, "0008 00000001 18 cb0071 0000");
    while (engine_hear(&w, EVENT_NOTICE)->notice.kind != NOTICE_OWN_WITHDRAWN)
        continue;
    world_end(&w, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_from_the_tables), cmocka_unit_test(says_what_if),
        cmocka_unit_test(says_what_traffic_if),    cmocka_unit_test(says_what_kernels_have),
        cmocka_unit_test(dumps_the_table),         cmocka_unit_test(goes_on_whoever_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
