// SPDX-License-Identifier: ISC
// Drains from inside: drains.c does what calendar.c wants done when its time has come.
#pragma once

#include "engine/drains.h"

// Where the next one may stand; NULL: there is no room.
struct drain *drains_place(struct engine *e);
// Whether it may begin now; `text` (DRAINS_TEXT_MAX bytes) gets why not, or what would move.
bool drains_may(struct engine *e, struct net_object object, char *text);
void drains_begin(struct engine *e, struct drain *drain);
void drains_finish(struct engine *e, struct drain *drain, enum drain_event event, const char *why);

void drains_enter(struct engine *e, struct drain *drain, enum drain_event event, const char *form,
                  ...) __attribute__((format(printf, 4, 5)));
// In the same state, if it is news.
void drains_say(struct engine *e, struct drain *drain, const char *text);

// calendar.c: begins a planned one when it is due.
void calendar_advance(struct engine *e, struct drain *drain);
