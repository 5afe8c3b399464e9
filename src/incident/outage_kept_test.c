// SPDX-License-Identifier: ISC
// Outages that another life of the process had open.
#include "incident/outage_kept.h"

#include "incident/outage_check.h"

// The open one of `bed`, in a life that begins.
static struct bed *live_again(struct bed *bed, struct outage_kept *kept)
{
    struct bed *next = bed_open();
    *kept = outage_keep(only(bed));
    next->s = bed->s + 30;
    outages_init(&next->outages, &next->net, now(next));
    free(bed);
    return next;
}

static void counts_on_from_its_number(void **state)
{
    struct bed *bed = bed_open();
    struct outage_kept kept;
    (void)state;
    lose(bed, A, true);
    look(bed, 5);
    bed = live_again(bed, &kept);
    kept.number = 7;
    const struct outage *outage = outages_take_up(&bed->outages, now(bed), &kept);
    assert_non_null(outage);
    assert_null(outages_take_up(&bed->outages, now(bed), &kept));  // it is there already
    look(bed, 1);
    assert_int_equal(only(bed)->number, 7);
    assert_true(only(bed)->onset.ns == kept.onset.ns && only(bed)->lost_at.ns == kept.lost_at.ns);
    bed->s += 200;
    lose(bed, D, true);
    look(bed, 5);
    assert_int_equal(bed->outages.count, 8);
    free(bed);
}

// What lost counts as losing until there was time to find it; then what is seen counts.
static void settles_before_it_is_judged(void **state)
{
    struct bed *bed = bed_open();
    struct outage_kept kept;
    (void)state;
    lose(bed, A, true);
    look(bed, 5);
    lose(bed, B, true);
    look(bed, 2);
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        bed->sight.hit &= ~(UINT64_C(1) << net_path_find(&bed->net, B, family));
    look(bed, 10);
    assert_int_equal(only(bed)->state, OUTAGE_PARTLY_WELL);
    bed = live_again(bed, &kept);
    outages_take_up(&bed->outages, now(bed), &kept);
    look(bed, OUTAGE_SETTLE_S - 1);
    assert_int_equal(only(bed)->state, OUTAGE_PARTLY_WELL);
    assert_int_equal(__builtin_popcountll(only(bed)->hit), 2);
    look(bed, 2);
    assert_int_equal(only(bed)->state, OUTAGE_WELL);
    look(bed, OUTAGE_WELL_S);
    assert_int_equal(open_count(bed), 0);
    free(bed);
}

static void what_was_well_stays_well(void **state)
{
    struct bed *bed = bed_open();
    struct outage_kept kept;
    (void)state;
    lose(bed, A, true);
    look(bed, 5);
    lose(bed, A, false);
    look(bed, 5);
    assert_int_equal(only(bed)->state, OUTAGE_WELL);
    bed = live_again(bed, &kept);
    outages_take_up(&bed->outages, now(bed), &kept);
    look(bed, 5);
    assert_int_equal(only(bed)->state, OUTAGE_WELL);
    look(bed, OUTAGE_WELL_S - 30);
    assert_int_equal(open_count(bed), 0);
    free(bed);
}

// Facts come back by what they were; nothing follows from them a second time.
static void keeps_the_facts_that_its_causes_are_made_of(void **state)
{
    struct bed *bed = bed_open();
    uint32_t ids[OUTAGE_KEPT_FACTS], again[3] = {0};
    struct fact facts[OUTAGE_KEPT_FACTS];
    struct outage_kept kept;
    (void)state;
    uint32_t change = tell(bed, FACT_CHANGE, "edge1", "anna");
    look(bed, 10);
    uint32_t crash = tell(bed, FACT_CRASH, "edge1", "");
    look(bed, 3);
    uint32_t count = outage_kept_facts(only(bed), ids);
    assert_int_equal(count, 2);
    assert_true(ids[0] == change && ids[1] == crash);
    for (uint32_t i = 0; i < count; i++)
        facts[i] = *facts_get(&bed->outages.facts, ids[i]);
    bed = live_again(bed, &kept);
    tell(bed, FACT_LINK, "edge2", "");  // heard before
    for (uint32_t i = 0; i < count; i++)
        again[i] = facts_take_up(&bed->outages.facts, &facts[i]);
    assert_int_equal(facts_take_up(&bed->outages.facts, &facts[1]), again[1]);
    look(bed, 1);
    assert_int_equal(open_count(bed), 0);
    kept.changed_by = again[0];
    kept.warned_by = again[1];
    outages_take_up(&bed->outages, now(bed), &kept);
    look(bed, 3);
    const struct outage *outage = only(bed);
    assert_int_equal(outage->state, OUTAGE_WARNED);
    assert_int_equal(outage->causes.items[0].fact, again[0]);
    assert_int_equal(outage->causes.items[0].via, again[1]);
    assert_true(outage->causes.items[0].share > CAUSE_SURE);
    look(bed, OUTAGE_WARNED_S);
    assert_int_equal(open_count(bed), 0);
    free(bed);
}

static void has_as_many_facts_as_there_is_room_for(void **state)
{
    struct outage outage = {.warned_by = 90, .changed_by = 91, .causes = {.count = CAUSES_MAX}};
    uint32_t ids[OUTAGE_KEPT_FACTS];
    (void)state;
    for (uint32_t i = 0; i < CAUSES_MAX; i++)
        outage.causes.items[i] = (struct cause){.fact = 10 + i, .via = 50 - i};
    assert_int_equal(outage_kept_facts(&outage, ids), OUTAGE_KEPT_FACTS);
    for (uint32_t i = 1; i < OUTAGE_KEPT_FACTS; i++)
        assert_true(ids[i - 1] < ids[i]);
    assert_true(ids[0] == 10 && ids[OUTAGE_KEPT_FACTS - 1] == 91);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_on_from_its_number),
        cmocka_unit_test(settles_before_it_is_judged),
        cmocka_unit_test(what_was_well_stays_well),
        cmocka_unit_test(keeps_the_facts_that_its_causes_are_made_of),
        cmocka_unit_test(has_as_many_facts_as_there_is_room_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
