// SPDX-License-Identifier: ISC
// For tests: a site with two upstreams and three targets as in doc/fairlead.example.yaml, and a
// prober in virtual time that feeds one path's detector: regular probes to each target, answers
// after a millisecond, losses known after the time-out, faster after a loss.
#pragma once

#include "base/random.h"
#include "detect/path.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum {
    TESTBED_TARGETS = 3,
    TESTBED_PENDING_MAX = 1024,
    TESTBED_SIGNALS_MAX = 4096,
};

static const struct net_target testbed_targets[TESTBED_TARGETS] = {
    {.name = "far-1", .flows = 4, .rate_mpps = 40000},
    {.name = "far-2", .flows = 4, .rate_mpps = 40000},
    {.name = "far-3", .flows = 1, .rate_mpps = 5000},
};

static inline void testbed_net(struct net *net)
{
    *net = (struct net){.upstream_count = 2, .target_count = TESTBED_TARGETS};
    net->probe.path_rate_max_pps = 100;
    net->probe.timeout_max_ns = NS_PER_S;
    net->detect = (struct net_detect){
        .loss_normal_ppm = 1000,
        .false_suspicions_mpd = 12000,
        .false_acts_mpy = 100,
        .burst_mean_ns = 50 * NS_PER_MS,
        .burst_interval_s = 60,
    };
    memcpy(net->targets, testbed_targets, sizeof testbed_targets);
    for (uint32_t f = FAMILY_IPV4; f <= FAMILY_IPV6; f++) {
        for (uint32_t u = 0; u < net->upstream_count; u++)
            net->upstreams[u].next_hop[f].family = (enum family)f;
        for (uint32_t t = 0; t < net->target_count; t++)
            net->targets[t].address[f].family = (enum family)f;
    }
}

// What happens to a probe of `target` sent at `at_ns`: lost or not.
struct testbed_world {
    bool (*is_lost)(struct testbed_world *world, uint32_t target, int64_t at_ns);
    struct random random;
    double normal, loss;  // before and from `fault_at_ns`
    int64_t fault_at_ns;
    uint32_t fault_targets;            // set of targets it hits
    int64_t burst_ns, burst_apart_ns;  // total loss; fixed length when `burst_fixed`
    bool burst_fixed;
    int64_t burst_from_ns, burst_until_ns;
};

struct testbed {
    struct detect_path detect;
    struct testbed_world world;
    int64_t now_ns, timeout_ns, tick_ns;
    int64_t target_due_ns[TESTBED_TARGETS];
    uint32_t target_flow[TESTBED_TARGETS];
    uint32_t pending_from, pending_until;  // of a ring, in order of sending
    struct sample pending[TESTBED_PENDING_MAX];
    uint32_t signal_count;
    struct signal signals[TESTBED_SIGNALS_MAX];
};

static inline bool testbed_chance(struct testbed_world *w, double probability)
{
    return random_unit(&w->random) < probability;
}

static inline int64_t testbed_exponential(struct testbed_world *w, int64_t mean_ns)
{
    return (int64_t)(-(double)mean_ns * log1p(-random_unit(&w->random)));
}

static inline bool testbed_in_burst(struct testbed_world *w, int64_t at_ns)
{
    while (w->burst_apart_ns > 0 && at_ns > w->burst_until_ns) {
        w->burst_from_ns = w->burst_until_ns + testbed_exponential(w, w->burst_apart_ns);
        int64_t length = w->burst_fixed ? w->burst_ns : testbed_exponential(w, w->burst_ns);
        w->burst_until_ns = w->burst_from_ns + length;
    }
    return w->burst_apart_ns > 0 && at_ns >= w->burst_from_ns;
}

static inline bool testbed_usual(struct testbed_world *w, uint32_t target, int64_t at_ns)
{
    bool faulty = at_ns >= w->fault_at_ns && w->fault_targets >> target & 1;
    bool burst = testbed_in_burst(w, at_ns);
    return testbed_chance(w, faulty ? w->loss : w->normal) || burst;
}

static inline void testbed_init(struct testbed *bed, const struct net *net, uint64_t seed)
{
    static struct cusum_book book;  // solved once
    memset(bed, 0, sizeof *bed);
    uint32_t path = seed % 2;  // transit-a, IPv4 or IPv6
    bool solved = detect_path_init(&bed->detect, net, path, &book);
    assert(solved);
    (void)solved;
    bed->timeout_ns = 50 * NS_PER_MS;
    bed->now_ns = 1000 * (int64_t)NS_PER_S;
    bed->world = (struct testbed_world){.is_lost = testbed_usual,
                                        .random = {seed},
                                        .normal = 0.001,
                                        .fault_at_ns = INT64_MAX,
                                        .fault_targets = ~0u,
                                        .burst_until_ns = bed->now_ns};
    for (uint32_t t = 0; t < TESTBED_TARGETS; t++)  // not in step with each other
        bed->target_due_ns[t] =
            bed->now_ns + (int64_t)(random_unit(&bed->world.random) * 25 * NS_PER_MS);
}

static inline void testbed_hear(struct testbed *bed, const struct sample *sample)
{
    struct signal *out = &bed->signals[bed->signal_count % TESTBED_SIGNALS_MAX];
    bed->signal_count += detect_path_sample(&bed->detect, sample, out);
}

static inline void testbed_time_out(struct testbed *bed, int64_t now_ns)
{
    while (bed->pending_from != bed->pending_until) {
        struct sample *sample = &bed->pending[bed->pending_from % TESTBED_PENDING_MAX];
        if (sample->known_at.ns > now_ns)
            return;
        bed->pending_from++;
        testbed_hear(bed, sample);
    }
}

static inline void testbed_send(struct testbed *bed, uint32_t target, int64_t at_ns)
{
    struct sample sample = {
        .path = bed->detect.path,
        .target = target,
        .flow = bed->target_flow[target]++ % testbed_targets[target].flows,
        .sent_at = {at_ns},
    };
    testbed_time_out(bed, at_ns);
    if (bed->world.is_lost(&bed->world, target, at_ns)) {
        sample.verdict = SAMPLE_LOST;
        sample.known_at = mono_add_ns(sample.sent_at, bed->timeout_ns);
        bed->pending[bed->pending_until++ % TESTBED_PENDING_MAX] = sample;
        return;
    }
    sample.verdict = SAMPLE_OK;
    sample.rtt_ns = NS_PER_MS;
    sample.known_at = mono_add_ns(sample.sent_at, sample.rtt_ns);
    testbed_hear(bed, &sample);
}

static inline void testbed_tick(struct testbed *bed)
{
    if (bed->now_ns < bed->tick_ns)
        return;
    bed->tick_ns = bed->now_ns + 100 * NS_PER_MS;
    struct signal *out = &bed->signals[bed->signal_count % TESTBED_SIGNALS_MAX];
    bed->signal_count += detect_path_tick(&bed->detect, (struct mono){bed->now_ns}, out);
}

// Sends what is due until then; with a recent loss at the path's highest rate.
static inline void testbed_run(struct testbed *bed, int64_t until_ns, bool stop_at_signal,
                               enum signal_kind kind)
{
    uint32_t before = bed->signal_count;
    while (bed->now_ns < until_ns) {
        uint32_t target = 0;
        for (uint32_t t = 1; t < TESTBED_TARGETS; t++)
            if (bed->target_due_ns[t] < bed->target_due_ns[target])
                target = t;
        int64_t at_ns = bed->target_due_ns[target];
        int64_t interval_ns = 1000 * (int64_t)NS_PER_S / testbed_targets[target].rate_mpps;
        if (detect_path_quickens(&bed->detect))
            interval_ns = interval_ns * 85 / 100;
        bed->target_due_ns[target] += interval_ns;
        bed->now_ns = at_ns;
        testbed_send(bed, target, at_ns);
        testbed_tick(bed);
        for (; before < bed->signal_count; before++)
            if (stop_at_signal && bed->signals[before % TESTBED_SIGNALS_MAX].kind == kind)
                return;
    }
}
