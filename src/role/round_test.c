// SPDX-License-Identifier: ISC
#include "role/round.h"

#include "base/check.h"

#include <string.h>

enum { ALL_MAX = 5000, MOST = 64 };

static uint32_t play(struct round *round, uint32_t all, uint32_t turns, uint32_t *asked)
{
    uint32_t longest = 0;
    memset(asked, 0, ALL_MAX * sizeof *asked);
    for (uint32_t turn = 0; turn < turns; turn++) {
        uint32_t count = round_turn(round, all, MOST);
        longest = count > longest ? count : longest;
        for (; count > 0; count--) {
            uint32_t one = round_next(round, all);
            assert_true(one < all);
            asked[one]++;
        }
    }
    return longest;
}

// Within a round each is asked for; in a hurry each once, in as few turns as `most` allows; then
// slowly again.
static void asks_for_each(void **state)
{
    (void)state;
    static uint32_t asked[ALL_MAX];
    static const uint32_t sizes[] = {0, 1, 2, MOST, MOST + 1, 199, 200, 201, 1000, ALL_MAX};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct round round = {.next = 3};  // of more than there are now
        uint32_t all = sizes[i];
        assert_true(play(&round, all, ROUND_TURNS, asked) <= all / ROUND_TURNS + 1);
        for (uint32_t one = 0; one < all; one++)
            assert_true(asked[one] > 0);
        (void)play(&round, all, 7, asked);
        round_hurry(&round, all);
        assert_true(play(&round, all, (all + MOST - 1) / MOST, asked) <= MOST);
        for (uint32_t one = 0; one < all; one++)
            assert_int_equal(asked[one], 1);
        assert_int_equal(round_turn(&round, all, MOST), all > 0 ? all / ROUND_TURNS + 1 : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_for_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
