// SPDX-License-Identifier: ISC
// The question over thousands of prefixes: neighbours that are alike, more merits than words tell,
// and sets of attributes that go while it is asked.
#include "rib/prefixes.h"
#include "rib/rib_check.h"
#include "rib/whatif.h"

#include <stdlib.h>

enum { UPSTREAMS = 3, MANY = 2 * SEGMENT_SIZE + 500, MERITS = 18000, GOING = 4000, LONG = 15 };

struct site {
    struct net net;
    struct rib *rib;
    uint32_t routers_of[RIB_PEERS_MAX];
};

static struct address hop(uint32_t number, enum family family)
{
    struct address address = check_address(family == FAMILY_IPV4 ? "192.0.2.0" : "2001:db8:f::");
    address.bytes[family == FAMILY_IPV4 ? 3 : 15] = (uint8_t)number;
    return address;
}

// One upstream a router, and its session.
static struct site *site_new(void)
{
    struct site *s = calloc(1, sizeof *s);
    s->net = (struct net){.asn = 64500, .router_count = UPSTREAMS, .upstream_count = UPSTREAMS};
    s->rib = rib_new(64 << 20, (struct siphash_key){1, 2});
    for (uint32_t u = 0; u < UPSTREAMS; u++) {
        s->net.upstreams[u].router = s->routers_of[u] = u;
        s->net.upstreams[u].next_hop[FAMILY_IPV4] = hop(u, FAMILY_IPV4);
        s->net.upstreams[u].next_hop[FAMILY_IPV6] = hop(u, FAMILY_IPV6);
        rib_peer_describe(s->rib, u, &(struct rib_speaker){.id = u + 1});
    }
    return s;
}

static void site_free(struct site *s)
{
    rib_free(s->rib);
    free(s);
}

static struct prefix prefix_number(uint32_t number, enum family family)
{
    struct prefix prefix = check_prefix(family == FAMILY_IPV4 ? "10.0.0.0/24" : "2001:db8::/48");
    uint8_t *bytes = &prefix.address.bytes[family == FAMILY_IPV4 ? 1 : 4];
    bytes[0] = (uint8_t)(number >> 8);
    bytes[1] = (uint8_t)number;
    return prefix;
}

static uint32_t number_of(struct prefix prefix)
{
    const uint8_t *bytes = &prefix.address.bytes[prefix.address.family == FAMILY_IPV4 ? 1 : 4];
    return (uint32_t)bytes[0] << 8 | bytes[1];
}

static struct rib_attributes set_of(uint32_t peer, enum family family)
{
    static const uint8_t path[] = {2, 1, 0, 0, 0xfd, 0xe8};
    return (struct rib_attributes){.local_pref = 100,
                                   .has_local_pref = true,
                                   .as_path = {path, sizeof path},
                                   .next_hop = hop(peer, family)};
}

static struct whatif *ask(const struct site *s, const struct rib_view *view,
                          struct whatif_tell tell)
{
    return whatif_new(view, &s->net, s->routers_of, (struct whatif_drain){1, 0}, tell);
}

// ---- neighbours with the same paths

// First every other, then some, then all.
static bool stands_alone(uint32_t number)
{
    uint32_t segment = number / SEGMENT_SIZE;
    return segment == 0 ? number % 2 : segment > 1 || number % 37 == 5 || number % 101 < 2;
}

static void learn_many(struct site *s, enum family family)
{
    for (uint32_t number = 0; number < MANY; number++) {
        for (uint32_t peer = 0; peer < (stands_alone(number) ? 1 : 2); peer++) {
            struct rib_attributes a = set_of(peer, family);
            check_learn(s->rib, peer, prefix_number(number, family), 0, &a);
        }
    }
}

struct seen {
    uint32_t lost[FAMILIES], moved[FAMILIES];
    bool told[FAMILIES][MANY];
};

static void see(void *context, const struct whatif_move *move)
{
    struct seen *seen = context;
    uint32_t number = number_of(move->prefix);
    enum family family = move->prefix.address.family;
    assert_true(prefix_equal(move->prefix, prefix_number(number, family)));
    assert_false(seen->told[family][number]);
    seen->told[family][number] = true;
    assert_int_equal(move->ways_after == 0, stands_alone(number));
    seen->lost[family] += move->ways_after == 0;
    seen->moved[family] += move->ways_after != 0;
}

// As many as there are, each told by its name, wherever they begin and end.
static void counts_neighbours_that_are_alike(void **state)
{
    (void)state;
    static struct seen seen;
    struct site *s = site_new();
    uint32_t alone = 0;
    for (uint32_t number = 0; number < MANY; number++)
        alone += stands_alone(number);
    learn_many(s, FAMILY_IPV4);
    learn_many(s, FAMILY_IPV6);
    struct whatif *w = ask(s, rib_live(s->rib), (struct whatif_tell){see, &seen});
    while (whatif_step(w))
        ;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        const struct whatif_counts *counts = whatif_counts(w, family);
        assert_int_equal(counts->prefixes, MANY);
        assert_int_equal(counts->lost, alone);
        assert_int_equal(counts->moved, MANY - alone);
        assert_int_equal(counts->one_way, MANY - alone);
        assert_int_equal(counts->gained[1], MANY - alone);
        assert_int_equal(seen.lost[family], alone);
        assert_int_equal(seen.moved[family], MANY - alone);
    }
    whatif_free(w);
    site_free(s);
}

// ---- more than words tell, and what goes while the question is asked

static bool first_is_better(uint32_t number)
{
    return number % 3 == 0;
}

// Each path has a LOCAL_PREF of its own; those of the second that come last are too many.
static void learn_merits(struct site *s)
{
    for (uint32_t peer = 0; peer < 2; peer++) {
        for (uint32_t number = 0; number < MERITS; number++) {
            struct rib_attributes a = set_of(peer, FAMILY_IPV4);
            a.local_pref = 2 * number + (first_is_better(number) == (peer == 0));
            check_learn(s->rib, peer, prefix_number(number, FAMILY_IPV4), 0, &a);
        }
    }
}

static void learn_others(struct site *s, uint32_t path_length)
{
    uint8_t path[2 + 4 * LONG] = {2, (uint8_t)path_length};
    for (uint32_t number = 0; number < GOING; number++) {
        struct rib_attributes a = set_of(2, FAMILY_IPV6);
        a.as_path = (struct bgp_bytes){path, 2 + 4 * path_length};
        a.med = number;
        a.has_med = true;
        check_learn(s->rib, 2, prefix_number(number, FAMILY_IPV6), 0, &a);
    }
}

static void sweep(struct site *s)
{
    while (rib_sweep(s->rib))
        ;
}

// Sets that died under an older snapshot go while the question is asked, and their slabs become
// those of things of another size, which are more.
static void reads_no_slab_that_became_anothers(void **state)
{
    (void)state;
    struct site *s = site_new();
    learn_merits(s);
    learn_others(s, LONG);
    const struct rib_view *older = rib_snapshot_take(s->rib);
    rib_forget(s->rib, 2);
    sweep(s);
    const struct rib_view *view = rib_snapshot_take(s->rib);
    rib_snapshot_free(s->rib, older);
    struct whatif *w = ask(s, view, (struct whatif_tell){NULL, NULL});
    sweep(s);
    learn_others(s, 1);
    while (whatif_step(w))
        ;
    assert_int_equal(whatif_counts(w, FAMILY_IPV4)->prefixes, MERITS);
    assert_int_equal(whatif_counts(w, FAMILY_IPV4)->one_way, MERITS);
    assert_int_equal(whatif_counts(w, FAMILY_IPV4)->moved, MERITS / 3);
    assert_int_equal(whatif_counts(w, FAMILY_IPV6)->prefixes, 0);
    whatif_free(w);
    rib_snapshot_free(s->rib, view);
    site_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_neighbours_that_are_alike),
        cmocka_unit_test(reads_no_slab_that_became_anothers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
