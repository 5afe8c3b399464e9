// SPDX-License-Identifier: ISC
// Everything that may be noticed; what holds for each is in notice.c.
#pragma once

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
    NOTICE_FROZEN_BEFORE,     // by a person, before this daemon began: it stands until a thaw
    NOTICE_DRAIN_FORGOTTEN,   // a person's, begun before this daemon: it is no more
    NOTICE_KINDS
};
