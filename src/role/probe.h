// SPDX-License-Identifier: ISC
// The probe role from inside: its sockets, flows and what it has yet to tell. Four files share
// this: probe_open.c (what needs privileges), probe_send.c, probe_receive.c, probe_tell.c (samples
// to detectors and tallies, these to the engine); probe.c is the loop.
#pragma once

#include "base/siphash.h"
#include "detect/path.h"
#include "engine/event.h"
#include "net/net.h"
#include "probe/flight.h"
#include "probe/schedule.h"
#include "role/datagram.h"
#include "role/link.h"
#include "role/roles.h"

#include <uv.h>

enum {
    // Source ports and ICMP identifiers: one for each path and flow, for ever, above the kernel's
    // ephemeral range (32768 to 60999), so that no 5-tuple is ever shared or used again.
    PROBE_PORT_FIRST = 61000,
    PROBE_LAG_MIN_NS = 10 * NS_PER_MS,  // what any loop of a busy host may be late
    PROBE_RTTS_MAX = 32,                // round-trip times kept of one tally for its median
};

struct probe_socket {
    int fd;
    uint32_t path;
    enum net_protocol protocol;
    uint32_t flow;     // STAMP: this one of every target; ICMP: one socket serves all
    uint32_t dropped;  // by the kernel for want of room, as last known
    uv_poll_t poll;
    struct probe_role *role;
};

struct probe_flow {
    uint32_t socket;
    union endpoint peer;               // for IPv6 with the flow label
    uint16_t id;                       // source port or ICMP identifier
    uint16_t ssid;                     // STAMP
    int64_t lag_max_ns;                // our loop later than this: its probes are void
    uint8_t forward_ttl, reverse_ttl;  // of the last answer; 0: unknown
    struct mono hops_told_at;
};

struct probe_path {
    struct net_path is;
    char link[LINK_NAME_MAX];  // empty: not known
    bool link_is_down;
    struct detect_path *detector;
    bool has_pending;  // a signal that the engine had no room for
    struct signal pending;
};

struct probe_tally {
    struct event_tally sums;
    int64_t rtts_ns[PROBE_RTTS_MAX];
    uint32_t rtt_count;  // may be more than are kept
};

struct probe_counts {
    uint64_t sent, ok, lost, voided, late;
    uint64_t doubled, strange, no_room, untold;
};

struct probe_role {
    const struct net *net;
    uint32_t path_count, socket_count, flow_count;
    struct probe_path *paths;
    struct probe_socket *sockets;
    struct probe_flow *flows;     // same numbers as in flight and schedule
    uint32_t *first_flow;         // of path * target_count + target; NET_NOBODY: none
    struct probe_tally *tallies;  // likewise
    struct flight flight;
    struct schedule *schedule;
    struct siphash_key key;
    struct link_watch links;
    struct datagram_batch out, in;
    struct probe_counts counts;

    uv_loop_t loop;
    uv_timer_t timer;
    uv_poll_t channel_poll, link_poll;
    uv_signal_t terminate;
    int channel;
    int64_t wall_ahead_ns;   // CLOCK_REALTIME less CLOCK_MONOTONIC
    struct mono now;         // of this turn
    struct mono awaited_at;  // when this turn should have begun at the latest
    struct mono tallied_at, told_at;
};

// probe_send.c
void probe_send_due(struct probe_role *r);
// probe_receive.c
void probe_receive(struct probe_role *r, struct probe_socket *socket);
// Voids what is out through the socket if the kernel dropped something meanwhile.
void probe_check_drops(struct probe_role *r, struct probe_socket *socket, uint32_t dropped);
// probe_tell.c
void probe_tell(struct probe_role *r, uint32_t flow, const struct sample *sample);
void probe_void(struct probe_role *r, uint32_t flow, enum sample_void_reason reason);
void probe_tick_detectors(struct probe_role *r);
void probe_send_tallies(struct probe_role *r);
// probe.c
void probe_stop(struct probe_role *r);
