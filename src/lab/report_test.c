// SPDX-License-Identifier: ISC
#include "lab/report.h"

#include "base/check.h"

#include <math.h>
#include <string.h>

enum { RUNS = 20 };

static struct rehearsal_run good_run(void)
{
    struct rehearsal_run run = {.end = REHEARSAL_DONE, .acts = 2, .name_ms = 900};
    for (enum family f = FAMILY_IPV4; f <= FAMILY_IPV6; f++)
        run.families[f] = (struct rehearsal_family){.traffic = {.outage_lost = 200, .moved = 2},
                                                    .suspect_ms = 100,
                                                    .detect_ms = 200,
                                                    .new_way_ms = 300,
                                                    .restore_ms = 700};
    return run;
}

static struct scenario telia(void)
{
    return (struct scenario){
        .name = "telia",
        .fault_count = 1,
        .faults = {{.blames = "transit-a"}},
        .expect = {.detect_p50_ms = 300,
                   .detect_p95_ms = 1000,
                   .restore_p50_ms = 1000,
                   .restore_p95_ms = 2000,
                   .acts = 80,
                   .name_p95_ms = 3000,
                   .moved_min = 3,
                   .moved_max = 4,
                   .said_count = 1,
                   .said = {{.effect = "page", .words = {"l2ald"}, .within_ms = 10000}}}};
}

// What is changed in a run that was good, and the failure that must be told for it.
static void slow_detection(struct rehearsal_run *run)
{
    run->families[FAMILY_IPV4].detect_ms = 1000;
}

static void slightly_slow_detection(struct rehearsal_run *run)
{
    run->families[FAMILY_IPV6].detect_ms = 300;
}

static void slow_restore(struct rehearsal_run *run)
{
    run->families[FAMILY_IPV6].restore_ms = 2000.5;
}

static void never_detected(struct rehearsal_run *run)
{
    run->families[FAMILY_IPV6].detect_ms = NAN;
}

static void never_whole(struct rehearsal_run *run)
{
    run->families[FAMILY_IPV4].restore_ms = NAN;
}

static void lost_on_return(struct rehearsal_run *run)
{
    run->families[FAMILY_IPV4].traffic.return_lost = 1;
}

static void wrong_action(struct rehearsal_run *run)
{
    run->false_actions = 1;
}

static void said_late(struct rehearsal_run *run)
{
    run->said_ms[0] = 10000;
}

static void never_said(struct rehearsal_run *run)
{
    run->said_ms[0] = NAN;
}

static void slow_name(struct rehearsal_run *run)
{
    run->name_ms = 3000;
}

static void never_named(struct rehearsal_run *run)
{
    run->name_ms = NAN;
}

static void wrong_name(struct rehearsal_run *run)
{
    run->wrong_names = 1;
    strcpy(run->wrong_words, "it was the switch");
}

static void moved_little(struct rehearsal_run *run)
{
    run->families[FAMILY_IPV6].traffic.moved = 0;
}

static void moved_much(struct rehearsal_run *run)
{
    run->families[FAMILY_IPV4].traffic.moved = 3;
}

static void stayed_away(struct rehearsal_run *run)
{
    run->families[FAMILY_IPV6].traffic.away = 1;
}

static void overflowed(struct rehearsal_run *run)
{
    run->families[FAMILY_IPV6].traffic.moved_lost = 7;
}

static void busy(struct rehearsal_run *run)
{
    run->acts = 43;
}

static void late(struct rehearsal_run *run)
{
    run->end = REHEARSAL_LATE;
}

static void bad_exit(struct rehearsal_run *run)
{
    run->exit_status = 3;
}

static void lab_dropped(struct rehearsal_run *run)
{
    run->own_drops = 1;
}

static void strange_words(struct rehearsal_run *run)
{
    strcpy(run->unread, "not JSON: hello");
}

static void ended(struct rehearsal_run *run)
{
    run->end = REHEARSAL_GUARD_ENDED;
    strcpy(run->last_error, "fairlead: out of luck");
}

static const struct {
    const char *name;
    void (*spoil)(struct rehearsal_run *run);
    uint32_t spoilt, of;  // so many runs, of so many
    const char *failure;  // NULL: passes
} rows[] = {
    {"good", wrong_action, 0, RUNS, NULL},
    {"no run", wrong_action, 0, 0, ""},
    {"one of twenty slow to detect", slow_detection, 1, RUNS, NULL},
    {"two of twenty", slow_detection, 2, RUNS, "ipv4: detect p95: 1000 ms, expected under 1000"},
    {"half slightly slow", slightly_slow_detection, 10, RUNS, NULL},
    {"more than half", slightly_slow_detection, 11, RUNS, "ipv6: detect p50: 300 ms"},
    {"of few runs the median is not judged", slightly_slow_detection, 3, 3, NULL},
    {"but each alone", slow_detection, 1, 3, "ipv4: detect p95"},
    {"two slow to mend", slow_restore, 2, RUNS, "ipv6: restore p95: 2000 ms"},
    {"two never detected", never_detected, 2, RUNS, "ipv6: detect p95: it did not happen"},
    {"two never whole", never_whole, 2, RUNS, "ipv4: restore p95: it did not happen"},
    {"one packet lost on the way back", lost_on_return, 1, RUNS, "ipv4: 1 packets lost on the way"},
    {"one wrong action", wrong_action, 1, RUNS, "1 actions that were wrong"},
    {"one of twenty slow to name", slow_name, 1, RUNS, NULL},
    {"two slow to name", slow_name, 2, RUNS, "name p95: 3000 ms, expected under 3000 ms"},
    {"two never named", never_named, 2, RUNS, "name p95: it did not happen"},
    {"one said too late", said_late, 1, RUNS, "run 1: not said in 10000 ms: 'l2ald'"},
    {"one never said", never_said, 1, RUNS, "run 1: not said in 10000 ms: 'l2ald'"},
    {"one wrong name", wrong_name, 1, RUNS, "run 1: a wrong part was named: it was the switch"},
    {"and all of them", wrong_name, 2, RUNS, "2 parts that were named wrongly, expected 0"},
    {"too many acts", busy, 1, RUNS, "81 actions, expected 80"},
    {"too few moved", moved_little, 1, RUNS, "run 1: 2 destinations moved, expected at least 3"},
    {"too many moved", moved_much, 1, RUNS, "run 1: 5 destinations moved, expected at most 4"},
    {"one is not back", stayed_away, 1, RUNS, "run 1: 1 destinations not back at the end"},
    {"no room for them", overflowed, 1, RUNS, "run 1: ipv6: 7 packets lost on another way"},
    {"one not over in time", late, 1, RUNS, "run 1: traffic was not back"},
    {"Fairlead failed when asked to end", bad_exit, 1, RUNS, "run 1: Fairlead ended with status 3"},
    {"the lab lost a packet itself", lab_dropped, 1, RUNS, "run 1: the lab itself lost 1"},
    {"something nobody understands", strange_words, 1, RUNS, "run 1: not an effect: not JSON"},
    {"Fairlead ended", ended, 1, RUNS, "run 1: its last error: fairlead: out of luck"},
};

static void verdicts(void **state)
{
    (void)state;
    struct scenario scenario = telia();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rehearsal_run runs[RUNS];
        for (uint32_t n = 0; n < RUNS; n++) {
            runs[n] = good_run();
            if (n < rows[i].spoilt)
                rows[i].spoil(&runs[n]);
        }
        struct report report = report_of(&scenario, runs, rows[i].of);
        CHECK_ROW(rows[i].name, report.pass == !rows[i].failure);
        CHECK_ROW(rows[i].name,
                  !rows[i].failure || strstr(text_get(&report.failures), rows[i].failure) != NULL);
        report_done(&report);
    }
}

// Without an outage nothing is to be detected; still, no run proves nothing.
static void soaks(void **state)
{
    (void)state;
    struct scenario scenario = telia();
    scenario.fault_count = 0;
    struct rehearsal_run run = good_run();
    run.families[FAMILY_IPV4].detect_ms = run.families[FAMILY_IPV4].restore_ms = NAN;
    for (uint32_t count = 0; count < 2; count++) {
        struct report report = report_of(&scenario, &run, count);
        assert_int_equal(report.pass, count == 1);
        report_done(&report);
    }
}

// The keys that others read.
static void json(void **state)
{
    (void)state;
    struct scenario scenario = telia();
    struct rehearsal_run runs[2] = {good_run(), good_run()};
    never_whole(&runs[1]);
    struct report report = report_of(&scenario, runs, 2);
    json_t *object = report_json(&report, &scenario);
    static const char *const keys[] = {"scenario",
                                       "runs",
                                       "family",
                                       "verdict",
                                       "detect_ms",
                                       "restore_ms",
                                       "lost_packets",
                                       "false_actions",
                                       "operator_detect_s",
                                       "operator_restore_s",
                                       "peers",
                                       "name_ms",
                                       "wrong_names",
                                       "acts",
                                       "said"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        CHECK_ROW(keys[i], json_object_get(object, keys[i]) != NULL);
    assert_string_equal(json_string_value(json_object_get(object, "verdict")), "fail");
    json_t *restore = json_object_get(object, "restore_ms");
    assert_true(json_number_value(json_object_get(restore, "p50")) == 700);
    assert_true(json_is_null(json_object_get(restore, "max")));
    json_decref(object);
    report_done(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(verdicts), cmocka_unit_test(soaks),
                                       cmocka_unit_test(json)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
