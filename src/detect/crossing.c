// SPDX-License-Identifier: ISC
#include "detect/crossing.h"

#include <assert.h>
#include <math.h>

// Loss rates that are tried; the highest is not 1, which a single answer would rule out.
static const double rates[] = {0.013, 0.025, 0.05, 0.1, 0.2, 0.38, 0.6, 0.85, 0.999};
enum { RATES = sizeof rates / sizeof rates[0] };

// What is lossy: nothing; the way's own packets alone, which is neither direction of all of it; its
// way out; its way back; both.
enum story { CLEAN, OWN, OUT, BACK, BOTH, STORIES };

// Two faults at once are less likely beforehand, by as much as in detection.md 3.3.
static const double two_nats = 5;

// Counts of packets that pass the way out and back, only out, only back.
struct counts {
    double ok[3], lost[3];
    double normal[3];  // mean probability of a loss that is not the way's
};

static int64_t slot_of(struct mono at)
{
    return at.ns / ((int64_t)CROSSING_SLOT_S * NS_PER_S);
}

// Moves on to a slot.
static void turn(struct crossing_cell *cell, int64_t slot)
{
    if (slot <= cell->slot)
        return;
    bool next = slot == cell->slot + 1;
    cell->ok_before = next ? cell->ok : 0;
    cell->lost_before = next ? cell->lost : 0;
    cell->ok = cell->lost = 0;
    cell->slot = slot;
}

void crossing_add(struct crossing *c, uint32_t out, uint32_t back, bool lost, struct mono at)
{
    assert(out < NET_UPSTREAMS_MAX && back < NET_UPSTREAMS_MAX);
    struct crossing_cell *cell = &c->cells[out][back];
    turn(cell, slot_of(at));
    cell->ok += !lost;
    cell->lost += lost;
}

static double either(double a, double b)
{
    return 1 - (1 - a) * (1 - b);
}

static struct crossing_cell cell_at(const struct crossing *c, uint32_t out, uint32_t back,
                                    int64_t slot)
{
    struct crossing_cell cell = c->cells[out][back];
    turn(&cell, slot);
    cell.ok += cell.ok_before;
    cell.lost += cell.lost_before;
    return cell;
}

static void count(struct counts *counts, uint32_t kind, const struct crossing_cell *cell,
                  double normal)
{
    counts->ok[kind] += cell->ok;
    counts->lost[kind] += cell->lost;
    counts->normal[kind] += normal * (cell->ok + cell->lost);
}

// What another way loses by itself may be of either direction, and so may cross over.
static double normal_of(const struct crossing_cell *own, double normal)
{
    double all = own->ok + own->lost;
    return fmin(rates[RATES - 1], either(normal, all > 0 ? own->lost / all : 0));
}

static struct counts counts_of(const struct crossing *c, const struct crossing_question *q,
                               struct mono now)
{
    struct counts counts = {{0}, {0}, {0}};
    double normal = q->normal_ppm / 1e6;
    int64_t slot = slot_of(now);
    struct crossing_cell cell = cell_at(c, q->way, q->way, slot);
    assert(q->way < q->ways && q->ways <= NET_UPSTREAMS_MAX);
    count(&counts, 0, &cell, normal);
    for (uint32_t other = 0; other < q->ways; other++) {
        if (other == q->way)
            continue;
        struct crossing_cell own = cell_at(c, other, other, slot);
        struct crossing_cell out = cell_at(c, q->way, other, slot);
        struct crossing_cell back = cell_at(c, other, q->way, slot);
        count(&counts, 1, &out, normal_of(&own, normal));
        count(&counts, 2, &back, normal_of(&own, normal));
    }
    for (int kind = 0; kind < 3; kind++) {
        double all = counts.ok[kind] + counts.lost[kind];
        counts.normal[kind] = all > 0 ? counts.normal[kind] / all : normal;
    }
    return counts;
}

static double likelihood(const struct counts *counts, const double *loss)
{
    double nats = 0;
    for (int kind = 0; kind < 3; kind++)
        nats += counts->lost[kind] * log(loss[kind]) + counts->ok[kind] * log1p(-loss[kind]);
    return nats;
}

static double nats_of(const struct counts *counts, enum story story, double out, double back)
{
    double loss[3] = {counts->normal[0], counts->normal[1], counts->normal[2]};
    bool goes = story == OUT || story == BOTH, comes = story == BACK || story == BOTH;
    if (goes || story == OWN)
        loss[0] = either(loss[0], out);
    if (comes)
        loss[0] = either(loss[0], back);
    if (goes)
        loss[1] = either(loss[1], out);
    if (comes)
        loss[2] = either(loss[2], back);
    return likelihood(counts, loss) - (story == BOTH ? two_nats : 0);
}

// The best of a story's rates, each as likely beforehand.
static double best_of(const struct counts *counts, enum story story, double *rate)
{
    int outs = story == CLEAN || story == BACK ? 1 : RATES;
    int backs = story >= BACK ? RATES : 1;
    double best = -INFINITY;
    for (int i = 0; i < outs; i++)
        for (int k = 0; k < backs; k++) {
            double nats = nats_of(counts, story, rates[i], rates[k]);
            if (nats <= best)
                continue;
            best = nats;
            *rate = story == BACK ? rates[k] : rates[i];
        }
    return best - log((double)outs * backs);
}

struct crossing_answer crossing_ask(const struct crossing *c, const struct crossing_question *q,
                                    struct mono now)
{
    struct counts counts = counts_of(c, q, now);
    double nats[STORIES], rate[STORIES] = {0}, next = -INFINITY;
    enum story best = CLEAN;
    for (enum story story = CLEAN; story < STORIES; story++) {
        nats[story] = best_of(&counts, story, &rate[story]);
        best = nats[story] > nats[best] ? story : best;
    }
    for (enum story story = CLEAN; story < STORIES; story++)
        next = story != best ? fmax(next, nats[story]) : next;
    struct crossing_answer answer = {
        .loss_ppm = best == CLEAN ? 0 : (uint32_t)lround(rate[best] * 1e6),
        .odds_millinats = (uint32_t)fmin(1e9, (nats[best] - next) * 1000),
    };
    if (answer.odds_millinats < q->asked_millinats)
        return answer;
    answer.both = best == BOTH;
    answer.direction = best == OUT ? FAULT_FORWARD : best == BACK ? FAULT_REVERSE : FAULT_EITHER;
    return answer;
}
