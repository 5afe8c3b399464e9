// SPDX-License-Identifier: ISC
#include "steer/moves.h"

#include <assert.h>
#include <string.h>

static bool has(uint16_t set, uint32_t index)
{
    return set >> index & 1;
}

static bool stands(uint8_t place)
{
    return place == MOVE_UP || place == MOVE_ASKED_UP;
}

// The announcement: what is gone until that is answered was there before it.
static bool is_unanswered(uint8_t place)
{
    return place == MOVE_ASKED_UP || place == MOVE_TAKEN_BACK;
}

uint16_t moves_routers(const struct net *net, enum family family)
{
    uint16_t set = 0;
    for (uint32_t r = 0; r < net->router_count; r++)
        set |= (uint16_t)(net->routers[r].families[family] << r);
    return set;
}

static uint32_t count_bits(uint16_t set)
{
    return (uint32_t)__builtin_popcount(set);
}

static uint32_t room(uint32_t configured, uint32_t built_in, uint32_t used)
{
    uint32_t most = configured < built_in ? configured : built_in;
    return used < most ? most - used : 0;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

// Every move counts on every router of its family, also while it is on the way.
uint32_t moves_room(const struct moves *moves, enum family family)
{
    const struct net_guard *guard = &moves->net->guard;
    uint32_t routers[FAMILIES] = {0}, moved[FAMILIES] = {0};
    for (enum family f = FAMILY_IPV4; f < FAMILIES; f++)
        routers[f] = count_bits(moves_routers(moves->net, f));
    for (uint32_t i = 0; i < moves->count; i++)
        moved[moves->items[i].prefix.address.family]++;
    if (routers[family] == 0)
        return 0;
    uint32_t all =
        moved[FAMILY_IPV4] * routers[FAMILY_IPV4] + moved[FAMILY_IPV6] * routers[FAMILY_IPV6];
    uint32_t here = moved[family] * routers[family];
    uint32_t left = room(guard->routes_per_router_max, STEER_ROUTES_PER_ROUTER_MAX, moves->count);
    left = least(left, room(guard->routes_per_family_max, STEER_ROUTES_PER_FAMILY_MAX, here) /
                           routers[family]);
    left = least(left, room(guard->routes_max, STEER_ROUTES_MAX, all) / routers[family]);
    return least(left, MOVES_MAX - moves->count);
}

static struct move *find(struct moves *moves, struct prefix prefix)
{
    for (uint32_t i = 0; i < moves->count; i++)
        if (prefix_equal(moves->items[i].prefix, prefix))
            return &moves->items[i];
    return NULL;
}

const struct move *moves_find(const struct moves *moves, struct prefix prefix)
{
    return find((struct moves *)moves, prefix);
}

void moves_add(struct moves *moves, const struct move *like)
{
    assert(moves->count < MOVES_MAX && !find(moves, like->prefix));
    moves->items[moves->count++] = (struct move){
        .prefix = like->prefix,
        .path = like->path,
        .from = like->from,
        .to = like->to,
        .demand_kbps = like->demand_kbps,
        .at = like->at,
        .wanted = true,
        .down_settled_at = {INT64_MIN},  // nobody has to wait for a router that never stood
    };
}

bool move_is_gone(const struct move *move)
{
    for (uint32_t r = 0; r < NET_ROUTERS_MAX; r++)
        if (move->place[r] != MOVE_GONE)
            return false;
    return true;
}

void moves_tidy(struct moves *moves, uint32_t path)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < moves->count; i++) {
        const struct move *move = &moves->items[i];
        if (move->path != path || move->wanted || !move_is_gone(move))
            moves->items[kept++] = *move;
    }
    moves->count = kept;
}

void moves_release(struct moves *moves)
{
    moves->count = 0;
}

void moves_want(struct moves *moves, uint32_t path, bool wanted)
{
    for (uint32_t i = 0; i < moves->count; i++)
        if (moves->items[i].path == path)
            moves->items[i].wanted = wanted;
}

void moves_want_to(struct moves *moves, uint32_t path, uint32_t to, bool wanted)
{
    for (uint32_t i = 0; i < moves->count; i++)
        if (moves->items[i].path == path && moves->items[i].to == to)
            moves->items[i].wanted = wanted;
}

void moves_want_one(struct moves *moves, struct prefix prefix, bool wanted)
{
    struct move *move = find(moves, prefix);
    if (move)
        move->wanted = wanted;
}

static bool is_up(const struct moves *moves, const struct move *move)
{
    uint16_t routers = moves_routers(moves->net, move->prefix.address.family);
    bool up = routers != 0;
    for (uint32_t r = 0; r < moves->net->router_count; r++)
        up = up && (!has(routers, r) || move->place[r] == MOVE_UP);
    return up;
}

void moves_want_what_stands(struct moves *moves)
{
    for (uint32_t i = 0; i < moves->count; i++)
        moves->items[i].wanted &= is_up(moves, &moves->items[i]);
}

// The router that must go first in the wanted direction.
static uint32_t first_of(const struct net *net, const struct move *move)
{
    return net->upstreams[move->wanted ? move->to : move->from].router;
}

// Whether the router is to be ordered now. Never over an order without answer, but for taking back:
// then the answers to both come in order.
static bool is_due(const struct move *move, uint32_t router)
{
    return move->wanted ? move->place[router] == MOVE_GONE : stands(move->place[router]);
}

// All routers but the one that goes last are through, and forward so.
static bool is_last_ones_turn(const struct moves *moves, const struct move *move, uint32_t last,
                              struct mono now)
{
    for (uint32_t r = 0; r < moves->net->router_count; r++)
        if (r != last && move->place[r] != MOVE_GONE)
            return false;
    return mono_reached(now, move->others_settled_at);
}

static uint32_t next_router(const struct moves *moves, const struct move *move, struct mono now)
{
    uint16_t routers = moves_routers(moves->net, move->prefix.address.family);
    uint32_t first = first_of(moves->net, move);
    uint32_t last = move->wanted ? NET_NOBODY : moves->net->upstreams[move->to].router;
    if (first != last && has(routers, first) && is_due(move, first))
        return first;
    uint8_t done = move->wanted ? MOVE_UP : MOVE_GONE;
    struct mono settled_at = move->wanted ? move->up_settled_at : move->down_settled_at;
    if (first != last && (move->place[first] != done || !mono_reached(now, settled_at)))
        return NET_NOBODY;
    for (uint32_t r = 0; r < moves->net->router_count; r++)
        if (r != last && has(routers, r) && is_due(move, r))
            return r;
    bool turn =
        last != NET_NOBODY && is_due(move, last) && is_last_ones_turn(moves, move, last, now);
    return turn ? last : NET_NOBODY;
}

bool moves_order(struct moves *moves, struct mono now, uint32_t *at, struct move_order *order)
{
    for (; *at < moves->count; (*at)++) {
        struct move *move = &moves->items[*at];
        uint32_t router = next_router(moves, move, now);
        if (router == NET_NOBODY)
            continue;
        move->place[router] = move->wanted                         ? MOVE_ASKED_UP
                              : is_unanswered(move->place[router]) ? MOVE_TAKEN_BACK
                                                                   : MOVE_ASKED_DOWN;
        move->asked_at = now;
        *order = (struct move_order){move->wanted, router, move->to, move->path, move->prefix};
        return true;
    }
    return false;
}

// The one place where a router's part of a move ends or begins to stand.
static void settle(const struct moves *moves, struct move *move, struct mono now,
                   const struct move_answer *answer)
{
    const struct net *net = moves->net;
    struct mono settled_at = mono_add_ns(now, net->steer.fib_settle_ns);
    bool up = answer->what == MOVE_ANNOUNCED;
    move->place[answer->router] = up ? MOVE_UP : MOVE_GONE;
    move->said[answer->router] = STANDING_UNTOLD;
    if (up && answer->router == net->upstreams[move->to].router)
        move->up_settled_at = settled_at;
    // What was refused never forwarded otherwise: nothing has to settle.
    if (answer->what == MOVE_WITHDRAWN && answer->router == net->upstreams[move->from].router)
        move->down_settled_at = settled_at;
    else if (answer->what == MOVE_WITHDRAWN)
        move->others_settled_at = settled_at;
}

enum move_news moves_told(struct moves *moves, struct mono now, const struct move_answer *answer,
                          uint32_t *path)
{
    struct move *move = find(moves, answer->prefix);
    *path = move ? move->path : NET_NOBODY;
    // What is told of another upstream is of a move before this one.
    bool ours = move && answer->upstream == move->to && move->place[answer->router] != MOVE_GONE &&
                !(answer->what == MOVE_WITHDRAWN && is_unanswered(move->place[answer->router]));
    if (!ours)
        return answer->what == MOVE_ANNOUNCED ? MOVE_STRAY : MOVE_AS_ORDERED;
    uint8_t before = move->place[answer->router];
    if (answer->what == MOVE_ANNOUNCED) {
        if (before == MOVE_ASKED_UP)
            settle(moves, move, now, answer);
        else if (before == MOVE_TAKEN_BACK)
            move->place[answer->router] = MOVE_ASKED_DOWN;
        return MOVE_AS_ORDERED;
    }
    settle(moves, move, now, answer);
    if (!move->wanted)
        return MOVE_AS_ORDERED;
    return before == MOVE_ASKED_UP ? MOVE_NOT_DONE
           : before == MOVE_UP     ? MOVE_LOST
                                   : MOVE_AS_ORDERED;
}

void moves_said(struct moves *moves, struct mono now, const struct move_saying *saying)
{
    struct move *move = find(moves, saying->prefix);
    if (!move || move->to != saying->upstream || move->place[saying->router] != MOVE_UP ||
        move->said[saying->router] == saying->word)
        return;
    move->said[saying->router] = (uint8_t)saying->word;
    move->said_at = now;
}

bool moves_router_lost(struct moves *moves, struct mono now, uint32_t router, uint32_t path)
{
    bool any = false;
    for (uint32_t i = 0; i < moves->count; i++) {
        struct move *move = &moves->items[i];
        if (move->path != path || move->place[router] == MOVE_GONE)
            continue;
        settle(moves, move, now, &(struct move_answer){.router = router, .what = MOVE_WITHDRAWN});
        any = true;
    }
    return any;
}

struct moves_state moves_state(const struct moves *moves, uint32_t path, struct mono now)
{
    struct moves_state state = {0};
    struct mono late = mono_add_ms(now, -MOVES_ANSWER_MS);
    for (uint32_t i = 0; i < moves->count; i++) {
        const struct move *move = &moves->items[i];
        if (move->path != path)
            continue;
        bool asked = false;
        for (uint32_t r = 0; r < moves->net->router_count; r++)
            asked |= move->place[r] != MOVE_GONE && move->place[r] != MOVE_UP;
        state.all++;
        state.wanted += move->wanted;
        state.up += is_up(moves, move);
        state.gone += move_is_gone(move);
        state.stuck |= asked && mono_reached(late, move->asked_at);
    }
    return state;
}
