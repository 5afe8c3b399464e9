// SPDX-License-Identifier: ISC
// Whether each check of what stands and becomes of traffic notices what it is there for, and
// whether worlds ask all of them.
#include "sim/judge_check.h"

#include "sim/make.h"
#include "sim/parts.h"
#include "sim/place.h"

#include "base/check.h"
#include "engine/lifts.h"
#include "steer/moves.h"

#include <string.h>

// ---- what stands, and becomes of traffic

static void too_many(struct scene *a)
{
    judge_keep_one_family(a);
    a->site->net.guard.routes_per_router_max = 1;
    judge_look(a, 100);
}

static void circles(struct scene *a)
{
    a->site->routers[0].fib[a->p] = 1;
    a->site->routers[1].fib[a->p] = 0;
    a->site->forwarding_changed = true;
    sim_check_forwarding(a->w);
}

static void circles_by_two(struct scene *a)
{
    a->site->controller_count = 2;
    circles(a);
}

static void route_dies(struct scene *a)
{
    judge_keep_one_family(a);
    a->ctl->dead[SIM_ROUTE] = true;
    judge_look(a, 11000);
}

static void engine_dies(struct scene *a)
{
    judge_keep_one_family(a);
    a->ctl->dead[SIM_ENGINE] = true;
    judge_look(a, 5000);
}

static void prober_dies(struct scene *a)
{
    judge_keep_one_family(a);
    a->ctl->dead[SIM_PROBE] = true;
    judge_look(a, 7000);
}

static void is_stopped(struct scene *a)
{
    judge_keep_one_family(a);
    a->ctl->stopped = true;
    judge_look(a, 2000);
}

// Only what is ours is left.
static struct sim_override *keep_own(struct scene *a)
{
    judge_bring_back(a, FAMILY_IPV4);
    judge_bring_back(a, FAMILY_IPV6);
    struct sim_override *own = &a->site->routers[a->r].overrides[0][SIM_OWN_FIRST];
    assert_true(own->stands && sim_standing(a->site, 0) == 0);
    return own;
}

static void own_outlives_route(struct scene *a)
{
    keep_own(a);
    a->ctl->dead[SIM_ROUTE] = true;
    judge_look(a, 11000);
}

static void own_outlives_the_lease(struct scene *a)
{
    keep_own(a);
    a->ctl->dead[SIM_ENGINE] = true;
    judge_look(a, 5000);
}

static void asks_without_prober(struct scene *a)
{
    keep_own(a)->graceful = 1;
    a->ctl->dead[SIM_PROBE] = true;
    judge_look(a, 7000);
}

static void takes_nothing(struct scene *a)
{
    judge_keep_one_family(a);
    a->site->routers[a->r].tells = true;
    judge_befalls(a, SIM_FAULT_POLICY)->arg = a->r;
    judge_look(a, 14000);
}

static void is_nobodys(struct scene *a)
{
    a->site->routers[0].overrides[0][a->p].upstream = JUDGE_BAD;
    judge_look(a, 2000);
}

static struct move *move_of(struct scene *a)
{
    struct moves *moves = (struct moves *)engine_moves(a->ctl->engine);
    for (uint32_t i = 0; i < moves->count; i++)
        if (prefix_equal(moves->items[i].prefix, a->permit.prefix))
            return &moves->items[i];
    fail_msg("no move of it");
    return NULL;
}

static void is_wanted_no_more(struct scene *a)
{
    move_of(a)->wanted = false;
    judge_look(a, 4000);
}

static void is_believed_to_stand(struct scene *a)
{
    move_of(a);
    a->site->routers[0].overrides[0][a->p].stands = false;
    judge_look(a, 2000);
}

static void leaves_two(struct scene *a)
{
    a->site->net.steer.budget.drained_upstreams_percent = 50;
    for (uint8_t u = 0; u < 2; u++) {
        a->site->upstreams[u].lossy_ms[a->family] = a->w->now_ms;
        a->site->upstreams[u].load = 0;
    }
    a->site->upstreams[JUDGE_GOOD].load_bare = 100;
    a->ctl->claims.away[a->p] = 3;
    judge_look(a, 100);
}

static void leaves_two_by_ones_word(struct scene *a)
{
    a->site->lift = (struct sim_lift){.asked = true, .rule = LIFT_S9, .upstream = JUDGE_BAD};
    leaves_two(a);
}

static void fills(struct scene *a)
{
    a->site->upstreams[JUDGE_GOOD].capacity = a->site->upstreams[JUDGE_GOOD].load / 2;
    judge_look(a, 3000);
}

static void stays_full(struct scene *a)
{
    a->site->told_factor = 0.5;
    a->site->upstreams[JUDGE_GOOD].capacity = a->site->upstreams[JUDGE_GOOD].load / 2;
    judge_look(a, 32000);
}

static void does_not_leave(struct scene *a)
{
    judge_bring_back(a, a->family);
    judge_look(a, 22000);
}

static void harms(struct scene *a)
{
    a->w->faults.items[0].upstream = JUDGE_GOOD;
    a->w->faults.items[0].family = a->family;
    judge_look(a, 27000);
}

static void never_ends(struct scene *a)
{
    judge_keep_one_family(a);
    a->w->faults.holding = 0;
    judge_look(a, 90000);
}

static void leaks(struct scene *a)
{
    a->site->routers[0].overrides[0][a->p].tells_on = true;
    judge_look(a, 100);
}

static void stands_between(struct scene *a)
{
    judge_keep_one_family(a);
    judge_befalls(a, SIM_FAULT_CONFIG);
    judge_look(a, 200);
}

static void is_barred_now(struct scene *a)
{
    judge_befalls(a, SIM_FAULT_CONFIG)->until_ms = a->w->now_ms - 1000;
    a->site->barred = (uint8_t)(1u << a->p);
    judge_look(a, 200);
}

static void is_too_many_now(struct scene *a)
{
    judge_keep_one_family(a);
    judge_befalls(a, SIM_FAULT_CONFIG)->until_ms = a->w->now_ms - 1000;
    a->site->net.guard.routes_per_router_max = 1;
    judge_look(a, 200);
}

static void may_only_look_now(struct scene *a)
{
    judge_keep_one_family(a);
    judge_befalls(a, SIM_FAULT_CONFIG)->until_ms = a->w->now_ms - 1000;
    a->site->net.mode = NET_OBSERVE;
    judge_look(a, 200);
}

static uint8_t own_of(const struct scene *a)
{
    return a->family == FAMILY_IPV4 ? 0 : 1;
}

static void withdraw_own(struct scene *a, uint8_t own)
{
    for (uint8_t r = 0; r < a->site->net.router_count; r++)
        a->site->routers[r].overrides[0][SIM_OWN_FIRST + own].stands = false;
}

static void own_is_gone(struct scene *a)
{
    withdraw_own(a, own_of(a));
    judge_look(a, 17000);
}

static void own_is_sick(struct scene *a)
{
    judge_befalls(a, SIM_FAULT_SICK)->arg = 1 << own_of(a);
    judge_look(a, 17000);
}

static void all_own_are_gone(struct scene *a)
{
    judge_befalls(a, SIM_FAULT_CHECK);
    withdraw_own(a, 0);
    withdraw_own(a, 1);
    judge_look(a, 100);
}

static void both_members_are_out(struct scene *a)
{
    a->site->member_out[0] = a->site->member_out[1] = true;
    sim_check_members(a->w, 0);
}

static void a_member_is_out_in_vain(struct scene *a)
{
    judge_befalls(a, SIM_FAULT_MEMBER)->arg = 1;
    a->site->net.hook_count = 2;
    a->site->hook_way = SIM_HOOK_LIES;
    a->site->member_out[1] = true;
    a->site->member_ms[1] = a->w->now_ms;
    judge_look(a, 20000);
}

static void a_member_is_well(struct scene *a)
{
    sim_check_hook(a->w, 0, 0);
}

static void a_program_is_run(struct scene *a)
{
    judge_befalls(a, SIM_FAULT_MEMBER);
    a->site->net.mode = NET_CONFIRM;
    sim_check_hook(a->w, 0, 0);
}

// ---- all of them

static const struct judge_row rows[] = {
    {SIM_S4, "too many", too_many},
    {SIM_L3, "circles", circles},
    {SIM_S17, "circles by two", circles_by_two},
    {SIM_S11, "route dies", route_dies},
    {SIM_I5, "the engine dies", engine_dies},
    {SIM_S14, "the prober dies", prober_dies},
    {SIM_S20, "stopped, and it stands", is_stopped},
    {SIM_S11, "route dies, own prefixes stay", own_outlives_route},
    {SIM_I5, "the engine dies, own prefixes stay", own_outlives_the_lease},
    {SIM_S14, "the prober dies, the world is asked still", asks_without_prober},
    {SIM_L7, "not taken", takes_nothing},
    {SIM_I5, "nobody's", is_nobodys},
    {SIM_I5, "wanted no more", is_wanted_no_more},
    {SIM_I5, "believed to stand", is_believed_to_stand},
    {SIM_S9, "leaves two", leaves_two},
    {SIM_S18, "leaves two by one's word", leaves_two_by_ones_word},
    {SIM_S10, "overflows", fills},
    {SIM_S10, "stays full", stays_full},
    {SIM_L1, "does not leave", does_not_leave},
    {SIM_I8, "harms", harms},
    {SIM_L2, "never ends", never_ends},
    {SIM_S21, "leaks", leaks},
    {SIM_S24, "between two configurations", stands_between},
    {SIM_S24, "barred by now", is_barred_now},
    {SIM_S24, "too many now", is_too_many_now},
    {SIM_S24, "may only look now", may_only_look_now},
    {SIM_L5, "our own is gone", own_is_gone},
    {SIM_L5, "our own is sick", own_is_sick},
    {SIM_S12, "all our own are gone", all_own_are_gone},
    {SIM_S13, "both members are out", both_members_are_out},
    {SIM_I13, "a member is well", a_member_is_well},
    {SIM_L6, "a member is out in vain", a_member_is_out_in_vain},
    {SIM_S16, "a program is run", a_program_is_run},
};

static void each_notices_its_own(void **state)
{
    judge_check_rows(*state, rows, sizeof rows / sizeof rows[0]);
}

// What is broken above is right before: the same looks and words, with nothing broken.
static void what_is_right_is_let_be(void **state)
{
    struct sim_world *w = *state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct scene a;
        judge_open(w, family, &a);
        judge_announce(&a);
        sim_check_withdraw(w, 0, 0, a.r, a.p);
        sim_check_members(w, 0);
        sim_check_forwarding(w);
        judge_look(&a, 30000);
        for (int rule = 0; rule < SIM_RULES; rule++)
            if (w->judge->broken[rule] > 0)
                fail_msg("%s is broken", sim_rule_texts[rule].name);
    }
}

static void what_two_lift_is_let_be(void **state)
{
    struct sim_world *w = *state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct scene a;
        judge_open(w, family, &a);
        a.site->lift = (struct sim_lift){true, true, LIFT_S9, JUDGE_BAD};
        leaves_two(&a);
        assert_int_equal(w->judge->broken[SIM_S9] + w->judge->broken[SIM_S18], 0);
    }
}

// Worlds ask all of them: each of these rules is exercised by one of the functions of judge.h
// alone.
static void all_are_asked(void **state)
{
    static const struct {
        const char *scenario;
        enum sim_rule rule;
        uint64_t seeds;
    } asked[] = {
        // clang-format off
        {"P0", SIM_S3, 1},       // announcements
        {"P0", SIM_I4, 1},       // plans
        {"P0", SIM_S10, 1},      // steps
        {"P0", SIM_L3, 1},       // forwarding
        {"return", SIM_I5, 6},   // owners
        {"P0", SIM_S21, 1},      // more
        {"return", SIM_I14, 6},  // withdrawals
        {"return", SIM_I10, 6},  // plans to return
        {"-", SIM_L4, 30},       // drains
        {"hook", SIM_L6, 6},     // hooks
        {"hook", SIM_S13, 6},    // members: nothing is announced in these
        {"policy", SIM_L7, 1},   // what routers do not take
        {"N6", SIM_I6, 6},       // the end
        {"-", SIM_S19, 30},      // and forged counters
        {"N8", SIM_S25, 1},      // and clocks that step
        {"-", SIM_S23, 30},      // crowds
        // clang-format on
    };
    struct sim_world *w = *state;
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        memset(w->judge->exercised, 0, sizeof w->judge->exercised);
        for (uint64_t seed = 1; seed <= asked[i].seeds; seed++)
            sim_world_play(w, seed, sim_scenario_find(asked[i].scenario));
        if (w->judge->exercised[asked[i].rule] == 0)
            fail_msg("%s: %s is never asked", asked[i].scenario,
                     sim_rule_texts[asked[i].rule].name);
    }
}

// Another configuration than the recorded events are from.
static void check_changed(struct sim_world *w)
{
    w->sites[0].net.mode = NET_OBSERVE;
}

static void another_engine_is_noticed(void **state)
{
    static const struct sim_scenario changed = {"base", "", judge_make_base, check_changed};
    struct sim_world *w = *state;
    sim_world_play(w, 32, &changed);
    assert_int_equal(w->judge->broken[SIM_I12], 1);
}

// Of named worlds, where nothing of that happens.
static void spoil(struct sim_world *w)
{
    struct sim_site *site = &w->sites[0];
    w->announced = w->acts = w->moves = w->programs = w->withdrawn = 1000;
    if (strcmp(w->scenario->name, "cross") == 0)
        w->acts = 0;
    memset(site->checks.controllers[0].ups, 100, sizeof site->checks.controllers[0].ups);
    memset(site->inbound.asks, 100, sizeof site->inbound.asks);
    for (uint8_t place = SIM_OWN_FIRST; place < SIM_PLACES; place++)
        site->routers[0].overrides[0][place].stands = false;
}

static void named_worlds_are_judged(void **state)
{
    struct sim_world *w = *state;
    const struct sim_scenario *scenario;
    for (uint32_t n = 0; (scenario = sim_scenario_at(n)) != NULL; n++) {
        sim_world_play(w, 2, scenario);
        memset(w->judge->broken, 0, sizeof w->judge->broken);
        spoil(w);
        scenario->check(w);
        if (w->judge->broken[SIM_N] + w->judge->broken[SIM_P] == 0)
            fail_msg("%s: nothing is noticed", scenario->name);
    }
}

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, judge_open_world, judge_close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(each_notices_its_own),      IN_A_WORLD(what_is_right_is_let_be),
        IN_A_WORLD(what_two_lift_is_let_be),   IN_A_WORLD(all_are_asked),
        IN_A_WORLD(another_engine_is_noticed), IN_A_WORLD(named_worlds_are_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
