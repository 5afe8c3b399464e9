// SPDX-License-Identifier: ISC
// How probes leave the role.
#pragma once

#include "role/probe.h"

// False without memory.
bool probe_send_open(struct probe_role *r);
void probe_send_close(struct probe_role *r);

// What the schedule says is due. Frames may wait for probe_send_rest(), which ends every turn.
void probe_send_due(struct probe_role *r);
void probe_send_rest(struct probe_role *r);
// One probe of the flow, in this turn; what becomes of it is told like any other's. 0 or -errno.
int probe_send_one(struct probe_role *r, uint32_t id);
// One packet of any flow, in `flows` or not, that nobody waits for: ICMP errors may tell of it, by
// its ports and `sequence`, of which the low 16 bits are also the IPv4 identification. 0 or -errno.
int probe_send_unawaited(struct probe_role *r, const struct flow *flow, uint8_t ttl,
                         uint32_t sequence);
