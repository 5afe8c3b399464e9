// SPDX-License-Identifier: ISC
#include "role/probe_send.h"

#include "base/wordhash.h"
#include "probe/frame.h"
#include "role/now.h"
#include "role/probe_departure.h"
#include "role/probe_tell.h"
#include "role/probe_xdp.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

enum { PROBES_PER_TURN_MAX = 512 };     // so that answers are read in between
enum { SEND_NS_MAX = 10 * NS_PER_US };  // what handing over one packet takes
// The kernel hashes labels for its own choice of ways, but only takes ones below 0x80000 unasked
// (ip-sysctl, flowlabel_state_ranges). The packet has the whole one.
enum { LABEL_MAX = 0x7ffff };

// Probes of one path as datagrams for its socket, or of several as frames for one device. These
// wait until a turn has no more of them: each call wakes whoever is at the other end.
struct send_batch {
    uint32_t path;  // of the first
    bool by_device;
    int count;
    struct mono written_at;
    uint32_t flows[DATAGRAM_BATCH];
    uint64_t echoes[DATAGRAM_BATCH];
    struct xdp_frame frames[XDP_BATCH];
};

static_assert((int)XDP_BATCH == (int)DATAGRAM_BATCH, "one batch for both");

bool probe_send_open(struct probe_role *r)
{
    r->frames = calloc(1, sizeof *r->frames);
    if (r->frames)
        r->frames->by_device = true;
    return r->frames;
}

void probe_send_close(struct probe_role *r)
{
    free(r->frames);
}

static uint64_t tag_of(const struct probe_role *r, uint32_t id, uint32_t sequence, struct mono at)
{
    struct wordhash hash = wordhash_begin(r->key);
    wordhash_add(&hash, (uint64_t)id << 32 | sequence);
    wordhash_add(&hash, (uint64_t)at.ns);
    return wordhash_end(hash);
}

static const struct net_target *target_of(const struct probe_role *r, const struct flow *flow)
{
    return &r->net->targets[flow->target];
}

// Whose source address the packets have, and so which way their answers take.
static const struct probe_group *back_of(const struct probe_role *r, const struct flow *flow)
{
    uint32_t path = flow->use == FLOW_CROSSING ? flow->back : flow->path;
    return &r->groups[probe_group_of(r, path, flow->target)];
}

// Composes a whole packet; gives what its answer must return.
static uint64_t compose(struct probe_role *r, const struct flow *flow, struct probe_packet *packet,
                        struct writer *w)
{
    const struct net_target *target = target_of(r, flow);
    const struct probe_kind *kind = &probe_kinds[target->protocol];
    enum family family = r->paths[flow->path].is.family;
    packet->ip.source = back_of(r, flow)->source;
    packet->ip.destination = target->address[family];
    packet->ip.protocol = probe_carriers[kind->carrier].protocol[family];
    packet->ip.dscp = flow->dscp;
    packet->ip.label = flow->label;
    packet->ip.id = (uint16_t)packet->sequence;
    packet->port = flow->port;
    packet->target_port = probe_target_port(target);
    packet->size_bytes = flow->size_bytes;
    packet->is_to_us = target->ours;
    packet->node = target->node[family];
    packet->micro_session = r->paths[flow->path].micro_session;
    ip_header_begin(w, &packet->ip);
    uint64_t echo = kind->write(packet, w);
    ip_header_finish(w, &packet->ip);
    return echo;
}

// As the i-th datagram to send.
static uint64_t compose_datagram(struct probe_role *r, int i, const struct flow *flow,
                                 struct probe_packet *packet)
{
    struct datagram_slot *slot = &r->out.slots[i];
    struct writer w = writer_over(slot->bytes, DATAGRAM_SIZE_MAX);
    uint64_t echo = compose(r, flow, packet, &w);
    slot->peer = r->groups[probe_group_of(r, flow->path, flow->target)].peer;
    if (r->paths[flow->path].is.family == FAMILY_IPV6)
        slot->peer.ipv6.sin6_flowinfo = htonl(flow->label & LABEL_MAX);
    datagram_compose(&r->out, i, w.size, (struct address){0}, 0);
    return echo;
}

static uint64_t compose_frame(struct probe_role *r, struct xdp_frame *frame,
                              const struct flow *flow, struct probe_packet *packet)
{
    struct writer w =
        writer_over(frame->bytes + FRAME_ETHERNET, (size_t)XDP_FRAME_MAX - FRAME_ETHERNET);
    uint64_t echo = compose(r, flow, packet, &w);
    frame->size = FRAME_ETHERNET + w.size;
    return echo;
}

static void add(struct probe_role *r, struct send_batch *batch, uint32_t id)
{
    if (batch->count == 0)
        batch->written_at = now_mono();  // not the turn's: it is half of the round trip
    int i = batch->count++;
    uint32_t sequence = r->flows[id].flight.next;
    struct probe_packet packet = {
        .ip.ttl = PROBE_TTL,
        .ssid = r->flows[id].state.ssid,
        .sequence = sequence,
        .tag = tag_of(r, id, sequence, batch->written_at),
        .at = {batch->written_at.ns + r->clocks.ahead_ns},
    };
    batch->flows[i] = id;
    batch->echoes[i] = batch->by_device
                           ? compose_frame(r, &batch->frames[i], &r->flows[id], &packet)
                           : compose_datagram(r, i, &r->flows[id], &packet);
}

// Void, and why: a probe that never left says nothing about the path.
static void tell_unsent(struct probe_role *r, uint32_t id, enum sample_void_reason reason)
{
    const struct flow *flow = &r->flows[id];
    struct sample sample = {
        .id = id,
        .use = flow->use,
        .path = flow->path,
        .target = flow->target,
        .flow = flow->number,
        .verdict = SAMPLE_VOID,
        .void_reason = reason,
        .sent_at = r->now,
        .known_at = r->now,
    };
    probe_tell(r, &sample);
}

static enum sample_void_reason reason_of(int error)
{
    bool is_link = error == ENETDOWN || error == ENETUNREACH || error == EHOSTUNREACH ||
                   error == ENODEV || error == EADDRNOTAVAIL || error == ENXIO;
    return is_link ? SAMPLE_LINK_DOWN : SAMPLE_SEND_FAILED;
}

// The kernel takes them one after the other, each in a like part of the call; unless somebody else
// had the processor meanwhile, when that is known of none.
static void note_sent(struct probe_role *r, const struct send_batch *batch, int first, int count,
                      struct mono began)
{
    int64_t each_ns = mono_since_ns(now_mono(), began) / count;
    each_ns = each_ns < SEND_NS_MAX ? each_ns : 0;
    r->counts.sent += (uint64_t)count;
    for (int i = 0; i < count; i++)
        flight_sent(&r->flight, batch->flows[first + i], mono_add_ns(began, i * each_ns),
                    batch->echoes[first + i]);
}

// Where it took so long that somebody else had the processor, nobody knows when the packets left:
// what they seem to take longer may be our own waiting. Told when the batch is done with.
static void void_delayed(struct probe_role *r, const struct send_batch *batch, struct mono began)
{
    if (mono_since_ns(now_mono(), began) <= PROBE_LAG_MIN_NS)
        return;
    for (int i = 0; i < batch->count; i++)
        probe_void(r, batch->flows[i], SAMPLE_LOOP_LAGGED);
}

static void flush_datagrams(struct probe_role *r, struct send_batch *batch)
{
    int fd = r->paths[batch->path].sender;
    struct mono first_began = now_mono();
    bool asks = probe_departure_ask(r, batch->path, first_began);
    for (int next = 0; next < batch->count;) {
        struct mono began = now_mono();
        int sent = datagram_send(fd, &r->out, next, batch->count - next);
        if (sent <= 0)
            tell_unsent(r, batch->flows[next++], reason_of(-sent));
        else
            note_sent(r, batch, next, sent, began);
        if (asks && next == 0 && sent > 0)
            departure_asked(&r->paths[batch->path].departure, began);
        next += sent > 0 ? sent : 0;
    }
    void_delayed(r, batch, first_began);
}

static void flush_frames(struct probe_role *r, struct send_batch *batch)
{
    bool left[XDP_BATCH];
    struct mono began = now_mono();
    int error = probe_xdp_send(r, batch->path, batch->frames, (uint32_t)batch->count, left);
    note_sent(r, batch, 0, batch->count, began);
    for (int i = 0; error && i < batch->count; i++)
        if (!left[i])
            probe_void(r, batch->flows[i], reason_of(-error));
    void_delayed(r, batch, began);
}

static void flush(struct probe_role *r, struct send_batch *batch)
{
    if (batch->count > 0 && batch->by_device)
        flush_frames(r, batch);
    else if (batch->count > 0)
        flush_datagrams(r, batch);
    batch->count = 0;
}

// By its path's device, with others; false: it is to go by the path's socket.
static bool put_frame(struct probe_role *r, uint32_t id)
{
    struct send_batch *frames = r->frames;
    uint32_t path = r->flows[id].path;
    struct xdp_frame frame;
    if (!probe_xdp_begin(r, &r->flows[id], &frame))
        return false;
    if (!probe_xdp_is_shared(r, frames->path, path))
        flush(r, frames);
    frames->path = path;
    frames->frames[frames->count] = frame;
    add(r, frames, id);
    if (frames->count == XDP_BATCH)
        flush(r, frames);
    return true;
}

static bool has_way(const struct probe_role *r, uint32_t id)
{
    const struct flow *flow = &r->flows[id];
    return !probe_is_cut_off(r, id) && back_of(r, flow)->source.family != FAMILY_NONE;
}

// Flows due now, each followed by the next of the same path.
struct due {
    uint32_t ids[PROBES_PER_TURN_MAX], next[PROBES_PER_TURN_MAX];
    uint32_t first[NET_PATHS_MAX], last[NET_PATHS_MAX];  // places in `ids`, from 1; 0: none
};

// There are more flows than a processor's caches hold: what is needed of one is asked for while
// others are taken, and has come when it is sent.
static uint32_t take_ids(struct probe_role *r, struct due *due)
{
    uint32_t count = 0, id;
    while (count < PROBES_PER_TURN_MAX &&
           (id = schedule_take(r->schedule, r->now)) != SCHEDULE_NOBODY) {
        due->ids[count++] = id;
        flight_fetch(&r->flight, id);
    }
    return count;
}

static void take_due(struct probe_role *r, struct due *due)
{
    uint32_t count = take_ids(r, due);
    for (uint32_t path = 0; path < r->path_count; path++)
        due->first[path] = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct flow *flow = &r->flows[due->ids[i]];
        uint32_t path = flow->path, group = probe_group_of(r, path, flow->target);
        __builtin_prefetch(&r->groups[group]);
        flight_fetch_timeout(&r->flight, group);
        due->next[i] = 0;
        if (due->first[path] == 0)
            due->first[path] = i + 1;
        else
            due->next[due->last[path] - 1] = i + 1;
        due->last[path] = i + 1;
    }
}

static void send_path(struct probe_role *r, const struct due *due, struct send_batch *datagrams)
{
    uint32_t path = datagrams->path;
    for (uint32_t place = due->first[path]; place > 0; place = due->next[place - 1]) {
        uint32_t id = due->ids[place - 1];
        if (!has_way(r, id)) {
            tell_unsent(r, id, SAMPLE_LINK_DOWN);
            continue;
        }
        if (!flight_has_room(&r->flight, id)) {  // too many of its probes have no verdict yet
            r->counts.no_room++;
            continue;
        }
        if (put_frame(r, id))
            continue;
        add(r, datagrams, id);
        if (datagrams->count == DATAGRAM_BATCH)
            flush(r, datagrams);
    }
    flush(r, datagrams);
}

void probe_send_due(struct probe_role *r)
{
    struct due due;
    struct send_batch datagrams = {0};
    take_due(r, &due);
    for (; datagrams.path < r->path_count; datagrams.path++)
        send_path(r, &due, &datagrams);
}

int probe_send_one(struct probe_role *r, uint32_t id)
{
    struct send_batch batch = {.path = r->flows[id].path};
    if (!has_way(r, id))
        return -ENETUNREACH;
    if (!flight_has_room(&r->flight, id))
        return -ENOBUFS;
    if (put_frame(r, id))
        return 0;
    add(r, &batch, id);
    struct mono began = now_mono();
    int sent = datagram_send(r->paths[batch.path].sender, &r->out, 0, 1);
    if (sent > 0)
        note_sent(r, &batch, 0, 1, began);
    return sent > 0 ? 0 : sent < 0 ? sent : -EAGAIN;
}

void probe_send_rest(struct probe_role *r)
{
    flush(r, r->frames);
}

int probe_send_unawaited(struct probe_role *r, const struct flow *flow, uint8_t ttl,
                         uint32_t sequence)
{
    struct mono now = now_mono();
    struct probe_packet packet = {
        .ip.ttl = ttl,
        .sequence = sequence,
        .tag = tag_of(r, UINT32_MAX, sequence, now),
        .at = {now.ns + r->clocks.ahead_ns},
    };
    if (r->groups[probe_group_of(r, flow->path, flow->target)].source.family == FAMILY_NONE)
        return -ENETUNREACH;
    compose_datagram(r, 0, flow, &packet);
    int sent = datagram_send(r->paths[flow->path].sender, &r->out, 0, 1);
    return sent > 0 ? 0 : sent < 0 ? sent : -EAGAIN;
}
