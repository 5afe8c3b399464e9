// SPDX-License-Identifier: ISC
// One daemon of a site, as the world plays it; and how much there is of everything.
#pragma once

#include "engine/engine.h"
#include "rib/rib.h"
#include "sim/fault.h"
#include "sim/judge.h"
#include "steer/orders.h"

enum {
    SIM_CONTROLLERS_MAX = 2,  // of one site: two daemons that know nothing of each other
    SIM_ROUTERS_MAX = 4,
    SIM_UPSTREAMS_MAX = 4,
    SIM_PREFIXES_MAX = 8,
    // What a router can be told of, as numbers: a prefix of the site; an upstream's exit, first
    // IPv4; one of our own prefixes.
    SIM_EXIT_FIRST = SIM_PREFIXES_MAX,
    SIM_OWN_FIRST = SIM_EXIT_FIRST + 2 * SIM_UPSTREAMS_MAX,
    SIM_OWN_MAX = 2,
    SIM_PLACES = SIM_OWN_FIRST + SIM_OWN_MAX,
    SIM_MEMBERS = 2,  // of the pair of switches that all packets pass one of
    SIM_NOBODY = 255,
    SIM_START_MS = 1000 * 1000,        // the engine's clock at the world's zero
    SIM_STEP_MS = 2 * ENGINE_TICK_MS,  // late, as on a busy host; messages come at any time
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
    int64_t exits_watched_ms, words_asked_ms;
    uint8_t hooks_ran;  // bit set: that its audit log says of, and were not taken back
    uint16_t hook_turns[SIM_MEMBERS];  // orders the other way round than the one before; odd: out
    uint32_t lift;                     // the number of the one that was asked for last
    // What the hook process and localisation have said in this life of the engine.
    int64_t health_due_ms[SIM_OWN_MAX];
    bool health_known[SIM_OWN_MAX], healthy[SIM_OWN_MAX];
    int64_t fault_due_ms[SIM_FAULTS_MAX];
    bool named[SIM_FAULTS_MAX];
    char why[SIM_ROUTERS_MAX][GATE_WHY_MAX];
    struct sim_claims claims;  // what the engine says, to be held against what happens
};
