// SPDX-License-Identifier: ISC
// Who may see and act over HTTP, as the file has it and as it may not.
#include "base/check.h"
#include "net/parse.h"
#include "net/rights.h"

#include <stdlib.h>
#include <string.h>

#define HASH "$7$BU..../....RfSuCheY3WJguHsuvtFdB/$2ujoBDohf.eavtrFdi4fWXSLwkt4sucOjrvcuJCcqq7"
#define DIGEST "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

static const char file[] =
    "site: fra1\n"
    "bgp: {as: 64500, router_id: 198.51.100.5}\n"
    "routers: [{name: edge1, address: 198.51.100.1, families: [ipv4]}]\n"
    "upstreams: [{name: transit-a, router: edge1, next_hop: 10.0.1.1, probe: {mark: 1}},\n"
    "            {name: transit-b, router: edge1, next_hop: 10.0.2.1, probe: {mark: 2}}]\n"
    "targets:\n"
    "  - {name: far-1, address: 203.0.113.10}\n"
    "  - {name: far-2, address: 203.0.113.138}\n"
    "steer: {prefixes: 203.0.113.0/24, marker: 64500:666:1}\n"
    /* 10 */ "web: 198.51.100.5:8470\n"
    /* 11 */ "access:\n"
    /* 12 */ "  tls_certificate: /etc/fairlead/web.pem\n"
    /* 13 */ "  tls_key: /etc/fairlead/web.key\n"
    /* 14 */ "  url: 'https://fairlead.example.net:8470'\n"
    /* 15 */ "  link_secret_file: /etc/fairlead/link\n"
    /* 16 */ "  users:\n"
    /* 17 */ "    - {name: anna, password: " HASH ", rights: [read, ack, act]}\n"
    /* 18 */ "    - {name: ben, password: " HASH ", rights: read}\n"
    /* 19 */ "  tokens:\n"
    /* 20 */ "    - {name: pipeline, sha256: " DIGEST ", rights: ack, until: 2027-01-01 00:00}\n";

static void fills_in(void **state)
{
    (void)state;
    struct net *net = calloc(1, sizeof *net);
    struct net_errors errors;
    bool good = net_parse(file, sizeof file - 1, "f", net, &errors);
    if (!good || errors.count > 0)
        fail_msg("%s", errors.count ? errors.items[0].text : "?");
    const struct net_access *access = &net->access;
    assert_true(access->user_count == 2 && access->token_count == 1);
    assert_string_equal(access->tls_certificate, "/etc/fairlead/web.pem");
    assert_string_equal(access->tls_key, "/etc/fairlead/web.key");
    assert_string_equal(access->url, "https://fairlead.example.net:8470");
    assert_string_equal(access->link_secret, "/etc/fairlead/link");
    assert_string_equal(access->users[0].name, "anna");
    assert_string_equal(access->users[0].password, HASH);
    assert_true(access->users[0].rights == (RIGHT_READ | RIGHT_ACK | RIGHT_ACT));
    assert_true(access->users[1].rights == RIGHT_READ);  // no more than is said
    assert_string_equal(access->tokens[0].sha256, DIGEST);
    assert_true(access->tokens[0].rights == RIGHT_ACK);
    assert_true(access->tokens[0].until_s == 1798761600);
    free(net);
}

static const struct {
    const char *name, *old, *now, *error;
} rows[] = {
    {"no certificate", "  tls_certificate: /etc/fairlead/web.pem\n", "",
     "10: web: 198.51.100.5 is reachable from elsewhere: Fairlead refuses to listen beyond "
     "loopback "
     "without TLS and authentication: write 127.0.0.1 or [::1], or access.tls_certificate, "
     "access.tls_key and access.users\n"
     "12: access.tls_key: write access.tls_certificate, which it needs"},
    {"no key", "  tls_key: /etc/fairlead/web.key\n", "",
     "10: web: 198.51.100.5 is reachable from elsewhere: Fairlead refuses to listen beyond "
     "loopback "
     "without TLS and authentication: write 127.0.0.1 or [::1], or access.tls_certificate, "
     "access.tls_key and access.users\n"
     "12: access.tls_certificate: write access.tls_key, which it needs"},
    {"authorities without a key, on loopback",
     "web: 198.51.100.5:8470\naccess:\n"
     "  tls_certificate: /etc/fairlead/web.pem\n"
     "  tls_key: /etc/fairlead/web.key\n",
     "web: 127.0.0.1:8470\naccess:\n"
     "  tls_authorities: /etc/fairlead/people.pem\n",
     "12: access.tls_authorities: write access.tls_key, which it needs"},
    {"neither, of IPv6", "web: 198.51.100.5:8470\naccess:\n",
     "web: '[2001:db8::5]:8470'\nstore: {}\n\naccess: {}\nalert: {}\nsteered:\n",
     "10: web: 2001:db8::5 is reachable from elsewhere: Fairlead refuses to listen beyond loopback "
     "without TLS and authentication: write 127.0.0.1 or [::1], or access.tls_certificate, "
     "access.tls_key and access.users\n"
     "15: the file: unknown key 'steered': did you mean 'steer'?"},
    {"on loopback", "web: 198.51.100.5:8470", "web: 127.0.0.1:8470", ""},
    {"beyond, of IPv6", "web: 198.51.100.5:8470", "web: '[2001:db8::5]:8470'", ""},
    {"a password in clear", "ben, password: " HASH, "ben, password: hunter2",
     "18: access.users[1].password: this is no hash by scrypt: write what `fairlead password` "
     "prints"},
    {"a hash soon guessed", "ben, password: $7$B", "ben, password: $7$9",
     "18: access.users[1].password: this is no hash by scrypt: write what `fairlead password` "
     "prints"},
    {"a hash that takes long", "ben, password: $7$B", "ben, password: $7$E",
     "18: access.users[1].password: this is no hash by scrypt: write what `fairlead password` "
     "prints"},
    {"a hash of another sort", "ben, password: $7$", "ben, password: $6$",
     "18: access.users[1].password: this is no hash by scrypt: write what `fairlead password` "
     "prints"},
    {"a hash without its end", "ben, password: " HASH,
     "ben, password: $7$BU..../....RfSuCheY3WJgu$",
     "18: access.users[1].password: this is no hash by scrypt: write what `fairlead password` "
     "prints"},
    {"a hash of three bytes", "ben, password: " HASH, "ben, password: $7$",
     "18: access.users[1].password: this is no hash by scrypt: write what `fairlead password` "
     "prints"},
    {"no password", "password: " HASH ", rights: read", "rights: read",
     "18: access.users[1].password is missing: write 'password: TEXT' (what fairlead password "
     "prints: the hash of it, by scrypt)"},
    {"a token in clear", DIGEST, "hunter2",
     "20: access.tokens[0].sha256: these are not 64 hexadecimal digits: write what `fairlead "
     "password --token` prints"},
    {"a token for ever", ", until: 2027-01-01 00:00", "",
     "20: access.tokens[0].until is missing: write 'until: YYYY-MM-DD HH:MM' (it is refused from "
     "then on, UTC)"},
    {"a machine that lifts limits", "rights: ack, until", "rights: [read, admin], until",
     "20: access.tokens[0].rights: limits are lifted by people only (S18): remove admin"},
    {"a right of no such name", "[read, ack, act]", "[read, root]",
     "17: access.users[0].rights: 'root' is no right: write some of read, ack, act and admin"},
    {"two of one name", "name: ben", "name: anna",
     "18: access.users[1].name: 'anna' is also the name of access.users[0]: give each its own"},
    {"a token like a person", "name: pipeline", "name: ben",
     "20: access.tokens[0].name: 'ben' is also the name of access.users[1]: give each its own"},
    {"a path", "example.net:8470'", "example.net/fairlead'",
     "14: access.url: 'https://fairlead.example.net/fairlead' is not how a host is reached: write "
     "https://HOST:PORT, without a path"},
    {"no host", "https://fairlead.example.net:8470", "https://",
     "14: access.url: 'https://' is not how a host is reached: write https://HOST:PORT, without a "
     "path"},
    {"a link to nowhere", "  url: 'https://fairlead.example.net:8470'\n", "",
     "14: access.link_secret_file: write access.url, which it needs"},
};

// `file` with `old` replaced.
static void change(const char *old, const char *now, char *text)
{
    const char *place = strstr(file, old);
    assert_non_null(place);
    sprintf(text, "%.*s%s%s", (int)(place - file), file, now, place + strlen(old));
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    struct net *net = calloc(1, sizeof *net);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[2 * sizeof file], said[2048] = "";
        struct net_errors errors;
        change(rows[i].old, rows[i].now, text);
        (void)net_parse(text, strlen(text), "f", net, &errors);
        for (uint32_t j = 0; j < errors.count; j++)
            sprintf(said + strlen(said), "%s%u: %s", j ? "\n" : "", errors.items[j].line,
                    errors.items[j].text);
        if (strcmp(said, rows[i].error) != 0)
            fail_msg("row '%s': '%s'", rows[i].name, said);
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
