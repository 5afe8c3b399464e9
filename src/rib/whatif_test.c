// SPDX-License-Identifier: ISC
#include "rib/whatif.h"

#include "base/random.h"
#include "base/writer.h"
#include "rib/rib_check.h"

#include <stdlib.h>
#include <string.h>

enum { ROUTERS = 4, UPSTREAMS = 5, PREFIXES = 40, PATHS_MAX = 512, CROWD = 70 };

static uint32_t below(struct random *random, uint32_t limit)
{
    return (uint32_t)(random_u64(random) % limit);
}

// ---- a small site, and tables of all sorts

struct site {
    struct net net;
    struct rib *rib;
    uint32_t routers_of[RIB_PEERS_MAX];
    struct rib_speaker speakers[RIB_PEERS_MAX];
    uint32_t peers[ROUTERS + 5 + CROWD], peer_count;
    bool plain, no_ids;     // nothing reflected, few MEDs; no path identifiers
    struct random *unrest;  // the table changes while the question is asked
};

static struct address hop(uint32_t number, enum family family)
{
    struct address address = check_address(family == FAMILY_IPV4 ? "10.0.0.0" : "2001:db8::");
    address.bytes[3] = family == FAMILY_IPV4 ? (uint8_t)number : address.bytes[3];
    address.bytes[15] = family == FAMILY_IPV6 ? (uint8_t)number : 0;
    return address;
}

static struct prefix prefix_number(uint32_t number)
{
    struct prefix prefix = check_prefix(number % 2 ? "2001:db8:1::/48" : "203.0.113.0/24");
    prefix.address.bytes[number % 2 ? 5 : 1] = (uint8_t)number;
    return prefix;
}

static void describe(struct site *s, uint32_t peer, struct random *random)
{
    struct rib_speaker speaker = {.id = 1 + below(random, 3)};
    speaker.address = hop(1 + below(random, 3), FAMILY_IPV4);
    s->speakers[peer] = speaker;
    rib_peer_describe(s->rib, peer, &speaker);
}

static void open_bmp(struct site *s, enum rib_peer_kind kind, uint32_t router,
                     struct random *random)
{
    uint32_t peer = rib_peer_open(s->rib, kind);
    s->peers[s->peer_count++] = peer;
    s->routers_of[peer] = router;
    describe(s, peer, random);
}

// Sessions of four routers, five upstreams, and what BMP tells of three more peers: heard from two
// routers and from one that is unknown; what BMP says that a router says does not count.
static struct site *site_new(struct random *random)
{
    struct site *s = calloc(1, sizeof *s);
    s->net = (struct net){.asn = 64500, .router_count = ROUTERS, .upstream_count = UPSTREAMS};
    for (uint32_t router = 0; router < ROUTERS; router++)
        snprintf(s->net.routers[router].name, NET_NAME_MAX, "edge%u", router);
    for (uint32_t u = 0; u < UPSTREAMS; u++) {
        snprintf(s->net.upstreams[u].name, NET_NAME_MAX, "transit-%u", u);
        s->net.upstreams[u].router = u % (ROUTERS - 1);
        s->net.upstreams[u].next_hop[FAMILY_IPV4] = hop(u, FAMILY_IPV4);
        s->net.upstreams[u].next_hop[FAMILY_IPV6] = hop(u, FAMILY_IPV6);
    }
    s->rib = rib_new(64 << 20, (struct siphash_key){1, 2});
    for (uint32_t peer = 0; peer < RIB_PEERS_MAX; peer++)
        s->routers_of[peer] = peer < ROUTERS ? peer : NET_NOBODY;
    for (uint32_t peer = 0; peer < ROUTERS; peer++) {
        s->peers[s->peer_count++] = peer;
        describe(s, peer, random);
    }
    open_bmp(s, RIB_PEER_BMP_IN, 0, random);
    open_bmp(s, RIB_PEER_BMP_IN, 1, random);
    open_bmp(s, RIB_PEER_BMP_IN, NET_NOBODY, random);
    open_bmp(s, RIB_PEER_BMP_OUT, 3, random);
    open_bmp(s, RIB_PEER_FIB, 4, random);
    return s;
}

static void site_free(struct site *s)
{
    rib_free(s->rib);
    free(s);
}

// Few values of each attribute, so that every step of the decision is asked.
static void learn_any(struct site *s, struct random *random)
{
    static const uint32_t meds[] = {0, 1, 255};
    uint8_t path[32], clusters[8] = {0};
    struct writer w = writer_over(path, sizeof path);
    struct prefix prefix = prefix_number(below(random, PREFIXES));
    uint32_t peer = s->peers[below(random, s->peer_count)], dice = below(random, 100);
    writer_u8(&w, 2);
    writer_u8(&w, (uint8_t)(1 + below(random, 2)));
    writer_be32(&w, 65000 + below(random, 2));
    if (path[1] == 2)
        writer_be32(&w, 65100);
    struct rib_attributes a = {
        .local_pref = dice < 10 ? 90 : 100,
        .has_local_pref = true,
        .med = meds[below(random, s->plain && dice < 80 ? 1 : 3)],
        .has_med = true,
        .origin = dice > 90 ? 2 : 0,
        .marked = dice == 50,
        .originator_id = !s->plain && below(random, 4) == 0 ? 1 + below(random, 3) : 0,
        .next_hop = hop(below(random, UPSTREAMS + 1), prefix.address.family),
        .as_path = {path, w.size},
        .cluster_list = {clusters, !s->plain && below(random, 5) == 0 ? 4 * below(random, 3) : 0},
    };
    check_learn(s->rib, peer, prefix, s->no_ids ? 0 : below(random, 3), &a);
}

// ---- the decision again, step by step, as the header words it

struct known {
    struct rib_path path;
    struct rib_attributes a;
    uint32_t way, home;
    bool session, out;
};

struct case_ {
    struct known paths[PATHS_MAX];
    uint32_t count;
};

static void classify(const struct site *s, struct known *k, enum family family)
{
    uint32_t peer_router = s->routers_of[k->path.peer];
    k->way = peer_router == NET_NOBODY ? WHATIF_BESIDE_NOBODY : WHATIF_BESIDE + peer_router;
    k->home = peer_router;
    for (uint32_t u = 0; u < UPSTREAMS; u++) {
        if (!address_equal(k->a.next_hop, hop(u, family)))
            continue;
        k->way = u;
        k->home = s->net.upstreams[u].router;
    }
}

static void collect(const struct site *s, struct prefix prefix, struct case_ *c)
{
    c->count = 0;
    struct known k = {0};
    for (struct rib_paths paths = rib_paths(s->rib, prefix); rib_paths_next(&paths, &k.path);) {
        enum rib_peer_kind kind = rib_peer_kind(s->rib, k.path.peer);
        k.a = rib_attributes(s->rib, k.path.attributes);
        k.session = kind == RIB_PEER_SESSION;
        classify(s, &k, prefix.address.family);
        bool known_way = false;
        for (uint32_t i = 0; i < c->count; i++)
            known_way |= c->paths[i].session && c->paths[i].way == k.way;
        if (!k.a.marked && (k.session || (kind == RIB_PEER_BMP_IN && !known_way)))
            c->paths[c->count++] = k;
    }
}

enum step {
    LOCAL_PREF,
    LENGTH,
    ORIGIN,
    MED,
    EXTERNAL,
    ID,
    CLUSTERS,
    ADDRESS,
    PATH_ID,
    PEER,
    STEPS
};

// What a step looks at: the lowest stay.
static uint64_t value_of(const struct site *s, const struct known *k, enum step step,
                         uint32_t router)
{
    const struct rib_speaker *speaker = &s->speakers[k->path.peer];
    const uint64_t values[STEPS] = {
        [LOCAL_PREF] = UINT32_MAX - k->a.local_pref,
        [LENGTH] = k->a.as_path.bytes[1],
        [ORIGIN] = k->a.origin,
        [EXTERNAL] = k->home != router,
        [ID] = k->a.originator_id ? k->a.originator_id : speaker->id,
        [CLUSTERS] = k->a.cluster_list.size,
        [ADDRESS] = speaker->address.bytes[3],
        [PATH_ID] = k->path.path_id,
        [PEER] = k->path.peer,
    };
    return values[step];
}

static uint32_t neighbour_of(const struct known *k)
{
    return (uint32_t)k->a.as_path.bytes[4] << 8 | k->a.as_path.bytes[5];
}

static void drop_by_med(struct case_ *c)
{
    bool out[PATHS_MAX];
    for (uint32_t i = 0; i < c->count; i++) {
        out[i] = c->paths[i].out;
        for (uint32_t j = 0; j < c->count; j++)
            out[i] |= !c->paths[j].out &&
                      neighbour_of(&c->paths[i]) == neighbour_of(&c->paths[j]) &&
                      c->paths[j].a.med < c->paths[i].a.med;
    }
    for (uint32_t i = 0; i < c->count; i++)
        c->paths[i].out = out[i];
}

static void drop_by(const struct site *s, struct case_ *c, enum step step, uint32_t router)
{
    uint64_t lowest = UINT64_MAX;
    for (uint32_t i = 0; i < c->count; i++) {
        uint64_t value = value_of(s, &c->paths[i], step, router);
        if (!c->paths[i].out && value < lowest)
            lowest = value;
    }
    for (uint32_t i = 0; i < c->count; i++)
        c->paths[i].out |= value_of(s, &c->paths[i], step, router) != lowest;
}

static uint32_t choose(const struct site *s, struct case_ *c, uint64_t without, uint32_t router)
{
    for (uint32_t i = 0; i < c->count; i++)
        c->paths[i].out = without >> c->paths[i].way & 1;
    for (enum step step = LOCAL_PREF; step < STEPS; step++) {
        if (step == MED)
            drop_by_med(c);
        else
            drop_by(s, c, step, router);
    }
    uint32_t way = WHATIF_NO_WAY, left = 0;
    for (uint32_t i = 0; i < c->count; i++) {
        way = c->paths[i].out ? way : c->paths[i].way;
        left += !c->paths[i].out;
    }
    assert_true(left <= 1);
    return way;
}

// ---- and compared

struct expected {
    struct whatif_counts counts[FAMILIES];
    struct whatif_move moves[PREFIXES];  // by number; of no family: none
};

static uint64_t drained_ways(const struct site *s, struct whatif_drain drain)
{
    uint64_t ways = drain.upstreams | (uint64_t)drain.routers << WHATIF_BESIDE;
    for (uint32_t u = 0; u < UPSTREAMS; u++)
        ways |= (uint64_t)(drain.routers >> s->net.upstreams[u].router & 1) << u;
    return ways;
}

static void expect_prefix(const struct site *s, struct whatif_drain drain, uint32_t number,
                          struct expected *e)
{
    static struct case_ c;
    struct whatif_move move = {.prefix = prefix_number(number)};
    struct whatif_counts *counts = &e->counts[move.prefix.address.family];
    uint64_t drained = drained_ways(s, drain), gained = 0;
    collect(s, move.prefix, &c);
    for (uint32_t i = 0; i < c.count; i++)
        move.ways_before |= UINT64_C(1) << c.paths[i].way;
    move.ways_after = move.ways_before & ~drained;
    for (uint32_t router = 0; router < ROUTERS; router++) {
        move.from[router] = (uint8_t)choose(s, &c, 0, router);
        move.to[router] = (uint8_t)choose(s, &c, drained, router);
        if (drain.routers >> router & 1 || move.from[router] == move.to[router])
            continue;
        move.moved |= 1u << router;
        gained |= move.to[router] == WHATIF_NO_WAY ? 0 : UINT64_C(1) << move.to[router];
    }
    bool fewer = move.ways_after != move.ways_before;
    bool one_way = fewer && __builtin_popcountll(move.ways_after) == 1;
    counts->prefixes += move.ways_before != 0;
    counts->lost += fewer && move.ways_after == 0;
    counts->one_way += one_way;
    counts->moved += gained != 0;
    for (uint32_t way = 0; way < WHATIF_WAYS; way++)
        counts->gained[way] += gained >> way & 1;
    if (move.moved || one_way || (fewer && move.ways_after == 0))
        e->moves[number] = move;
}

struct told {
    const struct site *site;
    struct expected *expected;
    uint32_t moves;
};

static void check_move(void *context, const struct whatif_move *move)
{
    struct told *told = context;
    uint32_t number = 0;
    while (number < PREFIXES && !prefix_equal(told->expected->moves[number].prefix, move->prefix))
        number++;
    assert_true(number < PREFIXES);
    struct whatif_move *wanted = &told->expected->moves[number];
    assert_true(move->ways_before == wanted->ways_before && move->ways_after == wanted->ways_after);
    assert_int_equal(move->moved, wanted->moved);
    for (uint32_t router = 0; router < ROUTERS; router++) {
        if (!(move->moved >> router & 1))
            continue;
        assert_int_equal(move->from[router], wanted->from[router]);
        assert_int_equal(move->to[router], wanted->to[router]);
    }
    *wanted = (struct whatif_move){0};  // told once
    told->moves++;
}

static void compare(struct site *s, const struct rib_view *view, struct whatif_drain drain,
                    bool each, struct expected *e)
{
    struct told told = {.site = s, .expected = e};
    struct whatif_tell tell = {each ? check_move : NULL, &told};
    struct whatif *w = whatif_new(view, &s->net, s->routers_of, drain, tell);
    while (whatif_step(w)) {
        for (int i = 0; s->unrest && i < 300; i++)
            learn_any(s, s->unrest);
        rib_sweep(s->rib);
    }
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        assert_memory_equal(whatif_counts(w, family), &e->counts[family], sizeof e->counts[family]);
    for (uint32_t number = 0; each && number < PREFIXES; number++)
        assert_int_equal(e->moves[number].prefix.address.family, FAMILY_NONE);
    whatif_free(w);
}

static struct whatif_drain any_drain(struct random *random)
{
    switch (below(random, 4)) {
    case 0:
        return (struct whatif_drain){.routers = 1u << below(random, ROUTERS)};
    case 1:
        return (struct whatif_drain){below(random, 1 << UPSTREAMS), below(random, 1 << ROUTERS)};
    default:
        return (struct whatif_drain){.upstreams = 1u << below(random, UPSTREAMS)};
    }
}

// Of one prefix by itself: what leaves by a drained way takes what its router then has; what came
// in at a drained router, what any other has.
static bool expect_fate(const struct site *s, struct whatif_drain drain, uint32_t number,
                        struct whatif_fate *fate)
{
    static struct case_ c;
    uint64_t drained = drained_ways(s, drain);
    uint32_t from[ROUTERS], to[ROUTERS];
    bool any_gone = false;
    collect(s, prefix_number(number), &c);
    *fate = (struct whatif_fate){0};
    for (uint32_t router = 0; router < ROUTERS && c.count > 0; router++) {
        from[router] = choose(s, &c, 0, router);
        to[router] = choose(s, &c, drained, router);
        fate->before |= UINT64_C(1) << from[router];
        any_gone |= drain.routers >> router & 1 && drained >> from[router] & 1;
    }
    fate->drained = fate->before & drained;
    for (uint32_t router = 0; router < ROUTERS && c.count > 0; router++)
        if (!(drain.routers >> router & 1) && to[router] != WHATIF_NO_WAY &&
            (any_gone || drained >> from[router] & 1))
            fate->after |= UINT64_C(1) << to[router];
    return c.count > 0;
}

static void knows_the_fate_of_a_prefix(void **state)
{
    (void)state;
    struct random random = {7};
    uint32_t moved[FAMILIES] = {0}, lost = 0, spread = 0, stays = 0;
    for (int round = 0; round < 300; round++) {
        struct site *s = site_new(&random);
        s->plain = round % 2 == 0;
        for (uint32_t i = 20 + below(&random, 300); i > 0; i--)
            learn_any(s, &random);
        struct whatif_drain drain = any_drain(&random);
        struct whatif *w = whatif_new(rib_live(s->rib), &s->net, s->routers_of, drain,
                                      (struct whatif_tell){NULL, NULL});
        for (uint32_t number = 0; number < PREFIXES; number++) {
            struct whatif_fate is = {0}, wanted;
            bool any = expect_fate(s, drain, number, &wanted);
            assert_true(whatif_fate(w, prefix_number(number), &is) == any);
            assert_memory_equal(&is, &wanted, sizeof is);
            moved[prefix_number(number).address.family] += is.after != 0;
            lost += is.drained != 0 && is.after == 0;
            spread += (is.after & (is.after - 1)) != 0;
            stays += is.before != 0 && is.drained == 0;
            (void)whatif_step(w);  // whatever else it looks at meanwhile
        }
        whatif_free(w);
        site_free(s);
    }
    assert_true(moved[FAMILY_IPV4] > 500 && moved[FAMILY_IPV6] > 500 && lost > 100);
    assert_true(spread > 100 && stays > 500);  // else it tests nothing
}

// The same as the plain decision of each router, on hundreds of small tables of all sorts.
static void equals_the_decision_of_each_router(void **state)
{
    (void)state;
    struct random random = {42};
    struct expected *e = malloc(sizeof *e);
    uint64_t moved = 0, lost = 0, one_way = 0;
    for (int round = 0; round < 400; round++) {
        struct site *s = site_new(&random);
        uint32_t routes = 20 + below(&random, 300);
        s->plain = round % 2 == 0;
        s->no_ids = round % 3 > 0;
        for (int i = 0; round % 10 < 2 && i < CROWD; i++)
            open_bmp(s, RIB_PEER_BMP_IN, below(&random, ROUTERS), &random);
        for (uint32_t i = 0; i < routes; i++)
            learn_any(s, &random);
        for (int n = 0; n < 3; n++) {
            struct whatif_drain drain = any_drain(&random);
            memset(e, 0, sizeof *e);
            for (uint32_t number = 0; number < PREFIXES; number++)
                expect_prefix(s, drain, number, e);
            compare(s, rib_live(s->rib), drain, n % 2 == 0, e);
            moved += e->counts[FAMILY_IPV4].moved + e->counts[FAMILY_IPV6].moved;
            lost += e->counts[FAMILY_IPV4].lost + e->counts[FAMILY_IPV6].lost;
            one_way += e->counts[FAMILY_IPV4].one_way + e->counts[FAMILY_IPV6].one_way;
        }
        site_free(s);
    }
    assert_true(moved > 1000 && lost > 300 && one_way > 300);  // else it tests nothing
    free(e);
}

// A snapshot answers for the moment when it was taken.
static void answers_for_its_moment(void **state)
{
    (void)state;
    struct random random = {7};
    struct expected *e = calloc(1, sizeof *e);
    struct site *s = site_new(&random);
    struct whatif_drain drain = {.upstreams = 1};
    for (uint32_t i = 0; i < 300; i++)
        learn_any(s, &random);
    for (uint32_t number = 0; number < PREFIXES; number++)
        expect_prefix(s, drain, number, e);
    const struct rib_view *view = rib_snapshot_take(s->rib);
    assert_non_null(view);
    for (uint32_t i = 0; i < 300; i++)
        learn_any(s, &random);
    rib_forget(s->rib, 1);
    s->unrest = &random;
    compare(s, view, drain, true, e);
    rib_snapshot_free(s->rib, view);
    site_free(s);
    free(e);
}

static void learn_with_id(struct site *s, uint32_t peer, uint32_t number, uint32_t path_id)
{
    static const uint8_t path[] = {2, 1, 0, 0, 0xfd, 0xe8};
    struct prefix prefix = prefix_number(number);
    struct rib_attributes a = {.local_pref = 100, .as_path = {path, sizeof path}};
    a.next_hop = hop(peer, prefix.address.family);
    check_learn(s->rib, peer, prefix, path_id, &a);
}

// Prefixes in a row that differ in nothing but their path identifiers are decided each.
static void looks_at_path_identifiers(void **state)
{
    (void)state;
    struct random random = {3};
    struct expected *e = calloc(1, sizeof *e);
    struct site *s = site_new(&random);
    for (uint32_t peer = 0; peer < 3; peer++) {  // speakers that nothing tells apart
        s->speakers[peer] = (struct rib_speaker){0};
        rib_peer_describe(s->rib, peer, &s->speakers[peer]);
    }
    for (uint32_t number = 0; number < PREFIXES; number++) {
        for (uint32_t peer = 0; peer < 3; peer++)
            learn_with_id(s, peer, number, 1 + (peer + number / 2) % 3);
    }
    struct whatif_drain drain = {.upstreams = 1};
    for (uint32_t number = 0; number < PREFIXES; number++)
        expect_prefix(s, drain, number, e);
    compare(s, rib_live(s->rib), drain, true, e);
    site_free(s);
    free(e);
}

static void knows_its_ways(void **state)
{
    (void)state;
    struct random random = {1};
    struct site *s = site_new(&random);
    char text[WHATIF_WAY_TEXT_MAX];
    assert_string_equal(whatif_way_name(&s->net, 1, text), "transit-1");
    assert_string_equal(whatif_way_name(&s->net, WHATIF_BESIDE + 2, text), "beside edge2");
    assert_string_equal(whatif_way_name(&s->net, WHATIF_BESIDE_NOBODY, text), "beside");
    struct whatif *w = whatif_new(rib_live(s->rib), &s->net, s->routers_of,
                                  (struct whatif_drain){1, 0}, (struct whatif_tell){NULL, NULL});
    assert_false(whatif_step(w));
    assert_int_equal(whatif_counts(w, FAMILY_IPV4)->prefixes, 0);
    whatif_free(w);
    whatif_free(NULL);
    site_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_fate_of_a_prefix),
        cmocka_unit_test(equals_the_decision_of_each_router),
        cmocka_unit_test(answers_for_its_moment),
        cmocka_unit_test(looks_at_path_identifiers),
        cmocka_unit_test(knows_its_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
