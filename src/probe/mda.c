// SPDX-License-Identifier: ISC
#include "probe/mda.h"

#include <assert.h>

#define MDA_SURENESS 0.95

// Coupon collector, flow by flow: the probability of having taken exactly j of n hops. Sums of
// positive terms only, where inclusion and exclusion would cancel.
uint32_t mda_flows_needed(uint32_t hops)
{
    assert(hops >= 1 && hops < MDA_HOPS_MAX);
    uint32_t n = hops + 1, flows = 0;
    double taken[MDA_HOPS_MAX + 1] = {1};
    for (; taken[n] < MDA_SURENESS; flows++) {
        for (uint32_t j = n; j > 0; j--)
            taken[j] = taken[j] * j / n + taken[j - 1] * (n - j + 1) / n;
        taken[0] = 0;
    }
    return flows;
}
