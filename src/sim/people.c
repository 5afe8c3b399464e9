// SPDX-License-Identifier: ISC
#include "sim/people.h"

#include "sim/daemon.h"
#include "sim/message.h"

#include <stdio.h>

enum { CONSENT_MS = 1500, HOUR_MS = 3600 * 1000 };

static const struct {
    uint32_t uid;
    const char *name;
} persons[] = {{1000, "ada"}, {1001, "ben"}, {0, "root"}};

enum { ADA, BEN, ROOT };

static struct event asked_by(int person, enum event_asked_for what, const char *reason)
{
    struct event event = {.kind = EVENT_ASKED};
    event.asked = (struct event_asked){
        .what = what, .uid = persons[person].uid, .object.kind = NET_OBJECT_KINDS};
    snprintf(event.asked.who, sizeof event.asked.who, "%s", persons[person].name);
    snprintf(event.asked.reason, sizeof event.asked.reason, "%s", reason);
    return event;
}

static void command(struct sim_world *w, uint8_t s, uint8_t c, enum event_command command)
{
    struct sim_controller *ctl = &w->sites[s].controllers[c];
    struct event event = {.kind = EVENT_COMMAND, .command = command};
    if (!sim_daemon_runs(w, ctl, SIM_ENGINE))
        return;  // whoever asks is told that nobody answers
    if (command == COMMAND_FREEZE && !ctl->frozen)
        ctl->frozen_ms = w->now_ms;
    if (command == COMMAND_STOP)
        ctl->stopped_ms = w->now_ms;
    if (command != COMMAND_STOP)
        ctl->frozen = command == COMMAND_FREEZE;
    ctl->stopped |= command == COMMAND_STOP;
    sim_daemon_feed(w, s, c, &event);
}

static void drain(struct sim_world *w, uint8_t s, uint8_t c, uint8_t upstream, bool begins)
{
    struct event event = asked_by(ADA, begins ? ASKED_DRAIN : ASKED_UNDRAIN, "work on the fibre");
    event.asked.object = (struct net_object){NET_OBJECT_UPSTREAM, upstream, 0};
    sim_daemon_feed(w, s, c, &event);
}

// ---- approval

static void send_approval(struct sim_world *w, uint8_t s, uint8_t c, int64_t at_ms,
                          struct sim_message like)
{
    like.at_ms = at_ms;
    like.kind = SIM_TO_ENGINE_APPROVAL;
    like.life = w->sites[s].controllers[c].lives[SIM_ENGINE];
    like.site = s;
    like.controller = c;
    sim_message_send(w->messages, &like);
}

void sim_people_consider(struct sim_world *w, uint8_t s, uint8_t c, const struct effect_plan *plan)
{
    if (plan->verdict != PLAN_CONFIRM || plan->approval == 0 || random_unit(&w->people) > 0.7)
        return;
    int64_t at = w->now_ms + 200 + (int64_t)(random_u64(&w->people) % 6000);
    send_approval(w, s, c, at, (struct sim_message){.said_ms = plan->approval});
}

void sim_people_approve(struct sim_world *w, const struct sim_message *m)
{
    struct sim_controller *ctl = &w->sites[m->site].controllers[m->controller];
    struct event event = asked_by(m->from, ASKED_APPROVE, "looks right");
    event.asked.number = m->said_ms > 0 ? (uint32_t)m->said_ms : ctl->lift;
    ctl->approved |= m->said_ms > 0;
    sim_daemon_feed(w, m->site, m->controller, &event);
}

// ---- lifts

static void ask_lift(struct sim_world *w, const struct sim_fault *f, uint8_t c)
{
    struct event event =
        asked_by(ADA, ASKED_LIFT, f->arg == SIM_LIFT_UNSAID ? "" : "the other fibre burns");
    int64_t until_ms = f->arg == SIM_LIFT_TOO_LONG ? w->now_ms + 5 * HOUR_MS : f->until_ms;
    event.asked.object = (struct net_object){NET_OBJECT_UPSTREAM, f->upstream, 0};
    event.asked.until = sim_mono(until_ms);
    event.asked.number = f->ppm;
    w->sites[f->site].controllers[c].lift = 0;
    sim_daemon_feed(w, f->site, c, &event);
    if (f->arg == SIM_LIFT_BY_ONE)
        return;
    int person = f->arg == SIM_LIFT_BY_SAME ? ADA : f->arg == SIM_LIFT_BY_ROOT ? ROOT : BEN;
    send_approval(w, f->site, c, w->now_ms + CONSENT_MS,
                  (struct sim_message){.from = (uint8_t)person});
}

static void ask_unlift(struct sim_world *w, uint8_t s, uint8_t c)
{
    struct event event = asked_by(BEN, ASKED_UNLIFT, "it is out");
    event.asked.number = w->sites[s].controllers[c].lift;
    sim_daemon_feed(w, s, c, &event);
}

// ---- what waits in the control socket while the engine is stopped

void sim_people_say(struct sim_world *w, const struct sim_fault *f, bool begins)
{
    struct sim_site *site = &w->sites[f->site];
    for (uint8_t c = 0; c < site->controller_count; c++)
        sim_message_send(w->messages,
                         &(struct sim_message){.at_ms = w->now_ms,
                                               .said_ms = f - w->faults.items,
                                               .kind = SIM_TO_ENGINE_PERSON,
                                               .life = site->controllers[c].lives[SIM_ENGINE],
                                               .site = f->site,
                                               .controller = c,
                                               .present = begins});
    // What was moved by it stays moved when it is over: it counts from when it was asked for on.
    if (f->kind == SIM_FAULT_LIFT)
        site->lift = (struct sim_lift){.asked = true,
                                       .firm = f->arg == SIM_LIFT_BY_TWO,
                                       .rule = f->ppm,
                                       .upstream = f->upstream};
}

void sim_people_said(struct sim_world *w, const struct sim_message *m)
{
    const struct sim_fault *f = &w->faults.items[m->said_ms];
    if (f->kind == SIM_FAULT_FREEZE)
        command(w, m->site, m->controller, m->present ? COMMAND_FREEZE : COMMAND_THAW);
    else if (f->kind == SIM_FAULT_STOP && m->present)
        command(w, m->site, m->controller, COMMAND_STOP);
    else if (f->kind == SIM_FAULT_DRAIN)
        drain(w, m->site, m->controller, f->upstream, m->present);
    else if (f->kind == SIM_FAULT_LIFT && m->present)
        ask_lift(w, f, m->controller);
    else if (f->kind == SIM_FAULT_LIFT)
        ask_unlift(w, m->site, m->controller);
}

// ---- another configuration

static void rewrite(struct sim_site *site, enum sim_config_way way)
{
    struct net_prefixes *list = &site->net.guard.protected_prefixes;
    switch (way) {
    case SIM_CONFIG_OBSERVE:
        site->net.mode = NET_OBSERVE;
        return;
    case SIM_CONFIG_PROTECT:
        for (uint8_t p = 0; p < 2; p++)  // one of each family
            list->items[list->count++] = site->prefixes[p].prefix;
        site->barred = 3;
        return;
    case SIM_CONFIG_FEW:
        site->net.guard.routes_per_router_max = 1;
        return;
    case SIM_CONFIG_WAYS:
        return;
    }
}

void sim_people_configure(struct sim_world *w, const struct sim_fault *f, bool begins)
{
    struct sim_site *site = &w->sites[f->site];
    if (!begins)
        rewrite(site, (enum sim_config_way)f->arg);
    sim_daemon_crash(w, f->site, SIM_ENGINE, begins);
}
