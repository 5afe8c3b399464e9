// SPDX-License-Identifier: ISC
#include "sim/world.h"

#include "sim/daemon.h"
#include "sim/inbound.h"
#include "sim/make.h"
#include "sim/make_more.h"
#include "sim/message.h"
#include "sim/prober.h"
#include "sim/replay.h"
#include "sim/router.h"
#include "sim/scenario.h"
#include "sim/traffic.h"
#include "sim/writer.h"

#include <stdlib.h>
#include <string.h>

enum { RIB_BYTES = 4 << 20, REPLAY_EACH = 32 };

// Memory of its own for each, made the first time that it is needed.
static bool furnish(struct sim_controller *ctl)
{
    if (!ctl->rib)
        ctl->rib = rib_new(RIB_BYTES, (struct siphash_key){1, 2});
    if (!ctl->prober)
        ctl->prober = sim_prober_new();
    if (!ctl->orders)
        ctl->orders = calloc(1, sizeof *ctl->orders);
    return ctl->rib && ctl->prober && ctl->orders;
}

struct sim_world *sim_world_new(struct sim_judge *judge)
{
    struct sim_world *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->judge = judge;
    w->messages = calloc(1, sizeof *w->messages);
    w->rules = sim_rules_new();
    w->replay = sim_replay_new();
    if (w->messages && w->rules && w->replay)
        return w;
    sim_world_free(w);
    return NULL;
}

void sim_world_free(struct sim_world *w)
{
    if (!w)
        return;
    for (uint8_t s = 0; s < SIM_SITES_MAX; s++) {
        for (uint8_t c = 0; c < SIM_CONTROLLERS_MAX; c++) {
            struct sim_controller *ctl = &w->sites[s].controllers[c];
            engine_free(ctl->engine);
            rib_free(ctl->rib);
            ledger_free(ctl->ledger);
            sim_prober_free(ctl->prober);
            free(ctl->orders);
        }
    }
    sim_replay_free(w->replay);
    sim_rules_free(w->rules);
    free(w->messages);
    free(w);
}

// What is kept from seed to seed is memory, not what is in it.
static void clear_controller(struct sim_controller *ctl)
{
    struct sim_controller kept = *ctl;
    *ctl = (struct sim_controller){.engine = kept.engine,
                                   .rib = kept.rib,
                                   .ledger = kept.ledger,
                                   .orders = kept.orders,
                                   .prober = kept.prober};
}

static void clear_parts(struct sim_site *site)
{
    memset(site->member_out, 0, sizeof site->member_out);
    site->lift = (struct sim_lift){0};
    site->inbound = (struct sim_inbound){0};
    site->barred = 0;
    site->has_parts = false;
}

static void clear(struct sim_world *w)
{
    w->now_ms = 0;
    w->failures = w->announced = w->withdrawn = w->acts = w->moves = w->programs = 0;
    w->events = 0;
    w->lost = w->overflowed = 0;
    w->overflowing = false;
    w->faults = (struct sim_faults){0};
    w->messages->count = w->messages->sent = 0;
    w->backbone_count = 0;
    for (uint8_t s = 0; s < SIM_SITES_MAX; s++) {
        clear_parts(&w->sites[s]);
        sim_checks_begin(&w->sites[s].checks);
        for (uint8_t c = 0; c < SIM_CONTROLLERS_MAX; c++)
            clear_controller(&w->sites[s].controllers[c]);
    }
}

static void draw_world(struct sim_world *w)
{
    double u = random_unit(&w->random);
    w->site_count = u < 0.85 ? 1 : u < 0.97 ? 2 : 3;
    sim_make_sites(w, &(struct sim_shape){.specials = true});
    for (uint8_t s = 0; s < w->site_count; s++)
        sim_make_more(w, s);
    sim_make_faults(w);
}

static void deliver(struct sim_world *w, const struct sim_message *m)
{
    int64_t until_ms;
    if (m->kind == SIM_TO_ROUTER_IBGP) {
        sim_router_hear(w, m);
    } else if (m->kind == SIM_TO_FIB) {
        sim_router_forward(w, m);
    } else if (!sim_daemon_message(w, m, &until_ms)) {
        sim_message_put_off(w->messages, m, until_ms);
    }
}

// Whoever wakes has read all that waited, when the last of this moment has come.
static void carry_out_orders(struct sim_world *w)
{
    for (uint8_t s = 0; s < w->site_count; s++)
        for (uint8_t c = 0; c < w->sites[s].controller_count; c++)
            sim_writer_carry_out(w, s, c);
}

// All messages of one moment, then traffic as it goes from there on.
static void pass_messages(struct sim_world *w, int64_t until_ms)
{
    for (int64_t due; (due = sim_message_due(w->messages)) <= until_ms;) {
        struct sim_message m;
        sim_traffic_flow(w, due - w->now_ms);
        w->now_ms = due;
        while (sim_message_next(w->messages, due, &m))
            deliver(w, &m);
        carry_out_orders(w);
        sim_check_forwarding(w);
    }
    sim_traffic_flow(w, until_ms - w->now_ms);
    w->now_ms = until_ms;
}

static void step(struct sim_world *w)
{
    sim_faults_turn(w);
    for (uint8_t s = 0; s < w->site_count; s++)
        for (uint8_t c = 0; c < w->sites[s].controller_count; c++)
            sim_daemon_tick(w, s, c);
    pass_messages(w, w->now_ms + SIM_STEP_MS);
    for (uint8_t s = 0; s < w->site_count; s++)
        sim_inbound_step(w, s);
    sim_check_step(w);
}

static void replay(struct sim_world *w)
{
    size_t events;
    bool agrees = sim_replay_agrees(w->replay, &w->sites[0].net, &events);
    sim_exercised(w, SIM_I12);
    if (!agrees)
        sim_broken(w, SIM_I12, "another engine did otherwise within %zu events", events);
}

// A drawn world goes on where the one before it began, one number later, and is another by that.
// Named ones have the same to draw at the same place: theirs start anywhere, or neighbours were one
// world.
static void begin_random(struct sim_world *w, uint64_t seed, bool drawn)
{
    struct random far = {seed};
    w->random.state = drawn ? seed * 0x9e3779b97f4a7c15u + 1 : random_u64(&far);
    w->people.state = ~w->random.state;
    w->parts.state = w->people.state * 0xd1342543de82ef95u + 7;
}

uint32_t sim_world_play(struct sim_world *w, uint64_t seed, const struct sim_scenario *scenario)
{
    clear(w);
    w->seed = seed;
    begin_random(w, seed, scenario == NULL);
    w->scenario = scenario;
    bool replays = seed % REPLAY_EACH == 0;
    if (scenario)
        scenario->make(w);
    else
        draw_world(w);
    sim_replay_switch(w->replay, replays);
    for (uint8_t s = 0; s < w->site_count; s++)
        for (uint8_t c = 0; c < w->sites[s].controller_count; c++) {
            if (!furnish(&w->sites[s].controllers[c]))
                abort();
            sim_daemon_start(w, s, c);
        }
    while (w->now_ms < w->end_ms)
        step(w);
    sim_check_end(w);
    if (scenario)
        scenario->check(w);
    if (replays)
        replay(w);
    w->judge->worlds++;
    w->judge->failed += w->failures > 0;
    w->judge->announced += w->announced;
    w->judge->acts += w->acts;
    w->judge->virtual_s += (double)w->end_ms / 1e3;
    return w->failures;
}
