// SPDX-License-Identifier: ISC
#include "steer/allocate.h"

#include "base/check.h"
#include "base/random.h"

#include <string.h>

enum { GROUPS = 8, MOVES = 8, HALF = 500 * 1000, RHO = 800 * 1000, EPSILON = 5000 };

#define NONE ALLOCATE_UNKNOWN

// Upstreams: loss (the same as both bounds), capacity and use in Mbit/s, country, region. Groups:
// demand in Mbit/s, all from upstream 0 unless said, to anywhere unless said. `moves` is who goes
// where by group: '-' stays, digit is the target.
static const struct row {
    const char *name;
    struct {
        uint32_t low_ppm, high_ppm;
        uint64_t capacity, use;
        uint16_t country, region;
    } upstreams[4];
    struct {
        uint32_t demand, may;
    } groups[GROUPS];
    uint32_t moves_max;
    uint64_t moved_max;
    bool ignores;
    const char *moves;
    enum allocate_left why;
} rows[] = {
    // clang-format off
    {"all fits", {{HALF, HALF, 100, 90, 0, 0}, {0, 1000, 100, 10, 0, 0}}, {{30, 0}, {20, 0}, {10,
     0}},
     8, 1000, false, "111", ALLOCATE_ALL},
    {"80 % is the limit: 70 of 70", {{HALF, HALF, 100, 90, 0, 0}, {0, 1000, 100, 10, 0, 0}},
     {{30, 0}, {40, 0}}, 8, 1000, false, "11", ALLOCATE_ALL},
    {"80 % is the limit: not 71", {{HALF, HALF, 100, 90, 0, 0}, {0, 1000, 100, 10, 0, 0}},
     {{31, 0}, {40, 0}}, 8, 1000, false, "-1", ALLOCATE_NO_ROOM},
    {"the heaviest that fits, and what fits beside it",
     {{HALF, HALF, 100, 90, 0, 0}, {0, 1000, 100, 10, 0, 0}},
     {{5, 0}, {90, 0}, {50, 0}, {30, 0}, {15, 0}}, 8, 1000, false, "1-1-1", ALLOCATE_NO_ROOM},
    {"over two targets, the less lossy first",
     {{HALF, HALF, 100, 90, 0, 0}, {0, 9000, 100, 40, 0, 0}, {0, 1000, 100, 40, 0, 0}},
     {{40, 0}, {30, 0}, {10, 0}}, 8, 1000, false, "211", ALLOCATE_ALL},
    {"unknown capacity is no target", {{HALF, HALF, 100, 90, 0, 0}, {0, 0, NONE, 10, 0, 0}},
     {{1, 0}}, 8, 1000, false, "-", ALLOCATE_UNPROVEN},
    {"unknown use is no target", {{HALF, HALF, 100, 90, 0, 0}, {0, 0, 100, NONE, 0, 0}},
     {{1, 0}}, 8, 1000, false, "-", ALLOCATE_UNPROVEN},
    {"nor for what weighs nothing", {{HALF, HALF, 100, 90, 0, 0}, {0, 0, NONE, NONE, 0, 0}},
     {{0, 0}}, 8, 1000, false, "-", ALLOCATE_UNPROVEN},
    {"one over its headroom takes not even that", {{HALF, HALF, 100, 90, 0, 0}, {0, 0, 100, 81,
     0, 0}},
     {{0, 0}}, 8, 1000, false, "-", ALLOCATE_NO_ROOM},
    {"unless it is said to be ignored", {{HALF, HALF, 100, 90, 0, 0}, {0, 0, NONE, NONE, 0, 0}},
     {{99, 0}, {99, 0}}, 8, 1000, true, "11", ALLOCATE_ALL},
    {"no more moves than allowed, the heaviest", {{HALF, HALF, 100, 90, 0, 0}, {0, 0, 100, 0, 0,
     0}},
     {{1, 0}, {3, 0}, {2, 0}}, 2, 1000, false, "-11", ALLOCATE_MOVES},
    {"no more traffic than allowed", {{HALF, HALF, 100, 90, 0, 0}, {0, 0, 100, 0, 0, 0}},
     {{30, 0}, {20, 0}, {5, 0}}, 8, 36, false, "1-1", ALLOCATE_RATE},
    {"where too little is gained nothing moves",
     {{5999, 5999, 100, 90, 0, 0}, {0, 1000, 100, 0, 0, 0}}, {{1, 0}}, 8, 1000, false, "-",
     ALLOCATE_NO_WAY},
    {"as much as is asked", {{6000, 6000, 100, 90, 0, 0}, {0, 1000, 100, 0, 0, 0}},
     {{1, 0}}, 8, 1000, false, "1", ALLOCATE_ALL},
    {"what is lost at least, against what may be lost at most",
     {{6000, HALF, 100, 90, 0, 0}, {0, 1001, 100, 0, 0, 0}}, {{1, 0}}, 8, 1000, false, "-",
     ALLOCATE_NO_WAY},
    {"only where the group may go",
     {{HALF, HALF, 100, 90, 0, 0}, {0, 0, 100, 0, 0, 0}, {0, 9000, 100, 0, 0, 0}},
     {{9, 4}, {8, 2}, {7, 1}}, 8, 1000, false, "21-", ALLOCATE_NO_WAY},
    {"same country before same region before any",
     {{HALF, HALF, 100, 90, 1, 1}, {0, 0, 100, 75, 2, 2}, {0, 900, 100, 75, 3, 1}, {0, 900, 100,
     75, 1, 1}},
     {{5, 0}, {4, 0}, {3, 0}}, 8, 1000, false, "321", ALLOCATE_ALL},
    {"but not where much more is lost",
     {{HALF, HALF, 100, 90, 1, 1}, {0, 0, 100, 0, 2, 2}, {0, 30000, 100, 0, 1, 1}},
     {{5, 0}}, 8, 1000, false, "1", ALLOCATE_ALL},
    {"what is not said is nowhere",
     {{HALF, HALF, 100, 90, 0, 0}, {0, 100, 100, 0, 0, 0}, {0, 0, 100, 0, 0, 0}},
     {{5, 0}}, 8, 1000, false, "2", ALLOCATE_ALL},
    // clang-format on
};

static void answers_as_expected(void **state)
{
    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        const struct row *row = &rows[r];
        struct allocate_upstream upstreams[4];
        struct allocate_group groups[GROUPS];
        struct allocate_item items[GROUPS], spare[GROUPS];
        struct allocate_move moves[MOVES];
        struct allocate_answer answer;
        uint32_t count = (uint32_t)strlen(row->moves);
        for (uint32_t u = 0; u < 4; u++) {
            uint64_t capacity = row->upstreams[u].capacity, use = row->upstreams[u].use;
            upstreams[u] = (struct allocate_upstream){
                capacity == NONE ? NONE : capacity * 1000,
                use == NONE ? NONE : use * 1000,
                row->upstreams[u].low_ppm,
                row->upstreams[u].high_ppm,
                capacity > 0,
                row->upstreams[u].country,
                row->upstreams[u].region,
                0,
                0,
            };
        }
        for (uint32_t g = 0; g < count; g++)
            groups[g] = (struct allocate_group){row->groups[g].demand * 1000,
                                                row->groups[g].may ? row->groups[g].may : 0xf, 0};
        allocate(&(struct allocate_question){upstreams,
                                             4,
                                             groups,
                                             count,
                                             {RHO, EPSILON, row->moves_max, row->moved_max * 1000,
                                              row->ignores}},
                 &(struct allocate_space){items, spare, moves}, &answer);
        char got[GROUPS + 1];
        memset(got, '-', sizeof got);
        got[count] = '\0';
        for (uint32_t m = 0; m < answer.count; m++)
            got[moves[m].group] = (char)('0' + moves[m].to);
        CHECK_ROW(row->name, strcmp(got, row->moves) == 0);
        CHECK_ROW(row->name, answer.why == row->why);
        CHECK_ROW(row->name, answer.left + answer.count == count);
    }
}

// Where moves are short, the heaviest of all go first, whoever loses most; where room is, who loses
// most.
static void gives_what_is_short_to_whom_it_helps_most(void **state)
{
    (void)state;
    const struct allocate_upstream upstreams[] = {
        {NONE, NONE, HALF, HALF, false, 0, 0, 0, 0},
        {NONE, NONE, HALF / 2, HALF / 2, false, 0, 0, 0, 0},
        {100, 50, 0, 0, true, 0, 0, 0, 0},
    };
    const struct allocate_group groups[] = {{10, 4, 0}, {30, 4, 1}, {11, 4, 0}};
    struct allocate_item items[3], spare[3];
    struct allocate_move moves[3];
    struct allocate_answer answer;
    struct allocate_question q = {upstreams, 3, groups, 3, {RHO, EPSILON, 1, 1000, false}};
    const struct allocate_space space = {items, spare, moves};
    allocate(&q, &space, &answer);
    assert_int_equal(answer.count, 1);
    assert_int_equal(moves[0].group, 1);
    q.limits.moves_max = 3;
    allocate(&q, &space, &answer);
    assert_int_equal(answer.count, 2);
    assert_int_equal(moves[0].group, 2);
    assert_int_equal(moves[1].group, 0);
    assert_int_equal(answer.why, ALLOCATE_NO_ROOM);
}

// Two that ask for 90, to one of 100 with 20. Where all that there is fits into its headroom, they
// do, as a part of them is there already.
static void takes_all_where_all_fits(void **state)
{
    (void)state;
    static const struct {
        uint64_t all_kbps;
        bool open;
        uint32_t moves;
    } totals[] = {{0, true, 1}, {81, true, 1}, {80, true, 2}, {30, true, 2}, {30, false, 0}};
    const struct allocate_group groups[] = {{50, 2, 0}, {40, 2, 0}};
    for (size_t n = 0; n < sizeof totals / sizeof totals[0]; n++) {
        const struct allocate_upstream upstreams[] = {
            {.loss_low_ppm = HALF},
            {.capacity_kbps = 100,
             .use_kbps = 20,
             .open = totals[n].open,
             .all_kbps = totals[n].all_kbps},
        };
        struct allocate_item items[2], spare[2];
        struct allocate_move moves[2];
        struct allocate_answer answer;
        allocate(
            &(struct allocate_question){upstreams, 2, groups, 2, {RHO, EPSILON, 2, 1000, false}},
            &(struct allocate_space){items, spare, moves}, &answer);
        assert_int_equal(answer.count, totals[n].moves);
    }
}

enum { MANY = 300, UPSTREAMS = 6 };

struct instance {
    struct allocate_upstream upstreams[UPSTREAMS];
    struct allocate_group groups[MANY];
    struct allocate_item items[MANY], spare[MANY];
    struct allocate_move moves[MANY];
    struct allocate_limits limits;
    struct allocate_answer answer;
};

static uint32_t up_to(struct random *random, uint32_t most)
{
    return (uint32_t)(random_u64(random) % ((uint64_t)most + 1));
}

static void make(struct instance *i, struct random *random)
{
    for (uint32_t u = 0; u < UPSTREAMS; u++) {
        bool lossy = up_to(random, 2) == 0, unknown = up_to(random, 5) == 0;
        uint32_t low = lossy ? up_to(random, 900 * 1000) : 0;
        i->upstreams[u] = (struct allocate_upstream){unknown ? NONE : up_to(random, 1000 * 1000),
                                                     up_to(random, 900 * 1000),
                                                     low,
                                                     low + up_to(random, 20 * 1000),
                                                     up_to(random, 3) > 0,
                                                     (uint16_t)up_to(random, 2),
                                                     (uint16_t)up_to(random, 2),
                                                     0,
                                                     0};
    }
    for (uint32_t g = 0; g < MANY; g++)
        i->groups[g] = (struct allocate_group){up_to(random, 1u << up_to(random, 20)),
                                               (uint32_t)random_u64(random) & 0x3f,
                                               (uint8_t)up_to(random, UPSTREAMS - 1)};
    i->limits = (struct allocate_limits){RHO, EPSILON, up_to(random, MANY),
                                         up_to(random, 4 * 1000 * 1000), up_to(random, 9) == 0};
    allocate(&(struct allocate_question){i->upstreams, UPSTREAMS, i->groups, MANY, i->limits},
             &(struct allocate_space){i->items, i->spare, i->moves}, &i->answer);
}

static void check_moves(const struct instance *i, uint64_t *taken_kbps)
{
    bool moved[MANY] = {false};
    uint64_t all = 0, saved = 0;
    assert_true(i->answer.count <= i->limits.moves_max);
    for (uint32_t m = 0; m < i->answer.count; m++) {
        const struct allocate_move *move = &i->moves[m];
        const struct allocate_group *group = &i->groups[move->group];
        const struct allocate_upstream *to = &i->upstreams[move->to];
        uint32_t gain = i->upstreams[group->from].loss_low_ppm - to->loss_high_ppm;
        assert_true(!moved[move->group] && to->open && (group->may >> move->to & 1));
        assert_in_range(gain, EPSILON, 1000 * 1000);
        moved[move->group] = true;
        taken_kbps[move->to] += group->demand_kbps;
        all += group->demand_kbps;
        saved += (uint64_t)group->demand_kbps * gain / 1000000;
    }
    assert_true(all == i->answer.moved_kbps && all <= i->limits.moved_kbps_max);
    assert_true(saved == i->answer.saved_kbps);
}

static void never_fills_over_the_limit(void **state)
{
    (void)state;
    struct random random = {7};
    static struct instance i, again;
    for (int round = 0; round < 300; round++) {
        uint64_t taken_kbps[UPSTREAMS] = {0};
        struct random before = random;
        make(&i, &random);
        check_moves(&i, taken_kbps);
        for (uint32_t u = 0; u < UPSTREAMS; u++) {
            const struct allocate_upstream *to = &i.upstreams[u];
            assert_true(taken_kbps[u] == i.answer.kbps_to[u]);
            if (taken_kbps[u] > 0 && !i.limits.ignores_capacity)
                assert_true(to->capacity_kbps != NONE &&
                            (to->use_kbps + taken_kbps[u]) * 10 <= to->capacity_kbps * 8);
        }
        make(&again, &before);
        assert_memory_equal(i.moves, again.moves, i.answer.count * sizeof i.moves[0]);
    }
}

// Nothing that stays would still fit where it gains: the greedy one stops for a reason.
static void leaves_nothing_that_fits(void **state)
{
    (void)state;
    struct random random = {11};
    static struct instance i;
    for (int round = 0; round < 300; round++) {
        bool moved[MANY] = {false};
        make(&i, &random);
        for (uint32_t m = 0; m < i.answer.count; m++)
            moved[i.moves[m].group] = true;
        bool full = i.answer.count == i.limits.moves_max;
        for (uint32_t g = 0; g < MANY && !full; g++)
            for (uint32_t u = 0; u < UPSTREAMS && !moved[g]; u++) {
                const struct allocate_upstream *to = &i.upstreams[u];
                const struct allocate_group *group = &i.groups[g];
                uint32_t low = i.upstreams[group->from].loss_low_ppm;
                uint64_t room = allocate_room_kbps(to, &i.limits);
                if (!(group->may >> u & 1) || low < to->loss_high_ppm + EPSILON || room == 0 ||
                    i.answer.moved_kbps + group->demand_kbps > i.limits.moved_kbps_max)
                    continue;
                if (!i.limits.ignores_capacity)
                    room -= i.answer.kbps_to[u];
                assert_true(room == 0 || group->demand_kbps > room);
            }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_as_expected),
        cmocka_unit_test(gives_what_is_short_to_whom_it_helps_most),
        cmocka_unit_test(takes_all_where_all_fits),
        cmocka_unit_test(never_fills_over_the_limit),
        cmocka_unit_test(leaves_nothing_that_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
