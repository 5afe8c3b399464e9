// SPDX-License-Identifier: ISC
#include "engine/state.h"

#include <stdio.h>

void taken_told(struct engine *e, const struct event_override *word)
{
    static const enum standing_word words[OVERRIDE_STATES] = {
        [OVERRIDE_TAKEN] = STANDING_TAKEN,
        [OVERRIDE_NOT_TAKEN] = STANDING_NOT_TAKEN,
        [OVERRIDE_UNTOLD] = STANDING_UNTOLD,
    };
    moves_said(
        &e->moves, e->now,
        &(struct move_saying){word->router, word->upstream, word->prefix, words[word->state]});
}

static bool is_settled(const struct engine *e, const struct move *move)
{
    return mono_since_ns(e->now, move->said_at) >= TAKEN_SETTLE_MS * (int64_t)NS_PER_MS;
}

// The first router that says so; NET_NOBODY.
static uint32_t who_refuses(const struct engine *e, const struct move *move)
{
    for (uint32_t r = 0; r < e->net->router_count; r++)
        if (move->said[r] == STANDING_NOT_TAKEN)
            return r;
    return NET_NOBODY;
}

static bool is_of(const struct move *move, uint32_t path)
{
    return move->path == path && move->wanted;
}

bool taken_is_open(const struct engine *e, uint32_t path)
{
    for (uint32_t i = 0; i < e->moves.count; i++) {
        const struct move *move = &e->moves.items[i];
        if (is_of(move, path) && who_refuses(e, move) != NET_NOBODY)
            return mono_since_ns(e->now, e->stories[path].entered_at) < e->net->steer.verify_max_ns;
    }
    return false;
}

struct refused {            // of what is moved to one way
    bool moves[MOVES_MAX];  // those that some router did not take
    uint32_t count, all;
    uint32_t router;  // the first that says so, and
    uint32_t first;   // of this move
    bool has_exit;
};

static void find(const struct engine *e, uint32_t path, uint32_t way, struct refused *refused)
{
    *refused = (struct refused){.router = NET_NOBODY};
    for (uint32_t i = 0; i < e->moves.count; i++) {
        const struct move *move = &e->moves.items[i];
        if (!is_of(move, path) || move->to != way)
            continue;
        refused->all++;
        uint32_t router = who_refuses(e, move);
        if (router == NET_NOBODY || !is_settled(e, move))
            continue;
        if (refused->count++ == 0) {
            refused->router = router;
            refused->first = i;
        }
        refused->moves[i] = true;
        refused->has_exit |= net_exit_of(e->net, move->prefix) != NET_NOBODY;
    }
}

static void refuse_each(struct engine *e, uint32_t path, const struct refused *refused)
{
    int64_t hold_ns = stay_penalty_ns(e, path);
    for (uint32_t i = 0; i < e->moves.count; i++)
        if (refused->moves[i])
            routes_refuse(&e->routes, e->moves.items[i].prefix, mono_add_ns(e->now, hold_ns));
}

static void fail(struct engine *e, uint32_t path, uint32_t way, const struct refused *refused)
{
    struct memory *memory = &e->memories[path];
    bool is_last = e->stories[path].ways == 1u << way;
    char reason[96 + NET_NAME_MAX];
    snprintf(reason, sizeof reason, "not taken by %s: it says so of %u of %u, all routers or none",
             e->net->routers[refused->router].name, refused->count, refused->all);
    bool others = story_fail_part(e, &e->moves.items[refused->first], refused->moves, reason);
    // Prefixes may be taken where an exit, one route for all, is not.
    if (refused->has_exit)
        memory->exit_refused_until = mono_add_ns(e->now, e->net->steer.hold_max_ns);
    if (others)
        refuse_each(e, path, refused);
    // The router would not take another way either: none is tried before the hold time is over.
    else if (is_last && !refused->has_exit)
        memory->tries = ENGINE_TRIES_MAX;
}

bool taken_look(struct engine *e, uint32_t path)
{
    enum incident_state state = e->stories[path].state;
    bool any = false;
    for (uint32_t way = 0; way < e->net->upstream_count && !e->frozen; way++) {
        if (e->stories[path].state != state || !(e->stories[path].ways >> way & 1))
            continue;
        struct refused refused;
        find(e, path, way, &refused);
        if (refused.count == 0)
            continue;
        fail(e, path, way, &refused);
        any = true;
    }
    return any;
}

const char *taken_text(const struct engine *e, uint32_t path, char *text)
{
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t r = 0; r < e->net->router_count; r++) {
        uint32_t told = 0, taken = 0, all = 0;
        for (uint32_t i = 0; i < e->moves.count; i++) {
            const struct move *move = &e->moves.items[i];
            if (!is_of(move, path))
                continue;
            all++;
            told += move->said[r] != STANDING_UNTOLD;
            taken += move->said[r] == STANDING_TAKEN;
        }
        char part[NET_NAME_MAX + 32];
        int size = snprintf(part, sizeof part, "%s %s took %u of %u", used > 0 ? "," : ";",
                            e->net->routers[r].name, taken, all);
        if (told == 0 || used + (size_t)size >= TAKEN_TEXT_MAX)
            continue;
        snprintf(text + used, TAKEN_TEXT_MAX - used, "%s", part);
        used += (size_t)size;
    }
    return text;
}
