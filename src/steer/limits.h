// SPDX-License-Identifier: ISC
// Every number that protects the network, on one screen. Changing one is a decision record.
#pragma once

enum {
    STEER_ROUTES_PER_ROUTER_MAX =
        200,  // overrides: S4; enough for the heavy prefixes, far from a table
    STEER_ROUTES_PER_FAMILY_MAX = 200,  // overrides: S4
    STEER_ROUTES_MAX = 1000,            // overrides: S4, over all routers
    STEER_IPV4_LENGTH_MIN = 8,        // bits: S5, shorter than an RIR's largest block is a mistake
    STEER_IPV4_LENGTH_MAX = 24,       // bits: S1, longer is filtered by everybody
    STEER_IPV6_LENGTH_MIN = 19,       // bits: S5, the shortest allocation of an RIR
    STEER_IPV6_LENGTH_MAX = 48,       // bits: S1
    STEER_APPROVAL_S = 600,           // S16: what a person was told longer ago is told anew
    STEER_LIFT_S_MAX = 4 * 3600,      // S18: a limit that two persons lifted holds again after it
    STEER_GRACEFUL_S = 60,            // RFC 8326 §4: convergence of others before it is withheld
    STEER_DRAINED_PPM = 10 * 1000,    // of capacity, or of what it was: less is safe to work on,
    STEER_DRAINED_BPS = 1000 * 1000,  // and so is this: sessions and probes stay
    STEER_DRAINED_S = 10,             // for so long: counters come every few seconds
    STEER_LOCAL_PREF_MAX = 1000,  // S5: above the routers' own, below what hides operators' drains
    STEER_QUIET_START_MS =
        60 * 1000,          // S7: default time after complete tables before the first act
    STEER_ORDER_MS = 1000,  // I11, S20: an act that was ordered longer ago is not begun, so who
                            // freezes or stops waits for no more than that
    STEER_LEASE_MS_MAX = 9 * 1000,  // S11: hold time and lease expire within the same promise
    STEER_HEALTHY_MS = 30 * 1000,   // S13: the target path must have been good for this long
    STEER_ACTS_PER_HOUR_MAX = 6,    // S15: visible changes of one component
    STEER_ACTS_PER_MINUTE_MAX =
        1000,  // acts: S8. All that may stand at once (S4), and no second time within the minute:
               // ten, as for single changes, would stretch the move of a full list over hours
    STEER_ACTS_PER_PREFIX_MAX = 12,  // acts an hour: S15, on one router; 6 unless configured
    STEER_ACTS_PREFIXES_MAX = 4096,  // whose acts are remembered: S15, four times what may stand
    STEER_EXITS_PER_ROUTER_MAX = 2,  // exits: S4, one of each family
    STEER_EXITS_DRAINED_MAX = 1,     // upstreams: S8, a site must keep all others
    STEER_EXIT_SAMPLE = 256,         // prefixes looked at before, and while, an exit is moved
    STEER_EXIT_COVERED_MIN = 95,     // percent of them that the other upstream must have too: S13
    STEER_OWN_PER_ROUTER_MAX = 64,   // own prefixes: S4, as many as can be configured
    STEER_OWN_LOCAL_PREF = 100,      // S5: ours compete with nobody, RFC 4271's usual value does
    STEER_VISIBLE_MS =
        30 * 60 * 1000,  // I3: two half-lives of route flap damping (RFC 2439 as deployed)
    STEER_OWN_WINDOW_MS = 60 * 1000,  // S12: own prefixes that turn unhealthy within it are
    STEER_OWN_TOGETHER_MAX = 64,      // counted together; 2 unless configured: one service in both
                                      // families. More at once is a sick observer's doing
    STEER_HEADROOM_PERCENT_MAX = 95,  // S10: of capacity; bursts within a second need the rest
    // S8: prefixes; twice what one router may be told, so that both families of an upstream can go
    // at once, and nothing else within the minute.
    STEER_PREFIXES_PER_MINUTE_MAX = 400,
    STEER_MINUTE_S = 60,             // of both limits by the minute
    STEER_ALL_LOST_PPM = 900000,     // I3: of a path that loses so much nothing is kept back
    STEER_TARGETS_BAD_PERCENT = 30,  // S12: of all targets that turn bad at once: it is ourselves
    STEER_TARGETS_BAD_MIN = 2,       // S12: one target alone is that target
    STEER_VOID_PERCENT = 20,  // I7: of samples that tell nothing: what is left is no evidence
    STEER_TURN_MS = 1500,    // I2: of sites that share a backbone: two know the onset within 0.3 s,
                             // and what one moved is seen by the others 0.8 s later
    STEER_TURN_BACK_S = 90,  // I2: of such sites one returns after the other: a minute for what may
                             // be moved (I3), and a trial
    STEER_MORE_AFTER_S = 60,  // S8: what found no room is looked at again after this
};
