// SPDX-License-Identifier: ISC
// Drains in virtual time: what is out of use because people asked for it.
#include "engine/site_check.h"
#include "engine/state.h"

#include "base/check.h"

enum { A = SITE_A, B, C, D, ANNA = 1000, GBPS = 1000 * 1000 * 1000 };

// By routes alone.
static struct site *open_site(void)
{
    struct site *s = site_open(1);
    s->net.hook_count = 0;
    return s;
}

static struct event_asked drain_of(enum net_object_kind kind, uint32_t index)
{
    return (struct event_asked){.what = ASKED_DRAIN,
                                .uid = ANNA,
                                .who = "anna",
                                .object = {kind, index, 0},
                                .reason = "new line card"};
}

static void ask(struct site *s, struct event_asked asked)
{
    site_feed(s, (struct event){.kind = EVENT_ASKED, .asked = asked});
}

static void expect(const struct site *s, bool done, const char *text)
{
    if (s->answered.done != done || !strstr(s->answered.text, text))
        fail_msg("'%s', %s, not '%s'", s->answered.text, s->answered.done ? "done" : "refused",
                 text);
}

static const struct drain *drain_at(const struct site *s, uint32_t place)
{
    return &s->engine->drains.items[place];
}

static void expect_state(const struct site *s, uint32_t place, enum drain_state state,
                         const char *text)
{
    const struct drain *drain = drain_at(s, place);
    if (drain->state != state || !strstr(drain->text, text))
        fail_msg("%s: '%s', not %s: '%s'", drain_state_names[drain->state], drain->text,
                 drain_state_names[state], text);
}

// Counters, a reading a second.
static void run_with_both(struct site *s, struct event_use use, int seconds)
{
    for (int i = 0; i < seconds; i++) {
        site_feed(s, (struct event){.kind = EVENT_USE, .use = use});
        site_run(s, 1000);
    }
}

static void run_with_use(struct site *s, uint32_t way, int64_t out_bps, int seconds)
{
    run_with_both(s, (struct event_use){way, out_bps, 0}, seconds);
}

// Moved, waited for, safe, returned; and nothing is moved to it meanwhile.
static void drains_until_safe_and_returns(void **state)
{
    (void)state;
    struct site *s = open_site();
    run_with_use(s, A, 5ll * GBPS, 2);
    ask(s, drain_of(NET_OBJECT_UPSTREAM, A));
    expect(s, true, "drain 1 of upstream a has begun: a ipv4: 2 prefixes to ");
    assert_int_equal(s->answered.number, 1);
    assert_int_equal(drain_at(s, 0)->state, DRAIN_MOVING);
    run_with_use(s, A, 4ll * GBPS, 4);
    expect_state(s, 0, DRAIN_WAITING, "all is moved: traffic is leaving");
    assert_int_equal(s->standing, 2 * SITE_WAYS);
    run_with_use(s, A, 1000 * 1000, 9);
    assert_int_equal(drain_at(s, 0)->state, DRAIN_WAITING);
    run_with_use(s, A, 1000 * 1000, 3);
    expect_state(s, 0, DRAIN_SAFE, "safe to work: 1.0 Mbit/s go by it");

    run_with_use(s, A, 1ll * GBPS, 1);
    expect_state(s, 0, DRAIN_WAITING, "not safe to work: 1000.0 Mbit/s go by it");
    run_with_use(s, A, 0, 12);
    assert_int_equal(drain_at(s, 0)->state, DRAIN_SAFE);
    site_run(s, 60 * 1000);
    expect_state(s, 0, DRAIN_UNSURE, "no counters");

    ask(s, (struct event_asked){.what = ASKED_UNDRAIN, .who = "bert", .object = {0, A, 0}});
    expect(s, true, "drain 1 of upstream a ends: what was moved returns by trial");
    assert_int_equal(drain_at(s, 0)->state, DRAIN_RESTORING);
    site_run(s, 20 * 1000);
    expect_state(s, 0, DRAIN_OVER, "over: all goes as it did before");
    assert_int_equal(s->standing, 0);
    ask(s, (struct event_asked){.what = ASKED_UNDRAIN, .who = "bert", .object = {0, A, 0}});
    expect(s, false, "upstream a is not drained");
    site_close(s);
}

// What comes to a router from inside is not known, and that is said; of an upstream nothing does.
static void claims_no_more_than_is_known(void **state)
{
    (void)state;
    for (enum net_object_kind kind = NET_OBJECT_UPSTREAM; kind <= NET_OBJECT_ROUTER; kind++) {
        struct site *s = open_site();
        ask(s, drain_of(kind, A));
        run_with_use(s, A, 0, 20);
        bool is_router = kind == NET_OBJECT_ROUTER;
        expect_state(s, 0, DRAIN_SAFE,
                     is_router ? "safe towards its upstreams: 0.0 Mbit/s go by them; what comes to "
                                 "it from inside is not seen: move gateways (VRRP) first"
                               : "safe to work: 0.0 Mbit/s go by it");
        json_t *drains = engine_drains_json(s->engine, (struct mono){(int64_t)s->ms * NS_PER_MS});
        const json_t *said = json_object_get(json_array_get(drains, 0), "inside_unknown");
        assert_true(json_is_boolean(said));
        assert_int_equal(json_is_true(said), is_router);
        json_decref(drains);
        site_close(s);
    }
}

static void ends_when_its_time_is_over(void **state)
{
    (void)state;
    struct site *s = open_site();
    struct event_asked asked = drain_of(NET_OBJECT_ROUTER, A);
    asked.until.ns = (1000 * 1000 + s->ms + 60 * 1000) * NS_PER_MS;
    ask(s, asked);
    expect(s, true, "drain 1 of router a has begun");
    site_run(s, 59 * 1000);
    assert_int_equal(drain_at(s, 0)->state, DRAIN_UNSURE);
    assert_true(s->standing > 0);
    site_run(s, 20 * 1000);
    expect_state(s, 0, DRAIN_OVER, "over");
    assert_int_equal(s->standing, 0);
    site_close(s);
}

static void refuses_what_would_hurt(void **state)
{
    (void)state;
    struct site *s = open_site();
    s->net.announce_count = 0;
    ask(s, drain_of(NET_OBJECT_SITE, 0));
    expect(s, false, "nothing is announced here");
    s->net.lever_modes[NET_LEVER_STANCE] = 1 + (uint32_t)NET_ADVISE;
    ask(s, drain_of(NET_OBJECT_SITE, 0));
    expect(s, false, "modes.stance is 'advise'");
    s->net.lever_modes[NET_LEVER_STANCE] = 0;
    for (uint32_t way = B; way < SITE_WAYS; way++) {
        s->loss_percent[way] = 40;
        site_signal(s, way, SIGNAL_CONFIRMED);
    }
    site_run(s, 100);
    ask(s, drain_of(NET_OBJECT_UPSTREAM, A));
    expect(s, false, "is not well either");
    assert_int_equal(s->engine->drains.looked_at, 0);
    ask(s, drain_of(NET_OBJECT_KINDS, 0));
    expect(s, false, "it is not said of what");
    struct event_asked nothing = drain_of(NET_OBJECT_KINDS, 0);
    nothing.what = ASKED_UNDRAIN;
    ask(s, nothing);
    expect(s, false, "it is not said of what");
    ask(s, drain_of(NET_OBJECT_UPSTREAM, 99));
    expect(s, false, "it is not said of what");
    assert_int_equal(drain_at(s, 0)->state, DRAIN_NONE);
    site_close(s);

    s = open_site();
    site_feed(s, (struct event){.kind = EVENT_COMMAND, .command = COMMAND_FREEZE});
    ask(s, drain_of(NET_OBJECT_UPSTREAM, A));
    expect(s, false, "all moves are frozen");
    site_feed(s, (struct event){.kind = EVENT_COMMAND, .command = COMMAND_THAW});
    s->net.mode = NET_ADVISE;
    ask(s, drain_of(NET_OBJECT_UPSTREAM, A));
    expect(s, false, "the mode is 'advise'");
    assert_int_equal(s->orders, 0);
    site_close(s);
}

// One goes where the other is not; what was moved to a way keeps it from being drained.
static void keeps_drains_apart(void **state)
{
    (void)state;
    struct site *s = open_site();
    ask(s, drain_of(NET_OBJECT_UPSTREAM, C));
    expect(s, true, "drain 1 of upstream c has begun");
    ask(s, drain_of(NET_OBJECT_UPSTREAM, C));
    expect(s, false, "drain 1 of it stands already, by anna: moving");
    site_run(s, 5000);
    assert_int_equal(drain_at(s, 0)->state, DRAIN_UNSURE);  // nothing left by it
    s->loss_percent[B] = 40;
    site_signal(s, B, SIGNAL_CONFIRMED);
    ask(s, drain_of(NET_OBJECT_UPSTREAM, A));
    expect(s, true, "has begun: a ipv4: 2 prefixes to d");
    site_run(s, 5000);
    assert_int_equal(drain_at(s, 1)->state, DRAIN_UNSURE);
    ask(s, drain_of(NET_OBJECT_UPSTREAM, D));
    expect(s, false, "what left a ipv4 (incident ");
    ask(s, (struct event_asked){.what = ASKED_UNDRAIN, .who = "bert", .object = {0, C, 0}});
    site_run(s, 20 * 1000);
    assert_int_equal(drain_at(s, 0)->state, DRAIN_OVER);
    assert_int_equal(drain_at(s, 1)->state, DRAIN_UNSURE);
    site_close(s);
}

// A router within, a drain within: a way returns when the last that holds it ends.
static void holds_a_way_for_both(void **state)
{
    (void)state;
    struct site *s = open_site();
    ask(s, drain_of(NET_OBJECT_UPSTREAM, A));
    ask(s, drain_of(NET_OBJECT_ROUTER, A));
    expect(s, true, "of router a has begun");
    site_run(s, 5000);
    uint32_t standing = s->standing;
    assert_true(standing > 0);
    ask(s, (struct event_asked){.what = ASKED_UNDRAIN, .who = "anna", .object = {0, A, 0}});
    site_run(s, 20 * 1000);
    assert_int_equal(drain_at(s, 0)->state, DRAIN_OVER);
    assert_int_equal(s->standing, standing);
    ask(s, (struct event_asked){.what = ASKED_UNDRAIN, .who = "anna", .object = {1, A, 0}});
    site_run(s, 20 * 1000);
    assert_int_equal(s->standing, 0);
    site_close(s);
}

// People are at work: it is moved again, not given up.
static void moves_again_what_came_back(void **state)
{
    (void)state;
    struct site *s = open_site();
    ask(s, drain_of(NET_OBJECT_UPSTREAM, A));
    site_run(s, 5000);
    assert_int_equal(drain_at(s, 0)->state, DRAIN_UNSURE);
    site_feed(s, (struct event){.kind = EVENT_ROLE, .role = {ROLE_ROUTE, ROLE_DEAD, ""}});
    site_run(s, 100);
    expect_state(s, 0, DRAIN_MOVING, "not safe to work: a ipv4 carries traffic again");
    site_run(s, 300 * 1000);
    assert_int_equal(drain_at(s, 0)->state, DRAIN_MOVING);
    site_close(s);
}

// A freeze keeps what is drained so; whatever takes it back all the same is told.
static void stays_honest_while_frozen(void **state)
{
    (void)state;
    struct site *s = open_site();
    ask(s, drain_of(NET_OBJECT_UPSTREAM, A));
    site_run(s, 5000);
    assert_int_equal(drain_at(s, 0)->state, DRAIN_UNSURE);
    site_feed(s, (struct event){.kind = EVENT_COMMAND, .command = COMMAND_FREEZE});
    run_with_use(s, A, 0, 12);
    assert_int_equal(drain_at(s, 0)->state, DRAIN_SAFE);
    run_with_use(s, A, 1ll * GBPS, 1);
    assert_int_equal(drain_at(s, 0)->state, DRAIN_WAITING);
    run_with_use(s, A, 0, 12);
    assert_int_equal(drain_at(s, 0)->state, DRAIN_SAFE);
    site_feed(s, (struct event){.kind = EVENT_COMMAND, .command = COMMAND_WITHDRAW});
    site_run(s, 100);
    expect_state(s, 0, DRAIN_MOVING, "not safe to work: a ipv4 carries traffic again");
    uint32_t orders = s->orders;
    site_run(s, 120 * 1000);
    assert_int_equal(s->orders, orders);
    site_feed(s, (struct event){.kind = EVENT_COMMAND, .command = COMMAND_THAW});
    site_run(s, 10 * 1000);
    assert_true(s->orders > orders);
    assert_int_equal(drain_at(s, 0)->state, DRAIN_UNSURE);
    site_close(s);
}

// No room is found in time: nothing stood, so it is over.
static void gives_up_what_cannot_be_moved(void **state)
{
    (void)state;
    struct site *s = open_site();
    s->routed_percent = 30;  // wherever it goes, packets are lost
    ask(s, drain_of(NET_OBJECT_UPSTREAM, A));
    expect(s, true, "has begun");
    site_run(s, 200 * 1000);
    expect_state(s, 0, DRAIN_OVER, "over");
    assert_int_equal(s->standing, 0);
    site_close(s);
}

static void told_by_hook(struct site *s, bool undo, enum event_hook_state state)
{
    struct event event = {.kind = EVENT_HOOK,
                          .hook = {0, drain_at(s, 0)->number, undo, state, "no such port"}};
    site_feed(s, event);
}

// A program takes it out beside what routes do: both must stand, and both go back.
static void drains_by_hook(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    s->net.hooks[0].object = (struct net_object){NET_OBJECT_ROUTER, A, 0};
    site_feed(s, (struct event){.kind = EVENT_ROLE, .role = {ROLE_HOOK, ROLE_ALIVE, ""}});
    ask(s, drain_of(NET_OBJECT_ROUTER, A));
    site_run(s, 5000);
    assert_int_equal(drain_at(s, 0)->state, DRAIN_MOVING);
    assert_true(s->standing > 0);
    told_by_hook(s, false, HOOK_STARTED);
    told_by_hook(s, false, HOOK_DONE);
    site_run(s, 5000 + s->net.hooks[0].settle_ns / NS_PER_MS);
    assert_int_equal(drain_at(s, 0)->state, DRAIN_UNSURE);
    ask(s, (struct event_asked){.what = ASKED_UNDRAIN, .who = "anna", .object = {1, A, 0}});
    site_run(s, 2000);
    assert_true(s->standing > 0);
    assert_int_equal(drain_at(s, 0)->state, DRAIN_RESTORING);
    told_by_hook(s, true, HOOK_DONE);
    site_run(s, 5000);
    assert_int_equal(s->standing, 0);
    expect_state(s, 0, DRAIN_OVER, "over: all goes as it did before");
    site_close(s);

    s = site_open(1);
    s->net.hooks[0].object = (struct net_object){NET_OBJECT_ROUTER, A, 0};
    site_feed(s, (struct event){.kind = EVENT_ROLE, .role = {ROLE_HOOK, ROLE_ALIVE, ""}});
    ask(s, drain_of(NET_OBJECT_ROUTER, A));
    site_run(s, 5000);
    told_by_hook(s, false, HOOK_FAILED);
    site_run(s, 100);
    expect_state(s, 0, DRAIN_RESTORING, "given up, hook ");
    told_by_hook(s, true, HOOK_FAILED);
    site_run(s, 5000);
    expect_state(s, 0, DRAIN_OVER, "a person must");
    site_close(s);
}

// Nobody is sent here any more: gracefully first, then not at all, and as before at the end.
static void drains_the_site(void **state)
{
    (void)state;
    struct site *s = open_site();
    small_announce(&s->net);
    s->net.announce_count = 1;
    s->net.announce[0].anycast = true;
    site_run(s, 1000);
    assert_true(s->stance.announced);
    ask(s, drain_of(NET_OBJECT_SITE, 0));
    expect(s, true, "drain 1 of site has begun");
    site_run(s, 30 * 1000);
    assert_int_equal(drain_at(s, 0)->state, DRAIN_UNSURE);
    assert_true(s->stance.announced);
    assert_int_equal(s->standing, 0);  // no way out is left for another
    site_run(s, 60 * 1000);
    assert_false(s->stance.announced);
    ask(s, drain_of(NET_OBJECT_UPSTREAM, A));  // the ways out are as good as before
    expect(s, true, "has begun");
    ask(s, (struct event_asked){
               .what = ASKED_UNDRAIN, .who = "anna", .object = {NET_OBJECT_SITE, 0, 0}});
    site_run(s, 1000);
    assert_true(s->stance.announced);
    expect_state(s, 0, DRAIN_OVER, "over");
    site_close(s);
}

static struct site *open_with_words(void)
{
    struct site *s = open_site();
    small_announce(&s->net);
    for (uint32_t way = A; way < SITE_WAYS; way++)
        for (uint32_t stance = NET_STANCE_GRACEFUL; stance < NET_STANCES; stance++)
            s->net.upstreams[way].inbound[stance] =
                (struct net_tag){NET_TAG_LARGE, {64500, way, stance}};
    site_run(s, 1000);
    return s;
}

// Both families, towards A.
static void expect_stance(const struct site *s, uint32_t graceful, uint32_t withheld)
{
    for (uint32_t own = 0; own < s->net.announce_count; own++) {
        const struct own_stances *stands = &s->engine->owns.items[own].places[A].stands;
        if (!stands->announced || stands->graceful != graceful || stands->withheld != withheld)
            fail_msg("own %u: graceful %u, withheld %u", own, stands->graceful, stands->withheld);
    }
}

// A provider that does not heed 65535:0 is not told of us at all, after a minute of grace.
static void withholds_where_grace_is_not_heeded(void **state)
{
    (void)state;
    for (enum net_object_kind kind = NET_OBJECT_UPSTREAM; kind <= NET_OBJECT_ROUTER; kind++) {
        struct site *s = open_with_words();
        const struct event_use comes = {A, 0, 1ll * GBPS};
        run_with_both(s, comes, 2);
        expect_stance(s, 0, 0);
        ask(s, drain_of(kind, A));
        run_with_both(s, comes, 50);
        assert_int_equal(drain_at(s, 0)->state, DRAIN_WAITING);
        expect_stance(s, 1, 0);
        run_with_both(s, comes, 20);
        assert_int_equal(drain_at(s, 0)->state, DRAIN_WAITING);
        expect_stance(s, 0, 1);
        run_with_use(s, A, 0, 12);
        assert_int_equal(drain_at(s, 0)->state, DRAIN_SAFE);
        expect_stance(s, 0, 1);
        ask(s, (struct event_asked){.what = ASKED_UNDRAIN, .who = "anna", .object = {kind, A, 0}});
        site_run(s, 200);
        expect_stance(s, 0, 0);
        assert_int_equal(drain_at(s, 0)->state, DRAIN_RESTORING);  // routes return after it
        site_run(s, 20 * 1000);
        assert_int_equal(drain_at(s, 0)->state, DRAIN_OVER);
        assert_int_equal(s->standing, 0);
        site_close(s);
    }
}

// What leaves, what nobody counts, and what is frozen is no reason.
static void withholds_for_nothing_else(void **state)
{
    (void)state;
    struct site *s = open_with_words();
    ask(s, drain_of(NET_OBJECT_UPSTREAM, A));
    run_with_both(s, (struct event_use){A, 5ll * GBPS, 1000 * 1000}, 90);
    assert_int_equal(drain_at(s, 0)->state, DRAIN_WAITING);
    expect_stance(s, 1, 0);
    site_run(s, 120 * 1000);
    assert_int_equal(drain_at(s, 0)->state, DRAIN_UNSURE);
    expect_stance(s, 1, 0);
    site_feed(s, (struct event){.kind = EVENT_COMMAND, .command = COMMAND_FREEZE});
    run_with_both(s, (struct event_use){A, 0, 1ll * GBPS}, 90);
    expect_stance(s, 1, 0);
    site_feed(s, (struct event){.kind = EVENT_COMMAND, .command = COMMAND_THAW});
    run_with_both(s, (struct event_use){A, 0, 1ll * GBPS}, 1);
    expect_stance(s, 0, 1);
    site_close(s);
}

// A prefix that is learned while the drain stands leaves too, and is not safe to work on before.
static void moves_what_comes_later(void **state)
{
    (void)state;
    struct site *s = open_site();
    s->net.steer.prefixes.items[0] = small_prefix("203.0.112.0/22");
    ask(s, drain_of(NET_OBJECT_UPSTREAM, A));
    run_with_use(s, A, 0, 20);
    assert_int_equal(drain_at(s, 0)->state, DRAIN_SAFE);
    for (uint32_t r = 0; r < SITE_WAYS; r++)
        site_feed(s, (struct event){.kind = EVENT_ROUTE,
                                    .route = {r, r, small_prefix("203.0.115.0/24"), true, r == A}});
    run_with_use(s, A, 0, 3);
    expect_state(s, 0, DRAIN_MOVING, "not safe to work: a ipv4 carries traffic again");
    run_with_use(s, A, 0, 90);
    assert_int_equal(drain_at(s, 0)->state, DRAIN_SAFE);
    assert_int_equal(s->standing, 3 * SITE_WAYS);
    site_close(s);
}

// Where programs may not be run, a drain runs none.
static void runs_no_program_that_may_not(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    s->net.lever_modes[NET_LEVER_HOOK] = 1 + (uint32_t)NET_ADVISE;
    ask(s, drain_of(NET_OBJECT_ROUTER, A));
    expect(s, true, "has begun");
    site_run(s, 5000);
    assert_true(drain_at(s, 0)->stood);
    assert_int_equal(s->engine->hooks[0].life, HOOK_AT_REST);
    site_close(s);
}

// Stopped for 1.9 s, the engine hears of a drain before it ticks, and knows nothing of now.
static void waits_for_news_after_a_stop(void **state)
{
    (void)state;
    for (int with_old_news = 0; with_old_news < 2; with_old_news++) {
        struct site *s = open_site();
        s->ms += 1900;
        // What the prober said meanwhile, and what it measured then.
        for (uint32_t path = 0; with_old_news && path < net_path_count(&s->net); path++)
            site_feed(s, (struct event){.kind = EVENT_TALLY, .tally = {.path = path, .ok = 100}});
        ask(s, drain_of(NET_OBJECT_UPSTREAM, A));
        expect(s, false, "the prober is silent");
        assert_int_equal(s->orders, 0);
        site_run(s, 3000);
        ask(s, drain_of(NET_OBJECT_UPSTREAM, A));
        expect(s, true, "has begun");
        site_close(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_for_news_after_a_stop),
        cmocka_unit_test(moves_what_comes_later),
        cmocka_unit_test(runs_no_program_that_may_not),
        cmocka_unit_test(drains_until_safe_and_returns),
        cmocka_unit_test(claims_no_more_than_is_known),
        cmocka_unit_test(ends_when_its_time_is_over),
        cmocka_unit_test(refuses_what_would_hurt),
        cmocka_unit_test(keeps_drains_apart),
        cmocka_unit_test(holds_a_way_for_both),
        cmocka_unit_test(moves_again_what_came_back),
        cmocka_unit_test(stays_honest_while_frozen),
        cmocka_unit_test(drains_the_site),
        cmocka_unit_test(withholds_where_grace_is_not_heeded),
        cmocka_unit_test(withholds_for_nothing_else),
        cmocka_unit_test(drains_by_hook),
        cmocka_unit_test(gives_up_what_cannot_be_moved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
