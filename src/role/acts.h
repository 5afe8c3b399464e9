// SPDX-License-Identifier: ISC
// What people have done over the daemon's own doors: judged by the engine, recorded, answered.
#pragma once

#include "role/daemon.h"

enum { ACT_WHY_MAX = 256 };

bool daemon_is_act(const struct ask *ask);
// The last line of the answer; NULL when memory is out.
json_t *daemon_act(struct daemon *d, const struct ask *ask, const struct person *person);
