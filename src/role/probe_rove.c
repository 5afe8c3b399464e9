// SPDX-License-Identifier: ISC
#include "role/probe_rove.h"

#include "detect/site.h"
#include "probe/rove.h"
#include "role/log.h"
#include "role/probe_open.h"
#include "role/probe_send.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
    STRAIGHT_MAX = 4,                // losses: of 40 % common ones, one run in 40
    SLOTS_MIN = 16 + ROVE_DEAD_MAX,  // enough for usual rates:
    SLOTS_EACH_MPPS = 8000,          // one more for every 8 probes a second
    ROVES_PER_TURN_MAX = 64,         // of one path
};
#define NATS_ASKED 16.0                        // detection.md 2.6
#define SHARE_ASKED 0.001                      // of 5-tuples dead: one in a thousand
#define PERSIST_NS (700 * (int64_t)NS_PER_MS)  // bursts of up to 500 ms are harmless

struct rove_path {
    struct rove *rove;                                // NULL: it has no target for this
    uint32_t targets[NET_TARGETS_MAX], target_count;  // of struct net
    uint32_t place[NET_TARGETS_MAX];                  // in `targets`; NET_NOBODY
};

struct probe_rove {
    struct probe_role *role;
    struct rove_path *paths;
    uint32_t first, slots;
};

static uint32_t slots_of(const struct probe_role *r)
{
    return SLOTS_MIN + r->net->probe.roving_rate_mpps / SLOTS_EACH_MPPS;
}

uint32_t probe_rove_flows(const struct probe_role *r)
{
    return r->net->probe.roving_rate_mpps > 0 ? r->path_count * slots_of(r) * 2 : 0;
}

// Each slot has two flows: its tuple, and the control beside it.
static uint32_t id_of(const struct probe_rove *v, uint32_t path, uint32_t slot,
                      enum rove_member member)
{
    return v->first + (path * v->slots + slot) * 2 + member;
}

static void find_targets(const struct probe_role *r, uint32_t path, struct rove_path *of)
{
    for (uint32_t t = 0; t < r->net->target_count; t++) {
        const struct net_target *target = &r->net->targets[t];
        bool has_ports = probe_kinds[target->protocol].carrier == PROBE_UDP;
        of->place[t] = NET_NOBODY;
        if (!has_ports || r->groups[probe_group_of(r, path, t)].peer.any.sa_family == AF_UNSPEC ||
            schedule_spare_due(r->schedule, path, t).ns == INT64_MAX)  // it may not be asked more
            continue;
        of->place[t] = of->target_count;
        of->targets[of->target_count++] = t;
    }
}

static bool new_path(struct probe_rove *v, uint32_t path)
{
    const struct probe_role *r = v->role;
    struct rove_path *of = &v->paths[path];
    find_targets(r, path, of);
    if (of->target_count == 0)
        return true;
    of->rove = rove_new(
        &(struct rove_settings){
            .family = r->paths[path].is.family,
            .target_count = of->target_count,
            .slot_count = v->slots,
            .port_first = PROBE_ROVING_FIRST,
            .port_count = PROBE_ROVING_COUNT,
            .interval_ns = 1000 * (int64_t)NS_PER_S / r->net->probe.roving_rate_mpps,
            .loss_normal = r->net->detect.loss_normal_ppm / 1e6,
            .share_asked = SHARE_ASKED,
            .nats_asked = NATS_ASKED,
            .persist_ns = PERSIST_NS,
        },
        siphash(r->key, &path, sizeof path));
    for (uint32_t slot = 0; of->rove && slot < v->slots; slot++)
        for (enum rove_member member = ROVE_TUPLE; member <= ROVE_CONTROL; member++) {
            uint32_t id = id_of(v, path, slot, member);
            probe_allow_lag(v->role, id, r->net->probe.timeout_min_ns);
            v->role->flows[id].path = (uint8_t)path;
            v->role->flows[id].use = member == ROVE_TUPLE ? FLOW_ROVING : FLOW_CONTROL;
        }
    return of->rove;
}

static void log_verdict(const struct probe_role *r, uint32_t path, uint32_t target,
                        const struct rove_verdict *verdict)
{
    char name[NET_NAME_MAX + 8];
    if (verdict->state == ROVE_DEAD)
        log_line("event=tuple_dead path='%s' target=%s port=%u label=0x%05x losses=%u nats=%.1f "
                 "dead=%u",
                 net_path_name(r->net, path, name), r->net->targets[target].name,
                 verdict->tuple.port, verdict->tuple.label, verdict->losses, verdict->nats,
                 verdict->dead);
    else if (verdict->was_dead)
        log_line("event=tuple_alive path='%s' target=%s port=%u label=0x%05x dead=%u",
                 net_path_name(r->net, path, name), r->net->targets[target].name,
                 verdict->tuple.port, verdict->tuple.label, verdict->dead);
}

static void tell(struct probe_rove *v, uint32_t path, const struct rove_send *of,
                 const struct sample *sample)
{
    struct rove_verdict verdict;
    if (!rove_told(v->paths[path].rove, of, sample, &verdict) || verdict.state == ROVE_UNKNOWN)
        return;
    uint32_t target = v->paths[path].targets[verdict.tuple.target];
    site_tuple(v->role->site, &(struct site_tuple){.path = path,
                                                   .target = target,
                                                   .dead = verdict.state == ROVE_DEAD,
                                                   .nats = verdict.nats,
                                                   .sent_at = verdict.sent_at,
                                                   .at = sample->known_at});
    log_verdict(v->role, path, target, &verdict);
}

static void on_sample(void *listener, const struct sample *sample)
{
    struct probe_rove *v = listener;
    const struct flow *flow = &v->role->flows[sample->id];
    uint32_t number = sample->id - v->first;
    tell(v, sample->path,
         &(struct rove_send){
             .slot = number / 2 % v->slots,
             .member = number % 2,
             .tuple = {v->paths[sample->path].place[flow->target], flow->port, flow->label},
         },
         sample);
}

// A sentinel that is never answered may be dead itself: it does not say how much is lost of others.
void probe_rove_fetch(const struct probe_rove *v, uint32_t path, uint32_t target)
{
    const struct rove_path *of = v ? &v->paths[path] : NULL;
    if (of && of->rove && of->place[target] != NET_NOBODY)
        rove_fetch(of->rove, of->place[target]);
}

static void on_sentinel(void *listener, const struct sample *sample)
{
    struct probe_rove *v = listener;
    const struct rove_path *path = &v->paths[sample->path];
    bool lost = sample->verdict == SAMPLE_LOST;
    uint8_t *straight = &v->role->flows[sample->id].state.straight;
    if (sample->verdict == SAMPLE_VOID || sample->late)
        return;
    if (!lost)
        *straight = 0;
    else if (*straight < STRAIGHT_MAX)
        ++*straight;
    if (path->rove && path->place[sample->target] != NET_NOBODY && *straight < STRAIGHT_MAX)
        rove_heard(path->rove, path->place[sample->target], lost, sample->known_at);
}

struct probe_rove *probe_rove_new(struct probe_role *r, uint32_t first)
{
    struct probe_rove *v = probe_rove_flows(r) > 0 ? calloc(1, sizeof *v) : NULL;
    if (!v)
        return NULL;
    *v = (struct probe_rove){.role = r, .first = first, .slots = slots_of(r)};
    v->paths = calloc(r->path_count, sizeof v->paths[0]);
    bool has_all = v->paths;
    for (uint32_t path = 0; has_all && path < r->path_count; path++)
        has_all = new_path(v, path);
    if (!has_all) {
        probe_rove_free(v);
        return NULL;
    }
    r->listeners[FLOW_ROVING] = r->listeners[FLOW_CONTROL] = (struct probe_listener){on_sample, v};
    r->listeners[FLOW_SENTINEL] = (struct probe_listener){on_sentinel, v};
    return v;
}

void probe_rove_free(struct probe_rove *v)
{
    if (!v)
        return;
    for (uint32_t path = 0; v->paths && path < v->role->path_count; path++)
        rove_free(v->paths[path].rove);
    free(v->paths);
    free(v);
}

void probe_rove_start(struct probe_rove *v)
{
    for (uint32_t path = 0; v && path < v->role->path_count; path++)
        if (v->paths[path].rove)
            rove_start(v->paths[path].rove, v->role->now);
}

static struct mono due_of(const struct probe_rove *v, uint32_t path)
{
    struct mono due = rove_due(v->paths[path].rove);
    struct mono room = schedule_spare_due(v->role->schedule, path, SCHEDULE_NOBODY);
    return mono_reached(due, room) ? due : room;
}

struct mono probe_rove_due(const struct probe_rove *v)
{
    struct mono due = {INT64_MAX};
    for (uint32_t path = 0; v && path < v->role->path_count; path++)
        if (v->paths[path].rove && mono_reached(due, due_of(v, path)))
            due = due_of(v, path);
    return due;
}

static void send_one(struct probe_rove *v, uint32_t path, const struct rove_send *send)
{
    struct probe_role *r = v->role;
    uint32_t id = id_of(v, path, send->slot, send->member);
    struct flow flow = r->flows[id];
    flow.target = (uint8_t)v->paths[path].targets[send->tuple.target];
    flow.port = send->tuple.port;
    flow.label = send->tuple.label;
    flow.number = (uint16_t)(r->net->targets[flow.target].flows + send->slot * 2 + send->member);
    probe_retune(r, id, &flow);
    bool has_room = mono_reached(r->now, schedule_spare_due(r->schedule, path, flow.target));
    if (has_room)
        schedule_spend_spare(r->schedule, path, flow.target, r->now);
    if (!has_room || probe_send_one(r, id) != 0)
        tell(v, path, send,
             &(struct sample){.verdict = SAMPLE_VOID,
                              .void_reason = SAMPLE_SEND_FAILED,
                              .sent_at = r->now,
                              .known_at = r->now});
}

void probe_rove_send(struct probe_rove *v)
{
    for (uint32_t path = 0; v && path < v->role->path_count; path++) {
        struct rove_send send;
        for (int i = 0; i < ROVES_PER_TURN_MAX && v->paths[path].rove; i++) {
            if (!mono_reached(v->role->now, due_of(v, path)) ||
                !rove_take(v->paths[path].rove, v->role->now, &send))
                break;
            send_one(v, path, &send);
        }
    }
}

void probe_rove_hasten(struct probe_rove *v, uint32_t path, uint32_t target)
{
    if (v && v->paths[path].rove && v->paths[path].place[target] != NET_NOBODY)
        rove_hasten(v->paths[path].rove, v->paths[path].place[target], v->role->now);
}

static void sum_up_path(const struct probe_rove *v, uint32_t path)
{
    const struct probe_role *r = v->role;
    const struct rove_counts *c = rove_counts(v->paths[path].rove);
    struct rove_tuple dead[ROVE_DEAD_MAX];
    char name[NET_NAME_MAX + 8];
    uint32_t count = rove_dead(v->paths[path].rove, dead);
    log_line("event=rove_end path='%s' fresh=%" PRIu64 " lost=%" PRIu64 " pairs=%" PRIu64
             " dead=%" PRIu64 " alive_again=%" PRIu64 " unknown=%" PRIu64 " no_slot=%" PRIu64
             " dead_now=%u",
             net_path_name(r->net, path, name), c->fresh, c->lost, c->pairs, c->dead,
             c->alive_again, c->unknown, c->no_slot, count);
}

void probe_rove_sum_up(const struct probe_rove *v)
{
    for (uint32_t path = 0; v && path < v->role->path_count; path++)
        if (v->paths[path].rove)
            sum_up_path(v, path);
}
