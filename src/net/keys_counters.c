// SPDX-License-Identifier: ISC
#include "net/keys.h"

#include "net/net.h"

enum { TOKEN_BYTES_MIN = 16 };  // shorter ones can be tried out

static const struct key rows[] = {
    {.name = "listen",
     .kind = KEY_ADDRESSES,
     .offset = offsetof(struct net, counters.listen),
     .fallback = "",
     .doc = "addresses on which StatsD lines are taken by UDP, such as 127.0.0.1 and ::1; none: "
            "not by UDP"},
    {.name = "port",
     .kind = KEY_U16,
     .offset = offsetof(struct net, counters.port),
     .min = 1,
     .max = 65535,
     .fallback = "8125",
     .doc = "UDP port of listen"},
    {.name = "http",
     .kind = KEY_ADDRESSES,
     .offset = offsetof(struct net, counters.http),
     .fallback = "",
     .doc = "loopback addresses on which POST /api/v1/counters is answered; none: no HTTP"},
    {.name = "http_port",
     .kind = KEY_U16,
     .offset = offsetof(struct net, counters.http_port),
     .min = 1,
     .max = 65535,
     .fallback = "8471",
     .doc = "TCP port of http"},
    {.name = "token",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net, counters.token),
     .min = TOKEN_BYTES_MIN,
     .max = NET_TEXT_MAX - 1,
     .fallback = "",
     .doc = "what a request must bring as 'Authorization: Bearer TOKEN'; http needs one"},
    {.name = "sources",
     .kind = KEY_PREFIXES,
     .offset = offsetof(struct net, counters.sources),
     .fallback = "",
     .doc = "whose lines are heard by UDP, beside those from loopback"},
    {.name = "failed_normal_ppm",
     .kind = KEY_U32,
     .offset = offsetof(struct net, counters.failed_normal_ppm),
     .min = 10,
     .max = 100000,
     .fallback = "1000",
     .doc = "background failures that are nobody's fault, in a million attempts; what is usual "
            "beyond that is learned for each upstream and prefix"},
};
const struct keys keys_counters = {rows, sizeof rows / sizeof rows[0]};
