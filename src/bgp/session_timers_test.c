// SPDX-License-Identifier: ISC
#include "bgp/session_check.h"

static void a_silent_router_is_given_up(void **state)
{
    (void)state;
    struct bgp_session *s = established();
    struct bgp_session_event event;
    bgp_session_time(s, at_ms(8999));
    assert_int_equal(draw(s, at_ms(8999), &event), -1);
    assert_wrote(s, at_ms(8999), "4");
    receive_keepalive(s);  // and the hold time begins anew
    assert_int_equal(draw(s, at_ms(8999), &event), -1);
    bgp_session_time(s, at_ms(12000));  // our own, from 8.999 on
    assert_wrote(s, at_ms(12000), "4");
    bgp_session_time(s, at_ms(17999));
    assert_int_equal(draw(s, at_ms(17999), &event), BGP_EVENT_DOWN);
    assert_true(event.was_up);
    assert_string_equal(event.reason, "we say Hold Timer Expired: the router is silent");
    free(s);
}

static void keepalives_go_out_thrice_a_hold_time(void **state)
{
    (void)state;
    struct bgp_session *s = established();
    int sent = 0;
    for (int64_t ms = 0; ms <= 90 * 1000; ms += 100) {
        receive_keepalive(s);
        assert_int_equal(draw(s, at_ms(ms), NULL), -1);
        bgp_session_time(s, at_ms(ms));
        sent += *wrote(s, at_ms(ms)) == '4';
    }
    assert_int_equal(sent, 30);
    free(s);
}

static void an_open_must_come_in_time(void **state)
{
    (void)state;
    struct bgp_session *s = connected(false);
    struct bgp_session_event event;
    bgp_session_time(s, at_ms(BGP_OPEN_WAIT_MS - 1));
    assert_int_equal(draw(s, start, &event), -1);
    bgp_session_time(s, at_ms(BGP_OPEN_WAIT_MS));
    assert_int_equal(draw(s, start, &event), BGP_EVENT_DOWN);
    assert_string_equal(event.reason, "we say Hold Timer Expired: no OPEN came");
    assert_wrote(s, start, "3 4/0");
    free(s);
}

static void a_router_that_does_not_read_is_let_go(void **state)
{
    (void)state;
    struct bgp_session *s = established();
    struct bgp_session_event event;
    int64_t ms = 0;
    for (;; ms += 1000) {
        receive_keepalive(s);
        if (draw(s, at_ms(ms), &event) >= 0)
            break;
        bgp_session_time(s, at_ms(ms));
        if (draw(s, at_ms(ms), &event) >= 0)
            break;
        if (ms == 10 * 1000)
            bgp_session_sent(s, at_ms(ms), 1);  // one octet is progress
        assert_true(ms < 60 * 1000);
    }
    assert_int_equal(ms, 28 * 1000);
    assert_int_equal(event.kind, BGP_EVENT_DOWN);
    assert_string_equal(event.reason, "we say Send Hold Timer Expired: the router does not read");
    free(s);
}

static void one_that_never_reads_has_two_hold_times(void **state)
{
    (void)state;
    struct bgp_session *s = established();
    struct bgp_session_event event;
    assert_true(bgp_session_send(s, at_ms(500), "x", 1));
    s->timers[BGP_HOLD] = s->timers[BGP_KEEPALIVE_DUE] = (struct mono){INT64_MAX};
    assert_int_equal(mono_since_ns(bgp_session_deadline(s), at_ms(18500)), 0);
    bgp_session_time(s, at_ms(18499));
    assert_int_equal(draw(s, at_ms(18499), &event), -1);
    bgp_session_time(s, at_ms(18500));
    assert_int_equal(draw(s, at_ms(18500), &event), BGP_EVENT_DOWN);
    free(s);
}

static void every_sign_of_life_counts(void **state)
{
    (void)state;
    struct bgp_session *s = connected(false);
    struct bgp_open open = router_open();
    struct mono hold_end = at_ms(5000 + 9000);
    receive_open(s, &open);
    assert_int_equal(draw(s, at_ms(5000), NULL), BGP_EVENT_OPENED);
    assert_int_equal(s->timers[BGP_HOLD].ns, hold_end.ns);
    receive_keepalive(s);
    assert_int_equal(draw(s, at_ms(6000), NULL), BGP_EVENT_UP);
    assert_int_equal(s->timers[BGP_HOLD].ns, at_ms(15000).ns);
    receive_hex(s, MARKER "0017 02 0000 0000");
    assert_int_equal(draw(s, at_ms(7000), NULL), BGP_EVENT_UPDATE);
    assert_int_equal(s->timers[BGP_HOLD].ns, at_ms(16000).ns);
    free(s);
}

static void tries_again_with_patience(void **state)
{
    (void)state;
    static const int64_t most_ms[] = {1000, 2000, 4000, 8000, 8000, 8000};
    struct bgp_session *s = new_session(true);
    struct mono now = start;
    struct bgp_session_event event;
    for (size_t i = 0; i < sizeof most_ms / sizeof most_ms[0]; i++) {
        bgp_session_time(s, now);
        assert_int_equal(draw(s, now, &event), BGP_EVENT_DIAL);
        bgp_session_closed(s, now, "connection refused");
        assert_int_equal(draw(s, now, &event), BGP_EVENT_DOWN);
        assert_string_equal(event.reason, "in Connect: connection refused");
        struct mono next = bgp_session_deadline(s);
        assert_true(mono_since_ns(next, now) <= most_ms[i] * NS_PER_MS);
        assert_true(mono_since_ns(next, now) >= most_ms[i] * NS_PER_MS * 3 / 4);
        now = next;
    }
    free(s);

    static const struct {
        int64_t up_ms, most_ms;
    } lives[] = {{BGP_STABLE_MS - 1, 2000}, {BGP_STABLE_MS, 1000}};
    for (size_t i = 0; i < 2; i++) {
        s = established();
        s->retry_ms = 2000;
        bgp_session_closed(s, at_ms(lives[i].up_ms), "gone");
        int64_t wait_ns = mono_since_ns(bgp_session_deadline(s), at_ms(lives[i].up_ms));
        assert_true(wait_ns <= lives[i].most_ms * NS_PER_MS);
        assert_true(wait_ns >= lives[i].most_ms * NS_PER_MS * 3 / 4);
        free(s);
    }
}

static void a_dead_address_is_not_waited_for(void **state)
{
    (void)state;
    struct bgp_session *s = new_session(true);
    struct bgp_session_event event;
    bgp_session_time(s, start);
    assert_int_equal(draw(s, start, &event), BGP_EVENT_DIAL);
    bgp_session_time(s, at_ms(BGP_CONNECT_MS - 1));
    assert_int_equal(draw(s, start, &event), -1);
    bgp_session_time(s, at_ms(BGP_CONNECT_MS));
    assert_int_equal(draw(s, start, &event), BGP_EVENT_DOWN);
    assert_string_equal(event.reason, "no answer within 5 s");
    free(s);
}

static void one_that_waits_has_no_timer(void **state)
{
    (void)state;
    struct bgp_session *s = new_session(false);
    assert_true(bgp_session_deadline(s).ns == INT64_MAX);
    free(s);
    s = connected(false);
    bgp_session_closed(s, start, "closed by the router");
    struct bgp_session_event event;
    assert_int_equal(draw(s, start, &event), BGP_EVENT_DOWN);
    assert_string_equal(event.reason, "in OpenSent: closed by the router");
    assert_true(bgp_session_deadline(s).ns == INT64_MAX);
    bgp_session_connected(s, start);
    assert_wrote(s, start, "1");
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_silent_router_is_given_up),
        cmocka_unit_test(keepalives_go_out_thrice_a_hold_time),
        cmocka_unit_test(an_open_must_come_in_time),
        cmocka_unit_test(a_router_that_does_not_read_is_let_go),
        cmocka_unit_test(one_that_never_reads_has_two_hold_times),
        cmocka_unit_test(every_sign_of_life_counts),
        cmocka_unit_test(tries_again_with_patience),
        cmocka_unit_test(a_dead_address_is_not_waited_for),
        cmocka_unit_test(one_that_waits_has_no_timer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
