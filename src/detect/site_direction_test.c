// SPDX-License-Identifier: ISC
#include "detect/site_check.h"

enum { BEGIN_MS = 5000, END_MS = 15000 };

// In which direction a way loses: as reflectors count, or by packets that cross where none does.

static uint32_t back_of(const struct world *w, const struct flow *flow)
{
    return net_path(&w->net, flow->use == FLOW_CROSSING ? flow->back : flow->path).upstream;
}

static bool fails_now(const struct world_sending *sending)
{
    return sending->at_ms >= BEGIN_MS && sending->at_ms < END_MS;
}

static double lost_out(struct world *w, const struct world_sending *sending)
{
    (void)w;
    return fails_now(sending) && sending->path.upstream == 0 ? 0.4 : 0;
}

static double lost_back(struct world *w, const struct world_sending *sending)
{
    return fails_now(sending) && back_of(w, sending->flow) == 0 ? 0.4 : 0;
}

static double lost_back_ipv6(struct world *w, const struct world_sending *sending)
{
    return sending->path.family == FAMILY_IPV6 ? lost_back(w, sending) : 0;
}

static void add_crossings(struct world *w)
{
    uint32_t paths = net_path_count(&w->net);
    for (uint32_t path = 0; path < paths; path++)
        for (uint32_t back = 0; back < paths; back++)
            for (uint32_t t = 0; t < 2; t++) {
                struct net_path p = net_path(&w->net, path), b = net_path(&w->net, back);
                if (p.family == b.family && path != back && p.upstream != NET_NOBODY &&
                    b.upstream != NET_NOBODY)
                    world_add_flow(w, (struct flow){.use = FLOW_CROSSING,
                                                    .path = (uint8_t)path,
                                                    .back = (uint8_t)back,
                                                    .target = (uint8_t)t,
                                                    .number = (uint16_t)(8 + back)});
            }
}

static const struct {
    const char *name;
    double (*loss)(struct world *w, const struct world_sending *sending);
    bool crosses;
    enum fault_direction counted, direction;
} ways[] = {
    {"out", lost_out, true, FAULT_EITHER, FAULT_FORWARD},
    {"back", lost_back, true, FAULT_EITHER, FAULT_REVERSE},
    {"back, IPv6", lost_back_ipv6, true, FAULT_EITHER, FAULT_REVERSE},
    {"nobody crosses", lost_back, false, FAULT_EITHER, FAULT_EITHER},
    {"out, as reflectors count", lost_out, false, FAULT_FORWARD, FAULT_FORWARD},
    {"back, as reflectors count", lost_back, false, FAULT_REVERSE, FAULT_REVERSE},
    {"back, IPv6, as reflectors count", lost_back_ipv6, false, FAULT_REVERSE, FAULT_REVERSE},
};

static void tells_directions(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        struct world *w = world_new(8, 250);
        if (ways[i].crosses)
            add_crossings(w);
        w->loss = ways[i].loss;
        w->counted = ways[i].counted;
        w->random.state = i + 1;
        world_run(w, END_MS);
        const struct fault *last = NULL;
        for (uint32_t n = 0; world_named(w, n); n++)
            last = world_named(w, n);
        CHECK_ROW(ways[i].name, last && last->part.direction == ways[i].direction);
        CHECK_ROW(ways[i].name, last->part.upstream == 0);
        for (uint32_t n = 0; world_named(w, n); n++)
            CHECK_ROW(ways[i].name, world_named(w, n)->number == last->number);
        world_free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_directions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
