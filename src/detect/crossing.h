// SPDX-License-Identifier: ISC
// Which direction of a way loses, where no reflector counts? Packets that go out by one way and
// come back by another cross the two (detection.md 1.4): what loses on the way out by A loses
// whatever way it comes back, and what loses on the way back by A loses whatever way it went out.
// Each cell is what became of packets out by one upstream and back by another, lately, in one
// family.
#pragma once

#include "base/clock.h"
#include "detect/fault.h"
#include "net/net.h"

#include <stdbool.h>
#include <stdint.h>

enum { CROSSING_SLOT_S = 3 };  // counts are of this slot of time and the one before

struct crossing_cell {
    int64_t slot;
    uint32_t ok, lost, ok_before, lost_before;
};

struct crossing {
    struct crossing_cell cells[NET_UPSTREAMS_MAX][NET_UPSTREAMS_MAX];  // [out][back]
};

struct crossing_answer {
    enum fault_direction direction;  // FAULT_EITHER: not known, or both
    bool both;                       // both directions lose
    uint32_t loss_ppm;               // in that direction, as far as a coarse grid tells
    uint32_t odds_millinats;         // of how much likelier that is than the next best story
};

// A zeroed struct has no counts.
void crossing_add(struct crossing *crossing, uint32_t out, uint32_t back, bool lost,
                  struct mono at);
struct crossing_question {
    uint32_t way, ways;        // the upstream, and how many there are
    uint32_t normal_ppm;       // loss that is nobody's fault
    uint32_t asked_millinats;  // odds to say a direction at
};
struct crossing_answer crossing_ask(const struct crossing *crossing,
                                    const struct crossing_question *question, struct mono now);
