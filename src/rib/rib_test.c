// SPDX-License-Identifier: ISC
#include "rib/rib.h"

#include "base/random.h"
#include "rib/best.h"
#include "rib/rib_check.h"

#include <string.h>

enum { PLENTY = 64 << 20 };

// An attribute set that `salt` makes different.
static struct rib_attributes attributes(uint32_t salt)
{
    static const uint8_t as_path[] = {2, 2, 0, 0, 0xfd, 0xe9, 0, 0, 0xfe, 0x4c};
    return (struct rib_attributes){
        .next_hop = check_address("10.0.1.1"),
        .local_pref = 100,
        .med = salt,
        .as_path = {as_path, sizeof as_path},
    };
}

static enum rib_change learn(struct rib *rib, uint32_t router, const char *text, uint32_t path_id,
                             uint32_t salt)
{
    struct rib_attributes a = attributes(salt);
    return check_learn(rib, router, check_prefix(text), path_id, &a);
}

static size_t count_paths(const struct rib *rib, const char *text)
{
    size_t count = 0;
    struct rib_path path;
    for (struct rib_paths paths = rib_paths(rib, check_prefix(text));
         rib_paths_next(&paths, &path);)
        count++;
    return count;
}

static void a_route_comes_changes_and_goes(void **state)
{
    (void)state;
    struct rib *rib = rib_new(PLENTY, (struct siphash_key){1, 0});
    size_t empty = rib_bytes(rib);
    assert_int_equal(learn(rib, 0, "203.0.113.0/24", 0, 1), RIB_CHANGED);
    assert_int_equal(learn(rib, 0, "203.0.113.0/24", 0, 1), RIB_SAME);
    assert_int_equal(learn(rib, 0, "203.0.113.0/24", 0, 2), RIB_CHANGED);
    assert_int_equal(learn(rib, 0, "203.0.113.0/24", 7, 2), RIB_CHANGED);  // ADD-PATH
    assert_int_equal(learn(rib, 1, "203.0.113.0/24", 0, 2), RIB_CHANGED);
    assert_int_equal(count_paths(rib, "203.0.113.0/24"), 3);
    assert_int_equal(count_paths(rib, "203.0.112.0/23"), 0);
    assert_int_equal(count_paths(rib, "203.0.113.0/25"), 0);
    assert_int_equal(rib_route_count(rib, 0, FAMILY_IPV4), 2);
    assert_int_equal(rib_route_count(rib, 0, FAMILY_IPV6), 0);

    assert_int_equal(rib_withdraw(rib, 0, check_prefix("203.0.113.0/24"), 1), RIB_SAME);
    assert_int_equal(rib_withdraw(rib, 0, check_prefix("203.0.113.0/25"), 0), RIB_SAME);
    assert_int_equal(rib_withdraw(rib, 0, check_prefix("203.0.113.0/24"), 0), RIB_CHANGED);
    assert_int_equal(rib_withdraw(rib, 0, check_prefix("203.0.113.0/24"), 0), RIB_SAME);
    assert_int_equal(rib_withdraw(rib, 0, check_prefix("203.0.113.0/24"), 7), RIB_CHANGED);
    assert_int_equal(rib_withdraw(rib, 1, check_prefix("203.0.113.0/24"), 0), RIB_CHANGED);
    assert_int_equal(count_paths(rib, "203.0.113.0/24"), 0);
    assert_true(rib_bytes(rib) - empty < 64 << 10);  // all but the hash buckets is given back
    rib_free(rib);
}

static void what_is_kept_is_what_came(void **state)
{
    (void)state;
    struct rib *rib = rib_new(PLENTY, (struct siphash_key){1, 0});
    struct rib_attributes came = attributes(7);
    uint8_t as_path[sizeof(uint8_t[10])];
    memcpy(as_path, came.as_path.bytes, sizeof as_path);
    came.as_path.bytes = as_path;
    came.local_pref = 300;
    came.origin = 2;
    came.marked = true;
    assert_int_equal(check_learn(rib, 3, check_prefix("2001:db8:f::/48"), 9, &came), RIB_CHANGED);
    memset(as_path, 0, sizeof as_path);  // the message it came in is gone

    struct rib_path path;
    struct rib_paths paths = rib_paths(rib, check_prefix("2001:db8:f::/48"));
    assert_true(rib_paths_next(&paths, &path));
    assert_true(path.peer == 3 && path.path_id == 9);
    struct rib_attributes kept = rib_attributes(rib, path.attributes);
    assert_true(kept.local_pref == 300 && kept.origin == 2);
    assert_true(kept.med == 7 && kept.marked);
    assert_true(address_equal(kept.next_hop, check_address("10.0.1.1")));
    struct rib_way way = rib_way(rib, path.attributes);
    assert_true(way.marked && way.origin == 2 && address_equal(way.next_hop, kept.next_hop));
    assert_true(way.as_path.bytes == kept.as_path.bytes && way.as_path.size == kept.as_path.size);
    assert_int_equal(kept.as_path.size, 10);
    assert_memory_equal(kept.as_path.bytes, attributes(0).as_path.bytes, 10);
    assert_false(rib_paths_next(&paths, &path));
    rib_free(rib);
}

static void a_forgotten_router_vanishes_at_once(void **state)
{
    (void)state;
    struct rib *rib = rib_new(PLENTY, (struct siphash_key){1, 0});
    learn(rib, 0, "203.0.113.0/24", 0, 1);
    learn(rib, 1, "203.0.113.0/24", 0, 1);
    learn(rib, 0, "2001:db8:f::/48", 0, 1);
    rib_forget(rib, 0);
    assert_int_equal(count_paths(rib, "203.0.113.0/24"), 1);
    assert_int_equal(count_paths(rib, "2001:db8:f::/48"), 0);
    assert_int_equal(rib_route_count(rib, 0, FAMILY_IPV4), 0);
    assert_int_equal(rib_withdraw(rib, 0, check_prefix("203.0.113.0/24"), 0), RIB_SAME);
    struct prefix match;
    assert_false(rib_longest_match(rib, RIB_NO_PEER, check_address("2001:db8:f::1"), &match));
    assert_int_equal(learn(rib, 0, "203.0.113.0/24", 0, 1), RIB_CHANGED);  // and may come again
    assert_false(rib_sweep(rib));
    assert_int_equal(count_paths(rib, "203.0.113.0/24"), 2);
    rib_free(rib);
}

static void a_full_table_refuses_and_remembers(void **state)
{
    (void)state;
    struct rib *rib = rib_new(2 << 20, (struct siphash_key){1, 0});
    enum rib_change change = RIB_CHANGED;
    uint32_t kept = 0;
    for (; kept < 1 << 20 && change == RIB_CHANGED; kept++) {
        uint8_t bytes[4] = {20, (uint8_t)(kept >> 16), (uint8_t)(kept >> 8), (uint8_t)kept};
        struct rib_attributes a = attributes(kept % 100);
        struct prefix p = prefix_of(address_from_bytes(FAMILY_IPV4, bytes), 32);
        change = check_learn(rib, 0, p, 0, &a);
        assert_true(rib_bytes(rib) <= 2 << 20);
    }
    assert_int_equal(change, RIB_FULL);
    assert_true(kept > 10000 && rib_peer_is_partial(rib, 0) && !rib_peer_is_partial(rib, 1));
    assert_int_equal(rib_route_count(rib, 0, FAMILY_IPV4), kept - 1);

    rib_forget(rib, 0);
    assert_false(rib_peer_is_partial(rib, 0));
    while (rib_sweep(rib))
        ;
    assert_int_equal(learn(rib, 0, "203.0.113.0/24", 0, 1), RIB_CHANGED);
    rib_free(rib);
}

// What cannot be replaced for want of memory is not true any more either.
static void too_many_paths_make_it_partial(void **state)
{
    (void)state;
    struct rib *rib = rib_new(PLENTY, (struct siphash_key){1, 0});
    for (uint32_t id = 0; id < RIB_PATHS_MAX; id++)
        assert_int_equal(learn(rib, 0, "203.0.113.0/24", id, 1), RIB_CHANGED);
    assert_int_equal(learn(rib, 1, "203.0.113.0/24", 0, 1), RIB_CHANGED);
    assert_false(rib_peer_is_partial(rib, 0));
    assert_int_equal(learn(rib, 0, "203.0.113.0/24", RIB_PATHS_MAX, 1), RIB_FULL);
    assert_true(rib_peer_is_partial(rib, 0));
    assert_int_equal(count_paths(rib, "203.0.113.0/24"), RIB_PATHS_MAX + 1);
    struct rib_choice best;
    assert_true(rib_best(rib, 0, check_prefix("203.0.113.0/24"), &best));
    rib_free(rib);
}

static struct prefix host(uint32_t number)
{
    struct address address = {.family = FAMILY_IPV4};
    for (int i = 0; i < 4; i++)
        address.bytes[i] = (uint8_t)(number >> (24 - 8 * i));
    return prefix_of(address, 32);
}

// What others tell of fills the table up to the share of the sessions, and never makes theirs
// partial.
static void guests_leave_room_for_sessions(void **state)
{
    (void)state;
    struct rib *rib = rib_new(4 << 20, (struct siphash_key){1, 0});
    uint32_t guest = rib_peer_open(rib, RIB_PEER_BMP_IN), number = 1 << 30;
    struct rib_attributes a = attributes(1);
    while (check_learn(rib, guest, host(number), 0, &a) == RIB_CHANGED)
        number++;
    assert_true(rib_peer_is_partial(rib, guest) && number - (1 << 30) > 50000);
    for (number = 0; number < 2000; number++) {
        assert_int_equal(check_learn(rib, guest, host((1 << 29) + number), 0, &a), RIB_FULL);
        a = attributes(number);
        assert_int_equal(check_learn(rib, 0, host(number), 0, &a), RIB_CHANGED);
    }
    assert_false(rib_peer_is_partial(rib, 0));
    assert_int_equal(check_learn(rib, guest, host(1 << 29), 0, &a), RIB_FULL);
    rib_free(rib);
}

static void peers_open_and_close(void **state)
{
    (void)state;
    struct rib *rib = rib_new(PLENTY, (struct siphash_key){1, 0});
    struct rib_attributes a = attributes(1);
    assert_int_equal(rib_peer_kind(rib, NET_ROUTERS_MAX - 1), RIB_PEER_SESSION);
    assert_int_equal(rib_peer_kind(rib, NET_ROUTERS_MAX), RIB_PEER_NONE);
    for (uint32_t peer = NET_ROUTERS_MAX; peer < RIB_PEERS_MAX; peer++)
        assert_int_equal(rib_peer_open(rib, RIB_PEER_BMP_LOC), peer);
    assert_int_equal(rib_peer_open(rib, RIB_PEER_FIB), RIB_NO_PEER);

    const uint32_t peer = 100;
    check_learn(rib, peer, check_prefix("203.0.113.0/24"), 0, &a);
    rib_peer_complete(rib, peer, FAMILY_IPV4);
    assert_true(rib_peer_is_complete(rib, peer, FAMILY_IPV4));
    assert_false(rib_peer_is_complete(rib, peer, FAMILY_IPV6));
    rib_peer_close(rib, peer);
    assert_int_equal(count_paths(rib, "203.0.113.0/24"), 0);
    assert_int_equal(rib_peer_open(rib, RIB_PEER_FIB), peer);  // it is somebody else now
    assert_int_equal(rib_peer_kind(rib, peer), RIB_PEER_FIB);
    assert_false(rib_peer_is_complete(rib, peer, FAMILY_IPV4));
    assert_int_equal(count_paths(rib, "203.0.113.0/24"), 0);
    rib_free(rib);
}

static void session_paths_are_of_sessions_alone(void **state)
{
    (void)state;
    struct rib *rib = rib_new(PLENTY, (struct siphash_key){1, 0});
    struct rib_attributes a = attributes(1);
    struct prefix prefix = check_prefix("203.0.113.0/24");
    static const enum rib_peer_kind kinds[] = {RIB_PEER_BMP_IN, RIB_PEER_BMP_OUT, RIB_PEER_BMP_LOC,
                                               RIB_PEER_FIB};
    for (size_t i = 0; i < 4; i++)
        check_learn(rib, rib_peer_open(rib, kinds[i]), prefix, 0, &a);
    struct rib_path path;
    struct rib_paths paths = rib_session_paths(rib, prefix);
    assert_false(rib_paths_next(&paths, &path));
    check_learn(rib, NET_ROUTERS_MAX - 1, prefix, 0, &a);
    paths = rib_session_paths(rib, prefix);
    assert_true(rib_paths_next(&paths, &path) && path.peer == NET_ROUTERS_MAX - 1);
    assert_false(rib_paths_next(&paths, &path));
    assert_int_equal(count_paths(rib, "203.0.113.0/24"), 5);
    rib_free(rib);
}

// Fetching ahead only fetches: whatever is there, several paths, one, none, or no table at all.
static void to_expect_changes_nothing(void **state)
{
    (void)state;
    struct rib *rib = rib_new(PLENTY, (struct siphash_key){1, 0});
    struct prefix prefixes[RIB_BATCH_MAX] = {
        check_prefix("203.0.113.0/24"), check_prefix("2001:db8::/32"),
        check_prefix("198.51.100.0/24"), check_prefix("192.0.2.0/24")};
    for (size_t i = 4; i < RIB_BATCH_MAX; i++)
        prefixes[i] = prefixes[i % 4];
    rib_expect(rib, prefixes, RIB_BATCH_MAX);
    rib_expect(rib, prefixes, 0);
    learn(rib, 0, "203.0.113.0/24", 1, 1);
    learn(rib, 0, "203.0.113.0/24", 2, 2);
    learn(rib, NET_ROUTERS_MAX - 1, "203.0.113.0/24", 0, 1);
    learn(rib, 1, "2001:db8::/32", 0, 3);
    size_t bytes = rib_bytes(rib);
    rib_expect(rib, prefixes, RIB_BATCH_MAX);
    assert_int_equal(rib_bytes(rib), bytes);
    assert_int_equal(count_paths(rib, "203.0.113.0/24"), 3);
    assert_int_equal(count_paths(rib, "2001:db8::/32"), 1);
    assert_int_equal(count_paths(rib, "198.51.100.0/24"), 0);
    rib_free(rib);
}

// Attributes that did not fit: the route is not kept, nor what it was to replace.
static void attributes_0_are_a_refusal(void **state)
{
    (void)state;
    struct rib *rib = rib_new(PLENTY, (struct siphash_key){1, 0});
    learn(rib, 0, "203.0.113.0/24", 0, 1);
    assert_int_equal(rib_learn(rib, 0, check_prefix("203.0.113.0/24"), 0, 0), RIB_FULL);
    assert_true(rib_peer_is_partial(rib, 0));
    assert_int_equal(count_paths(rib, "203.0.113.0/24"), 0);
    rib_attributes_give(rib, 0);
    rib_forget(rib, 0);
    assert_false(rib_peer_is_partial(rib, 0));
    rib_free(rib);
}

enum { ROUTES = 40000, GROUP = 10 };

// A table as an edge has it: attributes for ten prefixes each, every tenth prefix IPv6.
static struct bgp_route route_of(uint32_t number)
{
    struct bgp_route route = {.prefix = host(number << 8)};
    route.prefix.length = 24;
    if (number % 10 != 0)
        return route;
    route.prefix.address.family = FAMILY_IPV6;
    route.prefix.length = 48;
    route.prefix.address.bytes[5] = 1;
    return route;
}

static void learn_table(struct rib *rib, uint32_t peer, uint32_t salt)
{
    for (uint32_t first = 0; first < ROUTES; first += GROUP) {
        struct bgp_route routes[GROUP];
        for (uint32_t i = 0; i < GROUP; i++)
            routes[i] = route_of(first + i);
        struct rib_attributes a = attributes(first + salt);
        uint32_t set = rib_attributes_take(rib, &a);
        struct rib_batch done = rib_learn_batch(rib, peer, routes, GROUP, set);
        assert_true(done.changed == GROUP && !done.full);
        rib_attributes_give(rib, set);
    }
}

static void withdraw_table(struct rib *rib, uint32_t peer, uint32_t step)
{
    for (uint32_t number = 0; number < ROUTES; number++) {
        struct bgp_route route = route_of((uint32_t)((uint64_t)number * step % ROUTES));
        assert_int_equal(rib_withdraw(rib, peer, route.prefix, route.path_id), RIB_CHANGED);
    }
}

// Routes go in the order in which they came, in another, or all at once: what is left is nothing,
// and a table takes no more the twentieth time.
static void memory_returns_and_does_not_grow(void **state)
{
    (void)state;
    struct rib *rib = rib_new(PLENTY, (struct siphash_key){1, 0});
    size_t empty = rib_bytes(rib), full = 0;
    for (uint32_t cycle = 0; cycle < 20; cycle++) {
        learn_table(rib, cycle % 3, cycle);
        if (cycle == 0)
            full = rib_bytes(rib) - empty;
        assert_true(rib_bytes(rib) - empty <= full + full / 10);
        if (cycle % 4 == 3)
            rib_forget(rib, cycle % 3);
        else
            withdraw_table(rib, cycle % 3, cycle % 4 == 2 ? 7919 : 1);
        while (rib_sweep(rib))
            ;
        assert_true(rib_bytes(rib) - empty < full / 10);
    }
    rib_free(rib);
}

// The second peer's table costs its column and its attributes, the prefixes nothing.
static void a_further_table_costs_little(void **state)
{
    (void)state;
    struct rib *rib = rib_new(PLENTY, (struct siphash_key){1, 0});
    size_t empty = rib_bytes(rib);
    learn_table(rib, 0, 0);
    size_t one = rib_bytes(rib);
    learn_table(rib, 1, 0);  // with the same attributes
    size_t two = rib_bytes(rib);
    assert_true(one - empty < 35 * ROUTES && two - one < 5 * ROUTES);
    rib_free(rib);
}

// ADD-PATH tables whose routes have one path each, under any identifier: four bytes more.
static void an_identifier_costs_little(void **state)
{
    (void)state;
    struct rib *rib = rib_new(PLENTY, (struct siphash_key){1, 0});
    struct rib_attributes a = attributes(1);
    uint32_t set = rib_attributes_take(rib, &a);
    for (uint32_t number = 0; number < ROUTES; number++)
        rib_learn(rib, 0, route_of(number).prefix, 0, set);
    size_t before = rib_bytes(rib);
    for (uint32_t number = 0; number < ROUTES; number++)
        rib_learn(rib, 1, route_of(number).prefix, 7 + number, set);
    assert_true(rib_bytes(rib) - before < 9 * ROUTES);
    assert_int_equal(rib_withdraw(rib, 1, route_of(9).prefix, 7), RIB_SAME);
    assert_int_equal(rib_withdraw(rib, 1, route_of(9).prefix, 16), RIB_CHANGED);
    rib_free(rib);
}

// The worst that a peer can send: every route of its own attributes, host routes in no order, many
// paths for a prefix. It costs what it costs, up to the limit, and goes away as any other.
static void the_worst_peer_is_bounded(void **state)
{
    (void)state;
    enum { LIMIT = 8 << 20 };
    struct rib *rib = rib_new(LIMIT, (struct siphash_key){1, 0});
    struct random random = {1};
    size_t empty = rib_bytes(rib);
    uint32_t kept = 0;
    for (uint32_t step = 0; step < 200000; step++) {
        uint64_t r = random_u64(&random);
        struct rib_attributes a = attributes((uint32_t)r);
        struct prefix prefix = host((uint32_t)(r >> 32) % 50000 * 85899);
        kept += check_learn(rib, 0, prefix, (uint32_t)r % 40, &a) == RIB_CHANGED;
        assert_true(rib_bytes(rib) <= LIMIT);
    }
    assert_true(kept > 30000 && rib_peer_is_partial(rib, 0));
    rib_forget(rib, 0);
    while (rib_sweep(rib))
        ;
    assert_true(rib_bytes(rib) - empty < LIMIT / 50);
    rib_free(rib);
}

static void a_snapshot_stays_as_it_was(void **state)
{
    (void)state;
    struct rib *rib = rib_new(PLENTY, (struct siphash_key){1, 0});
    learn(rib, 0, "203.0.113.0/24", 0, 1);
    learn(rib, 0, "203.0.113.0/24", 5, 2);
    learn(rib, 1, "2001:db8:f::/48", 0, 3);
    size_t before = rib_bytes(rib);
    const struct rib_view *snapshot = rib_snapshot_take(rib);
    rib_withdraw(rib, 0, check_prefix("203.0.113.0/24"), 5);
    learn(rib, 0, "203.0.113.0/24", 0, 9);
    learn(rib, 0, "198.51.100.0/24", 0, 9);
    rib_forget(rib, 1);
    while (rib_sweep(rib))
        ;
    assert_int_equal(count_paths(rib, "2001:db8:f::/48"), 0);

    struct rib_path path;
    struct rib_paths paths = rib_view_paths(snapshot, 0, 9, check_prefix("203.0.113.0/24"));
    assert_true(rib_paths_next(&paths, &path) && path.path_id == 0);
    assert_int_equal(rib_view_attributes(snapshot, path.attributes).med, 1);
    assert_true(rib_paths_next(&paths, &path) && path.path_id == 5);
    assert_int_equal(rib_view_attributes(snapshot, path.attributes).med, 2);
    paths = rib_view_paths(snapshot, 0, 9, check_prefix("2001:db8:f::/48"));
    assert_true(rib_paths_next(&paths, &path) && path.peer == 1);
    paths = rib_view_paths(snapshot, 0, 9, check_prefix("198.51.100.0/24"));
    assert_false(rib_paths_next(&paths, &path));
    assert_int_equal(rib_view_route_count(snapshot, 0, FAMILY_IPV4), 2);
    assert_int_equal(rib_route_count(rib, 0, FAMILY_IPV4), 2);

    rib_snapshot_free(rib, snapshot);
    rib_withdraw(rib, 0, check_prefix("198.51.100.0/24"), 0);
    while (rib_sweep(rib))
        ;
    assert_true(rib_bytes(rib) <= before);
    rib_free(rib);
}

// Bounded in number, and the first to go when memory is short.
static void snapshots_give_way(void **state)
{
    (void)state;
    struct rib *rib = rib_new(4 << 20, (struct siphash_key){1, 0});
    const struct rib_view *snapshots[RIB_SNAPSHOTS_MAX];
    learn_table(rib, 0, 0);
    for (size_t i = 0; i < RIB_SNAPSHOTS_MAX; i++)
        assert_non_null(snapshots[i] = rib_snapshot_take(rib));
    assert_null(rib_snapshot_take(rib));
    for (uint32_t salt = 1; !rib_snapshot_is_lost(snapshots[0]); salt++)
        learn_table(rib, 0, salt * ROUTES);  // what they know of piles up
    for (size_t i = 0; i < RIB_SNAPSHOTS_MAX; i++) {
        assert_true(rib_snapshot_is_lost(snapshots[i]));
        assert_int_equal(rib_view_route_count(snapshots[i], 0, FAMILY_IPV4), 0);
        rib_snapshot_free(rib, snapshots[i]);
    }
    assert_false(rib_peer_is_partial(rib, 0));
    rib_free(rib);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_route_comes_changes_and_goes),
        cmocka_unit_test(what_is_kept_is_what_came),
        cmocka_unit_test(a_forgotten_router_vanishes_at_once),
        cmocka_unit_test(a_full_table_refuses_and_remembers),
        cmocka_unit_test(too_many_paths_make_it_partial),
        cmocka_unit_test(guests_leave_room_for_sessions),
        cmocka_unit_test(peers_open_and_close),
        cmocka_unit_test(session_paths_are_of_sessions_alone),
        cmocka_unit_test(to_expect_changes_nothing),
        cmocka_unit_test(attributes_0_are_a_refusal),
        cmocka_unit_test(memory_returns_and_does_not_grow),
        cmocka_unit_test(a_further_table_costs_little),
        cmocka_unit_test(an_identifier_costs_little),
        cmocka_unit_test(the_worst_peer_is_bounded),
        cmocka_unit_test(a_snapshot_stays_as_it_was),
        cmocka_unit_test(snapshots_give_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
