// SPDX-License-Identifier: ISC
#include "lab/faults.h"

#include "base/check.h"

#include <string.h>

// What nft is told of a fault. A scenario's own run shows that nft understands it.
static void rules(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct scenario_fault fault;
        const char *rules;  // each line after "add rule inet fairlead_lab fault7 meta nfproto "
    } rows[] = {
        {"all", {.loss_ppm = 1000000, .dscp = -1}, "ipv4 counter drop\nipv6 counter drop\n"},
        {"a share from a port",
         {.loss_ppm = 380000, .from = "to-a", .dscp = -1},
         "ipv4 iifname \"to-a\" numgen random mod 1000000 < 380000 counter drop\n"
         "ipv6 iifname \"to-a\" numgen random mod 1000000 < 380000 counter drop\n"},
        {"one family, to a port",
         {.loss_ppm = 1000000, .to = "to-b", .family = FAMILY_IPV6, .dscp = -1},
         "ipv6 oifname \"to-b\" counter drop\n"},
        {"a class",
         {.loss_ppm = 1000000, .dscp = 46},
         "ipv4 ip dscp 46 counter drop\nipv6 ip6 dscp 46 counter drop\n"},
        {"class 0 is a class",
         {.loss_ppm = 1000000, .family = FAMILY_IPV4},
         "ipv4 ip dscp 0 counter drop\n"},
        {"large ones",
         {.loss_ppm = 1000000, .above_bytes = 1400, .family = FAMILY_IPV4, .dscp = -1},
         "ipv4 meta length > 1400 counter drop\n"},
        {"ICMP has two names",
         {.loss_ppm = 1000000, .protocol = "icmp", .above_pps = 2, .dscp = -1},
         "ipv4 meta l4proto icmp limit rate over 2/second burst 5 packets counter drop\n"
         "ipv6 meta l4proto icmpv6 limit rate over 2/second burst 5 packets counter drop\n"},
        {"a port",
         {.loss_ppm = 1000000, .protocol = "udp", .port = 862, .family = FAMILY_IPV6, .dscp = -1},
         "ipv6 meta l4proto udp th dport 862 counter drop\n"},
        {"5-tuples",
         {.loss_ppm = 1000000, .tuples_dead = 3, .tuples_of = 100, .dscp = -1},
         "ipv4 meta l4proto { tcp, udp } jhash ip saddr . ip daddr . th sport . th dport mod 100"
         " < 3 counter drop\n"
         "ipv6 meta l4proto { tcp, udp } jhash ip6 saddr . ip6 daddr . th sport . th dport mod 100"
         " < 3 counter drop\n"},
        {"bursts ask their set",
         {.loss_ppm = 1000000, .every_ns = 1, .from = "to-a", .family = FAMILY_IPV4, .dscp = -1},
         "ipv4 iifname @burst7 counter drop\n"},
        {"no loss, no rule", {.dscp = -1}, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct text made = {0}, wanted = {0};
        fault_rules(&made, 7, &rows[i].fault);
        for (const char *line = rows[i].rules; *line;) {
            size_t size = strcspn(line, "\n");
            text_add(&wanted, "add rule inet fairlead_lab fault7 meta nfproto %.*s\n", (int)size,
                     line);
            line += size + (line[size] == '\n');
        }
        CHECK_ROW(rows[i].name, strcmp(text_get(&made), text_get(&wanted)) == 0);
        text_done(&made);
        text_done(&wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rules)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
