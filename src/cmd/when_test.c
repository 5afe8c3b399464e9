// SPDX-License-Identifier: ISC
#include "cmd/when.h"

#include "base/check.h"

static void reads_times(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t at_s;  // -1: it is no time
    } rows[] = {
        {"2026-03-03T09:14:22Z", 1772529262},
        {"2026-03-03 09:14:22", 1772529262},
        {"2026-03-03T09:14", 1772529240},
        {"2026-03-03", 1772496000},
        {"2024-02-29", 1709164800},
        {"1772529262", 1772529262},
        {"0", 0},
        {"-90m", 1000000 - 5400},
        {"-1d", 1000000 - 86400},
        {"-2h", 1000000 - 7200},
        {"-0s", 1000000},
        {"", -1},
        {"-", -1},
        {"-m", -1},
        {"-5", -1},
        {"-5w", -1},
        {"-5mm", -1},
        {"-9999999999s", -1},
        {"2026-02-29", -1},
        {"2026-13-01", -1},
        {"2026-03-03T24:00", -1},
        {"2026-03-03T09:60", -1},
        {"2026-03-03T09", -1},
        {"2026-03-03T09:14:2", -1},
        {"2026-03-03T09:14:22+01:00", -1},
        {"2026-03-03T09:14Zz", -1},
        {"26-03-03", -1},
        {"yesterday", -1},
        {"1772529262x", -1},
        {"999999999999", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t at_s = -1;
        CHECK_ROW(rows[i].text, when_parse(rows[i].text, 1000000, &at_s) == (rows[i].at_s != -1));
        CHECK_ROW(rows[i].text, rows[i].at_s == -1 || at_s == rows[i].at_s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads_times)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
