// SPDX-License-Identifier: ISC
// A reflector in a process of its own, asked over loopback.
#include "role/reflect.h"

#include "base/check.h"
#include "probe/stamp.h"
#include "role/datagram.h"
#include "role/now.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct other_end {
    pid_t pid;
    uint16_t port;
    int counts;  // the pipe that brings what it counted
};

static struct address address_of(const char *text)
{
    struct address address;
    assert_true(address_parse(text, &address));
    return address;
}

static int socket_at(struct address address, uint16_t port)
{
    int fd = socket(endpoint_family(address.family), SOCK_DGRAM | SOCK_CLOEXEC, 0);
    union endpoint endpoint = endpoint_of(address, port);
    assert_true(fd >= 0 && bind(fd, &endpoint.any, endpoint_size(&endpoint)) == 0);
    return fd;
}

static uint16_t free_port(void)
{
    union endpoint endpoint;
    socklen_t size = sizeof endpoint;
    int fd = socket_at(endpoint_any(FAMILY_IPV6), 0);  // of both families
    assert_int_equal(getsockname(fd, &endpoint.any, &size), 0);
    close(fd);
    return endpoint_port(&endpoint);
}

static struct other_end start(bool stateless)
{
    struct other_end other = {.port = free_port()};
    struct reflect_options options = {
        .port = other.port,
        .stateless = stateless,
        .rate_max_pps = 1000 * 1000,
        .dscp_allowed = UINT64_C(1) << 46,
        .micro_session = 7,
    };
    char why[ROLE_ERROR_MAX] = "";
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    struct reflect *reflect = reflect_open(&options, why);
    assert_string_equal(why, "");
    other.pid = fork();
    if (other.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that fails leaves nothing behind
        struct reflect_counts counts = {0};
        int error = reflect_run(reflect, &counts);
        ssize_t wrote = write(pipes[1], &counts, sizeof counts);
        _exit(error || wrote != sizeof counts);
    }
    close(pipes[1]);
    other.counts = pipes[0];
    reflect_close(reflect);
    return other;
}

static struct reflect_counts stop(struct other_end other)
{
    struct reflect_counts counts;
    int status;
    kill(other.pid, SIGTERM);
    assert_int_equal(read(other.counts, &counts, sizeof counts), sizeof counts);
    assert_int_equal(waitpid(other.pid, &status, 0), other.pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    close(other.counts);
    return counts;
}

static void ask(int fd, struct address at, uint16_t port, const void *bytes, size_t size)
{
    union endpoint endpoint = endpoint_of(at, port);
    assert_int_equal(sendto(fd, bytes, size, 0, &endpoint.any, endpoint_size(&endpoint)), size);
}

static void ask_probe(int fd, struct address at, uint16_t port, uint32_t sequence, uint16_t ssid)
{
    uint8_t bytes[STAMP_SIZE];
    struct stamp_request request = {
        .sequence = sequence, .timestamp = 42, .error_estimate = 0x1001, .ssid = ssid};
    struct writer w = writer_over(bytes, sizeof bytes);
    stamp_request_encode(&w, &request);
    ask(fd, at, port, bytes, w.size);
}

static struct stamp_reply hear(int fd, struct address *from, size_t *size)
{
    static uint8_t bytes[2048];
    struct stamp_reply reply = {0};
    union endpoint peer;
    socklen_t peer_size = sizeof peer;
    struct pollfd polled = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&polled, 1, 10 * 1000), 1);
    ssize_t got = recvfrom(fd, bytes, sizeof bytes, 0, &peer.any, &peer_size);
    assert_true(got > 0 && stamp_reply_decode(bytes, (size_t)got, &reply));
    *from = endpoint_address(&peer);
    *size = (size_t)got;
    return reply;
}

// Asked at one of many addresses of this host: that one must answer.
static const struct {
    const char *name, *from, *at;
} hosts[] = {
    {"IPv4", "127.0.0.1", "127.0.0.1"},
    {"IPv4 at another address", "127.0.0.1", "127.0.0.5"},
    {"IPv6", "::1", "::1"},
};

static void answers_from_where_it_was_asked_and_counts(void **state)
{
    (void)state;
    struct other_end other = start(false);
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        struct address at = address_of(hosts[i].at), from;
        size_t size;
        int fd = socket_at(address_of(hosts[i].from), 0);
        assert_int_equal(datagram_set_ttl(fd, at.family, 77), 0);
        uint64_t before = stamp_ntp(now_wall());
        for (uint32_t n = 0; n < 3; n++) {
            ask_probe(fd, at, other.port, 1000 + n, 7);
            struct stamp_reply reply = hear(fd, &from, &size);
            CHECK_ROW(hosts[i].name, size == STAMP_SIZE && address_equal(from, at));
            CHECK_ROW(hosts[i].name, reply.sequence == n && reply.sender_sequence == 1000 + n);
            CHECK_ROW(hosts[i].name, reply.sender_ttl == 77 && reply.ssid == 7);
            CHECK_ROW(hosts[i].name, reply.sender_timestamp == 42);
            CHECK_ROW(hosts[i].name, reply.received_at >= before);
            CHECK_ROW(hosts[i].name, reply.timestamp >= reply.received_at);
            CHECK_ROW(hosts[i].name, reply.timestamp <= stamp_ntp(now_wall()));
        }
        ask_probe(fd, at, other.port, 1, 8);  // another session
        CHECK_ROW(hosts[i].name, hear(fd, &from, &size).sequence == 0);
        close(fd);
    }
    struct reflect_counts counts = stop(other);
    assert_int_equal(counts.answered, 4 * sizeof hosts / sizeof hosts[0]);
    assert_int_equal(counts.malformed + counts.over_rate + counts.unsent + counts.uncounted, 0);
}

// T2 is when the probe came, by the kernel, and not when the reflector got round to it.
static void a_busy_reflector_tells_the_time_it_took(void **state)
{
    (void)state;
    struct other_end other = start(false);
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        struct address at = address_of(hosts[i].at), from;
        size_t size;
        int fd = socket_at(address_of(hosts[i].from), 0);
        ask_probe(fd, at, other.port, 1, 7);
        hear(fd, &from, &size);  // it runs, and the kernel has begun to stamp
        int status;
        kill(other.pid, SIGSTOP);
        assert_int_equal(waitpid(other.pid, &status, WUNTRACED), other.pid);
        ask_probe(fd, at, other.port, 2, 7);
        uint64_t asked = stamp_ntp(now_wall());
        usleep(1000);
        uint64_t woken = stamp_ntp(now_wall());
        kill(other.pid, SIGCONT);
        struct stamp_reply reply = hear(fd, &from, &size);
        CHECK_ROW(hosts[i].name, reply.received_at <= asked && reply.timestamp >= woken);
        close(fd);
    }
    stop(other);
}

// What it does not answer is counted, and it goes on answering.
static void leaves_out_what_is_no_probe(void **state)
{
    (void)state;
    static const uint8_t bytes[10000];
    struct other_end other = start(false);
    struct address at = address_of("127.0.0.1"), from;
    int fd = socket_at(at, 0);
    for (size_t size = 0; size < STAMP_TWAMP_SIZE; size++)
        ask(fd, at, other.port, bytes, size);
    ask(fd, at, other.port, bytes, DATAGRAM_SIZE_MAX + 1);
    size_t size;
    for (size_t good = STAMP_TWAMP_SIZE; good < 1500; good += 47) {
        ask(fd, at, other.port, bytes, good);
        hear(fd, &from, &size);
        assert_int_equal(size, good);  // the first answer is already the first good one's
    }
    struct reflect_counts counts = stop(other);
    assert_int_equal(counts.malformed, STAMP_TWAMP_SIZE + 1);
    close(fd);
}

static void stateless_it_copies_the_number(void **state)
{
    (void)state;
    struct other_end other = start(true);
    struct address at = address_of("::1"), from;
    size_t size;
    int fd = socket_at(at, 0);
    ask_probe(fd, at, other.port, 0xdeadbeef, 7);
    assert_int_equal(hear(fd, &from, &size).sequence, 0xdeadbeef);
    stop(other);
    close(fd);
}

// Class of Service, Destination Node Address and Micro-session ID, on real packets.
static const struct {
    const char *name, *from, *at;
    uint8_t dscp;  // of the probe
    const char *tlvs, *answer, *source;
    uint8_t dscp_back;
} asked[] = {
    {"no TLV, IPv4", "127.0.0.1", "127.0.0.1", 10, "", "", "127.0.0.1", 10},
    {"no TLV, IPv6", "::1", "::1", 10, "", "", "::1", 10},
    {"EF asked, IPv4", "127.0.0.1", "127.0.0.1", 8, "80 04 0004 b8000000", "00 04 0004 b8800000",
     "127.0.0.1", 46},
    {"EF asked, IPv6", "::1", "::1", 8, "80 04 0004 b8000000", "00 04 0004 b8800000", "::1", 46},
    {"CS6 asked, IPv4", "127.0.0.1", "127.0.0.1", 8, "80 04 0004 c0000000", "00 04 0004 c0810000",
     "127.0.0.1", 8},
    {"CS6 asked, IPv6", "::1", "::1", 8, "80 04 0004 c0000000", "00 04 0004 c0810000", "::1", 8},
    {"another own address", "127.0.0.1", "127.0.0.5", 0, "80 09 0004 7f000001",
     "00 09 0004 7f000001", "127.0.0.1", 0},
    {"where it was sent", "127.0.0.1", "127.0.0.5", 0, "80 09 0004 7f000005", "00 09 0004 7f000005",
     "127.0.0.5", 0},
    {"where it was sent, IPv6", "::1", "::1", 0, "80 09 0010 0000000000000000 0000000000000001",
     "00 09 0010 0000000000000000 0000000000000001", "::1", 0},
    {"somebody else", "::1", "::1", 0, "80 09 0004 c0000201", "80 09 0004 c0000201", "::1", 0},
    {"ours of the other family", "::1", "::1", 0, "80 09 0004 7f000001", "00 09 0004 7f000001",
     "::1", 0},
    {"link", "127.0.0.1", "127.0.0.1", 0, "80 0b 0004 00010000", "00 0b 0004 00010007", "127.0.0.1",
     0},
};

static void answers_what_tlvs_ask(void **state)
{
    (void)state;
    static struct datagram_batch in;
    assert_true(datagram_batch_init(&in));
    struct other_end other = start(false);
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        struct address at = address_of(asked[i].at);
        bool is_ipv6 = at.family == FAMILY_IPV6;
        const int class = asked[i].dscp << 2;
        int fd = socket_at(address_of(asked[i].from), 0);
        assert_int_equal(setsockopt(fd, is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP,
                                    is_ipv6 ? IPV6_TCLASS : IP_TOS, &class, sizeof class),
                         0);
        assert_int_equal(datagram_want_facts(fd, at.family), 0);
        uint8_t bytes[128] = {0}, expected[64];
        ask(fd, at, other.port, bytes, STAMP_SIZE + check_hex(asked[i].tlvs, bytes + STAMP_SIZE));
        struct pollfd polled = {.fd = fd, .events = POLLIN};
        assert_int_equal(poll(&polled, 1, 10 * 1000), 1);
        assert_int_equal(datagram_receive(fd, &in), 1);
        size_t size = check_hex(asked[i].answer, expected);
        CHECK_ROW(asked[i].name, datagram_size(&in, 0) == STAMP_SIZE + size);
        CHECK_ROW(asked[i].name, memcmp(in.slots[0].bytes + STAMP_SIZE, expected, size) == 0);
        CHECK_ROW(asked[i].name,
                  address_equal(endpoint_address(&in.slots[0].peer), address_of(asked[i].source)));
        CHECK_ROW(asked[i].name, datagram_facts(&in, 0).traffic_class >> 2 == asked[i].dscp_back);
        close(fd);
    }
    uint8_t other_link[STAMP_SIZE + 8] = {0};
    check_hex("80 0b 0004 0001 0008", other_link + STAMP_SIZE);
    int fd = socket_at(address_of("::1"), 0);
    ask(fd, address_of("::1"), other.port, other_link, sizeof other_link);
    struct address from;
    size_t size;
    ask_probe(fd, address_of("::1"), other.port, 5, 7);
    assert_int_equal(hear(fd, &from, &size).sender_sequence, 5);
    assert_int_equal(stop(other).elsewhere, 1);
    close(fd);
    datagram_batch_done(&in);
}

static void says_why_it_cannot(void **state)
{
    (void)state;
    uint16_t port = free_port();
    int taken = socket_at(address_of("127.0.0.1"), port);
    struct reflect_options options = {
        .listen = {address_of("127.0.0.1")}, .listen_count = 1, .port = port, .rate_max_pps = 1};
    char why[ROLE_ERROR_MAX] = "", expected[ROLE_ERROR_MAX];
    assert_null(reflect_open(&options, why));
    snprintf(expected, sizeof expected,
             "cannot reflect on 127.0.0.1:%u: Address already in use: "
             "another reflector runs here, or choose another --port",
             port);
    assert_string_equal(why, expected);

    options.listen[0] = address_of("2001:db8::dead");
    assert_null(reflect_open(&options, why));
    assert_non_null(strstr(why, "no interface of this host has that address"));
    close(taken);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_from_where_it_was_asked_and_counts),
        cmocka_unit_test(a_busy_reflector_tells_the_time_it_took),
        cmocka_unit_test(leaves_out_what_is_no_probe),
        cmocka_unit_test(stateless_it_copies_the_number),
        cmocka_unit_test(answers_what_tlvs_ask),
        cmocka_unit_test(says_why_it_cannot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
