// SPDX-License-Identifier: ISC
// What the site detector takes from a sample, and when it looks at all; from inside.
#include "detect/budget.h"
#include "detect/site_check.h"
#include "detect/site_parts.h"

static struct sample sample_at(uint32_t id, int64_t ms, enum sample_verdict verdict)
{
    return (struct sample){.id = id,
                           .use = FLOW_SENTINEL,
                           .verdict = verdict,
                           .sent_at = {ms * NS_PER_MS},
                           .known_at = {(ms + 10) * NS_PER_MS}};
}

static struct site *new_site(struct world **world)
{
    *world = world_new(2, 100);
    world_run(*world, WORLD_STEP_MS);
    return (*world)->site;
}

// Any of so many banks may be the one that is wrong.
static void asks_each_bank_for_its_share(void **state)
{
    (void)state;
    struct world *w;
    const struct site *s = new_site(&w);
    for (int of_path = 0; of_path < 2; of_path++) {
        const struct cusum_rule *is = of_path ? &s->path_rule : &s->flow_rule;
        uint64_t tests = of_path ? net_path_count(&w->net) : w->flow_count + 1;
        struct cusum_rule rule;
        struct cusum_ask ask = {.loss_normal_ppm = 1000,
                                .probes = budget_suspect_s(&w->net, tests * 2) * 100};
        assert_true(cusum_rule_init(&rule, &ask));
        assert_memory_equal(rule.threshold, is->threshold, sizeof rule.threshold);
    }
    world_free(w);
}

// A void one says nothing, whichever way: neither answer nor loss, nor does it end a rise.
static void a_void_one_says_nothing(void **state)
{
    (void)state;
    struct world *w;
    struct site *s = new_site(&w);
    struct sample lost = sample_at(1, 1000, SAMPLE_LOST), none = sample_at(1, 1100, SAMPLE_VOID);
    site_sample(s, &lost);
    struct site_flow before = s->banks[1];
    uint64_t next = s->next;
    struct crossing_cell cell = s->crossing[FAMILY_IPV4].cells[0][0];
    site_sample(s, &none);
    assert_memory_equal(&s->banks[1], &before, sizeof before);
    assert_int_equal(s->next, next);
    assert_memory_equal(&s->crossing[FAMILY_IPV4].cells[0][0], &cell, sizeof cell);
    world_free(w);
}

// A way's own packets count for its directions, a late answer not again.
static void own_packets_count_for_directions(void **state)
{
    (void)state;
    struct world *w;
    struct site *s = new_site(&w);
    const struct crossing_cell *cell = &s->crossing[net_path(&w->net, 0).family].cells[0][0];
    uint32_t ok = cell->ok, lost = cell->lost;
    struct sample sample = sample_at(0, 100, SAMPLE_LOST);
    site_sample(s, &sample);
    assert_int_equal(cell->lost, lost + 1);
    sample.verdict = SAMPLE_OK;
    sample.late = true;
    site_sample(s, &sample);
    assert_true(cell->ok == ok && cell->lost == lost + 1);
    sample = sample_at(0, 200, SAMPLE_OK);
    site_sample(s, &sample);
    assert_int_equal(cell->ok, ok + 1);
    sample.use = FLOW_VARIANT;
    site_sample(s, &sample);
    assert_int_equal(cell->ok, ok + 1);
    world_free(w);
}

// Directions are of losses that one bank still knows of.
static void directions_are_forgotten_at_rest(void **state)
{
    (void)state;
    struct world *w;
    struct site *s = new_site(&w);
    for (int i = 0; i < 3; i++) {
        struct sample sample = sample_at(0, 1000 + i, SAMPLE_LOST);
        sample.lost_forward = 2;
        site_sample(s, &sample);
    }
    assert_int_equal(s->banks[0].lost_forward, 6);
    s->banks[0].bank = (struct cusum_bank){0};
    struct sample sample = sample_at(0, 2000, SAMPLE_OK);
    sample.lost_reverse = 1;
    site_sample(s, &sample);
    assert_int_equal(s->banks[0].lost_forward, 0);
    assert_int_equal(s->banks[0].lost_reverse, 1);
    world_free(w);
}

// Of a hundred samples within a second so many are void; then nothing comes any more.
static void is_blind_while_a_fifth_is_void(void **state)
{
    (void)state;
    static const struct {
        uint32_t voided;
        bool is_blind;
    } shares[] = {{0, false}, {20, false}, {21, true}, {100, true}};
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        struct world *w;
        struct site *s = new_site(&w);
        struct fault fault;
        for (uint32_t n = 0; n < 100; n++) {
            bool is_void = n < shares[i].voided;
            struct sample sample = sample_at(0, 5000 + 8 * n, is_void ? SAMPLE_VOID : SAMPLE_OK);
            site_sample(s, &sample);
        }
        struct mono now = {5900 * (int64_t)NS_PER_MS}, later = mono_add_ms(now, 2000);
        site_tick(s, now, &fault);
        assert_true((s->blind_at.ns == now.ns) == shares[i].is_blind);
        site_tick(s, later, &fault);
        assert_true(s->blind_at.ns != later.ns);
        world_free(w);
    }
}

// A dead 5-tuple keeps it looking for a minute.
static void looks_for_a_minute_after_a_dead_tuple(void **state)
{
    (void)state;
    struct world *w;
    struct site *s = new_site(&w);
    struct fault fault;
    struct mono at = {10 * (int64_t)NS_PER_S};
    site_tuple(s, &(struct site_tuple){.dead = true, .nats = 16, .sent_at = at, .at = at});
    for (int64_t after_s = 1; after_s <= 70; after_s++) {
        struct mono now = mono_add_ms(at, after_s * 1000);
        site_tick(s, now, &fault);
        assert_true((s->ran_at.ns == now.ns) == (after_s < 60));
    }
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_each_bank_for_its_share),
        cmocka_unit_test(a_void_one_says_nothing),
        cmocka_unit_test(own_packets_count_for_directions),
        cmocka_unit_test(directions_are_forgotten_at_rest),
        cmocka_unit_test(is_blind_while_a_fifth_is_void),
        cmocka_unit_test(looks_for_a_minute_after_a_dead_tuple),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
