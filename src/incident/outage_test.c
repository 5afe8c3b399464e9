// SPDX-License-Identifier: ISC
#include "incident/outage.h"

#include "base/check.h"

static void is_as_severe_as_what_is_lost(void **state)
{
    static const struct {
        const char *name;
        uint32_t lost_ppm;
        enum outage_severity severity;
    } rows[] = {
        {"nothing", 0, OUTAGE_MINOR},      {"under 1 %", 9999, OUTAGE_MINOR},
        {"1 %", 10000, OUTAGE_MAJOR},      {"under 10 %", 99999, OUTAGE_MAJOR},
        {"10 %", 100000, OUTAGE_CRITICAL}, {"all", 1000000, OUTAGE_CRITICAL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CHECK_ROW(rows[i].name, outage_severity(rows[i].lost_ppm) == rows[i].severity);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_as_severe_as_what_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
