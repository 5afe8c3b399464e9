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
        const struct cusum_rule *is = of_path ? &s->levels[0].path_rule : &s->levels[0].flow_rule;
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

// What rose began with the first of its losses, not with one long before that answers outweighed.
static void a_rise_began_after_what_was_outweighed(void **state)
{
    (void)state;
    struct world *w;
    struct site *s = new_site(&w);
    struct fault fault;
    for (int64_t ms = 10000; ms < 30000; ms += 20) {
        bool lost = ms == 12000 || ms >= 29800;
        struct sample sample = sample_at(0, ms, lost ? SAMPLE_LOST : SAMPLE_OK);
        site_sample(s, &sample);
    }
    assert_true(s->banks[0].alarms);
    site_tick(s, (struct mono){30000 * (int64_t)NS_PER_MS}, &fault);
    assert_int_equal(s->rises[0], 29800 * (int64_t)NS_PER_MS);
    world_free(w);
}

// Three flows begin to lose half at different times: it counts from the first that did so within a
// second before the one in the middle.
static void counts_from_those_near_the_median(void **state)
{
    (void)state;
    for (int is_near = 0; is_near < 2; is_near++) {
        struct world *w;
        struct site *s = new_site(&w);
        struct fault fault;
        const int64_t from_ms[] = {is_near ? 20100 : 19900, 21000, 21100};
        for (int64_t ms = 10000; ms < 22000; ms += 20)
            for (uint32_t flow = 0; flow < 3; flow++) {
                bool lost = ms >= from_ms[flow] && ms / 20 % 2;
                struct sample sample = sample_at(flow, ms, lost ? SAMPLE_LOST : SAMPLE_OK);
                site_sample(s, &sample);
            }
        site_tick(s, (struct mono){22000 * (int64_t)NS_PER_MS}, &fault);
        uint32_t lost = is_near ? (22000 - 20100) / 40 : (22000 - 21000) / 40;
        assert_in_range(s->paths[0].lost, lost - 1, lost + 1);
        world_free(w);
    }
}

// One flow loses half, and the other that goes the same way was hardly asked: it may be that flow
// alone. Once the other loses, too, it is the part that they share.
static void one_flow_is_no_witness(void **state)
{
    (void)state;
    for (int both = 0; both < 2; both++) {
        struct world *w = world_new(2, 100);
        struct fault fault;
        world_run(w, WORLD_STEP_MS);
        struct site *s = w->site;
        bool is_named = false;
        for (int64_t ms = 10000; ms < 18000; ms += 20) {
            for (uint32_t flow = 0; flow < w->flow_count; flow++) {
                bool fails = flow == 0 || (flow == 1 && both);
                if (flow == 1 && !both && ms % 1000 != 100)
                    continue;
                bool lost = fails && ms >= 12000 && ms / 20 % 2;
                struct sample sample = sample_at(flow, ms, lost ? SAMPLE_LOST : SAMPLE_OK);
                sample.path = w->flows[flow].path;
                sample.target = w->flows[flow].target;
                site_sample(s, &sample);
            }
            while (site_tick(s, (struct mono){ms * NS_PER_MS}, &fault))
                is_named |= fault.state == FAULT_NAMED;
        }
        assert_int_equal(is_named, both);
        world_free(w);
    }
}

// One straight run of three losses at least, and hardly another one.
static void looks_dead_after_one_straight_run(void **state)
{
    (void)state;
    static const struct {
        uint32_t lost, longest;
        bool is_dead;
    } runs[] = {{0, 0, false}, {2, 2, false}, {3, 3, true},   {4, 3, false},
                {9, 8, false}, {10, 9, true}, {40, 36, true}, {40, 35, false}};
    struct world *w;
    struct site *s = new_site(&w);
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
        s->paths[0].lost = runs[i].lost;
        s->banks[0].longest = runs[i].longest & 0x7fff;
        assert_int_equal(site_looks_dead(s, 0), runs[i].is_dead);
    }
    world_free(w);
}

// One flow loses everything for so long, sent every 10 ms: half of the evidence is there, and all
// of it; but nothing of what was before a fault that is over.
static void holds_losses_against_bursts(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t lasts_ms, over_ms;
        bool nears, outlasts;
    } rows[] = {
        {"as many bursts do", 200, 0, false, false},
        {"half of it", 700, 0, true, false},
        {"for longer than any", 2000, 0, true, true},
        {"before what is over", 2000, 30000, false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct world *w;
        struct site *s = new_site(&w);
        for (int64_t ms = 10000; ms < 12000 + rows[i].lasts_ms; ms += 10) {
            struct sample sample = sample_at(0, ms, ms < 12000 ? SAMPLE_OK : SAMPLE_LOST);
            site_sample(s, &sample);
        }
        s->from_ns[0] = rows[i].over_ms * NS_PER_MS;
        struct site_finding finding = {
            .symptom = FAULT_LOSS, .component = components_of(s->components, 0)[0], .loss = 0.95};
        site_hold_against_bursts(s, &finding, 12000 * (int64_t)NS_PER_MS);
        CHECK_ROW(rows[i].name, finding.nears == rows[i].nears);
        CHECK_ROW(rows[i].name, finding.outlasts == rows[i].outlasts);
        world_free(w);
    }
}

// Flows that were answered before the first loss lose once each, so far apart. Four mean lengths
// after the last burst began, and more, each may be another; sooner it may be the same one that
// has come to hit the next flow.
static void a_later_loss_may_be_another_burst(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t apart_ms;
        bool nears, outlasts;
    } rows[] = {
        {"nearly all within a burst", 40, false, false},
        {"every other one within a burst", 200, true, false},
        {"each later than one lasts", 210, true, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct world *w;
        struct site *s = new_site(&w);
        for (uint32_t flow = 0; flow < 8; flow++) {
            int64_t at = 12000 + flow * rows[i].apart_ms;
            struct sample before = sample_at(flow, 11900, SAMPLE_OK);
            struct sample lost = sample_at(flow, at, SAMPLE_LOST);
            struct sample after = sample_at(flow, at + 10, SAMPLE_OK);
            site_sample(s, &before);
            site_sample(s, &lost);
            site_sample(s, &after);
        }
        struct site_finding finding = {.component = components_of(s->components, 0)[0], .loss = .5};
        site_hold_against_bursts(s, &finding, 12000 * (int64_t)NS_PER_MS);
        CHECK_ROW(rows[i].name, finding.nears == rows[i].nears);
        CHECK_ROW(rows[i].name, finding.outlasts == rows[i].outlasts);
        world_free(w);
    }
}

// Of the eight 5-tuples of a path one may look dead by bad luck; two are a share that is dead.
static void a_dead_flow_may_be_bad_luck(void **state)
{
    (void)state;
    for (uint32_t dead = 0; dead <= 2; dead++) {
        struct world *w;
        struct site *s = new_site(&w);
        uint32_t found = 0;
        for (int64_t ms = 3000; ms < 5000; ms += 100)
            for (uint32_t flow = 0; flow < w->flow_count; flow++) {
                bool is_dead = flow % 2 == 0 && flow / 2 < dead;  // of a target each
                struct sample sample = sample_at(flow, ms, is_dead ? SAMPLE_LOST : SAMPLE_OK);
                site_sample(s, &sample);
            }
        s->now = (struct mono){5000 * (int64_t)NS_PER_MS};
        site_find(s);
        for (uint32_t i = 0; i < s->finding_count; i++)
            found += s->findings[i].symptom == FAULT_TUPLES;
        assert_int_equal(found, dead > 1);
        world_free(w);
    }
}

static double loses_by_transit_b(struct world *w, const struct world_sending *sending)
{
    (void)w;
    return sending->path.upstream == 1 && sending->at_ms >= 2000 ? 0.5 : 0;
}

// A reflector tells in which direction: nine in ten of five losses at least.
static void names_the_direction_that_is_told(void **state)
{
    (void)state;
    static const struct {
        uint16_t forward, reverse;
        enum fault_direction direction;
    } tells[] = {
        {0, 0, FAULT_EITHER}, {4, 0, FAULT_EITHER},   {5, 0, FAULT_FORWARD},
        {9, 1, FAULT_EITHER}, {10, 1, FAULT_FORWARD}, {1, 10, FAULT_REVERSE},
        {1, 9, FAULT_EITHER}, {40, 30, FAULT_EITHER}, {0, 5, FAULT_REVERSE},
    };
    for (size_t i = 0; i < sizeof tells / sizeof tells[0]; i++) {
        struct world *w = world_new(4, 100);
        w->loss = loses_by_transit_b;
        uint32_t first = 0;
        while (net_path(&w->net, w->flows[first].path).upstream != 1)
            first++;
        while (!world_named(w, 0)) {
            world_run(w, w->now_ms + WORLD_STEP_MS);
            w->site->banks[first].lost_forward = tells[i].forward;
            w->site->banks[first].lost_reverse = tells[i].reverse;
            assert_true(w->now_ms < 20000);
        }
        assert_int_equal(world_named(w, 0)->part.upstream, 1);
        assert_int_equal(world_named(w, 0)->part.direction, tells[i].direction);
        world_free(w);
    }
}

// A fault of the first flow's first part, told, as if it had been opened at 10 s and lost last
// then.
static struct site_fault *put_fault(struct site *s, enum fault_state state,
                                    enum fault_symptom symptom)
{
    struct mono at = {10 * (int64_t)NS_PER_S};
    s->fault_count = 1;
    s->finding_count = 0;
    s->faults[0] = (struct site_fault){.component = components_of(s->components, 0)[0],
                                       .told = true,
                                       .seen_at = at,
                                       .opened_at = at,
                                       .lost_at = at};
    s->faults[0].fault.state = state;
    s->faults[0].fault.symptom = symptom;
    s->faults[0].fault.evidence.loss_ppm = 100000;
    sprt_init(&s->faults[0].clean, 2000, 100000);
    return &s->faults[0];
}

static bool is_over_at(struct site *s, int64_t ms)
{
    s->now = (struct mono){ms * NS_PER_MS};
    site_live(s);
    return s->faults[0].fault.state == FAULT_OVER;
}

// A suspicion that nothing supports is forgotten after two seconds, a fault that is clean over half
// a second after its last loss, and neither before.
static void ends_what_is_over(void **state)
{
    (void)state;
    struct world *w;
    struct site *s = new_site(&w);
    put_fault(s, FAULT_SUSPECTED, FAULT_LOSS);
    assert_false(is_over_at(s, 11999));
    assert_true(is_over_at(s, 12000));

    put_fault(s, FAULT_NAMED, FAULT_LOSS);
    assert_false(is_over_at(s, 60000));  // nobody has answered
    sprt_add(&put_fault(s, FAULT_NAMED, FAULT_LOSS)->clean, 1000, 0);
    assert_false(is_over_at(s, 10499));
    assert_true(is_over_at(s, 10500));
    world_free(w);
}

// Of 5-tuples of which one in ten was dead 70 in a row must be alive: e^-7 is the chance of that.
static void ends_dead_tuples_when_many_are_alive(void **state)
{
    (void)state;
    struct world *w;
    struct site *s = new_site(&w);
    struct site_tuple tuple = {.dead = true, .at = {9 * (int64_t)NS_PER_S}};
    site_tuple(s, &tuple);
    tuple.dead = false;
    sprt_add(&put_fault(s, FAULT_NAMED, FAULT_TUPLES)->clean, 1000, 0);
    for (int alive = 0; alive < 70; alive++) {
        assert_false(is_over_at(s, 20000));
        site_tuple(s, &tuple);
    }
    assert_true(is_over_at(s, 20000));
    world_free(w);
}

// What was sent before a fault was opened was counted to open it.
static void hears_of_a_fault_from_its_opening_on(void **state)
{
    (void)state;
    struct world *w;
    struct site *s = new_site(&w);
    struct site_fault *fault = put_fault(s, FAULT_NAMED, FAULT_LOSS);
    site_hear(s, 0, false, 10 * (int64_t)NS_PER_S - 1);
    assert_true(fault->clean.score == 0);
    site_hear(s, 0, false, 10 * (int64_t)NS_PER_S);
    assert_true(fault->clean.score < 0);
    site_hear(s, 0, true, 11 * (int64_t)NS_PER_S);
    assert_int_equal(fault->lost_at.ns, 11 * (int64_t)NS_PER_S);
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
        cmocka_unit_test(a_rise_began_after_what_was_outweighed),
        cmocka_unit_test(counts_from_those_near_the_median),
        cmocka_unit_test(one_flow_is_no_witness),
        cmocka_unit_test(looks_dead_after_one_straight_run),
        cmocka_unit_test(holds_losses_against_bursts),
        cmocka_unit_test(a_later_loss_may_be_another_burst),
        cmocka_unit_test(a_dead_flow_may_be_bad_luck),
        cmocka_unit_test(names_the_direction_that_is_told),
        cmocka_unit_test(ends_what_is_over),
        cmocka_unit_test(ends_dead_tuples_when_many_are_alive),
        cmocka_unit_test(hears_of_a_fault_from_its_opening_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
