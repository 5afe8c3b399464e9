// SPDX-License-Identifier: ISC
// The role in a process of its own over real sockets on loopback, both families: what it takes,
// what it refuses, and what it says about both.
#include "role/ingest_check.h"

#include "engine/message.h"
#include "role/channel.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct server start(void)
{
    const struct net net = site();
    return start_at(&net);
}

static void say(const struct server *server, enum family family, const char *lines)
{
    int fd = to(server, family, SOCK_DGRAM);
    assert_int_equal(send(fd, lines, strlen(lines), 0), strlen(lines));
    close(fd);
}

static void next_notice(const struct server *server, struct notice *notice)
{
    struct event event;
    char why[MESSAGE_WHY_MAX];
    struct pollfd readable = {.fd = server->channel, .events = POLLIN};
    assert_int_equal(poll(&readable, 1, 20 * 1000), 1);
    assert_int_equal(channel_receive_event(server->channel, &server->net, &event, why), 1);
    assert_int_equal(event.kind, EVENT_NOTICE);
    *notice = event.notice;
}

static void says_what_it_does_not_understand(void **state)
{
    (void)state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct server server = start();
        struct notice notice;
        char wanted[NOTICE_TEXT_MAX];
        say(&server, family,
            "fairlead.attempts:1|c|#prefix:192.0.2.0/24\nfairlead.failed:x|c\nother:1|c\n");
        next_notice(&server, &notice);
        assert_int_equal(notice.kind, NOTICE_COUNTERS_REFUSED);
        snprintf(wanted, sizeof wanted,
                 "%s: line 2, byte 17: expected a whole number, at most 1000000000",
                 loopbacks[family]);
        assert_string_equal(notice.text, wanted);
        assert_int_equal(notice.count, 1);
        assert_int_equal(notice.total, 3);
        stop(&server);
    }
}

#define POST(token, body_size, body)                                                               \
    "POST /api/v1/counters HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: " token      \
    "\r\nContent-Length: " body_size "\r\n\r\n" body
#define GOOD "Bearer " TOKEN
#define ITEM "{\"prefix\":\"192.0.2.0/24\",\"attempts\":5,\"failed\":1}"

static const struct {
    const char *name, *request, *answer, *holds;
} rows[] = {
    {"one", POST(GOOD, "51", "[" ITEM "]"), "HTTP/1.1 200",
     "{\"taken\":1,\"refused\":[],\"refused_count\":0}"},
    {"none", POST(GOOD, "2", "[]"), "HTTP/1.1 200",
     "{\"taken\":0,\"refused\":[],\"refused_count\":0}"},
    {"a good and a bad one", POST(GOOD, "55", "[{}, " ITEM "]"), "HTTP/1.1 200",
     "{\"taken\":1,\"refused\":[{\"item\":1,\"expected\":\"attempts and failed\"}],"
     "\"refused_count\":1}"},
    {"only bad ones", POST(GOOD, "3", "[1]"), "HTTP/1.1 400",
     "{\"taken\":0,\"refused\":[{\"item\":1,\"expected\":\"an object\"}],\"refused_count\":1}"},
    {"no JSON", POST(GOOD, "3", "[1,"), "HTTP/1.1 400", "byte 3: expected JSON\n"},
    {"no body", POST(GOOD, "0", ""), "HTTP/1.1 400", "expected JSON\n"},
    {"in pieces",
     "POST /api/v1/counters HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: " GOOD
     "\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n[\r\n1\r\n]\r\n0\r\n\r\n",
     "HTTP/1.1 200", "\"taken\":0"},
    {"another token", POST("Bearer 0123456789abcdeg", "2", "[]"), "HTTP/1.1 401",
     "WWW-Authenticate: Bearer"},
    {"a longer token", POST("Bearer " TOKEN "x", "2", "[]"), "HTTP/1.1 401", ""},
    {"a part of the token", POST("Bearer 0123", "2", "[]"), "HTTP/1.1 401", ""},
    {"no token", "POST /api/v1/counters HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
     "HTTP/1.1 401", ""},
    {"another scheme", POST("Basic " TOKEN, "2", "[]"), "HTTP/1.1 401", ""},
    {"too large", POST(GOOD, "65537", ""), "HTTP/1.1 413", "at most 65536 bytes"},
    {"another place",
     "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: " GOOD "\r\n\r\n",
     "HTTP/1.1 404", ""},
    {"another method",
     "GET /api/v1/counters HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: " GOOD
     "\r\n\r\n",
     "HTTP/1.1 405", "Allow: POST"},
};

static void answers_who_may_ask(void **state)
{
    (void)state;
    struct server server = start();
    char answer[4096];
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            ask(&server, family, rows[i].request, answer, sizeof answer);
            bool right = strncmp(answer, rows[i].answer, strlen(rows[i].answer)) == 0;
            if (!right || !strstr(answer, rows[i].holds))
                fail_msg("row '%s': got %s", rows[i].name, answer);
        }
    struct notice notice;
    next_notice(&server, &notice);
    assert_non_null(strstr(notice.text, "127.0.0.1: item 1: expected attempts and failed"));
    stop(&server);
}

#define POST_TO(place, body_size, body)                                                            \
    "POST /api/v1/" place " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: " GOOD      \
    "\r\nContent-Length: " body_size "\r\n\r\n" body

// The next event of this kind; the interface tells of itself each second.
static struct event hear(const struct server *server, enum event_kind kind, uint32_t upstream)
{
    struct event event;
    char why[MESSAGE_WHY_MAX];
    do {
        struct pollfd readable = {.fd = server->channel, .events = POLLIN};
        assert_int_equal(poll(&readable, 1, 20 * 1000), 1);
        assert_int_equal(channel_receive_event(server->channel, &server->net, &event, why), 1);
    } while (event.kind != kind || (kind == EVENT_USE && event.use.upstream != upstream));
    return event;
}

static void tells_what_is_carried(void **state)
{
    (void)state;
    struct net net = site();
    char answer[4096];
    net.upstreams[0].use.from = NET_USE_PUSHED;
    net.upstreams[1].use.from = NET_USE_KERNEL;
    strcpy(net.upstreams[1].use.device, "lo");
    net.steer.prefixes.count = 1;
    net.steer.prefixes.items[0] = (struct prefix){check_address("2001:db8::"), 32};
    struct server server = start_at(&net);
    ask(&server, FAMILY_IPV4,
        POST_TO("use", "53", "[{\"upstream\":\"transit-a\",\"out_bps\":12,\"in_bps\":34},7]"),
        answer, sizeof answer);
    assert_non_null(strstr(answer, "\"taken\":1"));
    assert_non_null(strstr(answer, "{\"item\":2,\"expected\":\"an upstream with"));
    struct event event = hear(&server, EVENT_USE, 0);
    assert_int_equal(event.use.out_bps, 12);
    assert_int_equal(event.use.in_bps, 34);
    ask(&server, FAMILY_IPV6,
        POST_TO("demand", "39", "[{\"prefix\":\"2001:db8:1::/48\",\"bps\":56}]"), answer,
        sizeof answer);
    assert_non_null(strstr(answer, "\"taken\":1"));
    event = hear(&server, EVENT_DEMAND, 0);
    assert_int_equal(event.demand.bps, 56);
    assert_int_equal(event.demand.prefix.length, 48);
    event = hear(&server, EVENT_USE, 1);
    assert_int_equal(event.use.out_bps, event.use.in_bps);  // what leaves the loopback enters it
    stop(&server);
}

static void more_than_it_takes_in_one_go(void **state)
{
    (void)state;
    enum { SIZE = INGEST_BODY_BYTES_MAX + 1000 };
    struct server server = start();
    static char request[SIZE + 400];
    char answer[4096];
    int head = sprintf(request,
                       "POST /api/v1/counters HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                       "Authorization: " GOOD "\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n",
                       SIZE);
    memset(request + head, ' ', SIZE);
    strcpy(request + head + SIZE, "\r\n0\r\n\r\n");
    ask(&server, FAMILY_IPV6, request, answer, sizeof answer);
    assert_non_null(strstr(answer, "413"));
    stop(&server);
}

static void limits_how_often_it_is_asked(void **state)
{
    (void)state;
    struct server server = start();
    char answer[4096];
    bool is_refused = false;
    for (int i = 0; i < 2000 && !is_refused; i++) {
        ask(&server, FAMILY_IPV4, POST(GOOD, "2", "[]"), answer, sizeof answer);
        is_refused = strstr(answer, "429") != NULL;
    }
    assert_true(is_refused);
    stop(&server);
}

static long resident_kib(pid_t pid)
{
    char path[64], line[128];
    long kib = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        (void)sscanf(line, "VmRSS: %ld", &kib);
    if (file)
        fclose(file);
    return kib;
}

// Lines by the hundred thousand, of as many prefixes as there can be and more.
static void flood(const struct server *server, enum family family, int datagrams)
{
    enum { LINES = 20 };
    int fd = to(server, family, SOCK_DGRAM);
    char text[DATAGRAM_SIZE_MAX];
    for (int d = 0; d < datagrams; d++) {
        int size = 0;
        for (int i = 0; i < LINES; i++)
            size += snprintf(text + size, sizeof text - (size_t)size,
                             "fairlead.%s:1|c|#prefix:10.%d.%d.0/24\n",
                             i % 2 ? "failed" : "attempts", d % 200, i % 4);
        (void)send(fd, text, (size_t)size, MSG_DONTWAIT);
    }
    close(fd);
}

static void wait_until_read(const struct server *server)
{
    struct notice notice;
    char answer[4096];
    do {  // what waited in the sockets was read before this answer's turn, or soon is
        ask(server, FAMILY_IPV4, POST(GOOD, "3", "[1]"), answer, sizeof answer);
    } while (strstr(answer, "429"));
    next_notice(server, &notice);
}

static void does_not_grow(void **state)
{
    (void)state;
    struct server server = start();
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        flood(&server, family, 2000);
    wait_until_read(&server);
    long before_kib = resident_kib(server.pid);
    for (int round = 0; round < 5; round++)
        for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
            flood(&server, family, 2000);
    wait_until_read(&server);
    assert_true(before_kib > 0);
    if (resident_kib(server.pid) > before_kib + 512)
        fail_msg("from %ld to %ld KiB", before_kib, resident_kib(server.pid));
    stop(&server);
}

static void says_why_it_cannot_begin(void **state)
{
    (void)state;
    char why[ROLE_ERROR_MAX];
    struct net net = site();
    struct ingest_role *role = ingest_role_open(&net, why);
    assert_non_null(role);
    assert_null(ingest_role_open(&net, why));  // the port is taken
    assert_non_null(strstr(why, ": does another program take them? write another port"));
    ingest_role_close(role);
    static const struct net nothing;
    assert_false(ingest_role_wanted(&nothing));
}

static const struct {
    const char *sender;
    bool may;
} senders[] = {
    {"192.0.2.7", true},    {"192.0.3.7", false}, {"2001:db8::7", true},
    {"2001:db9::7", false}, {"127.0.0.1", true},  {"127.9.9.9", true},
    {"::1", true},          {"::2", false},       {"::ffff:0:1", false},
};

// This host, and who is in the list; counters and syslog alike.
static void knows_who_may_send(void **state)
{
    (void)state;
    const struct net_prefixes list = {
        2, {check_prefix("192.0.2.0/24"), check_prefix("2001:db8::/32")}};
    for (size_t i = 0; i < sizeof senders / sizeof senders[0]; i++) {
        struct address sender = check_address(senders[i].sender);
        CHECK_ROW(senders[i].sender, ingest_is_among(&list, &sender) == senders[i].may);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_it_does_not_understand),
        cmocka_unit_test(answers_who_may_ask),
        cmocka_unit_test(tells_what_is_carried),
        cmocka_unit_test(more_than_it_takes_in_one_go),
        cmocka_unit_test(limits_how_often_it_is_asked),
        cmocka_unit_test(does_not_grow),
        cmocka_unit_test(knows_who_may_send),
        cmocka_unit_test(says_why_it_cannot_begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
