// SPDX-License-Identifier: ISC
// Hooks as the engine knows them: which program takes an object out of use, what was asked of it,
// and what its process says. That a program ended well is no proof: whoever asked for it lets
// packets judge, from hooks_settled() on. Part of the engine; see state.h.
//
// Other than routes, what a hook did stands when Fairlead is gone. Until it is taken back, it is
// called in force.
#pragma once

#include "engine/event.h"
#include "net/object.h"

#include <jansson.h>

struct engine;

enum { HOOK_TEXT_MAX = 160 };

enum hook_life {
    HOOK_AT_REST,
    HOOK_ASKED,    // ordered, or running
    HOOK_ENDED,    // well, as it says
    HOOK_REFUSED,  // failed, ran out of time, or its process is gone: what it did is not known
};

struct hook_state {
    enum hook_life life;
    uint32_t number;  // of the incident or drain that asked
    bool undo;        // what was asked last
    bool in_force;    // it was run, and not taken back since
    struct mono since;
    char reason[96];  // its last words
};

enum hook_answer {
    HOOK_ORDERED,
    HOOK_IS_ABSENT,     // the process that runs programs is not there
    HOOK_IS_BUSY,       // for another number
    HOOK_HAS_NO_UNDO,   // by configuration
    HOOK_NOT_IN_FORCE,  // nothing to take back
};

// The hook that takes the object out of use; NET_NOBODY.
uint32_t hook_find(const struct net *net, struct net_object object);
// Orders a run. An undo may be asked while the program still runs: it is ended first.
enum hook_answer hook_ask(struct engine *e, uint32_t hook, uint32_t number, bool undo);
const struct hook_state *hook_state(const struct engine *e, uint32_t hook);
// Whether it ended well so long ago that packets meet what it did.
bool hook_settled(const struct engine *e, uint32_t hook);

// A person wants back into use what no drain of theirs took out: it was taken out by repair, or
// before this daemon began. Where it has no undo their word is taken for it. Whether it is, or will
// be; `text` (HOOK_TEXT_MAX bytes) says which, or why not.
bool hook_bring_back(struct engine *e, uint32_t hook, char *text);

// For engine.c and presence.c.
void hooks_told(struct engine *e, const struct event_hook *told);
void hooks_advance(struct engine *e);  // on every tick
void hooks_lost(struct engine *e, const char *reason);
json_t *hooks_json(const struct engine *e);  // for status.c, and what they repair
