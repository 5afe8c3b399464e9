// SPDX-License-Identifier: ISC
// The CUSUM bank over blocks of counts: so many events, so many failed, their order unknown. Each
// block adds the log-likelihood ratio of all its events at once, which is at most what they would
// have added one by one in whatever order.
//
// Promised: while each event fails with at most the normal probability, whatever happened before
// it, false alarms are on average at least the asked number of blocks apart, for blocks of any
// sizes (the score is at most the log of a Shiryaev-Roberts sum; detection.md 2.4). No block counts
// for more than a third of the threshold, so that nothing which happens once is an alarm.
// Not promised: anything when failures come in company more often than normal explains.
#pragma once

#include "stat/cusum.h"

enum { BLOCKS_MIN = 3 };  // that an alarm takes at least

struct blocks_rule {
    uint32_t normal_ppm, lost_ppm[CUSUM_MEMBERS];  // that each member is tuned to, rising
    double lost_nats[CUSUM_MEMBERS], ok_nats[CUSUM_MEMBERS];  // what one event adds: > 0, < 0
    double threshold_nats;
};

struct blocks {
    double score[CUSUM_MEMBERS];  // nats, 0 to the threshold, where it stays until it falls
};

// `apart`: asked mean number of blocks between false alarms, >= 1. `normal_ppm`: 10 to 100000.
void blocks_rule_init(struct blocks_rule *rule, uint32_t normal_ppm, double apart);
// Gives a bit set of the members at their threshold, as cusum_add().
uint32_t blocks_add(struct blocks *blocks, const struct blocks_rule *rule, uint64_t ok,
                    uint64_t lost);
// The highest score, as part of the threshold: 0 to 1.
double blocks_height(const struct blocks *blocks, const struct blocks_rule *rule);
