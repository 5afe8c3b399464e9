// SPDX-License-Identifier: ISC
#include "web/host.h"

#include "base/check.h"

#include <string.h>

static void knows_its_own_names(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        bool local;
    } hosts[] = {
        {"localhost", true},
        {"LocalHost:8470", true},
        {"127.0.0.1", true},
        {"127.0.0.1:80", true},
        {"[::1]:8470", true},
        {"[::1]", true},
        {"localhost.evil", false},
        {"127.0.0.1.evil:1", false},
        {"evil", false},
        {"", false},
        {"127.0.0.1:80x", false},
        {"127.0.0.12", false},
        {"::1", false},
    };
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++)
        CHECK_ROW(hosts[i].host, web_host_is_local(hosts[i].host) == hosts[i].local);
}

static void knows_how_people_reach_it(void **state)
{
    (void)state;
    static const struct {
        const char *url, *host;
        bool guarded, ours;
    } rows[] = {
        {"", "localhost:8470", false, true},
        {"", "fairlead.example.net", false, false},
        {"", "fairlead.example.net", true, true},  // it says nothing to strangers anyway
        {"https://fairlead.example.net", "fairlead.example.net", true, true},
        {"https://fairlead.example.net", "Fairlead.Example.Net", false, true},
        {"https://fairlead.example.net", "fairlead.example.net:8470", true, false},
        {"https://fairlead.example.net", "evil.example", true, false},
        {"https://fairlead.example.net", "127.0.0.1:8470", true, true},
        {"https://[2001:db8::5]:8470", "[2001:db8::5]:8470", true, true},
    };
    static struct net net;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        net.access = (struct net_access){.user_count = rows[i].guarded};
        strcpy(net.access.url, rows[i].url);
        strcpy(net.access.tls_certificate, rows[i].guarded ? "a" : "");
        strcpy(net.access.tls_key, rows[i].guarded ? "a" : "");
        CHECK_ROW(rows[i].host, web_host_is_ours(&net, rows[i].host) == rows[i].ours);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(knows_its_own_names),
                                       cmocka_unit_test(knows_how_people_reach_it)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
