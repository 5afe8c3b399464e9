// SPDX-License-Identifier: ISC
// Moves: prefixes that leave, or are to leave, by another upstream than the routers would choose,
// and how far each router is with it. Told what is wanted, it says what to order next, in an order
// in which packets never circle:
//
//   going up    first the router of the new upstream: from then on it sends such packets straight
//               out, whoever hands them over. When its forwarding has settled, all others.
//   going down  first the router of the old upstream, which then sends straight out; then all
//               others, which may leave by a third; last, when they have settled, the router of the
//               new upstream, to which some still sent. One router is 60 ms slower than another:
//               the wrong order loses packets. A router of both goes last: it sends straight out
//               until then, and what it turns to may be another writer's, by one of the others.
//
// Knows no loss and no reason. What was lost on the way, by refusal or otherwise, is told once; the
// caller decides, and every state in between is one that may stand.
#pragma once

#include "base/clock.h"
#include "net/net.h"
#include "steer/limits.h"
#include "steer/words.h"

enum {
    MOVES_MAX = 2 * STEER_ROUTES_PER_FAMILY_MAX,
    MOVES_ANSWER_MS = 2000,  // route answers an order within some milliseconds, or is not well
};

// What a router was asked for, and has answered. Taken back: asked down before it answered that it
// was asked up. Answers come in the order of the orders: an announcement's is that it stands, or is
// refused, a withdrawal's that it stands no more, which is told unasked, too.
enum move_place { MOVE_GONE, MOVE_ASKED_UP, MOVE_UP, MOVE_ASKED_DOWN, MOVE_TAKEN_BACK };

struct move {
    struct prefix prefix;
    uint32_t path;         // whose move it is
    uint32_t from, to;     // upstreams
    uint32_t demand_kbps;  // what goes to the prefix; 0: nothing, or not known
    struct mono at;        // when it was decided
    bool wanted;
    uint8_t place[NET_ROUTERS_MAX];  // enum move_place
    struct mono asked_at;            // the last order
    // When the router that goes first forwards as told, up or down, and the others may follow.
    struct mono up_settled_at, down_settled_at;
    struct mono others_settled_at;  // going down: before the last one follows
    uint8_t said[NET_ROUTERS_MAX];  // enum standing_word
    struct mono said_at;            // when any of them last said otherwise
};

struct moves {
    const struct net *net;
    uint32_t count;
    struct move items[MOVES_MAX];
};

struct move_order {
    bool announce;  // false: withdraw
    uint32_t router, upstream, path;
    struct prefix prefix;
};

enum move_outcome { MOVE_ANNOUNCED, MOVE_WITHDRAWN, MOVE_REFUSED };

struct move_answer {
    uint32_t router, upstream;
    struct prefix prefix;
    enum move_outcome what;
};

enum move_news {
    MOVE_AS_ORDERED,  // or nothing new
    MOVE_NOT_DONE,    // refused
    MOVE_LOST,        // it stood, and was taken away unasked
    MOVE_STRAY,       // it stands, and no move wants it: to be withdrawn
};

// The routers that take part in moves of a family, as a bit set.
uint16_t moves_routers(const struct net *net, enum family family);

// How many more prefixes of the family fit the limits (S4), on all routers alike.
uint32_t moves_room(const struct moves *moves, enum family family);
// There must be room, and the prefix not be moved already.
void moves_add(struct moves *moves, const struct move *like);
const struct move *moves_find(const struct moves *moves, struct prefix prefix);
// It stands on no router, and none was asked.
bool move_is_gone(const struct move *move);
// Forgets those of the path that are neither wanted nor standing anywhere.
void moves_tidy(struct moves *moves, uint32_t path);
// Forgets all at once: route lets them go by itself.
void moves_release(struct moves *moves);

void moves_want(struct moves *moves, uint32_t path, bool wanted);
// Only those that go to this upstream.
void moves_want_to(struct moves *moves, uint32_t path, uint32_t to, bool wanted);
void moves_want_one(struct moves *moves, struct prefix prefix, bool wanted);
// What does not stand on all routers yet is wanted no more: nothing is announced from here on.
void moves_want_what_stands(struct moves *moves);

// What to order next, from item `*at` on; false when there is nothing more now. Marks it ordered.
bool moves_order(struct moves *moves, struct mono now, uint32_t *at, struct move_order *order);
// Route answered, or something happened by itself. `path` gets whose move it is, NET_NOBODY: no
// move of ours.
enum move_news moves_told(struct moves *moves, struct mono now, const struct move_answer *answer,
                          uint32_t *path);
// What is said of what does not stand there, or is of another move, is not heard.
struct move_saying {
    uint32_t router, upstream;
    struct prefix prefix;
    enum standing_word word;
};
void moves_said(struct moves *moves, struct mono now, const struct move_saying *saying);
// The router's session is gone, and all overrides on it; true when there were any of the path.
bool moves_router_lost(struct moves *moves, struct mono now, uint32_t router, uint32_t path);

struct moves_state {
    uint32_t all, wanted;
    uint32_t up, gone;  // stand on every router; on none
    bool stuck;         // an order is unanswered for too long
};
struct moves_state moves_state(const struct moves *moves, uint32_t path, struct mono now);
