// SPDX-License-Identifier: ISC
// The time line of a world: what fails when, what people do, who stalls, dies or lies.
#pragma once

#include "base/prefix.h"

#include <stdbool.h>
#include <stdint.h>

enum sim_fault_kind {
    // The network.
    SIM_FAULT_LOSS,      // `ppm` of all packets
    SIM_FAULT_TUPLES,    // `ppm` of all 5-tuples, wholly
    SIM_FAULT_BURSTS,    // total loss for `arg` ms, some `period_ms` apart
    SIM_FAULT_CLASS,     // all packets of one size or class: flow `arg` of each target's probes
    SIM_FAULT_MEMBER,    // member `arg` of the pair of switches loses `ppm` of what passes it
    SIM_FAULT_FLAP,      // `ppm` for the first half of each `period_ms`
    SIM_FAULT_ALL,       // `ppm` on every upstream of the site
    SIM_FAULT_BACKBONE,  // the backbone `upstream` keeps `ppm` of its capacity
    SIM_FAULT_DEMAND,    // the site's demand is `ppm` of the usual
    SIM_FAULT_DOWN,      // the upstream's BGP session is gone, and its routes
    SIM_FAULT_SESSION,   // ours with router `arg`
    SIM_FAULT_POLICY,    // router `arg` takes nothing of what we say
    // What probes meet, and customers do not.
    SIM_FAULT_DEAF,     // target `arg` answers `ppm` of the probes less, on every way
    SIM_FAULT_VOID,     // the prober cannot vouch for what it sees
    SIM_FAULT_DELAY,    // `arg` ms more, nothing lost
    SIM_FAULT_REORDER,  // `ppm` of the answers come a turn later
    SIM_FAULT_REVERSE,  // `ppm` of the answers over that upstream are lost, whichever way out
    SIM_FAULT_CLOCK,    // the prober's stamps are `arg` ms off
    // Ourselves.
    SIM_FAULT_STALL,  // role `arg` is stopped
    SIM_FAULT_CRASH,  // role `arg` dies, and starts again at the end
    SIM_FAULT_AUDIT,  // no record can be written
    SIM_FAULT_SLOW,   // messages between engine and route take `arg` ms
    SIM_FAULT_CROWD,  // customers' packets fill the links between us and the routers
    SIM_FAULT_SICK,   // what our own prefixes `arg` (a bit set) lead to does not answer
    SIM_FAULT_CHECK,  // the health programs find all of them sick, and they are well
    // People.
    SIM_FAULT_FREEZE,  // and thaws at the end
    SIM_FAULT_STOP,
    SIM_FAULT_DRAIN,  // wants the upstream empty, and gives it back at the end
    SIM_FAULT_LIFT,  // want a limit lifted, `arg` of enum sim_lift_way, and give it back at the end
    SIM_FAULT_CONFIG,  // another configuration, `arg` of enum sim_config_way, from the end on
    // Lies.
    SIM_FAULT_LIE_TALLY,   // the prober claims loss on the upstream that there is not
    SIM_FAULT_LIE_NOTICE,  // counters and localisation claim what is not
    SIM_FAULT_LIE_ROUTER,  // router `arg` claims routes that it does not have
    SIM_FAULT_LIE_WORD,    // and that it took what it did not, or not what it did, in turns
    SIM_FAULT_KINDS
};

enum { SIM_FAULTS_MAX = 40 };

struct sim_fault {
    enum sim_fault_kind kind;
    int64_t at_ms, until_ms;  // INT64_MAX: for ever
    uint8_t site, upstream;   // SIM_NOBODY: all
    enum family family;       // FAMILY_NONE: both
    uint8_t prefixes;         // bit set of the site's, the others are spared; 0: all
    uint32_t ppm;
    int32_t arg;
    int64_t period_ms;
    bool begun, ended;
};

struct sim_faults {
    uint32_t count, holding;
    struct sim_fault items[SIM_FAULTS_MAX];
};

extern const char *const sim_fault_names[SIM_FAULT_KINDS];

struct sim_world;

struct sim_fault *sim_fault_add(struct sim_world *w, enum sim_fault_kind kind, int64_t at_ms,
                                int64_t until_ms);
bool sim_fault_holds(const struct sim_world *w, const struct sim_fault *f);
// One that holds now; NULL.
const struct sim_fault *sim_fault_now(const struct sim_world *w, enum sim_fault_kind kind,
                                      uint8_t site, uint8_t upstream);
// Whether the world has any of this kind, at any time.
bool sim_fault_any(const struct sim_world *w, enum sim_fault_kind kind, uint8_t site);
// How late may come what engine and route tell each other: of a fault that is over, the last words
// are on their way still.
int64_t sim_fault_late_ms(const struct sim_world *w, uint8_t site);
// When the last of such words came; 0: none did. What was said since waited for them, not longer.
int64_t sim_fault_late_end_ms(const struct sim_world *w, uint8_t site);
// Starts and ends what is due now.
void sim_faults_turn(struct sim_world *w);
