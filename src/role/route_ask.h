// SPDX-License-Identifier: ISC
// People's questions about the tables, answered by the process that holds them, straight to the
// person's connection. An answer is made in slices between the routers' messages, and only as fast
// as it is read: what hangs waits alone, and is cut off after ROUTE_ASK_PATIENCE_MS.
//
// A kind of question is a row in route_ask.c and a file of its own: route_show.c, ...
#pragma once

#include "engine/ask.h"
#include "engine/traffic.h"
#include "base/clock.h"

#include <jansson.h>
#include <uv.h>

struct route_role;

enum {
    ROUTE_ASKS_MAX = 8,
    ROUTE_ASK_PATIENCE_MS = 10000,
    ROUTE_ASK_SLICE_US = 2000,       // of a turn, for all answers together
    ROUTE_ASK_READ_AHEAD = 1 << 18,  // bytes made and not yet read, before the making pauses
    ROUTE_ASK_BYTES_MAX = ASK_LINE_MAX + 1 + sizeof(struct traffic),  // and what comes along
};

struct route_job {
    struct route_role *role;
    int fd;
    uv_poll_t *poll;  // on the heap: it outlives its socket by a turn
    struct ask ask;
    struct traffic *traffic;  // that came along; NULL
    struct mono moved_at;     // the last progress
    char *out;
    size_t out_first, out_end, out_room;
    bool failed;    // memory is out: nothing more is said
    bool finished;  // all is made
    void *state;    // of its kind
};

// What makes an answer: `step` makes a piece, of a millisecond at most, and says whether there is
// more; `done`, NULL or called once at the end, frees the state.
struct route_answer {
    bool (*step)(struct route_job *job);
    void (*done)(struct route_job *job);
};

struct route_asker {
    int handover, parent;  // ends of the pair; the parent's until it takes it; -1: none
    bool watched;
    uv_poll_t poll;
    uv_idle_t idle;
    struct route_job *jobs[ROUTE_ASKS_MAX];
    char heard[ROUTE_ASK_BYTES_MAX];
};

// 0 or -errno.
int route_ask_open(struct route_asker *asker);
void route_ask_close(struct route_asker *asker);
void route_ask_start(struct route_role *r);
void route_ask_tick(struct route_role *r);  // patience
void route_ask_stop(struct route_role *r);

// Says a line; takes the value over. A NULL value, when memory is out, ends the answer.
void route_job_say(struct route_job *job, json_t *value);
void route_job_bytes(struct route_job *job, const void *bytes, size_t size);
// Ends the answer with {"error":"..."}; to be returned by a step.
bool route_job_fail(struct route_job *job, const char *form, ...)
    __attribute__((format(printf, 2, 3)));
