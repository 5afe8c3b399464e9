// SPDX-License-Identifier: ISC
// What checkers note of a site and a controller, to judge by later.
#pragma once

#include "base/prefix.h"

#include <stdbool.h>
#include <stdint.h>

struct sim_owner {  // of an override on one router
    uint8_t state;  // enum owner_state of check_owner.c
    int64_t since_ms;
};

enum {
    SIM_SINCE_NEVER = -1,
    SIM_CLAIM_PATHS = 16,
    SIM_CHECK_ROUTERS = 4,
    SIM_CHECK_PREFIXES = 8,
    SIM_CHECK_PLACES = 18,  // SIM_PLACES
    SIM_CHECK_UPSTREAMS = 4,
    SIM_CHECK_OWN = 2,
    SIM_CHECK_MEMBERS = 2,
    SIM_SAID_MAX = 32
};

struct sim_claim {      // of one path
    uint32_t incident;  // its last
    uint8_t state;      // enum incident_state
    bool returns;       // by trial: what was moved for it goes back, a slice first
    uint8_t returned;   // the prefix that did; SIM_NOBODY: none yet
    int64_t return_ms;
};

struct sim_claims {  // of the engine, by its effects
    int64_t act_ms;
    uint32_t left;  // a bit for each upstream that a plan moved away from since nothing stood
    struct sim_claim paths[SIM_CLAIM_PATHS];
    uint32_t owners[SIM_CHECK_PLACES];  // the incident for which each was ordered last
    uint32_t away[SIM_CHECK_PLACES];    // the bit of the upstream that each was last moved from
};

struct sim_cause {     // for overrides to stand no longer
    int64_t since_ms;  // SIM_SINCE_NEVER: it does not hold
    uint32_t stands;
    bool stood;  // something did when it began
};

struct sim_moved {
    int64_t ms;
    double mbps;
    bool waived;
};

struct sim_controller_checks {
    struct sim_cause engine, probe, route, stop;
    // How often a prefix was moved away from an upstream, in this life of the engine.
    uint8_t ups[SIM_CHECK_PLACES][SIM_CHECK_UPSTREAMS];
    int64_t announced_ms[SIM_CHECK_PLACES];
    uint8_t
        exits[SIM_CHECK_ROUTERS];   // bit set, from SIM_EXIT_FIRST: said in the session, and stand
    int64_t said_ms[SIM_SAID_MAX];  // a ring
    uint32_t said_count, moved_count;
    struct sim_moved moved[SIM_SAID_MAX];  // a ring
    int64_t harmful_since_ms[SIM_CHECK_PREFIXES];
    struct sim_owner owners[SIM_CHECK_ROUTERS][SIM_CHECK_PLACES];
    int64_t apart_ms;                     // the engine or the route process did not run
    int64_t own_since_ms[SIM_CHECK_OWN];  // it is not where it should be, or where it should not
};

struct sim_site_checks {
    int64_t unrest_ms;  // a session, a release, a route: forwarding may be uneven for a moment
    int64_t parted_ms;  // a session was lost to one router: others may lose theirs later
    int64_t well_since_ms;
    int64_t overflow_since_ms[SIM_CHECK_UPSTREAMS];
    int64_t tried_since_ms[SIM_CHECK_MEMBERS];  // it is out of use, and that does not help
    int64_t calm_since_ms;                      // nothing keeps what we say from getting there
    int64_t policy_since_ms;  // a router takes nothing of ours, and says so to who is free to act
    int64_t filled_since_ms[SIM_CHECK_UPSTREAMS];  // whoever filled it, with something of ours
    double bare_before[SIM_CHECK_UPSTREAMS];  // its load_bare before the first unrest after an act
    int64_t bad_since_ms[SIM_CHECK_UPSTREAMS][FAMILIES];    // 10 % or more of everything is lost
    int64_t lossy_since_ms[SIM_CHECK_UPSTREAMS][FAMILIES];  // that could be left is not
    struct sim_controller_checks controllers[2];
};
