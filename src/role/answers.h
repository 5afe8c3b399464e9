// SPDX-License-Identifier: ISC
// What the engine's process answers people by itself, and what it sends along with questions that
// others answer (role/askers.h).
#pragma once

#include "role/daemon.h"

json_t *daemon_picture(struct daemon *d);  // the status, or NULL
char *daemon_answer(void *daemon, const struct ask *ask, const struct person *person, size_t *size);
void *daemon_along(void *daemon, const struct ask *ask, size_t *size);
