// SPDX-License-Identifier: ISC
// What roving thinks of a doubted tuple, packet by packet.
#include "base/check.h"
#include "probe/rove_check.h"

#include <math.h>
#include <string.h>

static const enum family families[] = {FAMILY_IPV4, FAMILY_IPV6};

// A packet of the past, in a slot that has a new tuple by now, says nothing of it.
static void ignores_the_past(void **state)
{
    (void)state;
    struct rove *v = check_rove(FAMILY_IPV4, 3, 1);
    struct rove_send old, new;
    struct rove_verdict verdict;
    rove_start(v, (struct mono){0});
    struct mono first = rove_due(v);
    assert_true(rove_take(v, first, &old));
    struct sample sample = {.verdict = SAMPLE_VOID, .sent_at = first, .known_at = first};
    assert_false(rove_told(v, &old, &sample, &verdict));
    struct mono second = rove_due(v);
    assert_true(rove_take(v, second, &new));
    assert_int_equal(old.slot, new.slot);
    sample.verdict = SAMPLE_LOST;
    assert_false(rove_told(v, &old, &sample, &verdict));
    assert_int_equal(rove_counts(v)->lost, 0);
    sample = (struct sample){.verdict = SAMPLE_OK, .sent_at = second, .known_at = second};
    struct rove_send other = new;
    other.tuple.label++;
    assert_false(rove_told(v, &other, &sample, &verdict));
    sample.sent_at.ns--;  // the same 5-tuple, but of an earlier time
    assert_false(rove_told(v, &new, &sample, &verdict));
    sample.sent_at.ns++;
    assert_true(rove_told(v, &new, &sample, &verdict));
    assert_int_equal(verdict.state, ROVE_ALIVE);
    rove_free(v);
}

// One doubt, pair by pair: what becomes of tuple and control, 'o' ok, 'l' lost, 'v' void.
struct doubt {
    const char *name, *pairs;
    enum rove_state state;
    uint32_t pair_count;    // when it is over
    uint32_t elsewhere_of;  // of ten probes of another target meanwhile so many are lost
    double nats;            // in the end; 0: not asked
};

static const struct doubt doubts[] = {
    {"answered at once", "oo", ROVE_ALIVE, 1, 0, 0},
    {"answered in the end", "lo lo lo oo", ROVE_ALIVE, 4, 0, 0},
    {"alone lost for long enough", "lo lo lo lo", ROVE_DEAD, 4, 0,
     26.94},  // ln(0.5 * 1000^4 + 0.5)
    {"both lost: the target", "ll ll ll", ROVE_UNKNOWN, 3, 0, 0},
    {"one control lost spoils it", "ll lo lo lo lo lo", ROVE_UNKNOWN, 6, 0, 1.62},  // q = 2 / 8
    {"controls are void", "lv lv lv lv lv lv", ROVE_UNKNOWN, 6, 0, 0},
    {"its own are void", "vo vo vo vo vo vo", ROVE_UNKNOWN, 6, 0, 0},
    {"some are void", "lo vo lo lv lo", ROVE_DEAD, 5, 0, 0},
    {"much is lost elsewhere", "lo lo lo lo lo lo", ROVE_UNKNOWN, 6, 4, 0},
    {"nearly all, but not by a target that fails", "lo lo lo lo lo lo", ROVE_UNKNOWN, 6, 7, 0},
    {"a target that fails elsewhere", "lo lo lo lo", ROVE_DEAD, 4, 8, 0},
};

// Every target has its control; then one fresh tuple is lost.
static struct rove *begin_doubt(struct mono *now, uint32_t *target)
{
    struct rove *v = check_rove(FAMILY_IPV4, 3, 2);
    struct rove_verdict verdict;
    rove_start(v, *now);
    for (int i = 0; i < 2; i++) {
        struct rove_send fresh = take_next(v, now);
        assert_true(tell_at(v, &fresh, 'o', *now, &verdict));
    }
    struct rove_send lost = take_next(v, now);
    assert_false(tell_at(v, &lost, 'l', *now, &verdict));
    *target = lost.tuple.target;
    return v;
}

static void weighs_pairs(void **state)
{
    (void)state;
    for (size_t r = 0; r < sizeof doubts / sizeof doubts[0]; r++) {
        const struct doubt *row = &doubts[r];
        struct mono now = {NS_PER_S};
        uint32_t target, pairs = 0;
        struct rove *v = begin_doubt(&now, &target);
        struct rove_verdict verdict = {.state = ROVE_UNKNOWN};
        for (uint32_t i = 0; i < 10 && row->elsewhere_of > 0; i++)
            rove_heard(v, 1 - target, i < row->elsewhere_of, now);
        bool over = false;
        for (const char *at = row->pairs; !over && *at; at += at[2] ? 3 : 2) {
            struct rove_send tuple = take_next(v, &now), control = take_next(v, &now);
            CHECK_ROW(row->name, tuple.member == ROVE_TUPLE && control.member == ROVE_CONTROL);
            CHECK_ROW(row->name, tuple.tuple.port != control.tuple.port);
            CHECK_ROW(row->name, tuple.tuple.target == control.tuple.target);
            over = tell_at(v, &tuple, at[0], now, &verdict);
            over = over || tell_at(v, &control, at[1], now, &verdict);
            pairs++;
            for (uint32_t i = 0; i < 10 && row->elsewhere_of > 0; i++)
                rove_heard(v, 1 - target, i < row->elsewhere_of, now);
        }
        CHECK_ROW(row->name, over && pairs == row->pair_count && verdict.state == row->state);
        CHECK_ROW(row->name, row->nats == 0 || fabs(verdict.nats - row->nats) < 0.01);
        rove_free(v);
    }
}

// What is common is what was lost of all who were asked, each worth e^-1 a second later, or ten
// seconds later: whichever says more. As if 10, or 50, had fared as usual before.
struct crowd {
    const char *name;
    int64_t gap_ns;
    uint32_t count, lost_from, lost_to;  // those between are lost
    int64_t pause_ns;                    // after the last
};

static const struct crowd crowds[] = {
    {"a thousand a second", NS_PER_MS, 4000, 3000, 3030, 0},
    {"64 a second and a little more", 15 * NS_PER_MS, 400, 340, 345, 0},
    {"64 a second and a little less", 16 * NS_PER_MS, 400, 340, 345, 0},
    {"ten a second", 100 * NS_PER_MS, 300, 280, 283, 0},
    {"one in two seconds", 2 * (int64_t)NS_PER_S, 30, 26, 27, 0},
    {"all at once", 0, 300, 0, 5, 0},
    {"a second ago", 10 * NS_PER_MS, 300, 290, 300, NS_PER_S},
    {"ten seconds ago", 10 * NS_PER_MS, 300, 290, 300, 10 * (int64_t)NS_PER_S},
    {"a third, lately", 10 * NS_PER_MS, 300, 200, 300, 0},
    {"heard of in disorder", -10 * NS_PER_MS, 60, 10, 13, NS_PER_S},
};

struct heard {
    int64_t at_ns;
    bool lost;
};

// Of losses in a row of a tuple alone.
static double nats_expected(const struct heard *heard, uint32_t count, uint32_t straight)
{
    static const double memory_ns[] = {1e9, 1e10}, before[] = {10, 50};
    double q = 0.001;
    for (int m = 0; m < 2; m++) {
        double seen = before[m], lost = before[m] * 0.001;
        int64_t last_ns = heard[0].at_ns;
        for (uint32_t i = 0; i < count; i++)
            last_ns = heard[i].at_ns > last_ns ? heard[i].at_ns : last_ns;
        int64_t by_ns = heard[0].at_ns;  // whoever comes late counts as if it had come now
        for (uint32_t i = 0; i < count; i++) {
            by_ns = heard[i].at_ns > by_ns ? heard[i].at_ns : by_ns;
            double worth = exp((double)(by_ns - last_ns) / memory_ns[m]);
            seen += worth;
            lost += worth * heard[i].lost;
        }
        q = fmax(q, lost / seen);
    }
    double w = 0.001 / (0.001 + q);
    return log(w * pow(q, -(double)straight) + 1 - w);
}

// The tuple is lost, its controls are answered, until that says something.
static struct rove_verdict doubt_alone(struct rove *v, const struct rove_send *fresh,
                                       struct mono *now, struct heard *heard, uint32_t *count)
{
    struct rove_verdict verdict;
    for (;;) {
        struct rove_send send = take_next(v, now);
        bool is_control = send.member == ROVE_CONTROL;
        bool over = tell_at(v, &send, is_control ? 'o' : 'l', *now, &verdict);
        if (is_control)
            heard[(*count)++] = (struct heard){now->ns, false};
        if (over)
            return verdict;
        assert_true(send.slot == fresh->slot || !is_control);  // or one held dead
    }
}

static void weighs_a_loss_by_what_is_common(void **state)
{
    (void)state;
    for (size_t r = 0; r < sizeof crowds / sizeof crowds[0]; r++) {
        const struct crowd *crowd = &crowds[r];
        static struct heard heard[5000];
        struct rove *v = check_rove(families[r % 2], 3, 1);
        struct rove_verdict verdict = {.state = ROVE_ALIVE};
        struct mono now = {NS_PER_S};
        uint32_t count = 0;
        rove_start(v, now);
        struct rove_send fresh = take_next(v, &now);
        tell_at(v, &fresh, 'o', now, &verdict);
        heard[count++] = (struct heard){now.ns, false};
        struct mono at = now;
        for (uint32_t i = 0; i < crowd->count; i++) {
            bool lost = i >= crowd->lost_from && i < crowd->lost_to;
            at = mono_add_ns(at, crowd->gap_ns);
            rove_heard(v, 0, lost, at);
            heard[count++] = (struct heard){at.ns, lost};
        }
        now = mono_add_ns(at.ns > now.ns ? at : now, crowd->pause_ns);
        fresh = take_next(v, &now);  // lost by chance: it is answered when asked again
        assert_false(tell_at(v, &fresh, 'l', now, &verdict));
        struct rove_send again = take_next(v, &now);
        assert_true(tell_at(v, &again, 'o', now, &verdict));
        heard[count++] = (struct heard){now.ns, true};
        heard[count++] = (struct heard){now.ns, false};
        for (int doubt = 0; doubt < 2; doubt++) {
            fresh = take_next(v, &now);
            assert_false(tell_at(v, &fresh, 'l', now, &verdict));
            verdict = doubt_alone(v, &fresh, &now, heard, &count);
            double expected = nats_expected(heard, count, verdict.losses - 1);
            print_message("%-30s %u losses, %.4f nats\n", crowd->name, verdict.losses,
                          verdict.nats);
            CHECK_ROW(crowd->name, verdict.losses >= 5 && verdict.losses <= 7);
            CHECK_ROW(crowd->name, fabs(verdict.nats - expected) < 1e-3);
            // What is dead had its own reason; a loss that was none of its tuple is common.
            heard[count++] = (struct heard){now.ns, verdict.state == ROVE_UNKNOWN};
        }
        rove_free(v);
    }
}

// Three answers in a row, not fewer, and none between a loss and the next.
static void releases_the_dead(void **state)
{
    (void)state;
    struct mono now = {NS_PER_S};
    uint32_t target, answers = 0;
    struct rove *v = begin_doubt(&now, &target);
    struct rove_verdict verdict;
    struct rove_tuple dead[ROVE_DEAD_MAX];
    for (int i = 0; i < 4; i++) {
        struct rove_send tuple = take_next(v, &now), control = take_next(v, &now);
        (void)tell_at(v, &tuple, 'l', now, &verdict);
        (void)tell_at(v, &control, 'o', now, &verdict);
    }
    assert_int_equal(rove_dead(v, dead), 1);
    static const char fates[] = "oolvoolovoo";  // released by the last
    while (answers < sizeof fates - 1) {
        struct rove_send send = take_next(v, &now);
        bool is_it = send.tuple.port == dead[0].port;
        char fate = is_it ? fates[answers++] : 'o';
        bool told = tell_at(v, &send, fate, now, &verdict);
        bool is_last = is_it && answers == sizeof fates - 1;
        assert_int_equal(told && verdict.was_dead, is_last);
    }
    assert_int_equal(rove_dead(v, dead), 0);
    rove_free(v);
}

// So many fresh ones, all answered, that go elsewhere before one goes to the target.
static uint32_t fresh_elsewhere(struct rove *v, uint32_t target, struct mono *now)
{
    struct rove_verdict verdict;
    for (uint32_t count = 0;; count++) {
        struct rove_send send = take_next(v, now);
        assert_true(send.fresh && tell_at(v, &send, 'o', *now, &verdict));
        if (send.tuple.target == target)
            return count;
    }
}

// Pairs of a doubt, as in the table.
static void tell_pairs(struct rove *v, const char *pairs, struct mono *now)
{
    struct rove_verdict verdict;
    for (const char *at = pairs; *at; at += at[2] ? 3 : 2) {
        struct rove_send tuple = take_next(v, now), control = take_next(v, now);
        (void)tell_at(v, &tuple, at[0], *now, &verdict);
        (void)tell_at(v, &control, at[1], *now, &verdict);
    }
}

// A target that fails as a whole is left out for eight turns, or until it answers.
static void a_target_that_fails_has_a_rest(void **state)
{
    (void)state;
    struct mono now = {NS_PER_S};
    uint32_t target;
    struct rove *v = begin_doubt(&now, &target);
    tell_pairs(v, "ll ll ll", &now);
    assert_in_range(fresh_elsewhere(v, target, &now), 8, 9);
    assert_in_range(fresh_elsewhere(v, target, &now), 1, 1);
    rove_free(v);

    v = begin_doubt(&now, &target);
    tell_pairs(v, "ll ll ll", &now);
    rove_hasten(v, target, now);
    for (int i = 0; i < ROVE_HASTE; i++)
        assert_int_equal(fresh_elsewhere(v, target, &now), 0);
    assert_in_range(fresh_elsewhere(v, target, &now), 0, 1);
    rove_free(v);

    v = begin_doubt(&now, &target);  // one control lost is no failing target
    tell_pairs(v, "ll ll lo lo lo lo", &now);
    assert_in_range(fresh_elsewhere(v, target, &now), 0, 1);
    rove_free(v);
}

// A control that missed two in a row is good no more: whoever is answered next takes its place.
static void a_control_that_misses_is_replaced(void **state)
{
    (void)state;
    for (int misses = 1; misses <= 2; misses++) {
        struct mono now = {NS_PER_S};
        uint32_t target;
        struct rove *v = begin_doubt(&now, &target);
        struct rove_verdict verdict;
        tell_pairs(v, misses == 1 ? "lo ll" : "ll ll", &now);
        struct rove_send tuple = take_next(v, &now), control = take_next(v, &now), next;
        struct sample late = {.verdict = SAMPLE_OK, .late = true, .sent_at = now, .known_at = now};
        (void)rove_told(v, &control, &late, &verdict);  // too late to be good
        assert_true(tell_at(v, &tuple, 'o', now, &verdict));
        while ((next = take_next(v, &now)).tuple.target != target)
            tell_at(v, &next, 'o', now, &verdict);
        assert_false(tell_at(v, &next, 'l', now, &verdict));
        (void)take_next(v, &now);
        struct rove_send beside = take_next(v, &now);
        uint16_t expected = misses == 1 ? control.tuple.port : tuple.tuple.port;
        assert_true(beside.member == ROVE_CONTROL && beside.tuple.port == expected);
        rove_free(v);
    }
}

// The next fresh one is found to be dead.
static struct rove_tuple make_dead(struct rove *v, struct mono *now)
{
    struct rove_send send;
    struct rove_verdict verdict;
    struct heard heard[64];
    uint32_t count = 0;
    while (!(send = take_next(v, now)).fresh)
        (void)tell_at(v, &send, 'l', *now, &verdict);
    assert_false(tell_at(v, &send, 'l', *now, &verdict));
    verdict = doubt_alone(v, &send, now, heard, &count);
    assert_int_equal(verdict.state, ROVE_DEAD);
    return send.tuple;
}

// In the order in which they were found, wherever they are kept; also after a start.
static void the_dead_are_told_in_order(void **state)
{
    (void)state;
    struct rove *v = check_rove(FAMILY_IPV6, 5, 1);
    struct mono now = {NS_PER_S};
    struct rove_verdict verdict = {0};
    rove_start(v, now);
    struct rove_send send = take_next(v, &now);
    assert_true(tell_at(v, &send, 'o', now, &verdict));
    struct rove_tuple first = make_dead(v, &now), second = make_dead(v, &now);
    for (verdict.was_dead = false; !verdict.was_dead;) {
        send = take_next(v, &now);
        bool is_second = send.tuple.port == second.port;
        if (!tell_at(v, &send, is_second ? 'l' : 'o', now, &verdict))
            verdict.was_dead = false;
    }
    struct rove_tuple third = make_dead(v, &now), dead[ROVE_DEAD_MAX];
    assert_true(third.port != first.port);
    for (int start = 0; start < 2; start++) {
        assert_int_equal(rove_dead(v, dead), 2);
        assert_int_equal(dead[0].port, second.port);
        assert_int_equal(dead[1].port, third.port);
        rove_start(v, now);
    }
    rove_free(v);
}

// With few ports a fresh tuple is still none that is in use: the control, or what is out.
static void a_fresh_tuple_is_none_in_use(void **state)
{
    (void)state;
    struct rove *v = rove_new(&(struct rove_settings){.family = FAMILY_IPV4,
                                                      .target_count = 1,
                                                      .slot_count = 8,
                                                      .port_first = 10000,
                                                      .port_count = 3,
                                                      .interval_ns = 100 * NS_PER_MS,
                                                      .loss_normal = 0.001,
                                                      .share_asked = 0.001,
                                                      .nats_asked = 16},
                              7);
    struct mono now = {NS_PER_S};
    struct rove_verdict verdict;
    rove_start(v, now);
    struct rove_send control = take_next(v, &now);
    assert_true(tell_at(v, &control, 'o', now, &verdict));
    for (int i = 0; i < 30; i++) {
        struct rove_send one = take_next(v, &now), other = take_next(v, &now);
        assert_true(one.tuple.port != control.tuple.port);
        assert_true(other.tuple.port != control.tuple.port && other.tuple.port != one.tuple.port);
        assert_true(tell_at(v, &one, 'o', now, &verdict));
        assert_true(tell_at(v, &other, 'o', now, &verdict));
    }
    rove_free(v);
}

// What nobody told of for five seconds makes room for others.
static void what_is_never_told_is_given_up(void **state)
{
    (void)state;
    struct rove *v = check_rove(FAMILY_IPV6, 3, 1);
    struct mono now = {NS_PER_S}, first = {0};
    struct rove_send send;
    rove_start(v, now);
    uint32_t taken = 0, slots = 16 + ROVE_DEAD_MAX;
    for (; taken <= slots; now = rove_due(v))
        if (rove_take(v, now, &send)) {
            first = taken == 0 ? now : first;
            if (taken++ == slots)
                break;
        }
    assert_in_range(mono_since_ns(now, first), 5 * (int64_t)NS_PER_S, 5200 * (int64_t)NS_PER_MS);
    assert_true(rove_counts(v)->no_slot > 10);
    rove_free(v);
}

// Somebody wishes to know more of one target: the next fresh tuples are all its, and come sooner.
static void a_wish_hastens_a_target(void **state)
{
    (void)state;
    struct rove *v = check_rove(FAMILY_IPV6, 8, 3);
    struct mono now = {0};
    struct rove_verdict verdict;
    rove_start(v, now);
    for (int i = 0; i < 10; i++) {
        struct rove_send send = take_next(v, &now);
        tell_at(v, &send, 'o', now, &verdict);
    }
    struct mono wished_at = now, due = rove_due(v);
    rove_hasten(v, 1, now);
    assert_true(mono_since_ns(rove_due(v), now) <= 100 * NS_PER_MS / ROVE_HASTE_FACTOR);
    assert_true(mono_reached(due, rove_due(v)));  // never later than without
    for (int i = 0; i < ROVE_HASTE; i++) {
        struct rove_send send = take_next(v, &now);
        assert_int_equal(send.tuple.target, 1);
        tell_at(v, &send, 'o', now, &verdict);
    }
    int64_t took_ms = mono_since_ns(now, wished_at) / NS_PER_MS;
    assert_in_range(took_ms, 100 * ROVE_HASTE / ROVE_HASTE_FACTOR * 3 / 4,
                    100 * ROVE_HASTE / ROVE_HASTE_FACTOR * 3 / 2);
    uint32_t others = 0;
    for (int i = 0; i < 6; i++) {
        struct rove_send send = take_next(v, &now);
        others += send.tuple.target != 1;
        tell_at(v, &send, 'o', now, &verdict);
    }
    assert_int_equal(others, 4);
    rove_free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weighs_pairs),
        cmocka_unit_test(weighs_a_loss_by_what_is_common),
        cmocka_unit_test(releases_the_dead),
        cmocka_unit_test(ignores_the_past),
        cmocka_unit_test(a_target_that_fails_has_a_rest),
        cmocka_unit_test(a_control_that_misses_is_replaced),
        cmocka_unit_test(the_dead_are_told_in_order),
        cmocka_unit_test(a_fresh_tuple_is_none_in_use),
        cmocka_unit_test(what_is_never_told_is_given_up),
        cmocka_unit_test(a_wish_hastens_a_target),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
