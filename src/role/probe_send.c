// SPDX-License-Identifier: ISC
#include "role/probe.h"

#include "probe/icmp.h"
#include "probe/stamp.h"
#include "role/now.h"

#include <errno.h>

enum { PROBES_PER_TURN_MAX = 256 };  // so that answers are read in between

struct send_batch {
    uint32_t socket;
    int count;
    uint32_t flows[DATAGRAM_BATCH];
    struct mono sent_at[DATAGRAM_BATCH];
    uint64_t echoes[DATAGRAM_BATCH];
};

static uint64_t tag_of(const struct probe_role *r, uint32_t id, uint32_t sequence, struct mono at)
{
    const uint64_t name[3] = {id, sequence, (uint64_t)at.ns};
    return siphash(r->key, name, sizeof name);
}

// Writes the probe and gives what its answer must return.
static uint64_t write_probe(const struct probe_role *r, uint32_t id, struct mono now,
                            struct writer *w)
{
    const struct probe_flow *flow = &r->flows[id];
    const struct probe_socket *socket = &r->sockets[flow->socket];
    uint32_t sequence = r->flight.flows[id].next;
    uint64_t tag = tag_of(r, id, sequence, now);
    if (socket->protocol == NET_ICMP) {
        struct icmp_echo echo = {.id = flow->id, .sequence = (uint16_t)sequence, .tag = tag};
        icmp_echo_encode(w, r->paths[socket->path].is.family, &echo);
        return tag;
    }
    struct stamp_request request = {
        .sequence = sequence,
        .timestamp = stamp_tagged_ntp((struct wall){now.ns + r->wall_ahead_ns}, (uint16_t)tag),
        .error_estimate = STAMP_ERROR_ESTIMATE,
        .ssid = flow->ssid,
    };
    stamp_request_encode(w, &request);
    return request.timestamp;
}

static void add(struct probe_role *r, struct send_batch *batch, uint32_t id)
{
    int i = batch->count++;
    struct datagram_slot *slot = &r->out.slots[i];
    struct writer w = writer_over(slot->bytes, sizeof slot->bytes);
    batch->flows[i] = id;
    batch->sent_at[i] = now_mono();  // not the turn's: it is half of the round trip
    batch->echoes[i] = write_probe(r, id, batch->sent_at[i], &w);
    slot->peer = r->flows[id].peer;
    datagram_compose(&r->out, i, w.size, (struct address){0}, 0);
}

// Void, and why: a probe that never left says nothing about the path.
static void tell_unsent(struct probe_role *r, uint32_t id, enum sample_void_reason reason)
{
    const struct flight_flow *flow = &r->flight.flows[id];
    struct sample sample = {
        .path = flow->path,
        .target = flow->target,
        .flow = flow->flow,
        .verdict = SAMPLE_VOID,
        .void_reason = reason,
        .sent_at = r->now,
        .known_at = r->now,
    };
    probe_tell(r, id, &sample);
}

static enum sample_void_reason reason_of(int error)
{
    bool is_link = error == ENETDOWN || error == ENETUNREACH || error == EHOSTUNREACH ||
                   error == ENODEV || error == EADDRNOTAVAIL || error == ENXIO;
    return is_link ? SAMPLE_LINK_DOWN : SAMPLE_SEND_FAILED;
}

static void flush(struct probe_role *r, struct send_batch *batch)
{
    int fd = r->sockets[batch->socket].fd;
    for (int next = 0; next < batch->count;) {
        int sent = datagram_send(fd, &r->out, next, batch->count - next);
        if (sent <= 0)
            tell_unsent(r, batch->flows[next++], reason_of(-sent));
        for (; sent > 0; sent--, next++) {
            r->counts.sent++;
            flight_sent(&r->flight, batch->flows[next], batch->sent_at[next], batch->echoes[next]);
        }
    }
    batch->count = 0;
}

void probe_send_due(struct probe_role *r)
{
    struct send_batch batch = {0};
    for (int sent = 0; sent < PROBES_PER_TURN_MAX; sent++) {
        uint32_t id = schedule_take(r->schedule, r->now);
        if (id == SCHEDULE_NOBODY)
            break;
        if (r->paths[r->flight.flows[id].path].link_is_down) {
            tell_unsent(r, id, SAMPLE_LINK_DOWN);
            continue;
        }
        if (!flight_has_room(&r->flight, id)) {  // 64 of its probes have no verdict yet
            r->counts.no_room++;
            continue;
        }
        if (batch.count == DATAGRAM_BATCH || batch.socket != r->flows[id].socket)
            flush(r, &batch);
        batch.socket = r->flows[id].socket;
        add(r, &batch, id);
    }
    flush(r, &batch);
}
