// SPDX-License-Identifier: ISC
// What customers may read of an outage: only what is measured, in careful words, and nothing of
// causes, devices or persons. As a JSON object, of which the page and the feed are made:
//   {"id":"3.12","state":"open","severity":"major","title":"Packet loss by way of transit-a
//   (IPv4)",
//    "began":"2016-06-20T12:10:03Z","changed":"...","ended":null,
//    "scope":{"sites":["fra1"],"families":["ipv4"],
//      "upstreams":[{"name":"transit-a","families":["ipv4"],"now":["ipv4"]}],
//      "share_ppm":20000,"share_of":"traffic","customers_ipv4_ppm":0,"customers_ipv6_ppm":null,
//      "destinations":"DE: 3 of 4","networks":"192.0.2.0/24"},
//    "text":["...","..."],"doing":"...","note":"","updates":[{"time":"...","text":"..."}]}
//   share_of: "probes" where it is not known what every way out carries; null: not known
#pragma once

#include "engine/effect.h"
#include "said/text.h"

#include <jansson.h>

enum { SAID_UPDATES_MAX = 50 };

struct said_subject {
    const struct net *net;
    int64_t run;
    int64_t began_s, at_s;  // UTC
    const struct effect_outage *outage;
    const struct effect_extent *extent;
    bool in_hand;      // a person acknowledged it
    int64_t part_run;  // of the outage of which it turned out to be part
};

// The draft by now; `before` is the one before it, or NULL: its updates are gone on with, and its
// note. NULL: memory is out.
json_t *said_status(const struct said_subject *subject, const json_t *before);

// The same of an outage that a life of the process did not see end; NULL: it saw that, or it is
// none.
json_t *said_status_interrupted(const json_t *status);

// Whether nothing more comes of it.
bool said_status_is_over(const json_t *status);

// A page: {"site":"fra1","made":"...","draft":true,"outages":[...]}
void said_status_html(const json_t *page, struct said_text *text);
void said_status_atom(const json_t *page, struct said_text *text);  // RFC 4287
