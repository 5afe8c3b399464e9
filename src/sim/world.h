// SPDX-License-Identifier: ISC
// A virtual world around the real engine and the real gate: sites with routers that decide as BGP
// does, providers that lose and fill up, demand as a fluid, faults on a time line, all from one
// seed. The same seed gives the same world, to the packet.
//
//   make.c      what there is, drawn from the seed        fault.c    what happens when
//   router.c    tables, decision, forwarding              traffic.c  who loses what, who is full
//   writer.c    the route process: gate, ledger, lease    prober.c   samples, real detectors
//   world.c     time, messages, the engine                inbound.c  what the world sends to us
//   check*.c    what must never be
#pragma once

#include "base/random.h"
#include "sim/fault.h"
#include "sim/site.h"

enum {
    SIM_SITES_MAX = 12,
    SIM_BACKBONES_MAX = 4,
};

struct sim_backbone {
    double capacity, load;
};

struct sim_message;

struct sim_world {
    uint64_t seed;
    // People and parts have numbers of their own, so that one more of them changes nothing else.
    struct random random, people, parts;
    int64_t now_ms, end_ms;
    uint8_t site_count, backbone_count;
    struct sim_site sites[SIM_SITES_MAX];
    struct sim_backbone backbones[SIM_BACKBONES_MAX];
    struct sim_faults faults;
    const struct sim_scenario *scenario;  // NULL: drawn from the seed
    struct sim_messages *messages;
    struct sim_replay *replay;  // of the first controller
    struct sim_rules *rules;    // of probing, shared by worlds
    struct sim_judge *judge;    // counts over many worlds
    uint32_t failures;
    uint64_t events;
    double lost, overflowed;  // Mbit: in all, and for want of capacity
    uint32_t announced, withdrawn, acts;
    uint32_t programs;  // that were run to take a part out of use
    uint32_t moves;     // a site's acts of one upstream, both families together
    bool overflowing;   // somewhere more than fits
    bool traced;
};

// The engine's clock, so long after the world's zero.
static inline struct mono sim_mono(int64_t ms)
{
    return (struct mono){(SIM_START_MS + ms) * NS_PER_MS};
}

// Reused from seed to seed. NULL when memory is out.
struct sim_world *sim_world_new(struct sim_judge *judge);
void sim_world_free(struct sim_world *w);
// Plays one seed from beginning to end; gives how many rules were broken.
uint32_t sim_world_play(struct sim_world *w, uint64_t seed, const struct sim_scenario *scenario);
