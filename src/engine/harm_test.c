// SPDX-License-Identifier: ISC
// What is held elsewhere and does worse there, though no detector speaks of the way. The site of
// site_check.h, with a second prefix that leaves by A, the second target inside it, and one around.
#include "engine/site_check.h"
#include "engine/state.h"

#include "base/check.h"

enum { A = SITE_A, B };

static struct prefix second(void)
{
    return small_prefix("203.0.121.0/24");
}

static struct prefix around(void)
{
    return small_prefix("203.0.120.0/22");
}

// A loses 40 %, and what leaves by it is held on B.
static struct site *open_held(bool alone)
{
    struct site *s = site_open(1);
    s->net.targets[1].address[FAMILY_IPV4] = small_address("203.0.121.10");
    for (uint32_t u = 0; u < SITE_WAYS; u++) {
        struct event event = {.kind = EVENT_ROUTE, .route = {u, u, second(), true, u == A}};
        site_feed(s, event);
        event.route.best = u == (alone ? B : A);
        event.route.prefix = around();
        site_feed(s, event);
        event.route.prefix = small_prefix("203.0.112.0/24");
        site_feed(s, event);
        event.route.prefix = small_prefix("203.0.113.0/24");
        site_feed(s, event);
    }
    site_run(s, 2000);
    s->loss_percent[A] = 40;
    site_signal(s, A, SIGNAL_CONFIRMED);
    site_run(s, 2000);
    assert_int_equal(s->state, INCIDENT_HELD);
    site_check_said(s, 0, PLAN_ACT, A, B);
    assert_int_equal(s->said_count, 1);
    return s;
}

static bool is_moved(const struct site *s, struct prefix prefix)
{
    return moves_find(&s->engine->moves, prefix) != NULL;
}

// A recovers, and of B only what goes to the second target is lost.
static const struct {
    const char *name;
    uint32_t lost_on_old, lost_on_way, to_second_on_old, to_second_on_way;
    bool back;
} rows[] = {
    {"all is well", 0, 0, 0, 0, false},
    {"the second target loses on the way alone", 0, 0, 0, 38, true},
    {"little of it", 0, 0, 0, 2, true},
    {"it loses on both", 0, 0, 38, 38, false},
    {"and more on the old one", 0, 0, 60, 38, false},
    {"all of the old way still loses more", 40, 0, 40, 38, false},
    {"but not as much as the target on the new", 40, 0, 40, 70, true},
};

static void takes_back_what_does_worse(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct site *s = open_held(false);
        s->loss_percent[A] = rows[i].lost_on_old;
        s->loss_percent[B] = rows[i].lost_on_way;
        s->second_percent[A] = rows[i].to_second_on_old;
        s->second_percent[B] = rows[i].to_second_on_way;
        site_run(s, 20 * 1000);  // what A lost before is no more "lately"
        CHECK_ROW(rows[i].name, is_moved(s, second()) == !rows[i].back);
        CHECK_ROW(rows[i].name, is_moved(s, around()));
        CHECK_ROW(rows[i].name, is_moved(s, small_prefix("203.0.113.0/24")));
        CHECK_ROW(rows[i].name, s->state == INCIDENT_HELD);
        CHECK_ROW(rows[i].name, s->said_count == 1u + rows[i].back);
        if (rows[i].back) {
            site_check_said(s, 1, PLAN_UNDO, B, A);
            CHECK_ROW(rows[i].name, s->said[1].prefixes == 1);
        }
        site_close(s);
    }
}

// The second target loses more than before, the first one nothing: more goes through than would.
static void weighs_all_of_a_prefix(void **state)
{
    (void)state;
    struct site *s = open_held(false);
    s->net.targets[0].address[FAMILY_IPV4] = small_address("203.0.121.20");
    s->loss_percent[A] = 14;
    s->second_percent[B] = 26;
    site_run(s, 20 * 1000);
    assert_true(is_moved(s, second()));
    s->second_percent[B] = 70;
    site_run(s, 20 * 1000);
    assert_false(is_moved(s, second()));
    site_close(s);
}

static void tell(struct site *s, uint32_t path, uint32_t target, uint32_t ok, uint32_t lost)
{
    site_feed(s, (struct event){
                     .kind = EVENT_TALLY,
                     .tally = {.path = path, .target = target, .ok = ok, .lost = lost},
                 });
}

// Two probes a second to the second target, of which one is lost.
static void wants_more_than_one_loss(void **state)
{
    (void)state;
    struct site *s = open_held(false);
    uint32_t way = net_path_find(&s->net, B, FAMILY_IPV4);
    s->loss_percent[A] = 0;
    site_run(s, 60 * 1000 - s->ms % 500);
    for (int i = 0; i < 800; i++, s->ms += 50) {
        site_feed(s, (struct event){.kind = EVENT_TICK});
        for (uint32_t path = 0; path < net_path_count(&s->net); path++) {
            tell(s, path, 0, 1, 0);
            if (s->ms % 500 == 0)
                tell(s, path, 1, path != way || i != 700, path == way && i == 700);
        }
    }
    assert_true(is_moved(s, second()));
    site_close(s);
}

// What rests is looked at each minute: it is not moved there again before the hold time is over.
static void leaves_it_where_it_is_well(void **state)
{
    (void)state;
    struct site *s = open_held(false);
    s->engine->stories[A].hold_ns = 150 * (int64_t)NS_PER_S;
    s->loss_percent[A] = 5;
    s->second_percent[B] = 38;
    site_run(s, 20 * 1000);
    assert_false(is_moved(s, second()));
    assert_int_equal(s->said_count, 2);
    s->second_percent[B] = 0;
    site_run(s, 110 * 1000);
    assert_false(is_moved(s, second()));
    site_run(s, 110 * 1000);
    assert_true(is_moved(s, second()));
    site_check_said(s, 2, PLAN_ACT, A, B);
    site_close(s);
}

// Nothing else is held there: the way has failed.
static void fails_the_way_with_the_last(void **state)
{
    (void)state;
    struct site *s = open_held(true);
    s->loss_percent[A] = 0;
    s->second_percent[B] = 38;
    site_run(s, 5000);
    site_check_said(s, 1, PLAN_UNDO, B, A);
    assert_int_equal(s->standing, 0);
    assert_int_equal(s->engine->moves.count, 0);
    assert_true(s->engine->memories[A].tainted_until[B].ns > s->engine->now.ns);
    site_close(s);
}

static void does_nothing_while_frozen(void **state)
{
    (void)state;
    struct site *s = open_held(false);
    s->engine->frozen = true;
    s->loss_percent[A] = 0;
    s->second_percent[B] = 38;
    site_run(s, 8000);
    assert_true(is_moved(s, second()));
    site_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_back_what_does_worse),  cmocka_unit_test(weighs_all_of_a_prefix),
        cmocka_unit_test(wants_more_than_one_loss),    cmocka_unit_test(leaves_it_where_it_is_well),
        cmocka_unit_test(fails_the_way_with_the_last), cmocka_unit_test(does_nothing_while_frozen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
