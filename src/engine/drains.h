// SPDX-License-Identifier: ISC
// Drains as the engine knows them: which objects are out of use because people asked for it, how
// far each is, and the stories and hooks that bring it there. Part of the engine; see state.h.
#pragma once

#include "engine/event.h"
#include "steer/drain.h"

enum { DRAINS_MAX = 64, DRAINS_TEXT_MAX = 160 };

struct drain {
    uint32_t number;  // counted with incidents
    struct net_object object;
    enum drain_state state;
    struct mono entered_at;
    struct mono until;     // its end; 0: until it is undrained
    struct mono from;      // of a planned one: when what goes by it is to leave
    struct mono tried_at;  // likewise: it was due, and could not begin
    uint32_t uid;
    char who[NET_NAME_MAX];
    char reason[96];                    // given by who asked
    char id[EVENT_MAINTENANCE_ID_MAX];  // of the announced maintenance; "": a person asked
    uint32_t sequence;                  // of its last announcement
    char text[DRAINS_TEXT_MAX];         // of the present state
    bool withheld;  // own prefixes, after they were announced gracefully for a while
    bool hooked;    // its hook was asked, once nothing goes by it
    bool let_go;    // what was moved may return
    bool stood;     // all was moved once: from then on it is never given up
    struct drain_flow flow;
};

struct drains {
    struct drain items[DRAINS_MAX];  // those of state DRAIN_NONE and DRAIN_OVER are free
    uint32_t looked_at;              // upstreams (a bit set) of one that is being asked for
};

struct engine;

// Both answer the person: `text` (DRAINS_TEXT_MAX bytes) gets what was done, or why not. Begins one
// and gives its number, 0: refused; ends one.
uint32_t drains_ask(struct engine *e, const struct event_asked *asked, char *text);
bool drains_end(struct engine *e, const struct event_asked *asked, char *text);
void drains_advance(struct engine *e);  // on every tick

// A maintenance was announced: what it is about is drained before its window, and returns behind
// it. `text` (DRAINS_TEXT_MAX bytes) gets what comes of it, or why nothing; false: nothing.
struct drain_answer {
    bool done;
    uint32_t number;
    char text[DRAINS_TEXT_MAX];
};
void calendar_take(struct engine *e, const struct event_maintenance *m,
                   struct drain_answer *answer);

// Upstreams (a bit set) that are to carry nothing: nothing is moved to them.
uint32_t drains_upstreams(const struct engine *e);
