// SPDX-License-Identifier: ISC
// Own prefixes, exits and the communities of stances, as the file has them and as it may not.
#include "base/check.h"
#include "net/parse.h"

#include <stdlib.h>
#include <string.h>

// `%s` is what the first upstream, and what the file, has beside.
static const char file[] =
    "site: fra1\n"
    "bgp: {as: 64500, router_id: 198.51.100.5}\n"
    "routers:\n"
    "  - {name: edge1, address: 198.51.100.1, families: [ipv4, ipv6]}\n"
    "  - {name: edge2, address: 198.51.100.2, local_address: 198.51.100.5, families: [ipv4]}\n"
    "upstreams:\n"
    "  - {name: transit-a, router: edge1, next_hop: [10.0.1.1, '2001:db8::a'], probe: {mark: 1}}\n"
    "  - {name: transit-b, router: edge2, next_hop: 10.0.2.1, exit: 10.9.0.2,\n"
    "     inbound: {prepend: 64500:1:2}, probe: {mark: 2}}\n"
    "  - {name: transit-c, router: edge2, next_hop: 10.0.3.1, probe: {mark: 3}\n"
    "    %s}\n"
    "targets:\n"
    "  - {name: far-1, address: [203.0.113.10, '2001:db8:f:1::10']}\n"
    "  - {name: far-2, address: [203.0.113.138, '2001:db8:f:2::10']}\n"
    "steer: {prefixes: 203.0.113.0/24, marker: 64500:666:1}\n"
    "announce:\n"
    "  - {prefix: 192.0.2.0/24, next_hop: 198.51.100.53}\n"
    "  %s\n";

static bool parse(const char *upstream, const char *own, struct net *net, struct net_errors *errors)
{
    char text[4096];
    int size = snprintf(text, sizeof text, file, upstream, own);
    return net_parse(text, (size_t)size, "f", net, errors);
}

static bool tag_is(struct net_tag tag, enum net_tag_kind kind, uint32_t global, uint32_t local1,
                   uint32_t local2)
{
    return tag.kind == kind && tag.value.global == global && tag.value.local1 == local1 &&
           tag.value.local2 == local2;
}

static void fills_in(void **state)
{
    (void)state;
    struct net *net = calloc(1, sizeof *net);
    struct net_errors errors;
    bool good = parse(", exit: 10.9.0.3, inbound: {prepend: 64500:1:3, graceful: 64500:2:3, "
                      "withhold: 64500:3}",
                      "- {prefix: '2001:db8:53::/48', next_hop: '2001:db8::53', routers: [edge1],\n"
                      "     communities: [65535:0, 64500:4294967295:0], anycast: true}",
                      net, &errors);
    if (!good || errors.count > 0)
        fail_msg("%s", errors.count ? errors.items[0].text : "?");
    assert_int_equal(net->announce_count, 2);
    const struct net_announce *first = &net->announce[0], *own = &net->announce[1];
    assert_true(first->routers == 0 && first->communities.count == 0 && !first->anycast);
    assert_true(net_announces_to(first, 0) && net_announces_to(first, 1));
    assert_true(prefix_equal(own->prefix, check_prefix("2001:db8:53::/48")) && own->anycast);
    assert_true(address_equal(own->next_hop, check_address("2001:db8::53")));
    assert_true(net_announces_to(own, 0) && !net_announces_to(own, 1));
    assert_int_equal(own->communities.count, 2);
    assert_true(tag_is(own->communities.items[0], NET_TAG_STANDARD, 65535, 0, 0));
    assert_true(tag_is(own->communities.items[1], NET_TAG_LARGE, 64500, UINT32_MAX, 0));
    const struct net_tag *inbound = net->upstreams[2].inbound;
    assert_true(tag_is(inbound[NET_STANCE_NORMAL], NET_TAG_NONE, 0, 0, 0));
    assert_true(tag_is(inbound[NET_STANCE_PREPEND], NET_TAG_LARGE, 64500, 1, 3));
    assert_true(tag_is(inbound[NET_STANCE_GRACEFUL], NET_TAG_LARGE, 64500, 2, 3));
    assert_true(tag_is(inbound[NET_STANCE_WITHHELD], NET_TAG_STANDARD, 64500, 3, 0));

    assert_int_equal(net_exit_of(net, check_prefix("10.9.0.3/32")), 2);
    assert_int_equal(net_exit_of(net, check_prefix("10.9.0.2/32")), 1);
    assert_int_equal(net_exit_of(net, check_prefix("10.9.0.2/31")), NET_NOBODY);
    assert_int_equal(net_exit_of(net, check_prefix("10.9.0.4/32")), NET_NOBODY);
    assert_int_equal(net_exit_of(net, (struct prefix){0}), NET_NOBODY);
    assert_int_equal(net_announce_of(net, check_prefix("2001:db8:53::/48")), 1);
    assert_int_equal(net_announce_of(net, check_prefix("2001:db8:53::/49")), NET_NOBODY);
    free(net);
}

static const struct {
    const char *name, *upstream, *own, *error;
} rows[] = {
    {"all is well", "", "", ""},
    {"the same twice", "", "- {prefix: 192.0.2.0/24, next_hop: 198.51.100.54}",
     "announce[1].prefix: 192.0.2.0/24 is also announce[0]: write each prefix once"},
    {"next hop of another family", "", "- {prefix: '2001:db8:53::/48', next_hop: 198.51.100.53}",
     "announce[1].next_hop: not ipv6, but 2001:db8:53::/48 is: write an address of its family"},
    {"no next hop", "", "- {prefix: 192.0.3.0/24}",
     "announce[1].next_hop is missing: write 'next_hop: ADDRESS' (where packets to it are to go, "
     "as the "
     "routers reach it)"},
    {"next hop inside", "", "- {prefix: 192.0.3.0/24, next_hop: 192.0.3.53}",
     "announce[1].next_hop: lies inside 192.0.3.0/24: a router without a longer route to it would "
     "look for it there: make sure that it has one"},
    {"a host that is its own next hop", "", "- {prefix: 192.0.3.53/32, next_hop: 192.0.3.53}", ""},
    {"a router without the family", "",
     "- {prefix: '2001:db8:53::/48', next_hop: '2001:db8::53', routers: [edge2]}",
     "announce[1].routers: the session with 'edge2' does not carry ipv6: add it to the router's "
     "families, or leave it out here"},
    {"no such router", "", "- {prefix: 192.0.3.0/24, next_hop: 1.2.3.4, routers: [edge3]}",
     "announce[1].routers: 'edge3' is no router: did you mean 'edge1'?"},
    {"one number", "", "- {prefix: 192.0.3.0/24, next_hop: 1.2.3.4, communities: [64500]}",
     "announce[1].communities: '64500' is not a community: write two numbers up to 65535, such as "
     "65535:0, or three"},
    {"a half too large", ", inbound: {prepend: 65536:1}", "",
     "upstreams[2].inbound.prepend: '65536:1' is not a community: write two numbers up to 65535, "
     "such as 65535:0, or three"},
    {"four numbers", ", inbound: {prepend: 1:2:3:4}", "",
     "upstreams[2].inbound.prepend: '1:2:3:4' is not a community: write two numbers up to 65535, "
     "such as 65535:0, or three"},
    {"two stances alike", ", inbound: {prepend: 64500:7, graceful: 64500:7}", "",
     "upstreams[2].inbound: a community of it also means 'prepend' towards 'transit-c': give each "
     "stance its own"},
    {"two upstreams alike", ", inbound: {withhold: 64500:1:2}", "",
     "upstreams[2].inbound: a community of it also means 'prepend' towards 'transit-b': give each "
     "stance its own"},
    {"exit without that family", ", exit: '2001:db8:9::3'", "",
     "upstreams[2].exit: 2001:db8:9::3, but next_hop has no ipv6 address: add one"},
    {"exit of another", ", exit: 10.9.0.2", "",
     "upstreams[2].exit: 10.9.0.2 is also of 'transit-b': its routes would move too: give each its "
     "own"},
    {"exit is another's next hop", ", exit: 10.0.1.1", "",
     "upstreams[2].exit: 10.0.1.1 is also of 'transit-a': its routes would move too: give each its "
     "own"},
    {"exit is its own next hop", ", exit: 10.0.3.1", "", ""},
    {"exit is a router", ", exit: 198.51.100.1", "",
     "upstreams[2].exit: 198.51.100.1 is an end of the session with 'edge1': write an address that "
     "nothing else uses"},
    {"exit is ours", ", exit: 198.51.100.5", "",
     "upstreams[2].exit: 198.51.100.5 is an end of the session with 'edge2': write an address that "
     "nothing else uses"},
};

static void says_what_is_wrong(void **state)
{
    (void)state;
    struct net *net = calloc(1, sizeof *net);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct net_errors errors;
        parse(rows[i].upstream, rows[i].own, net, &errors);
        const char *error = errors.count > 0 ? errors.items[0].text : "";
        if (strcmp(error, rows[i].error) != 0 || errors.count > 1)
            fail_msg("row '%s': %u errors, '%s'", rows[i].name, errors.count, error);
    }
    free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_in),
        cmocka_unit_test(says_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
