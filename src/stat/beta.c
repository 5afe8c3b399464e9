// SPDX-License-Identifier: ISC
#include "stat/beta.h"

#include <assert.h>
#include <float.h>
#include <math.h>

enum {
    TERMS_MAX = 20000,  // some sqrt(max(a, b)) are needed: enough for 10^8 probes
    PPM = 1000 * 1000,
};

#define BOUND 0.001  // outside on each side

static double away_from_zero(double x)
{
    return fabs(x) < DBL_MIN ? DBL_MIN : x;
}

// The continued fraction of DLMF 8.17.22, evaluated from the front (Lentz (1976)). Converges fast
// where x < (a + 1) / (a + b + 2).
static double fraction(double a, double b, double x)
{
    double value = 1, front = 1, back = 1 / away_from_zero(1 - (a + b) * x / (a + 1));
    value = back;
    for (int m = 1; m <= TERMS_MAX; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        back = 1 / away_from_zero(1 + even * back);
        front = away_from_zero(1 + even / front);
        value *= front * back;
        back = 1 / away_from_zero(1 + odd * back);
        front = away_from_zero(1 + odd / front);
        value *= front * back;
        if (fabs(front * back - 1) < 1e-14)
            break;
    }
    return value;
}

double beta_cdf(double a, double b, double x)
{
    assert(a > 0 && b > 0);
    if (x <= 0 || x >= 1)
        return x > 0;
    double log_weight = lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x);
    if (x < (a + 1) / (a + b + 2))
        return exp(log_weight) * fraction(a, b, x) / a;
    return 1 - exp(log_weight) * fraction(b, a, 1 - x) / b;
}

// The largest x in ppm below which lies at most `share`.
static uint32_t quantile_ppm(double a, double b, double share)
{
    uint32_t low = 0, high = PPM;
    while (high - low > 1) {
        uint32_t middle = (low + high) / 2;
        if (beta_cdf(a, b, middle / 1e6) <= share)
            low = middle;
        else
            high = middle;
    }
    return low;
}

struct beta_bounds beta_bounds(uint64_t ok, uint64_t lost)
{
    struct beta_bounds bounds = {.low_ppm = 0, .high_ppm = PPM};
    double a = (double)lost + 0.5, b = (double)ok + 0.5;
    // No loss at all is no proof of any, nor is no answer one of any answer.
    if (lost > 0)
        bounds.low_ppm = quantile_ppm(a, b, BOUND);
    // By symmetry, so that both bounds are rounded outwards.
    if (ok > 0)
        bounds.high_ppm = PPM - quantile_ppm(b, a, BOUND);
    return bounds;
}
