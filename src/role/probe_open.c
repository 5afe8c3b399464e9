// SPDX-License-Identifier: ISC
#include "role/probe.h"

#include "base/random.h"

#include <errno.h>
#include <linux/filter.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

enum { PROBE_TTL = 255 };               // RFC 8762 §4.2.1 by way of RFC 5357 §4.1.2
enum { FLOWINFO_SEND = 33 };            // of linux/in6.h, which cannot stand beside netinet/in.h
enum { RECEIVE_BUFFER = 1024 * 1024 };  // bytes: some thousand answers while we do not run
enum { OTHER_FILES = 64 };              // descriptors for all else
static const char privileges[] = "run as root or give CAP_NET_RAW and CAP_NET_ADMIN";

__attribute__((format(printf, 2, 3))) static bool fail(char *why, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, ROLE_ERROR_MAX, format, arguments);
    va_end(arguments);
    return false;
}

static const char *path_name(const struct probe_role *r, uint32_t path, char *text)
{
    return net_path_name(r->net, path, text);
}

static bool is_probed(const struct probe_role *r, uint32_t path, uint32_t target)
{
    const struct net_target *t = &r->net->targets[target];
    return t->address[r->paths[path].is.family].family != FAMILY_NONE && t->flows > 0 &&
           t->rate_mpps > 0;
}

// How many flows a socket must serve: the most that any target of this path and protocol has.
static uint32_t flows_max(const struct probe_role *r, uint32_t path, enum net_protocol protocol)
{
    uint32_t most = 0;
    for (uint32_t t = 0; t < r->net->target_count; t++) {
        const struct net_target *target = &r->net->targets[t];
        if (target->protocol == protocol && is_probed(r, path, t) && target->flows > most)
            most = target->flows;
    }
    return most;
}

static uint16_t id_of(uint32_t path, uint32_t flow)
{
    return (uint16_t)(PROBE_PORT_FIRST + path * NET_FLOWS_MAX + flow);
}

// A raw socket sees every ICMP message of the host: let only echo replies to our path through, or a
// flood of others would push ours out.
static int filter_icmp(int fd, enum family family, uint32_t path)
{
    bool is_ipv4 = family == FAMILY_IPV4;
    const struct sock_filter code[] = {
        is_ipv4 ? (struct sock_filter)BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0)  // past the IP header
                : (struct sock_filter)BPF_STMT(BPF_LDX | BPF_IMM, 0),
        BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, is_ipv4 ? 0 : 129, 0, 4),  // echo reply
        BPF_STMT(BPF_LD | BPF_H | BPF_IND, 4),                         // its identifier
        BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, id_of(path, 0)),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, NET_FLOWS_MAX, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    const struct sock_fprog program = {
        .len = sizeof code / sizeof code[0],
        .filter = (struct sock_filter *)code,  // the kernel only reads it
    };
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0 ? -errno : 0;
}

// Leaves the choice of flow labels to us: otherwise the kernel makes one up for each socket.
static int own_flow_labels(int fd)
{
    const int yes = 1;
    return setsockopt(fd, IPPROTO_IPV6, FLOWINFO_SEND, &yes, sizeof yes) < 0 ? -errno : 0;
}

static bool prepare(const struct probe_role *r, const struct probe_socket *s, char *why)
{
    const int yes = 1, buffer = RECEIVE_BUFFER;
    enum family family = r->paths[s->path].is.family;
    if (setsockopt(s->fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer) < 0)
        (void)setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &buffer,
                         sizeof buffer);  // the limit will do
    int error = datagram_want_facts(s->fd, family);
    if (!error)
        error = datagram_set_ttl(s->fd, family, PROBE_TTL);
    if (!error && family == FAMILY_IPV6)
        error = own_flow_labels(s->fd);
    if (!error && family == FAMILY_IPV6 && s->protocol == NET_STAMP &&
        setsockopt(s->fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes) < 0)
        error = -errno;
    if (!error && s->protocol == NET_ICMP)
        error = filter_icmp(s->fd, family, s->path);
    return !error || fail(why, "cannot prepare a probe socket: %s", strerror(-error));
}

// By mark and by device, as far as asked for.
static bool select_way(const struct probe_role *r, const struct probe_socket *s, char *why)
{
    char name[NET_NAME_MAX + 8];
    const struct net_selection *select = net_path_selection(r->net, s->path);
    if (select->mark > 0 &&
        setsockopt(s->fd, SOL_SOCKET, SO_MARK, &select->mark, sizeof select->mark) < 0)
        return fail(why, "cannot mark probes of %s with %u: %s: %s", path_name(r, s->path, name),
                    select->mark, strerror(errno), privileges);
    if (select->device[0] && setsockopt(s->fd, SOL_SOCKET, SO_BINDTODEVICE, select->device,
                                        (socklen_t)strlen(select->device)) < 0)
        return fail(why, "cannot send probes of %s by device '%s': %s%s",
                    path_name(r, s->path, name), select->device, strerror(errno),
                    errno == ENODEV ? ": name an interface of this host" : "");
    return true;
}

static bool bind_source(const struct probe_role *r, const struct probe_socket *s, char *why)
{
    enum family family = r->paths[s->path].is.family;
    struct address source = net_path_selection(r->net, s->path)->source[family];
    if (source.family == FAMILY_NONE)
        source = endpoint_any(family);
    uint16_t port = s->protocol == NET_STAMP ? id_of(s->path, s->flow) : 0;
    union endpoint endpoint = endpoint_of(source, port);
    if (bind(s->fd, &endpoint.any, endpoint_size(&endpoint)) == 0)
        return true;
    char name[NET_NAME_MAX + 8], text[ENDPOINT_TEXT_MAX];
    return fail(why, "cannot send probes of %s from %s: %s%s", path_name(r, s->path, name),
                endpoint_format(source, port, text), strerror(errno),
                errno == EADDRNOTAVAIL ? ": no interface of this host has that address"
                : errno == EADDRINUSE  ? ": is another fairlead running?"
                                       : "");
}

static bool open_socket(struct probe_role *r, uint32_t path, enum net_protocol protocol,
                        uint32_t flow, char *why)
{
    enum family family = r->paths[path].is.family;
    bool is_raw = protocol == NET_ICMP;
    struct probe_socket *s = &r->sockets[r->socket_count];
    *s = (struct probe_socket){.path = path, .protocol = protocol, .flow = flow, .role = r};
    s->fd = socket(endpoint_family(family),
                   (is_raw ? SOCK_RAW : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC,
                   !is_raw                 ? 0
                   : family == FAMILY_IPV6 ? IPPROTO_ICMPV6
                                           : IPPROTO_ICMP);
    if (s->fd < 0)
        return fail(why, "cannot open a %s socket: %s%s%s", is_raw ? "raw" : "UDP", strerror(errno),
                    errno == EPERM ? ": " : "", errno == EPERM ? privileges : "");
    r->socket_count++;
    return prepare(r, s, why) && select_way(r, s, why) && bind_source(r, s, why);
}

static bool raise_file_limit(uint32_t sockets)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return false;
    rlim_t wanted = sockets + OTHER_FILES;
    if (limit.rlim_cur >= wanted)
        return true;
    limit.rlim_cur = wanted;
    limit.rlim_max = limit.rlim_max > wanted ? limit.rlim_max : wanted;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

static bool open_sockets(struct probe_role *r, char *why)
{
    uint32_t count = 0;
    for (uint32_t path = 0; path < r->path_count; path++)
        count += flows_max(r, path, NET_STAMP) + (flows_max(r, path, NET_ICMP) > 0);
    if (count == 0)
        return fail(why, "nothing to probe: no target has an address of a family of an upstream");
    if (!raise_file_limit(count))
        return fail(why, "cannot open %u probe sockets: %s: raise the limit of open files", count,
                    strerror(errno));
    r->sockets = calloc(count, sizeof r->sockets[0]);
    if (!r->sockets)
        return fail(why, "cannot probe: out of memory");
    for (uint32_t path = 0; path < r->path_count; path++) {
        for (uint32_t flow = 0; flow < flows_max(r, path, NET_STAMP); flow++)
            if (!open_socket(r, path, NET_STAMP, flow, why))
                return false;
        if (flows_max(r, path, NET_ICMP) > 0 && !open_socket(r, path, NET_ICMP, 0, why))
            return false;
    }
    return true;
}

static uint32_t socket_for(const struct probe_role *r, uint32_t path, enum net_protocol protocol,
                           uint32_t flow)
{
    uint32_t s = 0;
    while (r->sockets[s].path != path || r->sockets[s].protocol != protocol ||
           (protocol == NET_STAMP && r->sockets[s].flow != flow))
        s++;
    return s;
}

// The same for ever, also after a restart: some routers hash it. Below 0x80000, where the kernel
// keeps labels that are asked for (ip-sysctl, flowlabel_state_ranges).
static uint32_t flow_label(uint32_t path, uint32_t target, uint32_t flow)
{
    const uint32_t name[3] = {path, target, flow};
    return 1 + (uint32_t)(siphash((struct siphash_key){0}, name, sizeof name) % 0x7fffe);
}

static int64_t clamp_ns(int64_t ns, int64_t min, int64_t max)
{
    return ns < min ? min : ns > max ? max : ns;
}

static void plan_flow(struct probe_role *r, uint32_t id, const struct flight_flow *name,
                      struct schedule_flow *plan)
{
    const struct net_target *target = &r->net->targets[name->target];
    enum family family = r->paths[name->path].is.family;
    struct probe_flow *flow = &r->flows[id];
    uint64_t secret = siphash(r->key, &id, sizeof id);
    flow->socket = socket_for(r, name->path, target->protocol, name->flow);
    flow->peer =
        endpoint_of(target->address[family], target->protocol == NET_STAMP ? target->port : 0);
    if (family == FAMILY_IPV6)
        flow->peer.ipv6.sin6_flowinfo = htonl(flow_label(name->path, name->target, name->flow));
    flow->id = id_of(name->path, name->flow);
    flow->ssid = (uint16_t)(1 + secret % UINT16_MAX);
    plan->path = name->path;
    plan->interval_ns = (int64_t)target->flows * 1000 * NS_PER_S / target->rate_mpps;
    plan->phase_ns = plan->interval_ns * name->flow / target->flows;
    flow->lag_max_ns =
        clamp_ns(plan->interval_ns / 2, PROBE_LAG_MIN_NS, r->net->probe.timeout_min_ns);
    struct flight_flow in_flight = *name;
    in_flight.next = (uint32_t)(secret >> 32);
    flight_flow_init(&r->flight, id, in_flight);
}

// Targets of one path start at different times too: a random part of their flows' spacing.
static void plan_flows(struct probe_role *r, struct schedule_flow *plans)
{
    struct random random = {siphash(r->key, "phase", 5)};
    uint32_t id = 0;
    for (uint32_t path = 0; path < r->path_count; path++)
        for (uint32_t t = 0; t < r->net->target_count; t++) {
            uint32_t group = path * r->net->target_count + t;
            double phase = random_unit(&random) / r->net->targets[t].flows;
            r->first_flow[group] = is_probed(r, path, t) ? id : NET_NOBODY;
            r->tallies[group].sums.path = path;
            r->tallies[group].sums.target = t;
            for (uint32_t f = 0; is_probed(r, path, t) && f < r->net->targets[t].flows; f++, id++) {
                plan_flow(
                    r, id,
                    &(struct flight_flow){.path = path, .target = t, .flow = f, .group = group},
                    &plans[id]);
                plans[id].phase_ns += (int64_t)(phase * (double)plans[id].interval_ns);
            }
        }
}

static bool plan(struct probe_role *r, char *why)
{
    uint32_t groups = r->path_count * r->net->target_count;
    for (uint32_t path = 0; path < r->path_count; path++)
        for (uint32_t t = 0; t < r->net->target_count; t++)
            r->flow_count += is_probed(r, path, t) ? r->net->targets[t].flows : 0;
    struct schedule_flow *plans = calloc(r->flow_count, sizeof plans[0]);
    r->flows = calloc(r->flow_count, sizeof r->flows[0]);
    r->first_flow = calloc(groups, sizeof r->first_flow[0]);
    r->tallies = calloc(groups, sizeof r->tallies[0]);
    bool has_all = plans && r->flows && r->first_flow && r->tallies &&
                   flight_init(&r->flight, r->flow_count, groups);
    if (has_all) {
        r->flight.timeout_min_ns = r->net->probe.timeout_min_ns;
        r->flight.timeout_max_ns = r->net->probe.timeout_max_ns;
        plan_flows(r, plans);
        r->schedule = schedule_new(plans, r->flow_count, r->path_count,
                                   r->net->probe.path_rate_max_pps, r->key.low);
    }
    free(plans);
    return (has_all && r->schedule) || fail(why, "cannot probe: out of memory");
}

// Answers tell themselves apart by address, port and protocol.
static bool targets_differ(const struct net *net, char *why)
{
    for (uint32_t a = 0; a < net->target_count; a++)
        for (uint32_t b = 0; b < a; b++) {
            const struct net_target *one = &net->targets[a], *other = &net->targets[b];
            for (enum family f = FAMILY_IPV4; f < FAMILIES; f++)
                if (one->address[f].family != FAMILY_NONE && one->protocol == other->protocol &&
                    one->port == other->port && address_equal(one->address[f], other->address[f]))
                    return fail(why, "targets '%s' and '%s' are the same: leave one out",
                                other->name, one->name);
        }
    return true;
}

static bool open_paths(struct probe_role *r, char *why)
{
    char name[NET_NAME_MAX + 8];
    r->path_count = net_path_count(r->net);
    r->paths = calloc(r->path_count, sizeof r->paths[0]);
    if (r->path_count > 0 && !r->paths)
        return fail(why, "cannot probe: out of memory");
    for (uint32_t i = 0; i < r->path_count; i++) {
        struct probe_path *path = &r->paths[i];
        const struct net_selection *select = net_path_selection(r->net, i);
        path->is = net_path(r->net, i);
        if (select->device[0])
            snprintf(path->link, sizeof path->link, "%s", select->device);
        else
            link_of_address(select->source[path->is.family], path->link);
        path->detector = calloc(1, sizeof *path->detector);
        if (!path->detector)
            return fail(why, "cannot probe: out of memory");
        if (!detect_path_init(path->detector, r->net, i))
            return fail(why, "cannot detect loss on %s: no thresholds fit what detect: asks for",
                        path_name(r, i, name));
    }
    return true;
}

struct probe_role *probe_role_open(const struct net *net, char *why)
{
    struct probe_role *r = calloc(1, sizeof *r);
    if (!r || getrandom(&r->key, sizeof r->key, 0) != sizeof r->key) {
        fail(why, "cannot probe: out of memory");
        free(r);
        return NULL;
    }
    r->net = net;
    int error = link_watch_open(&r->links);
    if (error)
        fail(why, "cannot watch links: %s", strerror(-error));
    if (!error && targets_differ(net, why) && open_paths(r, why) && open_sockets(r, why) &&
        plan(r, why))
        return r;
    probe_role_close(r);
    return NULL;
}

void probe_role_close(struct probe_role *r)
{
    if (!r)
        return;
    for (uint32_t i = 0; i < r->socket_count; i++)
        close(r->sockets[i].fd);
    for (uint32_t i = 0; r->paths && i < r->path_count; i++)
        free(r->paths[i].detector);
    link_watch_close(&r->links);
    schedule_free(r->schedule);
    flight_done(&r->flight);
    free(r->tallies);
    free(r->first_flow);
    free(r->flows);
    free(r->sockets);
    free(r->paths);
    free(r);
}
