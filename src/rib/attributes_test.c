// SPDX-License-Identifier: ISC
#include "rib/attributes.h"

#include "rib/play_check.h"

#include "base/check.h"

struct bench {
    struct budget budget;
    struct slabs slabs;
    struct attributes all;
};

static void bench_init(struct bench *b, size_t bytes_max)
{
    *b = (struct bench){.budget.max = bytes_max};
    slabs_init(&b->slabs, &b->budget);
    assert_true(attributes_init(&b->all, &b->slabs, (struct siphash_key){5, 6}));
}

static void bench_done(struct bench *b)
{
    attributes_done(&b->all);
    slabs_done(&b->slabs);
    assert_int_equal(b->budget.used, 0);
}

static const uint8_t octets[1 << 17] = {2, 1, 0, 0, 0xfd, 0xe9};

// Each field by itself, beside the smallest set there is.
static const struct {
    const char *name;
    struct rib_attributes values;
} rows[] = {
    {"nothing", {.local_pref = 100}},
    {"IPv4 next hop", {.local_pref = 100, .next_hop = {FAMILY_IPV4, {10, 0, 0, 1}}}},
    {"IPv6 next hop", {.local_pref = 100, .next_hop = {FAMILY_IPV6, {0x20, 1, [15] = 1}}}},
    {"link-local next hop",
     {.local_pref = 100,
      .next_hop = {FAMILY_IPV6, {0x20, 1, [15] = 1}},
      .link_local = {FAMILY_IPV6, {0xfe, 0x80, [15] = 9}}}},
    {"one sequence", {.local_pref = 100, .as_path = {octets, 6}}},
    {"a path that is no sequence", {.local_pref = 100, .as_path = {octets + 1, 6}}},
    {"a path cut short", {.local_pref = 100, .as_path = {octets, 5}}},
    {"the longest path", {.local_pref = 100, .as_path = {octets, sizeof octets}}},
    {"communities", {.local_pref = 100, .communities = {octets, 8}}},
    {"16383 communities", {.local_pref = 100, .communities = {octets, 65532}}},
    {"extended communities", {.local_pref = 100, .extended = {octets, 16}}},
    {"IPv6 extended communities", {.local_pref = 100, .ipv6_extended = {octets, 20}}},
    {"large communities", {.local_pref = 100, .large = {octets, 24}}},
    {"cluster list", {.local_pref = 100, .cluster_list = {octets, 12}}},
    {"others, of an odd size", {.local_pref = 100, .others = {octets, 7}}},
    {"originator", {.local_pref = 100, .originator_id = 0x0a000001}},
    {"AIGP", {.local_pref = 100, .has_aigp = true, .aigp = UINT64_MAX}},
    {"AIGP of 0", {.local_pref = 100, .has_aigp = true}},
    {"OTC", {.local_pref = 100, .has_only_to_customer = true, .only_to_customer = UINT32_MAX}},
    {"OTC of 0", {.local_pref = 100, .has_only_to_customer = true}},
    {"aggregator",
     {.local_pref = 100, .aggregator_as = 64500, .aggregator = {FAMILY_IPV4, {10, 0, 0, 1}}}},
    {"local preference", {.local_pref = 0, .has_local_pref = true}},
    {"the default preference, said", {.local_pref = 100, .has_local_pref = true}},
    {"MED", {.local_pref = 100, .med = UINT32_MAX, .has_med = true}},
    {"MED of 0", {.local_pref = 100, .has_med = true}},
    {"origin", {.local_pref = 100, .origin = 2}},
    {"atomic", {.local_pref = 100, .atomic = true}},
    {"marked", {.local_pref = 100, .marked = true}},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static void what_is_kept_is_what_came(void **state)
{
    (void)state;
    struct bench b;
    uint32_t sets[ROWS];
    bench_init(&b, 64 << 20);
    for (size_t i = 0; i < ROWS; i++) {
        sets[i] = attributes_take(&b.all, &rows[i].values);
        CHECK_ROW(rows[i].name, sets[i] != 0 && sets[i] < UINT32_C(1) << 31);
        for (size_t other = 0; other < i; other++)
            CHECK_ROW(rows[i].name, sets[other] != sets[i]);
        CHECK_ROW(rows[i].name, attributes_take(&b.all, &rows[i].values) == sets[i]);
    }
    for (size_t i = 0; i < ROWS; i++) {
        struct rib_attributes found = attributes_read(&b.all, sets[i]);
        CHECK_ROW(rows[i].name, play_equal(&found, &rows[i].values));
        attributes_give(&b.all, sets[i], 0);
        found = attributes_read(&b.all, sets[i]);  // it has another user
        CHECK_ROW(rows[i].name, play_equal(&found, &rows[i].values));
        attributes_give(&b.all, sets[i], 0);
    }
    assert_true(b.all.sets.live == 0 && b.all.lists.live == 0 && b.all.extras.live == 0);
    bench_done(&b);
}

// Under five hundred keys, so that some lie in one bucket under one tag.
static void a_bit_makes_another_set(void **state)
{
    (void)state;
    for (uint64_t key = 0; key < 500; key++) {
        struct bench b = {.budget.max = 1 << 20};
        slabs_init(&b.slabs, &b.budget);
        assert_true(attributes_init(&b.all, &b.slabs, (struct siphash_key){key, 6}));
        for (uint32_t med = 1; med < 40; med++) {
            struct rib_attributes a = {.local_pref = 100, .med = med, .has_med = true};
            uint32_t one = attributes_take(&b.all, &a);
            a.atomic = true;
            assert_true(attributes_take(&b.all, &a) != one);
        }
        bench_done(&b);
    }
}

static void ranks_as_the_decision_begins(void **state)
{
    (void)state;
    static const uint8_t longer[] = {2, 2, 0, 0, 0xfd, 0xe9, 0, 0, 0, 1};
    static const struct rib_attributes better_first[] = {
        {.local_pref = UINT32_MAX, .as_path = {longer, 10}},
        {.local_pref = 200, .as_path = {longer, 10}, .origin = 2},
        {.local_pref = 100},
        {.local_pref = 100, .as_path = {octets, 6}},
        {.local_pref = 100, .as_path = {octets, 6}, .origin = 1},
        {.local_pref = 100, .as_path = {longer, 10}},
        {.local_pref = 0},
    };
    struct bench b;
    bench_init(&b, 64 << 20);
    uint64_t before = 0;
    for (size_t i = 0; i < sizeof better_first / sizeof better_first[0]; i++) {
        struct rib_attributes a = better_first[i];
        a.med = (uint32_t)i;
        a.marked = i & 1;
        struct attributes_rank rank = attributes_rank(&b.all, attributes_take(&b.all, &a));
        assert_true(i == 0 || before < rank.merit);
        assert_true(rank.med == i && rank.marked == (i & 1));
        assert_int_equal(rank.neighbour, a.as_path.size > 0 ? 0xfde9 : 0);
        before = rank.merit;
    }
    bench_done(&b);
}

// What a further full-table peer costs: its paths, a few communities, one next hop.
static void a_set_costs_little(void **state)
{
    (void)state;
    enum { SETS = 20000 };
    struct bench b;
    bench_init(&b, 64 << 20);
    size_t empty = b.budget.used;
    for (uint32_t i = 0; i < SETS; i++) {
        uint8_t path[22] = {2, 5, 0, 0, 0xfd, 0xe9}, communities[12] = {(uint8_t)(i % 7)};
        memcpy(path + 18, &i, sizeof i);
        struct rib_attributes a = {.next_hop = {FAMILY_IPV4, {10, 0, 0, 1}},
                                   .local_pref = 100,
                                   .as_path = {path, sizeof path},
                                   .communities = {communities, sizeof communities}};
        assert_true(attributes_take(&b.all, &a) != 0);
    }
    assert_true((b.budget.used - empty) / SETS <= 36 + 13 + 4);  // words, index, and what is round
    bench_done(&b);
}

static void next_hop_of(struct rib_attributes *a, uint32_t number)
{
    a->next_hop = (struct address){FAMILY_IPV4, {11}};
    a->next_hop.bytes[1] = (uint8_t)(number >> 16);
    a->next_hop.bytes[2] = (uint8_t)(number >> 8);
    a->next_hop.bytes[3] = (uint8_t)number;
}

// More next hops than have numbers are kept all the same, in the set.
static void next_hops_never_run_out(void **state)
{
    (void)state;
    enum { COUNT = NEXT_HOPS_MAX + 100 };
    static uint32_t sets[COUNT];
    struct bench b;
    bench_init(&b, 64 << 20);
    struct rib_attributes a = {.local_pref = 100};
    for (uint32_t i = 0; i < COUNT; i++) {
        next_hop_of(&a, i);
        sets[i] = attributes_take(&b.all, &a);
        assert_true(sets[i] != 0);
    }
    for (uint32_t i = 0; i < COUNT; i++) {
        next_hop_of(&a, i);
        struct rib_attributes found = attributes_read(&b.all, sets[i]);
        assert_true(play_equal(&found, &a));
        assert_true(address_equal(attributes_way(&b.all, sets[i]).next_hop, found.next_hop));
        bool has_number = attributes_rank(&b.all, sets[i]).next_hop != NEXT_HOP_NONE;
        assert_true(has_number == (i < NEXT_HOPS_MAX));
        attributes_give(&b.all, sets[i], 0);
    }
    assert_int_equal(b.all.next_hops.index.live, 0);
    bench_done(&b);
}

// Whatever request for memory is refused: nothing of the set is left behind.
static void a_refused_set_leaves_nothing(void **state)
{
    (void)state;
    struct rib_attributes a = rows[4].values;
    a.communities = (struct bgp_bytes){octets, 8};
    a.large = (struct bgp_bytes){octets, 12};
    a.next_hop = (struct address){FAMILY_IPV4, {10, 0, 0, 1}};
    uint32_t refused = 0;
    for (uint32_t n = 1; n < 40; n++) {
        struct bench b;
        bench_init(&b, 64 << 20);
        b.budget.fails_in = n;
        uint32_t set = attributes_take(&b.all, &a);
        refused += set == 0;
        uint32_t expected = set == 0 ? 0 : 1;
        assert_true(b.all.sets.live == expected && b.all.lists.live == expected);
        assert_true(b.all.extras.live == expected && b.all.next_hops.index.live == expected);
        bench_done(&b);
    }
    assert_true(refused > 5 && refused < 39);
}

static void what_is_too_long_is_refused(void **state)
{
    (void)state;
    static const uint8_t much[1 << 20];
    static const struct rib_attributes bad[] = {
        {.local_pref = 100, .as_path = {much, sizeof much}},
        {.local_pref = 100, .others = {much, sizeof much}},
        {.local_pref = 100, .communities = {much, sizeof much}},
        {.local_pref = 100, .communities = {much, 7}},  // no whole communities
    };
    struct bench b;
    bench_init(&b, 64 << 20);
    size_t empty = b.budget.used;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(attributes_take(&b.all, &bad[i]), 0);
    assert_true(b.budget.used - empty < 4096);
    bench_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_kept_is_what_came),
        cmocka_unit_test(a_bit_makes_another_set),
        cmocka_unit_test(ranks_as_the_decision_begins),
        cmocka_unit_test(a_set_costs_little),
        cmocka_unit_test(next_hops_never_run_out),
        cmocka_unit_test(a_refused_set_leaves_nothing),
        cmocka_unit_test(what_is_too_long_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
