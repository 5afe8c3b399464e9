// SPDX-License-Identifier: ISC
#include "detect/harmless.h"

#include "base/check.h"
#include "base/random.h"

#include <math.h>
#include <string.h>

#define MS INT64_C(1000000)
#define S INT64_C(1000000000)
#define YEAR_S 31557600.0
#define ACT_S (60 * YEAR_S)

static struct net net_of(enum net_learn learn)
{
    return (struct net){.detect = {.loss_normal_ppm = 1000,
                                   .burst_mean_ns = 50 * MS,
                                   .burst_interval_s = 60,
                                   .learn = learn}};
}

struct world {
    struct random random;
    int64_t interval_ns, at_ns, burst_from_ns, burst_until_ns;
    double loss, mean_ns, apart_ns;
};

static double exponential(struct world *w, double mean)
{
    return -mean * log1p(-random_unit(&w->random));
}

static bool in_burst(struct world *w)
{
    while (w->apart_ns > 0 && w->at_ns >= w->burst_until_ns) {
        w->burst_from_ns = w->burst_until_ns + (int64_t)exponential(w, w->apart_ns);
        w->burst_until_ns = w->burst_from_ns + 1 + (int64_t)exponential(w, w->mean_ns);
    }
    return w->apart_ns > 0 && w->at_ns >= w->burst_from_ns;
}

// Adds what happens in so long, taken every ten seconds.
static void live(struct world *w, struct harmless_learner *l, int64_t ns)
{
    int64_t end_ns = w->at_ns + ns, take_ns = w->at_ns;
    for (; w->at_ns < end_ns; w->at_ns += w->interval_ns) {
        harmless_add(l, random_unit(&w->random) < w->loss || in_burst(w), w->at_ns);
        if (w->at_ns - take_ns < 10 * S)
            continue;
        harmless_take(l);
        take_ns = w->at_ns;
    }
    harmless_take(l);
}

// How long an outage must last to be told from bursts (detection.md 2.7).
static double lasts_s(const struct harmless *h)
{
    return (double)h->burst_mean_ns / 1e9 * log(ACT_S * 1e9 / (double)h->burst_apart_ns);
}

// Nine hours; what is learned freely must be as much as there is, and not much more.
static const struct {
    const char *name;
    double loss, mean_ms, apart_s;
    int64_t interval_ms;
    uint32_t loss_ppm;
} worlds[] = {
    {"hardly any loss", 0.00002, 100, 100, 10, 500},
    {"what is configured", 0.0009, 50, 60, 10, 1000},
    {"more loss", 0.0012, 50, 60, 10, 2000},
    {"much loss", 0.015, 50, 60, 10, 20000},
    {"short bursts", 0.0002, 20, 30, 10, 500},
    {"as short as can be seen", 0.0002, 15, 15, 10, 500},
    {"long bursts", 0.0002, 200, 300, 10, 500},
    {"as long as may be", 0.0002, 450, 300, 10, 500},
    {"at a slower rate", 0.0002, 300, 60, 50, 500},
};

static void learns_what_there_is(void **state)
{
    (void)state;
    struct net net = net_of(NET_LEARN_FREELY);
    for (size_t i = 0; i < sizeof worlds / sizeof worlds[0]; i++) {
        struct harmless_learner l = {0};
        struct world w = {{i},
                          worlds[i].interval_ms * MS,
                          1000 * S,
                          0,
                          1000 * S,
                          worlds[i].loss,
                          worlds[i].mean_ms * 1e6,
                          worlds[i].apart_s * 1e9};
        live(&w, &l, 9 * 3600 * S);
        struct harmless now = harmless_now(&l, &net, ACT_S);
        struct harmless is = {worlds[i].loss_ppm, (int64_t)w.mean_ns, (int64_t)w.apart_ns};
        printf("%s: %u ppm, bursts of %.1f ms every %.1f s: %.2f s, should be %.2f\n",
               worlds[i].name, now.loss_ppm, (double)now.burst_mean_ns / 1e6,
               (double)now.burst_apart_ns / 1e9, lasts_s(&now), lasts_s(&is));
        // Two losses that belong to a burst count as single ones: a step more at most.
        CHECK_ROW(worlds[i].name, now.loss_ppm >= is.loss_ppm && now.loss_ppm <= 2 * is.loss_ppm);
        CHECK_ROW(worlds[i].name, lasts_s(&now) >= lasts_s(&is));
        CHECK_ROW(worlds[i].name, lasts_s(&now) <= fmax(0.51, 1.7 * lasts_s(&is)));
    }
}

static void lasts_half_a_second_at_least(void **state)
{
    (void)state;
    struct net net = net_of(NET_LEARN_FREELY);
    struct harmless_learner l = {.known = {.probes = 1e6,
                                           .time_ns = 1e13,
                                           .bursts = 1000,
                                           .burst_ns = 1000 * 2e6,
                                           .third_ns = 1000 * 2e6}};
    struct harmless now = harmless_now(&l, &net, ACT_S);
    assert_true(lasts_s(&now) >= 0.49 && lasts_s(&now) < 0.51);
}

// ---- how it is used

static const struct {
    const char *name;
    enum net_learn learn;
    double probes, time_s, lost, bursts, mean_ms;
    uint32_t loss_ppm;
    int64_t mean_ms_min, mean_ms_max, apart_s_min, apart_s_max;
} uses[] = {
    {"never", NET_LEARN_NEVER, 1e6, 1e3, 9000, 400, 200, 1000, 50, 50, 60, 60},
    {"worse, carefully", NET_LEARN_CAREFULLY, 1e6, 1e3, 9000, 100, 200, 10000, 200, 320, 6, 10},
    {"worse, freely", NET_LEARN_FREELY, 1e6, 1e3, 9000, 100, 200, 10000, 200, 320, 6, 10},
    {"better, carefully", NET_LEARN_CAREFULLY, 1e7, 1e5, 1000, 100, 30, 1000, 50, 50, 60, 60},
    {"better, freely", NET_LEARN_FREELY, 1e7, 1e5, 1000, 100, 30, 500, 30, 50, 300, 900},
    {"more than can be normal", NET_LEARN_FREELY, 1e6, 1e3, 90000, 0, 0, 20000, 50, 50, 60, 60},
    {"few bursts", NET_LEARN_FREELY, 1e6, 1e3, 0, 16, 100, 500, 190, 220, 28, 33},
    {"hardly known", NET_LEARN_FREELY, 1e5, 1e3, 95, 0, 0, 2000, 50, 50, 60, 60},
    {"too few probes", NET_LEARN_FREELY, 99999, 1e3, 90, 0, 0, 1000, 50, 50, 60, 60},
    {"too few bursts", NET_LEARN_FREELY, 1e6, 1e3, 9000, 15, 200, 10000, 50, 50, 60, 60},
    {"out of all proportion", NET_LEARN_CAREFULLY, 1e6, 1e3, 0, 900, 9000, 1000, 500, 500, 6, 6},
};

static void uses_it_as_configured(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++) {
        struct net net = net_of(uses[i].learn);
        struct harmless_learner l = {.known = {.probes = uses[i].probes,
                                               .lost = uses[i].lost,
                                               .time_ns = uses[i].time_s * 1e9,
                                               .bursts = uses[i].bursts,
                                               .burst_ns = uses[i].bursts * uses[i].mean_ms * 1e6,
                                               .third_ns = uses[i].bursts * 25e6}};
        struct harmless now = harmless_now(&l, &net, ACT_S);
        CHECK_ROW(uses[i].name, now.loss_ppm == uses[i].loss_ppm);
        CHECK_ROW(uses[i].name, now.burst_mean_ns >= uses[i].mean_ms_min * MS);
        CHECK_ROW(uses[i].name, now.burst_mean_ns <= uses[i].mean_ms_max * MS);
        CHECK_ROW(uses[i].name, now.burst_apart_ns >= uses[i].apart_s_min * S);
        CHECK_ROW(uses[i].name, now.burst_apart_ns <= uses[i].apart_s_max * S);
    }
}

// '.' answered, 'x' lost, one each 10 ms; 't' what was added is taken, '!' disturbed, '0' dropped.
static const struct {
    const char *name, *happens;
    double probes, lost, bursts, burst_ms;
} rows[] = {
    {"nothing", "", 0, 0, 0, 0},
    {"not taken", "..x..", 0, 0, 0, 0},
    {"one lost", "..x..t", 5, 1, 0, 0},
    {"two in a row", "..xx.t", 5, 2, 0, 0},
    {"three are a burst", "..xxx.t", 6, 0, 1, 10},
    {"of five", "..xxxxx.t", 8, 0, 1, 30},
    {"still going on", "..xxxx t", 6, 0, 0, 0},
    {"across a take", "..xxtx.t", 6, 0, 1, 10},
    {"under suspicion bursts count alone", "..x!xxx..xxx.t", 0, 0, 2, 30},
    {"until it is taken", "..!x.t..x.t", 4, 1, 0, 0},
    {"an outage", "..xxxxxxx.0..x.t", 4, 1, 0, 0},
    {"an outage that goes on", "..xxxxx0xxx..t", 5, 0, 1, 10},
};

static void counts_runs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct harmless_learner l = {0};
        int64_t at_ns = S;
        for (const char *c = rows[i].happens; *c; c++) {
            if (*c == 't')
                harmless_take(&l);
            else if (*c == '!')
                harmless_disturb(&l);
            else if (*c == '0')
                harmless_drop(&l);
            else if (*c != ' ')
                harmless_add(&l, *c == 'x', at_ns += 10 * MS);
        }
        CHECK_ROW(rows[i].name, l.known.probes == rows[i].probes);
        CHECK_ROW(rows[i].name, l.known.lost == rows[i].lost);
        if (rows[i].probes > 0)
            CHECK_ROW(rows[i].name, l.known.time_ns == (rows[i].probes - 1) * 10e6 ||
                                        strchr(rows[i].happens, '!'));
        CHECK_ROW(rows[i].name, l.known.bursts == rows[i].bursts);
        CHECK_ROW(rows[i].name, l.known.burst_ns == rows[i].burst_ms * 1e6);
    }
}

static void forgets_within_weeks(void **state)
{
    (void)state;
    struct harmless_learner l = {0};
    struct world w = {{1}, 100 * MS, 1000 * S, 0, 1000 * S, 0.01, 0, 0};
    struct net net = net_of(NET_LEARN_FREELY);
    live(&w, &l, 7 * 86400 * S);
    assert_int_equal(harmless_now(&l, &net, ACT_S).loss_ppm, 20000);
    w.loss = 0.0001;
    live(&w, &l, 3 * 86400 * S);
    assert_true(harmless_now(&l, &net, ACT_S).loss_ppm >= 5000);
    live(&w, &l, 28 * 86400 * S);
    assert_int_equal(harmless_now(&l, &net, ACT_S).loss_ppm, 500);
}

// After a week half of everything is forgotten, so that no proportion changes.
static void fades_all_alike(void **state)
{
    (void)state;
    struct harmless_learner l = {.known = {.probes = 1e7,
                                           .lost = 1e4,
                                           .time_ns = 7 * 86400e9 - 1,
                                           .bursts = 800,
                                           .burst_ns = 800 * 40e6,
                                           .third_ns = 800 * 30e6}};
    struct harmless_sums before = l.known;
    harmless_take(&l);
    assert_memory_equal(&l.known, &before, sizeof before);
    l.pending.time_ns = 1;
    harmless_take(&l);
    assert_true(l.known.probes == before.probes / 2 && l.known.lost == before.lost / 2);
    assert_true(l.known.time_ns == 7 * 86400e9 / 2 && l.known.bursts == before.bursts / 2);
    assert_true(l.known.burst_ns == before.burst_ns / 2);
    assert_true(l.known.third_ns == before.third_ns / 2);
}

static double step_up(double value)
{
    return pow(1.1, ceil(log(value) / log(1.1)));
}

// What bursts are surely not longer than, and not rarer: of those that lose fewer than three probes
// nothing is seen, so there are more by as much as lasted that long by chance.
static void counts_bursts_that_were_too_short_to_see(void **state)
{
    (void)state;
    struct net net = net_of(NET_LEARN_FREELY);
    for (double until_third_ms = 10; until_third_ms < 70; until_third_ms += 10) {
        const double bursts = 400, time_ns = bursts * 30e9;
        struct harmless_learner l = {.known = {.probes = 1e6,
                                               .time_ns = time_ns,
                                               .bursts = bursts,
                                               .burst_ns = bursts * 40e6,
                                               .third_ns = bursts * until_third_ms * 1e6}};
        struct harmless now = harmless_now(&l, &net, ACT_S);
        // 99 % bounds of a Poisson mean (Wilson and Hilferty (1931)).
        double low = bursts * pow(1 - 1 / (9 * bursts) - 2.326 / (3 * sqrt(bursts)), 3),
               n = bursts + 1;
        double high = n * pow(1 - 1 / (9 * n) + 2.326 / (3 * sqrt(n)), 3);
        double mean_ns = step_up(bursts * 40e6 / low);
        double begin = step_up(high * exp(until_third_ms * 1e6 / mean_ns) / time_ns);
        assert_true(fabs((double)now.burst_mean_ns / mean_ns - 1) < 1e-6);
        assert_true(fabs((double)now.burst_apart_ns * begin - 1) < 1e-6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learns_what_there_is),
        cmocka_unit_test(uses_it_as_configured),
        cmocka_unit_test(lasts_half_a_second_at_least),
        cmocka_unit_test(counts_runs),
        cmocka_unit_test(forgets_within_weeks),
        cmocka_unit_test(fades_all_alike),
        cmocka_unit_test(counts_bursts_that_were_too_short_to_see),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
