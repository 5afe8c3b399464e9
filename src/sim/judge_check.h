// SPDX-License-Identifier: ISC
// For tests of the judge: a world in which all is right, played until something stands, to be
// broken by hand.
#pragma once

#include "sim/judge.h"
#include "sim/scenario.h"
#include "sim/world.h"

enum { JUDGE_BAD, JUDGE_GOOD, JUDGE_LONG_AGO_MS = -1000 * 1000 };  // the transits

struct scene {
    struct sim_world *w;
    struct sim_site *site;
    struct sim_controller *ctl;
    struct sim_controller_checks *own;
    enum family family;
    uint8_t p, r;  // what was moved to GOOD, and the router of that
    uint8_t path[64];
    struct permit permit;  // as it was said
};

struct judge_row {
    enum sim_rule rule;
    const char *name;
    void (*harm)(struct scene *a);  // what breaks the rule
};

// The world of judge_open().
void judge_make_base(struct sim_world *w);
void judge_open(struct sim_world *w, enum family family, struct scene *a);
void judge_announce(struct scene *a);
void judge_look(struct scene *a, int64_t ms);
// This befalls it, from ten seconds ago on.
struct sim_fault *judge_befalls(struct scene *a, enum sim_fault_kind kind);
// By hand, what was moved of the family goes its old way again.
void judge_bring_back(struct scene *a, enum family family);
// Of what was moved only the scene's family stands.
void judge_keep_one_family(struct scene *a);
// In both families.
void judge_check_rows(struct sim_world *w, const struct judge_row *rows, size_t count);
int judge_open_world(void **state);
int judge_close_world(void **state);
