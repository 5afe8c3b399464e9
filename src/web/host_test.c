// SPDX-License-Identifier: ISC
#include "web/host.h"

#include "base/check.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(knows_its_own_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
