// SPDX-License-Identifier: ISC
#include "base/wheel.h"

#include "base/check.h"
#include "base/random.h"

enum { IDS = 60 };

// What the wheel must equal: keys in a list, searched from end to end.
struct model {
    bool present[IDS];
    int64_t key[IDS];
};

static int64_t model_least(const struct model *m)
{
    int64_t least = INT64_MAX;
    for (uint32_t id = 0; id < IDS; id++)
        least = m->present[id] && m->key[id] < least ? m->key[id] : least;
    return least;
}

static void set(struct wheel *wheel, struct model *model, uint32_t id, int64_t key, int64_t now)
{
    wheel_set(wheel, id, key, now);
    model->present[id] = true;
    model->key[id] = key;
}

static int64_t key_of(const struct wheel *wheel, uint32_t id)
{
    const struct wheel_node *node = wheel_record(wheel, id);
    return node->key_ns;
}

static void check_list(const struct wheel *wheel, const struct model *model)
{
    uint32_t ids[IDS];
    bool listed[IDS] = {false};
    uint32_t count = wheel_list(wheel, ids);
    assert_int_equal(count, wheel->count);
    for (uint32_t i = 0; i < count; i++)
        listed[ids[i]] = true;
    assert_memory_equal(listed, model->present, sizeof listed);
}

static void check_due(struct wheel *wheel, struct model *model, int64_t now)
{
    assert_true(wheel_next_ns(wheel) == model_least(model));
    for (uint32_t id; (id = wheel_due(wheel, now)) != WHEEL_NOBODY;) {
        assert_true(model->present[id] && model->key[id] <= now);
        assert_true(wheel_due(wheel, now) == id);
        model->present[id] = false;
        wheel_remove(wheel, id);
    }
    assert_true(model_least(model) > now);
    assert_true(wheel_next_ns(wheel) == model_least(model));
}

// Keys from the past to beyond all levels; time in steps from none to beyond all levels as well.
static void equals_a_list_searched_from_end_to_end(void **state)
{
    (void)state;
    struct random random = {7};
    struct model model = {0};
    struct wheel wheel;
    int64_t now = INT64_C(1) << 50;
    assert_true(wheel_init(&wheel, IDS, sizeof(struct wheel_node), NULL));
    for (int step = 0; step < 300 * 1000; step++) {
        uint32_t id = (uint32_t)(random_u64(&random) % IDS);
        int64_t span = INT64_C(1) << random_u64(&random) % 47;
        int64_t key = now - 1000 + (int64_t)(random_u64(&random) % (uint64_t)span);
        uint64_t what = random_u64(&random) % 8;
        if (what == 0) {
            wheel_remove(&wheel, id);
            model.present[id] = false;
        } else {
            set(&wheel, &model, id, what == 1 ? INT64_MAX : key, now);
        }
        if (random_u64(&random) % 3 == 0) {
            int64_t pace = INT64_C(1) << random_u64(&random) % (step % 1000 == 0 ? 46 : 26);
            now += (int64_t)(random_u64(&random) % (uint64_t)pace);
        }
        assert_true(wheel_has(&wheel, id) == model.present[id]);
        check_list(&wheel, &model);
        check_due(&wheel, &model, now);
    }
    wheel_done(&wheel);
}

// Time that goes on to the very moment when something is due finds it due.
static void is_due_when_it_says(void **state)
{
    (void)state;
    struct random random = {8};
    struct wheel wheel;
    assert_true(wheel_init(&wheel, IDS, sizeof(struct wheel_node), NULL));
    int64_t now = 12345;
    for (uint32_t id = 0; id < IDS; id++)
        wheel_set(&wheel, id, now + (int64_t)(random_u64(&random) % (UINT64_C(1) << 40)), now);
    for (int step = 0; step < 20000; step++) {
        now = wheel_next_ns(&wheel);
        uint32_t id = wheel_due(&wheel, now);
        assert_true(id != WHEEL_NOBODY && key_of(&wheel, id) == now);
        uint64_t span = UINT64_C(1) << random_u64(&random) % 42;
        wheel_set(&wheel, id, now + 1 + (int64_t)(random_u64(&random) % span), now);
    }
    wheel_done(&wheel);
}

static void equal_keys_leave_in_order(void **state)
{
    (void)state;
    struct wheel wheel;
    const int64_t keys[] = {5, 1 << 22, INT64_C(1) << 32};
    assert_true(wheel_init(&wheel, IDS, sizeof(struct wheel_node), NULL));
    for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
        for (uint32_t id = 0; id < IDS; id++)
            wheel_set(&wheel, id, keys[k], 0);
        wheel_set(&wheel, 0, keys[k], 0);  // now behind all others
        for (uint32_t id = 1; id <= IDS; id++) {
            assert_int_equal(wheel_due(&wheel, keys[k]), id % IDS);
            wheel_remove(&wheel, id % IDS);
        }
        assert_true(wheel_due(&wheel, keys[k]) == WHEEL_NOBODY);
    }
    wheel_done(&wheel);
}

// Whoever looks late finds those of the earliest ticks first, on whatever level they were.
static void late_ones_leave_in_order_of_ticks(void **state)
{
    (void)state;
    struct wheel wheel;
    const int64_t apart[] = {1, 3, 40, 100 * 1000};  // ticks
    for (size_t k = 0; k < sizeof apart / sizeof apart[0]; k++) {
        assert_true(wheel_init(&wheel, IDS, sizeof(struct wheel_node), NULL));
        for (uint32_t id = IDS; id-- > 0;)
            wheel_set(&wheel, id, id * apart[k] << WHEEL_TICK_LOG2, 0);
        for (uint32_t id = 0; id < IDS; id++) {
            assert_int_equal(wheel_due(&wheel, IDS * apart[k] << WHEEL_TICK_LOG2), id);
            wheel_remove(&wheel, id);
        }
        wheel_done(&wheel);
    }
}

// What its owner keeps beside a node is nobody else's, and zeroes at first.
static void records_are_their_owners(void **state)
{
    (void)state;
    struct record {
        struct wheel_node queued;
        uint32_t kept[4];
    };
    struct wheel wheel;
    assert_true(wheel_init(&wheel, IDS, sizeof(struct record), NULL));
    for (uint32_t id = 0; id < IDS; id++) {
        struct record *record = wheel_record(&wheel, id);
        for (int i = 0; i < 4; i++) {
            assert_int_equal(record->kept[i], 0);
            record->kept[i] = id + 1;
        }
        wheel_set(&wheel, id, id, 0);
    }
    for (uint32_t id = 0; id < IDS; id++) {
        assert_int_equal(wheel_due(&wheel, IDS), id);
        wheel_remove(&wheel, id);
        const struct record *record = wheel_record(&wheel, id);
        for (int i = 0; i < 4; i++)
            assert_int_equal(record->kept[i], id + 1);
    }
    wheel_done(&wheel);
}

static void an_empty_one_is_never_due(void **state)
{
    (void)state;
    struct wheel wheel;
    assert_true(wheel_init(&wheel, 0, sizeof(struct wheel_node), NULL));
    assert_true(wheel_due(&wheel, INT64_MAX) == WHEEL_NOBODY);
    assert_true(wheel_next_ns(&wheel) == INT64_MAX);
    wheel_done(&wheel);
    wheel_done(&wheel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_a_list_searched_from_end_to_end),
        cmocka_unit_test(is_due_when_it_says),
        cmocka_unit_test(equal_keys_leave_in_order),
        cmocka_unit_test(late_ones_leave_in_order_of_ticks),
        cmocka_unit_test(records_are_their_owners),
        cmocka_unit_test(an_empty_one_is_never_due),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
