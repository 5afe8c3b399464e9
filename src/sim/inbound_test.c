// SPDX-License-Identifier: ISC
// What the world sends: that it follows what it is told, and that each check of what we ask of it
// notices what it is there for.
#include "sim/inbound.h"

#include "sim/judge_check.h"

#include "base/check.h"

enum { ALL_MS = 60000 };

static struct sim_override *own_of(struct scene *a, uint8_t u)
{
    uint8_t place = SIM_OWN_FIRST + (a->family == FAMILY_IPV6);
    return &a->site->routers[a->site->net.upstreams[u].router].overrides[0][place];
}

static void pass(struct scene *a, int64_t ms)
{
    for (int64_t until = a->w->now_ms + ms; a->w->now_ms < until;) {
        a->w->now_ms += SIM_STEP_MS;
        sim_inbound_step(a->w, 0);
    }
}

static void begin(struct scene *a)
{
    struct random random = {.state = 1};
    sim_inbound_make(a->site, &random);
    for (uint32_t r = 0; r < a->site->net.router_count; r++)
        a->site->controllers[0].session_up[r] = true;
    for (uint8_t u = 0; u < 2; u++)
        *own_of(a, u) = (struct sim_override){.stands = true, .upstream = SIM_NOBODY};
    pass(a, ALL_MS);
    a->site->upstreams[JUDGE_BAD].lossy_ms[a->family] = a->w->now_ms;
}

static void ask(struct scene *a, uint8_t u, bool leaves)
{
    own_of(a, u)->graceful = leaves ? (uint8_t)(1u << u) : 0;
    pass(a, SIM_STEP_MS);
}

static void leaves_the_last(struct scene *a)
{
    begin(a);
    own_of(a, JUDGE_GOOD)->stands = false;
    ask(a, JUDGE_BAD, true);
}

static void leaves_both(struct scene *a)
{
    begin(a);
    ask(a, JUDGE_BAD, true);
    a->site->upstreams[JUDGE_GOOD].lossy_ms[a->family] = a->w->now_ms;
    ask(a, JUDGE_GOOD, true);
}

// A longer path is a word for it, too.
static void leaves_the_last_by_a_longer_path(struct scene *a)
{
    begin(a);
    own_of(a, JUDGE_GOOD)->stands = false;
    own_of(a, JUDGE_BAD)->prepend = 1u << JUDGE_BAD;
    pass(a, SIM_STEP_MS);
}

static void only_looks(struct scene *a)
{
    begin(a);
    a->site->net.mode = NET_ADVISE;
    ask(a, JUDGE_BAD, true);
}

static void nothing_is_lost(struct scene *a)
{
    begin(a);
    pass(a, ALL_MS + 1000);
    ask(a, JUDGE_GOOD, true);
}

static void asks_again(struct scene *a)
{
    begin(a);
    ask(a, JUDGE_BAD, true);
    ask(a, JUDGE_BAD, false);
    ask(a, JUDGE_BAD, true);
}

static void fills_the_other(struct scene *a)
{
    begin(a);
    double all = a->site->inbound.demand[FAMILY_IPV4] + a->site->inbound.demand[FAMILY_IPV6];
    a->site->upstreams[JUDGE_GOOD].capacity =
        sim_inbound_load(a->site, JUDGE_GOOD) + sim_inbound_load(a->site, JUDGE_BAD) * 0.01 + 0.01;
    assert_true(a->site->upstreams[JUDGE_GOOD].capacity < all);
    ask(a, JUDGE_BAD, true);
    pass(a, 2 * ALL_MS);
}

static void each_notices_its_own(void **state)
{
    static const struct judge_row rows[] = {
        {SIM_S13, "the last is left", leaves_the_last},
        {SIM_S13, "both are left", leaves_both},
        {SIM_S13, "the last, by a longer path", leaves_the_last_by_a_longer_path},
        {SIM_S16, "only looks", only_looks},
        {SIM_I13, "nothing is lost there", nothing_is_lost},
        {SIM_I3, "again at once", asks_again},
        {SIM_S10, "the other is full", fills_the_other},
    };
    judge_check_rows(*state, rows, sizeof rows / sizeof rows[0]);
}

// To the other within the time that it takes to hear; nothing is wrong with that.
static void follows_what_it_is_told(void **state)
{
    struct sim_world *w = *state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct scene a;
        judge_open(w, family, &a);
        begin(&a);
        double all = a.site->inbound.demand[family];
        assert_true(a.site->inbound.load[family][JUDGE_BAD] > all / 10);
        ask(&a, JUDGE_BAD, true);
        assert_true(a.site->inbound.load[family][JUDGE_BAD] > all / 10);
        pass(&a, a.site->inbound.heed_ms);
        assert_true(a.site->inbound.load[family][JUDGE_BAD] < all / 1000);
        assert_true(a.site->inbound.load[family][JUDGE_GOOD] > all * 0.99);
        own_of(&a, JUDGE_GOOD)->stands = false;  // it is the last choice, and still one
        pass(&a, ALL_MS);
        assert_true(a.site->inbound.load[family][JUDGE_BAD] > all * 0.99);
        for (int rule = 0; rule < SIM_RULES; rule++)
            assert_int_equal(w->judge->broken[rule], 0);
    }
}

// A session that is not up yet keeps from the other router what it would say.
static void waits_for_all_sessions(void **state)
{
    struct sim_world *w = *state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct scene a;
        judge_open(w, family, &a);
        begin(&a);
        a.site->controllers[0].session_up[a.site->net.upstreams[JUDGE_GOOD].router] = false;
        own_of(&a, JUDGE_GOOD)->stands = false;
        ask(&a, JUDGE_BAD, true);
        assert_int_equal(w->judge->broken[SIM_S13], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(waits_for_all_sessions, judge_open_world,
                                        judge_close_world),
        cmocka_unit_test_setup_teardown(each_notices_its_own, judge_open_world, judge_close_world),
        cmocka_unit_test_setup_teardown(follows_what_it_is_told, judge_open_world,
                                        judge_close_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
