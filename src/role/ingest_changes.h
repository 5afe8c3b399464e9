// SPDX-License-Identifier: ISC
// What pipelines post of the changes that they make: read, compared, and on to the engine. Part of
// the ingest role.
#pragma once

#include "change/post.h"
#include "engine/event.h"

enum {
    INGEST_CHANGES_MAX = 64,  // events that wait for the engine
    INGEST_CHANGE_EVENTS_MAX = (NET_DEVICE_NUMBERS + CHANGE_DEVICES_MAX - 1) / CHANGE_DEVICES_MAX +
                               CHANGE_ODDS_MAX,  // of one change
    INGEST_TOKEN_MIN = 16,                       // bytes; shorter ones can be tried out
};

struct ingest_role;

struct ingest_changes {
    char token[NET_TEXT_MAX];  // "": nobody may post any
    uint32_t first, count;     // a ring
    struct event queue[INGEST_CHANGES_MAX];
};

// Reads the token: false, and `why` says so.
bool ingest_changes_open(struct ingest_role *role, char *why);
// What is answered, to be freed, with its HTTP status; NULL: memory is out.
char *ingest_changes_take(struct ingest_role *role, const struct address *client, const char *body,
                          size_t size, unsigned *status);
// One more event for the engine; false: no room.
bool ingest_changes_put(struct ingest_role *role, const struct event *event);
void ingest_changes_tell(struct ingest_role *role);  // the engine, as far as it has room
