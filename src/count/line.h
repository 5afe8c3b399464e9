// SPDX-License-Identifier: ISC
// Counters as servers send them to StatsD, with DogStatsD's tags, several lines a datagram:
//
//   fairlead.attempts:1000|c|#upstream:transit-a,family:ipv6
//   fairlead.failed:12|c|@0.1|#prefix:2001:db8:f::/48
//
// Tags of others (host, env) are passed over, and what newer clients add (container, time). Lines
// of other names are none of our business. A line is taken whole or not at all, and says nothing
// about the next.
#pragma once

#include "count/count.h"

struct count_lines {
    const char *text;
    size_t size;
    size_t at;        // of what is left
    uint32_t number;  // of the line given last, from 1 on
};

// The next line that is not empty, without its end; false: there is none.
bool count_lines_next(struct count_lines *lines, struct count_text *line);
// Any bytes. `count` is filled with COUNT_TAKEN only, `why` with COUNT_MALFORMED only.
enum count_verdict count_line_read(const struct net *net, const char *text, size_t size,
                                   struct count *count, struct count_error *why);
