// SPDX-License-Identifier: ISC
// How long a connection may take to ask. The library counts from the last octet, so whoever sends
// one now and then would hold a place for ever (slowloris): here it is counted from the first.
#pragma once

#include "base/clock.h"

#include <stdint.h>

enum {
    WEB_VISITORS_MAX = 1024,      // at least as many as the server has connections
    WEB_VISITOR_HEAD_S_MAX = 10,  // from connecting, or the last answer, to a request: TLS included
    WEB_VISITOR_BODY_S_MAX = 10,  // and to the end of its body: 64 KiB
};

enum web_visitor_phase { WEB_VISITOR_NONE, WEB_VISITOR_HEAD, WEB_VISITOR_BODY, WEB_VISITOR_HEARD };

struct web_visitor {
    enum web_visitor_phase phase;
    struct mono since;
    int fd;  // lent
};

struct web_visitors {
    struct web_visitor items[WEB_VISITORS_MAX];
};

// NULL: there is no place.
struct web_visitor *web_visitor_come(struct web_visitors *visitors, int fd, struct mono now);
static inline void web_visitor_turn(struct web_visitor *visitor, enum web_visitor_phase phase,
                                    struct mono now)
{
    visitor->phase = phase;
    visitor->since = now;
}
// The descriptor of one who takes too long, each once; -1: none.
int web_visitors_late(struct web_visitors *visitors, struct mono now);
