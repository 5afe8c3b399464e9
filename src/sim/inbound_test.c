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
        a->ctl->told_ms = a->w->now_ms;
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

static void is_taken_from_it(struct scene *a)
{
    begin(a);
    own_of(a, JUDGE_BAD)->withheld = 1u << JUDGE_BAD;
    pass(a, SIM_STEP_MS);
}

// ---- who may, and by what

static void asks_at_the_start(struct scene *a)
{
    begin(a);
    a->ctl->started_ms = a->w->now_ms;
    ask(a, JUDGE_BAD, true);
}

static void asks_when_frozen(struct scene *a)
{
    begin(a);
    a->ctl->frozen = true;
    a->ctl->frozen_ms = a->w->now_ms - 10000;
    ask(a, JUDGE_BAD, true);
}

static void asks_when_stopped(struct scene *a)
{
    begin(a);
    a->ctl->stopped = true;
    a->ctl->stopped_ms = a->w->now_ms - 10000;
    ask(a, JUDGE_BAD, true);
}

static void asks_without_a_record(struct scene *a)
{
    begin(a);
    judge_befalls(a, SIM_FAULT_AUDIT);
    ask(a, JUDGE_BAD, true);
}

static void asks_blindly(struct scene *a)
{
    begin(a);
    judge_befalls(a, SIM_FAULT_VOID);
    ask(a, JUDGE_BAD, true);
}

static void asks_though_all_lose(struct scene *a)
{
    begin(a);
    judge_befalls(a, SIM_FAULT_ALL)->at_ms = a->w->now_ms - ALL_MS - 1000;
    ask(a, JUDGE_BAD, true);
}

static void asks_by_old_news(struct scene *a)
{
    begin(a);
    a->w->now_ms += 5000;
    own_of(a, JUDGE_BAD)->graceful = 1u << JUDGE_BAD;
    sim_inbound_step(a->w, 0);
}

static void turns_it_to_a_bad_one(struct scene *a)
{
    begin(a);
    a->site->checks.bad_since_ms[JUDGE_GOOD][a->family] = a->w->now_ms - 10000;
    ask(a, JUDGE_BAD, true);
}

static void asks_beside_people(struct scene *a)
{
    begin(a);
    judge_befalls(a, SIM_FAULT_DRAIN)->upstream = JUDGE_GOOD;
    own_of(a, JUDGE_GOOD)->graceful = 1u << JUDGE_GOOD;
    pass(a, SIM_STEP_MS);
    ask(a, JUDGE_BAD, true);
}

// ---- what stands, and goes back

static void asks_two_at_once(struct scene *a)
{
    struct scene other = *a;
    begin(a);
    other.family = a->family == FAMILY_IPV4 ? FAMILY_IPV6 : FAMILY_IPV4;
    ask(a, JUDGE_BAD, true);
    ask(&other, JUDGE_GOOD, true);
    pass(a, 5000);
}

static void asks_after_it_went_back(struct scene *a)
{
    begin(a);
    ask(a, JUDGE_BAD, true);
    pass(a, STEER_VISIBLE_MS);
    ask(a, JUDGE_BAD, false);
    a->site->upstreams[JUDGE_BAD].lossy_ms[a->family] = a->w->now_ms;
    ask(a, JUDGE_BAD, true);
}

static void goes_back_soon(struct scene *a)
{
    begin(a);
    ask(a, JUDGE_BAD, true);
    pass(a, ALL_MS);
    ask(a, JUDGE_BAD, false);
}

static void goes_back_to_what_loses(struct scene *a)
{
    begin(a);
    ask(a, JUDGE_BAD, true);
    pass(a, STEER_VISIBLE_MS);
    a->site->upstreams[JUDGE_BAD].lossy_ms[a->family] = a->w->now_ms - ALL_MS;
    ask(a, JUDGE_BAD, false);
}

static void goes_back_when_frozen(struct scene *a)
{
    begin(a);
    ask(a, JUDGE_BAD, true);
    a->ctl->frozen = true;
    a->ctl->frozen_ms = a->w->now_ms;
    pass(a, ALL_MS);
    ask(a, JUDGE_BAD, false);
}

static void is_well_here_and_bad_there(struct scene *a)
{
    begin(a);
    ask(a, JUDGE_BAD, true);
    a->w->faults.items[0].until_ms = a->w->now_ms;
    a->site->checks.bad_since_ms[JUDGE_GOOD][a->family] = a->w->now_ms;
    pass(a, ALL_MS);
}

static void never_goes_back(struct scene *a)
{
    begin(a);
    ask(a, JUDGE_BAD, true);
    a->site->checks.well_since_ms = a->w->now_ms;
    pass(a, 41 * ALL_MS);
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
        {SIM_S13, "it is withheld", is_taken_from_it},
        {SIM_S7, "at the start", asks_at_the_start},
        {SIM_I11, "frozen", asks_when_frozen},
        {SIM_S20, "stopped", asks_when_stopped},
        {SIM_S22, "no record", asks_without_a_record},
        {SIM_I7, "blind", asks_blindly},
        {SIM_I6, "all lose", asks_though_all_lose},
        {SIM_S13, "old news", asks_by_old_news},
        {SIM_S13, "the other is bad", turns_it_to_a_bad_one},
        {SIM_I4, "two at once", asks_two_at_once},
        {SIM_I4, "people drain the other", asks_beside_people},
        {SIM_I3, "again after it went back", asks_after_it_went_back},
        {SIM_I3, "back soon", goes_back_soon},
        {SIM_I10, "back to what loses", goes_back_to_what_loses},
        {SIM_I11, "back when frozen", goes_back_when_frozen},
        {SIM_I8, "well here, bad there", is_well_here_and_bad_there},
        {SIM_L2, "never back", never_goes_back},
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

// ---- what is right

static void goes_back_by_harm(struct scene *a)
{
    a->site->upstreams[JUDGE_GOOD].lossy_ms[a->family] = a->w->now_ms;
}

static void goes_back_blindly(struct scene *a)
{
    judge_befalls(a, SIM_FAULT_VOID);
}

static void goes_back_without_prober(struct scene *a)
{
    a->ctl->dead[SIM_PROBE] = true;
}

static void goes_back_after_all(struct scene *a)
{
    pass(a, STEER_VISIBLE_MS);
}

static void what_goes_back_rightly_is_let_be(void **state)
{
    static void (*const reasons[])(struct scene *) = {
        goes_back_by_harm, goes_back_blindly, goes_back_without_prober, goes_back_after_all};
    struct sim_world *w = *state;
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
            struct scene a;
            judge_open(w, family, &a);
            begin(&a);
            ask(&a, JUDGE_BAD, true);
            pass(&a, ALL_MS);
            reasons[i](&a);
            pass(&a, SIM_STEP_MS);
            ask(&a, JUDGE_BAD, false);
            for (int rule = 0; rule < SIM_RULES; rule++)
                if (w->judge->broken[rule] > 0)
                    fail_msg("%zu: %s", i, sim_rule_texts[rule].name);
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
        cmocka_unit_test_setup_teardown(what_goes_back_rightly_is_let_be, judge_open_world,
                                        judge_close_world),
        cmocka_unit_test_setup_teardown(each_notices_its_own, judge_open_world, judge_close_world),
        cmocka_unit_test_setup_teardown(follows_what_it_is_told, judge_open_world,
                                        judge_close_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
