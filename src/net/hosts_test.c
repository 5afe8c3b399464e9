// SPDX-License-Identifier: ISC
// Targets that are one host, and what it is asked by all of them.
#include "base/check.h"
#include "net/parse.h"

#include <stdlib.h>
#include <string.h>

// With three paths in each family.
static const char file[] =
    "site: fra1\n"
    "bgp: {as: 64500, router_id: 198.51.100.5}\n"
    "routers: [{name: edge1, address: 198.51.100.1, families: [ipv4, ipv6]}]\n"
    "upstreams:\n"
    "  - {name: a, router: edge1, next_hop: [10.0.1.1, '2001:db8::a'], probe: {mark: 1}}\n"
    "  - {name: b, router: edge1, next_hop: [10.0.2.1, '2001:db8::b'], probe: {mark: 2}}\n"
    "targets:\n"
    "  - {name: other, address: [203.0.113.9, '2001:db8:9::9'], ours: true}\n"
    "  - {name: other6, address: '2001:db8:9::8', ours: true}\n"
    "%s"
    "steer: {prefixes: 203.0.113.0/24, marker: 64500:666:1}\n";

static const char *parse(const char *targets, struct net *net, struct net_errors *errors)
{
    char text[4096];
    int size = snprintf(text, sizeof text, file, targets);
    return net_parse(text, (size_t)size, "f", net, errors) ? "" : errors->items[0].text;
}

#define ADDRESS(name, address, more) "  - {name: " name ", address: " address more "}\n"
#define OF_THREE "[203.0.113.1, '2001:db8:1::1']"

static void knows_who_is_the_same(void **state)
{
    (void)state;
    struct net *net = calloc(1, sizeof *net);
    struct net_errors errors;
    uint32_t host_of[NET_TARGETS_MAX];
    assert_string_equal(parse(ADDRESS("t1", "203.0.113.1", "")
                                  ADDRESS("t2", "'2001:db8:1::1'", ", protocol: icmp")
                                      ADDRESS("t3", "203.0.113.2", "")
                                          ADDRESS("t4", OF_THREE, ", protocol: tcp, port: 80"),
                              net, &errors),
                        "");
    net_target_hosts(net, host_of);
    const uint32_t expected[] = {0, 1, 2, 2, 4, 2};  // the last joins those before it
    assert_memory_equal(host_of, expected, sizeof expected);
    struct net_host host = net_host(net, host_of, 2);
    assert_int_equal(host.targets, 3);
    assert_int_equal(host.last, 5);
    assert_int_equal(host.rate_max_pps, 10);
    // A third of 10 for each by three paths, two thirds of them by six.
    assert_int_equal(net->targets[2].rate_mpps, 1111);
    assert_int_equal(net->targets[4].rate_mpps, 3333);
    assert_int_equal(net->targets[5].rate_mpps, 555);
    assert_int_equal(host.asked_mpps, 3 * 1111 + 3 * 1111 + 6 * 555);
    assert_int_equal(net_host(net, host_of, 4).targets, 1);
    assert_int_equal(net_host(net, host_of, 3).targets, 0);
    free(net);
}

// What one may be asked by itself it may be here, however much its host bears.
static void shares_what_its_host_bears(void **state)
{
    (void)state;
    struct net *net = calloc(1, sizeof *net);
    struct net_errors errors;
    const char *targets = ADDRESS("t1", "203.0.113.1", ", protocol: icmp, rate_max_pps: 3")
        ADDRESS("t2", "203.0.113.1", ", protocol: tcp, port: 80, ours: true, rate_max_pps: 60");
    assert_string_equal(parse(targets, net, &errors), "");
    assert_int_equal(net->targets[2].rate_mpps, 1000);   // by three paths
    assert_int_equal(net->targets[3].rate_mpps, 10000);  // half of it, likewise
    free(net);
}

// Of two hosts of several one is made, and those are it too that have nothing of the last.
static void joins_all_of_two_hosts(void **state)
{
    (void)state;
    struct net *net = calloc(1, sizeof *net);
    struct net_errors errors;
    uint32_t host_of[NET_TARGETS_MAX];
    const char *targets =
        ADDRESS("t1", "203.0.113.1", "") ADDRESS("t2", "[203.0.113.2, '2001:db8:1::1']", "")
            ADDRESS("t3", "203.0.113.2", ", protocol: icmp")
                ADDRESS("t4", OF_THREE, ", protocol: tcp, port: 900");
    assert_string_equal(parse(targets, net, &errors), "");
    net_target_hosts(net, host_of);
    const uint32_t expected[] = {0, 1, 2, 2, 2, 2};
    assert_memory_equal(host_of, expected, sizeof expected);
    free(net);
}

#define ICMP ", protocol: icmp, rate_pps: "
#define TCP ", protocol: tcp, port: 80, rate_pps: "
#define ONE "203.0.113.1"

static const struct {
    const char *name, *targets, *error;
} rows[] = {
    {"as much as one may", ADDRESS("t1", ONE, ICMP "1.6") ADDRESS("t2", ONE, TCP "1.7"), ""},
    {"more than one may", ADDRESS("t1", ONE, ICMP "1.7") ADDRESS("t2", ONE, TCP "1.7"),
     "11: targets[3].rate_pps: 't1' and 't2' are one host, which is asked 10.2 times a second "
     "over all paths, but may be 10: lower rate_pps, or write a higher rate_max_pps, or ours: true "
     "if it is ours"},
    {"one alone more than it may", ADDRESS("t1", ONE, ICMP "4") ADDRESS("t2", ONE, TCP "1"),
     "10: targets[2].rate_pps: over all paths 't1' is asked 12 times a second, but others' hosts "
     "at most 10: write ours: true if it is ours, or lower rate_pps"},
    {"one says that it bears more",
     ADDRESS("t1", ONE, ICMP "1.7") ADDRESS("t2", ONE, TCP "1.7, rate_max_pps: 11"), ""},
    {"one says that it is ours",
     ADDRESS("t1", ONE, ICMP "3") ADDRESS("t2", ONE, TCP "9, ours: true"), ""},
    {"ours, but not for ever",
     ADDRESS("t1", ONE, ICMP "3, ours: true, rate_max_pps: 20")
         ADDRESS("t2", ONE, TCP "4, ours: true, rate_max_pps: 20"),
     "11: targets[3].rate_pps: 't1' and 't2' are one host, which is asked 21 times a second over "
     "all paths, but may be 20: lower rate_pps, or write a higher rate_max_pps"},
    {"one says what it bears, the other not whose it is",
     ADDRESS("t1", ONE, ICMP "3, rate_max_pps: 20") ADDRESS("t2", ONE, TCP "4"),
     "11: targets[3].rate_pps: over all paths 't2' is asked 12 times a second, but others' hosts "
     "at most 10: write ours: true if it is ours, or lower rate_pps"},
    {"neither is asked too much, both are",
     ADDRESS("t1", ONE, ICMP "4, rate_max_pps: 12") ADDRESS("t2", ONE, TCP "3"),
     "11: targets[3].rate_pps: 't1' and 't2' are one host, which is asked 21 times a second over "
     "all paths, but may be 12: lower rate_pps, or write a higher rate_max_pps, or ours: true if "
     "it is ours"},
    {"one that is not asked", ADDRESS("t1", ONE, ICMP "0") ADDRESS("t2", ONE, TCP "3.333"), ""},
    {"two hosts", ADDRESS("t1", ONE, ICMP "3") ADDRESS("t2", "203.0.113.2", TCP "3"), ""},
};

static void says_what_a_host_is_asked_too_much(void **state)
{
    (void)state;
    struct net *net = calloc(1, sizeof *net);
    struct net_errors errors;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *error = parse(rows[i].targets, net, &errors);
        char text[1024] = "";
        if (error[0])
            snprintf(text, sizeof text, "%u: %s", errors.items[0].line, error);
        if (strcmp(text, rows[i].error) != 0)
            fail_msg("%s: '%s'", rows[i].name, text);
        CHECK_ROW(rows[i].name, errors.fatal == (rows[i].error[0] ? 1 : 0));
    }
    free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_who_is_the_same),
        cmocka_unit_test(joins_all_of_two_hosts),
        cmocka_unit_test(shares_what_its_host_bears),
        cmocka_unit_test(says_what_a_host_is_asked_too_much),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
