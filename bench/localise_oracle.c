// SPDX-License-Identifier: ISC
// What is the most that can be found? One who knows how faults are drawn (each pattern alike, each
// of its components alike, one to three of them) and what each loses, to the digit; only which and
// how many they are he must find, as we must. He says the likeliest set. It is looked for among the
// true one and its neighbours (without one, with one more, one in place of one, or of all), so he
// would err at least as often as is counted here.
#include "localise_world.h"

#include <math.h>
#include <string.h>

#define LOSS_MAX (1 - 1e-6)

struct oracle {
    const struct world *w;
    double loss;
    double gain[COMPONENTS_MAX];  // what a further component adds, but for how likely it is drawn
    struct truth best;
    double best_nats;
};

static void look(struct oracle *o, const struct truth *said, double nats)
{
    if (nats <= o->best_nats)
        return;
    o->best_nats = nats;
    o->best = *said;
}

// The log-likelihood of a set, and what each further component would add to it.
static double weigh(struct oracle *o, const struct truth *said)
{
    double sum = 0, pass = log1p(-o->loss), lose[TRUTH_MAX + 2];
    for (uint32_t n = 0; n <= said->count + 1; n++)
        lose[n] = log(1 - (1 - o->w->problem.normal[0]) * exp(n * pass));
    memset(o->gain, 0, sizeof o->gain);
    for (uint32_t p = 0; p < o->w->problem.path_count; p++) {
        const struct localise_path *path = &o->w->paths[p];
        uint32_t covered = 0, answered = path->sent - path->lost;
        for (uint32_t i = 0; i < said->count; i++)
            covered += world_passes(path, said->components[i]);
        sum += path->lost * lose[covered] + answered * covered * pass;
        double more = path->lost * (lose[covered + 1] - lose[covered]) + answered * pass;
        for (const uint16_t *m = path->members; *m != LOCALISE_NOBODY; m++)
            o->gain[*m] += more;
    }
    for (uint32_t i = 0; i < said->count; i++)
        sum += o->w->drawn_nats[said->components[i]];
    return sum + lgamma(said->count + 1);  // in whatever order they were drawn
}

static bool has(const struct truth *said, uint32_t component)
{
    for (uint32_t i = 0; i < said->count; i++)
        if (said->components[i] == component)
            return true;
    return false;
}

// That set, and with any one more.
static void look_around(struct oracle *o, const struct truth *said)
{
    double nats = weigh(o, said), order = log(said->count + 1);
    if (said->count > 0)
        look(o, said, nats);
    for (uint32_t c = 0; c < o->w->problem.component_count && said->count < ORACLE_MAX; c++)
        if (!has(said, c)) {
            struct truth more = *said;
            more.components[more.count++] = (uint16_t)c;
            look(o, &more, nats + o->gain[c] + o->w->drawn_nats[c] + order);
        }
}

void oracle_say(const struct world *w, const struct truth *truth, struct truth *said)
{
    static struct oracle o;
    o.w = w;
    o.loss = truth->loss[0] < LOSS_MAX ? truth->loss[0] : LOSS_MAX;
    o.best_nats = -INFINITY;
    look_around(&o, truth);
    look_around(&o, &(struct truth){0});
    for (uint32_t without = 0; without < truth->count; without++) {
        struct truth fewer = *truth;
        fewer.components[without] = fewer.components[--fewer.count];
        look_around(&o, &fewer);
    }
    *said = o.best;
}
