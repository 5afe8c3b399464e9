// SPDX-License-Identifier: ISC
// What was noticed about tables, sessions, devices and servers' counters, with the numbers behind
// it: an own prefix that vanished, a kernel that forwards otherwise than BGP chose. Told to people;
// by itself no reason to move traffic. A new kind is one row here and one in notice.c.
#pragma once

#include "base/clock.h"
#include "base/prefix.h"

#include <stdbool.h>
#include <stdint.h>

enum notice_kind {
    // Own prefixes, as seen in one peer's table.
    NOTICE_OWN_ANNOUNCED,
    NOTICE_OWN_WITHDRAWN,
    NOTICE_OWN_MOVED,           // another next hop or neighbour AS
    NOTICE_OWN_MORE_SPECIFIC,   // a longer one inside, which nobody expects
    NOTICE_OWN_ORIGIN_CHANGED,  // an origin AS that is not among ours; also beside ours (MOAS)
    NOTICE_OWN_INVISIBLE,       // in no table any more, and all of them are known
    NOTICE_OWN_UNSEEN,          // likewise of those of others: our own routers may have it
    // Peers and their tables.
    NOTICE_CHURN,
    NOTICE_SESSION_FLAPPING,
    NOTICE_TABLE_FULL,      // rib_bytes_max: nothing more is learned
    NOTICE_TABLE_DOUBTFUL,  // what told of it could not be read, and is not sent again
    NOTICE_PEER_PREFIXES_MAX,
    NOTICE_MALFORMED_MESSAGES,
    NOTICE_BMP_ROUTER_DOWN,
    NOTICE_BMP_PEER_DOWN,
    // A kernel's forwarding table against what BGP chose (lab.md 7.5).
    NOTICE_FIB_MISSING,
    NOTICE_FIB_NEXT_HOP,
    NOTICE_FIB_BLACKHOLE,
    NOTICE_FIB_NEXTHOP_GONE,  // the nexthop object that the route refers to
    NOTICE_FIB_LINK_DOWN,     // routes lead over a link that is down
    NOTICE_FIB_ALIEN,         // a route of somebody else wins
    NOTICE_FIB_MORE_SPECIFIC,
    NOTICE_FIB_RULE,
    NOTICE_FIB_NEIGHBOUR,
    NOTICE_FIB_STALE,      // a route that BGP no longer chooses
    NOTICE_FIB_UNKNOWN,    // the kernel cannot be read: nothing is known of it
    NOTICE_OWN_KEPT,       // unhealthy, but too many at once: announced all the same
    NOTICE_LIMIT_REACHED,  // the gate refused: more, or more often, than anybody foresaw
    NOTICE_STEERABLE_MAX,  // steer.prefixes holds more than the engine has room for
    // What servers tell of their connections.
    NOTICE_SERVERS_FAILING,
    NOTICE_COUNTERS_SILENT,   // a sender that used to report
    NOTICE_COUNTERS_REFUSED,  // not understood, not from there, or too many
    NOTICE_COUNTERS_LOST,     // by ourselves: what was counted meanwhile says nothing
    // What devices tell by syslog (detect/device.h).
    NOTICE_DEVICE_CRASH,
    NOTICE_DEVICE_RESTART,
    NOTICE_DEVICE_GAVE_UP,
    NOTICE_DEVICE_ALARM,
    NOTICE_DEVICE_BFD,
    NOTICE_DEVICE_BGP,
    NOTICE_DEVICE_LIMIT,
    NOTICE_DEVICE_KEY,
    NOTICE_DEVICE_IGP,
    NOTICE_DEVICE_LACP,
    NOTICE_DEVICE_LINK,
    NOTICE_DEVICE_COMMIT,
    NOTICE_DEVICE_ROLLBACK,
    NOTICE_DEVICE_MAINTENANCE,
    NOTICE_SYSLOG_REFUSED,    // from nobody who is heard, or not to be read
    NOTICE_SYSLOG_LOST,       // by ourselves
    NOTICE_ETCD_LOST,         // it cannot be watched
    NOTICE_ETCD_COMPACTED,    // what changed meanwhile is not known
    NOTICE_PATTERNS_REFUSED,  // of syslog: files that changed cannot be read
    NOTICE_CHANGE_REFUSED,    // what a pipeline posted of a change, and nobody can read
    NOTICE_GIT_LOST,          // a repository that cannot be read
    NOTICE_GIT_REWRITTEN,     // commits that were on its branch are no more
    NOTICE_PROBES_VOID,       // ourselves: our own side cannot vouch for them
    NOTICE_PAGES_STUCK,       // a channel of pages does not get through
    NOTICE_SSH_LOST,          // a device that cannot be asked
    NOTICE_KINDS
};

// Which process notices it; no other may say so.
enum notice_origin {
    NOTICE_BY_ROUTE,
    NOTICE_BY_PROBE,
    NOTICE_BY_INGEST,
    NOTICE_BY_HOOK,
    NOTICE_BY_SHELL,
    NOTICE_BY_ENGINE
};

// A warning: degraded, but going on. An error: a person must act.
enum notice_severity { NOTICE_INFO, NOTICE_WARN, NOTICE_ERROR, NOTICE_SEVERITIES };

// What holds for every notice of a kind.
struct notice_rule {
    const char *name;   // as in messages and in `fairlead notices`
    const char *words;  // for people: "own prefix withdrawn"
    enum notice_severity severity;
    bool stands;  // raised until cleared; otherwise it is told once, as a moment
};

enum { NOTICE_PEER_MAX = 128, NOTICE_TEXT_MAX = 160 };  // bytes, with the final zero

struct notice {
    enum notice_kind kind;
    bool raised;                 // false: it is over; moments are always raised
    uint32_t router;             // index of struct net; NET_NOBODY: of no single one
    struct prefix prefix;        // FAMILY_NONE: of no single one
    char peer[NOTICE_PEER_MAX];  // "edge1", "edge1/192.0.2.1 in-pre"; "": all
    char text[NOTICE_TEXT_MAX];  // the evidence, in words
    uint32_t count, total;       // the evidence in numbers: `count` of `total`; 0: none
    struct mono since;           // when it began, as far as is known
    uint32_t dropped;            // notices of this kind left out since the one told before
    bool asked;                  // of a device: it was asked, and did not say it by itself
};

extern const struct notice_rule notice_rules[NOTICE_KINDS];

enum notice_origin notice_origin(const struct notice *notice);
// The same thing noticed again: kind, router, peer and prefix are equal.
bool notice_is_same(const struct notice *a, const struct notice *b);
