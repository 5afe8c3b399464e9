// SPDX-License-Identifier: ISC
#include "detect/components_inside.h"

#include "base/random.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// How many things must be named: what needs more is less likely (detection.md 3.3).
static const uint8_t attributes[KINDS] = {
    [KIND_SITE] = 1,
    [KIND_MEMBER] = 1,
    [KIND_UPSTREAM] = 1,
    [KIND_ROUTER] = 1,
    [KIND_PATH] = 2,
    [KIND_ROUTER_FAMILY] = 2,
    [KIND_FAMILY] = 1,
    [KIND_LINK] = 1,
    [KIND_LINK_FAMILY] = 2,
    [KIND_HAIRPIN] = 2,
    [KIND_HAIRPIN_FAMILY] = 3,
    [KIND_TARGET] = 1,
    [KIND_TARGET_FAMILY] = 2,
    [KIND_PROTOCOL_UPSTREAM] = 2,
    [KIND_PROTOCOL_PATH] = 3,
    [KIND_PROTOCOL] = 1,
    [KIND_DSCP_UPSTREAM] = 2,
    [KIND_DSCP_PATH] = 3,
    [KIND_DSCP] = 1,
    [KIND_SIZE_UPSTREAM] = 2,
    [KIND_SIZE_PATH] = 3,
    [KIND_SIZE] = 1,
    [KIND_UPSTREAM_TARGET] = 2,
    [KIND_PATH_TARGET] = 3,
    [KIND_PLACE] = 1,
    [KIND_PLACE_FAMILY] = 2,
    [KIND_PLACE_UPSTREAM] = 2,
    [KIND_PLACE_PATH] = 3,
    [KIND_HOP] = 1,
};

static void find_sizes(struct components *c)
{
    for (uint32_t f = 0; f < c->flow_count; f++) {
        uint16_t size = c->flows[f].size_bytes;
        bool known = size == 0;
        for (uint32_t i = 0; i < c->size_count; i++)
            known |= c->sizes[i] == size;
        if (!known && c->size_count < SIZES_MAX)
            c->sizes[c->size_count++] = size;
    }
}

// With several nobody knows which of them a packet takes.
static void find_links(struct components *c)
{
    for (uint32_t u = 0; u < c->net->upstream_count; u++) {
        uint32_t found = 0;
        for (uint32_t l = 0; l < c->net->link_count; l++)
            if (net_link_carries(c->net, &c->net->links[l], u) && found++ == 0)
                c->link_of[u] = l;
        if (found != 1)
            c->link_of[u] = NET_NOBODY;
    }
}

// Without hops, flows in a row that look alike have one list.
static bool looks_alike(const struct flow *a, const struct flow *b)
{
    return a->path == b->path && a->target == b->target && a->use == b->use && a->dscp == b->dscp &&
           a->size_bytes == b->size_bytes;
}

static bool make_lists(struct components *c)
{
    uint32_t others = c->unit_count - c->flow_count;
    for (uint32_t f = 0; f < c->flow_count; f++)
        others += f == 0 || !looks_alike(&c->flows[f - 1], &c->flows[f]);
    c->traced_max = COMPONENTS_TRACED_MIN + c->unit_count / COMPONENTS_TRACED_SHARE;
    return lists_init(&c->lists, others + c->traced_max, COMPONENTS_OF_FLOW_MAX);
}

struct components *components_new(const struct net *net, const struct flow *flows, uint32_t count)
{
    struct components *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->net = net;
    c->flows = flows;
    c->flow_count = count;
    c->path_count = net_path_count(net);
    c->unit_count = count + c->path_count * net->target_count;
    c->ways = calloc(count + 1, sizeof *c->ways);
    c->members = calloc(c->unit_count + 1, sizeof *c->members);
    c->has = calloc(c->unit_count / 64 + 1, sizeof *c->has);
    if (!c->ways || !c->members || !c->has || !make_lists(c)) {
        components_free(c);
        return NULL;
    }
    find_sizes(c);
    find_links(c);
    components_find_places(c);
    c->stale = true;
    components_renew(c);
    return c;
}

void components_free(struct components *c)
{
    if (!c)
        return;
    free(c->ways);
    free(c->members);
    free(c->has);
    lists_done(&c->lists);
    free(c);
}

// ---- which components there are

struct unit {
    uint32_t number;
    struct net_path path;
    uint16_t path_number;
    const struct flow *flow;  // NULL: of a whole path and target
    uint32_t target;
    const struct way *way;  // NULL: nothing is known of its hops, or too much of others'
    uint32_t member_count;
    uint16_t members[COMPONENTS_OF_FLOW_MAX + 1];
};

static bool is_hairpin(const struct unit *unit)
{
    return unit->flow && unit->flow->use == FLOW_HAIRPIN;
}

// The link that it goes by; NET_NOBODY.
static uint32_t link_of(const struct components *c, const struct unit *unit)
{
    return is_hairpin(unit) ? unit->target : c->link_of[unit->path.upstream];
}

static struct component *find_or_add(struct components *c, const struct component *wanted)
{
    uint64_t key = (uint64_t)wanted->kind << 40 | (uint64_t)wanted->family << 36 |
                   (uint64_t)wanted->a << 16 | wanted->b;
    for (uint64_t at = random_mix(key + 1);; at++) {
        uint16_t *entry = &c->table[at % TABLE_SIZE];
        if (*entry == 0) {
            if (c->count == COMPONENTS_MAX)
                return NULL;
            c->items[c->count] = *wanted;
            *entry = (uint16_t)++c->count;
            return &c->items[c->count - 1];
        }
        struct component *item = &c->items[*entry - 1];
        if (item->kind == wanted->kind && item->family == wanted->family && item->a == wanted->a &&
            item->b == wanted->b)
            return item;
    }
}

static void share(struct component *item, const struct components *c, const struct unit *unit)
{
    const struct way *way = &c->ways[unit->number];
    uint16_t upstream = (uint16_t)unit->path.upstream;
    bool first = item->flows == 0;
    item->upstream = first || item->upstream == upstream ? upstream : NOBODY16;
    item->path = first || item->path == unit->path_number ? unit->path_number : NOBODY16;
    int16_t bucket = (int16_t)(way->bucket - 1), bucket_count = (int16_t)(way->bucket_count - 1);
    bool same = first || (item->bucket == bucket && item->bucket_count == bucket_count);
    item->bucket = same ? bucket : FAULT_ANY;
    item->bucket_count = same ? bucket_count : FAULT_ANY;
}

static void pass(struct components *c, struct unit *unit, const struct component *wanted)
{
    if (unit->member_count == COMPONENTS_OF_FLOW_MAX)
        return;
    struct component *item = find_or_add(c, wanted);
    if (!item)
        return;
    if (unit->flow) {
        share(item, c, unit);
        item->flows++;
        item->turned += is_hairpin(unit);
        item->signature ^= random_mix(unit->number + 1);
    }
    unit->members[unit->member_count++] = (uint16_t)(item - c->items);
}

static void pass_one(struct components *c, struct unit *unit, enum kind kind, uint32_t a,
                     uint32_t b)
{
    pass(c, unit, &(struct component){.kind = kind, .a = (uint16_t)a, .b = (uint16_t)b});
}

// The same for packets of one family.
static void pass_family(struct components *c, struct unit *unit, enum kind kind, uint32_t a,
                        uint32_t b)
{
    pass(c, unit,
         &(struct component){
             .kind = kind, .family = unit->path.family, .a = (uint16_t)a, .b = (uint16_t)b});
}

// A value of packets by itself, of an upstream and of a path.
static void pass_value(struct components *c, struct unit *unit, enum kind alone, uint32_t value)
{
    const enum kind upstream = alone - 2, path = alone - 1;
    pass_one(c, unit, alone, NOBODY16, value);
    pass_one(c, unit, upstream, unit->path.upstream, value);
    pass_family(c, unit, path, unit->path.upstream, value);
}

static_assert(KIND_PROTOCOL - KIND_PROTOCOL_UPSTREAM == 2 && KIND_DSCP - KIND_DSCP_UPSTREAM == 2 &&
                  KIND_SIZE - KIND_SIZE_UPSTREAM == 2 && KIND_SIZE - KIND_SIZE_PATH == 1,
              "pass_value() steps from one to the other");

// Of two ways at once: for crossing.h.
static bool is_crossing(const struct unit *unit)
{
    return unit->flow && unit->flow->use == FLOW_CROSSING;
}

static void pass_link(struct components *c, struct unit *unit)
{
    uint32_t link = link_of(c, unit);
    if (link == NET_NOBODY)
        return;
    pass_one(c, unit, KIND_LINK, link, 0);
    pass_family(c, unit, KIND_LINK_FAMILY, link, 0);
    if (is_hairpin(unit)) {
        pass_one(c, unit, KIND_HAIRPIN, link, 0);
        pass_family(c, unit, KIND_HAIRPIN_FAMILY, link, 0);
    }
}

// Packets that are turned around by a neighbour see nothing of what is behind it.
static void pass_near(struct components *c, struct unit *unit)
{
    uint32_t router = c->net->upstreams[unit->path.upstream].router;
    pass_one(c, unit, KIND_SITE, 0, 0);
    pass_family(c, unit, KIND_FAMILY, 0, 0);
    pass_one(c, unit, KIND_ROUTER, router, 0);
    pass_family(c, unit, KIND_ROUTER_FAMILY, router, 0);
    pass_link(c, unit);
}

static void pass_places(struct components *c, struct unit *unit)
{
    for (uint32_t level = 0; level < PLACE_LEVELS; level++) {
        uint16_t place = c->places[unit->target][level];
        if (place == NOBODY16)
            continue;
        pass_one(c, unit, KIND_PLACE, NOBODY16, place);
        pass_family(c, unit, KIND_PLACE_FAMILY, NOBODY16, place);
        pass_one(c, unit, KIND_PLACE_UPSTREAM, unit->path.upstream, place);
        pass_family(c, unit, KIND_PLACE_PATH, unit->path.upstream, place);
    }
}

static void pass_far(struct components *c, struct unit *unit)
{
    uint32_t upstream = unit->path.upstream;
    pass_one(c, unit, KIND_UPSTREAM, upstream, 0);
    pass_family(c, unit, KIND_PATH, upstream, 0);
    pass_one(c, unit, KIND_TARGET, unit->target, 0);
    pass_family(c, unit, KIND_TARGET_FAMILY, unit->target, 0);
    pass_one(c, unit, KIND_UPSTREAM_TARGET, upstream, unit->target);
    pass_family(c, unit, KIND_PATH_TARGET, upstream, unit->target);
    pass_value(c, unit, KIND_PROTOCOL, c->net->targets[unit->target].protocol);
    if (unit->flow && unit->flow->dscp)  // class 0 is nearly all, and would be as likely as all
        pass_value(c, unit, KIND_DSCP, unit->flow->dscp);
    for (uint32_t i = 0; unit->flow && i < c->size_count; i++)
        if (unit->flow->size_bytes >= c->sizes[i])
            pass_value(c, unit, KIND_SIZE, c->sizes[i]);
    pass_places(c, unit);
}

static void pass_hops(struct components *c, struct unit *unit)
{
    for (uint32_t i = 0; unit->way && i < COMPONENTS_HOPS_MAX; i++)
        if (hop_of(unit->way, i) != NOBODY16)
            pass(c, unit,
                 &(struct component){.kind = KIND_HOP,
                                     .family = unit->path.family,
                                     .a = hop_of(unit->way, i),
                                     .ttl = (uint8_t)i});
}

static bool is_link_of(const struct net_member *member, const struct net_link *link)
{
    return member->link[0] &&
           (strcmp(member->link, link->name) == 0 || strcmp(member->link, link->device) == 0);
}

static bool passes_member(const struct components *c, const struct unit *unit,
                          const struct net_member *member)
{
    uint32_t link = link_of(c, unit);
    if (!is_hairpin(unit) && member->upstreams >> unit->path.upstream & 1)
        return true;
    if (link != NET_NOBODY && is_link_of(member, &c->net->links[link]))
        return true;
    for (uint32_t i = 0; unit->way && i < COMPONENTS_HOPS_MAX; i++) {
        uint16_t hop = hop_of(unit->way, i);
        for (uint32_t p = 0; hop != NOBODY16 && p < member->hops.count; p++)
            if (prefix_contains_address(member->hops.items[p], c->hops.all[hop]))
                return true;
    }
    return false;
}

static void pass_groups(struct components *c, struct unit *unit)
{
    for (uint32_t g = 0; g < c->net->group_count; g++) {
        const struct net_group *group = &c->net->groups[g];
        bool any = false;
        for (uint32_t m = 0; m < group->member_count; m++) {
            bool passes = passes_member(c, unit, &group->members[m]);
            any |= passes;
            if (passes && group->kind == NET_REDUNDANCY)
                pass_one(c, unit, KIND_MEMBER, g, m);
        }
        if (any && group->kind == NET_SHARED_RISK)
            pass_one(c, unit, KIND_MEMBER, g, NOBODY16);
    }
}

static const struct way *way_of(const struct components *c, const struct unit *unit)
{
    if (!unit->flow || c->traced == c->traced_max)
        return NULL;
    const struct way *way = &c->ways[unit->number];
    for (uint32_t i = 0; i < COMPONENTS_HOPS_MAX; i++)
        if (hop_of(way, i) != NOBODY16)
            return way;
    return NULL;
}

static void pass_all(struct components *c, struct unit *unit)
{
    unit->path = net_path(c->net, unit->path_number);
    unit->way = way_of(c, unit);
    if (unit->path.upstream == NET_NOBODY || is_crossing(unit) ||
        unit->target >= (is_hairpin(unit) ? c->net->link_count : c->net->target_count))
        return;
    c->path_flows[unit->path_number] += unit->flow && !is_hairpin(unit);
    pass_near(c, unit);
    pass_groups(c, unit);
    if (!is_hairpin(unit))
        pass_far(c, unit);
    pass_hops(c, unit);
}

static void pass_and_keep(struct components *c, struct unit *unit)
{
    pass_all(c, unit);
    uint32_t count = c->lists.count;
    unit->members[unit->member_count] = LOCALISE_NOBODY;
    uint32_t list = lists_keep(&c->lists, unit->members);
    assert(list != LISTS_NOWHERE);
    c->members[unit->number] = list;
    if (list != 0)  // where the empty one is; the configuration alone says who passes nothing
        c->has[unit->number / 64] |= UINT64_C(1) << unit->number % 64;
    c->traced += unit->way && c->lists.count > count;
}

// ---- which of them can be told apart

static int compare(const void *a, const void *b, void *context)
{
    const struct components *c = context;
    uint16_t ia = *(const uint16_t *)a, ib = *(const uint16_t *)b;
    const struct component *x = &c->items[ia], *y = &c->items[ib];
    if (x->signature != y->signature)
        return x->signature < y->signature ? -1 : 1;
    if (x->flows != y->flows)
        return x->flows < y->flows ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->ttl != y->ttl)
        return x->ttl < y->ttl ? -1 : 1;
    return ia < ib ? -1 : 1;
}

// Of those with the same flows the first in the order of preference stands for all. One that only
// paths as a whole pass, because no flow of them is probed, stands for itself.
static void find_same(struct components *c)
{
    for (uint32_t i = 0; i < c->count; i++)
        c->sorted[i] = c->same_as[i] = (uint16_t)i;
    qsort_r(c->sorted, c->count, sizeof c->sorted[0], compare, c);
    for (uint32_t i = 1; i < c->count; i++) {
        const struct component *item = &c->items[c->sorted[i]];
        const struct component *before = &c->items[c->sorted[i - 1]];
        if (item->flows > 0 && item->signature == before->signature && item->flows == before->flows)
            c->same_as[c->sorted[i]] = c->same_as[c->sorted[i - 1]];
    }
}

static void keep_one_of_each(struct components *c)
{
    for (uint32_t at = 0, next; at != LISTS_NOWHERE; at = next) {
        uint16_t *members = lists_at(&c->lists, at);
        uint32_t kept = 0;
        next = lists_after(&c->lists, at);
        for (uint32_t i = 0; members[i] != LOCALISE_NOBODY; i++)
            if (c->same_as[members[i]] == members[i])
                members[kept++] = members[i];
        members[kept] = LOCALISE_NOBODY;
    }
}

static void set_priors(struct components *c)
{
    uint32_t of_kind[KINDS] = {0};
    for (uint32_t i = 0; i < c->count; i++)
        of_kind[c->items[i].kind] += c->same_as[i] == i;
    for (uint32_t i = 0; i < c->count; i++)
        c->prior_nats[i] =
            localise_prior_nats(of_kind[c->items[i].kind] + 1, attributes[c->items[i].kind]);
}

bool components_renew(struct components *c)
{
    if (!c->stale)
        return false;
    memset(c->table, 0, sizeof c->table);
    memset(c->path_flows, 0, sizeof c->path_flows);
    c->count = c->traced = 0;
    lists_clear(&c->lists);
    for (uint32_t f = 0; f < c->flow_count; f++)
        pass_and_keep(c, &(struct unit){.number = f,
                                        .path_number = (uint16_t)c->flows[f].path,
                                        .flow = &c->flows[f],
                                        .target = c->flows[f].target});
    uint32_t targets = c->net->target_count;
    for (uint32_t g = 0; g < c->path_count * targets; g++)
        pass_and_keep(c, &(struct unit){.number = c->flow_count + g,
                                        .path_number = (uint16_t)(g / targets),
                                        .target = g % targets});
    find_same(c);
    keep_one_of_each(c);
    set_priors(c);
    c->stale = false;
    return true;
}

// ---- what others ask

uint32_t components_count(const struct components *c)
{
    return c->count;
}

const double *components_prior_nats(const struct components *c)
{
    return c->prior_nats;
}

const uint16_t *components_of(const struct components *c, uint32_t flow)
{
    return lists_at(&c->lists, c->members[flow]);
}

bool components_has(const struct components *c, uint32_t flow)
{
    return c->has[flow / 64] >> flow % 64 & 1;
}

uint32_t components_of_group(const struct components *c, uint32_t path, uint32_t target)
{
    return c->flow_count + path * c->net->target_count + target;
}

uint32_t components_flows(const struct components *c, uint32_t component)
{
    return c->items[component].flows;
}

static uint32_t find(const struct components *c, enum kind kind, enum family family, uint16_t a,
                     uint16_t b)
{
    for (uint32_t i = 0; i < c->count; i++)
        if (c->items[i].kind == kind && c->items[i].family == family && c->items[i].a == a &&
            c->items[i].b == b)
            return i;
    return LOCALISE_NOBODY;
}

uint32_t components_counterpart(const struct components *c, uint32_t component)
{
    const struct component *item = &c->items[component];
    if (item->family == FAMILY_NONE || item->kind == KIND_HOP)
        return LOCALISE_NOBODY;
    enum family other = item->family == FAMILY_IPV4 ? FAMILY_IPV6 : FAMILY_IPV4;
    return find(c, item->kind, other, item->a, item->b);
}

bool components_is_turned(const struct components *c, uint32_t component)
{
    const struct component *item = &c->items[component];
    return item->flows > 0 && item->turned == item->flows;
}

// Of a path, of an upstream, of the site: as far as all flows of the component share it.
static uint32_t whole_of(const struct components *c, const struct component *item)
{
    uint32_t flows = 0;
    for (uint32_t p = 0; p < c->path_count; p++)
        if ((item->path == NOBODY16 || item->path == p) &&
            (item->upstream == NOBODY16 || item->upstream == net_path(c->net, p).upstream))
            flows += c->path_flows[p];
    return flows;
}

uint32_t components_share_ppm(const struct components *c, uint32_t component)
{
    const struct component *item = &c->items[component];
    uint32_t whole = whole_of(c, item), flows = item->flows - item->turned;
    return whole == 0 ? 0 : (uint32_t)(flows * UINT64_C(1000000) / whole);
}
