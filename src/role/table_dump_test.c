// SPDX-License-Identifier: ISC
#include "role/table_dump.h"

#include "bgp/message.h"
#include "mrt/update.h"
#include "rib/received.h"
#include "rib/rib_check.h"

#include <stdlib.h>
#include <string.h>

enum { PEERS = 4, PREFIXES = 3000, SIZE = 1 << 20, TABLE_BYTES = 64 << 20 };

static uint32_t next(uint32_t *state)  // xorshift: the same table every time
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static struct address any_host(uint32_t *seed, enum family family)
{
    uint8_t bytes[16];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(next(seed) % 127 + 1);
    return address_from_bytes(family, bytes);
}

// Attributes of all kinds, there or not, of one of a few hundred sets.
static void learn_any(struct rib *rib, uint32_t *seed, uint32_t peer, struct prefix prefix,
                      uint32_t path_id)
{
    static const uint8_t others[] = {0xc0, 99, 3, 1, 2, 3};
    uint32_t own = next(seed) % 300 + 1;
    uint8_t path[64], list[120];
    struct writer w = writer_over(path, sizeof path);
    writer_u8(&w, 2);
    writer_u8(&w, 3);
    for (unsigned i = 0; i < 3; i++)
        writer_be32(&w, next(&own) % 400000 + 1);
    for (size_t i = 0; i < sizeof list; i++)
        list[i] = (uint8_t)next(&own);
    enum family family = prefix.address.family;
    bool ipv6_hop = family == FAMILY_IPV6 || next(&own) % 5 == 0;
    struct rib_attributes a = {
        .next_hop = any_host(&own, ipv6_hop ? FAMILY_IPV6 : FAMILY_IPV4),
        .as_path = {path, w.size},
        .communities = {list, 4 * (next(&own) % 5)},
        .extended = {list + 20, 8 * (next(&own) % 3)},
        .ipv6_extended = {list + 40, 20 * (next(&own) % 2)},
        .large = {list + 60, 12 * (next(&own) % 3)},
        .cluster_list = {list + 90, 4 * (next(&own) % 3)},
        .others = {others, next(&own) % 2 ? sizeof others : 0},
        .origin = (uint8_t)(next(&own) % 3),
        .has_med = next(&own) % 2,
        .has_local_pref = next(&own) % 2,
        .local_pref = RIB_LOCAL_PREF_DEFAULT,
        .atomic = next(&own) % 2,
        .has_aigp = next(&own) % 2,
        .has_only_to_customer = next(&own) % 2,
        .originator_id = next(&own) % 2 ? 0xc0000263 : 0,
    };
    a.med = a.has_med ? next(&own) : 0;
    a.local_pref = a.has_local_pref ? next(&own) : RIB_LOCAL_PREF_DEFAULT;
    a.aigp = a.has_aigp ? next(&own) : 0;
    a.only_to_customer = a.has_only_to_customer ? next(&own) % 100000 + 1 : 0;
    if (next(&own) % 2) {
        a.aggregator = any_host(&own, FAMILY_IPV4);
        a.aggregator_as = next(&own) % 400000 + 1;
    }
    if (ipv6_hop && next(&own) % 2) {
        a.link_local = any_host(&own, FAMILY_IPV6);
        a.link_local.bytes[0] = 0xfe;
        a.link_local.bytes[1] = 0x80;
    }
    assert_int_not_equal(check_learn(rib, peer, prefix, path_id, &a), RIB_FULL);
}

static void fill(struct rib *rib, uint32_t first, uint32_t seed)
{
    for (unsigned i = 0; i < PREFIXES; i++) {
        enum family family = next(&seed) % 3 ? FAMILY_IPV4 : FAMILY_IPV6;
        uint8_t length = (uint8_t)(next(&seed) % (family_bits(family) + 1u));
        struct prefix prefix = prefix_of(any_host(&seed, family), length);
        for (uint32_t peer = 0; peer < PEERS; peer++) {
            uint32_t paths = peer == 1 ? next(&seed) % 4 : next(&seed) % 2;  // 1: with ADD-PATH
            for (uint32_t id = 1; id <= paths; id++)
                learn_any(rib, &seed, first + peer, prefix, peer == 1 ? id : 0);
        }
    }
}

static struct rib *new_table(uint32_t *first)
{
    struct rib *rib = rib_new(TABLE_BYTES, (struct siphash_key){1, 2});
    assert_non_null(rib);
    *first = rib_peer_open(rib, RIB_PEER_BMP_IN);
    for (uint32_t peer = 1; peer < PEERS; peer++)
        assert_int_equal(rib_peer_open(rib, RIB_PEER_BMP_IN), *first + peer);
    return rib;
}

static void describe(struct table_dump_peer *peers, uint32_t first)
{
    static const char *const addresses[PEERS] = {"192.0.2.1", "2001:db8::2", "192.0.2.3",
                                                 "2001:db8::4"};
    for (uint32_t i = 0; i < PEERS; i++)
        peers[i] = (struct table_dump_peer){
            first + i, {check_address(addresses[i]), 4200000000u + i, 0xc0000201 + i}};
}

struct archive {
    uint8_t *bytes;
    size_t size, pieces;
    uint64_t routes;
};

static struct archive dump(struct rib *rib, const struct table_dump_peer *peers, uint16_t count)
{
    struct archive archive = {.bytes = malloc(16 << 20)};
    struct table_dump *d = table_dump_new(rib, 1700000000, 0xc0000201, peers, count);
    assert_non_null(d);
    for (bool more = true; more;) {
        size_t size = table_dump_read(d, archive.bytes + archive.size, SIZE, &more);
        archive.size += size;
        archive.pieces += size > 0;
    }
    assert_false(table_dump_is_cut(d));
    assert_int_equal(table_dump_left_out(d), 0);
    archive.routes = table_dump_routes(d);
    table_dump_free(d);
    return archive;
}

static void load_entry(struct rib *rib, uint32_t first, const struct mrt_rib *record,
                       const struct mrt_entry *entry)
{
    static uint8_t bytes[BGP_EXTENDED_MESSAGE_MAX], scratch[RIB_RECEIVED_SCRATCH];
    struct mrt_announcement a = mrt_announcement_of_entry(record, entry);
    struct writer w = writer_over(bytes, sizeof bytes);
    mrt_announcement_encode(&w, &a, sizeof bytes);
    struct bgp_context context = {
        .observed = true,
        .as4 = true,
        .families = {[FAMILY_IPV4] = true, [FAMILY_IPV6] = true},
        .add_path = {[FAMILY_IPV4] = a.add_path, [FAMILY_IPV6] = a.add_path},
        .extended_message = true};
    struct bgp_message message;
    struct bgp_verdict verdict = bgp_message_decode(cursor_over(bytes, w.size), &context, &message);
    if (verdict.remedy != BGP_ACCEPT)
        fail_msg("%s", verdict.reason);
    const struct bgp_attributes *said = &message.update.attributes;
    struct rib_attributes kept = rib_received(said, (struct net_community){0}, scratch);
    bool classic = said->next_hop.family == FAMILY_IPV4;
    kept.next_hop = classic ? said->next_hop : said->mp_next_hop;
    kept.link_local = classic ? (struct address){0} : said->mp_link_local;
    assert_int_equal(check_learn(rib, first + entry->peer_index, mrt_prefix(&record->nlri),
                                 entry->path_id, &kept),
                     RIB_CHANGED);
}

static uint64_t load(struct rib *rib, uint32_t first, const struct archive *archive)
{
    struct mrt_reader reader = mrt_reader_over(archive->bytes, archive->size, 0);
    struct mrt_record record;
    struct mrt_peers peers = {0};
    struct mrt_item item;
    struct mrt_entry entry;
    uint64_t routes = 0;
    uint32_t sequence = 0;
    while (mrt_reader_next(&reader, &record) == MRT_RECORD) {
        mrt_item_decode(&record, &peers, &item);
        if (item.kind == MRT_RIB)
            assert_int_equal(item.rib.sequence, sequence++);
        for (; mrt_entry_next(&item, &entry); routes++)
            load_entry(rib, first, &item.rib, &entry);
        assert_true(item.kind == MRT_PEERS || item.kind == MRT_RIB);
    }
    assert_int_equal(mrt_reader_left(&reader), 0);
    mrt_peers_done(&peers);
    return routes;
}

static bool same_bytes(struct bgp_bytes a, struct bgp_bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.bytes, b.bytes, a.size) == 0);
}

static void check_same(const struct rib_attributes *a, const struct rib_attributes *b)
{
    const struct bgp_bytes lists[][2] = {
        {a->as_path, b->as_path},   {a->communities, b->communities},
        {a->extended, b->extended}, {a->ipv6_extended, b->ipv6_extended},
        {a->large, b->large},       {a->cluster_list, b->cluster_list},
        {a->others, b->others}};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        if (!same_bytes(lists[i][0], lists[i][1]))
            fail_msg("list %zu", i);
    assert_true(address_equal(a->next_hop, b->next_hop));
    assert_true(address_equal(a->link_local, b->link_local));
    assert_true(address_equal(a->aggregator, b->aggregator));
    assert_int_equal(a->aggregator_as, b->aggregator_as);
    assert_int_equal(a->aigp, b->aigp);
    assert_int_equal(a->local_pref, b->local_pref);
    assert_int_equal(a->med, b->med);
    assert_int_equal(a->originator_id, b->originator_id);
    assert_int_equal(a->only_to_customer, b->only_to_customer);
    assert_int_equal(a->origin, b->origin);
    assert_true(a->has_local_pref == b->has_local_pref && a->has_med == b->has_med &&
                a->has_aigp == b->has_aigp && a->atomic == b->atomic &&
                a->has_only_to_customer == b->has_only_to_customer);
}

static void check_same_tables(const struct rib *rib, uint32_t first, const struct rib *other,
                              uint32_t again)
{
    struct rib_walk *walk = rib_walk_new(rib_live(rib), RIB_NO_PEER, (struct prefix){0});
    struct prefix prefix;
    while (rib_walk_next(walk, &prefix)) {
        struct rib_paths left = rib_paths(rib, prefix), right = rib_paths(other, prefix);
        struct rib_path a, b;
        while (rib_paths_next(&left, &a)) {
            assert_true(rib_paths_next(&right, &b));
            assert_int_equal(a.peer - first, b.peer - again);
            assert_int_equal(a.path_id, b.path_id);
            struct rib_attributes kept = rib_attributes(rib, a.attributes),
                                  loaded = rib_attributes(other, b.attributes);
            check_same(&kept, &loaded);
        }
        assert_false(rib_paths_next(&right, &b));
    }
    rib_walk_free(walk);
}

// A table that is dumped and loaded elsewhere is the same there, and is dumped to the same octets.
static void a_table_comes_back(void **state)
{
    (void)state;
    uint32_t first, again;
    struct rib *rib = new_table(&first), *other = new_table(&again);
    struct table_dump_peer peers[PEERS];
    fill(rib, first, 4711);
    describe(peers, first);
    struct archive archive = dump(rib, peers, PEERS);
    assert_true(archive.pieces > 1);
    uint64_t wanted = 0;
    for (uint32_t i = 0; i < PEERS; i++)
        wanted += rib_route_count(rib, first + i, FAMILY_IPV4) +
                  rib_route_count(rib, first + i, FAMILY_IPV6);
    assert_int_equal(archive.routes, wanted);
    assert_int_equal(load(other, again, &archive), wanted);
    check_same_tables(rib, first, other, again);
    describe(peers, again);
    struct archive twin = dump(other, peers, PEERS);
    assert_int_equal(twin.size, archive.size);
    assert_memory_equal(twin.bytes, archive.bytes, archive.size);
    free(archive.bytes);
    free(twin.bytes);
    rib_free(rib);
    rib_free(other);
}

// Only those peers that were asked for; what changes during the dump is not in it.
static void peers_and_changes(void **state)
{
    (void)state;
    uint32_t first, again;
    struct rib *rib = new_table(&first), *other = new_table(&again);
    struct table_dump_peer peers[PEERS];
    fill(rib, first, 815);
    describe(peers, first);
    uint64_t wanted =
        rib_route_count(rib, first + 2, FAMILY_IPV4) + rib_route_count(rib, first + 2, FAMILY_IPV6);
    struct archive archive = {.bytes = malloc(16 << 20)};
    struct table_dump *d = table_dump_new(rib, 1, 1, &peers[2], 1);
    rib_forget(rib, first + 2);
    for (bool more = true; more;)
        archive.size += table_dump_read(d, archive.bytes + archive.size, SIZE, &more);
    assert_int_equal(table_dump_routes(d), wanted);
    table_dump_free(d);
    assert_int_equal(load(other, again, &archive), wanted);
    assert_int_equal(rib_route_count(other, again, FAMILY_IPV4) +
                         rib_route_count(other, again, FAMILY_IPV6),
                     wanted);
    free(archive.bytes);
    rib_free(rib);
    rib_free(other);
}

// A third of a peer's routes go, half of those come back in another form.
static void change_some(struct rib *rib, uint32_t peer, uint32_t turn)
{
    struct rib_walk *walk = rib_walk_new(rib_live(rib), peer, (struct prefix){0});
    static struct prefix prefixes[PREFIXES];
    uint32_t count = 0, seed = turn + 1;
    while (count < PREFIXES && rib_walk_next(walk, &prefixes[count]))
        count++;
    rib_walk_free(walk);
    for (uint32_t i = turn % 3; i < count; i += 3) {
        rib_withdraw(rib, peer, prefixes[i], 0);
        if (i % 2)
            learn_any(rib, &seed, peer, prefixes[i], 0);
    }
}

// Whoever reads slowly gets the table as it was when he asked, however much of it changes between
// two pieces, prefixes that go for good and new ones included.
static void a_slow_reader(void **state)
{
    (void)state;
    uint32_t first;
    struct rib *rib = new_table(&first);
    struct table_dump_peer peers[PEERS];
    fill(rib, first, 1234);
    describe(peers, first);
    struct archive before = dump(rib, peers, PEERS), slow = {.bytes = malloc(16 << 20)};
    struct table_dump *d = table_dump_new(rib, 1700000000, 0xc0000201, peers, PEERS);
    uint32_t turn = 0;
    for (bool more = true; more; turn++) {
        slow.size += table_dump_read(d, slow.bytes + slow.size, SIZE, &more);
        change_some(rib, first + turn % 2 * 2, turn);
        if (turn == 3)
            rib_forget(rib, first + 1);
        if (turn == 4)
            fill(rib, first, 99);
        rib_sweep(rib);
    }
    assert_true(turn > 10);
    assert_false(table_dump_is_cut(d));
    assert_int_equal(table_dump_routes(d), before.routes);
    assert_int_equal(slow.size, before.size);
    assert_memory_equal(slow.bytes, before.bytes, before.size);
    table_dump_free(d);
    struct archive after = dump(rib, peers, PEERS);
    assert_true(after.size != before.size || memcmp(after.bytes, before.bytes, after.size) != 0);
    free(before.bytes);
    free(slow.bytes);
    free(after.bytes);
    rib_free(rib);
}

// A route with four kilobytes of attributes that no other has.
static void learn_large(struct rib *rib, uint32_t peer, uint32_t number)
{
    static uint8_t list[4096];
    memcpy(list, &number, sizeof number);
    struct rib_attributes a = {.communities = {list, sizeof list}};
    struct prefix prefix = prefix_of(address_from_bytes(FAMILY_IPV4, list), 32);
    assert_int_not_equal(check_learn(rib, peer, prefix, 7, &a), RIB_FULL);
}

// A table that needs the memory of a dump's snapshot takes it: the dump ends there, says so, and
// what it wrote are whole records of what was true. The next dump has everything.
static void a_lost_snapshot(void **state)
{
    (void)state;
    uint32_t first, again;
    struct rib *rib = new_table(&first), *other = new_table(&again);
    struct table_dump_peer peers[PEERS];
    fill(rib, first, 77);
    describe(peers, first);
    uint32_t number = 0;
    for (; number < 1000; number++)
        learn_large(rib, first + 3, number);
    struct archive archive = {.bytes = malloc(16 << 20)};
    struct table_dump *d = table_dump_new(rib, 1, 1, peers, PEERS);
    bool more = true;
    for (int piece = 0; piece < 3; piece++)
        archive.size += table_dump_read(d, archive.bytes + archive.size, SIZE, &more);
    assert_true(more && !table_dump_is_cut(d));
    uint64_t written = table_dump_routes(d);
    rib_forget(rib, first + 3);  // all that is left of it is the snapshot's
    for (; !table_dump_is_cut(d) && number < TABLE_BYTES / 4096; number++)
        learn_large(rib, first, number);
    assert_true(table_dump_is_cut(d) && !rib_peer_is_partial(rib, first));
    assert_int_equal(table_dump_read(d, archive.bytes + archive.size, SIZE, &more), 0);
    assert_false(more);
    assert_int_equal(table_dump_routes(d), written);
    assert_int_equal(load(other, again, &archive), written);
    table_dump_free(d);
    free(archive.bytes);
    while (rib_sweep(rib))
        ;
    archive = (struct archive){.bytes = malloc(TABLE_BYTES)};
    d = table_dump_new(rib, 1, 1, peers, PEERS);
    for (more = true; more;)
        archive.size += table_dump_read(d, archive.bytes, SIZE, &more);
    assert_true(!table_dump_is_cut(d) && table_dump_routes(d) > number);
    table_dump_free(d);
    free(archive.bytes);
    rib_free(rib);
    rib_free(other);
}

// Of a prefix with more paths than fit a piece there are several records.
static void a_prefix_longer_than_a_piece(void **state)
{
    (void)state;
    enum { PATHS = 30, COMMUNITIES = 10000 };
    uint32_t first, again;
    struct rib *rib = new_table(&first), *other = new_table(&again);
    struct table_dump_peer peers[PEERS];
    describe(peers, first);
    uint8_t *list = malloc(4 * COMMUNITIES), path[6] = {2, 1, 0, 0, 0, 9};
    for (uint32_t i = 0; i < PATHS; i++) {
        memset(list, (int)i + 1, 4 * COMMUNITIES);
        struct rib_attributes a = {.next_hop = check_address("192.0.2.1"),
                                   .as_path = {path, sizeof path},
                                   .communities = {list, 4 * COMMUNITIES},
                                   .local_pref = RIB_LOCAL_PREF_DEFAULT};
        check_learn(rib, first + 1, check_prefix("192.0.2.0/24"), i + 1, &a);
    }
    struct archive archive = dump(rib, peers, PEERS);
    assert_int_equal(archive.pieces, 2);
    assert_int_equal(archive.routes, PATHS);
    assert_int_equal(load(other, again, &archive), PATHS);
    free(archive.bytes);
    free(list);
    rib_free(rib);
    rib_free(other);
}

// As a router's own routes may be: the next hop is then the unspecified address.
static void a_route_without_a_next_hop(void **state)
{
    (void)state;
    uint32_t first, again;
    struct rib *rib = new_table(&first), *other = new_table(&again);
    struct table_dump_peer peers[PEERS];
    describe(peers, first);
    struct rib_attributes a = {.local_pref = RIB_LOCAL_PREF_DEFAULT};
    check_learn(rib, first, check_prefix("192.0.2.0/24"), 0, &a);
    check_learn(rib, first, check_prefix("2001:db8::/32"), 0, &a);
    struct archive archive = dump(rib, peers, PEERS);
    assert_int_equal(load(other, again, &archive), 2);
    struct rib_paths paths = rib_paths(other, check_prefix("2001:db8::/32"));
    struct rib_path path;
    assert_true(rib_paths_next(&paths, &path));
    struct rib_attributes kept = rib_attributes(other, path.attributes);
    assert_true(address_equal(kept.next_hop, check_address("::")));
    free(archive.bytes);
    rib_free(rib);
    rib_free(other);
}

static void an_empty_table(void **state)
{
    (void)state;
    uint32_t first;
    struct rib *rib = new_table(&first);
    struct archive archive = dump(rib, NULL, 0);
    assert_int_equal(archive.size, MRT_HEADER_SIZE + 8);
    assert_int_equal(archive.pieces, 1);
    free(archive.bytes);
    rib_free(rib);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_comes_back),
        cmocka_unit_test(peers_and_changes),
        cmocka_unit_test(a_slow_reader),
        cmocka_unit_test(a_lost_snapshot),
        cmocka_unit_test(a_prefix_longer_than_a_piece),
        cmocka_unit_test(a_route_without_a_next_hop),
        cmocka_unit_test(an_empty_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
