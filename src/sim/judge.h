// SPDX-License-Identifier: ISC
// The rules of safety.md 5.2 (S1 to S25) and detection.md 4.5 (I1 to I14), and liveness (L1, L2):
// how often each could have been broken in the worlds played, and how often it was. Whoever checks
// reads routers' tables and traffic; what the engine says is only held against them.
#pragma once

#include "base/prefix.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sim_rule {
    // clang-format off
    SIM_S1, SIM_S2, SIM_S3, SIM_S4, SIM_S5, SIM_S6, SIM_S7, SIM_S8, SIM_S9, SIM_S10, SIM_S11,
    SIM_S12, SIM_S13,
    SIM_S14, SIM_S15, SIM_S16, SIM_S17, SIM_S18, SIM_S19, SIM_S20, SIM_S21, SIM_S22, SIM_S23,
    SIM_S24, SIM_S25,
    SIM_I1, SIM_I2, SIM_I3, SIM_I4, SIM_I5, SIM_I6, SIM_I7, SIM_I8, SIM_I9, SIM_I10, SIM_I11,
    SIM_I12, SIM_I13, SIM_I14,
    SIM_L1, SIM_L2, SIM_L3, SIM_L4, SIM_N, SIM_P,
    SIM_RULES
    // clang-format on
};

struct sim_rule_text {
    const char *name, *words;
    const char *elsewhere;  // why it cannot be judged in the world, and where it is; NULL: it can
};
extern const struct sim_rule_text sim_rule_texts[SIM_RULES];

struct sim_judge {
    uint64_t exercised[SIM_RULES], broken[SIM_RULES];
    uint64_t worlds, failed, announced, acts;
    double virtual_s;
    double loss_s;  // of scenarios that weigh it: loss-seconds a site, of all worlds
    void (*say)(void *context, const char *line);  // a failure or, when traced, a line of the story
    void *context;
};

enum { SIM_CLAIM_PATHS = 16 };

struct sim_claims {  // of the engine, by its effects
    int64_t act_ms, return_ms[FAMILIES];
    uint32_t left;  // a bit for each upstream that a plan moved away from since nothing stood
    uint8_t returned[FAMILIES];       // the prefix that returned first
    uint8_t states[SIM_CLAIM_PATHS];  // enum incident_state of each path
};

enum { SIM_SINCE_NEVER = -1, SIM_CHECK_PREFIXES = 8, SIM_CHECK_UPSTREAMS = 4, SIM_SAID_MAX = 32 };

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
    uint8_t ups[SIM_CHECK_PREFIXES][SIM_CHECK_UPSTREAMS];
    int64_t announced_ms[SIM_CHECK_PREFIXES];
    int64_t said_ms[SIM_SAID_MAX];  // a ring
    uint32_t said_count, moved_count;
    struct sim_moved moved[SIM_SAID_MAX];  // a ring
    int64_t harmful_since_ms[SIM_CHECK_PREFIXES];
};

struct sim_site_checks {
    int64_t unrest_ms;  // a session, a release, a route: forwarding may be uneven for a moment
    int64_t well_since_ms;
    int64_t overflow_since_ms[SIM_CHECK_UPSTREAMS];
    int64_t bad_since_ms[SIM_CHECK_UPSTREAMS][FAMILIES];    // 10 % or more of everything is lost
    int64_t lossy_since_ms[SIM_CHECK_UPSTREAMS][FAMILIES];  // that could be left is not
    struct sim_controller_checks controllers[2];
};

struct sim_world;
struct sim_controller;
struct permit;

void sim_exercised(struct sim_world *w, enum sim_rule rule);
void sim_broken(struct sim_world *w, enum sim_rule rule, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// A line of the story, when it is traced.
void sim_trace(const struct sim_world *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// check_say.c: an announcement or its end, as it leaves for router `r`.
void sim_check_announce(struct sim_world *w, uint8_t site, uint8_t c, const struct permit *permit);
void sim_check_withdraw(struct sim_world *w, uint8_t site, uint8_t c, uint8_t r, uint8_t p);
// check_word.c: what the engine says, as it says it: a plan; how far a drain is.
struct effect_plan;
struct effect_drain;
void sim_check_plan(struct sim_world *w, uint8_t site, uint8_t c, const struct effect_plan *plan);
void sim_check_drain(struct sim_world *w, uint8_t site, const struct effect_drain *drain);
void sim_checks_begin(struct sim_site_checks *checks);
// Whether the site ever has a fault that leaves the rule without ground: liars, blindness.
bool sim_is_deceived(const struct sim_world *w, uint8_t site);
// check_state.c: whenever forwarding has changed, every step, and at the end.
void sim_check_forwarding(struct sim_world *w);
void sim_check_step(struct sim_world *w);
void sim_check_end(struct sim_world *w);
