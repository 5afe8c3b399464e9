// SPDX-License-Identifier: ISC
#include "sim/parts.h"

#include "sim/daemon.h"
#include "sim/message.h"

#include <stdio.h>

enum {
    RUN_MS = 100,
    RUN_SPREAD_MS = 1200,
    NAMED_MS = 2000,  // until localisation is sure
    NAMED_SPREAD_MS = 2000,
    OVER_MS = 1000,
    CHECKED_MS = 900,  // three answers in a row, that come every 300 ms
    HALF = 500,        // of a thousand 5-tuples
};

static int64_t later(struct sim_world *w, int64_t ms, uint32_t spread_ms)
{
    return w->now_ms + ms + (int64_t)(random_u64(&w->parts) % spread_ms);
}

// ---- programs

static void answer(struct sim_world *w, const struct sim_message *about,
                   enum event_hook_state state)
{
    struct sim_message message = *about;
    message.at_ms = w->now_ms + 1;
    message.kind = SIM_TO_ENGINE_HOOK;
    message.life = w->sites[about->site].controllers[about->controller].lives[SIM_ENGINE];
    message.state = (uint8_t)state;
    sim_message_send(w->messages, &message);
}

void sim_parts_run(struct sim_world *w, uint8_t s, uint8_t c, const struct effect_hook *hook)
{
    struct sim_site *site = &w->sites[s];
    uint16_t *turns = &site->controllers[c].hook_turns[hook->hook];
    struct sim_message run = {.at_ms = later(w, RUN_MS, RUN_SPREAD_MS),
                              .said_ms = hook->number,
                              .kind = SIM_TO_MEMBER,
                              .site = s,
                              .controller = c,
                              .router = (uint8_t)hook->hook,
                              .present = hook->undo};
    w->programs += !hook->undo;
    if (!hook->undo)
        sim_check_hook(w, s, (uint8_t)hook->hook);
    if (!hook->undo && site->controllers[c].unrecorded) {  // S22: role/audited.c
        answer(w, &run, HOOK_FAILED);
        return;
    }
    *turns = (uint16_t)(*turns + ((*turns % 2 == 1) == hook->undo));
    run.life = *turns;
    if (!hook->undo)
        site->controllers[c].hooks_ran |= (uint8_t)(1u << hook->hook);
    if (site->hook_way == SIM_HOOK_HANGS && !hook->undo)
        run.at_ms = w->now_ms + SIM_HOOK_TIMEOUT_MS;
    sim_message_send(w->messages, &run);
}

void sim_parts_ran(struct sim_world *w, const struct sim_message *m)
{
    static const enum event_hook_state states[SIM_HOOK_WAYS] = {[SIM_HOOK_WORKS] = HOOK_DONE,
                                                                [SIM_HOOK_LIES] = HOOK_DONE,
                                                                [SIM_HOOK_FAILS] = HOOK_FAILED,
                                                                [SIM_HOOK_HANGS] = HOOK_TIMED_OUT};
    struct sim_site *site = &w->sites[m->site];
    if (m->life != site->controllers[m->controller].hook_turns[m->router]) {
        answer(w, m, HOOK_FAILED);  // ended by the next order: role/hook.c
        return;
    }
    if (m->present || site->hook_way == SIM_HOOK_WORKS || site->hook_way == SIM_HOOK_LIES) {
        site->member_out[m->router] = !m->present;
        site->member_ms[m->router] = w->now_ms;
        site->forwarding_changed = true;
        sim_trace(w, "switch %d of the pair is %s use", m->router,
                  m->present ? "back in" : "out of");
    }
    if (m->present)
        site->controllers[m->controller].hooks_ran &= (uint8_t) ~(1u << m->router);
    answer(w, m, m->present ? HOOK_DONE : states[site->hook_way]);
    sim_check_members(w, m->site);
}

// ---- switches

// Where the program lies, what is at fault is another part, behind either switch.
static bool is_mended(const struct sim_site *site, const struct sim_fault *f)
{
    return site->member_out[f->arg] && site->hook_way != SIM_HOOK_LIES;
}

double sim_parts_loss(const struct sim_site *site, const struct sim_fault *f, uint32_t tuple)
{
    bool passes = tuple == UINT32_MAX || (f->arg == 0) == (tuple < HALF);
    if (site->member_out[0] && site->member_out[1])
        return 1;
    if (is_mended(site, f))
        return 0;
    if (site->member_out[1 - f->arg])
        return f->ppm / 1e6;
    return !passes ? 0 : tuple == UINT32_MAX ? f->ppm / 2e6 : f->ppm / 1e6;
}

static bool is_seen(const struct sim_world *w, const struct sim_fault *f)
{
    return sim_fault_holds(w, f) &&
           (f->kind != SIM_FAULT_MEMBER || !is_mended(&w->sites[f->site], f));
}

static struct fault fault_of(const struct sim_world *w, const struct sim_fault *f, uint32_t number)
{
    const struct net *net = &w->sites[f->site].net;
    struct fault fault = {.number = number,
                          .symptom = f->kind == SIM_FAULT_TUPLES ? FAULT_TUPLES : FAULT_LOSS,
                          .began_at = sim_mono(f->at_ms),
                          .part = fault_part_any()};
    bool half = f->kind == SIM_FAULT_MEMBER;
    uint32_t lost = 300 * (f->ppm / 1000) / 1000;
    fault.evidence = (struct fault_evidence){.samples = 300,
                                             .lost = lost,
                                             .loss_ppm = f->ppm,
                                             .flows = 120,
                                             .flows_lossy = 120 * (f->ppm / 1000) / 1000,
                                             .share_ppm = half ? 500000 : 1000000,
                                             .odds_millinats = 12000,
                                             .asked_millinats = 9000};
    if (half) {
        snprintf(fault.part.group, sizeof fault.part.group, "%s", net->groups[0].name);
        snprintf(fault.part.member, sizeof fault.part.member, "%s",
                 net->groups[0].members[f->arg].name);
    } else {
        fault.part.upstream = f->upstream;
        fault.part.family = f->family;
    }
    snprintf(fault.words, sizeof fault.words, "%s: %u ppm",
             half ? fault.part.member : "an upstream", f->ppm);
    return fault;
}

static bool is_nameable(const struct sim_site *site, const struct sim_fault *f)
{
    return f->kind == SIM_FAULT_MEMBER
               ? site->net.group_count > 0
               : site->net.steer.act_on_faults && f->prefixes == 0 &&
                     (f->kind == SIM_FAULT_LOSS || f->kind == SIM_FAULT_TUPLES);
}

// Localisation takes its time to name a part, and less to find it whole again.
static void localise(struct sim_world *w, uint8_t s, uint8_t c, uint32_t n)
{
    struct sim_controller *ctl = &w->sites[s].controllers[c];
    const struct sim_fault *f = &w->faults.items[n];
    bool seen = is_seen(w, f);
    if (seen == ctl->named[n]) {
        ctl->fault_due_ms[n] = 0;
    } else if (ctl->fault_due_ms[n] == 0) {
        ctl->fault_due_ms[n] = seen ? later(w, NAMED_MS, NAMED_SPREAD_MS) : w->now_ms + OVER_MS;
    } else if (w->now_ms >= ctl->fault_due_ms[n]) {
        struct event event = {.kind = EVENT_FAULT, .fault = fault_of(w, f, n + 1)};
        event.fault.state = seen ? FAULT_NAMED : FAULT_OVER;
        ctl->named[n] = seen;
        ctl->fault_due_ms[n] = 0;
        sim_daemon_feed(w, s, c, &event);
    }
}

// ---- services

bool sim_parts_is_sick(const struct sim_world *w, uint8_t s, uint8_t own)
{
    const struct sim_fault *f = sim_fault_now(w, SIM_FAULT_SICK, s, SIM_NOBODY);
    return f && f->arg >> own & 1;
}

static void look_after(struct sim_world *w, uint8_t s, uint8_t c, uint8_t own)
{
    struct sim_controller *ctl = &w->sites[s].controllers[c];
    bool healthy =
        !sim_parts_is_sick(w, s, own) && !sim_fault_now(w, SIM_FAULT_CHECK, s, SIM_NOBODY);
    if (ctl->health_known[own] && healthy == ctl->healthy[own]) {
        ctl->health_due_ms[own] = 0;
    } else if (ctl->health_due_ms[own] == 0) {
        ctl->health_due_ms[own] = w->now_ms + CHECKED_MS;
    } else if (w->now_ms >= ctl->health_due_ms[own]) {
        struct sim_message message = {.at_ms = w->now_ms + 1,
                                      .kind = SIM_TO_ENGINE_HEALTH,
                                      .life = ctl->lives[SIM_ENGINE],
                                      .site = s,
                                      .controller = c,
                                      .router = own,
                                      .present = healthy};
        ctl->health_known[own] = true;
        ctl->healthy[own] = healthy;
        ctl->health_due_ms[own] = 0;
        sim_message_send(w->messages, &message);
    }
}

void sim_parts_step(struct sim_world *w, uint8_t s, uint8_t c)
{
    const struct sim_site *site = &w->sites[s];
    const struct sim_controller *ctl = &site->controllers[c];
    // Who runs programs is another process: what it finds waits for an engine that is stopped.
    for (uint8_t own = 0; own < site->net.announce_count && !ctl->dead[SIM_ENGINE]; own++)
        look_after(w, s, c, own);
    if (!sim_daemon_runs(w, ctl, SIM_ENGINE) || !sim_daemon_runs(w, ctl, SIM_PROBE) ||
        sim_fault_now(w, SIM_FAULT_VOID, s, SIM_NOBODY))
        return;
    for (uint32_t n = 0; n < w->faults.count; n++)
        if (w->faults.items[n].site == s && is_nameable(site, &w->faults.items[n]))
            localise(w, s, c, n);
}
