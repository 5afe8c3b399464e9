// SPDX-License-Identifier: ISC
#include "stat/beta.h"

#include <assert.h>
#include <math.h>

enum {
    TERMS_MAX = 20000,  // some sqrt(max(a, b)) are needed: enough for 10^8 probes
    PPM = 1000 * 1000,
};

#define BOUND 0.001       // outside on each side
#define BOUND_Z 3.0902    // of the standard normal, on each side
#define BOUND_NONE 5.414  // half of the chi-square of one degree of freedom

// The continued fraction of DLMF 8.17.22, by its convergents upper / lower, scaled so that lower is
// 1 after every second term: divisions are what it costs. Converges fast, and lower stays above 0,
// where x < (a + 1) / (a + b + 2).
static double fraction(double a, double b, double x)
{
    double upper_before = 1, lower_before = 1, lower = 1 - (a + b) * x / (a + 1);
    double upper = 1 / lower;
    lower_before /= lower;
    upper_before /= lower;
    for (int m = 1; m <= TERMS_MAX; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        double upper_even = upper + even * upper_before, lower_even = 1 + even * lower_before;
        double scale = 1 / (lower_even + odd), now = (upper_even + odd * upper) * scale;
        upper_before = upper_even * scale;
        lower_before = lower_even * scale;
        if (fabs(now - upper) < 1e-14 * now)
            return now;
        upper = now;
    }
    return upper;
}

// ln of the weight of Beta(a, b) but for what depends on x.
static double log_scale(double a, double b)
{
    return lgamma(a + b) - lgamma(a) - lgamma(b);
}

// P(X <= x), 0 < x < 1. `weight` gets x (1 - x) times the density at x.
static double cdf(double a, double b, double scale, double x, double *weight)
{
    *weight = exp(scale + a * log(x) + b * log1p(-x));
    if (x < (a + 1) / (a + b + 2))
        return *weight * fraction(a, b, x) / a;
    return 1 - *weight * fraction(b, a, 1 - x) / b;
}

double beta_cdf(double a, double b, double x)
{
    double weight;
    assert(a > 0 && b > 0);
    if (x <= 0 || x >= 1)
        return x > 0;
    return cdf(a, b, log_scale(a, b), x, &weight);
}

// Where Newton's step on ln P leads from x, in ppm: far out P is nearly a power of x.
static double next_guess(double x, double p, double weight, double share)
{
    if (p <= 0 || weight <= 0)
        return NAN;
    return (x - log(p / share) * p * x * (1 - x) / weight) * PPM;
}

// About where BOUND lies below: Abramowitz and Stegun 26.5.22, good to some thousandths. With
// nothing on the other side, where that has no value, the limit for many.
static double first_guess(double a, double b)
{
    if (b < 1)
        return exp(-BOUND_NONE / (a - 0.25)) * PPM;
    double left = 1 / (2 * a - 1), right = 1 / (2 * b - 1), h = 2 / (left + right);
    double skew = (BOUND_Z * BOUND_Z - 3) / 6;
    double w = BOUND_Z * sqrt(h + skew) / h - (right - left) * (skew + 5.0 / 6 - 2 / (3 * h));
    return a / (a + b * exp(2 * w)) * PPM;
}

// The largest x in ppm below which lies at most BOUND: what halving the interval finds, with a
// guess where to cut it, as this is asked for every path at every step. A guess that does not come
// near is left for the middle. a > 1.
static uint32_t bound_ppm(double a, double b)
{
    enum { GUESSES = 8 };
    uint32_t low = 0, high = PPM;
    double scale = log_scale(a, b), weight, guess = first_guess(a, b);
    for (int cuts = 0; high - low > 1; cuts++) {
        uint32_t x = (low + high) / 2;
        if (cuts < GUESSES && guess > low && guess < high)
            x = (uint32_t)guess > low ? (uint32_t)guess : low + 1;
        double p = cdf(a, b, scale, x / 1e6, &weight);
        if (p <= BOUND)
            low = x;
        else
            high = x;
        guess = next_guess(x / 1e6, p, weight, BOUND);
        // So near that the answer is on one side of it: the next cut is just beyond.
        if (guess >= low && guess < low + 1)
            guess = low + 1;
    }
    return low;
}

// No loss at all is no proof of any.
uint32_t beta_low_ppm(uint64_t ok, uint64_t lost)
{
    return lost > 0 ? bound_ppm((double)lost + 0.5, (double)ok + 0.5) : 0;
}

// Nor is no answer one of any answer. By symmetry, so that both bounds are rounded outwards.
uint32_t beta_high_ppm(uint64_t ok, uint64_t lost)
{
    return ok > 0 ? PPM - bound_ppm((double)ok + 0.5, (double)lost + 0.5) : PPM;
}

struct beta_bounds beta_bounds(uint64_t ok, uint64_t lost)
{
    return (struct beta_bounds){beta_low_ppm(ok, lost), beta_high_ppm(ok, lost)};
}
