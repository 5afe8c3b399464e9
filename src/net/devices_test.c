// SPDX-License-Identifier: ISC
#include "net/devices.h"

#include "base/check.h"

#include <stdio.h>
#include <string.h>

static struct net a_net(void)
{
    struct net net = {.router_count = 2};
    strcpy(net.routers[0].name, "edge1");
    strcpy(net.routers[1].name, "edge2");
    net.syslog.device_count = NET_DEVICES_MAX;
    strcpy(net.syslog.devices[0].name, "edge2");
    strcpy(net.syslog.devices[1].name, "ca1");
    strcpy(net.syslog.devices[NET_DEVICES_MAX - 1].name, "ca2");
    net.bmp.sender_count = NET_BMP_SENDERS_MAX;
    strcpy(net.bmp.senders[0].name, "ca1");
    strcpy(net.bmp.senders[NET_BMP_SENDERS_MAX - 1].name, "rr1");
    return net;
}

static const struct {
    const char *name;
    uint32_t number;
} rows[] = {
    {"edge1", 0}, {"edge2", 1},       {"ca1", 17},      {"ca2", 271},
    {"rr1", 335}, {"rr", NET_NOBODY}, {"", NET_NOBODY},
};

static void numbers_each_once(void **state)
{
    (void)state;
    struct net net = a_net();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CHECK_ROW(rows[i].name, net_device_find(&net, rows[i].name) == rows[i].number);
        if (rows[i].number != NET_NOBODY)
            assert_string_equal(net_device_name(&net, rows[i].number), rows[i].name);
    }
    assert_null(net_device_name(&net, 2));
    assert_null(net_device_name(&net, NET_DEVICE_NUMBERS));
    assert_null(net_device_name(&net, NET_NOBODY));
}

static void keeps_sets(void **state)
{
    (void)state;
    struct net_device_set none = {0}, set = {0}, more = {0};
    net_devices_add(&set, 0);
    net_devices_add(&set, 271);
    net_devices_add(&set, NET_NOBODY);
    net_devices_add(&set, NET_DEVICE_NUMBERS);
    more = set;
    net_devices_add(&more, 335);
    assert_int_equal(net_devices_count(&set), 2);
    assert_true(net_devices_have(&more, 335) && !net_devices_have(&set, 335));
    assert_false(net_devices_have(&more, NET_NOBODY));
    assert_int_equal(net_devices_next(&set, 0), 0);
    assert_int_equal(net_devices_next(&set, 1), 271);
    assert_int_equal(net_devices_next(&set, 272), NET_NOBODY);
    assert_true(net_devices_within(&set, &more) && !net_devices_within(&more, &set));
    assert_true(net_devices_within(&none, &none) && net_devices_equal(&set, &set));
    assert_false(net_devices_equal(&set, &more));
}

static void names_as_many_as_fit(void **state)
{
    (void)state;
    struct net net = a_net();
    struct net_device_set set = {0};
    char text[64];
    assert_string_equal(net_devices_format(&net, &set, text, sizeof text), "");
    net_devices_add(&set, 335);
    net_devices_add(&set, 17);
    net_devices_add(&set, 0);
    assert_string_equal(net_devices_format(&net, &set, text, sizeof text), "edge1, ca1, rr1");
    assert_string_equal(net_devices_format(&net, &set, text, 40), "edge1, ca1, rr1");
    assert_string_equal(net_devices_format(&net, &set, text, 33), "edge1 and 2 more");
    assert_string_equal(net_devices_format(&net, &set, text, 14), "3 devices");
    assert_string_equal(net_devices_format(&net, &set, text, 1), "");
    net_devices_format(&net, &set, text, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_each_once),
        cmocka_unit_test(keeps_sets),
        cmocka_unit_test(names_as_many_as_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
