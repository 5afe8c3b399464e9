// SPDX-License-Identifier: ISC
// Long random lives of a table beside its model: with plenty of memory, with hardly any, and with
// requests for memory refused at every place there is.
#include "base/check.h"
#include "base/random.h"
#include "rib/play_check.h"

enum { STEPS = 3000, BYTES = STEPS * 6 };

static void fill(uint8_t *bytes, size_t size, struct random *random)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)random_u64(random);
}

static void play(uint64_t seed, size_t bytes_max, bool refusals)
{
    uint8_t bytes[BYTES];
    struct random random = {seed};
    struct play p = play_new(bytes_max, seed);
    printf("seed %llu, %zu KiB%s\n", (unsigned long long)seed, bytes_max >> 10,
           refusals ? ", memory refused now and then" : "");
    fill(bytes, sizeof bytes, &random);
    p.bytes = bytes;
    p.size = sizeof bytes;
    p.may_fail = bytes_max < 1 << 20;
    while (p.size > 0) {
        if (!refusals && *p.bytes % 16 == 4) {
            (void)play_take(&p, 1);
            continue;
        }
        play_step(&p);
    }
    play_end(&p);
}

static void tells_what_its_model_tells(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++)
        play(seed, 16 << 20, false);
}

static void also_when_memory_is_refused(void **state)
{
    (void)state;
    for (uint64_t seed = 100; seed < 106; seed++)
        play(seed, 16 << 20, true);
}

// 256 KiB are a set's scratch, 40 a snapshot: every few routes something has to give way.
static void also_at_the_limit(void **state)
{
    (void)state;
    for (uint64_t seed = 200; seed < 206; seed++)
        play(seed, (size_t)(350 + 10 * (seed % 12)) << 10, seed & 1);
}

// One short life, with the n-th request refused for every n.
static void refuses_at_every_place(void **state)
{
    (void)state;
    enum { SHORT = 400 };
    uint8_t bytes[SHORT];
    struct random random = {7};
    fill(bytes, sizeof bytes, &random);
    for (uint32_t n = 1; n < 400; n++) {
        struct play p = play_new(16 << 20, 1);
        p.bytes = bytes;
        p.size = sizeof bytes;
        p.may_fail = true;
        p.rib->budget.fails_in = n;
        while (p.size > 0) {
            if (*p.bytes % 16 == 4)
                (void)play_take(&p, 1);  // no other refusals
            else
                play_step(&p);
        }
        play_end(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_its_model_tells),
        cmocka_unit_test(also_when_memory_is_refused),
        cmocka_unit_test(also_at_the_limit),
        cmocka_unit_test(refuses_at_every_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
