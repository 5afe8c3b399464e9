// SPDX-License-Identifier: ISC
#include "probe/rtt.h"

enum { STEPS_LOG2 = 4, STEPS = 1 << STEPS_LOG2 };
enum { FIRST_OCTAVE = 11 };  // 2 us: nothing answers sooner; 24 octaves end at 34 s
enum { FORGET_AT = 4096 };   // p99.9 then still rests on four answers
enum { ENOUGH = 20 };        // answers before the time-out is believed

static uint32_t bucket_of(int64_t ns)
{
    if (ns < INT64_C(1) << FIRST_OCTAVE)
        return 0;
    uint32_t octave = 63 - (uint32_t)__builtin_clzll((uint64_t)ns);
    uint32_t step = (uint32_t)(ns >> (octave - STEPS_LOG2)) & (STEPS - 1);
    uint32_t bucket = (octave - FIRST_OCTAVE) * STEPS + step;
    return bucket < RTT_BUCKETS ? bucket : RTT_BUCKETS - 1;
}

// Where the bucket ends: quantiles err upwards, by 1/16 at most.
static int64_t bucket_end_ns(uint32_t bucket)
{
    uint32_t octave = FIRST_OCTAVE + bucket / STEPS;
    return (int64_t)(STEPS + bucket % STEPS + 1) << (octave - STEPS_LOG2);
}

// The first bucket up to which there are as many as its rank, from where it was: one more answer
// moves it by a step, nearly always by none.
static int64_t follow(const struct rtt *rtt, struct rtt_place *at, uint32_t permille)
{
    uint32_t rank = (rtt->total * permille + 999) / 1000;
    while (at->below >= rank) {
        at->here = rtt->counts[--at->bucket];
        at->below -= at->here;
    }
    while (at->below + at->here < rank) {
        at->below += at->here;
        at->here = rtt->counts[++at->bucket];
    }
    return bucket_end_ns(at->bucket);
}

static void forget_half(struct rtt *rtt)
{
    rtt->total = 0;
    for (uint32_t i = 0; i < RTT_BUCKETS; i++) {
        rtt->counts[i] /= 2;
        rtt->total += rtt->counts[i];
    }
    rtt->p50 = rtt->p999 = (struct rtt_place){.here = rtt->counts[0]};
}

// So that nobody waits for the bucket's count.
static void add(struct rtt_place *at, uint32_t bucket)
{
    at->below += bucket < at->bucket;
    at->here += bucket == at->bucket;
}

void rtt_add(struct rtt *rtt, int64_t ns)
{
    uint32_t bucket = bucket_of(ns);
    rtt->counts[bucket]++;
    add(&rtt->p50, bucket);
    add(&rtt->p999, bucket);
    if (++rtt->total >= FORGET_AT)
        forget_half(rtt);
    rtt->p50_ns = follow(rtt, &rtt->p50, 500);
    rtt->p999_ns = follow(rtt, &rtt->p999, 999);
}

int64_t rtt_timeout_ns(const struct rtt *rtt, int64_t min_ns, int64_t max_ns)
{
    if (rtt->total < ENOUGH)
        return max_ns;
    int64_t timeout = rtt->p999_ns + 4 * (rtt->p999_ns - rtt->p50_ns);
    return timeout < min_ns ? min_ns : timeout > max_ns ? max_ns : timeout;
}
