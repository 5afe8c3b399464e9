// SPDX-License-Identifier: ISC
#include "stat/evalue.h"

#include <math.h>

// Each is over twice the one before, and every pair of them is in the grid.
static const double rates[] = {0.001, 0.01, 0.05, 0.15, 0.38, 0.9};

enum { RATES = sizeof rates / sizeof rates[0] };

_Static_assert(EVALUE_GRID == RATES * (RATES - 1) / 2, "one sum for each pair of rates");

void evalue_init(struct evalue *e)
{
    for (uint32_t i = 0; i < EVALUE_GRID; i++)
        e->log_sum[i] = -INFINITY;
}

static double log_likelihood(double rate, double ok, double lost)
{
    return lost * log(rate) + ok * log1p(-rate);
}

// ln(1 + e^x)
static double log_one_plus(double x)
{
    return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

void evalue_add(struct evalue *e, const struct evalue_block *block)
{
    double here = (double)block->ok + block->lost;
    double there = (double)block->peers_ok + block->peers_lost;
    if (here == 0 || there == 0)
        return;
    double *sum = e->log_sum, here_at[RATES], there_at[RATES];
    for (uint32_t rate = 0; rate < RATES; rate++) {
        here_at[rate] = log_likelihood(rates[rate], block->ok, block->lost);
        there_at[rate] = log_likelihood(rates[rate], block->peers_ok, block->peers_lost);
    }
    for (uint32_t high = 1; high < RATES; high++)
        for (uint32_t low = 0; low < high; low++, sum++) {
            double common = (here * rates[high] + there * rates[low]) / (here + there);
            double factor = here_at[high] + there_at[low] -
                            log_likelihood(common, (double)block->ok + block->peers_ok,
                                           (double)block->lost + block->peers_lost);
            *sum = fmin(log_one_plus(*sum) + factor, EVALUE_CEILING_NATS);
        }
}

double evalue_nats(const struct evalue *e)
{
    double largest = e->log_sum[0], sum = 0;
    for (uint32_t i = 1; i < EVALUE_GRID; i++)
        largest = fmax(largest, e->log_sum[i]);
    if (largest <= 0)
        return 0;
    for (uint32_t i = 0; i < EVALUE_GRID; i++)
        sum += exp(e->log_sum[i] - largest);
    return fmax(0, largest + log(sum / EVALUE_GRID));
}
