// SPDX-License-Identifier: ISC
#include "change/place.h"

#include "base/check.h"

#include <string.h>

static const struct {
    const char *pattern, *path, *device;  // "": none
} rows[] = {
    {"configs/{device}.conf", "configs/rr-1.conf", "rr-1"},
    {"configs/{device}.conf", "configs/rr-1.conf.bak", ""},
    {"configs/{device}.conf", "x/configs/rr-1.conf", ""},
    {"configs/{device}.conf", "configs/a/rr-1.conf", ""},
    {"{device}", "rr-1", "rr-1"},
    {"{device}", "", ""},
    {"**/{device}.*", "rr-1.conf", "rr-1"},
    {"**/{device}.*", "a/b/rr-1.conf", "rr-1"},
    {"**/{device}.*", "a/b/rr-1", ""},
    {"**/{device}/*", "fra/rr-1/bfd.conf", "rr-1"},
    {"**/{device}/*", "fra/rr-1/bgp/bfd.conf", "bgp"},
    {"**/{device}/**", "fra/rr-1/bgp/bfd.conf", "rr-1"},  // known ones first
    {"**/{device}/**", "fra/lab/bgp/bfd.conf", "fra"},
    {"/net/{device}/**", "/net/rr-1/bfd/interval", "rr-1"},
    {"/net/{device}/**", "/net//bfd", ""},
    {"*-{device}*", "x-y-rr-1.cfg", "rr-1"},
    {"{device}.example.net", "rr-1.example.net", "rr-1"},
    {"{device}*", "0123456789012345678901234567890", "0"},
    {"{device}", "01234567890123456789012345678901", ""},  // longer than a name
    {"none", "none", ""},
};

static void finds_the_device(void **state)
{
    (void)state;
    struct net net = {.router_count = 1};
    strcpy(net.routers[0].name, "rr-1");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char name[NET_NAME_MAX] = "";
        bool found = place_device(&net, rows[i].pattern, rows[i].path, strlen(rows[i].path), name);
        if (found != (rows[i].device[0] != '\0') || strcmp(name, rows[i].device) != 0)
            fail_msg("row '%s' '%s': '%s'", rows[i].pattern, rows[i].path, name);
    }
    assert_true(place_is_pattern("a/{device}/b"));
    assert_false(place_is_pattern("a") || place_is_pattern("{device}/{device}"));
}

// Stars upon stars cost no more than their number.
static void is_never_slow(void **state)
{
    (void)state;
    static const struct net net;
    char path[PLACE_PATH_MAX + 2], name[NET_NAME_MAX];
    memset(path, 'a', sizeof path);
    assert_false(place_device(&net, "*a*a*a*a*a*a*a*a*a*b{device}", path, PLACE_PATH_MAX, name));
    assert_false(place_device(&net, "**{device}**/**/**/**/b", path, 256, name));
    assert_false(place_device(&net, "{device}**", path, PLACE_PATH_MAX + 1, name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_device),
        cmocka_unit_test(is_never_slow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
