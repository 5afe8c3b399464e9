// SPDX-License-Identifier: ISC
#include "lab/measure.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

// A log as text, one letter a packet, 1 ms apart from 1 s on: `a` arrived on the usual way, `b` on
// the other, `x` was lost, `.` the kernel did not take, `d` arrived twice, `l` 50 ms late. A number
// before a letter repeats it.
enum { PACKETS_MAX = 8192, START_MS = 1000 };

struct world {
    struct traffic_log log;
    struct scenario_traffic data;
    struct traffic_packet packets[PACKETS_MAX];
};

static int64_t at_ms(int64_t ms)
{
    return (START_MS + ms) * NS_PER_MS;
}

static void put(struct world *w, char letter)
{
    int64_t sequence = w->log.next[FAMILY_IPV4]++;
    struct traffic_packet *packet = traffic_packet(&w->log, FAMILY_IPV4, sequence);
    packet->sequence = sequence;
    packet->sent_ns = letter == '.' ? 0 : at_ms(sequence);
    packet->arrived_ns = strchr("abdl", letter) ? at_ms(sequence) + NS_PER_MS / 2 : 0;
    if (letter == 'l')
        packet->arrived_ns += 50 * (int64_t)NS_PER_MS;
    packet->copies = letter == 'd' ? 2 : packet->arrived_ns != 0;
    // Two destinations, whose ways differ in length.
    packet->passed = (uint8_t)(sequence % 2 ? (letter == 'b' ? 3 : 4) : (letter == 'b' ? 4 : 3));
}

static struct world *world_of(const char *text, uint32_t capacity)
{
    struct world *w = calloc(1, sizeof *w);
    w->log.capacity = capacity;
    w->log.packets[FAMILY_IPV4] = w->packets;
    w->data = (struct scenario_traffic){.way_count = 2,
                                        .usual = 0,
                                        .target_count = 2,
                                        .targets = {{.passes = {3, 4}}, {.passes = {4, 3}}}};
    while (*text) {
        char *end;
        long times = strtol(text, &end, 10);
        for (long i = 0; i < (end == text ? 1 : times); i++)
            put(w, *end);
        text = end + 1;
    }
    return w;
}

static const struct {
    const char *name, *log;
    int fault_ms, over_ms, return_ms;  // fault_ms 0: none
    // ms from the start of the log; -1: never
    int first_faulty, new_way, whole;
    uint32_t lost, outage_lost, return_lost, strayed, duplicated;
} rows[] = {
    // clang-format off: one row a line
    // fault, over, back; first lost, new way, whole; lost, of it outage, return, strayed, twice
    {"nothing wrong", "1000a", 100, 900, 901, -1, -1, -1, 0, 0, 0, 0, 0},
    {"lost, moved, whole, back", "100a10x5b2x700b200a", 100, 800, 801, 100, 110, 117, 12, 12, 0, 0,
     0},
    {"loss before the fault is not of it", "50a1x49a1x899a", 100, 900, 901, 100, -1, 101, 2, 1, 0,
     0, 0},
    {"never whole", "100a800x100a", 100, 900, 901, 100, -1, -1, 800, 800, 0, 0, 0},
    {"whole too shortly to say so", "100a301x499a100a", 100, 900, 901, 100, -1, -1, 301, 301, 0, 0,
     0},
    {"just long enough", "100a300x500a100a", 100, 900, 901, 100, -1, 400, 300, 300, 0, 0, 0},
    {"a late loss breaks the run", "100a1x600b1x598b", 100, 1300, 1301, 100, 101, 702, 2, 2, 0, 0,
     0},
    {"lost on the way back", "100a1x799b5x200a", 100, 900, 901, 100, 101, 101, 6, 1, 4, 0, 0},
    {"strayed before anything was wrong", "50a2b48a1x899b", 100, 900, 901, 100, 101, 101, 1, 1, 0,
     2, 0},
    {"a soak: strayed and lost", "50a2b48a1x899a", 0, 0, 0, -1, -1, -1, 1, 0, 0, 2, 0},
    {"not sent is not lost", "100a3.897a", 100, 900, 901, -1, -1, -1, 0, 0, 0, 0, 0},
    {"twice", "100a1d899a", 100, 900, 901, -1, -1, -1, 0, 0, 0, 0, 1},
    // clang-format on
};

static const struct {
    const char *name, *log;
    int people_ms;  // 0: nobody moved anything
    uint32_t changes, strayed, moved, away, moved_lost;
} ways[] = {
    {"the usual way", "500a", 0, 0, 0, 0, 0, 0},
    {"there", "100a100b", 0, 1, 100, 2, 2, 0},
    {"there and back", "100a100b100a", 0, 2, 100, 2, 0, 0},
    {"again and again", "100a100b100a50b100a", 0, 4, 150, 2, 0, 0},
    {"too few of each destination to be more than routers in disagreement", "100a38b100a", 0, 0, 38,
     0, 0, 0},
    {"just enough", "100a40b100a", 0, 2, 40, 2, 0, 0},
    {"lost packets went nowhere", "100a30b500x10b100a", 0, 2, 40, 2, 0, 500},
    {"by people", "100a100b100a", 100, 2, 0, 2, 0, 0},
    {"before people said so", "100a100b100a", 110, 2, 10, 2, 0, 0},
    {"lost on the way there and back is not lost on the other", "100a9x100b7x100a", 0, 2, 100, 2, 0,
     0},
    {"lost on the usual way", "100a9x100a", 0, 0, 0, 0, 0, 0},
    {"lost on the other, of one destination", "100a50b1x50b100a", 0, 2, 100, 2, 0, 1},
    {"lost last of all", "100a50b5x", 0, 1, 50, 2, 2, 0},
};

static void changes_of_way(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        struct world *w = world_of(ways[i].log, PACKETS_MAX);
        struct measure_window window = {.from_ns = at_ms(0), .until_ns = at_ms(PACKETS_MAX)};
        window.people_ns = ways[i].people_ms ? at_ms(ways[i].people_ms) : 0;
        struct measure m = measure_traffic(&w->log, &w->data, FAMILY_IPV4, &window);
        CHECK_ROW(ways[i].name, m.changes == ways[i].changes);
        CHECK_ROW(ways[i].name, m.strayed == ways[i].strayed);
        CHECK_ROW(ways[i].name, m.moved == ways[i].moved);
        CHECK_ROW(ways[i].name, m.away == ways[i].away);
        CHECK_ROW(ways[i].name, m.moved_lost == ways[i].moved_lost);
        free(w);
    }
}

static bool is_ms(int64_t ns, int ms)
{
    return ms < 0 ? ns == 0 : ns == at_ms(ms);
}

static void outages(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct world *w = world_of(rows[i].log, PACKETS_MAX);
        struct measure_window window = {.from_ns = at_ms(0), .until_ns = at_ms(PACKETS_MAX)};
        if (rows[i].fault_ms) {
            window.fault_ns = at_ms(rows[i].fault_ms);
            window.fault_over_ns = at_ms(rows[i].over_ms);
            window.return_ns = at_ms(rows[i].return_ms);
        }
        struct measure m = measure_traffic(&w->log, &w->data, FAMILY_IPV4, &window);
        CHECK_ROW(rows[i].name, is_ms(m.first_faulty_ns, rows[i].first_faulty));
        CHECK_ROW(rows[i].name, is_ms(m.new_way_ns, rows[i].new_way));
        CHECK_ROW(rows[i].name, is_ms(m.whole_ns, rows[i].whole));
        CHECK_ROW(rows[i].name, m.lost == rows[i].lost);
        CHECK_ROW(rows[i].name, m.outage_lost == rows[i].outage_lost);
        CHECK_ROW(rows[i].name, m.return_lost == rows[i].return_lost);
        CHECK_ROW(rows[i].name, m.strayed == rows[i].strayed);
        CHECK_ROW(rows[i].name, m.duplicated == rows[i].duplicated);
        free(w);
    }
}

// Late is faulty where the scenario says so, and lost nowhere.
static void lateness(void **state)
{
    (void)state;
    static const struct {
        const char *name, *log;
        int late_ms, first_faulty, whole;
        uint32_t late;
    } cases[] = {
        {"late from the fault on", "100a200l600a100a", 12, 100, 300, 200},
        {"nobody cares", "100a200l600a100a", 0, -1, -1, 0},
        {"not as late as that", "100a200l600a100a", 51, -1, -1, 0},
        {"late before the fault", "50a1l849a100a", 12, -1, -1, 1},
        {"never whole", "100a800l100a", 12, 100, -1, 800},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct world *w = world_of(cases[i].log, PACKETS_MAX);
        w->data.late_ns = cases[i].late_ms * (int64_t)NS_PER_MS;
        struct measure m =
            measure_traffic(&w->log, &w->data, FAMILY_IPV4,
                            &(struct measure_window){.from_ns = at_ms(0),
                                                     .fault_ns = at_ms(100),
                                                     .fault_over_ns = at_ms(900),
                                                     .return_ns = at_ms(901),
                                                     .until_ns = at_ms(PACKETS_MAX)});
        CHECK_ROW(cases[i].name, is_ms(m.first_faulty_ns, cases[i].first_faulty));
        CHECK_ROW(cases[i].name, is_ms(m.whole_ns, cases[i].whole));
        CHECK_ROW(cases[i].name, m.late == cases[i].late);
        CHECK_ROW(cases[i].name, m.lost == 0);
        free(w);
    }
}

static void window_bounds(void **state)
{
    (void)state;
    struct world *w = world_of("10x80a10x", PACKETS_MAX);
    struct measure m =
        measure_traffic(&w->log, &w->data, FAMILY_IPV4,
                        &(struct measure_window){.from_ns = at_ms(9), .until_ns = at_ms(91)});
    assert_int_equal(m.sent, 82);
    assert_int_equal(m.lost, 2);
    free(w);
}

// What the sender is just writing, and what the kernel never took, is no packet.
static void only_packets_count(void **state)
{
    (void)state;
    struct world *w = world_of("10a2.10x", PACKETS_MAX);
    traffic_packet(&w->log, FAMILY_IPV4, 15)->sequence = -1;
    struct measure m = measure_traffic(&w->log, &w->data, FAMILY_IPV4,
                                       &(struct measure_window){.until_ns = at_ms(PACKETS_MAX)});
    assert_int_equal(m.sent, 19);
    assert_int_equal(m.lost, 9);
    free(w);
}

static void ring_forgets_the_oldest(void **state)
{
    (void)state;
    struct world *w = world_of("500x300a", 512);
    struct measure m = measure_traffic(
        &w->log, &w->data, FAMILY_IPV4,
        &(struct measure_window){.from_ns = at_ms(0), .until_ns = at_ms(PACKETS_MAX)});
    assert_int_equal(m.sent, 512);
    assert_int_equal(m.lost, 212);
    free(w);
}

static void usual(void **state)
{
    (void)state;
    static const struct {
        const char *name, *log;
        uint32_t count;
        int before_ms;
        bool usual;
    } cases[] = {
        {"all", "100a", 100, 100, true},
        {"more than there are", "100a", 101, 100, false},
        {"the last may be under way", "100a5x", 100, 100, true},
        {"lost before", "50a1x49a", 50, 100, false},
        {"lost longer ago", "50a1x49a", 49, 100, true},
        {"the other way", "50a1b49a", 50, 100, false},
        {"none asked", "5x", 0, 5, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct world *w = world_of(cases[i].log, PACKETS_MAX);
        CHECK_ROW(cases[i].name, measure_is_usual(&w->log, &w->data, FAMILY_IPV4, cases[i].count,
                                                  at_ms(cases[i].before_ms)) == cases[i].usual);
        free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outages),
        cmocka_unit_test(changes_of_way),
        cmocka_unit_test(lateness),
        cmocka_unit_test(window_bounds),
        cmocka_unit_test(only_packets_count),
        cmocka_unit_test(ring_forgets_the_oldest),
        cmocka_unit_test(usual),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
