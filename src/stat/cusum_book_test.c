// SPDX-License-Identifier: ISC
#include "stat/cusum_book.h"

#include "base/check.h"

#include <string.h>

#define DAY_PROBES 864000.0

static const struct {
    const char *name;
    struct cusum_ask ask;
    bool is_new;
} asks[] = {
    {"the first", {1000, DAY_PROBES, {0}}, true},
    {"the same again", {1000, DAY_PROBES, {0}}, false},
    {"more is normal", {2000, DAY_PROBES, {0}}, true},
    {"asked more often", {1000, DAY_PROBES / 2, {0}}, true},
    {"members share otherwise", {1000, DAY_PROBES, {3, 4, 6, 12, 50, 25}}, true},
    {"what has no rule", {0, DAY_PROBES, {0}}, true},
    {"what has no rule, again", {0, DAY_PROBES, {0}}, false},
    {"the second again", {2000, DAY_PROBES, {0}}, false},
    {"the fourth again", {1000, DAY_PROBES, {3, 4, 6, 12, 50, 25}}, false},
};

static bool rules_equal(const struct cusum_rule *a, const struct cusum_rule *b)
{
    return memcmp(a->loss_ppm, b->loss_ppm, sizeof a->loss_ppm) == 0 &&
           memcmp(a->lost_step, b->lost_step, sizeof a->lost_step) == 0 &&
           memcmp(a->ok_step, b->ok_step, sizeof a->ok_step) == 0 &&
           memcmp(a->threshold, b->threshold, sizeof a->threshold) == 0;
}

static void solves_each_once(void **state)
{
    (void)state;
    static struct cusum_book book;
    for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++) {
        uint32_t before = book.solved;
        struct cusum_rule rule, same;
        bool has = cusum_book_rule(&book, &rule, &asks[i].ask);
        CHECK_ROW(asks[i].name, has == cusum_rule_init(&same, &asks[i].ask));
        CHECK_ROW(asks[i].name, !has || rules_equal(&rule, &same));
        CHECK_ROW(asks[i].name, book.solved - before == asks[i].is_new);
    }
}

// A full book forgets its oldest rule, and finds all others.
static void makes_room(void **state)
{
    (void)state;
    static struct cusum_book book;
    struct cusum_rule rule;
    struct cusum_ask ask = {.loss_normal_ppm = 90000};
    for (uint32_t i = 0; i <= CUSUM_BOOK_RULES; i++) {
        ask.probes = 1000 + i;
        assert_true(cusum_book_rule(&book, &rule, &ask));
    }
    assert_int_equal(book.solved, CUSUM_BOOK_RULES + 1);
    for (uint32_t i = 1; i <= CUSUM_BOOK_RULES; i++) {
        ask.probes = 1000 + i;
        assert_true(cusum_book_rule(&book, &rule, &ask));
    }
    assert_int_equal(book.solved, CUSUM_BOOK_RULES + 1);
    ask.probes = 1000;
    assert_true(cusum_book_rule(&book, &rule, &ask));
    assert_int_equal(book.solved, CUSUM_BOOK_RULES + 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(solves_each_once),
        cmocka_unit_test(makes_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
