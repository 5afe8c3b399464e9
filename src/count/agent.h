// SPDX-License-Identifier: ISC
// What an upstream carries, from what an agent of SNMP says of an interface's counters (RFC 2863).
// An agent may have begun anew, number its interfaces otherwise by now, or read its counters less
// often than it is asked: no rate is made of any of these.
#pragma once

#include "count/use.h"

enum {
    // As long counters may stand still before that counts as nothing having passed: agents keep
    // what they read, net-snmp's for 3 s.
    COUNT_AGENT_STILL_CS = 2000,
    COUNT_AGENT_SLIP_CS = 500,  // its clock beside ours: more is another clock, a restart
};

struct count_agent_reading {
    uint32_t uptime_cs;      // sysUpTime
    uint32_t discontinuity;  // ifCounterDiscontinuityTime
    uint32_t index;          // ifIndex
    uint64_t out, in;        // octets: ifHCOutOctets, ifHCInOctets
};

struct count_agent {  // zeroed: nothing was read yet
    bool begun;
    struct mono at;
    struct count_agent_reading last;
    uint32_t still_since_cs;  // the uptime at which the counters last were others
    uint32_t generation;      // of what counters count from
    struct count_rate rate;
};

// What was read now; true when `use` got the rates since an earlier reading (but no upstream).
bool count_agent_take(struct count_agent *agent, struct mono now,
                      const struct count_agent_reading *reading, struct count_use *use);
