// SPDX-License-Identifier: ISC
#include "detect/history.h"

#include "base/check.h"
#include "detect/blame.h"

#include <string.h>

static uint64_t put(struct history *h, uint32_t target, uint32_t flow, int64_t sent_ns,
                    enum sample_verdict verdict)
{
    struct sample s = {.target = target, .flow = flow, .verdict = verdict, .sent_at = {sent_ns}};
    return history_insert(h, &s, false, h->oldest);
}

static void keeps_order_of_sending(void **state)
{
    (void)state;
    struct history history;
    history_init(&history);
    for (int64_t i = 0; i < 3 * HISTORY_SAMPLES; i++)
        assert_int_not_equal(put(&history, 0, 0, 1000 + (i ^ 7) * 10, SAMPLE_OK), HISTORY_NOWHERE);
    assert_int_equal(history.next - history.oldest, HISTORY_SAMPLES);
    for (uint64_t i = history.oldest + 1; i < history.next; i++)
        assert_true(history_at(&history, i - 1)->sent_ns < history_at(&history, i)->sent_ns);
}

static void refuses_what_is_settled(void **state)
{
    (void)state;
    struct history history;
    history_init(&history);
    for (int i = 1; i <= 10; i++)
        put(&history, 0, 0, i * 100, SAMPLE_OK);
    struct sample s = {.sent_at = {450}};
    assert_int_equal(history_insert(&history, &s, false, history.oldest + 5), HISTORY_NOWHERE);
    s.sent_at.ns = 550;
    assert_int_equal(history_insert(&history, &s, false, history.oldest + 5), history.oldest + 5);
    assert_int_equal(history_at(&history, history.oldest + 6)->sent_ns, 600);
    s.sent_at.ns = 50;  // nothing is settled yet: before all
    assert_int_equal(history_insert(&history, &s, false, history.oldest), history.oldest);
}

static void finds_the_earlier_verdict(void **state)
{
    (void)state;
    struct history history;
    history_init(&history);
    for (uint32_t i = 0; i < 20; i++)
        put(&history, i % 2, i % 4, 100 * (i / 4), SAMPLE_LOST);  // four at a time
    struct sample s = {.target = 1, .flow = 3, .sent_at = {200}};
    uint64_t found = history_find(&history, &s);
    assert_int_not_equal(found, HISTORY_NOWHERE);
    assert_int_equal(history_at(&history, found)->flow, 3);
    assert_int_equal(history_at(&history, found)->sent_ns, 200);
    s.flow = 2;
    assert_int_equal(history_find(&history, &s), HISTORY_NOWHERE);
    s.flow = 3;
    s.sent_at.ns = 201;
    assert_int_equal(history_find(&history, &s), HISTORY_NOWHERE);
    s.sent_at.ns = -1;
    assert_int_equal(history_find(&history, &s), HISTORY_NOWHERE);
}

static void counts_since(void **state)
{
    (void)state;
    struct history history;
    history_init(&history);
    put(&history, 0, 0, 100, SAMPLE_LOST);
    put(&history, 0, 0, 200, SAMPLE_LOST);
    put(&history, 0, 1, 300, SAMPLE_OK);
    put(&history, 1, 0, 400, SAMPLE_LOST);
    put(&history, 1, 0, 500, SAMPLE_VOID);
    put(&history, 2, 5, 600, SAMPLE_OK);
    struct sample s = {.target = 2,
                       .flow = 5,
                       .sent_at = {700},
                       .verdict = SAMPLE_OK,
                       .direction_known = true,
                       .lost_forward = 1,
                       .lost_reverse = 9};
    history_insert(&history, &s, false, history.oldest);
    s = (struct sample){.target = 3, .flow = 0, .sent_at = {800}, .verdict = SAMPLE_LOST};
    history_insert(&history, &s, true, history.oldest);  // set aside
    struct history_count count;
    history_count(&history, (struct mono){200}, &count);
    assert_int_equal(count.ok, 3);
    assert_int_equal(count.lost, 2);
    assert_int_equal(count.voided, 1);
    assert_int_equal(count.flows, 5);
    assert_int_equal(count.flows_lossy, 3);
    assert_int_equal(count.first_lost_ns, 200);
    assert_int_equal(count.last_lost_ns, 400);
    assert_int_equal(count.lost_forward, 1);
    assert_int_equal(count.lost_reverse, 1);  // nine were told, but so many are not lost yet
    assert_true(count.targets[3].aside && count.targets[3].lost == 1);
    history_count(&history, (struct mono){801}, &count);
    assert_int_equal(count.ok + count.lost + count.flows, 0);
}

// Targets 0 to 3 as "ok/lost", with a '-' when set aside.
static const struct {
    const char *name, *targets;
    uint32_t alive;
    enum blame_verdict verdict;
    uint32_t target, heard, lossy;
} rows[] = {
    {"two of three lose", "6/4 5/5 1/0", 7, BLAME_PATH, 0, 3, 2},
    {"one, the others known too little", "6/4 9/0 1/0", 7, BLAME_OPEN, 0, 3, 1},
    {"one, the others clean", "6/4 90/0 9/0", 7, BLAME_TARGET, 0, 3, 1},
    {"one, the others clean but for a loss", "0/10 90/1 9/0", 7, BLAME_TARGET, 0, 3, 1},
    {"the second", "90/0 0/9 20/0", 7, BLAME_TARGET, 1, 3, 1},
    {"only one is alive", "6/4 0/0 0/0", 1, BLAME_PATH, 0, 1, 1},
    {"none is", "6/4 0/0 0/0", 0, BLAME_PATH, 0, 1, 1},
    {"one loss of a second is not enough", "6/4 5/1 1/0", 7, BLAME_OPEN, 0, 3, 1},
    {"nor are two of very many", "0/100 150/2 1/0", 7, BLAME_TARGET, 0, 3, 1},
    {"a dead one set aside, another dies", "0/99- 0/9 90/0", 6, BLAME_TARGET, 1, 3, 2},
    {"a dead one set aside, the others die", "0/99- 0/9 0/9", 6, BLAME_PATH, 0, 3, 3},
    {"half as much again as normal is no loss", "2000/3 5000/5 5000/5", 7, BLAME_OPEN, 0, 3, 0},
    {"twice as much is", "1497/3 5000/0 5000/0", 7, BLAME_OPEN, 0, 3, 1},
    {"a few losses everywhere are normal", "5000/2 5000/2 5000/3", 7, BLAME_OPEN, 0, 3, 0},
};

static void blames_the_right_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct history_count count = {0};
        const char *text = rows[i].targets;
        int used = 0;
        for (uint32_t t = 0; *text; t++, text += used + (text[used] == ' ')) {
            struct history_target *target = &count.targets[t];
            assert_int_equal(sscanf(text, "%u/%u%n", &target->ok, &target->lost, &used), 2);
            target->aside = text[used] == '-';
            used += target->aside;
            count.ok += target->aside ? 0 : target->ok;
            count.lost += target->aside ? 0 : target->lost;
        }
        struct blame blame = blame_of(&count, rows[i].alive, 1000);
        CHECK_ROW(rows[i].name, blame.verdict == rows[i].verdict);
        CHECK_ROW(rows[i].name, blame.verdict != BLAME_TARGET || blame.target == rows[i].target);
        CHECK_ROW(rows[i].name, blame.targets == rows[i].heard);
        CHECK_ROW(rows[i].name, blame.lossy == rows[i].lossy);
    }
}

// A reflector tells of no more losses than there are, and only one that counts tells.
static void directions_are_of_what_was_lost(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t told_forward, told_reverse, forward, reverse;
        bool known;
    } tellers[] = {
        {"as many", 1, 2, 1, 2, true},
        {"more there", 7, 0, 3, 0, true},
        {"more back", 2, 7, 2, 1, true},
        {"more of both", 7, 7, 3, 0, true},
        {"by nobody who counts", 1, 2, 0, 0, false},
    };
    for (size_t i = 0; i < sizeof tellers / sizeof tellers[0]; i++) {
        struct history history;
        struct history_count count;
        history_init(&history);
        for (int n = 0; n < 3; n++)
            put(&history, 0, 0, 100 + n, SAMPLE_LOST);
        struct sample sample = {.sent_at = {200},
                                .direction_known = tellers[i].known,
                                .lost_forward = tellers[i].told_forward,
                                .lost_reverse = tellers[i].told_reverse};
        history_insert(&history, &sample, false, history.oldest);
        history_count(&history, (struct mono){0}, &count);
        CHECK_ROW(tellers[i].name, count.lost_forward == tellers[i].forward);
        CHECK_ROW(tellers[i].name, count.lost_reverse == tellers[i].reverse);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_order_of_sending),
        cmocka_unit_test(refuses_what_is_settled),
        cmocka_unit_test(finds_the_earlier_verdict),
        cmocka_unit_test(counts_since),
        cmocka_unit_test(blames_the_right_one),
        cmocka_unit_test(directions_are_of_what_was_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
