// SPDX-License-Identifier: ISC
// What is remembered of many flows, and of very slow ones.
#include "probe/flight.h"
#include "base/check.h"
#include "base/random.h"
#include <assert.h>
#include <string.h>

enum { FLOWS = 40, ASKED = 100, RING = 192, SENT_MAX = 20000 };
static_assert(RING % FLIGHT_CHUNK == 0 && RING >= ASKED + FLIGHT_CHUNK, "what is asked, in chunks");

struct shared_model {
    struct flight f;
    struct flow names[FLOWS];
    struct {
        uint32_t id, sequence;
        enum flight_state state;
    } sent[SENT_MAX];  // in order
    uint32_t count, forgotten;
};

static bool is_remembered(const struct shared_model *m, uint32_t n)
{
    uint32_t age = m->f.flows[m->sent[n].id].flight.next - m->sent[n].sequence;
    return n >= m->forgotten && age <= FLIGHT_RECENT_MAX;
}

static bool model_has_room(const struct shared_model *m, uint32_t id)
{
    uint32_t waiting = 0;
    for (uint32_t n = 0; n < m->count && waiting == 0; n++)
        if (m->sent[n].id == id && m->sent[n].state == FLIGHT_WAITING)
            waiting = m->f.flows[id].flight.next - m->sent[n].sequence;
    bool holds_up = false;
    for (uint32_t n = 0; n < FLIGHT_CHUNK && m->count - m->forgotten == RING; n++)
        holds_up |= m->sent[m->forgotten + n].state == FLIGHT_WAITING;
    return waiting < FLIGHT_RECENT_MAX && !holds_up;
}

static void send_shared(struct shared_model *m, uint32_t id, struct mono now)
{
    bool has_room = flight_has_room(&m->f, id);
    assert_true(has_room == model_has_room(m, id));
    if (!has_room)
        return;
    if (m->count - m->forgotten == RING)
        m->forgotten += FLIGHT_CHUNK;
    m->sent[m->count].id = id;
    m->sent[m->count].sequence = m->f.flows[id].flight.next;
    m->sent[m->count].state = FLIGHT_WAITING;
    flight_sent(&m->f, id, now, 7000 + m->count++);
}

static void answer_shared(struct shared_model *m, uint32_t n, struct mono now)
{
    static const enum flight_fit expected[] = {
        [FLIGHT_WAITING] = FLIGHT_FITS,
        [FLIGHT_ANSWERED] = FLIGHT_DOUBLED,
        [FLIGHT_LOST] = FLIGHT_FITS,
        [FLIGHT_VOID] = FLIGHT_FITS_VOID,
    };
    struct sample sample;
    struct flight_answer answer = {.sequence = m->sent[n].sequence, .echo = 7000 + n};
    enum flight_fit fit = flight_answer(&m->f, m->sent[n].id, &answer, now, &sample);
    if (!is_remembered(m, n)) {
        assert_true(m->sent[n].state != FLIGHT_WAITING);
        assert_int_equal(fit, FLIGHT_STRANGE);
        return;
    }
    assert_int_equal(fit, expected[m->sent[n].state]);
    assert_true(fit != FLIGHT_FITS || sample.late == (m->sent[n].state == FLIGHT_LOST));
    if (fit == FLIGHT_FITS)
        m->sent[n].state = FLIGHT_ANSWERED;
}

// The oldest that waits of the flow gets its verdict.
static void judge_shared(struct shared_model *m, uint32_t id, enum flight_state state,
                         struct mono now)
{
    struct sample sample;
    uint32_t n = 0;
    while (n < m->count && (m->sent[n].id != id || m->sent[n].state != FLIGHT_WAITING))
        n++;
    bool told = state == FLIGHT_LOST ? flight_expire(&m->f, id, mono_add_ms(now, 1000), &sample)
                                     : flight_void(&m->f, id, SAMPLE_LINK_DOWN, now, &sample);
    assert_true(told == (n < m->count));
    if (told)
        m->sent[n].state = state;
}

// Beside a plain list: nothing without verdict is forgotten, and what is remembered is found, also
// where positions come round.
static void flows_share_what_is_remembered(void **state)
{
    (void)state;
    static struct shared_model m;
    struct random random = {3};
    struct mono now = {NS_PER_S};
    assert_true(flight_init(&m.f, m.names, &(struct flight_room){FLOWS, 1, ASKED, NULL}));
    m.f.timeout_min_ns = m.f.timeout_max_ns = 1000 * (int64_t)NS_PER_MS;
    m.f.sent = (uint32_t)-8 * FLIGHT_CHUNK;
    for (uint32_t id = 0; id < FLOWS; id++)
        flight_flow_init(&m.f, id, 0, 0xfffffff0 + id);
    for (uint32_t step = 0; m.count < 3000; step++) {
        // Some flows send nearly all, so that both limits are met; nobody answers for a while.
        uint32_t id = (uint32_t)random_u64(&random) % (step % 3 == 0 ? FLOWS : 2);
        uint64_t dice = random_u64(&random) % 100, quiet = step / 500 % 2 * 35;
        if (dice < 35 + quiet)
            send_shared(&m, id, now);
        else if (dice < 85 && m.count > 0)
            answer_shared(&m, m.count - 1 - (uint32_t)random_u64(&random) % 130 % m.count, now);
        else
            judge_shared(&m, id, dice < 93 ? FLIGHT_LOST : FLIGHT_VOID, now);
    }
    flight_done(&m.f);
}

// Probes are answered at once, lost, or answered when they are long late: memory is used again, and
// what may still be told of is remembered.
static void what_is_past_is_written_over(void **state)
{
    (void)state;
    enum { COUNT = 64 * FLIGHT_CHUNK, EVERY_NS = NS_PER_MS, ASKED_FOR = 32 * FLIGHT_CHUNK };
    static struct flow names[COUNT];
    struct flight f;
    struct sample sample;
    assert_true(flight_init(&f, names, &(struct flight_room){COUNT, 1, ASKED_FOR, NULL}));
    f.timeout_min_ns = f.timeout_max_ns = 50 * NS_PER_MS;
    for (uint32_t id = 0; id < COUNT; id++) {
        struct mono now = {(1000 + (int64_t)id) * EVERY_NS};
        flight_flow_init(&f, id, 0, 0);
        flight_sent(&f, id, now, id);
        struct flight_answer answer = {.echo = id};
        if (id % 3 != 0)
            assert_int_equal(flight_answer(&f, id, &answer, now, &sample), FLIGHT_FITS);
        while (flight_overdue(&f, now) != FLIGHT_NOBODY)
            assert_true(flight_expire(&f, flight_overdue(&f, now), now, &sample));
        uint32_t late = id - 198;  // of 200 ms; answered in time but for each third
        answer.echo = late;
        if (id >= 198 && late % 3 == 0)
            assert_int_equal(flight_answer(&f, late, &answer, now, &sample), FLIGHT_FITS);
    }
    // 200 ms of 1000 a second, in chunks.
    assert_true(f.held + f.warm * FLIGHT_CHUNK <= 200 + 3 * FLIGHT_CHUNK);
    uint32_t touched = 0;
    for (uint32_t chunk = 0; chunk < f.chunk_count; chunk++)
        touched += f.ring[chunk * FLIGHT_CHUNK].state != FLIGHT_UNUSED;
    assert_true(touched * FLIGHT_CHUNK <= 200 + 3 * FLIGHT_CHUNK);
    flight_done(&f);
}

// Two flows with time-outs between 50 ms and a second: the first sends one probe, the other fills
// the rest of its chunk, and begins the next one later, all answered at once.
static struct flight two_flows(struct flow names[2], int64_t later_ms, bool expires)
{
    struct flight f;
    struct sample sample;
    assert_true(flight_init(&f, names, &(struct flight_room){2, 1, 1024, NULL}));
    f.timeout_min_ns = 50 * NS_PER_MS;
    f.timeout_max_ns = 1000 * NS_PER_MS;
    for (uint32_t id = 0; id < 2; id++)
        flight_flow_init(&f, id, 0, 100);
    struct mono now = {NS_PER_S};
    flight_sent(&f, 0, now, 7);
    for (uint32_t n = 0; n < FLIGHT_CHUNK + 10; n++) {
        struct flight_answer answer = {.sequence = 100 + n, .echo = 7};
        if (n == FLIGHT_CHUNK - 1)
            now = mono_add_ms(now, later_ms);
        if (expires && n == FLIGHT_CHUNK - 1)
            assert_true(flight_expire(&f, 0, now, &sample));
        flight_sent(&f, 1, now, 7);
        assert_int_equal(flight_answer(&f, 1, &answer, now, &sample), FLIGHT_FITS);
    }
    return f;
}

// However long others' time-outs are over: the first one's was told as a second when it was sent.
static void what_waits_is_not_past(void **state)
{
    (void)state;
    struct flow names[2] = {{0}, {0}};
    struct flight f = two_flows(names, 900, false);
    struct sample sample;
    struct flight_answer answer = {.sequence = 100, .echo = 7};
    assert_int_equal(flight_answer(&f, 0, &answer, (struct mono){2 * (int64_t)NS_PER_S}, &sample),
                     FLIGHT_FITS);
    flight_done(&f);
}

// The answer to a lost one is late for four of its own time-outs, and remembered as long.
static void what_is_lost_is_remembered_as_long_as_it_may_be_late(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        struct flow names[2] = {{0}, {0}};
        struct flight f = two_flows(names, late ? 4000 : 3900, true);
        struct sample sample;
        struct flight_answer answer = {.sequence = 100, .echo = 7};
        struct mono now = {(late ? 5 : 4) * (int64_t)NS_PER_S + 950 * NS_PER_MS};
        assert_int_equal(flight_answer(&f, 0, &answer, now, &sample),
                         late ? FLIGHT_STRANGE : FLIGHT_FITS);
        assert_true(late || sample.late);
        flight_done(&f);
    }
}

// What one flow sent is no answer's to another, though it lies where that one's would: a new flow
// has sent nothing, and of one that is silent for long all was written over.
static void what_others_sent_answers_nobody(void **state)
{
    (void)state;
    struct flow names[2] = {{0}, {0}};
    struct flight f = two_flows(names, 0, false);
    struct sample sample;
    struct flight_answer answer = {.sequence = 99, .echo = 7};
    struct mono now = {2 * (int64_t)NS_PER_S};
    flight_flow_init(&f, 1, 0, 100);
    assert_int_equal(flight_answer(&f, 1, &answer, now, &sample), FLIGHT_STRANGE);

    flight_flow_init(&f, 0, 0, 100);
    flight_sent(&f, 0, now, 7);
    answer.sequence = 100;
    assert_int_equal(flight_answer(&f, 0, &answer, now, &sample), FLIGHT_FITS);
    assert_int_equal(flight_answer(&f, 0, &answer, now, &sample), FLIGHT_DOUBLED);
    for (uint32_t n = 0; n < 4 * f.ring_size; n++) {
        uint32_t sequence = f.flows[1].flight.next;
        flight_sent(&f, 1, now, 7);
        struct flight_answer own = {.sequence = sequence, .echo = 7};
        assert_int_equal(flight_answer(&f, 1, &own, now, &sample), FLIGHT_FITS);
    }
    assert_int_equal(flight_answer(&f, 0, &answer, now, &sample), FLIGHT_STRANGE);
    flight_done(&f);
}

// At one probe in seven seconds a chunk lasts for minutes: what was sent when is still exact for as
// long as a probe may wait, also when clocks of two senders differ a little.
static void a_slow_flow_knows_when_it_sent(void **state)
{
    (void)state;
    enum { COUNT = 400, EVERY_S = 7, WAITS_S = 60 };
    struct flow name = {0};
    struct flight f;
    struct sample sample;
    assert_true(flight_init(&f, &name, &(struct flight_room){1, 1, 0, NULL}));
    f.timeout_min_ns = f.timeout_max_ns = WAITS_S * (int64_t)NS_PER_S;
    flight_flow_init(&f, 0, 0, 0);
    uint32_t lost = 0;
    for (int64_t n = 0; n < COUNT; n++) {
        struct mono now = {1 + (1000 + n * EVERY_S) * (int64_t)NS_PER_S - n % 2};
        for (; flight_expire(&f, 0, now, &sample); lost++) {
            assert_int_equal(sample.sent_at.ns,
                             1 + (1000 + lost * EVERY_S) * (int64_t)NS_PER_S - lost % 2);
            assert_true(mono_since_ns(now, sample.sent_at) <
                        (WAITS_S + EVERY_S) * (int64_t)NS_PER_S);
        }
        flight_sent(&f, 0, now, (uint64_t)n);
    }
    assert_true(lost == COUNT - (WAITS_S + EVERY_S - 1) / EVERY_S);
    // Of one that is sent before the chunk's time.
    struct mono before = {(1000 + COUNT * EVERY_S) * (int64_t)NS_PER_S}, at;
    while (flight_void(&f, 0, SAMPLE_LINK_DOWN, before, &sample))
        ;
    while (f.sent % FLIGHT_CHUNK != 0) {
        flight_sent(&f, 0, before, 0);
        flight_void(&f, 0, SAMPLE_LINK_DOWN, before, &sample);
    }
    flight_sent(&f, 0, before, 0);
    flight_sent(&f, 0, mono_add_ns(before, -5), 0);
    assert_true(flight_oldest(&f, 0, &at) && at.ns == before.ns);
    flight_void(&f, 0, SAMPLE_LINK_DOWN, before, &sample);
    assert_true(flight_oldest(&f, 0, &at) && at.ns == before.ns - 5);
    flight_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flows_share_what_is_remembered),
        cmocka_unit_test(what_is_past_is_written_over),
        cmocka_unit_test(what_waits_is_not_past),
        cmocka_unit_test(what_is_lost_is_remembered_as_long_as_it_may_be_late),
        cmocka_unit_test(what_others_sent_answers_nobody),
        cmocka_unit_test(a_slow_flow_knows_when_it_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
