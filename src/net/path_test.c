// SPDX-License-Identifier: ISC
#include "net/net.h"

#include "base/check.h"

#include <string.h>

static struct address address(const char *text)
{
    struct address a;
    assert_true(address_parse(text, &a));
    return a;
}

// transit-a has both families, transit-b only IPv4, transit-c only IPv6.
static struct net three_transits(void)
{
    struct net net = {.upstream_count = 3};
    strcpy(net.upstreams[0].name, "transit-a");
    strcpy(net.upstreams[1].name, "transit-b");
    strcpy(net.upstreams[2].name, "transit-c");
    net.upstreams[0].next_hop[FAMILY_IPV4] = address("10.0.1.1");
    net.upstreams[0].next_hop[FAMILY_IPV6] = address("2001:db8::a");
    net.upstreams[1].next_hop[FAMILY_IPV4] = address("10.0.2.1");
    net.upstreams[2].next_hop[FAMILY_IPV6] = address("2001:db8::c");
    return net;
}

static const struct {
    const char *name;
    uint32_t upstream;
    enum family family;
} rows[] = {
    {"transit-a ipv4", 0, FAMILY_IPV4},          {"transit-a ipv6", 0, FAMILY_IPV6},
    {"transit-b ipv4", 1, FAMILY_IPV4},          {"transit-c ipv6", 2, FAMILY_IPV6},
    {"as-routed ipv4", NET_NOBODY, FAMILY_IPV4}, {"as-routed ipv6", NET_NOBODY, FAMILY_IPV6},
};

static void numbers_only_served_families(void **state)
{
    (void)state;
    struct net net = three_transits();
    char text[NET_NAME_MAX + 8];
    assert_int_equal(net_path_count(&net), sizeof rows / sizeof rows[0]);
    for (uint32_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct net_path path = net_path(&net, i);
        CHECK_ROW(rows[i].name, path.upstream == rows[i].upstream);
        CHECK_ROW(rows[i].name, path.family == rows[i].family);
        CHECK_ROW(rows[i].name, net_path_find(&net, path.upstream, path.family) == i);
        CHECK_ROW(rows[i].name, strcmp(net_path_name(&net, i, text), rows[i].name) == 0);
        CHECK_ROW(rows[i].name,
                  net_path_selection(&net, i) == (path.upstream == NET_NOBODY
                                                      ? &net.probe.as_routed
                                                      : &net.upstreams[path.upstream].select));
    }
    assert_int_equal(net_path_find(&net, 1, FAMILY_IPV6), NET_NOBODY);
    assert_int_equal(net_path_find(&net, 3, FAMILY_IPV4), NET_NOBODY);
}

static void knows_upstreams_by_next_hop(void **state)
{
    (void)state;
    struct net net = three_transits();
    assert_int_equal(net_upstream_by_next_hop(&net, address("10.0.2.1")), 1);
    assert_int_equal(net_upstream_by_next_hop(&net, address("2001:db8::c")), 2);
    assert_int_equal(net_upstream_by_next_hop(&net, address("10.0.3.1")), NET_NOBODY);
    assert_int_equal(net_upstream_by_next_hop(&net, (struct address){0}), NET_NOBODY);
}

// By its device, which an upstream without one leaves to its router; both families alike.
static void knows_what_a_link_carries(void **state)
{
    (void)state;
    static const struct {
        const char *name, *device, *link_device, *router, *neighbour;
        bool carries;
    } links[] = {
        {"its device", "eth1", "eth1", "198.51.100.1", "10.0.0.9", true},
        {"another device", "eth1", "eth2", "198.51.100.1", "10.0.0.9", false},
        {"another device to its router", "eth1", "eth2", "198.51.100.1", "198.51.100.1", false},
        {"another device to its router, IPv6", "eth1", "eth2", "2001:db8::1", "2001:db8::1", false},
        {"its router", "", "eth2", "198.51.100.1", "198.51.100.1", true},
        {"its router, IPv6", "", "eth2", "2001:db8::1", "2001:db8::1", true},
        {"another router", "", "eth2", "198.51.100.1", "198.51.100.2", false},
        {"another router, IPv6", "", "eth2", "2001:db8::1", "2001:db8::2", false},
    };
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        struct net net = three_transits();
        struct address router = address(links[i].router), there = address(links[i].neighbour);
        struct net_link link = {.neighbour = {{0}}};
        link.neighbour[there.family] = there;
        net.routers[net.upstreams[1].router].address = router;
        strcpy(net.upstreams[1].select.device, links[i].device);
        strcpy(link.device, links[i].link_device);
        CHECK_ROW(links[i].name, net_link_carries(&net, &link, 1) == links[i].carries);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_only_served_families),
        cmocka_unit_test(knows_upstreams_by_next_hop),
        cmocka_unit_test(knows_what_a_link_carries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
