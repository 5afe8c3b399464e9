// SPDX-License-Identifier: ISC
// The program asked of frames by the kernel itself, in a network namespace of its own: needs root,
// and says so when it has not. What it takes has the time in front of it, 8 octets more.
#include "role/xdp_program.h"

#include "base/check.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

enum { FIRST = 61000, FRAME_BYTES = 2048 };

#define HEAD "020000000001 020000000002 "
#define IPV4(protocol, fragment, to)                                                               \
    HEAD "0800 45 00 0024 0000 " fragment " ff " protocol " 0000 c0000201 " to
#define IPV6(next, to) HEAD "86dd 60000000 0010 " next " ff 20010db8000000000000000000000002 " to
#define OURS4 "c6336402 "
#define OURS6 "20010db8000000000000000000000001 "
#define UDP(to) "035e " to " 0010 0000 0102030405060708"

static const struct {
    const char *name, *frame;
    bool is_taken;
} rows[] = {
    {"IPv4", IPV4("11", "4000", OURS4) UDP("ee48"), true},
    {"IPv6", IPV6("11", OURS6) UDP("ee48"), true},
    {"IPv4 to the last port", IPV4("11", "4000", OURS4) UDP("ffff"), true},
    {"IPv4 to the port below ours", IPV4("11", "4000", OURS4) UDP("ee47"), false},
    {"IPv6 to the port below ours", IPV6("11", OURS6) UDP("ee47"), false},
    {"IPv4 to another address", IPV4("11", "4000", "c6336403 ") UDP("ee48"), false},
    {"IPv6 to another address", IPV6("11", "20010db8000000000000000000000003 ") UDP("ee48"), false},
    {"IPv6 that begins like an IPv4 address of ours",
     IPV6("11", "c6336402000000000000000000000000 ") UDP("ee48"), false},
    {"IPv6 to the IPv4 address as IPv6 has it",
     IPV6("11", "00000000000000000000ffffc6336402 ") UDP("ee48"), true},
    {"IPv4 TCP", IPV4("06", "4000", OURS4) UDP("ee48"), false},
    {"IPv6 TCP", IPV6("06", OURS6) UDP("ee48"), false},
    {"IPv6 behind an extension header", IPV6("00", OURS6) UDP("ee48"), false},
    {"IPv4 fragment, not the last", IPV4("11", "2000", OURS4) UDP("ee48"), false},
    {"IPv4 fragment, the last", IPV4("11", "0001", OURS4) UDP("ee48"), false},
    {"IPv4 with options",
     HEAD "0800 46 00 0028 0000 4000 ff 11 0000 c0000201 " OURS4 "01010101 " UDP("ee48"), false},
    {"IPv6 cut in its header",
     HEAD "86dd 60000000 0010 11 ff 20010db8000000000000000000000002 "
          "20010db800000000",
     false},
    {"ARP",
     HEAD "0806 0001 0800 0604 0001 020000000002 c0000201 000000000000 c6336402 "
          "000000000000000000000000000000000000",
     false},
    {"VLAN", HEAD "8100 0001 0800 4500 0024 0000 4000 ff 11 0000 c0000201 " OURS4 UDP("ee48"),
     false},
};

static int enter_a_space_of_our_own(void **state)
{
    static struct xdp_program program;
    *state = NULL;
    if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0)
        return 0;
    *state = &program;
    return xdp_program_open(&program, if_nametoindex("lo"), FIRST);
}

static struct xdp_program *need_root(void **state)
{
    if (!*state)
        skip();
    return *state;
}

static bool takes(const struct xdp_program *program, const uint8_t *frame, size_t size)
{
    uint8_t out[FRAME_BYTES + 64];
    struct bpf_test_run_opts run = {.sz = sizeof run,
                                    .data_in = frame,
                                    .data_size_in = (uint32_t)size,
                                    .data_out = out,
                                    .data_size_out = sizeof out,
                                    .repeat = 1};
    assert_int_equal(bpf_prog_test_run_opts(program->program, &run), 0);
    assert_int_equal(run.retval, XDP_PASS);  // there is no socket for it yet
    uint64_t stamp = 0;
    if (run.data_size_out == size + sizeof stamp)
        memcpy(&stamp, out, sizeof stamp);
    assert_true(run.data_size_out == size || stamp > 0);
    return run.data_size_out != size;
}

static void takes_what_is_ours_and_nothing_else(void **state)
{
    struct xdp_program *program = need_root(state);
    assert_int_equal(xdp_program_take(program, check_address("198.51.100.2")), 0);
    assert_int_equal(xdp_program_take(program, check_address("2001:db8::1")), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t frame[FRAME_BYTES];
        size_t size = check_hex(rows[i].frame, frame);
        CHECK_ROW(rows[i].name, takes(program, frame, size) == rows[i].is_taken);
    }
}

static void leaves_long_frames_to_the_kernel(void **state)
{
    struct xdp_program *program = need_root(state);
    for (size_t i = 0; i < 2; i++) {
        uint8_t frame[FRAME_BYTES] = {0};
        check_hex(rows[i].frame, frame);
        CHECK_ROW(rows[i].name, takes(program, frame, XDP_FRAME_MAX));
        CHECK_ROW(rows[i].name, !takes(program, frame, XDP_FRAME_MAX + 1));
    }
}

static void an_address_that_is_left_is_the_kernels(void **state)
{
    static const char *const ours[] = {"198.51.100.2", "2001:db8::1"};
    struct xdp_program *program = need_root(state);
    for (size_t i = 0; i < 2; i++) {
        uint8_t frame[FRAME_BYTES];
        size_t size = check_hex(rows[i].frame, frame);
        assert_int_equal(xdp_program_leave(program, check_address(ours[i])), 0);
        CHECK_ROW(rows[i].name, !takes(program, frame, size));
        assert_int_equal(xdp_program_leave(program, check_address(ours[i])), 0);  // once more
    }
}

static void a_device_has_one_program(void **state)
{
    struct xdp_program *program = need_root(state), other;
    assert_int_equal(xdp_program_open(&other, if_nametoindex("lo"), FIRST), -EBUSY);
    xdp_program_close(program);
    assert_int_equal(xdp_program_open(&other, if_nametoindex("lo"), FIRST), 0);
    xdp_program_close(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_is_ours_and_nothing_else),
        cmocka_unit_test(leaves_long_frames_to_the_kernel),
        cmocka_unit_test(an_address_that_is_left_is_the_kernels),
        cmocka_unit_test(a_device_has_one_program),
    };
    return cmocka_run_group_tests(tests, enter_a_space_of_our_own, NULL);
}
