// SPDX-License-Identifier: ISC
// Parts of bench/probe for AF_XDP, each a process of its own; prints one JSON object.
//   bare DEVICE FAR_MAC IPV4 IPV6 FAR_IPV4 FAR_IPV6 RATE SECONDS   as cheap as such sockets allow:
//                         a batch each millisecond, half of each family, nothing looked at
//   echo DEVICE ADDRESS...   answers STAMP to any of these addresses, until it is ended
#include "steady.h"

#include "probe/frame.h"
#include "probe/ip.h"
#include "probe/stamp.h"
#include "role/now.h"
#include "role/spawn.h"
#include "role/xdp_device.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

enum { PORT = 862, BARE_PORT = 61000, ANSWERS_WAIT_MS = 200 };

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "probe_xdp_bench: %s\n", what);
    exit(3);
}

static struct xdp_device *open_device(const char *name, uint16_t first)
{
    char why[XDP_WHY_MAX];
    struct xdp_device *device = xdp_device_open(name, first, why);
    if (!device)
        die(why);
    return device;
}

static struct address take(struct xdp_device *device, const char *text)
{
    struct address address;
    if (!address_parse(text, &address) || xdp_program_take(xdp_device_program(device), address) < 0)
        die(text);
    return address;
}

// ---- bare

struct prepared {
    uint8_t bytes[XDP_FRAME_MAX];
    size_t size;
};

static struct prepared prepare(const struct xdp_device *device, const uint8_t *far_mac,
                               struct address here, struct address far)
{
    struct prepared p;
    struct writer w = writer_over(p.bytes, FRAME_ETHERNET);
    frame_begin(&w, far_mac, xdp_device_mac(device), far.family);
    const struct ip_header header = {
        .source = here, .destination = far, .protocol = IP_UDP, .ttl = 255};
    w = writer_over(p.bytes + FRAME_ETHERNET, sizeof p.bytes - FRAME_ETHERNET);
    ip_header_begin(&w, &header);
    writer_be16(&w, BARE_PORT);
    writer_be16(&w, PORT);
    writer_be32(&w, 0);
    for (int i = 0; i < STAMP_SIZE; i++)
        writer_u8(&w, 0);
    ip_header_finish(&w, &header);
    p.size = FRAME_ETHERNET + w.size;
    return p;
}

static uint64_t send_some(struct xdp_device *device, const struct prepared *p, uint64_t count)
{
    struct xdp_frame frames[XDP_BATCH];
    bool left[XDP_BATCH];
    uint32_t some = 0;
    while (some < XDP_BATCH && some < count && xdp_device_room(device, &frames[some])) {
        memcpy(frames[some].bytes, p->bytes, p->size);
        frames[some++].size = p->size;
    }
    if (some > 0 && xdp_device_send(device, frames, some, left) < 0)
        die("cannot send");
    return some;
}

static uint64_t read_all(struct xdp_device *device)
{
    struct xdp_frame frames[XDP_BATCH];
    uint64_t received = 0;
    for (uint32_t queue = 0; queue < xdp_device_queues(device); queue++)
        for (uint32_t came = 1; came > 0;)
            received += came = xdp_device_receive(device, queue, frames);
    return received;
}

static int run_bare(char **words)
{
    struct xdp_device *device = open_device(words[0], BARE_PORT);
    uint8_t far_mac[FRAME_MAC];
    if (sscanf(words[1], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &far_mac[0], &far_mac[1], &far_mac[2],
               &far_mac[3], &far_mac[4], &far_mac[5]) != FRAME_MAC)
        die("no MAC address");
    struct prepared packets[2];
    for (int i = 0; i < 2; i++) {
        struct address here = take(device, words[2 + i]), far;
        if (!address_parse(words[4 + i], &far))
            die("no address");
        packets[i] = prepare(device, far_mac, here, far);
    }
    double rate = atof(words[6]), seconds = atof(words[7]);
    uint64_t sent = 0, received = 0;
    struct steady steady = {0};
    struct mono began = now_mono();
    for (double at = 0; at < seconds + ANSWERS_WAIT_MS * 1e-3;) {
        uint64_t due = (uint64_t)(rate * (at < seconds ? at : seconds));
        for (uint64_t turn = 0; turn == 0 || sent < due; turn++) {
            sent += send_some(device, &packets[turn % 2], due - sent);
            received += read_all(device);
        }
        steady_note(&steady, at, seconds, CLOCK_PROCESS_CPUTIME_ID, sent);
        nanosleep(&(struct timespec){0, NS_PER_MS}, NULL);
        at = (double)mono_since_ns(now_mono(), began) * 1e-9;
    }
    printf("{\"sent\": %" PRIu64 ", \"received\": %" PRIu64 ", \"cpu_s\": %.6f, ", sent, received,
           steady_cpu_s(CLOCK_PROCESS_CPUTIME_ID));
    steady_print(&steady);
    return 0;
}

// ---- echo

static void swap(uint8_t *one, uint8_t *other, size_t size)
{
    uint8_t bytes[16];
    memcpy(bytes, one, size);
    memcpy(one, other, size);
    memcpy(other, bytes, size);
}

// Back to where it came from; number and T1 to where an answer returns them; the sum stays what it
// is but for what was copied, so that none is given in IPv4, and IPv6's is computed.
static void turn_around(uint8_t *bytes, size_t size)
{
    bool is_ipv6 = bytes[12] == 0x86;
    uint8_t *ip = bytes + FRAME_ETHERNET, *udp = ip + (is_ipv6 ? 40 : 20), *stamp = udp + 8;
    size_t length = size - (size_t)(udp - bytes);
    uint16_t checksum = 0;
    swap(bytes, bytes + FRAME_MAC, FRAME_MAC);
    swap(ip + (is_ipv6 ? 8 : 12), ip + (is_ipv6 ? 24 : 16), is_ipv6 ? 16 : 4);
    swap(udp, udp + 2, 2);
    memcpy(stamp + 24, stamp, 12);
    memcpy(udp + 6, &checksum, sizeof checksum);
    if (!is_ipv6)
        return;
    uint32_t sum = ip_sum_pseudo(FAMILY_IPV6, ip, IP_UDP, length);
    checksum = (uint16_t)~ip_sum(sum, udp, length);
    checksum = checksum ? checksum : 0xffff;  // zero would mean none: RFC 8200 §8.1
    memcpy(udp + 6, &checksum, sizeof checksum);
}

static void answer(struct xdp_device *device, uint32_t queue)
{
    struct xdp_frame in[XDP_BATCH], out[XDP_BATCH];
    bool left[XDP_BATCH];
    for (uint32_t came; (came = xdp_device_receive(device, queue, in)) > 0;) {
        uint32_t count = 0;
        for (; count < came && xdp_device_room(device, &out[count]); count++) {
            memcpy(out[count].bytes, in[count].bytes, in[count].size);
            out[count].size = in[count].size;
            turn_around(out[count].bytes, out[count].size);
        }
        if (count > 0)
            xdp_device_send(device, out, count, left);
    }
}

static _Noreturn void run_echo(char **words)
{
    struct xdp_device *device = open_device(words[0], PORT);
    for (int i = 1; words[i]; i++)
        take(device, words[i]);
    printf("ready\n");
    fflush(stdout);
    for (;;)
        for (uint32_t queue = 0; queue < xdp_device_queues(device); queue++) {
            struct pollfd polled = {.fd = xdp_device_socket(device, queue), .events = POLLIN};
            poll(&polled, 1, xdp_device_queues(device) > 1 ? 0 : -1);
            answer(device, queue);
        }
}

int main(int argc, char **argv)
{
    spawn_go_first();  // as the role does
    if (argc == 10 && strcmp(argv[1], "bare") == 0)
        return run_bare(argv + 2);
    if (argc > 3 && strcmp(argv[1], "echo") == 0)
        run_echo(argv + 2);
    fprintf(stderr, "usage: see the head of bench/probe_xdp.c\n");
    return 2;
}
