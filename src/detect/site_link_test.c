// SPDX-License-Identifier: ISC
// Links whose neighbours turn packets around: which of them fails, and what is told from it.
#include "detect/site_check.h"

// A single hairpin takes long to be known clean.
enum { BEGIN_MS = 5000, END_MS = 12000, OVER_MS = 60000 };

// What dies.
struct death {
    int link;              // -1: none
    bool turned, passing;  // its hairpins, and what else goes by it
    int upstream;          // behind its link; -1: none
    enum family family;    // FAMILY_NONE: both
};

static void add_link(struct world *w, const char *name, const char *device, uint32_t upstream)
{
    struct net_link *link = &w->net.links[w->net.link_count++];
    snprintf(link->name, sizeof link->name, "%s", name);
    snprintf(link->device, sizeof link->device, "%s", device);
    snprintf(w->net.upstreams[upstream].select.device, sizeof link->device, "%s", device);
    link->neighbour[FAMILY_IPV4] = check_address("10.0.0.1");
    link->neighbour[FAMILY_IPV6] = check_address("2001:db8::1");
}

static void add_hairpins(struct world *w, uint32_t each)
{
    for (uint32_t l = 0; l < w->net.link_count; l++)
        for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
            for (uint32_t n = 0; n < each; n++)
                world_add_flow(w, (struct flow){.use = FLOW_HAIRPIN,
                                                .path = (uint8_t)net_link_path(
                                                    &w->net, &w->net.links[l], family),
                                                .target = (uint8_t)l,
                                                .number = (uint16_t)n});
}

// So many upstreams, each by a link of its own.
static struct world *world_of(uint32_t upstreams, uint32_t each)
{
    static const char *const names[] = {"to-a", "to-b", "to-c"}, *const devices[] = {"eth1", "eth2",
                                                                                     "eth3"};
    struct world *w = world_new(0, 250);
    w->net.upstream_count = upstreams;
    for (uint32_t u = 0; u < upstreams; u++)
        add_link(w, names[u], devices[u], u);
    world_add_flows(w, 4);
    add_hairpins(w, each);
    return w;
}

static double dies(struct world *w, const struct world_sending *s)
{
    const struct death *death = w->context;
    bool is_hairpin = s->flow->use == FLOW_HAIRPIN;
    if (s->at_ms < BEGIN_MS || s->at_ms >= END_MS || s->path.upstream == NET_NOBODY ||
        (death->family != FAMILY_NONE && s->path.family != death->family))
        return 0;
    if (!is_hairpin && (int)s->path.upstream == death->upstream)
        return 1;
    if (death->link < 0)
        return 0;
    if (is_hairpin)
        return death->turned && (int)s->flow->target == death->link ? 1 : 0;
    const struct net_upstream *upstream = &w->net.upstreams[s->path.upstream];
    return death->passing && strcmp(upstream->select.device, w->net.links[death->link].device) == 0
               ? 1
               : 0;
}

static const struct {
    const char *name;
    uint32_t upstreams, each;
    struct death death;
    const char *link;
    uint32_t upstream, share_ppm;
} rows[] = {
    {"the only link", 1, 1, {0, true, true, -1, FAMILY_NONE}, "to-a", NET_NOBODY, 1000000},
    {"the only link, IPv4", 1, 1, {0, true, true, -1, FAMILY_IPV4}, "to-a", NET_NOBODY, 1000000},
    {"the only link, IPv6", 1, 1, {0, true, true, -1, FAMILY_IPV6}, "to-a", NET_NOBODY, 1000000},
    {"many hairpins", 1, 16, {0, true, true, -1, FAMILY_NONE}, "to-a", NET_NOBODY, 1000000},
    {"turns nothing", 1, 1, {0, true, false, -1, FAMILY_NONE}, "to-a", NET_NOBODY, 0},
    {"turns no IPv4", 1, 1, {0, true, false, -1, FAMILY_IPV4}, "to-a", NET_NOBODY, 0},
    {"turns no IPv6", 1, 1, {0, true, false, -1, FAMILY_IPV6}, "to-a", NET_NOBODY, 0},
    {"behind the only link", 1, 1, {-1, false, false, 0, FAMILY_NONE}, "", 0, 1000000},
    {"IPv6 behind it", 1, 1, {-1, false, false, 0, FAMILY_IPV6}, "", 0, 1000000},
    {"one of three", 3, 1, {1, true, true, -1, FAMILY_NONE}, "to-b", NET_NOBODY, 1000000},
    {"one of three, IPv4", 3, 2, {2, true, true, -1, FAMILY_IPV4}, "to-c", NET_NOBODY, 1000000},
    {"one of three, IPv6", 3, 2, {0, true, true, -1, FAMILY_IPV6}, "to-a", NET_NOBODY, 1000000},
    {"one of three turns nothing", 3, 2, {1, true, false, -1, FAMILY_NONE}, "to-b", NET_NOBODY, 0},
    {"behind one of three", 3, 4, {-1, false, false, 1, FAMILY_NONE}, "", 1, 1000000},
};

static const struct fault *run(struct world *w, const char *name, struct death of)
{
    w->context = &of;
    w->loss = dies;
    world_run(w, OVER_MS);
    for (uint32_t i = 0; i < w->said_count; i++) {
        if (getenv("SHOW"))
            printf("%s: %.3f s: %d: %s (or %s)\n", name, (double)w->said[i].at.ns / NS_PER_S,
                   w->said[i].state, w->said[i].words, w->said[i].others);
        CHECK_ROW(name, w->said[i].evidence.share_ppm <= 1000000);
    }
    CHECK_ROW(name, world_count(w, FAULT_NAMED) == 1);
    CHECK_ROW(name, world_count(w, FAULT_OVER) == 1);
    CHECK_ROW(name, world_named(w, 0)->at.ns / NS_PER_MS <= BEGIN_MS + 3500);
    CHECK_ROW(name, world_named(w, 0)->part.family == of.family);
    return world_named(w, 0);
}

static void names_the_link(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct world *w = world_of(rows[i].upstreams, rows[i].each);
        w->random.state = i + 1;
        const struct fault *named = run(w, rows[i].name, rows[i].death);
        CHECK_ROW(rows[i].name, strcmp(named->part.link, rows[i].link) == 0);
        CHECK_ROW(rows[i].name, named->part.upstream == rows[i].upstream);
        CHECK_ROW(rows[i].name, named->part.router == NET_NOBODY);
        CHECK_ROW(rows[i].name, named->evidence.share_ppm == rows[i].share_ppm);
        world_free(w);
    }
}

// A pair of switches at one upstream: what is sent to the upstream passes either.
static struct world *pair(void)
{
    struct world *w = world_new(0, 250);
    w->net.upstream_count = 1;
    add_link(w, "to-ca1", "eth1", 0);
    add_link(w, "to-ca2", "eth1", 0);
    world_add_flows(w, 4);
    add_hairpins(w, 2);
    return w;
}

static void names_one_of_a_pair(void **state)
{
    (void)state;
    for (int family = FAMILY_NONE; family < FAMILIES; family++) {
        struct world *w = pair();
        const struct death half = {1, true, false, -1, (enum family)family};
        const struct fault *named = run(w, "one of a pair", half);
        assert_string_equal(named->part.link, "to-ca2");
        assert_int_equal(named->evidence.share_ppm, 0);
        world_free(w);
    }
}

// All that goes to the upstream dies, and one of the pair turns nothing: nothing goes by that one
// alone, so these are two.
static void does_not_guess_which_of_a_pair(void **state)
{
    (void)state;
    struct world *w = pair();
    const struct death all = {0, true, true, -1, FAMILY_NONE};
    w->context = &all;
    w->loss = dies;
    world_run(w, END_MS);
    assert_int_equal(world_count(w, FAULT_NAMED), 2);
    const struct fault *first = world_named(w, 0), *second = world_named(w, 1);
    const struct fault *link = first->part.link[0] ? first : second;
    const struct fault *upstream = first->part.link[0] ? second : first;
    assert_string_equal(link->part.link, "to-ca1");
    assert_int_equal(link->evidence.share_ppm, 0);
    assert_int_equal(upstream->part.upstream, 0);
    assert_string_equal(upstream->part.link, "");
    world_free(w);
}

// By name or by device; and a member that has more than its link is no link.
static void names_the_member_too(void **state)
{
    (void)state;
    static const char *const links[] = {"to-b", "eth2"};
    for (size_t i = 0; i < 3; i++) {
        struct world *w = world_of(3, 2);
        struct net_group *group = &w->net.groups[w->net.group_count++];
        strcpy(group->name, "ca");
        strcpy(group->members[0].name, "ca1");
        strcpy(group->members[1].name, "ca2");
        strcpy(group->members[0].link, "to-a");
        strcpy(group->members[1].link, links[i % 2]);
        group->members[1].upstreams = i == 2 ? 4 : 0;
        group->member_count = 2;
        const struct fault *named =
            run(w, "a member", (struct death){1, true, true, i == 2 ? 2 : -1, FAMILY_NONE});
        assert_string_equal(named->part.group, "ca");
        assert_string_equal(named->part.member, "ca2");
        assert_string_equal(named->part.link, i == 2 ? "" : "to-b");
        world_free(w);
    }
}

// What is learned meanwhile gives components new numbers: a link that only turns nothing any more
// is not taken for all that goes by it, which is well.
static void keeps_its_fault_when_ways_are_learned(void **state)
{
    (void)state;
    struct world *w = world_of(1, 1);
    const struct death turned = {0, true, false, -1, FAMILY_NONE};
    w->context = &turned;
    w->loss = dies;
    world_run(w, BEGIN_MS + 4000);
    assert_int_equal(world_count(w, FAULT_NAMED), 1);
    struct address hop = check_address("10.1.1.1");
    for (uint32_t f = 0; f < 4; f++)
        site_learn(w->site, f, &(struct components_way){&hop, 1, FAULT_ANY, FAULT_ANY});
    world_run(w, END_MS + 3000);  // all else was answered long enough to be known clean
    assert_int_equal(world_count(w, FAULT_NAMED), 1);
    assert_int_equal(world_count(w, FAULT_OVER), 0);
    world_run(w, OVER_MS);
    assert_int_equal(world_count(w, FAULT_OVER), 1);
    world_free(w);
}

// A link came up when the loss began: of what goes by it what is well again soon is not named, what
// is not is named later; what goes by another link is named as ever.
static void waits_until_a_link_has_settled(void **state)
{
    (void)state;
    static const struct {
        int upstream, came_up;              // the link; -1: none
        int64_t end_ms, from_ms, until_ms;  // named then, after the begin; 0: never
    } cases[] = {
        {1, -1, 2500, 500, 2500}, {1, 1, 2500, 0, 0},      {1, 1, 7000, 3000, 3500},
        {0, 1, 2500, 500, 2500},  {2, 1, 7000, 500, 2500},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct world *w = world_of(3, 2);
        const struct death behind = {-1, false, false, cases[i].upstream, FAMILY_IPV6};
        w->interval_ms = 100;
        w->context = &behind;
        w->loss = dies;
        world_run(w, BEGIN_MS);
        if (cases[i].came_up >= 0)
            site_link_came_up(w->site, (uint32_t)cases[i].came_up,
                              (struct mono){BEGIN_MS * (int64_t)NS_PER_MS});
        world_run(w, BEGIN_MS + cases[i].end_ms);
        w->loss = NULL;
        world_run(w, OVER_MS);
        const struct fault *named = world_named(w, 0);
        int64_t after_ms = named ? named->at.ns / NS_PER_MS - BEGIN_MS : 0;
        assert_in_range(after_ms, cases[i].from_ms, cases[i].until_ms);
        assert_true(!named || named->part.upstream == (uint32_t)cases[i].upstream);
        world_free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_the_link),
        cmocka_unit_test(names_one_of_a_pair),
        cmocka_unit_test(does_not_guess_which_of_a_pair),
        cmocka_unit_test(names_the_member_too),
        cmocka_unit_test(keeps_its_fault_when_ways_are_learned),
        cmocka_unit_test(waits_until_a_link_has_settled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
