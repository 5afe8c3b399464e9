// SPDX-License-Identifier: ISC
// Devices that are asked over SSH, as the file has them and as it may not.
#include "base/check.h"
#include "net/parse.h"

#include <stdlib.h>
#include <string.h>

static const char file[] =
    "site: fra1\n"
    "bgp: {as: 64500, router_id: 198.51.100.5}\n"
    "routers: [{name: edge1, address: 198.51.100.1, families: [ipv4]}]\n"
    "upstreams: [{name: transit-a, router: edge1, next_hop: 10.0.1.1, probe: {mark: 1}},\n"
    "            {name: transit-b, router: edge1, next_hop: 10.0.2.1, probe: {mark: 2}}]\n"
    "targets: [{name: far-1, address: 203.0.113.10}, {name: far-2, address: 203.0.113.138}]\n"
    "steer: {prefixes: 203.0.113.0/24, marker: 64500:666:1}\n"
    "ssh: {%s}\n";

#define WHO "user: fairlead, key_file: /k, known_hosts: /h"
#define ALONE "vendors: [{name: junos, commands: ['show chassis alarms', show bfd session]}]"
#define VENDORS ", " ALONE
#define DEVICES                                                                                    \
    ", devices: [{name: edge1, address: '2001:db8::1', vendor: junos},"                            \
    " {name: edge2, address: 192.0.2.2, port: 830, vendor: junos}]"

static bool parse(const char *ssh, struct net *net, struct net_errors *errors)
{
    char text[2048];
    int size = snprintf(text, sizeof text, file, ssh);
    return net_parse(text, (size_t)size, "f", net, errors);
}

static void fills_in(void **state)
{
    (void)state;
    struct net *net = calloc(1, sizeof *net);
    struct net_errors errors;
    if (!parse(WHO VENDORS DEVICES, net, &errors) || errors.count > 0)
        fail_msg("%s", errors.count ? errors.items[0].text : "?");
    const struct net_ssh *ssh = &net->ssh;
    assert_string_equal(ssh->user, "fairlead");
    assert_string_equal(ssh->key_file, "/k");
    assert_string_equal(ssh->known_hosts, "/h");
    assert_true(ssh->interval_ns == 30LL * NS_PER_S && ssh->timeout_ns == 10LL * NS_PER_S);
    assert_int_equal(ssh->vendors[0].commands.count, 2);
    assert_string_equal(ssh->vendors[0].commands.items[1], "show bfd session");
    assert_int_equal(ssh->device_count, 2);
    assert_true(address_equal(ssh->devices[0].address, check_address("2001:db8::1")));
    assert_int_equal(ssh->devices[0].port, 22);
    assert_int_equal(ssh->devices[1].port, 830);
    free(net);
}

static const struct {
    const char *ssh, *error;
} rows[] = {
    {"", ""},
    {ALONE, ""},
    {WHO VENDORS ", devices: [{name: e, address: 192.0.2.1, vendor: eos}]",
     "ssh.devices[0].vendor: no ssh.vendors has the name 'eos'"},
    {WHO VENDORS ", devices: [{name: e, address: 192.0.2.1, vendor: junos}, {name: e, address: "
                 "192.0.2.2, vendor: junos}]",
     "ssh.devices[1].name: 'e' is also ssh.devices[0]: write each once"},
    {WHO ", vendors: [{name: a, commands: [x]}, {name: a, commands: [y]}]",
     "ssh.vendors[1].name: 'a' is also ssh.vendors[0]: write each once"},
    {WHO ", vendors: [{name: a, commands: []}]",
     "ssh.vendors[0].commands: the list is empty: write [TEXT, ...]"},
    {"user: fairlead, known_hosts: /h" VENDORS DEVICES,
     "ssh.devices: nobody can be asked without ssh.key_file: write it"},
    {"user: fairlead, key_file: /k" VENDORS DEVICES,
     "ssh.devices: nobody can be asked without ssh.known_hosts: write it"},
    {"key_file: /k, known_hosts: /h" VENDORS DEVICES,
     "ssh.devices: nobody can be asked without ssh.user: write it"},
    {"user: fairlead, key_file: k, known_hosts: /h", "ssh.key_file: 'k' is no absolute path"},
};

static void says_what_is_wrong(void **state)
{
    (void)state;
    struct net *net = calloc(1, sizeof *net);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct net_errors errors;
        parse(rows[i].ssh, net, &errors);
        const char *error = errors.count > 0 ? errors.items[0].text : "";
        if (errors.count > 1 || strcmp(error, rows[i].error) != 0)
            fail_msg("'%s' gives '%s', not '%s'", rows[i].ssh, error, rows[i].error);
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
