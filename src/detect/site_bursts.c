// SPDX-License-Identifier: ISC
#include "detect/site_parts.h"

#include "detect/budget.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum {
    BIN_NS = 250 * NS_PER_MS,
    BURSTS_MAX = 4,    // mean lengths
    INTERVALS = 19,    // halvings of a second that rates are told apart by
    BEFORE_MS = 1000,  // what was answered before says that no burst was on
};

// Rules are solved for rates that are powers of two apart: the rate only bounds how many chances
// for a false alarm there are, and that within a logarithm.
static int64_t usual_interval_ns(int64_t interval_ns)
{
    uint32_t n = 0;
    while (n < INTERVALS && (NS_PER_S >> n) > interval_ns)
        n++;
    return NS_PER_S >> n;
}

static const struct site_rule *make_rule(struct site *s, const struct harmless *harmless,
                                         int64_t interval_ns)
{
    struct burst_ask ask = {
        .loss_normal_ppm = harmless->loss_ppm,
        .mean_ns = harmless->burst_mean_ns,
        .apart_ns = harmless->burst_apart_ns,
        .interval_ns = interval_ns,
        .interval_min_ns = interval_ns,
        .false_alarm_s = budget_act_s(s->net, components_count(s->components) + 1),
    };
    struct site_rule *rule = &s->rules[s->rules_made++ % SITE_RULES];
    *rule = (struct site_rule){.is_made = true, .interval_ns = interval_ns, .harmless = *harmless};
    rule->is_good = burst_rule_init(&rule->burst, &ask, s->book);
    return rule;
}

static const struct burst_rule *rule_for(struct site *s, const struct harmless *harmless,
                                         int64_t interval_ns)
{
    int64_t usual_ns = usual_interval_ns(interval_ns);
    const struct site_rule *rule = NULL;
    for (uint32_t i = 0; i < SITE_RULES && !rule; i++)
        if (s->rules[i].is_made && s->rules[i].interval_ns == usual_ns &&
            harmless_is_equal(&s->rules[i].harmless, harmless))
            rule = &s->rules[i];
    if (!rule)
        rule = make_rule(s, harmless, usual_ns);
    return rule->is_good ? &rule->burst : NULL;
}

static bool counts_for(const struct site *s, const struct site_finding *finding,
                       const struct site_entry *entry)
{
    if (entry->sent_ns < s->from_ns[entry->flow])
        return false;
    if (finding->symptom == FAULT_TUPLES && !site_looks_dead(s, entry->flow))
        return false;
    return site_passes(s, entry->flow, finding->component);
}

static int compare_sent(const void *a, const void *b)
{
    const struct site_sent *x = a, *y = b;
    return x->sent_ns < y->sent_ns ? -1 : x->sent_ns > y->sent_ns;
}

enum { LAST_LOST = UINT16_MAX };  // instead of the place of its last answer
static_assert((int)SITE_SENT_MAX < (int)LAST_LOST, "site_flow.answered holds a place in it");

// The part's samples, the latest of them, in the order in which they were sent.
static uint32_t collect_sent(struct site *s, const struct site_finding *finding, int64_t from_ns)
{
    uint32_t count = 0;
    for (uint64_t i = s->next; i-- > site_oldest(s) && count < SITE_SENT_MAX;) {
        const struct site_entry *entry = site_entry(s, i);
        if (site_is_before(entry, from_ns))
            break;
        if (entry->sent_ns >= from_ns - BEFORE_MS * (int64_t)NS_PER_MS &&
            counts_for(s, finding, entry)) {
            s->sent[count++] = (struct site_sent){entry->sent_ns, entry->flow, entry->lost};
            s->banks[entry->flow].answered = 0;
        }
    }
    qsort(s->sent, count, sizeof s->sent[0], compare_sent);
    return count;
}

// A burst takes everything of the flows that it hits, and may hit some of the part's and not the
// rest. So a loss only begins another one when its flow was answered after the last had begun, or
// so much later that one in e^4 bursts still lasts.
static bool may_start(const struct site *s, const struct site_sent *sent, int64_t started_ns,
                      int64_t burst_mean_ns)
{
    uint32_t answered = s->banks[sent->flow].answered;
    if (answered == LAST_LOST || answered == 0 || started_ns == INT64_MIN)
        return answered != LAST_LOST && answered != 0;
    return s->sent[answered - 1].sent_ns > started_ns ||
           sent->sent_ns - started_ns > BURSTS_MAX * burst_mean_ns;
}

// Nor does an answer end one, but of a flow that it has hit.
static bool may_end(const struct site *s, const struct site_sent *sent)
{
    return s->banks[sent->flow].answered == LAST_LOST;
}

// Whether losses come as steadily as their share says: of what bursts take, however often they
// come, most of the time nothing is lost.
static bool is_steady(const struct site *s, const struct site_finding *finding, uint32_t count)
{
    double expected = 0,
           passes = 1 - (finding->symptom == FAULT_TUPLES ? SITE_WHOLLY : finding->loss);
    uint32_t lossy = 0, first = 0;
    while (first < count && s->sent[first].sent_ns < finding->began_ns)
        first++;
    while (first < count) {
        int64_t bin = s->sent[first].sent_ns / BIN_NS;
        uint32_t end = first, lost = 0;
        for (; end < count && s->sent[end].sent_ns / BIN_NS == bin; end++)
            lost += s->sent[end].lost;
        expected += 1 - pow(passes, end - first);
        lossy += lost > 0;
        first = end;
    }
    return 2 * (lossy + 1) >= expected;
}

void site_hold_against_bursts(struct site *s, struct site_finding *finding, int64_t from_ns)
{
    uint32_t count = collect_sent(s, finding, from_ns);
    finding->began_ns = finding->last_lost_ns =
        finding->tried_dead > 0 ? finding->tried_began_ns : from_ns;
    // Roving held each of its tuples against a control, for longer than bursts last.
    finding->outlasts = finding->nears = finding->symptom == FAULT_TUPLES && count == 0;
    if (count < 2)
        return;
    int64_t span_ns = s->sent[count - 1].sent_ns - s->sent[0].sent_ns, started_ns = INT64_MIN;
    const struct harmless harmless = site_harmless_of(s, finding->component);
    const struct burst_rule *rule = rule_for(s, &harmless, span_ns / (count - 1) + 1);
    struct burst burst;
    bool any = false;
    burst_init(&burst);
    burst.inside = 1;  // nobody knows what was before
    for (uint32_t i = 0; rule && i < count; i++) {
        const struct site_sent *sent = &s->sent[i];
        struct burst_result result = {sent->lost,
                                      may_start(s, sent, started_ns, harmless.burst_mean_ns),
                                      may_end(s, sent), sent->sent_ns};
        finding->outlasts |= burst_add_part(&burst, rule, &result);
        if (sent->lost && result.may_start)
            started_ns = sent->sent_ns;
        s->banks[sent->flow].answered = (uint16_t)(sent->lost ? LAST_LOST : i + 1);
        if (!sent->lost || sent->sent_ns < from_ns)
            continue;
        if (!any && (finding->tried_dead == 0 || sent->sent_ns < finding->began_ns))
            finding->began_ns = sent->sent_ns;
        finding->last_lost_ns = sent->sent_ns;
        any = true;
    }
    struct burst_evidence evidence = {0, 1};
    if (rule)
        evidence = burst_evidence(&burst, rule);
    bool steady = is_steady(s, finding, count);
    finding->outlasts &= steady;
    finding->nears =
        finding->outlasts || (steady && 2 * evidence.millinats >= evidence.threshold_millinats);
}
