// SPDX-License-Identifier: ISC
// Open outages from one life of the engine to the next: what is to be known of each is told to the
// store whenever it changes, and the store tells it back when the engine begins. Until it has, or
// for KEPT_WAIT_MS, no outage is opened: it may be one that people know. Part of the engine; see
// state.h. Nothing that decides looks at it.
#pragma once

#include "engine/effect.h"
#include "engine/event.h"

enum {
    KEPT_WAIT_MS = 10 * 1000,  // a store that hangs for longer is no reason to page late
    KEPT_LOOK_MS = 250,        // so often it is looked at what changed
};

struct kept_run {
    uint32_t outage;
    int64_t run_s;
};

struct kept_desk {
    bool is_back;                       // nothing more is waited for
    struct kept_run runs[OUTAGES_MAX];  // of outages of another life, by place
    struct mono began_at, looked_at;
    struct kept_outage told[OUTAGES_MAX];  // as the store has them, of the same place
    struct kept_fact facts[OUTAGES_MAX][OUTAGE_KEPT_FACTS];
    uint32_t back_of;                  // the outage of which facts come back now,
    uint32_t back[OUTAGE_KEPT_FACTS];  // and their ids here, by place
};

struct engine;

void kept_start(struct engine *e);
bool kept_is_awaited(const struct engine *e);
// When the engine began in whose time this outage did: the same number of another life is another.
int64_t kept_run_s(const struct engine *e, uint32_t outage);
// What comes back, by ascending numbers: facts of an outage, then itself; then that there is no
// more, or that nothing can be read now. Of numbers that this life has given or taken nothing is
// believed.
void kept_take_fact(struct engine *e, const struct event *event);
void kept_take_outage(struct engine *e, const struct event *event);
void kept_take_end(struct engine *e, const struct event *event);
// After whatever else a tick tells.
void kept_advance(struct engine *e);
