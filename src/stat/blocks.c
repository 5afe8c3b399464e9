// SPDX-License-Identifier: ISC
#include "stat/blocks.h"

#include <assert.h>
#include <math.h>

void blocks_rule_init(struct blocks_rule *rule, uint32_t normal_ppm, double apart)
{
    assert(normal_ppm >= 10 && normal_ppm <= 100 * 1000 && apart >= 1);
    // Any of the members may alarm: the mean of their sums is under the same bound.
    *rule = (struct blocks_rule){.normal_ppm = normal_ppm,
                                 .threshold_nats = log(CUSUM_MEMBERS * apart)};
    double normal = normal_ppm / 1e6;
    for (uint32_t k = 0; k < CUSUM_MEMBERS; k++) {
        rule->lost_ppm[k] = cusum_member_ppm(k, normal_ppm);
        double lost = rule->lost_ppm[k] / 1e6;
        rule->lost_nats[k] = log(lost / normal);
        rule->ok_nats[k] = log1p(-lost) - log1p(-normal);
    }
}

uint32_t blocks_add(struct blocks *blocks, const struct blocks_rule *rule, uint64_t ok,
                    uint64_t lost)
{
    uint32_t alarms = 0;
    for (uint32_t k = 0; k < CUSUM_MEMBERS; k++) {
        double gain = (double)lost * rule->lost_nats[k] + (double)ok * rule->ok_nats[k];
        gain = fmin(gain, rule->threshold_nats / BLOCKS_MIN);
        double score = fmax(0, blocks->score[k] + gain);
        // A third is not exact: three of them must be enough.
        bool alarms_now = score >= rule->threshold_nats * (1 - 1e-9);
        blocks->score[k] = alarms_now ? rule->threshold_nats : score;
        alarms |= (uint32_t)alarms_now << k;
    }
    return alarms;
}

double blocks_height(const struct blocks *blocks, const struct blocks_rule *rule)
{
    double highest = 0;
    for (uint32_t k = 0; k < CUSUM_MEMBERS; k++)
        highest = fmax(highest, blocks->score[k]);
    return highest / rule->threshold_nats;
}
