// SPDX-License-Identifier: ISC
// Our own prefixes through a whole engine, as route and people see it.
#include "engine/own.h"

#include "base/check.h"
#include "engine/small_net.h"
#include "engine/state.h"

enum { EDGE1, EDGE2, ASKED = 4 };  // ASKED: the first with a health program

static const char *const prefixes[] = {"198.18.1.0/24", "2a30:1::/48",   "198.18.2.0/24",
                                       "2a30:2::/48",   "198.18.3.0/24", "2a30:3::/48",
                                       "198.18.4.0/24"};
enum { OWNS = sizeof prefixes / sizeof prefixes[0] };

struct world {
    struct net net;
    struct engine *e;
    struct mono now;
    uint32_t count;
    struct effect_stance said[256];  // since asked last
};

static void step(struct world *w, struct event event)
{
    size_t count;
    event.at = w->now;
    const struct effect *effects = engine_step(w->e, &event, &count);
    for (size_t i = 0; i < count; i++)
        if (effects[i].kind == EFFECT_STANCE)
            w->said[w->count++] = effects[i].stance;
}

static void pass(struct world *w, int64_t ms)
{
    for (; ms > 0; ms -= ENGINE_TICK_MS) {
        w->now = mono_add_ms(w->now, ENGINE_TICK_MS);
        step(w, (struct event){.kind = EVENT_TICK});
    }
}

static void session(struct world *w, uint32_t router, enum event_session_state state)
{
    step(w, (struct event){.kind = EVENT_SESSION,
                           .session = {router, state, FAMILY_IPV4, "a reason"}});
}

static void health(struct world *w, uint32_t own, bool healthy)
{
    step(w, (struct event){.kind = EVENT_HEALTH, .health = {own, healthy, "status 1"}});
}

static void tell(struct world *w, const struct effect_stance *said, enum event_override_state state)
{
    step(w, (struct event){.kind = EVENT_OVERRIDE,
                           .override = {said->router, NET_NOBODY, w->net.announce[said->own].prefix,
                                        state, ""}});
}

// As route does what it is told.
static void answer_all(struct world *w)
{
    for (uint32_t i = 0; i < w->count; i++)
        tell(w, &w->said[i], w->said[i].announced ? OVERRIDE_ANNOUNCED : OVERRIDE_WITHDRAWN);
}

static void forget(struct world *w)
{
    w->count = 0;
}

static void init(struct world *w, enum net_mode mode)
{
    *w = (struct world){.net = small_net(), .now = {NS_PER_S}};
    w->net.mode = mode;
    w->net.announce_count = OWNS;
    for (uint32_t own = 0; own < OWNS; own++) {
        w->net.announce[own] = (struct net_announce){.prefix = small_prefix(prefixes[own])};
        w->net.announce[own].anycast = own == 2 || own == 3;
        if (own >= ASKED)
            strcpy(w->net.announce[own].health.program, "/bin/true");
    }
    for (uint32_t u = 0; u < w->net.upstream_count; u++)
        for (uint32_t stance = NET_STANCE_PREPEND; stance < NET_STANCES; stance++)
            w->net.upstreams[u].inbound[stance] =
                (struct net_tag){NET_TAG_LARGE, {64500, u, stance}};
    w->net.upstreams[1].inbound[NET_STANCE_GRACEFUL].kind = NET_TAG_NONE;
    w->e = engine_new(&w->net);
    step(w, (struct event){.kind = EVENT_START, .start = {{0}, 7}});
    pass(w, ENGINE_TICK_MS);
    assert_int_equal(w->count, 0);  // nobody to tell
}

static void up(struct world *w, enum net_mode mode)
{
    init(w, mode);
    session(w, EDGE1, SESSION_UP);
    session(w, EDGE2, SESSION_UP);
    for (uint32_t own = ASKED; own < OWNS; own++)
        health(w, own, true);
    answer_all(w);
    assert_true(own_settled(w->e));
    forget(w);
}

static uint32_t said_of(const struct world *w, uint32_t own, uint32_t router)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < w->count; i++)
        count += w->said[i].own == own && w->said[i].router == router;
    return count;
}

// Route takes nothing before it has a lease, and that comes with the first tick after the start.
static void waits_for_its_lease(void **state)
{
    (void)state;
    struct world w;
    init(&w, NET_ACT);
    engine_free(w.e);
    w.e = engine_new(&w.net);
    pass(&w, ENGINE_TICK_MS);
    step(&w, (struct event){.kind = EVENT_START, .start = {{0}, 7}});
    session(&w, EDGE1, SESSION_UP);
    assert_int_equal(w.count, 0);
    pass(&w, ENGINE_TICK_MS);
    assert_int_equal(said_of(&w, 0, EDGE1), 1);
    assert_int_equal(said_of(&w, 1, EDGE1), 1);  // IPv6
    engine_free(w.e);
}

// In every mode, before any table is complete, and only what nobody has to vouch for.
static void begins_with_the_session(void **state)
{
    (void)state;
    for (enum net_mode mode = NET_OBSERVE; mode < NET_MODES; mode++) {
        struct world w;
        init(&w, mode);
        session(&w, EDGE2, SESSION_UP);
        assert_int_equal(w.count, ASKED);
        for (uint32_t own = 0; own < ASKED; own++)
            assert_int_equal(said_of(&w, own, EDGE2), 1);
        assert_true(w.said[0].announced && w.said[0].withheld == 0 && w.said[0].prepend == 0);
        assert_false(own_settled(w.e));
        answer_all(&w);
        assert_true(own_settled(w.e));
        pass(&w, 20000);
        assert_int_equal(w.count, ASKED);  // said once
        health(&w, ASKED, true);
        assert_int_equal(said_of(&w, ASKED, EDGE2), 1);
        engine_free(w.e);
    }
}

static void says_again_to_a_new_session(void **state)
{
    (void)state;
    struct world w;
    up(&w, NET_ACT);
    session(&w, EDGE1, SESSION_DOWN);
    pass(&w, 1000);
    assert_int_equal(w.count, 0);
    session(&w, EDGE1, SESSION_UP);
    assert_int_equal(w.count, OWNS);
    answer_all(&w);
    forget(&w);
    step(&w, (struct event){.kind = EVENT_ROLE, .role = {ROLE_ROUTE, ROLE_DEAD, "killed"}});
    pass(&w, 1000);
    assert_int_equal(w.count, 0);
    step(&w, (struct event){.kind = EVENT_ROLE, .role = {ROLE_ROUTE, ROLE_ALIVE, ""}});
    session(&w, EDGE1, SESSION_UP);
    assert_int_equal(w.count, OWNS);
    engine_free(w.e);
}

// Only where it is to be, and only on sessions that carry the family.
static void keeps_to_its_routers(void **state)
{
    (void)state;
    struct world w;
    init(&w, NET_ACT);
    w.net.announce[0].routers = 1 << EDGE2;
    w.net.routers[EDGE1].families[FAMILY_IPV6] = false;
    session(&w, EDGE1, SESSION_UP);
    assert_int_equal(w.count, 1);
    assert_int_equal(said_of(&w, 2, EDGE1), 1);
    session(&w, EDGE2, SESSION_UP);
    assert_int_equal(w.count, 1 + ASKED);
    engine_free(w.e);
}

static void asks_again_when_refused_or_not_heard(void **state)
{
    (void)state;
    struct world w;
    init(&w, NET_ACT);
    session(&w, EDGE1, SESSION_UP);
    struct effect_stance first = w.said[0];
    for (uint32_t i = 1; i < ASKED; i++)
        tell(&w, &w.said[i], OVERRIDE_ANNOUNCED);
    pass(&w, OWN_ANSWER_MS - ENGINE_TICK_MS);
    assert_int_equal(w.count, ASKED);
    pass(&w, ENGINE_TICK_MS);
    assert_int_equal(w.count, ASKED + 1);
    tell(&w, &first, OVERRIDE_REFUSED);
    pass(&w, OWN_ASK_AGAIN_MS - ENGINE_TICK_MS);
    assert_int_equal(w.count, ASKED + 1);
    pass(&w, ENGINE_TICK_MS);
    assert_int_equal(w.count, ASKED + 2);
    tell(&w, &first, OVERRIDE_ANNOUNCED);
    assert_true(own_settled(w.e));
    tell(&w, &first, OVERRIDE_WITHDRAWN);  // the lease ran out
    assert_int_equal(w.count, ASKED + 3);
    engine_free(w.e);
}

static void renews_the_lease_before_it_asks(void **state)
{
    (void)state;
    struct world w;
    up(&w, NET_ACT);
    const struct effect_stance first = {.router = EDGE1, .own = 0};
    w.now = mono_add_ms(w.now, 5000);  // it was stopped
    tell(&w, &first, OVERRIDE_WITHDRAWN);
    assert_int_equal(w.count, 0);
    step(&w, (struct event){.kind = EVENT_TICK});
    assert_int_equal(w.count, 1);
    assert_true(w.said[0].announced);
    engine_free(w.e);
}

static void goes_and_comes_with_health(void **state)
{
    (void)state;
    struct world w;
    up(&w, NET_ACT);
    health(&w, ASKED, false);
    assert_int_equal(w.count, 2);
    assert_true(!w.said[0].announced && w.said[0].own == ASKED && !w.said[1].announced);
    answer_all(&w);
    forget(&w);
    health(&w, ASKED, true);
    assert_int_equal(w.count, 2);
    assert_true(w.said[0].announced && w.said[1].announced);
    engine_free(w.e);
}

static bool stands_as_kept(const struct world *w, uint32_t own)
{
    for (uint32_t n = 0; n < engine_notice_count(w->e); n++)
        if (engine_notice(w->e, n)->kind == NOTICE_OWN_KEPT &&
            prefix_equal(engine_notice(w->e, n)->prefix, w->net.announce[own].prefix))
            return true;
    return false;
}

// The third within a minute is kept, and people told, until it is well again; a minute later it
// would have gone.
static void keeps_what_turns_sick_with_others(void **state)
{
    (void)state;
    for (int64_t late_ms = 0; late_ms < 2; late_ms++) {
        struct world w;
        up(&w, NET_ACT);
        health(&w, ASKED, false);
        health(&w, ASKED + 1, false);
        answer_all(&w);
        forget(&w);
        pass(&w, late_ms ? STEER_OWN_WINDOW_MS : STEER_OWN_WINDOW_MS - ENGINE_TICK_MS);
        health(&w, ASKED + 2, false);
        assert_int_equal(w.count, late_ms ? 2 : 0);
        assert_int_equal(stands_as_kept(&w, ASKED + 2), !late_ms);
        pass(&w, 120000);
        health(&w, ASKED + 2, false);  // that is no news
        assert_int_equal(said_of(&w, ASKED + 2, EDGE1) > 0, late_ms);
        answer_all(&w);
        forget(&w);
        health(&w, ASKED + 2, true);
        assert_int_equal(w.count, late_ms ? 2 : 0);
        assert_false(stands_as_kept(&w, ASKED + 2));
        engine_free(w.e);
    }
}

static void want(struct world *w, enum net_object_kind kind, uint32_t index, enum net_stance stance)
{
    forget(w);
    own_want(w->e, &(struct own_wish){{kind, index, 0}, FAMILY_NONE, stance});
    pass(w, ENGINE_TICK_MS);
    answer_all(w);
}

// A drain is said to the router of the upstream alone, as far as there are words for it; of two
// drains the furthest holds.
static void drains_as_people_want(void **state)
{
    (void)state;
    struct world w;
    up(&w, NET_ACT);
    want(&w, NET_OBJECT_UPSTREAM, 0, NET_STANCE_GRACEFUL);
    assert_int_equal(w.count, OWNS);
    assert_true(w.said[0].router == EDGE1 && w.said[0].announced && w.said[0].graceful == 1);
    want(&w, NET_OBJECT_ROUTER, EDGE1, NET_STANCE_WITHHELD);
    assert_int_equal(w.count, OWNS);
    assert_true(w.said[0].graceful == 0 && w.said[0].withheld == 1);
    want(&w, NET_OBJECT_UPSTREAM, 0, NET_STANCE_NORMAL);
    assert_int_equal(w.count, 0);
    want(&w, NET_OBJECT_ROUTER, EDGE1, NET_STANCE_NORMAL);
    assert_int_equal(w.count, OWNS);
    assert_true(w.said[0].announced && w.said[0].withheld == 0);
    want(&w, NET_OBJECT_UPSTREAM, 1, NET_STANCE_GRACEFUL);  // no word: as far as there is one
    assert_int_equal(w.count, OWNS);
    assert_true(w.said[0].router == EDGE2 && w.said[0].graceful == 0 && w.said[0].prepend == 2);
    assert_true(own_settled(w.e));
    engine_free(w.e);
}

// Of one family alone: the other is not touched, and a person's word for both goes further.
static void offers_one_family_otherwise(void **state)
{
    (void)state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct world w;
        up(&w, NET_ACT);
        struct own_wish wish = {{NET_OBJECT_UPSTREAM, 0, 0}, family, NET_STANCE_GRACEFUL};
        own_want(w.e, &wish);
        const struct net_path it = {0, family},
                              other = {0, family == FAMILY_IPV4 ? FAMILY_IPV6 : FAMILY_IPV4},
                              beside = {1, family};
        assert_false(own_is_said(w.e, &it));
        assert_true(own_is_said(w.e, &other) && own_is_said(w.e, &beside));
        pass(&w, ENGINE_TICK_MS);
        assert_int_equal(w.count, family == FAMILY_IPV4 ? 4 : 3);
        for (uint32_t i = 0; i < w.count; i++)
            assert_true(w.said[i].graceful == 1 && w.said[i].router == EDGE1 &&
                        w.net.announce[w.said[i].own].prefix.address.family == family);
        answer_all(&w);
        assert_true(own_is_said(w.e, &it) && own_settled(w.e));
        assert_int_equal(own_usual(w.e, family == FAMILY_IPV4 ? 0 : 1), 2);
        assert_int_equal(own_usual(w.e, family == FAMILY_IPV4 ? 1 : 0), 3);
        want(&w, NET_OBJECT_UPSTREAM, 0, NET_STANCE_WITHHELD);
        assert_int_equal(w.count, OWNS);
        assert_true(w.said[0].withheld == 1 && w.said[0].graceful == 0);
        want(&w, NET_OBJECT_UPSTREAM, 0, NET_STANCE_NORMAL);
        assert_int_equal(w.count, OWNS);  // the other as usual, this as before
        wish.stance = NET_STANCE_NORMAL;
        forget(&w);
        own_want(w.e, &wish);
        pass(&w, ENGINE_TICK_MS);
        assert_int_equal(w.count, family == FAMILY_IPV4 ? 4 : 3);
        assert_true(w.said[0].announced && w.said[0].graceful == 0);
        engine_free(w.e);
    }
}

static bool stands_withheld(const struct world *w, uint32_t own, uint32_t router)
{
    return w->e->owns.items[own].places[router].stands.withheld == UINT32_C(1) << router;
}

// S13: of two drained ways the second keeps both families, but anycast; and the first gets them
// back when the second's router is gone.
static void leaves_the_last_upstream(void **state)
{
    (void)state;
    struct world w;
    up(&w, NET_ACT);
    want(&w, NET_OBJECT_UPSTREAM, 0, NET_STANCE_WITHHELD);
    want(&w, NET_OBJECT_ROUTER, EDGE2, NET_STANCE_WITHHELD);
    for (uint32_t own = 0; own < OWNS; own++) {
        assert_true(stands_withheld(&w, own, EDGE1));
        assert_int_equal(stands_withheld(&w, own, EDGE2), w.net.announce[own].anycast);
        assert_int_equal(w.e->owns.items[own].places[EDGE2].stands.prepend,
                         w.net.announce[own].anycast ? 0 : 2);
    }
    assert_true(own_settled(w.e));
    forget(&w);
    session(&w, EDGE2, SESSION_DOWN);
    pass(&w, ENGINE_TICK_MS);
    answer_all(&w);
    for (uint32_t own = 0; own < OWNS; own++) {
        assert_int_equal(stands_withheld(&w, own, EDGE1), w.net.announce[own].anycast);
        assert_int_equal(w.e->owns.items[own].places[EDGE1].stands.graceful,
                         w.net.announce[own].anycast ? 0 : 1);
    }
    assert_true(own_settled(w.e));
    engine_free(w.e);
}

// A site's drain: what other sites announce too goes, other prefixes stay as they are.
static void drains_a_site_of_anycast_alone(void **state)
{
    (void)state;
    struct world w;
    up(&w, NET_ACT);
    want(&w, NET_OBJECT_SITE, 0, NET_STANCE_GRACEFUL);
    assert_int_equal(w.count, 4);
    assert_int_equal(said_of(&w, 2, EDGE1) + said_of(&w, 3, EDGE2), 2);
    assert_true(w.said[0].announced);
    want(&w, NET_OBJECT_SITE, 0, NET_STANCE_WITHHELD);
    assert_int_equal(w.count, 4);
    for (uint32_t i = 0; i < w.count; i++)
        assert_false(w.said[i].announced);
    want(&w, NET_OBJECT_SITE, 0, NET_STANCE_NORMAL);
    assert_int_equal(w.count, 4);
    assert_true(w.said[0].announced && w.said[3].announced);
    engine_free(w.e);
}

// Nothing that is measured, and no word that is not about them, takes them away.
static void stays_whatever_else_happens(void **state)
{
    (void)state;
    struct world w;
    up(&w, NET_ACT);
    step(&w, (struct event){.kind = EVENT_ROLE, .role = {ROLE_PROBE, ROLE_DEAD, "killed"}});
    step(&w, (struct event){.kind = EVENT_ROLE, .role = {ROLE_HOOK, ROLE_DEAD, "killed"}});
    step(&w, (struct event){.kind = EVENT_COMMAND, .command = COMMAND_FREEZE});
    pass(&w, 120000);
    assert_int_equal(w.count, 0);
    step(&w, (struct event){.kind = EVENT_COMMAND, .command = COMMAND_STOP});
    pass(&w, 1000);
    session(&w, EDGE1, SESSION_UP);
    assert_int_equal(w.count, 0);  // route lets go of all when it ends
    engine_free(w.e);
}

static void shows_what_stands(void **state)
{
    (void)state;
    struct world w;
    up(&w, NET_ACT);
    want(&w, NET_OBJECT_UPSTREAM, 0, NET_STANCE_GRACEFUL);
    json_int_t count = 0;
    json_t *list = own_json(w.e, &count), *first = json_array_get(list, 0);
    assert_int_equal(json_array_size(list), 2 * OWNS);
    assert_int_equal(count, 2 * OWNS);
    char *text = json_dumps(first, JSON_COMPACT);
    assert_string_equal(text, "{\"prefix\":\"198.18.1.0/24\",\"router\":\"edge1\",\"state\":"
                              "\"announced\",\"prepend\":[],\"graceful\":[\"transit-a\"],"
                              "\"withheld\":[],\"healthy\":null,\"kept\":false,\"refused\":false,"
                              "\"reason\":\"\"}");
    free(text);
    json_decref(list);
    engine_free(w.e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_for_its_lease),
        cmocka_unit_test(begins_with_the_session),
        cmocka_unit_test(says_again_to_a_new_session),
        cmocka_unit_test(keeps_to_its_routers),
        cmocka_unit_test(asks_again_when_refused_or_not_heard),
        cmocka_unit_test(renews_the_lease_before_it_asks),
        cmocka_unit_test(goes_and_comes_with_health),
        cmocka_unit_test(keeps_what_turns_sick_with_others),
        cmocka_unit_test(drains_as_people_want),
        cmocka_unit_test(offers_one_family_otherwise),
        cmocka_unit_test(leaves_the_last_upstream),
        cmocka_unit_test(drains_a_site_of_anycast_alone),
        cmocka_unit_test(stays_whatever_else_happens),
        cmocka_unit_test(shows_what_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
