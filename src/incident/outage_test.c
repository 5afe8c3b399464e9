// SPDX-License-Identifier: ISC
// What belongs together and what does not, and the states of one outage.
#include "incident/outage_check.h"

static void is_as_severe_as_what_is_lost(void **state)
{
    static const struct {
        const char *name;
        uint32_t lost_ppm;
        enum outage_severity severity;
    } rows[] = {
        {"nothing", 0, OUTAGE_MINOR},      {"under 1 %", 9999, OUTAGE_MINOR},
        {"1 %", 10000, OUTAGE_MAJOR},      {"under 10 %", 99999, OUTAGE_MAJOR},
        {"10 %", 100000, OUTAGE_CRITICAL}, {"all", 1000000, OUTAGE_CRITICAL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CHECK_ROW(rows[i].name, outage_severity(rows[i].lost_ppm) == rows[i].severity);
}

// Loss on two upstreams, so much later: one outage or two.
static void joins_by_time_and_topology(void **state)
{
    static const struct {
        const char *name;
        uint32_t first, second;
        double apart_s;
        uint32_t outages;
    } rows[] = {
        {"both at once, nothing in common", A, D, 2, 1},
        {"nothing in common, half a minute later", A, D, 30, 2},
        {"one router, half a minute later", A, B, 30, 1},
        {"one router, half an hour later", A, B, 1800, 2},
        {"one member, a minute later", A, C, 60, 1},
        {"the same again", A, A, 1800, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bed *bed = bed_open();
        lose(bed, rows[i].first, true);
        look(bed, rows[i].apart_s);
        lose(bed, rows[i].second, true);
        look(bed, 2);
        CHECK_ROW(rows[i].name, open_count(bed) == rows[i].outages);
        CHECK_ROW(rows[i].name, bed->outages.count == rows[i].outages);
        free(bed);
    }
}

// Some seconds of loss, and something late, after a commit that made both members crash: when that
// is over the warning still stands, and the next loss is of the same outage. Until it is rolled
// back.
static void a_loss_that_ends_leaves_the_warning(void **state)
{
    struct bed *bed = bed_open();
    (void)state;
    tell(bed, FACT_CHANGE, "ca1", "luke");
    tell(bed, FACT_CHANGE, "ca2", "luke");
    look(bed, 2);
    tell(bed, FACT_CRASH, "ca1", "");
    look(bed, 30);
    bed->sight.fault_count = 1;
    bed->sight.faults[0] = (struct fault){.number = 1,
                                          .state = FAULT_NAMED,
                                          .symptom = FAULT_DELAY,
                                          .began_at = now(bed),
                                          .part = fault_part_any()};
    bed->sight.faults[0].part.upstream = A;
    look(bed, 5);
    assert_int_equal(only(bed)->state, OUTAGE_WARNED);
    bed->sight.fault_count = 0;
    for (int n = 0; n < 2; n++) {
        lose(bed, A, true);
        look(bed, 5);
        assert_int_equal(only(bed)->state, OUTAGE_OPEN);
        lose(bed, A, false);
        look(bed, OUTAGE_WELL_S - 5);
        assert_int_equal(only(bed)->state, OUTAGE_WELL);
        look(bed, 10);
        assert_int_equal(only(bed)->state, OUTAGE_WARNED);
        assert_int_equal(only(bed)->number, 1);
        assert_false(only(bed)->lost);
    }
    lose(bed, A, true);
    look(bed, 2);
    tell(bed, FACT_ROLLBACK, "ca1", "root");
    lose(bed, A, false);
    look(bed, OUTAGE_WELL_S + 5);
    assert_int_equal(open_count(bed), 0);
    free(bed);
}

static void two_faults_have_two_ends(void **state)
{
    struct bed *bed = bed_open();
    (void)state;
    lose(bed, A, true);
    look(bed, 40);
    lose(bed, D, true);
    look(bed, 40);
    lose(bed, A, false);
    look(bed, 100);
    assert_int_equal(only(bed)->number, 2);
    assert_int_equal(only(bed)->state, OUTAGE_OPEN);
    lose(bed, D, false);
    look(bed, 1);
    assert_int_equal(only(bed)->state, OUTAGE_WELL);
    lose(bed, D, true);  // and again, soon: the same
    look(bed, 1);
    assert_int_equal(only(bed)->number, 2);
    lose(bed, D, false);
    look(bed, 100);
    assert_int_equal(open_count(bed), 0);
    free(bed);
}

static void warns_only_of_what_never_happened_soon_after_a_change(void **state)
{
    static const struct {
        const char *name;
        enum fact_kind alarm;
        const char *changed, *device;
        double after_s;
        bool seen, warns;
    } rows[] = {
        {"a crash where it was changed", FACT_CRASH, "ca1", "ca1", 5, false, true},
        {"an alarm there", FACT_ALARM, "ca1", "ca1", 100, false, true},
        {"too late", FACT_CRASH, "ca1", "ca1", 130, false, false},
        {"before the change", FACT_CRASH, "ca1", "ca1", -5, false, false},
        {"on another device", FACT_CRASH, "ca1", "ca2", 5, false, false},
        {"it crashes every week", FACT_CRASH, "ca1", "ca1", 5, true, false},
        {"a port that goes down", FACT_LINK, "ca1", "ca1", 5, false, false},
        {"nobody knows the device", FACT_CRASH, "sw99", "sw99", 5, false, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bed *bed = bed_open();
        if (rows[i].seen)
            tell(bed, rows[i].alarm, rows[i].device, "");
        look(bed, 7 * 86400 / 1000.0);
        if (rows[i].after_s >= 0)
            tell(bed, FACT_CHANGE, rows[i].changed, "root");
        look(bed, rows[i].after_s > 0 ? rows[i].after_s : 0);
        tell(bed, rows[i].alarm, rows[i].device, "");
        look(bed, 1);
        if (rows[i].after_s < 0)
            tell(bed, FACT_CHANGE, rows[i].changed, "root");
        look(bed, 1);
        CHECK_ROW(rows[i].name, open_count(bed) == rows[i].warns);
        CHECK_ROW(rows[i].name, !rows[i].warns || only(bed)->state == OUTAGE_WARNED);
        CHECK_ROW(rows[i].name, !rows[i].warns || only(bed)->severity == OUTAGE_MAJOR);
        free(bed);
    }
}

static void a_warning_ends_when_nothing_comes_of_it(void **state)
{
    struct bed *bed = bed_open();
    (void)state;
    tell(bed, FACT_CHANGE, "ca1", "root");
    look(bed, 2);
    tell(bed, FACT_CRASH, "ca1", "");
    tell(bed, FACT_CRASH, "ca2", "");
    look(bed, 20 * 60);
    assert_int_equal(only(bed)->state, OUTAGE_WARNED);
    tell(bed, FACT_ROLLBACK, "ca1", "root");
    look(bed, 2);
    assert_int_equal(open_count(bed), 0);  // rolled back, and quiet for long enough
    free(bed);
}

static void both_members_of_a_pair_are_critical(void **state)
{
    struct bed *bed = bed_open();
    (void)state;
    tell(bed, FACT_CHANGE, "ca1", "root");
    tell(bed, FACT_CHANGE, "ca2", "root");
    look(bed, 2);
    tell(bed, FACT_CRASH, "ca1", "");
    look(bed, 1);
    assert_int_equal(only(bed)->severity, OUTAGE_MAJOR);
    tell(bed, FACT_CRASH, "ca2", "");
    look(bed, 1);
    assert_int_equal(only(bed)->severity, OUTAGE_CRITICAL);
    free(bed);
}

static void many_sessions_of_one_device_are_an_outage(void **state)
{
    struct bed *bed = bed_open();
    (void)state;
    for (int n = 0; n < FACT_BURST - 1; n++)
        tell(bed, FACT_BFD, "ca1", "");
    look(bed, 1);
    assert_int_equal(open_count(bed), 0);
    tell(bed, FACT_BFD, "ca1", "");
    look(bed, 1);
    assert_int_equal(only(bed)->state, OUTAGE_WARNED);
    free(bed);
    bed = bed_open();
    tell(bed, FACT_MAINTENANCE, "ca1", "");  // unless somebody works on it
    for (int n = 0; n < FACT_BURST; n++)
        tell(bed, FACT_BFD, "ca1", "");
    look(bed, 1);
    assert_int_equal(open_count(bed), 0);
    free(bed);
}

static void check_says(const struct bed *bed, const char *part)
{
    char cause[OUTAGE_CAUSE_MAX], advice[OUTAGE_ACTION_MAX];
    outage_cause(&bed->outages, only(bed), cause);
    outage_advice(&bed->outages, only(bed), advice);
    if (!strstr(cause, part) && !strstr(advice, part))
        fail_msg("neither '%s' nor '%s' says '%s'", cause, advice, part);
}

static void says_what_a_rollback_did_not_mend_and_what_came_back(void **state)
{
    struct bed *bed = bed_open();
    (void)state;
    tell(bed, FACT_CHANGE, "ca1", "root");
    look(bed, 20);
    for (uint32_t u = A; u <= D; u++)
        lose(bed, u, true);
    look(bed, 20);
    tell(bed, FACT_ROLLBACK, "ca1", "root");
    look(bed, 10);
    assert_int_equal(only(bed)->state, OUTAGE_OPEN);
    look(bed, 15);
    assert_int_equal(only(bed)->state, OUTAGE_STILL_BROKEN);
    check_says(bed, "rolled back by root and still broken");
    lose(bed, A, false);
    lose(bed, C, false);
    look(bed, 3);
    assert_int_equal(only(bed)->state, OUTAGE_STILL_BROKEN);
    look(bed, 4);
    assert_int_equal(only(bed)->state, OUTAGE_PARTLY_WELL);
    check_says(bed, "only what hangs on ca1 came back");
    check_says(bed, "all that hangs on ca2");
    bed->sight.helped = bed->sight.hit;
    look(bed, 1);
    assert_int_equal(only(bed)->state, OUTAGE_MITIGATED);
    free(bed);
}

static void work_elsewhere_is_said_to_be_unrelated(void **state)
{
    struct bed *bed = bed_open();
    (void)state;
    tell(bed, FACT_MAINTENANCE, "edge2", "carrier");
    look(bed, 60);
    lose(bed, A, true);
    look(bed, 3);
    check_says(bed, "unrelated: maintenance by carrier on edge2");
    free(bed);
    bed = bed_open();
    tell(bed, FACT_MAINTENANCE, "edge1", "carrier");
    look(bed, 60);
    lose(bed, A, true);
    lose(bed, B, true);
    look(bed, 3);
    assert_int_equal(only(bed)->causes.items[0].kind, CAUSE_MAINTENANCE);
    free(bed);
}

// More than there is room for, in any order: nothing is lost but what is oldest.
static void what_loses_and_is_named_is_one_part(void **state)
{
    struct bed *bed = bed_open();
    (void)state;
    lose(bed, A, true);
    look(bed, 1);
    bed->sight.fault_count = 1;
    bed->sight.faults[0] = (struct fault){.number = 1,
                                          .state = FAULT_NAMED,
                                          .began_at = now(bed),
                                          .part = fault_part_any(),
                                          .evidence = {.odds_millinats = 6000}};
    bed->sight.faults[0].part.upstream = A;
    look(bed, 1);
    const struct outage *outage = only(bed);
    assert_int_equal(outage->fault_count, 1);
    assert_int_equal(outage->symptoms.part_count, 1);
    assert_float_equal(outage->symptoms.parts[0].share, 1, 1e-9);
    free(bed);
}

static void is_bounded(void **state)
{
    struct bed *bed = bed_open();
    (void)state;
    for (uint32_t n = 0; n < 3 * FACTS_MAX; n++) {
        char device[NET_NAME_MAX], who[NET_NAME_MAX];
        snprintf(device, sizeof device, "sw%u", n);
        snprintf(who, sizeof who, "u%u", n);
        tell(bed, FACT_CHANGE, device, who);
        tell(bed, FACT_CRASH, device, "");
        bed->s += 6;
        if (n % 32 == 0)
            look(bed, 0.5);
    }
    assert_int_equal(open_count(bed), OUTAGES_MAX);
    free(bed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_as_severe_as_what_is_lost),
        cmocka_unit_test(joins_by_time_and_topology),
        cmocka_unit_test(a_loss_that_ends_leaves_the_warning),
        cmocka_unit_test(two_faults_have_two_ends),
        cmocka_unit_test(warns_only_of_what_never_happened_soon_after_a_change),
        cmocka_unit_test(a_warning_ends_when_nothing_comes_of_it),
        cmocka_unit_test(both_members_of_a_pair_are_critical),
        cmocka_unit_test(many_sessions_of_one_device_are_an_outage),
        cmocka_unit_test(says_what_a_rollback_did_not_mend_and_what_came_back),
        cmocka_unit_test(work_elsewhere_is_said_to_be_unrelated),
        cmocka_unit_test(what_loses_and_is_named_is_one_part),
        cmocka_unit_test(is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
