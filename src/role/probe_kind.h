// SPDX-License-Identifier: ISC
// The kinds of probes, one row each: how its packets are written, and what an answer says. A kind
// travels over a carrier, which has one socket of each family that hears every answer. A new kind
// is a row here, and a protocol in net/.
#pragma once

#include "net/net.h"
#include "probe/flight.h"
#include "probe/ip.h"
#include "probe/stamp_tlv.h"
#include "role/datagram.h"

enum {
    // Source ports and ICMP identifiers: from here on, above the kernel's ephemeral range (32768 to
    // 60999), so that no 5-tuple of a flow is ever that of a connection.
    PROBE_PORT_FIRST = 61000,
    // Above those that paths begin with: candidates of tracing, and ports to rove over.
    PROBE_CANDIDATE_FIRST = PROBE_PORT_FIRST + NET_PATHS_MAX * NET_FLOWS_MAX,
    PROBE_ROVING_FIRST = PROBE_CANDIDATE_FIRST + 512,
    PROBE_ROVING_COUNT = 65536 - PROBE_ROVING_FIRST,
};

enum probe_carrier { PROBE_UDP, PROBE_ICMP, PROBE_TCP, PROBE_CARRIERS };

// One packet to be written.
struct probe_packet {
    struct ip_header ip;
    uint16_t port;         // source port or ICMP identifier
    uint16_t target_port;  // 0: the kind has none
    uint16_t ssid;
    uint32_t sequence;
    uint64_t tag;  // nobody off the path can guess it
    struct wall at;
    size_t size_bytes;       // of the whole packet; less than the least: the least
    bool is_to_us;           // who answers is ours, and understands TLVs; strangers get none that
                             // the configuration does not ask for
    struct address node;     // who is to answer; FAMILY_NONE: whoever is asked
    uint16_t micro_session;  // the link that it leaves by; 0: not to be said
};

// Where a datagram belongs, as its carrier tells.
struct probe_address {
    struct address peer;
    uint16_t peer_port;  // 0: the carrier has none
    uint16_t port;       // source port or ICMP identifier of the probe that it answers
};

// What its kind reads in an answer.
struct probe_answer {
    struct flight_answer flight;
    bool is_short;        // only the low 16 bits of the sequence came back
    uint16_t ssid;        // 0: it did not say
    uint8_t forward_ttl;  // of the probe as it arrived; 0: it did not say
    bool has_class;
    struct stamp_class arrived;  // the probe's, when it said so
    enum stamp_node node;
    uint16_t micro_session;  // the link there that the probe came by; 0: it did not say
};

struct probe_carrier_kind {
    uint8_t protocol[FAMILIES];  // of IP
    bool has_ports;
    int (*open)(enum family family);  // the socket; or -errno
    bool (*locate)(enum family family, const struct datagram_batch *in, int i,
                   const struct datagram_facts *facts, struct probe_address *address);
};

struct probe_kind {
    enum probe_carrier carrier;
    // What follows the IP header, checksum and lengths apart; gives what an answer must return.
    uint64_t (*write)(const struct probe_packet *packet, struct writer *w);
    bool (*read)(enum family family, const void *bytes, size_t size, struct probe_answer *answer);
};

extern const struct probe_carrier_kind probe_carriers[PROBE_CARRIERS];
extern const struct probe_kind probe_kinds[NET_PROTOCOLS];

// A raw socket that hears what the filter lets through, and nothing before that; or -errno.
int probe_open_raw(enum family family, int protocol, int (*filter)(int fd, enum family family));

// 0: its carrier has none.
uint16_t probe_target_port(const struct net_target *target);
