// SPDX-License-Identifier: ISC
// Who we are to an etcd that asks, as the file has it and as it may not.
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
    "changes: {etcd: [{prefix: /net/, devices: '/net/{device}', %s}]}\n";

#define SECRET ", user: fairlead, secret_file: /etc/fairlead/etcd"
#define CLEAR "changes.etcd[0].url: anybody on the way reads the secret: write https"

static const struct {
    const char *etcd, *error;
} rows[] = {
    {"url: 'https://etcd.example.net:2379'" SECRET, ""},
    {"url: 'https://etcd.example.net:2379', secret_file: /etc/fairlead/token", ""},
    {"url: 'http://etcd.example.net:2379'", ""},
    {"url: 'http://127.0.0.1:2379'" SECRET, ""},
    {"url: 'http://[::1]:2379'" SECRET, ""},
    {"url: 'http://localhost:2379'" SECRET, ""},
    {"url: 'http://localhost.example.net:2379'" SECRET, CLEAR},
    {"url: 'http://127.example.net:2379'" SECRET, CLEAR},
    {"url: 'http://192.0.2.1:2379'" SECRET, CLEAR},
    {"url: 'http://[2001:db8::1]:2379'" SECRET, CLEAR},
    {"url: 'https://[2001:db8::1]:2379', user: fairlead",
     "changes.etcd[0].user: 'fairlead' has no password: write secret_file"},
    {"url: 'https://[2001:db8::1]:2379', secret_file: etcd",
     "changes.etcd[0].secret_file: 'etcd' is no absolute path"},
};

static void says_what_is_wrong(void **state)
{
    (void)state;
    struct net *net = calloc(1, sizeof *net);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct net_errors errors;
        char text[2048], said[512] = "";
        int size = snprintf(text, sizeof text, file, rows[i].etcd);
        net_parse(text, (size_t)size, "f", net, &errors);
        if (errors.count > 0)
            snprintf(said, sizeof said, "%s", errors.items[0].text);
        if (errors.count > 1 || strcmp(said, rows[i].error) != 0)
            fail_msg("'%s' gives '%s', not '%s'", rows[i].etcd, said, rows[i].error);
    }
    free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(says_what_is_wrong)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
