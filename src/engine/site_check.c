// SPDX-License-Identifier: ISC
#include "engine/site_check.h"

#include "base/check.h"

static void take_stance(struct site *s, const struct effect_stance *stance)
{
    s->stance = *stance;
    s->answers[s->answer_count++ % SITE_ANSWERS] = (struct event){
        .kind = EVENT_OVERRIDE,
        .override = {stance->router, NET_NOBODY, s->net.announce[stance->own].prefix,
                     stance->announced ? OVERRIDE_ANNOUNCED : OVERRIDE_WITHDRAWN, ""}};
}

static void take(struct site *s, const struct effect *effect)
{
    bool up = effect->kind == EFFECT_ANNOUNCE;
    s->last_at = effect->at;
    s->released += effect->kind == EFFECT_RELEASE;
    if (effect->kind == EFFECT_STANCE)
        take_stance(s, &effect->stance);
    if (effect->kind == EFFECT_ANSWERED)
        s->answered = effect->answered;
    if (effect->kind == EFFECT_INCIDENT)
        s->state = effect->incident.state;
    if (effect->kind == EFFECT_OUTAGE && s->outage_count < SITE_OUTAGES)
        s->outages[s->outage_count++] = effect->outage;
    if (effect->kind == EFFECT_EXTENT) {
        s->extent = effect->extent;
        s->extent_count++;
    }
    if (effect->kind == EFFECT_PLAN && s->said_count < SITE_SAID)
        s->said[s->said_count++] = effect->plan;
    if (!up && effect->kind != EFFECT_WITHDRAW)
        return;
    const struct effect_override *o = &effect->override;
    bool refused = up && prefix_equal(o->prefix, s->refused);
    s->orders++;
    s->standing += refused ? 0 : up ? 1 : UINT32_MAX;
    s->answers[s->answer_count++ % SITE_ANSWERS] =
        (struct event){.kind = EVENT_OVERRIDE,
                       .override = {o->router, o->upstream, o->prefix,
                                    refused ? OVERRIDE_REFUSED
                                    : up    ? OVERRIDE_ANNOUNCED
                                            : OVERRIDE_WITHDRAWN,
                                    ""}};
}

void site_feed(struct site *s, struct event event)
{
    size_t count;
    event.at.ns = (1000 * 1000 + s->ms) * NS_PER_MS;
    const struct effect *effects = engine_step(s->engine, &event, &count);
    for (size_t i = 0; i < count; i++)
        take(s, &effects[i]);
    while (s->answer_count > 0) {  // route answers at once
        struct event answer = s->answers[--s->answer_count];
        site_feed(s, answer);
    }
}

void site_signal(struct site *s, uint32_t way, enum signal_kind kind)
{
    struct event event = {.kind = EVENT_SIGNAL,
                          .signal = {.kind = kind,
                                     .path = net_path_find(&s->net, way, s->family),
                                     .evidence = {.samples = 50, .lost = 20, .loss_ppm = 400000}}};
    event.signal.began_at.ns = (1000 * 1000 + s->ms - 500) * NS_PER_MS;
    site_feed(s, event);
}

static void tally(struct site *s, uint32_t way, uint32_t percent)
{
    uint32_t second = way == NET_NOBODY ? 0 : s->second_percent[way];
    uint32_t voided = way == NET_NOBODY ? 0 : s->void_percent[way];
    uint32_t path = net_path_find(&s->net, way, s->family);
    for (uint32_t t = 0; path != NET_NOBODY && t < s->net.target_count; t++) {
        uint32_t lost = t == 1 && second > percent ? second : percent;
        site_feed(s, (struct event){.kind = EVENT_TALLY,
                                    .tally = {.path = path,
                                              .target = t,
                                              .ok = 100 - lost - voided,
                                              .lost = lost,
                                              .voided = voided}});
    }
}

void site_run(struct site *s, int64_t ms)
{
    for (int64_t until = s->ms + ms; s->ms < until; s->ms += 50) {
        site_feed(s, (struct event){.kind = EVENT_TICK});
        for (uint32_t way = 0; way < SITE_WAYS; way++)
            if (s->loss_percent[way] != SITE_SPARSE)
                tally(s, way, s->loss_percent[way]);
            else if (s->ms % 500 == 0)
                site_feed(s,
                          (struct event){
                              .kind = EVENT_TALLY,
                              .tally = {.path = net_path_find(&s->net, way, s->family), .ok = 1}});
        if (s->routed_percent != SITE_UNKNOWN)
            tally(s, NET_NOBODY, s->routed_percent);
    }
}

static const struct {
    const char *prefix;
    uint32_t leaves_by;
} routes[] = {{"203.0.112.0/24", SITE_A},
              {"203.0.113.0/24", SITE_A},
              {"0.0.0.0/0", SITE_A},
              {"203.0.112.0/23", SITE_B}};

struct site *site_open(uint64_t seed)
{
    static const char *const hops[SITE_WAYS] = {"10.0.1.1", "10.0.2.1", "10.0.3.1", "10.0.4.1"};
    struct site *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->net = small_net();
    s->family = FAMILY_IPV4;
    s->net.router_count = s->net.upstream_count = SITE_WAYS;
    s->net.steer.quiet_start_ns = s->net.steer.healthy_min_ns = NS_PER_S;
    for (uint32_t w = 0; w < SITE_WAYS; w++) {
        s->net.routers[w].name[0] = s->net.upstreams[w].name[0] = (char)('a' + w);
        s->net.routers[w].name[1] = s->net.upstreams[w].name[1] = '\0';
        s->net.routers[w].families[FAMILY_IPV4] = true;
        s->net.upstreams[w].router = w;
        s->net.upstreams[w].next_hop[FAMILY_IPV4] = small_address(hops[w]);
    }
    s->engine = engine_new(&s->net);
    site_feed(s, (struct event){.kind = EVENT_START, .start.seed = seed});
    for (uint32_t r = 0; r < SITE_WAYS; r++) {
        struct event event = {.kind = EVENT_SESSION, .session = {r, SESSION_UP, FAMILY_NONE, ""}};
        site_feed(s, event);
        for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++)
            site_feed(s, (struct event){.kind = EVENT_ROUTE,
                                        .route = {r, r, small_prefix(routes[i].prefix), true,
                                                  r == routes[i].leaves_by}});
        event.session.state = SESSION_COMPLETE;
        for (enum family f = FAMILY_IPV4; f < FAMILIES; f++) {
            event.session.family = f;
            site_feed(s, event);
        }
    }
    site_run(s, 5000);
    return s;
}

void site_close(struct site *s)
{
    engine_free(s->engine);
    free(s);
}

void site_check_said(const struct site *s, uint32_t place, enum effect_plan_verdict verdict,
                     uint32_t from, uint32_t to)
{
    assert_true(place < s->said_count);
    const struct effect_plan *plan = &s->said[place];
    if (plan->verdict != verdict || plan->from != from || plan->to != to)
        fail_msg("plan %u: verdict %d from %u to %u: %s", place, plan->verdict, plan->from,
                 plan->to, plan->reason);
}
