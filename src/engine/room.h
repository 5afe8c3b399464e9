// SPDX-License-Identifier: ISC
// What could be moved from a path, and which room there is for it elsewhere, as a question for the
// allocator. Part of the engine; see state.h.
#pragma once

#include "steer/allocate.h"
#include "steer/moves.h"
#include "steer/routes.h"

struct engine;

struct room {  // of the last question: nothing outlives a step
    uint32_t group_count, way_count;
    uint32_t unweighed;           // could move, but nobody knows what goes there
    uint32_t routes[ROUTES_MAX];  // of each group, its place among the routes
    struct allocate_upstream upstreams[NET_UPSTREAMS_MAX];
    struct allocate_group groups[ROUTES_MAX];
    struct allocate_item items[ROUTES_MAX], spare[ROUTES_MAX];
    struct allocate_move moves[MOVES_MAX];
    struct allocate_answer answer;
};

// What an upstream was reckoned to carry when something was moved there last.
struct room_base {
    struct mono at;
    uint64_t use_kbps;     // without that
    struct mono eased_at;  // when something of ours was last on its way back from there
};

// An upstream that is fuller than it may be.
struct room_over {
    uint64_t kbps;  // beyond what makes it so; 0: it is not, or nobody can tell
    // What the moves of the last minute brought, by counters, and what was reckoned.
    uint64_t brought_kbps, reckoned_kbps;
};

// One way out of a path, judged.
struct room_way {
    uint32_t upstream, loss_high_ppm;
};

// What it carries and could; without what all carry, and what is lost there.
struct allocate_upstream room_upstream(const struct engine *e, uint32_t upstream);
// Fills in what upstreams carry, and which prefixes may leave the path by those ways. With
// `verifiable` only those of which targets tell.
void room_measure(struct engine *e, uint32_t path, bool verifiable);
// No router has begun within the last moment to have ways through the upstream, or to send by it: a
// session that comes up brings many routes, and the first of them do not tell how much. True where
// capacity is ignored.
bool room_is_settled(const struct engine *e, uint32_t upstream);
// Whether something leaves by the path that could move and does not. One route moves all that ever
// comes: then there is never more.
bool room_has_more(const struct engine *e, uint32_t path);
void room_open(struct engine *e, const struct room_way *way);
void room_ask(struct engine *e, uint32_t path, uint32_t loss_low_ppm,
              const struct allocate_limits *limits);
// What is decided now is moved to the upstream: counters do not hold it yet.
void room_taken(struct engine *e, uint32_t upstream);
// Who could verify what the answer moves: bit set.
uint32_t room_targets(const struct engine *e);
// What all upstreams carry, as far as that is known.
uint64_t room_traffic_kbps(const struct engine *e);
// What is moved away from the path, as its prefixes are asked for now.
uint64_t room_moved_kbps(const struct engine *e, uint32_t path);
// What goes to what was moved, now.
uint64_t room_demand_kbps(const struct engine *e, const struct move *move);
// By counters that hold all that we took back from there. Beyond headroom alone it is no more than
// demand that grew; beyond what a headroom can be (STEER_HEADROOM_PERCENT_MAX), or where the
// upstream loses besides, it is too full.
struct room_over room_over(const struct engine *e, uint32_t upstream);
// What may come in by it, with headroom; -1: not known.
int64_t room_inbound_bps(const struct engine *e, uint32_t upstream);
// More does than any headroom can be, or than its own where it loses besides: see room_over().
bool room_inbound_is_over(const struct engine *e, uint32_t upstream);
// Whether the path's upstream can carry all of that too, as counters tell now, and beside what else
// returns to it. Where that is not known it can, as routers would send it there without us.
bool room_takes_back(const struct engine *e, uint32_t path);
