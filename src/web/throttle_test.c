// SPDX-License-Identifier: ISC
#include "web/throttle.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

static const struct address v4 = {FAMILY_IPV4, {203, 0, 113, 9}};
static const struct address v6 = {FAMILY_IPV6, {0x20, 0x01, 0x0d, 0xb8, [15] = 1}};
static const struct address v6_near = {FAMILY_IPV6, {0x20, 0x01, 0x0d, 0xb8, [15] = 2}};
static const struct address v6_far = {FAMILY_IPV6, {0x20, 0x01, 0x0d, 0xb9, [15] = 1}};

static struct mono at_s(int64_t s)
{
    return (struct mono){1000 * (int64_t)NS_PER_S + s * NS_PER_S};
}

static struct web_throttle *make(void)
{
    struct web_throttle *t = calloc(1, sizeof *t);
    t->key = (struct siphash_key){1, 2};
    return t;
}

// How many of 50 tries, one every `step_s`, are let through.
static int tries(struct web_throttle *t, const struct address *from, const char *name,
                 int64_t step_s)
{
    int passed = 0;
    for (int64_t i = 0; i < 50; i++)
        passed += web_throttle_try_ns(t, (struct web_try){from, name}, at_s(i * step_s)) == 0;
    return passed;
}

static void holds_up_who_guesses(void **state)
{
    (void)state;
    const struct address *const places[] = {&v4, &v6};
    for (size_t i = 0; i < 2; i++) {
        struct web_throttle *t = make();
        assert_int_equal(tries(t, places[i], "anna", 1), 6 + 4);  // and one in 10 s
        free(t);
        t = make();
        assert_int_equal(tries(t, places[i], "anna", 10), 50);
        free(t);
    }
}

static void says_how_long(void **state)
{
    (void)state;
    struct web_throttle *t = make();
    for (int i = 0; i < 6; i++)
        assert_int_equal(web_throttle_try_ns(t, (struct web_try){&v4, "anna"}, at_s(i)), 0);
    int64_t wait_ns = web_throttle_try_ns(t, (struct web_try){&v4, "anna"}, at_s(6));
    assert_int_equal(wait_ns, 4ll * NS_PER_S);
    assert_int_equal(web_throttle_try_ns(t, (struct web_try){&v4, "anna"}, at_s(10)), 0);
    free(t);
}

static void counts_a_network_of_ipv6_as_one(void **state)
{
    (void)state;
    struct web_throttle *t = make();
    tries(t, &v6, "anna", 0);
    assert_true(web_throttle_try_ns(t, (struct web_try){&v6_near, "ben"}, at_s(5)) > 0);
    assert_true(web_throttle_try_ns(t, (struct web_try){&v6_far, "ben"}, at_s(5)) == 0);
    assert_true(web_throttle_try_ns(t, (struct web_try){&v4, "ben"}, at_s(5)) == 0);
    free(t);
}

// Many places, one name: and others log in all the same.
static void counts_a_name_from_everywhere(void **state)
{
    (void)state;
    struct web_throttle *t = make();
    int passed = 0;
    for (int i = 0; i < 60; i++) {
        struct address from = {FAMILY_IPV4, {203, 0, (uint8_t)i, 1}};
        passed += web_throttle_try_ns(t, (struct web_try){&from, "anna"}, at_s(i)) == 0;
    }
    assert_int_equal(passed, 20 + 5);
    assert_true(web_throttle_try_ns(t, (struct web_try){&v4, "ben"}, at_s(60)) == 0);
    free(t);
}

// Whoever they say they are: a fifth of the time of a process.
static void bounds_all_together(void **state)
{
    (void)state;
    struct web_throttle *t = make();
    int passed = 0;
    for (int i = 0; i < 1000; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        struct address from = {FAMILY_IPV4, {203, (uint8_t)(i >> 8), (uint8_t)i, 1}};
        passed += web_throttle_try_ns(t, (struct web_try){&from, name}, at_s(i / 100)) == 0;
    }
    assert_int_equal(passed, 6 + 2 * 9);
    free(t);
}

static void holds_nobody_up_who_knows(void **state)
{
    (void)state;
    struct web_throttle *t = make();
    for (int64_t i = 0; i < 50; i++) {
        struct web_try try = {&v4, "anna"};
        assert_int_equal(web_throttle_try_ns(t, try, at_s(i)), 0);
        web_throttle_succeed(t, try);
    }
    free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_up_who_guesses),
        cmocka_unit_test(says_how_long),
        cmocka_unit_test(counts_a_network_of_ipv6_as_one),
        cmocka_unit_test(counts_a_name_from_everywhere),
        cmocka_unit_test(bounds_all_together),
        cmocka_unit_test(holds_nobody_up_who_knows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
