// SPDX-License-Identifier: ISC
#include "steer/drain.h"

#include "steer/limits.h"

// clang-format off
static const enum drain_state next_state[DRAIN_STATES][DRAIN_EVENTS] = {
    [DRAIN_NONE] = {
        [DRAIN_PLAN] = DRAIN_PLANNED,
        [DRAIN_BEGIN] = DRAIN_MOVING,
    },
    [DRAIN_PLANNED] = {
        [DRAIN_BEGIN] = DRAIN_MOVING,
        [DRAIN_END] = DRAIN_OVER,
    },
    [DRAIN_MOVING] = {
        [DRAIN_STANDS] = DRAIN_WAITING,
        [DRAIN_FAIL] = DRAIN_RESTORING,
        [DRAIN_END] = DRAIN_RESTORING,
    },
    [DRAIN_WAITING] = {
        [DRAIN_LOST] = DRAIN_MOVING,
        [DRAIN_LEFT] = DRAIN_SAFE,
        [DRAIN_BLIND] = DRAIN_UNSURE,
        [DRAIN_END] = DRAIN_RESTORING,
    },
    [DRAIN_SAFE] = {
        [DRAIN_LOST] = DRAIN_MOVING,
        [DRAIN_CARRIES] = DRAIN_WAITING,
        [DRAIN_BLIND] = DRAIN_UNSURE,
        [DRAIN_END] = DRAIN_RESTORING,
    },
    [DRAIN_UNSURE] = {
        [DRAIN_LOST] = DRAIN_MOVING,
        [DRAIN_LEFT] = DRAIN_SAFE,
        [DRAIN_CARRIES] = DRAIN_WAITING,
        [DRAIN_END] = DRAIN_RESTORING,
    },
    [DRAIN_RESTORING] = {
        [DRAIN_RETURNED] = DRAIN_OVER,
    },
};
// clang-format on

const char *const drain_state_names[DRAIN_STATES] = {"none", "planned", "moving",    "waiting",
                                                     "safe", "unsure",  "restoring", "over"};

enum drain_state drain_next(enum drain_state state, enum drain_event event)
{
    return next_state[state][event];
}

bool drain_is_active(enum drain_state state)
{
    return state >= DRAIN_MOVING && state <= DRAIN_UNSURE;
}

static int64_t share_bps(int64_t bps)
{
    return bps / 1000000 * STEER_DRAINED_PPM;
}

// What is left when nothing is: sessions, probes, and what nobody could move.
static int64_t quiet_bps(const struct drain_flow *flow, struct drain_traffic traffic)
{
    int64_t most = share_bps(traffic.capacity_bps ? traffic.capacity_bps : flow->before_bps);
    return most > STEER_DRAINED_BPS ? most : STEER_DRAINED_BPS;
}

void drain_flow_begin(struct drain_flow *flow, struct drain_traffic traffic)
{
    *flow = (struct drain_flow){.before_bps = traffic.known ? traffic.bps : 0};
}

enum drain_event drain_flow_take(struct drain_flow *flow, struct mono now,
                                 struct drain_traffic traffic)
{
    bool quiet = traffic.known && traffic.bps <= quiet_bps(flow, traffic);
    if (!quiet)
        flow->quiet_since = (struct mono){0};
    if (!traffic.known)
        return DRAIN_BLIND;
    if (!quiet)
        return DRAIN_CARRIES;
    if (flow->quiet_since.ns == 0)
        flow->quiet_since = now;
    return mono_since_ns(now, flow->quiet_since) >= (int64_t)STEER_DRAINED_S * NS_PER_S
               ? DRAIN_LEFT
               : DRAIN_EVENTS;
}

bool drain_flow_enters(const struct drain_flow *flow, struct drain_traffic traffic)
{
    return traffic.known && traffic.in_bps > quiet_bps(flow, traffic);
}
