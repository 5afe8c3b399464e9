// SPDX-License-Identifier: ISC
#include "role/probe_xdp.h"

#include "probe/frame.h"
#include "role/log.h"
#include "role/neighbour_ask.h"
#include "role/probe_open.h"
#include "role/round.h"
#include "role/way_ask.h"

#include <stdlib.h>
#include <string.h>

enum {
    ASKED_A_TURN = 32,  // routes, at most, at some 20 us each
    NEIGHBOURS_A_TURN = 8,
    UNKNOWN_A_TURN = 64,
};
#define NOBODY UINT32_MAX
// The kernel hears nothing of what we send: without a reminder it forgets its neighbours.
static const int64_t ask_ns = NS_PER_S, remind_ns = 10 * (int64_t)NS_PER_S;

struct neighbour {
    uint32_t interface;
    struct address address;
    bool is_known;  // once known the address is kept: whoever does not answer any more loses
    uint8_t mac[FRAME_MAC];
    struct mono asked_at, reminded_at;
};

struct probe_xdp {
    struct xdp_device *devices[NET_PATHS_MAX];
    struct xdp_device *of_path[NET_PATHS_MAX];  // NULL: its probes go by sockets
    uint32_t device_count;
    uint32_t *ways;  // of each group: the neighbour that its probes are sent to; or NOBODY
    struct round round;
    struct neighbour *neighbours;
    uint32_t neighbour_count, reminded;  // the second: asked for last
    struct neighbour_ask ask;
};

static const struct net_selection *selection(const struct probe_role *r, uint32_t path)
{
    return net_path_selection(r->net, path);
}

static bool wants(const struct probe_role *r)
{
    for (uint32_t path = 0; path < r->path_count; path++)
        if (selection(r, path)->xdp)
            return true;
    return false;
}

static bool add_receivers(struct probe_role *r, struct xdp_device *device)
{
    uint32_t queues = xdp_device_queues(device);
    if (r->receiver_count + queues > PROBE_RECEIVERS_MAX)
        return false;
    for (uint32_t queue = 0; queue < queues; queue++)
        r->receivers[r->receiver_count++] = (struct probe_receiver){
            .fd = xdp_device_socket(device, queue),
            .carrier = PROBE_UDP,
            .device = device,
            .queue = queue,
            .role = r,
        };
    return true;
}

static void open_device(struct probe_role *r, uint32_t path)
{
    struct probe_xdp *x = r->xdp;
    const char *name = selection(r, path)->device;
    char why[XDP_WHY_MAX] = "its queues are too many together with other devices'";
    struct xdp_device *device = xdp_device_open(name, PROBE_PORT_FIRST, why);
    if (device && !add_receivers(r, device)) {
        xdp_device_close(device);
        device = NULL;
    }
    if (!device) {
        log_line("event=probe_by_sockets device=%s reason='%s'", name, why);
        return;
    }
    x->devices[x->device_count++] = device;
    for (uint32_t other = 0; other < r->path_count; other++)
        if (selection(r, other)->xdp && strcmp(selection(r, other)->device, name) == 0)
            x->of_path[other] = device;
    log_line("event=probe_by_xdp device=%s mode=%s queues=%u", name,
             xdp_device_program(device)->is_native ? "native" : "generic",
             xdp_device_queues(device));
}

static bool is_first_of_device(const struct probe_role *r, uint32_t path)
{
    for (uint32_t other = 0; other < path; other++)
        if (selection(r, other)->xdp &&
            strcmp(selection(r, other)->device, selection(r, path)->device) == 0)
            return false;
    return selection(r, path)->xdp;
}

static bool get_memory(struct probe_role *r)
{
    struct probe_xdp *x = r->xdp = calloc(1, sizeof *x);
    if (!x)
        return false;
    x->ask.netlink = -1;
    for (enum family family = 0; family < FAMILIES; family++)
        x->ask.udp[family] = -1;
    x->ways = calloc(r->group_count, sizeof x->ways[0]);
    x->neighbours = calloc(r->group_count, sizeof x->neighbours[0]);
    for (uint32_t group = 0; x->ways && group < r->group_count; group++)
        x->ways[group] = NOBODY;
    return x->ways && x->neighbours;
}

bool probe_xdp_open(struct probe_role *r, char *why)
{
    if (!wants(r))
        return true;
    if (!get_memory(r))
        return probe_fail(why, "cannot probe: out of memory");
    struct neighbour_ask ask;
    int error = neighbour_ask_open(&ask);
    if (!error)
        r->xdp->ask = ask;
    else
        return probe_fail(why, "cannot ask for neighbours: %s", strerror(-error));
    for (uint32_t path = 0; path < r->path_count; path++)
        if (is_first_of_device(r, path))
            open_device(r, path);
    for (uint32_t group = 0; group < r->group_count; group++)
        probe_xdp_change_source(r, group, r->groups[group].source);
    probe_xdp_ask_again(r);
    return true;
}

void probe_xdp_close(struct probe_xdp *x)
{
    if (!x)
        return;
    for (uint32_t i = 0; i < x->device_count; i++)
        xdp_device_close(x->devices[i]);
    neighbour_ask_close(&x->ask);
    free(x->ways);
    free(x->neighbours);
    free(x);
}

static uint32_t path_of(const struct probe_role *r, uint32_t group)
{
    return group / r->net->target_count;
}

// As many as there are groups at most: where more have come and gone, the last go by sockets.
static uint32_t neighbour_of(struct probe_role *r, uint32_t interface, struct address address)
{
    struct probe_xdp *x = r->xdp;
    for (uint32_t i = 0; i < x->neighbour_count; i++)
        if (x->neighbours[i].interface == interface &&
            address_equal(x->neighbours[i].address, address))
            return i;
    if (x->neighbour_count == r->group_count)
        return NOBODY;
    x->neighbours[x->neighbour_count] =
        (struct neighbour){.interface = interface, .address = address};
    return x->neighbour_count++;
}

static void ask_way(struct probe_role *r, uint32_t group)
{
    struct probe_xdp *x = r->xdp;
    const struct xdp_device *device = x->of_path[path_of(r, group)];
    struct address target = endpoint_address(&r->groups[group].peer);
    struct way way;
    if (!device || target.family == FAMILY_NONE || r->groups[group].source.family == FAMILY_NONE)
        return;
    const struct way_question question = {
        .source = r->groups[group].source,
        .destination = target,
        .interface = xdp_device_interface(device),
        .mark = selection(r, path_of(r, group))->mark,
    };
    bool is_plain = way_ask(r->first_links.netlink, &question, &way) &&
                    way.interface == question.interface && !way.is_wrapped;
    x->ways[group] = is_plain ? neighbour_of(r, question.interface, way.next_hop) : NOBODY;
}

// Reminding is a packet to a router of ours.
static void ask_neighbour(struct probe_role *r, struct neighbour *neighbour)
{
    struct neighbour_ask *ask = &r->xdp->ask;
    if (neighbour->asked_at.ns > 0 && mono_since_ns(r->now, neighbour->asked_at) < ask_ns)
        return;
    bool was_asked = neighbour->asked_at.ns > 0;
    bool knows = neighbour_ask_mac(ask, neighbour->interface, neighbour->address, neighbour->mac);
    neighbour->is_known |= knows;
    neighbour->asked_at = was_asked || knows ? r->now : (struct mono){0};
    if (knows && mono_since_ns(r->now, neighbour->reminded_at) < remind_ns)
        return;
    if (!knows && mono_since_ns(r->now, neighbour->reminded_at) < ask_ns)
        return;
    neighbour->reminded_at = r->now;
    neighbour_ask_remind(ask, neighbour->interface, neighbour->address);
}

void probe_xdp_ask(struct probe_role *r)
{
    struct probe_xdp *x = r->xdp;
    if (!x)
        return;
    for (uint32_t left = round_turn(&x->round, r->group_count, ASKED_A_TURN); left > 0; left--)
        ask_way(r, round_next(&x->round, r->group_count));
    for (uint32_t i = 0, unknown = 0; i < x->neighbour_count && unknown < UNKNOWN_A_TURN; i++)
        if (!x->neighbours[i].is_known) {  // as long as it is, all goes by sockets
            ask_neighbour(r, &x->neighbours[i]);
            unknown++;
        }
    for (uint32_t i = 0; i < NEIGHBOURS_A_TURN && i < x->neighbour_count; i++) {
        x->reminded = x->reminded + 1 < x->neighbour_count ? x->reminded + 1 : 0;
        ask_neighbour(r, &x->neighbours[x->reminded]);
    }
}

void probe_xdp_ask_all(struct probe_role *r)
{
    struct probe_xdp *x = r->xdp;
    if (!x)
        return;
    for (uint32_t group = 0; group < r->group_count; group++)
        ask_way(r, group);
    x->round = (struct round){0};
    for (uint32_t i = 0; i < x->neighbour_count; i++)
        ask_neighbour(r, &x->neighbours[i]);
}

void probe_xdp_ask_again(struct probe_role *r)
{
    if (r->xdp)
        round_hurry(&r->xdp->round, r->group_count);
}

static bool is_source_of_others(const struct probe_role *r, uint32_t group)
{
    const struct probe_xdp *x = r->xdp;
    for (uint32_t other = 0; other < r->group_count; other++)
        if (other != group && x->of_path[path_of(r, other)] == x->of_path[path_of(r, group)] &&
            address_equal(r->groups[other].source, r->groups[group].source))
            return true;
    return false;
}

// Where the device cannot be told, answers come by the kernel's sockets: dearer, not lost.
void probe_xdp_change_source(struct probe_role *r, uint32_t group, struct address source)
{
    struct xdp_device *device = r->xdp ? r->xdp->of_path[path_of(r, group)] : NULL;
    if (!device)
        return;
    struct address old = r->groups[group].source;
    if (!address_equal(old, source)) {
        r->xdp->ways[group] = NOBODY;
        probe_xdp_ask_again(r);
    }
    if (old.family != FAMILY_NONE && !address_equal(old, source) && !is_source_of_others(r, group))
        (void)xdp_program_leave(xdp_device_program(device), old);
    if (source.family != FAMILY_NONE)
        (void)xdp_program_take(xdp_device_program(device), source);
}

static bool is_plain(const struct probe_role *r, const struct flow *flow)
{
    return flow->size_bytes == 0 && flow->use != FLOW_CROSSING &&
           probe_kinds[r->net->targets[flow->target].protocol].carrier == PROBE_UDP;
}

bool probe_xdp_begin(struct probe_role *r, const struct flow *flow, struct xdp_frame *frame)
{
    struct xdp_device *device = r->xdp ? r->xdp->of_path[flow->path] : NULL;
    if (!device || !is_plain(r, flow))
        return false;
    uint32_t way = r->xdp->ways[probe_group_of(r, flow->path, flow->target)];
    const struct neighbour *neighbour = way != NOBODY ? &r->xdp->neighbours[way] : NULL;
    if (!neighbour || !neighbour->is_known || !xdp_device_room(device, frame))
        return false;
    struct writer w = writer_over(frame->bytes, FRAME_ETHERNET);
    frame_begin(&w, neighbour->mac, xdp_device_mac(device), r->paths[flow->path].is.family);
    return true;
}

bool probe_xdp_is_shared(const struct probe_role *r, uint32_t one, uint32_t other)
{
    return r->xdp && r->xdp->of_path[one] == r->xdp->of_path[other];
}

int probe_xdp_send(struct probe_role *r, uint32_t path, const struct xdp_frame *frames,
                   uint32_t count, bool left[])
{
    return xdp_device_send(r->xdp->of_path[path], frames, count, left);
}

uint32_t probe_xdp_receive(const struct probe_receiver *receiver, struct xdp_frame *frames)
{
    return xdp_device_receive(receiver->device, receiver->queue, frames);
}

uint32_t probe_xdp_dropped(const struct probe_receiver *receiver)
{
    return xdp_device_dropped(receiver->device, receiver->queue);
}
