// SPDX-License-Identifier: ISC
#include "detect/localise.h"

#include <math.h>

static double bernoulli_kl(double p, double q)
{
    return p * log(p / q) + (1 - p) * log((1 - p) / (1 - q));
}

// The loss that the story predicts, with `component` in place of `part`.
static double predicted(const struct localise_problem *problem, const struct localise_story *story,
                        const struct localise_path *path, uint32_t part, uint32_t component)
{
    double passes = 1 - problem->normal[path->level];
    for (uint32_t i = 0; i < story->count; i++) {
        uint32_t c = i == part ? component : story->parts[i].component;
        if (c != LOCALISE_NOBODY && localise_passes(path, c))
            passes *= 1 - story->parts[i].loss;
    }
    return 1 - passes;
}

double localise_predicts(const struct localise_problem *problem, const struct localise_story *story,
                         const struct localise_path *path)
{
    return predicted(problem, story, path, LOCALISE_PARTS_MAX, LOCALISE_NOBODY);
}

uint32_t localise_next_probe(const struct localise_problem *problem,
                             const struct localise_story *story, uint32_t part)
{
    const struct localise_part *asked = &story->parts[part];
    uint32_t instead = asked->rival_count > 0 ? asked->rivals[0].component : LOCALISE_NOBODY;
    uint32_t best = problem->path_count;
    double best_nats = 1e-9;
    for (uint32_t p = 0; p < problem->path_count; p++) {
        const struct localise_path *path = &problem->paths[p];
        double nats = bernoulli_kl(predicted(problem, story, path, part, asked->component),
                                   predicted(problem, story, path, part, instead));
        if (nats > best_nats * (1 + 1e-9) ||
            (nats > best_nats * (1 - 1e-9) && best < problem->path_count &&
             path->sent < problem->paths[best].sent)) {
            best = p;
            best_nats = nats;
        }
    }
    return best;
}
