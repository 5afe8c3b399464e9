// SPDX-License-Identifier: ISC
// Orders on their way to `route`: in order, none lost. When its channel is full they wait here;
// that it has been full for as long as a lease is the sign that `route` must be let go.
#pragma once

#include "engine/effect.h"

#include <stdbool.h>
#include <stdint.h>

struct outbox;

struct outbox *outbox_new(void);  // NULL when memory is out
void outbox_free(struct outbox *box);

// Takes one order; a lease only when nothing waits, for the next one says as much. False when there
// is no more room: `route` has not read for very long.
bool outbox_add(struct outbox *box, const struct effect *effect);

// Sends what waits. 0; -EAGAIN when something still waits; -EPIPE and other -errno: `route` is
// gone.
int outbox_flush(struct outbox *box, int channel, const struct net *net, struct mono now);

bool outbox_is_empty(const struct outbox *box);
// For how long the channel has been full; 0: it is not.
int64_t outbox_stuck_ns(const struct outbox *box, struct mono now);
