// SPDX-License-Identifier: ISC
// Very many flows, each traced by a way of its own: what there is no room for is left out, and
// nothing else.
#include "detect/components.h"

#include "detect/site_check.h"

enum { FLOWS = 8000, ROOM = COMPONENTS_TRACED_MIN + FLOWS / COMPONENTS_TRACED_SHARE };

static uint32_t length_of(const uint16_t *list)
{
    uint32_t length = 0;
    while (list[length] != LOCALISE_NOBODY)
        length++;
    return length;
}

static struct address hop(uint32_t number)
{
    char text[32];
    snprintf(text, sizeof text, "192.0.%u.%u", number / 250, number % 250);
    return check_address(text);
}

static struct address hop6(uint32_t number)
{
    char text[32];
    snprintf(text, sizeof text, "2001:db8::%x", number);
    return check_address(text);
}

static void learn_all(struct components *c, uint32_t turn)
{
    for (uint32_t f = 0; f < FLOWS; f++) {
        const struct address hops[] = {hop((f + turn) % 100), hop(200 + (f + turn) / 100)};
        components_learn(c, f, &(struct components_way){hops, 2, FAULT_ANY, FAULT_ANY});
    }
}

// Those come first.
static uint32_t count_traced(const struct components *c, uint32_t untraced)
{
    uint32_t traced = 0;
    for (uint32_t f = 0; f < FLOWS; f++) {
        uint32_t length = length_of(components_of(c, f));
        assert_true(length == untraced || (length == untraced + 2 && traced == f));
        traced += length > untraced;
    }
    return traced;
}

static void leaves_out_hops_without_room(void **state)
{
    (void)state;
    static struct flow flows[FLOWS];
    struct world *w = world_new(0, 250);
    for (uint32_t f = 0; f < FLOWS; f++)
        flows[f] = (struct flow){.use = FLOW_SENTINEL, .path = f / 64 % 2, .number = (uint16_t)f};
    struct components *c = components_new(&w->net, flows, FLOWS);
    assert_non_null(c);
    uint32_t untraced = length_of(components_of(c, 0));
    assert_true(untraced > 0);
    for (uint32_t turn = 0; turn < 3; turn++) {
        learn_all(c, turn);
        assert_true(components_renew(c));
        struct address hops[COMPONENTS_HOPS_MAX];
        assert_int_equal(components_hops(c, 7, hops), 2);
        assert_true(address_equal(hops[0], hop((7 + turn) % 100)));
        assert_true(address_equal(hops[1], hop(200)));
        assert_int_equal(components_hops(c, FLOWS, hops), 0);
        assert_in_range(count_traced(c, untraced), ROOM, ROOM + 16);
    }
    components_free(c);
    world_free(w);
}

static bool is_hop(const struct components *c, uint16_t component, struct address address)
{
    return address_equal(components_part(c, component).hop, address);
}

static uint32_t count_passing(const struct components *c, uint32_t flow, struct address address)
{
    uint32_t count = 0;
    for (const uint16_t *m = components_of(c, flow); *m != LOCALISE_NOBODY; m++)
        count += is_hop(c, *m, address);
    return count;
}

// As many hops as may be traced, the last ones too, in both families; one more is left out.
static void each_hop_of_a_long_way_is_a_part(void **state)
{
    (void)state;
    enum { LONG = COMPONENTS_HOPS_MAX };
    struct world *w = world_new(4, 250);
    struct components *c = components_new(&w->net, w->flows, w->flow_count);
    for (uint32_t f = 0; f < w->flow_count; f++) {
        struct address hops[LONG + 1];
        bool v4 = net_path(&w->net, w->flows[f].path).family == FAMILY_IPV4;
        for (uint32_t i = 0; i <= LONG; i++) {
            char text[64];  // the flows of two numbers share it
            snprintf(text, sizeof text, v4 ? "10.%u.%u.%u" : "2001:db8:%u:%u::%u", w->flows[f].path,
                     w->flows[f].number / 2, i);
            hops[i] = check_address(text);
        }
        components_learn(c, f, &(struct components_way){hops, LONG + 1, FAULT_ANY, FAULT_ANY});
    }
    assert_true(components_renew(c));
    for (uint32_t f = 0; f < w->flow_count; f++) {
        struct address hops[LONG];
        if (net_path(&w->net, w->flows[f].path).upstream == NET_NOBODY)
            continue;
        assert_int_equal(components_hops(c, f, hops), LONG);
        // Nobody can tell one from the next: they are one part, called by the first.
        assert_int_equal(count_passing(c, f, hops[0]), 1);
        assert_int_equal(count_passing(c, f, hops[LONG - 1]), 0);
    }
    // The last hop becomes one of its own where the ways part before it.
    struct address hops[LONG];
    uint32_t count = components_hops(c, 0, hops);
    hops[LONG - 1] = check_address("10.99.0.1");
    components_learn(c, 0, &(struct components_way){hops, count, FAULT_ANY, FAULT_ANY});
    components_learn(c, 2, &(struct components_way){hops, count, FAULT_ANY, FAULT_ANY});
    assert_true(components_renew(c));
    assert_int_equal(count_passing(c, 0, hops[LONG - 1]), 1);
    assert_int_equal(count_passing(c, 2, hops[LONG - 1]), 1);
    assert_int_equal(count_passing(c, 1, hops[LONG - 1]), 0);
    components_free(c);
    world_free(w);
}

// As routed nobody knows what they pass.
static void says_which_flows_pass_any(void **state)
{
    (void)state;
    struct world *w = world_new(4, 250);
    struct components *c = components_new(&w->net, w->flows, w->flow_count);
    for (uint32_t f = 0; f < w->flow_count; f++) {
        bool has = net_path(&w->net, w->flows[f].path).upstream != NET_NOBODY;
        assert_true(components_has(c, f) == has);
        assert_true((length_of(components_of(c, f)) > 0) == has);
    }
    components_free(c);
    world_free(w);
}

// Far hops take half of the room for addresses; those that are near have all of it.
static void far_hops_leave_room_for_near_ones(void **state)
{
    (void)state;
    static struct flow flows[COMPONENTS_ADDRESSES_MAX + 1];
    enum { COUNT = COMPONENTS_ADDRESSES_MAX + 1, FAR = COMPONENTS_NEAREST };
    struct world *w = world_new(0, 250);
    struct address hops[COMPONENTS_HOPS_MAX], known[COMPONENTS_HOPS_MAX];
    struct components *c = components_new(&w->net, flows, COUNT);
    for (uint32_t f = 0; f < COUNT; f++) {  // a far one each, behind some that nobody knows
        for (uint32_t i = 0; i < FAR; i++)
            hops[i] = (struct address){0};
        hops[FAR] = hop(f);
        components_learn(c, f, &(struct components_way){hops, FAR + 1, FAULT_ANY, FAULT_ANY});
        bool has_room = f < COMPONENTS_ADDRESSES_MAX / 2;
        assert_int_equal(components_hops(c, f, known), has_room);
    }
    for (uint32_t f = 0; f < COUNT; f++) {
        hops[0] = hop(f);
        components_learn(c, f, &(struct components_way){hops, 1, FAULT_ANY, FAULT_ANY});
        assert_int_equal(components_hops(c, f, known), f < COMPONENTS_ADDRESSES_MAX);
    }
    components_free(c);
    world_free(w);
}

// Ways that change for long: whatever no flow passes any more leaves its room to others, and is
// called by its own name until components are made anew.
static void forgets_hops_of_no_way(void **state)
{
    (void)state;
    static struct flow flows[64];
    enum { FLOWS_HERE = sizeof flows / sizeof flows[0], TURNS = 300 };  // 19,200 hops
    struct world *w = world_new(0, 250);
    struct components *c = components_new(&w->net, flows, FLOWS_HERE);
    struct address known[COMPONENTS_HOPS_MAX], called = {0};
    uint16_t component = 0;
    for (uint32_t turn = 0; turn < TURNS; turn++) {
        for (uint32_t f = 0; f < FLOWS_HERE; f++) {
            struct address one = f % 2 ? hop6(turn * FLOWS_HERE + f) : hop(turn * FLOWS_HERE + f);
            components_learn(c, f, &(struct components_way){&one, 1, FAULT_ANY, FAULT_ANY});
            assert_int_equal(components_hops(c, f, known), 1);
            assert_true(address_equal(known[0], one));
        }
        if (turn % 100 == 50) {  // between these, more hops are learned than there is room for
            assert_true(components_renew(c));
            called = hop(turn * FLOWS_HERE);
            component = components_of(c, 0)[length_of(components_of(c, 0)) - 1];
        }
        assert_true(turn < 50 || is_hop(c, component, called));
    }
    components_free(c);
    world_free(w);
}

// Two countries of a region, and another: each of what is on a way is found again by its name, and
// nothing is on it twice.
static void each_place_is_found_by_its_name(void **state)
{
    (void)state;
    struct world *w = world_new(4, 250);
    static const char *const countries[] = {"DE", "DE", "FR", "FR", "JP", "JP", "Asia"};
    world_add_target(w, "far-5", NET_STAMP);
    world_add_target(w, "far-6", NET_STAMP);
    world_add_target(w, "far-7", NET_STAMP);
    for (uint32_t t = 0; t < w->net.target_count; t++)
        strcpy(w->net.targets[t].country, countries[t]);
    strcpy(w->net.targets[6].region, "Asia");
    world_add_flows(w, 4);
    struct components *c = components_new(&w->net, w->flows, w->flow_count);
    uint32_t places = 0;
    for (uint32_t f = 0; f < w->flow_count; f++)
        for (const uint16_t *m = components_of(c, f); *m != LOCALISE_NOBODY; m++) {
            struct fault_part part = components_part(c, *m);
            places += part.place[0] != '\0';
            if (part.place[0])
                assert_int_equal(components_find(c, &part, 0), *m);
            for (const uint16_t *other = components_of(c, f); other < m; other++)
                assert_int_not_equal(*other, *m);
        }
    assert_true(places > 2 * w->flow_count);
    components_free(c);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest all[] = {cmocka_unit_test(leaves_out_hops_without_room),
                                     cmocka_unit_test(each_hop_of_a_long_way_is_a_part),
                                     cmocka_unit_test(says_which_flows_pass_any),
                                     cmocka_unit_test(far_hops_leave_room_for_near_ones),
                                     cmocka_unit_test(forgets_hops_of_no_way),
                                     cmocka_unit_test(each_place_is_found_by_its_name)};
    return cmocka_run_group_tests(all, NULL, NULL);
}
