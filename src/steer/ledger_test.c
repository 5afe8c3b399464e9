// SPDX-License-Identifier: ISC
#include "steer/ledger.h"

#include "base/check.h"
#include "base/random.h"

#include <stdlib.h>

static struct permit permit(uint32_t router, const char *text, uint32_t upstream)
{
    return (struct permit){.router = router, .upstream = upstream, .prefix = check_prefix(text)};
}

static void keeps_one_for_each_router_and_prefix(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_new(&ledger_limits);
    struct permit a = permit(0, "20.1.0.0/16", 0), b = permit(1, "20.1.0.0/16", 0);
    struct permit c = permit(0, "2a10::/32", 0), other = permit(0, "20.1.0.0/16", 1);
    ledger_put(ledger, &a);
    ledger_put(ledger, &b);
    ledger_put(ledger, &c);
    ledger_put(ledger, &other);
    assert_int_equal(ledger->count, 3);
    assert_int_equal(ledger_find(ledger, 0, a.prefix)->permit.upstream, 1);
    assert_int_equal(ledger_find(ledger, 1, a.prefix)->permit.upstream, 0);
    assert_null(ledger_find(ledger, 2, a.prefix));
    assert_int_equal(ledger_count(ledger, PERMIT_OVERRIDE, NET_NOBODY, FAMILY_NONE), 3);
    assert_int_equal(ledger_count(ledger, PERMIT_OVERRIDE, 0, FAMILY_NONE), 2);
    assert_int_equal(ledger_count(ledger, PERMIT_OVERRIDE, 0, FAMILY_IPV6), 1);
    assert_int_equal(ledger_count(ledger, PERMIT_OVERRIDE, NET_NOBODY, FAMILY_IPV4), 2);

    ledger_strike(ledger, ledger_find(ledger, 0, a.prefix));
    assert_null(ledger_find(ledger, 0, a.prefix));
    assert_non_null(ledger_find(ledger, 1, a.prefix));
    assert_non_null(ledger_find(ledger, 0, c.prefix));
    ledger_strike(ledger, ledger_find(ledger, 0, c.prefix));
    ledger_strike(ledger, ledger_find(ledger, 1, a.prefix));
    assert_int_equal(ledger->count, 0);
    ledger_free(ledger);
}

// Random entries and strikes against a plain array: the same stand, and the counts are theirs.
static void agrees_with_a_plain_list(void **state)
{
    (void)state;
    enum { KINDS = 64, LIMIT = 40 };
    struct ledger *ledger = ledger_new(&(struct ledger_limits){.all = LIMIT});
    uint32_t stands[KINDS] = {0}, count = 0;  // upstream, and 1
    bool heard[KINDS] = {false};
    struct random random = {5};
    for (int step = 0; step < 50000; step++) {
        uint64_t r = random_u64(&random);
        uint32_t kind = r % KINDS, router = kind & 3;
        char text[PREFIX_TEXT_MAX];
        snprintf(text, sizeof text, kind & 4 ? "2a10:%x::/32" : "20.%u.0.0/16", kind >> 3);
        struct permit p = permit(router, text, r >> 32 & 3);
        const struct standing *found = ledger_find(ledger, router, p.prefix);
        assert_true((found != NULL) == (stands[kind] != 0));
        assert_true(!found || found->permit.upstream == stands[kind] - 1);
        assert_true(!found || found->heard == heard[kind]);
        if (found && r >> 40 & 1) {
            ledger_strike(ledger, found);
            count--;
            stands[kind] = heard[kind] = 0;
        } else if (found || count < LIMIT) {
            ledger_put(ledger, &p);
            count += !found;
            stands[kind] = p.upstream + 1;
        }
        found = ledger_find(ledger, router, p.prefix);
        if (found && r >> 41 & 1) {
            ledger_said(ledger, found);
            heard[kind] = true;
        }
        if ((r >> 42 & 1023) == 0)
            ledger_say_again(ledger, router, p.prefix.address.family);
        uint32_t unsaid = 0, counted = 0;
        for (uint32_t i = 0; i < ledger->count; i++) {
            const struct standing *s = &ledger->standings[i];
            bool same = s->permit.router == router &&
                        s->permit.prefix.address.family == p.prefix.address.family;
            unsaid += same && !s->said;
            counted += same;
        }
        assert_int_equal(ledger->count, count);
        assert_int_equal(ledger->unsaid[router][p.prefix.address.family], unsaid);
        assert_int_equal(ledger_count(ledger, PERMIT_OVERRIDE, router, p.prefix.address.family),
                         counted);
    }
    ledger_free(ledger);
}

// What was heard stays heard when it is replaced; what is said again was heard.
static void knows_what_the_router_knows(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_new(&ledger_limits);
    struct permit a = permit(0, "20.1.0.0/16", 0), other = permit(0, "20.1.0.0/16", 1);
    ledger_put(ledger, &a);
    const struct standing *standing = ledger_find(ledger, 0, a.prefix);
    assert_false(standing->said || standing->heard);
    ledger_said(ledger, standing);
    assert_true(standing->said && standing->heard);
    ledger_put(ledger, &other);
    assert_true(!standing->said && standing->heard);
    ledger_said(ledger, standing);
    ledger_say_again(ledger, 0, FAMILY_IPV6);
    assert_true(standing->said);
    ledger_say_again(ledger, 0, FAMILY_IPV4);
    assert_true(!standing->said && standing->heard);
    ledger_strike(ledger, standing);
    ledger_put(ledger, &a);
    assert_false(ledger_find(ledger, 0, a.prefix)->heard);
    ledger_heard(ledger, ledger_find(ledger, 0, a.prefix));
    assert_true(standing->heard && !standing->said);
    ledger_free(ledger);
}

static void fill_path(uint8_t *path, uint16_t size)
{
    for (uint16_t i = 0; i < size; i++)
        path[i] = (uint8_t)(size + i * 7);
}

// Whatever becomes of the bytes that a permit was made with, and of its neighbours in the ledger.
static void keeps_paths_of_any_length(void **state)
{
    (void)state;
    static const uint16_t sizes[] = {
        PERMIT_AS_PATH_BYTES_MAX, 0,   STANDING_PATH_BYTES, STANDING_PATH_BYTES + 1, 6,
        PERMIT_AS_PATH_BYTES_MAX, 1020};
    enum { SIZES = sizeof sizes / sizeof sizes[0] };
    struct permit permits[SIZES];
    for (uint32_t first = 0; first < SIZES; first++) {
        struct ledger *ledger = ledger_new(&ledger_limits);
        uint8_t path[PERMIT_AS_PATH_BYTES_MAX], wanted[PERMIT_AS_PATH_BYTES_MAX];
        for (uint32_t i = 0; i < SIZES; i++) {
            permits[i] = permit(i, i & 1 ? "2a10::/32" : "20.1.0.0/16", 0);
            permits[i].as_path_size = sizes[i];
            permits[i].as_path = path;
            fill_path(path, sizes[i]);
            assert_true(ledger_put(ledger, &permits[i]));
            assert_false(ledger_put(ledger, &permits[i]));
        }
        memset(path, 0, sizeof path);
        for (uint32_t gone = 0; gone < SIZES; gone++) {
            const struct permit *struck = &permits[(first + gone) % SIZES];
            ledger_strike(ledger, ledger_find(ledger, struck->router, struck->prefix));
            for (uint32_t i = gone + 1; i < SIZES; i++) {
                const struct permit *left = &permits[(first + i) % SIZES];
                const struct permit *s = &ledger_find(ledger, left->router, left->prefix)->permit;
                fill_path(wanted, left->as_path_size);
                assert_int_equal(s->as_path_size, left->as_path_size);
                assert_memory_equal(s->as_path, wanted, left->as_path_size);
            }
        }
        ledger_free(ledger);
    }
}

static void our_own_never_share_a_message(void **state)
{
    (void)state;
    struct permit a = permit(0, "20.1.0.0/16", 0), b = permit(0, "20.2.0.0/16", 0);
    assert_true(permit_same_attributes(&a, &b));
    a.kind = b.kind = PERMIT_OWN;
    assert_false(permit_same_attributes(&a, &b));
    b = a;
    assert_true(permit_equal(&a, &b));
    b.stances[NET_STANCE_WITHHELD] = 1;
    assert_false(permit_equal(&a, &b));
}

static void a_permit_differs_in_any_field(void **state)
{
    (void)state;
    static const uint8_t path[] = {2, 1, 0, 7}, other[] = {2, 1, 0, 8};
    const struct permit same = {.router = 1, .as_path_size = sizeof path, .as_path = path};
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
    changed[9].as_path = other;
    assert_true(permit_equal(&same, &same));
    for (size_t i = 0; i < sizeof changed / sizeof changed[0]; i++)
        assert_false(permit_equal(&same, &changed[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_one_for_each_router_and_prefix),
        cmocka_unit_test(agrees_with_a_plain_list),
        cmocka_unit_test(knows_what_the_router_knows),
        cmocka_unit_test(keeps_paths_of_any_length),
        cmocka_unit_test(our_own_never_share_a_message),
        cmocka_unit_test(a_permit_differs_in_any_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
