// SPDX-License-Identifier: ISC
// Whose each override is: what routers have, held against the engine's own moves. One that no move
// accounts for would stand for as long as the engine lives.
#include "sim/daemon.h"
#include "sim/judge.h"
#include "sim/place.h"
#include "steer/moves.h"

#include <assert.h>
#include <string.h>

static_assert((int)SIM_CHECK_ROUTERS == (int)SIM_ROUTERS_MAX, "room for all");

enum {
    // A word of the engine and what follows from it, where nothing is slow: a tick or two, some
    // milliseconds to the route process and to the router, and a step until it is seen.
    WORD_MS = 300,
    // Of each of them one after the other. Nobody's: it came to stand by an order that was on its
    // way, is answered, and withdrawn.
    ORPHAN_WORDS = 2,
    // Ordered, taken back, and both answered.
    MISSING_WORDS = 4,
    // The old way's router, the others, and last the new one's: ordered and answered each.
    LEAVING_WORDS = 6,
};

enum owner_state { OWNER_RIGHT, OWNER_NONE, OWNER_LEAVING, OWNER_MISSING };

static enum owner_state state_of(const struct sim_override *o, const struct move *move, uint8_t r)
{
    bool is_there = move && move->place[r] != MOVE_GONE;
    if (!o->stands)
        return is_there ? OWNER_MISSING : OWNER_RIGHT;
    if (!is_there || move->to != o->upstream)
        return OWNER_NONE;
    return move->wanted ? OWNER_RIGHT : OWNER_LEAVING;
}

static int64_t most_ms(const struct sim_world *w, uint8_t s, enum owner_state state)
{
    int64_t word_ms = WORD_MS + sim_fault_late_ms(w, s);
    int64_t settle_ms = w->sites[s].net.steer.fib_settle_ns / NS_PER_MS;
    return state == OWNER_NONE      ? ORPHAN_WORDS * word_ms
           : state == OWNER_MISSING ? MISSING_WORDS * word_ms
                                    : LEAVING_WORDS * word_ms + 2 * settle_ms;
}

static int64_t latest(int64_t a_ms, int64_t b_ms)
{
    return a_ms > b_ms ? a_ms : b_ms;
}

static void judge(struct sim_world *w, uint8_t s, uint8_t c, uint8_t r, uint8_t place)
{
    static const char *const words[] = {
        [OWNER_NONE] = "stands and is nobody's",
        [OWNER_LEAVING] = "stands and is wanted no more",
        [OWNER_MISSING] = "does not stand, and the engine believes it",
    };
    const struct sim_controller_checks *own = &w->sites[s].checks.controllers[c];
    const struct sim_owner *owner = &own->owners[r][place];
    // What is left of the way once words are no longer late, takes as long as all of it where none
    // was.
    int64_t late_end_ms = sim_fault_late_end_ms(w, s);
    int64_t since_ms = latest(owner->since_ms, latest(own->apart_ms, late_end_ms));
    if (w->now_ms - since_ms > most_ms(w, s, owner->state))
        sim_broken(w, SIM_I5, "place %d on router %d %s, for %lld ms", place, r,
                   words[owner->state], (long long)(w->now_ms - since_ms));
}

static void look_at(struct sim_world *w, uint8_t s, uint8_t c, uint8_t place,
                    const struct move *move)
{
    struct sim_site *site = &w->sites[s];
    for (uint8_t r = 0; r < site->net.router_count; r++) {
        struct sim_owner *owner = &site->checks.controllers[c].owners[r][place];
        enum owner_state state = state_of(&site->routers[r].overrides[c][place], move, r);
        if (state != owner->state) {
            *owner = (struct sim_owner){(uint8_t)state, w->now_ms};
            if (state == OWNER_NONE || state == OWNER_LEAVING)
                sim_exercised(w, SIM_I5);
        } else if (state != OWNER_RIGHT) {
            judge(w, s, c, r, place);
        }
    }
}

void sim_check_owners(struct sim_world *w, uint8_t s, uint8_t c, bool any_stands)
{
    struct sim_site *site = &w->sites[s];
    const struct sim_controller *ctl = &site->controllers[c];
    struct sim_controller_checks *own = &site->checks.controllers[c];
    const struct moves *moves = engine_moves(ctl->engine);
    const struct move *of[SIM_OWN_FIRST] = {NULL};
    if (!sim_daemon_runs(w, ctl, SIM_ENGINE) || !sim_daemon_runs(w, ctl, SIM_ROUTE)) {
        own->apart_ms = w->now_ms;
        return;
    }
    if (!any_stands && moves->count == 0) {
        memset(own->owners, OWNER_RIGHT, sizeof own->owners);
        return;
    }
    for (uint32_t i = 0; i < moves->count; i++)
        of[sim_place_of(site, moves->items[i].prefix)] = &moves->items[i];
    for (uint8_t place = 0; place < SIM_OWN_FIRST; place++)
        look_at(w, s, c, place, of[place]);
}
