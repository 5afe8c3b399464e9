// SPDX-License-Identifier: ISC
#include "detect/crossing.h"

#include "base/check.h"
#include "base/random.h"

#include <string.h>

#define S INT64_C(1000000000)

enum { WAYS = 3 };

// Loss on the way out and back of each way; packets of each cell, own ones and crossing ones.
static const struct {
    const char *name;
    double out[WAYS], back[WAYS], own_alone;
    uint32_t own, crossing;
    enum fault_direction direction;
    bool both;
} rows[] = {
    {"clean", {0}, {0}, 0, 400, 40, FAULT_EITHER, false},
    {"38 % out", {0.38}, {0}, 0, 200, 20, FAULT_FORWARD, false},
    {"38 % back", {0}, {0.38}, 0, 200, 20, FAULT_REVERSE, false},
    {"all out", {1}, {0}, 0, 40, 6, FAULT_FORWARD, false},
    {"all back", {0}, {1}, 0, 40, 6, FAULT_REVERSE, false},
    {"10 % back", {0}, {0.1}, 0, 800, 80, FAULT_REVERSE, false},
    {"5 % out", {0.05}, {0}, 0, 1000, 150, FAULT_FORWARD, false},
    {"both", {0.4}, {0.3}, 0, 400, 40, FAULT_EITHER, true},
    {"its own packets alone", {0}, {0}, 0.3, 400, 40, FAULT_EITHER, false},
    {"none that cross", {0.38}, {0}, 0, 400, 0, FAULT_EITHER, false},
    {"out, and another loses a little", {0.5, 0.02}, {0, 0.02}, 0, 400, 40, FAULT_FORWARD, false},
};

static const struct crossing_question first_way = {0, WAYS, 1000, 4600};

static void play(struct crossing *c, size_t row, struct random *r, struct mono at)
{
    for (uint32_t out = 0; out < WAYS; out++)
        for (uint32_t back = 0; back < WAYS; back++)
            for (uint32_t i = 0; i < (out == back ? rows[row].own : rows[row].crossing); i++) {
                bool lost = random_unit(r) < rows[row].out[out];
                lost |= random_unit(r) < rows[row].back[back];
                lost |= out == back && out == 0 && random_unit(r) < rows[row].own_alone;
                crossing_add(c, out, back, lost || random_unit(r) < 0.001, at);
            }
}

// 100 runs each: never the wrong direction, nearly always the right one.
static void tells_the_direction(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t right = 0;
        for (uint64_t seed = 0; seed < 100; seed++) {
            static struct crossing c;
            struct random r = {seed};
            struct mono at = {99 * S};
            memset(&c, 0, sizeof c);
            play(&c, i, &r, at);
            struct crossing_answer a = crossing_ask(&c, &first_way, at);
            right += a.direction == rows[i].direction && a.both == rows[i].both;
            bool silent = a.direction == FAULT_EITHER && !a.both;
            CHECK_ROW(rows[i].name, silent || a.direction == rows[i].direction);
            CHECK_ROW(rows[i].name, silent || a.odds_millinats >= first_way.asked_millinats);
        }
        CHECK_ROW(rows[i].name, right >= 90);
    }
}

static void forgets(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t ask_s;
        enum fault_direction direction;
    } asks[] = {
        {"at once", 99, FAULT_FORWARD},
        {"in the next slot", 104, FAULT_FORWARD},
        {"later", 105, FAULT_EITHER},
        {"much later", 100000, FAULT_EITHER},
    };
    for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++) {
        static struct crossing c;
        memset(&c, 0, sizeof c);
        struct random r = {1};
        play(&c, 1, &r, (struct mono){99 * S});
        struct crossing_answer a = crossing_ask(&c, &first_way, (struct mono){asks[i].ask_s * S});
        CHECK_ROW(asks[i].name, a.direction == asks[i].direction);
    }
}

// What was before a pause is not of this slot, nor of the one before it.
static void a_pause_ends_what_was(void **state)
{
    (void)state;
    static struct crossing c;
    memset(&c, 0, sizeof c);
    struct random r = {1};
    for (int i = 0; i < 20; i++)
        play(&c, 0, &r, (struct mono){99 * S});
    play(&c, 1, &r, (struct mono){110 * S});
    struct crossing_answer a = crossing_ask(&c, &first_way, (struct mono){110 * S});
    assert_int_equal(a.direction, FAULT_FORWARD);
    assert_int_equal(a.loss_ppm, 380000);
}

// An outage of one's only crossing partner must not be taken for one's own.
static void stands_other_ways_that_are_dead(void **state)
{
    (void)state;
    static struct crossing c;
    memset(&c, 0, sizeof c);
    struct mono at = {99 * S};
    for (uint32_t i = 0; i < 40; i++) {
        crossing_add(&c, 0, 0, false, at);
        crossing_add(&c, 0, 1, true, at);
        crossing_add(&c, 1, 0, true, at);
        crossing_add(&c, 1, 1, true, at);
    }
    assert_int_equal(crossing_ask(&c, &first_way, at).direction, FAULT_EITHER);
    assert_false(crossing_ask(&c, &first_way, at).both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_the_direction),
        cmocka_unit_test(forgets),
        cmocka_unit_test(a_pause_ends_what_was),
        cmocka_unit_test(stands_other_ways_that_are_dead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
