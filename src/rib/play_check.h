// SPDX-License-Identifier: ISC
// A table beside a model of it, a plain array: whatever is done to both, they must tell the same.
// What is done comes as octets: from a seeded generator in the test, from libFuzzer in the fuzzer.
#pragma once

#include "rib/best.h"
#include "rib/table.h"

#include <assert.h>
#include <string.h>

enum {
    PLAY_PEERS = 5,  // two sessions, and three others that are opened and closed
    PLAY_SESSIONS = 2,
    PLAY_PREFIXES = 48,  // half of each family, nested
    PLAY_IDS = 3,
    PLAY_SETS = 16,
    PLAY_ID_LARGE = 0x7fffffff,
};

struct play_table {  // what the model remembers; set 0: no route
    uint8_t sets[PLAY_PEERS][PLAY_PREFIXES][PLAY_IDS];
};

struct play {
    struct rib *rib;
    size_t empty_bytes;
    uint32_t numbers[PLAY_PEERS];  // in the table; RIB_NO_PEER: closed
    bool partial[PLAY_PEERS];
    struct play_table now;
    const struct rib_view *snapshots[RIB_SNAPSHOTS_MAX];
    struct play_table then[RIB_SNAPSHOTS_MAX];
    uint32_t then_numbers[RIB_SNAPSHOTS_MAX][PLAY_PEERS];
    bool may_fail;  // memory was refused, or is short: what is learned may not fit
    const uint8_t *bytes;
    size_t size;
};

static inline uint8_t play_take(struct play *p, uint32_t count)
{
    if (p->size == 0)
        return 0;
    p->size--;
    return (uint8_t)(*p->bytes++ % count);
}

// Four address blocks in each family, lengths at all kinds of borders, and the longest.
static inline struct prefix play_make_prefix(uint32_t number)
{
    static const uint8_t lengths[2][6] = {{0, 8, 15, 16, 24, 32}, {0, 16, 63, 64, 65, 128}};
    enum family family = number < PLAY_PREFIXES / 2 ? FAMILY_IPV4 : FAMILY_IPV6;
    uint32_t length = number % 6, block = number / 6 % 4;
    struct address address = {.family = family,
                              .bytes = {20, 1, (uint8_t)block, (uint8_t)(block << 6)}};
    if (block & 1)
        address.bytes[1] = 0x81;
    if (family == FAMILY_IPV6)
        memset(address.bytes + 4, block & 2 ? 0xa5 : 0x5a, 12);
    return prefix_of(address, lengths[family == FAMILY_IPV6][length]);
}

// Equal ones, those of length 0 above all, share the first number that has them.
struct play_prefixes {
    struct prefix of[PLAY_PREFIXES];
    uint32_t number[PLAY_PREFIXES];
};

static inline const struct play_prefixes *play_prefixes(void)
{
    static struct play_prefixes all;
    for (uint32_t i = 0; all.of[0].address.family == FAMILY_NONE && i < PLAY_PREFIXES; i++) {
        uint32_t at = PLAY_PREFIXES - 1 - i;  // the first at last: then it is done
        all.of[at] = play_make_prefix(at);
        all.number[at] = 0;
        while (!prefix_equal(play_make_prefix(all.number[at]), all.of[at]))
            all.number[at]++;
    }
    return &all;
}

static inline struct prefix play_prefix(uint32_t number)
{
    return play_prefixes()->of[number];
}

static inline uint32_t play_number(uint32_t number)
{
    return play_prefixes()->number[number];
}

static inline uint32_t play_id(uint32_t id)
{
    return id < 2 ? id : PLAY_ID_LARGE;
}

// The sixteen sets differ in every field there is, and in the shape of their paths.
static inline struct rib_attributes play_attributes(uint8_t set)
{
    static const uint8_t octets[] = {2, 2, 0, 0, 0xfd, 0xe9, 0, 0, 0xfe, 0x4c, 1, 1, 0, 0, 0, 9,
                                     2, 1, 0, 0, 0,    1,    7, 7, 7,    7,    7, 7, 7, 7, 7, 7};
    static const uint8_t path_sizes[] = {10, 16, 0, 22};
    struct rib_attributes a = {
        .next_hop = {FAMILY_IPV4, {10, 0, set % 3, 1}},
        .as_path = {octets, path_sizes[set % 4]},
        .origin = set % 3,
        .local_pref = RIB_LOCAL_PREF_DEFAULT + set % 2,
        .has_local_pref = set % 2,
        .med = set,
        .has_med = true,
        .atomic = set & 4,
        .marked = set == 15,
    };
    if (set & 1)
        a.communities = (struct bgp_bytes){octets, 4u * (1 + set % 5)};
    if (set & 2)
        a.large = (struct bgp_bytes){octets, 12};
    if (set & 4)
        a.cluster_list = (struct bgp_bytes){octets, 8};
    if (set & 8) {
        a.link_local = (struct address){FAMILY_IPV6, {0xfe, 0x80, [15] = set}};
        a.others = (struct bgp_bytes){octets, 5};
        a.originator_id = set;
    }
    return a;
}

static inline bool play_equal_bytes(struct bgp_bytes a, struct bgp_bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.bytes, b.bytes, a.size) == 0);
}

static inline bool play_equal(const struct rib_attributes *a, const struct rib_attributes *b)
{
    return address_equal(a->next_hop, b->next_hop) && address_equal(a->link_local, b->link_local) &&
           play_equal_bytes(a->as_path, b->as_path) &&
           play_equal_bytes(a->communities, b->communities) &&
           play_equal_bytes(a->extended, b->extended) &&
           play_equal_bytes(a->ipv6_extended, b->ipv6_extended) &&
           play_equal_bytes(a->large, b->large) &&
           play_equal_bytes(a->cluster_list, b->cluster_list) &&
           play_equal_bytes(a->others, b->others) && a->aigp == b->aigp &&
           a->local_pref == b->local_pref && a->med == b->med &&
           a->originator_id == b->originator_id && a->only_to_customer == b->only_to_customer &&
           a->aggregator_as == b->aggregator_as && address_equal(a->aggregator, b->aggregator) &&
           a->origin == b->origin && a->has_local_pref == b->has_local_pref &&
           a->has_med == b->has_med && a->has_aigp == b->has_aigp &&
           a->has_only_to_customer == b->has_only_to_customer && a->atomic == b->atomic &&
           a->marked == b->marked;
}

static inline void play_open(struct play *p, uint32_t peer)
{
    static const enum rib_peer_kind kinds[PLAY_PEERS] = {0, 0, RIB_PEER_BMP_IN, RIB_PEER_BMP_LOC,
                                                         RIB_PEER_FIB};
    if (p->numbers[peer] == RIB_NO_PEER)
        p->numbers[peer] = rib_peer_open(p->rib, kinds[peer]);
}

static inline struct play play_new(size_t bytes_max, uint64_t secret)
{
    struct play p = {.rib = rib_new(bytes_max, (struct siphash_key){secret, 7})};
    assert(p.rib);
    p.empty_bytes = rib_bytes(p.rib);
    for (uint32_t peer = 0; peer < PLAY_PEERS; peer++)
        p.numbers[peer] = peer < PLAY_SESSIONS ? peer : RIB_NO_PEER;
    for (uint32_t peer = PLAY_SESSIONS; peer < PLAY_PEERS; peer++)
        play_open(&p, peer);
    return p;
}

static inline uint32_t play_peer_of(const uint32_t *numbers, uint32_t number)
{
    uint32_t peer = 0;
    while (peer < PLAY_PEERS && numbers[peer] != number)
        peer++;
    assert(peer < PLAY_PEERS);
    return peer;
}

// Everything that the view tells of one prefix.
static inline void play_check_prefix(const struct rib_view *view, const struct play_table *table,
                                     const uint32_t *numbers, uint32_t number)
{
    number = play_number(number);
    uint8_t found[PLAY_PEERS][PLAY_IDS] = {0};
    struct rib_path path;
    for (struct rib_paths paths = rib_view_paths(view, 0, RIB_PEERS_MAX, play_prefix(number));
         rib_paths_next(&paths, &path);) {
        struct rib_attributes a = rib_view_attributes(view, path.attributes);
        uint32_t id = path.path_id == PLAY_ID_LARGE ? 2 : path.path_id;
        uint32_t peer = play_peer_of(numbers, path.peer);
        struct rib_attributes expected = play_attributes((uint8_t)a.med);
        assert(id < PLAY_IDS && found[peer][id] == 0 && play_equal(&a, &expected));
        found[peer][id] = (uint8_t)a.med;
    }
    for (uint32_t peer = 0; peer < PLAY_PEERS; peer++)
        assert(memcmp(found[peer], table->sets[peer][number], PLAY_IDS) == 0);
}

static inline bool play_has(const struct play_table *table, uint32_t number)
{
    for (uint32_t peer = 0; peer < PLAY_PEERS; peer++) {
        for (uint32_t id = 0; id < PLAY_IDS; id++) {
            if (table->sets[peer][number][id] != 0)
                return true;
        }
    }
    return false;
}

// In order, none twice, none missed.
static inline void play_check_walk(const struct rib_view *view, const struct play_table *table,
                                   struct prefix outer)
{
    uint32_t expected = 0, count = 0;
    bool all = outer.address.family == FAMILY_NONE;
    for (uint32_t number = 0; number < PLAY_PREFIXES; number++)
        expected += play_has(table, number) && (all || prefix_contains(outer, play_prefix(number)));
    struct rib_walk *walk = rib_walk_new(view, RIB_NO_PEER, outer);
    struct prefix last = {0}, prefix;
    for (; walk && rib_walk_next(walk, &prefix); count++, last = prefix)
        assert(count == 0 || prefix_compare(last, prefix) < 0);
    rib_walk_free(walk);
    assert(!walk || count == expected);
}

static inline void play_check_match(const struct play *p, uint32_t number)
{
    struct address address = play_prefix(number).address;
    const uint8_t none = UINT8_MAX;
    uint8_t longest = none;
    for (uint32_t other = 0; other < PLAY_PREFIXES; other++) {
        struct prefix prefix = play_prefix(other);
        if (play_has(&p->now, other) && prefix_contains_address(prefix, address) &&
            (longest == none || prefix.length > longest))
            longest = prefix.length;
    }
    struct prefix match;
    bool found = rib_longest_match(p->rib, RIB_NO_PEER, address, &match);
    assert(found == (longest != none) && (!found || match.length == longest));
}

static inline void play_check_counts(const struct rib_view *view, const struct play_table *table,
                                     const uint32_t *numbers)
{
    for (uint32_t peer = 0; peer < PLAY_PEERS; peer++) {
        uint32_t counts[FAMILIES] = {0};
        for (uint32_t number = 0; number < PLAY_PREFIXES; number++) {
            for (uint32_t id = 0; id < PLAY_IDS; id++)
                counts[play_prefix(number).address.family] += table->sets[peer][number][id] != 0;
        }
        for (enum family f = FAMILY_IPV4; f < FAMILIES && numbers[peer] != RIB_NO_PEER; f++)
            assert(rib_view_route_count(view, numbers[peer], f) == counts[f]);
    }
}

// A snapshot that had to go has no routes; any other is what the table was.
static inline void play_check_snapshots(struct play *p)
{
    static const struct play_table nothing;
    for (uint32_t i = 0; i < RIB_SNAPSHOTS_MAX; i++) {
        if (!p->snapshots[i])
            continue;
        bool lost = rib_snapshot_is_lost(p->snapshots[i]);
        assert(!lost || p->may_fail);
        for (uint32_t number = 0; number < PLAY_PREFIXES; number++)
            play_check_prefix(p->snapshots[i], lost ? &nothing : &p->then[i], p->then_numbers[i],
                              number);
        play_check_counts(p->snapshots[i], lost ? &nothing : &p->then[i], p->then_numbers[i]);
        play_check_walk(p->snapshots[i], lost ? &nothing : &p->then[i], (struct prefix){0});
    }
}

static inline void play_check_all(struct play *p)
{
    for (uint32_t number = 0; number < PLAY_PREFIXES; number++) {
        play_check_prefix(rib_live(p->rib), &p->now, p->numbers, number);
        play_check_match(p, number);
    }
    play_check_walk(rib_live(p->rib), &p->now, (struct prefix){0});
    play_check_walk(rib_live(p->rib), &p->now, play_prefix(1));
    play_check_walk(rib_live(p->rib), &p->now, play_prefix(PLAY_PREFIXES / 2 + 2));
    play_check_counts(rib_live(p->rib), &p->now, p->numbers);
    for (uint32_t peer = 0; peer < PLAY_PEERS; peer++) {
        if (p->numbers[peer] != RIB_NO_PEER)
            assert(rib_peer_is_partial(p->rib, p->numbers[peer]) == p->partial[peer]);
    }
    play_check_snapshots(p);
    assert(rib_bytes(p->rib) <= p->rib->budget.max);
}

// What was said of a route, and what it must have been.
static inline void play_note(struct play *p, uint32_t peer, uint8_t *model, uint8_t set,
                             enum rib_change change)
{
    bool full = change == RIB_FULL;
    assert(!full || (p->may_fail && set != 0));
    assert(full || (change == RIB_SAME) == (*model == set));
    *model = full ? 0 : set;
    p->partial[peer] |= full;
}

static inline void play_route(struct play *p, bool comes)
{
    uint32_t peer = play_take(p, PLAY_PEERS);
    uint32_t number = play_number(play_take(p, PLAY_PREFIXES)), id = play_take(p, PLAY_IDS);
    uint8_t set = comes ? (uint8_t)(1 + play_take(p, PLAY_SETS - 1)) : 0;
    if (p->numbers[peer] == RIB_NO_PEER)
        return;
    enum rib_change change;
    if (comes) {
        struct rib_attributes a = play_attributes(set);
        uint32_t handle = rib_attributes_take(p->rib, &a);
        assert(handle != 0 || p->may_fail);
        change = rib_learn(p->rib, p->numbers[peer], play_prefix(number), play_id(id), handle);
        rib_attributes_give(p->rib, handle);
    } else {
        change = rib_withdraw(p->rib, p->numbers[peer], play_prefix(number), play_id(id));
    }
    play_note(p, peer, &p->now.sets[peer][number][id], set, change);
    play_check_prefix(rib_live(p->rib), &p->now, p->numbers, number);
}

// A run of prefixes, some twice, as one UPDATE brings them.
static inline void play_batch(struct play *p)
{
    struct bgp_route routes[RIB_BATCH_MAX];
    uint32_t peer = play_take(p, PLAY_PEERS), first = play_take(p, PLAY_PREFIXES);
    uint32_t count = 1 + play_take(p, RIB_BATCH_MAX), id = play_take(p, PLAY_IDS);
    uint8_t set = play_take(p, PLAY_SETS), *models[RIB_BATCH_MAX];
    uint32_t changed = 0;
    if (p->numbers[peer] == RIB_NO_PEER)
        return;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t number = play_number((first + i) % PLAY_PREFIXES);
        routes[i] = (struct bgp_route){play_prefix(number), play_id(id)};
        models[i] = &p->now.sets[peer][number][id];
    }
    struct rib_batch done;
    if (set != 0) {
        struct rib_attributes a = play_attributes(set);
        uint32_t handle = rib_attributes_take(p->rib, &a);
        done = rib_learn_batch(p->rib, p->numbers[peer], routes, count, handle);
        rib_attributes_give(p->rib, handle);
    } else {
        done = rib_withdraw_batch(p->rib, p->numbers[peer], routes, count);
    }
    assert(!done.full || (p->may_fail && set != 0));
    p->partial[peer] |= done.full;
    for (uint32_t i = 0; i < count; i++) {
        changed += *models[i] != set;
        *models[i] = set;
        struct rib_paths paths =
            rib_peer_paths(p->rib, p->numbers[peer], routes[i].prefix);  // which did not fit?
        struct rib_path path;
        bool is_there = false;
        while (rib_paths_next(&paths, &path))
            is_there |= path.path_id == routes[i].path_id;
        if (done.full && !is_there)
            *models[i] = 0;
    }
    assert(done.full || done.changed == changed);
    for (uint32_t number = 0; number < PLAY_PREFIXES; number++)
        play_check_prefix(rib_live(p->rib), &p->now, p->numbers, number);
}

static inline void play_forget(struct play *p)
{
    uint32_t peer = play_take(p, PLAY_PEERS);
    if (p->numbers[peer] == RIB_NO_PEER)
        return;
    rib_forget(p->rib, p->numbers[peer]);
    memset(p->now.sets[peer], 0, sizeof p->now.sets[peer]);
    p->partial[peer] = false;
}

static inline void play_open_or_close(struct play *p)
{
    uint32_t peer = PLAY_SESSIONS + play_take(p, PLAY_PEERS - PLAY_SESSIONS);
    if (p->numbers[peer] == RIB_NO_PEER) {
        play_open(p, peer);
        return;
    }
    rib_peer_close(p->rib, p->numbers[peer]);
    p->numbers[peer] = RIB_NO_PEER;
    memset(p->now.sets[peer], 0, sizeof p->now.sets[peer]);
    p->partial[peer] = false;
}

static inline void play_snapshot(struct play *p)
{
    uint32_t i = play_take(p, RIB_SNAPSHOTS_MAX);
    if (p->snapshots[i]) {
        rib_snapshot_free(p->rib, p->snapshots[i]);
        p->snapshots[i] = NULL;
        return;
    }
    p->snapshots[i] = rib_snapshot_take(p->rib);
    assert(p->snapshots[i] || p->may_fail);
    p->then[i] = p->now;
    memcpy(p->then_numbers[i], p->numbers, sizeof p->numbers);
}

// The n-th request for memory from here on is refused.
static inline void play_refuse(struct play *p)
{
    p->rib->budget.fails_in = 1 + play_take(p, 12);
    p->may_fail = true;
}

static inline void play_step(struct play *p)
{
    switch (play_take(p, 16)) {
    case 0:
        play_forget(p);
        break;
    case 1:
        rib_sweep(p->rib);
        break;
    case 2:
        play_snapshot(p);
        break;
    case 3:
        play_open_or_close(p);
        break;
    case 4:
        play_refuse(p);
        break;
    case 5:
    case 6:
        play_batch(p);
        break;
    case 7:
        play_check_all(p);
        break;
    case 8:
    case 9:
    case 10:
    case 11:
        play_route(p, false);
        break;
    default:
        play_route(p, true);
    }
}

// Nothing may be left of what was done.
static inline void play_end(struct play *p)
{
    p->rib->budget.fails_in = 0;
    play_check_all(p);
    for (uint32_t i = 0; i < RIB_SNAPSHOTS_MAX; i++)
        rib_snapshot_free(p->rib, p->snapshots[i]);
    for (uint32_t peer = 0; peer < PLAY_PEERS; peer++) {
        if (p->numbers[peer] != RIB_NO_PEER)
            rib_forget(p->rib, p->numbers[peer]);
    }
    while (rib_sweep(p->rib))
        ;
    for (enum family f = FAMILY_IPV4; f < FAMILIES; f++) {
        const struct prefixes *prefixes = &p->rib->prefixes[f];
        assert(prefixes->live == 0 && prefixes->dead == 0 && prefixes->segment_count == 0);
        for (uint32_t length = 0; length <= family_bits(f); length++)
            assert(prefixes->lengths[length] == 0);
    }
    assert(p->rib->attributes.sets.live == 0 && p->rib->attributes.sets.dead == 0);
    assert(p->rib->attributes.lists.live == 0 && p->rib->attributes.extras.live == 0);
    assert(rib_bytes(p->rib) - p->empty_bytes < 32 << 10);  // lists of slabs and segments
    rib_free(p->rib);
}
