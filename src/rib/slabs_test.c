// SPDX-License-Identifier: ISC
#include "rib/slabs.h"

#include "base/check.h"
#include "base/random.h"

#include <string.h>

enum { THINGS = 4000 };

struct thing {
    uint32_t handle, words;
};

static void fill(const struct slabs *slabs, struct thing thing)
{
    uint32_t *at = slabs_at(slabs, thing.handle);
    for (uint32_t i = 0; i < thing.words; i++)
        at[i] = thing.handle ^ i;
}

static void check(const struct slabs *slabs, struct thing thing)
{
    const uint32_t *at = slabs_at(slabs, thing.handle);
    assert_true(slabs_room(slabs, thing.handle) >= thing.words);
    for (uint32_t i = 0; i < thing.words; i++)
        assert_int_equal(at[i], thing.handle ^ i);
}

// Each thing has its bit, and there are no others.
static void check_in_use(const struct slabs *slabs, const struct thing *things)
{
    uint32_t bits_set = 0, live = 0;
    uint64_t bits[SLAB_THINGS_MAX / 64];
    for (uint32_t slab = 1; slab < slabs->count; slab++) {
        slabs_in_use(slabs, slab, bits);
        for (uint32_t i = 0; i < SLAB_THINGS_MAX / 64; i++)
            bits_set += (uint32_t)__builtin_popcountll(bits[i]);
    }
    for (uint32_t i = 0; i < THINGS; i++) {
        if (things[i].handle == 0)
            continue;
        uint32_t slab = things[i].handle / SLAB_WORDS, word = things[i].handle % SLAB_WORDS;
        uint32_t place = word / slabs_room(slabs, things[i].handle);
        slabs_in_use(slabs, slab, bits);
        assert_true(bits[place / 64] >> place % 64 & 1);
        live++;
    }
    assert_int_equal(bits_set, live);
}

static uint32_t some_size(struct random *random)
{
    static const uint32_t most[] = {8, 64, 130, 1024, 5000};
    return 1 + (uint32_t)(random_u64(random) % most[random_u64(random) % 5]);
}

static void keeps_things_apart_and_gives_slabs_back(void **state)
{
    (void)state;
    struct random random = {3};
    struct budget budget = {.max = 256 << 20};
    struct slabs slabs;
    static struct thing things[THINGS];
    slabs_init(&slabs, &budget);
    for (uint32_t step = 0; step < 20 * THINGS; step++) {
        struct thing *thing = &things[random_u64(&random) % THINGS];
        if (thing->handle != 0) {
            check(&slabs, *thing);
            slabs_give(&slabs, thing->handle);
            thing->handle = 0;
            continue;
        }
        thing->words = some_size(&random);
        thing->handle = slabs_take(&slabs, thing->words);
        assert_true(thing->handle != 0 && thing->handle < UINT32_C(1) << 31);
        fill(&slabs, *thing);
    }
    check_in_use(&slabs, things);
    size_t full = budget.used;
    for (uint32_t i = 0; i < THINGS; i++) {
        if (things[i].handle == 0)
            continue;
        check(&slabs, things[i]);
        slabs_give(&slabs, things[i].handle);
    }
    assert_true(budget.used < full / 100);  // but for the list of slabs
    slabs_done(&slabs);
    assert_int_equal(budget.used, 0);
}

// A size between two that are kept: no more than an eighth is wasted.
static void wastes_little(void **state)
{
    (void)state;
    struct budget budget = {.max = 256 << 20};
    struct slabs slabs;
    slabs_init(&slabs, &budget);
    for (uint32_t words = 2; words < 6000; words++) {
        uint32_t handle = slabs_take(&slabs, words);
        uint32_t room = slabs_room(&slabs, handle);
        assert_true(room >= words && room <= words + words / 8);
        assert_true(words > SLABS_SMALL_WORDS || room == words);
        slabs_give(&slabs, handle);
    }
    slabs_done(&slabs);
}

static void refuses_what_does_not_fit(void **state)
{
    (void)state;
    struct budget budget = {.max = 40 << 10};  // the list, and two slabs
    struct slabs slabs;
    slabs_init(&slabs, &budget);
    uint32_t first = slabs_take(&slabs, 100), count = 1;
    while (slabs_take(&slabs, 100) != 0)
        count++;
    assert_true(first != 0 && count >= 39 && count <= 2 * 40);
    assert_int_equal(slabs_take(&slabs, 20000), 0);
    slabs_give(&slabs, first);
    assert_int_equal(slabs_take(&slabs, 100), first);  // there is room where one left
    slabs_done(&slabs);
    assert_int_equal(budget.used, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_things_apart_and_gives_slabs_back),
        cmocka_unit_test(wastes_little),
        cmocka_unit_test(refuses_what_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
