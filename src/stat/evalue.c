// SPDX-License-Identifier: ISC
#include "stat/evalue.h"

#include <math.h>
#include <stdbool.h>

#define EVALUE_CEILING 3269017.3724721107  // e^EVALUE_CEILING_NATS

// Each is over twice the one before, and every pair of them is in the grid.
static const struct {
    double rate, log, log_passes;  // ln rate, ln(1 - rate)
} rates[] = {
    {0.001, -6.9077552789821368, -0.0010005003335835335},
    {0.01, -4.6051701859880909, -0.010050335853501442},
    {0.05, -2.9957322735539909, -0.051293294387550536},
    {0.15, -1.8971199848858813, -0.16251892949777491},
    {0.38, -0.96758402626170559, -0.4780358009429998},
    {0.9, -0.10536051565782628, -2.3025850929940459},
};

enum { RATES = sizeof rates / sizeof rates[0] };

_Static_assert(EVALUE_GRID == RATES * (RATES - 1) / 2, "one sum for each pair of rates");

void evalue_init(struct evalue *e)
{
    *e = (struct evalue){0};
}

// Of what both have in common; the logs of the grid's own rates are at hand.
static double log_common(double rate, double ok, double lost)
{
    return (lost > 0 ? lost * log(rate) : 0) + ok * log1p(-rate);
}

static bool is_same(const struct evalue_block *a, const struct evalue_block *b)
{
    return a->ok == b->ok && a->lost == b->lost && a->peers_ok == b->peers_ok &&
           a->peers_lost == b->peers_lost;
}

static void weigh(struct evalue *e, const struct evalue_block *block)
{
    double ok = block->ok, lost = block->lost;
    double peers_ok = block->peers_ok, peers_lost = block->peers_lost;
    double here = ok + lost, there = peers_ok + peers_lost, *factor = e->factor;
    for (uint32_t high = 1; high < RATES; high++)
        for (uint32_t low = 0; low < high; low++) {
            double common = (here * rates[high].rate + there * rates[low].rate) / (here + there);
            double apart = lost * rates[high].log + ok * rates[high].log_passes +
                           peers_lost * rates[low].log + peers_ok * rates[low].log_passes;
            *factor++ = exp(apart - log_common(common, ok + peers_ok, lost + peers_lost));
        }
    e->last = *block;
}

void evalue_add(struct evalue *e, const struct evalue_block *block)
{
    if (block->ok + block->lost == 0 || block->peers_ok + block->peers_lost == 0)
        return;
    if (!is_same(block, &e->last))
        weigh(e, block);
    for (uint32_t i = 0; i < EVALUE_GRID; i++)
        e->sum[i] = fmin((1 + e->sum[i]) * e->factor[i], EVALUE_CEILING);
}

double evalue_nats(const struct evalue *e)
{
    double sum = 0;
    for (uint32_t i = 0; i < EVALUE_GRID; i++)
        sum += e->sum[i];
    return fmax(0, log(sum / EVALUE_GRID));
}
