// SPDX-License-Identifier: ISC
#include "rib/tally.h"

#include "rib/rib_check.h"

enum { UPSTREAMS = 3, MANY = 5000 };

static struct net site(void)
{
    struct net net = {.upstream_count = UPSTREAMS};
    static const char *const next_hops[UPSTREAMS][2] = {
        {"10.0.0.1", "2001:db8::1"}, {"10.0.0.2", "2001:db8::2"}, {"10.0.0.3", "2001:db8::3"}};
    for (uint32_t i = 0; i < UPSTREAMS; i++) {
        net.upstreams[i].next_hop[FAMILY_IPV4] = check_address(next_hops[i][0]);
        net.upstreams[i].next_hop[FAMILY_IPV6] = check_address(next_hops[i][1]);
    }
    return net;
}

static struct prefix prefix_number(enum family family, uint32_t n)
{
    struct address address = {.family = family, .bytes = {20, (uint8_t)(n >> 8), (uint8_t)n}};
    return prefix_of(address, 24);
}

// Route n leads through upstream n % 4, the fourth of which is none; every tenth is an echo, every
// third prefix has a second path through the first upstream.
static void fill(struct rib *rib, const struct net *net, uint32_t peer, enum family family)
{
    for (uint32_t n = 0; n < MANY; n++) {
        struct rib_attributes a = {.local_pref = 100, .marked = n % 10 == 0};
        a.next_hop =
            n % 4 < UPSTREAMS ? net->upstreams[n % 4].next_hop[family] : check_address("192.0.2.1");
        check_learn(rib, peer, prefix_number(family, n), 0, &a);
        a = (struct rib_attributes){.local_pref = 100,
                                    .next_hop = net->upstreams[0].next_hop[family]};
        if (n % 3 == 0)
            check_learn(rib, peer, prefix_number(family, n), 1, &a);
    }
}

static struct rib_tally count(const struct rib_view *view, const struct net *net, uint32_t peer)
{
    struct rib_tally tally;
    rib_tally_begin(&tally, view, net, peer);
    while (rib_tally_step(&tally))
        ;
    assert_false(rib_tally_step(&tally));
    return tally;
}

static void counts_by_upstream(void **state)
{
    (void)state;
    struct net net = site();
    struct rib *rib = rib_new(16 << 20, (struct siphash_key){1, 2});
    fill(rib, &net, 1, FAMILY_IPV4);
    fill(rib, &net, 1, FAMILY_IPV6);
    fill(rib, &net, 2, FAMILY_IPV6);
    struct rib_tally tally = count(rib_live(rib), &net, 1);
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        uint32_t seconds = (MANY + 2) / 3;
        assert_int_equal(tally.echoes[family], MANY / 10);
        assert_int_equal(tally.paths[family][0], MANY / 4 - MANY / 20 + seconds);
        assert_int_equal(tally.paths[family][1], MANY / 4);
        assert_int_equal(tally.paths[family][2], MANY / 4 - MANY / 20);
        assert_int_equal(tally.paths[family][RIB_TALLY_OTHERS], MANY / 4);
        assert_int_equal(rib_route_count(rib, 1, family), MANY + seconds);
    }
    tally = count(rib_live(rib), &net, 2);
    assert_true(tally.paths[FAMILY_IPV4][1] == 0 && tally.paths[FAMILY_IPV6][1] == MANY / 4);
    tally = count(rib_live(rib), &net, 3);
    assert_true(tally.paths[FAMILY_IPV6][1] == 0);

    const struct rib_view *snapshot = rib_snapshot_take(rib);
    rib_forget(rib, 1);
    tally = count(snapshot, &net, 1);
    assert_true(tally.paths[FAMILY_IPV4][1] == MANY / 4);
    rib_snapshot_free(rib, snapshot);
    rib_free(rib);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts_by_upstream)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
