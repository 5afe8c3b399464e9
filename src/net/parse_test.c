// SPDX-License-Identifier: ISC
#include "net/parse.h"

#include "base/check.h"
#include "net/keys.h"
#include "net/parse_test_rows.h"
#include "net/tree.h"

#include <stdlib.h>
#include <string.h>

// Good, and every line is a place to break it at. The number is its line.
static const char good[] =
    /* 1 */ "site: fra1\n"
            /* 2 */ "mode: act\n"
            /* 3 */ "bgp:\n"
            /* 4 */ "  as: 64500\n"
            /* 5 */ "  router_id: 198.51.100.5\n"
            /* 6 */ "  listen: [198.51.100.5, '2001:db8:0:1::5']\n"
            /* 7 */ "routers:\n"
            /* 8 */ "  - name: edge1\n"
            /* 9 */ "    address: 198.51.100.1\n"
            /* 10 */ "    local_address: 198.51.100.5\n"
            /* 11 */ "    hold_time_s: 5\n"
            /* 12 */ "    families: [ipv4, ipv6]\n"
            /* 13 */ "  - name: edge2\n"
            /* 14 */ "    address: 2001:db8:0:1::2\n"
            /* 15 */ "    families: [ipv4, ipv6]\n"
            /* 16 */ "upstreams:\n"
            /* 17 */ "  - name: transit-a\n"
            /* 18 */ "    router: edge1\n"
            /* 19 */ "    next_hop: [10.0.1.1, '2001:db8:0:a1::1']\n"
            /* 20 */ "    probe: {source: [192.0.2.17, '2001:db8:0:a0::5']}\n"
            /* 21 */ "  - name: transit-b\n"
            /* 22 */ "    router: edge2\n"
            /* 23 */ "    next_hop: [10.0.2.1, '2001:db8:0:b1::1']\n"
            /* 24 */ "    probe: {mark: 102}\n"
            /* 25 */ "targets:\n"
            /* 26 */ "  - name: far-1\n"
            /* 27 */ "    address: [203.0.113.10, '2001:db8:f:1::10']\n"
            /* 28 */ "  - name: far-2\n"
            /* 29 */ "    address: [203.0.113.138, '2001:db8:f:2::10']\n"
            /* 30 */ "    protocol: icmp\n"
            /* 31 */ "probe:\n"
            /* 32 */ "  as_routed: {source: [198.51.100.5, '2001:db8:0:1::5']}\n"
            /* 33 */ "steer:\n"
            /* 34 */ "  prefixes: [203.0.113.0/24, '2001:db8:f::/48']\n"
            /* 35 */ "  marker: 64500:666:1\n"
            /* 36 */ "web: 127.0.0.1:8470\n"
            /* 37 */ "record: ''\n"
            /* 38 */ "user: nobody\n"
            /* 39 */ "audit: /var/lib/fairlead/audit.jsonl\n";

// `text` with `find`, which stands there once, replaced. Free it.
static char *edit(const char *text, const char *find, const char *replacement)
{
    const char *at = strstr(text, find);
    assert_non_null(at);
    size_t head = (size_t)(at - text), size = strlen(text) + strlen(replacement) + 1;
    char *edited = malloc(size);
    snprintf(edited, size, "%.*s%s%s", (int)head, text, replacement, at + strlen(find));
    return edited;
}

// All errors as lines "LINE: text" in one text.
static void list_errors(const struct net_errors *errors, char *text, size_t size)
{
    size_t at = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < errors->count; i++) {
        char line[NET_ERROR_LINE_MAX];
        net_error_format(errors, i, line, sizeof line);
        at += (size_t)snprintf(text + at, size - at, "%s%s", i ? "\n" : "", strchr(line, ':') + 1);
    }
}

static void tells_everything_that_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < parse_row_count; i++) {
        const struct parse_row *row = &parse_rows[i];
        struct net net;
        struct net_errors errors;
        char got[8192], *text = edit(good, row->find, row->replacement);
        bool parsed = net_parse(text, strlen(text), "f", &net, &errors);
        list_errors(&errors, got, sizeof got);
        if (strcmp(got, row->expected) != 0)
            fail_msg("row '%s': got\n%s\nnot\n%s", row->name, got, row->expected);
        bool harmless = !row->expected[0] || strstr(row->expected, ": warning: ") ||
                        strstr(row->expected, ": note: ");
        CHECK_ROW(row->name, parsed == harmless);
        free(text);
    }
}

static struct address address(const char *text)
{
    struct address a;
    assert_true(address_parse(text, &a));
    return a;
}

static void fills_in_what_the_file_says(void **state)
{
    (void)state;
    struct net net;
    struct net_errors errors;
    assert_true(net_parse(good, strlen(good), "f", &net, &errors));
    assert_int_equal(errors.count, 0);
    assert_string_equal(net.site, "fra1");
    assert_int_equal(net.mode, NET_ACT);
    assert_int_equal(net.asn, 64500);
    assert_true(address_equal(net.router_id, address("198.51.100.5")));
    assert_true(address_equal(net.bgp_listen[FAMILY_IPV6], address("2001:db8:0:1::5")));
    assert_int_equal(net.router_count, 2);
    assert_string_equal(net.routers[1].name, "edge2");
    assert_true(address_equal(net.routers[1].address, address("2001:db8:0:1::2")));
    assert_int_equal(net.routers[1].local_address.family, FAMILY_NONE);
    assert_true(net.routers[1].families[FAMILY_IPV4] && net.routers[1].families[FAMILY_IPV6]);
    assert_int_equal(net.upstream_count, 2);
    assert_int_equal(net.upstreams[1].router, 1);
    assert_true(address_equal(net.upstreams[1].next_hop[FAMILY_IPV4], address("10.0.2.1")));
    assert_int_equal(net.upstreams[1].select.mark, 102);
    assert_true(
        address_equal(net.upstreams[0].select.source[FAMILY_IPV6], address("2001:db8:0:a0::5")));
    assert_int_equal(net.target_count, 2);
    assert_int_equal(net.targets[1].protocol, NET_ICMP);
    assert_true(address_equal(net.targets[1].address[FAMILY_IPV4], address("203.0.113.138")));
    assert_int_equal(net.steer.prefixes.count, 2);
    assert_int_equal(net.steer.prefixes.items[0].length, 24);
    assert_int_equal(net.steer.marker.global, 64500);
    assert_int_equal(net.steer.marker.local1, 666);
    assert_int_equal(net.steer.marker.local2, 1);
    assert_true(address_equal(net.web_address, address("127.0.0.1")));
    assert_int_equal(net.web_port, 8470);
    assert_string_equal(net.record_path, "");
    assert_string_equal(net.user, "nobody");
}

static void fills_in_groups(void **state)
{
    (void)state;
    struct net net;
    struct net_errors errors;
    char *text =
        edit(good, "user: nobody",
             "groups:\n  - {name: ca, kind: redundancy, members: [{name: ca1, hops: "
             "[10.1.1.0/24, '2001:db8:0:ca1::/64']}, {name: ca2, link: to-the-second-switch}]}\n"
             "  - {name: fibre, kind: shared-risk, members: [{name: w, upstreams: "
             "[transit-b]}]}\n"
             "links:\n  - {name: to-the-second-switch, device: eth2, neighbour: "
             "198.51.100.1, address: 10.0.0.2}");
    assert_true(net_parse(text, strlen(text), "f", &net, &errors));
    assert_int_equal(net.group_count, 2);
    assert_int_equal(net.groups[0].kind, NET_REDUNDANCY);
    assert_int_equal(net.groups[0].member_count, 2);
    assert_string_equal(net.groups[0].members[0].name, "ca1");
    assert_int_equal(net.groups[0].members[0].hops.count, 2);
    assert_string_equal(net.groups[0].members[1].link, "to-the-second-switch");
    assert_int_equal(net.groups[1].kind, NET_SHARED_RISK);
    assert_int_equal(net.groups[1].members[0].upstreams, 2);
    free(text);
}

static void fills_in_hooks(void **state)
{
    (void)state;
    struct net net;
    struct net_errors errors;
    char *text = edit(good, "user: nobody",
                      "hooks:\n  - {name: drain-2, object: router edge2, program: /usr/bin/drain, "
                      "arguments: [-x, 'two words'], undo_arguments: -u, timeout_s: 2.5}\n"
                      "  - {name: drain-b, object: 'upstream transit-b', program: /b}\n"
                      "role_users: true\n"
                      "hooks_user: netops\n"
                      "maintenance: {objects: [{circuit: IC-1, object: site}, "
                      "{circuit: IC 4711/2, object: upstream transit-b}]}");
    assert_true(net_parse(text, strlen(text), "f", &net, &errors));
    assert_int_equal(net.hook_count, 2);
    const struct net_hook *hook = &net.hooks[0];
    assert_string_equal(hook->name, "drain-2");
    assert_int_equal(hook->object.kind, NET_OBJECT_ROUTER);
    assert_int_equal(hook->object.index, 1);
    assert_string_equal(hook->program, "/usr/bin/drain");
    assert_int_equal(hook->arguments.count, 2);
    assert_string_equal(hook->arguments.items[1], "two words");
    assert_int_equal(hook->undo_arguments.count, 1);
    assert_string_equal(hook->undo_arguments.items[0], "-u");
    assert_int_equal(hook->timeout_ns, 2500ll * NS_PER_MS);
    assert_int_equal(net.hooks[1].object.kind, NET_OBJECT_UPSTREAM);
    assert_int_equal(net.hooks[1].arguments.count + net.hooks[1].undo_arguments.count, 0);
    assert_int_equal(net.hooks[1].timeout_ns, 30ll * NS_PER_S);
    assert_int_equal(net.hooks[1].settle_ns, NS_PER_S);
    assert_true(net.role_users);
    assert_string_equal(net.hooks_user, "netops");
    assert_int_equal(net.maintenance.lead_ns, 600ll * NS_PER_S);
    assert_int_equal(net.maintenance.circuit_count, 2);
    assert_string_equal(net.maintenance.circuits[1].id, "IC 4711/2");
    assert_int_equal(net.maintenance.circuits[1].object.kind, NET_OBJECT_UPSTREAM);
    free(text);
}

static void fills_in_own_prefixes(void **state)
{
    (void)state;
    struct net net;
    struct net_errors errors;
    char *text = edit(good, "user: nobody",
                      "control: /tmp/x\ncontrol_group: noc\ncontrol_act_group: shift\n"
                      "own:\n  - prefix: 192.0.2.0/24\n"
                      "    origins: [64500, 64501]\n    length_max: 25\n  - prefix: 'fe80::/10'");
    assert_true(net_parse(text, strlen(text), "f", &net, &errors));
    assert_int_equal(net.own_count, 2);
    assert_true(prefix_equal(net.own[0].prefix, check_prefix("192.0.2.0/24")));
    assert_int_equal(net.own[0].origins.count, 2);
    assert_int_equal(net.own[0].origins.items[1], 64501);
    assert_int_equal(net.own[0].length_max, 25);
    assert_true(prefix_equal(net.own[1].prefix, check_prefix("fe80::/10")));
    assert_int_equal(net.own[1].origins.count, 0);
    assert_int_equal(net.own[1].length_max, 0);
    assert_string_equal(net.control_path, "/tmp/x");
    assert_string_equal(net.control_group, "noc");
    assert_string_equal(net.control_act_group, "shift");
    free(text);
}

static void fills_in_defaults(void **state)
{
    (void)state;
    struct net net;
    struct net_errors errors;
    assert_true(net_parse(good, strlen(good), "f", &net, &errors));
    assert_int_equal(net.bgp_listen_port, 179);
    assert_int_equal(net.own_count, 0);
    assert_string_equal(net.control_path, "/run/fairlead/control.sock");
    assert_string_equal(net.control_group, "");
    assert_string_equal(net.control_act_group, "");
    assert_int_equal(net.routers[0].port, 179);
    assert_int_equal(net.routers[1].hold_time_s, 9);
    assert_string_equal(net.routers[0].md5_key, "");
    assert_int_equal(net.targets[0].protocol, NET_STAMP);
    assert_int_equal(net.targets[0].port, 862);
    assert_int_equal(net.targets[0].flows, 4);
    assert_int_equal(net.targets[0].rate_mpps, 1666);  // 10 a second over 6 paths
    assert_int_equal(net_target_rate_max_pps(&net.targets[0]), 10);
    assert_int_equal(net.targets[0].variant_rate_mpps, 1000);
    assert_int_equal(net.link_count, 0);
    assert_int_equal(net.probe.path_rate_max_pps, 100);
    assert_int_equal(net.probe.timeout_min_ns, 50 * NS_PER_MS);
    assert_int_equal(net.probe.timeout_max_ns, NS_PER_S);
    assert_int_equal(net.probe.roving_rate_mpps, 10000);
    assert_int_equal(net.probe.trace_rate_mpps, 1000);
    assert_int_equal(net.probe.trace_flows, 128);
    assert_int_equal(net.probe.trace_interval_s, 600);
    assert_int_equal(net.detect.loss_normal_ppm, 1000);
    assert_int_equal(net.detect.false_suspicions_mpd, 12000);
    assert_int_equal(net.detect.false_acts_mpy, 100);
    assert_int_equal(net.detect.burst_mean_ns, 50 * NS_PER_MS);
    assert_int_equal(net.detect.burst_interval_s, 60);
    assert_int_equal(net.detect.learn, NET_LEARN_CAREFULLY);
    assert_int_equal(net.steer.local_pref, 500);
    assert_int_equal(net.steer.hold_max_ns, 3600ll * NS_PER_S);
    assert_int_equal(net.steer.fib_settle_ns, 300 * NS_PER_MS);
    assert_int_equal(net.steer.lease_ns, 3ll * NS_PER_S);
    assert_int_equal(net.guard.routes_per_router_max, 200);
    assert_int_equal(net.guard.routes_max, 1000);
}

static void reads_numbers_exactly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t rate_mpps;
    } numbers[] = {{"0", 0},       {"1", 1000},  {"0.5", 500},
                   {"2.25", 2250}, {"0.001", 1}, {"7.050", 7050}};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct net net;
        struct net_errors errors;
        char line[128];
        snprintf(line, sizeof line, "ours: true\n    rate_pps: %s", numbers[i].text);
        char *text = edit(good, "protocol: icmp", line);
        CHECK_ROW(numbers[i].text, net_parse(text, strlen(text), "f", &net, &errors));
        CHECK_ROW(numbers[i].text, net.targets[1].rate_mpps == numbers[i].rate_mpps);
        free(text);
    }
}

static void reads_targets_and_links(void **state)
{
    (void)state;
    struct net net;
    struct net_errors errors;
    char *text = edit(good, "protocol: icmp",
                      "ours: true\n    sizes_bytes: [1400, 9000]\n    dscp: [46]\n"
                      "    variant_rate_pps: 2\n    node: ['2001:db8:0:9::9']\n"
                      "links:\n"
                      "  - name: to-edge1\n"
                      "    device: eth1\n"
                      "    neighbour: [198.51.100.1, '2001:db8:0:1::1']\n"
                      "    address: [198.51.100.5, '2001:db8:0:1::5']\n"
                      "    rate_pps: 20");
    assert_true(net_parse(text, strlen(text), "f", &net, &errors));
    const struct net_target *target = &net.targets[1];
    assert_true(target->ours && target->sizes_bytes.count == 2 && target->dscp.count == 1);
    assert_true(target->sizes_bytes.items[1] == 9000 && target->dscp.items[0] == 46);
    assert_int_equal(net_target_variants(target), 3);
    assert_true(target->node[FAMILY_IPV4].family == FAMILY_NONE);
    assert_true(address_equal(target->node[FAMILY_IPV6], check_address("2001:db8:0:9::9")));
    assert_int_equal(target->rate_mpps, 20000);
    assert_true(net_target_rate_max_pps(target) == UINT32_MAX);
    assert_int_equal(net_target_asked_mpps(&net, target), 6 * 26000);
    assert_int_equal(net.link_count, 1);
    assert_string_equal(net.links[0].device, "eth1");
    assert_int_equal(net.links[0].rate_mpps, 20000);
    assert_int_equal(net.links[0].flows, 1);
    assert_true(address_equal(net.links[0].neighbour[FAMILY_IPV6], address("2001:db8:0:1::1")));
    assert_true(address_equal(net.links[0].address[FAMILY_IPV4], address("198.51.100.5")));
    free(text);
}

static void reports_many_errors_at_once(void **state)
{
    (void)state;
    static char text[40 * 1000];
    struct net net;
    struct net_errors errors;
    size_t size = 0;
    for (int i = 0; i < 1000; i++)
        size += (size_t)snprintf(text + size, sizeof text - size, "nonsense-%d: 1\n", i);
    assert_false(net_parse(text, size, "f", &net, &errors));
    assert_int_equal(errors.count, NET_ERRORS_MAX);
    assert_true(errors.omitted > 900);
}

static void survives_every_cut(void **state)
{
    (void)state;
    for (size_t size = 0; size < strlen(good); size++) {
        struct net net;
        struct net_errors errors;
        char *exact = malloc(size + 1);
        memcpy(exact, good, size);
        bool parsed = net_parse(exact, size, "f", &net, &errors);
        assert_true(parsed == (errors.fatal == 0));
        free(exact);
    }
}

static void refuses_a_file_that_is_no_map(void **state)
{
    (void)state;
    struct net net;
    struct net_errors errors;
    char got[512];
    assert_false(net_parse("- a\n", 4, "f", &net, &errors));
    list_errors(&errors, got, sizeof got);
    assert_string_equal(got, "1: the file: a list where a map should be: write 'key: value' lines, "
                             "indented");
}

// A default is read like a value: it must be as good as one.
static void check_default(void *context, const char *path, const struct key *key)
{
    uint32_t *seen = context;
    (*seen)++;
    CHECK_ROW(path, key->doc && key->doc[0]);
    CHECK_ROW(path, (key->kind == KEY_MAP || key->kind == KEY_LIST) == (key->section != NULL));
    CHECK_ROW(path, key->min <= key->max);
}

static void has_a_sound_table(void **state)
{
    (void)state;
    uint32_t seen = 0;
    keys_walk(&(struct key_visit){check_default, &seen});
    assert_true(seen > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_everything_that_is_wrong),
        cmocka_unit_test(fills_in_what_the_file_says),
        cmocka_unit_test(fills_in_groups),
        cmocka_unit_test(fills_in_hooks),
        cmocka_unit_test(fills_in_own_prefixes),
        cmocka_unit_test(fills_in_defaults),
        cmocka_unit_test(reads_numbers_exactly),
        cmocka_unit_test(reads_targets_and_links),
        cmocka_unit_test(reports_many_errors_at_once),
        cmocka_unit_test(survives_every_cut),
        cmocka_unit_test(refuses_a_file_that_is_no_map),
        cmocka_unit_test(has_a_sound_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
