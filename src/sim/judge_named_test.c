// SPDX-License-Identifier: ISC
// Whether each check of a named world notices what it is there for: each world as it ended, with
// one thing otherwise.
#include "sim/judge_check.h"

#include "sim/place.h"
#include "sim/prober.h"
#include "sim/router.h"

#include "base/check.h"

#include <stdlib.h>

struct ended {  // a world of one site, whose first fault is what it is about
    struct sim_world *w;
    struct sim_site *site;
    struct sim_controller_checks *own;
    struct sim_fault *fault;
    struct sim_upstream *other;  // of two transits the one that does not fail
    enum family family;
    uint8_t p;      // of the family
    uint32_t much;  // of the row: acts, percent, Mbit
};

// ---- how much

static void says(struct ended *a)
{
    a->w->announced = a->much;
}

static void acts(struct ended *a)
{
    a->w->acts = a->much;
}

static void moves(struct ended *a)
{
    a->w->moves = a->much;
}

static void takes_back(struct ended *a)
{
    a->w->withdrawn = a->much;
}

static void loses(struct ended *a)
{
    a->w->lost = a->much;
}

static void overflows(struct ended *a)
{
    a->w->overflowed = a->much;
}

static void runs(struct ended *a)
{
    a->w->programs = a->much;
}

static void comes_and_goes(struct ended *a)
{
    a->own->ups[a->p][a->fault->upstream] = (uint8_t)a->much;
}

static void carries(struct ended *a)
{
    a->other->load = a->other->capacity * a->much / 100;
}

// ---- what stands

static void goes_back(struct ended *a)
{
    for (uint8_t r = 0; r < a->site->net.router_count; r++)
        a->site->routers[r].fib[a->p] = a->fault->upstream;
}

static void has_one(struct ended *a)
{
    a->site->routers[0].overrides[0][a->p].stands = true;
}

static void has_one_of_ipv4(struct ended *a)
{
    uint8_t p = sim_target_prefix(a->site, 0, FAMILY_IPV4);
    a->site->routers[0].overrides[0][p].stands = true;
}

static void has_an_exit(struct ended *a)
{
    uint8_t place = sim_exit_place(a->fault->upstream, a->family);
    a->site->routers[1].overrides[0][place].stands = true;
}

static void went_by_itself(struct ended *a)
{
    a->own->announced_ms[a->p] = 20000;
}

static void went_by_no_exit(struct ended *a)
{
    a->own->announced_ms[sim_exit_place(a->fault->upstream, a->family)] = SIM_SINCE_NEVER;
}

static void own_is_gone(struct ended *a)
{
    uint8_t place = SIM_OWN_FIRST + (a->family == FAMILY_IPV6);
    a->site->routers[1].overrides[0][place].stands = false;
}

static void leaves_a_good_one(struct ended *a)
{
    a->site->controllers[0].claims.left |= 1u << (1 - a->fault->upstream);
}

static void notices_nothing(struct ended *a)
{
    uint32_t path = net_path_find(&a->site->net, a->fault->upstream, a->family);
    a->site->controllers[0].claims.paths[path].state = INCIDENT_NONE;
}

// ---- what the world is asked

static void asks(struct ended *a)
{
    a->site->inbound.asks[a->family][a->fault->upstream] = a->much;
}

static void asks_to_leave_the_good(struct ended *a)
{
    a->site->inbound.asks[a->family][1 - a->fault->upstream] = 1;
}

static void asks_late(struct ended *a)
{
    a->site->inbound.asked_ms[a->family][a->fault->upstream] = a->fault->at_ms + 60000;
}

static void asks_early(struct ended *a)
{
    a->site->inbound.asked_ms[a->family][a->fault->upstream] = a->fault->at_ms + 19000;
}

static void is_not_back(struct ended *a)
{
    a->site->inbound.seen[a->family][a->fault->upstream] = NET_STANCE_GRACEFUL;
}

// ---- switches and programs

static void turn(struct ended *a, int32_t member)
{
    a->site->member_out[member] = !a->site->member_out[member];
    a->site->member_ms[member] = 0;
}

static void the_lossy_is_otherwise(struct ended *a)
{
    turn(a, a->fault->arg);
}

static void the_good_is_out(struct ended *a)
{
    turn(a, 1 - a->fault->arg);
}

// ---- all of them

static const struct {
    const char *scenario;
    uint64_t seed;
    enum sim_rule rule;
    const char *name;
    void (*harm)(struct ended *a);
    uint32_t much;
} rows[] = {
    {"N2", 1, SIM_N, "says one", says, 1},
    {"P2", 1, SIM_P, "says one", says, 1},
    {"P0", 1, SIM_P, "acts often", acts, 7},
    {"P0", 1, SIM_P, "overflows", overflows, 1},
    {"P0", 1, SIM_P, "is not left", goes_back, 0},
    {"P1", 1, SIM_P, "comes and goes", comes_and_goes, 7},
    {"P3", 1, SIM_P, "acts often", acts, 7},
    {"P3", 1, SIM_P, "carries nothing", carries, 0},
    {"P3", 1, SIM_P, "carries nearly all", carries, 96},
    {"P6", 1, SIM_P, "IPv4 goes along", has_one_of_ipv4, 0},
    {"P10", 1, SIM_P, "acts often", acts, 13},
    {"P11", 1, SIM_P, "acts often", acts, 5},
    {"P11", 1, SIM_P, "leaves a good one", leaves_a_good_one, 0},
    {"P11", 1, SIM_P, "notices nothing", notices_nothing, 0},
    {"shared", 1, SIM_P, "moves often", moves, 4},
    {"shared", 1, SIM_P, "loses much", loses, 733},
    {"exit", 1, SIM_P, "acts often", acts, 5},
    {"exit", 1, SIM_P, "went by itself", went_by_itself, 0},
    {"exit", 1, SIM_P, "went by no exit", went_by_no_exit, 0},
    {"exit", 1, SIM_P, "it stands", has_an_exit, 0},
    {"own", 1, SIM_P, "is gone", own_is_gone, 0},
    {"inbound", 1, SIM_P, "asks nothing", asks, 0},
    {"inbound", 1, SIM_P, "asks twice", asks, 2},
    {"inbound", 1, SIM_P, "asks to leave the good", asks_to_leave_the_good, 0},
    {"inbound", 1, SIM_P, "asks late", asks_late, 0},
    {"inbound", 1, SIM_P, "asks early", asks_early, 0},
    {"inbound", 1, SIM_P, "is not back", is_not_back, 0},
    // In world 2 the other loses, too, from the onset on; in world 1 when this one is well.
    {"inbound-beset", 2, SIM_P, "asks", asks, 1},
    {"inbound-beset", 1, SIM_P, "asks nothing", asks, 0},
    // In world 5 the program helps, in world 1 it does not.
    {"hook", 1, SIM_P, "a route stands", has_one, 0},
    {"hook", 5, SIM_P, "works, and it is in use", the_lossy_is_otherwise, 0},
    {"hook", 5, SIM_P, "works, and the good is out", the_good_is_out, 0},
    {"hook", 1, SIM_P, "runs none", runs, 0},
    {"hook", 5, SIM_P, "works, and runs twice", runs, 2},
    {"hook", 1, SIM_P, "fails, and it is out", the_lossy_is_otherwise, 0},
    {"hook", 1, SIM_P, "fails, and runs many", runs, 7},
    {"restart", 1, SIM_P, "it is in use", the_lossy_is_otherwise, 0},
    {"restart", 1, SIM_P, "both are out", the_good_is_out, 0},
    {"restart", 1, SIM_P, "runs twice", runs, 2},
    {"freeze", 1, SIM_P, "moves one", moves, 1},
    {"freeze", 1, SIM_P, "one stands", has_one, 0},
    {"policy", 1, SIM_P, "acts never", acts, 0},
    {"policy", 1, SIM_P, "acts often", acts, 11},
    {"word", 1, SIM_P, "acts never", acts, 0},
    {"word", 1, SIM_P, "takes back one", takes_back, 1},
    {"lift", 1, SIM_P, "acts often", acts, 7},
    {"lift", 1, SIM_S18, "carries nearly all", carries, 96},
    {"lift", 1, SIM_P, "carries less", carries, 10},
    {"cross", 1, SIM_P, "acts never", acts, 0},
    {"return", 1, SIM_P, "acts never", acts, 0},
    {"return", 1, SIM_P, "acts often", acts, 5},
    {"return", 1, SIM_P, "one stands", has_one, 0},
    {"fill", 1, SIM_P, "acts never", acts, 0},
    {"fill", 1, SIM_P, "acts often", acts, 5},
    {"fill", 1, SIM_P, "carries less", carries, 10},
    {"fill", 1, SIM_P, "carries nearly all", carries, 96},
    {"fill", 1, SIM_P, "overflows", overflows, 1000},
};

static void ends_with(struct sim_world *w, enum family family, size_t i)
{
    struct sim_site *site = &w->sites[0];
    struct ended a = {.w = w,
                      .site = site,
                      .own = &site->checks.controllers[0],
                      .fault = &w->faults.items[0],
                      .other = &site->upstreams[w->faults.items[0].upstream == 0],
                      .family = family,
                      .p = sim_target_prefix(site, 0, family),
                      .much = rows[i].much};
    uint64_t *broken = w->judge->broken;
    w->scenario->check(w);
    for (int rule = 0; rule < SIM_RULES; rule++)
        if (broken[rule] > 0)
            fail_msg("%s: %s is broken", rows[i].scenario, sim_rule_texts[rule].name);
    rows[i].harm(&a);
    w->scenario->check(w);
    if (broken[rows[i].rule] == 0)
        fail_msg("%s, %s: %s is not noticed", rows[i].scenario, family_name(family), rows[i].name);
    broken[rows[i].rule] = 0;
    if (broken[SIM_P] + broken[SIM_N] > 0)
        fail_msg("%s, %s: another check notices", rows[i].scenario, rows[i].name);
}

static void each_check_notices_its_own(void **state)
{
    struct sim_world *w = *state;
    struct sim_world *ended = malloc(sizeof *ended);
    assert_non_null(ended);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
            const struct sim_scenario *scenario = sim_scenario_find(rows[i].scenario);
            if (w->scenario != scenario || w->seed != rows[i].seed) {
                sim_world_play(w, rows[i].seed, scenario);
                *ended = *w;
            }
            ends_with(w, family, i);
            *w = *ended;
        }
    free(ended);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_check_notices_its_own, judge_open_world,
                                        judge_close_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
