// SPDX-License-Identifier: ISC
// What we moved to an upstream leaves it again, as much as it takes, when counters say that it is
// fuller than any may be: by what was moved, as its weight was told wrong or has grown, or by what
// routers turned there. Part of the engine; see state.h.
#pragma once

struct engine;

void overfill_look(struct engine *e);  // on every tick
