// SPDX-License-Identifier: ISC
// Callers of an agent that are hostile, strange, too many or too slow. The agent is a process of
// its own that reads this host's kernel, as any user may.
#include "role/agent.h"

#include "base/check.h"
#include "kernel/relay.h"
#include "role/endpoint.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define HELLO "464c4b52 0001 00 00 0000000000000000 "
#define ASK_LINKS "01 00 0000 "

enum { WAIT_MS = 20 * 1000, GREET_MS = 5000 };

static const char *const here[FAMILIES] = {[FAMILY_IPV4] = "127.0.0.1", [FAMILY_IPV6] = "::1"};

struct site {
    struct address address;
    uint16_t port;
    pid_t agent;
};

static uint16_t free_port(struct address address)
{
    union endpoint endpoint = endpoint_of(address, 0);
    socklen_t size = endpoint_size(&endpoint);
    int fd = socket(endpoint_family(address.family), SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, &endpoint.any, size), 0);
    assert_int_equal(getsockname(fd, &endpoint.any, &size), 0);
    close(fd);
    return endpoint_port(&endpoint);
}

static struct site site_new(enum family family)
{
    struct site s = {.address = check_address(here[family])};
    s.port = free_port(s.address);
    struct agent_options options = {
        .listen = s.address, .port = s.port, .allow_count = 2, .user = "nobody"};
    options.allow[0] = check_address(here[FAMILY_IPV4]);
    options.allow[1] = check_address(here[FAMILY_IPV6]);
    char why[ROLE_ERROR_MAX];
    s.agent = fork();
    if (s.agent == 0) {
        struct agent *agent = agent_open(&options, why);
        if (!agent)
            fprintf(stderr, "%s\n", why);
        prctl(PR_SET_PDEATHSIG, SIGKILL);  // here, for who gives up privileges loses it
        int error = agent ? agent_run(agent) : -EIO;
        agent_close(agent);
        _exit(error ? 3 : 0);
    }
    return s;
}

// It is alive, and ends when it is told.
static void site_free(struct site *s)
{
    int ended;
    assert_int_equal(kill(s->agent, SIGTERM), 0);
    assert_int_equal(waitpid(s->agent, &ended, 0), s->agent);
    assert_true(WIFEXITED(ended) && WEXITSTATUS(ended) == 0);
}

static int call(const struct site *s, const char *from)
{
    union endpoint endpoint = endpoint_of(s->address, s->port);
    for (int tries = 0; tries < 500; tries++) {
        int fd = socket(endpoint_family(s->address.family), SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (from) {
            union endpoint own = endpoint_of(check_address(from), 0);
            assert_int_equal(bind(fd, &own.any, endpoint_size(&own)), 0);
        }
        if (connect(fd, &endpoint.any, endpoint_size(&endpoint)) == 0)
            return fd;
        close(fd);
        (void)poll(NULL, 0, 20);  // it may not listen yet
    }
    fail_msg("the agent takes no call");
    return -1;
}

static void say(int fd, const char *hex)
{
    uint8_t bytes[256];
    size_t size = check_hex(hex, bytes);
    (void)!send(fd, bytes, size, MSG_NOSIGNAL);  // it may have hung up already
}

// False: it hung up before the last of them.
static bool hear(int fd, uint8_t *bytes, size_t size)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    for (size_t at = 0; at < size;) {
        if (poll(&p, 1, WAIT_MS) != 1)
            fail_msg("the agent neither speaks nor hangs up");
        ssize_t came = recv(fd, bytes + at, size - at, 0);
        if (came <= 0)
            return false;
        at += (size_t)came;
    }
    return true;
}

static bool hear_frame(int fd, uint8_t *bytes, struct relay_frame *frame)
{
    enum { SIZE_AT = 8 };
    if (!hear(fd, bytes, RELAY_HEADER_SIZE))
        return false;
    struct cursor c = cursor_over(bytes + SIZE_AT, 4);
    uint32_t size = cursor_be32(&c);
    assert_true(size <= RELAY_PAYLOAD_MAX);
    if (!hear(fd, bytes + RELAY_HEADER_SIZE, size))
        return false;
    struct cursor whole = cursor_over(bytes, RELAY_HEADER_SIZE + size);
    assert_int_equal(relay_frame_decode(&whole, frame), RELAY_GOOD);
    return true;
}

// All until it hangs up: its hello, then frames; the goodbye's words, or none.
static void hear_out(int fd, char *goodbye)
{
    static uint8_t bytes[RELAY_FRAME_MAX];
    struct relay_frame frame;
    goodbye[0] = '\0';
    if (!hear(fd, bytes, RELAY_HELLO_SIZE))
        return;
    for (uint32_t sequence = 0; hear_frame(fd, bytes, &frame); sequence++) {
        assert_int_equal(frame.sequence, sequence);
        if (frame.kind == RELAY_GOODBYE)
            snprintf(goodbye, RELAY_REASON_MAX, "%.*s", (int)frame.size,
                     (const char *)frame.payload);
    }
}

// What one who does everything right gets.
static void check_it_serves(const struct site *s)
{
    static uint8_t bytes[RELAY_FRAME_MAX];
    struct relay_frame frame = {0};
    int fd = call(s, NULL);
    uint32_t datagrams = 0;
    say(fd, HELLO ASK_LINKS);
    assert_true(hear(fd, bytes, RELAY_HELLO_SIZE));
    do {
        assert_true(hear_frame(fd, bytes, &frame));
        assert_true(frame.sequence > 0 || frame.kind == RELAY_DUMP_BEGINS);
        datagrams += frame.kind == RELAY_DATAGRAM;
    } while (frame.kind != RELAY_DUMP_ENDS);
    assert_true(frame.is_whole && frame.part == KERNEL_LINKS && datagrams > 0);
    close(fd);
}

static const struct {
    const char *name, *says, *goodbye;
} hostile[] = {
    {"another language", "464c4b53 0001 00 00 0000000000000000", ""},
    {"HTTP", "474554202f20485454502f312e310d0a", ""},
    {"another version", "464c4b52 0002 00 00 0000000000000000", ""},
    {"an order that there is not", "464c4b52 0001 02 00 0000000000000000", ""},
    {"what should be zero is not", "464c4b52 0001 00 01 0000000000000000", ""},
    {"another request", HELLO "02 00 0000", "it asks for what there is not"},
    {"a part that there is not", HELLO "01 07 0000", "it asks for what there is not"},
    {"a part far off", HELLO "01 ff 0000", "it asks for what there is not"},
    {"a request whose zero is not", HELLO "01 00 0001", "it asks for what there is not"},
    {"two requests at once", HELLO ASK_LINKS ASK_LINKS,
     "it asks before the answer to what it asked"},
    {"two hellos", HELLO HELLO, "it asks for what there is not"},
};

static void turns_the_hostile_away(void **state)
{
    (void)state;
    char goodbye[RELAY_REASON_MAX];
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct site s = site_new(family);
        for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
            int fd = call(&s, NULL);
            say(fd, hostile[i].says);
            hear_out(fd, goodbye);
            CHECK_ROW(hostile[i].name, strcmp(goodbye, hostile[i].goodbye) == 0);
            close(fd);
        }
        check_it_serves(&s);
        site_free(&s);
    }
}

// Every cut of a good beginning, then nothing more: hung up on each, or left by us.
static void survives_every_cut(void **state)
{
    (void)state;
    uint8_t bytes[64];
    size_t size = check_hex(HELLO ASK_LINKS, bytes);
    struct site s = site_new(FAMILY_IPV4);
    for (size_t cut = 0; cut < size; cut++) {
        int fd = call(&s, NULL);
        (void)!send(fd, bytes, cut, MSG_NOSIGNAL);
        close(fd);
    }
    check_it_serves(&s);
    site_free(&s);
}

static void waits_for_no_greeting_for_ever(void **state)
{
    (void)state;
    char goodbye[RELAY_REASON_MAX];
    struct site s = site_new(FAMILY_IPV6);
    int silent = call(&s, NULL), halting = call(&s, NULL);
    say(halting, "464c4b52");
    check_it_serves(&s);  // meanwhile
    hear_out(silent, goodbye);
    hear_out(halting, goodbye);
    assert_string_equal(goodbye, "");
    close(silent);
    close(halting);
    site_free(&s);
}

static void refuses_strangers_and_crowds(void **state)
{
    (void)state;
    uint8_t bytes[RELAY_HELLO_SIZE];
    struct site s = site_new(FAMILY_IPV4);
    int stranger = call(&s, "127.0.0.2"), readers[AGENT_READERS_MAX];
    assert_false(hear(stranger, bytes, 1));  // not even a hello
    for (int i = 0; i < AGENT_READERS_MAX; i++) {
        readers[i] = call(&s, NULL);
        say(readers[i], HELLO);
        assert_true(hear(readers[i], bytes, RELAY_HELLO_SIZE));
    }
    int more = call(&s, NULL);
    assert_false(hear(more, bytes, 1));
    close(more);
    close(readers[0]);
    // Its place is free once the agent has seen that it left.
    bool served = false;
    for (int tries = 0; tries < 100 && !served; tries++) {
        more = call(&s, NULL);
        served = hear(more, bytes, RELAY_HELLO_SIZE);
        close(more);
    }
    assert_true(served);
    for (int i = 1; i < AGENT_READERS_MAX; i++)
        close(readers[i]);
    close(stranger);
    site_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(turns_the_hostile_away),
        cmocka_unit_test(survives_every_cut),
        cmocka_unit_test(waits_for_no_greeting_for_ever),
        cmocka_unit_test(refuses_strangers_and_crowds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
