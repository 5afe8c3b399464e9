// SPDX-License-Identifier: ISC
#include "detect/site_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    TELL_AFTER_MS = 1000,   // what fails for so long is told, whatever part it is
    ENDED_MS = 1000,        // since the last loss: what is told of it stays as it was
    FORGET_MS = 2000,       // a suspicion that nothing supports any more
    GROWN_MS = 1000,        // a wider part explains it, before it is named anew
    SHARE_AFTER_MS = 2000,  // a share of 5-tuples: flows show that they are dead one after another
    SETTLE_MS = 3000,       // after a link came up
    CLEAN_MS = 500,         // without a loss, before a fault may be over
    BAD_PPM_MAX = 100000,   // of Wald's test: what being over must rule out, at most,
};

#define NAME_GAIN_NATS 10.0     // a wrong name at most every e^10 suspicions
#define CROSSING_ODDS_NATS 4.6  // 100:1, for the direction

// What has ended is not named any more. A part that loses little may go for some time without.
static bool is_current(const struct site *s, const struct site_finding *f)
{
    int64_t gap_ns = f->evidence.lost ? (f->last_lost_ns - f->began_ns) / f->evidence.lost : 0;
    int64_t late_ns = FORGET_MS * (int64_t)NS_PER_MS;
    return f->symptom == FAULT_TUPLES ||
           s->now.ns - f->last_lost_ns <= (5 * gap_ns > late_ns ? 5 * gap_ns : late_ns);
}

// What goes by a link that has just come up is well again in stages: new addresses are not used for
// up to 2 s (RFC 4862 §5.4), and neighbours that could not be found are asked for once more. That
// is no fault of what comes last.
static bool is_settling(const struct site *s, uint32_t component)
{
    for (uint32_t f = 0; f < s->flow_count; f++) {
        if (s->flows[f].use != FLOW_HAIRPIN)
            continue;
        int64_t up_ns = s->link_up_at[s->flows[f].target].ns;
        if (up_ns == 0 || s->now.ns - up_ns >= SETTLE_MS * (int64_t)NS_PER_MS)
            continue;
        for (const uint16_t *m = components_of(s->components, f); *m != LOCALISE_NOBODY; m++) {
            struct fault_part by = components_part(s->components, *m);
            if ((by.link[0] || by.member[0]) &&
                (*m == component || site_is_within(s, component, *m)))
                return true;
        }
    }
    return false;
}

// A few flows that seem dead first may share more by chance than what kills them. What roving found
// is of many 5-tuples.
static bool is_early(const struct site *s, const struct site_finding *f)
{
    return f->symptom == FAULT_TUPLES && f->tried_dead == 0 &&
           s->now.ns - f->began_ns < SHARE_AFTER_MS * (int64_t)NS_PER_MS;
}

static bool may_be_named(const struct site *s, const struct site_finding *f)
{
    return f->gain_nats >= NAME_GAIN_NATS && f->odds_nats >= SITE_NAME_ODDS_NATS &&
           f->posterior >= SITE_NAME_POSTERIOR && f->outlasts && f->alone && is_current(s, f) &&
           !is_early(s, f) && !is_settling(s, f->component);
}

// ---- which fault a finding is

static bool overlap(const struct site *s, uint32_t a, uint32_t b)
{
    if (a == LOCALISE_NOBODY || b == LOCALISE_NOBODY)
        return false;
    for (uint32_t f = 0; f < s->flow_count; f++)
        if (s->banks[f].bank.score[CUSUM_QUICKENS] > 0 && site_passes(s, f, a) &&
            site_passes(s, f, b))
            return true;
    return false;
}

static bool is_found(const struct site *s, const struct site_fault *fault)
{
    for (uint32_t i = 0; i < s->finding_count; i++)
        if (s->findings[i].component == fault->component &&
            s->findings[i].symptom == fault->fault.symptom)
            return true;
    return false;
}

// The fault of that part; or one that was about the same flows, and is not found as it was: it has
// become clearer which part it is.
static struct site_fault *fault_of(struct site *s, const struct site_finding *finding)
{
    for (uint32_t i = 0; i < s->fault_count; i++)
        if (s->faults[i].fault.state != FAULT_OVER &&
            s->faults[i].component == finding->component &&
            s->faults[i].fault.symptom == finding->symptom)
            return &s->faults[i];
    for (uint32_t i = 0; i < s->fault_count; i++) {
        struct site_fault *fault = &s->faults[i];
        if (fault->fault.state == FAULT_SUSPECTED && !is_found(s, fault) &&
            overlap(s, fault->component, finding->component))
            return fault;
    }
    return NULL;
}

// A named fault that this finding is the wider form of: it loses as much, of more flows.
static struct site_fault *grown_into(struct site *s, const struct site_finding *finding)
{
    for (uint32_t i = 0; i < s->fault_count; i++) {
        struct site_fault *fault = &s->faults[i];
        double loss = fault->fault.evidence.loss_ppm / 1e6;
        if (fault->fault.state == FAULT_NAMED && fault->component != LOCALISE_NOBODY &&
            fault->fault.symptom == finding->symptom && finding->loss > loss / 2 &&
            site_is_within(s, fault->component, finding->component))
            return fault;
    }
    return NULL;
}

// Whether it has been so for a while: a name that changes twice helps nobody.
static bool is_grown(const struct site *s, struct site_fault *fault,
                     const struct site_finding *finding)
{
    if (fault->grows_into != finding->component ||
        mono_since_ns(s->now, fault->grew_at) > GROWN_MS * (int64_t)NS_PER_MS)
        fault->grows_at = s->now;
    fault->grows_into = finding->component;
    fault->grew_at = s->now;
    return mono_reached(s->now, mono_add_ms(fault->grows_at, GROWN_MS));
}

static struct site_fault *open_fault(struct site *s, const struct site_finding *finding)
{
    if (s->fault_count == SITE_FAULTS_MAX)
        return NULL;
    struct site_fault *fault = &s->faults[s->fault_count++];
    *fault = (struct site_fault){
        .component = LOCALISE_NOBODY, .opened_at = s->now, .lost_at = {finding->last_lost_ns}};
    fault->fault.number = ++s->numbers;
    fault->fault.began_at.ns = finding->began_ns;
    return fault;
}

static uint32_t millinats(double nats)
{
    return nats <= 0 ? 0 : nats > 1e6 ? 1000000000 : (uint32_t)lround(nats * 1000);
}

static void watch(const struct site *s, struct site_fault *fault, double loss)
{
    uint32_t normal = site_harmless_of(s, fault->component).loss_ppm;
    uint32_t bad = (uint32_t)fmin(BAD_PPM_MAX, loss * 5e5);
    sprt_init(&fault->clean, 2 * normal, bad > 5 * normal ? bad : 5 * normal);
    sprt_restart(&fault->clean);
}

void site_watch_all(struct site *s)
{
    for (uint32_t i = 0; i < s->fault_count; i++)
        if (s->faults[i].component != LOCALISE_NOBODY)
            watch(s, &s->faults[i], s->faults[i].fault.evidence.loss_ppm / 1e6);
}

static void write_fault(const struct site *s, struct site_fault *fault,
                        const struct site_finding *finding)
{
    struct fault *f = &fault->fault;
    f->symptom = finding->symptom;
    f->part = components_part(s->components, finding->component);
    if (f->part.target == NET_NOBODY)
        f->part.direction = finding->direction;
    f->evidence = finding->evidence;
    f->evidence.loss_ppm = (uint32_t)lround(finding->loss * 1e6);
    f->evidence.share_ppm = components_share_ppm(s->components, finding->component);
    f->evidence.odds_millinats = millinats(finding->odds_nats);
    f->evidence.asked_millinats = millinats(SITE_NAME_ODDS_NATS);
    site_words(s, finding, f);
}

static void take(struct site *s, const struct site_finding *finding)
{
    struct site_fault *fault = fault_of(s, finding);
    bool named = may_be_named(s, finding);
    bool is_named = fault && fault->fault.state == FAULT_NAMED;
    struct site_fault *grown = is_named ? NULL : grown_into(s, finding);
    if (grown && (!named || !is_grown(s, grown, finding)))
        return;
    if (grown && fault)
        fault->component = LOCALISE_NOBODY;  // it is the other's now
    if (grown)
        fault = grown;
    if (!fault)
        fault = open_fault(s, finding);
    if (!fault)
        return;
    bool other = fault->component != finding->component || fault->fault.symptom != finding->symptom;
    // What was named stays named while it is found, though the odds may sink as it ends.
    bool stays = fault->fault.state == FAULT_NAMED && !named;
    fault->seen_at = s->now;
    fault->component = finding->component;
    if (other)
        watch(s, fault, finding->loss);
    bool ended = s->now.ns - finding->last_lost_ns > ENDED_MS * (int64_t)NS_PER_MS;
    if (stays || (ended && fault->told && !other))
        return;
    enum fault_state before = fault->fault.state;
    fault->fault.state = named ? FAULT_NAMED : FAULT_SUSPECTED;
    write_fault(s, fault, finding);
    bool lasts = finding->nears &&
                 finding->last_lost_ns - finding->began_ns >= TELL_AFTER_MS * (int64_t)NS_PER_MS &&
                 s->now.ns - finding->last_lost_ns < FORGET_MS * (int64_t)NS_PER_MS;
    if (!fault->told)
        fault->news |= named || lasts;
    else
        fault->news |= before != fault->fault.state || other;
}

// ---- is it over?

void site_hear(struct site *s, uint32_t flow, bool lost, int64_t sent_ns)
{
    for (uint32_t i = 0; i < s->fault_count; i++) {
        struct site_fault *fault = &s->faults[i];
        if (fault->component == LOCALISE_NOBODY || fault->fault.state == FAULT_OVER ||
            sent_ns < fault->opened_at.ns || !site_passes(s, flow, fault->component))
            continue;
        if (lost && sent_ns > fault->lost_at.ns)
            fault->lost_at.ns = sent_ns;
        if (sprt_add(&fault->clean, !lost, lost) == SPRT_BAD)
            sprt_restart(&fault->clean);
    }
}

// So many tried without a dead one that, were they as many as before, e^-7 would be the chance of
// it; or none is tried there.
static bool tried_are_clean(const struct site *s, const struct site_fault *fault)
{
    double asked = 7e6 / (fault->fault.evidence.loss_ppm + 1.0);
    uint32_t alive = 0;
    uint64_t oldest = s->tried_next > SITE_TUPLES ? s->tried_next - SITE_TUPLES : 0;
    for (uint64_t i = s->tried_next; i-- > oldest;) {
        const struct site_tried *tried = &s->tried[i % SITE_TUPLES];
        if (!site_passes(s, tried->unit, fault->component))
            continue;
        if (tried->dead)
            return alive >= asked;
        alive++;
    }
    return true;
}

static bool is_over(const struct site *s, const struct site_fault *fault)
{
    if (fault->component == LOCALISE_NOBODY)
        return true;
    int64_t unseen_ms = mono_since_ns(s->now, fault->seen_at) / NS_PER_MS;
    if (fault->fault.symptom == FAULT_TUPLES && !tried_are_clean(s, fault))
        return false;
    if (fault->fault.state == FAULT_SUSPECTED && unseen_ms >= FORGET_MS)
        return true;
    return sprt_answer(&fault->clean) == SPRT_GOOD &&
           mono_reached(s->now, mono_add_ms(fault->lost_at, CLEAN_MS));
}

// What has ended would be found again, as long as it is in the window.
static void settle(struct site *s, uint32_t component)
{
    s->tried_from = s->tried_next;  // what roving found meanwhile may have been its doing
    s->tried_dead_ns = INT64_MIN;
    for (uint32_t f = 0; f < s->flow_count; f++) {
        struct site_flow *flow = &s->banks[f];
        if (!site_passes(s, f, component))
            continue;
        site_rest(s, flow);
        s->from_ns[f] = s->now.ns;
    }
}

static void end_faults(struct site *s)
{
    for (uint32_t i = s->fault_count; i-- > 0;) {
        struct site_fault *fault = &s->faults[i];
        if (fault->fault.state == FAULT_OVER || !is_over(s, fault))
            continue;
        if (fault->component != LOCALISE_NOBODY && fault->fault.state == FAULT_NAMED)
            settle(s, fault->component);
        if (fault->told) {
            fault->fault.state = FAULT_OVER;
            fault->news = true;
        } else {
            *fault = s->faults[--s->fault_count];
        }
    }
}

// Packets that cross tell it only after a while, and what is named is named at once.
static void tell_direction(struct site *s, struct site_fault *fault)
{
    struct fault *f = &fault->fault;
    const struct crossing_question question = {
        .way = f->part.upstream,
        .ways = s->net->upstream_count,
        .normal_ppm = site_harmless_of(s, fault->component).loss_ppm,
        .asked_millinats = millinats(CROSSING_ODDS_NATS),
    };
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        if (f->part.direction != FAULT_EITHER ||
            (f->part.family != FAMILY_NONE && f->part.family != family))
            continue;
        f->part.direction = crossing_ask(&s->crossing[family], &question, s->now).direction;
    }
    if (f->part.direction == FAULT_EITHER)
        return;
    size_t length = strlen(f->words);
    snprintf(f->words + length, sizeof f->words - length, "; lost on the way %s",
             f->part.direction == FAULT_FORWARD ? "out" : "back");
    fault->news = true;
}

// Of an upstream's own packets, all of them, where no reflector told.
static bool lacks_direction(const struct fault *f)
{
    return f->state == FAULT_NAMED && f->symptom == FAULT_LOSS && f->part.upstream != NET_NOBODY &&
           f->part.target == NET_NOBODY && !f->part.place[0] && f->part.bucket == FAULT_ANY &&
           f->part.direction == FAULT_EITHER;
}

void site_live(struct site *s)
{
    for (uint32_t i = 0; i < s->finding_count; i++)
        take(s, &s->findings[i]);
    for (uint32_t i = 0; i < s->fault_count; i++)
        if (lacks_direction(&s->faults[i].fault))
            tell_direction(s, &s->faults[i]);
    end_faults(s);
}
