// SPDX-License-Identifier: ISC
// What both halves of the localisation bench share: a problem whose losses are drawn, a truth to be
// found in it, and how well that went.
#pragma once

#include "base/random.h"
#include "detect/localise.h"

#include <stdbool.h>

enum {
    TRUTH_MAX = 8,
    ORACLE_MAX = 3,
    COMPONENTS_MAX = 4096,
    PATHS_MAX = 1 << 17,
    MEMBERS_MAX = 20
};

struct truth {
    uint32_t count;
    uint16_t components[TRUTH_MAX];
    double loss[TRUTH_MAX];
};

struct world {
    struct random random;
    struct localise *localise;
    struct localise_path paths[PATHS_MAX];
    uint16_t members[PATHS_MAX][MEMBERS_MAX];
    double prior[COMPONENTS_MAX];
    double drawn_nats[COMPONENTS_MAX];  // ln of how likely it is the next fault that is drawn
    struct localise_problem problem;
    double *times_ms;
};

struct tally {
    uint32_t right, wrong, missed, hidden;
};

struct score {
    struct tally ours, oracle;
    uint32_t runs;
    double ms_mean, ms_p99;
};

// Runs it and adds what came of it. A fault whose every packet another of total loss takes as well
// is hidden: not missed, when it is not found.
void world_judge(struct world *w, const struct truth *truth, bool has_oracle, struct score *score);
void world_print(const char *set, const char *cell, struct score *score, struct world *w);
// How many of so many are lost.
uint32_t world_draw(struct random *random, uint32_t sent, double loss);
bool world_passes(const struct localise_path *path, uint32_t component);

// localise_oracle.c: the set that is likeliest to one who knows how it was drawn; all of it lose
// the same.
void oracle_say(const struct world *w, const struct truth *truth, struct truth *said);

// localise_clos.c
void clos_run(struct world *w, uint32_t runs);
