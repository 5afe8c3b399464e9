// SPDX-License-Identifier: ISC
#include "detect/delay.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum {
    PPM = 1000 * 1000,
    APART_NS = 100 * NS_PER_MS,   // between samples of one flow,
    AHEAD_TICKS_MAX = 1 << 16,    // 69 s
    MARGIN_NS_MIN = NS_PER_MS,    // over the quantile: less is nobody's trouble,
    MARGIN_DEVIATIONS = 2,        // nor is what varies as much anyway
    STEP_DEVIATION_PART = 50,     // of learning; a step is at least
    FIRST_SAMPLES = 16,           // for each part less at first,
    STEP_NS_MIN = 1000,           // this, finer than what timestamps tell
    SECOND_SAMPLES_MIN = 8,       // of a "second" whose least is a floor
    FLOOR_FADE = 16,              // seconds, likewise
    LASTS_NS_MIN = NS_PER_S / 2,  // a shift, before it is told: as for bursts of loss
    OTHERWISE_MIN = 40,           // samples, before what was said is corrected
    FEW_PPM = 75 * 1000,          // exceed when it is over: what the lower level allows for,
    MANY_PPM_MIN = 2 * FEW_PPM,   // against this, or two thirds of what exceeded
};

static const int64_t known_ns_min = NS_PER_S;       // what is usual, before it tells of others
static const int64_t over_ns_min = 2ll * NS_PER_S;  // few exceed for so long
// A way that stays longer is the usual way; a queue that stays is trouble for much longer.
static const int64_t usual_ns[DELAY_KINDS] = {600ll * NS_PER_S, 21600ll * NS_PER_S};

static const uint32_t level_ppm[DELAY_LEVELS] = {950000, 990000};

bool delay_rule_init(struct delay_rule *rule, const struct delay_ask *ask, struct cusum_book *book)
{
    double probes = DELAY_LEVELS * ask->false_alarm_s * 1e9 / (double)ask->interval_ns;
    for (uint32_t level = 0; level < DELAY_LEVELS; level++) {
        // What is learned may be wrong, so half as many more may exceed as should.
        struct cusum_ask bank = {.loss_normal_ppm = (PPM - level_ppm[level]) * 3 / 2,
                                 .probes = probes};
        if (!(probes > 1) || !cusum_book_rule(book, &rule->exceed[level], &bank))
            return false;
    }
    return true;
}

void delay_init(struct delay *d, uint32_t path, uint32_t target)
{
    *d = (struct delay){.path = path, .target = target};
}

// ---- what is usual

static const struct delay_recent *recent_at(const struct delay *d, uint64_t i)
{
    return &d->recent[i % DELAY_RECENT];
}

static void sort(int64_t *values, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++)  // by insertion: 64 at most
        for (uint32_t k = i; k > 0 && values[k] < values[k - 1]; k--) {
            int64_t swapped = values[k];
            values[k] = values[k - 1];
            values[k - 1] = swapped;
        }
}

static int64_t quantile_of(const int64_t *sorted, uint32_t count, uint32_t ppm)
{
    uint32_t i = (uint32_t)((uint64_t)count * ppm / PPM);
    return sorted[i < count ? i : count - 1];
}

// From the samples of the ring, all of them.
static void usual_init(struct delay *d)
{
    struct delay_usual *u = &d->usual;
    int64_t sorted[DELAY_RECENT], distances[DELAY_RECENT];
    for (uint32_t i = 0; i < DELAY_RECENT; i++)
        sorted[i] = d->recent[i].rtt_ns;
    sort(sorted, DELAY_RECENT);
    *u = (struct delay_usual){
        .median_ns = quantile_of(sorted, DELAY_RECENT, PPM / 2),
        .high_ns = quantile_of(sorted, DELAY_RECENT, 900000),
        .floor_ns = sorted[0],
        .least_ns = INT64_MAX,
        .since_ns = recent_at(d, d->count - 1)->sent_ns,
    };
    for (uint32_t level = 0; level < DELAY_LEVELS; level++)
        u->quantile_ns[level] = quantile_of(sorted, DELAY_RECENT, level_ppm[level]);
    for (uint32_t i = 0; i < DELAY_RECENT; i++)
        distances[i] = llabs(sorted[i] - u->median_ns);
    sort(distances, DELAY_RECENT);
    u->deviation_ns = quantile_of(distances, DELAY_RECENT, PPM / 2);
}

// Stochastic approximation (Robbins and Monro (1951)): where the steps up and down balance, that
// share of values lies below.
static void approach(int64_t *quantile, int64_t value, int64_t step_ns, uint32_t ppm)
{
    *quantile += value > *quantile ? step_ns * ppm / PPM : -(step_ns * (PPM - ppm) / PPM);
}

// The first steps are long: what 64 samples say of a 99 % quantile is little.
static int64_t step_ns_of(const struct delay_usual *u, uint64_t count)
{
    int64_t step_ns = u->deviation_ns / STEP_DEVIATION_PART;
    if (count < STEP_DEVIATION_PART * FIRST_SAMPLES)
        step_ns = u->deviation_ns / (1 + (int64_t)count / FIRST_SAMPLES);
    return step_ns > STEP_NS_MIN ? step_ns : STEP_NS_MIN;
}

static void learn(struct delay_usual *u, const struct delay_recent *sample, uint64_t count)
{
    int64_t step_ns = step_ns_of(u, count);
    for (uint32_t level = 0; level < DELAY_LEVELS; level++)
        approach(&u->quantile_ns[level], sample->rtt_ns, step_ns, level_ppm[level]);
    approach(&u->high_ns, sample->rtt_ns, step_ns, 900000);
    approach(&u->deviation_ns, llabs(sample->rtt_ns - u->median_ns), step_ns, PPM / 2);
    approach(&u->median_ns, sample->rtt_ns, step_ns, PPM / 2);
    if (u->deviation_ns < 0)
        u->deviation_ns = 0;
}

static void learn_floor(struct delay_usual *u, const struct delay_recent *sample)
{
    if (u->least_ns > sample->rtt_ns)
        u->least_ns = sample->rtt_ns;
    u->second_count++;
    if (u->second_count < SECOND_SAMPLES_MIN || sample->sent_ns - u->second_ns < NS_PER_S)
        return;
    u->floor_ns += (u->least_ns - u->floor_ns) / FLOOR_FADE;
    u->second_ns = sample->sent_ns;
    u->second_count = 0;
    u->least_ns = INT64_MAX;
}

static int64_t margin_ns(const struct delay_usual *u)
{
    int64_t margin = MARGIN_DEVIATIONS * u->deviation_ns;
    return margin > MARGIN_NS_MIN ? margin : MARGIN_NS_MIN;
}

// ---- scoring

static uint32_t score(struct delay *d, const struct delay_rule *rule, uint32_t level, bool exceeds,
                      int64_t sent_ns)
{
    return cusum_add_dated(&d->bank[level], &d->trail[level], &rule->exceed[level], exceeds,
                           sent_ns);
}

// The beginning of a shift may not become usual.
static bool is_suspicious(const struct delay *d, const struct delay_rule *rule)
{
    for (uint32_t level = 0; level < DELAY_LEVELS; level++)
        for (uint32_t k = 0; k < CUSUM_MEMBERS; k++)
            if (d->bank[level].score[k] > rule->exceed[level].threshold[k] / 3)
                return true;
    return false;
}

static void forget_scores(struct delay *d)
{
    for (uint32_t level = 0; level < DELAY_LEVELS; level++)
        d->bank[level] = (struct cusum_bank){0};
}

// ---- what is said

// Of the latest samples since the shift began: those of the flows most of whose samples exceed, or,
// if there are none, of those that have any. A bucket that takes a longer way does not hide among
// the others.
struct view {
    uint32_t samples, exceeding, flows, flows_exceeding;
    int64_t floor_ns, high_ns;
};

static uint64_t first_since(const struct delay *d, int64_t since_ns)
{
    uint64_t i = d->count;
    while (i > 0 && d->count - i < DELAY_RECENT && recent_at(d, i - 1)->sent_ns >= since_ns)
        i--;
    return i;
}

// The set of those flows; counts all.
static uint64_t flows_concerned(const struct delay *d, uint64_t first, struct view *view)
{
    uint32_t all[NET_FLOWS_MAX] = {0}, exceed[NET_FLOWS_MAX] = {0};
    uint64_t most = 0, any = 0;
    *view = (struct view){.samples = (uint32_t)(d->count - first)};
    for (uint64_t i = first; i < d->count; i++) {
        all[recent_at(d, i)->flow]++;
        exceed[recent_at(d, i)->flow] += recent_at(d, i)->exceeds;
    }
    for (uint32_t flow = 0; flow < NET_FLOWS_MAX; flow++) {
        view->exceeding += exceed[flow];
        view->flows += all[flow] > 0;
        any |= (uint64_t)(exceed[flow] > 0) << flow;
        most |= (uint64_t)(exceed[flow] > 0 && 2 * exceed[flow] >= all[flow]) << flow;
    }
    view->flows_exceeding = (uint32_t)__builtin_popcountll(most ? most : any);
    return most ? most : any;
}

static struct view view_since(const struct delay *d, int64_t since_ns)
{
    struct view view;
    uint64_t first = first_since(d, since_ns), flows = flows_concerned(d, first, &view);
    int64_t sorted[DELAY_RECENT];
    uint32_t count = 0;
    for (uint64_t i = first; i < d->count; i++)
        if (flows >> recent_at(d, i)->flow & 1)
            sorted[count++] = recent_at(d, i)->rtt_ns;
    sort(sorted, count);
    view.floor_ns = count > 0 ? sorted[0] : d->usual.floor_ns;
    view.high_ns = count > 0 ? quantile_of(sorted, count, 900000) : d->usual.high_ns;
    return view;
}

// A longer way makes all times longer alike; a queue, some more than others.
static enum delay_kind kind_of(const struct delay *d, const struct view *view)
{
    int64_t floor = view->floor_ns - d->usual.floor_ns, high = view->high_ns - d->usual.high_ns;
    bool is_floor = floor >= margin_ns(&d->usual) / 2 && high - floor <= floor / 2;
    return is_floor ? DELAY_REROUTED : DELAY_QUEUED;
}

static bool say(const struct delay *d, const struct sample *sample, enum delay_word word,
                const struct view *view, struct delay_shift *out)
{
    bool floor = d->kind == DELAY_REROUTED;
    *out = (struct delay_shift){
        .word = word,
        .kind = d->kind,
        .path = d->path,
        .target = d->target,
        .at = sample->known_at,
        .began_at = {d->began_ns},
        .before_ns = floor ? d->usual.floor_ns : d->usual.high_ns,
        .after_ns = floor ? view->floor_ns : view->high_ns,
        .samples = view->samples,
        .exceeding = view->exceeding,
        .flows = view->flows,
        .flows_exceeding = view->flows_exceeding,
    };
    return true;
}

static uint32_t many_ppm(const struct view *view)
{
    uint64_t many = 2ull * PPM * view->exceeding / (3ull * (view->samples ? view->samples : 1));
    return many > MANY_PPM_MIN ? (uint32_t)many : MANY_PPM_MIN;
}

static void watch_back(struct delay *d, int64_t since_ns)
{
    sprt_restart(&d->back);
    d->back_since_ns = since_ns;
    d->back_since_nats = 0;
}

// A score stays high for a while after what raised it.
static bool goes_on_still(const struct delay *d, const struct view *view, int64_t now_ns)
{
    struct view lately = view_since(d, now_ns - LASTS_NS_MIN / 2);
    return 2ull * lately.exceeding * view->samples >= (uint64_t)view->exceeding * lately.samples;
}

// The member tuned to the most forgets soonest, so it dates the beginning best.
static bool begins(struct delay *d, const struct delay_rule *rule, const uint32_t *alarms,
                   const struct sample *sample, struct delay_shift *out)
{
    uint32_t level = alarms[DELAY_LEVELS - 1] ? DELAY_LEVELS - 1 : 0;
    if (!alarms[level])
        return false;
    uint32_t member = 31 - (uint32_t)__builtin_clz(alarms[level]);
    d->began_ns = d->trail[level].began_ns[member];
    if (sample->sent_at.ns - d->began_ns < LASTS_NS_MIN)
        return false;
    struct view view = view_since(d, d->began_ns);
    if (!goes_on_still(d, &view, sample->sent_at.ns))
        return false;
    d->shifted = true;
    d->kind = kind_of(d, &view);
    d->otherwise = 0;
    sprt_init(&d->back, FEW_PPM, many_ppm(&view));
    watch_back(d, sample->sent_at.ns);
    say(d, sample, DELAY_BEGAN, &view, out);
    const struct cusum_rule *exceed = &rule->exceed[level];
    out->millinats = out->asked_millinats =
        (uint32_t)lround(exceed->threshold[member] * exceed->step_nats[member] * 1000);
    return true;
}

static bool is_back(struct delay *d, const struct delay_recent *sample)
{
    enum sprt_answer answer = sprt_add(&d->back, !sample->exceeds, sample->exceeds);
    if (d->back.score > d->back_since_nats) {
        d->back_since_nats = d->back.score;
        d->back_since_ns = sample->sent_ns;
    }
    if (answer == SPRT_BAD)
        watch_back(d, sample->sent_ns);
    return answer == SPRT_GOOD && sample->sent_ns - d->back_since_ns >= over_ns_min;
}

static bool goes_on(struct delay *d, const struct delay_recent *recent, const struct sample *sample,
                    struct delay_shift *out)
{
    struct view view = view_since(d, d->began_ns);
    enum delay_word word = DELAY_WORDS;
    if (is_back(d, recent))
        word = DELAY_OVER;
    else if (recent->sent_ns - d->began_ns >= usual_ns[d->kind])
        word = DELAY_USUAL;
    d->otherwise = recent->exceeds && kind_of(d, &view) != d->kind ? d->otherwise + 1 : 0;
    if (word == DELAY_WORDS && d->otherwise < OTHERWISE_MIN)
        return false;
    if (word == DELAY_WORDS) {
        word = DELAY_OTHERWISE;
        d->kind = kind_of(d, &view);
        d->otherwise = 0;
        return say(d, sample, word, &view, out);
    }
    d->shifted = false;
    forget_scores(d);
    say(d, sample, word, &view, out);
    if (word == DELAY_USUAL)
        usual_init(d);
    return true;
}

// ---- samples

static uint32_t tick_of(int64_t ns)
{
    return (uint32_t)(ns >> DELAY_TICK_LOG2);
}

// Ticks come round in 52 days: what would be longer ahead than the longest time-out is long ago.
static bool is_apart(const struct delay *d, const struct sample *sample)
{
    uint32_t ahead = d->next[sample->flow] - tick_of(sample->sent_at.ns);
    return ahead == 0 || ahead > AHEAD_TICKS_MAX;
}

static bool is_taken(struct delay *d, const struct sample *sample)
{
    assert(sample->path == d->path && sample->target == d->target);
    assert(sample->flow < NET_FLOWS_MAX);
    if (sample->verdict != SAMPLE_OK || !is_apart(d, sample))
        return false;
    int64_t apart_ns = sample->rtt_ns > APART_NS ? sample->rtt_ns : APART_NS;
    // A little less, as the schedule's gaps jitter.
    d->next[sample->flow] = tick_of(sample->sent_at.ns + apart_ns * 4 / 5);
    return true;
}

static bool exceeds(const struct delay *d, uint32_t level, int64_t rtt_ns)
{
    return rtt_ns > d->usual.quantile_ns[level] + margin_ns(&d->usual);
}

// Later than usual, but by no more than our own host was: whose doing that is nobody knows.
static bool may_be_ours(const struct delay *d, const struct sample *sample, int64_t own_late_ns)
{
    return d->count >= DELAY_RECENT && exceeds(d, 0, sample->rtt_ns) &&
           !exceeds(d, 0, sample->rtt_ns - own_late_ns);
}

bool delay_add(struct delay *d, const struct delay_rule *rule, const struct sample *sample,
               int64_t own_late_ns, struct delay_shift *out)
{
    if (!is_taken(d, sample))
        return false;
    if (may_be_ours(d, sample, own_late_ns)) {
        d->back_since_ns = sample->sent_at.ns;  // nor does it say that less exceeds now
        return false;
    }
    struct delay_recent *recent = &d->recent[d->count++ % DELAY_RECENT];
    int64_t rtt_ns = sample->rtt_ns < UINT32_MAX ? sample->rtt_ns : UINT32_MAX;
    *recent =
        (struct delay_recent){sample->sent_at.ns, (uint32_t)rtt_ns, (uint16_t)sample->flow, false};
    if (d->count < DELAY_RECENT)
        return false;
    if (d->count == DELAY_RECENT) {
        usual_init(d);
        return false;
    }
    uint32_t alarms[DELAY_LEVELS];
    for (uint32_t level = 0; level < DELAY_LEVELS; level++) {
        bool is_later = exceeds(d, level, sample->rtt_ns);
        recent->exceeds |= is_later;
        d->exceeded_ns = is_later ? recent->sent_ns : d->exceeded_ns;
        alarms[level] = score(d, rule, level, is_later, recent->sent_ns);
    }
    if (d->shifted)
        return goes_on(d, recent, sample, out);
    if (is_suspicious(d, rule))
        return begins(d, rule, alarms, sample, out);
    learn(&d->usual, recent, d->count);
    learn_floor(&d->usual, recent);
    return false;
}

bool delay_count(const struct delay *d, int64_t since_ns, struct delay_tally *tally)
{
    struct view view;
    // What was learned as something began may hold some of it.
    if (d->count < DELAY_RECENT || since_ns - d->usual.since_ns < known_ns_min)
        return false;
    flows_concerned(d, first_since(d, since_ns), &view);
    tally->samples += view.samples;
    tally->exceeding += view.exceeding;
    return true;
}
