// SPDX-License-Identifier: ISC
// A site of a world: routers, upstreams, prefixes with their demand, and the daemons that watch it.
#pragma once

#include "engine/engine.h"
#include "rib/rib.h"
#include "sim/judge.h"
#include "steer/orders.h"

enum {
    SIM_CONTROLLERS_MAX = 2,  // of one site: two daemons that know nothing of each other
    SIM_ROUTERS_MAX = 4,
    SIM_UPSTREAMS_MAX = 4,
    SIM_PREFIXES_MAX = 8,
    SIM_NOBODY = 255,
    SIM_START_MS = 1000 * 1000,        // the engine's clock at the world's zero
    SIM_STEP_MS = 2 * ENGINE_TICK_MS,  // late, as on a busy host; messages come at any time
};

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
    uint8_t upstream;
    int64_t since_ms;
};

struct sim_router {
    int64_t fib_delay_ms;
    bool add_path, lies;
    struct sim_way own[SIM_PREFIXES_MAX][SIM_UPSTREAMS_MAX];
    struct sim_way others[SIM_PREFIXES_MAX][SIM_ROUTERS_MAX];
    struct sim_override overrides[SIM_CONTROLLERS_MAX][SIM_PREFIXES_MAX];
    struct sim_choice best[SIM_PREFIXES_MAX];
    uint8_t fib[SIM_PREFIXES_MAX];         // upstream; SIM_NOBODY: dropped
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

enum sim_role { SIM_ENGINE, SIM_PROBE, SIM_ROUTE, SIM_SICK_ROLES };

struct sim_prober;
struct sim_site;

// One daemon: the real engine, and the route process around the real gate.
struct sim_controller {
    struct engine *engine;
    struct rib *rib;
    struct ledger *ledger;
    struct gate gate;
    struct orders *orders;
    struct sim_prober *prober;
    int64_t stalled_ms[SIM_SICK_ROLES];  // until then
    uint16_t lives[SIM_SICK_ROLES];      // messages of an earlier life are lost
    bool dead[SIM_SICK_ROLES];
    uint16_t session_lives[SIM_ROUTERS_MAX];
    bool session_up[SIM_ROUTERS_MAX];
    bool told[SIM_ROUTERS_MAX][SIM_PREFIXES_MAX][SIM_UPSTREAMS_MAX];  // by the routers
    // When the last message came, so that they come in order.
    int64_t to_engine_ms, to_writer_ms, to_route_ms, to_router_ms[SIM_ROUTERS_MAX];
    int64_t route_since_ms;       // the start of the route process
    int64_t started_ms, told_ms;  // told: a tally reached the engine
    bool frozen, stopped;
    bool unrecorded;  // the audit log cannot be written
    bool approved;    // a person approved a plan, in this life of the engine
    int64_t frozen_ms, stopped_ms;
    char why[SIM_ROUTERS_MAX][GATE_WHY_MAX];
    struct sim_claims claims;  // what the engine says, to be held against what happens
};

struct sim_site {
    struct net net;
    uint8_t controller_count, prefix_count;
    struct sim_router routers[SIM_ROUTERS_MAX];
    struct sim_upstream upstreams[SIM_UPSTREAMS_MAX];
    struct sim_prefix prefixes[SIM_PREFIXES_MAX];
    struct sim_controller controllers[SIM_CONTROLLERS_MAX];
    double demand_factor;
    bool forwarding_changed;
    struct sim_site_checks checks;
};
