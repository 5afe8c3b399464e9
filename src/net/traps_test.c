// SPDX-License-Identifier: ISC
// Who may send traps, as the file has it and as it may not.
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
    "syslog: {devices: [{name: edge1, address: [192.0.2.1, '2001:db8::1']}]}\n"
    "traps: {%s}\n";

static bool parse(const char *traps, struct net *net, struct net_errors *errors)
{
    char text[2048];
    int size = snprintf(text, sizeof text, file, traps);
    return net_parse(text, (size_t)size, "f", net, errors);
}

static void fills_in(void **state)
{
    (void)state;
    struct net *net = calloc(1, sizeof *net);
    struct net_errors errors;
    if (!parse(
            "listen: [192.0.2.5, '2001:db8::5'], community: s3cret, users: [{name: a, engine_id: "
            "'8000000001', auth_key: longenough, priv_key: longenough2}, {name: b, auth: "
            "SHA-256}]",
            net, &errors) ||
        errors.count > 0)
        fail_msg("%s", errors.count ? errors.items[0].text : "?");
    const struct net_traps *traps = &net->traps;
    assert_true(address_equal(traps->listen[FAMILY_IPV6], check_address("2001:db8::5")));
    assert_int_equal(traps->port, 162);
    assert_string_equal(traps->community, "s3cret");
    assert_int_equal(traps->user_count, 2);
    assert_string_equal(traps->users[0].engine_id, "8000000001");
    assert_string_equal(traps->users[0].auth, "SHA");
    assert_string_equal(traps->users[0].priv_key, "longenough2");
    assert_string_equal(traps->users[1].auth, "SHA-256");
    free(net);
}

static const struct {
    const char *traps, *error;
} rows[] = {
    {"", ""},
    {"listen: '::', community: x", ""},
    {"listen: '::'", "traps.listen: every trap will be refused: write a community or users"},
    {"users: [{name: a, engine_id: '0x80000000013'}]",
     "traps.users[0].engine_id: 10 to 64 hexadecimal digits are wanted"},
    {"users: [{name: a, engine_id: 'edge1edge1'}]",
     "traps.users[0].engine_id: 10 to 64 hexadecimal digits are wanted"},
    {"users: [{name: a, auth: MD5}]",
     "traps.users[0].auth: SHA, SHA-224, SHA-256, SHA-384 or SHA-512 is wanted"},
    {"users: [{name: a, priv_key: longenough}]",
     "traps.users[0].priv_key: it needs an auth_key beside it (RFC 3411 §3.4.3)"},
    {"users: [{name: a, auth_key: longenough}, {name: a, engine_id: '8000000001'}]",
     "traps.users[1].name: the same name has other keys above"},
    {"users: [{name: a, auth_key: short}]",
     "traps.users[0].auth_key: 'short' is too short: write at least 8 bytes"},
};

static void says_what_is_wrong(void **state)
{
    (void)state;
    struct net *net = calloc(1, sizeof *net);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct net_errors errors;
        parse(rows[i].traps, net, &errors);
        const char *error = errors.count > 0 ? errors.items[0].text : "";
        if (errors.count > 1 || strcmp(error, rows[i].error) != 0)
            fail_msg("'%s' gives '%s', not '%s'", rows[i].traps, error, rows[i].error);
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
