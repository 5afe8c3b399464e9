// SPDX-License-Identifier: ISC
#include "stat/evalue.h"

#include "base/check.h"
#include "base/random.h"

#include <math.h>

static uint32_t losses(struct random *r, uint32_t probes, double loss)
{
    uint32_t lost = 0;
    for (uint32_t i = 0; i < probes; i++)
        lost += random_unit(r) < loss;
    return lost;
}

// Blocks of 10 probes here and 30 there until the evidence reaches ln(10000), or `blocks_max`.
static long blocks_until(double here, double there, long blocks_max, struct random *r)
{
    struct evalue e;
    evalue_init(&e);
    for (long n = 1; n <= blocks_max; n++) {
        struct evalue_block block = {.lost = losses(r, 10, here),
                                     .peers_lost = losses(r, 30, there)};
        block.ok = 10 - block.lost;
        block.peers_ok = 30 - block.peers_lost;
        evalue_add(&e, &block);
        if (evalue_nats(&e) >= log(10000))
            return n;
    }
    return blocks_max;
}

// detection.md 2.8, mean blocks until 10000 blocks' worth of evidence; theirs is another grid.
static const struct {
    const char *name;
    double here, there, blocks_max;
} differences[] = {
    {"38 % against 0.1 %", 0.38, 0.001, 3.2}, {"10 % against 0.1 %", 0.1, 0.001, 11},
    {"5 % against 0.1 %", 0.05, 0.001, 22},   {"1 % against 0.1 %", 0.01, 0.001, 130},
    {"10 % against 2 %", 0.1, 0.02, 26},      {"38 % against 10 %", 0.38, 0.1, 10},
};

static void sees_who_is_worse(void **state)
{
    (void)state;
    struct random r = {1};
    for (size_t i = 0; i < sizeof differences / sizeof differences[0]; i++) {
        double blocks = 0;
        for (int n = 0; n < 100; n++)
            blocks += (double)blocks_until(differences[i].here, differences[i].there, 100000, &r);
        if (blocks / 100 > differences[i].blocks_max)
            fail_msg("row '%s': %.1f blocks", differences[i].name, blocks / 100);
    }
}

// detection.md 2.11, item 6. The better one must never be accused, at any rate.
static const struct {
    const char *name;
    double here, there;
} nulls[] = {
    {"0.1 % both", 0.001, 0.001}, {"2 % both", 0.02, 0.02}, {"10 % both", 0.1, 0.1},
    {"50 % both", 0.5, 0.5},      {"all lost", 1, 1},       {"better here", 0.001, 0.38},
    {"nothing lost", 0, 0},
};

static void accuses_nobody_when_all_lose_alike(void **state)
{
    (void)state;
    struct random r = {2};
    for (size_t i = 0; i < sizeof nulls / sizeof nulls[0]; i++) {
        // At most one in 10000 blocks on average is promised, 2 to 4 times fewer measured.
        int accusations = 0;
        for (int n = 0; n < 10; n++)
            accusations += blocks_until(nulls[i].here, nulls[i].there, 2000, &r) < 2000;
        if (accusations > 2)
            fail_msg("row '%s': %d accusations in 20000 blocks", nulls[i].name, accusations);
    }
}

// Exactly: the mean of a block's factor, over all outcomes, is at most 1 at any common loss.
static void has_mean_one_at_most(void **state)
{
    (void)state;
    const uint32_t n_here = 3, n_there = 5;
    for (double p = 0; p <= 1; p += 0.01) {
        double mean[EVALUE_GRID] = {0};
        for (uint32_t k = 0; k < 1u << (n_here + n_there); k++) {
            uint32_t here = (uint32_t)__builtin_popcount(k & 7);
            uint32_t there = (uint32_t)__builtin_popcount(k >> 3);
            struct evalue e;
            evalue_init(&e);  // with a sum of 0 before it, the sum after it is the factor
            evalue_add(&e, &(struct evalue_block){n_here - here, here, n_there - there, there});
            double likely = pow(p, here + there) * pow(1 - p, n_here + n_there - here - there);
            for (uint32_t i = 0; i < EVALUE_GRID; i++)
                mean[i] += likely * e.sum[i];
        }
        for (uint32_t i = 0; i < EVALUE_GRID; i++)
            assert_true(mean[i] <= 1 + 1e-12);
    }
}

static void needs_both_sides(void **state)
{
    (void)state;
    struct evalue e;
    evalue_init(&e);
    for (int i = 0; i < 1000; i++) {
        evalue_add(&e, &(struct evalue_block){.lost = 100});
        evalue_add(&e, &(struct evalue_block){.peers_ok = 100});
    }
    assert_true(evalue_nats(&e) == 0);
    evalue_add(&e, &(struct evalue_block){.lost = 100, .peers_ok = 100});
    assert_true(evalue_nats(&e) > 14);
}

// What was true for an hour is forgotten within some 50 losses that both have.
static void forgets(void **state)
{
    (void)state;
    struct evalue e;
    evalue_init(&e);
    for (int i = 0; i < 100000; i++)
        evalue_add(&e, &(struct evalue_block){.ok = 6, .lost = 4, .peers_ok = 10});
    assert_true(evalue_nats(&e) > 14);
    for (int i = 0; i < 12; i++)
        evalue_add(&e, &(struct evalue_block){6, 4, 6, 4});
    assert_true(evalue_nats(&e) < 5);
}

// detection.md 2.8, for each pair of the grid.
static double factor_of(const struct evalue_block *b, double here, double there)
{
    double n = b->ok + b->lost, m = b->peers_ok + b->peers_lost;
    double common = (n * here + m * there) / (n + m);
    double apart = b->lost * log(here) + b->ok * log(1 - here) + b->peers_lost * log(there) +
                   b->peers_ok * log(1 - there);
    return exp(apart - (b->lost + b->peers_lost) * log(common) -
               (b->ok + b->peers_ok) * log(1 - common));
}

// Each of its own numbers, whatever the one before it was.
static void weighs_each_block_by_its_own_numbers(void **state)
{
    (void)state;
    static const double grid[] = {0.001, 0.01, 0.05, 0.15, 0.38, 0.9};
    static const struct evalue_block blocks[] = {{9, 1, 29, 1},  {9, 1, 29, 1}, {8, 1, 29, 1},
                                                 {8, 2, 29, 1},  {8, 2, 20, 1}, {8, 2, 20, 3},
                                                 {40, 2, 20, 3}, {9, 1, 29, 1}};
    struct evalue e;
    double sum[EVALUE_GRID] = {0};
    evalue_init(&e);
    for (size_t b = 0; b < sizeof blocks / sizeof blocks[0]; b++) {
        uint32_t i = 0;
        evalue_add(&e, &blocks[b]);
        for (int high = 1; high < 6; high++)
            for (int low = 0; low < high; low++, i++) {
                sum[i] = (1 + sum[i]) * factor_of(&blocks[b], grid[high], grid[low]);
                assert_true(fabs(e.sum[i] - sum[i]) <= 1e-9 * sum[i]);
            }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forgets),
        cmocka_unit_test(sees_who_is_worse),
        cmocka_unit_test(accuses_nobody_when_all_lose_alike),
        cmocka_unit_test(has_mean_one_at_most),
        cmocka_unit_test(needs_both_sides),
        cmocka_unit_test(weighs_each_block_by_its_own_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
