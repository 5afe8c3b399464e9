// SPDX-License-Identifier: ISC
#include "bgp/attr_rules.h"

#define O ATTR_OPTIONAL
#define T ATTR_TRANSITIVE
#define ANY ATTR_SIZE_ANY
#define OT (O | T)
#define R BGP_SESSION_RESET
#define W BGP_TREAT_AS_WITHDRAW
#define D BGP_ATTRIBUTE_DISCARD

// Those that we only pass over (PMSI, BGP-LS and so on) stand here because their specifications
// say what a malformed one does to the route.
// clang-format off
const struct attr_rule attr_rules[ATTR_RULES] = {
    //      name                    flags, internal, carried, min, max, step, what a bad size costs
    [1]   = {"ORIGIN",               T,  0, 0, 1,  1,   1,  W, "RFC 7606 §7.1", attr_origin},
    [2]   = {"AS_PATH",              T,  0, 0, 0,  ANY, 1,  W, "RFC 7606 §7.2", attr_as_path},
    [3]   = {"NEXT_HOP",             T,  0, 0, 4,  4,   4,  W, "RFC 7606 §7.3", attr_next_hop},
    [4]   = {"MULTI_EXIT_DISC",      O,  0, 0, 4,  4,   4,  W, "RFC 7606 §7.4", attr_med},
    [5]   = {"LOCAL_PREF",           T,  1, 0, 4,  4,   4,  W, "RFC 7606 §7.5", attr_local_pref},
    [6]   = {"ATOMIC_AGGREGATE",     T,  0, 0, 0,  0,   1,  D, "RFC 7606 §7.6", attr_atomic},
    [7]   = {"AGGREGATOR",           OT, 0, 0, 6,  8,   2,  D, "RFC 7606 §7.7", attr_aggregator},
    [8]   = {"COMMUNITIES",          OT, 0, 0, 4,  ANY, 4,  W, "RFC 7606 §7.8", attr_communities},
    [9]   = {"ORIGINATOR_ID",        O,  1, 0, 4,  4,   4,  W, "RFC 7606 §7.9", attr_originator_id},
    [10]  = {"CLUSTER_LIST",         O,  1, 0, 4,  ANY, 4,  W, "RFC 7606 §7.10", attr_cluster_list},
    [14]  = {"MP_REACH_NLRI",        O,  0, 0, 5,  ANY, 1,  R, "RFC 7606 §7.11", attr_mp_reach},
    [15]  = {"MP_UNREACH_NLRI",      O,  0, 0, 3,  ANY, 1,  R, "RFC 7606 §7.12", attr_mp_unreach},
    [16]  = {"EXTENDED COMMUNITIES", OT, 0, 0, 8,  ANY, 8,  W, "RFC 7606 §7.14", attr_extended},
    // RFC 6793 §6 discards a bad one; but what it hides is part of the path: the route goes.
    [17]  = {"AS4_PATH",             OT, 0, 0, 6,  ANY, 2,  W, "RFC 6793 §6", attr_as4_path},
    [18]  = {"AS4_AGGREGATOR",       OT, 0, 0, 8,  8,   8,  D, "RFC 6793 §6", attr_as4_aggregator},
    [22]  = {"PMSI_TUNNEL",          OT, 0, 1, 5,  ANY, 1,  W, "RFC 6514 §5", attr_skip},
    [23]  = {"TUNNEL_ENCAPSULATION", OT, 0, 1, 4,  ANY, 1,  W, "RFC 9012 §13", attr_tunnel},
    [25]  = {"IPV6 EXT COMMUNITIES", OT, 0, 0, 20, ANY, 20, W, "RFC 7606 §7.15", attr_ipv6_ext},
    [26]  = {"AIGP",                 O,  0, 0, 3,  ANY, 1,  D, "RFC 7311 §3", attr_aigp},
    [29]  = {"BGP-LS",               O,  0, 0, 4,  ANY, 1,  D, "RFC 9552 §8.2.2", attr_bgp_ls},
    [32]  = {"LARGE COMMUNITIES",    OT, 0, 0, 12, ANY, 12, W, "RFC 8092 §6", attr_large},
    [35]  = {"ONLY_TO_CUSTOMER",     OT, 0, 0, 4,  4,   4,  W, "RFC 9234 §5", attr_otc},
    [40]  = {"PREFIX_SID",           OT, 0, 1, 3,  ANY, 1,  D, "RFC 8669 §6", attr_prefix_sid},
    [128] = {"ATTR_SET",             OT, 0, 1, 4,  ANY, 1,  W, "RFC 6368 §5", attr_set},
};
// clang-format on
