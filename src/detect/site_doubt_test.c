// SPDX-License-Identifier: ISC
// The site detector in doubt, and when what it knows changes.
#include "detect/site_check.h"

#include <stdlib.h>

enum { BEGIN_MS = 5000, END_MS = 12000 };

static bool is_on(const struct world_sending *s)
{
    return s->at_ms >= BEGIN_MS && s->at_ms < END_MS;
}

static double whole_upstream(struct world *w, const struct world_sending *s)
{
    (void)w;
    return is_on(s) && s->path.upstream == 0 ? 1 : 0;
}

static double one_family(struct world *w, const struct world_sending *s)
{
    (void)w;
    return is_on(s) && s->path.upstream == 1 && s->path.family == FAMILY_IPV6 ? 0.5 : 0;
}

static double tried_of_family(struct world *w, uint32_t path, uint32_t target)
{
    struct net_path p = net_path(&w->net, path);
    (void)target;
    bool on = w->now_ms >= BEGIN_MS && w->now_ms < END_MS;
    return on && p.upstream == 0 && p.family == FAMILY_IPV6 ? 0.125 : 0;
}

static double tried_of_upstream(struct world *w, uint32_t path, uint32_t target)
{
    (void)target;
    bool on = w->now_ms >= BEGIN_MS && w->now_ms < END_MS;
    return on && net_path(&w->net, path).upstream == 0 ? 1 : 0;
}

static bool is_fast_in_trouble(const struct world *w, uint32_t flow)
{
    struct net_path path = net_path(&w->net, w->flows[flow].path);
    return w->now_ms >= BEGIN_MS && w->now_ms < END_MS && path.upstream == 0 &&
           path.family == FAMILY_IPV6;
}

// While what is named goes on and roving meets it too, flows of it that are probed faster are no
// part of their own: since before it began more of theirs was lost.
static void names_no_more_of_what_is_known(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct world *w = world_new(8, 250);
        w->loss = whole_upstream;
        w->dead = tried_of_upstream;
        w->is_fast = is_fast_in_trouble;
        w->random.state = seed;
        world_run(w, END_MS + 8000);
        assert_int_equal(world_count(w, FAULT_NAMED), 1);
        assert_int_equal(world_named(w, 0)->part.upstream, 0);
        assert_int_equal(world_named(w, 0)->part.family, FAMILY_NONE);
        world_free(w);
    }
}

// While it goes on we stall for a second: what flows said of it before is cut off then, and must
// not make what roving meets look like something else. Half of the upstream's ways are dead.
static double half_of_upstream(struct world *w, const struct world_sending *s)
{
    return s->flow->number % 2 ? whole_upstream(w, s) : 0;
}

static double tried_of_half(struct world *w, uint32_t path, uint32_t target)
{
    return tried_of_upstream(w, path, target) / 2;
}

static bool a_second_void(struct world *w, const struct world_sending *s)
{
    (void)s;
    return w->now_ms >= BEGIN_MS + 4000 && w->now_ms < BEGIN_MS + 5000;
}

static void stalls_while_something_is_known(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct world *w = world_new(8, 250);
        w->loss = half_of_upstream;
        w->dead = tried_of_half;
        w->is_void = a_second_void;
        w->random.state = seed;
        world_run(w, 1);
        for (uint32_t f = 0; f < w->flow_count; f++) {
            char text[32];
            snprintf(text, sizeof text, "10.%u.%u.1", w->flows[f].path, w->flows[f].number % 2);
            struct address hop = check_address(text);
            site_learn(w->site, f, &(struct components_way){&hop, 1, FAULT_ANY, FAULT_ANY});
        }
        world_run(w, BEGIN_MS + 9000);
        assert_int_equal(world_count(w, FAULT_NAMED), 2);
        for (uint32_t n = 0; n < 2; n++)
            assert_true(world_named(w, n)->part.hop.family != FAMILY_NONE);
        world_free(w);
    }
}

enum { GROWS_MS = BEGIN_MS + 6000, GROWN_MS = GROWS_MS + 8000 };

// IPv6 of an upstream fails, and after some seconds all of it.
static double growing(struct world *w, const struct world_sending *s)
{
    (void)w;
    int64_t from_ms = s->path.family == FAMILY_IPV6 ? BEGIN_MS : GROWS_MS;
    return s->at_ms >= from_ms && s->at_ms < GROWN_MS && s->path.upstream == 1 ? 0.5 : 0;
}

// What was named is named anew, once, when it has become more for a while: one fault throughout.
static void names_anew_what_grows(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct world *w = world_new(8, 250);
        w->loss = growing;
        w->random.state = seed;
        world_run(w, GROWN_MS + 8000);
        const struct fault *first = world_named(w, 0), *then = world_named(w, 1);
        assert_int_equal(world_count(w, FAULT_NAMED), 2);
        assert_int_equal(first->part.family, FAMILY_IPV6);
        assert_int_equal(then->part.family, FAMILY_NONE);
        assert_int_equal(then->part.upstream, 1);
        assert_int_equal(then->number, first->number);
        assert_int_equal(then->began_at.ns, first->began_at.ns);
        int64_t late_ms = then->at.ns / NS_PER_MS - GROWS_MS;
        assert_in_range(late_ms, 1000, 5000);
        world_free(w);
    }
}

// Sum over some seeds of the time until an upstream's IPv6, seldom probed, is told from all of it,
// and what else that costs.
static int64_t doubt_ms(double (*loss)(struct world *w, const struct world_sending *s), bool tuples,
                        bool grants)
{
    int64_t sum_ms = 0;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct world *w = world_new(1, 1000);
        w->loss = loss;
        w->dead = tuples ? tried_of_family : NULL;
        w->grants = grants;
        w->random.state = seed;
        world_run(w, BEGIN_MS - 100);
        assert_int_equal(w->wish_count, 0);  // nothing is in doubt
        world_run(w, END_MS);
        const struct fault *named = world_named(w, 0);
        assert_int_equal(world_count(w, FAULT_NAMED) > 0, named != NULL);
        sum_ms += named ? named->at.ns / NS_PER_MS - BEGIN_MS : END_MS - BEGIN_MS;
        assert_true(w->wish_count > 0);
        world_free(w);
    }
    return sum_ms;
}

static void wishes_for_what_tells(void **state)
{
    (void)state;
    int64_t lost[] = {doubt_ms(one_family, false, false), doubt_ms(one_family, false, true)};
    int64_t dead[] = {doubt_ms(NULL, true, false), doubt_ms(NULL, true, true)};
    print_message("lost packets: %d ms, granted %d; dead 5-tuples: %d ms, granted %d\n",
                  (int)lost[0], (int)lost[1], (int)dead[0], (int)dead[1]);
    assert_true(lost[1] < lost[0] * 9 / 10);  // most of it is spent on bursts
    assert_true(dead[1] < dead[0] * 3 / 4);
}

// What else it may be is told with it, likeliest first; what is out of the question is not.
static void ranks_what_else_it_may_be(void **state)
{
    (void)state;
    struct world *w = world_new(8, 250);
    double odds[3] = {0};
    w->dead = tried_of_family;
    world_run(w, END_MS);
    const struct fault *named = world_named(w, 0);
    assert_non_null(named);
    assert_int_equal(named->part.family, FAMILY_IPV6);
    assert_int_equal(sscanf(named->others,
                            "via transit-a (%lf nats less likely); IPv6 (%lf); "
                            "everything here, whichever way out (%lf)",
                            &odds[0], &odds[1], &odds[2]),
                     3);
    assert_true(fabs(odds[0] - named->evidence.odds_millinats / 1e3) < 0.06);
    assert_true(odds[0] < odds[1] && odds[1] < odds[2] && odds[2] < 20);
    world_free(w);
    w = world_new(8, 250);
    w->loss = whole_upstream;
    world_run(w, END_MS);
    assert_null(strchr(world_named(w, 0)->others, ';'));
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wishes_for_what_tells),
        cmocka_unit_test(names_anew_what_grows),
        cmocka_unit_test(ranks_what_else_it_may_be),
        cmocka_unit_test(names_no_more_of_what_is_known),
        cmocka_unit_test(stalls_while_something_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
