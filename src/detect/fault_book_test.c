// SPDX-License-Identifier: ISC
#include "detect/fault_book.h"

#include "base/check.h"

static struct fault fault_of(uint32_t number, enum fault_state state)
{
    return (struct fault){.number = number, .state = state, .began_at = {number}};
}

static struct mono ms(int64_t ms)
{
    return (struct mono){ms * NS_PER_MS};
}

static bool take(struct fault_book *book, int64_t at_ms, uint32_t number, enum fault_state state)
{
    struct fault fault = fault_of(number, state);
    return fault_book_take(book, ms(at_ms), &fault);
}

static void tells_from_opened_to_over(void **state)
{
    (void)state;
    struct fault_book book = {0};
    assert_true(take(&book, 1, 1, FAULT_SUSPECTED));
    assert_true(take(&book, 2, 2, FAULT_NAMED));
    assert_true(take(&book, 3, 1, FAULT_NAMED));
    assert_int_equal(book.count, 2);
    assert_int_equal(book.items[0].fault.state, FAULT_NAMED);
    assert_true(take(&book, 4, 1, FAULT_OVER));
    assert_int_equal(book.count, 1);
    assert_int_equal(book.items[0].fault.number, 2);
    assert_false(take(&book, 5, 1, FAULT_OVER));  // known
    assert_false(take(&book, 5, 9, FAULT_OVER));  // never told
    fault_book_forget(&book);
    assert_false(take(&book, 6, 2, FAULT_OVER));
}

static void holds_back_a_flood(void **state)
{
    (void)state;
    struct fault_book book = {0};
    struct fault fault;
    uint32_t told = 0;
    for (uint32_t n = 1; n <= FAULT_BOOK_MAX + 3; n++)
        told += take(&book, 1000, n, FAULT_NAMED);
    assert_int_equal(told, FAULT_BOOK_BURST);
    assert_int_equal(book.count, FAULT_BOOK_MAX);
    assert_int_equal(book.refused, 3);
    assert_false(fault_book_next(&book, ms(1000), &fault));
    assert_false(take(&book, 1001, FAULT_BOOK_MAX, FAULT_OVER));  // never told as open
    assert_true(take(&book, 1001, 1, FAULT_OVER));                // told: no limit holds this back
    assert_true(fault_book_next(&book, ms(1000 + FAULT_BOOK_REFILL_MS), &fault));
    assert_true(fault.number > FAULT_BOOK_BURST);
    assert_false(fault_book_next(&book, ms(1000 + FAULT_BOOK_REFILL_MS), &fault));
    uint32_t rest = 0;
    for (int64_t at = 2000; at < 60000; at += 50)
        rest += fault_book_next(&book, ms(at), &fault);
    assert_int_equal(rest,
                     FAULT_BOOK_MAX - FAULT_BOOK_BURST - 2);  // each once, with the latest news
}

static void waiting_news_are_the_latest(void **state)
{
    (void)state;
    struct fault_book book = {0};
    struct fault fault = fault_of(1, FAULT_SUSPECTED);
    for (uint32_t n = 0; n < 2 * FAULT_BOOK_BURST; n++) {
        fault.evidence.lost = n;
        assert_true(fault_book_take(&book, ms(7), &fault) == (n < FAULT_BOOK_BURST));
    }
    assert_false(fault_book_next(&book, ms(8), &fault));
    assert_true(fault_book_next(&book, ms(8 + FAULT_BOOK_REFILL_MS), &fault));
    assert_int_equal(fault.evidence.lost, 2 * FAULT_BOOK_BURST - 1);
    assert_false(fault_book_next(&book, ms(99999), &fault));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_from_opened_to_over),
        cmocka_unit_test(holds_back_a_flood),
        cmocka_unit_test(waiting_news_are_the_latest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
