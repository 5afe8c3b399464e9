// SPDX-License-Identifier: ISC
#include "detect/notices.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

static struct mono ms(int64_t at)
{
    return (struct mono){(1000000 + at) * NS_PER_MS};
}

static struct notice make(enum notice_kind kind, bool raised, uint32_t number)
{
    struct notice notice = {.kind = kind, .raised = raised, .router = number % 16};
    notice.prefix = check_prefix(number % 2 ? "192.0.2.0/24" : "2001:db8::/32");
    snprintf(notice.peer, sizeof notice.peer, "peer %u", number);
    return notice;
}

// One after the other: "+" raises, "-" clears number `who` of the kind, "?" asks for what waits.
static const struct {
    const char *name;
    struct {
        char deed;
        enum notice_kind kind;
        uint32_t who;
        int64_t at_ms;
        bool told;
    } steps[8];
    uint32_t standing;
} rows[] = {
    {"raised and cleared", {{'+', NOTICE_CHURN, 1, 0, true}, {'-', NOTICE_CHURN, 1, 5, true}}, 0},
    {"raised twice is told once",
     {{'+', NOTICE_CHURN, 1, 0, true}, {'+', NOTICE_CHURN, 1, 20000, false}},
     1},
    {"what never stood is not cleared", {{'-', NOTICE_CHURN, 1, 0, false}}, 0},
    {"another peer is another notice",
     {{'+', NOTICE_CHURN, 1, 0, true}, {'-', NOTICE_CHURN, 17, 5, false}},
     1},
    {"another kind is another notice",
     {{'+', NOTICE_CHURN, 1, 0, true}, {'+', NOTICE_FIB_RULE, 1, 0, true}},
     2},
    {"a moment does not stand",
     {{'+', NOTICE_OWN_MOVED, 1, 0, true}, {'+', NOTICE_OWN_MOVED, 1, 0, true}},
     0},
    {"nothing waits", {{'?', 0, 0, 0, false}}, 0},
};

static void follows_the_rows(void **state)
{
    (void)state;
    struct notices *book = malloc(sizeof *book);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        memset(book, 0, sizeof *book);
        for (size_t n = 0; n < 8 && rows[i].steps[n].deed; n++) {
            struct mono now = ms(rows[i].steps[n].at_ms);
            bool raised = rows[i].steps[n].deed == '+';
            struct notice notice = make(rows[i].steps[n].kind, raised, rows[i].steps[n].who);
            bool told = rows[i].steps[n].deed == '?' ? notices_next(book, now, &notice)
                                                     : notices_take(book, now, &notice);
            CHECK_ROW(rows[i].name, told == rows[i].steps[n].told);
        }
        CHECK_ROW(rows[i].name, book->count == rows[i].standing);
    }
    free(book);
}

static void tells_no_more_than_its_rate(void **state)
{
    (void)state;
    struct notices *book = calloc(1, sizeof *book);
    struct notice notice;
    uint32_t told = 0;
    for (uint32_t i = 0; i < 200; i++) {
        notice = make(NOTICE_OWN_MOVED, true, i);
        told += notices_take(book, ms(0), &notice);
    }
    assert_int_equal(told, NOTICES_BURST);
    notice = make(NOTICE_CHURN, true, 1);  // other kinds are not held back
    assert_true(notices_take(book, ms(0), &notice));
    notice = make(NOTICE_OWN_MOVED, true, 1);
    assert_false(notices_take(book, ms(NOTICES_REFILL_MS - 1), &notice));
    assert_true(notices_take(book, ms(NOTICES_REFILL_MS), &notice));
    assert_int_equal(notice.dropped, 200 - NOTICES_BURST + 1);
    assert_false(notices_take(book, ms(NOTICES_REFILL_MS), &notice));
    assert_true(notices_take(book, ms(3 * NOTICES_REFILL_MS), &notice));
    assert_int_equal(notice.dropped, 1);
    for (told = 0; told < 100 && notices_take(book, ms(3600 * 1000), &notice);)
        told++;
    assert_int_equal(told, NOTICES_BURST);  // an hour of silence saves no more than a burst
    free(book);
}

static void loses_nothing_that_stands(void **state)
{
    (void)state;
    struct notices *book = calloc(1, sizeof *book);
    struct notice notice;
    uint32_t told = 0;
    for (uint32_t i = 0; i < 60; i++) {
        notice = make(NOTICE_FIB_MISSING, true, i);
        told += notices_take(book, ms(0), &notice);
    }
    for (uint32_t i = 55; i < 60; i++) {  // over before they were told: silence on both ends
        notice = make(NOTICE_FIB_MISSING, false, i);
        assert_false(notices_take(book, ms(0), &notice));
    }
    for (int64_t at = 0; at <= 60 * NOTICES_REFILL_MS; at += 50)
        while (notices_next(book, ms(at), &notice))
            told++;
    assert_int_equal(told, 55);
    for (uint32_t i = 0; i < 55; i++) {  // all of these were told, so their end is, too
        notice = make(NOTICE_FIB_MISSING, false, i);
        assert_true(notices_take(book, ms(0), &notice));
    }
    assert_int_equal(book->count, 0);
    free(book);
}

static void tells_again_what_changed(void **state)
{
    (void)state;
    struct notices *book = calloc(1, sizeof *book);
    struct notice notice = make(NOTICE_FIB_STALE, true, 1);
    notice.since = ms(-7);
    assert_true(notices_take(book, ms(0), &notice));
    notice = make(NOTICE_FIB_STALE, true, 1);
    notice.count = 5;
    notice.since = ms(3);
    assert_false(notices_take(book, ms(3), &notice));
    assert_false(notices_next(book, ms(NOTICES_AGAIN_MS - 1), &notice));
    assert_true(notices_next(book, ms(NOTICES_AGAIN_MS), &notice));
    assert_int_equal(notice.count, 5);
    assert_int_equal(notice.since.ns, ms(-7).ns);
    assert_false(notices_next(book, ms(3 * NOTICES_AGAIN_MS), &notice));
    notice = make(NOTICE_FIB_STALE, false, 1);
    assert_true(notices_take(book, ms(3 * NOTICES_AGAIN_MS), &notice));
    assert_int_equal(notice.since.ns, ms(-7).ns);
    free(book);
}

static void stays_within_its_room(void **state)
{
    (void)state;
    struct notices *book = calloc(1, sizeof *book);
    struct notice notice;
    for (uint32_t i = 0; i < NOTICES_MAX + 10; i++) {
        notice = make(i % 2 ? NOTICE_CHURN : NOTICE_FIB_RULE, true, i);
        (void)notices_take(book, ms(0), &notice);
    }
    assert_int_equal(book->count, NOTICES_MAX);
    assert_int_equal(book->kinds[NOTICE_CHURN].dropped_ever, 5);
    notices_forget(book, NOTICE_BY_INGEST);
    assert_int_equal(book->count, NOTICES_MAX);
    notices_forget(book, NOTICE_BY_ROUTE);
    assert_false(notices_next(book, ms(9999), &notice));
    free(book);
}

static void every_kind_has_its_row(void **state)
{
    (void)state;
    for (int kind = 0; kind < NOTICE_KINDS; kind++) {
        assert_non_null(notice_rules[kind].name);
        assert_true(notice_rules[kind].words && strlen(notice_rules[kind].words) < 60);
        assert_true(notice_rules[kind].severity < NOTICE_SEVERITIES);
        for (int other = 0; other < kind; other++)
            assert_string_not_equal(notice_rules[kind].name, notice_rules[other].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_the_rows),          cmocka_unit_test(tells_no_more_than_its_rate),
        cmocka_unit_test(loses_nothing_that_stands), cmocka_unit_test(tells_again_what_changed),
        cmocka_unit_test(stays_within_its_room),     cmocka_unit_test(every_kind_has_its_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
