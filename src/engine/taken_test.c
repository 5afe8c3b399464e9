// SPDX-License-Identifier: ISC
// What routers say of the overrides that they have. The site of site_check.h: A loses 40 %, and
// the two prefixes that leave by it move to B.
#include "engine/site_check.h"
#include "engine/state.h"

#include "base/check.h"

#include <string.h>

enum { A = SITE_A, B };

static struct prefix first(void)
{
    return small_prefix("203.0.113.0/24");
}

static struct site *open_moving(void)
{
    struct site *s = site_open(1);
    s->loss_percent[A] = 40;
    site_signal(s, A, SIGNAL_CONFIRMED);
    for (int i = 0; i < 100 && s->state != INCIDENT_VERIFY; i++)
        site_run(s, 50);
    assert_int_equal(s->state, INCIDENT_VERIFY);
    assert_int_equal(s->engine->moves.count, 2);
    return s;
}

static void say_one(struct site *s, uint32_t router, struct prefix prefix,
                    enum event_override_state word)
{
    site_feed(
        s, (struct event){.kind = EVENT_OVERRIDE, .override = {router, B, prefix, word, "asked"}});
}

static void say(struct site *s, uint32_t router, enum event_override_state word)
{
    for (uint32_t i = 0; i < s->engine->moves.count; i++)
        say_one(s, router, s->engine->moves.items[i].prefix, word);
}

static const char *reason(const struct site *s)
{
    return s->engine->stories[A].reason;
}

// Words of router B, each for so long; packets prove the way good all the time.
static const struct {
    const char *name;
    struct {
        int64_t ms;
        enum event_override_state word;
    } words[8];
    bool stays;
    const char *reason;  // begins or ends so
} rows[] = {
    {"nothing is said", {{9000, 0}}, true, "customers' packets now go"},
    {"it took both", {{9000, OVERRIDE_TAKEN}}, true, "; b took 2 of 2"},
    {"it did not", {{9000, OVERRIDE_NOT_TAKEN}}, false, "nothing of ours stands any more"},
    {"not for long enough",
     {{4900, OVERRIDE_NOT_TAKEN}, {9000, OVERRIDE_TAKEN}},
     true,
     "; b took 2 of 2"},
    {"it does not say any more",
     {{4900, OVERRIDE_NOT_TAKEN}, {9000, OVERRIDE_UNTOLD}},
     true,
     "customers' packets now go"},
    {"now this, now that",
     {{4000, OVERRIDE_NOT_TAKEN},
      {1000, OVERRIDE_TAKEN},
      {4000, OVERRIDE_NOT_TAKEN},
      {1000, OVERRIDE_TAKEN},
      {4000, OVERRIDE_NOT_TAKEN},
      {1000, OVERRIDE_UNTOLD},
      {4000, OVERRIDE_NOT_TAKEN}},
     true,
     NULL},
    {"only later",
     {{4000, OVERRIDE_TAKEN}, {7000, OVERRIDE_NOT_TAKEN}},
     false,
     "nothing of ours stands any more"},
};

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), of = strlen(end);
    return size >= of && strcmp(text + size - of, end) == 0;
}

static void only_a_word_that_stands_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct site *s = open_moving();
        for (size_t n = 0; n < 8 && rows[i].words[n].ms > 0; n++) {
            if (override_is_word(rows[i].words[n].word))
                say(s, B, rows[i].words[n].word);
            site_run(s, rows[i].words[n].ms);
        }
        CHECK_ROW(rows[i].name, (s->standing > 0) == rows[i].stays);
        CHECK_ROW(rows[i].name, s->state == (rows[i].stays ? INCIDENT_HELD : INCIDENT_CONFIRMED));
        CHECK_ROW(rows[i].name, !rows[i].reason || ends_with(reason(s), rows[i].reason));
        CHECK_ROW(rows[i].name, (s->said_count > 1) == !rows[i].stays);
        if (!rows[i].stays) {
            site_check_said(s, 1, PLAN_UNDO, B, A);
            assert_string_equal(s->said[1].reason,
                                "not taken by b: it says so of 2 of 2, all routers or none");
        }
        site_close(s);
    }
}

// It is not held while a router says that it did not take it; at the end of the time packets
// decide.
static void it_is_not_held_against_a_word(void **state)
{
    (void)state;
    struct site *s = open_moving();
    say(s, B, OVERRIDE_NOT_TAKEN);
    site_run(s, 3000);
    assert_int_equal(s->state, INCIDENT_VERIFY);
    for (int i = 0; i < 4; i++) {  // it never settles
        assert_int_equal(s->state, INCIDENT_VERIFY);
        say(s, A, i % 2 ? OVERRIDE_UNTOLD : OVERRIDE_TAKEN);
        site_run(s, 3100);
    }
    assert_int_equal(s->state, INCIDENT_HELD);
    site_close(s);
}

// The router would not take another way either: nothing moves before the hold time, which grows.
static void what_was_not_taken_waits(void **state)
{
    (void)state;
    struct site *s = open_moving();
    uint32_t acts = 0;
    for (int64_t ms = 0; ms < 600 * 1000; ms += 1000) {
        for (uint32_t r = 0; s->engine->moves.count > 0 && r < 2; r++)
            for (uint32_t to = 0; to < SITE_WAYS; to++)
                for (uint32_t i = 0; i < s->engine->moves.count; i++)
                    site_feed(s,
                              (struct event){.kind = EVENT_OVERRIDE,
                                             .override = {r, to, s->engine->moves.items[i].prefix,
                                                          OVERRIDE_NOT_TAKEN, ""}});
        site_run(s, 1000);
    }
    for (uint32_t i = 0; i < s->said_count; i++)
        acts += s->said[i].verdict == PLAN_ACT;
    assert_in_range(acts, 2, 5);  // after 60, 120, 240 s, give or take a fifth
    site_close(s);
}

static void one_prefix_alone_goes_back(void **state)
{
    (void)state;
    struct site *s = open_moving();
    say(s, A, OVERRIDE_TAKEN);
    say_one(s, B, first(), OVERRIDE_NOT_TAKEN);
    site_run(s, 9000);
    assert_int_equal(s->state, INCIDENT_HELD);
    assert_null(moves_find(&s->engine->moves, first()));
    assert_int_equal(s->engine->moves.count, 1);
    assert_int_equal(s->standing, SITE_WAYS);
    assert_int_equal(s->said[1].prefixes, 1);
    uint32_t place = routes_find(&s->engine->routes, first());
    assert_false(mono_reached(s->engine->now, s->engine->routes.items[place].refused_until));
    place = routes_find(&s->engine->routes, s->engine->moves.items[0].prefix);
    assert_true(mono_reached(s->engine->now, s->engine->routes.items[place].refused_until));
    site_run(s, 30 * 1000);
    assert_null(moves_find(&s->engine->moves, first()));
    site_close(s);
}

// An exit is one more route, which a router may not take: prefixes follow at once, where they may.
static void an_exit_is_not_tried_again_soon(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    s->net.hook_count = 0;
    s->net.upstreams[A].exit[FAMILY_IPV4] = small_address("10.9.0.1");
    s->loss_percent[A] = 40;
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 2000);
    struct prefix exit = s->engine->moves.items[0].prefix;
    uint32_t to = s->engine->moves.items[0].to;
    assert_int_equal(net_exit_of(&s->net, exit), A);
    site_feed(s, (struct event){.kind = EVENT_OVERRIDE,
                                .override = {A, to, exit, OVERRIDE_NOT_TAKEN, ""}});
    site_run(s, 9000);
    const struct memory *memory = &s->engine->memories[net_path_find(&s->net, A, FAMILY_IPV4)];
    assert_int_equal(memory->exit_refused_until.ns > s->engine->now.ns + 3000 * (int64_t)NS_PER_S,
                     true);
    assert_int_equal(s->engine->moves.count, 2);
    for (uint32_t i = 0; i < 2; i++)
        assert_int_not_equal(s->engine->moves.items[i].to, to);
    site_close(s);
}

// However many routers tell, and whatever their names: whole words, or none.
static void says_what_finds_room(void **state)
{
    (void)state;
    struct site *s = open_moving();
    char text[4 * TAKEN_TEXT_MAX];
    for (uint32_t r = 0; r < SITE_WAYS; r++) {
        snprintf(s->net.routers[r].name, sizeof s->net.routers[r].name,
                 "a-router-of-27-characters-%u", r);
        say(s, r, r == 1 ? OVERRIDE_NOT_TAKEN : OVERRIDE_TAKEN);
    }
    assert_string_equal(taken_text(s->engine, net_path_find(&s->net, A, FAMILY_IPV4), text),
                        "; a-router-of-27-characters-0 took 2 of 2");
    site_close(s);
}

// While one of them is tried on the old way, too.
static void a_word_counts_while_a_part_returns(void **state)
{
    (void)state;
    struct site *s = open_moving();
    site_run(s, 3000);
    assert_int_equal(s->state, INCIDENT_HELD);
    s->loss_percent[A] = 0;
    site_signal(s, A, SIGNAL_CLEAR);
    for (int i = 0; i < 200 && s->state != INCIDENT_TRIAL; i++)
        site_run(s, 1000);
    assert_int_equal(s->state, INCIDENT_TRIAL);
    s->routed_percent = SITE_UNKNOWN;
    say(s, B, OVERRIDE_NOT_TAKEN);
    site_run(s, 8000);
    const struct effect_plan *last = &s->said[s->said_count - 1];
    assert_int_equal(last->verdict, PLAN_UNDO);
    assert_string_equal(last->reason, "not taken by b: it says so of 1 of 1, all routers or none");
    site_close(s);
}

// A person approved that it moves there, not that it moves again, or elsewhere.
static void what_went_back_asks_again(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    const struct story *story = &s->engine->stories[net_path_find(&s->net, A, FAMILY_IPV4)];
    char text[ENGINE_WHY_MAX];
    s->net.mode = NET_CONFIRM;
    s->loss_percent[A] = 40;
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 2000);
    assert_int_equal(s->engine->moves.count, 0);
    assert_true(story_approve(s->engine, story->approval, text));
    site_run(s, 2000);
    assert_int_equal(s->engine->moves.count, 2);
    say_one(s, s->engine->moves.items[0].to, first(), OVERRIDE_NOT_TAKEN);
    site_run(s, 200 * 1000);
    assert_int_equal(s->state, INCIDENT_HELD);
    assert_int_equal(s->engine->moves.count, 1);
    assert_int_not_equal(story->approval, 0);
    assert_true(story_approve(s->engine, story->approval, text));
    site_run(s, 2000);
    assert_int_equal(s->engine->moves.count, 2);
    site_close(s);
}

static void tell_ipv6(struct site *s)
{
    for (uint32_t r = 0; r < 2; r++)
        site_feed(s,
                  (struct event){.kind = EVENT_ROUTE,
                                 .route = {r, r, small_prefix("2001:db8:f::/48"), true, r == A}});
    s->family = FAMILY_IPV6;
    site_run(s, 5000);
}

// One is enough, whichever it is, in either family.
static void the_word_of_each_router_counts(void **state)
{
    (void)state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        for (uint32_t r = 0; r < (family == FAMILY_IPV4 ? (uint32_t)SITE_WAYS : 2); r++) {
            struct site *s = site_open(1);
            if (family == FAMILY_IPV6)
                tell_ipv6(s);
            s->loss_percent[A] = 40;
            site_signal(s, A, SIGNAL_CONFIRMED);
            site_run(s, 2000);
            assert_true(s->standing > 0 && s->said_count == 1);
            say(s, r, OVERRIDE_NOT_TAKEN);
            site_run(s, 9000);
            assert_int_equal(s->standing, 0);
            site_check_said(s, 1, PLAN_UNDO, B, A);
            assert_int_equal(s->said[1].family, family);
            site_close(s);
        }
}

// What is moved for another path is nothing to this one.
static void a_word_is_of_its_path(void **state)
{
    (void)state;
    struct site *s = open_moving();
    struct engine *e = s->engine;
    uint32_t path = net_path_find(&s->net, A, FAMILY_IPV4);
    struct move other = {.prefix = small_prefix("2001:db8:f::/48"),
                         .path = net_path_find(&s->net, A, FAMILY_IPV6),
                         .from = A,
                         .to = B};
    moves_add(&e->moves, &other);
    struct move *move = &e->moves.items[e->moves.count - 1];
    move->said[B] = STANDING_NOT_TAKEN;
    move->said_at = mono_add_ms(e->now, -2 * TAKEN_SETTLE_MS);
    assert_false(taken_is_open(e, path));
    assert_false(taken_look(e, path));
    for (uint32_t i = 0; i < e->moves.count; i++)
        assert_true(e->moves.items[i].wanted);
    e->stories[other.path].state = INCIDENT_VERIFY;
    e->stories[other.path].ways = 1u << B;
    assert_true(taken_look(e, other.path));
    site_close(s);
}

// Of another move, of what does not stand, of nothing: no word of it is heard.
static void strange_words_are_not_heard(void **state)
{
    (void)state;
    struct site *s = open_moving();
    site_feed(s, (struct event){.kind = EVENT_OVERRIDE,
                                .override = {A, SITE_C, first(), OVERRIDE_NOT_TAKEN, ""}});
    say_one(s, A, small_prefix("198.51.100.0/24"), OVERRIDE_NOT_TAKEN);
    site_run(s, 9000);
    assert_int_equal(s->state, INCIDENT_HELD);
    site_feed(s, (struct event){.kind = EVENT_OVERRIDE,
                                .override = {A, NET_NOBODY, first(), OVERRIDE_NOT_TAKEN, ""}});
    site_run(s, 9000);
    assert_int_equal(s->standing, 2 * SITE_WAYS);
    site_close(s);
}

static void nothing_is_taken_back_while_frozen(void **state)
{
    (void)state;
    struct site *s = open_moving();
    site_run(s, 5000);
    s->engine->frozen = true;
    say(s, B, OVERRIDE_NOT_TAKEN);
    site_run(s, 9000);
    assert_int_equal(s->standing, 2 * SITE_WAYS);
    site_close(s);
}

// Twenty-five answers a second to customers' packets, and nothing else of them.
static void run_slowly(struct site *s, int64_t ms)
{
    uint32_t path = net_path_find(&s->net, NET_NOBODY, s->family);
    s->routed_percent = SITE_UNKNOWN;
    for (int64_t until = s->ms + ms; s->ms < until;) {
        site_run(s, 200);
        for (uint32_t t = 0; t < s->net.target_count; t++)
            site_feed(s,
                      (struct event){.kind = EVENT_TALLY,
                                     .tally = {.path = path, .target = t, .ok = t == 0 ? 5 : 0}});
    }
}

// What packets prove of a drain takes them most of the time that there is: when a part of it was
// not taken, what stays has all that time again.
static void what_stays_has_its_whole_time(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    uint32_t path = net_path_find(&s->net, A, FAMILY_IPV4);
    run_slowly(s, 1000);
    story_ask(s->engine, path, STORY_DRAIN, "asked");
    run_slowly(s, 1000);
    assert_int_equal(s->state, INCIDENT_VERIFY);
    assert_int_equal(s->engine->moves.count, 2);
    say_one(s, B, small_prefix("203.0.112.0/24"), OVERRIDE_NOT_TAKEN);
    run_slowly(s, 20 * 1000);
    assert_int_equal(s->state, INCIDENT_HELD);
    assert_int_equal(s->engine->moves.count, 1);
    assert_int_equal(s->engine->moves.items[0].to, B);
    site_close(s);
}

// Stopped for 1.5 s amid a move, the engine hears of a word before it ticks: the other half waits.
static void finishes_nothing_when_just_awake(void **state)
{
    (void)state;
    struct site *s = site_open(1);
    s->loss_percent[A] = 40;
    site_signal(s, A, SIGNAL_CONFIRMED);
    for (int i = 0; i < 100 && s->standing == 0; i++)
        site_run(s, 50);
    uint32_t orders = s->orders;
    assert_int_equal(s->state, INCIDENT_ACTING);
    s->ms += 1500;
    say(s, B, OVERRIDE_TAKEN);
    assert_int_equal(s->orders, orders);
    site_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_word_that_stands_counts),
        cmocka_unit_test(it_is_not_held_against_a_word),
        cmocka_unit_test(what_was_not_taken_waits),
        cmocka_unit_test(one_prefix_alone_goes_back),
        cmocka_unit_test(an_exit_is_not_tried_again_soon),
        cmocka_unit_test(says_what_finds_room),
        cmocka_unit_test(a_word_counts_while_a_part_returns),
        cmocka_unit_test(what_went_back_asks_again),
        cmocka_unit_test(what_stays_has_its_whole_time),
        cmocka_unit_test(the_word_of_each_router_counts),
        cmocka_unit_test(a_word_is_of_its_path),
        cmocka_unit_test(strange_words_are_not_heard),
        cmocka_unit_test(nothing_is_taken_back_while_frozen),
        cmocka_unit_test(finishes_nothing_when_just_awake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
