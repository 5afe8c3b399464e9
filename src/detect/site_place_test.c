// SPDX-License-Identifier: ISC
// Faults on the ways to a country or region of targets: it is that part which is named, and nothing
// wider or narrower.
#include "detect/site_check.h"

enum { BEGIN_MS = 5000, END_MS = 12000 };

// far-1 and far-2 are in Germany, far-3 and far-4 in two countries of Asia, far-5 and far-6 in the
// United States, where a location says so. Of both faraway regions one is asked by ICMP.
static struct world *world_of_places(void)
{
    struct world *w = world_new(0, 250);
    world_add_target(w, "far-5", NET_ICMP);
    world_add_target(w, "far-6", NET_STAMP);
    strcpy(w->net.targets[0].country, "DE");
    strcpy(w->net.targets[1].country, "DE");
    strcpy(w->net.targets[2].country, "JP");
    strcpy(w->net.targets[3].country, "IN");
    strcpy(w->net.targets[4].country, "US");
    w->net.targets[5].location = (struct net_location){2, 40710000, -74010000};
    return w;
}

struct part {
    double loss;
    int upstream, first, last;  // targets; upstream -1: any
    enum family family;         // FAMILY_NONE: both
};

static double lossy_part(struct world *w, const struct world_sending *s)
{
    const struct part *part = w->context;
    bool passes = s->path.upstream != NET_NOBODY &&
                  (part->upstream < 0 || s->path.upstream == (uint32_t)part->upstream) &&
                  s->flow->target >= part->first && s->flow->target <= part->last &&
                  (part->family == FAMILY_NONE || s->path.family == part->family);
    return passes && s->at_ms >= BEGIN_MS && s->at_ms < END_MS ? part->loss : 0;
}

static const struct {
    struct part part;
    int upstream, target, protocol;
    const char *place, *words;  // how these begin
    bool icmp;                  // is how all of Asia is asked, and nobody else
} rows[] = {
    {{1, 0, 2, 3, FAMILY_NONE}, 0, -1, -1, "Asia", "via transit-a to Asia: ", 0},
    {{0.4, 0, 2, 3, FAMILY_NONE}, 0, -1, -1, "Asia", "via transit-a to Asia: ", 0},
    {{0.5, 1, 2, 3, FAMILY_IPV4}, 1, -1, -1, "Asia", "IPv4 via transit-b to Asia: ", 0},
    {{0.5, 1, 2, 3, FAMILY_IPV6}, 1, -1, -1, "Asia", "IPv6 via transit-b to Asia: ", 0},
    {{0.5, 2, 0, 1, FAMILY_NONE}, 2, -1, -1, "DE", "via transit-c to DE: ", 0},
    {{0.5, 2, 4, 5, FAMILY_NONE},
     2,
     -1,
     -1,
     "North America",
     "via transit-c to North America: ",
     0},
    {{0.5, -1, 2, 3, FAMILY_NONE}, -1, -1, -1, "Asia", "to Asia: ", 0},
    {{0.5, -1, 2, 3, FAMILY_IPV4}, -1, -1, -1, "Asia", "IPv4 to Asia: ", 0},
    {{0.5, -1, 2, 3, FAMILY_IPV6}, -1, -1, -1, "Asia", "IPv6 to Asia: ", 0},
    {{0.5, 0, 2, 2, FAMILY_NONE}, 0, 2, -1, "", "via transit-a, target far-3: ", 0},
    {{0.5, 0, 0, 5, FAMILY_NONE}, 0, -1, -1, "", "via transit-a: ", 0},
    {{0.5, 0, 2, 3, FAMILY_NONE}, 0, -1, NET_ICMP, "Asia", "via transit-a to Asia, only icmp: ", 1},
};

static void names_the_way_to_a_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct world *w = world_of_places();
        for (uint32_t t = 0; rows[i].icmp && t < w->net.target_count; t++)
            w->net.targets[t].protocol = t == 2 || t == 3 ? NET_ICMP : NET_STAMP;
        world_add_flows(w, 8);
        w->loss = lossy_part;
        w->context = &rows[i].part;
        world_run(w, 20000);
        const struct fault *fault = world_named(w, 0);
        if (!fault || strncmp(fault->words, rows[i].words, strlen(rows[i].words)) ||
            strcmp(fault->part.place, rows[i].place) || world_count(w, FAULT_NAMED) != 1)
            fail_msg("row %zu: %s", i, fault ? fault->words : "nothing");
        assert_int_equal(fault->part.upstream, (uint32_t)rows[i].upstream);
        assert_int_equal(fault->part.target, (uint32_t)rows[i].target);
        assert_int_equal(fault->part.protocol, rows[i].protocol);
        assert_int_equal(fault->part.family, rows[i].part.family);
        assert_in_range(fault->at.ns / NS_PER_MS, BEGIN_MS, BEGIN_MS + 3500);
        assert_int_equal(world_count(w, FAULT_OVER), 1);
        world_free(w);
    }
}

// Of a third of what the upstream carries.
static void tells_how_much_goes_there(void **state)
{
    (void)state;
    const struct part part = {0.5, 0, 2, 3, FAMILY_NONE};
    struct world *w = world_of_places();
    world_add_flows(w, 8);
    w->loss = lossy_part;
    w->context = &part;
    world_run(w, BEGIN_MS + 4000);
    assert_non_null(world_named(w, 0));
    assert_int_equal(world_named(w, 0)->evidence.share_ppm, 1000000 * 2 / 6);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test(names_the_way_to_a_place),
        cmocka_unit_test(tells_how_much_goes_there),
    };
    return cmocka_run_group_tests(all, NULL, NULL);
}
