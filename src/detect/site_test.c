// SPDX-License-Identifier: ISC
#include "detect/site_check.h"

enum { BEGIN_MS = 5000, END_MS = 12000 };

// What was said, for who looks at a test that fails: SHOW=1.
static void show(const struct world *w, const char *name)
{
    for (uint32_t i = 0; i < w->said_count && getenv("SHOW"); i++)
        printf("%s: %.3f s: fault %u %d: %s (or %s)\n", name, (double)w->said[i].at.ns / NS_PER_S,
               w->said[i].number, w->said[i].state, w->said[i].words, w->said[i].others);
}

static bool is_on(const struct world_sending *s)
{
    return s->at_ms >= BEGIN_MS && s->at_ms < END_MS;
}

static double whole_upstream(struct world *w, const struct world_sending *s)
{
    (void)w;
    return is_on(s) && s->path.upstream == 0 ? 1 : 0;
}

static double part_of_upstream(struct world *w, const struct world_sending *s)
{
    return 0.38 * whole_upstream(w, s);
}

static double little_of_upstream(struct world *w, const struct world_sending *s)
{
    return 0.05 * whole_upstream(w, s);
}

static double one_family(struct world *w, const struct world_sending *s)
{
    (void)w;
    return is_on(s) && s->path.upstream == 1 && s->path.family == FAMILY_IPV6 ? 0.5 : 0;
}

static double router(struct world *w, const struct world_sending *s)
{
    (void)w;
    return is_on(s) && s->path.upstream != 0 && s->path.upstream != NET_NOBODY ? 0.3 : 0;
}

static double everything(struct world *w, const struct world_sending *s)
{
    (void)w;
    return is_on(s) ? 0.2 : 0;
}

static double dead_target(struct world *w, const struct world_sending *s)
{
    (void)w;
    return is_on(s) && s->flow->target == 1 ? 1 : 0;
}

static double limited_target(struct world *w, const struct world_sending *s)
{
    return 0.4 * dead_target(w, s);
}

static double icmp_of_upstream(struct world *w, const struct world_sending *s)
{
    return is_on(s) && s->path.upstream == 0 && w->net.targets[s->flow->target].protocol == NET_ICMP
               ? 0.9
               : 0;
}

static double far_part(struct world *w, const struct world_sending *s)
{
    (void)w;
    return is_on(s) && s->path.upstream == 2 && s->flow->target == 0 ? 0.5 : 0;
}

// Every eighth IPv6 5-tuple through the first router, wherever it goes on.
static double tuples_of_family(struct world *w, const struct world_sending *s)
{
    (void)w;
    return is_on(s) && s->path.upstream == 0 && s->path.family == FAMILY_IPV6 &&
                   (s->flow->number + 3 * s->flow->target) % 8 == 5
               ? 1
               : 0;
}

static double tried_of_family(struct world *w, uint32_t path, uint32_t target)
{
    struct net_path p = net_path(&w->net, path);
    (void)target;
    bool on = w->now_ms >= BEGIN_MS && w->now_ms < END_MS;
    return on && p.upstream == 0 && p.family == FAMILY_IPV6 ? 0.125 : 0;
}

// What is expected: a part, as far as it is said.
struct expectation {
    enum fault_symptom symptom;
    enum family family;
    int upstream, router, target, protocol;  // -1: must not be said
};

static const struct {
    const char *name;
    double (*loss)(struct world *w, const struct world_sending *s);
    struct expectation is;
    int64_t within_ms;
} rows[] = {
    {"a whole upstream", whole_upstream, {FAULT_LOSS, FAMILY_NONE, 0, -1, -1, -1}, 3500},
    {"38 % of an upstream", part_of_upstream, {FAULT_LOSS, FAMILY_NONE, 0, -1, -1, -1}, 3500},
    {"5 % of an upstream", little_of_upstream, {FAULT_LOSS, FAMILY_NONE, 0, -1, -1, -1}, 6500},
    {"a family of an upstream", one_family, {FAULT_LOSS, FAMILY_IPV6, 1, -1, -1, -1}, 3500},
    {"a router", router, {FAULT_LOSS, FAMILY_NONE, -1, 1, -1, -1}, 3500},
    {"everything", everything, {FAULT_LOSS, FAMILY_NONE, -1, -1, -1, -1}, 3500},
    {"a dead target", dead_target, {FAULT_LOSS, FAMILY_NONE, -1, -1, 1, -1}, 3500},
    {"a target that answers some", limited_target, {FAULT_LOSS, FAMILY_NONE, -1, -1, 1, -1}, 3500},
    {"ICMP through an upstream",
     icmp_of_upstream,
     {FAULT_LOSS, FAMILY_NONE, 0, -1, -1, NET_ICMP},
     2500},
    {"an upstream towards a target", far_part, {FAULT_LOSS, FAMILY_NONE, 2, -1, 0, -1}, 3500},
    {"5-tuples of a family", tuples_of_family, {FAULT_TUPLES, FAMILY_IPV6, 0, -1, -1, -1}, 4000},
    {"5-tuples that no flow has", NULL, {FAULT_TUPLES, FAMILY_IPV6, 0, -1, -1, -1}, 8000},
};

static bool matches(const struct fault *fault, const struct expectation *is)
{
    const struct fault_part *p = &fault->part;
    return fault->symptom == is->symptom && p->family == is->family &&
           p->upstream == (uint32_t)is->upstream && p->router == (uint32_t)is->router &&
           p->target == (uint32_t)is->target && p->protocol == is->protocol && !p->group[0] &&
           !p->link[0] && p->hop.family == FAMILY_NONE && p->dscp < 0 && p->size_bytes < 0;
}

// Named once, right, soon; over soon after its end; nothing else is.
static void names_each_part(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct world *w = world_new(8, 250);
        w->loss = rows[i].loss;
        w->dead = rows[i].is.symptom == FAULT_TUPLES ? tried_of_family : NULL;
        w->random.state = i + 1;
        world_run(w, END_MS + 8000);
        show(w, rows[i].name);
        const struct fault *named = world_named(w, 0);
        CHECK_ROW(rows[i].name, named && matches(named, &rows[i].is));
        CHECK_ROW(rows[i].name, named->at.ns / NS_PER_MS <= BEGIN_MS + rows[i].within_ms);
        CHECK_ROW(rows[i].name, world_count(w, FAULT_NAMED) == 1);
        int64_t began_ms = named->began_at.ns / NS_PER_MS;
        CHECK_ROW(rows[i].name, rows[i].is.symptom != FAULT_TUPLES ||
                                    (began_ms >= BEGIN_MS && began_ms <= BEGIN_MS + 2000));
        world_free(w);
    }
}

// All of an upstream is lost at once: that is named once no harmless burst lasts so long (0.1 acts
// a year, over all parts: detection.md 2.7), and one turn and a time-out later at most.
static void names_total_loss_as_soon_as_bursts_allow(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct world *w = world_new(8, 50);
        w->loss = whole_upstream;
        w->random.state = seed;
        world_run(w, END_MS);
        show(w, "all of an upstream");
        assert_int_equal(world_count(w, FAULT_NAMED), 1);
        assert_int_equal(world_named(w, 0)->part.upstream, 0);
        assert_in_range(world_named(w, 0)->at.ns / NS_PER_MS, BEGIN_MS + 900, BEGIN_MS + 1400);
        world_free(w);
    }
}

// What must not be named: harmless bursts on one upstream, and on all at once.
static double burst_of_upstream(struct world *w, const struct world_sending *s)
{
    static const int64_t lengths_ms[] = {20, 50, 100, 200, 500};
    int64_t at = s->at_ms % 5000, length = lengths_ms[s->at_ms / 5000 % 5];
    (void)w;
    return s->at_ms >= 5000 && s->path.upstream == 0 && at < length ? 1 : 0;
}

// Of nine in ten flows, other ones each time: what the tenth is answered ends no burst.
static double burst_of_most(struct world *w, const struct world_sending *s)
{
    bool is_hit = (7 * (int64_t)s->id + 3 * (s->at_ms / 5000)) % 10 > 0;
    return is_hit ? burst_of_upstream(w, s) : 0;
}

static double burst_of_all(struct world *w, const struct world_sending *s)
{
    static const int64_t lengths_ms[] = {20, 50, 100, 200, 500};
    (void)w;
    return s->at_ms >= 5000 && s->at_ms % 5000 < lengths_ms[s->at_ms / 5000 % 5] ? 1 : 0;
}

// Each hits another upstream than the one before.
static double burst_by_turns(struct world *w, const struct world_sending *s)
{
    bool turn = s->path.upstream == (uint32_t)(s->at_ms / 2500 % 2);
    (void)w;
    return turn && s->at_ms % 2500 < 20 + s->at_ms / 2500 * 53 % 480 ? 1 : 0;
}

// The first that is ever seen is a burst.
static double burst_at_start(struct world *w, const struct world_sending *s)
{
    (void)w;
    return s->at_ms < 450 && s->path.upstream != 1 ? 1 : 0;
}

static const struct {
    const char *name;
    double (*loss)(struct world *w, const struct world_sending *s);
    uint32_t flows, interval_ms;
} harmless[] = {
    {"nothing", NULL, 8, 250},
    {"nothing, fast", NULL, 4, 50},
    {"bursts of an upstream", burst_of_upstream, 8, 250},
    {"bursts of an upstream, seen by fast flows", burst_of_upstream, 4, 50},
    {"bursts of most of an upstream", burst_of_most, 8, 50},
    {"bursts of most of an upstream, seen by slow flows", burst_of_most, 8, 250},
    {"bursts of all", burst_of_all, 8, 250},
    {"a burst at the start", burst_at_start, 8, 50},
    {"bursts by turns", burst_by_turns, 8, 250},
    {"bursts by turns, seen by faster flows", burst_by_turns, 8, 100},
    {"bursts by turns, seen by fast flows", burst_by_turns, 4, 50},
};

static void names_nobody_for_what_is_harmless(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++) {
        struct world *w = world_new(harmless[i].flows, harmless[i].interval_ms);
        w->loss = harmless[i].loss;
        w->random.state = i + 100;
        world_run(w, 60000);
        show(w, harmless[i].name);
        CHECK_ROW(harmless[i].name, world_count(w, FAULT_NAMED) == 0);
        world_free(w);
    }
}

// Hops: eight ways behind each upstream, by flow, as tracing would tell.
static void learn_ways(struct world *w)
{
    world_run(w, 1);
    for (uint32_t f = 0; f < w->flow_count; f++) {
        struct net_path path = net_path(&w->net, w->flows[f].path);
        uint32_t way = (w->flows[f].number + w->flows[f].target) % 8;
        if (path.upstream == NET_NOBODY)
            continue;
        char text[32], first[32];
        bool v4 = path.family == FAMILY_IPV4;
        snprintf(first, sizeof first, v4 ? "10.%u.0.1" : "2001:db8:%u::1", path.upstream);
        snprintf(text, sizeof text, v4 ? "10.%u.1.%u" : "2001:db8:%u:1::%u", path.upstream,
                 way + 1);
        struct address hops[] = {check_address(first), check_address(text)};
        site_learn(w->site, f, &(struct components_way){hops, 2, (int32_t)way, 8});
    }
}

static uint32_t way_of(const struct flow *flow)
{
    return (flow->number + flow->target) % 8;
}

static double one_way_dead(struct world *w, const struct world_sending *s)
{
    (void)w;
    return is_on(s) && s->path.upstream == 0 && way_of(s->flow) == 3 ? 1 : 0;
}

// What roving finds of it: it knows no hops, and doubts a while.
static double eighth_of_upstream(struct world *w, uint32_t path, uint32_t target)
{
    (void)target;
    bool on = w->now_ms >= BEGIN_MS + 1500 && w->now_ms < END_MS;
    return on && net_path(&w->net, path).upstream == 0 ? 0.125 : 0;
}

// A hop in each family: two faults, each with its address and bucket.
static void names_the_hop(void **state)
{
    (void)state;
    struct world *w = world_new(8, 250);
    learn_ways(w);
    w->loss = one_way_dead;
    w->dead = eighth_of_upstream;
    world_run(w, END_MS + 8000);
    show(w, "a dead hop");
    assert_int_equal(world_count(w, FAULT_NAMED), 2);
    for (uint32_t n = 0; n < 2; n++) {
        const struct fault *named = world_named(w, n);
        bool v4 = named->part.family == FAMILY_IPV4;
        assert_true(
            address_equal(named->part.hop, check_address(v4 ? "10.0.1.4" : "2001:db8:0:1::4")));
        assert_int_equal(named->part.upstream, 0);
        assert_int_equal(named->part.bucket, 3);
        assert_int_equal(named->part.bucket_count, 8);
        assert_int_equal(named->symptom, FAULT_LOSS);
        assert_true(named->at.ns / NS_PER_MS < BEGIN_MS + 3000);
        assert_non_null(strstr(named->words, "bucket 3 of 8: 100 % of 12 % of flows"));
    }
    assert_int_not_equal(world_named(w, 0)->number, world_named(w, 1)->number);
    assert_int_equal(world_count(w, FAULT_OVER), 2);
    world_free(w);
}

// One 5-tuple is dead, and no other flow passes its hop: who could tell which of the two it is?
static double one_flow_dead(struct world *w, const struct world_sending *s)
{
    (void)w;
    return is_on(s) && s->path.upstream == 0 && s->path.family == FAMILY_IPV4 &&
                   s->flow->target == 0 && way_of(s->flow) == 3
               ? 1
               : 0;
}

static void does_not_blame_a_hop_for_one_flow(void **state)
{
    (void)state;
    struct world *w = world_new(0, 250);
    world_add_flows(w, 8);
    for (uint32_t f = 0; f < w->flow_count; f++)  // each target has hops of its own
        w->flows[f].number += 8 * w->flows[f].target;
    world_run(w, 1);
    for (uint32_t f = 0; f < w->flow_count; f++) {
        char text[32];
        snprintf(text, sizeof text, "10.1.%u.%u", w->flows[f].path, w->flows[f].number + 1);
        struct address hop = check_address(text);
        if (net_path(&w->net, w->flows[f].path).family == FAMILY_IPV4)
            site_learn(w->site, f, &(struct components_way){&hop, 1, FAULT_ANY, FAULT_ANY});
    }
    w->loss = one_flow_dead;
    world_run(w, END_MS + 4000);
    show(w, "a dead flow");
    assert_int_equal(world_count(w, FAULT_NAMED), 0);
    world_free(w);
}

// Some 5-tuples of an upstream, of which those of one hop are known to be dead a second before the
// others.
static double scattered_dead(struct world *w, const struct world_sending *s)
{
    (void)w;
    uint32_t target = s->flow->target, way = way_of(s->flow);
    bool is_first = s->path.family == FAMILY_IPV4 && way == 3 && target < 3;
    bool is_later = way == (s->path.family == FAMILY_IPV4 ? 5 + target % 2 : target);
    bool dead = is_first || (is_later && s->at_ms >= BEGIN_MS + 1000);
    return is_on(s) && s->path.upstream == 0 && dead ? 1 : 0;
}

static void does_not_blame_a_hop_for_the_first_of_many(void **state)
{
    (void)state;
    struct world *w = world_new(8, 250);
    learn_ways(w);
    w->loss = scattered_dead;
    world_run(w, END_MS);
    show(w, "scattered 5-tuples");
    assert_true(world_count(w, FAULT_NAMED) > 0);
    for (uint32_t n = 0; n < world_count(w, FAULT_NAMED); n++)
        assert_true(world_named(w, n)->part.upstream == 0 &&
                    world_named(w, n)->part.hop.family == FAMILY_NONE);
    world_free(w);
}

// A switch of a pair: hops of both families behind every upstream are in its networks.
static double one_switch_dead(struct world *w, const struct world_sending *s)
{
    (void)w;
    return is_on(s) && s->path.upstream != NET_NOBODY && way_of(s->flow) % 2 == 1 ? 1 : 0;
}

// Half of the 5-tuples are dead, and known to be when they have been asked for long enough.
static double tried_everywhere(struct world *w, uint32_t path, uint32_t target)
{
    (void)path, (void)target;
    return w->now_ms >= BEGIN_MS + 1000 && w->now_ms < END_MS ? 0.05 : 0;
}

static bool is_fast_in_trouble(const struct world *w, uint32_t flow)
{
    struct net_path path = net_path(&w->net, w->flows[flow].path);
    return w->now_ms >= BEGIN_MS && w->now_ms < END_MS && path.upstream == 0 &&
           path.family == FAMILY_IPV6 && w->flows[flow].number % 2 == 1;
}

// And nothing else, though roving meets it on all ways and knows of no hops.
static void names_the_member(void **state)
{
    (void)state;
    struct world *w = world_new(8, 250);
    strcpy(w->net.groups[0].name, "ca");
    w->net.group_count = 1;
    w->net.groups[0].member_count = 2;
    for (uint32_t m = 0; m < 2; m++) {
        struct net_member *member = &w->net.groups[0].members[m];
        snprintf(member->name, sizeof member->name, "ca%u", m + 1);
        for (uint32_t u = 0; u < 3; u++)
            for (uint32_t way = 1; way <= 8; way++) {
                char v4[32], v6[40];
                if ((way - 1) % 2 != m)
                    continue;
                snprintf(v4, sizeof v4, "10.%u.1.%u/32", u, way);
                snprintf(v6, sizeof v6, "2001:db8:%u:1::%u/128", u, way);
                member->hops.items[member->hops.count++] = check_prefix(v4);
                member->hops.items[member->hops.count++] = check_prefix(v6);
            }
    }
    learn_ways(w);
    w->loss = one_switch_dead;
    w->dead = tried_everywhere;
    w->is_fast = is_fast_in_trouble;
    world_run(w, END_MS + 8000);
    show(w, "a dead switch");
    assert_int_equal(world_count(w, FAULT_NAMED), 1);
    const struct fault *named = world_named(w, 0);
    assert_string_equal(named->part.group, "ca");
    assert_string_equal(named->part.member, "ca2");
    assert_int_equal(named->part.upstream, NET_NOBODY);
    assert_int_equal(named->part.family, FAMILY_NONE);
    assert_true(named->at.ns / NS_PER_MS < BEGIN_MS + 2500);
    world_free(w);
}

// One 5-tuple in a hundred of an upstream, of which no probed flow is one. Roving tries what STAMP
// answers, and that says nothing of a protocol.
static double few_of_upstream(struct world *w, uint32_t path, uint32_t target)
{
    struct net_path p = net_path(&w->net, path);
    if (w->net.targets[target].protocol != NET_STAMP || p.upstream == NET_NOBODY)
        return -1;
    return p.upstream == 0 && w->now_ms >= BEGIN_MS && w->now_ms < END_MS ? 0.01 : 0;
}

static void names_the_upstream_of_few_tuples(void **state)
{
    (void)state;
    struct world *w = world_new(8, 250);
    w->dead = few_of_upstream;
    w->try_ms = 50;
    world_run(w, END_MS);
    show(w, "few 5-tuples");
    assert_int_equal(world_count(w, FAULT_NAMED), 1);
    const struct fault *named = world_named(w, 0);
    const struct expectation is = {FAULT_TUPLES, FAMILY_NONE, 0, -1, -1, -1};
    assert_true(matches(named, &is));
    assert_in_range(named->evidence.loss_ppm, 5000, 30000);
    world_free(w);
}

static double two_faults(struct world *w, const struct world_sending *s)
{
    (void)w;
    if (s->at_ms >= 5000 && s->at_ms < 20000 && s->path.upstream == 0)
        return 0.3;
    return s->at_ms >= 12000 && s->at_ms < 20000 && s->flow->target == 1 ? 1 : 0;
}

static void keeps_two_faults_apart(void **state)
{
    (void)state;
    struct world *w = world_new(8, 250);
    w->loss = two_faults;
    world_run(w, 30000);
    show(w, "two faults");
    assert_int_equal(world_count(w, FAULT_NAMED), 2);
    const struct fault *first = world_named(w, 0), *second = world_named(w, 1);
    assert_int_equal(first->part.upstream, 0);
    assert_int_equal(second->part.target, 1);
    assert_int_equal(second->part.upstream, NET_NOBODY);
    assert_int_not_equal(first->number, second->number);
    assert_true(second->at.ns / NS_PER_MS < 14000);
    assert_int_equal(world_count(w, FAULT_OVER), 2);
    world_free(w);
}

static double classes(struct world *w, const struct world_sending *s)
{
    (void)w;
    return is_on(s) && s->path.upstream == 0 && s->flow->dscp == 46 ? 1 : 0;
}

static double large(struct world *w, const struct world_sending *s)
{
    (void)w;
    return is_on(s) && s->path.upstream == 1 && s->flow->size_bytes >= 1400 ? 1 : 0;
}

static void add_variants(struct world *w)
{
    for (uint32_t p = 0; p < net_path_count(&w->net); p++)
        for (uint32_t t = 0; t < w->net.target_count; t++) {
            struct flow flow = {
                .use = FLOW_VARIANT, .path = (uint8_t)p, .target = (uint8_t)t, .number = 100};
            flow.dscp = 46;
            world_add_flow(w, flow);
            flow.dscp = 0;
            flow.size_bytes = 512;
            world_add_flow(w, flow);
            flow.size_bytes = 1500;
            world_add_flow(w, flow);
        }
}

static void names_classes_and_sizes(void **state)
{
    (void)state;
    for (int size = 0; size < 2; size++) {
        struct world *w = world_new(8, 250);
        add_variants(w);
        w->loss = size ? large : classes;
        world_run(w, END_MS + 8000);
        show(w, size ? "large packets" : "a class");
        assert_int_equal(world_count(w, FAULT_NAMED), 1);
        const struct fault *named = world_named(w, 0);
        assert_int_equal(named->part.upstream, size ? 1 : 0);
        assert_int_equal(named->part.dscp, size ? FAULT_ANY : 46);
        assert_int_equal(named->part.size_bytes, size ? 1500 : FAULT_ANY);
        assert_int_equal(named->part.target, NET_NOBODY);
        world_free(w);
    }
}

// Our own doing: for seconds nothing is answered, and half of that we cannot vouch for.
static bool stalled(struct world *w, const struct world_sending *s)
{
    return is_on(s) && random_unit(&w->random) < 0.5;
}

static bool all_void(struct world *w, const struct world_sending *s)
{
    (void)w;
    return is_on(s);
}

static void names_nobody_while_blind(void **state)
{
    (void)state;
    for (int all = 0; all < 2; all++) {
        struct world *w = world_new(8, 250);
        w->loss = whole_upstream;
        w->is_void = all ? all_void : stalled;
        world_run(w, END_MS + 8000);
        show(w, "blind");
        assert_int_equal(w->said_count, 0);
        world_free(w);
    }
}

// Answers that come late take their losses back.
static void late_answers_are_no_losses(void **state)
{
    (void)state;
    struct world *w = world_new(8, 250);
    world_run(w, 5000);
    for (int64_t ms = 5000; ms < 9000; ms += 250)
        for (uint32_t id = 0; id < w->flow_count; id++) {
            struct sample sample = {.id = id,
                                    .path = w->flows[id].path,
                                    .target = w->flows[id].target,
                                    .verdict = SAMPLE_LOST,
                                    .sent_at = {ms * NS_PER_MS + id},
                                    .known_at = {(ms + 100) * NS_PER_MS}};
            struct fault fault;
            site_sample(w->site, &sample);
            sample.late = true;
            sample.verdict = SAMPLE_OK;
            site_sample(w->site, &sample);
            assert_false(site_tick(w->site, (struct mono){(ms + 110) * NS_PER_MS}, &fault));
        }
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_each_part),
        cmocka_unit_test(names_total_loss_as_soon_as_bursts_allow),
        cmocka_unit_test(names_nobody_for_what_is_harmless),
        cmocka_unit_test(names_the_hop),
        cmocka_unit_test(does_not_blame_a_hop_for_one_flow),
        cmocka_unit_test(names_the_member),
        cmocka_unit_test(does_not_blame_a_hop_for_the_first_of_many),
        cmocka_unit_test(names_the_upstream_of_few_tuples),
        cmocka_unit_test(keeps_two_faults_apart),
        cmocka_unit_test(names_classes_and_sizes),
        cmocka_unit_test(names_nobody_while_blind),
        cmocka_unit_test(late_answers_are_no_losses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
