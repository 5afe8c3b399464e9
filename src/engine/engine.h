// SPDX-License-Identifier: ISC
// The deciding core: one pure step. Event in, effects out. Reads no clock, opens nothing, allocates
// nothing after engine_new(). The same events give the same effects, byte for byte.
#pragma once

#include "engine/effect.h"
#include "engine/event.h"

#include <stddef.h>

enum { ENGINE_TICK_MS = 50, ENGINE_EFFECTS_MAX = 2048 };

struct engine;

// `net` is lent and must outlive the engine. NULL when memory is out.
struct engine *engine_new(const struct net *net);
void engine_free(struct engine *engine);

// What follows from the event; valid until the next step. `count` gets how many.
const struct effect *engine_step(struct engine *engine, const struct event *event, size_t *count);

// Writes the present state as one JSON object for the status page and gives its length; 0 when it
// does not fit.
size_t engine_status_json(const struct engine *engine, struct mono now, char *text, size_t size);
