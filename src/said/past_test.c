// SPDX-License-Identifier: ISC
// What is made of an outage that is past: when it was what, and what a provider gets to read.
#include "said/past.h"

#include "base/check.h"
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

struct made {
    json_t *all;
    struct said_past past;
};

static struct made make(void)
{
    struct made made = {json_load_file(FAIRLEAD_SOURCE_DIR "/tests/said/past.json", 0, NULL), {0}};
    made.past =
        (struct said_past){json_object_get(made.all, "outage"), json_object_get(made.all, "facts"),
                           json_object_get(made.all, "rates"), 10};
    assert_true(made.past.outage && made.past.facts && made.past.rates);
    return made;
}

static void made_done(struct made *made)
{
    json_decref(made->all);
}

static void reads_times(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t at_ns;
    } rows[] = {
        {"1970-01-01T00:00:01.500000Z", 1500 * (int64_t)NS_PER_MS},
        {"1970-01-01T00:00:01Z", NS_PER_S},
        {"2016-06-20T12:10:03.250000Z", INT64_C(1466424603250000000)},
        {"", INT64_MIN},
        {"2016-13-20T12:10:03Z", INT64_MIN},
        {"yesterday", INT64_MIN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t at_ns = INT64_MIN;
        CHECK_ROW(rows[i].text,
                  said_time_parse(rows[i].text, &at_ns) == (rows[i].at_ns != INT64_MIN));
        CHECK_ROW(rows[i].text, at_ns == rows[i].at_ns);
    }
}

static void knows_when_it_was_what(void **state)
{
    (void)state;
    struct made made = make();
    struct said_times times = said_times_of(&made.past);
    static const int64_t wants_ms[] = {1750, 56750, 3750, 11750, 256750};
    const int64_t is_ns[] = {times.detected_ns, times.acknowledged_ns, times.acted_ns,
                             times.recovered_ns, times.over_ns};
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(is_ns[i] - times.onset_ns, wants_ms[i] * NS_PER_MS);
    json_array_clear(json_object_get(made.all, "facts"));
    times = said_times_of(&made.past);
    assert_true(times.detected_ns == INT64_MIN && times.acknowledged_ns == INT64_MIN &&
                times.acted_ns == INT64_MIN);
    // What the outage itself says is enough for its end.
    assert_int_equal(times.over_ns - times.onset_ns, wants_ms[4] * NS_PER_MS);
    assert_int_equal(times.recovered_ns, times.over_ns);
    made_done(&made);
}

static void check_says(const char *text, const char *const *lines)
{
    for (; *lines; lines++)
        if (!strstr(text, *lines))
            fail_msg("'%s' is not said in:\n%s", *lines, text);
}

static void writes_a_postmortem(void **state)
{
    (void)state;
    struct made made = make();
    struct said_text text = {0};
    said_postmortem(&made.past, &text);
    static const char *const lines[] = {
        "# Incident 3.12: loss on \\*transit-a\\*\n",
        "- cause: change by luke on ca1\n",
        "| onset | 2016-06-20T12:10:03.250Z | 0.0 |\n",
        "| detected | 2016-06-20T12:10:05.000Z | 1.8 |\n",
        "| acknowledged | 2016-06-20T12:11:00.000Z | 56.8 |\n",
        "| first act | 2016-06-20T12:10:07.000Z | 3.8 |\n",
        "| recovered: moved or well | 2016-06-20T12:10:15.000Z | 11.8 |\n",
        "| over | 2016-06-20T12:14:20.000Z | 256.8 |\n",
        "| transit-a ipv6 | 320 | 2400 | 13.33 | 2016-06-20T12:10:20Z: 30.0 % |\n",
        "## Evidence\n\n- 2016-06-20T12:10:03.300Z loss rose\n",
        "## People\n\n- 2016-06-20T12:10:06.000Z of another\n- 2016-06-20T12:11:00.000Z anna",
        "- 2016-06-20T12:14:20.000Z over\n",
        NULL};
    check_says(text.bytes, lines);
    said_text_done(&text);
    made_done(&made);
}

// Of this upstream and nobody else, and nothing of causes; of a flow the last word.
static void packs_evidence_for_a_provider(void **state)
{
    (void)state;
    struct made made = make();
    struct said_text text = {0};
    json_t *names = said_upstreams(&made.past);
    assert_int_equal(json_array_size(names), 2);
    assert_string_equal(json_string_value(json_array_get(names, 0)), "transit-a");
    assert_string_equal(json_string_value(json_array_get(names, 1)), "transit-aa");
    json_t *evidence = said_evidence(&made.past, "transit-a");
    assert_int_equal(json_array_size(json_object_get(evidence, "flows")), 2);
    assert_int_equal(json_array_size(json_object_get(evidence, "rates")), 2);
    said_evidence_text(evidence, &text);
    static const char *const lines[] = {
        "Packet loss by way of transit-a, our reference 3.12\n",
        "transit-a ipv6: 320 of 2400 probes lost (13.33 %)\n",
        "transit-a ipv4: 0 of 800 probes lost (0.00 %)\n",
        "until 2016-06-20T12:10:10Z, last until 2016-06-20T12:10:20Z\n",
        "worst: until 2016-06-20T12:10:20Z, 30.0 %\n",
        "320 lost on the way from us, 0 on the way to us\n",
        "at most 2.00 ms before, 3.00 ms during it\n",
        "named: IPv6 by bucket 3\n",
        "stamp [2001:db8::5]:40001 -> [2001:db8:f::1]:862 label 0x00007  sent 200 lost 60 (from us "
        "60, "
        "to us 0), 60 s until 2016-06-20T12:11:10Z\n"
        "        by way of 2001:db8:a1::1 2001:db8:a3::9\n",
        "40002 -> [2001:db8:f::1]:862 label 0x00007  sent 200 lost 0, 60 s until "
        "2016-06-20T12:11:10Z\n\n",
        "until 2016-06-20T12:10:20Z transit-a ipv6: 240 of 800, from us 240, to us 0\n",
        NULL};
    check_says(text.bytes, lines);
    assert_null(strstr(text.bytes, "luke"));
    assert_null(strstr(text.bytes, "transit-b"));
    assert_null(strstr(text.bytes, "not theirs"));
    json_decref(evidence);
    json_decref(names);
    said_text_done(&text);
    evidence = said_evidence(&made.past, "transit-c");
    said_evidence_text(evidence, &text);
    assert_non_null(strstr(text.bytes, "none is kept"));
    json_decref(evidence);
    said_text_done(&text);
    made_done(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_times),
        cmocka_unit_test(knows_when_it_was_what),
        cmocka_unit_test(writes_a_postmortem),
        cmocka_unit_test(packs_evidence_for_a_provider),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
