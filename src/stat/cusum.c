// SPDX-License-Identifier: ISC
#include "stat/cusum.h"

#include "stat/arl.h"

#include <math.h>

enum {
    LOSS_NORMAL_PPM_MIN = 10,
    LOSS_NORMAL_PPM_MAX = 100 * 1000,
    THRESHOLD_MAX = 60 * 1000,  // leaves room to add a step before it is held
};

// A third of a decade apart, so that the nearest member needs at most a tenth more probes than one
// tuned to the true rate (detection.md 2.4).
static const uint32_t grid_ppm[CUSUM_MEMBERS] = {4000, 12000, 35000, 100000, 300000, 800000};

// Where normal is higher than the grid was made for: even in proportion, from four times normal.
uint32_t cusum_member_ppm(uint32_t member, uint32_t normal_ppm)
{
    double lowest = 4.0 * normal_ppm, highest = grid_ppm[CUSUM_MEMBERS - 1];
    if (lowest <= grid_ppm[0])
        return grid_ppm[member];
    return (uint32_t)lround(lowest * pow(highest / lowest, member / (CUSUM_MEMBERS - 1.0)));
}

// The two steps stand in the proportion of the log-likelihood ratios of a loss and an answer. The
// finer lattices are for members to which a loss is worth only few answers.
static void member_init(struct cusum_rule *rule, uint32_t member, double normal)
{
    double loss = rule->loss_ppm[member] / 1e6;
    double lost = log(loss / normal), ok = -log((1 - loss) / (1 - normal));
    uint16_t ok_step = lost >= 32 * ok ? 1 : lost >= 8 * ok ? 4 : 8;
    rule->ok_step[member] = ok_step;
    rule->lost_step[member] = (uint16_t)lround(ok_step * lost / ok);
    rule->step_nats[member] = lost / rule->lost_step[member];
}

// Any of the members may alarm, so each must do so more rarely (Bonferroni). One without a share
// would have to be right for ever: it has no threshold.
static double member_probes(const struct cusum_ask *ask, uint32_t member)
{
    uint32_t shares = 0;
    for (uint32_t k = 0; k < CUSUM_MEMBERS; k++)
        shares += ask->share[k];
    return shares == 0 ? CUSUM_MEMBERS * ask->probes : 100 * ask->probes / ask->share[member];
}

static bool shares_are_good(const struct cusum_ask *ask)
{
    uint32_t sum = 0;
    for (uint32_t k = 0; k < CUSUM_MEMBERS; k++)
        sum += ask->share[k];
    return sum == 0 || sum == 100;
}

bool cusum_rule_init(struct cusum_rule *rule, const struct cusum_ask *ask)
{
    if (ask->loss_normal_ppm < LOSS_NORMAL_PPM_MIN || ask->loss_normal_ppm > LOSS_NORMAL_PPM_MAX)
        return false;
    if (!shares_are_good(ask))
        return false;
    for (uint32_t k = 0; k < CUSUM_MEMBERS; k++) {
        rule->loss_ppm[k] = cusum_member_ppm(k, ask->loss_normal_ppm);
        member_init(rule, k, ask->loss_normal_ppm / 1e6);
        struct arl_test test = {
            .loss = ask->loss_normal_ppm / 1e6,
            .lost_step = rule->lost_step[k],
            .ok_step = rule->ok_step[k],
        };
        if (test.lost_step > ARL_LOST_STEP_MAX)
            return false;
        uint32_t threshold = arl_threshold(&test, member_probes(ask, k), THRESHOLD_MAX);
        if (threshold == 0)
            return false;
        rule->threshold[k] = (uint16_t)threshold;
    }
    return true;
}

static uint16_t step(uint32_t score, const struct cusum_rule *rule, uint32_t member, bool lost)
{
    if (!lost)
        return (uint16_t)(score > rule->ok_step[member] ? score - rule->ok_step[member] : 0);
    score += rule->lost_step[member];
    return (uint16_t)(score < rule->threshold[member] ? score : rule->threshold[member]);
}

uint32_t cusum_add_any(struct cusum_bank *bank, const struct cusum_rule *rule, bool lost)
{
    uint32_t alarms = 0;
    for (uint32_t k = 0; k < CUSUM_MEMBERS; k++) {
        bank->score[k] = step(bank->score[k], rule, k, lost);
        alarms |= (uint32_t)(bank->score[k] >= rule->threshold[k]) << k;
    }
    return alarms;
}

uint32_t cusum_add_dated(struct cusum_bank *bank, struct cusum_trail *trail,
                         const struct cusum_rule *rule, bool lost, int64_t at_ns)
{
    for (uint32_t k = 0; lost && k < CUSUM_MEMBERS; k++)
        if (bank->score[k] == 0)
            trail->began_ns[k] = at_ns;
    return cusum_add(bank, rule, lost);
}

void cusum_add_answers(struct cusum_bank *bank, const struct cusum_rule *rule, uint64_t count)
{
    for (uint32_t k = 0; k < CUSUM_MEMBERS; k++) {
        uint32_t step_down = rule->ok_step[k], score = bank->score[k];
        // Compared as a quotient, which cannot overflow.
        bank->score[k] = count > score / step_down ? 0 : (uint16_t)(score - count * step_down);
    }
}

bool cusum_quickens(const struct cusum_bank *bank)
{
    return bank->score[CUSUM_QUICKENS] > 0;
}
