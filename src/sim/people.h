// SPDX-License-Identifier: ISC
// What people do to the daemons of a site: commands, drains, approvals, lifts of limits, another
// configuration.
#pragma once

#include "sim/world.h"

// How a limit is lifted. Only the first is as S18 asks for.
enum sim_lift_way {
    SIM_LIFT_BY_TWO,
    SIM_LIFT_BY_ONE,    // nobody else says so
    SIM_LIFT_BY_SAME,   // who asked says so, too
    SIM_LIFT_BY_ROOT,   // root says so
    SIM_LIFT_UNSAID,    // without a reason
    SIM_LIFT_TOO_LONG,  // for more than four hours
    SIM_LIFT_WAYS
};

// What another configuration says.
enum sim_config_way { SIM_CONFIG_OBSERVE, SIM_CONFIG_PROTECT, SIM_CONFIG_FEW, SIM_CONFIG_WAYS };

// A freeze, a stop, a drain or a lift, to all controllers of the site; or its end.
void sim_people_say(struct sim_world *w, const struct sim_fault *f, bool begins);
// One of them hears of it: at once, or when its engine wakes.
void sim_people_said(struct sim_world *w, const struct sim_message *message);
// All ends, and begins anew with the other file.
void sim_people_configure(struct sim_world *w, const struct sim_fault *f, bool begins);
// A plan waits for approval: some persons approve it after a while, some never do.
void sim_people_consider(struct sim_world *w, uint8_t site, uint8_t controller,
                         const struct effect_plan *plan);
// Their approval arrives.
void sim_people_approve(struct sim_world *w, const struct sim_message *message);
