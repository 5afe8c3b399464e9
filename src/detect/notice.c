// SPDX-License-Identifier: ISC
#include "detect/notice.h"

#include <string.h>

// clang-format off
const struct notice_rule notice_rules[NOTICE_KINDS] = {
    [NOTICE_OWN_ANNOUNCED] = {"own_announced", "own prefix announced", NOTICE_INFO, false},
    [NOTICE_OWN_WITHDRAWN] = {"own_withdrawn", "own prefix withdrawn", NOTICE_ERROR, true},
    [NOTICE_OWN_MOVED] = {"own_moved", "own prefix moved", NOTICE_WARN, false},
    [NOTICE_OWN_MORE_SPECIFIC] = {"own_more_specific", "more-specific of an own prefix",
                                  NOTICE_ERROR, true},
    [NOTICE_OWN_ORIGIN_CHANGED] = {"own_origin_changed", "own prefix from a foreign origin",
                                   NOTICE_ERROR, true},
    [NOTICE_OWN_INVISIBLE] = {"own_invisible", "own prefix in no table", NOTICE_ERROR, true},
    [NOTICE_OWN_UNSEEN] = {"own_unseen", "own prefix unseen from outside", NOTICE_ERROR, true},
    [NOTICE_CHURN] = {"churn", "unusual churn", NOTICE_WARN, true},
    [NOTICE_SESSION_FLAPPING] = {"session_flapping", "session flapping", NOTICE_WARN, true},
    [NOTICE_TABLE_FULL] = {"table_full", "table full", NOTICE_ERROR, true},
    [NOTICE_TABLE_DOUBTFUL] = {"table_doubtful", "table in doubt", NOTICE_WARN, true},
    [NOTICE_PEER_PREFIXES_MAX] = {"peer_prefixes_max", "too many prefixes", NOTICE_ERROR, true},
    [NOTICE_MALFORMED_MESSAGES] = {"malformed_messages", "malformed messages", NOTICE_WARN, false},
    [NOTICE_BMP_ROUTER_DOWN] = {"bmp_router_down", "BMP session down", NOTICE_WARN, true},
    [NOTICE_BMP_PEER_DOWN] = {"bmp_peer_down", "peer of a router down", NOTICE_WARN, true},
    [NOTICE_FIB_MISSING] = {"fib_missing", "not in the kernel", NOTICE_ERROR, true},
    [NOTICE_FIB_NEXT_HOP] = {"fib_next_hop", "another next hop in the kernel", NOTICE_ERROR, true},
    [NOTICE_FIB_BLACKHOLE] = {"fib_blackhole", "black hole in the kernel", NOTICE_ERROR, true},
    [NOTICE_FIB_NEXTHOP_GONE] = {"fib_nexthop_gone", "nexthop object gone from the kernel",
                                 NOTICE_ERROR, true},
    [NOTICE_FIB_LINK_DOWN] = {"fib_link_down", "routes over a link that is down", NOTICE_ERROR,
                              true},
    [NOTICE_FIB_ALIEN] = {"fib_alien", "alien route in the kernel", NOTICE_ERROR, true},
    [NOTICE_FIB_MORE_SPECIFIC] = {"fib_more_specific", "alien more-specific in the kernel",
                                  NOTICE_ERROR, true},
    [NOTICE_FIB_RULE] = {"fib_rule", "policy rule beside the table", NOTICE_ERROR, true},
    [NOTICE_FIB_NEIGHBOUR] = {"fib_neighbour", "next hop without a right neighbour entry",
                              NOTICE_ERROR, true},
    [NOTICE_FIB_STALE] = {"fib_stale", "stale route in the kernel", NOTICE_WARN, true},
    [NOTICE_FIB_UNKNOWN] = {"fib_unknown", "kernel not readable", NOTICE_WARN, true},
    [NOTICE_OWN_KEPT] = {"own_kept", "own prefix kept although unhealthy", NOTICE_ERROR, true},
    [NOTICE_LIMIT_REACHED] = {"limit_reached", "limit reached", NOTICE_ERROR, false},
    [NOTICE_STEERABLE_MAX] = {"steerable_max", "more steerable prefixes than can be moved",
                              NOTICE_WARN, true},
    [NOTICE_SERVERS_FAILING] = {"servers_failing", "servers see failures", NOTICE_WARN, true},
    [NOTICE_COUNTERS_SILENT] = {"counters_silent", "counters fell silent", NOTICE_WARN, true},
    [NOTICE_COUNTERS_REFUSED] = {"counters_refused", "counters refused", NOTICE_WARN, false},
    [NOTICE_COUNTERS_LOST] = {"counters_lost", "counters lost on this host", NOTICE_WARN, false},
    [NOTICE_DEVICE_CRASH] = {"device_crash", "process crashed", NOTICE_ERROR, false},
    [NOTICE_DEVICE_RESTART] = {"device_restart", "process restarted", NOTICE_WARN, false},
    [NOTICE_DEVICE_GAVE_UP] = {"device_gave_up", "process not started again", NOTICE_ERROR, false},
    [NOTICE_DEVICE_ALARM] = {"device_alarm", "alarm of a device", NOTICE_ERROR, true},
    [NOTICE_DEVICE_BFD] = {"device_bfd", "BFD session down", NOTICE_WARN, true},
    [NOTICE_DEVICE_BGP] = {"device_bgp", "BGP session of a device down", NOTICE_WARN, true},
    [NOTICE_DEVICE_LIMIT] = {"device_limit", "limit of prefixes near", NOTICE_WARN, false},
    [NOTICE_DEVICE_KEY] = {"device_key", "wrong key of a BGP session", NOTICE_WARN, false},
    [NOTICE_DEVICE_IGP] = {"device_igp", "IGP neighbour lost", NOTICE_WARN, true},
    [NOTICE_DEVICE_LACP] = {"device_lacp", "port out of its bundle", NOTICE_WARN, true},
    [NOTICE_DEVICE_LINK] = {"device_link", "interface down", NOTICE_WARN, true},
    [NOTICE_DEVICE_COMMIT] = {"device_commit", "configuration changed", NOTICE_INFO, false},
    [NOTICE_DEVICE_ROLLBACK] = {"device_rollback", "configuration rolled back", NOTICE_WARN, false},
    [NOTICE_DEVICE_MAINTENANCE] = {"device_maintenance", "maintenance of a device", NOTICE_INFO,
                                   true},
    [NOTICE_SYSLOG_REFUSED] = {"syslog_refused", "syslog or trap refused", NOTICE_WARN, false},
    [NOTICE_SYSLOG_LOST] = {"syslog_lost", "syslog lost on this host", NOTICE_WARN, false},
    [NOTICE_ETCD_LOST] = {"etcd_lost", "etcd cannot be watched", NOTICE_WARN, true},
    [NOTICE_ETCD_COMPACTED] = {"etcd_compacted", "changes in etcd missed", NOTICE_WARN, false},
    [NOTICE_PATTERNS_REFUSED] = {"patterns_refused", "patterns refused", NOTICE_WARN, true},
    [NOTICE_CHANGE_REFUSED] = {"change_refused", "change refused", NOTICE_WARN, false},
    [NOTICE_GIT_LOST] = {"git_lost", "repository cannot be read", NOTICE_WARN, true},
    [NOTICE_GIT_REWRITTEN] = {"git_rewritten", "history rewritten", NOTICE_WARN, false},
    [NOTICE_PROBES_VOID] = {"probes_void", "our own probes are void", NOTICE_WARN, true},
    [NOTICE_SSH_LOST] = {"ssh_lost", "device cannot be asked", NOTICE_WARN, true},
    [NOTICE_PAGES_STUCK] = {"pages_stuck", "pages do not get through", NOTICE_ERROR, true},
    [NOTICE_FROZEN_BEFORE] = {"frozen_before", "still frozen since before the start", NOTICE_ERROR,
                              true},
    [NOTICE_DRAIN_FORGOTTEN] = {"drain_forgotten", "a drain ended with the daemon before this one",
                                NOTICE_ERROR, false},
};
// clang-format on

enum notice_origin notice_origin(const struct notice *notice)
{
    enum notice_kind kind = notice->kind;
    if (kind >= NOTICE_DEVICE_CRASH && kind <= NOTICE_DEVICE_MAINTENANCE && notice->asked)
        return NOTICE_BY_SHELL;
    if (kind == NOTICE_SSH_LOST)
        return NOTICE_BY_SHELL;
    if (kind >= NOTICE_SERVERS_FAILING && kind <= NOTICE_CHANGE_REFUSED)
        return NOTICE_BY_INGEST;
    if (kind == NOTICE_GIT_LOST || kind == NOTICE_GIT_REWRITTEN)
        return NOTICE_BY_HOOK;
    if (kind == NOTICE_OWN_KEPT || kind == NOTICE_PAGES_STUCK || kind == NOTICE_FROZEN_BEFORE ||
        kind == NOTICE_DRAIN_FORGOTTEN)
        return NOTICE_BY_ENGINE;
    return kind == NOTICE_PROBES_VOID ? NOTICE_BY_PROBE : NOTICE_BY_ROUTE;
}

bool notice_is_same(const struct notice *a, const struct notice *b)
{
    return a->kind == b->kind && a->router == b->router && prefix_equal(a->prefix, b->prefix) &&
           strcmp(a->peer, b->peer) == 0;
}
