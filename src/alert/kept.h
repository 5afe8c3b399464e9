// SPDX-License-Identifier: ISC
// A case from one life of the process to the next: what must be known of it to go on with it.
#pragma once

#include "alert/alert.h"

struct alert_kept {
    enum alert_life life;  // ALERT_FREE: nobody is paged of it
    uint32_t round;
    struct mono round_at, acked_until;
    char has_it[NET_NAME_MAX];
    uint32_t told, called;  // bit sets of people: who know of it; of them: whose call is on its way
};

struct alert_kept alert_keep(const struct alert *alert, uint32_t outage);
// As it was: who knows of it is not called again before the time of the next round.
void alert_take_up(struct alert *alert, struct alert_now now, const struct alert_outage *outage,
                   const struct alert_kept *kept);
