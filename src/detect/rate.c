// SPDX-License-Identifier: ISC
#include "detect/rate.h"

void rate_add(struct rate_sum *sum, const struct sample *sample)
{
    sum->rate.lost_forward += sample->lost_forward;
    sum->rate.lost_reverse += sample->lost_reverse;
    if (sample->late)
        return;
    sum->rate.ok += sample->verdict == SAMPLE_OK;
    sum->rate.lost += sample->verdict == SAMPLE_LOST;
    if (sample->verdict == SAMPLE_OK)
        quantile_add(&sum->rtts, sample->rtt_ns);
}

struct rate rate_of(const struct rate_sum *sum, uint32_t path)
{
    struct rate rate = sum->rate;
    rate.path = path;
    rate.rtt_p50_ns = quantile_ns(&sum->rtts, 500 * 1000);
    rate.rtt_p90_ns = quantile_ns(&sum->rtts, 900 * 1000);
    rate.rtt_p99_ns = quantile_ns(&sum->rtts, 990 * 1000);
    return rate;
}
