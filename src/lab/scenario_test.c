// SPDX-License-Identifier: ISC
#include "lab/scenario.h"

#include "base/check.h"
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// A small scenario that is right; each row of the tests replaces one part of it.
static const char good[] =
    "summary: s\n"
    "nodes:\n"
    "  - {name: a, kind: router, daemon: bird, config: a.conf}\n"
    "  - {name: b}\n"
    "links: [[a/to-b, b/to-a]]\n"
    "guard: {node: b, config: f.yaml}\n"
    "traffic:\n"
    "  from: a\n"
    "  usual: up\n"
    "  to: [{node: b, address: [192.0.2.1, '2001:db8::1'], passes: {up: 2}}]\n"
    "faults: [{node: a, loss_percent: 38, until_s: 5, blames: up}]\n"
    "expect: {false_actions: 0, detect_p50_ms: 300}\n";

struct place {  // a directory with a scenario in it
    char directory[64], file[96];
};

static struct place place_of(const char *text)
{
    struct place place = {.directory = "/tmp/scenario-test-XXXXXX"};
    assert_non_null(mkdtemp(place.directory));
    snprintf(place.file, sizeof place.file, "%s/scenario.yaml", place.directory);
    FILE *file = fopen(place.file, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return place;
}

static void place_remove(const struct place *place)
{
    unlink(place->file);
    rmdir(place->directory);
}

static char *replaced(const char *from, const char *to)
{
    char *text = calloc(1, sizeof good + 512);
    const char *at = strstr(good, from);
    assert_non_null(at);
    sprintf(text, "%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
    return text;
}

static void good_ones(void **state)
{
    (void)state;
    static struct scenario s;
    static struct net_errors errors;
    struct place place = place_of(good);
    const char *names[] = {place.directory, place.file};
    for (size_t i = 0; i < 2; i++) {
        CHECK_ROW(names[i], scenario_open(&s, names[i], &errors));
        assert_string_equal(s.name, place.directory + strlen("/tmp/"));
        assert_int_equal(s.node_count, 2);
        assert_int_equal(s.nodes[0].daemon, SCENARIO_BIRD);
        assert_string_equal(s.links[0][1].port, "to-a");
        assert_int_equal(s.traffic.targets[0].passes[s.traffic.usual], 2);
        assert_int_equal(scenario_outage(&s)->loss_ppm, 380000);
        assert_true(scenario_outage(&s)->until_ns == 5 * (int64_t)NS_PER_S);
        assert_int_equal(s.expect.detect_p50_ms, 300);
        assert_int_equal(s.expect.detect_p95_ms, UINT32_MAX);
        scenario_close(&s);
    }
    place_remove(&place);
}

static void bad_ones(void **state)
{
    (void)state;
    static const struct {
        const char *name, *from, *to, *error;  // the error with its line
    } rows[] = {
        {"unknown key",
         "guard:", "gard: 1\nguard:", ":6: unknown key 'gard': did you mean 'guard'?"},
        {"missing", "summary: s\n", "", ":1: 'summary' is missing"},
        {"no such node", "guard: {node: b", "guard: {node: c",
         ":6: 'node': no node of the name 'c'"},
        {"second of a name", "{name: b}", "{name: a}", ":4: a second node of the name 'a'"},
        {"not a kind", "kind: router", "kind: modem", ":3: 'kind' cannot be 'modem'"},
        {"daemon without config", ", config: a.conf", "", ":3: a daemon needs a config"},
        {"end without port", "a/to-b", "a", ":5: not an end of a link"},
        {"end of nobody", "a/to-b", "x/to-b", ":5: no node of this name"},
        {"port too long", "a/to-b", "a/abcdefghijklmnop", ":5: not an end of a link"},
        {"one family only", ", '2001:db8::1'", "", ":8: to[0] has no ipv6 address"},
        {"not an address", "192.0.2.1,", "192.0.2.256,", ":10: not an address"},
        {"too much loss", "loss_percent: 38", "loss_percent: 138",
         ":11: 'loss_percent' must be a number"},
        {"no fault", "loss_percent: 38, ", "", ":11: nothing breaks"},
        {"not a number", "until_s: 5", "until_s: soon", ":11: 'until_s' must be a number"},
        {"a list wanted", "links: [[a/to-b, b/to-a]]", "links: 5", ":5: 'links' must be a list"},
        {"burst of everything", "until_s: 5, blames: up", "every_s: 60, for_ms: 50",
         ":11: a burst needs 'from'"},
        {"burst of commands", "until_s: 5, blames: up",
         "from: to-b, every_s: 60, for_ms: 50, begin: [x], end: [y]", ":11: a burst is a loss"},
        {"begin without end", "until_s: 5", "begin: [ip link]", ":11: 'begin' and 'end' belong"},
        {"late, and no wire", "until_s: 5", "delay_ms: 5", ":11: only a wire is late"},
        {"switch that loses", "kind: router", "kind: switch", ":11: only routers and hosts lose"},
        {"host that forwards", "node: a, loss", "node: b, to: to-a, loss",
         ":11: only what a router forwards"},
        {"port of ICMP", "until_s: 5", "protocol: icmp, port: 1", ":11: a port needs a protocol"},
        {"not a protocol", "until_s: 5", "protocol: sctp", ":11: 'protocol' cannot be 'sctp'"},
        {"tuples of none", "until_s: 5", "tuples: {dead: 1}", ":11: 'of' is missing"},
        {"no such class", "until_s: 5", "dscp: 64", ":11: 'dscp' must be a number"},
        {"said after nothing", "detect_p50_ms: 300",
         "said: [{words: [a], within_s: 1, after: burst}]", ":12: no fault of this name: 'burst'"},
        {"nothing said", "detect_p50_ms: 300", "said: [{within_s: 1}]", ":12: nothing is said"},
        {"said whenever", "detect_p50_ms: 300", "said: [{words: [a]}]",
         ":12: 'within_s' is missing"},
        {"devices that break", "until_s: 5", "by: devices, begin: [a]",
         ":11: devices tell by commands"},
        {"names without a time", "detect_p50_ms: 300", "name_p95_ms: 3000",
         ":12: 'name_p95_ms' needs 'names'"},
        {"a name that is no map", "detect_p50_ms: 300", "names: [transit-a]", ":12: not a part"},
        {"mix of nothing known", "  usual: up", "  usual: up\n  mix: [{colour: 3}]",
         ":10: unknown key 'colour'"},
        {"like nothing", "summary: s", "like: no-such-scenario",
         ":1: cannot read the scenario 'no-such-scenario'"},
    };
    static struct scenario s;
    static struct net_errors errors;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *text = replaced(rows[i].from, rows[i].to), line[NET_ERROR_LINE_MAX];
        struct place place = place_of(text);
        bool found = false;
        CHECK_ROW(rows[i].name, !scenario_open(&s, place.file, &errors));
        for (uint32_t e = 0; e < errors.count && !found; e++)
            found = strstr(net_error_format(&errors, e, line, sizeof line), rows[i].error) != NULL;
        CHECK_ROW(rows[i].name, found);
        scenario_close(&s);
        place_remove(&place);
        free(text);
    }
}

// Every key of a fault and of the traffic's sorts.
static void details(void **state)
{
    (void)state;
    static struct scenario s;
    static struct net_errors errors;
    char *text = replaced("loss_percent: 38, until_s: 5",
                          "loss_percent: 100, from: to-b, to: to-c, family: ipv6, protocol: udp, "
                          "port: 862, dscp: 46, above_bytes: 1400, above_pps: 20, "
                          "tuples: {dead: 3, of: 100}, begin: [ip a, ip b], end: [ip c]");
    strcpy(strstr(text, "expect:"),
           "expect: {names: [{family: ipv6}], name_p95_ms: 3000, wrong_names: 0, acts: 0}\n");
    struct place place = place_of(text);
    assert_true(scenario_open(&s, place.file, &errors));
    const struct scenario_fault *fault = scenario_outage(&s);
    assert_string_equal(fault->from, "to-b");
    assert_string_equal(fault->to, "to-c");
    assert_string_equal(fault->protocol, "udp");
    assert_int_equal(fault->family, FAMILY_IPV6);
    assert_int_equal(fault->port, 862);
    assert_int_equal(fault->dscp, 46);
    assert_int_equal(fault->above_bytes, 1400);
    assert_int_equal(fault->above_pps, 20);
    assert_int_equal(fault->tuples_dead, 3);
    assert_int_equal(fault->tuples_of, 100);
    assert_true(fault->delay_ns == -1);
    assert_string_equal(fault->begin->first->next->text, "ip b");
    assert_string_equal(fault->end->first->text, "ip c");
    assert_int_equal(s.expect.name_p95_ms, 3000);
    assert_int_equal(s.expect.wrong_names, 0);
    assert_int_equal(s.expect.acts, 0);
    assert_string_equal(tree_find(s.expect.names->first, "family")->text, "ipv6");
    assert_int_equal(s.traffic.ports, 1);
    assert_int_equal(s.traffic.mix_count, 1);
    scenario_close(&s);
    place_remove(&place);
    free(text);
}

// A scenario like one that is like another: what each adds, replaces and leaves.
static void likes(void **state)
{
    (void)state;
    static struct scenario s;
    static struct net_errors errors;
    assert_true(scenario_open(&s, "bucket-dead", &errors));
    assert_int_equal(s.tree_count, 3);
    assert_string_equal(s.nodes[scenario_node_find(&s, "core-8")].name, "core-8");
    assert_non_null(tree_find(s.nodes[scenario_node_find(&s, "transit-a")].addresses, "to-core-1"));
    assert_null(tree_find(s.nodes[scenario_node_find(&s, "transit-a")].addresses, "to-far"));
    assert_int_equal(s.traffic.ports, 1024);
    assert_int_equal(s.traffic.target_count, 4);
    char path[512];
    assert_true(scenario_path(&s, "transit-a.conf", path, sizeof path));
    assert_non_null(strstr(path, "cloudscale/transit-a.conf"));
    assert_true(scenario_path(&s, "transit-b.conf", path, sizeof path));
    assert_non_null(strstr(path, "telia/transit-b.conf"));
    scenario_close(&s);
    assert_true(scenario_open(&s, "latency-step", &errors));
    assert_int_equal(s.link_count, 15);  // one became two
    assert_int_equal(s.nodes[scenario_node_find(&s, "fibre")].kind, SCENARIO_WIRE);
    assert_true(s.traffic.late_ns == 12 * (int64_t)NS_PER_MS);
    assert_int_equal(s.traffic.rate_pps, 1000);
    scenario_close(&s);
}

static void absent(void **state)
{
    (void)state;
    static struct scenario s;
    static struct net_errors errors;
    const char *names[] = {"no-such", "/no/such", "/no/such/scenario.yaml", ""};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        CHECK_ROW(names[i], !scenario_open(&s, names[i], &errors));
        scenario_close(&s);
    }
}

// Whichever of its ends a new link takes, the old link is gone.
static void links_replaced(void **state)
{
    (void)state;
    static struct scenario s;
    static struct net_errors errors;
    static const char *const links[] = {"[far/to-b, edge2/x]", "[edge2/x, transit-b/to-far]"};
    for (size_t i = 0; i < 2; i++) {
        char text[128];
        snprintf(text, sizeof text, "like: telia\nlinks: [%s]\n", links[i]);
        struct place place = place_of(text);
        CHECK_ROW(links[i], scenario_open(&s, place.file, &errors));
        CHECK_ROW(links[i], s.link_count == 14);
        scenario_close(&s);
        place_remove(&place);
    }
}

// What is shipped is right, and what is like another has its network.
static void shipped(void **state)
{
    (void)state;
    static struct scenario s;
    static struct net_errors errors;
    static const struct {
        const char *name;
        uint32_t nodes;
        bool outage;
    } rows[] = {
        {"telia", 12, true},          {"telia-healthy", 12, false},
        {"telia-unused", 12, false},  {"cloudscale", 20, true},
        {"bucket-dead", 20, true},    {"tuples-dead", 20, true},
        {"dataforest", 14, true},     {"latency-step", 13, true},
        {"reverse-loss", 12, true},   {"dscp-loss", 12, true},
        {"mtu-hole", 12, true},       {"bursts", 12, false},
        {"target-dead", 12, false},   {"all-lossy", 12, false},
        {"icmp-policed", 12, false},  {"reflector-limited", 12, false},
        {"arveon", 20, false},        {"ovh-gandi", 13, true},
        {"dataforest-day", 14, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char line[NET_ERROR_LINE_MAX];
        if (!scenario_open(&s, rows[i].name, &errors))
            fail_msg("%s", net_error_format(&errors, 0, line, sizeof line));
        CHECK_ROW(rows[i].name, strcmp(s.name, rows[i].name) == 0);
        CHECK_ROW(rows[i].name, s.node_count == rows[i].nodes);
        CHECK_ROW(rows[i].name, (scenario_outage(&s) != NULL) == rows[i].outage);
        // Nobody may act, or a part is to blame.
        CHECK_ROW(rows[i].name, s.expect.false_actions == 0);
        scenario_close(&s);
    }
}

// A destination in two nodes, and another way while no Fairlead is there.
static void anycast(void **state)
{
    (void)state;
    char *text =
        replaced("to: [{node: b, address", "without: down\n  to: [{node: b, also: a, address");
    struct place place = place_of(text);
    static struct scenario s;
    static struct net_errors errors;
    assert_true(scenario_open(&s, place.file, &errors));
    assert_int_equal(s.traffic.targets[0].node, 1);
    assert_int_equal(s.traffic.targets[0].also, 0);
    assert_string_equal(s.traffic.ways[s.traffic.usual], "up");
    assert_string_equal(s.traffic.ways[s.traffic.without], "down");
    scenario_close(&s);
    place_remove(&place);
    free(text);
    place = place_of(good);
    assert_true(scenario_open(&s, place.file, &errors));
    assert_int_equal(s.traffic.targets[0].also, UINT32_MAX);
    assert_int_equal(s.traffic.without, s.traffic.usual);
    scenario_close(&s);
    place_remove(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(anycast), cmocka_unit_test(good_ones), cmocka_unit_test(bad_ones),
        cmocka_unit_test(details), cmocka_unit_test(likes),     cmocka_unit_test(links_replaced),
        cmocka_unit_test(absent),  cmocka_unit_test(shipped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
