// SPDX-License-Identifier: ISC
#include "rib/prefixes.h"

#include "base/fetch.h"

#include "rib/stamp.h"

#include <assert.h>

enum {
    CAPACITY_MIN = 16,
    SEGMENTS_MAX = 1 << 21,  // numbers below 2^31
    STATE_FREE = 0,
    STATE_LIVE = 1,
    STATE_DEAD = 2,
    STATE_SHIFT = 8,
    USERS_SHIFT = 10,
    USERS_MAX = (1 << 22) - 1,
};
#define NO_SEGMENT UINT32_MAX

static_assert(PREFIX_STATE_MASK == 3 << STATE_SHIFT, "one place for the state");
static_assert((unsigned)STAMP_MAX <= USERS_MAX, "a stamp takes the place of the users");

struct segment {
    uint32_t next, previous;  // of those with room
    uint16_t live, reached;   // records in use; the highest ever given
    uint16_t free_top;        // number within the segment, from 1; 0: none
    uint32_t records[];
};

static uint32_t meta_of(uint32_t length, uint32_t state, uint32_t users)
{
    return length | state << STATE_SHIFT | users << USERS_SHIFT;
}

static uint32_t state_of(uint32_t meta)
{
    return (meta & PREFIX_STATE_MASK) >> STATE_SHIFT;
}

static uint32_t users_of(uint32_t meta)
{
    return meta >> USERS_SHIFT;
}

static size_t segment_bytes(const struct prefixes *all)
{
    return sizeof(struct segment) + SEGMENT_SIZE * prefixes_words(all) * sizeof(uint32_t);
}

static uint32_t *record_at(const struct prefixes *all, uint32_t id)
{
    return all->segments[id >> SEGMENT_BITS]->records + id % SEGMENT_SIZE * prefixes_words(all);
}

static uint32_t *meta_at(const struct prefixes *all, uint32_t id)
{
    return record_at(all, id) + prefixes_words(all) - 1;
}

struct prefix_key prefixes_key(const struct prefixes *all, uint32_t id)
{
    struct prefix_key key;
    bool is_used = prefixes_read(all, record_at(all, id), &key);
    assert(is_used);
    return key;
}

static bool is_key(const void *owner, uint32_t id, const void *sought)
{
    const struct prefixes *all = owner;
    const struct prefix_key *key = sought;
    struct prefix_key found;
    prefixes_read(all, record_at(all, id), &found);
    return found.high == key->high && found.low == key->low && found.length == key->length;
}

static uint64_t hash_of(const void *owner, uint32_t id)
{
    const struct prefixes *all = owner;
    struct prefix_key key;
    prefixes_read(all, record_at(all, id), &key);
    return prefixes_hash(all, &key);
}

static const void *record_of(const void *owner, uint32_t id)
{
    return record_at(owner, id);
}

static const struct index_owner index_owner = {hash_of, record_of};

void prefixes_init(struct prefixes *all, enum family family, struct budget *budget,
                   struct siphash_key secret)
{
    *all = (struct prefixes){
        .family = family, .budget = budget, .secret = secret, .roomy = NO_SEGMENT};
    index_init(&all->index, budget, &index_owner);
}

void prefixes_done(struct prefixes *all)
{
    for (uint32_t at = 0; at < all->segment_count; at++)
        budget_give(all->budget, all->segments[at], segment_bytes(all));
    budget_give(all->budget, all->segments, all->segment_capacity * sizeof *all->segments);
    index_done(&all->index);
    prefixes_init(all, all->family, all->budget, all->secret);
}

static void enter_roomy(struct prefixes *all, uint32_t at)
{
    struct segment *segment = all->segments[at];
    segment->previous = NO_SEGMENT;
    segment->next = all->roomy;
    if (segment->next != NO_SEGMENT)
        all->segments[segment->next]->previous = at;
    all->roomy = at;
}

static void leave_roomy(struct prefixes *all, uint32_t at)
{
    struct segment *segment = all->segments[at];
    if (segment->previous != NO_SEGMENT)
        all->segments[segment->previous]->next = segment->next;
    else
        all->roomy = segment->next;
    if (segment->next != NO_SEGMENT)
        all->segments[segment->next]->previous = segment->previous;
}

static bool grow(struct prefixes *all)
{
    uint32_t more = all->segment_capacity + all->segment_capacity / 2 + CAPACITY_MIN;
    if (more > SEGMENTS_MAX)
        more = SEGMENTS_MAX;
    if (more == all->segment_capacity)
        return false;
    struct segment **segments =
        budget_resize(all->budget, all->segments, all->segment_capacity * sizeof *segments,
                      more * sizeof *segments);
    if (!segments)
        return false;
    all->segments = segments;
    all->segment_capacity = more;
    return true;
}

// A segment of the lowest number that is unused. Its records are cleared: a walk reads them all.
static bool segment_new(struct prefixes *all)
{
    uint32_t at = all->unused;
    while (at < all->segment_count && all->segments[at])
        at++;
    all->unused = at;
    if (at == all->segment_capacity && !grow(all))
        return false;
    struct segment *segment = budget_take(all->budget, segment_bytes(all));
    if (!segment)
        return false;
    memset(segment, 0, segment_bytes(all));
    all->segments[at] = segment;
    if (at == all->segment_count)
        all->segment_count++;
    enter_roomy(all, at);
    return true;
}

static void segment_free(struct prefixes *all, uint32_t at)
{
    budget_give(all->budget, all->segments[at], segment_bytes(all));
    all->segments[at] = NULL;
    if (at < all->unused)
        all->unused = at;
    while (all->segment_count > 0 && !all->segments[all->segment_count - 1])
        all->segment_count--;
}

static uint32_t record_new(struct prefixes *all)
{
    if (all->roomy == NO_SEGMENT && !segment_new(all))
        return PREFIX_NONE;
    uint32_t at = all->roomy;
    struct segment *segment = all->segments[at];
    uint32_t number = segment->free_top;
    if (number != 0)
        segment->free_top = (uint16_t)segment->records[(number - 1) * prefixes_words(all)];
    else
        number = ++segment->reached;
    if (++segment->live == SEGMENT_SIZE)
        leave_roomy(all, at);
    return at << SEGMENT_BITS | (number - 1);
}

static void record_free(struct prefixes *all, uint32_t id)
{
    uint32_t at = id >> SEGMENT_BITS;
    struct segment *segment = all->segments[at];
    if (segment->live == SEGMENT_SIZE)
        enter_roomy(all, at);
    if (--segment->live == 0) {
        leave_roomy(all, at);
        segment_free(all, at);
        return;
    }
    *meta_at(all, id) = meta_of(0, STATE_FREE, 0);
    *record_at(all, id) = segment->free_top;
    segment->free_top = (uint16_t)(id % SEGMENT_SIZE + 1);
}

uint32_t prefixes_find(const struct prefixes *all, const struct prefix_key *key, uint64_t hash)
{
    return index_find(&all->index, hash, is_key, all, key);
}

uint32_t prefixes_make(struct prefixes *all, const struct prefix_key *key, uint64_t hash)
{
    uint32_t id = prefixes_find(all, key, hash);
    if (id != PREFIX_NONE)
        return id;
    if ((id = record_new(all)) == PREFIX_NONE)
        return PREFIX_NONE;
    uint32_t *record = record_at(all, id);
    record[0] = (uint32_t)(key->high >> 32);
    if (all->family == FAMILY_IPV6) {
        record[1] = (uint32_t)key->high;
        record[2] = (uint32_t)(key->low >> 32);
        record[3] = (uint32_t)key->low;
    }
    *meta_at(all, id) = meta_of(key->length, STATE_LIVE, 0);
    if (!index_add(&all->index, all, hash, id)) {
        record_free(all, id);
        return PREFIX_NONE;
    }
    all->live++;
    all->lengths[key->length]++;
    return id;
}

static void destroy(struct prefixes *all, uint32_t id)
{
    struct prefix_key key = prefixes_key(all, id);
    index_remove(&all->index, all, prefixes_hash(all, &key), id);
    all->lengths[key.length]--;
    record_free(all, id);
}

void prefixes_hold(struct prefixes *all, uint32_t id)
{
    uint32_t *meta = meta_at(all, id);
    uint32_t users = users_of(*meta);
    if (state_of(*meta) == STATE_DEAD) {
        all->dead--;
        all->live++;
        users = 0;
    }
    assert(users < USERS_MAX);
    *meta = meta_of(*meta & PREFIX_LENGTH_MASK, STATE_LIVE, users + 1);
}

void prefixes_give(struct prefixes *all, uint32_t id, uint32_t stamp)
{
    uint32_t *meta = meta_at(all, id);
    assert(state_of(*meta) == STATE_LIVE && users_of(*meta) > 0);
    *meta -= 1u << USERS_SHIFT;
    if (users_of(*meta) > 0)
        return;
    all->live--;
    if (stamp == 0) {
        destroy(all, id);
        return;
    }
    all->dead++;
    *meta = meta_of(*meta & PREFIX_LENGTH_MASK, STATE_DEAD, stamp & USERS_MAX);
}

void prefixes_drop_unused(struct prefixes *all, uint32_t id)
{
    uint32_t meta = *meta_at(all, id);
    if (state_of(meta) != STATE_LIVE || users_of(meta) > 0)
        return;
    all->live--;
    destroy(all, id);
}

void prefixes_sweep(struct prefixes *all, uint32_t segment, uint32_t oldest)
{
    for (uint32_t slot = 0; slot < SEGMENT_SIZE; slot++) {
        if (segment >= all->segment_count || !all->segments[segment])
            return;  // perhaps only now
        uint32_t id = segment << SEGMENT_BITS | slot, meta = *meta_at(all, id);
        if (state_of(meta) != STATE_DEAD || !stamp_is_over(users_of(meta), oldest))
            continue;
        all->dead--;
        destroy(all, id);
    }
}

const uint32_t *prefixes_records(const struct prefixes *all, uint32_t segment)
{
    if (segment >= all->segment_count || !all->segments[segment])
        return NULL;
    return all->segments[segment]->records;
}

struct prefix prefix_of_key(enum family family, struct prefix_key key)
{
    struct prefix prefix = {.address.family = family, .length = (uint8_t)key.length};
    uint64_t words[] = {htobe64(key.high), htobe64(key.low)};
    memcpy(prefix.address.bytes, words, sizeof words);
    return prefix;
}

struct prefix prefixes_at(const struct prefixes *all, uint32_t id)
{
    return prefix_of_key(all->family, prefixes_key(all, id));
}

static bool is_guess(const void *owner, uint32_t id, const void *sought)
{
    (void)owner;
    (void)id;
    (void)sought;
    return true;
}

uint32_t prefixes_guess(const struct prefixes *all, uint64_t hash)
{
    uint32_t id = index_find(&all->index, hash, is_guess, NULL, NULL);
    if (id != PREFIX_NONE)
        fetch_to_read(record_at(all, id));
    return id;
}

bool prefixes_is(const struct prefixes *all, uint32_t id, const struct prefix_key *key)
{
    uint32_t segment = id >> SEGMENT_BITS;
    struct prefix_key found;
    return id != PREFIX_NONE && segment < all->segment_count && all->segments[segment] &&
           prefixes_read(all, record_at(all, id), &found) && found.high == key->high &&
           found.low == key->low && found.length == key->length;
}
