// SPDX-License-Identifier: ISC
#include "probe/trace_wire.h"
#include "role/log.h"
#include "role/probe_open.h"
#include "role/probe_send.h"
#include "role/probe_tell.h"
#include "role/probe_trace_inside.h"

#include <errno.h>
#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    START_NS_EACH = 300 * NS_PER_MS,  // of paths, one after the other
    ERRORS_PER_TURN_MAX = 64,         // so that a flood cannot delay probes
    SENDS_PER_TURN_MAX = 16,          // of one path
    ERROR_BYTES_MAX = 1500,
    MARKS_EACH = 65536 / NET_PATHS_MAX,
    LABELS = 12,             // with one 5-tuple: of two ways by label, one is missed in 2,000
    LABELS_FIRST = 1 << 16,  // names of theirs, behind those of all flows and candidates
    RUNNING_MAX = 10,        // at a time: 100 kB each, of which a trace of few hops touches little
};
static const int64_t first_after_ns = 2 * (int64_t)NS_PER_S;   // distances are known by then
static const int64_t again_after_ns = 30 * (int64_t)NS_PER_S;  // at the earliest
static const int64_t answer_ns = NS_PER_S;

// Errors are many on a busy host: only what quotes one of our ports or identifiers is let through.
// Headers with options are let through as they are.
static int filter_ipv4(int fd)
{
    const struct sock_filter code[] = {
        BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),  // past the outer IP header
        BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 11, 1, 0),  // time exceeded
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 3, 0, 9),   // unreachable
        BPF_STMT(BPF_LD | BPF_B | BPF_IND, 8),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x45, 0, 6),
        BPF_STMT(BPF_LD | BPF_B | BPF_IND, 8 + 9),  // the protocol that is quoted
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IP_ICMP, 0, 2),
        BPF_STMT(BPF_LD | BPF_H | BPF_IND, 8 + 20 + 4),
        BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0),
        BPF_STMT(BPF_LD | BPF_H | BPF_IND, 8 + 20),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, PROBE_PORT_FIRST, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    return datagram_filter(fd, code, sizeof code / sizeof code[0]);
}

static int filter_ipv6(int fd)
{
    const struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 8, 0),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 3, 7, 0),  // unreachable, too big, time exceeded
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 8 + 6),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IP_ICMPV6, 0, 2),
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 8 + 40 + 4),
        BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0),
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 8 + 40),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, PROBE_PORT_FIRST, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    return datagram_filter(fd, code, sizeof code / sizeof code[0]);
}

static int filter_errors(int fd, enum family family)
{
    return family == FAMILY_IPV4 ? filter_ipv4(fd) : filter_ipv6(fd);
}

static int open_errors(enum family family)
{
    return probe_open_raw(family, family == FAMILY_IPV4 ? IPPROTO_ICMP : IPPROTO_ICMPV6,
                          filter_errors);
}

// The sentinels of each target and path follow one another.
static void find_aims(struct probe_trace *v)
{
    const struct probe_role *r = v->role;
    for (uint32_t id = 0; id < r->scheduled_count; id++) {
        struct trace_aim *aim = &v->paths[r->flows[id].path].aims[r->flows[id].target];
        if (r->flows[id].use != FLOW_SENTINEL)
            continue;
        if (aim->flows++ == 0)
            *aim = (struct trace_aim){.first = id, .flows = 1, .wanted = true};
    }
}

struct probe_trace *probe_trace_new(struct probe_role *r, char *why)
{
    if (r->net->probe.trace_rate_mpps == 0)
        return NULL;
    struct probe_trace *v = calloc(1, sizeof *v);
    if (v)
        *v = (struct probe_trace){.role = r, .fds = {-1, -1, -1}};
    if (!v || !(v->paths = calloc(r->path_count, sizeof v->paths[0]))) {
        probe_fail(why, "cannot trace: out of memory");
        probe_trace_free(v);
        return NULL;
    }
    find_aims(v);
    for (uint32_t path = 0; path < r->path_count; path++) {
        enum family family = r->paths[path].is.family;
        if (v->fds[family] < 0)
            v->fds[family] = open_errors(family);
        if (v->fds[family] >= 0)
            continue;
        probe_fail(why, "cannot hear ICMP errors: %s", strerror(-v->fds[family]));
        probe_trace_free(v);
        return NULL;
    }
    return v;
}

void probe_trace_free(struct probe_trace *v)
{
    if (!v)
        return;
    for (uint32_t path = 0; v->paths && path < v->role->path_count; path++)
        trace_free(v->paths[path].running);
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        if (v->fds[family] >= 0)
            close(v->fds[family]);
    free(v->paths);
    free(v);
}

void probe_trace_start(struct probe_trace *v)
{
    for (uint32_t path = 0; v && path < v->role->path_count; path++)
        v->paths[path].next_at =
            mono_add_ns(v->role->now, first_after_ns + path * (int64_t)START_NS_EACH);
}

void probe_trace_again(struct probe_trace *v, uint32_t path, uint32_t target)
{
    if (v)
        v->paths[path].aims[target].wanted = true;
}

// When the ways to a target are to be traced again.
static struct mono aim_due(const struct probe_trace *v, const struct trace_aim *aim)
{
    if (aim->flows == 0)
        return (struct mono){INT64_MAX};
    if (aim->traced_at.ns == 0)
        return (struct mono){0};
    int64_t after_ns =
        aim->wanted ? again_after_ns : v->role->net->probe.trace_interval_s * NS_PER_S;
    return mono_add_ns(aim->traced_at, after_ns);
}

// Nothing to be traced between the target and us: it is our neighbour.
static uint32_t hops_to(const struct probe_role *r, const struct trace_aim *aim)
{
    uint8_t ttl = r->flows[aim->first].state.forward_ttl;
    return ttl > 0 ? (uint32_t)(PROBE_TTL - ttl) : UINT32_MAX;
}

static bool is_used(const struct trace_path *of, uint16_t port)
{
    for (uint32_t i = 0; i < of->tuple_count; i++)
        if (of->tuples[i].port == port)
            return true;
    return false;
}

// The sentinels as they are, and others: the same in every trace. Whatever has neither ports nor
// labels goes one way.
static void list_tuples(struct probe_trace *v, uint32_t path, uint32_t target)
{
    struct probe_role *r = v->role;
    struct trace_path *of = &v->paths[path];
    const struct trace_aim *aim = &of->aims[target];
    bool has_ports = probe_target_port(&r->net->targets[target]) > 0;
    bool has_label = r->paths[path].is.family == FAMILY_IPV6;
    of->tuple_count = 0;
    for (uint32_t i = 0; i < aim->flows && (has_ports || has_label || i == 0); i++) {
        const struct flow *flow = &r->flows[aim->first + i];
        of->tuples[of->tuple_count++] = (struct trace_tuple){flow->port, flow->label};
    }
    for (uint32_t i = 0; has_ports && of->tuple_count < r->net->probe.trace_flows; i++) {
        uint16_t port = (uint16_t)(PROBE_CANDIDATE_FIRST + i);
        uint32_t label = has_label ? probe_flow_label(path, target, NET_FLOWS_MAX + i) : 0;
        if (port == PROBE_ROVING_FIRST)
            return;
        if (!is_used(of, port))
            of->tuples[of->tuple_count++] = (struct trace_tuple){port, label};
    }
}

// The first sentinel's 5-tuple, each time with another label: where these part, labels are hashed.
static void list_labels(struct probe_trace *v, uint32_t path, uint32_t target)
{
    struct trace_path *of = &v->paths[path];
    const struct flow *first = &v->role->flows[of->aims[target].first];
    of->tuples[0] = (struct trace_tuple){first->port, first->label};
    for (of->tuple_count = 1; of->tuple_count < LABELS; of->tuple_count++)
        of->tuples[of->tuple_count] = (struct trace_tuple){
            first->port, probe_flow_label(path, target, LABELS_FIRST + of->tuple_count)};
}

static void begin(struct probe_trace *v, uint32_t path, uint32_t target, bool by_labels)
{
    struct probe_role *r = v->role;
    struct trace_path *of = &v->paths[path];
    uint32_t hops = hops_to(r, &of->aims[target]);
    of->target = target;
    of->by_labels = by_labels;
    of->aims[target].wanted = false;
    of->aims[target].traced_at = r->now;
    if (hops == 0)
        return;
    if (by_labels)
        list_labels(v, path, target);
    else
        list_tuples(v, path, target);
    uint32_t must = by_labels ? LABELS : of->aims[target].flows;
    of->running = trace_new(
        &(struct trace_settings){
            .flow_count = of->tuple_count,
            .must_count = must < of->tuple_count ? must : of->tuple_count,
            .hop_count = hops == UINT32_MAX ? 0 : hops,
            .gap_ns = 1000 * (int64_t)NS_PER_S / r->net->probe.trace_rate_mpps,
            .timeout_ns = answer_ns,
            .mark_first = (uint16_t)(path * MARKS_EACH),
        },
        r->now);
    if (!of->running)  // out of memory: another time
        log_line("event=trace_failed reason='out of memory'");
}

static bool too_many_run(const struct probe_trace *v)
{
    uint32_t running = 0;
    for (uint32_t path = 0; path < v->role->path_count; path++)
        running += v->paths[path].running != NULL;
    return running >= RUNNING_MAX;
}

static void begin_next(struct probe_trace *v, uint32_t path)
{
    struct trace_path *of = &v->paths[path];
    uint32_t next = 0;
    of->next_at = mono_add_ns(v->role->now, NS_PER_S);
    if (too_many_run(v))
        return;
    for (uint32_t t = 1; t < v->role->net->target_count; t++)
        if (aim_due(v, &of->aims[t]).ns < aim_due(v, &of->aims[next]).ns)
            next = t;
    if (mono_reached(v->role->now, aim_due(v, &of->aims[next])))
        begin(v, path, next, false);
}

static struct mono due_of(const struct probe_trace *v, uint32_t path)
{
    const struct trace_path *of = &v->paths[path];
    if (!of->running)
        return of->next_at;
    if (trace_state(of->running) != TRACE_RUNNING)
        return of->heard_until;
    struct mono due = trace_due(of->running);
    struct mono room = schedule_trace_due(v->role->schedule, path, of->target);
    return mono_reached(due, room) ? due : room;
}

struct mono probe_trace_due(const struct probe_trace *v)
{
    struct mono due = {INT64_MAX};
    for (uint32_t path = 0; v && path < v->role->path_count; path++)
        if (mono_reached(due, due_of(v, path)))
            due = due_of(v, path);
    return due;
}

static void send_one(struct probe_trace *v, uint32_t path, const struct trace_send *send)
{
    struct trace_path *of = &v->paths[path];
    const struct flow flow = {
        .path = (uint8_t)path,
        .target = (uint8_t)of->target,
        .port = of->tuples[send->flow].port,
        .label = of->tuples[send->flow].label,
    };
    of->heard_until = mono_add_ns(v->role->now, answer_ns);
    schedule_spend_trace(v->role->schedule, path, of->target, v->role->now);
    // What does not leave is silence, and asked again like what was not answered.
    (void)probe_send_unawaited(v->role, &flow, send->ttl, send->mark);
}

// What follows from it; whether flows part there keeps for another trace which of them would.
static void end(struct probe_trace *v, uint32_t path)
{
    struct trace_path *of = &v->paths[path];
    bool is_new = probe_trace_apply(v, path);
    bool may_hash = v->role->paths[path].is.family == FAMILY_IPV6 && probe_trace_parts(of->running);
    of->aims[of->target].traced_at = v->role->now;
    trace_free(of->running);
    of->running = NULL;
    of->next_at = v->role->now;
    if (is_new && may_hash && !of->by_labels)
        begin(v, path, of->target, true);
    else if (v->role->path_count > RUNNING_MAX)  // one that waits asks once a second
        of->next_at = mono_add_ns(v->role->now, NS_PER_S);
}

static void send_due(struct probe_trace *v, uint32_t path)
{
    struct trace_path *of = &v->paths[path];
    struct trace_send send;
    if (!of->running && mono_reached(v->role->now, of->next_at))
        begin_next(v, path);
    for (int i = 0; of->running && i < SENDS_PER_TURN_MAX; i++) {
        if (!mono_reached(v->role->now, due_of(v, path)) ||
            !trace_take(of->running, v->role->now, &send))
            break;
        send_one(v, path, &send);
    }
    if (!of->running || trace_state(of->running) == TRACE_RUNNING ||
        !mono_reached(v->role->now, of->heard_until))
        return;
    end(v, path);
}

static bool is_quoted(const struct probe_trace *v, uint32_t path, const struct trace_quote *quote)
{
    const struct probe_role *r = v->role;
    const struct trace_path *of = &v->paths[path];
    const struct net_target *target = &r->net->targets[of->target];
    enum family family = r->paths[path].is.family;
    uint32_t flow = of->running ? trace_flow_of(of->running, quote->mark) : UINT32_MAX;
    return flow != UINT32_MAX && of->tuples[flow].port == quote->port &&
           address_equal(quote->destination, target->address[family]) &&
           address_equal(quote->source, r->groups[probe_group_of(r, path, of->target)].source) &&
           quote->target_port == probe_target_port(target) &&
           quote->protocol ==
               probe_carriers[probe_kinds[target->protocol].carrier].protocol[family];
}

static void take(struct probe_trace *v, struct address from, const uint8_t *bytes, size_t size)
{
    struct trace_quote quote;
    bool is_quote = trace_quote_decode(from, bytes, size, &quote);
    for (uint32_t path = 0; is_quote && path < v->role->path_count; path++) {
        struct trace *running = v->paths[path].running;
        if (is_quoted(v, path, &quote) &&
            trace_answer(running, quote.mark, trace_flow_of(running, quote.mark), quote.kind, from))
            return;
    }
    v->strange++;
}

// A SYN that reaches a listener leaves a connection half open until our refusal comes there.
// Whatever probe of its 5-tuple is out by then, with a number far from the SYN's, got no answer by
// RFC 5961 §4: neither is that of the path.
static void void_met(struct probe_trace *v, uint32_t path, uint32_t flow)
{
    const struct trace_path *of = &v->paths[path];
    const struct trace_aim *aim = &of->aims[of->target];
    bool is_tcp = v->role->net->targets[of->target].protocol == NET_TCP;
    for (uint32_t id = aim->first; is_tcp && id < aim->first + aim->flows; id++)
        if (v->role->flows[id].port == of->tuples[flow].port)
            probe_void(v->role, id, SAMPLE_MET_TRACE);
}

bool probe_trace_reached(struct probe_trace *v, enum probe_carrier carrier,
                         const struct probe_address *from, const void *bytes, size_t size)
{
    for (uint32_t path = 0; v && path < v->role->path_count; path++) {
        const struct trace_path *of = &v->paths[path];
        const struct net_target *target = &v->role->net->targets[of->target];
        const struct probe_kind *kind = &probe_kinds[target->protocol];
        struct probe_answer answer = {0};
        if (!of->running || v->role->paths[path].is.family != from->peer.family ||
            kind->carrier != carrier || probe_target_port(target) != from->peer_port ||
            !address_equal(target->address[from->peer.family], from->peer) ||
            !kind->read(from->peer.family, bytes, size, &answer))
            continue;
        uint16_t mark = (uint16_t)answer.flight.sequence;
        uint32_t flow = trace_flow_of(of->running, mark);
        if (flow == UINT32_MAX || of->tuples[flow].port != from->port)
            continue;
        void_met(v, path, flow);
        (void)trace_answer(of->running, mark, flow, TRACE_REACHED, from->peer);
        return true;
    }
    return false;
}

static void hear(struct probe_trace *v, enum family family)
{
    uint8_t bytes[ERROR_BYTES_MAX];
    for (int i = 0; i < ERRORS_PER_TURN_MAX; i++) {
        union endpoint peer = {0};
        socklen_t peer_size = sizeof peer;
        ssize_t size =
            recvfrom(v->fds[family], bytes, sizeof bytes, MSG_DONTWAIT, &peer.any, &peer_size);
        if (size < 0)
            return;
        take(v, endpoint_address(&peer), bytes, (size_t)size);
    }
}

void probe_trace_turn(struct probe_trace *v)
{
    if (!v)
        return;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        if (v->fds[family] >= 0)
            hear(v, family);
    for (uint32_t path = 0; path < v->role->path_count; path++)
        send_due(v, path);
}
