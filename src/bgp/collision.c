// SPDX-License-Identifier: ISC
#include "bgp/collision.h"

enum bgp_collision bgp_collide(bool dialled, enum bgp_session_state other, uint32_t local_id,
                               uint32_t peer_id)
{
    if (other == BGP_ESTABLISHED)
        return BGP_COLLISION_THIS_GOES;
    if (other != BGP_OPENCONFIRM)
        return BGP_COLLISION_NONE;
    bool dialled_stays = local_id > peer_id;  // the one that the speaker with the higher id dialled
    return dialled == dialled_stays ? BGP_COLLISION_OTHER_GOES : BGP_COLLISION_THIS_GOES;
}
