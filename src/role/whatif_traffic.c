// SPDX-License-Identifier: ISC
#include "role/whatif_traffic.h"

#include "base/amount.h"

#include <string.h>

enum { ITEMS_PER_STEP = 64 };  // some 8 us each

// ---- spans

static struct whatif_span add(struct whatif_span a, struct whatif_span b)
{
    bool known = a.most >= 0 && b.most >= 0;
    return (struct whatif_span){a.least + b.least, known ? a.most + b.most : WHATIF_UNKNOWN};
}

// What is more than `bps`.
static struct whatif_span above(struct whatif_span span, int64_t bps)
{
    int64_t most = span.most < 0 ? WHATIF_UNKNOWN : amount_higher(span.most - bps, 0);
    return (struct whatif_span){amount_higher(span.least - bps, 0), most};
}

static struct whatif_span no_more_than(struct whatif_span span, struct whatif_span all)
{
    if (all.most >= 0 && (span.most < 0 || span.most > all.most))
        span.most = all.most;
    return span;
}

// ---- what is told by prefix

void whatif_traffic_init(struct whatif_traffic *t, const struct net *net,
                         const struct traffic *traffic, struct whatif_drain drain)
{
    *t = (struct whatif_traffic){.net = net,
                                 .traffic = traffic,
                                 .drained = drain.upstreams,
                                 .comes_in_elsewhere = drain.routers != 0};
    for (uint32_t u = 0; u < net->upstream_count; u++)
        if (drain.routers >> net->upstreams[u].router & 1)
            t->drained |= UINT64_C(1) << u;
}

static void take(struct whatif_traffic *t, const struct whatif_fate *fate,
                 const struct traffic_item *item)
{
    enum family family = item->prefix.address.family;
    bool all_leaves = fate->drained == fate->before;
    bool one_way = (fate->after & (fate->after - 1)) == 0;
    struct whatif_span leaves = {all_leaves ? item->bps : 0, item->bps};
    struct whatif_span to = {one_way ? leaves.least : 0, item->bps};
    t->leaves = add(t->leaves, leaves);
    if (fate->drained & ~t->drained) {
        bool all_beside = all_leaves && !(fate->drained & t->drained);
        t->beside = add(t->beside, (struct whatif_span){all_beside ? item->bps : 0, item->bps});
    }
    t->targets |= fate->after;
    if (fate->after == 0)
        t->lost = add(t->lost, leaves);
    for (uint64_t left = fate->after; left; left &= left - 1) {
        struct whatif_span *way = &t->to[__builtin_ctzll(left)][family];
        *way = add(*way, to);
    }
}

bool whatif_traffic_step(struct whatif_traffic *t, struct whatif *w)
{
    struct whatif_fate fate;
    for (int n = 0; n < ITEMS_PER_STEP && t->next < t->traffic->count; n++) {
        const struct traffic_item *item = &t->traffic->items[t->next++];
        if (whatif_fate(w, item->prefix, &fate) && fate.drained)
            take(t, &fate, item);
    }
    return t->next < t->traffic->count;
}

// ---- all that leaves

// Counters say how much leaves by the drained upstreams, flows how much goes to which prefix, also
// of what leaves beside them, where nothing is counted.
static void reckon_all(struct whatif_traffic *t)
{
    int64_t carried = 0;
    for (uint64_t left = t->drained; left; left &= left - 1) {
        int64_t bps = t->traffic->upstreams[__builtin_ctzll(left)].use_bps;
        carried = bps < 0 || carried < 0 ? -1 : carried + bps;
    }
    int64_t least = amount_higher(amount_higher(carried, 0) + t->beside.least, t->leaves.least);
    int64_t most = amount_higher(carried + t->beside.most, least);
    t->all = (struct whatif_span){least, carried < 0 ? WHATIF_UNKNOWN : most};
    t->rest = above(t->all, t->leaves.least);
}

void whatif_traffic_end(struct whatif_traffic *t, const struct whatif *w)
{
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        const struct whatif_counts *counts = whatif_counts(w, family);
        for (uint32_t way = 0; way < WHATIF_WAYS; way++)
            t->targets |= (uint64_t)(counts->gained[way] > 0) << way;
        t->any_lost |= counts->lost > 0;
    }
    for (uint32_t u = 0; u < t->net->upstream_count && t->comes_in_elsewhere; u++)
        t->targets |= UINT64_C(1) << u & ~t->drained;
    reckon_all(t);
}

// Of the rest that one of those that could get it gets.
static struct whatif_span share_of(const struct whatif_traffic *t, bool could, bool alone)
{
    return (struct whatif_span){could && alone ? t->rest.least : 0, could ? t->rest.most : 0};
}

static struct whatif_span untold_to(const struct whatif_traffic *t, uint32_t way)
{
    bool alone = (t->targets & (t->targets - 1)) == 0 && !t->any_lost;
    return share_of(t, t->targets >> way & 1, alone);
}

static struct whatif_span gains_of(const struct whatif_traffic *t, uint32_t way)
{
    struct whatif_span gains = untold_to(t, way);
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        gains = add(gains, t->to[way][family]);
    return no_more_than(gains, t->all);
}

static struct whatif_span no_way(const struct whatif_traffic *t)
{
    return no_more_than(add(t->lost, share_of(t, t->any_lost, t->targets == 0)), t->all);
}

// ---- what comes of it

struct verdict {
    bool known;  // capacity and use
    struct whatif_span after, over;
};

static struct traffic_upstream upstream_of(const struct whatif_traffic *t, uint32_t way)
{
    static const struct traffic_upstream unknown = {-1, -1, -1};
    return way < t->net->upstream_count ? t->traffic->upstreams[way] : unknown;
}

static struct verdict judge(const struct whatif_traffic *t, uint32_t way)
{
    struct traffic_upstream is = upstream_of(t, way);
    struct verdict v = {.known = is.use_bps >= 0 && is.capacity_bps >= 0};
    v.after = add(gains_of(t, way), (struct whatif_span){is.use_bps, is.use_bps});
    v.over =
        above(v.after, amount_higher(is.capacity_bps, is.use_bps));  // no drain's loss is what was
    return v;
}

static json_t *bps_json(int64_t bps)
{
    return bps < 0 ? json_null() : json_integer(bps);
}

static json_t *span_json(struct whatif_span span)
{
    return json_pack("{s:I, s:o}", "least", (json_int_t)span.least, "most", bps_json(span.most));
}

static json_t *fits_json(const struct verdict *v, int64_t limit_bps)
{
    if (v->known && v->after.least > limit_bps)
        return json_false();
    return v->known && v->after.most >= 0 && v->after.most <= limit_bps ? json_true() : json_null();
}

json_t *whatif_traffic_way(const struct whatif_traffic *t, uint32_t way)
{
    bool drained = t->drained >> way & 1;
    char name[WHATIF_WAY_TEXT_MAX];
    if (way >= t->net->upstream_count && !(t->targets >> way & 1))
        return NULL;
    struct traffic_upstream is = upstream_of(t, way);
    json_t *json = json_pack("{s:s, s:b, s:o, s:o, s:o}", "way", whatif_way_name(t->net, way, name),
                             "drained", (int)drained, "capacity_bps", bps_json(is.capacity_bps),
                             "limit_bps", bps_json(is.limit_bps), "use_bps", bps_json(is.use_bps));
    if (drained)
        return json;
    struct verdict v = judge(t, way);
    json_t *comes = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "ipv4", span_json(t->to[way][FAMILY_IPV4]), "ipv6",
        span_json(t->to[way][FAMILY_IPV6]), "untold", span_json(untold_to(t, way)), "gains",
        span_json(gains_of(t, way)), "after", is.use_bps >= 0 ? span_json(v.after) : json_null(),
        "over", v.known ? span_json(v.over) : json_null(), "fits", fits_json(&v, is.limit_bps));
    json_object_update_new(json, comes);
    return json;
}

json_t *whatif_traffic_sum(const struct whatif_traffic *t)
{
    struct whatif_span lost = no_way(t);
    for (uint64_t left = t->targets; left; left &= left - 1) {
        struct verdict v = judge(t, (uint32_t)__builtin_ctzll(left));
        lost = add(lost, v.known ? v.over : (struct whatif_span){0, WHATIF_UNKNOWN});
    }
    return json_pack("{s:o, s:o, s:o, s:o}", "leaves", span_json(t->all), "told",
                     span_json(t->leaves), "no_way", span_json(no_way(t)), "lost",
                     span_json(no_more_than(lost, t->all)));
}
