// SPDX-License-Identifier: ISC
// What became of the probes of one 5-tuple while its path was found to lose packets: what a
// provider's people look for in their own network.
#pragma once

#include "base/prefix.h"
#include "net/net.h"

enum {
    FLOW_REPORT_HOPS = 8,  // the nearest: behind them flows have parted, or meet again
    FLOW_REPORT_HOPS_MAX = FLOW_REPORT_HOPS * ADDRESS_TEXT_MAX
};

struct flow_report {
    uint32_t path, target;
    struct address source, destination;      // FAMILY_NONE: not known
    enum net_protocol protocol;              // of NET_STAMP: UDP
    uint32_t source_port, destination_port;  // of NET_ICMP: the identifier, and 0
    uint32_t label;                          // IPv6 flow label; 0: none
    uint32_t sent, lost;                     // what tells nothing is in neither
    uint32_t lost_forward, lost_reverse;     // where a reflector that counts told
    int64_t span_ns;                         // counted over so long
    char hops[FLOW_REPORT_HOPS_MAX];         // routers on its way as last traced, the nearest
                                             // first, apart by blanks; "": not traced
};
