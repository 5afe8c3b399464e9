// SPDX-License-Identifier: ISC
#include "probe/flow_index.h"

#include "base/check.h"
#include "base/random.h"

enum { FLOWS = 200 };

static bool has(const struct flow_index *index, uint64_t hash, uint32_t id)
{
    uint32_t at = flow_index_first(index, hash);
    while (at != FLOW_INDEX_NOBODY && at != id)
        at = flow_index_next(index, at);
    return at == id;
}

// Beside a plain list of what is in: whatever was added is found until it is removed. One hash in
// four is shared by many.
static void finds_what_is_in(void **state)
{
    (void)state;
    struct random random = {7};
    struct flow_index index;
    static struct flow flows[FLOWS];
    uint64_t hashes[FLOWS];
    bool in[FLOWS] = {false};
    assert_true(flow_index_init(&index, flows, FLOWS, NULL));
    for (int step = 0; step < 20000; step++) {
        uint32_t id = (uint32_t)(random_unit(&random) * FLOWS);
        if (in[id]) {
            flow_index_remove(&index, id, hashes[id]);
        } else {
            hashes[id] = random_unit(&random) < 0.25 ? 3 : (uint64_t)(random_unit(&random) * 1e18);
            flow_index_add(&index, id, hashes[id]);
        }
        in[id] = !in[id];
        for (uint32_t i = 0; i < FLOWS && step % 16 == 0; i++)
            if (in[i])
                assert_true(has(&index, hashes[i], i));
            else
                assert_false(has(&index, 3, i));
    }
    flow_index_done(&index);
}

static void holds_none_at_all(void **state)
{
    (void)state;
    struct flow_index index;
    assert_true(flow_index_init(&index, NULL, 0, NULL));
    assert_true(flow_index_first(&index, 12345) == FLOW_INDEX_NOBODY);
    flow_index_done(&index);
    flow_index_done(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_is_in),
        cmocka_unit_test(holds_none_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
