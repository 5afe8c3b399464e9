// SPDX-License-Identifier: ISC
#include "detect/vouch.h"

#include "base/check.h"

#include <string.h>

static struct mono ms(int64_t ms)
{
    return (struct mono){ms * NS_PER_MS};
}

// `good` samples a second, and what happens once, in the middle of the third.
static const struct {
    const char *name;
    uint32_t good, voided;
    enum sample_void_reason reason;
    int64_t stall_ms;
    bool told;
    const char *text;
} rows[] = {
    {"all is well", 100, 0, 0, 0, false, ""},
    {"late within reason", 100, 0, 0, 79, false, ""},
    {"four void", 10, 4, SAMPLE_LOOP_LAGGED, 0, false, ""},
    {"five", 100, 5, SAMPLE_LOOP_LAGGED, 0, true,
     "5 of 405 samples within 10 s, our loop lagged 5"},
    {"five of many", 1000, 5, SAMPLE_LOOP_LAGGED, 0, false, ""},
    {"one in a hundred", 1000, 41, SAMPLE_LINK_DROPPED, 0, true,
     "41 of 4041 samples within 10 s, dropped by our interface 41"},
    {"stopped, with nothing out", 100, 0, 0, 95, true,
     "0 of 400 samples within 10 s; the prober stood still for 0.10 s"},
    {"stopped", 100, 30, SAMPLE_LOOP_LAGGED, 1000, true,
     "30 of 430 samples within 10 s, our loop lagged 30; the prober stood still for 1.00 s"},
    {"the socket", 10, 30, SAMPLE_SOCKET_DROPPED, 0, true,
     "30 of 70 samples within 10 s, dropped by our socket 30"},
    {"the clock", 10, 30, SAMPLE_CLOCK_STEPPED, 0, true,
     "30 of 70 samples within 10 s, clock stepped 30"},
    {"the link", 10, 30, SAMPLE_LINK_DOWN, 0, true,
     "30 of 70 samples within 10 s, first link down or no way 30"},
    {"not sent", 10, 30, SAMPLE_SEND_FAILED, 0, true, "30 of 70 samples within 10 s, not sent 30"},
    {"undated", 10, 30, SAMPLE_UNDATED, 0, true,
     "30 of 70 samples within 10 s, without time of arrival 30"},
    {"unseen", 10, 30, SAMPLE_UNSEEN, 0, true,
     "30 of 70 samples within 10 s, not seen to leave in time 30"},
    {"met", 10, 30, SAMPLE_MET_TRACE, 0, true,
     "30 of 70 samples within 10 s, met by our own trace 30"},
};

struct play {
    struct vouch vouch;
    struct notice raised;
    int raises, clears;
    int64_t raised_ms, cleared_ms;
};

static void step(struct play *p, size_t row, int64_t at_ms)
{
    struct notice notice;
    const struct sample good = {.verdict = SAMPLE_OK};
    const struct sample late = {.verdict = SAMPLE_OK, .late = true};
    const struct sample bad = {.verdict = SAMPLE_VOID, .void_reason = rows[row].reason};
    for (uint32_t i = 0; at_ms % 1000 == 100 && i < rows[row].good; i++)
        vouch_sample(&p->vouch, &good, ms(at_ms));
    vouch_sample(&p->vouch, &late, ms(at_ms));
    for (uint32_t i = 0; at_ms == 3500 && i < rows[row].voided; i++)
        vouch_sample(&p->vouch, &bad, ms(at_ms));
    if (at_ms == 3500)
        vouch_stall(&p->vouch, rows[row].stall_ms * NS_PER_MS, ms(at_ms));
    if (!vouch_tick(&p->vouch, ms(at_ms), &notice))
        return;
    assert_int_equal(notice.kind, NOTICE_PROBES_VOID);
    p->raises += notice.raised;
    p->clears += !notice.raised;
    *(notice.raised ? &p->raised_ms : &p->cleared_ms) = at_ms;
    if (notice.raised)
        p->raised = notice;
}

static void says_when_it_cannot_vouch(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct play p = {.raises = 0};
        for (int64_t at_ms = 0; at_ms < 30000; at_ms += 25)
            step(&p, i, at_ms);
        CHECK_ROW(rows[i].name, p.raises == rows[i].told && p.clears == rows[i].told);
        if (!rows[i].told)
            continue;
        if (strcmp(p.raised.text, rows[i].text) != 0)
            fail_msg("row '%s': %s", rows[i].name, p.raised.text);
        CHECK_ROW(rows[i].name, p.raised.count == rows[i].voided);
        CHECK_ROW(rows[i].name, p.raised_ms >= 3500 && p.raised_ms <= 4500);
        CHECK_ROW(rows[i].name, rows[i].stall_ms == 0 || p.raised_ms == 3800);  // soon
        CHECK_ROW(rows[i].name, p.cleared_ms >= 13000 && p.cleared_ms <= 14500);
    }
}

static void says_again_while_it_lasts(void **state)
{
    (void)state;
    struct vouch vouch = {.raised = false};
    struct notice notice;
    const struct sample bad = {.verdict = SAMPLE_VOID, .void_reason = SAMPLE_LINK_DOWN};
    int told = 0;
    for (int64_t at_ms = 0; at_ms < 60000; at_ms += 25) {
        vouch_sample(&vouch, &bad, ms(at_ms));
        told += vouch_tick(&vouch, ms(at_ms), &notice);
        assert_true(told == 0 || notice.raised);
    }
    assert_true(told >= 5 && told <= 7);
}

// However long we did not run, only the last ten seconds count.
static void forgets_over_a_gap(void **state)
{
    (void)state;
    struct vouch vouch = {.raised = false};
    struct notice notice;
    const struct sample bad = {.verdict = SAMPLE_VOID, .void_reason = SAMPLE_LINK_DOWN};
    for (int i = 0; i < 100; i++)
        vouch_sample(&vouch, &bad, ms(5000));
    assert_true(vouch_tick(&vouch, ms(5100), &notice) && notice.raised);
    assert_true(vouch_tick(&vouch, ms(100 * 1000), &notice) && !notice.raised);
    assert_int_equal(notice.since.ns, ms(5100).ns);
    assert_false(vouch_tick(&vouch, ms(110 * 1000), &notice));
}

// It looks once a second, and what is ten seconds past is past.
static void looks_every_second(void **state)
{
    (void)state;
    struct vouch vouch = {.raised = false};
    struct notice notice;
    const struct sample bad = {.verdict = SAMPLE_VOID, .void_reason = SAMPLE_LINK_DOWN};
    assert_false(vouch_tick(&vouch, ms(4000), &notice));
    for (int i = 0; i < 100; i++)
        vouch_sample(&vouch, &bad, ms(4010));
    assert_false(vouch_tick(&vouch, ms(4999), &notice));
    assert_true(vouch_tick(&vouch, ms(5000), &notice) && notice.raised);
    for (int64_t at_ms = 6000; at_ms <= 13000; at_ms += 1000)
        assert_false(vouch_tick(&vouch, ms(at_ms), &notice));
    assert_true(vouch_tick(&vouch, ms(14000), &notice) && !notice.raised);
}

// The longest stall of a second counts, and stalls that go on do not put off that it looks.
static void says_again_while_it_stalls(void **state)
{
    (void)state;
    struct vouch vouch = {.raised = false};
    struct notice notice;
    int told = 0;
    for (int64_t at_ms = 1000; at_ms < 40000; at_ms += 100) {
        vouch_stall(&vouch, (at_ms % 1000 == 100 ? 420 : 90) * (int64_t)NS_PER_MS, ms(at_ms));
        if (!vouch_tick(&vouch, ms(at_ms), &notice))
            continue;
        told++;
        assert_true(notice.raised && strstr(notice.text, "stood still for 0.42 s"));
    }
    assert_in_range(told, 3, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_when_it_cannot_vouch),  cmocka_unit_test(says_again_while_it_lasts),
        cmocka_unit_test(forgets_over_a_gap),         cmocka_unit_test(looks_every_second),
        cmocka_unit_test(says_again_while_it_stalls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
