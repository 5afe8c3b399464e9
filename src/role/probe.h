// SPDX-License-Identifier: ISC
// The probe role from inside. probe.c is the loop; probe_*.h say what the other files do.
#pragma once

#include "base/region.h"
#include "base/siphash.h"
#include "detect/path.h"
#include "detect/vouch.h"
#include "engine/event.h"
#include "probe/clock_watch.h"
#include "probe/departure.h"
#include "probe/flow_index.h"
#include "probe/gather.h"
#include "probe/schedule.h"
#include "role/probe_kind.h"
#include "role/probe_link.h"
#include "role/roles.h"
#include "role/way_meant.h"

#include <uv.h>

enum {
    PROBE_TTL = 255,                    // RFC 8762 §4.2.1 by way of RFC 5357 §4.1.2
    PROBE_LAG_MIN_NS = 10 * NS_PER_MS,  // what any loop of a busy host may be late
    PROBE_LAG_NS = 1 << 16,             // steps in which a flow's own is told, 4.3 s at most
    PROBE_RTTS_MAX = 32,                // round-trip times kept of one tally for its median
    // Sockets of each sort, and queues of devices.
    PROBE_RECEIVERS_MAX = PROBE_CARRIERS * FAMILIES + 128,
};

// Hears all answers of one carrier and family; or those of both families that come by one queue of
// a device straight to us.
struct probe_receiver {
    int fd;
    enum probe_carrier carrier;
    enum family family;         // FAMILY_NONE: a queue
    struct xdp_device *device;  // NULL: a socket
    uint32_t queue;
    uint32_t dropped;     // by the kernel for want of room, as last known
    struct mono read_at;  // the turn in which all was read
    uv_poll_t poll;
    struct probe_role *role;
};

struct probe_path {
    struct net_path is;
    int sender;  // raw: takes whole packets
    int asker;   // UDP, likewise: says the source the kernel would choose; negative: configured
    uint16_t micro_session;      // of a bundle, that it leaves by; 0: not said
    uint8_t home;                // interface that it names, or that has its source address
    bool awaits;                 // since we began nobody has a way by the tables that are meant
    struct departure departure;  // of its sender
    struct detect_path *detector;
    struct rate_sum rate;  // since the last one that was told
    bool accused;          // a detector found it to lose packets: its flows are told,
    struct mono flows_since, flows_told_at;  // counted since then; 0: not yet
    uint32_t flows_told, flows_lossy;        // in this pass over all flows
    bool has_pending;                        // a signal that the engine had no room for
    struct signal pending;
    uint32_t vrf;            // the interface that it names, where that is one; 0
    struct way_meant meant;  // tables that its packets are meant for,
    struct mono meant_at;    // which were read then
};

// What each answer adds to, but for its time, lies in one line of a processor's caches.
struct probe_tally {
    _Alignas(REGION_LINE_BYTES) struct event_tally sums;
    uint32_t rtt_count;  // may be more than are kept
    int64_t rtts_ns[PROBE_RTTS_MAX];
};

// A target by one path. What sending needs of it lies in one line of a processor's caches.
struct probe_group {
    uint32_t first;         // of its flows, which follow each other: its sentinels, then others
    struct address source;  // FAMILY_NONE: there is no way there at present
    union endpoint peer;    // FAMILY_NONE: not probed
    // Interfaces that the kernel may route to it by, when last it said so, then none; and the table
    // that this stands in.
    uint8_t first_links[WAY_LINKS_MAX];
    uint32_t table;
    struct probe_tally tally;
    bool is_elsewhere;    // another box than is meant answered last,
    uint16_t link_there;  // and by which of its links the probe came; 0: it did not say
    struct mono told_at;  // that one of these changed
    bool is_astray;       // its way has fallen out of the tables that are meant
};

struct probe_counts {
    uint64_t sent, ok, lost, voided, late, doubled, strange, no_room, untold;
};

// Whoever sends flows of some use is told what became of their probes; told NULL: nobody is.
struct probe_listener {
    void (*told)(void *listener, const struct sample *sample);
    void *listener;
};

struct probe_role {
    const struct net *net;
    struct region memory;  // of what is written for each probe, all over
    uint32_t path_count, receiver_count, flow_count, group_count;
    struct probe_path *paths;
    struct probe_receiver receivers[PROBE_RECEIVERS_MAX];
    int port_catch;
    struct flow *flows;       // the index is a flow's id, here and in all that follow
    struct flow_index index;  // by what answers show
    struct flight flight;
    struct gather answers;      // that wait to be told
    struct schedule *schedule;  // of the first flows
    uint32_t scheduled_count;   // then those of hairpins, then those that rove
    struct probe_rove *rove;    // NULL: nothing roves
    struct probe_trace *trace;  // NULL: nothing is traced
    struct probe_hairpins *hairpins;
    struct probe_xdp *xdp;   // NULL: no path asks for it
    struct cusum_book book;  // of the rules of all that detects
    struct delays *delays;
    struct site *site;           // which part is at fault
    struct fault pending_fault;  // that the engine had no room for; number 0: none
    struct probe_group *groups;  // of path * target_count + target
    struct probe_listener listeners[FLOW_USES];
    uint32_t *scratch;  // room for each flow's id
    uint32_t asked;     // group whose source was looked up last
    struct siphash_key key;
    struct link_watch links;
    struct probe_links first_links;
    struct datagram_batch out, in;
    struct send_batch *frames;  // that wait to be sent, of one device
    struct probe_counts counts;
    uv_loop_t loop;
    uv_timer_t timer;
    uv_poll_t channel_poll, link_poll;
    uv_signal_t terminate;
    int channel;
    struct clock_watch clocks;
    struct mono now;                              // of this turn
    struct mono awaited_at, tallied_at, told_at;  // the first: when this turn should have begun
    uint32_t tallied;                             // the group told of last
    struct mono rates_at;                         // up to when the rates that are told next are,
    uint32_t rated;                               // and how many paths of them are told
    uint64_t flows_due, flows_telling;            // paths, bit sets: of the next pass, of this one,
    uint32_t flows_next;                          // and how far that is
    int64_t wall_ns;                              // the wall clock was so much later at the start
    uint32_t came;                                // answers since tallies were told
    bool is_busy;                                 // they are read in turns, not when they come
    struct vouch vouch;
    bool has_pending;  // a notice that the engine had no room for
    struct notice pending;
};

static inline uint32_t probe_group_of(const struct probe_role *r, uint32_t path, uint32_t target)
{
    return path * r->net->target_count + target;
}

void probe_stop(struct probe_role *r);
