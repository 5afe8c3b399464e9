// SPDX-License-Identifier: ISC
// In a network namespace of its own: needs root, and says so when it has not.
#include "role/port_catch.h"

#include "base/check.h"
#include "role/datagram.h"

#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { FIRST = 61000 };

static const char *const hosts[FAMILIES] = {[FAMILY_IPV4] = "127.0.0.1", [FAMILY_IPV6] = "::1"};

struct fixture {
    int caught[FAMILIES], holder;
    struct datagram_batch batch;
};

static int enter_a_space_of_our_own(void **state)
{
    static struct fixture fixture;
    *state = NULL;
    if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0)
        return 0;
    struct ifreq up = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    int error = ioctl(fd, SIOCSIFFLAGS, &up);
    close(fd);
    for (enum family f = FAMILY_IPV4; f < FAMILIES; f++) {
        const int yes = 1;
        int *caught = &fixture.caught[f];
        *caught = socket(endpoint_family(f), SOCK_DGRAM, 0);
        if (f == FAMILY_IPV6)
            setsockopt(*caught, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
        union endpoint any = endpoint_of(endpoint_any(f), FIRST);
        error |= bind(*caught, &any.any, endpoint_size(&any)) | datagram_want_port(*caught, f);
    }
    fixture.holder = port_catch_open(fixture.caught, FIRST);
    *state = &fixture;
    return error || !datagram_batch_init(&fixture.batch) ? -1 : 0;
}

static int leave(void **state)
{
    struct fixture *fixture = *state;
    if (fixture)
        datagram_batch_done(&fixture->batch);
    return 0;
}

static struct fixture *need_root(void **state)
{
    struct fixture *fixture = *state;
    if (!fixture)
        skip();
    assert_true(fixture->holder >= 0);
    return fixture;
}

static int sender_to(enum family family, uint16_t port)
{
    struct address address;
    assert_true(address_parse(hosts[family], &address));
    union endpoint to = endpoint_of(address, port);
    int fd = socket(endpoint_family(family), SOCK_DGRAM, 0);
    assert_int_equal(connect(fd, &to.any, endpoint_size(&to)), 0);
    return fd;
}

// Whether somebody takes what comes there: otherwise the host says that the port is unreachable.
static bool is_taken(enum family family, uint16_t port)
{
    int fd = sender_to(family, port);
    assert_int_equal(send(fd, "probe", 5, 0), 5);
    bool is_refused = send(fd, "again", 5, 0) < 0 && errno == ECONNREFUSED;
    close(fd);
    return !is_refused;
}

static void catches_the_range_and_nothing_else(void **state)
{
    struct fixture *x = need_root(state);
    static const struct {
        uint16_t port;
        bool is_caught;
    } rows[] = {{1, false},    {FIRST - 1, false}, {FIRST, true},
                {61001, true}, {64321, true},      {65535, true}};
    for (enum family f = FAMILY_IPV4; f < FAMILIES; f++)
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            CHECK_ROW(hosts[f], is_taken(f, rows[i].port) == rows[i].is_caught);
            int came = datagram_receive(x->caught[f], &x->batch);
            CHECK_ROW(hosts[f], came == (rows[i].is_caught ? 2 : 0));
            for (int k = 0; k < came; k++)
                CHECK_ROW(hosts[f], datagram_facts(&x->batch, k).local_port == rows[i].port);
        }
}

static void leaves_connected_sockets_what_is_theirs(void **state)
{
    struct fixture *x = need_root(state);
    for (enum family f = FAMILY_IPV4; f < FAMILIES; f++) {
        int sender = sender_to(f, 64000);
        union endpoint end;
        socklen_t size = sizeof end;
        getsockname(sender, &end.any, &size);
        struct address address = endpoint_address(&end);
        uint16_t port = endpoint_port(&end);
        int theirs = socket(endpoint_family(f), SOCK_DGRAM, 0);
        union endpoint local = endpoint_of(address, 64000), remote = endpoint_of(address, port);
        assert_int_equal(bind(theirs, &local.any, endpoint_size(&local)), 0);
        assert_int_equal(connect(theirs, &remote.any, endpoint_size(&remote)), 0);
        assert_int_equal(send(sender, "theirs", 6, 0), 6);
        CHECK_ROW(hosts[f], datagram_receive(x->caught[f], &x->batch) == 0);
        CHECK_ROW(hosts[f], datagram_receive(theirs, &x->batch) == 1);
        close(theirs);
        close(sender);
    }
}

static void ends_with_its_descriptor(void **state)
{
    struct fixture *x = need_root(state);
    assert_true(close(x->holder) == 0);
    for (enum family f = FAMILY_IPV4; f < FAMILIES; f++)
        CHECK_ROW(hosts[f], !is_taken(f, 64321));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(catches_the_range_and_nothing_else),
        cmocka_unit_test(leaves_connected_sockets_what_is_theirs),
        cmocka_unit_test(ends_with_its_descriptor),
    };
    return cmocka_run_group_tests(tests, enter_a_space_of_our_own, leave);
}
