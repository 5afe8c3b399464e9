// SPDX-License-Identifier: ISC
#include "role/probe_open.h"

#include "role/port_catch.h"
#include "role/probe_tell.h"
#include "role/probe_xdp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FLOWINFO_SEND = 33 };  // of linux/in6.h, which cannot stand beside netinet/in.h
enum {
    RECEIVE_BUFFER = 8 * 1024 * 1024,  // bytes: some thousand answers while we do not run
    SEND_BUFFER = 1024 * 1024,
};
static const char privileges[] = "run as root or give CAP_NET_RAW, CAP_NET_ADMIN and CAP_BPF";

static const char *path_name(const struct probe_role *r, uint32_t path, char *text)
{
    return net_path_name(r->net, path, text);
}

// Beyond the host's limit if we may, up to it if not.
static void set_buffer(int fd, int forced, int plain, int bytes)
{
    if (setsockopt(fd, SOL_SOCKET, forced, &bytes, sizeof bytes) < 0)
        (void)setsockopt(fd, SOL_SOCKET, plain, &bytes, sizeof bytes);
}

// By mark and by device, as far as asked for.
static bool select_way(const struct probe_role *r, uint32_t path, int fd, char *why)
{
    char name[NET_NAME_MAX + 8];
    const struct net_selection *select = net_path_selection(r->net, path);
    if (select->mark > 0 &&
        setsockopt(fd, SOL_SOCKET, SO_MARK, &select->mark, sizeof select->mark) < 0)
        return probe_fail(why, "cannot mark probes of %s with %u: %s: %s", path_name(r, path, name),
                          select->mark, strerror(errno), privileges);
    if (select->device[0] && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, select->device,
                                        (socklen_t)strlen(select->device)) < 0)
        return probe_fail(why, "cannot send probes of %s by device '%s': %s%s",
                          path_name(r, path, name), select->device, strerror(errno),
                          errno == ENODEV ? ": name an interface of this host" : "");
    return true;
}

static bool bind_source(const struct probe_role *r, uint32_t path, int fd, char *why)
{
    struct address source = net_path_selection(r->net, path)->source[r->paths[path].is.family];
    union endpoint endpoint = endpoint_of(source, 0);
    char name[NET_NAME_MAX + 8], text[ADDRESS_TEXT_MAX];
    if (source.family == FAMILY_NONE || bind(fd, &endpoint.any, endpoint_size(&endpoint)) == 0)
        return true;
    return probe_fail(why, "cannot send probes of %s from %s: %s%s", path_name(r, path, name),
                      address_format(source, text), strerror(errno),
                      errno == EADDRNOTAVAIL ? ": no interface of this host has that address" : "");
}

// Leaves the choice of flow labels to us also where this host itself spreads by them.
static int own_flow_labels(int fd)
{
    const int yes = 1;
    return setsockopt(fd, IPPROTO_IPV6, FLOWINFO_SEND, &yes, sizeof yes) < 0 ? -errno : 0;
}

// What our own queue drops is told by the call that sends: otherwise the kernel keeps it to itself
// (ip(7), IP_RECVERR).
static int want_queue_drops(int fd, enum family family)
{
    const int yes = 1;
    bool is_ipv6 = family == FAMILY_IPV6;
    int failed = setsockopt(fd, is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP,
                            is_ipv6 ? IPV6_RECVERR : IP_RECVERR, &yes, sizeof yes);
    return failed ? -errno : 0;
}

// Takes whole packets of any protocol, and hears nothing.
static bool open_sender(struct probe_role *r, uint32_t path, char *why)
{
    enum family family = r->paths[path].is.family;
    int fd = socket(endpoint_family(family), SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_RAW);
    r->paths[path].sender = fd;
    if (fd < 0)
        return probe_fail(why, "cannot open a raw socket: %s%s%s", strerror(errno),
                          errno == EPERM ? ": " : "", errno == EPERM ? privileges : "");
    set_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF, SEND_BUFFER);
    int error = want_queue_drops(fd, family);
    if (!error)
        error = datagram_want_departures(fd);
    if (!error && family == FAMILY_IPV6)
        error = own_flow_labels(fd);
    if (error)
        return probe_fail(why, "cannot prepare a probe socket: %s", strerror(-error));
    return select_way(r, path, fd, why) && bind_source(r, path, fd, why);
}

static bool open_asker(struct probe_role *r, uint32_t path, char *why)
{
    enum family family = r->paths[path].is.family;
    if (net_path_selection(r->net, path)->source[family].family != FAMILY_NONE)
        return true;
    int fd = socket(endpoint_family(family), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    r->paths[path].asker = fd;
    if (fd < 0)
        return probe_fail(why, "cannot open a UDP socket: %s", strerror(errno));
    return select_way(r, path, fd, why);
}

bool probe_open_senders(struct probe_role *r, char *why)
{
    for (uint32_t path = 0; path < r->path_count; path++)
        if (!open_sender(r, path, why) || !open_asker(r, path, why))
            return false;
    return true;
}

static bool open_receiver(struct probe_role *r, enum probe_carrier carrier, enum family family,
                          char *why)
{
    struct probe_receiver *receiver = &r->receivers[r->receiver_count];
    int fd = probe_carriers[carrier].open(family);
    if (fd < 0)
        return probe_fail(why, "cannot hear answers to %s probes: %s%s", family_name(family),
                          strerror(-fd), fd == -EADDRINUSE ? ": is another fairlead running?" : "");
    *receiver = (struct probe_receiver){.fd = fd, .carrier = carrier, .family = family, .role = r};
    r->receiver_count++;
    set_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF, RECEIVE_BUFFER);
    int error = datagram_want_facts(fd, family);
    return !error || probe_fail(why, "cannot prepare a probe socket: %s", strerror(-error));
}

static bool is_used(const struct probe_role *r, enum probe_carrier carrier, enum family family)
{
    for (uint32_t i = 0; i < r->scheduled_count; i++)
        if (r->paths[r->flows[i].path].is.family == family &&
            probe_kinds[r->net->targets[r->flows[i].target].protocol].carrier == carrier)
            return true;
    return false;
}

static bool catch_ports(struct probe_role *r, char *why)
{
    int sockets[FAMILIES] = {-1, -1, -1};
    bool has_any = false;
    for (uint32_t i = 0; i < r->receiver_count; i++)
        if (r->receivers[i].carrier == PROBE_UDP) {
            sockets[r->receivers[i].family] = r->receivers[i].fd;
            has_any = true;
        }
    if (!has_any)
        return true;
    r->port_catch = port_catch_open(sockets, PROBE_PORT_FIRST);
    bool may_not = r->port_catch == -EPERM;
    return r->port_catch >= 0 ||
           probe_fail(why, "cannot catch what comes to UDP ports from %u on: %s: %s",
                      PROBE_PORT_FIRST, strerror(-r->port_catch),
                      may_not ? privileges : "Linux 5.9 or newer can");
}

bool probe_open_receivers(struct probe_role *r, char *why)
{
    for (enum probe_carrier carrier = 0; carrier < PROBE_CARRIERS; carrier++)
        for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
            if (is_used(r, carrier, family) && !open_receiver(r, carrier, family, why))
                return false;
    return catch_ports(r, why);
}

static void close_if_open(int fd)
{
    if (fd >= 0)
        close(fd);
}

void probe_close_sockets(struct probe_role *r)
{
    for (uint32_t i = 0; r->paths && i < r->path_count; i++) {
        close_if_open(r->paths[i].sender);
        close_if_open(r->paths[i].asker);
    }
    for (uint32_t i = 0; i < r->receiver_count; i++)
        if (!r->receivers[i].device)
            close(r->receivers[i].fd);
    close_if_open(r->port_catch);
}

// A connected UDP socket has the source that a packet would get. Connecting it again would keep
// that, and disconnecting forgets the device, which whoever has none may choose (Linux 5.7).
static struct address ask(const struct probe_path *path, const char *device,
                          const union endpoint *peer)
{
    const struct sockaddr none = {.sa_family = AF_UNSPEC};
    union endpoint to = *peer, source = {0};
    socklen_t size = sizeof source;
    if (path->is.family == FAMILY_IPV6)
        to.ipv6.sin6_port = htons(9);  // discard: an address alone cannot be connected to
    else
        to.ipv4.sin_port = htons(9);
    (void)connect(path->asker, &none, sizeof none);
    if (device[0] &&
        setsockopt(path->asker, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device)) < 0)
        return (struct address){0};
    if (connect(path->asker, &to.any, endpoint_size(&to)) < 0 ||
        getsockname(path->asker, &source.any, &size) < 0)
        return (struct address){0};
    return endpoint_address(&source);
}

// What is out from an address that is ours no more cannot be answered.
static void change_source(struct probe_role *r, uint32_t group, struct address source)
{
    probe_xdp_change_source(r, group, source);
    r->groups[group].source = source;
    uint32_t count = flight_waiting(&r->flight, r->scratch);
    for (uint32_t i = 0; i < count; i++)
        if (r->flows[r->scratch[i]].flight.group == group)
            probe_void(r, r->scratch[i], SAMPLE_LINK_DOWN);
}

static void ask_for(struct probe_role *r, uint32_t group)
{
    uint32_t path = group / r->net->target_count;
    if (r->paths[path].asker < 0 || r->groups[group].peer.any.sa_family == AF_UNSPEC)
        return;
    struct address source =
        ask(&r->paths[path], net_path_selection(r->net, path)->device, &r->groups[group].peer);
    if (!address_equal(source, r->groups[group].source))
        change_source(r, group, source);
}

void probe_ask_source(struct probe_role *r)
{
    r->asked = r->asked + 1 < r->group_count ? r->asked + 1 : 0;
    ask_for(r, r->asked);
}

void probe_ask_sources(struct probe_role *r)
{
    for (uint32_t group = 0; group < r->group_count; group++)
        ask_for(r, group);
}
