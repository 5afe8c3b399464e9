// SPDX-License-Identifier: ISC
#include "rib/attributes.h"

#include "bgp/as_path.h"
#include "rib/attributes_words.h"
#include "rib/stamp.h"

enum {
    // Extended messages (RFC 8654) with 2-octet AS numbers widened, and what else a set holds.
    SCRATCH_WORDS = 1 << 16,
    SWEEP_BUCKETS = 1 << 10,
    SEGMENT_HEAD = 2,
    AS_BYTES = 4,
};

// Words being put together; what does not fit any more fails for good.
struct words {
    uint32_t *at;
    uint32_t count;
    bool failed;
};

static size_t scratch_bytes(void)
{
    return SCRATCH_WORDS * sizeof(uint32_t);
}

bool attributes_init(struct attributes *all, struct slabs *slabs, struct siphash_key secret)
{
    *all = (struct attributes){.slabs = slabs};
    slabs_init(&all->set_slabs, slabs->budget);
    interner_init(&all->sets, &all->set_slabs, secret);
    interner_init(&all->lists, slabs, secret);
    interner_init(&all->extras, slabs, secret);
    next_hops_init(&all->next_hops, slabs->budget, secret);
    all->scratch = budget_take(slabs->budget, scratch_bytes());
    return all->scratch;
}

void attributes_done(struct attributes *all)
{
    interner_done(&all->sets);
    interner_done(&all->lists);
    interner_done(&all->extras);
    next_hops_done(&all->next_hops);
    slabs_done(&all->set_slabs);
    budget_give(all->slabs->budget, all->scratch, scratch_bytes());
}

static void add_word(struct words *w, uint32_t word)
{
    w->failed |= w->count >= INTERNED_WORDS_MAX;
    if (!w->failed)
        w->at[w->count++] = word;
}

// The rest of the last word is cleared.
static void add_bytes(struct words *w, const void *bytes, size_t size)
{
    size_t words = (size + 3) / 4;
    w->failed |= words > INTERNED_WORDS_MAX - w->count;
    if (w->failed || words == 0)
        return;
    w->at[w->count + words - 1] = 0;
    memcpy(&w->at[w->count], bytes, size);
    w->count += (uint32_t)words;
}

static void add_extra(struct words *w, uint32_t kind, const void *bytes, size_t size)
{
    w->failed |= size > EXTRA_SIZE_MASK;
    add_word(w, kind << EXTRA_KIND_SHIFT | (uint32_t)(size & EXTRA_SIZE_MASK));
    add_bytes(w, bytes, size);
}

static void add_list(struct words *w, uint32_t kind, struct bgp_bytes list)
{
    if (list.size > 0)
        add_extra(w, kind, list.bytes, list.size);
}

static void add_number(struct words *w, uint32_t kind, bool is_there, uint32_t number)
{
    if (is_there)
        add_extra(w, kind, &number, sizeof number);
}

// What few paths have, as one run of words.
static struct words extras_of(struct attributes *all, const struct rib_attributes *a,
                              const struct next_hop *next_hop)
{
    struct words w = {.at = all->scratch};
    add_list(&w, EXTRA_EXTENDED, a->extended);
    add_list(&w, EXTRA_IPV6_EXTENDED, a->ipv6_extended);
    add_list(&w, EXTRA_LARGE, a->large);
    add_list(&w, EXTRA_CLUSTERS, a->cluster_list);
    add_list(&w, EXTRA_OTHERS, a->others);
    add_number(&w, EXTRA_ORIGINATOR, a->originator_id != 0, a->originator_id);
    add_number(&w, EXTRA_AGGREGATOR_AS, a->aggregator_as != 0, a->aggregator_as);
    if (a->aggregator.family != FAMILY_NONE)
        add_extra(&w, EXTRA_AGGREGATOR, &a->aggregator, sizeof a->aggregator);
    add_number(&w, EXTRA_ONLY_TO_CUSTOMER, a->has_only_to_customer, a->only_to_customer);
    if (a->has_aigp)
        add_extra(&w, EXTRA_AIGP, &a->aigp, sizeof a->aigp);
    if (next_hop)
        add_extra(&w, EXTRA_NEXT_HOP, next_hop, sizeof *next_hop);
    return w;
}

static struct words communities_of(struct attributes *all, struct bgp_bytes communities)
{
    struct words w = {.at = all->scratch};
    add_bytes(&w, communities.bytes, communities.size);
    w.failed |= communities.size % sizeof(uint32_t) != 0;
    return w;
}

// The handle of a run; 0 for an empty one, or when it does not fit: `failed` tells.
static uint32_t take_run(struct interner *all, struct words w, bool *failed)
{
    if (w.failed || w.count == 0) {
        *failed |= w.failed;
        return 0;
    }
    bool is_new;
    uint32_t handle = interner_take(all, &(struct interner_key){0, w.count, w.at}, &is_new);
    *failed |= handle == 0;
    return handle;
}

static void give_run(struct interner *all, uint32_t handle)
{
    if (handle != 0 && interner_give(all, handle))
        interner_free(all, handle);
}

// What a set refers to, each one user more.
struct parts {
    uint32_t communities, extras, next_hop;  // 0, 0, NEXT_HOP_NONE: none
};

static void give_parts(struct attributes *all, struct parts parts)
{
    give_run(&all->lists, parts.communities);
    give_run(&all->extras, parts.extras);
    if (parts.next_hop != NEXT_HOP_NONE)
        next_hops_give(&all->next_hops, parts.next_hop);
}

static bool take_parts(struct attributes *all, const struct rib_attributes *a, struct parts *parts)
{
    struct next_hop next_hop = {a->next_hop, a->link_local};
    bool failed = false;
    if (!next_hops_take(&all->next_hops, &next_hop, &parts->next_hop))
        return false;
    const struct next_hop *odd = parts->next_hop == NEXT_HOP_NONE ? &next_hop : NULL;
    parts->communities = take_run(&all->lists, communities_of(all, a->communities), &failed);
    parts->extras = take_run(&all->extras, extras_of(all, a, odd), &failed);
    if (failed)
        give_parts(all, *parts);
    return !failed;
}

static bool is_one_sequence(struct bgp_bytes path)
{
    return path.size > SEGMENT_HEAD && path.bytes[0] == AS_SEQUENCE &&
           path.size == SEGMENT_HEAD + (size_t)path.bytes[1] * AS_BYTES;
}

static bool is_reflected(const struct rib_attributes *a)
{
    return a->originator_id != 0 || a->cluster_list.size > 0;
}

static void add_optional(struct words *w, uint16_t *bits, bool is_there, uint32_t bit,
                         uint32_t word)
{
    if (!is_there)
        return;
    *bits |= (uint16_t)bit;
    add_word(w, word);
}

// The next hop and the path share a word: together they fill whole words if the path is one
// sequence.
static void add_path(struct words *w, uint32_t next_hop, struct bgp_bytes path)
{
    size_t words = (SET_NEXT_HOP_BYTES + path.size + 3) / 4;
    uint16_t number = (uint16_t)next_hop;
    w->failed |= words > INTERNED_WORDS_MAX - w->count;
    if (w->failed)
        return;
    w->at[w->count + words - 1] = 0;
    uint8_t *to = (uint8_t *)&w->at[w->count];
    memcpy(to, &number, sizeof number);
    if (path.size > 0)
        memcpy(to + SET_NEXT_HOP_BYTES, path.bytes, path.size);
    w->count += (uint32_t)words;
}

static struct words set_of(struct attributes *all, const struct rib_attributes *a,
                           struct parts parts, uint16_t *bits)
{
    struct words w = {.at = all->scratch};
    bool is_odd = !is_one_sequence(a->as_path);
    *bits = (uint16_t)((a->origin & SET_ORIGIN) | (a->marked ? SET_MARKED : 0) |
                       (a->atomic ? SET_ATOMIC : 0) | (is_reflected(a) ? SET_REFLECTED : 0));
    bool has_local_pref = a->has_local_pref || a->local_pref != RIB_LOCAL_PREF_DEFAULT;
    add_optional(&w, bits, has_local_pref, SET_LOCAL_PREF, a->local_pref);
    add_optional(&w, bits, a->has_med || a->med != 0, SET_MED, a->med);
    add_optional(&w, bits, parts.communities != 0, SET_COMMUNITIES, parts.communities);
    add_optional(&w, bits, parts.extras != 0, SET_EXTRAS, parts.extras);
    add_optional(&w, bits, is_odd, SET_ODD_PATH, (uint32_t)a->as_path.size);
    if (is_odd)
        add_word(&w, bgp_as_path_length(a->as_path));
    add_path(&w, parts.next_hop, a->as_path);
    return w;
}

uint32_t attributes_take(struct attributes *all, const struct rib_attributes *values)
{
    struct parts parts;
    uint16_t bits;
    if (!take_parts(all, values, &parts))
        return 0;
    struct words w = set_of(all, values, parts, &bits);
    bool is_new = false;
    uint32_t set = 0;
    if (!w.failed)
        set = interner_take(&all->sets, &(struct interner_key){bits, w.count, w.at}, &is_new);
    if (set == 0 || !is_new)
        give_parts(all, parts);  // it has its own
    return set;
}

static void destroy(struct attributes *all, uint32_t set)
{
    const struct interned *item = interner_at(&all->sets, set);
    uint32_t at = 0;
    uint16_t next_hop;
    struct parts parts = {0};
    at += (item->bits & SET_LOCAL_PREF) != 0;
    at += (item->bits & SET_MED) != 0;
    if (item->bits & SET_COMMUNITIES)
        parts.communities = item->content[at++];
    if (item->bits & SET_EXTRAS)
        parts.extras = item->content[at++];
    at += item->bits & SET_ODD_PATH ? 2 : 0;
    memcpy(&next_hop, &item->content[at], sizeof next_hop);
    parts.next_hop = next_hop;
    interner_free(&all->sets, set);
    give_parts(all, parts);
}

void attributes_give(struct attributes *all, uint32_t set, uint32_t stamp)
{
    if (!interner_give(&all->sets, set))
        return;
    if (stamp == 0)
        destroy(all, set);
    else
        interner_kill(&all->sets, set, stamp);
}

static bool is_over(const struct interned *item, uint32_t oldest)
{
    return item->users & INTERNED_DEAD && stamp_is_over(item->users & ~INTERNED_DEAD, oldest);
}

// What goes may make the index smaller, so that its buckets move: they are copied, and where the
// walk missed some, another follows.
static void sweep_bucket(struct attributes *all, uint32_t at, uint32_t oldest)
{
    struct index_bucket bucket = all->sets.index.buckets[at];
    for (uint32_t slot = 0; slot < INDEX_SLOTS; slot++) {
        if (bucket.tags[slot] == 0 || !is_over(interner_at(&all->sets, bucket.items[slot]), oldest))
            continue;
        destroy(all, bucket.items[slot]);
        all->swept_some = true;
    }
}

bool attributes_sweep(struct attributes *all, uint32_t oldest)
{
    const struct index *index = &all->sets.index;
    for (uint32_t step = 0; step < SWEEP_BUCKETS && all->sets.dead > 0; step++) {
        if (all->swept < index->bucket_count) {
            sweep_bucket(all, all->swept++, oldest);
            continue;
        }
        bool again = all->swept_some || oldest == 0;
        all->swept = 0;
        all->swept_some = false;
        return again;
    }
    return all->sets.dead > 0;
}
