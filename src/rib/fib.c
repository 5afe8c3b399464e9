// SPDX-License-Identifier: ISC
#include "rib/fib.h"

#include "rib/fib_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { USUAL_METRIC = 20 };  // FRR's for BGP; from the first dump on, what most routes have

struct fib *fib_new(struct rib *rib, const struct fib_options *options, struct siphash_key key)
{
    struct fib *fib = calloc(1, sizeof *fib);
    if (!fib)
        return NULL;
    fib->rib = rib;
    fib->options = *options;
    fib->loc_rib = RIB_NO_PEER;
    fib->dumping = KERNEL_PARTS;
    fib->epoch = 1;
    snprintf(fib->why_not, sizeof fib->why_not, "not read yet");
    for (enum family family = FAMILY_NONE; family < FAMILIES; family++)
        fib->tables[family] = fib->filling[family] = (struct fib_table){RIB_NO_PEER, USUAL_METRIC};
    fib_state_init(&fib->state, key);
    keyed_init(&fib->next_hops, sizeof(struct fib_next_hop), sizeof(struct fib_next_hop_key),
               FIB_NEXT_HOPS_MAX, key);
    keyed_init(&fib->suspects, sizeof(struct fib_suspect), sizeof(struct fib_key), FIB_SUSPECTS_MAX,
               key);
    fib_must_resync(fib);
    return fib;
}

static void close_table(struct fib *fib, struct fib_table *table)
{
    if (table->peer != RIB_NO_PEER)
        rib_peer_close(fib->rib, table->peer);
    table->peer = RIB_NO_PEER;
}

static void close_tables(struct fib *fib)
{
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        close_table(fib, &fib->tables[family]);
        close_table(fib, &fib->filling[family]);
    }
    fib_route_forget(fib->rib, &fib->ways);
}

void fib_free(struct fib *fib)
{
    if (!fib)
        return;
    close_tables(fib);
    fib_state_done(&fib->state);
    keyed_done(&fib->next_hops);
    keyed_done(&fib->suspects);
    free(fib);
}

void fib_audit_soon(struct fib *fib, struct mono now)
{
    struct mono soon = mono_add_ms(now, FIB_AUDIT_SOON_MS);
    if (!mono_reached(soon, fib->audit_at))
        fib->audit_at = soon;
}

static bool is_routes(enum kernel_part part)
{
    return part == KERNEL_ROUTES_IPV4 || part == KERNEL_ROUTES_IPV6;
}

static enum family family_of(enum kernel_part part)
{
    return part == KERNEL_ROUTES_IPV4 ? FAMILY_IPV4 : FAMILY_IPV6;
}

bool fib_wants_dump(const struct fib *fib, struct mono now, enum kernel_part *part)
{
    if (fib->dumping != KERNEL_PARTS || !mono_reached(now, fib->ask_at))
        return false;
    for (*part = 0; *part < KERNEL_PARTS; (*part)++) {
        if (fib->wants[*part])
            return true;
    }
    return false;
}

void fib_dump_begins(struct fib *fib, enum kernel_part part)
{
    fib->dumping = part;
    fib_state_dump_begins(&fib->state, part);
    if (!is_routes(part))
        return;
    struct fib_table *filling = &fib->filling[family_of(part)];
    close_table(fib, filling);
    filling->peer = rib_peer_open(fib->rib, RIB_PEER_FIB);
    fib->ways.lead = 0;
    if (filling->peer == RIB_NO_PEER)
        snprintf(fib->why_not, sizeof fib->why_not, "too many tables are held");
}

enum kernel_part fib_dumping(const struct fib *fib)
{
    return fib->dumping;
}

static bool are_all_read(const struct fib *fib)
{
    for (enum kernel_part part = 0; part < KERNEL_PARTS; part++) {
        if (!fib->is_read[part])
            return false;
    }
    return true;
}

void fib_dump_ends(struct fib *fib, struct mono now, enum kernel_part part, bool is_whole)
{
    fib->dumping = KERNEL_PARTS;
    fib->wants[part] = !is_whole;
    if (!is_whole) {
        fib->ask_at = mono_add_ms(now, FIB_AUDIT_SOON_MS);
        if (is_routes(part)) {
            fib_route_forget(fib->rib, &fib->ways);
            close_table(fib, &fib->filling[family_of(part)]);
        }
        return;
    }
    fib_state_dump_ends(&fib->state, part);
    fib->is_read[part] = true;
    fib->epoch++;
    fib->rules_wanted = true;
    if (is_routes(part) && fib->filling[family_of(part)].peer != RIB_NO_PEER) {
        enum family family = family_of(part);
        fib_route_flush(fib->rib, &fib->ways, &fib->filling[family]);
        fib_route_forget(fib->rib, &fib->ways);
        if (fib->tables[family].peer != RIB_NO_PEER && fib->things > 0)
            fib_carry_ghosts(fib, family);
        close_table(fib, &fib->tables[family]);
        fib->tables[family] = fib->filling[family];
        fib->filling[family] = (struct fib_table){RIB_NO_PEER, fib->ways.common};
        fib->audits[family]++;
        fib_walk_soon(fib, now);
    }
    if (!fib->is_known && are_all_read(fib)) {
        fib->is_known = true;
        fib->audit_at = mono_add_ns(now, (int64_t)FIB_AUDIT_S * NS_PER_S);
        fib_walk_soon(fib, now);
    }
}

void fib_must_resync(struct fib *fib)
{
    for (enum kernel_part part = 0; part < KERNEL_PARTS; part++)
        fib->wants[part] = true;
}

void fib_lost(struct fib *fib, struct mono now, const char *why)
{
    fib_suspects_forget(fib, now, why);
    close_tables(fib);
    struct siphash_key key = fib->suspects.hash_key;
    fib_state_done(&fib->state);
    fib_state_init(&fib->state, key);
    keyed_clear(&fib->next_hops);
    fib->epoch++;
    fib->is_known = false;
    fib->dumping = KERNEL_PARTS;
    fib->walk_wanted = fib->rules_wanted = false;
    fib->walk_family = FAMILY_NONE;
    memset(fib->is_read, 0, sizeof fib->is_read);
    snprintf(fib->why_not, sizeof fib->why_not, "%s", why);
    fib_must_resync(fib);
}

// What is kept of the kernel's route with this prefix and metric; false: nothing.
static bool find_route(const struct fib *fib, const struct fib_table *table,
                       const struct kernel_route *like, struct fib_route *route)
{
    struct rib_path path;
    for (struct rib_paths paths = rib_peer_paths(fib->rib, table->peer, like->prefix);
         rib_paths_next(&paths, &path);) {
        if (path.path_id != fib_path_id(table, like->metric))
            continue;
        fib_route_read(fib->rib, table, &path, route);
        return true;
    }
    return false;
}

static bool are_same_hops(const struct fib_route *a, const struct fib_route *b)
{
    if (a->hop_count != b->hop_count)
        return false;
    for (uint8_t i = 0; i < a->hop_count; i++) {
        if (a->hops[i].link != b->hops[i].link ||
            !address_equal(a->hops[i].gateway, b->hops[i].gateway))
            return false;
    }
    return true;
}

// A route goes. Of two IPv4 routes with one prefix and metric (`ip route append`) we know the first
// only, and an IPv6 route can lose some of its hops: the message says which.
static void route_goes(struct fib *fib, struct mono now, const struct fib_table *table,
                       const struct kernel_route *route)
{
    struct fib_route known, gone = fib_route_of(route, &fib->state);
    if (!find_route(fib, table, route, &known))
        return;
    const struct fib_nexthop *object = fib_nexthop(&fib->state, known.nexthop);
    if (known.nexthop != 0 && known.nexthop == route->nexthop && object && object->is_gone)
        return;  // it went with its object, and that is what is to be told
    bool is_ipv4 = route->prefix.address.family == FAMILY_IPV4;
    bool is_it = known.type == gone.type && known.protocol == gone.protocol &&
                 known.nexthop == gone.nexthop && are_same_hops(&known, &gone);
    if (!is_it && is_ipv4) {
        fib_audit_soon(fib, now);
        return;
    }
    if (!is_it && gone.hop_count > 0)
        fib_route_lose_hops(&known, &gone);
    if (!is_it && gone.hop_count > 0 && known.hop_count > 0)
        fib_route_learn(fib->rib, table, route->prefix, &known);
    else
        rib_withdraw(fib->rib, table->peer, route->prefix, fib_path_id(table, route->metric));
}

// A route that is back lays the ghosts of its prefix.
static void lay_ghosts(struct fib *fib, const struct fib_table *table, struct prefix prefix)
{
    struct rib_path path;
    struct fib_route route;
    for (struct rib_paths paths = rib_peer_paths(fib->rib, table->peer, prefix);
         rib_paths_next(&paths, &path);) {
        fib_route_read(fib->rib, table, &path, &route);
        if (!fib_is_ghost(fib, &route))
            continue;
        rib_withdraw(fib->rib, table->peer, prefix, path.path_id);
        paths = rib_peer_paths(fib->rib, table->peer, prefix);
    }
}

static void route_comes(struct fib *fib, const struct fib_table *table,
                        const struct kernel_route *route, bool is_appended)
{
    struct fib_route known, kept;
    bool is_ipv4 = route->prefix.address.family == FAMILY_IPV4;
    if (is_appended && is_ipv4 && find_route(fib, table, route, &known))
        return;  // behind the one that forwards
    kept = fib_route_of(route, &fib->state);
    fib_route_learn(fib->rib, table, route->prefix, &kept);
    if (fib->things > 0)
        lay_ghosts(fib, table, route->prefix);
}

// A change, to the table as it is known and as a dump under way tells it.
static void change_route(struct fib *fib, struct mono now, const struct kernel_message *m)
{
    enum family family = m->route.prefix.address.family;
    const struct fib_table *tables[] = {&fib->filling[family], &fib->tables[family]};
    if (fib->filling[family].peer != RIB_NO_PEER)
        fib_route_flush(fib->rib, &fib->ways, &fib->filling[family]);
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        if (tables[i]->peer != RIB_NO_PEER && m->is_gone)
            route_goes(fib, now, tables[i], &m->route);
        else if (tables[i]->peer != RIB_NO_PEER)
            route_comes(fib, tables[i], &m->route, m->is_appended);
    }
}

static void hear_dumped_route(struct fib *fib, const struct kernel_route *route)
{
    const struct fib_table *filling = &fib->filling[route->prefix.address.family];
    if (filling->peer != RIB_NO_PEER)
        fib_route_gather(fib->rib, &fib->ways, filling, route, &fib->state);
}

static void look(struct fib *fib, struct mono now, struct prefix prefix,
                 const struct fib_cause *cause)
{
    struct fib_view view;
    fib_compare(fib, prefix, &view);
    fib_suspect_prefix(fib, now, &view, cause);
    if (fib->things > 0)
        fib_walk_soon(fib, now);  // this may have been the last of its prefixes
}

static void hear_route(struct fib *fib, struct mono now, const struct kernel_message *m)
{
    if (m->route.is_narrow)
        return;
    if (m->route.table != fib->options.table) {
        fib->rules_wanted |= fib_state_hear(&fib->state, m);
        return;
    }
    if (m->is_dumped) {
        hear_dumped_route(fib, &m->route);
        return;
    }
    change_route(fib, now, m);
    if (!fib->is_known)
        return;
    if (fib_bears_next_hops(fib, m->route.prefix)) {
        fib->epoch++;
        fib_walk_soon(fib, now);
    }
    look(fib, now, m->route.prefix, &(struct fib_cause){.by_kernel = true, .port = m->port});
}

// Their routes go without a word for each (IPv4), so they themselves are under suspicion; the next
// walk sees whether BGP misses anything by it.
static void hear_nexthop(struct fib *fib, struct mono now, const struct kernel_message *m)
{
    bool was_known = fib_nexthop(&fib->state, m->nexthop.id);
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        if (fib->filling[family].peer != RIB_NO_PEER)
            fib_route_flush(fib->rib, &fib->ways, &fib->filling[family]);
    }
    fib_route_forget(fib->rib, &fib->ways);
    if (!fib_state_hear(&fib->state, m))
        return;
    fib->epoch++;
    if (!fib->is_known || m->is_dumped || !was_known)
        return;
    fib_walk_soon(fib, now);
    if (m->is_gone) {
        struct fib_view view = {.verdict = FIB_NEXTHOP_GONE, .number = m->nexthop.id};
        fib_suspect_object(fib, now, &view);
        fib_audit_soon(fib, now);
    }
}

static void hear_link(struct fib *fib, struct mono now, const struct kernel_message *m)
{
    if (!fib_state_hear(&fib->state, m))
        return;
    fib->epoch++;
    if (!fib->is_known || m->is_dumped)
        return;
    fib_walk_soon(fib, now);
    if (!m->link.is_up || m->is_gone)
        fib_audit_soon(fib, now);  // the kernel drops IPv4 routes over it, silently
}

void fib_hear(struct fib *fib, struct mono now, const struct kernel_message *m)
{
    switch (m->kind) {
    case KERNEL_ROUTE:
        hear_route(fib, now, m);
        return;
    case KERNEL_NEXTHOP:
        hear_nexthop(fib, now, m);
        return;
    case KERNEL_LINK:
        hear_link(fib, now, m);
        return;
    case KERNEL_RULE:
        fib->rules_wanted |= fib_state_hear(&fib->state, m);
        return;
    case KERNEL_NEIGHBOUR:
        if (fib_state_hear(&fib->state, m) && fib->is_known)
            fib_check_neighbours(fib, now);
        return;
    case KERNEL_DONE:
    case KERNEL_ERROR:
    case KERNEL_KINDS:
        return;
    }
}

static bool knows_choice(const struct fib *fib, enum family family)
{
    return rib_peer_is_complete(fib->rib, fib->options.router, family) ||
           (fib->loc_rib != RIB_NO_PEER && rib_peer_is_complete(fib->rib, fib->loc_rib, family));
}

void fib_path_changed(struct fib *fib, struct mono now, struct prefix prefix,
                      struct address withdrawn)
{
    if (fib->is_known && knows_choice(fib, prefix.address.family))
        look(fib, now, prefix, &(struct fib_cause){.by_bgp = true, .withdrawn = withdrawn});
}

void fib_tables_changed(struct fib *fib, struct mono now)
{
    if (!knows_choice(fib, FAMILY_IPV4) && !knows_choice(fib, FAMILY_IPV6))
        fib_suspects_forget(fib, now, "no longer known: the router's table is not complete");
    fib_walk_soon(fib, now);
}

void fib_set_loc_rib(struct fib *fib, uint32_t peer)
{
    fib->loc_rib = peer;
}

uint32_t fib_loc_rib(const struct fib *fib)
{
    return fib->loc_rib;
}

bool fib_turn(struct fib *fib, struct mono now)
{
    if (!fib->is_known)
        return false;
    if (mono_reached(now, fib->audit_at)) {
        fib_must_resync(fib);
        fib->audit_at = mono_add_ns(now, (int64_t)FIB_AUDIT_S * NS_PER_S);
    }
    bool is_walking = fib_walk(fib, now);
    if (fib->rules_wanted) {
        fib->rules_wanted = false;
        fib_check_rules(fib, now);
    }
    if (mono_since_ns(now, fib->turned_at) >= (int64_t)FIB_TURN_MS * NS_PER_MS) {
        fib->turned_at = now;
        fib_suspects_turn(fib, now);
    }
    return is_walking;
}

const char *fib_why_unknown(const struct fib *fib)
{
    if (!fib->is_known)
        return fib->why_not;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        if (rib_peer_is_partial(fib->rib, fib->tables[family].peer))
            return "its table does not fit into memory";
    }
    return NULL;
}

struct fib_summary fib_summary(const struct fib *fib)
{
    struct fib_summary summary = {.counts = fib->counts, .compared_at = fib->compared_at};
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        uint32_t peer = fib->tables[family].peer;
        if (peer != RIB_NO_PEER)
            summary.routes[family] = rib_route_count(fib->rib, peer, family);
    }
    for (uint32_t place = 0; place < fib->suspects.count; place++) {
        const struct fib_suspect *s = keyed_at(&fib->suspects, place);
        summary.found[s->verdict] += s->is_told;
    }
    return summary;
}

bool fib_next(const struct fib *fib, uint32_t *place, struct fib_finding *finding)
{
    while (*place < fib->suspects.count) {
        const struct fib_suspect *s = keyed_at(&fib->suspects, (*place)++);
        if (!s->is_told)
            continue;
        fib_suspect_finding(fib, s, finding);
        return true;
    }
    return false;
}
