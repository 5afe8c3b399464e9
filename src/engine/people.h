// SPDX-License-Identifier: ISC
// What a person asks for by name: it is done or refused, and answered. Part of the engine; see
// state.h.
#pragma once

#include "engine/event.h"

struct engine;

void people_asked(struct engine *e, const struct event_asked *asked);
// Or what was announced to them.
void people_announced(struct engine *e, const struct event_maintenance *m);
