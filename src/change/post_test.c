// SPDX-License-Identifier: ISC
#include "change/post.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

static struct net a_net(void)
{
    struct net net = {.router_count = 4};
    for (uint32_t i = 0; i < net.router_count; i++)
        sprintf(net.routers[i].name, "fra-rr-%u", i + 1);
    return net;
}

static const struct {
    const char *text, *field, *expected;
} bad[] = {
    {"", "", "JSON; line 1, column 0 is none"},
    {"{\"id\":\"x\",\n\"id\":\"y\"}", "", "JSON; line 2, column 4 is none"},
    {"[]", "", "an object"},
    {"{}", "id", "a text that names the change"},
    {"{\"id\":\"x\"}", "devices", "the names of the devices that are changed"},
    {"{\"id\":7}", "id", "a text of 1 to 63 bytes"},
    {"{\"id\":\"\"}", "id", "a text of 1 to 63 bytes"},
    {"{\"id\":\"x\",\"devices\":\"fra-rr-1\"}", "devices", "an array of at most 512 names"},
    {"{\"id\":\"x\",\"devices\":[\"fra-rr-1\",7]}", "devices[1]", "a device's name"},
    {"{\"id\":\"x\",\"devices\":[\"\"]}", "devices[0]", "a device's name"},
    {"{\"id\":\"x\",\"who\":[]}", "who", "a text of at most 256 bytes"},
    {"{\"id\":\"x\",\"what\":null}", "what", "a text of at most 4096 bytes"},
    {"{\"id\":\"x\",\"diff\":{}}", "diff", "a text, as diff -u writes it"},
    {"{\"id\":\"x\",\"at_unix_s\":1.5}", "at_unix_s", "whole seconds since 1970"},
    {"{\"id\":\"x\",\"at_unix_s\":-1}", "at_unix_s", "whole seconds since 1970"},
    {"{\"id\":\"x\",\"rendered\":[]}", "rendered",
     "an object of at most 64 devices' configurations"},
    {"{\"id\":\"x\",\"rendered\":{\"a\":7}}", "rendered.a", "a configuration as text"},
    {"{\"id\":\"x\",\"before\":{\"a\":7}}", "before.a", "a configuration as text"},
    {"{\"id\":\"x\",\"de\\u001bvice\":1}", "de vice",
     "only id, who, what, devices, diff, at_unix_s, rendered and before"},
};

static void says_which_field_is_wrong(void **state)
{
    (void)state;
    struct net net = a_net();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct change_post post;
        struct change_error why;
        CHECK_ROW(bad[i].text,
                  !change_post_read(&net, bad[i].text, strlen(bad[i].text), &post, &why));
        if (strcmp(why.field, bad[i].field) != 0 || strcmp(why.expected, bad[i].expected) != 0)
            fail_msg("row '%s': '%s': '%s'", bad[i].text, why.field, why.expected);
        assert_null(post.body);
    }
}

static const struct {
    const char *text, *id, *who, *what;
    uint32_t devices, others;  // a bit set, a number
} good[] = {
    {"{\"id\":\"CR-1\",\"devices\":[]}", "CR-1", "", "", 0, 0},
    {"{\"devices\":[\"fra-rr-4\",\"x\",\"fra-rr-1\"],\"id\":\"CR-1\",\"who\":"
     "\"anna\"}",
     "CR-1", "anna", "", 9, 1},
    {"{\"id\":\"1\",\"rendered\":{\"fra-rr-2\":\"\",\"y\":\"\"}}", "1", "", "", 2, 1},
    {"{\"id\":\"1\",\"devices\":[\"fra-rr-1\"],\"rendered\":{\"fra-rr-2\":\"\"}"
     "}",
     "1", "", "", 1, 0},
    {"{\"id\":\"1\",\"devices\":[],\"what\":\"two\\n\\u001b[2Jlines \\u00e9\"}", "1", "",
     "two [2Jlines \xc3\xa9", 0, 0},
    {"{\"id\":\"1\",\"devices\":[],\"diff\":\"--- a\\n+++ b\\n@@ -1 +1 "
     "@@\\n-\\n-  timer 1500\\n+  "
     "timer 150\\n+x\"}",
     "1", "", "timer 1500 -> timer 150", 0, 0},
    {"{\"id\":\"1\",\"devices\":[],\"what\":\"BFD\",\"diff\":\"+a 1\"}", "1", "", "BFD (a 1 added)",
     0, 0},
    {"{\"id\":\"1\",\"devices\":[],\"diff\":\"-a 1\\n\"}", "1", "", "a 1 removed", 0, 0},
    {"{\"id\":\"1\",\"devices\":[],\"diff\":\"\\n\\n\"}", "1", "", "", 0, 0},
};

static void reads_what_was_posted(void **state)
{
    (void)state;
    struct net net = a_net();
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct change_post post;
        struct change_error why;
        if (!change_post_read(&net, good[i].text, strlen(good[i].text), &post, &why))
            fail_msg("row '%s': '%s': %s", good[i].text, why.field, why.expected);
        const struct change *c = &post.change;
        if (strcmp(c->id, good[i].id) != 0 || strcmp(c->who, good[i].who) != 0 ||
            strcmp(c->what, good[i].what) != 0 || c->devices.words[0] != good[i].devices ||
            c->others != good[i].others)
            fail_msg("row '%s': '%s' '%s' '%s' %u %u", good[i].text, c->id, c->who, c->what,
                     c->devices.words[0], c->others);
        change_post_done(&post);
    }
}

static void names_the_digit(void **state)
{
    (void)state;
    static const char text[] =
        "{\"id\":\"CR-2026-3148\",\"who\":\"ansible\",\"rendered\":{"
        "\"fra-rr-1\":\"bfd\\n profile a\\n  transmit-interval 150\\n\","
        "\"fra-rr-2\":\"bfd\\n profile a\\n  transmit-interval 150\\n\","
        "\"fra-rr-3\":\"bfd\\n profile a\\n  transmit-interval 150\\n ok\\n\","
        "\"fra-rr-4\":\"bfd\\n profile a\\n  transmit-interval 15\\n\","
        "\"lab-1\":\"bfd\\n profile a\\n  transmit-interval 150\\nx\\n\"},"
        "\"before\":{\"fra-rr-4\":\"bfd\\n profile a\\n  transmit-interval "
        "1500\\n\"}}";
    struct net net = a_net();
    struct change_post post;
    struct change_error why;
    assert_true(change_post_read(&net, text, sizeof text - 1, &post, &why));
    assert_true(change_post_compare(&net, &post));
    assert_int_equal(post.odd_count, 3);
    assert_int_equal(post.odds[0].devices.words[0], 8);
    assert_string_equal(post.odds[0].id, "CR-2026-3148");
    assert_string_equal(post.odd_names[0], "fra-rr-4");
    assert_string_equal(post.odds[0].what, "bfd profile a transmit-interval 15; the others have "
                                           "150, it had 1500 before");
    for (uint32_t i = 1; i < 3; i++)
        assert_string_equal(post.odds[i].what, strcmp(post.odd_names[i], "lab-1") == 0
                                                   ? "lab-1: x, which the others do not have"
                                                   : "bfd ok, which the others do not have");
    change_post_done(&post);
}

static void takes_many_devices_in_parts(void **state)
{
    (void)state;
    struct change change = {.id = "CR-1"}, part;
    for (uint32_t i = 0; i < 2 * CHANGE_DEVICES_MAX; i++)
        net_devices_add(&change.devices, i + 1);
    struct net_device_set rest = change.devices, all = {0};
    bool more = true;
    for (int n = 0; n < 2; n++) {
        assert_true(more);
        more = change_part(&change, &rest, &part);
        assert_int_equal(net_devices_count(&part.devices), CHANGE_DEVICES_MAX);
        assert_string_equal(part.id, "CR-1");
        for (size_t w = 0; w < sizeof all.words / sizeof all.words[0]; w++)
            all.words[w] |= part.devices.words[w];
    }
    assert_false(more);
    assert_true(net_devices_equal(&all, &change.devices));
    rest = (struct net_device_set){0};
    assert_false(change_part(&(struct change){.id = "none"}, &rest, &part));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_which_field_is_wrong),
        cmocka_unit_test(reads_what_was_posted),
        cmocka_unit_test(names_the_digit),
        cmocka_unit_test(takes_many_devices_in_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
