// SPDX-License-Identifier: ISC
// What is no event, and what is said of it.
#include "engine/message.h"

#include "base/check.h"
#include "engine/small_net.h"

#include <string.h>

// clang-format off
#define ODD_ID "{\"event\":\"odd\",\"at_ns\":8,\"source\":\"git\",\"id\":\"\","

// A fault that goes wrong further on.
#define FAULT_ROUTED                                                                               \
    "\"number\":1,\"state\":\"named\",\"symptom\":\"loss\",\"family\":\"ipv6\","                   \
    "\"router\":null,\"upstream\":null"
#define FAULT_AIMED FAULT_ROUTED ",\"target\":null,\"place\":\"\""
#define FAULT_GROUPED FAULT_AIMED ",\"group\":\"\",\"member\":\"\",\"link\":\"\""

static const struct {
    const char *text, *why;
} bad[] = {
    {"", "not JSON"},
    {"[]", "'event': no such kind"},
    {"{}", "'event': no such kind"},
    {"{\"event\":7,\"at_ns\":1}", "'event': no such kind"},
    {"{\"event\":\"Tick\",\"at_ns\":1}", "'event': no such kind"},
    {"{\"effect\":\"lease\",\"at_ns\":1}", "'event': no such kind"},
    {"{\"event\":\"tick\"}", "'at_ns': is not an integer"},
    {"{\"event\":\"tick\",\"at_ns\":1.5}", "'at_ns': is not an integer"},
    {"{\"event\":\"tick\",\"at_ns\":9223372036854775808}", "not JSON: too big integer"},
    {"{\"event\":\"tick\",\"at_ns\":1,\"at_ns\":2}", "not JSON: duplicate"},
    {"{\"event\":\"tick\",\"at_ns\":1,\"x\":2}", "fields that a 'tick' does not have"},
    {"{\"event\":\"tick\",\"at_ns\":1}x", "not JSON: end of file expected"},
    {"{\"event\":\"command\",\"at_ns\":1}", "'command': is not a known word"},
    {"{\"event\":\"command\",\"at_ns\":1,\"command\":\"fly\"}", "'command': is not a known word"},
    {"{\"event\":\"command\",\"at_ns\":1,\"command\":null}", "'command': is not a known word"},
    {"{\"event\":\"start\",\"at_ns\":1,\"wall_ns\":2,\"seed\":\"12\"}",
     "'seed': is not 16 hexadecimal digits"},
    {"{\"event\":\"start\",\"at_ns\":1,\"wall_ns\":2,\"seed\":\"FEDCBA9876543210\"}", "'seed'"},
    {"{\"event\":\"route\",\"at_ns\":4,\"router\":\"edge3\"}",
     "'router': is not a router of the configuration"},
    {"{\"event\":\"route\",\"at_ns\":4,\"router\":null}", "'router'"},
    {"{\"event\":\"route\",\"at_ns\":4,\"router\":\"edge1\"}", "'upstream': is not an upstream"},
    {"{\"event\":\"route\",\"at_ns\":4,\"router\":\"edge1\",\"upstream\":null,\"prefix\":\"203.0."
     "113.1/24\"}",
     "'prefix'"},
    {"{\"event\":\"route\",\"at_ns\":4,\"router\":\"edge1\",\"upstream\":null,\"prefix\":\"-/0\"}",
     "'prefix'"},
    {"{\"event\":\"route\",\"at_ns\":4,\"router\":\"edge1\",\"upstream\":null,\"prefix\":\"::/"
     "0\",\"present\":1}",
     "'present': is not true or false"},
    {"{\"event\":\"tally\",\"at_ns\":1,\"path\":\"as-routed\"}", "'path'"},
    {"{\"event\":\"tally\",\"at_ns\":1,\"path\":\"as-routed ipv4\",\"target\":\"far-9\"}",
     "'target'"},
    {"{\"event\":\"tally\",\"at_ns\":1,\"path\":\"as-routed ipv4\",\"target\":\"far-1\",\"ok\":-1}",
     "'ok'"},
    {"{\"event\":\"tally\",\"at_ns\":1,\"path\":\"as-routed "
     "ipv4\",\"target\":\"far-1\",\"ok\":4294967296}",
     "'ok'"},
    {ODD_ID "\"devices\":[\"edge1\",\"nobody\"]}",
     "'devices': is not devices of the configuration"},
    {ODD_ID "\"devices\":[1]}", "'devices'"},
    {ODD_ID "\"devices\":\"edge1\"}", "'devices'"},
    {"{\"event\":\"odd\",\"at_ns\":8,\"source\":\"rumour\"}", "'source'"},
    {"{\"event\":\"hook\",\"at_ns\":6,\"hook\":\"drain-c\"}",
     "'hook': is not a hook of the configuration"},
    {"{\"event\":\"hook\",\"at_ns\":6,\"hook\":null}", "'hook'"},
    {"{\"event\":\"health\",\"at_ns\":6,\"announced\":\"192.0.2.0/25\"}",
     "'announced': is not a prefix of announce"},
    {"{\"event\":\"notice\",\"at_ns\":6,\"notice\":\"\"}",
     "'notice': is not a known kind of notice"},
    {"{\"event\":\"notice\",\"at_ns\":6,\"notice\":\"churn\",\"raised\":true,\"asked\":false,"
     "\"router\":\"edge3\"}",
     "'router': is not a router of the configuration or null"},
    {"{\"event\":\"notice\",\"at_ns\":6,\"notice\":\"churn\",\"raised\":true,\"asked\":false,"
     "\"router\":null,"
     "\"prefix\":0}", "'prefix': is not a prefix or null"},
    {"{\"event\":\"fault\",\"at_ns\":6,\"number\":1,\"state\":\"gone\"}", "'state'"},
    {"{\"event\":\"fault\",\"at_ns\":6," FAULT_ROUTED ",\"target\":\"far-9\"}",
     "'target': is not a target of the configuration or null"},
    {"{\"event\":\"fault\",\"at_ns\":6," FAULT_AIMED ",\"group\":\"a\\nb\"}",
     "'group': is not a printable text that is not too long"},
    {"{\"event\":\"fault\",\"at_ns\":6," FAULT_AIMED ",\"group\":\"\x7f\"}", "'group'"},
    {"{\"event\":\"fault\",\"at_ns\":6," FAULT_AIMED
     ",\"group\":\"0123456789012345678901234567890a\"}", "'group'"},
    {"{\"event\":\"fault\",\"at_ns\":6," FAULT_GROUPED ",\"hop\":\"2001:db8::/32\"}",
     "'hop': is not an address or null"},
    {"{\"event\":\"fault\",\"at_ns\":6," FAULT_GROUPED ",\"hop\":null,\"bucket\":-1}",
     "'bucket': is not an integer from 0 to 2147483647 or null"},
    {"{\"event\":\"fault\",\"at_ns\":6," FAULT_GROUPED
     ",\"hop\":null,\"bucket\":2147483648}",
     "'bucket'"},
    {"{\"event\":\"fault\",\"at_ns\":6," FAULT_GROUPED ",\"hop\":null,\"bucket\":\"1\"}",
     "'bucket'"},
    {"{\"event\":\"fault\",\"at_ns\":6," FAULT_GROUPED
     ",\"hop\":null,\"bucket\":1,\"bucket_count\":2,\"dscp\":null,\"size_bytes\":null,"
     "\"protocol\":\"carrier pigeon\"}", "'protocol': is not a known word or null"},
    {"{\"event\":\"asked\",\"at_ns\":6,\"what\":\"fly\"}", "'what': is not a known word"},
    {"{\"event\":\"asked\",\"at_ns\":6,\"what\":\"thaw\",\"uid\":1,\"who\":\"a\\u001b[2J\"}",
     "'who': is not a printable text that is not too long"},
    {"{\"event\":\"asked\",\"at_ns\":6,\"what\":\"drain\",\"uid\":1,\"who\":\"a\",\"object\":"
     "\"router edge3\"}", "'object': is not an object of the configuration or null"},
    {"{\"event\":\"asked\",\"at_ns\":6,\"what\":\"drain\",\"uid\":1,\"who\":\"a\",\"object\":7}",
     "'object'"},
    {"{\"event\":\"role\",\"at_ns\":6,\"role\":\"web\",\"state\":\"dead\",\"reason\":"
     "\"a\\u0000b\"}",
     "not JSON"},
    {"{\"event\":\"role\",\"at_ns\":6,\"role\":\"web\",\"state\":\"dead\",\"reason\":\"\xff\"}",
     "not JSON"},
    {"{\"event\":\"role\",\"at_ns\":6,\"role\":\"web\",\"state\":\"dead\",\"reason\":"
     "\"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
     "123456\"}",
     "'reason': is not a text that is not too long"},
};
// clang-format on

static void refuses_what_is_no_message(void **state)
{
    (void)state;
    struct net net = small_net();
    struct event event;
    small_announce(&net);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char why[96] = "";
        CHECK_ROW(bad[i].text,
                  !message_to_event(&net, bad[i].text, strlen(bad[i].text), &event, why));
        if (strncmp(why, bad[i].why, strlen(bad[i].why)) != 0)
            fail_msg("row '%s': says '%s', not '%s'", bad[i].text, why, bad[i].why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_no_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
