// SPDX-License-Identifier: ISC
#include "sim/judge_check.h"

#include "sim/make_more.h"
#include "sim/prober.h"
#include "sim/router.h"
#include "sim/scene.h"
#include "sim/writer.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

enum { END_MS = 45000 };

static void hush(void *context, const char *line)
{
    (void)context;
    (void)line;
}

// All leaves by one transit, which loses, for another with room; two prefixes are our own.
void judge_make_base(struct sim_world *w)
{
    scene_site(w, 2, END_MS);
    struct sim_site *site = &w->sites[0];
    for (uint8_t p = 0; p < site->prefix_count; p++)
        for (uint8_t u = 0; u < 2; u++)
            site->routers[u].own[p][u].local_pref = u == JUDGE_BAD ? 200 : 100;
    sim_router_settle(w, 0);
    sim_make_own(site, 1);
    struct sim_fault *loss = scene_add(w, SIM_FAULT_LOSS, JUDGE_BAD, 380000);
    loss->at_ms = 15000;
    loss->until_ms = INT64_MAX;
}

static void check_base(struct sim_world *w)
{
    sim_exercised(w, SIM_P);
}

static const struct sim_scenario base = {"base", "one transit loses", judge_make_base, check_base};

// As the gate would permit it.
static void fill_permit(struct scene *a)
{
    uint8_t length = a->site->routers[a->r].own[a->p][JUDGE_GOOD].length;
    a->permit = (struct permit){
        .kind = PERMIT_OVERRIDE,
        .router = a->r,
        .upstream = JUDGE_GOOD,
        .prefix = a->site->prefixes[a->p].prefix,
        .next_hop = a->site->net.upstreams[JUDGE_GOOD].next_hop[a->family],
        .marker = a->site->net.steer.marker,
        .no_export = true,
        .as_path_size = sim_as_path(0, JUDGE_GOOD, a->p, length, a->path),
        .as_path = a->path,
    };
}

void judge_open(struct sim_world *w, enum family family, struct scene *a)
{
    sim_world_play(w, 1, &base);
    assert_true(w->judge->exercised[SIM_P] > 0);  // whoever knows its scenario is asked, too
    for (int rule = 0; rule < SIM_RULES; rule++)
        assert_int_equal(w->judge->broken[rule], 0);
    struct sim_site *site = &w->sites[0];
    *a = (struct scene){.w = w,
                        .site = site,
                        .ctl = &site->controllers[0],
                        .own = &site->checks.controllers[0],
                        .family = family,
                        .p = sim_target_prefix(site, 0, family),
                        .r = (uint8_t)site->net.upstreams[JUDGE_GOOD].router};
    assert_true(site->routers[a->r].overrides[0][a->p].stands);
    fill_permit(a);
}

void judge_announce(struct scene *a)
{
    sim_check_announce(a->w, 0, 0, &a->permit);
}

void judge_look(struct scene *a, int64_t ms)
{
    for (int64_t until = a->w->now_ms + ms; a->w->now_ms < until;) {
        a->w->now_ms += SIM_STEP_MS;
        sim_check_step(a->w);
    }
}

struct sim_fault *judge_befalls(struct scene *a, enum sim_fault_kind kind)
{
    struct sim_fault *f = sim_fault_add(a->w, kind, a->w->now_ms - 10000, a->w->now_ms + 1000000);
    f->begun = true;
    return f;
}

void judge_bring_back(struct scene *a, enum family family)
{
    for (uint8_t r = 0; r < a->site->net.router_count; r++)
        for (uint8_t p = 0; p < a->site->prefix_count; p++) {
            if (a->site->prefixes[p].prefix.address.family != family)
                continue;
            a->site->routers[r].overrides[0][p].stands = false;
            a->site->routers[r].fib[p] = JUDGE_BAD;
        }
}

void judge_keep_one_family(struct scene *a)
{
    judge_bring_back(a, a->family == FAMILY_IPV4 ? FAMILY_IPV6 : FAMILY_IPV4);
    assert_true(sim_standing(a->site, 0) > 1);
}

void judge_check_rows(struct sim_world *w, const struct judge_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
            struct scene a;
            judge_open(w, family, &a);
            rows[i].harm(&a);
            if (w->judge->broken[rows[i].rule] == 0)
                fail_msg("%s, %s: %s is not noticed", sim_rule_texts[rows[i].rule].name,
                         family_name(family), rows[i].name);
            memset(w->judge->broken, 0, sizeof w->judge->broken);
        }
}

int judge_open_world(void **state)
{
    struct sim_judge *judge = calloc(1, sizeof *judge);
    if (!judge)
        return -1;
    judge->say = hush;
    *state = sim_world_new(judge);
    return *state ? 0 : -1;
}

int judge_close_world(void **state)
{
    struct sim_world *w = *state;
    struct sim_judge *judge = w->judge;
    sim_world_free(w);
    free(judge);
    return 0;
}
