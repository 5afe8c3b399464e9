// SPDX-License-Identifier: ISC
#include "net/object.h"

#include "base/check.h"

#include <string.h>

// Three upstreams on two routers, and two groups; a router and an upstream share a
// name.
static struct net small(void)
{
    struct net net = {.site = "fra1", .router_count = 2, .upstream_count = 3, .group_count = 3};
    strcpy(net.routers[0].name, "edge1");
    strcpy(net.routers[1].name, "both");
    strcpy(net.upstreams[0].name, "transit-a");
    strcpy(net.upstreams[1].name, "transit-b");
    strcpy(net.upstreams[2].name, "both");
    net.upstreams[1].router = net.upstreams[2].router = 1;
    strcpy(net.groups[0].name, "switches");
    net.groups[0].member_count = 2;
    strcpy(net.groups[0].members[0].name, "ca1");
    strcpy(net.groups[0].members[1].name, "ca2");
    net.groups[0].members[1].upstreams = 0x5;
    strcpy(net.groups[2].name, "fibres");
    net.groups[2].member_count = 1;
    strcpy(net.groups[2].members[0].name, "north");
    return net;
}

static const struct {
    const char *text, *formatted;
    struct net_object object;
    uint32_t upstreams, routers;
} good[] = {
    {"upstream transit-a", "upstream transit-a", {NET_OBJECT_UPSTREAM, 0, 0}, 0x1, 0},
    {"upstream both", "upstream both", {NET_OBJECT_UPSTREAM, 2, 0}, 0x4, 0},
    {"router edge1", "router edge1", {NET_OBJECT_ROUTER, 0, 0}, 0x1, 0x1},
    {"router both", "router both", {NET_OBJECT_ROUTER, 1, 0}, 0x6, 0x2},
    {"router   both", "router both", {NET_OBJECT_ROUTER, 1, 0}, 0x6, 0x2},
    {"member switches/ca1", "member switches/ca1", {NET_OBJECT_MEMBER, 0, 0}, 0, 0},
    {"member switches/ca2", "member switches/ca2", {NET_OBJECT_MEMBER, 0, 1}, 0x5, 0},
    {"member fibres/north", "member fibres/north", {NET_OBJECT_MEMBER, 2, 0}, 0, 0},
    {"site", "site", {NET_OBJECT_SITE, 0, 0}, 0x7, 0x3},
    {"site fra1", "site", {NET_OBJECT_SITE, 0, 0}, 0x7, 0x3},
};

static void reads_and_writes_what_there_is(void **state)
{
    (void)state;
    struct net net = small();
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct net_object object = {NET_OBJECT_KINDS, 9, 9};
        char why[NET_OBJECT_WHY_MAX], text[NET_OBJECT_TEXT_MAX];
        CHECK_ROW(good[i].text, net_object_parse(&net, good[i].text, &object, why));
        CHECK_ROW(good[i].text, net_object_equal(object, good[i].object));
        CHECK_ROW(good[i].text, net_object_exists(&net, object));
        assert_string_equal(net_object_format(&net, object, text), good[i].formatted);
        CHECK_ROW(good[i].text, net_object_upstreams(&net, object) == good[i].upstreams);
        CHECK_ROW(good[i].text, net_object_routers(&net, object) == good[i].routers);
    }
}

static const struct {
    const char *text, *why;
} bad[] = {
    {"upstream transit-x", "there is no upstream 'transit-x': did you mean 'transit-a'?"},
    {"upstream moon", "there is no upstream 'moon': there are transit-a, transit-b, both"},
    {"upstream", "there is no upstream '': there are transit-a, transit-b, both"},
    {"upstream edge1", "there is no upstream 'edge1': there are transit-a, transit-b, both"},
    {"router moon", "there is no router 'moon': there are edge1, both"},
    {"router edge1 ", "there is no router 'edge1 ': did you mean 'edge1'?"},
    {"member ca2", "there is no member 'ca2': there are switches/ca1, switches/ca2, fibres/north"},
    {"member fibres", "there is no member 'fibres': there are switches/ca1, switches/ca2, "
                      "fibres/north"},
    {"site ams1", "there is no site 'ams1': there is fra1"},
    {"transit-b", "'transit-b' is a name alone: write 'upstream transit-b'"},
    {"switches/ca2", "'switches/ca2' is a name alone: write 'member switches/ca2'"},
    {"both", "'both' is a name alone: write 'upstream both'"},
    {"fra1", "'fra1' is a name alone: write 'site fra1'"},
    {"", "'' is no object: write upstream NAME, router NAME, member GROUP/MEMBER or site"},
    {"moon", "'moon' is no object: write upstream NAME, router NAME, member GROUP/MEMBER or site"},
    {"Router edge1", "'Router edge1' is no object: write upstream NAME, router NAME, member "
                     "GROUP/MEMBER or site"},
    {"\x1b[2J", "'\\x1b[2J' is no object: write upstream NAME, router NAME, member GROUP/MEMBER or "
                "site"},
};

static void says_what_there_is_instead(void **state)
{
    (void)state;
    struct net net = small();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct net_object object = {NET_OBJECT_KINDS, 9, 9};
        char why[NET_OBJECT_WHY_MAX];
        CHECK_ROW(bad[i].text, !net_object_parse(&net, bad[i].text, &object, why));
        assert_string_equal(why, bad[i].why);
        CHECK_ROW(bad[i].text, object.kind == NET_OBJECT_KINDS);
    }
    struct net none = {.site = "fra1"};
    char why[NET_OBJECT_WHY_MAX];
    assert_false(net_object_parse(&none, "member a/b", &(struct net_object){0}, why));
    assert_string_equal(why, "there is no member 'a/b': the configuration has no members");
}

// As many as there can be, with names as long as they can be.
static void says_no_more_than_fits(void **state)
{
    (void)state;
    struct net net = {.site = "fra1", .upstream_count = NET_UPSTREAMS_MAX};
    char text[1000], why[NET_OBJECT_WHY_MAX];
    for (uint32_t u = 0; u < net.upstream_count; u++)
        memset(net.upstreams[u].name, 'a' + (int)u, NET_NAME_MAX - 1);
    memset(text, 'z', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_false(net_object_parse(&net, text, &(struct net_object){0}, why));
    memcpy(text, "upstream ", 9);
    assert_false(net_object_parse(&net, text, &(struct net_object){0}, why));
    assert_true(strstr(why, "zzz") && strstr(why, "there are aaa") && strstr(why, ", ..."));
    assert_true(strlen(why) < sizeof why - 1);
}

static void refuses_what_is_not_there(void **state)
{
    (void)state;
    struct net net = small();
    static const struct net_object none[] = {
        {NET_OBJECT_UPSTREAM, 3, 0}, {NET_OBJECT_UPSTREAM, 0, 1}, {NET_OBJECT_ROUTER, 2, 0},
        {NET_OBJECT_ROUTER, 0, 1},   {NET_OBJECT_MEMBER, 1, 0},   {NET_OBJECT_MEMBER, 2, 1},
        {NET_OBJECT_SITE, 1, 0},     {NET_OBJECT_SITE, 0, 1},     {NET_OBJECT_KINDS, 0, 0},
    };
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_false(net_object_exists(&net, none[i]));
    assert_false(net_object_equal(good[0].object, good[1].object));
    assert_false(net_object_equal(good[5].object, good[6].object));
    assert_false(net_object_equal(good[0].object, good[2].object));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes_what_there_is),
        cmocka_unit_test(says_what_there_is_instead),
        cmocka_unit_test(says_no_more_than_fits),
        cmocka_unit_test(refuses_what_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
