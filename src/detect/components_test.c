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

int main(void)
{
    const struct CMUnitTest all[] = {cmocka_unit_test(leaves_out_hops_without_room)};
    return cmocka_run_group_tests(all, NULL, NULL);
}
