// SPDX-License-Identifier: ISC
// Routes that come and go.
#include "rib/table.h"

#include "base/fetch.h"

#include <assert.h>

enum outcome { SAME, CHANGED, TOO_MANY, NO_ROOM };

// One path of one peer, on its way into the table or out of it.
struct change {
    uint32_t peer, path_id, attributes;
    enum family family;
    struct prefix_key key;
    uint64_t hash;
    uint32_t id;  // of the prefix; before it is known, a guess
};

static struct view_peer *peer_of(struct rib *rib, const struct change *c)
{
    return &rib->live.peers[c->peer];
}

static struct chunk **chunk_of(struct rib *rib, const struct change *c)
{
    return &peer_of(rib, c)->columns[c->family]->chunks[c->id >> SEGMENT_BITS];
}

static struct slot slot_of(struct rib *rib, const struct change *c)
{
    return column_slot(peer_of(rib, c)->columns[c->family], c->id);
}

static void put(struct rib *rib, const struct change *c, struct slot slot)
{
    chunk_put(chunk_of(rib, c), c->id % SEGMENT_SIZE, slot, &rib->slabs);
}

static void give(struct rib *rib, uint32_t attributes)
{
    attributes_give(&rib->attributes, attributes, rib->newest);
}

static void count_one_more(struct rib *rib, const struct change *c)
{
    attributes_hold(&rib->attributes, c->attributes);
    peer_of(rib, c)->routes[c->family]++;
}

static bool reach(struct rib *rib, const struct change *c, bool ids)
{
    struct chunk_wish wish = {c->id % SEGMENT_SIZE, ids};
    return column_reach(&peer_of(rib, c)->columns[c->family], c->family, c->id >> SEGMENT_BITS,
                        &rib->budget) &&
           chunk_reach(chunk_of(rib, c), &wish, &rib->slabs);
}

static enum outcome learn_first(struct rib *rib, const struct change *c)
{
    if (!reach(rib, c, c->path_id != 0))
        return NO_ROOM;
    put(rib, c, (struct slot){c->attributes, c->path_id});
    prefixes_hold(&rib->prefixes[c->family], c->id);
    count_one_more(rib, c);
    return CHANGED;
}

static enum outcome replace_single(struct rib *rib, const struct change *c, struct slot before)
{
    if (before.value == c->attributes)
        return SAME;
    if (!chunk_own(chunk_of(rib, c), &rib->slabs))
        return NO_ROOM;
    put(rib, c, (struct slot){c->attributes, c->path_id});
    attributes_hold(&rib->attributes, c->attributes);
    give(rib, before.value);
    return CHANGED;
}

static enum outcome learn_second(struct rib *rib, const struct change *c, struct slot before)
{
    struct group_path paths[] = {{before.path_id, before.value}, {c->path_id, c->attributes}};
    if (!chunk_own(chunk_of(rib, c), &rib->slabs))
        return NO_ROOM;
    uint32_t group = group_new(&rib->slabs, paths, 2, 2);
    if (group == 0)
        return NO_ROOM;
    put(rib, c, (struct slot){group, 0});
    count_one_more(rib, c);
    return CHANGED;
}

// Where the path of this identifier is in its group; the group's count when it is not there.
static uint32_t find_path(const struct group *group, uint32_t path_id)
{
    uint32_t at = 0;
    while (at < group->count && group->paths[at].path_id != path_id)
        at++;
    return at;
}

static enum outcome add_to_group(struct rib *rib, const struct change *c)
{
    uint32_t value = slot_of(rib, c).value;
    struct group *group = group_at(&rib->slabs, value);
    uint32_t count = group->count;
    if (count == RIB_PATHS_MAX)
        return TOO_MANY;
    if (group_words(count + 1) > slabs_room(&rib->slabs, value & ~SLOT_GROUP)) {
        uint32_t larger = group_new(&rib->slabs, group->paths, count, count + 1);
        if (larger == 0)
            return NO_ROOM;
        group_free(&rib->slabs, value);
        put(rib, c, (struct slot){larger, 0});
        group = group_at(&rib->slabs, larger);
    }
    group->paths[group->count++] = (struct group_path){c->path_id, c->attributes};
    count_one_more(rib, c);
    return CHANGED;
}

static enum outcome learn_in_group(struct rib *rib, const struct change *c, struct slot before)
{
    const struct group *found = group_at(&rib->slabs, before.value);
    uint32_t at = find_path(found, c->path_id);
    bool is_there = at < found->count;
    if (is_there && found->paths[at].attributes == c->attributes)
        return SAME;
    if (!chunk_own(chunk_of(rib, c), &rib->slabs))
        return NO_ROOM;
    if (!is_there)
        return add_to_group(rib, c);
    struct group_path *path = &group_at(&rib->slabs, slot_of(rib, c).value)->paths[at];
    uint32_t gone = path->attributes;
    path->attributes = c->attributes;
    attributes_hold(&rib->attributes, c->attributes);
    give(rib, gone);
    return CHANGED;
}

static enum outcome learn_at(struct rib *rib, const struct change *c)
{
    struct slot before = slot_of(rib, c);
    if (before.value == 0)
        return learn_first(rib, c);
    if (before.value & SLOT_GROUP)
        return learn_in_group(rib, c, before);
    if (before.path_id == c->path_id)
        return replace_single(rib, c, before);
    return learn_second(rib, c, before);
}

static enum outcome try_learn(struct rib *rib, struct change *c)
{
    struct prefixes *prefixes = &rib->prefixes[c->family];
    if (c->attributes == 0)
        return NO_ROOM;
    if (!prefixes_is(prefixes, c->id, &c->key))
        c->id = prefixes_make(prefixes, &c->key, c->hash);
    if (c->id == PREFIX_NONE)
        return NO_ROOM;
    enum outcome outcome = learn_at(rib, c);
    if (outcome != SAME && outcome != CHANGED)
        prefixes_drop_unused(prefixes, c->id);
    return outcome;
}

// The path is no more in its group, whose other paths stay.
static void leave_group(struct rib *rib, const struct change *c, uint32_t at)
{
    uint32_t value = slot_of(rib, c).value;
    struct group *group = group_at(&rib->slabs, value);
    give(rib, group->paths[at].attributes);
    group->paths[at] = group->paths[--group->count];
    const struct group_path *last = &group->paths[0];
    bool fits_slot = last->path_id == 0 || (*chunk_of(rib, c))->has_ids;
    if (group->count > 1 || !fits_slot)
        return;
    put(rib, c, (struct slot){last->attributes, last->path_id});
    group_free(&rib->slabs, value);
}

// One's own chunk to withdraw from, whatever that costs.
static void own(struct rib *rib, const struct change *c)
{
    while (!chunk_own(chunk_of(rib, c), &rib->slabs)) {
        bool some = rib_reclaim(rib);
        assert(some);  // without snapshots nobody shares it
    }
}

static enum rib_change withdraw(struct rib *rib, struct change *c)
{
    struct prefixes *prefixes = &rib->prefixes[c->family];
    if (!prefixes_is(prefixes, c->id, &c->key))
        c->id = prefixes_find(prefixes, &c->key, c->hash);
    struct slot slot = c->id == PREFIX_NONE ? (struct slot){0} : slot_of(rib, c);
    if (slot.value == 0)
        return RIB_SAME;
    const struct group *group = NULL;
    uint32_t at = 0;
    if (slot.value & SLOT_GROUP) {
        group = group_at(&rib->slabs, slot.value);
        at = find_path(group, c->path_id);
    }
    if (group ? at == group->count : slot.path_id != c->path_id)
        return RIB_SAME;
    bool is_last = !group || group->count == 1;
    own(rib, c);
    peer_of(rib, c)->routes[c->family]--;
    if (!is_last) {
        leave_group(rib, c, at);
        return RIB_CHANGED;
    }
    slot = slot_of(rib, c);  // its own copy of a group
    give(rib, group ? group_at(&rib->slabs, slot.value)->paths[0].attributes : slot.value);
    if (group)
        group_free(&rib->slabs, slot.value);
    put(rib, c, (struct slot){0});
    prefixes_give(prefixes, c->id, rib->newest);
    return RIB_CHANGED;
}

// What does not fit leaves nothing behind, and what it was to replace is no longer true.
static enum rib_change refuse(struct rib *rib, struct change *c)
{
    peer_of(rib, c)->full = true;
    withdraw(rib, c);
    return RIB_FULL;
}

static enum rib_change learn(struct rib *rib, struct change *c)
{
    assert(peer_of(rib, c)->kind != RIB_PEER_NONE);
    rib->budget.is_guest = peer_of(rib, c)->kind != RIB_PEER_SESSION;
    enum outcome outcome;
    do
        outcome = try_learn(rib, c);
    while (outcome == NO_ROOM && c->attributes != 0 && rib_reclaim(rib));
    rib->budget.is_guest = false;
    if (outcome == TOO_MANY || outcome == NO_ROOM)
        return refuse(rib, c);
    return outcome == SAME ? RIB_SAME : RIB_CHANGED;
}

static void change_init(struct change *c, const struct rib *rib, uint32_t peer,
                        const struct prefix *prefix)
{
    c->peer = peer;
    c->family = prefix->address.family;
    c->key = prefix_key(prefix);
    c->id = PREFIX_NONE;
    assert(c->family != FAMILY_NONE);
    c->hash = prefixes_hash(&rib->prefixes[c->family], &c->key);
}

enum rib_change rib_learn(struct rib *rib, uint32_t peer, struct prefix prefix, uint32_t path_id,
                          uint32_t attributes)
{
    struct change c = {.path_id = path_id, .attributes = attributes};
    change_init(&c, rib, peer, &prefix);
    return learn(rib, &c);
}

enum rib_change rib_withdraw(struct rib *rib, uint32_t peer, struct prefix prefix, uint32_t path_id)
{
    struct change c = {.path_id = path_id};
    change_init(&c, rib, peer, &prefix);
    return withdraw(rib, &c);
}

// Lets the memory that the changes will touch come while they wait for each other: first the
// buckets, then what those probably name, last the attributes that probably go.
struct batch {
    struct change of[RIB_BATCH_MAX];
};

static void prepare(struct rib *rib, struct batch *batch, uint32_t peer,
                    const struct bgp_route *routes, size_t count)
{
    assert(count <= RIB_BATCH_MAX);
    for (size_t i = 0; i < count; i++) {
        struct change *c = &batch->of[i];
        change_init(c, rib, peer, &routes[i].prefix);
        c->path_id = routes[i].path_id;
        index_prefetch(&rib->prefixes[c->family].index, c->hash);
    }
    for (size_t i = 0; i < count; i++) {
        struct change *c = &batch->of[i];
        c->id = prefixes_guess(&rib->prefixes[c->family], c->hash);
        const struct column *column = peer_of(rib, c)->columns[c->family];
        const struct chunk *chunk = column_chunk(column, c->id >> SEGMENT_BITS);
        if (chunk)
            fetch_to_read(&chunk->words[c->id % SEGMENT_SIZE]);
    }
}

struct rib_batch rib_learn_batch(struct rib *rib, uint32_t peer, const struct bgp_route *routes,
                                 size_t count, uint32_t attributes)
{
    struct batch batch;
    struct rib_batch done = {0};
    prepare(rib, &batch, peer, routes, count);
    for (size_t i = 0; i < count; i++) {
        batch.of[i].attributes = attributes;
        enum rib_change change = learn(rib, &batch.of[i]);
        done.changed += change != RIB_SAME;
        done.full |= change == RIB_FULL;
    }
    return done;
}

struct rib_batch rib_withdraw_batch(struct rib *rib, uint32_t peer, const struct bgp_route *routes,
                                    size_t count)
{
    struct batch batch;
    struct rib_batch done = {0};
    prepare(rib, &batch, peer, routes, count);
    for (size_t i = 0; i < count; i++)
        done.changed += withdraw(rib, &batch.of[i]) != RIB_SAME;
    return done;
}
