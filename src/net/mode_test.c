// SPDX-License-Identifier: ISC
#include "net/net.h"

#include "base/check.h"

static const struct {
    const char *name;
    enum net_mode mode;
    uint32_t read, rules;
    enum net_mode is;
} rows[] = {
    {"the same rules", NET_ACT, 3, 3, NET_ACT},
    {"an update decides otherwise", NET_ACT, 2, 3, NET_CONFIRM},
    {"by far", NET_ACT, 1, 9, NET_CONFIRM},
    {"an older Fairlead than the file", NET_ACT, 3, 2, NET_ACT},
    {"nothing is read", NET_ACT, 0, 3, NET_ACT},
    {"confirm stays", NET_CONFIRM, 1, 3, NET_CONFIRM},
    {"advise stays", NET_ADVISE, 1, 3, NET_ADVISE},
    {"observe stays", NET_OBSERVE, 1, 3, NET_OBSERVE},
};

static void goes_no_further_than_was_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CHECK_ROW(rows[i].name,
                  net_mode_by_rules(rows[i].mode, rows[i].read, rows[i].rules) == rows[i].is);
}

static void each_lever_has_its_own(void **state)
{
    (void)state;
    struct net net = {.mode = NET_ADVISE, .rules = NET_RULES};
    for (enum net_lever lever = 0; lever < NET_LEVERS; lever++)
        assert_int_equal(net_lever_mode(&net, lever), NET_ADVISE);
    assert_false(net_may_move(&net));
    for (enum net_lever lever = 0; lever < NET_LEVERS; lever++) {
        struct net one = net;
        for (enum net_mode mode = 0; mode < NET_MODES; mode++) {
            one.lever_modes[lever] = (uint32_t)mode + 1;
            for (enum net_lever other = 0; other < NET_LEVERS; other++)
                assert_int_equal(net_lever_mode(&one, other), other == lever ? mode : NET_ADVISE);
            bool moves = lever == NET_LEVER_OVERRIDE || lever == NET_LEVER_EXIT;
            assert_int_equal(net_may_move(&one), moves && mode >= NET_CONFIRM);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_no_further_than_was_read),
        cmocka_unit_test(each_lever_has_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
