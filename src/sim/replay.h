// SPDX-License-Identifier: ISC
// I12: keeps what one engine was told and a digest of what it wanted, and asks another engine the
// same.
#pragma once

#include "engine/engine.h"

struct sim_replay;

struct sim_replay *sim_replay_new(void);  // NULL when memory is out
void sim_replay_free(struct sim_replay *replay);
// Nothing is kept unless it is on.
void sim_replay_switch(struct sim_replay *replay, bool on);
// A new engine.
void sim_replay_start(struct sim_replay *replay);
void sim_replay_keep(struct sim_replay *replay, const struct net *net, const struct event *event,
                     const struct effect *effects, size_t count);
// Whether another engine does the same; how many events were compared, in `events`.
bool sim_replay_agrees(const struct sim_replay *replay, const struct net *net, size_t *events);
