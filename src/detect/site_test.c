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
    {"a whole upstream", whole_upstream, {FAULT_LOSS, FAMILY_NONE, 0, -1, -1, -1}, 1800},
    {"38 % of an upstream", part_of_upstream, {FAULT_LOSS, FAMILY_NONE, 0, -1, -1, -1}, 1800},
    {"5 % of an upstream", little_of_upstream, {FAULT_LOSS, FAMILY_NONE, 0, -1, -1, -1}, 5000},
    {"a family of an upstream", one_family, {FAULT_LOSS, FAMILY_IPV6, 1, -1, -1, -1}, 2000},
    {"a router", router, {FAULT_LOSS, FAMILY_NONE, -1, 1, -1, -1}, 2000},
    {"everything", everything, {FAULT_LOSS, FAMILY_NONE, -1, -1, -1, -1}, 2500},
    {"a dead target", dead_target, {FAULT_LOSS, FAMILY_NONE, -1, -1, 1, -1}, 2000},
    {"a target that answers some", limited_target, {FAULT_LOSS, FAMILY_NONE, -1, -1, 1, -1}, 2000},
    {"ICMP through an upstream",
     icmp_of_upstream,
     {FAULT_LOSS, FAMILY_NONE, 0, -1, -1, NET_ICMP},
     2500},
    {"an upstream towards a target", far_part, {FAULT_LOSS, FAMILY_NONE, 2, -1, 0, -1}, 2500},
    {"5-tuples of a family", tuples_of_family, {FAULT_TUPLES, FAMILY_IPV6, 0, -1, -1, -1}, 4000},
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
        world_free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_each_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
