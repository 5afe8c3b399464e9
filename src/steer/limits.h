// SPDX-License-Identifier: ISC
// Every number that protects the network, on one screen. Changing one is a decision record.
#pragma once

enum {
    STEER_ROUTES_PER_ROUTER_MAX =
        200,  // overrides: S4; enough for the heavy prefixes, far from a table
    STEER_ROUTES_PER_FAMILY_MAX = 200,  // overrides: S4
    STEER_ROUTES_MAX = 1000,            // overrides: S4, over all routers
    STEER_IPV4_LENGTH_MIN = 8,    // bits: S5, shorter than an RIR's largest block is a mistake
    STEER_IPV4_LENGTH_MAX = 24,   // bits: S1, longer is filtered by everybody
    STEER_IPV6_LENGTH_MIN = 19,   // bits: S5, the shortest allocation of an RIR
    STEER_IPV6_LENGTH_MAX = 48,   // bits: S1
    STEER_LOCAL_PREF_MAX = 1000,  // S5: above the routers' own, below what hides operators' drains
    STEER_QUIET_START_MS =
        60 * 1000,                  // S7: default time after complete tables before the first act
    STEER_LEASE_MS_MAX = 9 * 1000,  // S11: hold time and lease expire within the same promise
    STEER_HEALTHY_MS = 30 * 1000,   // S13: the target path must have been good for this long
    STEER_ACTS_PER_HOUR_MAX = 6,    // S15: visible changes of one component
};
