// SPDX-License-Identifier: ISC
// What localisation says: which part of the network fails its packets, how surely, and by which
// numbers. A part is a conjunction of attributes: what is not said holds for any. The same struct
// feeds the log, the recording and the status page. Integers and short texts only, so that a
// recording replays to the same bytes.
#pragma once

#include "base/clock.h"
#include "base/prefix.h"
#include "net/net.h"

#include <stdbool.h>
#include <stdint.h>

enum fault_state {
    FAULT_SUSPECTED,  // something fails; which part is not sure yet: costs only probes
    FAULT_NAMED,      // this part, at the odds that were asked for
    FAULT_OVER,       // its flows are clean again
    FAULT_STATES
};

enum fault_symptom {
    FAULT_LOSS,    // a share of the packets of every flow through the part
    FAULT_TUPLES,  // a share of 5-tuples, wholly; the others not at all
    FAULT_DELAY,   // packets arrive, but later
    FAULT_SYMPTOMS
};

enum fault_direction { FAULT_EITHER, FAULT_FORWARD, FAULT_REVERSE, FAULT_DIRECTIONS };

enum {
    FAULT_NAME_MAX = 32,    // bytes, with the final zero, as all of these
    FAULT_WORDS_MAX = 240,  // one line for people
    FAULT_ANY = -1,         // of small numbers
};

// Only what is said must hold for a packet to pass the part; nothing said is "everything".
struct fault_part {
    enum family family;           // FAMILY_NONE: both
    uint32_t router, upstream;    // index of struct net; NET_NOBODY: any
    uint32_t target;              // likewise: what is behind the path, not the path
    char place[FAULT_NAME_MAX];   // likewise: a country or region of several targets; "": any
    char group[FAULT_NAME_MAX];   // shared risk or redundancy group of the configuration; "": any
    char member[FAULT_NAME_MAX];  // of that group: the part itself, such as a switch; "": any
    char link[FAULT_NAME_MAX];    // of the configuration, probed by hairpin; "": any
    struct address hop;           // learned by tracing: the packet passes it; FAMILY_NONE: any
    int32_t bucket;               // of `bucket_count`, as traced; FAULT_ANY
    int32_t bucket_count;         // FAULT_ANY when `bucket` is
    int32_t dscp;                 // FAULT_ANY
    int32_t size_bytes;           // packets of this size and larger ones; FAULT_ANY
    int32_t protocol;             // enum net_protocol; FAULT_ANY
    enum fault_direction direction;
};

// Of which nothing is said.
static inline struct fault_part fault_part_any(void)
{
    return (struct fault_part){.router = NET_NOBODY,
                               .upstream = NET_NOBODY,
                               .target = NET_NOBODY,
                               .bucket = FAULT_ANY,
                               .bucket_count = FAULT_ANY,
                               .dscp = FAULT_ANY,
                               .size_bytes = FAULT_ANY,
                               .protocol = FAULT_ANY};
}

struct fault_evidence {
    uint32_t samples, lost;  // of the part, since `began_at`
    uint32_t loss_ppm;       // as estimated: of FAULT_TUPLES the share of 5-tuples that is dead
    uint32_t flows, flows_lossy;
    uint32_t share_ppm;        // of all flows that may pass the part's upstream: how many do
    uint32_t odds_millinats;   // ln of how much likelier this part is than the next best story
    uint32_t asked_millinats;  // what was asked for to name it
    int64_t delay_ns;          // FAULT_DELAY: how much later
};

struct fault {
    uint32_t number;  // from 1 on: the same fault in every message
    enum fault_state state;
    enum fault_symptom symptom;
    struct mono at, began_at;
    struct fault_part part;
    struct fault_evidence evidence;
    // "IPv6 via edge2, next hop 2001:db8::2, bucket 13 of 16: 100 % of 6 % of flows; IPv4 clean;
    // 14.2 nats", and what else it could be, each with its odds.
    char words[FAULT_WORDS_MAX], others[FAULT_WORDS_MAX];
};
