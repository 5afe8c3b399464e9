// SPDX-License-Identifier: ISC
#include "stat/burst.h"

#include <float.h>
#include <math.h>

// What the test for runs bets on after a start: that one of so many losses is all the same
// answered, an answer then costs ln(0.005) = -5.3 nats; with a small part of the stake, that none
// is. Where much is pooled, thousands of losses are few moments: they cost the first bet all it
// has, and the second nearly nothing.
#define RUN_PASSES 0.005
#define RUN_PASSES_NONE 1e-5
#define STAKE_NONE 0.1

enum {
    GAP_INTERVALS_MAX = 4,          // between probes; a start is told from an answer that recent
    KINDS = 2,                      // of evidence, that share the asked false alarms
    LOSSES_MAX = 10 * 1000 * 1000,  // that are counted: far above any threshold
};

bool burst_rule_init(struct burst_rule *rule, const struct burst_ask *ask, struct cusum_book *book)
{
    if (ask->mean_ns <= 0 || ask->apart_ns <= 0 || ask->interval_min_ns <= 0 ||
        ask->interval_ns < ask->interval_min_ns || !(ask->false_alarm_s > 0))
        return false;
    double probes = KINDS * ask->false_alarm_s * 1e9 / (double)ask->interval_min_ns;
    double normal = ask->loss_normal_ppm / 1e6;
    double start = normal + (double)ask->interval_ns / (double)ask->apart_ns;
    *rule = (struct burst_rule){
        .loss_normal = normal,
        .mean_ns = (double)ask->mean_ns,
        .begin_per_ns = 1 / (double)ask->apart_ns,
        .run_threshold = log(probes),  // Lorden (1971): e^threshold probes at least
        .gap_max_ns = GAP_INTERVALS_MAX * ask->interval_ns,
    };
    // A start needs an answer before it, so there are at most as many chances as probes.
    // Heavy loss is what haste is worth most for: its members get most of the false alarms, which
    // costs the slow ones a few per cent and saves a tenth at 38 %.
    struct cusum_ask starts = {
        .loss_normal_ppm = (uint32_t)ceil(start * 1e6),
        .probes = probes,
        .share = {3, 4, 6, 12, 50, 25},
    };
    return probes > 1 && cusum_book_rule(book, &rule->starts, &starts);
}

void burst_init(struct burst *burst)
{
    *burst = (struct burst){.normal = 1};
}

// What the bets promised of the losses since the last answer, which are followed by an answer or
// not.
static double bet_nats(const struct burst *b, bool answered)
{
    double some = exp(b->losses * log1p(-RUN_PASSES)) * (answered ? RUN_PASSES : 1);
    double none = exp(b->losses * log1p(-RUN_PASSES_NONE)) * (answered ? RUN_PASSES_NONE : 1);
    return log((1 - STAKE_NONE) * some + STAKE_NONE * none);
}

static double run_nats(const struct burst *b)
{
    if (b->inside == 0)  // the last was an answer
        return b->run_score;
    return b->run_score + bet_nats(b, false) - log(b->normal + b->inside);
}

// The largest probability that any harmless model (any rate, mean and normal loss up to those of
// the rule) gives to the losses since the last answer: summed over what may have happened, with
// "the burst ended" and "no burst began" priced at 1, since a model may make either certain.
static void run_lost(struct burst *b, const struct burst_rule *rule, double gap_ns)
{
    double begin = -expm1(-gap_ns * rule->begin_per_ns), last = exp(-gap_ns / rule->mean_ns);
    double inside = b->normal * begin + b->inside * last;
    b->normal = fmax(DBL_MIN, (b->normal + b->inside) * rule->loss_normal);
    b->inside = fmax(DBL_MIN, inside);
    b->losses += b->losses < LOSSES_MAX;
}

// An answer says that now there is no burst: everything before it is settled.
static void run_answered(struct burst *b, const struct burst_rule *rule)
{
    if (b->losses == 0 && b->run_score == 0) {
        b->normal = 1;  // an answer after an answer only costs, and there is nothing left to lose
        b->inside = 0;
        return;
    }
    double cost = bet_nats(b, true) - bet_nats(b, false);
    b->run_score = fmax(0, fmin(run_nats(b), rule->run_threshold) + cost);
    b->normal = 1;
    b->inside = 0;
    b->losses = 0;
}

bool burst_add(struct burst *b, const struct burst_rule *rule, bool lost, int64_t sent_ns)
{
    bool may_start = b->any && !b->last_lost && sent_ns - b->last_ns <= rule->gap_max_ns;
    return burst_add_part(b, rule, &(struct burst_result){lost, may_start, true, sent_ns});
}

bool burst_add_part(struct burst *b, const struct burst_rule *rule,
                    const struct burst_result *result)
{
    const int64_t sent_ns = result->sent_ns;
    const bool lost = result->lost;
    if (!lost && b->losses == 0 && b->run_score == 0 && cusum_is_at_rest(&b->starts)) {
        b->normal = 1;  // nearly always: an answer after answers
        b->inside = 0;
        b->last_ns = sent_ns;
        b->last_lost = false;
        b->any = true;
        return false;
    }
    int64_t gap_ns = b->any ? sent_ns - b->last_ns : 0;
    uint32_t starts = 0;
    if (result->may_start)
        starts = cusum_add(&b->starts, &rule->starts, lost);
    bool settles = lost || result->may_end || b->losses == 0;
    if (lost)
        run_lost(b, rule, (double)gap_ns);
    else if (settles)
        run_answered(b, rule);
    b->last_ns = settles ? sent_ns : b->last_ns;
    b->last_lost = lost;
    b->any = true;
    return starts != 0 || run_nats(b) >= rule->run_threshold;
}

struct burst_evidence burst_evidence(const struct burst *b, const struct burst_rule *rule)
{
    double nats = fmin(run_nats(b), 2 * rule->run_threshold), threshold = rule->run_threshold;
    for (uint32_t k = 0; k < CUSUM_MEMBERS; k++) {
        double have = b->starts.score[k] * rule->starts.step_nats[k];
        double need = rule->starts.threshold[k] * rule->starts.step_nats[k];
        if (have / need > nats / threshold) {
            nats = have;
            threshold = need;
        }
    }
    return (struct burst_evidence){
        .millinats = (uint32_t)lround(nats * 1000),
        .threshold_millinats = (uint32_t)lround(threshold * 1000),
    };
}
