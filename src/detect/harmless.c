// SPDX-License-Identifier: ISC
#include "detect/harmless.h"

#include "base/amount.h"

#include <math.h>

#define FADE_AFTER_NS (3.5 * 86400e9)  // by half: a memory of a week

enum { RUN_BURST = 3 };  // losses in a row that are more than chance

static const uint32_t loss_steps_ppm[] = {500, 1000, 2000, 5000, 10000, 20000};
static const double normal_99 = 2.326;  // quantile of the normal distribution

struct harmless harmless_configured(const struct net *net)
{
    return (struct harmless){
        .loss_ppm = net->detect.loss_normal_ppm,
        .burst_mean_ns = net->detect.burst_mean_ns,
        .burst_apart_ns = net->detect.burst_interval_s * NS_PER_S,
    };
}

bool harmless_is_equal(const struct harmless *a, const struct harmless *b)
{
    return a->loss_ppm == b->loss_ppm && a->burst_mean_ns == b->burst_mean_ns &&
           a->burst_apart_ns == b->burst_apart_ns;
}

// ---- learning

// The run is over: the answer at `now_ns` ends it at the latest.
static void settle_run(struct harmless_learner *l, int64_t now_ns)
{
    struct harmless_sums *p = &l->pending;
    if (l->run >= RUN_BURST) {
        p->bursts++;
        p->burst_ns += (double)(now_ns - l->third_ns);
        p->third_ns += (double)(l->third_ns - l->run_ns);
    } else {
        p->lost += l->run;
    }
    l->run = 0;
}

void harmless_add(struct harmless_learner *l, bool lost, int64_t sent_ns)
{
    if (l->any)
        l->pending.time_ns += (double)(sent_ns - l->last_ns);
    l->pending.probes++;
    l->any = true;
    if (!lost && l->run > 0)
        settle_run(l, sent_ns);
    l->run += lost;
    if (lost && l->run == 1)
        l->run_ns = l->last_ns ? l->last_ns : sent_ns;
    if (lost && l->run == RUN_BURST)
        l->third_ns = sent_ns;
    l->last_ns = sent_ns;
}

void harmless_disturb(struct harmless_learner *l)
{
    l->disturbed = true;
}

void harmless_drop(struct harmless_learner *l)
{
    l->pending = (struct harmless_sums){0};
    l->any = false;
    l->run = 0;
}

static void fade(struct harmless_sums *s)
{
    s->probes /= 2;
    s->lost /= 2;
    s->time_ns /= 2;
    s->bursts /= 2;
    s->burst_ns /= 2;
    s->third_ns /= 2;
}

void harmless_take(struct harmless_learner *l)
{
    const struct harmless_sums *p = &l->pending;
    struct harmless_sums *k = &l->known;
    if (!l->disturbed) {
        k->probes += p->probes;
        k->lost += p->lost;
    }
    k->time_ns += p->time_ns;
    k->bursts += p->bursts;
    k->burst_ns += p->burst_ns;
    k->third_ns += p->third_ns;
    if (k->time_ns >= 2 * FADE_AFTER_NS)
        fade(k);
    l->pending = (struct harmless_sums){0};
    l->disturbed = false;
}

// ---- what is known

// What the mean of a Poisson count may be at most, and at least (Wilson and Hilferty (1931)).
static double count_high(double count)
{
    double n = count + 1;
    return n * pow(1 - 1 / (9 * n) + normal_99 / (3 * sqrt(n)), 3);
}

static double count_low(double count)
{
    return count * pow(1 - 1 / (9 * count) - normal_99 / (3 * sqrt(count)), 3);
}

// In steps of a tenth, so that little news changes nothing.
static double step_up(double value)
{
    return exp(ceil(log(value) / log(1.1)) * log(1.1));
}

static uint32_t loss_learned(const struct harmless_sums *k, uint32_t otherwise)
{
    if (k->probes < HARMLESS_PROBES_MIN)
        return otherwise;
    enum { STEPS = sizeof loss_steps_ppm / sizeof loss_steps_ppm[0] };
    double ppm = count_high(k->lost) / k->probes * 1e6;
    for (uint32_t i = 0; i < STEPS; i++)
        if (ppm <= loss_steps_ppm[i])
            return loss_steps_ppm[i];
    return loss_steps_ppm[STEPS - 1];
}

// Of bursts that were seen to lose a third probe it is known how long they last from there; as many
// again, and more, ended before it.
static void bursts_learned(const struct harmless_sums *k, struct harmless *now)
{
    if (k->bursts < HARMLESS_BURSTS_MIN)
        return;
    double mean_ns = step_up(k->burst_ns / count_low(k->bursts));
    double until_third_ns = k->third_ns / k->bursts;
    double begin_per_ns = count_high(k->bursts) * exp(until_third_ns / mean_ns) / k->time_ns;
    now->burst_mean_ns = (int64_t)mean_ns;
    now->burst_apart_ns = (int64_t)(1 / step_up(begin_per_ns));
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

// Bursts of mean b that begin at a rate r outlast b ln(r * act_s) once in act_s.
static int64_t mean_ns_min(int64_t apart_ns, double act_s)
{
    double nats = log(act_s * 1e9 / (double)apart_ns);
    return nats > 0 ? (int64_t)(HARMLESS_LASTS_MS_MIN * NS_PER_MS / nats) : 1;
}

struct harmless harmless_now(const struct harmless_learner *l, const struct net *net, double act_s)
{
    struct harmless configured = harmless_configured(net), now = configured;
    if (net->detect.learn == NET_LEARN_NEVER)
        return now;
    now.loss_ppm = loss_learned(&l->known, configured.loss_ppm);
    bursts_learned(&l->known, &now);
    now.burst_mean_ns = least(now.burst_mean_ns, HARMLESS_FACTOR_MAX * configured.burst_mean_ns);
    now.burst_apart_ns =
        amount_higher(now.burst_apart_ns, configured.burst_apart_ns / HARMLESS_FACTOR_MAX);
    now.burst_mean_ns = amount_higher(now.burst_mean_ns, mean_ns_min(now.burst_apart_ns, act_s));
    if (net->detect.learn == NET_LEARN_FREELY)
        return now;
    now.loss_ppm = now.loss_ppm > configured.loss_ppm ? now.loss_ppm : configured.loss_ppm;
    now.burst_mean_ns = amount_higher(now.burst_mean_ns, configured.burst_mean_ns);
    now.burst_apart_ns = least(now.burst_apart_ns, configured.burst_apart_ns);
    return now;
}
