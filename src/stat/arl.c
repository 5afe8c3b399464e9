// SPDX-License-Identifier: ISC
#include "stat/arl.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

// The mean E of state s, from which the alarm is `distance` = threshold - s away, obeys
// E(s) = 1 + (1 - loss) E(s - ok_step) + loss E(s + lost_step). States are eliminated from the
// threshold downwards (Grassmann, Taksar and Heyman (1985)), which leaves each with
//   E(s) = cost + sum over j = 1..ok_step of fall[j] E(s - j),   alarm + sum of fall = 1.
// These rows depend on the distance alone, not on the threshold, so one pass meets every threshold
// on its way. Only the lowest `ok_step` states, which fall no deeper than 0, need rows of their
// own.
struct row {
    double cost;                       // probes until it falls below s, or alarms
    double alarm;                      // probability of the latter
    double fall[ARL_OK_STEP_MAX + 1];  // [j]: of falling to s - j
};

struct chain {
    double loss;
    uint32_t up, down;
    uint32_t size;  // of `rows`, a ring indexed by distance
    struct row *rows;
    // With steps of 1 downwards rows compose into rows, so that a sum over the last `up` of them is
    // kept like a queue made of two stacks: `head` since the last multiple of `up`, and for each
    // row of the block before it, `tails` from there to the block's end. That makes a pass linear.
    struct row *tails, head;
};

static struct row *row_at(const struct chain *c, uint32_t distance)
{
    return &c->rows[distance % c->size];
}

// First one, from there the other.
static struct row then(struct row upper, const struct row *lower)
{
    upper.cost += upper.fall[1] * lower->cost;
    upper.alarm += upper.fall[1] * lower->alarm;
    upper.fall[1] *= lower->fall[1];
    return upper;
}

static const struct row nothing = {.fall[1] = 1};

static void remember(struct chain *c, uint32_t distance)
{
    c->head = then(c->head, row_at(c, distance));
    if (distance % c->up != 0)
        return;
    struct row tail = nothing;
    for (uint32_t i = 0; i < c->up; i++) {
        tail = then(*row_at(c, distance - i), &tail);
        c->tails[(distance - i) % c->up] = tail;
    }
    c->head = nothing;
}

// From s + up down to s or below: cost and alarm on the way; fall[j] is of arriving at s - j.
static struct row descend(const struct chain *c, uint32_t distance)
{
    struct row sum = {0};
    if (distance <= c->up) {
        sum.alarm = 1;
        return sum;
    }
    if (c->down == 1) {
        sum = then(c->tails[distance % c->up], &c->head);
        sum.fall[0] = sum.fall[1];
        return sum;
    }
    double ahead[ARL_OK_STEP_MAX + 1] = {1};  // [j]: of being at `at` + j
    for (uint32_t at = distance - c->up; at < distance; at++) {
        const struct row *row = row_at(c, at);
        double here = ahead[0];
        sum.cost += here * row->cost;
        sum.alarm += here * row->alarm;
        for (uint32_t j = 1; j <= c->down; j++)
            ahead[j - 1] = ahead[j] + here * row->fall[j];
    }
    for (uint32_t j = 0; j < c->down; j++)
        sum.fall[j] = ahead[j];
    return sum;
}

// The row of a state; `below` is how many states lie below it, as far as an answer can reach.
static void reduce(const struct chain *c, uint32_t distance, uint32_t below)
{
    struct row up = descend(c, distance), *row = row_at(c, distance);
    double leave = c->loss * up.alarm;  // the state, for good: 1 - stay, without subtracting
    if (below > 0)
        leave += 1 - c->loss;
    for (uint32_t j = 1; j < c->down; j++)
        leave += c->loss * up.fall[j];
    row->cost = (1 + c->loss * up.cost) / leave;
    row->alarm = c->loss * up.alarm / leave;
    row->fall[c->down] = 0;
    for (uint32_t j = 1; j < c->down; j++)
        row->fall[j] = c->loss * up.fall[j] / leave;
    if (below > 0)
        row->fall[below] += (1 - c->loss) / leave;
}

static void reduce_inner(struct chain *c, uint32_t distance)
{
    reduce(c, distance, c->down);
    if (c->down == 1)
        remember(c, distance);
}

// The mean from 0 when it is `threshold` away. Overwrites the lowest rows.
static double mean_from_zero(const struct chain *c, uint32_t threshold)
{
    uint32_t lowest = c->down < threshold ? c->down : threshold;
    for (uint32_t s = lowest; s-- > 0;)
        reduce(c, threshold - s, s);
    return row_at(c, threshold)->cost;
}

static void chain_init(struct chain *c, const struct arl_test *test)
{
    assert(test->loss > 0 && test->loss <= 1);
    assert(test->lost_step > 0 && test->lost_step <= ARL_LOST_STEP_MAX);
    assert(test->ok_step > 0 && test->ok_step <= ARL_OK_STEP_MAX);
    *c = (struct chain){.loss = test->loss, .up = test->lost_step, .down = test->ok_step};
    c->size = c->up + c->down;
    c->rows = calloc(c->size, sizeof *c->rows);
    c->tails = calloc(c->up, sizeof *c->tails);
    c->head = nothing;
    assert(c->rows && c->tails);
}

static void chain_done(struct chain *c)
{
    free(c->rows);
    free(c->tails);
}

double arl_probes(const struct arl_test *test)
{
    struct chain c;
    chain_init(&c, test);
    for (uint32_t d = 1; d + c.down <= test->threshold; d++)
        reduce_inner(&c, d);
    double mean = mean_from_zero(&c, test->threshold);
    chain_done(&c);
    return mean;
}

uint32_t arl_threshold(const struct arl_test *test, double probes, uint32_t threshold_max)
{
    struct chain c;
    chain_init(&c, test);
    uint32_t threshold = 1;
    for (; threshold <= threshold_max; threshold++) {
        if (mean_from_zero(&c, threshold) >= probes)
            break;
        // The lowest rows were those of this threshold: for the next, the topmost is an inner one.
        if (threshold >= c.down)
            reduce_inner(&c, threshold - c.down + 1);
    }
    chain_done(&c);
    return threshold <= threshold_max ? threshold : 0;
}
