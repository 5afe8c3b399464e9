// SPDX-License-Identifier: ISC
#include "base/check.h"
#include "net/net.h"

#include <string.h>

enum { DEGREE = 10000 };  // hundredths, in millionths

static const struct {
    const char *name, *region, *country;
    int32_t north, east;  // hundredths of a degree; both 0: not said
    const char *is;
} rows[] = {
    {"nothing is said", "", "", 0, 0, ""},
    {"what is said counts", "Nordics", "SE", 5933, 1807, "Nordics"},
    {"a code", "", "JP", 0, 0, "Asia"},
    {"of no standard, but of all", "", "XK", 0, 0, "Europe"},
    {"the first of its continent", "", "AO", 0, 0, "Africa"},
    {"the last of its continent", "", "ZW", 0, 0, "Africa"},
    {"the only one", "", "AQ", 0, 0, "Antarctica"},
    {"a code counts more than where it is", "", "FR", 493, -5233, "Europe"},
    {"across two codes", "", "WZ", 0, 0, ""},
    {"a word", "", "Germany", 0, 0, ""},
    {"a word, and where it is", "", "Germany", 5012, 868, "Europe"},
    {"no code", "", "XX", 3568, 13969, "Asia"},
    {"Algiers", "", "", 3675, 306, "Africa"},
    {"Almeria", "", "", 3684, -246, "Europe"},
    {"Tunis", "", "", 3681, 1018, "Africa"},
    {"Palermo", "", "", 3812, 1336, "Europe"},
    {"Tripoli", "", "", 3289, 1319, "Africa"},
    {"Heraklion", "", "", 3534, 2514, "Europe"},
    {"Cairo", "", "", 3004, 3124, "Africa"},
    {"Tel Aviv", "", "", 3208, 3478, "Asia"},
    {"Port Sudan", "", "", 1962, 3722, "Africa"},
    {"Jeddah", "", "", 2149, 3919, "Asia"},
    {"Djibouti", "", "", 1157, 4315, "Africa"},
    {"Aden", "", "", 1279, 4504, "Asia"},
    {"Port Louis", "", "", -2016, 5750, "Africa"},
    {"Johannesburg", "", "", -2620, 2805, "Africa"},
    {"Lisbon", "", "", 3872, -914, "Europe"},
    {"Reykjavik", "", "", 6415, -2194, "Europe"},
    {"Sofia", "", "", 4270, 2332, "Europe"},
    {"Moscow", "", "", 5576, 3762, "Europe"},
    {"Ankara", "", "", 3993, 3286, "Asia"},
    {"Novosibirsk", "", "", 5501, 8293, "Asia"},
    {"Mumbai", "", "", 1908, 7288, "Asia"},
    {"Singapore", "", "", 135, 10382, "Asia"},
    {"Tokyo", "", "", 3568, 13969, "Asia"},
    {"Sydney", "", "", -3387, 15121, "Oceania"},
    {"Auckland", "", "", -3685, 17476, "Oceania"},
    {"Honolulu", "", "", 2131, -15786, "Oceania"},
    {"Anchorage", "", "", 6122, -14990, "North America"},
    {"Miami", "", "", 2576, -8019, "North America"},
    {"Nuuk", "", "", 6418, -5172, "North America"},
    {"Panama", "", "", 898, -7952, "North America"},
    {"Bogota", "", "", 471, -7407, "South America"},
    {"Caracas", "", "", 1048, -6690, "South America"},
    {"Sao Paulo", "", "", -2355, -4663, "South America"},
    {"the pole", "", "", -9000, 1, "Antarctica"},
};

static void finds_the_region(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct net_target target = {.location = {2, rows[i].north * DEGREE, rows[i].east * DEGREE}};
        if (rows[i].north == 0 && rows[i].east == 0)
            target.location.said = 0;
        snprintf(target.region, sizeof target.region, "%s", rows[i].region);
        snprintf(target.country, sizeof target.country, "%s", rows[i].country);
        if (strcmp(net_target_region(&target), rows[i].is))
            fail_msg("%s: '%s'", rows[i].name, net_target_region(&target));
    }
}

// ISO 3166 has 249 codes; and XK.
static void knows_every_code(void **state)
{
    (void)state;
    uint32_t known = 0;
    for (char first = 'A'; first <= 'Z'; first++)
        for (char second = 'A'; second <= 'Z'; second++) {
            struct net_target target = {.country = {first, second}};
            known += net_target_region(&target)[0] != '\0';
        }
    assert_int_equal(known, 250);
}

int main(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test(finds_the_region),
        cmocka_unit_test(knows_every_code),
    };
    return cmocka_run_group_tests(all, NULL, NULL);
}
