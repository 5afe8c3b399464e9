// SPDX-License-Identifier: ISC
#include "steer/drain.h"

#include "base/check.h"
#include "steer/limits.h"

#include <string.h>

// Every pair: p(lanned) m(oving) w(aiting) s(afe) u(nsure) r(estoring) o(ver), '.' nothing.
static const struct {
    const char *state, *events;
} rows[DRAIN_STATES] = {
    // plan begin stands lost left carries blind fail end returned
    {"none", "pm........"},      {"planned", ".m......o."}, {"moving", "..w....rr."},
    {"waiting", "...ms.u.r."},   {"safe", "...m.wu.r."},    {"unsure", "...msw..r."},
    {"restoring", ".........o"}, {"over", ".........."},
};

static void lives_as_the_table_says(void **state)
{
    (void)state;
    static const char letters[] = ".pmwsuro";
    for (enum drain_state s = 0; s < DRAIN_STATES; s++) {
        assert_string_equal(drain_state_names[s], rows[s].state);
        for (enum drain_event e = 0; e < DRAIN_EVENTS; e++)
            CHECK_ROW(rows[s].state, letters[drain_next(s, e)] == rows[s].events[e]);
        CHECK_ROW(rows[s].state,
                  drain_is_active(s) == (strchr("mwsu", rows[s].state[0]) && s != DRAIN_NONE));
    }
}

enum { GBPS = 1000 * 1000 * 1000 };

// One reading a second; what is said after each: l(eft), c(arries), b(lind), '.' nothing yet.
static const struct {
    const char *name;
    int64_t before_bps, capacity_bps;
    int64_t bps[16];  // -1: no counters
    const char *said;
} flows[] = {
    {"leaves", 5ll * GBPS, 0, {5ll * GBPS, 51000000, 50000000}, "cc..........l"},
    {"leaves at once", 0, 0, {0}, "..........l"},
    {"a share of the capacity", 5ll * GBPS, 10ll * GBPS, {101000000, 100000000}, "c..........l"},
    {"hardly anything before", 1000, 0, {1000001, 1000000}, "c..........l"},
    {"comes back", 5ll * GBPS, 0, {0, 0, 0, 5ll * GBPS, 0}, "...c..........l"},
    {"no counters", 5ll * GBPS, 0, {-1, 0, 0, -1, 0}, "b..b..........l"},
    {"no counters at first", 0, 0, {2000000, -1, 0}, "cb..........l"},
};

static void says_when_traffic_left(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof flows / sizeof flows[0]; i++) {
        struct drain_flow flow;
        drain_flow_begin(
            &flow, (struct drain_traffic){flows[i].before_bps > 0, flows[i].before_bps, 0, 0});
        for (size_t s = 0; flows[i].said[s]; s++) {
            int64_t bps = s < 16 ? flows[i].bps[s] : 0;
            struct drain_traffic traffic = {bps >= 0, bps, flows[i].capacity_bps, 0};
            struct mono now = {(int64_t)(s + 1) * NS_PER_S};
            enum drain_event said = drain_flow_take(&flow, now, traffic);
            char letter = said == DRAIN_LEFT      ? 'l'
                          : said == DRAIN_CARRIES ? 'c'
                          : said == DRAIN_BLIND   ? 'b'
                                                  : '.';
            if (letter != flows[i].said[s])
                fail_msg("row '%s': second %zu says '%c'", flows[i].name, s, letter);
        }
    }
}

// What others send is looked at alone: 1 Mbit/s, or a hundredth of what there is or was.
static void says_whether_others_send(void **state)
{
    (void)state;
    struct drain_flow flow = {.before_bps = 5ll * GBPS};
    struct drain_traffic traffic = {true, 9ll * GBPS, 0, 50000000};
    assert_false(drain_flow_enters(&flow, traffic));
    traffic.in_bps++;
    assert_true(drain_flow_enters(&flow, traffic));
    traffic.capacity_bps = 10ll * GBPS;
    assert_false(drain_flow_enters(&flow, traffic));
    traffic.in_bps = 100000001;
    assert_true(drain_flow_enters(&flow, traffic));
    traffic.known = false;
    assert_false(drain_flow_enters(&flow, traffic));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lives_as_the_table_says),
        cmocka_unit_test(says_when_traffic_left),
        cmocka_unit_test(says_whether_others_send),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
