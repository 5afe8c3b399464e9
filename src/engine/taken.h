// SPDX-License-Identifier: ISC
// What routers say of the overrides that they have from us, as far as they say anything (decision
// 0095): one that a router steadily calls not taken carries its packets where they were, whatever
// probes meet elsewhere, and is taken back on all. A word that came just now, or keeps changing,
// proves nothing: packets do. Part of the engine; see state.h.
#pragma once

#include "net/net.h"

enum {
    // A word counts when it has stood for so long. A router tells its own choice of routes (BMP)
    // bundled, by some seconds late; a third of the usual time for packets to prove a move.
    TAKEN_SETTLE_MS = 5000,
    TAKEN_TEXT_MAX = 80,
};

struct engine;
struct event_override;

void taken_told(struct engine *e, const struct event_override *word);
// Takes back what some router steadily says that it did not take; true when there is any.
bool taken_look(struct engine *e, uint32_t path);
// Some router says that it did not take what is moved for the path, and may still say otherwise.
bool taken_is_open(const struct engine *e, uint32_t path);
// "; edge1 took 7 of 7, edge2 7 of 7", or "" where no router tells, into `text` (TAKEN_TEXT_MAX);
// gives it back.
const char *taken_text(const struct engine *e, uint32_t path, char *text);
