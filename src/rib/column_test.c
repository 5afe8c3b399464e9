// SPDX-License-Identifier: ISC
#include "rib/column.h"

#include "base/check.h"
#include "base/random.h"

// A chunk beside an array, filled to a share of its slots again and again, so that it takes every
// shape; now and then shared, then checked against what it was.
struct model {
    struct slot slots[SEGMENT_SIZE];
};

static void check_chunk(const struct chunk *chunk, const struct model *model)
{
    static uint32_t values[SEGMENT_SIZE], ids[SEGMENT_SIZE];
    uint32_t live = 0;
    if (chunk)
        chunk_expand(chunk, values, ids);
    for (uint32_t at = 0; at < SEGMENT_SIZE; at++) {
        struct slot expected = model->slots[at];
        struct slot found = chunk ? chunk_slot(chunk, at) : (struct slot){0};
        assert_true(found.value == expected.value && found.path_id == expected.path_id);
        assert_true(!chunk || (values[at] == expected.value && ids[at] == expected.path_id));
        live += expected.value != 0;
    }
    assert_true(chunk ? chunk->live == live && live > 0 : live == 0);
}

static void put(struct chunk **chunk, struct model *model, uint32_t at, struct slot slot,
                struct slabs *slabs)
{
    if (slot.value == 0) {
        if (!*chunk)
            return;
        assert_true(chunk_own(chunk, slabs));
        slot.path_id = 0;
    } else {
        struct chunk_wish wish = {at, slot.path_id != 0};
        assert_true(chunk_reach(chunk, &wish, slabs));
    }
    chunk_put(chunk, at, slot, slabs);
    model->slots[at] = slot;
}

static void a_chunk_takes_every_shape(void **state)
{
    (void)state;
    static const uint32_t shares[] = {1, 5, 12, 20, 60, 100, 60, 9, 3, 30, 1, 100, 2};  // percent
    for (uint32_t with_ids = 0; with_ids < 2; with_ids++) {
        struct random random = {with_ids + 1};
        struct budget budget = {.max = 16 << 20};
        struct slabs slabs;
        struct chunk *chunk = NULL, *shared = NULL;
        static struct model model, then;
        slabs_init(&slabs, &budget);
        for (uint32_t step = 0; step < sizeof shares / sizeof shares[0]; step++) {
            for (uint32_t i = 0; i < 8 * SEGMENT_SIZE; i++) {
                uint32_t r = (uint32_t)random_u64(&random), at = r % SEGMENT_SIZE;
                bool comes = (r >> 10) % 100 < shares[step];
                uint32_t id = with_ids && r >> 30 == 0 ? r : 0;
                put(&chunk, &model, at, (struct slot){comes ? (r | 1) & ~SLOT_GROUP : 0, id},
                    &slabs);
            }
            check_chunk(chunk, &model);
            if (shared) {
                check_chunk(shared, &then);
                chunk_give(shared, &slabs);
            }
            if ((shared = chunk))
                shared->holders++;
            then = model;
        }
        chunk_give(shared, &slabs);
        for (uint32_t at = 0; at < SEGMENT_SIZE; at++)
            put(&chunk, &model, at, (struct slot){0}, &slabs);
        assert_null(chunk);
        slabs_done(&slabs);
        assert_int_equal(budget.used, 0);
    }
}

// A few routes in each of many chunks must not cost a place for every prefix.
static void few_routes_cost_little(void **state)
{
    (void)state;
    static const struct {
        uint32_t routes;
        size_t bytes_max;
    } rows[] = {{1, 256}, {8, 256}, {16, 320}, {64, 512}, {128, 768}, {1024, 4200}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct budget budget = {.max = 1 << 20};
        struct slabs slabs;
        struct chunk *chunk = NULL;
        slabs_init(&slabs, &budget);
        for (uint32_t route = 0; route < rows[i].routes; route++) {
            struct chunk_wish wish = {route * (SEGMENT_SIZE / rows[i].routes), false};
            assert_true(chunk_reach(&chunk, &wish, &slabs));
            chunk_put(&chunk, wish.slot, (struct slot){1, 0}, &slabs);
        }
        if (budget.used > rows[i].bytes_max)
            fail_msg("%u routes take %zu bytes", rows[i].routes, budget.used);
        chunk_give(chunk, &slabs);
        slabs_done(&slabs);
    }
}

// Groups belong to their chunk: a copy has its own, and what is refused changes nothing.
static void a_copy_has_groups_of_its_own(void **state)
{
    (void)state;
    const struct group_path paths[] = {{1, 10}, {2, 20}};
    for (uint32_t refused = 1; refused < 8; refused++) {
        struct budget budget = {.max = 1 << 20};
        struct slabs slabs;
        struct chunk *chunk = NULL;
        slabs_init(&slabs, &budget);
        for (uint32_t at = 0; at < 200; at += 3) {
            struct chunk_wish wish = {at, false};
            assert_true(chunk_reach(&chunk, &wish, &slabs));
            chunk_put(&chunk, at, (struct slot){group_new(&slabs, paths, 2, 2), 0}, &slabs);
        }
        struct chunk *other = chunk;
        other->holders++;
        budget.fails_in = refused;
        bool copied = chunk_own(&chunk, &slabs);
        budget.fails_in = 0;
        assert_int_equal(copied, chunk != other);
        if (copied) {
            struct slot one = chunk_slot(chunk, 3), same = chunk_slot(other, 3);
            assert_true(one.value != same.value);
            group_at(&slabs, one.value)->paths[0].attributes = 99;
            assert_int_equal(group_at(&slabs, same.value)->paths[0].attributes, 10);
        }
        chunk_give(chunk, &slabs);
        chunk_give(other, &slabs);
        slabs_done(&slabs);
        assert_int_equal(budget.used, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chunk_takes_every_shape),
        cmocka_unit_test(few_routes_cost_little),
        cmocka_unit_test(a_copy_has_groups_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
