// SPDX-License-Identifier: ISC
// Whether each check of what is said notices what it is there for.
#include "sim/judge_check.h"

#include "engine/effect.h"
#include "engine/lifts.h"
#include "sim/make_more.h"
#include "sim/place.h"
#include "steer/drain.h"

#include "base/check.h"

#include <string.h>

static void nobody_has_it(struct scene *a)
{
    a->permit.prefix.address.bytes[1] ^= 0x40;
    judge_announce(a);
}

static void a_router_has_it_not(struct scene *a)
{
    memset(a->site->routers[a->r].own[a->p], 0, sizeof a->site->routers[a->r].own[a->p]);
    memset(a->site->routers[a->r].others[a->p], 0, sizeof a->site->routers[a->r].others[a->p]);
    judge_announce(a);
}

static void goes_elsewhere(struct scene *a)
{
    a->permit.next_hop = a->site->net.upstreams[JUDGE_BAD].next_hop[a->family];
    judge_announce(a);
}

static void has_another_path(struct scene *a)
{
    a->path[3] ^= 1;
    judge_announce(a);
}

static void there_is_no_way(struct scene *a)
{
    a->site->routers[a->r].own[a->p][JUDGE_GOOD].present = false;
    judge_announce(a);
}

static void is_a_bogon(struct scene *a)
{
    a->site->prefixes[a->p].kind = SIM_BOGON;
    judge_announce(a);
}

static void has_no_fit_length(struct scene *a)
{
    a->site->prefixes[a->p].kind = SIM_LENGTH;
    judge_announce(a);
}

static void leads_to_ourselves(struct scene *a)
{
    a->site->prefixes[a->p].kind = SIM_CONTROL;
    judge_announce(a);
}

static void is_control(struct scene *a)
{
    a->site->prefixes[a->p].kind = SIM_PROTECTED;
    judge_announce(a);
}

static void is_outside(struct scene *a)
{
    a->site->prefixes[a->p].kind = SIM_OUTSIDE;
    judge_announce(a);
}

static void is_for_the_world(struct scene *a)
{
    a->permit.no_export = false;
    judge_announce(a);
}

static void is_unmarked(struct scene *a)
{
    a->permit.marker = (struct net_community){0};
    judge_announce(a);
}

static void fills_more_than_is_lost(struct scene *a)
{
    judge_bring_back(a, a->family);
    a->w->faults.items[0].ppm = 3000;
    a->site->upstreams[JUDGE_GOOD].load = 0;
    a->site->upstreams[JUDGE_GOOD].capacity = 1;
    judge_announce(a);
}

static void is_too_early(struct scene *a)
{
    a->ctl->started_ms = a->w->now_ms;
    judge_announce(a);
}

static void may_only_look(struct scene *a)
{
    a->site->net.mode = NET_ADVISE;
    judge_announce(a);
}

static void was_frozen(struct scene *a)
{
    a->ctl->frozen = true;
    a->ctl->frozen_ms = a->w->now_ms - 2000;
    judge_announce(a);
}

static void was_stopped(struct scene *a)
{
    a->ctl->stopped = true;
    a->ctl->stopped_ms = a->w->now_ms - 2000;
    judge_announce(a);
}

static void is_unrecorded(struct scene *a)
{
    judge_befalls(a, SIM_FAULT_AUDIT);
    a->site->routers[a->r].overrides[0][a->p].stands = false;
    judge_announce(a);
}

static void is_blind(struct scene *a)
{
    judge_befalls(a, SIM_FAULT_VOID);
    a->own->announced_ms[a->p] = SIM_SINCE_NEVER;
    judge_announce(a);
}

static void all_are_bad(struct scene *a)
{
    a->w->faults.items[0].kind = SIM_FAULT_ALL;
    a->w->faults.items[0].upstream = SIM_NOBODY;
    a->w->faults.items[0].family = a->family;
    a->own->announced_ms[a->p] = SIM_SINCE_NEVER;
    judge_announce(a);
}

static void nothing_is_lost(struct scene *a)
{
    a->site->upstreams[JUDGE_BAD].lossy_ms[a->family] = JUDGE_LONG_AGO_MS;
    judge_announce(a);
}

// S19 and S25 are broken by an act: who forges counters, or sets a clock, excuses none.
static void counters_are_forged(struct scene *a)
{
    judge_befalls(a, SIM_FAULT_LIE_NOTICE);
    nothing_is_lost(a);
}

static void a_clock_stepped(struct scene *a)
{
    judge_befalls(a, SIM_FAULT_CLOCK)->arg = 1000;
    nothing_is_lost(a);
}

static void is_no_better(struct scene *a)
{
    a->w->faults.items[0].upstream = SIM_NOBODY;
    a->site->checks.bad_since_ms[JUDGE_GOOD][a->family] = a->w->now_ms - 10000;
    a->own->announced_ms[a->p] = SIM_SINCE_NEVER;
    judge_announce(a);
}

static void nothing_was_heard(struct scene *a)
{
    a->ctl->told_ms = a->w->now_ms - 5000;
    judge_announce(a);
}

static void comes_and_goes(struct scene *a)
{
    a->own->ups[a->p][JUDGE_BAD] = 2 * STEER_ACTS_PER_HOUR_MAX;
    judge_announce(a);
}

static void is_too_often(struct scene *a)
{
    a->site->net.guard.acts_per_minute_max = 1;
    a->ctl->route_since_ms = JUDGE_LONG_AGO_MS;
    a->site->routers[a->r].overrides[0][a->p].stands = false;  // it is new there
    judge_announce(a);
    judge_announce(a);
}

static void is_too_much(struct scene *a)
{
    a->site->net.steer.budget.moved_per_minute_percent = 1;
    a->site->upstreams[JUDGE_BAD].all_lost_ms[a->family] = JUDGE_LONG_AGO_MS;
    judge_announce(a);
}

static void is_too_much_by_ones_word(struct scene *a)
{
    a->site->lift = (struct sim_lift){.asked = true, .rule = LIFT_S8, .upstream = JUDGE_BAD};
    is_too_much(a);
}

static void say_exit(struct scene *a, uint8_t of)
{
    sim_make_exits(a->site);
    a->permit.prefix = sim_place_prefix(a->site, sim_exit_place(of, a->family));
    judge_announce(a);
}

static void an_exit_goes_nowhere(struct scene *a)
{
    say_exit(a, JUDGE_GOOD);
}

static void an_exit_goes_elsewhere(struct scene *a)
{
    a->permit.next_hop = a->site->net.upstreams[JUDGE_BAD].next_hop[a->family];
    say_exit(a, JUDGE_BAD);
}

static void an_exit_is_for_the_world(struct scene *a)
{
    a->permit.no_export = false;
    say_exit(a, JUDGE_BAD);
}

static void an_exit_is_unmarked(struct scene *a)
{
    a->permit.marker = (struct net_community){0};
    say_exit(a, JUDGE_BAD);
}

static void an_exit_is_no_better(struct scene *a)
{
    a->w->faults.items[0].upstream = SIM_NOBODY;
    a->site->checks.bad_since_ms[JUDGE_GOOD][a->family] = a->w->now_ms - 10000;
    say_exit(a, JUDGE_BAD);
}

// All that leaves by it, but nothing of the other family.
static void an_exit_is_too_much(struct scene *a)
{
    a->site->net.steer.budget.moved_per_minute_percent = 45;
    for (uint8_t p = 0; p < a->site->prefix_count; p++)
        for (uint8_t r = 0; r < a->site->net.router_count; r++)
            a->site->prefixes[p].demand[r] = 10;
    say_exit(a, JUDGE_BAD);
}

static void an_exit_has_no_way(struct scene *a)
{
    for (uint8_t p = 0; p < a->site->prefix_count; p++)
        a->site->routers[a->r].own[p][JUDGE_GOOD].present = false;
    say_exit(a, JUDGE_BAD);
}

static void two_exits_go(struct scene *a)
{
    say_exit(a, JUDGE_BAD);
    say_exit(a, JUDGE_GOOD);
}

static void say_own(struct scene *a)
{
    const struct net_announce *own = &a->site->net.announce[a->family == FAMILY_IPV4 ? 0 : 1];
    a->permit.kind = PERMIT_OWN;
    a->permit.prefix = own->prefix;
    judge_announce(a);
}

static void own_is_another(struct scene *a)
{
    say_own(a);  // by a transit's next hop
}

static void own_is_withheld(struct scene *a)
{
    a->permit.stances[NET_STANCE_WITHHELD] = 3;
    say_own(a);
}

static void own_is_unmarked(struct scene *a)
{
    a->permit.marker = (struct net_community){0};
    say_own(a);
}

static void was_never_said(struct scene *a)
{
    a->site->routers[a->r].overrides[0][a->p].stands = false;
    a->own->announced_ms[a->p] = SIM_SINCE_NEVER;
    sim_check_withdraw(a->w, 0, 0, a->r, a->p);
}

static void withdraw_unsaid(struct scene *a, uint8_t place)
{
    for (uint8_t r = 0; r < a->site->net.router_count; r++)
        a->site->routers[r].overrides[0][place].stands = false;
    a->own->announced_ms[place] = a->w->now_ms - 10000;
    sim_check_withdraw(a->w, 0, 0, a->r, place);
}

static void own_was_never_said(struct scene *a)
{
    withdraw_unsaid(a, (uint8_t)(SIM_OWN_FIRST + (a->family == FAMILY_IPV6)));
}

static void an_exit_was_never_said(struct scene *a)
{
    withdraw_unsaid(a, sim_exit_place(JUDGE_BAD, a->family));
}

static void all_returns_at_once(struct scene *a)
{
    struct sim_claims *claims = &a->ctl->claims;
    claims->paths[0] = (struct sim_claim){claims->owners[a->p], 0, true, SIM_NOBODY, a->w->now_ms};
    claims->owners[a->p ^ 2] = claims->owners[a->p];
    sim_check_withdraw(a->w, 0, 0, a->r, a->p);
    sim_check_withdraw(a->w, 0, 0, a->r, a->p ^ 2);
}

static void leaves_two_unproven(struct scene *a)
{
    const struct effect_plan plan = {.verdict = PLAN_ACT, .from = JUDGE_GOOD, .family = a->family};
    uint32_t path = net_path_find(&a->site->net, JUDGE_BAD, a->family);
    a->ctl->claims.paths[path].state = INCIDENT_VERIFY;
    sim_check_plan(a->w, 0, 0, &plan);
}

static void returns_to_loss(struct scene *a)
{
    const struct effect_plan plan = {.verdict = PLAN_RETURN, .to = JUDGE_BAD, .family = a->family};
    a->w->faults.items[0].family = a->family;
    sim_check_plan(a->w, 0, 0, &plan);
}

static void is_not_drained(struct scene *a)
{
    const struct effect_drain drain = {.object = {NET_OBJECT_UPSTREAM, JUDGE_GOOD, 0},
                                       .state = DRAIN_SAFE};
    sim_check_drain(a->w, 0, &drain);
}

// ---- all of them

static const struct judge_row rows[] = {
    {SIM_S1, "nobody has it", nobody_has_it},
    {SIM_S1, "a router has it not", a_router_has_it_not},
    {SIM_S2, "goes elsewhere", goes_elsewhere},
    {SIM_S2, "another path", has_another_path},
    {SIM_I1, "no way", there_is_no_way},
    {SIM_S5, "a bogon", is_a_bogon},
    {SIM_S5, "no fit length", has_no_fit_length},
    {SIM_S6, "control", is_control},
    {SIM_S6, "leads to ourselves", leads_to_ourselves},
    {SIM_S1, "outside", is_outside},
    {SIM_S3, "for the world", is_for_the_world},
    {SIM_S3, "unmarked", is_unmarked},
    {SIM_I2, "fills more than is lost", fills_more_than_is_lost},
    {SIM_S7, "too early", is_too_early},
    {SIM_S16, "may only look", may_only_look},
    {SIM_I11, "frozen", was_frozen},
    {SIM_S20, "stopped", was_stopped},
    {SIM_S22, "unrecorded", is_unrecorded},
    {SIM_I7, "blind", is_blind},
    {SIM_S12, "blind", is_blind},
    {SIM_I6, "all are bad", all_are_bad},
    {SIM_I13, "nothing is lost", nothing_is_lost},
    {SIM_I13, "counters are forged", counters_are_forged},
    {SIM_I13, "a clock stepped", a_clock_stepped},
    {SIM_S13, "no better", is_no_better},
    {SIM_S13, "nothing was heard", nothing_was_heard},
    {SIM_S15, "comes and goes", comes_and_goes},
    {SIM_I9, "comes and goes", comes_and_goes},
    {SIM_S8, "too often", is_too_often},
    {SIM_I3, "too much", is_too_much},
    {SIM_S18, "too much by one's word", is_too_much_by_ones_word},
    {SIM_S2, "an exit goes nowhere", an_exit_goes_nowhere},
    {SIM_S2, "an exit goes elsewhere", an_exit_goes_elsewhere},
    {SIM_S3, "an exit for the world", an_exit_is_for_the_world},
    {SIM_S3, "an exit, unmarked", an_exit_is_unmarked},
    {SIM_S13, "an exit is no better", an_exit_is_no_better},
    {SIM_I3, "an exit is too much", an_exit_is_too_much},
    {SIM_I1, "an exit has no way", an_exit_has_no_way},
    {SIM_S8, "two exits", two_exits_go},
    {SIM_S1, "our own, another", own_is_another},
    {SIM_S13, "our own, withheld", own_is_withheld},
    {SIM_S3, "our own, unmarked", own_is_unmarked},
    {SIM_S7, "never said", was_never_said},
    {SIM_S7, "our own, never said", own_was_never_said},
    {SIM_S7, "an exit, never said", an_exit_was_never_said},
    {SIM_I14, "all returns at once", all_returns_at_once},
    {SIM_I4, "leaves two unproven", leaves_two_unproven},
    {SIM_I10, "returns to loss", returns_to_loss},
    {SIM_L4, "not drained", is_not_drained},
};

static void each_notices_its_own(void **state)
{
    judge_check_rows(*state, rows, sizeof rows / sizeof rows[0]);
}

// Two persons lifted it.
static void what_two_lift_is_let_be(void **state)
{
    struct sim_world *w = *state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct scene a;
        judge_open(w, family, &a);
        a.site->lift = (struct sim_lift){true, true, LIFT_S8, JUDGE_BAD};
        is_too_much(&a);
        assert_int_equal(w->judge->broken[SIM_I3] + w->judge->broken[SIM_S18], 0);
    }
}

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, judge_open_world, judge_close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(each_notices_its_own),
        IN_A_WORLD(what_two_lift_is_let_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
