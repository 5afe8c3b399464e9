// SPDX-License-Identifier: ISC
#include "role/xdp_device.h"

#include <assert.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <xdp/xsk.h>

enum {
    FRAME_SIZE = 2048,  // with the kernel's headroom before it
    OUT = 2048,         // frames that are out, or wait to be
    IN_ALL = 16384,     // that wait to be read: of all queues together,
    IN_MOST = 8192,     // of one: 54 ms of 150,000 a second,
    IN_LEAST = 512,
    KICKS_MAX = 8,  // calls that send one batch
    BUSY_TRIES =
        50,  // of 10 ms: the kernel gives a queue free some time after its last owner ended
};
static_assert(FRAME_SIZE >= XDP_PACKET_HEADROOM + XDP_FRAME_MAX, "a frame fits");

struct queue {
    struct xsk_socket *socket;
    struct xsk_ring_cons in, done;
    struct xsk_ring_prod out, free;  // `out` and `done` of the first alone
    uint32_t lent;                   // of `in`, at its head
};

struct xdp_device {
    struct xdp_program program;
    uint32_t interface, queue_count;
    uint8_t mac[6];
    uint8_t *memory;
    size_t memory_size;
    struct xsk_umem *umem;
    struct queue queues[XDP_QUEUES_MAX];
    uint32_t spare[OUT], spare_count;  // numbers of frames to send in
    uint32_t in_each;
};

static bool fail(char *why, const char *what, int error)
{
    snprintf(why, XDP_WHY_MAX, "%s: %s", what, strerror(error));
    return false;
}

static uint32_t count_queues(int fd, struct ifreq *request)
{
    struct ethtool_channels channels = {.cmd = ETHTOOL_GCHANNELS};
    request->ifr_data = (char *)&channels;
    if (ioctl(fd, SIOCETHTOOL, request) < 0)
        return 1;  // it has none to choose from
    uint32_t count = channels.combined_count + channels.rx_count;
    return count > 0 ? count : 1;
}

static bool look_up(struct xdp_device *d, const char *name, char *why)
{
    struct ifreq request = {0};
    strncpy(request.ifr_name, name, sizeof request.ifr_name - 1);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fail(why, "no socket", errno);
    int failed = ioctl(fd, SIOCGIFINDEX, &request);
    d->interface = (uint32_t)request.ifr_ifindex;
    failed |= ioctl(fd, SIOCGIFHWADDR, &request);
    int error = errno;
    bool is_ethernet = request.ifr_hwaddr.sa_family == ARPHRD_ETHER;
    memcpy(d->mac, request.ifr_hwaddr.sa_data, sizeof d->mac);
    d->queue_count = failed ? 0 : count_queues(fd, &request);
    close(fd);
    if (failed)
        return fail(why, "no such interface", error);
    if (!is_ethernet)
        return fail(why, "not an Ethernet interface", EAFNOSUPPORT);
    return d->queue_count <= XDP_QUEUES_MAX || fail(why, "it has too many queues", E2BIG);
}

// Shared, as the sockets are opened by one process and used by its child.
static bool get_memory(struct xdp_device *d, char *why)
{
    d->in_each = IN_MOST;
    while (d->in_each > IN_LEAST && d->in_each * d->queue_count > IN_ALL)
        d->in_each /= 2;
    d->memory_size = ((size_t)OUT + (size_t)d->in_each * d->queue_count) * FRAME_SIZE;
    d->memory =
        mmap(NULL, d->memory_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (d->memory == MAP_FAILED) {
        d->memory = NULL;
        return fail(why, "no memory", errno);
    }
    const struct xsk_umem_config config = {
        .fill_size = d->in_each, .comp_size = OUT, .frame_size = FRAME_SIZE};
    int error = xsk_umem__create(&d->umem, d->memory, d->memory_size, &d->queues[0].free,
                                 &d->queues[0].done, &config);
    return !error || fail(why, "no memory for AF_XDP", -error);
}

static void give_back(struct queue *q, const uint64_t *frames, uint32_t count)
{
    uint32_t at;
    if (xsk_ring_prod__reserve(&q->free, count, &at) != count)
        return;  // cannot be: the ring has room for all there are
    for (uint32_t i = 0; i < count; i++)
        *xsk_ring_prod__fill_addr(&q->free, at + i) = frames[i];
    xsk_ring_prod__submit(&q->free, count);
}

static int create(struct xdp_device *d, struct queue *q, const char *name, uint32_t number,
                  const struct xsk_socket_config *config)
{
    return xsk_socket__create_shared(&q->socket, name, number, d->umem, &q->in,
                                     number == 0 ? &q->out : NULL, &q->free, &q->done, config);
}

static bool open_queue(struct xdp_device *d, const char *name, uint32_t number, char *why)
{
    struct queue *q = &d->queues[number];
    const struct xsk_socket_config config = {
        .rx_size = d->in_each,
        .tx_size = OUT,
        .libxdp_flags = XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD,
        .bind_flags = XDP_COPY,
    };
    int error = create(d, q, name, number, &config);
    for (int i = 0; error == -EBUSY && i < BUSY_TRIES; i++) {
        nanosleep(&(struct timespec){0, 10 * NS_PER_MS}, NULL);
        error = create(d, q, name, number, &config);
    }
    if (error)
        return fail(why, "no AF_XDP socket", -error);
    for (uint32_t i = 0; i < d->in_each; i++) {
        uint64_t frame = ((uint64_t)OUT + (uint64_t)number * d->in_each + i) * FRAME_SIZE;
        give_back(q, &frame, 1);
    }
    error = xdp_program_deliver(&d->program, number, xsk_socket__fd(q->socket));
    return !error || fail(why, "no way into the AF_XDP socket", -error);
}

struct xdp_device *xdp_device_open(const char *name, uint16_t first, char *why)
{
    struct xdp_device *d = calloc(1, sizeof *d);
    if (!d) {
        fail(why, "no memory", ENOMEM);
        return NULL;
    }
    d->program = (struct xdp_program){.program = -1, .link = -1, .sockets = -1, .addresses = -1};
    bool is_good = look_up(d, name, why);
    int error = is_good ? xdp_program_open(&d->program, d->interface, first) : 0;
    if (error)
        is_good =
            fail(why, error == -EBUSY ? "it has another XDP program" : "no XDP program", -error);
    is_good = is_good && get_memory(d, why);
    for (uint32_t i = 0; is_good && i < d->queue_count; i++)
        is_good = open_queue(d, name, i, why);
    if (!is_good) {
        xdp_device_close(d);
        return NULL;
    }
    while (d->spare_count < OUT) {
        d->spare[d->spare_count] = d->spare_count;
        d->spare_count++;
    }
    return d;
}

void xdp_device_close(struct xdp_device *d)
{
    if (!d)
        return;
    xdp_program_close(&d->program);
    for (uint32_t i = 0; i < d->queue_count; i++)
        xsk_socket__delete(d->queues[i].socket);
    if (d->umem)
        xsk_umem__delete(d->umem);
    if (d->memory)
        munmap(d->memory, d->memory_size);
    free(d);
}

struct xdp_program *xdp_device_program(struct xdp_device *d)
{
    return &d->program;
}

uint32_t xdp_device_interface(const struct xdp_device *d)
{
    return d->interface;
}

const uint8_t *xdp_device_mac(const struct xdp_device *d)
{
    return d->mac;
}

uint32_t xdp_device_queues(const struct xdp_device *d)
{
    return d->queue_count;
}

int xdp_device_socket(const struct xdp_device *d, uint32_t queue)
{
    return xsk_socket__fd(d->queues[queue].socket);
}

static void reclaim(struct xdp_device *d)
{
    struct xsk_ring_cons *done = &d->queues[0].done;
    uint32_t at, count = xsk_ring_cons__peek(done, OUT, &at);
    for (uint32_t i = 0; i < count; i++)
        d->spare[d->spare_count++] =
            (uint32_t)(*xsk_ring_cons__comp_addr(done, at + i) / FRAME_SIZE);
    xsk_ring_cons__release(done, count);
}

bool xdp_device_room(struct xdp_device *d, struct xdp_frame *frame)
{
    if (d->spare_count == 0)
        reclaim(d);
    if (d->spare_count == 0)
        return false;
    *frame = (struct xdp_frame){
        .bytes = d->memory + (size_t)d->spare[--d->spare_count] * FRAME_SIZE,
    };
    return true;
}

// Of the ring's last `count`, how many the kernel has not taken yet.
static uint32_t waiting(const struct xsk_ring_prod *out)
{
    return out->cached_prod - __atomic_load_n(out->consumer, __ATOMIC_ACQUIRE);
}

// The kernel copies some dozen in one call and says EAGAIN when more wait; EBUSY: it dropped the
// last one that it took.
static int kick(struct xdp_device *d, uint32_t count, bool left[])
{
    struct queue *q = &d->queues[0];
    int error = 0;
    for (int i = 0; i < KICKS_MAX && waiting(&q->out) > 0; i++) {
        uint32_t before = waiting(&q->out);
        int failed =
            sendto(xsk_socket__fd(q->socket), NULL, 0, MSG_DONTWAIT, NULL, 0) < 0 ? errno : 0;
        uint32_t after = waiting(&q->out);
        if (failed && failed != EAGAIN)
            error = -failed;
        if (failed == EBUSY && after < before && after < count)
            left[count - 1 - after] = false;
    }
    for (uint32_t i = 0; i < waiting(&q->out) && i < count; i++)
        left[count - 1 - i] = false;
    return error ? error : waiting(&q->out) > 0 ? -EAGAIN : 0;
}

// What an earlier call left in line goes first; its sender gave it up.
int xdp_device_send(struct xdp_device *d, const struct xdp_frame *frames, uint32_t count,
                    bool left[])
{
    struct queue *q = &d->queues[0];
    uint32_t at = 0;
    bool has_room = xsk_ring_prod__reserve(&q->out, count, &at) == count;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t where = (uint64_t)(frames[i].bytes - d->memory);
        left[i] = has_room;
        if (has_room)
            *xsk_ring_prod__tx_desc(&q->out, at + i) =
                (struct xdp_desc){.addr = where, .len = (uint32_t)frames[i].size};
        else
            d->spare[d->spare_count++] = (uint32_t)(where / FRAME_SIZE);
    }
    if (!has_room)
        return -ENOBUFS;
    xsk_ring_prod__submit(&q->out, count);
    int error = kick(d, count, left);
    reclaim(d);
    return error;
}

static void take_back(struct queue *q)
{
    uint64_t frames[XDP_BATCH];
    uint32_t first = q->in.cached_cons - q->lent;
    for (uint32_t i = 0; i < q->lent; i++)
        frames[i] = xsk_ring_cons__rx_desc(&q->in, first + i)->addr & ~(uint64_t)(FRAME_SIZE - 1);
    give_back(q, frames, q->lent);
    xsk_ring_cons__release(&q->in, q->lent);
    q->lent = 0;
}

// The program's stamp stands before the frame; none is left for the next one that lies here.
static struct mono take_stamp(uint8_t *bytes)
{
    struct mono at;
    memcpy(&at.ns, bytes - sizeof at.ns, sizeof at.ns);
    memset(bytes - sizeof at.ns, 0, sizeof at.ns);
    return at;
}

uint32_t xdp_device_receive(struct xdp_device *d, uint32_t queue,
                            struct xdp_frame frames[XDP_BATCH])
{
    struct queue *q = &d->queues[queue];
    uint32_t at;
    take_back(q);
    q->lent = xsk_ring_cons__peek(&q->in, XDP_BATCH, &at);
    for (uint32_t i = 0; i < q->lent; i++) {  // they lie in another processor's caches
        const struct xdp_desc *desc = xsk_ring_cons__rx_desc(&q->in, at + i);
        frames[i].bytes = d->memory + desc->addr;
        frames[i].size = desc->len;
        __builtin_prefetch(frames[i].bytes - sizeof(struct mono), 1);
        __builtin_prefetch(frames[i].bytes + frames[i].size - 1);
    }
    for (uint32_t i = 0; i < q->lent; i++) {
        frames[i].came_at = take_stamp(frames[i].bytes);
    }
    return q->lent;
}

uint32_t xdp_device_dropped(const struct xdp_device *d, uint32_t queue)
{
    struct xdp_statistics said = {0};
    socklen_t size = sizeof said;
    int fd = xsk_socket__fd(d->queues[queue].socket);
    if (getsockopt(fd, SOL_XDP, XDP_STATISTICS, &said, &size) < 0)
        return 0;
    return (uint32_t)(said.rx_dropped + said.rx_ring_full);
}
