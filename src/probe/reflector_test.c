// SPDX-License-Identifier: ISC
#include "probe/reflector.h"

#include "base/check.h"

static const struct siphash_key key = {1, 2};

static struct reflector_session session(const char *address, uint16_t port, uint16_t ssid)
{
    struct reflector_session s = {.port = port, .ssid = ssid};
    assert_true(address_parse(address, &s.address));
    return s;
}

static void each_session_has_its_own_count(void **state)
{
    (void)state;
    const struct reflector_session sessions[] = {
        session("192.0.2.1", 61000, 1),   session("192.0.2.1", 61000, 2),
        session("192.0.2.1", 61001, 1),   session("192.0.2.2", 61000, 1),
        session("2001:db8::1", 61000, 1), session("2001:db8::2", 61000, 1),
    };
    struct reflector *r = reflector_new(8, 1000, key);  // one set: all meet in it
    for (uint32_t round = 0; round < 3; round++)
        for (size_t i = 0; i < sizeof sessions / sizeof sessions[0]; i++) {
            uint32_t sequence;
            assert_true(reflector_count(r, sessions[i], (struct mono){round}, &sequence));
            assert_int_equal(sequence, round);
        }
    reflector_free(r);
}

// However many strangers come, those known keep their counts, and room comes back with time.
static void strangers_cannot_grow_or_disturb_it(void **state)
{
    (void)state;
    struct reflector *r = reflector_new(64, 1000, key);
    struct reflector_session known = session("192.0.2.1", 61000, 1);
    uint32_t sequence, held = 0;
    struct mono now = {0};
    assert_true(reflector_count(r, known, now, &sequence));
    for (uint32_t i = 0; i < 10 * 1000; i++)
        held += reflector_count(r, session("198.51.100.1", (uint16_t)i, 7), now, &sequence);
    assert_true(held > 40 && held < 64);
    assert_true(reflector_count(r, known, now, &sequence));
    assert_int_equal(sequence, 1);

    now.ns = (int64_t)REFLECTOR_FORGET_S * NS_PER_S;
    assert_true(reflector_count(r, known, now, &sequence));
    assert_int_equal(sequence, 2);  // just within the time
    now.ns += 1;
    held = 0;
    for (uint32_t i = 0; i < 10 * 1000; i++)
        held += reflector_count(r, session("203.0.113.1", (uint16_t)i, 7), now, &sequence);
    assert_true(held > 40 && held < 64);
    reflector_free(r);
}

static void a_session_that_was_silent_begins_again(void **state)
{
    (void)state;
    struct reflector *r = reflector_new(64, 1000, key);
    struct reflector_session known = session("2001:db8::1", 61000, 1);
    uint32_t sequence;
    struct mono now = {0};
    assert_true(reflector_count(r, known, now, &sequence));
    assert_true(reflector_count(r, known, now, &sequence) && sequence == 1);
    now.ns = ((int64_t)REFLECTOR_FORGET_S + 1) * NS_PER_S;
    assert_true(reflector_count(r, known, now, &sequence));
    assert_int_equal(sequence, 0);
    reflector_free(r);
}

// Offered ten times the rate for ten seconds: the rate, and what bunches are forgiven.
static void answers_no_faster_than_its_rate(void **state)
{
    (void)state;
    struct reflector *r = reflector_new(8, 1000, key);
    uint32_t answered = 0;
    for (int64_t i = 0; i < 100 * 1000; i++)
        answered += reflector_may_answer(r, (struct mono){i * 100 * NS_PER_US});
    assert_true(answered >= 10 * 1000 && answered <= 10 * 1000 + 102);
    reflector_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_session_has_its_own_count),
        cmocka_unit_test(strangers_cannot_grow_or_disturb_it),
        cmocka_unit_test(a_session_that_was_silent_begins_again),
        cmocka_unit_test(answers_no_faster_than_its_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
