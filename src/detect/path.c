// SPDX-License-Identifier: ISC
#include "detect/path.h"

#include "detect/blame.h"
#include "detect/budget.h"

#include <assert.h>
#include <math.h>

enum {
    SILENCE_MS_MIN = 1000,
    SILENCE_INTERVALS = 10,
    REORDER_MARGIN = 32,          // samples: the prober's own lateness
    TARGET_ALIVE_MS = 3000,       // after its last usable sample a target still counts as heard
    BLAME_MS = 2000,              // of samples, to find out who goes on losing
    CALM_S_MIN = 10,              // before anything is learned
    RULES_S_MIN = 600,            // between new rules: solving them takes milliseconds
    CLEAN_MS_MIN = 500,           // without a loss before the path is called clear
    CLEAR_SUSPECT_PPM = 100000,   // what a clear must rule out: after a mere suspicion,
    CLEAR_CONFIRMED_PPM = 10000,  // and after an outage (detection.md 4.3, TRIAL)
    PPM = 1000 * 1000,
    FETCH_AHEAD = 8,  // samples
};

// ---- setting up

static uint64_t path_rate_mpps(const struct net *net, uint32_t path)
{
    enum family family = net_path(net, path).family;
    uint64_t rate = 0;
    for (uint32_t t = 0; t < net->target_count; t++)
        if (net->targets[t].address[family].family != FAMILY_NONE)
            rate += net->targets[t].rate_mpps;
    return rate;
}

static int64_t fastest_interval_ns(const struct net *net, int64_t usual_ns)
{
    if (net->probe.path_rate_max_pps == 0)
        return usual_ns;
    int64_t fastest_ns = NS_PER_S / net->probe.path_rate_max_pps;
    return fastest_ns < usual_ns ? fastest_ns : usual_ns;
}

static uint32_t reorder_max(const struct net *net, int64_t fastest_ns)
{
    int64_t samples = REORDER_MARGIN + net->probe.timeout_max_ns / fastest_ns;
    return (uint32_t)(samples < HISTORY_SAMPLES / 2 ? samples : HISTORY_SAMPLES / 2);
}

static double act_s(const struct net *net)
{
    return budget_act_s(net, net_path_count(net));
}

// Rules for what is harmless now; false, and nothing changes, when there are none.
static bool make_rules(struct detect_path *d, const struct harmless *harmless)
{
    int64_t fastest_ns = fastest_interval_ns(d->net, d->interval_ns);
    uint64_t tests = BUDGET_SUSPECT_SHARERS * (uint64_t)net_path_count(d->net);
    struct cusum_ask bank = {
        .loss_normal_ppm = harmless->loss_ppm,
        .probes = budget_suspect_s(d->net, tests) * NS_PER_S / (double)fastest_ns,
    };
    struct burst_ask burst = {
        .loss_normal_ppm = harmless->loss_ppm,
        .mean_ns = harmless->burst_mean_ns,
        .apart_ns = harmless->burst_apart_ns,
        .interval_ns = d->interval_ns,
        .interval_min_ns = fastest_ns,
        .false_alarm_s = act_s(d->net),
    };
    struct cusum_rule bank_rule;
    struct burst_rule burst_rule;
    if (!cusum_book_rule(d->book, &bank_rule, &bank) ||
        !burst_rule_init(&burst_rule, &burst, d->book))
        return false;
    d->bank_rule = bank_rule;
    d->burst_rule = burst_rule;
    d->harmless = *harmless;
    return true;
}

static void scoring_restart(struct detect_path *d)
{
    d->base = (struct detect_score){0};
    burst_init(&d->base.burst);
    d->now = d->base;
    d->behind = false;
    d->floor = d->history.next;
}

static void learn(struct detect_path *d, const struct history_entry *entry)
{
    if (entry->verdict != SAMPLE_VOID && !entry->aside)
        harmless_add(&d->learner, entry->verdict == SAMPLE_LOST, entry->sent_ns);
}

static void learn_all(struct detect_path *d)
{
    for (uint64_t i = d->floor; i < d->history.next; i++)
        learn(d, history_at(&d->history, i));
}

// The path is clear after a mere suspicion: forget what raised it, keep what gathers slowly.
static void scoring_settle(struct detect_path *d)
{
    for (uint32_t k = 0; k < CUSUM_MEMBERS; k++)
        if (d->now.alarmed >> k & 1)
            d->now.bank.score[k] = 0;
    d->now.alarmed = 0;
    learn_all(d);
    d->base = d->now;
    d->floor = d->history.next;
}

bool detect_path_init(struct detect_path *d, const struct net *net, uint32_t path,
                      struct cusum_book *book)
{
    uint64_t rate_mpps = path_rate_mpps(net, path);
    // Without targets in its family a path is silent: that is said, and never an error.
    int64_t interval_ns = NS_PER_S;
    if (rate_mpps > 0)
        interval_ns = (int64_t)(UINT64_C(1000) * NS_PER_S / rate_mpps);
    *d = (struct detect_path){
        .path = path,
        .net = net,
        .book = book,
        .suspect_asked_s = (int64_t)budget_suspect_s(net, 1),
        .act_asked_s = (int64_t)budget_act_s(net, 1),
    };
    d->interval_ns = interval_ns;
    d->reorder_max = reorder_max(net, fastest_interval_ns(net, interval_ns));
    d->silence_ns = SILENCE_INTERVALS * interval_ns;
    if (d->silence_ns < SILENCE_MS_MIN * (int64_t)NS_PER_MS)
        d->silence_ns = SILENCE_MS_MIN * (int64_t)NS_PER_MS;
    history_init(&d->history);
    scoring_restart(d);
    struct harmless harmless = harmless_now(&d->learner, net, act_s(net));
    return make_rules(d, &harmless);
}

// ---- scoring, in order of sending

static bool counts(const struct history_entry *entry)
{
    return entry->verdict != SAMPLE_VOID && !entry->aside;
}

static void score(const struct detect_path *d, struct detect_score *s,
                  const struct history_entry *entry)
{
    if (!counts(entry))
        return;
    bool lost = entry->verdict == SAMPLE_LOST;
    uint32_t alarms = cusum_add_dated(&s->bank, &s->trail, &d->bank_rule, lost, entry->sent_ns);
    for (uint32_t k = 0; k < CUSUM_MEMBERS; k++)
        if (alarms >> k & 1)
            s->began_ns[k] = s->trail.began_ns[k];
    s->alarmed |= alarms;
    if (burst_add(&s->burst, &d->burst_rule, lost, entry->sent_ns)) {
        s->outlasts = true;
        s->outlasts_with = burst_evidence(&s->burst, &d->burst_rule);
    }
}

static void score_again(struct detect_path *d)
{
    d->now = d->base;
    d->behind = false;
    for (uint64_t i = d->floor; i < d->history.next; i++)
        score(d, &d->now, history_at(&d->history, i));
}

static void catch_up(struct detect_path *d)
{
    if (d->behind)
        score_again(d);
}

// Answers of targets far apart come in another order than they were asked for, all the time. After
// the last loss they only lower what is scored, wherever they stand: that can wait until somebody
// wants to know.
static void score_at(struct detect_path *d, uint64_t position)
{
    const struct history_entry *entry = history_at(&d->history, position);
    bool may_wait = entry->verdict == SAMPLE_OK && entry->sent_ns > d->lost_sent_at.ns;
    if (!counts(entry))
        ;  // says nothing
    else if (!d->behind && position == d->history.next - 1)
        score(d, &d->now, entry);
    else if (may_wait)
        d->behind = true;
    else
        score_again(d);
    for (; d->history.next - d->floor > d->reorder_max; d->floor++) {
        score(d, &d->base, history_at(&d->history, d->floor));
        learn(d, history_at(&d->history, d->floor));
    }
}

static void take_late(struct detect_path *d, const struct sample *sample)
{
    uint64_t position = history_find(&d->history, sample);
    if (position == HISTORY_NOWHERE)
        return;
    struct history_entry *entry = history_at(&d->history, position);
    if (entry->verdict != SAMPLE_LOST)
        return;
    entry->verdict = SAMPLE_OK;
    if (position >= d->floor)
        score_again(d);
}

// ---- what is said

static uint32_t share_ppm(uint64_t part, uint64_t whole)
{
    return whole ? (uint32_t)(part * PPM / whole) : 0;
}

// How much likelier the counts are at the member's loss rate than at the normal one.
static double gain_nats(const struct history_count *count, double loss, double normal)
{
    return count->lost * log(loss / normal) + count->ok * log((1 - loss) / (1 - normal));
}

// Each member that alarmed dates the change for its own loss rate. The one that best explains what
// came since is the likeliest (the generalised likelihood ratio, over these few).
static uint32_t best_member(const struct detect_path *d, struct history_count *count)
{
    uint32_t best = CUSUM_NOBODY;
    double best_gain = -INFINITY;
    for (uint32_t k = 0; k < CUSUM_MEMBERS; k++) {
        if (!(d->now.alarmed >> k & 1))
            continue;
        struct history_count candidate;
        history_count(&d->history, (struct mono){d->now.began_ns[k]}, &candidate);
        double loss = d->bank_rule.loss_ppm[k] / 1e6;
        double gain = gain_nats(&candidate, loss, d->harmless.loss_ppm / 1e6);
        if (gain <= best_gain)
            continue;
        best_gain = gain;
        best = k;
        *count = candidate;
    }
    return best;
}

static void fill_counts(const struct detect_path *d, const struct history_count *count,
                        struct detect_evidence *evidence)
{
    struct blame blame = blame_of(count, 0, d->harmless.loss_ppm);
    evidence->samples = count->ok + count->lost;
    evidence->lost = count->lost;
    evidence->voided = count->voided;
    evidence->lost_forward = count->lost_forward;
    evidence->lost_reverse = count->lost_reverse;
    evidence->targets = blame.targets;
    evidence->targets_lossy = blame.lossy;
    evidence->flows = count->flows;
    evidence->flows_lossy = count->flows_lossy;
    evidence->loss_ppm = share_ppm(count->lost, (uint64_t)count->ok + count->lost);
    evidence->span_ns = count->lost ? count->last_lost_ns - count->first_lost_ns : 0;
    evidence->rtt_p50_ns = quantile_ns(&d->rtt, PPM / 2);
}

// What was asked of the detector, and what it took for harmless meanwhile.
static void fill_asked(const struct detect_path *d, enum signal_kind kind,
                       struct detect_evidence *evidence)
{
    if (kind == SIGNAL_SUSPECT || kind == SIGNAL_CONFIRMED)
        evidence->asked_s = kind == SIGNAL_SUSPECT ? d->suspect_asked_s : d->act_asked_s;
    evidence->normal_ppm = d->harmless.loss_ppm;
    evidence->burst_mean_ns = d->harmless.burst_mean_ns;
    evidence->burst_apart_ns = d->harmless.burst_apart_ns;
}

static bool say(const struct detect_path *d, struct signal *out, enum signal_kind kind,
                struct mono at, struct mono began_at)
{
    struct history_count count;
    history_count(&d->history, began_at, &count);
    *out = (struct signal){.kind = kind, .path = d->path, .at = at, .began_at = began_at};
    fill_counts(d, &count, &out->evidence);
    fill_asked(d, kind, &out->evidence);
    struct burst_evidence burst = burst_evidence(&d->now.burst, &d->burst_rule);
    if (d->now.outlasts)
        burst = d->now.outlasts_with;
    out->evidence.burst_millinats = burst.millinats;
    out->evidence.burst_threshold_millinats = burst.threshold_millinats;
    return true;
}

// An alarm, with the member that raised it. What it scored is the most since the last clear.
static bool say_loss(struct detect_path *d, struct signal *out, enum signal_kind kind,
                     struct mono at)
{
    struct history_count count;
    uint32_t k = best_member(d, &count);
    assert(k != CUSUM_NOBODY);
    say(d, out, kind, at, (struct mono){d->now.began_ns[k]});
    out->evidence.member_ppm = d->bank_rule.loss_ppm[k];
    out->evidence.score = out->evidence.threshold = d->bank_rule.threshold[k];
    return true;
}

// ---- is it over?

// Wald's test of normal against half of what was lost, at most `bad_max_ppm`.
static void recovery_init(const struct detect_path *d, struct sprt *sprt, uint32_t loss_ppm,
                          uint32_t bad_max_ppm)
{
    uint32_t normal = d->harmless.loss_ppm, bad = loss_ppm / 2;
    if (bad > bad_max_ppm)
        bad = bad_max_ppm;
    if (bad < 5 * normal)
        bad = 5 * normal;
    sprt_init(sprt, 2 * normal, bad);
}

static void clear_restart(struct detect_path *d, struct mono since)
{
    sprt_restart(&d->clear);
    d->clear_since = since;
    d->clear_since_nats = 0;
}

static void clear_watch(struct detect_path *d, struct signal *said, uint32_t bad_max_ppm)
{
    recovery_init(d, &d->clear, said->evidence.loss_ppm, bad_max_ppm);
    clear_restart(d, said->at);
}

static bool is_clear(const struct detect_path *d, struct mono now)
{
    return sprt_answer(&d->clear) == SPRT_GOOD &&
           mono_reached(now, mono_add_ms(d->lost_sent_at, CLEAN_MS_MIN));
}

// ---- whose loss it is

static uint32_t targets_alive(const struct detect_path *d, struct mono now)
{
    uint32_t alive = 0;
    for (uint32_t t = 0; t < NET_TARGETS_MAX; t++) {
        const struct detect_target *target = &d->targets[t];
        bool lately = !mono_reached(now, mono_add_ms(target->usable_at, TARGET_ALIVE_MS));
        alive |= (uint32_t)(target->heard && lately && !target->aside) << t;
    }
    return alive;
}

static void set_aside(struct detect_path *d, uint32_t target, const struct history_target *count,
                      struct mono now)
{
    d->targets[target].aside = true;
    uint32_t loss_ppm = share_ppm(count->lost, (uint64_t)count->ok + count->lost);
    recovery_init(d, &d->targets[target].back, loss_ppm, CLEAR_SUSPECT_PPM);
    // What was scored was that target's loss.
    harmless_drop(&d->learner);
    scoring_restart(d);
    clear_restart(d, now);
}

// Whether the counts blame the path. A single target that they blame is set aside.
static bool is_blamed(struct detect_path *d, const struct history_count *count, struct mono now)
{
    struct blame blame = blame_of(count, targets_alive(d, now), d->harmless.loss_ppm);
    if (blame.verdict == BLAME_TARGET)
        set_aside(d, blame.target, &count->targets[blame.target], now);
    return blame.verdict == BLAME_PATH;
}

static bool may_confirm(struct detect_path *d, struct mono now)
{
    struct history_count count;
    return d->now.outlasts && best_member(d, &count) != CUSUM_NOBODY && is_blamed(d, &count, now);
}

// One more result of a target that counts, while the path is not good.
static void watch_recovery(struct detect_path *d, const struct sample *sample)
{
    struct mono now = sample->known_at;
    bool lost = sample->verdict == SAMPLE_LOST;
    enum sprt_answer answer = sprt_add(&d->clear, !lost, lost);
    if (d->clear.score > d->clear_since_nats) {
        d->clear_since_nats = d->clear.score;
        d->clear_since = mono_add_ns(sample->sent_at, 1);
    }
    if (answer != SPRT_BAD)
        return;
    clear_restart(d, mono_add_ns(sample->sent_at, 1));
    // An outage may end for all but one target.
    struct history_count count;
    history_count(&d->history, mono_add_ms(now, -BLAME_MS), &count);
    is_blamed(d, &count, now);
}

static void watch_target(struct detect_target *target, bool lost)
{
    enum sprt_answer answer = sprt_add(&target->back, !lost, lost);
    if (answer == SPRT_BAD)
        sprt_restart(&target->back);
    target->aside = answer != SPRT_GOOD;
}

// ---- the states

static bool speak(struct detect_path *d, struct mono now, struct signal *out)
{
    bool may_speak = d->state == DETECT_GOOD      ? d->now.alarmed != 0
                     : d->state == DETECT_SUSPECT ? d->now.outlasts || is_clear(d, now)
                                                  : is_clear(d, now);
    if (!may_speak)
        return false;
    catch_up(d);
    if (d->state == DETECT_GOOD && d->now.alarmed) {
        d->state = DETECT_SUSPECT;
        say_loss(d, out, SIGNAL_SUSPECT, now);
        clear_watch(d, out, CLEAR_SUSPECT_PPM);
        return true;
    }
    if (d->state == DETECT_SUSPECT && may_confirm(d, now)) {
        d->state = DETECT_CONFIRMED;
        say_loss(d, out, SIGNAL_CONFIRMED, now);
        clear_watch(d, out, CLEAR_CONFIRMED_PPM);
        return true;
    }
    if (d->state != DETECT_GOOD && is_clear(d, now)) {
        bool mere = d->state == DETECT_SUSPECT && !d->now.outlasts;
        d->state = DETECT_GOOD;
        say(d, out, SIGNAL_CLEAR, now, d->clear_since);
        if (mere) {
            scoring_settle(d);
            return true;
        }
        harmless_drop(&d->learner);
        scoring_restart(d);
        return true;
    }
    return false;
}

static bool take_usable(struct detect_path *d, const struct sample *sample, struct signal *out)
{
    struct detect_target *target = &d->targets[sample->target];
    bool lost = sample->verdict == SAMPLE_LOST, was_silent = d->silent;
    struct mono silent_since = d->usable_at;
    target->usable_at = d->usable_at = sample->known_at;
    target->heard = true;
    d->silent = false;
    if (lost && mono_since_ns(sample->sent_at, d->lost_sent_at) > 0 && !target->aside)
        d->lost_sent_at = sample->sent_at;
    if (!lost)
        quantile_add(&d->rtt, sample->rtt_ns);
    if (target->aside)
        watch_target(target, lost);
    else if (d->state != DETECT_GOOD)
        watch_recovery(d, sample);
    if (was_silent)
        catch_up(d);
    return was_silent && say(d, out, SIGNAL_HEARD, sample->known_at, silent_since);
}

void detect_path_fetch(const struct detect_path *d, uint32_t target)
{
    const struct history *h = &d->history;
    __builtin_prefetch(&d->targets[target], 1);
    __builtin_prefetch(&h->entries[(h->next + FETCH_AHEAD) % HISTORY_SAMPLES], 1);
    __builtin_prefetch(&h->entries[(d->floor + FETCH_AHEAD) % HISTORY_SAMPLES], 1);
}

bool detect_path_sample(struct detect_path *d, const struct sample *sample, struct signal *out)
{
    assert(sample->path == d->path);
    assert(sample->target < NET_TARGETS_MAX && sample->flow < NET_FLOWS_MAX);
    if (!d->started) {
        d->started = true;
        d->usable_at = d->calm_since = d->ruled_at = sample->known_at;
    }
    if (sample->late) {
        take_late(d, sample);
        return false;
    }
    bool aside = d->targets[sample->target].aside;
    uint64_t position = history_insert(&d->history, sample, aside, d->floor);
    if (position != HISTORY_NOWHERE)
        score_at(d, position);
    if (sample->verdict == SAMPLE_VOID)
        return false;
    if (take_usable(d, sample, out))
        return true;
    return speak(d, sample->known_at, out);
}

// ---- what is harmless

// No score is up by more than one loss would put it, or by a third of its alarm (detection.md 2.4).
static bool is_calm(const struct detect_path *d)
{
    for (uint32_t k = 0; k < CUSUM_MEMBERS; k++)
        if (d->now.bank.score[k] > d->bank_rule.threshold[k] / 3 &&
            d->now.bank.score[k] > d->bank_rule.lost_step[k])
            return false;
    return d->state == DETECT_GOOD;
}

static void renew_rules(struct detect_path *d, struct mono now)
{
    struct harmless harmless = harmless_now(&d->learner, d->net, act_s(d->net));
    if (harmless_is_equal(&harmless, &d->harmless) ||
        mono_since_ns(now, d->ruled_at) < RULES_S_MIN * (int64_t)NS_PER_S)
        return;
    d->ruled_at = now;
    if (!make_rules(d, &harmless))
        return;
    scoring_restart(d);
}

static void learn_in_calm(struct detect_path *d, struct mono now)
{
    if (!is_calm(d)) {
        harmless_disturb(&d->learner);
        d->disturbed_to = d->history.next;
    }
    if (d->floor < d->disturbed_to) {
        d->calm_since = now;
        return;
    }
    if (mono_since_ns(now, d->calm_since) < CALM_S_MIN * (int64_t)NS_PER_S)
        return;
    d->calm_since = now;
    harmless_take(&d->learner);
    renew_rules(d, now);
}

bool detect_path_tick(struct detect_path *d, struct mono now, struct signal *out)
{
    if (!d->started) {
        d->started = true;
        d->usable_at = d->calm_since = d->ruled_at = now;
    }
    catch_up(d);
    learn_in_calm(d, now);
    if (!d->silent && mono_reached(now, mono_add_ns(d->usable_at, d->silence_ns))) {
        d->silent = true;
        return say(d, out, SIGNAL_SILENT, now, d->usable_at);
    }
    return speak(d, now, out);
}

bool detect_path_has_aside(const struct detect_path *d, uint32_t target)
{
    assert(target < NET_TARGETS_MAX);
    return d->targets[target].aside;
}

bool detect_path_quickens(struct detect_path *d)
{
    catch_up(d);
    return cusum_quickens(&d->now.bank);
}
