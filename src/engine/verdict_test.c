// SPDX-License-Identifier: ISC
// A loses packets both ways. What leaves by it is moved to B, and answers come back by A as before:
// whether the move helps, probes that come back by B tell, and only where reflectors counted that A
// loses answers too.
#include "engine/verdict.h"

#include "engine/site_check.h"
#include "engine/state.h"

#include "base/check.h"

enum { A = SITE_A, B };

static void tell_counted(struct site *s, uint32_t forward, uint32_t reverse)
{
    site_feed(s, (struct event){.kind = EVENT_TALLY,
                                .tally = {.path = net_path_find(&s->net, A, s->family),
                                          .lost = forward + reverse,
                                          .lost_forward = forward,
                                          .lost_reverse = reverse}});
}

static struct site *open_moved(uint32_t forward, uint32_t reverse)
{
    struct site *s = site_open(1);
    s->loss_percent[A] = s->routed_percent = 60;
    tell_counted(s, forward, reverse);
    site_signal(s, A, SIGNAL_CONFIRMED);
    while (s->said_count == 0 && s->ms < 60 * 1000)
        site_run(s, 50);
    site_check_said(s, 0, PLAN_ACT, A, B);
    return s;
}

static const struct {
    const char *name;
    uint32_t forward, reverse;           // as counted of A, before
    uint32_t routed_percent, b_percent;  // lost after the move
    uint32_t b_void_percent;
    bool stays;
} rows[] = {
    {"answers are lost by A", 1200, 800, 38, 0, 0, true},
    {"nobody counted which way", 0, 0, 38, 0, 0, false},
    {"hardly any on the way back", 2000, 100, 38, 0, 0, false},
    {"B loses as much", 1200, 800, 38, 38, 0, false},
    {"nothing is known of B any more", 1200, 800, 38, 0, 100, false},
    {"no answer is lost any more", 1200, 800, 0, 0, 0, true},
};

static void blames_no_way_for_answers_by_another(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct site *s = open_moved(rows[i].forward, rows[i].reverse);
        s->routed_percent = rows[i].routed_percent;
        s->loss_percent[B] = rows[i].b_percent;
        s->void_percent[B] = rows[i].b_void_percent;
        site_run(s, 20 * 1000);
        CHECK_ROW(rows[i].name, (s->said_count == 1) == rows[i].stays);
        CHECK_ROW(rows[i].name, s->state == INCIDENT_HELD || !rows[i].stays);
        if (!rows[i].stays)
            site_check_said(s, 1, PLAN_UNDO, B, A);
        site_close(s);
    }
}

// A way that loses by itself is not counted anew again and again, until the time is over.
static void undoes_at_once_what_is_bad(void **state)
{
    (void)state;
    struct site *s = open_moved(1200, 800);
    s->routed_percent = s->loss_percent[B] = 38;
    for (int64_t ms = s->net.steer.verify_max_ns / NS_PER_MS / 2; ms > 0; ms -= 50) {
        tell_counted(s, 1200, 800);
        site_run(s, 50);
    }
    assert_true(s->said_count > 1);
    site_check_said(s, 1, PLAN_UNDO, B, A);
    site_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blames_no_way_for_answers_by_another),
        cmocka_unit_test(undoes_at_once_what_is_bad),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
