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

// More sessions than an epoch can count must not bring the dead back.
static void old_epochs_never_come_round(void **state)
{
    (void)state;
    struct rib *rib = rib_new(PLENTY, (struct siphash_key){1, 0});
    learn(rib, 0, "203.0.113.0/24", 0, 1);
    for (uint32_t i = 0; i < UINT16_MAX + 1u; i++) {
        rib_forget(rib, 0);
        assert_int_equal(count_paths(rib, "203.0.113.0/24"), 0);
    }
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

// The property test's universe: small, so that everything nests and collides.
enum { ROUTERS = 3, PATH_IDS = 2, LENGTHS = 5, VALUES = 8, MODEL = 2 * LENGTHS * VALUES };

struct model {
    struct prefix prefix;
    uint32_t salt[ROUTERS][PATH_IDS];  // 0: absent
};

static void model_init(struct model *model)
{
    for (size_t i = 0; i < MODEL; i++) {
        uint8_t value = (uint8_t)(i % VALUES), bytes[16] = {(uint8_t)(value << 5)};
        uint8_t length = (uint8_t)(i / VALUES % LENGTHS);
        enum family family = i < MODEL / 2 ? FAMILY_IPV4 : FAMILY_IPV6;
        if (length == LENGTHS - 1)
            length = family_bits(family);
        model[i] = (struct model){.prefix = prefix_of(address_from_bytes(family, bytes), length)};
    }
}

// Equal prefixes share the first place that has them.
static struct model *model_pick(struct model *model, struct random *random)
{
    struct prefix wanted = model[random_u64(random) % MODEL].prefix;
    while (!prefix_equal(model->prefix, wanted))
        model++;
    return model;
}

static bool model_alive(const struct model *m)
{
    static const uint32_t none[ROUTERS][PATH_IDS];
    return memcmp(m->salt, none, sizeof none) != 0;
}

static void check_paths(const struct rib *rib, const struct model *m)
{
    uint32_t found[ROUTERS][PATH_IDS] = {0};
    struct rib_path path;
    for (struct rib_paths paths = rib_paths(rib, m->prefix); rib_paths_next(&paths, &path);)
        found[path.peer][path.path_id] += rib_attributes(rib, path.attributes).med;
    assert_memory_equal(found, m->salt, sizeof found);
}

static void check_match(const struct rib *rib, const struct model *model, struct address at)
{
    const struct model *longest = NULL;
    for (size_t i = 0; i < MODEL; i++) {
        if (model_alive(&model[i]) && prefix_contains_address(model[i].prefix, at) &&
            (!longest || model[i].prefix.length > longest->prefix.length))
            longest = &model[i];
    }
    struct prefix match;
    assert_int_equal(rib_longest_match(rib, RIB_NO_PEER, at, &match), longest != NULL);
    if (longest)
        assert_true(prefix_equal(match, longest->prefix));
}

// In order, none twice, none missed.
static void check_inside(const struct rib *rib, const struct model *model, struct prefix outer)
{
    size_t expected = 0, count = 0;
    for (size_t i = 0; i < MODEL; i++)
        expected += model_alive(&model[i]) && prefix_contains(outer, model[i].prefix);
    struct rib_walk *walk = rib_walk_new(rib_live(rib), RIB_NO_PEER, outer);
    struct prefix last = {0}, prefix;
    for (; rib_walk_next(walk, &prefix); count++, last = prefix) {
        assert_true(prefix_contains(outer, prefix));
        assert_true(count == 0 || prefix_compare(last, prefix) < 0);
    }
    rib_walk_free(walk);
    assert_int_equal(count, expected);
}

static void forget(struct rib *rib, struct model *model, uint32_t router)
{
    rib_forget(rib, router);
    for (size_t i = 0; i < MODEL; i++)
        memset(model[i].salt[router], 0, sizeof model[i].salt[router]);
}

static void change_one(struct rib *rib, struct model *m, struct random *random)
{
    uint32_t router = (uint32_t)(random_u64(random) % ROUTERS);
    uint32_t path_id = (uint32_t)(random_u64(random) % PATH_IDS);
    uint32_t *salt = &m->salt[router][path_id], before = *salt;
    enum rib_change change;
    *salt = random_u64(random) % 2 ? 0 : 1 + (uint32_t)(random_u64(random) % 3);
    if (*salt != 0) {
        struct rib_attributes a = attributes(*salt);
        change = check_learn(rib, router, m->prefix, path_id, &a);
    } else {
        change = rib_withdraw(rib, router, m->prefix, path_id);
    }
    assert_int_equal(change, *salt == before ? RIB_SAME : RIB_CHANGED);
}

static void behaves_like_a_list_of_routes(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct random random = {seed};
        struct model model[MODEL];
        model_init(model);
        struct rib *rib = rib_new(PLENTY, (struct siphash_key){seed, 0});
        size_t empty = rib_bytes(rib);
        for (int step = 0; step < 3000; step++) {
            struct model *m = model_pick(model, &random);
            change_one(rib, m, &random);
            check_paths(rib, m);
            check_match(rib, model, model_pick(model, &random)->prefix.address);
            check_inside(rib, model, model_pick(model, &random)->prefix);
            if (random_u64(&random) % 97 == 0)
                forget(rib, model, (uint32_t)(random_u64(&random) % ROUTERS));
            if (random_u64(&random) % 31 == 0)
                rib_sweep(rib);
        }
        for (uint32_t router = 0; router < ROUTERS; router++)
            forget(rib, model, router);
        while (rib_sweep(rib))
            ;
        assert_true(rib_bytes(rib) - empty < 64 << 10);
        rib_free(rib);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_route_comes_changes_and_goes),
        cmocka_unit_test(what_is_kept_is_what_came),
        cmocka_unit_test(a_forgotten_router_vanishes_at_once),
        cmocka_unit_test(old_epochs_never_come_round),
        cmocka_unit_test(a_full_table_refuses_and_remembers),
        cmocka_unit_test(too_many_paths_make_it_partial),
        cmocka_unit_test(behaves_like_a_list_of_routes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
