// SPDX-License-Identifier: ISC
// What becomes of findings: what is named, what has grown, when a direction is told; from inside.
#include "detect/site_check.h"
#include "detect/site_parts.h"

static const int64_t now_ms = 20000;

static struct site *new_site(struct world **world)
{
    *world = world_new(2, 100);
    world_run(*world, WORLD_STEP_MS);
    struct site *s = (*world)->site;
    s->now = (struct mono){now_ms * NS_PER_MS};
    return s;
}

static uint32_t component_of_upstream(const struct site *s, uint32_t upstream, bool of_family)
{
    for (uint32_t c = 0; c < components_count(s->components); c++) {
        struct fault_part part = components_part(s->components, c);
        bool is_narrower = part.target != NET_NOBODY || part.bucket != FAULT_ANY ||
                           part.protocol != FAULT_ANY || part.hop.family != FAMILY_NONE;
        if (part.upstream == upstream && !is_narrower &&
            part.family == (of_family ? FAMILY_IPV6 : FAMILY_NONE))
            return c;
    }
    fail();
    return 0;
}

// All that is asked of a name.
static struct site_finding good_finding(uint32_t component)
{
    return (struct site_finding){.symptom = FAULT_LOSS,
                                 .component = component,
                                 .loss = 0.5,
                                 .gain_nats = 10,
                                 .odds_nats = SITE_NAME_ODDS_NATS,
                                 .posterior = SITE_NAME_POSTERIOR,
                                 .outlasts = true,
                                 .nears = true,
                                 .alone = true,
                                 .evidence = {.samples = 100, .lost = 50},
                                 .began_ns = (now_ms - 1500) * NS_PER_MS,
                                 .last_lost_ns = (now_ms - 10) * NS_PER_MS,
                                 .tried_began_ns = INT64_MAX};
}

static enum fault_state state_of(struct site *s, const struct site_finding *finding)
{
    s->findings[0] = *finding;
    s->finding_count = 1;
    s->fault_count = 0;
    site_live(s);
    assert_int_equal(s->fault_count, 1);
    return s->faults[0].fault.state;
}

static void names_what_meets_every_condition(void **state)
{
    (void)state;
    struct world *w;
    struct site *s = new_site(&w);
    const struct site_finding good = good_finding(component_of_upstream(s, 1, false));
    struct site_finding bad = good;
    assert_int_equal(state_of(s, &good), FAULT_NAMED);
    bad.gain_nats = 9.9;
    assert_int_equal(state_of(s, &bad), FAULT_SUSPECTED);
    bad = good;
    bad.odds_nats = 2.3;
    assert_int_equal(state_of(s, &bad), FAULT_SUSPECTED);
    bad = good;
    bad.posterior = 0.989;
    assert_int_equal(state_of(s, &bad), FAULT_SUSPECTED);
    bad = good;
    bad.outlasts = false;
    assert_int_equal(state_of(s, &bad), FAULT_SUSPECTED);
    bad = good;
    bad.alone = false;
    assert_int_equal(state_of(s, &bad), FAULT_SUSPECTED);
    world_free(w);
}

// What lost nothing for two seconds, or five times as long as it usually goes without a loss, has
// ended.
static void names_nothing_that_has_ended(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t lasted_ms, ended_ms;
        uint32_t lost;
        bool is_named;
    } rows[] = {
        {"just now", 10000, 10, 1000, true},
        {"two seconds ago", 10000, 2000, 1000, true},
        {"a little more", 10000, 2001, 1000, false},
        {"a loss every second, five seconds ago", 10000, 5000, 10, true},
        {"a little more than five", 10000, 5001, 10, false},
    };
    struct world *w;
    struct site *s = new_site(&w);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct site_finding finding = good_finding(component_of_upstream(s, 1, false));
        finding.last_lost_ns = (now_ms - rows[i].ended_ms) * NS_PER_MS;
        finding.began_ns = finding.last_lost_ns - rows[i].lasted_ms * NS_PER_MS;
        finding.evidence.lost = rows[i].lost;
        CHECK_ROW(rows[i].name, (state_of(s, &finding) == FAULT_NAMED) == rows[i].is_named);
    }
    world_free(w);
}

// Of flows that seem dead it waits for two seconds, of what roving found it does not.
static void waits_for_more_flows_to_die(void **state)
{
    (void)state;
    struct world *w;
    struct site *s = new_site(&w);
    struct site_finding finding = good_finding(component_of_upstream(s, 1, false));
    finding.symptom = FAULT_TUPLES;
    finding.began_ns = (now_ms - 1999) * NS_PER_MS;
    assert_int_equal(state_of(s, &finding), FAULT_SUSPECTED);
    finding.tried_dead = 1;
    assert_int_equal(state_of(s, &finding), FAULT_NAMED);
    finding.tried_dead = 0;
    finding.began_ns = (now_ms - 2000) * NS_PER_MS;
    assert_int_equal(state_of(s, &finding), FAULT_NAMED);
    world_free(w);
}

// A wider part is what a named one has become, if it loses more than half as much; else another
// one.
static void a_wider_part_that_loses_as_much_has_grown(void **state)
{
    (void)state;
    struct world *w;
    struct site *s = new_site(&w);
    for (int much = 0; much < 2; much++) {
        struct site_finding finding = good_finding(component_of_upstream(s, 1, true));
        finding.loss = 0.6;
        assert_int_equal(state_of(s, &finding), FAULT_NAMED);
        s->faults[0].told = true;
        s->findings[0] = good_finding(component_of_upstream(s, 1, false));
        s->findings[0].loss = much ? 0.31 : 0.29;
        site_live(s);
        assert_int_equal(s->fault_count, much ? 1 : 2);
    }
    world_free(w);
}

// Packets that cross say it at odds of a hundred to one.
static void tells_a_direction_at_good_odds(void **state)
{
    (void)state;
    struct world *w;
    struct site *s = new_site(&w);
    struct crossing *c = &s->crossing[FAMILY_IPV6];
    bool was_close = false, was_told = false;
    for (int n = 1; n < 60 && !was_told; n++) {
        for (int i = 0; i < 4; i++)
            crossing_add(c, 1, 1, i % 2, s->now);
        crossing_add(c, 1, 2, n % 2, s->now);
        crossing_add(c, 2, 1, false, s->now);
        for (int i = 0; i < 4; i++)  // the other way loses, too: what crosses may be its loss
            crossing_add(c, 2, 2, i == 0, s->now);
        struct crossing_question question = {1, 3, 1000, 0};
        uint32_t odds = crossing_ask(c, &question, s->now).odds_millinats;
        struct site_finding finding = good_finding(component_of_upstream(s, 1, true));
        assert_int_equal(state_of(s, &finding), FAULT_NAMED);
        was_told = s->faults[0].fault.part.direction == FAULT_FORWARD;
        assert_true(was_told == (odds >= 4600));
        was_close |= odds > 1000 && odds < 4600;
    }
    assert_true(was_close && was_told);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_what_meets_every_condition),
        cmocka_unit_test(names_nothing_that_has_ended),
        cmocka_unit_test(waits_for_more_flows_to_die),
        cmocka_unit_test(a_wider_part_that_loses_as_much_has_grown),
        cmocka_unit_test(tells_a_direction_at_good_odds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
