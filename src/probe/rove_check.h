// SPDX-License-Identifier: ISC
// A rover for tests, and its packets one by one.
#pragma once

#include "base/check.h"
#include "probe/rove.h"

static inline struct rove *check_rove(enum family family, uint64_t seed, uint32_t targets)
{
    struct rove *v = rove_new(
        &(struct rove_settings){
            .family = family,
            .target_count = targets,
            .slot_count = 16 + ROVE_DEAD_MAX,
            .port_first = 10000,
            .port_count = 22000,
            .interval_ns = 100 * NS_PER_MS,
            .loss_normal = 0.001,
            .share_asked = 0.001,
            .nats_asked = 16,
            .persist_ns = 700 * NS_PER_MS,
        },
        seed);
    assert_non_null(v);
    return v;
}

static inline struct rove_send take_next(struct rove *v, struct mono *now)
{
    struct rove_send send;
    *now = rove_due(v).ns > now->ns ? rove_due(v) : *now;
    assert_true(rove_take(v, *now, &send));
    return send;
}

static inline bool tell_at(struct rove *v, const struct rove_send *send, char fate, struct mono now,
                           struct rove_verdict *verdict)
{
    struct sample sample = {.verdict = fate == 'o'   ? SAMPLE_OK
                                       : fate == 'l' ? SAMPLE_LOST
                                                     : SAMPLE_VOID,
                            .sent_at = now,
                            .known_at = now};
    return rove_told(v, send, &sample, verdict);
}
