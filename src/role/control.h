// SPDX-License-Identifier: ISC
// The control socket, in the engine's process: who calls there asks, see role/askers.h; the kernel
// says who it is.
#pragma once

#include "role/askers.h"
#include "role/spawn.h"

struct control;

// Makes the socket at net->control_path: only for its owner, or for the group that is named: who
// may ask, or where none is, who may act. NULL when there is to be none, and when it failed: then
// `why` (ROLE_ERROR_MAX bytes) is not empty. A socket that another daemon serves is left alone.
struct control *control_open(const struct net *net, const struct spawn_user *user, char *why);
// Removes the socket, too. What is left goes with the loop's next turn.
void control_close(struct control *control);

// 0 or -errno. `handovers` as in struct askers.
int control_start(struct control *control, uv_loop_t *loop, struct asker_answers answers,
                  struct asker_handovers handovers);
void control_tick(struct control *control, struct mono now);
// Its descriptors, for a process forked from this one to close; gives how many of `max` they are.
uint32_t control_descriptors(const struct control *control, int *fds, uint32_t max);
