// SPDX-License-Identifier: ISC
#include "detect/site.h"
#include "probe/cover.h"
#include "role/log.h"
#include "role/probe_open.h"
#include "role/probe_trace_inside.h"

#include <stdlib.h>
#include <string.h>

// Which buckets each flow passes: those of all forks that spread by flow, numbered on.
static void list_buckets(const struct trace *trace, struct cover_flow *flows)
{
    uint32_t base = 0;
    for (uint32_t f = 0; f < trace_fork_count(trace); f++) {
        struct trace_fork fork = trace_fork(trace, f);
        if (fork.by_packet || base + fork.hop_count > COVER_BUCKETS_MAX)
            continue;
        for (uint32_t flow = 0; flow < trace_flow_count(trace); flow++) {
            int32_t bucket = trace_bucket(trace, f, flow);
            if (bucket >= 0)
                cover_add(&flows[flow], base + (uint32_t)bucket);
        }
        base += fork.hop_count;
    }
}

struct choice {
    uint32_t flows[NET_FLOWS_MAX], count, missed, renewed;
};

// Other sizes and classes are compared with the first flow, so they go its way; but those of TCP
// have 5-tuples of their own.
static void retune_variants(struct probe_role *r, uint32_t first)
{
    const struct net_target *target = &r->net->targets[r->flows[first].target];
    for (uint32_t i = 0; i < net_target_variants(target); i++) {
        struct flow flow = r->flows[first + target->flows + i];
        if (target->protocol == NET_TCP)
            return;
        flow.port = r->flows[first].port;
        flow.label = r->flows[first].label;
        probe_retune(r, first + target->flows + i, &flow);
    }
}

// Sentinels that were not chosen take the 5-tuples of those that were and are none.
static void retune(struct probe_trace *v, uint32_t path, struct choice *choice)
{
    struct probe_role *r = v->role;
    const struct trace_path *of = &v->paths[path];
    const struct trace_aim *aim = &of->aims[of->target];
    bool stays[NET_FLOWS_MAX] = {false};
    for (uint32_t i = 0; i < choice->count; i++)
        if (choice->flows[i] < aim->flows)
            stays[choice->flows[i]] = true;
    uint32_t place = 0;
    for (uint32_t i = 0; i < choice->count; i++) {
        if (choice->flows[i] < aim->flows)
            continue;
        while (stays[place])
            place++;
        uint32_t id = aim->first + place++;
        struct flow flow = r->flows[id];
        flow.port = of->tuples[choice->flows[i]].port;
        flow.label = of->tuples[choice->flows[i]].label;
        probe_retune(r, id, &flow);
        if (id == aim->first)
            retune_variants(r, id);
        choice->renewed++;
    }
}

static void choose(struct probe_trace *v, uint32_t path, struct choice *choice)
{
    const struct trace_path *of = &v->paths[path];
    uint32_t count = trace_flow_count(of->running);
    struct cover_flow *flows = calloc(count, sizeof flows[0]);
    if (!flows)  // sentinels stay as they are
        return;
    list_buckets(of->running, flows);
    choice->count =
        cover_choose(flows, count, of->aims[of->target].flows, choice->flows, &choice->missed);
    free(flows);
    retune(v, path, choice);
}

// Of what people would call the same ways: the routers at each distance, whatever flow met them.
static uint64_t hash_of(const struct trace *trace)
{
    uint64_t sum = 0;
    for (uint32_t ttl = 1; ttl <= trace_hop_count(trace); ttl++)
        for (uint32_t flow = 0; flow < trace_flow_count(trace); flow++) {
            struct address hop = trace_hop(trace, flow, ttl);
            bool is_known = hop.family == FAMILY_NONE;
            for (uint32_t f = 0; !is_known && f < flow; f++)
                is_known = address_equal(trace_hop(trace, f, ttl), hop);
            const struct siphash_key key = {ttl, 0};
            sum += is_known ? 0 : siphash(key, hop.bytes, sizeof hop.bytes);
        }
    return sum;
}

static uint32_t widest(const struct trace *trace)
{
    uint32_t ways = 1;
    for (uint32_t f = 0; f < trace_fork_count(trace); f++)
        if (trace_fork(trace, f).hop_count > ways)
            ways = trace_fork(trace, f).hop_count;
    return ways;
}

static void log_map(const struct probe_trace *v, uint32_t path, const struct choice *choice)
{
    const struct trace_path *of = &v->paths[path];
    const char *target = v->role->net->targets[of->target].name;
    char name[NET_NAME_MAX + 8], router[ADDRESS_TEXT_MAX];
    net_path_name(v->role->net, path, name);
    log_line("event=path_map path='%s' target=%s hops=%u forks=%u ways=%u flows=%u sentinels=%u "
             "renewed=%u missed=%u steady=%s",
             name, target, trace_hop_count(of->running), trace_fork_count(of->running),
             widest(of->running), trace_flow_count(of->running), choice->count, choice->renewed,
             choice->missed, trace_state(of->running) == TRACE_DONE ? "yes" : "no");
    for (uint32_t f = 0; f < trace_fork_count(of->running); f++) {
        struct trace_fork fork = trace_fork(of->running, f);
        log_line("event=path_fork path='%s' target=%s ttl=%u router=%s ways=%u by=%s complete=%s",
                 name, target, fork.ttl, address_format(fork.router, router), fork.hop_count,
                 fork.by_packet ? "packet" : "flow", fork.complete ? "yes" : "no");
    }
}

static_assert((int)COMPONENTS_HOPS_MAX == (int)TRACE_HOPS_MAX, "all that is traced may be a part");

// The traced flow with the 5-tuple of this one; the count of them: none.
static uint32_t traced(const struct trace_path *of, const struct flow *flow)
{
    uint32_t count = trace_flow_count(of->running), i = 0;
    while (i < count && (of->tuples[i].port != flow->port || of->tuples[i].label != flow->label))
        i++;
    return i;
}

static void learn(struct probe_trace *v, uint32_t path, uint32_t id)
{
    const struct trace_path *of = &v->paths[path];
    uint32_t flow = traced(of, &v->role->flows[id]);
    if (flow == trace_flow_count(of->running))
        return;
    struct address hops[TRACE_HOPS_MAX];
    struct components_way way = {.hops = hops, .bucket = FAULT_ANY, .bucket_count = FAULT_ANY};
    for (uint32_t ttl = 1; ttl <= trace_hop_count(of->running); ttl++) {
        hops[way.hop_count] = trace_hop(of->running, flow, ttl);
        way.hop_count += hops[way.hop_count].family != FAMILY_NONE;
    }
    uint32_t fork = trace_main_fork(of->running, flow);
    if (fork != UINT32_MAX) {
        way.bucket = trace_bucket(of->running, fork, flow) + 1;  // as people count
        way.bucket_count = trace_fork(of->running, fork).hop_count;
    }
    site_learn(v->role->site, id, &way);
}

// Sentinels, and their variants, which go the way of the first.
static void learn_all(struct probe_trace *v, uint32_t path)
{
    const struct trace_path *of = &v->paths[path];
    const struct trace_aim *aim = &of->aims[of->target];
    uint32_t variants = net_target_variants(&v->role->net->targets[of->target]);
    for (uint32_t i = 0; i < aim->flows + variants; i++)
        learn(v, path, aim->first + i);
}

// Where each sentinel goes: for whoever wants to send a packet the same way.
static void log_buckets(const struct probe_trace *v, uint32_t path)
{
    const struct probe_role *r = v->role;
    const struct trace_path *of = &v->paths[path];
    const struct trace_aim *aim = &of->aims[of->target];
    char name[NET_NAME_MAX + 8], hop[ADDRESS_TEXT_MAX];
    for (uint32_t i = 0; i < aim->flows; i++) {
        uint32_t flow = traced(of, &r->flows[aim->first + i]);
        bool is_traced = flow < trace_flow_count(of->running);
        uint32_t fork = is_traced ? trace_main_fork(of->running, flow) : UINT32_MAX;
        if (fork == UINT32_MAX)
            continue;
        struct trace_fork is = trace_fork(of->running, fork);
        log_line("event=path_sentinel path='%s' target=%s flow=%u port=%u label=0x%05x next_hop=%s "
                 "bucket=%d of=%u",
                 net_path_name(r->net, path, name), r->net->targets[of->target].name, i,
                 of->tuples[flow].port, of->tuples[flow].label,
                 address_format(trace_hop(of->running, flow, is.ttl), hop),
                 trace_bucket(of->running, fork, flow) + 1, is.hop_count);
    }
}

// The first fork that spreads by flow; the count of all: none.
static uint32_t first_fork(const struct trace *trace)
{
    uint32_t fork = 0;
    while (fork < trace_fork_count(trace) && trace_fork(trace, fork).by_packet)
        fork++;
    return fork;
}

bool probe_trace_parts(const struct trace *trace)
{
    return first_fork(trace) < trace_fork_count(trace);
}

// Whether somebody spreads packets of one 5-tuple by their labels (detection.md 1.5): then hosts
// that change theirs after losses leave a dead way.
static void log_labels(const struct probe_trace *v, uint32_t path)
{
    const struct trace_path *of = &v->paths[path];
    const char *target = v->role->net->targets[of->target].name;
    char name[NET_NAME_MAX + 8], router[ADDRESS_TEXT_MAX];
    uint32_t fork = first_fork(of->running);
    net_path_name(v->role->net, path, name);
    if (fork == trace_fork_count(of->running))
        log_line("event=path_labels path='%s' target=%s hashed=no", name, target);
    else
        log_line("event=path_labels path='%s' target=%s hashed=yes router=%s", name, target,
                 address_format(trace_fork(of->running, fork).router, router));
}

bool probe_trace_apply(struct probe_trace *v, uint32_t path)
{
    struct trace_path *of = &v->paths[path];
    struct trace_aim *aim = &of->aims[of->target];
    struct choice choice = {0};
    if (of->by_labels) {
        if (trace_state(of->running) == TRACE_DONE)
            log_labels(v, path);
        return false;
    }
    if (trace_state(of->running) == TRACE_DONE) {
        choose(v, path, &choice);
        learn_all(v, path);
    }
    uint64_t map = hash_of(of->running);
    if (aim->has_map && aim->map == map && choice.renewed == 0)
        return false;
    aim->has_map = true;
    aim->map = map;
    log_map(v, path, &choice);
    log_buckets(v, path);
    return true;
}
