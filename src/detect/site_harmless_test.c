// SPDX-License-Identifier: ISC
// What names a part takes for harmless what the detectors of the paths have learned.
#include "detect/site_check.h"
#include "detect/site_parts.h"

enum {
    WAY = 0,           // the upstream that loses
    JUMP_MS = 120000,  // from here on it loses more, or long
    END_MS = 150000,
    EVERY_MS = 30000,  // bursts
    BURST_MS = 1500,
};

// What the way loses in a family; FAMILIES: in both.
struct losing {
    enum family family;
    double steady, jump;
    bool bursts, outage;
};

static double by_losing(struct world *w, const struct world_sending *s)
{
    const struct losing *l = w->context;
    if (s->path.upstream != WAY || (l->family != FAMILIES && s->path.family != l->family))
        return 0;
    if (l->outage && s->at_ms >= JUMP_MS)
        return 1;
    if (l->bursts && s->at_ms % EVERY_MS >= EVERY_MS / 2 &&
        s->at_ms % EVERY_MS < EVERY_MS / 2 + BURST_MS)
        return 1;
    return s->at_ms >= JUMP_MS && l->jump > 0 ? l->jump : l->steady;
}

static void learn(struct world *w, enum family family, const struct harmless *harmless)
{
    for (uint32_t p = 0; p < net_path_count(&w->net); p++) {
        struct net_path path = net_path(&w->net, p);
        if (path.upstream == WAY && (family == FAMILIES || path.family == family))
            site_harmless(w->site, p, harmless);
    }
}

static struct world *losing_world(const struct losing *losing)
{
    struct world *w = world_new(4, 100);
    w->loss = by_losing;
    w->context = losing;
    world_run(w, WORLD_STEP_MS);
    return w;
}

static bool is_of_way(const struct world *w)
{
    const struct fault *named = world_named(w, 0);
    return named && named->part.upstream == WAY && named->at.ns >= JUMP_MS * (int64_t)NS_PER_MS;
}

#define MS_NS ((int64_t)NS_PER_MS)
static const struct harmless as_configured = {1000, 50 * MS_NS, 60000 * MS_NS};
static const struct harmless lossy = {20000, 50 * MS_NS, 60000 * MS_NS};
static const struct harmless bursty = {1000, 300 * MS_NS, EVERY_MS *MS_NS};

enum said { NOTHING, SOON, AFTER_JUMP };

static const struct {
    const char *name;
    struct losing losing;
    const struct harmless *learned;
    enum family of;  // it was learned
    enum said named;
} rows[] = {
    {"1 %, not learned", {.family = FAMILIES, .steady = 0.01}, &as_configured, FAMILIES, SOON},
    {"1 %, learned", {.family = FAMILIES, .steady = 0.01}, &lossy, FAMILIES, NOTHING},
    {"1 % of IPv4, learned", {.family = FAMILY_IPV4, .steady = 0.01}, &lossy, FAMILY_IPV4, NOTHING},
    {"1 % of IPv6, learned", {.family = FAMILY_IPV6, .steady = 0.01}, &lossy, FAMILY_IPV6, NOTHING},
    {"1 % of IPv4, learned of IPv6",
     {.family = FAMILY_IPV4, .steady = 0.01},
     &lossy,
     FAMILY_IPV6,
     SOON},
    {"1 % of IPv6, learned of IPv4",
     {.family = FAMILY_IPV6, .steady = 0.01},
     &lossy,
     FAMILY_IPV4,
     SOON},
    {"1 % learned, then 10 %",
     {.family = FAMILIES, .steady = 0.01, .jump = 0.1},
     &lossy,
     FAMILIES,
     AFTER_JUMP},
    {"1 % learned of IPv6, then 10 %",
     {.family = FAMILY_IPV6, .steady = 0.01, .jump = 0.1},
     &lossy,
     FAMILY_IPV6,
     AFTER_JUMP},
    {"bursts, not learned", {.family = FAMILIES, .bursts = true}, &as_configured, FAMILIES, SOON},
    {"bursts, learned", {.family = FAMILIES, .bursts = true}, &bursty, FAMILIES, NOTHING},
    {"bursts of IPv4, learned",
     {.family = FAMILY_IPV4, .bursts = true},
     &bursty,
     FAMILY_IPV4,
     NOTHING},
    {"bursts of IPv6, learned",
     {.family = FAMILY_IPV6, .bursts = true},
     &bursty,
     FAMILY_IPV6,
     NOTHING},
    {"bursts learned, then an outage",
     {.family = FAMILIES, .bursts = true, .outage = true},
     &bursty,
     FAMILIES,
     AFTER_JUMP},
};

static void names_what_is_more_than_was_learned(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct world *w = losing_world(&rows[i].losing);
        learn(w, rows[i].of, rows[i].learned);
        world_run(w, JUMP_MS);
        CHECK_ROW(rows[i].name, (world_count(w, FAULT_NAMED) > 0) == (rows[i].named == SOON));
        world_run(w, END_MS);
        CHECK_ROW(rows[i].name, is_of_way(w) == (rows[i].named == AFTER_JUMP));
        world_free(w);
    }
}

static double by_another(struct world *w, const struct world_sending *s)
{
    return s->path.upstream == WAY + 1 && s->at_ms >= JUMP_MS ? 0.02 : by_losing(w, s);
}

// While another way loses a little, what is usual on this one needs no explanation.
static void what_is_usual_is_found_beside_nothing(void **state)
{
    (void)state;
    static const struct losing steady = {.family = FAMILIES, .steady = 0.01};
    struct world *w = losing_world(&steady);
    uint32_t found = 0, of_way = 0;
    w->loss = by_another;
    learn(w, FAMILIES, &lossy);
    for (int64_t ms = JUMP_MS; ms < END_MS; ms += 100) {
        world_run(w, ms);
        for (uint32_t i = 0; i < w->site->finding_count; i++) {
            struct fault_part part =
                components_part(w->site->components, w->site->findings[i].component);
            found++;
            of_way += part.upstream == WAY;
        }
    }
    assert_true(found > 0 && world_count(w, FAULT_NAMED) > 0);
    assert_int_equal(of_way, 0);
    world_free(w);
}

// It was named before it was known to be usual there: that ends it.
static void what_turns_out_to_be_usual_is_over(void **state)
{
    (void)state;
    static const struct losing steady = {.family = FAMILIES, .steady = 0.01};
    struct world *w = losing_world(&steady);
    world_run(w, JUMP_MS);
    assert_true(world_count(w, FAULT_NAMED) > 0);
    assert_int_equal(world_count(w, FAULT_OVER), 0);
    learn(w, FAMILIES, &lossy);
    uint32_t named = world_count(w, FAULT_NAMED);
    world_run(w, END_MS);
    assert_true(world_count(w, FAULT_OVER) > 0);
    assert_int_equal(world_count(w, FAULT_NAMED), named);
    world_free(w);
}

// Of each number the worst, of the paths that pass the part and of no other.
static void a_part_has_the_worst_of_its_paths(void **state)
{
    (void)state;
    static const struct losing nothing = {.family = FAMILIES};
    struct world *w = losing_world(&nothing);
    learn(w, FAMILY_IPV4, &lossy);
    learn(w, FAMILY_IPV6, &bursty);
    struct fault_part part = components_part(w->site->components, 0);
    uint32_t of_way = 0, of_other = 0;
    for (uint32_t c = 0; c < components_count(w->site->components); c++) {
        part = components_part(w->site->components, c);
        bool plain = part.target == NET_NOBODY && part.router == NET_NOBODY &&
                     part.family == FAMILY_NONE && part.protocol == FAULT_ANY;
        if (!plain || part.upstream == NET_NOBODY)
            continue;
        bool is_way = part.upstream == WAY;
        struct harmless is = site_harmless_of(w->site, c), worst = bursty;
        worst.loss_ppm = lossy.loss_ppm;
        assert_true(harmless_is_equal(&is, is_way ? &worst : &as_configured));
        of_way += is_way;
        of_other += !is_way;
    }
    assert_true(of_way > 0 && of_other > 0);
    world_free(w);
}

// By what is normal on its path a flow's bank adds up losses, and the path's; from rest when that
// has changed.
static void banks_go_by_what_is_normal_on_the_path(void **state)
{
    (void)state;
    static const struct losing nothing = {.family = FAMILIES};
    struct world *w = losing_world(&nothing);
    struct site *s = w->site;
    uint32_t path = s->flows[0].path, alarms = s->alarms;
    struct sample lost = {.path = (uint8_t)path, .verdict = SAMPLE_LOST, .sent_at = {MS_NS}};
    for (int i = 0; i < 20; i++)
        site_sample(s, &lost);
    assert_int_equal(s->alarms, alarms + 2);
    site_harmless(s, path, &lossy);
    assert_int_equal(s->alarms, alarms);
    assert_true(cusum_is_at_rest(&s->banks[0].bank));
    assert_true(cusum_is_at_rest(&s->path_banks[path].bank));
    site_sample(s, &lost);
    const struct site_level *level = &s->levels[1];
    assert_int_equal(s->banks[0].bank.score[0], level->flow_rule.lost_step[0]);
    assert_int_equal(s->path_banks[path].bank.score[0], level->path_rule.lost_step[0]);
    assert_int_not_equal(level->flow_rule.lost_step[0], s->levels[0].flow_rule.lost_step[0]);
    world_free(w);
}

// Paths share rules; a level that cannot be had changes nothing, nor a path that is none. It is
// sought once, however often it is said: nothing is asked of the book again.
static void a_level_that_has_no_rule_is_not_taken(void **state)
{
    (void)state;
    static const struct losing nothing = {.family = FAMILIES};
    struct world *w = losing_world(&nothing);
    struct site *s = w->site;
    struct harmless none = {2000 * 1000, MS_NS, MS_NS};
    learn(w, FAMILIES, &lossy);
    assert_int_equal(s->level_count, 2);
    learn(w, FAMILIES, &none);
    assert_int_equal(s->level_count, 2);
    assert_true(harmless_is_equal(&s->harmless[0], &lossy));
    *s->book = (struct cusum_book){0};
    learn(w, FAMILIES, &none);
    assert_int_equal(s->book->solved, 0);
    site_harmless(s, s->path_count, &none);
    learn(w, FAMILIES, &as_configured);
    assert_int_equal(s->level_of[0], 0);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_what_is_more_than_was_learned),
        cmocka_unit_test(what_is_usual_is_found_beside_nothing),
        cmocka_unit_test(what_turns_out_to_be_usual_is_over),
        cmocka_unit_test(a_part_has_the_worst_of_its_paths),
        cmocka_unit_test(banks_go_by_what_is_normal_on_the_path),
        cmocka_unit_test(a_level_that_has_no_rule_is_not_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
