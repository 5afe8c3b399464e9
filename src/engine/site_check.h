// SPDX-License-Identifier: ISC
// For tests: a site with four ways out around the engine, without detectors: the test says what
// they say, and how many packets of each way are lost. Its route process answers at once.
#pragma once

#include "engine/engine.h"
#include "engine/small_net.h"

enum {
    SITE_A,
    SITE_B,
    SITE_C,
    SITE_D,
    SITE_WAYS,
    SITE_ANSWERS = 512,
    SITE_SAID = 32,
    SITE_OUTAGES = 8,
    SITE_UNKNOWN = 101,  // percent: no tally at all
    SITE_SPARSE,         // one clean answer now and then
};

struct site {
    struct net net;
    struct engine *engine;
    int64_t ms;
    enum family family;                  // of what is measured
    uint32_t loss_percent[SITE_WAYS];    // of the probes through each way
    uint32_t void_percent[SITE_WAYS];    // of them that tell nothing, instead of an answer
    uint32_t second_percent[SITE_WAYS];  // at least, of those to the second target
    uint32_t routed_percent;             // of what customers' packets meet
    struct prefix refused;               // by the gate; all zero: nothing
    struct event answers[SITE_ANSWERS];
    uint32_t answer_count;
    uint32_t said_count;
    struct effect_plan said[SITE_SAID];
    enum incident_state state;  // of the incident that changed last
    uint32_t standing, orders, released;
    struct effect_stance stance;      // of one of our own prefixes, the last that was said
    struct effect_answered answered;  // to the last that was asked
    uint32_t outage_count;
    struct effect_outage outages[SITE_OUTAGES];  // as told, until a test takes them
    struct effect_extent extent;                 // as last told,
    uint32_t extent_count;                       // and how often
    struct mono last_at;                         // of any effect
};

// Three prefixes leave by A: one without targets, one with, and a default route; one leaves by B.
struct site *site_open(uint64_t seed);
void site_close(struct site *s);
void site_feed(struct site *s, struct event event);
// A detector speaks of the way's path of this family.
void site_signal(struct site *s, uint32_t way, enum signal_kind kind);
void site_run(struct site *s, int64_t ms);
void site_check_said(const struct site *s, uint32_t place, enum effect_plan_verdict verdict,
                     uint32_t from, uint32_t to);
