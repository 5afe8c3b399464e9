// SPDX-License-Identifier: ISC
// Outages that get one, one that gets two, and own prefixes.
#include "incident/outage_check.h"

// Two outages, half an hour apart; then the one member is named on which both hang.
static void two_get_one_when_their_part_is_named(void **state)
{
    struct bed *bed = bed_open();
    char advice[OUTAGE_ACTION_MAX];
    (void)state;
    lose(bed, A, true);
    look(bed, 1800);
    lose(bed, C, true);
    look(bed, 2);
    assert_int_equal(open_count(bed), 2);
    bed->sight.fault_count = 1;
    bed->sight.faults[0] = (struct fault){
        .number = 1, .state = FAULT_NAMED, .began_at = now(bed), .part = fault_part_any()};
    strcpy(bed->sight.faults[0].part.group, "ca");
    strcpy(bed->sight.faults[0].part.member, "ca1");
    look(bed, 0.5);
    const struct outage *kept = only(bed), *other = &bed->outages.items[1];
    assert_int_equal(kept->number, 1);
    assert_true(kept->onset.ns == 100 * (int64_t)NS_PER_S);
    assert_int_equal(__builtin_popcountll(kept->hit), 4);
    assert_int_equal(other->part_of, 1);
    assert_int_equal(other->share_ppm, 0);
    outage_advice(&bed->outages, other, advice);
    assert_string_equal(advice, "it is part of outage 1, which goes on");
    look(bed, 10);
    assert_int_equal(only(bed)->number, 1);
    assert_int_equal(bed->outages.count, 2);  // no third one
    lose(bed, A, false);
    lose(bed, C, false);
    bed->sight.fault_count = 0;
    look(bed, OUTAGE_WELL_S + 2);
    assert_int_equal(open_count(bed), 0);
    free(bed);
}

// Of two that hang on nothing named together each keeps its own.
static void a_part_of_one_leaves_the_other(void **state)
{
    struct bed *bed = bed_open();
    (void)state;
    lose(bed, A, true);
    look(bed, 30);
    lose(bed, D, true);
    look(bed, 2);
    bed->sight.fault_count = 1;
    bed->sight.faults[0] = (struct fault){
        .number = 1, .state = FAULT_NAMED, .began_at = now(bed), .part = fault_part_any()};
    strcpy(bed->sight.faults[0].part.group, "ca");
    strcpy(bed->sight.faults[0].part.member, "ca1");
    look(bed, 5);
    assert_int_equal(open_count(bed), 2);
    free(bed);
}

static void name_upstream(struct bed *bed, uint32_t upstream, double ago_s)
{
    struct fault *fault = &bed->sight.faults[bed->sight.fault_count++];
    *fault = (struct fault){.number = bed->sight.fault_count,
                            .state = FAULT_NAMED,
                            .began_at = mono_add_ms(now(bed), (int64_t)(-ago_s * 1000)),
                            .part = fault_part_any()};
    fault->part.upstream = upstream;
}

// Joined for their router, and then a part of each is named: it is not the router.
static void one_gets_two_when_each_has_a_part(void **state)
{
    static const struct {
        const char *name;
        double apart_s;
        uint32_t first, second;
        bool changed;  // on their router, just before the first
        uint32_t outages;
    } rows[] = {
        {"each its part, half a minute apart", 30, A, B, false, 2},
        {"within seconds it is one", 4, A, B, false, 1},
        {"one change explains both", 30, A, B, true, 1},
        {"the same part", 30, A, A, false, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bed *bed = bed_open();
        if (rows[i].changed)
            tell(bed, FACT_CHANGE, "edge1", "luke");
        lose(bed, A, true);
        look(bed, rows[i].apart_s);
        lose(bed, B, true);
        look(bed, 2);
        CHECK_ROW(rows[i].name, open_count(bed) == 1);
        name_upstream(bed, rows[i].first, rows[i].apart_s + 2);
        look(bed, 1);
        CHECK_ROW(rows[i].name, open_count(bed) == 1);  // of the other nothing is known
        name_upstream(bed, rows[i].second, 3);
        look(bed, 10);
        CHECK_ROW(rows[i].name, open_count(bed) == rows[i].outages);
        CHECK_ROW(rows[i].name, bed->outages.count == rows[i].outages);
        free(bed);
    }
}

static void what_was_split_ends_by_itself(void **state)
{
    struct bed *bed = bed_open();
    (void)state;
    lose(bed, A, true);
    look(bed, 30);
    lose(bed, B, true);
    look(bed, 2);
    name_upstream(bed, A, 32);
    name_upstream(bed, B, 2);
    look(bed, 2);
    const struct outage *old = &bed->outages.items[0], *split = &bed->outages.items[1];
    assert_int_equal(split->number, 2);
    assert_int_equal(split->state, OUTAGE_OPEN);
    assert_int_equal(__builtin_popcountll(split->hit), 2);
    assert_int_equal(__builtin_popcountll(old->hit), 2);
    assert_false(old->hit & split->hit);
    assert_int_equal(split->severity, OUTAGE_CRITICAL);
    assert_true(split->onset.ns == 130 * (int64_t)NS_PER_S);
    assert_true(old->onset.ns == 100 * (int64_t)NS_PER_S);
    bed->sight.faults[0] = bed->sight.faults[1];  // the first is over
    bed->sight.fault_count = 1;
    lose(bed, A, false);
    look(bed, OUTAGE_WELL_S + 2);
    assert_int_equal(only(bed)->number, 2);
    bed->sight.fault_count = 0;
    lose(bed, B, false);
    look(bed, OUTAGE_WELL_S + 2);
    assert_int_equal(open_count(bed), 0);
    assert_int_equal(bed->outages.count, 2);
    free(bed);
}

static void miss_own(struct bed *bed, uint32_t own, bool missing)
{
    bed->sight.own =
        missing ? bed->sight.own | UINT64_C(1) << own : bed->sight.own & ~(UINT64_C(1) << own);
    bed->sight.own_began[own] = now(bed);
}

// All is lost for whoever is behind a prefix that no table has, though no probe says so.
static void an_own_prefix_in_no_table_is_an_outage(void **state)
{
    struct bed *bed = bed_open();
    char title[OUTAGE_TITLE_MAX] = "";
    (void)state;
    bed->net.own_count = 5;
    for (uint32_t own = 0; own < 5; own++)
        bed->net.own[own].prefix = (struct prefix){
            {own % 2 ? FAMILY_IPV6 : FAMILY_IPV4, {203, (uint8_t)own}}, own % 2 ? 32 : 24};
    miss_own(bed, 0, true);
    look(bed, 1);
    assert_int_equal(only(bed)->state, OUTAGE_OPEN);
    assert_int_equal(only(bed)->severity, OUTAGE_CRITICAL);
    outage_title(&bed->outages, only(bed), &bed->sight, title);
    assert_string_equal(title, "own prefix 203.0.0.0/24 unseen from outside");
    look(bed, 60);  // the next ones a minute later
    for (uint32_t own = 1; own < 5; own++)
        miss_own(bed, own, true);
    look(bed, 1);
    outage_title(&bed->outages, only(bed), &bed->sight, title);
    assert_string_equal(title, "own prefixes 203.0.0.0/24, cb01::/32, 203.2.0.0/24 and 2 more "
                               "unseen from outside");
    lose(bed, A, true);  // hours of it, and then something else
    look(bed, 1);
    assert_int_equal(open_count(bed), 2);
    lose(bed, A, false);
    for (uint32_t own = 0; own < 5; own++)
        miss_own(bed, own, false);
    look(bed, 1);
    assert_int_equal(bed->outages.items[0].state, OUTAGE_WELL);
    outage_title(&bed->outages, &bed->outages.items[0], &bed->sight, title);
    assert_non_null(strstr(title, "own prefixes"));  // as it was
    miss_own(bed, 3, true);
    look(bed, 1);
    assert_int_equal(bed->outages.items[0].state, OUTAGE_OPEN);
    miss_own(bed, 3, false);
    look(bed, OUTAGE_WELL_S + 3);
    assert_int_equal(open_count(bed), 0);
    free(bed);
}

static void announce(struct bed *bed, uint32_t own, bool foreign)
{
    bed->sight.foreign = foreign ? bed->sight.foreign | UINT64_C(1) << own
                                 : bed->sight.foreign & ~(UINT64_C(1) << own);
    bed->sight.foreign_began[own] = now(bed);
}

// Packets to us go to somebody else: no probe of ours says so. That it is lost, too, is one matter.
static void an_own_prefix_that_others_announce_is_an_outage(void **state)
{
    struct bed *bed = bed_open();
    char title[OUTAGE_TITLE_MAX] = "";
    (void)state;
    bed->net.own_count = 2;
    bed->net.own[0].prefix = (struct prefix){{FAMILY_IPV4, {203}}, 24};
    bed->net.own[1].prefix = (struct prefix){{FAMILY_IPV6, {0x20, 1, 0xd, 0xb8}}, 32};
    announce(bed, 1, true);
    look(bed, 1);
    assert_int_equal(only(bed)->state, OUTAGE_OPEN);
    assert_int_equal(only(bed)->severity, OUTAGE_CRITICAL);
    outage_title(&bed->outages, only(bed), &bed->sight, title);
    assert_string_equal(title, "own prefix 2001:db8::/32 announced by others");
    look(bed, 600);
    miss_own(bed, 1, true);
    look(bed, 1);
    outage_title(&bed->outages, only(bed), &bed->sight, title);
    assert_string_equal(title, "own prefix 2001:db8::/32 announced by others; own prefix "
                               "2001:db8::/32 unseen from outside");
    miss_own(bed, 1, false);
    announce(bed, 0, true);  // another one much later is another matter
    look(bed, 1);
    assert_int_equal(open_count(bed), 2);
    announce(bed, 0, false);
    announce(bed, 1, false);
    look(bed, 1);
    assert_int_equal(bed->outages.items[0].state, OUTAGE_WELL);
    outage_title(&bed->outages, &bed->outages.items[0], &bed->sight, title);
    assert_non_null(strstr(title, "announced by others"));  // as it was
    announce(bed, 1, true);
    look(bed, OUTAGE_WELL_S + 3);
    assert_int_equal(only(bed)->number, 1);
    announce(bed, 1, false);
    look(bed, OUTAGE_WELL_S + 3);
    assert_int_equal(open_count(bed), 0);
    free(bed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_get_one_when_their_part_is_named),
        cmocka_unit_test(a_part_of_one_leaves_the_other),
        cmocka_unit_test(one_gets_two_when_each_has_a_part),
        cmocka_unit_test(what_was_split_ends_by_itself),
        cmocka_unit_test(an_own_prefix_in_no_table_is_an_outage),
        cmocka_unit_test(an_own_prefix_that_others_announce_is_an_outage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
