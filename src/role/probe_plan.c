// SPDX-License-Identifier: ISC
#include "role/probe_open.h"

#include "base/random.h"
#include "base/wordhash.h"
#include "role/probe_hairpin.h"
#include "role/probe_rove.h"
#include "role/probe_send.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { PROBES_OUT_LEAST = 64 * 1024 };  // 1.5 MB
enum { CROSSING_MPPS = 2000 };          // of each path, until one is lost

static bool is_probed(const struct probe_role *r, uint32_t path, uint32_t target)
{
    const struct net_target *t = &r->net->targets[target];
    return t->address[r->paths[path].is.family].family != FAMILY_NONE && t->flows > 0 &&
           t->rate_mpps > 0;
}

static bool has_source(const struct probe_role *r, uint32_t path, enum family family)
{
    return r->paths[path].is.upstream != NET_NOBODY &&
           net_path_selection(r->net, path)->source[family].family != FAMILY_NONE;
}

// The path that packets of another come back by when they go out by this one: the n-th; NET_NOBODY:
// there are no more. Only a device holds a packet to its way out whatever its source address.
static uint32_t crossing_back(const struct probe_role *r, uint32_t path, uint32_t n)
{
    enum family family = r->paths[path].is.family;
    if (!net_path_selection(r->net, path)->device[0] || !has_source(r, path, family))
        return NET_NOBODY;
    for (uint32_t back = 0; back < r->path_count; back++)
        if (back != path && r->paths[back].is.family == family && has_source(r, back, family) &&
            n-- == 0)
            return back;
    return NET_NOBODY;
}

static uint32_t crossings(const struct probe_role *r, uint32_t path)
{
    uint32_t count = 0;
    while (crossing_back(r, path, count) != NET_NOBODY)
        count++;
    return count;
}

static uint32_t flows_to(const struct probe_role *r, uint32_t path, uint32_t target)
{
    const struct net_target *t = &r->net->targets[target];
    return is_probed(r, path, target) ? t->flows + net_target_variants(t) + crossings(r, path) : 0;
}

// Those numbered behind the target's flows: one for each size, one for each class, then one for
// each way to come back by.
static void make_other(const struct probe_role *r, const struct net_target *target,
                       struct flow *flow)
{
    if (flow->number < target->flows)
        return;
    uint32_t i = flow->number - target->flows, variants = net_target_variants(target);
    flow->use = i < variants ? FLOW_VARIANT : FLOW_CROSSING;
    if (i >= variants)
        flow->back = (uint8_t)crossing_back(r, flow->path, i - variants);
    else if (i < target->sizes_bytes.count)
        flow->size_bytes = target->sizes_bytes.items[i];
    else
        flow->dscp = (uint8_t)target->dscp.items[i - target->sizes_bytes.count];
}

// Below 0x80000, where the kernel
// keeps labels that are asked for (ip-sysctl, flowlabel_state_ranges).
uint32_t probe_flow_label(uint32_t path, uint32_t target, uint32_t flow)
{
    const uint32_t name[3] = {path, target, flow};
    return 1 + (uint32_t)(siphash((struct siphash_key){0}, name, sizeof name) % 0x7fffe);
}

static int64_t clamp_ns(int64_t ns, int64_t min, int64_t max)
{
    return ns < min ? min : ns > max ? max : ns;
}

uint64_t probe_hash(const struct probe_role *r, enum probe_carrier carrier,
                    const struct probe_address *address)
{
    uint64_t words[2];
    struct wordhash hash = wordhash_begin(r->key);
    memcpy(words, address->peer.bytes, sizeof words);
    wordhash_add(&hash, words[0]);
    wordhash_add(&hash, words[1]);
    wordhash_add(&hash, (uint64_t)carrier << 48 | (uint64_t)address->peer.family << 32 |
                            (uint64_t)address->peer_port << 16 | address->port);
    return wordhash_end(hash);
}

static void plan_group(struct probe_role *r, uint32_t path, uint32_t t)
{
    const struct net_target *target = &r->net->targets[t];
    enum family family = r->paths[path].is.family;
    struct probe_group *group = &r->groups[probe_group_of(r, path, t)];
    group->source = net_path_selection(r->net, path)->source[family];
    group->peer = endpoint_of(target->address[family], 0);
    group->tally.sums.path = path;
    group->tally.sums.target = t;
}

// A variant goes the way of the first flow, to be compared with it. But two SYNs of one 5-tuple on
// the way at a time would be parts of one connection to whoever is asked: these have their own.
static uint32_t tuple_of(const struct net_target *target, const struct flow *flow)
{
    if (flow->use == FLOW_CROSSING)  // has another source address
        return 0;
    return flow->use == FLOW_VARIANT && target->protocol != NET_TCP ? 0 : flow->number;
}

// By what its answers show.
static uint64_t answers_of(const struct probe_role *r, uint32_t id)
{
    const struct flow *flow = &r->flows[id];
    const struct net_target *target = &r->net->targets[flow->target];
    struct probe_address answers = {
        .peer = target->address[r->paths[flow->path].is.family],
        .peer_port = probe_target_port(target),
        .port = flow->port,
    };
    return probe_hash(r, probe_kinds[target->protocol].carrier, &answers);
}

static void plan_rate(const struct probe_role *r, const struct flow *flow,
                      struct schedule_flow *plan)
{
    const struct net_target *target = &r->net->targets[flow->target];
    uint32_t flows = target->flows, turn = flow->number;
    uint64_t rate_mpps = target->rate_mpps;
    if (flow->use == FLOW_VARIANT) {
        flows = net_target_variants(target);
        turn = flow->number - target->flows;
        rate_mpps = (uint64_t)flows * target->variant_rate_mpps;
    } else if (flow->use == FLOW_CROSSING) {
        flows = crossings(r, flow->path) * r->net->target_count;
        turn = turn * r->net->target_count + flow->target;
        rate_mpps = CROSSING_MPPS;
    }
    plan->path = flow->path;
    plan->target = flow->target;
    plan->interval_ns = (int64_t)flows * 1000 * NS_PER_S / (int64_t)rate_mpps;
    plan->phase_ns = plan->interval_ns * (turn % flows) / flows;
}

void probe_allow_lag(struct probe_role *r, uint32_t id, int64_t lag_ns)
{
    r->flows[id].state.lag_max = (uint16_t)clamp_ns(lag_ns / PROBE_LAG_NS, 0, UINT16_MAX);
}

// Ports and ICMP identifiers: the same of every target, another of every path.
static void plan_flow(struct probe_role *r, uint32_t id, const struct flow *flow,
                      struct schedule_flow *plan)
{
    const struct net_target *target = &r->net->targets[flow->target];
    enum family family = r->paths[flow->path].is.family;
    uint64_t secret = siphash(r->key, &id, sizeof id);
    plan_rate(r, flow, plan);
    int64_t lag_max_ns =
        clamp_ns(plan->interval_ns / 2, PROBE_LAG_MIN_NS, r->net->probe.timeout_min_ns);
    r->flows[id] = *flow;
    uint32_t tuple = tuple_of(target, flow);
    r->flows[id].port = (uint16_t)(PROBE_PORT_FIRST + (uint32_t)flow->path * NET_FLOWS_MAX + tuple);
    if (family == FAMILY_IPV6)
        r->flows[id].label = probe_flow_label(flow->path, flow->target, tuple);
    r->flows[id].state.dscp_there = r->flows[id].state.dscp_back = flow->dscp;
    r->flows[id].state.ssid = (uint16_t)(1 + secret % UINT16_MAX);
    probe_allow_lag(r, id, lag_max_ns);
    flight_flow_init(&r->flight, id, probe_group_of(r, flow->path, flow->target),
                     (uint32_t)(secret >> 32));
    flow_index_add(&r->index, id, answers_of(r, id));
}

void probe_retune(struct probe_role *r, uint32_t id, const struct flow *flow)
{
    const struct flow *old = &r->flows[id];
    bool is_new = old->port == 0;  // it never had a 5-tuple
    if (!is_new && old->target == flow->target && old->port == flow->port &&
        old->label == flow->label)
        return;
    if (!is_new)
        flow_index_remove(&r->index, id, answers_of(r, id));
    r->flows[id] = *flow;
    r->flows[id].state.sum = (struct flow_sum){0};  // of another 5-tuple
    r->flows[id].state.ssid = (uint16_t)(id % UINT16_MAX + 1);
    r->flows[id].state.forward_ttl = r->flows[id].state.reverse_ttl = 0;
    r->flows[id].state.dscp_there = r->flows[id].state.dscp_back = flow->dscp;
    flight_flow_init(&r->flight, id, probe_group_of(r, flow->path, flow->target),
                     r->flows[id].flight.next + FLIGHT_RECENT_MAX);
    flow_index_add(&r->index, id, answers_of(r, id));
}

// Targets of one path start at different times too: a random part of their flows' spacing.
static void plan_flows(struct probe_role *r, struct schedule_flow *plans)
{
    struct random random = {siphash(r->key, "phase", 5)};
    uint32_t id = 0;
    for (uint32_t path = 0; path < r->path_count; path++)
        for (uint32_t t = 0; t < r->net->target_count; t++) {
            double phase = random_unit(&random) / r->net->targets[t].flows;
            if (!is_probed(r, path, t))
                continue;
            plan_group(r, path, t);
            r->groups[probe_group_of(r, path, t)].first = id;
            for (uint32_t f = 0; f < flows_to(r, path, t); f++, id++) {
                struct flow flow = {
                    .path = (uint8_t)path, .target = (uint8_t)t, .number = (uint16_t)f};
                make_other(r, &r->net->targets[t], &flow);
                plan_flow(r, id, &flow, &plans[id]);
                plans[id].phase_ns += (int64_t)(phase * (double)plans[id].interval_ns);
            }
        }
}

// How many probes to remember: all that may be answered, late answers included, at the rates of
// the configuration, and enough for a few flows that go faster for a while.
static uint32_t probes_out_max(const struct probe_role *r)
{
    // Each roving one may have a pair beside it.
    double rate_pps = 3 * r->path_count * (r->net->probe.roving_rate_mpps / 1000.0);
    for (uint32_t path = 0; path < r->path_count; path++)
        for (uint32_t t = 0; t < r->net->target_count; t++)
            if (is_probed(r, path, t))
                rate_pps += r->net->targets[t].rate_mpps / 1000.0;
    double late_s = FLIGHT_LATE_FACTOR * (double)r->net->probe.timeout_max_ns / NS_PER_S;
    double most = (double)r->flow_count * FLIGHT_RECENT_MAX, wanted = rate_pps * late_s;
    wanted = wanted > PROBES_OUT_LEAST ? wanted : PROBES_OUT_LEAST;
    return (uint32_t)(wanted < most ? wanted : most);
}

static bool get_memory(struct probe_role *r)
{
    for (uint32_t path = 0; path < r->path_count; path++)
        for (uint32_t t = 0; t < r->net->target_count; t++)
            r->scheduled_count += flows_to(r, path, t);
    r->flow_count = r->scheduled_count + probe_hairpin_flows(r->net) + probe_rove_flows(r);
    r->group_count = r->path_count * r->net->target_count;
    static_assert(sizeof r->flows[0] == FLOW_SIZE, "each in one line of the caches");
    r->flows = region_take(&r->memory, r->flow_count, sizeof r->flows[0]);
    r->scratch = calloc(r->flow_count, sizeof r->scratch[0]);
    r->groups = region_take(&r->memory, r->group_count, sizeof r->groups[0]);
    const struct flight_room room = {
        .flows = r->flow_count,
        .groups = r->group_count,
        .probes = probes_out_max(r),
        .memory = &r->memory,
    };
    return r->flows && r->scratch && r->groups &&
           flow_index_init(&r->index, r->flows, r->flow_count, &r->memory) &&
           gather_init(&r->answers) && flight_init(&r->flight, r->flows, &room) &&
           datagram_batch_init(&r->out) && datagram_batch_init(&r->in) && probe_send_open(r);
}

static struct schedule *new_schedule(struct probe_role *r, const struct schedule_flow *plans)
{
    static_assert(SCHEDULE_UNLIMITED == UINT32_MAX, "as struct net says it");
    uint32_t target_pps[NET_TARGETS_MAX], host_pps[NET_TARGETS_MAX], host_of[NET_TARGETS_MAX];
    net_target_hosts(r->net, host_of);
    for (uint32_t t = 0; t < r->net->target_count; t++) {
        struct net_host host = net_host(r->net, host_of, t);
        target_pps[t] = net_target_rate_max_pps(&r->net->targets[t]);
        host_pps[t] = host.targets > 1 ? host.rate_max_pps : SCHEDULE_UNLIMITED;
    }
    const struct schedule_caps caps = {
        .path_count = r->path_count,
        .path_pps = r->net->probe.path_rate_max_pps,
        .target_count = r->net->target_count,
        .target_pps = target_pps,
        .host_of = host_of,
        .host_pps = host_pps,
        .memory = &r->memory,
    };
    return schedule_new(plans, r->scheduled_count, &caps, r->key.low);
}

bool probe_plan(struct probe_role *r, char *why)
{
    bool has_all = get_memory(r);
    if (has_all && r->scheduled_count == 0)
        return probe_fail(why,
                          "nothing to probe: no target has an address of a family of an upstream");
    struct schedule_flow *plans = calloc(r->scheduled_count, sizeof plans[0]);
    if (has_all && plans) {
        r->flight.timeout_min_ns = r->net->probe.timeout_min_ns;
        r->flight.timeout_max_ns = r->net->probe.timeout_max_ns;
        plan_flows(r, plans);
        r->schedule = new_schedule(r, plans);
    }
    free(plans);
    r->rove =
        r->schedule ? probe_rove_new(r, r->scheduled_count + probe_hairpin_flows(r->net)) : NULL;
    has_all &= r->schedule && (r->rove || probe_rove_flows(r) == 0);
    return has_all || probe_fail(why, "cannot probe: out of memory");
}

void probe_plan_done(struct probe_role *r)
{
    probe_rove_free(r->rove);
    schedule_free(r->schedule);
    flight_done(&r->flight);
    flow_index_done(&r->index);
    gather_done(&r->answers);
    datagram_batch_done(&r->out);
    datagram_batch_done(&r->in);
    probe_send_close(r);
    region_give(&r->memory, r->groups);
    free(r->scratch);
    region_give(&r->memory, r->flows);
}
