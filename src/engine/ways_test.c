// SPDX-License-Identifier: ISC
// Four ways out: which one is chosen, what follows when it does not help, and two that fail at
// once. Without detectors: the test says what they say, and how many packets of each way are lost.
#include "engine/engine.h"
#include "engine/small_net.h"

#include "base/check.h"

enum { A, B, C, D, WAYS, ANSWERS = 64, SAID = 32, UNKNOWN = 101, SPARSE };

struct site {
    struct net net;
    struct engine *engine;
    int64_t ms;
    uint32_t loss_percent[WAYS];  // of the probes through each way
    uint32_t routed_percent;      // of what customers' packets meet
    struct event answers[ANSWERS];
    uint32_t answer_count;
    uint32_t said_count;
    struct effect_plan said[SAID];
    enum incident_state state;  // of the incident that changed last
    uint32_t standing, orders, released;
    struct mono last_at;  // of any effect
};

static void take(struct site *s, const struct effect *effect)
{
    bool up = effect->kind == EFFECT_ANNOUNCE;
    s->last_at = effect->at;
    s->released += effect->kind == EFFECT_RELEASE;
    if (effect->kind == EFFECT_INCIDENT)
        s->state = effect->incident.state;
    if (effect->kind == EFFECT_PLAN && s->said_count < SAID)
        s->said[s->said_count++] = effect->plan;
    if (!up && effect->kind != EFFECT_WITHDRAW)
        return;
    const struct effect_override *o = &effect->override;
    s->orders++;
    s->standing += up ? 1 : UINT32_MAX;
    s->answers[s->answer_count++ % ANSWERS] =
        (struct event){.kind = EVENT_OVERRIDE,
                       .override = {o->router, o->upstream, o->prefix,
                                    up ? OVERRIDE_ANNOUNCED : OVERRIDE_WITHDRAWN, ""}};
}

static void feed(struct site *s, struct event event)
{
    size_t count;
    event.at.ns = (1000 * 1000 + s->ms) * NS_PER_MS;
    const struct effect *effects = engine_step(s->engine, &event, &count);
    for (size_t i = 0; i < count; i++)
        take(s, &effects[i]);
    while (s->answer_count > 0) {  // route answers at once
        struct event answer = s->answers[--s->answer_count];
        feed(s, answer);
    }
}

static void signal(struct site *s, uint32_t way, enum signal_kind kind)
{
    struct event event = {.kind = EVENT_SIGNAL,
                          .signal = {.kind = kind,
                                     .path = net_path_find(&s->net, way, FAMILY_IPV4),
                                     .evidence = {.samples = 50, .lost = 20, .loss_ppm = 400000}}};
    event.signal.began_at.ns = (1000 * 1000 + s->ms - 500) * NS_PER_MS;
    feed(s, event);
}

static void tally(struct site *s, uint32_t way, uint32_t percent)
{
    for (uint32_t t = 0; t < s->net.target_count; t++)
        feed(s, (struct event){.kind = EVENT_TALLY,
                               .tally = {.path = net_path_find(&s->net, way, FAMILY_IPV4),
                                         .target = t,
                                         .ok = 100 - percent,
                                         .lost = percent}});
}

static void run(struct site *s, int64_t ms)
{
    for (int64_t until = s->ms + ms; s->ms < until; s->ms += 50) {
        feed(s, (struct event){.kind = EVENT_TICK});
        for (uint32_t way = 0; way < WAYS; way++)
            if (s->loss_percent[way] != SPARSE)
                tally(s, way, s->loss_percent[way]);
            else if (s->ms % 500 == 0)
                feed(s, (struct event){.kind = EVENT_TALLY, .tally = {.path = way, .ok = 1}});
        if (s->routed_percent != UNKNOWN)
            tally(s, NET_NOBODY, s->routed_percent);
    }
}

// Three prefixes leave by A: one without targets, one with, and a default route; one leaves by B.
static const struct {
    const char *prefix;
    uint32_t leaves_by;
} routes[] = {
    {"203.0.112.0/24", A}, {"203.0.113.0/24", A}, {"0.0.0.0/0", A}, {"203.0.112.0/23", B}};

static struct site *open_site(uint64_t seed)
{
    static const char *const hops[WAYS] = {"10.0.1.1", "10.0.2.1", "10.0.3.1", "10.0.4.1"};
    struct site *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->net = small_net();
    s->net.router_count = s->net.upstream_count = WAYS;
    s->net.steer.quiet_start_ns = s->net.steer.healthy_min_ns = NS_PER_S;
    for (uint32_t w = 0; w < WAYS; w++) {
        s->net.routers[w].name[0] = s->net.upstreams[w].name[0] = (char)('a' + w);
        s->net.routers[w].name[1] = s->net.upstreams[w].name[1] = '\0';
        s->net.routers[w].families[FAMILY_IPV4] = true;
        s->net.upstreams[w].router = w;
        s->net.upstreams[w].next_hop[FAMILY_IPV4] = small_address(hops[w]);
    }
    s->engine = engine_new(&s->net);
    feed(s, (struct event){.kind = EVENT_START, .start.seed = seed});
    for (uint32_t r = 0; r < WAYS; r++) {
        struct event event = {.kind = EVENT_SESSION, .session = {r, SESSION_UP, FAMILY_NONE, ""}};
        feed(s, event);
        for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++)
            feed(s, (struct event){.kind = EVENT_ROUTE,
                                   .route = {r, r, small_prefix(routes[i].prefix), true,
                                             r == routes[i].leaves_by}});
        event.session.state = SESSION_COMPLETE;
        for (enum family f = FAMILY_IPV4; f < FAMILIES; f++) {
            event.session.family = f;
            feed(s, event);
        }
    }
    run(s, 5000);
    return s;
}

static void close_site(struct site *s)
{
    engine_free(s->engine);
    free(s);
}

static void check_said(const struct site *s, uint32_t place, enum effect_plan_verdict verdict,
                       uint32_t from, uint32_t to)
{
    assert_true(place < s->said_count);
    const struct effect_plan *plan = &s->said[place];
    if (plan->verdict != verdict || plan->from != from || plan->to != to)
        fail_msg("plan %u: verdict %d from %u to %u: %s", place, plan->verdict, plan->from,
                 plan->to, plan->reason);
}

static void chooses_the_best_way(void **state)
{
    (void)state;
    struct site *s = open_site(1);
    s->loss_percent[B] = s->loss_percent[D] = 1;
    run(s, 2000);
    s->loss_percent[A] = 40;
    signal(s, A, SIGNAL_CONFIRMED);
    run(s, 2000);
    assert_int_equal(s->said_count, 1);
    check_said(s, 0, PLAN_ACT, A, C);
    assert_int_equal(s->said[0].prefixes, 2);                   // no default route: S5
    assert_in_range(s->said[0].loss_from_ppm, 150000, 400000);  // what the detector saw, 20 of 50
    assert_int_equal(s->state, INCIDENT_HELD);
    assert_int_equal(s->standing, 2 * WAYS);
    close_site(s);
}

// Two ways that do not help are left again, and then it stays so for the hold time.
static void gives_up_after_two_tries(void **state)
{
    (void)state;
    struct site *s = open_site(1);
    s->loss_percent[A] = s->routed_percent = 40;
    signal(s, A, SIGNAL_CONFIRMED);
    run(s, 20000);
    assert_int_equal(s->said_count, 5);
    check_said(s, 0, PLAN_ACT, A, B);
    check_said(s, 1, PLAN_UNDO, B, A);
    check_said(s, 2, PLAN_ACT, A, C);
    check_said(s, 3, PLAN_UNDO, C, A);
    check_said(s, 4, PLAN_REFUSED, A, NET_NOBODY);
    assert_non_null(strstr(s->said[4].reason, "two moves did not help"));
    run(s, 200000);  // the hold times, doubled and jittered, are over
    check_said(s, 5, PLAN_ACT, A, B);
    close_site(s);
}

// The second waits until packets have proven the first.
static void moves_one_at_a_time(void **state)
{
    (void)state;
    struct site *s = open_site(1);
    s->loss_percent[A] = s->loss_percent[B] = 40;
    s->routed_percent = UNKNOWN;  // verification takes all its time
    signal(s, A, SIGNAL_CONFIRMED);
    signal(s, B, SIGNAL_CONFIRMED);
    run(s, 3000);
    assert_int_equal(s->said_count, 2);
    check_said(s, 0, PLAN_ACT, A, C);
    check_said(s, 1, PLAN_REFUSED, B, NET_NOBODY);
    assert_non_null(strstr(s->said[1].reason, "one at a time"));
    s->routed_percent = 0;
    run(s, 2000);
    check_said(s, 2, PLAN_ACT, B, C);
    close_site(s);
}

static struct site *open_held(uint64_t seed)
{
    struct site *s = open_site(seed);
    s->net.steer.hold_min_ns = 10 * (int64_t)NS_PER_S;
    s->loss_percent[A] = 40;
    signal(s, A, SIGNAL_CONFIRMED);
    run(s, 3000);
    assert_int_equal(s->state, INCIDENT_HELD);
    return s;
}

// The detector says so, and so do the probes themselves.
static void returns_when_both_agree(void **state)
{
    (void)state;
    struct site *s = open_held(1);
    signal(s, A, SIGNAL_CLEAR);
    s->loss_percent[A] = 2;
    run(s, 30000);
    assert_int_equal(s->state, INCIDENT_HELD);
    s->loss_percent[A] = SPARSE;  // no loss, but too few probes to tell
    run(s, 30000);
    assert_int_equal(s->state, INCIDENT_HELD);
    s->loss_percent[A] = 0;
    run(s, 20000);
    assert_int_equal(s->state, INCIDENT_CLOSED);
    assert_int_equal(s->standing, 0);
    close_site(s);
    s = open_held(1);
    s->loss_percent[A] = 0;
    run(s, 30000);
    assert_int_equal(s->state, INCIDENT_HELD);
    signal(s, A, SIGNAL_CLEAR);
    run(s, 3000);
    assert_int_equal(s->state, INCIDENT_CLOSED);
    close_site(s);
}

static void returns_only_when_it_could_move_again(void **state)
{
    (void)state;
    struct site *s = open_held(1);
    struct event role = {.kind = EVENT_ROLE, .role = {ROLE_ROUTE, ROLE_SICK, ""}};
    signal(s, A, SIGNAL_CLEAR);
    s->loss_percent[A] = 0;
    run(s, 7500);  // the hold is 8 s at least
    feed(s, role);
    run(s, 3900);
    assert_int_equal(s->state, INCIDENT_HELD);
    role.role.state = ROLE_ALIVE;
    feed(s, role);
    run(s, 5000);
    assert_int_equal(s->state, INCIDENT_CLOSED);
    assert_int_equal(s->released, 0);
    close_site(s);
}

static void moves_a_lossy_slice_back(void **state)
{
    (void)state;
    struct site *s = open_held(1);
    signal(s, A, SIGNAL_CLEAR);
    s->loss_percent[A] = 0;
    s->routed_percent = 40;
    while (s->state == INCIDENT_HELD && s->ms < 60000)
        run(s, 50);
    assert_int_equal(s->state, INCIDENT_TRIAL);
    run(s, 3000);  // far under the time that a verification may take
    assert_int_equal(s->state, INCIDENT_HELD);
    assert_int_equal(s->standing, 2 * WAYS);
    close_site(s);
}

static void undoes_what_is_not_proven_in_time(void **state)
{
    (void)state;
    struct site *s = open_site(1);
    s->loss_percent[A] = 40;
    s->routed_percent = UNKNOWN;
    signal(s, A, SIGNAL_CONFIRMED);
    run(s, 14000);
    assert_int_equal(s->state, INCIDENT_VERIFY);
    run(s, 2000);
    check_said(s, 1, PLAN_UNDO, B, A);
    assert_string_equal(s->said[1].reason, "not proven better in time");
    close_site(s);
}

// What cannot be verified is not moved.
static void moves_nothing_blindly(void **state)
{
    (void)state;
    struct site *s = open_site(1);
    for (uint32_t r = 0; r < WAYS; r++)
        feed(s, (struct event){.kind = EVENT_ROUTE,
                               .route = {r, r, small_prefix("203.0.113.0/24"), false, false}});
    s->loss_percent[A] = 40;
    signal(s, A, SIGNAL_CONFIRMED);
    run(s, 3000);
    assert_int_equal(s->orders, 0);
    assert_non_null(strstr(s->said[0].reason, "no target that answers lies inside"));
    close_site(s);
}

static void forgets_all_with_route(void **state)
{
    (void)state;
    struct site *s = open_held(1);
    uint32_t orders = s->orders;
    feed(s, (struct event){.kind = EVENT_ROLE, .role = {ROLE_ROUTE, ROLE_DEAD, ""}});
    assert_int_equal(s->state, INCIDENT_CONFIRMED);
    run(s, 3000);
    assert_int_equal(s->orders, orders);  // nobody is there to take one
    assert_non_null(strstr(s->said[s->said_count - 1].reason, "holds the BGP sessions"));
    close_site(s);
}

// A way that was bad must be good for a while before it is one to move to.
static void distrusts_what_was_bad(void **state)
{
    (void)state;
    struct site *s = open_site(1);
    signal(s, C, SIGNAL_CONFIRMED);
    signal(s, D, SIGNAL_CONFIRMED);
    signal(s, B, SIGNAL_CONFIRMED);
    signal(s, B, SIGNAL_CLEAR);
    s->loss_percent[A] = 40;
    signal(s, A, SIGNAL_CONFIRMED);
    run(s, 900);
    assert_int_equal(s->orders, 0);
    run(s, 1000);
    assert_true(s->orders > 0);
    close_site(s);
}

static uint32_t relative_of_a(const struct site *s)
{
    static const char key[] = "\"relative_millinats\":";
    char text[8192];
    assert_true(engine_status_json(s->engine, (struct mono){0}, text, sizeof text) > 0);
    return (uint32_t)atoi(strstr(text, key) + strlen(key));
}

static void clears_evidence_of_what_is_over(void **state)
{
    (void)state;
    struct site *s = open_held(1);
    assert_true(relative_of_a(s) > 9000);
    signal(s, A, SIGNAL_CLEAR);
    assert_int_equal(relative_of_a(s), 0);
    close_site(s);
}

// The clock of another process is believed within a second.
static void keeps_its_own_time(void **state)
{
    (void)state;
    struct site *s = open_held(1);
    struct event tally = {.kind = EVENT_TALLY, .at = {INT64_MAX}};
    size_t count;
    engine_step(s->engine, &tally, &count);
    run(s, 5000);
    assert_int_equal(s->released, 0);
    assert_true(s->last_at.ns <= (1000 * 1000 + s->ms) * NS_PER_MS);
    close_site(s);
}

static int64_t returned_at(uint64_t seed)
{
    struct site *s = open_held(seed);
    signal(s, A, SIGNAL_CLEAR);
    s->loss_percent[A] = 0;
    while (s->state != INCIDENT_CLOSED && s->ms < 60000)
        run(s, 50);
    int64_t ms = s->ms;
    close_site(s);
    return ms;
}

// Sites do not return in step.
static void jitters_by_seed(void **state)
{
    (void)state;
    assert_int_equal(returned_at(1), returned_at(1));
    assert_true(returned_at(1) != returned_at(2) || returned_at(1) != returned_at(3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chooses_the_best_way),
        cmocka_unit_test(gives_up_after_two_tries),
        cmocka_unit_test(moves_one_at_a_time),
        cmocka_unit_test(returns_when_both_agree),
        cmocka_unit_test(returns_only_when_it_could_move_again),
        cmocka_unit_test(moves_a_lossy_slice_back),
        cmocka_unit_test(undoes_what_is_not_proven_in_time),
        cmocka_unit_test(moves_nothing_blindly),
        cmocka_unit_test(forgets_all_with_route),
        cmocka_unit_test(distrusts_what_was_bad),
        cmocka_unit_test(clears_evidence_of_what_is_over),
        cmocka_unit_test(keeps_its_own_time),
        cmocka_unit_test(jitters_by_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
