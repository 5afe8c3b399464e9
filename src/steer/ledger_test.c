// SPDX-License-Identifier: ISC
#include "steer/ledger.h"

#include "base/check.h"

#include <stdlib.h>

static struct permit permit(uint32_t router, const char *text, uint32_t upstream)
{
    return (struct permit){.router = router, .upstream = upstream, .prefix = check_prefix(text)};
}

static void keeps_one_for_each_router_and_prefix(void **state)
{
    (void)state;
    struct ledger *ledger = calloc(1, sizeof *ledger);
    struct permit a = permit(0, "20.1.0.0/16", 0), b = permit(1, "20.1.0.0/16", 0);
    struct permit c = permit(0, "2a10::/32", 0), other = permit(0, "20.1.0.0/16", 1);
    ledger_put(ledger, &a);
    ledger_put(ledger, &b);
    ledger_put(ledger, &c);
    ledger_put(ledger, &other);
    assert_int_equal(ledger->count, 3);
    assert_int_equal(ledger_find(ledger, 0, a.prefix)->upstream, 1);
    assert_int_equal(ledger_find(ledger, 1, a.prefix)->upstream, 0);
    assert_null(ledger_find(ledger, 2, a.prefix));
    assert_int_equal(ledger_count(ledger, NET_NOBODY, FAMILY_NONE), 3);
    assert_int_equal(ledger_count(ledger, 0, FAMILY_NONE), 2);
    assert_int_equal(ledger_count(ledger, 0, FAMILY_IPV6), 1);
    assert_int_equal(ledger_count(ledger, NET_NOBODY, FAMILY_IPV4), 2);

    ledger_strike(ledger, ledger_find(ledger, 0, a.prefix));
    assert_null(ledger_find(ledger, 0, a.prefix));
    assert_non_null(ledger_find(ledger, 1, a.prefix));
    assert_non_null(ledger_find(ledger, 0, c.prefix));
    ledger_strike(ledger, ledger_find(ledger, 0, c.prefix));
    ledger_strike(ledger, ledger_find(ledger, 1, a.prefix));
    assert_int_equal(ledger->count, 0);
    free(ledger);
}

static void a_permit_differs_in_any_field(void **state)
{
    (void)state;
    const struct permit same = {.router = 1, .as_path_size = 4, .as_path = {2, 1, 0, 7}};
    struct permit changed[] = {same, same, same, same, same, same, same, same, same, same};
    changed[0].router = 2;
    changed[1].upstream = 2;
    changed[2].prefix.length = 2;
    changed[3].next_hop.bytes[0] = 2;
    changed[4].local_pref = 2;
    changed[5].marker.local2 = 2;
    changed[6].no_export = true;
    changed[7].origin = 2;
    changed[8].as_path_size = 3;
    changed[9].as_path[3] = 8;
    assert_true(permit_equal(&same, &same));
    for (size_t i = 0; i < sizeof changed / sizeof changed[0]; i++)
        assert_false(permit_equal(&same, &changed[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_one_for_each_router_and_prefix),
        cmocka_unit_test(a_permit_differs_in_any_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
