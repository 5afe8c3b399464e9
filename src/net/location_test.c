// SPDX-License-Identifier: ISC
// Where things are on the earth, as the file says it and as it may not.
#include "base/check.h"
#include "net/parse.h"

#include <stdlib.h>
#include <string.h>

// `%s` is what the site, an upstream and a target have beside.
static const char file[] =
    "site: fra1\n"
    "%s"
    "bgp: {as: 64500, router_id: 198.51.100.5}\n"
    "routers:\n"
    "  - {name: edge1, address: 198.51.100.1, families: [ipv4, ipv6]}\n"
    "upstreams:\n"
    "  - {name: transit-a, router: edge1, next_hop: [10.0.1.1, "
    "'2001:db8::a'], probe: {mark: 1}%s}\n"
    "  - {name: transit-b, router: edge1, next_hop: [10.0.2.1, '2001:db8::b'], probe: {mark: 2}}\n"
    "targets:\n"
    "  - {name: far-1, address: [203.0.113.10, '2001:db8:f:1::10']%s}\n"
    "  - {name: far-2, address: [203.0.113.138, '2001:db8:f:2::10']}\n"
    "steer: {prefixes: 203.0.113.0/24, marker: 64500:666:1}\n";

static const char *parse(const char *site, const char *upstream, const char *target,
                         struct net *net, struct net_errors *errors)
{
    char text[4096];
    int size = snprintf(text, sizeof text, file, site, upstream, target);
    return net_parse(text, (size_t)size, "f", net, errors) ? "" : errors->items[0].text;
}

static void reads_degrees(void **state)
{
    (void)state;
    static const char too_north[] =
        "write degrees north, -90 to 90, with at most 6 decimals: [50.11, 8.68]";
    static const char too_east[] =
        "write degrees east, -180 to 180, with at most 6 decimals: [50.11, 8.68]";
    static const struct {
        const char *text;
        int32_t latitude_udeg, longitude_udeg;
        const char *wrong, *remedy;
    } rows[] = {
        {"[50.11, 8.68]", 50110000, 8680000, NULL, NULL},
        {"[-33.868820, -151]", -33868820, -151000000, NULL, NULL},
        {"[90, -180.000000]", 90000000, -180000000, NULL, NULL},
        {"[-0, 0.000001]", 0, 1, NULL, NULL},
        {"[90.000001, 0]", 0, 0, "'90.000001' is not a latitude", too_north},
        {"[50, 180.000001]", 0, 0, "'180.000001' is not a longitude", too_east},
        {"[8.68, 50.1100000]", 0, 0, "'50.1100000' is not a longitude", too_east},
        {"[50., 8]", 0, 0, "'50.' is not a latitude", too_north},
        {"[.5, 8]", 0, 0, "'.5' is not a latitude", too_north},
        {"[--5, 8]", 0, 0, "'--5' is not a latitude", too_north},
        {"[5.1.2, 8]", 0, 0, "'5.1.2' is not a latitude", too_north},
        {"[50N, 8E]", 0, 0, "'50N' is not a latitude", too_north},
        {"[99999999999999999999, 8]", 0, 0, "'99999999999999999999' is not a latitude", too_north},
        {"[1, 2, 3]", 0, 0, "'3' is one too many", "write [LATITUDE, LONGITUDE]"},
    };
    struct net *net = calloc(1, sizeof *net);
    struct net_errors errors;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char line[128], expected[256] = "";
        snprintf(line, sizeof line, "location: %s\n", rows[i].text);
        const char *error = parse(line, "", "", net, &errors);
        if (rows[i].wrong)
            snprintf(expected, sizeof expected, "location: %s: %s", rows[i].wrong, rows[i].remedy);
        assert_string_equal(error, expected);
        if (rows[i].wrong)
            continue;
        assert_int_equal(net->location.said, 2);
        assert_int_equal(net->location.latitude_udeg, rows[i].latitude_udeg);
        assert_int_equal(net->location.longitude_udeg, rows[i].longitude_udeg);
    }
    free(net);
}

static void is_of_each_sort_and_optional(void **state)
{
    (void)state;
    struct net *net = calloc(1, sizeof *net);
    struct net_errors errors;
    assert_string_equal(parse("", "", "", net, &errors), "");
    assert_int_equal(net->location.said + net->upstreams[0].location.said, 0);
    assert_string_equal(parse("", ", location: [1, 2]", ", location: [3, 4]", net, &errors), "");
    assert_int_equal(net->upstreams[0].location.longitude_udeg, 2000000);
    assert_int_equal(net->targets[0].location.latitude_udeg, 3000000);
    assert_int_equal(net->targets[1].location.said, 0);
    static const char *const halves[][4] = {
        {"location: [50]\n", "", "", "fra1"},
        {"", ", location: 50", "", "transit-a"},
        {"", "", ", location: [50]", "far-1"},
    };
    for (size_t i = 0; i < 3; i++) {
        char expected[256];
        snprintf(expected, sizeof expected,
                 "location of '%s': the longitude is missing: write [LATITUDE, LONGITUDE], such as "
                 "[50.11, 8.68]",
                 halves[i][3]);
        assert_string_equal(parse(halves[i][0], halves[i][1], halves[i][2], net, &errors),
                            expected);
    }
    free(net);
}

// A country is one however its code is written, of upstreams too; words stay as they are.
static void knows_a_country_by_any_of_its_codes(void **state)
{
    (void)state;
    static const char no_code[] =
        "is no code of ISO 3166: write the country's, such as DE, or its name";
    static const struct {
        const char *written, *is;
        bool is_no_code;
    } rows[] = {
        {"DE", "DE", false},           {"de", "DE", false}, {"De", "DE", false},
        {"UK", "GB", false},           {"uk", "GB", false}, {"GB", "GB", false},
        {"el", "GR", false},           {"xk", "XK", false}, {"no", "NO", false},
        {"Germany", "Germany", false}, {"xx", "XX", true},  {"1a", "1A", true},
    };
    struct net *net = calloc(1, sizeof *net);
    struct net_errors errors;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char more[64], expected[2][256];
        snprintf(more, sizeof more, ", country: %s", rows[i].written);
        assert_string_equal(parse("", more, more, net, &errors), "");
        assert_string_equal(net->upstreams[0].country, rows[i].is);
        assert_string_equal(net->targets[0].country, rows[i].is);
        assert_string_equal(net->targets[1].country, "");
        snprintf(expected[0], sizeof expected[0], "upstreams[0].country: '%s' %s", rows[i].is,
                 no_code);
        snprintf(expected[1], sizeof expected[1], "targets[0].country: '%s' %s", rows[i].is,
                 no_code);
        uint32_t found = 0;
        for (uint32_t e = 0; e < errors.count; e++)
            for (uint32_t n = 0; n < 2; n++)
                if (strcmp(errors.items[e].text, expected[n]) == 0) {
                    CHECK_ROW(rows[i].written, errors.items[e].severity == NET_WARNING);
                    CHECK_ROW(rows[i].written, errors.items[e].line == (n == 0 ? 6 : 9));
                    found++;
                }
        CHECK_ROW(rows[i].written, found == (rows[i].is_no_code ? 2 : 0));
    }
    free(net);
}

int main(void)
{
    const struct CMUnitTest all[] = {cmocka_unit_test(reads_degrees),
                                     cmocka_unit_test(is_of_each_sort_and_optional),
                                     cmocka_unit_test(knows_a_country_by_any_of_its_codes)};
    return cmocka_run_group_tests(all, NULL, NULL);
}
