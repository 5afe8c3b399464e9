// SPDX-License-Identifier: ISC
#include "role/zones.h"

#include "base/check.h"

#include <stdlib.h>

enum { JANUARY_2026_S = 1767225600, YEAR_S = 365 * 86400 };

static const struct {
    const char *zone;
    uint32_t count;
    struct zone_change changes[3];
} rows[] = {
    {"Europe/Berlin", 3, {{JANUARY_2026_S, 3600}, {1774746000, 7200}, {1792890000, 3600}}},
    {"America/New_York", 3, {{JANUARY_2026_S, -18000}, {1772953200, -14400}, {1793512800, -18000}}},
    // The other half of the globe, and half an hour.
    {"Australia/Lord_Howe", 3, {{JANUARY_2026_S, 39600}, {1775314800, 37800}, {1791041400, 39600}}},
    {"Asia/Kolkata", 1, {{JANUARY_2026_S, 19800}}},
    {"UTC", 1, {{JANUARY_2026_S, 0}}},
};

static void knows_when_clocks_change(void **state)
{
    (void)state;
    setenv("TZ", "Asia/Tokyo", 1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct zone_change changes[8];
        uint32_t count =
            zones_changes(rows[i].zone, JANUARY_2026_S, JANUARY_2026_S + YEAR_S, changes, 8);
        CHECK_ROW(rows[i].zone, count == rows[i].count);
        for (uint32_t c = 0; c < count; c++) {
            CHECK_ROW(rows[i].zone, changes[c].at_s == rows[i].changes[c].at_s);
            CHECK_ROW(rows[i].zone, changes[c].offset_s == rows[i].changes[c].offset_s);
        }
    }
    assert_string_equal(getenv("TZ"), "Asia/Tokyo");
}

static void knows_which_zones_there_are(void **state)
{
    (void)state;
    static struct net net;
    char why[ROLE_ERROR_MAX] = "";
    net.alert.team_count = 2;
    strcpy(net.alert.teams[0].zone, "UTC");
    strcpy(net.alert.teams[1].zone, "Europe/Berlin");
    assert_true(zones_are_known(&net, why));
    strcpy(net.alert.teams[1].zone, "Europe/Atlantis");
    strcpy(net.alert.teams[1].name, "network");
    assert_false(zones_are_known(&net, why));
    assert_string_equal(why, "this host does not know the time zone 'Europe/Atlantis' of team "
                             "'network': write one of those in /usr/share/zoneinfo (package "
                             "tzdata)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_when_clocks_change),
        cmocka_unit_test(knows_which_zones_there_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
