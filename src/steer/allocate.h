// SPDX-License-Identifier: ISC
// Which traffic to move where, so that the least is lost: the predicted loss J of detection.md 4.2
// with its bounds, optimistic about where traffic is now and pessimistic about where it could go.
// Greedy by what a unit of the target's room gains, heaviest groups first, each group as a whole;
// of ways that are as good the nearest: same country, same region, any.
//
// Promises: no target carries more than its headroom afterwards (so no overflow is caused, which is
// less than any loss removed: I2); a target whose capacity or use is not known gets nothing; no
// more moves and no more traffic than the limits; the same answer for the same question. Knows no
// routes, no time and no reason. Allocates nothing: the caller lends the space.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ALLOCATE_UPSTREAMS_MAX = 32 };  // bit sets of 32

#define ALLOCATE_UNKNOWN UINT64_MAX  // of capacity or use

struct allocate_upstream {
    uint64_t capacity_kbps, use_kbps;      // or ALLOCATE_UNKNOWN
    uint32_t loss_low_ppm, loss_high_ppm;  // bounds of what is lost there now
    bool open;                             // may be moved to
    uint16_t country, region;              // numbers of names; 0: not said
    uint32_t headroom_ppm;                 // its own; 0: that of the limits
    uint64_t all_kbps;                     // what all upstreams carry, itself too; 0: not known
};

struct allocate_group {  // prefixes that move together, or one
    uint32_t demand_kbps;
    uint32_t may;  // bit set: upstreams that it may go to
    uint8_t from;
};

struct allocate_limits {
    uint32_t headroom_ppm;  // of capacity, that may be used after a move (S10)
    uint32_t gain_ppm;      // of the traffic moved, that must be saved at least (epsilon)
    uint32_t moves_max;
    uint64_t moved_kbps_max;  // all moves together (I3)
    bool ignores_capacity;    // an operator said so
};

struct allocate_question {
    const struct allocate_upstream *upstreams;
    uint32_t upstream_count;
    const struct allocate_group *groups;
    uint32_t group_count;
    struct allocate_limits limits;
};

struct allocate_item {
    uint32_t demand_kbps, group;
};

struct allocate_move {
    uint32_t group, to;
};

struct allocate_space {
    struct allocate_item *items, *spare;  // of group_count each
    struct allocate_move *moves;          // of limits.moves_max
};

// Why something stays that is better moved.
enum allocate_left {
    ALLOCATE_ALL,       // nothing stays
    ALLOCATE_NO_WAY,    // no open target gains enough, or none that the group may go to
    ALLOCATE_UNPROVEN,  // targets would gain, but their capacity or use is not known
    ALLOCATE_NO_ROOM,   // targets have no room for it
    ALLOCATE_MOVES,     // the limit of moves
    ALLOCATE_RATE,      // the limit of traffic moved
    ALLOCATE_LEFTS
};

struct allocate_answer {
    uint32_t count;                   // moves, in space.moves
    uint64_t moved_kbps, saved_kbps;  // saved: at least, by the bounds
    uint32_t left;                    // groups that lose enough, and stay
    uint64_t left_kbps;
    enum allocate_left why;  // of the heaviest that stays
    uint32_t moves_to[ALLOCATE_UPSTREAMS_MAX];
    uint64_t kbps_to[ALLOCATE_UPSTREAMS_MAX];
};

void allocate(const struct allocate_question *question, const struct allocate_space *space,
              struct allocate_answer *answer);
// What a target may take on; 0: nothing. Where all traffic that there is fits, whatever comes does:
// a group's demand may leave by the target already in part, as routers choose each for itself.
uint64_t allocate_room_kbps(const struct allocate_upstream *upstream,
                            const struct allocate_limits *limits);
