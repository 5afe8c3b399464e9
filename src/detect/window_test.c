// SPDX-License-Identifier: ISC
#include "detect/window.h"

#include "base/check.h"

#define SLOT_NS ((int64_t)WINDOW_SLOT_MS * NS_PER_MS)

// In slots since a moment: what was added when, and what is asked.
static const struct {
    const char *name;
    struct {
        int64_t at;
        uint32_t ok, lost;
    } adds[4];
    int64_t since, until;
    uint64_t ok, lost;
} rows[] = {
    {"nothing", {{0}}, 0, 100, 0, 0},
    {"one", {{5, 10, 2}}, 0, 100, 10, 2},
    {"twice in a slot", {{5, 10, 2}, {5, 1, 1}}, 5, 5, 11, 3},
    {"before", {{5, 10, 2}, {6, 1, 0}}, 6, 100, 1, 0},
    {"after", {{5, 10, 2}, {6, 1, 0}}, 0, 5, 10, 2},
    {"a round later the slot is new", {{5, 10, 2}, {5 + WINDOW_SLOTS, 1, 0}}, 0, 9999, 1, 0},
    {"and the old is not taken", {{5 + WINDOW_SLOTS, 1, 0}, {5, 10, 2}}, 0, 9999, 1, 0},
    {"nothing for rounds", {{5, 10, 2}, {5 + 5 * WINDOW_SLOTS, 1, 0}}, 0, 99999, 1, 0},
    {"from before all that is kept",
     {{5, 10, 2}, {WINDOW_SLOTS - 5, 3, 1}, {5 + WINDOW_SLOTS, 1, 0}},
     0,
     9999,
     4,
     1},
    {"nothing for a while", {{5, 10, 2}, {90, 1, 0}}, 6, 89, 0, 0},
    {"up to what is not yet", {{5, 10, 2}, {90, 1, 3}}, 90, 9999, 1, 3},
    {"from what is not yet", {{5, 10, 2}, {90, 1, 3}}, 91, 9999, 0, 0},
    {"backwards", {{5, 10, 2}, {90, 1, 3}}, 50, 40, 0, 0},
    {"out of order", {{9, 1, 0}, {7, 2, 1}, {8, 4, 0}}, 7, 8, 6, 1},
};

static struct mono slot(int64_t number)
{
    return (struct mono){(100000 + number) * SLOT_NS};
}

static void counts_a_stretch_of_time(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct window w = {0};
        for (size_t n = 0; n < 4; n++) {
            uint32_t ok = rows[i].adds[n].ok, lost = rows[i].adds[n].lost;
            window_add(&w, slot(rows[i].adds[n].at), (struct window_sum){ok, lost, ok + 2 * lost});
        }
        // Rounded outwards: later in the first slot, earlier in the last.
        struct mono since = {slot(rows[i].since).ns + SLOT_NS - 1};
        struct window_loss loss = window_loss(&w, since, slot(rows[i].until));
        uint64_t voided = window_count(&w, since, slot(rows[i].until)).voided;
        CHECK_ROW(rows[i].name, voided == rows[i].ok + 2 * rows[i].lost);
        CHECK_ROW(rows[i].name, loss.ok == rows[i].ok);
        CHECK_ROW(rows[i].name, loss.lost == rows[i].lost);
        CHECK_ROW(rows[i].name, loss.low_ppm <= loss.loss_ppm && loss.loss_ppm <= loss.high_ppm);
    }
}

// Sums that have gone round say the same of what was added lately.
static void counts_for_ever(void **state)
{
    (void)state;
    struct window w = {0};
    for (int64_t n = 0; n < 3 * WINDOW_SLOTS; n++)
        window_add(&w, slot(n), (struct window_sum){1000 * 1000, 1, 2});
    struct window_count count =
        window_count(&w, slot(3 * WINDOW_SLOTS - 200), slot(3 * WINDOW_SLOTS));
    assert_true(count.ok == 200 * 1000 * 1000 && count.lost == 200 && count.voided == 400);
}

// What was void alone when the clock began is past like anything else.
static void begins_with_the_clock(void **state)
{
    (void)state;
    struct window w = {0};
    window_add(&w, (struct mono){0}, (struct window_sum){.voided = 5});
    window_add(&w, (struct mono){50 * SLOT_NS}, (struct window_sum){.ok = 1});
    struct window_count count =
        window_count(&w, (struct mono){10 * SLOT_NS}, (struct mono){50 * SLOT_NS});
    assert_true(count.ok == 1 && count.voided == 0);
}

static uint32_t lost_between(const struct window *w, int64_t first, int64_t last)
{
    return (uint32_t)window_count(w, slot(first), slot(last)).lost;
}

// The latest losses are answered first, none from before then, and never more than there are.
static void takes_back_what_is_answered(void **state)
{
    (void)state;
    struct window w = {0};
    int64_t base = 3 * WINDOW_SLOTS;
    for (int64_t n = 0; n < 10; n++)
        window_add(&w, slot(base + n), (struct window_sum){1, 2, 0});
    window_answered(&w, slot(base + 7), 0);
    assert_int_equal(lost_between(&w, base, base + 9), 20);
    window_answered(&w, slot(base + 7), 3);
    assert_int_equal(lost_between(&w, base + 9, base + 9), 0);
    assert_int_equal(lost_between(&w, base + 8, base + 8), 1);
    assert_int_equal(lost_between(&w, base, base + 7), 16);
    assert_int_equal(window_count(&w, slot(base), slot(base + 9)).ok, 13);
    window_answered(&w, slot(base + 7), UINT32_MAX);
    assert_int_equal(lost_between(&w, base + 7, base + 9), 0);
    assert_int_equal(lost_between(&w, base, base + 6), 14);
    window_answered(&w, slot(-base), UINT32_MAX);
    assert_int_equal(lost_between(&w, base, base + 9), 0);
    assert_int_equal(window_count(&w, slot(base), slot(base + 9)).ok, 30);
    struct window young = {0};  // the clock has just begun
    struct mono start = {0}, soon = {3 * SLOT_NS};
    window_add(&young, start, (struct window_sum){0, 2, 0});
    window_add(&young, soon, (struct window_sum){0, 1, 0});
    window_answered(&young, (struct mono){-80 * SLOT_NS}, 2);
    assert_int_equal(window_count(&young, start, soon).lost, 1);
    assert_int_equal(window_count(&young, start, start).lost, 1);
    window_answered(&young, (struct mono){-80 * SLOT_NS}, UINT32_MAX);
    assert_int_equal(window_count(&young, start, soon).lost, 0);
    assert_int_equal(window_count(&young, start, soon).ok, 3);
}

static void bounds_what_it_counts(void **state)
{
    (void)state;
    struct window w = {0};
    struct window_loss loss = window_loss(&w, slot(0), slot(9));
    assert_int_equal(loss.low_ppm, 0);
    assert_int_equal(loss.high_ppm, 1000000);
    window_add(&w, slot(1), (struct window_sum){12, 8, 80});
    loss = window_loss(&w, slot(0), slot(9));
    assert_int_equal(loss.loss_ppm, 400000);
    assert_in_range(loss.low_ppm, 128741, 128743);  // as stat/beta_test.c has it
    assert_in_range(loss.high_ppm, 727994, 727996);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_a_stretch_of_time), cmocka_unit_test(counts_for_ever),
        cmocka_unit_test(begins_with_the_clock),    cmocka_unit_test(takes_back_what_is_answered),
        cmocka_unit_test(bounds_what_it_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
