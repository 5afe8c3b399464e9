// SPDX-License-Identifier: ISC
#include "detect/usual.h"

#include "stat/beta.h"

#include <math.h>

enum {
    REVIEW_BLOCKS = 60,
    FADE_BLOCKS = 2 * 86400,
    UNEXPLAINED_PERCENT_MAX = 1,
    EXPLAINED_SIGMAS = 3,
};

void usual_init(struct usual *usual)
{
    *usual = (struct usual){.step = USUAL_STEPS - 1};
}

uint32_t usual_step_ppm(uint32_t step, uint32_t least_ppm)
{
    static const uint32_t times[USUAL_STEPS] = {1, 2, 5, 10, 20, 50, 100};
    uint32_t ppm = times[step] * least_ppm;
    return ppm < USUAL_PPM_MAX ? ppm : USUAL_PPM_MAX;
}

// A single failure is explained by every rate: it has to be somewhere.
static bool is_explained(double rate, uint64_t ok, uint64_t lost)
{
    double events = (double)ok + (double)lost;
    double spread = sqrt(events * rate * (1 - rate));
    return (double)lost <= events * rate + EXPLAINED_SIGMAS * spread + 1;
}

static void fade(struct usual *usual)
{
    usual->ok /= 2;
    usual->lost /= 2;
    usual->blocks /= 2;
    for (uint32_t i = 0; i < USUAL_STEPS; i++)
        usual->over[i] /= 2;
}

static uint32_t choose(const struct usual *usual, uint32_t least_ppm)
{
    uint32_t high_ppm = beta_bounds(usual->ok, usual->lost).high_ppm;
    for (uint32_t step = 0; step < USUAL_STEPS - 1; step++)
        if (usual_step_ppm(step, least_ppm) >= high_ppm &&
            (uint64_t)usual->over[step] * 100 <= (uint64_t)usual->blocks * UNEXPLAINED_PERCENT_MAX)
            return step;
    return USUAL_STEPS - 1;
}

bool usual_add(struct usual *usual, uint32_t least_ppm, uint64_t ok, uint64_t lost)
{
    usual->ok += ok;
    usual->lost += lost;
    usual->blocks++;
    for (uint32_t i = 0; i < USUAL_STEPS; i++)
        usual->over[i] += !is_explained(usual_step_ppm(i, least_ppm) / 1e6, ok, lost);
    if (++usual->unreviewed < REVIEW_BLOCKS)
        return false;
    usual->unreviewed = 0;
    if (usual->blocks >= FADE_BLOCKS)
        fade(usual);
    uint32_t before = usual->step;
    usual->step = choose(usual, least_ppm);
    return usual->step != before;
}
