// SPDX-License-Identifier: ISC
#include "probe/flight.h"

#include "base/check.h"
#include "base/random.h"

#include <assert.h>
#include <string.h>

// One flow of one target with time-outs of 50 ms; `first` is the number of its first probe.
static struct flight flight_of_one(uint32_t first)
{
    struct flight f;
    static struct flow name = {.path = 3, .target = 2, .number = 1, .use = FLOW_ROVING};
    assert_true(flight_init(&f, &name, &(struct flight_room){1, 1, 0, NULL}));
    f.timeout_min_ns = f.timeout_max_ns = 50 * NS_PER_MS;
    flight_flow_init(&f, 0, 0, first);
    return f;
}

static struct flight_answer answer_to(uint32_t sequence)
{
    return (struct flight_answer){.sequence = sequence, .echo = 7000 + sequence};
}

// A story in letters, 10 ms each: 's' sends a probe; '0'..'9' answers the n-th, 'a'..'f' with a
// wrong echo, 'A'..'F' at a time that nobody knows; 'v' voids all; '-' lets time pass. Told: '.'
// ok, 'x' lost, 'o' void, '~' late and ok; in brackets what an answer that says nothing was.
static const struct {
    const char *name, *story, *told;
} rows[] = {
    {"answered", "s0s1", ".."},
    {"lost after its time-out", "s-----", "x"},
    {"not before", "s----", ""},
    {"answers overtake each other", "sss210", "..."},
    {"one missing of three", "sss20-----", "..x"},
    {"doubled", "s00", ".[doubled]"},
    {"never sent", "s1-----", "[strange]x"},
    {"made up: wrong echo", "sa-----", "[strange]x"},
    {"late", "s-----0", "x~"},
    {"late and doubled", "s-----00", "x~[doubled]"},
    {"made up and late", "s-----a", "x[strange]"},
    {"too late", "s--------------------0", "x[too late]"},
    {"just in time to be late", "s-----------------0", "x~"},
    {"undated", "sA", "o"},
    {"undated, and doubled", "sAA", "o[doubled]"},
    {"undated, but the next is not", "ssA1", "o."},
    {"undated and late: not lost at any rate", "s-----A", "x~"},
    {"void", "sv-----", "o"},
    {"void, then its answer", "sv0", "o[void]"},
    {"void, but what was answered before is not", "ss0v-----", ".o"},
    {"void, but what was lost before is not", "s-----v", "x"},
    {"void, what is sent after counts", "svs1s-----", "o.x"},
};

static const char *const fits[] = {
    [FLIGHT_DOUBLED] = "[doubled]",
    [FLIGHT_STRANGE] = "[strange]",
    [FLIGHT_TOO_LATE] = "[too late]",
    [FLIGHT_FITS_VOID] = "[void]",
};

static void tell(char *told, const struct sample *sample)
{
    static const char *const verdicts[] = {
        [SAMPLE_OK] = ".", [SAMPLE_LOST] = "x", [SAMPLE_VOID] = "o"};
    bool is_late = sample->late && sample->verdict == SAMPLE_OK;
    strcat(told, is_late ? "~" : verdicts[sample->verdict]);
}

static void answer_one(struct flight *f, char letter, uint32_t first, struct mono now, char *told)
{
    bool is_forged = letter >= 'a', undated = letter >= 'A' && !is_forged;
    char zero = is_forged ? 'a' : undated ? 'A' : '0';
    struct sample sample;
    struct flight_answer answer = answer_to(first + (uint32_t)(letter - zero));
    answer.echo ^= is_forged;
    answer.undated = undated;
    enum flight_fit fit = flight_answer(f, 0, &answer, now, &sample);
    if (fit == FLIGHT_FITS)
        tell(told, &sample);
    else
        strcat(told, fits[fit]);
}

static void play(const char *story, uint32_t first, char *told)
{
    struct flight f = flight_of_one(first);
    struct mono now = {NS_PER_S};
    struct sample sample;
    for (const char *c = story; *c; c++) {
        if (*c == 's')
            flight_sent(&f, 0, now, 7000 + f.flows[0].flight.next);
        else if (*c == 'v')
            while (flight_void(&f, 0, SAMPLE_LOOP_LAGGED, now, &sample))
                tell(told, &sample);
        else if (*c == '-')
            now = mono_add_ms(now, 10);
        else
            answer_one(&f, *c, first, now, told);
        while (flight_overdue(&f, now) == 0 && flight_expire(&f, 0, now, &sample))
            tell(told, &sample);
    }
    flight_done(&f);
}

// Each story also where the 32-bit numbers and their low 16 bits come round.
static void tells_what_became_of_each_probe(void **state)
{
    (void)state;
    const uint32_t firsts[] = {0, 12345, 0xfffe, 0xffffffff};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t n = 0; n < sizeof firsts / sizeof firsts[0]; n++) {
            char told[256] = "";
            play(rows[i].story, firsts[n], told);
            CHECK_ROW(rows[i].name, strcmp(told, rows[i].told) == 0);
        }
}

static void a_sample_says_whose_it_is_and_when(void **state)
{
    (void)state;
    struct flight f = flight_of_one(9);
    struct sample sample, lost;
    flight_sent(&f, 0, (struct mono){100}, 7009);
    struct flight_answer answer = answer_to(9);
    assert_int_equal(flight_answer(&f, 0, &answer, (struct mono){300}, &sample), FLIGHT_FITS);
    assert_true(sample.path == 3 && sample.target == 2 && sample.flow == 1);
    assert_true(sample.sent_at.ns == 100 && sample.known_at.ns == 300);
    assert_true(sample.verdict == SAMPLE_OK && !sample.late);

    flight_sent(&f, 0, (struct mono){400}, 7010);
    struct mono sent_at;
    assert_true(flight_oldest(&f, 0, &sent_at) && sent_at.ns == 400);
    assert_true(flight_void(&f, 0, SAMPLE_LINK_DOWN, (struct mono){500}, &lost));
    assert_true(lost.void_reason == SAMPLE_LINK_DOWN && lost.flow == 1 && lost.known_at.ns == 500);
    assert_false(flight_oldest(&f, 0, &sent_at));
    flight_done(&f);
}

// Sent at 1000; times in ns.
static const struct {
    const char *name;
    int64_t came_at, kept, rtt;
} trips[] = {
    {"nothing kept", 1500, 0, 500},
    {"what the reflector kept it does not count", 1500, 300, 200},
    {"kept for longer than it was away: a lie", 1500, 600, 500},
    {"kept for as long: a lie", 1500, 500, 500},
    {"came before it was sent: clocks differ a little", 990, 0, 1},
    {"came at once", 1000, 0, 1},
};

static void a_lie_cannot_make_a_round_trip_short(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof trips / sizeof trips[0]; i++) {
        struct flight f = flight_of_one(0);
        struct sample sample;
        flight_sent(&f, 0, (struct mono){1000}, 7000);
        struct flight_answer answer = answer_to(0);
        answer.came_at.ns = trips[i].came_at;
        answer.kept_ns = trips[i].kept;
        flight_answer(&f, 0, &answer, (struct mono){2000}, &sample);
        CHECK_ROW(trips[i].name, sample.rtt_ns == trips[i].rtt);
        flight_done(&f);
    }
}

// Numbers that come round in 16 bits: an answer to the probe of 65536 probes ago fits by number,
// and is still not taken.
// Nor does one that nobody dated say how long round trips take.
static void an_undated_answer_is_void(void **state)
{
    (void)state;
    struct flight f = flight_of_one(10);
    struct mono now = {NS_PER_S};
    struct sample sample;
    for (uint32_t n = 10; n < 12; n++) {
        flight_sent(&f, 0, now, 7000 + n);
        struct flight_answer answer = answer_to(n);
        answer.came_at = mono_add_ms(now, 20);
        answer.undated = n == 10;
        struct rtt before = f.groups[0];
        assert_int_equal(flight_answer(&f, 0, &answer, answer.came_at, &sample), FLIGHT_FITS);
        assert_int_equal(sample.verdict, answer.undated ? SAMPLE_VOID : SAMPLE_OK);
        assert_int_equal(sample.void_reason, answer.undated ? SAMPLE_UNDATED : SAMPLE_NOT_VOID);
        assert_int_equal(sample.rtt_ns, answer.undated ? 0 : 20 * NS_PER_MS);
        assert_int_equal(memcmp(&before, &f.groups[0], sizeof before) == 0, answer.undated);
    }
    flight_done(&f);
}

static void an_old_answer_does_not_fit_a_new_probe(void **state)
{
    (void)state;
    struct flight f = flight_of_one(0);
    struct sample sample;
    struct mono now = {0};
    for (uint32_t n = 0; n <= 65536; n++) {
        flight_sent(&f, 0, now, 7000 + n);
        struct flight_answer answer = answer_to(flight_expand(&f, 0, (uint16_t)n));
        assert_int_equal(answer.sequence, n);
        if (n < 65536)
            assert_int_equal(flight_answer(&f, 0, &answer, now, &sample), FLIGHT_FITS);
    }
    struct flight_answer old = answer_to(flight_expand(&f, 0, 0));
    assert_int_equal(old.sequence, 65536);
    old.echo = 7000;
    assert_int_equal(flight_answer(&f, 0, &old, now, &sample), FLIGHT_STRANGE);
    old.sequence = 0;
    assert_int_equal(flight_answer(&f, 0, &old, now, &sample), FLIGHT_STRANGE);
    flight_done(&f);
}

// All 64 bits of what it must return.
static void an_answer_returns_the_whole_echo(void **state)
{
    (void)state;
    struct flight f = flight_of_one(0);
    struct sample sample;
    const uint64_t echo = 0x0123456789abcdef;
    flight_sent(&f, 0, (struct mono){0}, echo);
    for (int bit = 0; bit < 64; bit++) {
        struct flight_answer answer = {.sequence = 0, .echo = echo ^ UINT64_C(1) << bit};
        assert_int_equal(flight_answer(&f, 0, &answer, (struct mono){0}, &sample), FLIGHT_STRANGE);
    }
    flight_done(&f);
}

// A time-out is kept in microseconds, and never cut.
static void waits_no_shorter_than_asked(void **state)
{
    (void)state;
    struct flight f = flight_of_one(0);
    struct sample sample;
    f.timeout_min_ns = f.timeout_max_ns = 50 * NS_PER_MS + 1;
    flight_sent(&f, 0, (struct mono){0}, 7000);
    assert_in_range(flight_due(&f).ns, f.timeout_min_ns, f.timeout_min_ns + NS_PER_US);
    assert_false(flight_expire(&f, 0, (struct mono){f.timeout_min_ns - 1}, &sample));
    assert_true(flight_expire(&f, 0, (struct mono){f.timeout_min_ns + NS_PER_US}, &sample));
    flight_done(&f);
}

static void a_flow_waits_when_its_ring_is_full(void **state)
{
    (void)state;
    struct flight f = flight_of_one(5);
    struct sample sample;
    for (int n = 0; n < FLIGHT_RECENT_MAX; n++) {
        assert_true(flight_has_room(&f, 0));
        flight_sent(&f, 0, (struct mono){0}, 1);
    }
    assert_false(flight_has_room(&f, 0));
    assert_true(flight_expire(&f, 0, (struct mono){NS_PER_S}, &sample));
    assert_true(flight_has_room(&f, 0));
    flight_done(&f);
}

// A time-out that shrinks while probes are out: verdicts still come in the order of sending.
static void verdicts_come_in_order(void **state)
{
    (void)state;
    struct flight f = flight_of_one(0);
    f.timeout_max_ns = NS_PER_S;
    struct sample sample;
    flight_sent(&f, 0, (struct mono){0}, 1);
    f.timeout_max_ns = 50 * NS_PER_MS;
    flight_sent(&f, 0, (struct mono){1}, 1);
    assert_int_equal(flight_due(&f).ns, NS_PER_S);
    assert_int_equal(flight_overdue(&f, (struct mono){NS_PER_S - 1}), FLIGHT_NOBODY);
    assert_true(flight_expire(&f, 0, (struct mono){NS_PER_S}, &sample));
    assert_int_equal(sample.sent_at.ns, 0);
    assert_true(flight_expire(&f, 0, (struct mono){NS_PER_S}, &sample));
    assert_int_equal(sample.sent_at.ns, 1);
    assert_false(flight_expire(&f, 0, (struct mono){NS_PER_S}, &sample));
    assert_int_equal(flight_due(&f).ns, INT64_MAX);
    flight_done(&f);
}

// What became of each probe in turn: '.' answered, 'f' lost on the way there, 'r' on the way back,
// 'v' void after it was answered, '!' the reflector starts anew before it. Expected: sums told.
static const struct {
    const char *name, *fates;
    uint32_t forward, reverse;
} directions[] = {
    {"none lost", "......", 0, 0},
    {"there", "..f..", 1, 0},
    {"back", "..r..", 0, 1},
    {"many there", ".fffff.", 5, 0},
    {"many back", ".rrrrr.", 0, 5},
    {"both", ".frffrf.f.r.", 5, 3},
    {"before the first answer nothing counts", "fr.f.", 1, 0},
    {"after the last nothing is told", "..ff", 0, 0},
    {"nothing across a void one", ".fv.f.", 1, 0},
    {"nothing across a restart", ".....r!.f.", 1, 0},
};

static void play_fates(const char *fates, uint32_t first, bool is_stateful, struct sample *sum)
{
    struct flight f = flight_of_one(first);
    struct mono now = {0};
    struct sample sample;
    uint32_t reflected = 0xfffffff0;  // comes round as well
    for (uint32_t n = 0; fates[n]; now = mono_add_ms(now, 60)) {
        if (fates[n] == '!') {
            reflected = 0;
            fates++;  // not a probe
            continue;
        }
        flight_sent(&f, 0, now, 7000 + f.flows[0].flight.next);
        struct flight_answer answer = answer_to(first + n);
        answer.has_count = true;
        if (fates[n] != 'f')
            answer.reflected = is_stateful ? reflected++ : answer.sequence;
        if (fates[n] == '.') {
            assert_int_equal(flight_answer(&f, 0, &answer, now, &sample), FLIGHT_FITS);
            sum->lost_forward += sample.lost_forward;
            sum->lost_reverse += sample.lost_reverse;
            sum->direction_known |= sample.direction_known;
        }
        if (fates[n] == 'v')
            assert_true(flight_void(&f, 0, SAMPLE_CLOCK_STEPPED, now, &sample));
        flight_expire(&f, 0, mono_add_ms(now, 50), &sample);
        n++;
    }
    flight_done(&f);
}

static void tells_there_from_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof directions / sizeof directions[0]; i++) {
        struct sample sum = {0};
        play_fates(directions[i].fates, 0xfffffffd, true, &sum);
        CHECK_ROW(directions[i].name, sum.lost_forward == directions[i].forward);
        CHECK_ROW(directions[i].name, sum.lost_reverse == directions[i].reverse);
        CHECK_ROW(directions[i].name, sum.direction_known);
        sum = (struct sample){0};
        play_fates(directions[i].fates, 17, false, &sum);  // a reflector that only copies numbers
        CHECK_ROW(directions[i].name, !sum.direction_known && sum.lost_forward == 0);
        CHECK_ROW(directions[i].name, sum.lost_reverse == 0);
    }
}

// What a reflector says that does not count, or counts the same twice, tells nothing.
static void only_what_counts_tells_directions(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool has_count;
        uint32_t reflected[3];
        bool known;
    } tellers[] = {
        {"counts", true, {40, 41, 42}, true},
        {"the same twice", true, {40, 40, 40}, false},
        {"back", true, {40, 39, 38}, false},
        {"numbers that it does not call so", false, {40, 41, 42}, false},
    };
    for (size_t i = 0; i < sizeof tellers / sizeof tellers[0]; i++) {
        struct flight f = flight_of_one(0);
        struct sample sample;
        for (uint32_t n = 0; n < 3; n++) {
            flight_sent(&f, 0, (struct mono){0}, 7000 + n);
            struct flight_answer answer = answer_to(n);
            answer.has_count = tellers[i].has_count;
            answer.reflected = tellers[i].reflected[n];
            CHECK_ROW(tellers[i].name,
                      flight_answer(&f, 0, &answer, (struct mono){0}, &sample) == FLIGHT_FITS);
            CHECK_ROW(tellers[i].name, sample.direction_known == (n > 0 && tellers[i].known));
            CHECK_ROW(tellers[i].name, sample.lost_forward == 0 && sample.lost_reverse == 0);
        }
        flight_done(&f);
    }
}

// Probes or answers that overtake each other are no losses: numbers of the reflector in the order
// in which answers come, each of the probe given.
static void reordering_is_no_loss(void **state)
{
    (void)state;
    static const struct {
        uint32_t probe, reflected;
    } orders[][4] = {
        {{0, 10}, {2, 12}, {1, 11}, {3, 13}},  // on the way back
        {{0, 10}, {2, 11}, {1, 12}, {3, 13}},  // on the way there
    };
    for (size_t i = 0; i < 2; i++) {
        struct flight f = flight_of_one(0);
        struct sample sample;
        for (uint32_t n = 0; n < 4; n++)
            flight_sent(&f, 0, (struct mono){0}, 7000 + n);
        for (size_t n = 0; n < 4; n++) {
            struct flight_answer answer = answer_to(orders[i][n].probe);
            answer.has_count = true;
            answer.reflected = orders[i][n].reflected;
            assert_int_equal(flight_answer(&f, 0, &answer, (struct mono){0}, &sample), FLIGHT_FITS);
            assert_true(sample.lost_forward == 0 && sample.lost_reverse == 0);
        }
        flight_done(&f);
    }
}

static struct sample answered(struct flight *f, uint32_t sequence, struct mono now)
{
    struct sample sample;
    struct flight_answer answer = answer_to(sequence);
    answer.has_count = true;
    answer.reflected = 10 + sequence;
    assert_int_equal(flight_answer(f, 0, &answer, now, &sample), FLIGHT_FITS);
    return sample;
}

// What was counted when a late answer's probe was passed over is for the next answer in time.
static void a_late_answer_tells_no_direction(void **state)
{
    (void)state;
    struct flight f = flight_of_one(0);
    struct mono now = {0};
    struct sample sample;
    for (uint32_t n = 0; n < 3; n++)
        flight_sent(&f, 0, now, 7000 + n);
    assert_false(answered(&f, 0, now).direction_known);
    assert_false(answered(&f, 2, now).direction_known);  // 1 may still come
    now = mono_add_ms(now, 50);
    assert_true(flight_expire(&f, 0, now, &sample));
    sample = answered(&f, 1, now);
    assert_true(sample.late && !sample.direction_known && sample.lost_reverse == 0);
    flight_sent(&f, 0, now, 7003);
    sample = answered(&f, 3, now);
    assert_true(sample.direction_known && sample.lost_reverse == 1 && sample.lost_forward == 0);
    flight_done(&f);
}

// Each loss is told once, and that directions are known only with what was counted since.
static void directions_are_told_once(void **state)
{
    (void)state;
    struct flight f = flight_of_one(0);
    struct mono now = {0};
    struct sample sample;
    for (uint32_t n = 0; n < 4; n++)
        flight_sent(&f, 0, now, 7000 + n);
    answered(&f, 0, now);
    assert_true(answered(&f, 1, now).direction_known);
    assert_true(flight_void(&f, 0, SAMPLE_LINK_DOWN, now, &sample));
    assert_false(answered(&f, 3, now).direction_known);  // what was void may have been counted
    flight_done(&f);
}

// A flow that becomes another one: what was out is nobody's.
static void a_flow_begins_anew(void **state)
{
    (void)state;
    struct flight f = flight_of_one(5);
    struct sample sample;
    for (uint32_t n = 5; n < 5 + FLIGHT_RECENT_MAX; n++)
        flight_sent(&f, 0, (struct mono){0}, 7000 + n);
    flight_flow_init(&f, 0, 0, 6);
    uint32_t ids[1];
    assert_true(flight_waiting(&f, ids) == 0 && !flight_group_waits(&f, 0));
    assert_int_equal(flight_overdue(&f, (struct mono){NS_PER_S}), FLIGHT_NOBODY);
    assert_true(flight_has_room(&f, 0));
    struct flight_answer answer = answer_to(6);
    assert_int_equal(flight_answer(&f, 0, &answer, (struct mono){1}, &sample), FLIGHT_STRANGE);
    flight_sent(&f, 0, (struct mono){2}, 7006);
    assert_int_equal(flight_answer(&f, 0, &answer, (struct mono){3}, &sample), FLIGHT_FITS);
    flight_done(&f);
}

// Whatever comes, every probe gets one verdict and at most one late answer after a loss.
static void every_probe_gets_one_verdict(void **state)
{
    (void)state;
    struct random random = {1};
    struct flight f = flight_of_one(0xffffff00);
    uint32_t sent = 0, verdicts = 0, late = 0, lost = 0;
    struct mono now = {0};
    for (int step = 0; step < 200 * 1000; step++, now = mono_add_ms(now, 3)) {
        struct sample sample;
        uint64_t dice = random_u64(&random) % 100;
        if (dice < 30 && flight_has_room(&f, 0)) {
            flight_sent(&f, 0, now, 7000 + f.flows[0].flight.next);
            sent++;
        } else if (dice < 80) {
            uint32_t any = f.flows[0].flight.next - (uint32_t)(random_u64(&random) % 80);
            struct flight_answer answer = answer_to(any);
            answer.has_count = true;
            answer.reflected = (uint32_t)random_u64(&random) % 100;
            if (flight_answer(&f, 0, &answer, now, &sample) == FLIGHT_FITS) {
                verdicts += !sample.late;
                late += sample.late;
                assert_true(sample.lost_forward <= FLIGHT_RECENT_MAX);
            }
        } else if (dice < 81) {
            while (flight_void(&f, 0, SAMPLE_SOCKET_DROPPED, now, &sample))
                verdicts++;
        }
        while (flight_expire(&f, 0, now, &sample)) {
            verdicts++;
            lost++;
        }
        assert_true(flight_group_waits(&f, 0) == (f.flows[0].flight.open > 0));
    }
    assert_int_equal(sent, verdicts + f.flows[0].flight.open);
    assert_true(late > 0 && late < lost);
    flight_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_became_of_each_probe),
        cmocka_unit_test(a_sample_says_whose_it_is_and_when),
        cmocka_unit_test(a_lie_cannot_make_a_round_trip_short),
        cmocka_unit_test(an_undated_answer_is_void),
        cmocka_unit_test(an_old_answer_does_not_fit_a_new_probe),
        cmocka_unit_test(a_flow_waits_when_its_ring_is_full),
        cmocka_unit_test(verdicts_come_in_order),
        cmocka_unit_test(tells_there_from_back),
        cmocka_unit_test(only_what_counts_tells_directions),
        cmocka_unit_test(an_answer_returns_the_whole_echo),
        cmocka_unit_test(waits_no_shorter_than_asked),
        cmocka_unit_test(reordering_is_no_loss),
        cmocka_unit_test(a_late_answer_tells_no_direction),
        cmocka_unit_test(directions_are_told_once),
        cmocka_unit_test(a_flow_begins_anew),
        cmocka_unit_test(every_probe_gets_one_verdict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
