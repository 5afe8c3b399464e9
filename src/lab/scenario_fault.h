// SPDX-License-Identifier: ISC
// What a scenario breaks, and what it expects of Fairlead.
#pragma once

#include "base/prefix.h"
#include "net/tree.h"

#include <stdint.h>

// What breaks in a node. Times count from the moment when Fairlead is ready.
struct scenario_fault {
    const char *name;  // for what is said after it; NULL: none
    uint32_t node;
    int64_t at_ns, until_ns;   // until_ns 0: to the end
    int64_t every_ns, for_ns;  // bursts: so often, so long; 0: lasting
    const char *blames;        // upstream or other part whose fault it is; NULL: nobody's, noise
    // Packets that a router forwards or a host takes in are lost when all that is said holds.
    uint32_t loss_ppm;                    // 0: no packet is
    const char *from, *to;                // they came in, go out by this port; NULL: by any
    enum family family;                   // FAMILY_NONE: both
    const char *protocol;                 // icmp, tcp or udp; NULL: any
    uint32_t port;                        // they go to this port; 0: any
    int32_t dscp;                         // -1: any
    uint32_t above_bytes;                 // they are larger; 0: any
    uint32_t above_pps;                   // they exceed this rate (of each family); 0: any
    uint32_t tuples_dead, tuples_of;      // the hash of their addresses and ports says so; 0: any
    int64_t delay_ns;                     // of a wire; -1: not touched
    bool by_people;                       // nothing breaks: people move traffic,
    bool by_devices;                      // or devices and pipelines tell
    const struct tree_node *begin, *end;  // command lines run in the node; NULL: none
};

enum {
    SCENARIO_SAID_MAX = 12,        // expectations of one scenario
    SCENARIO_SAID_WORDS_MAX = 8,   // of one
    SCENARIO_FIRST_LOSS = 0xffff,  // after no fault, but the first lost packet of the traffic
};

// What Fairlead must have said by then.
struct scenario_said {
    const char *effect;                          // its name, such as outage or page
    const char *words[SCENARIO_SAID_WORDS_MAX];  // all of them are in it
    uint32_t word_count;
    uint32_t after;  // a fault's index, or SCENARIO_FIRST_LOSS
    uint32_t within_ms;
    bool before_loss;  // and before the first packet is lost
};

struct scenario_expect {  // 0 expects 0; UINT32_MAX expects nothing
    uint32_t detect_p50_ms, detect_p95_ms, restore_p50_ms, restore_p95_ms;
    uint32_t return_lost_packets, false_actions;
    uint32_t acts, name_p95_ms, wrong_names;
    uint32_t lost_packets;          // of a family in a run, whenever
    uint32_t changes;               // of way in a run, of the destination that has most
    uint32_t moved_min, moved_max;  // destinations of both families whose way changed, in a run
    uint32_t away;                  // of these, such that go another way at the end
    uint32_t moved_lost_packets;    // of a family in a run, of what went another way
    // Parts that may be named, each a map of what is said of it; NULL: none may. All of them must
    // be when there is a `name_p95_ms`.
    const struct tree_node *names;
    uint32_t said_count;
    struct scenario_said said[SCENARIO_SAID_MAX];
};
