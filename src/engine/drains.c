// SPDX-License-Identifier: ISC
#include "engine/drains_inside.h"

#include "engine/state.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// A plan that is refused for so long before anything of the drain stood is no plan: other moves of
// the family may be under way, and a way may just have been proven good.
enum { PATIENCE_MS = 60 * 1000 };

// ---- what it is about

// What leaves by it. A site leaves no other way out: its traffic ends when nobody is sent to it.
static uint32_t leaving_by(const struct engine *e, struct net_object object)
{
    return object.kind == NET_OBJECT_SITE ? 0 : net_object_upstreams(e->net, object);
}

// The program that takes it out of use, where programs may be run (S16): a drain is approved by who
// asks for it. NET_NOBODY.
static uint32_t hook_of(const struct engine *e, struct net_object object)
{
    bool may = net_lever_mode(e->net, NET_LEVER_HOOK) >= NET_CONFIRM;
    return may ? hook_find(e->net, object) : NET_NOBODY;
}

static uint32_t paths_of(const struct engine *e, struct net_object object, uint32_t *paths)
{
    uint32_t upstreams = leaving_by(e, object), count = 0;
    for (uint32_t path = 0; path < e->path_count; path++) {
        uint32_t upstream = e->paths[path].upstream;
        if (upstream != NET_NOBODY && upstreams >> upstream & 1)
            paths[count++] = path;
    }
    return count;
}

static bool is_covered(const struct engine *e, uint32_t path, const struct drain *beside)
{
    uint32_t upstream = e->paths[path].upstream;
    for (uint32_t i = 0; i < DRAINS_MAX; i++) {
        const struct drain *drain = &e->drains.items[i];
        if (drain != beside && drain_is_active(drain->state) &&
            leaving_by(e, drain->object) >> upstream & 1)
            return true;
    }
    return false;
}

uint32_t drains_upstreams(const struct engine *e)
{
    uint32_t upstreams = e->drains.looked_at;
    for (uint32_t i = 0; i < DRAINS_MAX; i++)
        if (drain_is_active(e->drains.items[i].state))
            upstreams |= leaving_by(e, e->drains.items[i].object);
    return upstreams;
}

static struct drain_traffic traffic_of(const struct engine *e, struct net_object object)
{
    uint32_t upstreams = net_object_upstreams(e->net, object);
    struct drain_traffic traffic = {.known = upstreams != 0};
    bool bounded = true;
    for (uint32_t u = 0; u < e->net->upstream_count; u++) {
        if (!(upstreams >> u & 1))
            continue;
        struct use_seen seen = use_of(&e->use, u, e->now);
        traffic.known &= seen.known;
        traffic.bps += seen.known ? seen.out_bps + seen.in_bps : 0;
        traffic.in_bps += seen.known ? seen.in_bps : 0;
        bounded &= e->net->upstreams[u].capacity_mbps > 0;
        traffic.capacity_bps += (int64_t)e->net->upstreams[u].capacity_mbps * 1000 * 1000;
    }
    traffic.capacity_bps = bounded ? traffic.capacity_bps : 0;
    return traffic;
}

// ---- saying it

static void tell(struct engine *e, const struct drain *drain)
{
    struct effect_drain *told = &engine_tell(e, EFFECT_DRAIN)->drain;
    *told = (struct effect_drain){
        .number = drain->number, .object = drain->object, .state = drain->state};
    memcpy(told->who, drain->who, sizeof told->who);
    memcpy(told->text, drain->text, sizeof told->text);
}

void drains_enter(struct engine *e, struct drain *drain, enum drain_event event, const char *form,
                  ...)
{
    enum drain_state next = drain_next(drain->state, event);
    assert(next != DRAIN_NONE);
    drain->state = next;
    drain->entered_at = e->now;
    va_list arguments;
    va_start(arguments, form);
    vsnprintf(drain->text, sizeof drain->text, form, arguments);
    va_end(arguments);
    tell(e, drain);
}

void drains_say(struct engine *e, struct drain *drain, const char *text)
{
    if (strcmp(drain->text, text) == 0)
        return;
    snprintf(drain->text, sizeof drain->text, "%s", text);
    tell(e, drain);
}

// ---- whether it may be

// What would be decided of the path if it were to be drained now.
static const struct decision *preview(struct engine *e, uint32_t path)
{
    uint8_t before = e->stories[path].causes;
    e->stories[path].causes |= 1u << STORY_DRAIN;
    decide(e, path, &e->decision);
    e->stories[path].causes = before;
    return &e->decision;
}

// Nothing that the routers could be told of leaves by it, as far as complete tables tell.
static bool is_empty(const struct engine *e, uint32_t path)
{
    if (!e->complete[e->paths[path].family])
        return false;
    for (uint32_t i = 0; i < e->routes.count; i++) {
        const struct route *route = &e->routes.items[i];
        const struct move *move = moves_find(&e->moves, route->prefix);
        if (route->prefix.address.family == e->paths[path].family &&
            route_leaves_by(route, e->paths[path].upstream) && !(move && move->path == path))
            return false;
    }
    return true;
}

static bool passes_by_itself(enum refusal refusal)
{
    return refusal == REFUSAL_NONE || refusal == REFUSAL_OTHER || refusal == REFUSAL_UNPROVEN ||
           refusal == REFUSAL_UNSETTLED || refusal == REFUSAL_RATE;
}

static bool is_moved(const struct engine *e, uint32_t path)
{
    const struct story *story = &e->stories[path];
    struct moves_state moves = moves_state(&e->moves, path, e->now);
    if (story->state == INCIDENT_HELD || story->state == INCIDENT_FROZEN)
        return !story->rests && moves.wanted > 0 && moves.up == moves.all;
    return story->state == INCIDENT_CONFIRMED && moves.all == 0 && is_empty(e, path);
}

static bool refuse(char *text, const char *form, ...) __attribute__((format(printf, 2, 3)));

static bool refuse(char *text, const char *form, ...)
{
    va_list arguments;
    va_start(arguments, form);
    vsnprintf(text, DRAINS_TEXT_MAX, form, arguments);
    va_end(arguments);
    return false;
}

// What was moved to it would have to return first to what it was moved away from.
static bool is_refuge(const struct engine *e, struct net_object object, char *text)
{
    uint32_t upstreams = leaving_by(e, object);
    char name[NET_NAME_MAX + 8];
    for (uint32_t path = 0; path < e->path_count; path++) {
        const struct story *story = &e->stories[path];
        uint32_t both = story_moves(story) ? story->ways & upstreams : 0;
        if (!both)
            continue;
        snprintf(text, DRAINS_TEXT_MAX, "what left %s (incident %u) was moved to %s",
                 net_path_name(e->net, path, name), story->number,
                 e->net->upstreams[__builtin_ctz(both)].name);
        return true;
    }
    return false;
}

// Says what would move, too.
static bool may_move_path(struct engine *e, uint32_t path, char *text)
{
    char name[NET_NAME_MAX + 8], why[DECIDE_REASON_MAX];
    size_t used;
    if (is_covered(e, path, NULL) || is_empty(e, path))
        return true;
    const struct decision *d = preview(e, path);
    net_path_name(e->net, path, name);
    if (!passes_by_itself(d->refusal)) {
        decide_explain(e, d->refusal, d->subject, why);
        return refuse(text, "%s: %s", name, why);
    }
    for (uint32_t i = 0; d->refusal == REFUSAL_NONE && i < d->plan_count; i++) {
        used = strlen(text);
        snprintf(text + used, DRAINS_TEXT_MAX - used, "%s %s: %u prefixes to %s",
                 used > 0 ? "," : ":", name, d->plans[i].prefixes,
                 e->net->upstreams[d->plans[i].to].name);
    }
    return true;
}

// What goes with it counts as gone already.
static bool may_move(struct engine *e, struct net_object object, char *text)
{
    uint32_t paths[NET_PATHS_MAX], count = paths_of(e, object, paths);
    bool may = true;
    if (is_refuge(e, object, text))
        return false;
    text[0] = '\0';
    e->drains.looked_at = leaving_by(e, object);
    for (uint32_t i = 0; i < count && may; i++)
        may = may_move_path(e, paths[i], text);
    e->drains.looked_at = 0;
    return may;
}

static const struct drain *same(const struct engine *e, struct net_object object)
{
    for (uint32_t i = 0; i < DRAINS_MAX; i++) {
        const struct drain *drain = &e->drains.items[i];
        if ((drain_is_active(drain->state) || drain->state == DRAIN_RESTORING) &&
            net_object_equal(drain->object, object))
            return drain;
    }
    return NULL;
}

// Those that are over are remembered for as long as may be.
struct drain *drains_place(struct engine *e)
{
    struct drain *oldest = NULL;
    for (uint32_t i = 0; i < DRAINS_MAX; i++) {
        struct drain *drain = &e->drains.items[i];
        if (drain->state == DRAIN_NONE)
            return drain;
        if (drain->state == DRAIN_OVER && (!oldest || drain->entered_at.ns < oldest->entered_at.ns))
            oldest = drain;
    }
    return oldest;
}

static bool may_be(struct engine *e, struct net_object object, char *text)
{
    if (!net_object_exists(e->net, object))
        return refuse(text, "it is not said of what");
    const struct drain *there = same(e, object);
    bool levers = net_object_upstreams(e->net, object) != 0 || hook_of(e, object) != NET_NOBODY;
    if (there)
        return refuse(text, "drain %u of it stands already, by %s: %s", there->number, there->who,
                      drain_state_names[there->state]);
    if (!net_may_move(e->net))
        return refuse(text,
                      "the mode is '%s': nothing is moved; fairlead whatif drain says what "
                      "would be",
                      net_mode_names[e->net->mode]);
    uint32_t hook = hook_of(e, object);
    if (hook != NET_NOBODY && hook_state(e, hook)->in_force)
        return refuse(text, "hook %s took it out of use already: fairlead undrain ends that",
                      e->net->hooks[hook].name);
    bool is_site = object.kind == NET_OBJECT_SITE;
    if (is_site && net_lever_mode(e->net, NET_LEVER_STANCE) < NET_CONFIRM)
        return refuse(text, "modes.stance is '%s': how own prefixes are announced is not changed",
                      net_mode_names[net_lever_mode(e->net, NET_LEVER_STANCE)]);
    if (is_site ? e->net->announce_count == 0 && hook_of(e, object) == NET_NOBODY : !levers)
        return refuse(text, is_site
                                ? "nothing is announced here (key announce): nothing to drain it by"
                                : "no upstream passes it and no hook takes it out: nothing to "
                                  "drain it by");
    if (e->frozen)
        return refuse(text, "all moves are frozen: fairlead thaw ends that");
    return true;
}

bool drains_may(struct engine *e, struct net_object object, char *text)
{
    return may_be(e, object, text) && may_move(e, object, text);
}

// ---- its life

// How the world is told, as far as that may be (S16).
static void offer(struct engine *e, const struct drain *drain, enum net_stance stance)
{
    if (stance == NET_STANCE_NORMAL || net_lever_mode(e->net, NET_LEVER_STANCE) >= NET_CONFIRM)
        own_want(e, &(struct own_wish){drain->object, FAMILY_NONE, stance});
}

void drains_begin(struct engine *e, struct drain *drain)
{
    uint32_t paths[NET_PATHS_MAX], count = paths_of(e, drain->object, paths);
    char reason[DRAINS_TEXT_MAX];
    snprintf(reason, sizeof reason, "drain %u by %s", drain->number, drain->who);
    drain_flow_begin(&drain->flow, traffic_of(e, drain->object));
    drains_enter(e, drain, DRAIN_BEGIN, "moving away, make before break%s%s",
                 drain->reason[0] ? ": " : "", drain->reason);
    offer(e, drain, NET_STANCE_GRACEFUL);
    for (uint32_t i = 0; i < count; i++)
        story_ask(e, paths[i], STORY_DRAIN, reason);
}

uint32_t drains_ask(struct engine *e, const struct event_asked *asked, char *text)
{
    char object[NET_OBJECT_TEXT_MAX];
    struct drain *drain = drains_place(e);
    if (!drain)
        return refuse(text, "%d drains stand or are planned already: end one", DRAINS_MAX);
    if (!drains_may(e, asked->object, text))
        return 0;
    *drain = (struct drain){.number = ++e->story_count,
                            .object = asked->object,
                            .until = asked->until,
                            .uid = asked->uid};
    memcpy(drain->who, asked->who, sizeof drain->who);
    memcpy(drain->reason, asked->reason, sizeof drain->reason);
    drains_begin(e, drain);
    char moves[DRAINS_TEXT_MAX];
    memcpy(moves, text, sizeof moves);
    snprintf(text, DRAINS_TEXT_MAX, "drain %u of %s has begun%.100s", drain->number,
             net_object_format(e->net, drain->object, object), moves);
    return drain->number;
}

// First what a program did is taken back, see advance_restoring().
void drains_finish(struct engine *e, struct drain *drain, enum drain_event event, const char *why)
{
    drains_enter(e, drain, event, "%s: %s", why,
                 drain->state == DRAIN_PLANNED ? "nothing was moved"
                                               : "what was moved returns by trial");
    if (drain->hooked)
        (void)hook_ask(e, hook_of(e, drain->object), drain->number, true);
}

// Of what is planned the next.
static struct drain *to_end(struct engine *e, struct net_object object)
{
    struct drain *found = NULL;
    for (uint32_t i = 0; i < DRAINS_MAX; i++) {
        struct drain *drain = &e->drains.items[i];
        if (drain_next(drain->state, DRAIN_END) == DRAIN_NONE ||
            !net_object_equal(drain->object, object))
            continue;
        if (drain->state != DRAIN_PLANNED)
            return drain;
        if (!found || drain->from.ns < found->from.ns)
            found = drain;
    }
    return found;
}

bool drains_end(struct engine *e, const struct event_asked *asked, char *text)
{
    char object[NET_OBJECT_TEXT_MAX], why[NET_NAME_MAX + 128];
    if (!net_object_exists(e->net, asked->object))
        return refuse(text, "it is not said of what");
    struct drain *drain = to_end(e, asked->object);
    net_object_format(e->net, asked->object, object);
    if (!drain) {
        const struct drain *there = same(e, asked->object);
        uint32_t hook = hook_of(e, asked->object);
        if (!there && hook != NET_NOBODY && hook_state(e, hook)->in_force)
            return hook_bring_back(e, hook, text);
        return refuse(text, "%s is not drained%s", object,
                      there ? ": it is being restored already" : "");
    }
    snprintf(why, sizeof why, "ended by %s%s%s", asked->who, asked->reason[0] ? ", " : "",
             asked->reason);
    bool planned = drain->state == DRAIN_PLANNED;
    drains_finish(e, drain, DRAIN_END, why);
    snprintf(text, DRAINS_TEXT_MAX, "drain %u of %s ends: %s", drain->number, object,
             planned     ? "it was planned, and nothing was moved"
             : e->frozen ? "what was moved returns by trial after a thaw"
                         : "what was moved returns by trial");
    return true;
}

// The first path that is not moved; NET_NOBODY.
static uint32_t laggard(const struct engine *e, const struct drain *drain)
{
    uint32_t paths[NET_PATHS_MAX], count = paths_of(e, drain->object, paths);
    for (uint32_t i = 0; i < count; i++)
        if (!is_moved(e, paths[i]))
            return paths[i];
    return NET_NOBODY;
}

// Nothing goes by it any more: now its program, if it has one.
static bool is_hooked(struct engine *e, struct drain *drain)
{
    uint32_t hook = hook_of(e, drain->object);
    if (hook == NET_NOBODY)
        return true;
    if (!drain->hooked)
        drain->hooked = hook_ask(e, hook, drain->number, false) == HOOK_ORDERED;
    const struct hook_state *state = hook_state(e, hook);
    return drain->hooked && state->number == drain->number && !state->undo && hook_settled(e, hook);
}

static void advance_moving(struct engine *e, struct drain *drain)
{
    uint32_t path = laggard(e, drain), hook = hook_of(e, drain->object);
    bool late = mono_since_ns(e->now, drain->entered_at) >= (int64_t)PATIENCE_MS * NS_PER_MS;
    if (path == NET_NOBODY && own_settled(e) && is_hooked(e, drain)) {
        drain->stood = true;
        drains_enter(e, drain, DRAIN_STANDS, "all is moved: traffic is leaving");
        return;
    }
    if (drain->stood)
        return;
    const struct hook_state *state = drain->hooked ? hook_state(e, hook) : NULL;
    if (state && state->number == drain->number && state->life == HOOK_REFUSED) {
        char why[DRAINS_TEXT_MAX];
        snprintf(why, sizeof why, "given up, hook %.31s: %.80s", e->net->hooks[hook].name,
                 state->reason);
        drains_finish(e, drain, DRAIN_FAIL, why);
    } else if (late && path == NET_NOBODY && !drain->hooked) {
        drains_finish(e, drain, DRAIN_FAIL,
                      "given up: the process that runs programs is not well, or busy");
    } else if (late && path != NET_NOBODY && e->stories[path].state == INCIDENT_CONFIRMED) {
        char name[NET_NAME_MAX + 8], why[DRAINS_TEXT_MAX];
        snprintf(why, sizeof why, "given up, %s: %.90s", net_path_name(e->net, path, name),
                 e->stories[path].last_plan.reason);
        drains_finish(e, drain, DRAIN_FAIL, why);
    }
}

static void say_traffic(struct engine *e, struct drain *drain, enum drain_event event,
                        struct drain_traffic traffic)
{
    double mbps = (double)traffic.bps / 1e6;
    if (event == DRAIN_EVENTS || drain_next(drain->state, event) == DRAIN_NONE)
        return;
    // What comes to a router from inside is not counted: customers' gateways are not ours to see.
    if (event == DRAIN_LEFT && drain->object.kind == NET_OBJECT_ROUTER)
        drains_enter(e, drain, event,
                     "safe towards its upstreams: %.1f Mbit/s go by them; what comes to it from "
                     "inside is not seen: move gateways (VRRP) first",
                     mbps);
    else if (event == DRAIN_LEFT)
        drains_enter(e, drain, event, "safe to work: %.1f Mbit/s go by it", mbps);
    else if (event == DRAIN_BLIND)
        drains_enter(e, drain, event,
                     "all is moved; whether traffic left is unknown: no counters (key use)");
    else
        drains_enter(e, drain, event, "not safe to work: %.1f Mbit/s go by it", mbps);
}

// Others are chosen while it is still there; then it goes. An upstream's, and a router's, need not
// where that was enough: a provider may not heed 65535:0, or its customers may not.
static void withhold(struct engine *e, struct drain *drain, struct drain_traffic traffic)
{
    bool is_site = drain->object.kind == NET_OBJECT_SITE;
    if (drain->withheld || e->frozen || !(is_site || drain_flow_enters(&drain->flow, traffic)) ||
        mono_since_ns(e->now, drain->entered_at) < (int64_t)STEER_GRACEFUL_S * NS_PER_S)
        return;
    drain->withheld = true;
    offer(e, drain, NET_STANCE_WITHHELD);
}

static void advance_standing(struct engine *e, struct drain *drain)
{
    uint32_t path = laggard(e, drain);
    char name[NET_NAME_MAX + 8];
    struct drain_traffic traffic = traffic_of(e, drain->object);
    withhold(e, drain, traffic);
    if (path != NET_NOBODY)
        drains_enter(e, drain, DRAIN_LOST, "not safe to work: %s carries traffic again: %.90s",
                     net_path_name(e->net, path, name), e->stories[path].reason);
    else
        say_traffic(e, drain, drain_flow_take(&drain->flow, e->now, traffic), traffic);
}

static void let_go(struct engine *e, struct drain *drain)
{
    uint32_t paths[NET_PATHS_MAX], count = paths_of(e, drain->object, paths);
    if (!drain->let_go)
        offer(e, drain, NET_STANCE_NORMAL);
    for (uint32_t i = 0; i < count && !drain->let_go; i++)
        if (!is_covered(e, paths[i], drain))
            story_over(e, paths[i], STORY_DRAIN);
    drain->let_go = true;
}

// What a program did goes first, then what routes did.
static void advance_restoring(struct engine *e, struct drain *drain)
{
    uint32_t paths[NET_PATHS_MAX], count = paths_of(e, drain->object, paths);
    uint32_t hook = hook_of(e, drain->object);
    const struct hook_state *state = drain->hooked ? hook_state(e, hook) : NULL;
    bool by_hand = state && state->number == drain->number && state->in_force;
    if (by_hand && state->life == HOOK_ASKED)
        return;
    if (!drain->let_go) {
        let_go(e, drain);
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        if (!is_covered(e, paths[i], drain) && story_moves(&e->stories[paths[i]]))
            return;
    drains_enter(e, drain, DRAIN_RETURNED, "%s",
                 by_hand ? "over, but its hook could not take back what it did: a person must"
                         : "over: all goes as it did before");
}

static void advance(struct engine *e, struct drain *drain)
{
    bool over = drain->until.ns > 0 && mono_reached(e->now, drain->until);
    if (over && drain_next(drain->state, DRAIN_END) != DRAIN_NONE)
        drains_finish(e, drain, DRAIN_END, "its time is over");
    if (drain->state == DRAIN_PLANNED)
        calendar_advance(e, drain);
    if (drain->state == DRAIN_MOVING && !e->frozen)
        advance_moving(e, drain);
    else if (drain->state > DRAIN_MOVING && drain_is_active(drain->state))
        advance_standing(e, drain);  // frozen or not: nobody works on what is no longer safe
    else if (drain->state == DRAIN_RESTORING && !e->frozen)
        advance_restoring(e, drain);
}

void drains_advance(struct engine *e)
{
    for (uint32_t i = 0; i < DRAINS_MAX; i++)
        advance(e, &e->drains.items[i]);
}
