// SPDX-License-Identifier: ISC
#include "detect/budget.h"

#include "base/check.h"

static const struct {
    const char *name;
    uint32_t suspicions_mpd, acts_mpy;
    uint64_t tests;
    double suspect_s, act_s;
} rows[] = {
    {"of the system: 12 a day, once in ten years", 12000, 100, 1, 7200, 315576000},
    {"of each of six paths, beside the flows", 12000, 100, 12, 86400, 12 * 315576000.0},
    {"once in a thousand days and years", 1, 1, 1, 86400000, 31557600000},
    {"of each of 100000 flows", 1000000, 1000000, 100000, 8640000, 3155760000},
};

static void shares_what_is_asked(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct net net = {.detect = {.false_suspicions_mpd = rows[i].suspicions_mpd,
                                     .false_acts_mpy = rows[i].acts_mpy}};
        CHECK_ROW(rows[i].name, budget_suspect_s(&net, rows[i].tests) == rows[i].suspect_s);
        CHECK_ROW(rows[i].name, budget_act_s(&net, rows[i].tests) == rows[i].act_s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_what_is_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
