// SPDX-License-Identifier: ISC
// Whether a service is believed to be well, from single answers: so many in a row change it, so
// that one lost answer withdraws nothing and one lucky one brings nothing back. And when it is to
// be asked next, so that many are not asked at once.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "net/net.h"

struct health {
    bool is_known, is_well;
    uint32_t against;  // answers in a row that contradict what is believed
    struct mono ask_at;
};

// The first question comes within a second.
void health_begin(struct health *health, struct mono now, struct random *random);
bool health_is_due(const struct health *health, struct mono now);
// It is being asked now.
void health_ask(struct health *health, const struct net_health *how, struct mono now,
                struct random *random);
// True when the answer changes what is believed. The first of all is believed alone.
bool health_answer(struct health *health, const struct net_health *how, bool is_well);
