// SPDX-License-Identifier: ISC
#include "role/probe.h"

#include "probe/icmp.h"
#include "probe/stamp.h"
#include "role/log.h"

#include <stdio.h>

#define HOPS_TOLD_EVERY_NS (10 * (int64_t)NS_PER_S)
enum { BATCHES_PER_TURN_MAX = 8 };  // of one socket, so that a flood cannot delay probes

void probe_check_drops(struct probe_role *r, struct probe_socket *socket, uint32_t dropped)
{
    if ((int32_t)(dropped - socket->dropped) <= 0)
        return;
    socket->dropped = dropped;
    for (uint32_t id = 0; id < r->flow_count; id++)
        if (&r->sockets[r->flows[id].socket] == socket)
            probe_void(r, id, SAMPLE_SOCKET_DROPPED);
}

// The flow whose target answers from there, NET_NOBODY: none.
static uint32_t flow_of(const struct probe_role *r, const struct probe_socket *socket,
                        uint32_t number, const union endpoint *peer)
{
    struct address address = endpoint_address(peer);
    enum family family = r->paths[socket->path].is.family;
    for (uint32_t t = 0; t < r->net->target_count; t++) {
        const struct net_target *target = &r->net->targets[t];
        uint32_t first = r->first_flow[socket->path * r->net->target_count + t];
        if (first != NET_NOBODY && target->protocol == socket->protocol && number < target->flows &&
            address_equal(target->address[family], address) &&
            (socket->protocol == NET_ICMP || target->port == endpoint_port(peer)))
            return first + number;
    }
    return NET_NOBODY;
}

static uint32_t read_stamp(const struct probe_role *r, const struct probe_socket *socket, int i,
                           struct flight_answer *answer, uint8_t *forward_ttl)
{
    const struct datagram_slot *slot = &r->in.slots[i];
    struct stamp_reply reply;
    if (!stamp_reply_decode(slot->bytes, datagram_size(&r->in, i), &reply))
        return NET_NOBODY;
    uint32_t id = flow_of(r, socket, socket->flow, &slot->peer);
    if (id == NET_NOBODY || (reply.ssid != 0 && reply.ssid != r->flows[id].ssid))
        return NET_NOBODY;
    answer->sequence = reply.sender_sequence;
    answer->echo = reply.sender_timestamp;
    answer->has_count = true;
    answer->reflected = reply.sequence;
    answer->kept_ns = stamp_turnaround_ns(&reply);
    *forward_ttl = reply.sender_ttl;
    return id;
}

static uint32_t read_icmp(const struct probe_role *r, const struct probe_socket *socket, int i,
                          struct flight_answer *answer)
{
    const struct datagram_slot *slot = &r->in.slots[i];
    struct icmp_echo echo;
    if (!icmp_reply_decode(r->paths[socket->path].is.family, slot->bytes, datagram_size(&r->in, i),
                           &echo))
        return NET_NOBODY;
    uint32_t number = echo.id - (PROBE_PORT_FIRST + socket->path * NET_FLOWS_MAX);
    uint32_t id = flow_of(r, socket, number, &slot->peer);
    if (id == NET_NOBODY)
        return NET_NOBODY;
    answer->sequence = flight_expand(&r->flight, id, echo.sequence);
    answer->echo = echo.tag;
    return id;
}

// A change of hops is a change of path, told for free; each flow's at most once in a while.
static void note_hops(struct probe_role *r, uint32_t id, uint8_t forward, uint8_t reverse)
{
    struct probe_flow *flow = &r->flows[id];
    bool is_known = flow->reverse_ttl > 0;
    bool has_changed = flow->forward_ttl != forward || flow->reverse_ttl != reverse;
    flow->forward_ttl = forward;
    flow->reverse_ttl = reverse;
    if (!is_known || !has_changed || mono_since_ns(r->now, flow->hops_told_at) < HOPS_TOLD_EVERY_NS)
        return;
    flow->hops_told_at = r->now;
    const struct flight_flow *name = &r->flight.flows[id];
    char path[NET_NAME_MAX + 8];
    log_line("event=hops_changed path='%s' target=%s flow=%u ttl_there=%u ttl_back=%u",
             net_path_name(r->net, name->path, path), r->net->targets[name->target].name,
             name->flow, forward, reverse);
}

// By the kernel's clock reading when it has one; never later than now, when we read it.
static struct mono came_at(const struct probe_role *r, const struct datagram_facts *facts)
{
    struct mono at = {facts->received_at.ns - r->wall_ahead_ns};
    return facts->received_at.ns > 0 && !mono_reached(at, r->now) ? at : r->now;
}

static void take(struct probe_role *r, struct probe_socket *socket, int i)
{
    struct datagram_facts facts = datagram_facts(&r->in, i);
    struct flight_answer answer = {.came_at = came_at(r, &facts)};
    uint8_t forward_ttl = 0;
    if (facts.dropped > 0)
        probe_check_drops(r, socket, facts.dropped);
    uint32_t id = NET_NOBODY;
    if (datagram_size(&r->in, i) != SIZE_MAX)
        id = socket->protocol == NET_STAMP ? read_stamp(r, socket, i, &answer, &forward_ttl)
                                           : read_icmp(r, socket, i, &answer);
    struct sample sample;
    enum flight_fit fit =
        id == NET_NOBODY ? FLIGHT_STRANGE : flight_answer(&r->flight, id, &answer, r->now, &sample);
    r->counts.strange += fit == FLIGHT_STRANGE;
    r->counts.doubled += fit == FLIGHT_DOUBLED;
    if (fit != FLIGHT_FITS)
        return;
    probe_tell(r, id, &sample);
    note_hops(r, id, forward_ttl, facts.ttl);
}

void probe_receive(struct probe_role *r, struct probe_socket *socket)
{
    for (int batch = 0; batch < BATCHES_PER_TURN_MAX; batch++) {
        int came = datagram_receive(socket->fd, &r->in);
        for (int i = 0; i < came; i++)
            take(r, socket, i);
        if (came < DATAGRAM_BATCH)  // an error of one socket shows as loss or silence of its path
            return;
    }
}
