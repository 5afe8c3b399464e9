// SPDX-License-Identifier: ISC
#include "lab/wire.h"

#include "lab/process.h"
#include "lab/traffic_wire.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    FRAME_MAX = sizeof(struct virtio_net_hdr) + 66 * 1024,  // what offloading has not cut yet
    FRAMES_MAX = 16384,  // on their way, each way: 0.5 s of 30,000 packets a second
    BUFFER_BYTES = 8 * 1024 * 1024,
    BATCH = 64,
};

struct frame {
    int64_t due_ns;
    size_t size;
    uint8_t *bytes;
};

// Frames come out in the order in which they went in, also when the delay shrinks.
struct lane {
    int from, to;  // sockets
    uint32_t first, count;
    struct frame frames[FRAMES_MAX];
};

// Sees every frame of the port with what is left for the device to do (checksums, cutting), and
// none that it has sent itself.
static int port_open(const char *port)
{
    int on = 1, bytes = BUFFER_BYTES;
    struct sockaddr_ll at = {.sll_family = AF_PACKET,
                             .sll_protocol = htons(ETH_P_ALL),
                             .sll_ifindex = (int)if_nametoindex(port)};
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on) < 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0 ||
        bind(fd, (struct sockaddr *)&at, sizeof at) < 0)
        return -errno;
    return fd;
}

static bool take_in(struct lane *lane, struct wire_shared *shared)
{
    static uint8_t bytes[FRAME_MAX];
    ssize_t size = recv(lane->from, bytes, sizeof bytes, 0);
    if (size <= 0)
        return false;
    uint8_t *copy = lane->count < FRAMES_MAX ? malloc((size_t)size) : NULL;
    if (!copy) {
        shared->dropped++;
        return true;
    }
    memcpy(copy, bytes, (size_t)size);
    lane->frames[(lane->first + lane->count++) % FRAMES_MAX] =
        (struct frame){traffic_now_ns() + shared->delay_ns, (size_t)size, copy};
    return true;
}

// When the next frame is due; INT64_MAX: there is none.
static int64_t let_out(struct lane *lane, struct wire_shared *shared)
{
    while (lane->count > 0) {
        struct frame *frame = &lane->frames[lane->first];
        if (frame->due_ns > traffic_now_ns())
            return frame->due_ns;
        // A port that is down takes nothing: as with any wire, the frame is lost.
        if (send(lane->to, frame->bytes, frame->size, 0) < 0 && errno == ENOBUFS)
            shared->dropped++;
        free(frame->bytes);
        lane->first = (lane->first + 1) % FRAMES_MAX;
        lane->count--;
    }
    return INT64_MAX;
}

static int carry(struct lane *lanes, struct wire_shared *shared)
{
    struct pollfd ports[] = {{.fd = lanes[0].from, .events = POLLIN},
                             {.fd = lanes[1].from, .events = POLLIN}};
    for (;;) {
        int64_t due = INT64_MAX;
        for (int i = 0; i < 2; i++) {
            int64_t next = let_out(&lanes[i], shared);
            due = next < due ? next : due;
        }
        int64_t wait = due - traffic_now_ns();
        struct timespec timeout = {wait / NS_PER_S, wait % NS_PER_S};
        if (due != INT64_MAX && wait < 0)
            timeout = (struct timespec){0};
        if (ppoll(ports, 2, due == INT64_MAX ? NULL : &timeout, NULL) < 0)
            return 1;
        for (int i = 0; i < 2; i++)
            for (int n = 0; n < BATCH && take_in(&lanes[i], shared); n++)
                ;
    }
}

// In the wire's own process; returns only when something is wrong.
static int be_wire(const char *const ports[2], struct wire_shared *shared)
{
    int a = port_open(ports[0]), b = port_open(ports[1]);
    struct lane *lanes = calloc(2, sizeof *lanes);
    if (a < 0 || b < 0 || !lanes) {
        fprintf(stderr, "fairlead: no wire between %s and %s: %s\n", ports[0], ports[1],
                strerror(a < 0   ? -a
                         : b < 0 ? -b
                                 : ENOMEM));
        return 1;
    }
    lanes[0].from = lanes[1].to = a;
    lanes[0].to = lanes[1].from = b;
    // A wire needs no processor; this one shares ours.
    sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 1});
    return carry(lanes, shared);
}

// How many ports the wire has; the first two.
static uint32_t ports_of(const struct scenario *scenario, const char *node, const char **ports)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < scenario->link_count * 2; i++) {
        const struct scenario_end *end = &scenario->links[i / 2][i % 2];
        if (strcmp(end->node, node) != 0)
            continue;
        if (count < 2)
            ports[count] = end->port;
        count++;
    }
    return count;
}

static int wire_start(struct wires *wires, const struct scenario *scenario, uint32_t node,
                      int namespace)
{
    const char *ports[2] = {NULL, NULL};
    if (ports_of(scenario, scenario->nodes[node].name, ports) != 2)
        return -EINVAL;
    wires_delay(wires, node, scenario->nodes[node].delay_ns);
    pid_t pid = process_fork(namespace);
    if (pid == 0)
        _exit(be_wire(ports, &wires->shared[node]));
    wires->pids[node] = pid;
    return pid < 0 ? (int)pid : 0;
}

int wires_start(struct wires *wires, const struct scenario *scenario, const int *namespaces)
{
    int result = 0;
    *wires = (struct wires){0};
    void *memory = mmap(NULL, SCENARIO_NODES_MAX * sizeof *wires->shared, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return -errno;
    wires->shared = memory;
    for (uint32_t i = 0; i < scenario->node_count && result == 0; i++)
        if (scenario->nodes[i].kind == SCENARIO_WIRE)
            result = wire_start(wires, scenario, i, namespaces[i]);
    return result;
}

void wires_stop(struct wires *wires)
{
    for (uint32_t i = 0; i < SCENARIO_NODES_MAX; i++)
        if (wires->pids[i] > 0)
            process_stop(wires->pids[i], 0);
    if (wires->shared)
        munmap(wires->shared, SCENARIO_NODES_MAX * sizeof *wires->shared);
    *wires = (struct wires){0};
}

void wires_delay(struct wires *wires, uint32_t node, int64_t delay_ns)
{
    wires->shared[node].delay_ns = delay_ns;
}

uint64_t wires_dropped(struct wires *wires)
{
    uint64_t dropped = 0;
    for (uint32_t i = 0; i < SCENARIO_NODES_MAX; i++)
        dropped += atomic_exchange(&wires->shared[i].dropped, 0);
    return dropped;
}
