// SPDX-License-Identifier: ISC
// Which way was spared of what another one loses: as far as packets tell, and whether they do.
#include "engine/site_check.h"
#include "engine/state.h"

#include "base/check.h"

#include <string.h>

enum { A = SITE_A, B, C, D };

static uint32_t path_of_a(const struct site *s)
{
    return net_path_find(&s->net, A, FAMILY_IPV4);
}

// The others did not help.
static struct site *open_pair(void)
{
    struct site *s = site_open(1);
    struct mono *tainted = s->engine->memories[path_of_a(s)].tainted_until;
    tainted[C] = tainted[D] = (struct mono){ENGINE_TIME_MAX_NS};
    return s;
}

// Half a minute without a loss says nothing of what began on both ways at once. Of what B lost
// since, against 40 of 100 on A: chance, or not.
static void trusts_only_what_was_spared(void **state)
{
    (void)state;
    static const struct {
        uint32_t ok, lost;
        bool spared;
    } rows[] = {
        {0, 0, false},  {10, 0, false}, {40, 0, true},
        {32, 3, false}, {150, 3, true}, {60, 40, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct site *s = site_open(1);
        uint32_t a = net_path_find(&s->net, A, FAMILY_IPV4);
        uint32_t b = net_path_find(&s->net, B, FAMILY_IPV4);
        struct watch *watch = &s->engine->watch;
        struct mono began = mono_add_ms(s->engine->now, 1000), now = mono_add_ms(began, 1000);
        window_add(&watch->paths[b].window, s->engine->now, (struct window_sum){.ok = 5000});
        watch->paths[a].bad.began_at = began;
        window_add(&watch->paths[a].window, now, (struct window_sum){60, 40, 0});
        window_add(&watch->paths[b].window, now, (struct window_sum){rows[i].ok, rows[i].lost, 0});
        assert_int_equal(watch_is_spared(watch, b, a, now), rows[i].spared);
        site_close(s);
    }
}

// Where our own side cannot vouch for what seems lost on B, its detector has no doubts either: B
// may be as bad as A. What it was before the loss began does not count, and when it is over it
// moves.
static void moves_to_nothing_unknown(void **state)
{
    (void)state;
    static const struct {
        uint32_t void_percent, ends_after_ms;
        bool moves;
    } rows[] = {{0, 0, true}, {19, 0, true}, {30, 0, true}, {60, 0, false}, {60, 600, true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct site *s = open_pair();
        site_run(s, 20 * 1000);
        s->loss_percent[A] = 40;
        s->void_percent[B] = rows[i].void_percent;
        site_run(s, 500);
        site_signal(s, A, SIGNAL_CONFIRMED);
        site_run(s, rows[i].ends_after_ms);
        s->void_percent[B] = rows[i].ends_after_ms ? 0 : rows[i].void_percent;
        site_run(s, rows[i].ends_after_ms ? 4000 : 1500);
        assert_int_equal(s->orders > 0, rows[i].moves);
        if (!rows[i].moves)
            assert_string_equal(s->said[s->said_count - 1].reason,
                                "whether b was spared is not known yet: answers take longer, or "
                                "too many samples tell nothing (I7)");
        site_close(s);
    }
}

// What path B tells of, in ms before now.
struct told {
    int64_t before_ms;
    uint32_t target, ok, lost, voided;
};

static void tell(struct watch *watch, struct mono now, uint32_t path, const struct told *told)
{
    struct mono before;
    struct event_tally tally = {
        .path = path, .ok = told->ok, .lost = told->lost, .voided = told->voided};
    tally.target = told->target;
    watch_tally(watch, mono_add_ms(now, -told->before_ms), &tally, &before);
}

// Half a second apart, so that nothing has lagged.
static void tell_all(struct watch *watch, struct mono now, uint32_t path, const struct told *all)
{
    for (int64_t ms = 15000; ms >= 0; ms -= 500) {
        tell(watch, now, path, &(struct told){.before_ms = ms});
        for (int i = 0; i < 3; i++)
            if (all[i].before_ms == ms)
                tell(watch, now, path, &all[i]);
    }
}

static void knows_what_told_enough(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t began_ms;
        struct told told[3];
        bool known, beside_ten_percent, beside_all;  // lost on A, at least
    } rows[] = {
        // clang-format off
        {"nothing", 1000, {{0}}, false, false, false},
        {"nothing since", 1000, {{1500, 0, 50, 0, 0}}, false, false, false},
        {"a fifth", 1000, {{1500, 0, 50, 0, 0}, {500, 0, 80, 0, 20}}, true, true, true},
        {"a little more", 1000, {{1500, 0, 50, 0, 0}, {500, 0, 79, 0, 20}}, false, false, true},
        {"what is lost tells", 1000, {{1500, 0, 50, 0, 0}, {500, 0, 10, 70, 20}}, true, true,
         true},
        {"nothing but void", 1000, {{1500, 0, 50, 0, 0}, {1000, 0, 10, 0, 0}, {500, 0, 0, 0, 90}},
         false, false, true},
        {"a target that fell silent", 1000,
         {{2500, 1, 50, 0, 0}, {1000, 0, 10, 0, 0}, {500, 1, 0, 0, 90}}, true, true, true},
        {"before the last ten seconds", 40000,
         {{11500, 0, 50, 0, 0}, {11000, 0, 0, 0, 90}, {500, 0, 10, 0, 0}}, true, true, true},
        {"more than is believed", 1000,
         {{1500, 0, 50, 0, 0}, {1000, 0, 50, 0, UINT32_MAX}, {500, 0, 50, 0, 2}}, false, false,
         true},
        // clang-format on
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct site *s = site_open(1);
        uint32_t a = path_of_a(s), b = net_path_find(&s->net, B, FAMILY_IPV4);
        struct watch *watch = &s->engine->watch;
        struct mono now = mono_add_ms(s->engine->now, 60 * 1000);
        tell_all(watch, now, b, rows[i].told);
        watch->paths[a].bad.began_at = mono_add_ms(now, -rows[i].began_ms);
        CHECK_ROW(rows[i].name, watch_is_known(watch, b, a, 0, now) == rows[i].known);
        CHECK_ROW(rows[i].name,
                  watch_is_known(watch, b, a, 100 * 1000, now) == rows[i].beside_ten_percent);
        CHECK_ROW(rows[i].name,
                  watch_is_known(watch, b, a, 1000 * 1000, now) == rows[i].beside_all);
        site_close(s);
    }
}

// A is confirmed 300 ms after it began; what B lost since then is known later by as much as its
// answers take longer than those of A to be missed, of which 50 ms are the least.
static void waits_for_answers_that_take_longer(void **state)
{
    (void)state;
    static const struct {
        int64_t rtt_of_a_ms, rtt_of_b_ms, later_ms;
    } rows[] = {{10, 10, 0}, {10, 25, 0}, {10, 110, 170}, {200, 110, 0}, {100, 400, 600}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct site *s = site_open(1);
        uint32_t a = path_of_a(s), b = net_path_find(&s->net, B, FAMILY_IPV4);
        struct watch *watch = &s->engine->watch;
        struct mono now = s->engine->now;
        watch->paths[a].rtt_p50_ns = rows[i].rtt_of_a_ms * NS_PER_MS;
        watch->paths[b].rtt_p50_ns = rows[i].rtt_of_b_ms * NS_PER_MS;
        watch->paths[a].bad.began_at = mono_add_ms(now, -300);
        watch->paths[a].bad.at = now;
        window_add(&watch->paths[b].window, now, (struct window_sum){.ok = 50});
        for (int64_t ms = 0; ms < 900; ms += 10)
            assert_int_equal(watch_is_known(watch, b, a, 0, mono_add_ms(now, ms)),
                             ms >= rows[i].later_ms);
        site_close(s);
    }
}

// Of a loss that is small a way must have been spared since, of a great one its own detector would
// tell. B answers too seldom to tell, the others did not help.
static void asks_who_was_spared_of_small_losses_only(void **state)
{
    (void)state;
    for (int great = 0; great < 2; great++) {
        struct site *s = open_pair();
        s->net.steer.healthy_min_ns = 6 * (int64_t)NS_PER_S;
        site_run(s, 2000);
        s->loss_percent[B] = SITE_SPARSE;
        s->loss_percent[A] = great ? 40 : 8;
        site_run(s, 500);
        struct event event = {.kind = EVENT_SIGNAL, .signal.kind = SIGNAL_CONFIRMED};
        event.signal.path = path_of_a(s);
        event.signal.began_at = mono_add_ms(s->engine->now, -450);
        site_feed(s, event);
        site_run(s, 1500);
        assert_true(relative_millinats(&s->engine->watch.relative, path_of_a(s)) >=
                    ENGINE_RELATIVE_MILLINATS);
        assert_int_equal(s->orders > 0, great);
        site_close(s);
    }
}

// Moving helps against what is lost on the way there only; a dead flow is counted by nobody.
static void moves_for_what_is_lost_on_the_way_there(void **state)
{
    (void)state;
    static const struct {
        uint32_t forward, reverse;  // counted, of 40 that are lost
        bool moves;
    } rows[] = {{0, 0, true},   {20, 0, true},  {0, 15, true},
                {0, 25, false}, {2, 25, false}, {3, 25, true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct site *s = site_open(1);
        uint32_t path = path_of_a(s);
        s->loss_percent[A] = 40;
        for (int64_t ms = 0; ms < 2000; ms += 50) {
            if (ms == 500)
                site_signal(s, A, SIGNAL_CONFIRMED);
            for (uint32_t t = 0; t < s->net.target_count; t++)
                site_feed(s, (struct event){.kind = EVENT_TALLY,
                                            .tally = {.path = path,
                                                      .target = t,
                                                      .lost_forward = rows[i].forward,
                                                      .lost_reverse = rows[i].reverse}});
            site_run(s, 50);
        }
        assert_int_equal(s->orders > 0, rows[i].moves);
        if (!rows[i].moves)
            assert_string_equal(s->said[s->said_count - 1].reason,
                                "what is lost is lost on the way back: no route of ours changes "
                                "that");
        site_close(s);
    }
}

// Without a tick for a second we were stopped, or the host was: what is told then was measured
// before, and for the quiet time nothing is moved (S12).
static void is_quiet_after_a_stop(void **state)
{
    (void)state;
    static const struct {
        uint32_t stopped_ms;
        bool quiet;
    } rows[] = {{0, false}, {ENGINE_LAG_MS - 100, false}, {ENGINE_LAG_MS + 100, true}};
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            struct site *s = site_open(1);
            s->family = family;
            s->net.steer.quiet_start_ns = 3 * (int64_t)NS_PER_S;
            site_run(s, 5000);
            s->ms += rows[i].stopped_ms;
            s->loss_percent[A] = 40;
            site_run(s, 500);
            site_signal(s, A, SIGNAL_CONFIRMED);
            site_run(s, 2000);
            const char *reason = s->said[s->said_count - 1].reason;
            assert_int_equal(strstr(reason, "quiet time") != NULL, rows[i].quiet);
            site_run(s, 2000);
            assert_null(strstr(s->said[s->said_count - 1].reason, "quiet time"));
            site_close(s);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trusts_only_what_was_spared),
        cmocka_unit_test(knows_what_told_enough),
        cmocka_unit_test(moves_to_nothing_unknown),
        cmocka_unit_test(waits_for_answers_that_take_longer),
        cmocka_unit_test(moves_for_what_is_lost_on_the_way_there),
        cmocka_unit_test(asks_who_was_spared_of_small_losses_only),
        cmocka_unit_test(is_quiet_after_a_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
