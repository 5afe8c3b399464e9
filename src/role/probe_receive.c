// SPDX-License-Identifier: ISC
#include "role/probe_receive.h"

#include "detect/delays.h"
#include "detect/site.h"
#include "probe/frame.h"
#include "role/log.h"
#include "role/probe_open.h"
#include "role/probe_tell.h"
#include "role/probe_trace.h"
#include "role/probe_xdp.h"

#include <assert.h>
#include <stdio.h>

enum { TOLD_EVERY_S = 10 };
enum { RTT_AHEAD = 4 };             // answers
enum { BATCHES_PER_TURN_MAX = 8 };  // of one family, so that a flood cannot delay probes
static_assert((int)XDP_BATCH <= (int)DATAGRAM_BATCH, "frames fit where datagrams do");

struct probe_receiver *probe_receiver_of(struct probe_role *r, uint32_t id)
{
    const struct flow *flow = &r->flows[id];
    enum probe_carrier carrier = probe_kinds[r->net->targets[flow->target].protocol].carrier;
    struct probe_receiver *receiver = r->receivers;
    while (receiver->carrier != carrier || receiver->family != r->paths[flow->path].is.family)
        receiver++;
    return receiver;
}

bool probe_hears_for(const struct probe_receiver *receiver, const struct probe_receiver *of_flow)
{
    return receiver == of_flow || (receiver->device && receiver->carrier == of_flow->carrier);
}

uint32_t probe_dropped(const struct probe_receiver *receiver)
{
    return receiver->device ? probe_xdp_dropped(receiver) : datagram_dropped(receiver->fd);
}

void probe_check_drops(struct probe_role *r, struct probe_receiver *receiver, uint32_t dropped)
{
    if ((int32_t)(dropped - receiver->dropped) <= 0)
        return;
    receiver->dropped = dropped;
    uint32_t count = flight_waiting(&r->flight, r->scratch);
    for (uint32_t i = 0; i < count; i++)
        if (probe_hears_for(receiver, probe_receiver_of(r, r->scratch[i])))
            probe_void(r, r->scratch[i], SAMPLE_SOCKET_DROPPED);
}

static bool was_told(const struct flow_state *state, uint16_t now_s)
{
    return state->told_s > 0 && (uint16_t)(now_s - state->told_s) < TOLD_EVERY_S;
}

// A change of hops is a change of path, told for free; each flow's at most once in a while.
static void note_hops(struct probe_role *r, uint32_t id, uint8_t forward, uint8_t reverse)
{
    struct flow_state *state = &r->flows[id].state;
    uint16_t now_s = (uint16_t)(r->now.ns / NS_PER_S);
    bool is_known = state->reverse_ttl > 0;
    bool has_changed = state->forward_ttl != forward || state->reverse_ttl != reverse;
    state->forward_ttl = forward;
    state->reverse_ttl = reverse;
    if (!is_known || !has_changed || was_told(state, now_s))
        return;
    state->told_s = now_s;
    if (r->flows[id].use == FLOW_SENTINEL)
        probe_trace_again(r->trace, r->flows[id].path, r->flows[id].target);
    const struct flow *name = &r->flows[id];
    char path[NET_NAME_MAX + 8];
    log_line("event=hops_changed path='%s' target=%s flow=%u ttl_there=%u ttl_back=%u",
             net_path_name(r->net, name->path, path), r->net->targets[name->target].name,
             name->number, forward, reverse);
}

// Somebody on the way gives packets of a class to another, or does no longer. What comes back is
// judged only where the reflector was willing to send it as it was asked.
static void note_class(struct probe_role *r, uint32_t id, const struct stamp_class *arrived,
                       uint8_t dscp_back)
{
    struct flow_state *state = &r->flows[id].state;
    const struct flow *flow = &r->flows[id];
    uint16_t now_s = (uint16_t)(r->now.ns / NS_PER_S);
    if (arrived->refused)
        dscp_back = flow->dscp;
    bool has_changed = state->dscp_there != arrived->dscp_came || state->dscp_back != dscp_back;
    if (!has_changed || was_told(state, now_s))
        return;
    state->dscp_there = arrived->dscp_came;
    state->dscp_back = dscp_back;
    state->told_s = now_s;
    char path[NET_NAME_MAX + 8];
    log_line("event=class_changed path='%s' target=%s dscp=%u there=%u back=%u",
             net_path_name(r->net, flow->path, path), r->net->targets[flow->target].name,
             flow->dscp, arrived->dscp_came, dscp_back);
}

// Who answered, and by which link the probe came there: one that moves says that the way does.
static void note_end(struct probe_role *r, uint32_t id, const struct probe_answer *answer)
{
    const struct flow *flow = &r->flows[id];
    struct probe_group *group = &r->groups[probe_group_of(r, flow->path, flow->target)];
    bool is_elsewhere = answer->node == STAMP_NODE_OTHER;
    if ((is_elsewhere == group->is_elsewhere && answer->micro_session == group->link_there) ||
        (group->told_at.ns > 0 &&
         mono_since_ns(r->now, group->told_at) < TOLD_EVERY_S * (int64_t)NS_PER_S))
        return;
    group->is_elsewhere = is_elsewhere;
    group->link_there = answer->micro_session;
    group->told_at = r->now;
    char path[NET_NAME_MAX + 8];
    log_line("event=far_end path='%s' target=%s flow=%u node=%s link=%u",
             net_path_name(r->net, flow->path, path), r->net->targets[flow->target].name,
             flow->number, is_elsewhere ? "another" : "as-meant", answer->micro_session);
}

// By the kernel's clock reading when it has one; never later than now, when we read it.
static struct mono came_at(const struct probe_role *r, const struct datagram_facts *facts)
{
    struct mono at = {facts->received_at.ns - r->clocks.ahead_ns};
    return facts->received_at.ns > 0 && !mono_reached(at, r->now) ? at : r->now;
}

// A batch is read in passes: more flows are known than a processor's caches hold, so that where
// each answer leads is asked for before the first is looked at.
struct answers {
    struct probe_receiver *receiver;
    int count;
    struct datagram_facts facts[DATAGRAM_BATCH];
    struct probe_address from[DATAGRAM_BATCH];
    const uint8_t *bytes[DATAGRAM_BATCH];
    size_t sizes[DATAGRAM_BATCH];
    uint64_t hashes[DATAGRAM_BATCH];
    uint32_t ids[DATAGRAM_BATCH];  // the first that it may be an answer of
    bool located[DATAGRAM_BATCH];
};

// Whether the flow's probes are answered like that: the index knows only a hash of it.
static bool is_answered_by(const struct probe_role *r, uint32_t id, enum probe_carrier carrier,
                           const struct probe_address *from)
{
    const struct flow *flow = &r->flows[id];
    const struct net_target *target = &r->net->targets[flow->target];
    return flow->port == from->port && r->paths[flow->path].is.family == from->peer.family &&
           probe_kinds[target->protocol].carrier == carrier &&
           probe_target_port(target) == from->peer_port &&
           address_equal(target->address[from->peer.family], from->peer);
}

// What the answer says if it is one of this flow; only then the sample is told.
static enum flight_fit try_flow(struct probe_role *r, uint32_t id, const struct answers *answers,
                                int i)
{
    const struct probe_kind *kind = &probe_kinds[r->net->targets[r->flows[id].target].protocol];
    const struct datagram_facts *facts = &answers->facts[i];
    struct probe_answer answer = {.flight.came_at = came_at(r, facts),
                                  .flight.undated = facts->received_at.ns <= 0};
    struct sample sample;
    if (!kind->read(answers->from[i].peer.family, answers->bytes[i], answers->sizes[i], &answer) ||
        (answer.ssid != 0 && answer.ssid != r->flows[id].state.ssid))
        return FLIGHT_STRANGE;
    if (answer.is_short)
        answer.flight.sequence = flight_expand(&r->flight, id, (uint16_t)answer.flight.sequence);
    enum flight_fit fit = flight_answer(&r->flight, id, &answer.flight, r->now, &sample);
    if (fit != FLIGHT_FITS)
        return fit;
    probe_tell(r, &sample);
    note_hops(r, id, answer.forward_ttl, facts->ttl);
    if (answer.has_class)
        note_class(r, id, &answer.arrived, facts->traffic_class >> 2);
    if (answer.node != STAMP_NODE_UNTOLD || answer.micro_session > 0)
        note_end(r, id, &answer);
    return fit;
}

static void look_up(struct probe_role *r, struct answers *answers, int i)
{
    if (!answers->located[i])
        return;
    answers->hashes[i] = probe_hash(r, answers->receiver->carrier, &answers->from[i]);
    flow_index_fetch(&r->index, answers->hashes[i]);
}

static void fetch_flow(const struct probe_role *r, struct answers *answers, int i)
{
    answers->ids[i] = FLOW_INDEX_NOBODY;
    if (answers->located[i])
        answers->ids[i] = flow_index_first(&r->index, answers->hashes[i]);
    uint32_t id = answers->ids[i];
    if (id == FLOW_INDEX_NOBODY)
        return;
    flight_fetch(&r->flight, id);
}

// From `id` on, of those that share the hash.
static uint32_t next_answered(const struct probe_role *r, const struct answers *answers, int i,
                              uint32_t id)
{
    while (id != FLOW_INDEX_NOBODY &&
           !is_answered_by(r, id, answers->receiver->carrier, &answers->from[i]))
        id = flow_index_next(&r->index, id);
    return id;
}

// Which it is, and what that leads to.
static void fetch_probe(const struct probe_role *r, struct answers *answers, int i)
{
    uint32_t id = answers->ids[i] = next_answered(r, answers, i, answers->ids[i]);
    if (id == FLOW_INDEX_NOBODY)
        return;
    flight_fetch_probe(&r->flight, id);
}

static enum flight_fit find_flow(struct probe_role *r, const struct answers *answers, int i)
{
    enum flight_fit fit = FLIGHT_STRANGE;
    if (!answers->located[i])
        return fit;
    const struct probe_address *from = &answers->from[i];
    uint32_t id = answers->ids[i];
    while (id != FLOW_INDEX_NOBODY) {
        fit = try_flow(r, id, answers, i);
        if (fit != FLIGHT_STRANGE)
            break;  // nearly always the first: what comes after it is not even looked for
        id = next_answered(r, answers, i, flow_index_next(&r->index, id));
    }
    if (fit == FLIGHT_STRANGE && probe_trace_reached(r->trace, answers->receiver->carrier, from,
                                                     answers->bytes[i], answers->sizes[i]))
        fit = FLIGHT_TOO_LATE;  // no probe's, and no stranger's
    return fit;
}

static void take(struct probe_role *r, const struct answers *answers, int i)
{
    if (answers->facts[i].dropped > 0)
        probe_check_drops(r, answers->receiver, answers->facts[i].dropped);
    enum flight_fit fit = find_flow(r, answers, i);
    r->counts.strange += fit == FLIGHT_STRANGE;
    r->counts.doubled += fit == FLIGHT_DOUBLED;
}

static void take_all(struct probe_role *r, struct answers *answers)
{
    r->came += (uint32_t)answers->count;
    for (int i = 0; i < answers->count; i++)
        look_up(r, answers, i);
    for (int i = 0; i < answers->count; i++)
        fetch_flow(r, answers, i);
    for (int i = 0; i < answers->count; i++)
        fetch_probe(r, answers, i);
    for (int i = 0; i < answers->count; i++) {
        if (i + RTT_AHEAD < answers->count && answers->ids[i + RTT_AHEAD] != FLOW_INDEX_NOBODY)
            flight_fetch_rtt(&r->flight, answers->ids[i + RTT_AHEAD]);
        take(r, answers, i);
    }
}

// Both read a batch, and are false when there was none, or only a part of one.
static bool read_datagrams(struct probe_role *r, struct probe_receiver *receiver,
                           struct answers *answers)
{
    const struct probe_carrier_kind *carrier = &probe_carriers[receiver->carrier];
    int came = datagram_receive(receiver->fd, &r->in);
    answers->count = came > 0 ? came : 0;
    for (int i = 0; i < came; i++) {
        answers->facts[i] = datagram_facts(&r->in, i);
        answers->bytes[i] = r->in.slots[i].bytes;
        answers->sizes[i] = datagram_size(&r->in, i);
        answers->located[i] =
            answers->sizes[i] != SIZE_MAX &&
            carrier->locate(receiver->family, &r->in, i, &answers->facts[i], &answers->from[i]);
    }
    return came == DATAGRAM_BATCH;  // an error of the socket shows as loss or silence
}

static bool locate_frame(const struct probe_role *r, const struct xdp_frame *frame,
                         struct answers *answers, int i)
{
    struct frame_udp udp;
    answers->facts[i] = (struct datagram_facts){0};
    if (!frame_udp_read(frame->bytes, frame->size, &udp))
        return false;
    bool is_dated = frame->came_at.ns > 0;
    answers->facts[i] = (struct datagram_facts){
        .received_at = {is_dated ? frame->came_at.ns + r->clocks.ahead_ns : 0},
        .ttl = udp.ttl,
        .traffic_class = udp.traffic_class,
    };
    answers->from[i] = (struct probe_address){udp.source, udp.source_port, udp.destination_port};
    answers->bytes[i] = udp.payload;
    answers->sizes[i] = udp.payload_size;
    return true;
}

static bool read_frames(struct probe_role *r, struct probe_receiver *receiver,
                        struct answers *answers)
{
    struct xdp_frame frames[XDP_BATCH];
    answers->count = (int)probe_xdp_receive(receiver, frames);
    for (int i = 0; i < answers->count; i++)
        __builtin_prefetch(frames[i].bytes);
    for (int i = 0; i < answers->count; i++)
        answers->located[i] = locate_frame(r, &frames[i], answers, i);
    return answers->count > 0;
}

bool probe_receive(struct probe_role *r, struct probe_receiver *receiver)
{
    struct answers answers;
    answers.receiver = receiver;
    bool has_more = true;
    int batches_max = receiver->device ? 2 * BATCHES_PER_TURN_MAX : BATCHES_PER_TURN_MAX;
    for (int batch = 0; has_more && batch < batches_max; batch++) {
        has_more = receiver->device ? read_frames(r, receiver, &answers)
                                    : read_datagrams(r, receiver, &answers);
        take_all(r, &answers);
    }
    return !has_more;
}
