// SPDX-License-Identifier: ISC
// Roving 5-tuples with sticky retry and a paired control (probe/rove.c): fresh tuples until a dead
// one is called dead, beside 1/f, which must be sent to meet one of a share f at all; and how often
// one is called dead that is not, under loss and bursts.
#include "bench/detect.h"

#include "probe/rove.h"

#include <stdio.h>

enum {
    OUT_MAX = 256,
    RTT_NS = 20 * NS_PER_MS,
    TIMEOUT_NS = 60 * NS_PER_MS,
    RATE_PPS = 10,  // of fresh tuples, as detection.md 1.8
};

#define LOSS 0.001

struct out {
    struct rove_send send;
    struct mono sent_at, known_at;
    bool lost;
};

struct world {
    uint64_t seed;
    double dead_share, burst_mean_ns, burst_apart_ns;
    struct random random;
    int64_t burst_from_ns, burst_until_ns;
    uint32_t out_count, fresh;
    struct out out[OUT_MAX];
};

// The same for the same tuple.
static bool is_dead(const struct world *w, struct rove_tuple tuple)
{
    struct random r = {w->seed ^ (uint64_t)tuple.label << 40 ^ (uint64_t)tuple.port << 8 ^
                       tuple.target};
    random_u64(&r);
    return random_unit(&r) < w->dead_share;
}

static bool is_lost(struct world *w, struct rove_tuple tuple, struct mono at)
{
    while (w->burst_apart_ns > 0 && at.ns >= w->burst_until_ns) {
        w->burst_from_ns =
            w->burst_until_ns + (int64_t)bench_exponential(&w->random, w->burst_apart_ns);
        w->burst_until_ns =
            w->burst_from_ns + (int64_t)bench_exponential(&w->random, w->burst_mean_ns) + 1;
    }
    bool in_burst = w->burst_apart_ns > 0 && at.ns >= w->burst_from_ns;
    return is_dead(w, tuple) || in_burst || random_unit(&w->random) < LOSS;
}

static void send_due(struct world *w, struct rove *rove, struct mono now)
{
    struct rove_send send;
    while (w->out_count < OUT_MAX && rove_take(rove, now, &send)) {
        bool lost = is_lost(w, send.tuple, now);
        w->fresh += send.fresh;
        w->out[w->out_count++] =
            (struct out){send, now, mono_add_ns(now, lost ? TIMEOUT_NS : RTT_NS), lost};
    }
}

// True when a tuple is called dead.
static bool tell_known(struct world *w, struct rove *rove, struct mono now,
                       struct rove_verdict *verdict)
{
    for (uint32_t i = 0; i < w->out_count;) {
        struct out out = w->out[i];
        if (!mono_reached(now, out.known_at)) {
            i++;
            continue;
        }
        w->out[i] = w->out[--w->out_count];
        struct sample sample = {.verdict = out.lost ? SAMPLE_LOST : SAMPLE_OK,
                                .sent_at = out.sent_at,
                                .known_at = out.known_at};
        if (rove_told(rove, &out.send, &sample, verdict) && verdict->state == ROVE_DEAD)
            return true;
    }
    return false;
}

static struct rove *new_rove(uint64_t seed)
{
    return rove_new(
        &(struct rove_settings){
            .family = seed % 2 ? FAMILY_IPV6 : FAMILY_IPV4,
            .target_count = 4,
            .slot_count = 16 + ROVE_DEAD_MAX,
            .port_first = 10000,
            .port_count = 22000,
            .interval_ns = NS_PER_S / RATE_PPS,
            .loss_normal = LOSS,
            .share_asked = 0.001,
            .nats_asked = 16,
            .persist_ns = 500 * NS_PER_MS,
        },
        seed);
}

// Tuples called dead within so many fresh ones; with `first` until the first.
static uint32_t run(struct world *w, uint32_t fresh_max, bool first)
{
    struct rove *rove = new_rove(w->seed);
    struct mono now = {NS_PER_S};
    struct rove_verdict verdict;
    uint32_t wrong = 0;
    rove_start(rove, now);
    while (w->fresh < fresh_max) {
        send_due(w, rove, now);
        if (tell_known(w, rove, now, &verdict)) {
            wrong += !is_dead(w, verdict.tuple);
            if (first && is_dead(w, verdict.tuple))
                break;
        }
        now = mono_add_ms(now, 5);
    }
    rove_free(rove);
    return wrong;
}

static void find(struct bench *b, double share)
{
    double fresh = 0;
    uint32_t seeds = share < 0.005 ? b->seeds / 10 : b->seeds, wrong = 0;
    for (uint32_t seed = 0; seed < seeds; seed++) {
        struct world w = {.seed = seed,
                          .dead_share = share,
                          .random = bench_random(seed, (uint64_t)(share * 1e6))};
        wrong += run(&w, UINT32_MAX, true);
        fresh += w.fresh;
    }
    fresh /= seeds;
    printf("%6.2f %%  %8.1f  %8.1f  %6.3f  %7.1f  %5u of %u\n", share * 100, 1 / share, fresh,
           fresh * share, fresh / RATE_PPS, wrong, seeds);
    if (share <= 0.01)
        bench_at_most(b, fresh * share, 1.2,
                      "%g %% of 5-tuples dead: fresh ones, times the floor 1/f", share * 100);
}

// Hours of bursts that lose a thousandth, in which everything is lost.
static void false_alarms(struct bench *b, double mean_ms)
{
    uint32_t wrong = 0, seeds = b->seeds / 100;
    for (uint32_t seed = 0; seed < seeds; seed++) {
        struct world w = {.seed = seed,
                          .burst_mean_ns = mean_ms * NS_PER_MS,
                          .burst_apart_ns = mean_ms * 1000 * NS_PER_MS,
                          .random = bench_random(seed, (uint64_t)mean_ms)};
        wrong += run(&w, 3600 * RATE_PPS, false);
    }
    printf("%5.0f ms  %8u  %8u\n", mean_ms, seeds, wrong);
    bench_at_most(b, wrong, 0, "good 5-tuples called dead, bursts of %g ms", mean_ms);
}

void bench_rove(struct bench *b)
{
    static const double shares[] = {0.05, 0.01, 0.005, 0.001}, means_ms[] = {15, 50, 200, 500};
    printf("\nroving 5-tuples, %d a second: until a dead one is called so, mean\n"
           "%8s  %8s  %8s  %6s  %7s  %s\n",
           RATE_PPS, "dead", "floor", "fresh", "ratio", "s", "wrong");
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++)
        find(b, shares[i]);
    printf("\nno dead ones, 0.1 %% lost and as much in bursts\n%8s  %8s  %8s\n", "bursts", "hours",
           "wrong");
    for (size_t i = 0; i < sizeof means_ms / sizeof means_ms[0]; i++)
        false_alarms(b, means_ms[i]);
}
