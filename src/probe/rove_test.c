// SPDX-License-Identifier: ISC
#include "base/random.h"
#include "probe/rove_check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { OUT_MAX = 256, RTT_NS = 20 * NS_PER_MS, TIMEOUT_NS = 60 * NS_PER_MS };
static const enum family families[] = {FAMILY_IPV4, FAMILY_IPV6};

struct out {
    struct rove_send send;
    struct mono sent_at, known_at;
    enum sample_verdict verdict;
};

// A network in virtual time, and what its prober found.
struct world {
    enum family family;
    uint64_t seed;
    double dead_share;          // of tuples
    double loss;                // of packets, each on its own
    int64_t burst_ns, gap_ns;   // means of bursts and of what is between; 0: none
    double burst_loss;          // of packets in a burst
    double void_share;          // of outcomes that our own side cannot vouch for
    double dead_target_from_s;  // target 0 answers nothing from then on; 0: always
    double loss_from_s;         // the loss begins then
    double heal_from_s;         // all tuples are alive from then on; 0: never
    double unknown_rate_pps;    // of sentinels that are heard of beside

    struct random random;
    struct out out[OUT_MAX];
    uint32_t out_count;
    bool in_burst;
    int64_t burst_turns_at;
    int64_t heard_at;
    uint32_t sent, fresh, dead_told, false_dead, unknown, released, first_hit;
    int64_t last_sent_at;
    struct rove_tuple last;
};

static bool is_dead(const struct world *w, struct rove_tuple tuple)
{
    struct random r = {w->seed ^ (uint64_t)tuple.label << 32 ^ (uint64_t)tuple.port << 8 ^
                       tuple.target};
    random_u64(&r);
    return random_unit(&r) < w->dead_share;
}

static double exponential(struct world *w, int64_t mean_ns)
{
    return -log(1 - random_unit(&w->random)) * (double)mean_ns;
}

static bool is_lost(struct world *w, struct rove_tuple tuple, struct mono at)
{
    double seconds = (double)at.ns / NS_PER_S;
    while (w->burst_ns > 0 && at.ns >= w->burst_turns_at) {
        w->in_burst = !w->in_burst;
        w->burst_turns_at += (int64_t)exponential(w, w->in_burst ? w->burst_ns : w->gap_ns);
    }
    bool lost = random_unit(&w->random) < (seconds >= w->loss_from_s ? w->loss : 0.001);
    lost |= w->in_burst && random_unit(&w->random) < w->burst_loss;
    lost |= is_dead(w, tuple) && (w->heal_from_s == 0 || seconds < w->heal_from_s);
    lost |= w->dead_target_from_s > 0 && seconds >= w->dead_target_from_s && tuple.target == 0;
    return lost;
}

static void send_one(struct world *w, const struct rove_send *send, struct mono now)
{
    assert_true(w->out_count < OUT_MAX);
    bool lost = is_lost(w, send->tuple, now);
    bool is_void = random_unit(&w->random) < w->void_share;
    w->out[w->out_count++] = (struct out){
        .send = *send,
        .sent_at = now,
        .known_at = mono_add_ns(now, lost ? TIMEOUT_NS : RTT_NS),
        .verdict = is_void ? SAMPLE_VOID
                   : lost  ? SAMPLE_LOST
                           : SAMPLE_OK,
    };
    w->sent++;
    w->fresh += send->fresh;
    if (send->fresh)
        w->last = send->tuple;
}

static void note(struct world *w, const struct rove_verdict *verdict)
{
    if (verdict->state == ROVE_DEAD) {
        assert_true(verdict->nats >= 16 && verdict->losses >= 4);
        w->first_hit = w->dead_told == 0 ? w->fresh : w->first_hit;
        w->dead_told++;
        w->false_dead += !is_dead(w, verdict->tuple);
    }
    w->unknown += verdict->state == ROVE_UNKNOWN;
    w->released += verdict->was_dead;
}

static void tell_known(struct world *w, struct rove *v, struct mono now)
{
    for (uint32_t i = 0; i < w->out_count;) {
        struct out out = w->out[i];
        if (!mono_reached(now, out.known_at)) {
            i++;
            continue;
        }
        memmove(&w->out[i], &w->out[i + 1], (--w->out_count - i) * sizeof out);
        struct sample sample = {
            .verdict = out.verdict, .sent_at = out.sent_at, .known_at = out.known_at};
        struct rove_verdict verdict;
        if (rove_told(v, &out.send, &sample, &verdict))
            note(w, &verdict);
    }
}

// Until so many seconds passed or, if asked for, a dead tuple was told of.
static struct rove *run(struct world *w, uint32_t targets, double seconds, bool to_first)
{
    struct rove *v = check_rove(w->family, w->seed, targets);
    struct mono now = {0}, end = {(int64_t)(seconds * NS_PER_S)};
    w->random.state = w->seed * 77 + 5;
    rove_start(v, now);
    while (!mono_reached(now, end) && !(to_first && w->dead_told > 0)) {
        tell_known(w, v, now);
        while (w->unknown_rate_pps > 0 && now.ns >= w->heard_at) {
            struct rove_tuple sentinel = {.target = (uint32_t)(w->heard_at / NS_PER_MS) % targets,
                                          .port = 9000};
            w->heard_at += (int64_t)(NS_PER_S / w->unknown_rate_pps);
            if (!is_dead(w, sentinel))
                rove_heard(v, sentinel.target, is_lost(w, sentinel, now), now);
        }
        struct rove_send send;
        while (rove_take(v, now, &send))
            send_one(w, &send, now);
        now.ns += NS_PER_MS;
    }
    return v;
}

static void sits_on_the_floor(void **state)
{
    static const struct {
        double share;
        int runs;
    } rows[] = {{0.05, 400}, {0.01, 300}, {0.005, 200}, {0.001, 60}};
    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++)
        for (size_t f = 0; f < 2; f++) {
            double sum = 0;
            for (int i = 0; i < rows[r].runs; i++) {
                struct world w = {.family = families[f],
                                  .seed = (uint64_t)i * 31 + f,
                                  .dead_share = rows[r].share,
                                  .loss = 0.001};
                rove_free(run(&w, 4, 100000, true));
                assert_int_equal(w.false_dead, 0);
                sum += w.first_hit;
            }
            double mean = sum / rows[r].runs;
            print_message("%.1f %% dead, %s: %.0f probes, floor %.0f: %.2f\n", rows[r].share * 100,
                          family_name(families[f]), mean, 1 / rows[r].share, mean * rows[r].share);
            assert_true(mean <= 1.2 / rows[r].share);
            assert_true(mean >= 0.8 / rows[r].share);
        }
}

static const struct {
    const char *name;
    struct world world;
} calm_rows[] = {
    {"healthy", {.loss = 0}},
    {"loss of 0.1 %", {.loss = 0.001}},
    {"loss of 1 %", {.loss = 0.01}},
    {"loss of 5 %", {.loss = 0.05}},
    {"loss of 20 %", {.loss = 0.2}},
    {"loss of 40 %", {.loss = 0.4}},
    {"loss of 40 % all at once", {.loss = 0.4, .loss_from_s = 60}},
    {"loss of 10 % all at once", {.loss = 0.1, .loss_from_s = 60}},
    {"bursts of 20 ms", {.burst_ns = 20 * NS_PER_MS, .gap_ns = 1000 * NS_PER_MS, .burst_loss = 1}},
    {"bursts of 100 ms",
     {.burst_ns = 100 * NS_PER_MS, .gap_ns = 1000 * NS_PER_MS, .burst_loss = 1}},
    {"bursts of 500 ms",
     {.burst_ns = 500 * NS_PER_MS, .gap_ns = 2000 * NS_PER_MS, .burst_loss = 1}},
    {"half bursts of 20 ms",
     {.burst_ns = 20 * NS_PER_MS, .gap_ns = 200 * NS_PER_MS, .burst_loss = 0.5}},
    {"half bursts of 500 ms",
     {.burst_ns = 500 * NS_PER_MS, .gap_ns = 1000 * NS_PER_MS, .burst_loss = 0.5}},
    {"a target dies", {.loss = 0.001, .dead_target_from_s = 10}},
    {"a target dies under loss", {.loss = 0.05, .dead_target_from_s = 10}},
    {"half is void", {.loss = 0.4, .void_share = 0.5}},
};

static void calls_nothing_dead(void **state)
{
    (void)state;
    for (size_t r = 0; r < sizeof calm_rows / sizeof calm_rows[0]; r++)
        for (size_t f = 0; f < 2; f++)
            for (uint64_t i = 0; i < 4; i++) {
                struct world w = calm_rows[r].world;
                w.family = families[f];
                w.seed = 1000 + i * 7 + f;
                w.unknown_rate_pps = i % 2 ? 40 : 10;  // a role without sentinels has no paths
                struct rove *v = run(&w, 1 + (uint32_t)i, 300, false);
                CHECK_ROW(calm_rows[r].name, w.dead_told == 0);
                CHECK_ROW(calm_rows[r].name, w.sent < 3.2 * 300 * 10);
                CHECK_ROW(calm_rows[r].name, w.fresh > 300);
                rove_free(v);
            }
}

// Common loss or bursts, and dead tuples all the same.
static void finds_them_in_noise(void **state)
{
    static const struct {
        const char *name;
        struct world world;
    } rows[] = {
        {"loss of 1 %", {.loss = 0.01, .dead_share = 0.02}},
        {"bursts of 100 ms",
         {.burst_ns = 100 * NS_PER_MS,
          .gap_ns = 1900 * NS_PER_MS,
          .burst_loss = 1,
          .dead_share = 0.02}},
        {"a tenth is void", {.loss = 0.001, .void_share = 0.1, .dead_share = 0.02}},
        {"a target dead", {.loss = 0.001, .dead_share = 0.02, .dead_target_from_s = 1}},
    };
    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++)
        for (size_t f = 0; f < 2; f++) {
            struct world w = rows[r].world;
            w.family = families[f];
            w.seed = 5 + r;
            w.unknown_rate_pps = 40;
            struct rove *v = run(&w, 3, 300, false);
            CHECK_ROW(rows[r].name, w.dead_told > 10);
            CHECK_ROW(rows[r].name, w.false_dead == 0 || rows[r].world.dead_target_from_s > 0);
            CHECK_ROW(rows[r].name, w.false_dead == 0);
            rove_free(v);
        }
}

static void asks_the_dead_until_they_answer(void **state)
{
    (void)state;
    for (size_t f = 0; f < 2; f++) {
        struct world w = {.family = families[f],
                          .seed = 9,
                          .dead_share = 0.05,
                          .loss = 0.001,
                          .heal_from_s = 120};
        struct rove_tuple dead[ROVE_DEAD_MAX];
        struct rove *v = run(&w, 4, 119, false);
        assert_int_equal(rove_dead(v, dead), ROVE_DEAD_MAX);
        assert_true(w.dead_told > ROVE_DEAD_MAX);
        for (int i = 0; i < ROVE_DEAD_MAX; i++)
            assert_true(is_dead(&w, dead[i]));
        rove_free(v);
        w = (struct world){.family = families[f],
                           .seed = 9,
                           .dead_share = 0.05,
                           .loss = 0.001,
                           .heal_from_s = 120};
        v = run(&w, 4, 140, false);
        assert_int_equal(rove_dead(v, dead), 0);
        assert_int_equal(w.released, ROVE_DEAD_MAX);
        assert_int_equal(rove_counts(v)->alive_again, ROVE_DEAD_MAX);
        rove_free(v);
    }
}

static void never_the_same_twice(void **state)
{
    (void)state;
    for (size_t f = 0; f < 2; f++) {
        struct rove *v = check_rove(families[f], 3, 2);
        struct rove_send send;
        struct rove_verdict verdict;
        static bool seen[65536];
        memset(seen, 0, sizeof seen);
        uint32_t label_before = 0;
        struct mono now = {0};
        rove_start(v, now);
        for (int i = 0; i < 8000; i++) {
            now = rove_due(v);
            if (!rove_take(v, now, &send))
                continue;
            assert_true(send.tuple.port >= 10000 && send.tuple.port < 32000);
            assert_true(!seen[send.tuple.port]);
            assert_true((send.tuple.label != 0) == (families[f] == FAMILY_IPV6));
            assert_true(send.tuple.label <= 0xfffff);
            assert_true(send.tuple.label == 0 || send.tuple.label != label_before);
            label_before = send.tuple.label;
            seen[send.tuple.port] = true;
            struct sample ok = {.verdict = SAMPLE_OK, .sent_at = now, .known_at = now};
            assert_true(rove_told(v, &send, &ok, &verdict));
        }
        rove_free(v);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_the_same_twice),
        cmocka_unit_test(sits_on_the_floor),
        cmocka_unit_test(calls_nothing_dead),
        cmocka_unit_test(finds_them_in_noise),
        cmocka_unit_test(asks_the_dead_until_they_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
