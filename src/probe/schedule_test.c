// SPDX-License-Identifier: ISC
#include "probe/schedule.h"

#include "base/check.h"
#include "base/random.h"

#include <stdlib.h>
#include <string.h>

enum { FLOWS_MAX = 32, PATHS_MAX = 4, SENDS_MAX = 400 * 1000 };

struct sent {
    uint32_t flow;
    int64_t at;
};

static const uint32_t unlimited = SCHEDULE_UNLIMITED;
static const struct schedule_caps one_path = {
    .path_count = 1, .path_pps = 100, .target_count = 1, .target_pps = &unlimited};

// A run in virtual time: who fails, how late the loop turns, and all that was sent.
struct run {
    struct schedule_flow flows[FLOWS_MAX];
    uint32_t flow_count, path_count, cap_pps;
    uint32_t target_pps;  // to the one target of all; 0: unlimited
    int64_t seconds, late_max_ns;
    double loss[FLOWS_MAX];
    struct sent *sent;
    uint32_t sent_count;
};

static uint32_t add_flows(struct run *run, uint32_t path, uint32_t count, int64_t interval_ns)
{
    run->path_count = path >= run->path_count ? path + 1 : run->path_count;
    for (uint32_t i = 0; i < count; i++)
        run->flows[run->flow_count++] =
            (struct schedule_flow){path, 0, interval_ns, interval_ns * i / count};
    return run->flow_count - count;
}

// The flows of the example configuration on one path: 4 at 10 a second each, twice, and one at 5.
static struct run example_run(void)
{
    struct run run = {.cap_pps = 100, .seconds = 60};
    add_flows(&run, 0, 4, 100 * NS_PER_MS);
    add_flows(&run, 0, 4, 100 * NS_PER_MS);
    add_flows(&run, 0, 1, 200 * NS_PER_MS);
    return run;
}

static void run_it(struct run *run)
{
    struct random random = {11};
    const uint32_t target_pps = run->target_pps > 0 ? run->target_pps : SCHEDULE_UNLIMITED;
    const struct schedule_caps caps = {.path_count = run->path_count,
                                       .path_pps = run->cap_pps,
                                       .target_count = 1,
                                       .target_pps = &target_pps};
    struct schedule *s = schedule_new(run->flows, run->flow_count, &caps, 5);
    assert_non_null(s);
    run->sent = malloc(SENDS_MAX * sizeof run->sent[0]);
    struct mono now = {1000 * (int64_t)NS_PER_S}, end = mono_add_ns(now, run->seconds * NS_PER_S);
    schedule_start(s, now);
    while (!mono_reached(now, end)) {
        assert_true(mono_reached(schedule_due(s), now));
        now = mono_add_ns(schedule_due(s),
                          (int64_t)(random_unit(&random) * (double)run->late_max_ns));
        for (uint32_t id; (id = schedule_take(s, now)) != SCHEDULE_NOBODY;) {
            assert_true(run->sent_count < SENDS_MAX);
            run->sent[run->sent_count++] = (struct sent){id, now.ns};
            schedule_told(s, id, random_unit(&random) < run->loss[id], now);
        }
    }
    schedule_free(s);
}

static uint32_t count_of(const struct run *run, uint32_t flow)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < run->sent_count; i++)
        count += run->sent[i].flow == flow;
    return count;
}

static void gaps_of(const struct run *run, uint32_t flow, int64_t *least, int64_t *most)
{
    int64_t last = -1;
    *least = INT64_MAX;
    *most = 0;
    for (uint32_t i = 0; i < run->sent_count; i++) {
        if (run->sent[i].flow != flow)
            continue;
        int64_t gap = run->sent[i].at - last;
        *least = last >= 0 && gap < *least ? gap : *least;
        *most = last >= 0 && gap > *most ? gap : *most;
        last = run->sent[i].at;
    }
}

// In every window of a second: the cap-th probe before any other is at least a second older.
static bool keeps_the_cap(const struct run *run, uint32_t path)
{
    static int64_t times[SENDS_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < run->sent_count; i++)
        if (run->flows[run->sent[i].flow].path == path)
            times[count++] = run->sent[i].at;
    for (uint32_t i = run->cap_pps; i < count; i++)
        if (times[i] - times[i - run->cap_pps] < NS_PER_S)
            return false;
    return count > run->cap_pps;  // or nothing was proven
}

static void every_flow_keeps_its_rate_and_jitter(void **state)
{
    (void)state;
    struct run run = example_run();
    run_it(&run);
    for (uint32_t flow = 0; flow < run.flow_count; flow++) {
        int64_t interval = run.flows[flow].interval_ns, least, most;
        double expected = (double)(run.seconds * NS_PER_S) / (double)interval;
        double ratio = count_of(&run, flow) / expected;
        assert_true(ratio > 0.97 && ratio < 1.03);
        gaps_of(&run, flow, &least, &most);
        assert_true(least >= interval * 8 / 10);
        // A probe may wait for a token where jitter made a crowd: a little over 120 %.
        assert_true(most <= interval * 13 / 10);
        assert_true(least < interval * 85 / 100 && most > interval * 115 / 100);
    }
    free(run.sent);
}

static const struct {
    const char *name;
    double loss;
    int64_t late_max_ns;
    uint32_t cap_pps;
} storms[] = {
    {"all well", 0, 0, 86},
    {"one in a hundred lost", 0.01, 0, 100},
    {"38 % lost", 0.38, 0, 100},
    {"all lost", 1, 0, 100},
    {"all lost, the loop often late", 1, 30 * NS_PER_MS, 100},
    {"all lost, room for four times as much", 1, NS_PER_MS, 340},
    {"less than the flows want", 1, NS_PER_MS, 40},
    {"one a second", 1, 0, 1},
};

static void no_second_has_more_than_the_cap(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof storms / sizeof storms[0]; i++) {
        struct run run = example_run();
        add_flows(&run, 1, 9, 100 * NS_PER_MS);
        run.cap_pps = storms[i].cap_pps;
        run.late_max_ns = storms[i].late_max_ns;
        for (uint32_t flow = 0; flow < run.flow_count; flow++)
            run.loss[flow] = storms[i].loss;
        run_it(&run);
        CHECK_ROW(storms[i].name, keeps_the_cap(&run, 0));
        CHECK_ROW(storms[i].name, keeps_the_cap(&run, 1));
        free(run.sent);
    }
}

// Over all paths, whatever they may send.
static void no_second_has_more_than_the_target_may_get(void **state)
{
    (void)state;
    for (uint32_t target_pps = 1; target_pps <= 100; target_pps += 11)
        for (size_t i = 0; i < sizeof storms / sizeof storms[0]; i++) {
            struct run run = {.cap_pps = 100, .seconds = 60, .target_pps = target_pps};
            add_flows(&run, 0, 4, 100 * NS_PER_MS);
            add_flows(&run, 1, 4, 100 * NS_PER_MS);
            run.late_max_ns = storms[i].late_max_ns;
            for (uint32_t flow = 0; flow < run.flow_count; flow++)
                run.loss[flow] = storms[i].loss;
            run_it(&run);
            for (uint32_t k = target_pps; k < run.sent_count; k++)
                CHECK_ROW(storms[i].name, run.sent[k].at - run.sent[k - target_pps].at >= NS_PER_S);
            double least = target_pps < 80 ? target_pps : 80;  // no token is wasted for long
            CHECK_ROW(storms[i].name, run.sent_count > 0.9 * least * (double)run.seconds - 2);
            double share = run.sent_count / 8.0;
            for (uint32_t flow = 0; flow < run.flow_count; flow++)
                CHECK_ROW(storms[i].name, count_of(&run, flow) > 0.8 * share - 2 &&
                                              count_of(&run, flow) < 1.2 * share + 2);
            free(run.sent);
        }
}

// Two targets that are one host, and a third that is not: none gets more than it may, the host no
// more than it may either, by flows, accelerated ones, spare packets and traces, over both paths.
static void a_host_of_several_targets_gets_no_more(void **state)
{
    (void)state;
    static int64_t times[SENDS_MAX];
    for (uint32_t loss = 0; loss < 2; loss++) {
        const uint32_t host_of[] = {0, 1, 0}, target_pps[] = {10, 10, 10};
        const uint32_t host_pps[] = {10, unlimited, unlimited};
        const struct schedule_caps caps = {2, 60, 3, target_pps, host_of, host_pps, NULL};
        struct schedule_flow flows[12];
        for (uint32_t i = 0; i < 12; i++)  // each 2.5 a second
            flows[i] = (struct schedule_flow){i % 2, i % 3, 400 * NS_PER_MS, i * 30 * NS_PER_MS};
        struct schedule *s = schedule_new(flows, 12, &caps, 5);
        uint32_t of_host = 0, of_other = 0, of_first = 0;
        struct mono now = {0};
        schedule_start(s, now);
        for (int ms = 0; ms < 60000; ms++, now = mono_add_ms(now, 1)) {
            for (uint32_t id; (id = schedule_take(s, now)) != SCHEDULE_NOBODY;) {
                schedule_told(s, id, loss > 0, now);
                of_other += flows[id].target == 1;
                of_first += flows[id].target == 0;
                if (flows[id].target != 1)
                    times[of_host++] = now.ns;
            }
            if (mono_reached(now, schedule_trace_due(s, 0, 2))) {
                schedule_spend_trace(s, 0, 2, now);
                times[of_host++] = now.ns;
            }
            assert_true(schedule_spare_due(s, 1, 0).ns == INT64_MAX);  // nothing is left over
        }
        for (uint32_t k = 10; k < of_host; k++)
            assert_true(times[k] - times[k - 10] >= NS_PER_S);
        assert_true(of_host > 540);                      // no token is wasted for long
        assert_true(of_other > 540 && of_other <= 600);  // and nobody else's is taken
        assert_true(of_first > 200 && of_first < 300);
        schedule_free(s);
    }
}

// What its targets' own flows need is no spare of their host's, whoever asks first; and what one is
// traced by is a part of what their host may get for traces.
static void a_host_has_to_spare_what_its_targets_leave(void **state)
{
    (void)state;
    for (uint32_t is_traced = 0; is_traced < 2; is_traced++) {
        const uint32_t host_of[] = {0, 0}, target_pps[] = {10, 10}, host_pps[] = {10, unlimited};
        const struct schedule_caps caps = {2, 60, 2, target_pps, host_of, host_pps, NULL};
        const struct schedule_flow flows[] = {{0, 0, 500 * NS_PER_MS, 0},
                                              {1, 1, 500 * NS_PER_MS, 100 * NS_PER_MS}};
        struct schedule *s = schedule_new(flows, 2, &caps, 5);
        uint32_t own = 0, spare = 0, traces = 0;
        struct mono now = {0};
        schedule_start(s, now);
        for (int ms = 0; ms < 60000; ms++, now = mono_add_ms(now, 1)) {
            uint32_t target = (uint32_t)ms % 2;
            for (; is_traced && mono_reached(now, schedule_trace_due(s, 1, target)); traces++)
                schedule_spend_trace(s, 1, target, now);
            for (; !is_traced && mono_reached(now, schedule_spare_due(s, 0, target)); spare++)
                schedule_spend_spare(s, 0, target, now);
            for (uint32_t id; (id = schedule_take(s, now)) != SCHEDULE_NOBODY; own++)
                schedule_told(s, id, false, now);
        }
        schedule_free(s);
        assert_in_range(own, 4 * 60 - 8, 4 * 60 + 8);
        assert_in_range(spare, is_traced ? 0 : 5 * 60 - 5, is_traced ? 0 : 5 * 60 + 5);
        assert_in_range(traces, is_traced ? 2 * 60 - 2 : 0, is_traced ? 2 * 60 + 2 : 0);
    }
}

// The share of flows that want the same.
static void nobody_starves(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof storms / sizeof storms[0]; i++) {
        struct run run = {.cap_pps = storms[i].cap_pps, .seconds = 200};
        add_flows(&run, 0, 8, 100 * NS_PER_MS);
        for (uint32_t flow = 0; flow < run.flow_count; flow++)
            run.loss[flow] = storms[i].loss;
        run_it(&run);
        double share = run.sent_count / 8.0;
        for (uint32_t flow = 0; flow < run.flow_count; flow++)
            CHECK_ROW(storms[i].name, count_of(&run, flow) > 0.9 * share - 1 &&
                                          count_of(&run, flow) < 1.1 * share + 1);
        free(run.sent);
    }
}

// One lossy flow gets what is left over; the others keep their rates, at times a little late.
static void acceleration_lives_on_what_is_left_over(void **state)
{
    (void)state;
    struct run run = example_run();
    run.loss[2] = 1;
    run_it(&run);
    assert_true(count_of(&run, 2) > 20 * run.seconds && count_of(&run, 2) <= 26 * run.seconds);
    int64_t last = 0;
    uint32_t pairs =
        0;  // of its own and those beside: none but at first, when that is lost at once
    for (uint32_t i = 0; i < run.sent_count; i++) {
        if (run.sent[i].flow != 2)
            continue;
        pairs += run.sent[i].at - last < SCHEDULE_FAST_NS / 2;
        last = run.sent[i].at;
    }
    assert_int_equal(pairs, 1);
    for (uint32_t flow = 0; flow < run.flow_count; flow++) {
        int64_t least, most;
        gaps_of(&run, flow, &least, &most);
        double expected = (double)(run.seconds * NS_PER_S) / (double)run.flows[flow].interval_ns;
        if (flow != 2)
            assert_true(most <= run.flows[flow].interval_ns * 14 / 10 &&
                        count_of(&run, flow) > 0.97 * expected);
    }
    free(run.sent);

    run = example_run();
    run.cap_pps = 85;  // nothing is
    run.loss[2] = 1;
    run_it(&run);
    assert_true(count_of(&run, 2) <= 103 * run.seconds / 10);
    free(run.sent);
}

// How many probes go every 20 ms after so many losses at once, all answered.
static uint32_t fast_after(uint32_t losses, bool is_wished_for)
{
    const struct schedule_flow flow = {.interval_ns = NS_PER_S};
    struct schedule *s = schedule_new(&flow, 1, &one_path, 5);
    struct mono now = {0};
    schedule_start(s, now);
    assert_int_equal(schedule_take(s, now), 0);
    now = mono_add_ms(now, 100);
    assert_int_equal(schedule_take(s, now), SCHEDULE_NOBODY);
    for (uint32_t i = 0; i < losses; i++)
        schedule_told(s, 0, true, now);
    if (is_wished_for)
        schedule_hasten(s, 0, now);

    uint32_t fast = 0;
    assert_int_equal(schedule_take(s, now), 0);  // the first at once
    for (struct mono last = now;; last = now) {
        now = schedule_due(s);
        assert_int_equal(schedule_take(s, now), 0);
        if (mono_since_ns(now, last) > 24 * NS_PER_MS)
            break;
        fast++;
        schedule_told(s, 0, false, now);
    }
    schedule_free(s);
    return fast;
}

static void losses_accelerate_until_answers_outweigh_them(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t losses, fast;
    } rows[] = {
        {"one", 1, 44},
        {"two", 2, 88},
        {"four", 4, 176},
        {"no more than four count", 50, 176},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (int wish = 0; wish < 2; wish++)  // which is less than a loss, and takes nothing of it
            CHECK_ROW(rows[i].name, fast_after(rows[i].losses, wish) == rows[i].fast);
}

static void a_flow_that_is_fast_anyway_is_left_alone(void **state)
{
    (void)state;
    struct run run = {.cap_pps = 1000, .seconds = 20};
    add_flows(&run, 0, 1, 20 * NS_PER_MS);
    run.loss[0] = 1;
    run_it(&run);
    assert_true(count_of(&run, 0) <= 51 * run.seconds);
    free(run.sent);
}

// A start spreads the flows over their interval, the second one too.
static void flows_are_spread_over_time(void **state)
{
    (void)state;
    struct run plan = {.cap_pps = 100};
    add_flows(&plan, 0, 4, 100 * NS_PER_MS);
    struct schedule *s = schedule_new(plan.flows, 4, &one_path, 5);
    for (int64_t start = 0; start < 60 * (int64_t)NS_PER_S; start += 30 * (int64_t)NS_PER_S) {
        struct mono now = {start};
        schedule_start(s, now);
        for (uint32_t flow = 0; flow < 4; flow++, now = mono_add_ms(now, 25)) {
            assert_int_equal(schedule_due(s).ns, now.ns);
            assert_int_equal(schedule_take(s, now), flow);
            assert_int_equal(schedule_take(s, now), SCHEDULE_NOBODY);
        }
        for (uint32_t flow = 0; flow < 4; flow++)  // a start forgets what was suspected
            schedule_told(s, flow, true, now);
    }
    schedule_free(s);
}

// Somebody who sends beside the flows gets what they leave over, and no more in any second.
static void the_spare_is_shared(void **state)
{
    (void)state;
    const uint32_t target_pps[] = {60, SCHEDULE_UNLIMITED};
    struct schedule_caps caps = {
        .path_count = 2, .path_pps = 100, .target_count = 2, .target_pps = target_pps};
    struct run plan = {0};
    add_flows(&plan, 0, 4, 100 * NS_PER_MS);
    for (uint32_t target = 0; target < 2; target++) {
        static const uint32_t rows[][2] = {{170, 190}, {560, 580}};  // less a margin
        struct schedule *s = schedule_new(plan.flows, 4, &caps, 5);
        struct mono now = {0};
        uint32_t own = 0, beside = 0;
        schedule_start(s, now);
        for (int i = 0; i < 10000; i++, now = mono_add_ms(now, 1)) {
            while (schedule_take(s, now) != SCHEDULE_NOBODY)
                own++;
            if (!mono_reached(now, schedule_spare_due(s, 0, target)))
                continue;
            schedule_spend_spare(s, 0, target, now);
            beside++;
        }
        assert_in_range(own, 390, 410);
        assert_in_range(beside, rows[target][0], rows[target][1]);
        schedule_free(s);
    }
    caps.path_pps = 41;
    struct schedule *s = schedule_new(plan.flows, 4, &caps, 5);
    assert_true(schedule_spare_due(s, 0, 1).ns == INT64_MAX);
    schedule_free(s);
}

// As far as the path goes a target that may get nothing more is no obstacle.
static void a_path_alone_may_have_room(void **state)
{
    (void)state;
    const uint32_t target_pps = 40;
    const struct schedule_caps caps = {
        .path_count = 2, .path_pps = 100, .target_count = 1, .target_pps = &target_pps};
    struct run plan = {0};
    add_flows(&plan, 0, 4, 100 * NS_PER_MS);
    struct schedule *s = schedule_new(plan.flows, 4, &caps, 5);
    assert_true(schedule_spare_due(s, 0, 0).ns == INT64_MAX);
    assert_true(schedule_spare_due(s, 0, SCHEDULE_NOBODY).ns < 0);
    schedule_free(s);
}

// Packets that are to expire on their way count for the target that they are sent to, by whatever
// path; they get through even where the flows' own take all that it may be sent, and leave them
// four fifths of it.
static const struct {
    const char *name;
    uint32_t target_pps, own_mpps;  // own: of each of two paths
    uint32_t traces[2], own[2];     // in a minute: least and most
} traced[] = {
    {"a stranger's, asked as much as it may be", 10, 5000, {118, 120}, {475, 482}},
    {"a stranger's with room", 10, 2000, {119, 121}, {230, 250}},
    {"one a second", 1, 500, {6, 12}, {48, 54}},
    {"wide", 100, 10000, {1198, 1201}, {1150, 1250}},
    {"ours", SCHEDULE_UNLIMITED, 20000, {4500, 4800}, {2350, 2450}},
};

static void traces_count_for_their_target(void **state)
{
    (void)state;
    static int64_t times[SENDS_MAX];
    for (size_t i = 0; i < sizeof traced / sizeof traced[0]; i++) {
        const struct schedule_caps caps = {.path_count = 2,
                                           .path_pps = 60,
                                           .target_count = 1,
                                           .target_pps = &traced[i].target_pps};
        struct run plan = {0};
        for (uint32_t path = 0; path < 2; path++)
            add_flows(&plan, path, 4, 4000 * (int64_t)NS_PER_S / traced[i].own_mpps);
        struct schedule *s = schedule_new(plan.flows, 8, &caps, 5);
        uint32_t own = 0, traces = 0;
        struct mono now = {0};
        schedule_start(s, now);
        for (int ms = 0; ms < 60000; ms++, now = mono_add_ms(now, 1)) {
            for (; schedule_take(s, now) != SCHEDULE_NOBODY; own++)
                times[own + traces] = now.ns;
            for (uint32_t path = 0; path < 2; path++)
                if (mono_reached(now, schedule_trace_due(s, path, 0))) {
                    schedule_spend_trace(s, path, 0, now);
                    times[own + traces++] = now.ns;
                }
        }
        for (uint32_t k = traced[i].target_pps; k < own + traces; k++)
            CHECK_ROW(traced[i].name, times[k] - times[k - traced[i].target_pps] >= NS_PER_S);
        print_message("%-42s own %u, traces %u\n", traced[i].name, own, traces);
        CHECK_ROW(traced[i].name, traces >= traced[i].traces[0] && traces <= traced[i].traces[1]);
        CHECK_ROW(traced[i].name, own >= traced[i].own[0] && own <= traced[i].own[1]);
        schedule_free(s);
    }
}

// A second after each is spent it is back, whatever time passes without one: a list of all says so.
static void a_token_is_back_after_a_second(void **state)
{
    (void)state;
    enum { SPARE = 8, SPENT_MAX = 20000 };
    const struct schedule_flow slow = {.interval_ns = NS_PER_S};
    const struct schedule_caps caps = {
        .path_count = 1, .path_pps = SPARE + 2, .target_count = 1, .target_pps = &unlimited};
    struct schedule *s = schedule_new(&slow, 1, &caps, 5);
    struct random random = {9};
    static int64_t spent[SPENT_MAX];
    struct mono now = {1000 * (int64_t)NS_PER_S};
    for (uint32_t count = 0; count < SPENT_MAX;) {
        int64_t due = count < SPARE ? 0 : spent[count - SPARE] + NS_PER_S;
        struct mono said = schedule_spare_due(s, 0, 0);
        assert_true(mono_reached(now, said) == (due <= now.ns) &&
                    (due <= now.ns || said.ns == due));
        if (due <= now.ns) {
            schedule_spend_spare(s, 0, 0, now);
            spent[count++] = now.ns;
        }
        uint64_t draw = random_u64(&random) % 1000;
        int64_t most_ms = draw < 990 ? 250 : draw < 998 ? 10 * 1000 : 10 * 3600 * 1000;
        now = mono_add_ns(now, (int64_t)(random_unit(&random) * (double)(most_ms * NS_PER_MS)));
    }
    schedule_free(s);
}

// Somebody wishes to know more of one flow: some probes of it come sooner, then all is as it was.
static void a_wish_hastens_a_few_probes(void **state)
{
    (void)state;
    struct run plan = {0};
    add_flows(&plan, 0, 4, 1000 * NS_PER_MS);
    plan.flows[3].interval_ns = 20 * NS_PER_MS;  // fast anyway
    struct schedule *s = schedule_new(plan.flows, 4, &one_path, 5);
    uint32_t sent[4] = {0}, soon = 0;
    struct mono now = {0};
    schedule_start(s, now);
    for (int ms = 0; ms < 3000; ms++, now = mono_add_ms(now, 1)) {
        if (ms == 1500) {
            schedule_hasten(s, 1, now);
            schedule_hasten(s, 1, now);  // wished for twice is once
            schedule_hasten(s, 3, now);
        }
        for (uint32_t id; (id = schedule_take(s, now)) != SCHEDULE_NOBODY;) {
            sent[id]++;
            soon += id == 1 && ms >= 1500 && ms < 1800;
            schedule_told(s, id, false, now);
        }
    }
    assert_in_range(soon, SCHEDULE_HASTE, SCHEDULE_HASTE + 1);
    assert_in_range(sent[0], 2, 4);
    assert_in_range(sent[1], SCHEDULE_HASTE + 2, SCHEDULE_HASTE + 4);
    assert_in_range(sent[3], 140, 160);
    schedule_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_flow_keeps_its_rate_and_jitter),
        cmocka_unit_test(no_second_has_more_than_the_cap),
        cmocka_unit_test(no_second_has_more_than_the_target_may_get),
        cmocka_unit_test(a_host_of_several_targets_gets_no_more),
        cmocka_unit_test(a_host_has_to_spare_what_its_targets_leave),
        cmocka_unit_test(nobody_starves),
        cmocka_unit_test(acceleration_lives_on_what_is_left_over),
        cmocka_unit_test(losses_accelerate_until_answers_outweigh_them),
        cmocka_unit_test(a_flow_that_is_fast_anyway_is_left_alone),
        cmocka_unit_test(flows_are_spread_over_time),
        cmocka_unit_test(the_spare_is_shared),
        cmocka_unit_test(a_path_alone_may_have_room),
        cmocka_unit_test(traces_count_for_their_target),
        cmocka_unit_test(a_token_is_back_after_a_second),
        cmocka_unit_test(a_wish_hastens_a_few_probes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
