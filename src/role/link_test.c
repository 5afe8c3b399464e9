// SPDX-License-Identifier: ISC
#include "role/link.h"

#include "base/check.h"
#include "role/endpoint.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void reads_only_what_there_is(void **state)
{
    (void)state;
    struct link_watch watch;
    struct link_drops drops = {7, 7};
    assert_int_equal(link_watch_open(&watch), 0);
    for (int i = 0; i < 100; i++)
        assert_true(link_read_drops(&watch, "lo", &drops));
    drops = (struct link_drops){7, 7};
    assert_false(link_read_drops(&watch, "no-such-link", &drops));
    assert_int_equal(drops.sent, 7);
    link_watch_close(&watch);
}

static void names_an_interface_by_its_index(void **state)
{
    (void)state;
    struct link_watch watch;
    char name[LINK_NAME_MAX] = "as it was";
    assert_int_equal(link_watch_open(&watch), 0);
    assert_false(link_name(&watch, INT32_MAX, name));
    assert_string_equal(name, "as it was");
    assert_true(link_name(&watch, if_nametoindex("lo"), name));
    assert_string_equal(name, "lo");
    link_watch_close(&watch);
}

// A tunnel of which nobody reads holds some hundred packets and drops the others. -1: not allowed.
static int open_tunnel(const char *name)
{
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    int fd = unshare(CLONE_NEWNET) < 0 ? -1 : open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    strncpy(request.ifr_name, name, sizeof request.ifr_name - 1);
    if (fd < 0 || ioctl(fd, TUNSETIFF, &request) < 0)
        return -1;
    int asking = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    request.ifr_flags = IFF_UP;
    assert_int_equal(ioctl(asking, SIOCSIFFLAGS, &request), 0);
    close(asking);
    return fd;
}

static void send_out_by(const char *name, int packets)
{
    union endpoint to = endpoint_of(check_address("192.0.2.1"), 862);
    int fd = socket(to.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, (socklen_t)strlen(name)), 0);
    for (int i = 0; i < packets; i++)
        (void)sendto(fd, "probe", 5, MSG_DONTWAIT, &to.any, endpoint_size(&to));
    close(fd);
}

static void sees_what_an_interface_could_not_send(void **state)
{
    (void)state;
    struct link_watch watch;
    struct link_drops before, after;
    int tunnel = open_tunnel("full");
    if (tunnel < 0)
        skip();
    assert_int_equal(link_watch_open(&watch), 0);
    assert_true(link_read_drops(&watch, "full", &before));
    send_out_by("full", 3000);
    assert_true(link_read_drops(&watch, "full", &after));
    assert_true(after.sent > before.sent);
    assert_int_equal(after.received, before.received);
    link_watch_close(&watch);
    close(tunnel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_only_what_there_is),
        cmocka_unit_test(names_an_interface_by_its_index),
        cmocka_unit_test(sees_what_an_interface_could_not_send),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
