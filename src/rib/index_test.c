// SPDX-License-Identifier: ISC
#include "rib/index.h"

#include "base/check.h"
#include "base/random.h"

// Items are numbers; the hash of item n is hashes[n], so that a test can make them collide.
enum { ITEMS = 20000 };

struct owner {
    uint64_t hashes[ITEMS];
};

static uint64_t hash_of(const void *owner, uint32_t item)
{
    return ((const struct owner *)owner)->hashes[item];
}

static const void *record_of(const void *owner, uint32_t item)
{
    return &((const struct owner *)owner)->hashes[item];
}

static const struct index_owner rules = {hash_of, record_of};

static bool is_sought(const void *owner, uint32_t item, const void *sought)
{
    (void)owner;
    return item == *(const uint32_t *)sought;
}

static bool has(const struct index *index, const struct owner *owner, uint32_t item)
{
    return index_find(index, owner->hashes[item], is_sought, owner, &item) == item;
}

static void check_all(const struct index *index, const struct owner *owner, const bool *in)
{
    for (uint32_t item = 0; item < ITEMS; item++) {
        if (has(index, owner, item) != in[item])
            fail_msg("item %u of %u", item, index->live);
    }
}

static uint32_t bucket_of(const struct index *index, uint32_t item)
{
    for (uint32_t at = 0; at < index->bucket_count; at++) {
        for (uint32_t slot = 0; slot < INDEX_SLOTS; slot++) {
            const struct index_bucket *bucket = &index->buckets[at];
            if (bucket->tags[slot] != 0 && bucket->items[slot] == item)
                return at;
        }
    }
    fail_msg("item %u is in no bucket", item);
    return 0;
}

// Each bucket counts those that passed it by, and no others: else searches grow long.
static void check_passed(const struct index *index, const struct owner *owner, const bool *in,
                         uint32_t used)
{
    static uint32_t passed[ITEMS];
    memset(passed, 0, sizeof passed);
    for (uint32_t item = 0; item < used; item++) {
        if (!in[item])
            continue;
        uint32_t to = bucket_of(index, item);
        for (uint32_t at = index_home(index, owner->hashes[item]); at != to;
             at = index_after(index, at))
            passed[at]++;
    }
    for (uint32_t at = 0; at < index->bucket_count; at++)
        assert_int_equal(index->buckets[at].passed, passed[at]);
}

// Hashes: any; all alike but for the tag; all in the last bucket, so that what does not fit goes
// round; all equal.
enum kind { ANY, ONE_HOME, LAST_HOME, EQUAL, KINDS };

static uint64_t make_hash(enum kind kind, struct random *random)
{
    uint64_t any = random_u64(random);
    if (kind == ANY)
        return any;
    if (kind == EQUAL)
        return 0;
    return (any & UINT64_C(0xff00000000000000)) | (kind == LAST_HOME ? UINT32_MAX : 0);
}

static void holds_what_came_and_not_what_went(void **state)
{
    (void)state;
    static struct owner owner;
    static bool in[ITEMS];
    for (enum kind kind = ANY; kind < KINDS; kind++) {
        struct random random = {kind + 1};
        struct budget budget = {.max = 64 << 20};
        struct index index;
        index_init(&index, &budget, &rules);
        uint32_t used = kind == ANY ? ITEMS : 300;
        for (uint32_t item = 0; item < ITEMS; item++) {
            owner.hashes[item] = make_hash(kind, &random);
            in[item] = false;
        }
        for (uint32_t step = 0; step < 4 * used; step++) {
            uint32_t item = (uint32_t)(random_u64(&random) % used);
            if (in[item])
                index_remove(&index, &owner, owner.hashes[item], item);
            else
                assert_true(index_add(&index, &owner, owner.hashes[item], item));
            in[item] = !in[item];
        }
        check_all(&index, &owner, in);
        if (kind != ANY)  // there few pass by
            check_passed(&index, &owner, in, used);
        for (uint32_t item = 0; item < used; item++) {
            if (in[item])
                index_remove(&index, &owner, owner.hashes[item], item);
        }
        assert_int_equal(budget.used, 0);  // an empty one has given everything back
    }
}

static void shrinks_as_it_empties(void **state)
{
    (void)state;
    static struct owner owner;
    struct random random = {9};
    struct budget budget = {.max = 64 << 20};
    struct index index;
    index_init(&index, &budget, &rules);
    for (uint32_t item = 0; item < ITEMS; item++) {
        owner.hashes[item] = random_u64(&random);
        assert_true(index_add(&index, &owner, owner.hashes[item], item));
    }
    size_t full = budget.used;
    for (uint32_t item = 100; item < ITEMS; item++)
        index_remove(&index, &owner, owner.hashes[item], item);
    assert_true(budget.used < full / 20);
    for (uint32_t item = 0; item < 100; item++)
        assert_true(has(&index, &owner, item));
    index_done(&index);
    assert_int_equal(budget.used, 0);
}

// Refused growth is told, and nothing is lost by it; a refused smaller table is no matter.
static void survives_refusals(void **state)
{
    (void)state;
    static struct owner owner;
    struct random random = {11};
    struct budget budget = {.max = 5 << 10};  // buckets for 384 items, not for 768
    struct index index;
    index_init(&index, &budget, &rules);
    uint32_t fitted = 0;
    for (uint32_t item = 0; item < 1000; item++) {
        owner.hashes[item] = random_u64(&random);
        if (!index_add(&index, &owner, owner.hashes[item], item))
            break;
        fitted++;
    }
    assert_true(fitted > 100 && fitted < 1000);
    for (uint32_t item = 0; item < fitted; item++)
        assert_true(has(&index, &owner, item));
    budget.max = 0;
    for (uint32_t item = 0; item < fitted; item++)
        index_remove(&index, &owner, owner.hashes[item], item);
    assert_int_equal(budget.used, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_what_came_and_not_what_went),
        cmocka_unit_test(shrinks_as_it_empties),
        cmocka_unit_test(survives_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
