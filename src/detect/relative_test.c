// SPDX-License-Identifier: ISC
#include "detect/relative.h"

#include "base/check.h"
#include "base/random.h"

enum { UPSTREAMS = 3, TARGETS = 2, CALM_MILLINATS = 4600 };

struct fixture {
    struct net net;
    struct relative relative;
};

static void fixture_init(struct fixture *f)
{
    f->net = (struct net){.upstream_count = UPSTREAMS, .target_count = TARGETS};
    for (uint32_t u = 0; u < UPSTREAMS; u++)
        for (uint32_t family = FAMILY_IPV4; family <= FAMILY_IPV6; family++)
            f->net.upstreams[u].next_hop[family].family = (enum family)family;
    relative_init(&f->relative, &f->net);
}

static struct relative_count drawn(struct random *r, uint32_t probes, double loss)
{
    struct relative_count count = {0};
    for (uint32_t i = 0; i < probes; i++)
        if (random_unit(r) < loss)
            count.lost++;
        else
            count.ok++;
    return count;
}

// A tally of every path and target each 100 ms: 4 probes, lost with the upstream's probability.
static void tallies(struct fixture *f, struct random *r, const double loss[UPSTREAMS], int rounds)
{
    for (int i = 0; i < rounds; i++)
        for (uint32_t p = 0; p < f->relative.path_count; p++)
            for (uint32_t t = 0; t < TARGETS; t++) {
                uint32_t upstream = net_path(&f->net, p).upstream;
                double l = upstream == NET_NOBODY ? 0.9 : loss[upstream];
                relative_add(&f->relative, p, t, drawn(r, 4, l));
            }
}

static const struct {
    const char *name;
    double loss[UPSTREAMS];
    int rounds;
    bool accused[UPSTREAMS];
} rows[] = {
    {"all well", {0.001, 0.001, 0.001}, 3000, {0}},
    {"all lose a bit", {0.05, 0.05, 0.05}, 1000, {0}},
    {"all lose 38 %", {0.38, 0.38, 0.38}, 1000, {0}},
    {"all lose everything", {1, 1, 1}, 1000, {0}},
    {"telia: one loses 38 %, within half a second", {0.38, 0, 0}, 5, {true, false, false}},
    {"the middle one loses all", {0, 1, 0}, 3, {false, true, false}},
    {"one loses 5 %", {0.001, 0.001, 0.05}, 120, {false, false, true}},
    {"two lose, one is well", {0.38, 0.38, 0}, 40, {true, true, false}},
};

static void accuses_the_worse(void **state)
{
    (void)state;
    struct fixture f;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct random r = {i};
        fixture_init(&f);
        tallies(&f, &r, rows[i].loss, rows[i].rounds);
        for (uint32_t p = 0; p < f.relative.path_count; p++) {
            uint32_t upstream = net_path(&f.net, p).upstream;
            bool accused = upstream != NET_NOBODY && rows[i].accused[upstream];
            if ((relative_millinats(&f.relative, p) > CALM_MILLINATS) != accused)
                fail_msg("row '%s', path %u: %u millinats", rows[i].name, p,
                         relative_millinats(&f.relative, p));
        }
    }
}

// As routed counts for nobody: neither as accused nor as peer.
static void leaves_as_routed_out(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f);
    uint32_t as_routed = net_path_find(&f.net, NET_NOBODY, FAMILY_IPV4);
    for (int i = 0; i < 100; i++) {
        relative_add(&f.relative, 0, 0, (struct relative_count){.lost = 10});
        relative_add(&f.relative, as_routed, 0, (struct relative_count){.ok = 10});
    }
    assert_int_equal(relative_millinats(&f.relative, 0), 0);
    assert_int_equal(relative_millinats(&f.relative, as_routed), 0);
}

static void compares_one_family_only(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f);
    uint32_t a4 = net_path_find(&f.net, 0, FAMILY_IPV4), b6 = net_path_find(&f.net, 1, FAMILY_IPV6);
    for (int i = 0; i < 100; i++) {
        relative_add(&f.relative, a4, 0, (struct relative_count){.lost = 10});
        relative_add(&f.relative, b6, 0, (struct relative_count){.ok = 10});
    }
    assert_int_equal(relative_millinats(&f.relative, a4), 0);
}

// A target that is dead from everywhere, while others are fine, accuses no path.
static void compares_target_with_same_target(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f);
    for (int i = 0; i < 1000; i++)
        for (uint32_t p = 0; p < f.relative.path_count; p++) {
            relative_add(&f.relative, p, 0, (struct relative_count){.lost = 4});
            // The first path asks the healthy target far less often.
            relative_add(&f.relative, p, 1, (struct relative_count){.ok = p < 2 ? 1 : 40});
        }
    for (uint32_t p = 0; p < f.relative.path_count; p++)
        assert_in_range(relative_millinats(&f.relative, p), 0, CALM_MILLINATS);
}

// When everything is lost from one moment on, those whose tallies tell it first look worse, but not
// for long: no signal is confirmed so soon.
static void an_early_report_is_soon_forgotten(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f);
    for (uint32_t begins_at = 0; begins_at < f.relative.path_count; begins_at++) {
        fixture_init(&f);
        for (uint32_t i = 0; i < 100; i++)
            for (uint32_t p = 0; p < f.relative.path_count; p++) {
                bool lost = i > 50 || (i == 50 && p >= begins_at);
                struct relative_count count = {.ok = lost ? 0 : 4, .lost = lost ? 4 : 0};
                relative_add(&f.relative, p, 0, count);
                for (uint32_t q = 0; (i < 50 || i > 54) && q < f.relative.path_count; q++)
                    assert_in_range(relative_millinats(&f.relative, q), 0, CALM_MILLINATS);
            }
    }
}

static void says_the_same_twice(void **state)
{
    (void)state;
    struct fixture f;
    uint32_t said[2][NET_PATHS_MAX];
    for (int i = 0; i < 2; i++) {
        struct random r = {1};
        fixture_init(&f);
        tallies(&f, &r, (const double[]){0.1, 0.01, 0.02}, 100);
        for (uint32_t p = 0; p < f.relative.path_count; p++)
            said[i][p] = relative_millinats(&f.relative, p);
    }
    assert_memory_equal(said[0], said[1], f.relative.path_count * sizeof said[0][0]);
    assert_true(said[0][0] > 0);
}

// A tally without a probe neither says something nor ends what others are still to say.
static void an_empty_report_ends_nothing(void **state)
{
    (void)state;
    static struct fixture f;
    fixture_init(&f);
    uint32_t bad = net_path_find(&f.net, 0, FAMILY_IPV6),
             good = net_path_find(&f.net, 1, FAMILY_IPV6);
    relative_add(&f.relative, bad, 0, (struct relative_count){.lost = 40});
    relative_add(&f.relative, bad, 0, (struct relative_count){0});
    relative_add(&f.relative, good, 0, (struct relative_count){.ok = 40});
    relative_add(&f.relative, bad, 0, (struct relative_count){.lost = 40});
    assert_true(relative_millinats(&f.relative, bad) > 9000);
    assert_int_equal(relative_millinats(&f.relative, good), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accuses_the_worse),
        cmocka_unit_test(leaves_as_routed_out),
        cmocka_unit_test(compares_one_family_only),
        cmocka_unit_test(compares_target_with_same_target),
        cmocka_unit_test(an_early_report_is_soon_forgotten),
        cmocka_unit_test(says_the_same_twice),
        cmocka_unit_test(an_empty_report_ends_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
