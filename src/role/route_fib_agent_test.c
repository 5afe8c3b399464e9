// SPDX-License-Identifier: ISC
// Agents that say what cannot be: the route role ends the connection, lives on, and calls again;
// one that is only slow is heard.
#include "role/route_check.h"

#include "kernel/relay.h"

#define HELLO "464c4b52 0001 00 00 0000000000000001 "
#define ALIVE(n) "05 00 0000 000000" n " 00000000 "
#define BEGINS(part, n) "02 " part " 0000 000000" n " 00000000 "
#define ENDS(part, n) "03 " part " 0000 000000" n " 00000001 01 "

static const struct {
    const char *name, *says;
} hostile[] = {
    {"another language", "48545450 0001 00 00 0000000000000001"},
    {"another version", "464c4b52 0009 00 00 0000000000000001"},
    {"a frame is missing", HELLO ALIVE("01")},
    {"a frame comes twice", HELLO ALIVE("00") ALIVE("00")},
    {"no kind", HELLO "00 00 0000 00000000 00000000"},
    {"a kind that there is not", HELLO "07 00 0000 00000000 00000000"},
    {"a part where none belongs", HELLO "05 01 0000 00000000 00000000"},
    {"a part that there is not", HELLO BEGINS("07", "00")},
    {"more than a datagram has", HELLO "01 00 0000 00000000 00010001"},
    {"four gigabytes", HELLO "01 00 0000 00000000 ffffffff"},
    {"less than a message has", HELLO "01 00 0000 00000000 0000000f"},
    {"a message that overruns",
     HELLO "01 00 0000 00000000 00000010 20000000 1800 0000 00000000 00000000"},
    {"a message shorter than its header",
     HELLO "01 00 0000 00000000 00000010 0f000000 1800 0000 00000000 00000000"},
    {"a route shorter than its header",
     HELLO "01 00 0000 00000000 00000014 14000000 1800 0000 00000000 00000000 02000000"},
    {"the end of what did not begin", HELLO ENDS("00", "00")},
    {"the end of another part", HELLO BEGINS("00", "00") ENDS("01", "01")},
    {"a goodbye in colours", HELLO "06 00 0000 00000000 00000008 1b5b33316d222700"},
};

struct agent {
    int listener, fd;
    uint16_t port;
};

static void watch_by(struct world *w, struct agent *agent, const char *address)
{
    *agent = (struct agent){.fd = -1};
    struct net_fib *fib = &w->net.routers[EDGE1].fib;
    fib->from = NET_FIB_AGENT;
    fib->address = check_address(address);
    fib->table = KERNEL_TABLE_MAIN;
    fib->settle_ns = NS_PER_S;
    agent->listener = listen_on(fib->address, &agent->port);
    fib->port = agent->port;
}

static void agent_accept(struct agent *agent)
{
    uint8_t hello[RELAY_HELLO_SIZE];
    struct relay_hello heard;
    if (agent->fd >= 0)
        close(agent->fd);
    wait_readable(agent->listener, "the role's call");
    agent->fd = accept(agent->listener, NULL, NULL);
    assert_true(agent->fd >= 0);
    wait_readable(agent->fd, "the role's hello");
    read_bytes(agent->fd, hello, sizeof hello);
    struct cursor c = cursor_over(hello, sizeof hello);
    assert_int_equal(relay_hello_decode(&c, &heard), RELAY_GOOD);
}

static void agent_say(struct agent *agent, const char *hex)
{
    uint8_t bytes[256];
    size_t size = check_hex(hex, bytes);
    assert_int_equal(send(agent->fd, bytes, size, MSG_NOSIGNAL), size);
}

// What it asks meanwhile is read and not answered.
static void agent_hears_the_end(struct agent *agent, const char *why)
{
    uint8_t bytes[64];
    do
        wait_readable(agent->fd, why);
    while (recv(agent->fd, bytes, sizeof bytes, 0) > 0);
}

// Serves every part, empty, as it is asked; octet by octet if `slowly`.
static void agent_serves_all(struct agent *agent, bool slowly)
{
    uint32_t sequence = 0;
    for (enum kernel_part wanted = 0; wanted < KERNEL_PARTS; wanted++) {
        uint8_t bytes[64];
        enum kernel_part part;
        wait_readable(agent->fd, "the next request");
        read_bytes(agent->fd, bytes, RELAY_REQUEST_SIZE);
        struct cursor c = cursor_over(bytes, RELAY_REQUEST_SIZE);
        assert_int_equal(relay_request_decode(&c, &part), RELAY_GOOD);
        assert_int_equal(part, wanted);
        struct writer w = writer_over(bytes, sizeof bytes);
        relay_frame_encode(
            &w,
            &(struct relay_frame){.kind = RELAY_DUMP_BEGINS, .part = part, .sequence = sequence++});
        relay_frame_encode(
            &w, &(struct relay_frame){
                    .kind = RELAY_DUMP_ENDS, .part = part, .sequence = sequence++, .size = 1});
        writer_u8(&w, 1);
        for (size_t at = 0; at < w.size; at += slowly ? 1 : w.size) {
            size_t size = slowly ? 1 : w.size;
            assert_int_equal(send(agent->fd, bytes + at, size, MSG_NOSIGNAL), size);
            (void)poll(NULL, 0, slowly ? 2 : 0);
        }
    }
}

// Whether it has nothing more to ask and stays.
static bool is_content(struct agent *agent)
{
    struct pollfd p = {.fd = agent->fd, .events = POLLIN};
    return poll(&p, 1, 300) == 0;
}

static void hangs_up_on_what_cannot_be(void **state)
{
    (void)state;
    struct world w;
    struct agent agent;
    world_init(&w);
    watch_by(&w, &agent, "127.0.0.1");
    world_start(&w);
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
        agent_accept(&agent);
        agent_say(&agent, hostile[i].says);
        agent_hears_the_end(&agent, hostile[i].name);
    }
    agent_accept(&agent);
    agent_say(&agent, HELLO);
    agent_serves_all(&agent, false);
    assert_true(is_content(&agent));
    world_end(&w, 0);
    close(agent.fd);
    close(agent.listener);
}

static void hears_the_slow_and_not_the_silent(void **state)
{
    (void)state;
    struct world w;
    struct agent agent;
    world_init(&w);
    watch_by(&w, &agent, "::1");
    world_start(&w);
    agent_accept(&agent);
    agent_say(&agent, "464c4b");
    agent_say(&agent, "52 0001 00 00 00000000000000");
    agent_say(&agent, "01");
    agent_serves_all(&agent, true);
    assert_true(is_content(&agent));
    agent_hears_the_end(&agent, "the end of a silence");
    // Everything is unknown again, and asked for anew.
    agent_accept(&agent);
    agent_say(&agent, HELLO);
    agent_serves_all(&agent, false);
    // It lost something: all is read once more.
    agent_say(&agent, "04 00 0000 0000000e 00000000");
    wait_readable(agent.fd, "a new request");
    world_end(&w, 0);
    close(agent.fd);
    close(agent.listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hangs_up_on_what_cannot_be),
        cmocka_unit_test(hears_the_slow_and_not_the_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
