// SPDX-License-Identifier: ISC
#include "count/use.h"

#include "base/check.h"
#include "count/count_check.h"

static const struct {
    const char *name;
    struct count_octets first, then;
    int64_t ms;
    bool taken;
    int64_t out_bps, in_bps;
} rates[] = {
    {"a second", {7, 100, 200}, {7, 1100, 2200}, 1000, true, 8000, 16000},
    {"nothing passed", {7, 100, 200}, {7, 100, 200}, 1000, true, 0, 0},
    {"half a second", {7, 0, 0}, {7, 1000, 500}, 500, true, 16000, 8000},
    {"as short as may be", {7, 0, 0}, {7, 100, 100}, 200, true, 4000, 4000},
    {"too short", {7, 0, 0}, {7, 100, 100}, 199, false, 0, 0},
    {"as long as may be", {7, 0, 0}, {7, 60000, 0}, 60000, true, 8000, 0},
    {"too long", {7, 0, 0}, {7, 60000, 0}, 60001, false, 0, 0},
    {"out went back", {7, 100, 200}, {7, 99, 300}, 1000, false, 0, 0},
    {"in went back", {7, 100, 200}, {7, 200, 199}, 1000, false, 0, 0},
    {"another interface of the name", {7, 100, 200}, {8, 1100, 2200}, 1000, false, 0, 0},
    {"a counter of 64 bits wrapped", {7, UINT64_MAX, 0}, {7, 1000, 0}, 1000, false, 0, 0},
    {"a terabit", {7, 0, 0}, {7, 125000000000, 0}, 1000, true, 1000000000000, 0},
    {"faster than anything", {7, 0, 0}, {7, 126000000000000, 0}, 1000, false, 0, 0},
    {"all of 64 bits", {7, 0, 0}, {7, UINT64_MAX, UINT64_MAX}, 1000, false, 0, 0},
};

static void measures_between_two_readings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        struct count_rate rate = {0};
        struct count_use use = {0};
        const struct mono first = {NS_PER_S};
        CHECK_ROW(rates[i].name, !count_rate_take(&rate, first, &rates[i].first, &use));
        bool taken = count_rate_take(&rate, mono_add_ms(first, rates[i].ms), &rates[i].then, &use);
        CHECK_ROW(rates[i].name, taken == rates[i].taken);
        CHECK_ROW(rates[i].name, !taken || use.out_bps == rates[i].out_bps);
        CHECK_ROW(rates[i].name, !taken || use.in_bps == rates[i].in_bps);
    }
}

// After a reset the next interval is measured from there.
static void goes_on_after_a_reset(void **state)
{
    (void)state;
    struct count_rate rate = {0};
    struct count_use use;
    const struct count_octets readings[] = {{7, 5000, 0}, {7, 10, 0}, {7, 1010, 0}};
    bool taken[3];
    for (int i = 0; i < 3; i++)
        taken[i] =
            count_rate_take(&rate, (struct mono){(i + 1) * (int64_t)NS_PER_S}, &readings[i], &use);
    assert_true(!taken[0] && !taken[1] && taken[2]);
    assert_int_equal(use.out_bps, 8000);
}

static struct net pushed_net(void)
{
    struct net net = count_net();
    net.upstreams[0].use.from = NET_USE_PUSHED;
    net.upstreams[1].use.from = NET_USE_KERNEL;
    net.steer.prefixes.count = 2;
    prefix_parse("203.0.113.0/24", &net.steer.prefixes.items[0]);
    prefix_parse("2001:db8::/32", &net.steer.prefixes.items[1]);
    return net;
}

static const char wants_pushed[] = "an upstream with 'use: {from: pushed}'";
static const char wants_out[] = "a whole number as out_bps, at most 10^15";
static const char wants_prefix[] = "a prefix such as 192.0.2.0/24, no bit set after its length";

static const struct {
    bool demand;
    const char *text, *expected;  // NULL: it is taken, with 12 and 34
} items[] = {
    {false, "{\"upstream\":\"transit-a\",\"out_bps\":12,\"in_bps\":34}", NULL},
    {false, "{\"upstream\":\"transit-b\",\"out_bps\":12,\"in_bps\":34}", wants_pushed},
    {false, "{\"upstream\":\"transit-x\",\"out_bps\":12,\"in_bps\":34}", wants_pushed},
    {false, "{\"out_bps\":12,\"in_bps\":34}", wants_pushed},
    {false, "[]", wants_pushed},
    {false, "7", wants_pushed},
    {false, "{\"upstream\":\"transit-a\",\"in_bps\":34}", wants_out},
    {false, "{\"upstream\":\"transit-a\",\"out_bps\":-1,\"in_bps\":34}", wants_out},
    {false, "{\"upstream\":\"transit-a\",\"out_bps\":1.5,\"in_bps\":34}", wants_out},
    {false, "{\"upstream\":\"transit-a\",\"out_bps\":1000000000000001,\"in_bps\":34}", wants_out},
    {false, "{\"upstream\":\"transit-a\",\"out_bps\":12,\"in_bps\":\"34\"}",
     "a whole number as in_bps, at most 10^15"},
    {false, "{\"upstream\":\"transit-a\",\"out_bps\":12,\"in_bps\":34,\"x\":1}",
     "only upstream, out_bps and in_bps"},
    {true, "{\"prefix\":\"203.0.113.0/24\",\"bps\":12}", NULL},
    {true, "{\"prefix\":\"203.0.113.128/25\",\"bps\":12}", NULL},
    {true, "{\"prefix\":\"2001:db8:f::/48\",\"bps\":12}", NULL},
    {true, "{\"prefix\":\"203.0.112.0/23\",\"bps\":12}", "a prefix inside steer.prefixes"},
    {true, "{\"prefix\":\"2001:db9::/48\",\"bps\":12}", "a prefix inside steer.prefixes"},
    {true, "{\"prefix\":\"203.0.113.1/24\",\"bps\":12}", wants_prefix},
    {true, "{\"prefix\":7,\"bps\":12}", wants_prefix},
    {true, "{\"bps\":12}", wants_prefix},
    {true, "{\"prefix\":\"203.0.113.0/24\"}", "a whole number as bps, at most 10^15"},
    {true, "{\"prefix\":\"203.0.113.0/24\",\"bps\":12,\"x\":1}", "only prefix and bps"},
};

static void reads_what_was_pushed(void **state)
{
    (void)state;
    struct net net = pushed_net();
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++) {
        json_t *item = json_loads(items[i].text, JSON_DECODE_ANY, NULL);
        struct count_use use = {0};
        struct count_demand demand = {0};
        struct count_error why = {.expected = ""};
        bool taken = items[i].demand ? count_demand_read(&net, item, &demand, &why)
                                     : count_use_read(&net, item, &use, &why);
        CHECK_ROW(items[i].text, taken == !items[i].expected);
        CHECK_ROW(items[i].text, taken || strcmp(why.expected, items[i].expected) == 0);
        if (taken)
            CHECK_ROW(items[i].text,
                      items[i].demand ? demand.bps == 12 : use.out_bps == 12 && use.in_bps == 34);
        json_decref(item);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures_between_two_readings),
        cmocka_unit_test(goes_on_after_a_reset),
        cmocka_unit_test(reads_what_was_pushed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
