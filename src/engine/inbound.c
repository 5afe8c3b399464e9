// SPDX-License-Identifier: ISC
#include "engine/inbound_inside.h"

#include "engine/state.h"
#include "incident/words.h"

#include <stdio.h>
#include <string.h>

static const struct net_steer visible = {
    .hold_min_ns = INBOUND_HOLD_MIN_S * (int64_t)NS_PER_S,
    .hold_max_ns = INBOUND_HOLD_MAX_S * (int64_t)NS_PER_S,
};
static const int64_t apart_ns = STEER_VISIBLE_MS * (int64_t)NS_PER_MS;
static_assert(INBOUND_HOLD_MIN_S * 1000 >= STEER_VISIBLE_MS, "what may not return yet is held");

uint32_t inbound_upstreams(const struct engine *e)
{
    uint32_t upstreams = 0;
    for (uint32_t path = 0; path < e->path_count; path++)
        if (e->inbound[path].state != INBOUND_NONE)
            upstreams |= UINT32_C(1) << e->paths[path].upstream;
    return upstreams;
}

// ---- telling it

static void list_own(const struct engine *e, uint32_t path, struct effect_inbound *told)
{
    struct words own = WORDS_IN(told->own);
    char prefix[PREFIX_TEXT_MAX];
    uint32_t bit = UINT32_C(1) << e->paths[path].upstream;
    for (uint32_t i = 0; i < e->net->announce_count; i++) {
        struct prefix p = e->net->announce[i].prefix;
        if (p.address.family != e->paths[path].family || !(own_usual(e, i) & bit))
            continue;
        if (told->prefixes++ < INBOUND_LISTED_MAX)
            words_add(&own, "%s%s", told->prefixes > 1 ? ", " : "", prefix_format(p, prefix));
    }
    if (told->prefixes > INBOUND_LISTED_MAX)
        words_add(&own, " and %u more", told->prefixes - INBOUND_LISTED_MAX);
}

static void tell(struct engine *e, uint32_t path, enum effect_inbound_stage stage,
                 enum effect_plan_verdict verdict, const char *reason)
{
    struct effect_inbound *told = &e->inbound[path].told;
    told->stage = stage;
    told->verdict = verdict;
    snprintf(told->reason, sizeof told->reason, "%s", reason);
    engine_tell(e, EFFECT_INBOUND)->inbound = *told;
}

static void take_evidence(struct engine *e, uint32_t path, const struct inbound_answer *answer)
{
    struct effect_inbound *told = &e->inbound[path].told;
    *told = (struct effect_inbound){
        .incident = e->stories[path].number,
        .upstream = e->paths[path].upstream,
        .family = e->paths[path].family,
        .stance = inbound_stance(e, path),
        .to = answer->to,
        .loss_ppm = answer->loss_low_ppm,
        .loss_to_ppm = answer->loss_high_ppm,
        .relative_millinats = relative_millinats(&e->watch.relative, path),
        .approval = e->inbound[path].approval,
    };
    list_own(e, path, told);
}

// `mode`: what is done with a plan.
static void tell_answer(struct engine *e, uint32_t path, const struct inbound_answer *answer,
                        enum net_mode mode)
{
    char reason[DECIDE_REASON_MAX] = "what the world sends by it is lost, too, and others are good";
    enum effect_plan_verdict verdict = decide_verdict(mode);
    take_evidence(e, path, answer);
    if (answer->no != INBOUND_MAY) {
        inbound_explain(e, answer, reason);
        verdict = PLAN_REFUSED;
    }
    tell(e, path, INBOUND_PLANNED, verdict, reason);
}

// ---- the life of one

static void enter(struct engine *e, uint32_t path, enum inbound_state state)
{
    e->inbound[path].state = state;
    e->inbound[path].since = e->now;
}

static void want(struct engine *e, uint32_t path, enum net_stance stance)
{
    struct inbound *in = &e->inbound[path];
    struct own_wish wish = {.object = {NET_OBJECT_UPSTREAM, e->paths[path].upstream, 0},
                            .family = e->paths[path].family,
                            .stance = stance};
    own_want(e, &wish);
    hold_acted(&in->hold, e->now);
    in->changed_at = e->now;
    in->approval = 0;
}

static int64_t hold_ns(struct engine *e, struct inbound *in)
{
    int64_t length = hold_length_ns(&in->hold, &visible, e->now, &e->random);
    return length > apart_ns ? length : apart_ns;
}

static void begin(struct engine *e, uint32_t path, const struct inbound_answer *answer)
{
    struct inbound *in = &e->inbound[path];
    struct use_seen here = use_now(&e->use, e->paths[path].upstream, e->now);
    in->approval = 0;
    in->said = true;
    tell_answer(e, path, answer, NET_ACT);
    in->takers = answer->takers;
    in->before_bps = here.known ? here.in_bps : -1;
    in->well_since = (struct mono){0};
    in->hold_ns = hold_ns(e, in);
    want(e, path, NET_STANCE_GRACEFUL);
    enter(e, path, INBOUND_ACTING);
}

static void end(struct engine *e, uint32_t path, enum effect_plan_verdict verdict,
                const char *reason)
{
    struct inbound *in = &e->inbound[path];
    if (verdict == PLAN_UNDO)
        in->retry_at = mono_add_ns(e->now, hold_ns(e, in));
    // A fault that comes back soon after a return is a failure of returning: it stays longer then.
    // Failures fade while nothing stands.
    in->hold.clean_since = mono_add_ns(in->hold.clean_since, mono_since_ns(e->now, in->changed_at));
    hold_failed(&in->hold, e->now);
    tell(e, path, INBOUND_PLANNED, verdict, reason);
    want(e, path, NET_STANCE_NORMAL);
    enter(e, path, INBOUND_NONE);
}

void inbound_let_go(struct engine *e, const char *reason)
{
    for (uint32_t path = 0; path < e->path_count; path++)
        if (e->inbound[path].state != INBOUND_NONE)
            end(e, path, PLAN_UNDO, reason);
}

static bool is_same_answer(const struct inbound *in, const struct inbound_answer *answer)
{
    return in->answer.no == answer->no && in->answer.decided == answer->decided &&
           in->answer.subject == answer->subject;
}

// A plan that nobody approved for long is another one, as for moves.
static void propose(struct engine *e, uint32_t path, const struct inbound_answer *answer)
{
    struct inbound *in = &e->inbound[path];
    bool waits =
        answer->no == INBOUND_MAY && net_lever_mode(e->net, NET_LEVER_STANCE) == NET_CONFIRM;
    if (!waits)
        in->approval = 0;
    else if (in->approval == 0 ||
             mono_since_ns(e->now, in->proposed_at) >= STEER_APPROVAL_S * (int64_t)NS_PER_S) {
        in->approval = ++e->story_count;
        in->proposed_at = e->now;
        in->said = false;
    }
}

static void look(struct engine *e, uint32_t path)
{
    struct inbound *in = &e->inbound[path];
    struct inbound_answer answer = inbound_judge(e, path);
    if (answer.no == INBOUND_LATER) {
        in->approval = 0;
        return;
    }
    if (in->answered != e->stories[path].number || !is_same_answer(in, &answer)) {
        in->answered = e->stories[path].number;
        in->answered_at = e->now;
        in->said = false;
    }
    in->answer = answer;
    propose(e, path, &answer);
    bool stands = mono_reached(e->now, mono_add_ms(in->answered_at, ENGINE_SAY_AFTER_MS));
    if (answer.no == INBOUND_MAY && net_lever_mode(e->net, NET_LEVER_STANCE) == NET_ACT) {
        begin(e, path, &answer);
    } else if (!in->said && (answer.no == INBOUND_MAY || stands)) {
        in->said = true;
        tell_answer(e, path, &answer, net_lever_mode(e->net, NET_LEVER_STANCE));
    }
}

// It is worse than what is lost on the way that the world was to leave.
static bool is_bad(const struct engine *e, uint32_t path, uint32_t taker)
{
    uint32_t to = net_path_find(e->net, taker, e->paths[path].family);
    if (to == NET_NOBODY || e->watch.paths[to].state != WATCH_CONFIRMED ||
        relative_millinats(&e->watch.relative, to) < ENGINE_RELATIVE_MILLINATS)
        return false;
    return e->watch.paths[path].state != WATCH_CONFIRMED ||
           watch_loss_bad(&e->watch, path, e->now).low_ppm <
               watch_loss_recent(&e->watch, to, e->now).high_ppm + ENGINE_GAIN_PPM;
}

// Another is worse than this one, or too full: what harms is given back at once (I8).
static bool is_let_down(struct engine *e, uint32_t path)
{
    char reason[DECIDE_REASON_MAX];
    for (uint32_t u = 0; u < e->net->upstream_count; u++) {
        bool took = e->inbound[path].takers >> u & 1, bad = took && is_bad(e, path, u);
        if (!took || !(bad || room_inbound_is_over(e, u)))
            continue;
        snprintf(reason, sizeof reason,
                 bad ? "%s, to which the world may have turned, has become bad"
                     : "more comes in by %s, to which the world may have turned, than it has room "
                       "for (S10)",
                 e->net->upstreams[u].name);
        end(e, path, PLAN_UNDO, reason);
        return true;
    }
    return false;
}

static void say_heed(struct engine *e, uint32_t path)
{
    struct inbound *in = &e->inbound[path];
    struct use_seen here = use_now(&e->use, e->paths[path].upstream, e->now);
    bool late = mono_since_ns(e->now, in->since) >= INBOUND_HEED_MS * (int64_t)NS_PER_MS;
    bool known = here.known && in->before_bps >= 0;
    char reason[DECIDE_REASON_MAX];
    if (known && in->before_bps > 0 &&
        here.in_bps <= in->before_bps / 100 * (100 - INBOUND_HEEDED_PERCENT)) {
        snprintf(reason, sizeof reason, "%.1f Mbit/s came in by it, now %.1f do",
                 (double)in->before_bps / 1e6, (double)here.in_bps / 1e6);
        tell(e, path, INBOUND_HEEDED, PLAN_ACT, reason);
    } else if (late) {
        tell(e, path, INBOUND_UNKNOWN, PLAN_ACT,
             known ? "as much comes in by it as before: whether the world heeds it is not known"
                   : "whether the world heeds it is not known: no counters (key use)");
    }
}

static bool is_well_for_long(struct engine *e, uint32_t path)
{
    struct inbound *in = &e->inbound[path];
    if (!watch_is_good(&e->watch, path, e->now) || inbound_is_lossy(e, path))
        in->well_since = (struct mono){0};
    else if (in->well_since.ns == 0)
        in->well_since = e->now;
    return in->well_since.ns > 0 && mono_since_ns(e->now, in->well_since) >= in->hold_ns;
}

static void follow(struct engine *e, uint32_t path)
{
    struct inbound *in = &e->inbound[path];
    uint32_t subject;
    bool well = is_well_for_long(e, path);
    bool late = mono_since_ns(e->now, in->since) >= INBOUND_ANSWER_MS * (int64_t)NS_PER_MS;
    if (e->frozen || is_let_down(e, path))
        return;
    if (in->state == INBOUND_ACTING && own_is_said(e, &e->paths[path])) {
        enter(e, path, INBOUND_HELD);
    } else if (in->state == INBOUND_ACTING && late) {
        end(e, path, PLAN_UNDO, "not all routers took it");
    } else if (in->state == INBOUND_HELD && in->told.stage == INBOUND_PLANNED &&
               e->sessions[e->net->upstreams[e->paths[path].upstream].router].up) {
        say_heed(e, path);  // while the router does not hear us, less comes for other reasons
    } else if (in->state == INBOUND_HELD && well &&
               presence_refusal(e, e->paths[path].family, &subject) == REFUSAL_NONE) {
        end(e, path, PLAN_RETURN,
            "it has been good for the hold time: all at once, as no part of "
            "the world can be tried");
    }
}

static void note(struct engine *e, uint32_t path)
{
    struct inbound *in = &e->inbound[path];
    if (!inbound_is_lossy(e, path))
        in->lossy_since = (struct mono){0};
    else if (in->lossy_since.ns == 0)
        in->lossy_since = e->now;
    if (drains_upstreams(e) >> e->paths[path].upstream & 1)
        in->changed_at = e->now;  // by a person's word: it counts when it comes back
}

void inbound_advance(struct engine *e)
{
    if (!e->net->steer.inbound || !e->started || e->stopped)
        return;
    for (uint32_t path = 0; path < e->path_count; path++) {
        struct inbound *in = &e->inbound[path];
        if (e->paths[path].upstream == NET_NOBODY)
            continue;
        note(e, path);
        if (mono_since_ns(e->now, in->looked_at) < INBOUND_LOOK_MS * (int64_t)NS_PER_MS)
            continue;
        in->looked_at = e->now;
        if (in->state == INBOUND_NONE)
            look(e, path);
        else
            follow(e, path);
    }
}

// ---- people

// The path; NET_NOBODY: no such plan waits.
static uint32_t proposed(const struct engine *e, uint32_t approval)
{
    for (uint32_t path = 0; path < e->path_count; path++)
        if (approval > 0 && e->inbound[path].approval == approval &&
            e->inbound[path].state == INBOUND_NONE)
            return path;
    return NET_NOBODY;
}

bool inbound_waits(const struct engine *e, uint32_t approval)
{
    return proposed(e, approval) != NET_NOBODY;
}

bool inbound_approve(struct engine *e, uint32_t approval, char *text)
{
    uint32_t path = proposed(e, approval);
    char name[NET_NAME_MAX + 8], why[DECIDE_REASON_MAX];
    if (path == NET_NOBODY || mono_since_ns(e->now, e->inbound[path].proposed_at) >=
                                  STEER_APPROVAL_S * (int64_t)NS_PER_S) {
        snprintf(text, ENGINE_WHY_MAX, "no plan %u waits: see fairlead plans", approval);
        return false;
    }
    struct inbound_answer answer = inbound_judge(e, path);
    if (answer.no != INBOUND_MAY) {
        if (answer.no == INBOUND_LATER)
            snprintf(why, sizeof why, "nothing is to be done by now");
        else
            inbound_explain(e, &answer, why);
        snprintf(text, ENGINE_WHY_MAX, "plan %u no longer holds: %.110s", approval, why);
        return false;
    }
    begin(e, path, &answer);
    snprintf(text, ENGINE_WHY_MAX, "plan %u, what comes in by %s: it is being done", approval,
             net_path_name(e->net, path, name));
    return true;
}

// Of an incident that is over nothing is to be said, but what stands.
static bool is_said(const struct engine *e, uint32_t path)
{
    const struct inbound *in = &e->inbound[path];
    return in->state != INBOUND_NONE ||
           (in->said && in->answered == e->stories[path].number && inbound_is_due(e, path));
}

const char *inbound_words(const struct engine *e, uint32_t path)
{
    return is_said(e, path) ? e->inbound[path].told.reason : "";
}

static json_t *one_json(const struct engine *e, uint32_t path)
{
    static const char *const states[INBOUND_STATES] = {"none", "acting", "held"};
    const struct inbound *in = &e->inbound[path];
    char name[NET_NAME_MAX + 8];
    return json_pack("{s:s, s:I, s:s, s:s, s:s, s:s, s:I, s:s, s:I, s:s}", "path",
                     net_path_name(e->net, path, name), "incident", (json_int_t)in->told.incident,
                     "state", states[in->state], "verdict", fields_plan_verdicts[in->told.verdict],
                     "stage", fields_inbound_stages[in->told.stage], "stance",
                     net_stance_names[in->told.stance], "prefixes", (json_int_t)in->told.prefixes,
                     "own", in->told.own, "approval", (json_int_t)in->approval, "reason",
                     in->told.reason);
}

json_t *engine_inbound_json(const struct engine *e)
{
    json_t *list = json_array();
    for (uint32_t path = 0; path < e->path_count; path++)
        if (is_said(e, path))
            json_array_append_new(list, one_json(e, path));
    return list;
}
