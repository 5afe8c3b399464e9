// SPDX-License-Identifier: ISC
// The control socket, in the engine's process: takes people's questions (engine/ask.h), answers
// what the engine knows, and hands the others, connection and all, to the process that holds the
// tables. Bounded in all: clients, bytes of a question, time; a client that hangs delays nobody.
#pragma once

#include "engine/ask.h"
#include "role/person.h"
#include "role/spawn.h"

#include <uv.h>

enum {
    CONTROL_CLIENTS_MAX = 16,
    CONTROL_PATIENCE_MS = 10000,  // without progress: a client that hangs is cut off
};

struct control;

struct control_answers {
    // The answer's lines, to be freed; NULL: not the engine's to answer.
    char *(*answer)(void *context, const struct ask *ask, const struct person *person,
                    size_t *size);
    void *context;
};

// Makes the socket at net->control_path: only for its owner, or for the group that is named: who
// may ask, or where none is, who may act. NULL when there is to be none, and when it failed: then
// `why` (ROLE_ERROR_MAX bytes) is not empty. A socket that another daemon serves is left alone.
struct control *control_open(const struct net *net, const struct spawn_user *user, char *why);
// Removes the socket, too. What is left goes with the loop's next turn.
void control_close(struct control *control);

// `handover` is where the others go, see role/handover.h; -1: they cannot be answered. 0 or -errno.
int control_start(struct control *control, uv_loop_t *loop, struct control_answers answers,
                  int handover);
void control_tick(struct control *control, struct mono now);
// Its descriptors, for a process forked from this one to close; gives how many of `max` they are.
uint32_t control_descriptors(const struct control *control, int *fds, uint32_t max);
