// SPDX-License-Identifier: ISC
// Two connections to one router where one is enough: RFC 4271 §6.8.
#pragma once

#include "bgp/session_table.h"

#include <stdbool.h>
#include <stdint.h>

enum bgp_collision {
    BGP_COLLISION_NONE,
    BGP_COLLISION_THIS_GOES,   // the one that OPEN has just come over
    BGP_COLLISION_OTHER_GOES,  // the one that is in OpenConfirm already
};

// An OPEN came over a connection, which we dialled or did not, while the other was in this state.
enum bgp_collision bgp_collide(bool dialled, enum bgp_session_state other, uint32_t local_id,
                               uint32_t peer_id);
