// SPDX-License-Identifier: ISC
#include "detect/lists.h"

#include "base/check.h"
#include "base/random.h"

#include <string.h>

enum { COUNT = 100, LENGTH = 6 };

static uint32_t length_of(const uint16_t *list)
{
    uint32_t length = 0;
    while (list[length] != LISTS_END)
        length++;
    return length;
}

// Of a few numbers, so that many are the same, or begin or end alike.
static void draw(struct random *random, uint16_t *list)
{
    uint32_t length = (uint32_t)(random_unit(random) * (LENGTH + 1));
    for (uint32_t i = 0; i < length; i++)
        list[i] = (uint16_t)(random_unit(random) * 3);
    list[length] = LISTS_END;
}

static bool are_same(const uint16_t *a, const uint16_t *b)
{
    uint32_t length = length_of(a);
    return length == length_of(b) && memcmp(a, b, length * sizeof a[0]) == 0;
}

static void keeps_each_once(void **state)
{
    (void)state;
    static uint16_t drawn[4000][LENGTH + 1];
    static uint32_t at[4000];
    struct lists lists;
    struct random random = {7};
    assert_true(lists_init(&lists, 2000, LENGTH));
    for (uint32_t i = 0; i < 4000; i++) {
        draw(&random, drawn[i]);
        at[i] = lists_keep(&lists, drawn[i]);
        assert_int_not_equal(at[i], LISTS_NOWHERE);
    }
    for (uint32_t i = 0; i < 4000; i++) {
        assert_true(are_same(lists_at(&lists, at[i]), drawn[i]));
        assert_int_equal(lists_keep(&lists, drawn[i]), at[i]);
        for (uint32_t k = 0; k < i; k += 37)
            assert_int_equal(at[i] == at[k], are_same(drawn[i], drawn[k]));
    }
    lists_done(&lists);
}

static void fills_up_and_lists_all(void **state)
{
    (void)state;
    struct lists lists;
    assert_true(lists_init(&lists, COUNT, LENGTH));
    for (uint32_t turn = 0; turn < 2; turn++) {
        assert_int_equal(lists_keep(&lists, (uint16_t[]){LISTS_END}), 0);
        for (uint16_t i = 0; i < COUNT; i++) {
            uint16_t list[LENGTH + 1] = {i, 1, 2, 3, 4, 5, LISTS_END};
            list[turn == 0 ? 1 + i % LENGTH : LENGTH] = LISTS_END;
            assert_int_not_equal(lists_keep(&lists, list), LISTS_NOWHERE);
        }
        assert_int_equal(lists_keep(&lists, (uint16_t[]){COUNT, LISTS_END}), LISTS_NOWHERE);
        assert_int_equal(lists_keep(&lists, (uint16_t[]){LISTS_END}), 0);
        uint32_t count = 0, at = 0;
        while ((at = lists_after(&lists, at)) != LISTS_NOWHERE)
            assert_int_equal(lists_at(&lists, at)[0], count++);
        assert_int_equal(count, COUNT);
        lists_clear(&lists);
        assert_int_equal(lists_after(&lists, 0), LISTS_NOWHERE);
    }
    lists_done(&lists);
}

int main(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test(keeps_each_once),
        cmocka_unit_test(fills_up_and_lists_all),
    };
    return cmocka_run_group_tests(all, NULL, NULL);
}
