// SPDX-License-Identifier: ISC
// The rules of safety.md 5.2 (S1 to S25) and detection.md 4.5 (I1 to I14), and liveness (L1, L2):
// how often each could have been broken in the worlds played, and how often it was. Whoever checks
// reads routers' tables and traffic; what the engine says is only held against them.
#pragma once

#include "base/prefix.h"
#include "sim/notes.h"

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
    SIM_L1, SIM_L2, SIM_L3, SIM_L4, SIM_L5, SIM_L6, SIM_L7, SIM_N, SIM_P,
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

struct sim_world;
struct sim_site;
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
// check_owner.c: every step, whose each override is.
void sim_check_owners(struct sim_world *w, uint8_t site, uint8_t c, bool any_stands);
// check_more.c: what hooks do; and every step, what leaks, who is heard, what is ours to announce.
void sim_check_hook(struct sim_world *w, uint8_t site, uint8_t member);
void sim_check_members(struct sim_world *w, uint8_t site);
void sim_check_more(struct sim_world *w, uint8_t site, uint8_t c);
// check_inbound.c: every step, what the world is asked.
void sim_check_inbound(struct sim_world *w, uint8_t site);
// Whether the mode lets it move anything now: a drain is approved by who asks for it.
bool sim_may_act(const struct sim_world *w, uint8_t site, uint8_t c);
// Overrides and exits that stand, on all routers.
uint32_t sim_standing(const struct sim_site *site, uint8_t c);
// Some routers have an override of it and some have not, as at each moment of a move.
bool sim_is_uneven(const struct sim_site *site, uint8_t p);
bool sim_any_uneven(const struct sim_site *site);
// Keeps since when something holds, without a break; SIM_SINCE_NEVER: it does not.
void sim_note_since(const struct sim_world *w, bool holds, int64_t *since_ms);
// check_state.c: whenever forwarding has changed, every step, and at the end.
void sim_check_forwarding(struct sim_world *w);
void sim_check_step(struct sim_world *w);
void sim_check_end(struct sim_world *w);
