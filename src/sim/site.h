// SPDX-License-Identifier: ISC
// A site of a world: routers, upstreams, prefixes with their demand, and the daemons that watch it.
#pragma once

#include "sim/controller.h"

struct sim_way {  // a path as one router has it
    bool present;
    uint8_t upstream;  // that it leaves by
    uint8_t length;    // of the AS path
    uint16_t local_pref;
};

enum sim_origin { SIM_NOWHERE, SIM_OWN, SIM_OTHERS, SIM_OVERRIDE };

struct sim_choice {
    enum sim_origin origin;
    uint8_t upstream;  // SIM_NOBODY: none
};

struct sim_override {  // as a router has it from one controller
    bool stands;
    bool tells_on;     // to whoever is outside: it came without NO_EXPORT
    uint8_t upstream;  // of our own prefix: SIM_NOBODY
    // Of our own prefix: how it is offered to upstreams, bit sets.
    uint8_t withheld, graceful, prepend;
    int64_t since_ms;
};

struct sim_router {
    int64_t fib_delay_ms;
    bool add_path, lies;
    bool rejects;  // what we say, by its policy
    bool tells;    // what it chose, by BMP
    struct sim_way own[SIM_PREFIXES_MAX][SIM_UPSTREAMS_MAX];
    struct sim_way others[SIM_PREFIXES_MAX][SIM_ROUTERS_MAX];
    struct sim_override overrides[SIM_CONTROLLERS_MAX][SIM_PLACES];
    struct sim_choice best[SIM_PREFIXES_MAX];
    // Upstream; SIM_NOBODY: dropped. Of an exit: where its upstream's packets go instead;
    // SIM_NOBODY: nowhere else.
    uint8_t fib[SIM_OWN_FIRST];
    int64_t changed_ms[SIM_PREFIXES_MAX];  // its own routes to it, not overrides
};

enum sim_prefix_kind {
    SIM_PLAIN,
    SIM_BOGON,      // S5
    SIM_LENGTH,     // S5: too short or too long
    SIM_CONTROL,    // S6: covers an address that Fairlead hangs by
    SIM_PROTECTED,  // S6: of the configuration
    SIM_OUTSIDE,    // S1: not inside steer.prefixes
    SIM_PREFIX_KINDS
};

struct sim_prefix {
    struct prefix prefix;
    enum sim_prefix_kind kind;
    double demand[SIM_ROUTERS_MAX];  // Mbit/s, by the router where it comes in
};

struct sim_upstream {
    uint8_t backbone;
    double capacity;  // Mbit/s, of its own link
    // Of this moment:
    double load, load_bare;         // as forwarded; as it would be without any override
    double overflow;                // share lost for want of capacity, own link and backbone
    int64_t lossy_ms[FAMILIES];     // when it last lost something noticeable
    int64_t all_lost_ms[FAMILIES];  // and nearly everything to some prefix
};

struct sim_inbound {  // what the world sends
    bool any;
    double demand[FAMILIES];           // Mbit/s
    double weight[SIM_UPSTREAMS_MAX];  // how much it likes an upstream
    int64_t heed_ms;                   // until it follows what it is told
    // enum net_stance: as routers say; as the world knows; as said last while any was.
    uint8_t said[FAMILIES][SIM_UPSTREAMS_MAX], seen[FAMILIES][SIM_UPSTREAMS_MAX],
        stood[FAMILIES][SIM_UPSTREAMS_MAX];
    int64_t said_ms[FAMILIES][SIM_UPSTREAMS_MAX], asked_ms[FAMILIES][SIM_UPSTREAMS_MAX],
        changed_ms[FAMILIES][SIM_UPSTREAMS_MAX];  // asked, or as usual again
    uint32_t asks[FAMILIES][SIM_UPSTREAMS_MAX];   // how often it was to leave
    double load[FAMILIES][SIM_UPSTREAMS_MAX];     // Mbit/s, now
    int64_t over_ms[SIM_UPSTREAMS_MAX];           // for so long more than fits, by what we ask
    int64_t parted_ms;                            // a session was not up, last
    // Last, and since when: nobody could vouch for what is asked; what is asked may do harm; it
    // does; another is asked beside it.
    int64_t let_go_ms, harm_ms[FAMILIES][SIM_UPSTREAMS_MAX];
    int64_t harmful_since_ms[FAMILIES][SIM_UPSTREAMS_MAX],
        beside_since_ms[FAMILIES][SIM_UPSTREAMS_MAX];
};

// A limit that people lift: asked for, and whether it holds by the rules of S18.
struct sim_lift {
    bool asked, firm;
    uint32_t rule;  // enum lift_rule
    uint8_t upstream;
};

enum sim_hook_way { SIM_HOOK_WORKS, SIM_HOOK_LIES, SIM_HOOK_FAILS, SIM_HOOK_HANGS, SIM_HOOK_WAYS };

struct sim_site {
    struct net net;
    uint8_t controller_count, prefix_count;
    struct sim_router routers[SIM_ROUTERS_MAX];
    struct sim_upstream upstreams[SIM_UPSTREAMS_MAX];
    struct sim_prefix prefixes[SIM_PREFIXES_MAX];
    struct sim_controller controllers[SIM_CONTROLLERS_MAX];
    bool has_parts;                  // hooks, our own prefixes, or faults that are acted on
    bool member_out[SIM_MEMBERS];    // of use, by a hook
    int64_t member_ms[SIM_MEMBERS];  // since when, or back in
    enum sim_hook_way hook_way;      // what its programs do
    struct sim_lift lift;
    uint8_t barred;  // prefixes that a later configuration protects, a bit set
    double demand_factor;
    double told_factor;  // of what goes to prefixes, what flows tell
    bool forwarding_changed;
    struct sim_inbound inbound;
    struct sim_site_checks checks;
};
