// SPDX-License-Identifier: ISC
// Whatever happens, and in whatever order: a comparison that lived through it says in the end what
// one says that only sees how it ended, and as a plain model has it.
#include "base/random.h"
#include "rib/fib_check.h"

enum { PLACES = 8, METRICS = 2, ROUNDS = 1500, STEPS = 60 };

struct play {
    struct fib_world w;
    struct random random;
    bool is_there[PLACES][METRICS];
    struct kernel_message routes[PLACES][METRICS];
    bool is_learned[PLACES];
    struct address next_hop[PLACES];
    uint32_t found;  // in all rounds together
};

static uint32_t below(struct play *p, uint32_t limit)
{
    return (uint32_t)(random_u64(&p->random) % limit);
}

static struct prefix prefix_at(const struct play *p, uint32_t place)
{
    uint32_t n = 1 + place / 2;
    return place % 2 ? fib_half(&p->w, n) : fib_prefix(&p->w, n);
}

static uint32_t any_gateway(struct play *p)
{
    static const uint32_t gateways[] = {1, 2, 100, 101};
    return gateways[below(p, 4)];
}

static struct kernel_message any_route(struct play *p, uint32_t place, uint32_t metric)
{
    struct kernel_message m = fib_route_by(prefix_at(p, place), &p->w, any_gateway(p));
    m.route.metric = METRIC + metric;
    m.port = below(p, 2) ? ZEBRA_PORT : OTHER_PORT;
    if (below(p, 8) == 0) {
        m.route.type = KERNEL_BLACKHOLE;
        m.route.hop_count = 0;
    } else if (below(p, 6) == 0) {
        uint32_t second = any_gateway(p);
        m.route.hops[1].gateway = fib_gateway(&p->w, second);
        m.route.hops[1].link = fib_link_of(second);
        m.route.hop_count = 1 + !address_equal(m.route.hops[0].gateway, m.route.hops[1].gateway);
    }
    return m;
}

// An IPv6 route loses one of its two hops: the message names that one.
static void lose_hop(struct play *p, uint32_t place, uint32_t metric)
{
    struct kernel_message *route = &p->routes[place][metric], gone = *route;
    uint32_t lost = below(p, 2);
    gone.route.hops[0] = route->route.hops[lost];
    gone.route.hop_count = 1;
    route->route.hops[0] = route->route.hops[1 - lost];
    route->route.hop_count = 1;
    fib_hears_gone(&p->w, gone);
}

static void change_kernel(struct play *p)
{
    uint32_t place = below(p, PLACES), metric = below(p, METRICS);
    bool may_lose = p->w.family == FAMILY_IPV6 && p->is_there[place][metric] &&
                    p->routes[place][metric].route.hop_count == 2;
    if (may_lose && below(p, 2)) {
        lose_hop(p, place, metric);
        return;
    }
    if (p->is_there[place][metric] && below(p, 3) == 0) {
        p->is_there[place][metric] = false;
        fib_hears_gone(&p->w, p->routes[place][metric]);
        return;
    }
    p->is_there[place][metric] = true;
    p->routes[place][metric] = any_route(p, place, metric);
    fib_hears(&p->w, p->routes[place][metric]);
}

static void change_bgp(struct play *p)
{
    uint32_t place = below(p, PLACES);
    struct prefix prefix = prefix_at(p, place);
    if (p->is_learned[place] && below(p, 2)) {
        rib_withdraw(p->w.rib, 0, prefix, 0);
        fib_path_changed(p->w.fib, p->w.now, prefix, p->next_hop[place]);
        p->is_learned[place] = false;
        return;
    }
    p->is_learned[place] = true;
    p->next_hop[place] = fib_gateway(&p->w, any_gateway(p));
    fib_learns(&p->w, 0, prefix, p->next_hop[place], 0);
}

// Routes as the kernel has them; some change behind the dump's place, some before it.
static void dump_routes(struct play *p, bool is_disturbed)
{
    fib_dump_routes(&p->w, 0);
    for (uint32_t place = 0; place < PLACES; place++) {
        for (uint32_t metric = 0; metric < METRICS; metric++) {
            if (p->is_there[place][metric])
                fib_hears_dumped(&p->w, p->routes[place][metric]);
        }
        if (is_disturbed && below(p, 3) == 0)
            change_kernel(p);
    }
}

static void dump_all(struct play *p, bool is_disturbed)
{
    enum kernel_part part,
        ours = p->w.family == FAMILY_IPV4 ? KERNEL_ROUTES_IPV4 : KERNEL_ROUTES_IPV6;
    while (fib_wants_dump(p->w.fib, p->w.now, &part)) {
        if (part != ours) {
            fib_dump(&p->w, part, 0);
            continue;
        }
        fib_dump_begins(p->w.fib, part);
        dump_routes(p, is_disturbed);
        fib_dump_ends(p->w.fib, p->w.now, part, true);
    }
}

// Of several hops those count as right that BGP has named before: that is history too.
static bool has_one_hop(const struct play *p, uint32_t place)
{
    for (uint32_t metric = 0; metric < METRICS; metric++) {
        if (p->is_there[place][metric] && p->routes[place][metric].route.hop_count > 1)
            return false;
    }
    return true;
}

// What it finds, as text in the order of places; what only its history can tell is left out.
static void findings(const struct play *p, const struct fib *fib, char *text, size_t size)
{
    static const enum fib_verdict asked[] = {FIB_MISSING, FIB_NEXT_HOP, FIB_DISCARD};
    text[0] = '\0';
    for (uint32_t place = 0; place < PLACES; place++) {
        struct fib_finding finding;
        for (uint32_t at = 0; has_one_hop(p, place) && fib_next(fib, &at, &finding);) {
            char name[PREFIX_TEXT_MAX];
            bool is_asked = false;
            for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++)
                is_asked |= finding.verdict == asked[i];
            if (is_asked && prefix_equal(finding.prefix, prefix_at(p, place)))
                snprintf(text + strlen(text), size - strlen(text), "%s %s; ",
                         fib_verdict_name(finding.verdict), prefix_format(finding.prefix, name));
        }
    }
}

// What is plainly so: the route of the lowest metric against the only path.
static enum fib_verdict plain_verdict(const struct play *p, uint32_t place)
{
    const struct kernel_route *routes[METRICS];
    uint32_t count = 0;
    for (uint32_t metric = 0; metric < METRICS; metric++) {
        if (p->is_there[place][metric])
            routes[count++] = &p->routes[place][metric].route;
    }
    if (!p->is_learned[place])
        return FIB_MATCH;
    if (count == 0)
        return FIB_MISSING;
    if (routes[0]->hop_count == 0)
        return FIB_DISCARD;
    if (address_equal(routes[0]->hops[0].gateway, p->next_hop[place]))
        return FIB_MATCH;
    bool is_outdone = count > 1 && routes[1]->hop_count > 0 &&
                      address_equal(routes[1]->hops[0].gateway, p->next_hop[place]);
    return is_outdone ? FIB_ALIEN : FIB_NEXT_HOP;
}

static void plain_findings(const struct play *p, char *text, size_t size)
{
    text[0] = '\0';
    for (uint32_t place = 0; place < PLACES; place++) {
        char name[PREFIX_TEXT_MAX];
        enum fib_verdict verdict = plain_verdict(p, place);
        if (has_one_hop(p, place) && verdict != FIB_MATCH && verdict != FIB_ALIEN)
            snprintf(text + strlen(text), size - strlen(text), "%s %s; ", fib_verdict_name(verdict),
                     prefix_format(prefix_at(p, place), name));
    }
}

// All that it wants to look at again, and the time that a difference must stand.
static void settle(struct play *p)
{
    enum { REST_MS = 7000, LOOKS = 3 };  // longer than between two walks; a second dump counts
    for (int look = 0; look < LOOKS; look++) {
        dump_all(p, false);
        fib_wait(&p->w, REST_MS);
    }
}

static void ends_as_one_that_sees_only_the_end(struct play *p, int round)
{
    char lived[1024], fresh[1024], plain[1024];
    plain_findings(p, plain, sizeof plain);
    settle(p);
    findings(p, p->w.fib, lived, sizeof lived);
    struct fib *before = p->w.fib;
    p->w.fib = fib_new(p->w.rib, &before->options, (struct siphash_key){5, 6});
    settle(p);
    findings(p, p->w.fib, fresh, sizeof fresh);
    fib_free(p->w.fib);
    p->w.fib = before;
    p->found += lived[0] != '\0';
    if (strcmp(lived, fresh) != 0 || strcmp(lived, plain) != 0)
        fail_msg("round %d, %s:\n'%s' who lived through it,\n'%s' who sees the end,\n'%s' plainly",
                 round, family_name(p->w.family), lived, fresh, plain);
}

static void play_begin(struct play *p, enum family family, uint64_t seed)
{
    *p = (struct play){.random = {seed}, .found = p->found};
    fib_world_init(&p->w, family);
    for (uint32_t n = 1; n <= PREFIXES; n++) {
        uint32_t place = 2 * (n - 1);
        p->is_there[place][0] = p->is_learned[place] = true;
        p->routes[place][0] = fib_route_by(fib_prefix(&p->w, n), &p->w, 1);
        p->next_hop[place] = fib_gateway(&p->w, 1);
    }
}

static void any_history_ends_the_same(void **state)
{
    (void)state;
    static struct play p;
    for (int round = 0; round < ROUNDS; round++) {
        play_begin(&p, round % 2 ? FAMILY_IPV4 : FAMILY_IPV6, 100 + (uint64_t)round);
        for (int step = 0; step < STEPS; step++) {
            uint32_t dice = below(&p, 20);
            if (dice < 12)
                change_kernel(&p);
            else if (dice < 17)
                change_bgp(&p);
            else if (dice < 19)
                fib_wait(&p.w, 50 * (1 + below(&p, 20)));
            else
                fib_must_resync(p.w.fib);
            dump_all(&p, true);
            p.w.told[0] = '\0';
        }
        ends_as_one_that_sees_only_the_end(&p, round);
        fib_world_done(&p.w);
    }
    assert_true(p.found > ROUNDS / 2);  // else it tests nothing
}

// More ways by one gateway than are kept at hand: none of their routes is lost on the way.
static void keeps_routes_of_many_ways(void **state)
{
    (void)state;
    enum { MANY = 60, FIRST_PROTOCOL = 100, LINKS = 2 };
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct fib_world w;
        enum kernel_part part;
        fib_world_init(&w, family);
        fib_must_resync(w.fib);
        while (fib_wants_dump(w.fib, w.now, &part)) {
            bool is_routes =
                part == (family == FAMILY_IPV4 ? KERNEL_ROUTES_IPV4 : KERNEL_ROUTES_IPV6);
            if (!is_routes) {
                fib_dump(&w, part, 0);
                continue;
            }
            fib_dump_begins(w.fib, part);
            fib_dump_routes(&w, 0);
            for (uint32_t n = 1; n <= MANY; n++) {
                struct kernel_message m = fib_route_by(fib_prefix(&w, n), &w, 1);
                m.route.protocol = (uint8_t)(FIRST_PROTOCOL + n);
                fib_hears_dumped(&w, m);
            }
            fib_dump_ends(w.fib, w.now, part, true);
        }
        assert_int_equal(fib_summary(w.fib).routes[family], MANY + LINKS);
        for (uint32_t n = 1; n <= MANY; n++) {
            struct rib_path path;
            struct fib_route route;
            const struct fib_table *table = &w.fib->tables[family];
            assert_true(fib_route_first(w.rib, table, fib_prefix(&w, n), &path));
            fib_route_read(w.rib, table, &path, &route);
            assert_int_equal(route.protocol, FIRST_PROTOCOL + n);
        }
        fib_world_done(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_history_ends_the_same),
        cmocka_unit_test(keeps_routes_of_many_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
