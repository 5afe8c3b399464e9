// SPDX-License-Identifier: ISC
#include "role/probe_kind.h"

#include "probe/icmp.h"
#include "probe/stamp.h"
#include "probe/tcp.h"

#include <errno.h>
#include <linux/filter.h>
#include <unistd.h>

static int open_udp(enum family family)
{
    const int yes = 1;
    int fd = socket(endpoint_family(family), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    union endpoint any = endpoint_of(endpoint_any(family), PROBE_PORT_FIRST);
    if (fd < 0)
        return -errno;
    if ((family != FAMILY_IPV6 ||
         setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes) == 0) &&
        bind(fd, &any.any, endpoint_size(&any)) == 0 && datagram_want_port(fd, family) == 0)
        return fd;
    int error = -errno;
    close(fd);
    return error;
}

static bool locate_udp(enum family family, const struct datagram_batch *in, int i,
                       const struct datagram_facts *facts, struct probe_address *address)
{
    (void)family;
    address->peer = endpoint_address(&in->slots[i].peer);
    address->peer_port = endpoint_port(&in->slots[i].peer);
    address->port = facts->local_port;
    return true;
}

// A raw socket sees every ICMP message of the host: let only echo replies to us through, or a flood
// of others would push ours out.
static int filter_icmp(int fd, enum family family)
{
    bool is_ipv4 = family == FAMILY_IPV4;
    const struct sock_filter code[] = {
        is_ipv4 ? (struct sock_filter)BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0)  // past the IP header
                : (struct sock_filter)BPF_STMT(BPF_LDX | BPF_IMM, 0),
        BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, is_ipv4 ? 0 : 129, 0, 3),  // echo reply
        BPF_STMT(BPF_LD | BPF_H | BPF_IND, 4),                         // its identifier
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, PROBE_PORT_FIRST, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    return datagram_filter(fd, code, sizeof code / sizeof code[0]);
}

int probe_open_raw(enum family family, int protocol, int (*filter)(int fd, enum family family))
{
    int fd = socket(endpoint_family(family), SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    int error = fd < 0 ? -errno : filter(fd, family);
    if (!error)
        return fd;
    if (fd >= 0)
        close(fd);
    return error;
}

static int open_icmp(enum family family)
{
    return probe_open_raw(family, family == FAMILY_IPV6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP,
                          filter_icmp);
}

static bool locate_icmp(enum family family, const struct datagram_batch *in, int i,
                        const struct datagram_facts *facts, struct probe_address *address)
{
    (void)facts;
    struct icmp_echo echo;
    if (!icmp_reply_decode(family, in->slots[i].bytes, datagram_size(in, i), &echo))
        return false;
    address->peer = endpoint_address(&in->slots[i].peer);
    address->peer_port = 0;
    address->port = echo.id;
    return true;
}

// A raw socket sees every TCP segment of the host, the tables of BGP among them: let only what may
// answer a SYN of ours through.
static int filter_tcp(int fd, enum family family)
{
    bool is_ipv4 = family == FAMILY_IPV4;
    const struct sock_filter code[] = {
        is_ipv4 ? (struct sock_filter)BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0)  // past the IP header
                : (struct sock_filter)BPF_STMT(BPF_LDX | BPF_IMM, 0),
        BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),  // destination port
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, PROBE_PORT_FIRST, 0, 3),
        BPF_STMT(BPF_LD | BPF_B | BPF_IND, 13),            // flags
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x06, 0, 1),  // SYN or RST
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    return datagram_filter(fd, code, sizeof code / sizeof code[0]);
}

static int open_tcp(enum family family)
{
    return probe_open_raw(family, IPPROTO_TCP, filter_tcp);
}

static bool locate_tcp(enum family family, const struct datagram_batch *in, int i,
                       const struct datagram_facts *facts, struct probe_address *address)
{
    (void)facts;
    struct tcp_reply reply;
    if (!tcp_reply_decode(family, in->slots[i].bytes, datagram_size(in, i), &reply))
        return false;
    address->peer = endpoint_address(&in->slots[i].peer);
    address->peer_port = reply.source_port;
    address->port = reply.destination_port;
    return true;
}

// How much longer than it is by now the packet is to become.
static size_t missing(const struct probe_packet *packet, const struct writer *w)
{
    return packet->size_bytes > w->size ? packet->size_bytes - w->size : 0;
}

static void pad(struct writer *w, size_t count)
{
    for (; count > 0; count--)
        writer_u8(w, 0);
}

static uint64_t write_stamp(const struct probe_packet *packet, struct writer *w)
{
    struct stamp_request request = {
        .sequence = packet->sequence,
        .timestamp = stamp_tagged_ntp(packet->at, (uint16_t)packet->tag),
        .error_estimate = STAMP_ERROR_ESTIMATE,
        .ssid = packet->ssid,
    };
    writer_be16(w, packet->port);
    writer_be16(w, packet->target_port);
    writer_be32(w, 0);  // length and checksum
    stamp_request_encode(w, &request);
    const struct stamp_wish wish = {
        // Whether it arrives as such, and comes back as such.
        .asks_class = packet->is_to_us && packet->ip.dscp > 0,
        .dscp_back = packet->ip.dscp,
        .node = packet->node,
        .micro_session = packet->is_to_us ? packet->micro_session : 0,
        .size = packet->is_to_us ? packet->size_bytes : 0,
    };
    stamp_wish_encode(w, &wish);
    if (!packet->is_to_us)
        pad(w, missing(packet, w));  // as TWAMP-Light pads: RFC 8762 §4.6
    return request.timestamp;
}

static bool read_stamp(enum family family, const void *bytes, size_t size,
                       struct probe_answer *answer)
{
    (void)family;
    struct stamp_reply reply;
    if (!stamp_reply_decode(bytes, size, &reply))
        return false;
    answer->ssid = reply.ssid;
    answer->forward_ttl = reply.sender_ttl;
    answer->flight.sequence = reply.sender_sequence;
    answer->flight.echo = reply.sender_timestamp;
    answer->flight.has_count = true;
    answer->flight.reflected = reply.sequence;
    answer->flight.kept_ns = stamp_turnaround_ns(&reply);
    if (cursor_left(&reply.tlvs) == 0)  // nearly always
        return true;
    answer->has_class = stamp_class_read(reply.tlvs, &answer->arrived);
    answer->node = stamp_node_read(reply.tlvs);
    answer->micro_session = stamp_micro_session_read(reply.tlvs);
    return true;
}

static uint64_t write_icmp(const struct probe_packet *packet, struct writer *w)
{
    struct icmp_echo echo = {
        .id = packet->port,
        .sequence = (uint16_t)packet->sequence,
        .tag = packet->tag,
    };
    icmp_echo_encode(w, packet->ip.destination.family, &echo);
    pad(w, missing(packet, w));
    return packet->tag;
}

static bool read_icmp(enum family family, const void *bytes, size_t size,
                      struct probe_answer *answer)
{
    struct icmp_echo echo;
    if (!icmp_reply_decode(family, bytes, size, &echo))
        return false;
    answer->flight.sequence = echo.sequence;
    answer->is_short = true;
    answer->flight.echo = echo.tag;
    return true;
}

// As large as it comes: data in a SYN is a rarity that some drop.
static uint64_t write_tcp(const struct probe_packet *packet, struct writer *w)
{
    tcp_syn_encode(w, &(struct tcp_syn){packet->port, packet->target_port, packet->sequence});
    return packet->sequence;
}

static bool read_tcp(enum family family, const void *bytes, size_t size,
                     struct probe_answer *answer)
{
    struct tcp_reply reply;
    if (!tcp_reply_decode(family, bytes, size, &reply))
        return false;
    answer->flight.sequence = reply.sequence;
    answer->flight.echo = reply.sequence;
    return true;
}

const struct probe_carrier_kind probe_carriers[] = {
    // clang-format off
    [PROBE_UDP] = {{[FAMILY_IPV4] = IP_UDP, [FAMILY_IPV6] = IP_UDP}, true, open_udp, locate_udp},
    [PROBE_ICMP] = {{[FAMILY_IPV4] = IP_ICMP, [FAMILY_IPV6] = IP_ICMPV6}, false, open_icmp,
                    locate_icmp},
    [PROBE_TCP] = {{[FAMILY_IPV4] = IP_TCP, [FAMILY_IPV6] = IP_TCP}, true, open_tcp, locate_tcp},
    // clang-format on
};

uint16_t probe_target_port(const struct net_target *target)
{
    return probe_carriers[probe_kinds[target->protocol].carrier].has_ports ? target->port : 0;
}

const struct probe_kind probe_kinds[] = {
    [NET_STAMP] = {PROBE_UDP, write_stamp, read_stamp},
    [NET_ICMP] = {PROBE_ICMP, write_icmp, read_icmp},
    [NET_TCP] = {PROBE_TCP, write_tcp, read_tcp},
};
