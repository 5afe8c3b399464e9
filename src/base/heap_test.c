// SPDX-License-Identifier: ISC
#include "base/heap.h"

#include "base/check.h"
#include "base/random.h"

enum { IDS = 50 };

// What the heap must equal: keys in a list, searched from end to end.
struct model {
    bool present[IDS];
    int64_t key[IDS];
    uint64_t order[IDS];
};

static uint32_t model_first(const struct model *m)
{
    uint32_t first = IDS;
    for (uint32_t id = 0; id < IDS; id++) {
        bool better =
            m->present[id] && (first == IDS || m->key[id] < m->key[first] ||
                               (m->key[id] == m->key[first] && m->order[id] < m->order[first]));
        first = better ? id : first;
    }
    return first;
}

static void equals_a_list_searched_from_end_to_end(void **state)
{
    (void)state;
    struct random random = {7};
    struct model model = {0};
    struct heap heap;
    assert_true(heap_init(&heap, IDS));
    for (uint64_t step = 0; step < 100 * 1000; step++) {
        uint32_t id = (uint32_t)(random_u64(&random) % IDS);
        int64_t key = (int64_t)(random_u64(&random) % 20) - 10;  // few, so that many are equal
        if (random_u64(&random) % 3 == 0) {
            heap_remove(&heap, id);
            model.present[id] = false;
        } else {
            heap_set(&heap, id, key);
            model.present[id] = true;
            model.key[id] = key;
            model.order[id] = step;
        }
        const struct heap_item *first = heap_first(&heap);
        assert_int_equal(first ? first->id : IDS, model_first(&model));
    }
    heap_done(&heap);
}

static void equal_keys_leave_in_order(void **state)
{
    (void)state;
    struct heap heap;
    assert_true(heap_init(&heap, IDS));
    for (uint32_t id = 0; id < IDS; id++)
        heap_set(&heap, id, 5);
    for (uint32_t id = 0; id < IDS; id++) {
        assert_int_equal(heap_first(&heap)->id, id);
        heap_remove(&heap, id);
    }
    assert_null(heap_first(&heap));
    heap_done(&heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_a_list_searched_from_end_to_end),
        cmocka_unit_test(equal_keys_leave_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
