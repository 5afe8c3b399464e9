// SPDX-License-Identifier: ISC
// What the engine holds between two steps. Only the engine's own files include this.
//
//   engine.c    events in, effects out
//   presence.c  who is there: sessions, roles, leases, and letting go when somebody is not
//   drains.c    what people want out of use, and how far that is
//   lifts.c     limits that two persons lift for a while
//   people.c    what persons ask for, and what they are answered
//   watch.c, decide.c  what is known of every path; whether to move, where to, or why not
//   room.c, exits.c, places.c  what could move, and where there is room; when one route moves all
//   blame.c     parts named at fault as reasons to act
//   budget.c, turn.c  how much may be moved at all; who goes first, of sites that share a backbone
//   hooks.c, repair.c  programs that take a part out of use, and when they are run
//   outages.c   what is broken, as one, for people; extent.c: how far; kept.c: in the next life
//   inbound.c, inbound_judge.c  how own prefixes are offered to an upstream that loses
//   story.c, stay.c, verdict.c, taken.c, harm.c, overfill.c  an incident from suspicion to return
#pragma once

#include "detect/fault_book.h"
#include "detect/notices.h"
#include "engine/demand.h"
#include "engine/blame.h"
#include "engine/budget.h"
#include "engine/drains.h"
#include "engine/engine.h"
#include "engine/exits.h"
#include "engine/fields.h"
#include "engine/hooks.h"
#include "engine/inbound.h"
#include "engine/outages.h"
#include "engine/lifts.h"
#include "engine/own.h"
#include "engine/pages.h"
#include "engine/people.h"
#include "engine/presence.h"
#include "engine/repair.h"
#include "engine/room.h"
#include "engine/story.h"
#include "engine/taken.h"
#include "engine/times.h"
#include "engine/turn.h"
#include "engine/use.h"
#include "engine/watch.h"

#include <assert.h>

enum {
    ENGINE_ORDERS_PER_STEP = 64,  // so that the channel to route is never flooded; answers go on
    ENGINE_SAY_AFTER_MS = 1000,   // a refusal that stands for so long is worth telling
    ENGINE_RELEASE_MS = 4000,     // the prober or route silent for so long: let go (P2)
    ENGINE_LAG_MS = 1000,         // no tick for so long: quiet time, as nothing known is of now
    ENGINE_BLIND_MS = 60 * 1000,  // the prober lives but sees nothing: let go (S14)
    ENGINE_TRIES_MAX = 2,         // acts that did not help, before the hold time must pass
    ENGINE_GAIN_PPM = 5000,       // a move must save so much of the traffic, pessimistically
    ENGINE_RELATIVE_MILLINATS = 9210,  // ln 10000 (detection.md 2.8)
    ENGINE_WELL_BAD_PPM = 10 * 1000,
    // Where a move mends no loss that packets could show, it must not lose half of this: 302 clean
    // answers prove it (SPRT of 0.75 % against 3 %), 21 a second in the usual time.
    ENGINE_NO_LOSS_PPM = 60 * 1000,
    ENGINE_WHY_MAX = 160,
    ENGINE_NOTICES_PER_STEP = 16,
    ENGINE_CHANGES_BURST = 256,    // changes, and what is odd of them, told at once
    ENGINE_NOTICES_TOLD_MAX = 64,  // the latest, for who asks later
};

#define ENGINE_CHANGE_APART_NS NS_PER_S  // one more

static_assert(NET_PATHS_MAX <= 64, "bit sets of 64");

struct engine {
    const struct net *net;
    struct mono now, ticked_at, leased_at, heartbeat_at;
    bool started, stopped, frozen, ready;
    char frozen_why[ENGINE_WHY_MAX];  // who froze, and the reason given; "": nobody said
    struct random random;
    struct session sessions[NET_ROUTERS_MAX];
    bool complete[FAMILIES];            // every router's table
    struct mono quiet_since[FAMILIES];  // complete, and everybody there, since
    struct presence roles[ROLES];
    struct watch watch;
    struct routes routes;
    struct drains drains;
    struct lifts lifts;
    struct use use;        // of capacity
    struct demand demand;  // likewise, of the prefixes
    struct moves moves;
    struct harm harm;
    struct hook_state hooks[NET_HOOKS_MAX];
    struct repair repairs[NET_HOOKS_MAX];
    struct notices notices;    // for people only: nothing that decides looks at them
    struct fault_book faults;  // blame.c and repair.c alone look at them
    uint64_t notices_told;
    struct engine_notice told[ENGINE_NOTICES_TOLD_MAX];
    uint32_t path_count, story_count;
    struct net_path paths[NET_PATHS_MAX];
    struct story stories[NET_PATHS_MAX];
    struct rate rates[NET_PATHS_MAX];  // the last told of each, for people only
    struct memory memories[NET_PATHS_MAX];
    uint64_t open, judging;  // bit sets of paths: that have a story; where packets are judged
    uint32_t origins[NET_TARGETS_MAX][FAMILIES];  // AS numbers of targets; 0: not known
    struct budget budget;
    struct room room;  // of the decision that is being made
    struct room_base bases[NET_UPSTREAMS_MAX];
    struct decision decision;  // likewise
    struct owns owns;
    struct inbound inbound[NET_PATHS_MAX];
    struct pages pages;
    struct outage_desk outages;  // for people only: nothing that decides looks at it
    uint32_t changes_left;       // that may be told at once
    struct mono changes_refilled_at;
    uint32_t effect_count;
    struct effect *effects;  // ENGINE_EFFECTS_MAX of them
};

// engine.c: the next effect, to be filled.
struct effect *engine_tell(struct engine *e, enum effect_kind kind);
// What servers say that fails on this path; NULL: nothing that stands.
const struct notice *engine_servers_notice(const struct engine *e, uint32_t path);
// What the engine itself notices; `notice` gets `dropped`.
void engine_notice_take(struct engine *e, struct notice *notice);
