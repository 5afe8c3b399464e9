// SPDX-License-Identifier: ISC
// What the traffic says of an outage: pure arithmetic over the log of packets. Times are those at
// which packets were sent: a packet that arrives proves that its way was whole when it left.
#pragma once

#include "lab/traffic.h"

// So many packets in a row (half a second), the last ones before the fault ends, make an unbroken
// run: at 38 % loss chance would not give 500 once in the age of the universe.
enum { MEASURE_UNBROKEN_MIN = 500 };

// A destination's way has changed when so many packets in a row took the other one: while routers
// change their minds one after the other, single ones go either way.
enum { MEASURE_CHANGED_MIN = 20 };

struct measure_window {
    int64_t from_ns;                  // the run began: all is well
    int64_t fault_ns, fault_over_ns;  // the fault may drop packets in between; 0: none in this run
    int64_t return_ns;                // surely it drops nothing from here on
    int64_t people_ns;                // people may have moved traffic from here on; 0: did not
    int64_t until_ns;                 // the last packets were given time to arrive
};

struct measure {
    uint32_t sent, lost;      // in the whole window
    uint32_t changes;         // of way, of the destination that had most
    uint32_t moved;           // destinations whose way changed
    uint32_t away;            // destinations that go another way at the end
    uint32_t moved_lost;      // between two packets of a destination that both took another way
    uint32_t strayed;         // not on the usual way, although nothing was wrong yet
    uint32_t duplicated;      // arrived more than once
    uint32_t late;            // arrived, but later than `late_ns` of the traffic
    int64_t first_faulty_ns;  // first lost or late packet of the outage; 0: none
    int64_t new_way_ns;       // first packet from then on that went another way; 0: none
    int64_t whole_ns;         // first packet of the unbroken run; 0: never whole
    uint32_t outage_lost;     // from `fault_ns` to `fault_over_ns`
    uint32_t return_lost;     // from `return_ns` on
};

struct measure measure_traffic(struct traffic_log *log, const struct scenario_traffic *data,
                               enum family family, const struct measure_window *window);

// Whether the last `count` packets sent before `before_ns` all arrived, and by the usual way.
bool measure_is_usual(struct traffic_log *log, const struct scenario_traffic *data,
                      enum family family, uint32_t count, int64_t before_ns);
