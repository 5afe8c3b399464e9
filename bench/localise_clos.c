// SPDX-License-Identifier: ISC
// The set-ups of Flock (Harsh et al., PACMNET 2023), as far as its paper and its published flow
// simulator say: a fat tree of k = 10 with 250 hosts, 100 flows a host (400 in skewed traffic),
// Pareto sizes (shape 1.05, mean 200 kB, at most 100 MB) in packets of 1500 bytes; links that are
// well lose up to 0.01 %. Skew: half of all ends lie in a twentieth of the racks. Components are
// directed links and devices. Telemetry: the path of each flow is known (INT), or there are only
// probes of 40 packets from each host to each core switch and back (A1).
#include "localise_world.h"

#include <math.h>
#include <stdio.h>

enum {
    K = 10,
    HALF = K / 2,
    RACKS = K * HALF,
    HOSTS = RACKS * HALF,
    CORES = HALF * HALF,
    // Directed links: up and down, of three stages.
    HOST_LINKS = 2 * HOSTS,
    RACK_LINKS = 2 * RACKS * HALF,
    CORE_LINKS = 2 * K * CORES,
    LINKS = HOST_LINKS + RACK_LINKS + CORE_LINKS,
    DEVICES = RACKS + K * HALF + CORES,
    FLOWS = 100 * HOSTS,         // where devices fail,
    FLOWS_SKEWED = 400 * HOSTS,  // and where traffic is skewed
    PROBE_PACKETS = 40,
    LINKS_FAILED = 4,
    DEVICES_FAILED_MAX = 3,
    BUSY_RACKS = 2,
};

static uint32_t host_link(uint32_t host, bool down)
{
    return 2 * host + down;
}

static uint32_t rack_link(uint32_t rack, uint32_t aggregate, bool down)
{
    return HOST_LINKS + 2 * (rack * HALF + aggregate) + down;
}

static uint32_t core_link(uint32_t pod, uint32_t core, bool down)
{
    return HOST_LINKS + RACK_LINKS + 2 * (pod * CORES + core) + down;
}

static uint32_t device(uint32_t number)
{
    return LINKS + number;
}

struct walk {
    uint16_t *members;
    uint32_t count;
};

static void pass(struct walk *walk, uint32_t component)
{
    walk->members[walk->count++] = (uint16_t)component;
}

// From a rack up to a core switch, or down.
static void climb(struct walk *walk, uint32_t rack, uint32_t core, bool down)
{
    uint32_t aggregate = core / HALF;
    pass(walk, device(rack));
    pass(walk, rack_link(rack, aggregate, down));
    pass(walk, device(RACKS + rack / HALF * HALF + aggregate));
    pass(walk, core_link(rack / HALF, core, down));
}

static uint32_t below(struct world *w, uint32_t count)
{
    return (uint32_t)(random_unit(&w->random) * count);
}

static void make_flow(struct world *w, uint32_t number, uint32_t from, uint32_t to)
{
    struct walk walk = {w->members[number], 0};
    uint32_t a = from / HALF, b = to / HALF, core = below(w, CORES);
    pass(&walk, host_link(from, false));
    if (a == b) {
        pass(&walk, device(a));
    } else if (a / HALF == b / HALF) {
        pass(&walk, device(a));
        pass(&walk, rack_link(a, core / HALF, false));
        pass(&walk, device(RACKS + a / HALF * HALF + core / HALF));
        pass(&walk, rack_link(b, core / HALF, true));
        pass(&walk, device(b));
    } else {
        climb(&walk, a, core, false);
        pass(&walk, device(RACKS + K * HALF + core));
        climb(&walk, b, core, true);
    }
    pass(&walk, host_link(to, true));
    pass(&walk, LOCALISE_NOBODY);
}

// Up to the core and back the same way: what is lost on the way back looks like loss on the way
// out, so that both directions of a link are one component.
static void make_probe(struct world *w, uint32_t number, uint32_t host, uint32_t core)
{
    struct walk walk = {w->members[number], 0};
    pass(&walk, host_link(host, false));
    climb(&walk, host / HALF, core, false);
    pass(&walk, device(RACKS + K * HALF + core));
    pass(&walk, LOCALISE_NOBODY);
}

static uint32_t draw_packets(struct world *w)
{
    static const double shape = 1.05, mean = 200.0 * 1024, most = 100.0 * 1024 * 1024;
    double bytes;
    do
        bytes = mean * (shape - 1) / shape * pow(1 - random_unit(&w->random), -1 / shape);
    while (bytes > most);
    return (uint32_t)ceil(bytes / 1500);
}

static uint32_t draw_host(struct world *w, bool skewed)
{
    if (skewed && random_unit(&w->random) < 0.5)
        return below(w, BUSY_RACKS * HALF);
    return skewed ? BUSY_RACKS * HALF + below(w, HOSTS - BUSY_RACKS * HALF) : below(w, HOSTS);
}

static void make_telemetry(struct world *w, bool active_only, bool skewed)
{
    w->problem.path_count = active_only ? HOSTS * CORES : skewed ? FLOWS_SKEWED : FLOWS;
    for (uint32_t p = 0; p < w->problem.path_count; p++) {
        if (active_only)
            make_probe(w, p, p / CORES, p % CORES);
        else
            make_flow(w, p, draw_host(w, skewed), draw_host(w, skewed));
        w->paths[p] = (struct localise_path){.members = w->members[p]};
        w->paths[p].sent = (active_only ? PROBE_PACKETS : draw_packets(w)) & LOCALISE_SENT_MAX;
    }
}

static void draw_losses(struct world *w, const struct truth *truth)
{
    double link[LINKS];
    for (uint32_t i = 0; i < LINKS; i++)
        link[i] = 1e-4 * random_unit(&w->random);
    for (uint32_t p = 0; p < w->problem.path_count; p++) {
        double passes = 1;
        for (const uint16_t *m = w->paths[p].members; *m != LOCALISE_NOBODY; m++) {
            if (*m < LINKS)
                passes *= 1 - link[*m];
            for (uint32_t i = 0; i < truth->count; i++)
                if (*m == truth->components[i])
                    passes *= 1 - truth->loss[i];
        }
        w->paths[p].lost = world_draw(&w->random, w->paths[p].sent, 1 - passes);
    }
}

// Of every so many components one may fail.
static struct truth draw_truth(struct world *w, uint32_t count, uint32_t first, uint32_t of,
                               uint32_t every)
{
    struct truth truth = {0};
    while (truth.count < count) {
        uint32_t c = first + below(w, of / every) * every;
        bool known = false;
        for (uint32_t i = 0; i < truth.count; i++)
            known |= truth.components[i] == c;
        truth.components[truth.count] = (uint16_t)c;
        truth.loss[truth.count] = 0.002 + 0.018 * random_unit(&w->random);
        truth.count += !known;
    }
    return truth;
}

static void devices_run(struct world *w, uint32_t runs, bool active_only)
{
    struct score score = {0};
    for (uint32_t n = 0; n < runs; n++) {
        make_telemetry(w, active_only, false);
        struct truth truth = draw_truth(w, 1 + below(w, DEVICES_FAILED_MAX), LINKS, DEVICES, 1);
        draw_losses(w, &truth);
        world_judge(w, &truth, false, &score);
    }
    world_print("devices", active_only ? "A1" : "INT", &score, w);
}

static void links_run(struct world *w, uint32_t runs, bool active_only, double loss)
{
    struct score score = {0};
    char cell[32];
    for (uint32_t n = 0; n < runs; n++) {
        make_telemetry(w, active_only, true);
        struct truth truth =
            draw_truth(w, LINKS_FAILED, HOST_LINKS, RACK_LINKS + CORE_LINKS, active_only ? 2 : 1);
        for (uint32_t i = 0; i < truth.count; i++)
            truth.loss[i] = loss;
        draw_losses(w, &truth);
        world_judge(w, &truth, false, &score);
    }
    snprintf(cell, sizeof cell, "%s %g", active_only ? "A1" : "INT", loss);
    world_print("skewed", cell, &score, w);
}

void clos_run(struct world *w, uint32_t runs)
{
    static const double losses[] = {0.002, 0.004, 0.006, 0.010, 0.014};
    w->problem.component_count = LINKS + DEVICES;
    w->problem.normal[0] = 3e-4;  // a way of six good links
    for (uint32_t c = 0; c < LINKS + DEVICES; c++)
        w->prior[c] = localise_prior_nats(c < LINKS ? LINKS : DEVICES, 1);
    for (int active_only = 0; active_only < 2; active_only++) {
        devices_run(w, runs, active_only);
        for (size_t i = 0; i < sizeof losses / sizeof losses[0]; i++)
            links_run(w, runs, active_only, losses[i]);
    }
}
