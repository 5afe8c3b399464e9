// SPDX-License-Identifier: ISC
#include "probe/trace_inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    TRIES = 3,            // of one flow at a TTL where somebody answered before
    SLOWER_MAX = 4,       // times the gap, for a router that answers less than it is asked
    SILENT_TTLS_END = 5,  // in a row: nothing answers behind, or the target is reached
    CONFIRM_EVERY = 24,   // flows: a way that is no more would be waited for in vain
    AGAIN = 6,            // TRACE_FLOWS_MIN, of one flow: excludes a second way by packet
    RESTARTS_MAX = 2,
};
static const int64_t never = INT64_MAX;
static const int64_t unknown = INT64_MIN;

static void begin(struct trace *t, struct mono now)
{
    t->router_count = t->fork_count = 0;
    t->confirming = false;
    t->confirmed_at = 0;
    t->due = unknown;
    t->active = t->is.must_count > TRACE_FLOWS_MIN ? t->is.must_count : TRACE_FLOWS_MIN;
    if (t->active > t->is.flow_count)
        t->active = t->is.flow_count;
    t->limit_is_known = t->is.hop_count > 0;
    t->limit = t->limit_is_known ? t->is.hop_count : 1;
    if (t->limit > TRACE_HOPS_MAX)
        t->limit = TRACE_HOPS_MAX;
    for (uint32_t ttl = 1; ttl <= TRACE_HOPS_MAX; ttl++) {
        struct trace_level *level = &t->levels[ttl];
        int64_t spread = now.ns + t->is.gap_ns * (ttl - 1) / TRACE_HOPS_MAX;  // not all at once
        int64_t due = level->due > spread ? level->due : spread;
        *level = (struct trace_level){.due = due, .gap_ns = t->is.gap_ns};
    }
}

struct trace *trace_new(const struct trace_settings *settings, struct mono now)
{
    assert(settings->flow_count > 0 && settings->flow_count <= TRACE_FLOWS_MAX);
    assert(settings->gap_ns > 0 && settings->timeout_ns > 0);
    struct trace *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->is = *settings;
    t->mark_next = settings->mark_first;
    t->cells = calloc(settings->flow_count * TRACE_HOPS_MAX, sizeof t->cells[0]);
    if (!t->cells) {
        trace_free(t);
        return NULL;
    }
    begin(t, now);
    return t;
}

void trace_free(struct trace *t)
{
    if (!t)
        return;
    free(t->cells);
    free(t);
}

// A router that was asked by several flows and never answered one is not asked by all.
static bool is_mute(const struct trace_level *level)
{
    return level->answered == 0 && level->asked >= TRACE_FLOWS_MIN;
}

static void settle_silent(struct trace *t, struct trace_cell *cell, uint32_t ttl)
{
    struct trace_level *level = &t->levels[ttl];
    bool tries_more = level->answered > 0 && cell->tries < TRIES;
    cell->state = (uint8_t)(tries_more ? CELL_NEW : CELL_SILENT);
    // Whoever answers at times has a limit, most often of one in a second: come below it.
    if (level->answered > 0 && level->gap_ns < SLOWER_MAX * t->is.gap_ns)
        level->gap_ns *= 2;
}

static void expire_cells(struct trace *t, struct mono now)
{
    for (uint32_t flow = 0; flow < t->active; flow++)
        for (uint32_t ttl = 1; ttl <= t->limit; ttl++) {
            struct trace_cell *cell = trace_cell(t, flow, ttl);
            if (cell->state == CELL_OUT && mono_since_ns(now, cell->asked_at) >= t->is.timeout_ns)
                settle_silent(t, cell, ttl);
            else if (cell->state == CELL_NEW && is_mute(&t->levels[ttl]))
                cell->state = CELL_SILENT;
        }
    for (uint32_t i = 0; t->confirming && i < t->fork_count; i++)
        if (t->agains[i].is_out && mono_since_ns(now, t->agains[i].asked_at) >= t->is.timeout_ns)
            t->agains[i].is_out = false;
}

// Finds out how far it is, by the first flow: a TTL more whenever the one before is settled.
static void extend(struct trace *t)
{
    while (!t->limit_is_known) {
        enum trace_cell_state state = trace_cell(t, 0, t->limit)->state;
        if (state != CELL_ANSWERED && state != CELL_SILENT)
            return;
        uint32_t silent = 0;
        while (silent < t->limit && trace_cell(t, 0, t->limit - silent)->state == CELL_SILENT)
            silent++;
        t->limit_is_known = silent == SILENT_TTLS_END || t->limit == TRACE_HOPS_MAX;
        if (!t->limit_is_known)
            t->limit++;
        else
            t->limit -= silent;
    }
}

static bool all_settled(const struct trace *t)
{
    for (uint32_t flow = 0; flow < t->active; flow++)
        for (uint32_t ttl = 1; ttl <= t->limit; ttl++) {
            enum trace_cell_state state = trace_cell(t, flow, ttl)->state;
            if (state == CELL_NEW || state == CELL_OUT)
                return false;
        }
    return t->limit_is_known;
}

static void begin_confirming(struct trace *t)
{
    t->confirming = true;
    for (uint32_t i = 0; i < t->fork_count; i++) {
        uint32_t flow = t->forks[i].first_flow;
        uint8_t ttl = t->forks[i].is.ttl;
        t->agains[i] = (struct trace_again){
            .flow = flow, .ttl = ttl, .last = trace_cell(t, flow, ttl)->router};
    }
}

// A flow that now takes another way: routes have changed, and what was found is of no time. One
// that takes several by turns: its packets are spread one by one.
static void conclude(struct trace *t, struct mono now)
{
    bool has_changed = false;
    for (uint32_t i = 0; i < t->fork_count; i++) {
        if (t->agains[i].asked < AGAIN || t->agains[i].is_out)
            return;
        t->forks[i].is.by_packet = t->agains[i].switches > 1;
        has_changed |= t->agains[i].switches == 1;
    }
    if (!has_changed && t->confirmed_at < t->active) {
        t->confirmed_at = t->active;
        t->confirming = false;
    } else if (!has_changed) {
        t->state = TRACE_DONE;
    } else if (t->counts.restarts < RESTARTS_MAX) {
        t->counts.restarts++;
        memset(t->cells, 0, t->is.flow_count * TRACE_HOPS_MAX * sizeof t->cells[0]);
        memset(t->out, 0, sizeof t->out);
        begin(t, now);
    } else {
        t->state = TRACE_UNSTEADY;
    }
}

// More flows while a router may have more next hops. From time to time, and in the end, it is
// confirmed that everything found is still so.
static void grow(struct trace *t)
{
    uint32_t lack = trace_find_forks(t), left = t->is.flow_count - t->active;
    uint32_t more = (lack + 1) / 2;  // in part: the next ones may tell of more hops anyway
    bool is_last = lack == 0 || left == 0;
    if (is_last || t->active >= t->confirmed_at + CONFIRM_EVERY) {
        t->confirmed_at = is_last ? t->active : t->confirmed_at;
        begin_confirming(t);
        return;
    }
    t->active += more < left ? more : left;
}

static void advance(struct trace *t, struct mono now)
{
    expire_cells(t, now);
    extend(t);
    if (!t->confirming && all_settled(t))
        grow(t);
    if (t->confirming)
        conclude(t, now);
}

static uint32_t first_new(const struct trace *t, uint32_t ttl)
{
    uint32_t flow = 0;
    while (flow < t->active && trace_cell(t, flow, ttl)->state != CELL_NEW)
        flow++;
    return flow;
}

static bool give(struct trace *t, struct trace_send *send, uint32_t flow, uint32_t ttl,
                 uint32_t again)
{
    uint16_t mark = t->mark_next++;
    t->out[mark % TRACE_MARKS] = (struct trace_out){
        .flow = (uint16_t)flow,
        .mark = mark,
        .ttl = (uint8_t)ttl,
        .waits = true,
        .again = (uint8_t)again,
    };
    *send = (struct trace_send){.flow = flow, .ttl = (uint8_t)ttl, .mark = mark};
    t->counts.sent++;
    return true;
}

static bool take_new(struct trace *t, uint32_t ttl, struct mono now, struct trace_send *send)
{
    uint32_t flow = first_new(t, ttl);
    if (flow == t->active)
        return false;
    struct trace_cell *cell = trace_cell(t, flow, ttl);
    cell->state = CELL_OUT;
    cell->asked_at = now;
    cell->tries++;
    t->levels[ttl].asked++;
    return give(t, send, flow, ttl, TRACE_NO_AGAIN);
}

static bool take_again(struct trace *t, uint32_t ttl, struct mono now, struct trace_send *send)
{
    for (uint32_t i = 0; t->confirming && i < t->fork_count; i++) {
        struct trace_again *again = &t->agains[i];
        if (again->ttl != ttl || again->is_out || again->asked == AGAIN)
            continue;
        again->asked++;
        again->is_out = true;
        again->asked_at = now;
        return give(t, send, again->flow, ttl, i);
    }
    return false;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t due_at(const struct trace *t)
{
    int64_t due = never;
    for (uint32_t ttl = 1; ttl <= t->limit; ttl++) {
        bool asks = false;
        for (uint32_t flow = 0; flow < t->active; flow++) {
            const struct trace_cell *cell = trace_cell(t, flow, ttl);
            asks |= cell->state == CELL_NEW;
            if (cell->state == CELL_OUT)
                due = earlier(due, cell->asked_at.ns + t->is.timeout_ns);
        }
        if (asks)
            due = earlier(due, t->levels[ttl].due);
    }
    for (uint32_t i = 0; t->confirming && i < t->fork_count; i++) {
        const struct trace_again *again = &t->agains[i];
        if (again->is_out)
            due = earlier(due, again->asked_at.ns + t->is.timeout_ns);
        else if (again->asked < AGAIN)
            due = earlier(due, t->levels[again->ttl].due);
    }
    return due == never ? 0 : due;  // all is settled: to be concluded at once
}

bool trace_take(struct trace *t, struct mono now, struct trace_send *send)
{
    if (t->state != TRACE_RUNNING || now.ns < trace_due(t).ns)
        return false;
    t->due = unknown;
    advance(t, now);
    for (uint32_t ttl = 1; t->state == TRACE_RUNNING && ttl <= t->limit; ttl++) {
        struct trace_level *level = &t->levels[ttl];
        if (level->due > now.ns)
            continue;
        if (take_new(t, ttl, now, send) || take_again(t, ttl, now, send)) {
            level->due = now.ns + level->gap_ns;
            return true;
        }
    }
    t->due = due_at(t);
    return false;
}

struct mono trace_due(const struct trace *t)
{
    if (t->state != TRACE_RUNNING)
        return (struct mono){never};
    return (struct mono){t->due == unknown ? due_at(t) : t->due};
}

static uint16_t router_at(struct trace *t, uint8_t ttl, struct address address)
{
    for (uint32_t i = 0; i < t->router_count; i++)
        if (t->routers[i].ttl == ttl && address_equal(t->routers[i].address, address))
            return (uint16_t)i;
    if (t->router_count == TRACE_ROUTERS_MAX)
        return TRACE_NOBODY;
    t->routers[t->router_count] = (struct trace_router){ttl, address};
    return (uint16_t)t->router_count++;
}

// The first answer at a TTL: those that were given up there deserve another try.
static void revive(struct trace *t, uint32_t ttl)
{
    for (uint32_t flow = 0; flow < t->active; flow++) {
        struct trace_cell *cell = trace_cell(t, flow, ttl);
        if (cell->state == CELL_SILENT && cell->tries < TRIES)
            cell->state = CELL_NEW;
    }
}

static void end_flow(struct trace *t, uint32_t flow, uint32_t ttl, enum trace_kind kind)
{
    for (uint32_t behind = ttl + 1; behind <= TRACE_HOPS_MAX; behind++) {
        struct trace_cell *cell = trace_cell(t, flow, behind);
        cell->state = CELL_SILENT;
        cell->tries = TRIES;
    }
    if (t->limit_is_known || flow > 0)
        return;
    t->limit = kind == TRACE_REACHED && ttl > 1 ? ttl - 1 : ttl;
    t->limit_is_known = true;
}

static void settle_answered(struct trace *t, const struct trace_out *out, enum trace_kind kind,
                            uint16_t router)
{
    struct trace_cell *cell = trace_cell(t, out->flow, out->ttl);
    if (cell->state == CELL_ANSWERED) {  // to an earlier try
        t->counts.late++;
        return;
    }
    struct trace_level *level = &t->levels[out->ttl];
    if (router == TRACE_NOBODY) {
        cell->state = CELL_SILENT;
        cell->tries = TRIES;
    } else {
        cell->state = CELL_ANSWERED;
        cell->router = router;
        level->gap_ns = level->gap_ns * 7 / 8 > t->is.gap_ns ? level->gap_ns * 7 / 8 : t->is.gap_ns;
        if (level->answered++ == 0)
            revive(t, out->ttl);
    }
    if (kind != TRACE_HOP)
        end_flow(t, out->flow, out->ttl, kind);
}

bool trace_answer(struct trace *t, uint16_t mark, uint32_t flow, enum trace_kind kind,
                  struct address from)
{
    struct trace_out *out = &t->out[mark % TRACE_MARKS];
    if (t->state != TRACE_RUNNING || out->mark != mark || out->ttl == 0 || out->flow != flow) {
        t->counts.strange++;
        return false;
    }
    if (!out->waits) {
        t->counts.doubled++;
        return false;
    }
    out->waits = false;
    t->due = unknown;
    t->counts.answered++;
    uint16_t router = kind == TRACE_REACHED ? TRACE_NOBODY : router_at(t, out->ttl, from);
    if (out->again == TRACE_NO_AGAIN) {
        settle_answered(t, out, kind, router);
        return true;
    }
    struct trace_again *again = &t->agains[out->again];
    if (again->last != router)
        again->switches++;
    again->last = router;
    again->is_out = false;
    return true;
}

uint32_t trace_flow_of(const struct trace *t, uint16_t mark)
{
    const struct trace_out *out = &t->out[mark % TRACE_MARKS];
    return out->mark == mark && out->ttl > 0 ? out->flow : UINT32_MAX;
}

enum trace_state trace_state(const struct trace *t)
{
    return t->state;
}

const struct trace_counts *trace_counts(const struct trace *t)
{
    return &t->counts;
}
