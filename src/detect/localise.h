// SPDX-License-Identifier: ISC
// Whose fault is it? Given how many packets each path lost, and which components each path passes,
// finds the few components, and how much each loses, that explain the losses best: the maximum a
// posteriori over sets of components, by greedy search that puts every choice up for replacement
// until nothing changes (detection.md 3.3). Numbers only: what a component means is known to
// detect/components.h. Allocates nothing in a run.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
    LOCALISE_LEVELS_MAX = 8,  // normal loss rates
    LOCALISE_PARTS_MAX = 8,   // of one story
    LOCALISE_GIVEN_MAX = 4,   // of them known before
    LOCALISE_RIVALS_MAX = 3,  // of one part, told of
    LOCALISE_GRID = 10,       // loss rates that a component is tried with
    LOCALISE_SENT_MAX = (1 << 29) - 1,
};
#define LOCALISE_NOBODY UINT16_MAX  // no component

struct localise_path {              // 16 bytes: there may be very many
    const uint16_t *members;        // components; ends with LOCALISE_NOBODY
    uint32_t sent : 29, level : 3;  // level: index of `normal`
    uint32_t lost;
};

struct localise_problem {
    const struct localise_path *paths;
    uint32_t path_count, component_count;
    const double *prior_nats;  // of each component: ln of how likely it is at fault
    // Components that are known to be at fault: the first parts of the story, only their rates
    // open.
    uint32_t given_count;  // at most LOCALISE_GIVEN_MAX
    uint16_t given[LOCALISE_PARTS_MAX];
    double normal[LOCALISE_LEVELS_MAX];  // probability that a packet is lost where nothing is wrong
};

struct localise_rival {
    uint32_t component;
    double odds_nats;  // ln of how much less likely it is
};

struct localise_part {
    uint32_t component;
    double loss;       // probability, from the grid
    double gain_nats;  // how much it adds to what the rest of the story explains
    double odds_nats;  // against what would explain the same best instead, which may be nothing
    double posterior;  // against all of that together
    // What would explain the same instead, likeliest first; what is less likely than nothing is
    // none.
    uint32_t rival_count;
    struct localise_rival rivals[LOCALISE_RIVALS_MAX];
};

// Components that are at fault together; none: nothing needs explaining.
struct localise_story {
    uint32_t count;
    struct localise_part parts[LOCALISE_PARTS_MAX];
};

// ln of how likely it is that a component is at fault: one of so many of its kind, named by so many
// attributes (detection.md 3.3).
double localise_prior_nats(uint32_t of_kind, uint32_t attributes);

static inline bool localise_passes(const struct localise_path *path, uint32_t component)
{
    for (uint32_t i = 0; path->members[i] != LOCALISE_NOBODY; i++)
        if (path->members[i] == component)
            return true;
    return false;
}

struct localise;  // what a run needs

// NULL when memory is out. A problem may have at most as many paths and components.
struct localise *localise_new(uint32_t paths_max, uint32_t components_max);
void localise_free(struct localise *l);

// The share of its packets that a path loses, as the story has it.
double localise_predicts(const struct localise_problem *problem, const struct localise_story *story,
                         const struct localise_path *path);

void localise_run(struct localise *l, const struct localise_problem *problem,
                  struct localise_story *story);

// The path whose next packet tells best whether `part` of the story or what could be instead is
// true: where the two predict the most different loss (Kullback and Leibler (1951)). Of equal ones
// the one that was probed least. The number of paths when both predict the same everywhere.
uint32_t localise_next_probe(const struct localise_problem *problem,
                             const struct localise_story *story, uint32_t part);
