// SPDX-License-Identifier: ISC
// People who ask the engine's process, wherever they came from: one connection each. Takes their
// question (engine/ask.h), answers what the engine knows, and hands the others, connection and all,
// to the process that holds the tables, or the store. Bounded in all: how many, bytes of a
// question, time; one that hangs delays nobody.
#pragma once

#include "engine/ask.h"
#include "role/person.h"

#include <uv.h>

enum {
    ASKERS_MAX = 16,
    ASKER_PATIENCE_MS = 10000,  // without progress: one that hangs is cut off
};

struct asker_answers {
    // The answer's lines, to be freed; NULL: not the engine's to answer.
    char *(*answer)(void *context, const struct ask *ask, const struct person *person,
                    size_t *size);
    void *context;
    // What goes with a question that is handed over: bytes to be freed, `size` how many; NULL:
    // nothing.
    void *(*along)(void *context, const struct ask *ask, size_t *size);
};

// Where those go that the engine does not answer, see role/handover.h; -1: nobody can.
struct asker_handovers {
    int route, store;
};

struct asker;

struct askers {
    uv_loop_t *loop;
    struct asker_answers answers;
    struct asker_handovers handovers;
    struct asker *places[ASKERS_MAX];
};

void askers_init(struct askers *all, uv_loop_t *loop, struct asker_answers answers,
                 struct asker_handovers handovers);
// Takes the connection; where there is no room it is told so, and closed.
void askers_take(struct askers *all, int fd, const struct person *person);
void askers_tick(struct askers *all, struct mono now);
// Their descriptors, for a process forked from this one to close; gives how many of `max` they are.
uint32_t askers_descriptors(const struct askers *all, int *fds, uint32_t max);
// What is left goes with the loop's next turn.
void askers_close(struct askers *all);
