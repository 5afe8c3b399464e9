// SPDX-License-Identifier: ISC
#include "sim/prober.h"

#include "detect/path.h"
#include "sim/daemon.h"
#include "sim/router.h"
#include "sim/traffic.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { RTT_MS = 12, BASE_LOSS_PPM = 50 };

struct flight {  // the probe of a path and target that is out
    bool out, lost, waited;
    uint8_t flow;
    int64_t sent_ms;
};

struct sim_prober {
    uint32_t path_count;
    struct net_path paths[SIM_PATHS_MAX];
    int64_t probed_ms, tallied_ms;
    struct flight flights[SIM_PATHS_MAX][SIM_TARGETS];
    struct event_tally tallies[SIM_PATHS_MAX][SIM_TARGETS];
    bool has_signal[SIM_PATHS_MAX];  // that waits for an engine
    struct signal signals[SIM_PATHS_MAX];
    uint8_t prefixes[SIM_TARGETS][FAMILIES];
    bool stalled;
    struct detect_path detectors[SIM_PATHS_MAX];
};

struct sim_rules {
    struct cusum_book book;
    bool made[SIM_PATHS_MAX + 1];
    struct detect_path of[SIM_PATHS_MAX + 1];  // by the number of paths
};

struct sim_rules *sim_rules_new(void)
{
    return calloc(1, sizeof(struct sim_rules));
}

void sim_rules_free(struct sim_rules *rules)
{
    free(rules);
}

struct sim_prober *sim_prober_new(void)
{
    return calloc(1, sizeof(struct sim_prober));
}

void sim_prober_free(struct sim_prober *prober)
{
    free(prober);
}

uint8_t sim_target_prefix(const struct sim_site *site, uint32_t target, enum family family)
{
    struct address address = site->net.targets[target].address[family];
    for (uint8_t p = 0; p < site->prefix_count; p++)
        if (site->prefixes[p].kind == SIM_PLAIN &&
            prefix_contains_address(site->prefixes[p].prefix, address))
            return p;
    return SIM_NOBODY;
}

// All but the entries of its history: what was never written is never read.
static void copy_detector(struct detect_path *to, const struct detect_path *from)
{
    size_t entries = offsetof(struct detect_path, history.entries);
    size_t after = entries + sizeof from->history.entries;
    memcpy(to, from, entries);
    memcpy((char *)to + after, (const char *)from + after, sizeof *to - after);
}

void sim_prober_start(struct sim_world *w, uint8_t s, uint8_t c)
{
    struct sim_site *site = &w->sites[s];
    struct sim_prober *prober = site->controllers[c].prober;
    struct sim_rules *rules = w->rules;
    memset(prober, 0, offsetof(struct sim_prober, detectors));
    prober->path_count = net_path_count(&site->net);
    struct detect_path *made = &rules->of[prober->path_count];
    if (!rules->made[prober->path_count])
        rules->made[prober->path_count] = detect_path_init(made, &site->net, 0, &rules->book);
    for (uint32_t path = 0; path < prober->path_count; path++) {
        copy_detector(&prober->detectors[path], made);
        prober->detectors[path].net = &site->net;
        prober->detectors[path].path = path;
        prober->paths[path] = net_path(&site->net, path);
    }
    for (uint32_t t = 0; t < SIM_TARGETS; t++)
        for (enum family f = FAMILY_IPV4; f < FAMILIES; f++)
            prober->prefixes[t][f] = sim_target_prefix(site, t, f);
    prober->probed_ms = prober->tallied_ms = w->now_ms;
}

static void tell_signal(struct sim_world *w, uint8_t s, uint8_t c, uint32_t path)
{
    struct sim_controller *ctl = &w->sites[s].controllers[c];
    if (!ctl->prober->has_signal[path] || !sim_daemon_runs(w, ctl, SIM_ENGINE))
        return;
    ctl->prober->has_signal[path] = false;
    struct event event = {.kind = EVENT_SIGNAL, .signal = ctl->prober->signals[path]};
    sim_daemon_feed(w, s, c, &event);
}

static bool is_deaf(const struct sim_prober *prober, uint32_t path, uint32_t target)
{
    enum family family = prober->paths[path].family;
    for (uint32_t other = 0; other < prober->path_count; other++)
        if (prober->paths[other].family == family &&
            !detect_path_has_aside(&prober->detectors[other], target))
            return false;
    return true;
}

static void count(struct event_tally *tally, enum sample_verdict verdict, bool deaf)
{
    tally->voided += deaf || verdict == SAMPLE_VOID;
    tally->ok += !deaf && verdict == SAMPLE_OK;
    tally->lost += !deaf && verdict == SAMPLE_LOST;
}

// The answer of the probe that is out, or that there is none.
static void receive(struct sim_world *w, uint8_t s, uint8_t c, uint32_t path, uint32_t target)
{
    struct sim_controller *ctl = &w->sites[s].controllers[c];
    struct sim_prober *prober = ctl->prober;
    struct flight *flight = &prober->flights[path][target];
    if (!flight->out)
        return;
    const struct sim_fault *late = sim_fault_now(w, SIM_FAULT_REORDER, s, SIM_NOBODY);
    if (late && !flight->waited && random_unit(&w->random) * 1e6 < late->ppm) {
        flight->waited = true;
        return;
    }
    flight->out = false;
    uint32_t upstream = prober->paths[path].upstream;
    const struct sim_fault *delay = sim_fault_now(
        w, SIM_FAULT_DELAY, s, upstream == NET_NOBODY ? SIM_NOBODY : (uint8_t)upstream);
    bool blind = prober->stalled || sim_fault_now(w, SIM_FAULT_VOID, s, SIM_NOBODY);
    int64_t rtt_ms = RTT_MS + (delay ? delay->arg : 0);
    struct sample sample = {
        .path = path,
        .target = target,
        .flow = flight->flow,
        .verdict = blind          ? SAMPLE_VOID
                   : flight->lost ? SAMPLE_LOST
                                  : SAMPLE_OK,
        .sent_at = sim_mono(flight->sent_ms + (int64_t)target),
        .known_at = sim_mono(w->now_ms),
        .rtt_ns = rtt_ms * NS_PER_MS,
    };
    bool aside = detect_path_has_aside(&prober->detectors[path], target);
    prober->tallies[path][target].rtt_p50_ns = sample.rtt_ns;
    count(&prober->tallies[path][target], sample.verdict, aside && is_deaf(prober, path, target));
    if (detect_path_sample(&prober->detectors[path], &sample, &prober->signals[path])) {
        prober->has_signal[path] = true;
        tell_signal(w, s, c, path);
    }
}

// Of the way back, and of the target's own doing. The as-routed path has its answers by the first
// upstream that fails, wherever its packets go.
static double answers_lost(const struct sim_world *w, uint8_t s, uint32_t upstream, uint32_t target)
{
    double passes = 1;
    for (uint32_t i = 0; i < w->faults.count; i++) {
        const struct sim_fault *f = &w->faults.items[i];
        bool by = f->kind == SIM_FAULT_DEAF
                      ? f->arg == (int32_t)target
                      : f->kind == SIM_FAULT_REVERSE &&
                            (upstream == NET_NOBODY || f->upstream == upstream);
        if (by && f->site == s && sim_fault_holds(w, f))
            passes *= 1 - f->ppm / 1e6;
    }
    return 1 - passes;
}

static bool meets_loss(struct sim_world *w, uint8_t s, uint32_t path, uint32_t target, uint8_t flow)
{
    const struct sim_site *site = &w->sites[s];
    const struct sim_prober *prober = site->controllers[0].prober;
    struct net_path is = prober->paths[path];
    uint8_t upstream = (uint8_t)is.upstream, p = prober->prefixes[target][is.family];
    if (p == SIM_NOBODY)
        return false;
    bool circles;
    if (is.upstream == NET_NOBODY)
        upstream = sim_router_exit(site, 0, p, &circles);
    if (upstream == SIM_NOBODY)
        return true;
    const struct sim_fault *lie = sim_fault_now(w, SIM_FAULT_LIE_TALLY, s, upstream);
    if (lie && is.upstream != NET_NOBODY)
        return random_unit(&w->random) * 1e6 < lie->ppm;
    double passes = 1 - BASE_LOSS_PPM / 1e6;
    if (w->faults.holding > 0 || w->overflowing) {
        // Of a thousand, and evenly, so that a share of them is just that.
        uint32_t tuples = SIM_FLOWS * SIM_TARGETS;
        uint32_t tuple = (flow * SIM_TARGETS + target + 5 * path) % tuples * 1000 / tuples;
        const struct sim_fault *of_class = sim_fault_now(w, SIM_FAULT_CLASS, s, upstream);
        passes *= 1 - sim_loss_tuple(w, s, upstream, p, tuple);
        passes *= !of_class || of_class->arg != flow;
        passes *= 1 - answers_lost(w, s, is.upstream, target);
    }
    return random_unit(&w->random) > passes;
}

static void send_tallies(struct sim_world *w, uint8_t s, uint8_t c)
{
    struct sim_prober *prober = w->sites[s].controllers[c].prober;
    for (uint32_t path = 0; path < prober->path_count; path++) {
        for (uint32_t t = 0; t < SIM_TARGETS; t++) {
            struct event event = {.kind = EVENT_TALLY, .tally = prober->tallies[path][t]};
            event.tally.path = path;
            event.tally.target = t;
            prober->tallies[path][t] = (struct event_tally){0};
            sim_daemon_feed(w, s, c, &event);
        }
        tell_signal(w, s, c, path);
    }
    w->sites[s].controllers[c].told_ms = w->now_ms;
    prober->tallied_ms = w->now_ms;
}

static void tick_detectors(struct sim_world *w, uint8_t s, uint8_t c)
{
    struct sim_prober *prober = w->sites[s].controllers[c].prober;
    for (uint32_t path = 0; path < prober->path_count; path++) {
        if (!detect_path_tick(&prober->detectors[path], sim_mono(w->now_ms),
                              &prober->signals[path]))
            continue;
        prober->has_signal[path] = true;
        tell_signal(w, s, c, path);
    }
}

static void probe(struct sim_world *w, uint8_t s, uint8_t c)
{
    struct sim_prober *prober = w->sites[s].controllers[c].prober;
    uint8_t flow = (uint8_t)(w->now_ms / SIM_PROBE_MS % SIM_FLOWS);
    for (uint32_t path = 0; path < prober->path_count; path++)
        for (uint32_t t = 0; t < SIM_TARGETS; t++)
            receive(w, s, c, path, t);
    prober->stalled = false;
    for (uint32_t path = 0; path < prober->path_count; path++)
        for (uint32_t t = 0; t < SIM_TARGETS; t++)
            if (prober->prefixes[t][prober->paths[path].family] != SIM_NOBODY &&
                !prober->flights[path][t].out)
                prober->flights[path][t] =
                    (struct flight){true, meets_loss(w, s, path, t, flow), false, flow, w->now_ms};
    prober->probed_ms = w->now_ms;
}

void sim_prober_step(struct sim_world *w, uint8_t s, uint8_t c)
{
    struct sim_controller *ctl = &w->sites[s].controllers[c];
    struct sim_prober *prober = ctl->prober;
    if (!sim_daemon_runs(w, ctl, SIM_PROBE)) {
        prober->stalled = true;
        return;
    }
    if (w->now_ms - prober->probed_ms < SIM_PROBE_MS)
        return;
    probe(w, s, c);
    tick_detectors(w, s, c);
    if (w->now_ms - prober->tallied_ms >= SIM_TALLY_MS && sim_daemon_runs(w, ctl, SIM_ENGINE))
        send_tallies(w, s, c);
}
