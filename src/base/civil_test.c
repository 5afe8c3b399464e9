// SPDX-License-Identifier: ISC
#include "base/civil.h"

#include "base/check.h"

static const struct {
    const char *name;
    struct civil date;
    int64_t days;  // of GNU date -d DATE +%s, divided
    uint32_t weekday;
    bool is_date;
} rows[] = {
    {"the first day", {1970, 1, 1}, 0, 3, true},
    {"the day before", {1969, 12, 31}, -1, 2, true},
    {"a leap day of a century", {2000, 2, 29}, 11016, 1, true},
    {"daylight saving begins", {2026, 3, 29}, 20541, 6, true},
    {"a far year", {2199, 12, 31}, 84005, 1, true},
    {"no leap day", {2026, 2, 29}, 20513, 6, false},
    {"no leap day of a century", {2100, 2, 29}, 47541, 0, false},
};

static void counts_days(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CHECK_ROW(rows[i].name, civil_days(rows[i].date) == rows[i].days);
        CHECK_ROW(rows[i].name, civil_weekday(rows[i].days) == rows[i].weekday);
        CHECK_ROW(rows[i].name, civil_is_date(rows[i].date) == rows[i].is_date);
    }
}

static void goes_there_and_back(void **state)
{
    (void)state;
    for (int64_t days = -200000; days < 200000; days += 17) {
        struct civil date = civil_of(days);
        assert_int_equal(civil_days(date), days);
        assert_true(civil_is_date(date));
    }
    assert_int_equal(civil_floor(-1, 60), -1);
    assert_int_equal(civil_floor(-60, 60), -1);
    assert_int_equal(civil_floor(59, 60), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_days),
        cmocka_unit_test(goes_there_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
