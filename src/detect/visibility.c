// SPDX-License-Identifier: ISC
#include "detect/visibility.h"

#include "base/sieve.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

// An own prefix in one peer's table.
struct cell {
    struct rib_sight settled, current;  // settled: as last told or known
    bool known;                         // absence would mean absence
    bool was_known;                     // ever, for this peer
    bool had;                           // ever there
    bool gone_told, foreign_told, waiting;
    struct mono changed_at;  // the first change since it settled
    struct mono last_at;     // the last one
    struct mono foreign_at;
};

struct own_state {
    bool invisible_told, unseen_told, changed;
    bool seen, outside_seen;  // ever; said when it is for the first time
    struct mono changed_at;
    uint64_t flaps;
};

// A more-specific that nobody expects.
struct more {
    struct prefix prefix;
    uint32_t own;
    bool leaving;
    struct mono since, gone_at;
};

struct visibility {
    const struct net *net;
    const struct rib *rib;
    struct visibility_tell tell;
    struct sieve sieve;
    struct cell *cells;  // [own][peer]
    struct own_state owns[NET_OWN_MAX];
    uint32_t *queue;  // cells that have to settle, in the order of their change: a ring
    uint32_t queue_first, queue_count, cell_count;
    uint32_t more_count, more_leaving;
    struct more more[VISIBILITY_MORE_MAX];
    bool more_full;
    uint64_t history_count;
    struct visibility_entry history[VISIBILITY_HISTORY_MAX];
};

struct visibility *visibility_new(const struct net *net, const struct rib *rib,
                                  struct visibility_tell tell)
{
    struct visibility *v = calloc(1, sizeof *v);
    if (!v)
        return NULL;
    v->net = net;
    v->rib = rib;
    v->tell = tell;
    v->cell_count = net->own_count * RIB_PEERS_MAX;
    v->cells = calloc(v->cell_count + 1, sizeof *v->cells);
    v->queue = calloc(v->cell_count + 1, sizeof *v->queue);
    for (uint32_t own = 0; own < net->own_count; own++)
        sieve_add(&v->sieve, net->own[own].prefix);
    if (v->cells && v->queue)
        return v;
    visibility_free(v);
    return NULL;
}

void visibility_free(struct visibility *v)
{
    if (!v)
        return;
    free(v->cells);
    free(v->queue);
    free(v);
}

static struct cell *cell_at(const struct visibility *v, uint32_t own, uint32_t peer)
{
    return &v->cells[own * RIB_PEERS_MAX + peer];
}

static bool counts(const struct visibility *v, uint32_t peer, enum family family)
{
    enum rib_peer_kind kind = rib_peer_kind(v->rib, peer);
    if (kind == RIB_PEER_SESSION)
        return peer < v->net->router_count && v->net->routers[peer].families[family];
    return kind != RIB_PEER_NONE && kind != RIB_PEER_FIB;
}

static bool is_known(const struct visibility *v, uint32_t peer, enum family family)
{
    return rib_peer_is_complete(v->rib, peer, family) && !rib_peer_is_partial(v->rib, peer);
}

// ---- words

static void add(char *text, const char *form, ...) __attribute__((format(printf, 2, 3)));

static void add(char *text, const char *form, ...)
{
    size_t used = 0;
    while (text[used])
        used++;
    va_list arguments;
    va_start(arguments, form);
    vsnprintf(text + used, NOTICE_TEXT_MAX - used, form, arguments);
    va_end(arguments);
}

static void add_way(const struct visibility *v, char *text, const struct rib_sight *sight)
{
    char address[ADDRESS_TEXT_MAX];
    uint32_t upstream = net_upstream_by_next_hop(v->net, sight->next_hop);
    if (sight->next_hop.family == FAMILY_NONE) {
        add(text, "a way not known");
        return;
    }
    add(text, "next hop %s", address_format(sight->next_hop, address));
    if (upstream != NET_NOBODY)
        add(text, " (%s)", v->net->upstreams[upstream].name);
    if (sight->neighbour)
        add(text, ", neighbour AS %u", sight->neighbour);
}

static void add_origin(char *text, uint32_t origin)
{
    if (origin)
        add(text, "origin AS %u", origin);
    else
        add(text, "origin a set of AS numbers");
}

// ---- in all tables

struct census {
    uint32_t seen, known, unknown, had_unknown, had;
    uint32_t outside_seen, outside_had, outside_unknown;  // of those that had it
};

// What a router hears or uses with a path through another AS: a view of us from outside. What our
// own routers say of a prefix of ours shows nobody else's.
static bool is_outside(const struct visibility *v, uint32_t peer, const struct cell *cell)
{
    enum rib_peer_kind kind = rib_peer_kind(v->rib, peer);
    uint32_t neighbour = cell->current.present ? cell->current.neighbour : cell->settled.neighbour;
    return cell->had && neighbour && (kind == RIB_PEER_BMP_IN || kind == RIB_PEER_BMP_LOC);
}

static struct census count_tables(const struct visibility *v, uint32_t own)
{
    struct census census = {0};
    for (uint32_t peer = 0; peer < RIB_PEERS_MAX; peer++) {
        const struct cell *cell = cell_at(v, own, peer);
        if (!counts(v, peer, v->net->own[own].prefix.address.family))
            continue;
        bool not_settled = cell->waiting && cell->known && cell->settled.present;
        census.seen += cell->current.present || not_settled;
        census.known += cell->known;
        census.unknown += !cell->known;
        census.had += cell->had;
        census.had_unknown += cell->had && !cell->known;
        if (!is_outside(v, peer, cell))
            continue;
        census.outside_seen += cell->current.present || not_settled;
        census.outside_had++;
        census.outside_unknown += !cell->known;
    }
    return census;
}

static struct notice about(const struct visibility *v, enum notice_kind kind, uint32_t own,
                           struct mono since)
{
    return (struct notice){.kind = kind,
                           .raised = true,
                           .router = NET_NOBODY,
                           .prefix = v->net->own[own].prefix,
                           .since = since};
}

// Our own routers may have it all the while: their neighbours filter it.
static void tell_from_outside(struct visibility *v, uint32_t own, struct census c)
{
    struct own_state *state = &v->owns[own];
    bool sure = c.outside_had > 0 && c.outside_unknown == 0;
    bool unseen = c.outside_seen == 0 && (sure || state->unseen_told);
    bool is_first = c.outside_seen > 0 && !state->outside_seen;
    if (unseen == state->unseen_told && !is_first)
        return;
    state->outside_seen |= is_first;
    state->unseen_told = unseen;
    struct notice notice = about(v, NOTICE_OWN_UNSEEN, own, state->changed_at);
    notice.raised = unseen;
    notice.count = c.outside_seen;
    notice.total = c.outside_had;
    add(notice.text, "in %u of %u tables of others that had it", c.outside_seen, c.outside_had);
    v->tell.tell(v->tell.context, RIB_NO_PEER, &notice);
}

static void tell_in_all(struct visibility *v, uint32_t own, struct census c)
{
    struct own_state *state = &v->owns[own];
    // Where it never was at all, every table must be known.
    bool sure = c.known > 0 && c.had_unknown == 0 && (c.had > 0 || c.unknown == 0);
    bool invisible = c.seen == 0 && (sure || state->invisible_told);
    bool is_first = c.seen > 0 && !state->seen;
    if (invisible == state->invisible_told && !is_first)
        return;
    state->seen |= is_first;
    state->invisible_told = invisible;
    struct notice notice = about(v, NOTICE_OWN_INVISIBLE, own, state->changed_at);
    notice.raised = invisible;
    notice.count = c.seen;
    notice.total = c.known;
    add(notice.text, "in %u of %u complete tables", c.seen, c.known);
    if (c.unknown > 0)
        add(notice.text, "; %u more are not known", c.unknown);
    v->tell.tell(v->tell.context, RIB_NO_PEER, &notice);
}

// ---- one table

static void tell_foreign(struct visibility *v, uint32_t own, uint32_t peer, bool raised)
{
    struct cell *cell = cell_at(v, own, peer);
    const struct rib_sight *sight = &cell->current;
    struct notice notice = about(v, NOTICE_OWN_ORIGIN_CHANGED, own, cell->foreign_at);
    notice.raised = cell->foreign_told = raised;
    if (raised) {
        add_origin(notice.text, sight->foreign_origin);
        if (sight->foreign_neighbour)
            add(notice.text, ", neighbour AS %u", sight->foreign_neighbour);
        if (sight->paths > 1)
            add(notice.text, "; %u paths in this table", sight->paths);
    } else if (!cell->known) {
        add(notice.text, "nothing is known of this table now");
    }
    v->tell.tell(v->tell.context, peer, &notice);
}

static void tell_gone(struct visibility *v, uint32_t own, uint32_t peer, bool raised)
{
    struct cell *cell = cell_at(v, own, peer);
    struct notice notice = about(v, NOTICE_OWN_WITHDRAWN, own, cell->last_at);
    notice.raised = cell->gone_told = raised;
    struct census c = count_tables(v, own);
    notice.count = c.seen;
    notice.total = c.known;
    if (raised) {
        add(notice.text, "was by ");
        add_way(v, notice.text, &cell->settled);
        add(notice.text, "; in %u of %u complete tables", c.seen, c.known);
    } else if (!cell->known) {
        add(notice.text, "nothing is known of this table now");
    } else {
        add(notice.text, "back by ");
        add_way(v, notice.text, &cell->current);
    }
    v->tell.tell(v->tell.context, peer, &notice);
}

static void tell_way(struct visibility *v, enum notice_kind kind, uint32_t own, uint32_t peer)
{
    const struct cell *cell = cell_at(v, own, peer);
    struct notice notice = about(v, kind, own, cell->changed_at);
    if (kind == NOTICE_OWN_MOVED) {
        add(notice.text, "from ");
        add_way(v, notice.text, &cell->settled);
        add(notice.text, " to ");
    }
    add_way(v, notice.text, &cell->current);
    if (kind == NOTICE_OWN_ANNOUNCED) {
        add(notice.text, ", ");
        add_origin(notice.text, cell->current.origin);
    }
    v->tell.tell(v->tell.context, peer, &notice);
}

static bool has_moved(const struct rib_sight *before, const struct rib_sight *after)
{
    return before->present && after->present &&
           (!address_equal(before->next_hop, after->next_hop) ||
            before->neighbour != after->neighbour);
}

static void compare(struct visibility *v, uint32_t own, uint32_t peer)
{
    struct cell *cell = cell_at(v, own, peer);
    const struct rib_sight *before = &cell->settled, *after = &cell->current;
    if (!after->present && cell->had && !cell->gone_told)
        tell_gone(v, own, peer, true);
    else if (after->present && cell->gone_told)
        tell_gone(v, own, peer, false);
    else if (after->present && !before->present && cell->was_known)
        tell_way(v, NOTICE_OWN_ANNOUNCED, own, peer);
    else if (has_moved(before, after))
        tell_way(v, NOTICE_OWN_MOVED, own, peer);
    else if (cell->known && rib_sight_equal(before, after))
        v->owns[own].flaps++;
}

// All tables are looked at once, after what has settled in each.
static void mark_changed(struct visibility *v, uint32_t own, struct mono at)
{
    if (!v->owns[own].changed)
        v->owns[own].changed_at = at;
    v->owns[own].changed = true;
}

static void settle(struct visibility *v, uint32_t own, uint32_t peer)
{
    struct cell *cell = cell_at(v, own, peer);
    enum family family = v->net->own[own].prefix.address.family;
    cell->waiting = false;
    if (!counts(v, peer, family))
        return;
    bool known = is_known(v, peer, family);
    if (cell->foreign_told && !cell->current.foreign)
        tell_foreign(v, own, peer, false);
    if (known) {
        compare(v, own, peer);
        if (cell->current.present)
            cell->settled = cell->current;
        cell->settled.present = cell->current.present;
        cell->was_known = true;
    }
    cell->known = known;
    mark_changed(v, own, cell->last_at);
}

static void wait_for(struct visibility *v, struct mono now, uint32_t own, uint32_t peer)
{
    struct cell *cell = cell_at(v, own, peer);
    cell->last_at = now;
    if (cell->waiting)
        return;
    cell->waiting = true;
    cell->changed_at = now;
    v->queue[(v->queue_first + v->queue_count++) % v->cell_count] = own * RIB_PEERS_MAX + peer;
}

static void remember(struct visibility *v, struct visibility_entry entry)
{
    v->history[v->history_count++ % VISIBILITY_HISTORY_MAX] = entry;
}

static void change_cell(struct visibility *v, struct mono now, uint32_t own, uint32_t peer)
{
    struct cell *cell = cell_at(v, own, peer);
    const struct net_own *what = &v->net->own[own];
    struct rib_sight before = cell->current;
    cell->current = rib_sight(v->rib, v->net, peer, what->prefix, what);
    if (rib_sight_equal(&before, &cell->current))
        return;
    remember(v, (struct visibility_entry){now, what->prefix, peer, before, cell->current});
    wait_for(v, now, own, peer);
    cell->had |= cell->current.present;
    if (!before.foreign)
        cell->foreign_at = now;
    bool another = before.foreign_origin != cell->current.foreign_origin;
    if (cell->current.foreign && (!cell->foreign_told || another))
        tell_foreign(v, own, peer, true);  // what is there needs no time to be believed
}

// ---- more-specifics

struct intruders {
    uint32_t tables;
    uint32_t peer, origin, neighbour;  // of the first
};

static bool is_unexpected(const struct visibility *v, const struct more *more,
                          const struct rib_path *path)
{
    const struct net_own *own = &v->net->own[more->own];
    if (!counts(v, path->peer, own->prefix.address.family) ||
        rib_attributes(v->rib, path->attributes).marked)
        return false;
    bool may = rib_origin_may(v->net, own, rib_path_origin(v->rib, v->net, path));
    uint32_t length_max = own->length_max > 0 ? own->length_max : own->prefix.length;
    return !may || (more->prefix.length > length_max && !rib_path_is_internal(v->rib, path));
}

static struct intruders find_intruders(const struct visibility *v, const struct more *more)
{
    struct intruders found = {.peer = RIB_NO_PEER};
    uint64_t met[RIB_PEERS_MAX / 64] = {0};
    struct rib_path path;
    for (struct rib_paths paths = rib_paths(v->rib, more->prefix); rib_paths_next(&paths, &path);) {
        if (!is_unexpected(v, more, &path) || met[path.peer / 64] >> path.peer % 64 & 1)
            continue;
        met[path.peer / 64] |= UINT64_C(1) << path.peer % 64;
        if (found.tables++ > 0)
            continue;
        found.peer = path.peer;
        found.origin = rib_path_origin(v->rib, v->net, &path);
        found.neighbour = rib_path_neighbour(v->rib, &path);
    }
    return found;
}

static void tell_more(struct visibility *v, const struct more *more, const struct intruders *found)
{
    struct notice notice = about(v, NOTICE_OWN_MORE_SPECIFIC, more->own, more->since);
    char text[PREFIX_TEXT_MAX], name[NOTICE_PEER_MAX];
    notice.raised = found->tables > 0;
    notice.prefix = more->prefix;
    notice.count = found->tables;
    add(notice.text, "inside %s", prefix_format(v->net->own[more->own].prefix, text));
    if (notice.raised) {
        add(notice.text, ": ");
        add_origin(notice.text, found->origin);
        if (found->neighbour)
            add(notice.text, ", neighbour AS %u", found->neighbour);
        add(notice.text, "; in %u table%s: %s%s", found->tables, found->tables == 1 ? "" : "s",
            v->tell.name(v->tell.context, found->peer, name),
            found->tables == 1 ? "" : " and others");
    }
    v->tell.tell(v->tell.context, RIB_NO_PEER, &notice);
}

static void tell_more_full(struct visibility *v, const struct more *more)
{
    struct notice notice = about(v, NOTICE_OWN_MORE_SPECIFIC, more->own, more->since);
    add(notice.text, "more than %d of them: further ones are not told", VISIBILITY_MORE_MAX);
    if (!v->more_full)
        v->tell.tell(v->tell.context, RIB_NO_PEER, &notice);
    v->more_full = true;
}

static struct more *find_more(struct visibility *v, struct prefix prefix)
{
    for (uint32_t i = 0; i < v->more_count; i++) {
        if (prefix_equal(v->more[i].prefix, prefix))
            return &v->more[i];
    }
    return NULL;
}

static void look_at_more(struct visibility *v, struct mono now, struct more *more)
{
    struct intruders found = find_intruders(v, more);
    bool leaving = found.tables == 0;
    if (leaving && !more->leaving)
        more->gone_at = now;
    v->more_leaving += (uint32_t)leaving - (uint32_t)more->leaving;
    more->leaving = leaving;
    if (!leaving)
        tell_more(v, more, &found);
}

static void change_more(struct visibility *v, struct mono now, uint32_t own, struct prefix prefix)
{
    struct more fresh = {.prefix = prefix, .own = own, .since = now};
    struct more *more = find_more(v, prefix);
    if (more) {
        look_at_more(v, now, more);
        return;
    }
    struct intruders found = find_intruders(v, &fresh);
    if (found.tables == 0)
        return;
    if (v->more_count == VISIBILITY_MORE_MAX) {
        tell_more_full(v, &fresh);
        return;
    }
    v->more[v->more_count++] = fresh;
    tell_more(v, &fresh, &found);
}

static void let_go_of_more(struct visibility *v, struct mono now)
{
    for (uint32_t i = v->more_count; v->more_leaving > 0 && i > 0; i--) {
        struct more *more = &v->more[i - 1];
        if (!more->leaving ||
            mono_since_ns(now, more->gone_at) < (int64_t)VISIBILITY_SETTLE_MS * NS_PER_MS)
            continue;
        tell_more(v, more, &(struct intruders){0});
        *more = v->more[--v->more_count];
        v->more_leaving--;
    }
}

// ---- what happens

// The longest own prefix that contains this one; their number: none.
static uint32_t own_of(const struct visibility *v, struct prefix prefix)
{
    uint32_t found = v->net->own_count;
    for (uint32_t own = 0; own < v->net->own_count; own++) {
        struct prefix candidate = v->net->own[own].prefix;
        if (prefix_contains(candidate, prefix) &&
            (found == v->net->own_count || candidate.length > v->net->own[found].prefix.length))
            found = own;
    }
    return found;
}

void visibility_change(struct visibility *v, struct mono now, uint32_t peer, struct prefix prefix)
{
    if (!sieve_may_hold(&v->sieve, &prefix))
        return;
    uint32_t own = own_of(v, prefix);
    if (own == v->net->own_count || !counts(v, peer, prefix.address.family))
        return;
    if (prefix_equal(v->net->own[own].prefix, prefix))
        change_cell(v, now, own, peer);
    else
        change_more(v, now, own, prefix);
}

void visibility_complete(struct visibility *v, struct mono now, uint32_t peer, enum family family)
{
    for (uint32_t own = 0; own < v->net->own_count; own++) {
        if (v->net->own[own].prefix.address.family == family)
            wait_for(v, now, own, peer);
    }
}

static void forget_cell(struct visibility *v, struct mono now, uint32_t own, uint32_t peer)
{
    struct cell *cell = cell_at(v, own, peer);
    cell->known = false;
    cell->current = (struct rib_sight){0};
    cell->last_at = now;
    if (cell->gone_told)
        tell_gone(v, own, peer, false);
    if (cell->foreign_told)
        tell_foreign(v, own, peer, false);
}

void visibility_forget(struct visibility *v, struct mono now, uint32_t peer)
{
    for (uint32_t own = 0; own < v->net->own_count; own++)
        forget_cell(v, now, own, peer);
    for (uint32_t i = 0; i < v->more_count; i++)
        look_at_more(v, now, &v->more[i]);
}

void visibility_close(struct visibility *v, struct mono now, uint32_t peer)
{
    visibility_forget(v, now, peer);
    for (uint32_t own = 0; own < v->net->own_count; own++) {
        struct cell *cell = cell_at(v, own, peer);
        *cell = (struct cell){.waiting = cell->waiting, .changed_at = cell->changed_at};
    }
}

void visibility_tick(struct visibility *v, struct mono now)
{
    while (v->queue_count > 0) {
        uint32_t index = v->queue[v->queue_first];
        const struct cell *cell = &v->cells[index];
        if (mono_since_ns(now, cell->changed_at) < (int64_t)VISIBILITY_SETTLE_MS * NS_PER_MS)
            break;
        v->queue_first = (v->queue_first + 1) % v->cell_count;
        v->queue_count--;
        settle(v, index / RIB_PEERS_MAX, index % RIB_PEERS_MAX);
    }
    for (uint32_t own = 0; own < v->net->own_count; own++) {
        if (!v->owns[own].changed)
            continue;
        struct census census = count_tables(v, own);
        tell_in_all(v, own, census);
        tell_from_outside(v, own, census);
        v->owns[own].changed = false;
    }
    let_go_of_more(v, now);
}

enum visibility_state visibility_state(const struct visibility *v, uint32_t own, uint32_t peer)
{
    const struct cell *cell = cell_at(v, own, peer);
    if (cell->current.present)
        return VISIBILITY_PRESENT;
    return cell->known ? VISIBILITY_ABSENT : VISIBILITY_UNKNOWN;
}

uint64_t visibility_flaps(const struct visibility *v, uint32_t own)
{
    return v->owns[own].flaps;
}

const struct visibility_entry *visibility_history(const struct visibility *v, uint32_t n)
{
    if (n >= v->history_count || n >= VISIBILITY_HISTORY_MAX)
        return NULL;
    return &v->history[(v->history_count - 1 - n) % VISIBILITY_HISTORY_MAX];
}
