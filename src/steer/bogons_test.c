// SPDX-License-Identifier: ISC
#include "steer/bogons.h"

#include "base/check.h"

#include <string.h>

static void knows_the_bogons(void **state)
{
    (void)state;
    static const struct {
        const char *prefix, *name;
    } table[] = {
        {"0.1.0.0/16", "this network"},
        {"10.0.0.0/8", "private use"},
        {"100.64.0.0/10", "shared address space"},
        {"100.128.0.0/16", NULL},
        {"127.0.0.0/24", "loopback"},
        {"169.254.7.0/24", "link-local"},
        {"172.16.0.0/12", "private use"},
        {"172.32.0.0/16", NULL},
        {"192.0.0.0/24", "protocol assignments"},
        {"192.0.1.0/24", NULL},
        {"192.0.2.0/24", "documentation"},
        {"192.88.99.0/24", "6to4 relay anycast"},
        {"192.168.0.0/16", "private use"},
        {"198.18.0.0/15", "benchmarking"},
        {"198.51.100.0/24", "documentation"},
        {"203.0.113.0/24", "documentation"},
        {"223.255.255.0/24", NULL},
        {"224.0.0.0/8", "multicast"},
        {"240.0.0.0/8", "reserved"},
        {"255.255.255.0/24", "reserved"},
        {"8.8.8.0/24", NULL},
        {"0.0.0.0/0", "this network"},
        {"128.0.0.0/1", "link-local"},
        {"64.0.0.0/2", "shared address space"},
        {"203.0.113.77/32", "documentation"},
        {"203.0.114.0/32", NULL},
        {"64:ff9b::/32", "not global unicast"},
        {"2001::/32", "protocol assignments"},
        {"2001:1ff::/32", "protocol assignments"},
        {"2001:200::/32", NULL},
        {"2001:db8::/48", "documentation"},
        {"2002:1::/32", "6to4"},
        {"::/0", "not global unicast"},
        {"2000::/3", "protocol assignments"},
        {"2001:db8::1/128", "documentation"},
        {"2001:db9::1/128", NULL},
        {"2a00::/20", NULL},
        {"3fff:100::/32", "documentation"},
        {"3fff:1000::/32", NULL},
        {"4000::/32", "not global unicast"},
        {"fc00::/32", "not global unicast"},
        {"fe80::/32", "not global unicast"},
        {"ff02::/32", "not global unicast"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const struct bogon *bogon = bogon_find(check_prefix(table[i].prefix));
        CHECK_ROW(table[i].prefix, (bogon != NULL) == (table[i].name != NULL));
        CHECK_ROW(table[i].prefix, !bogon || strcmp(bogon->name, table[i].name) == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_bogons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
