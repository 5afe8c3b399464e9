// SPDX-License-Identifier: ISC
#include "base/region.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

enum { MIB = 1024 * 1024, LINE = 64 };

static bool is_of(const struct region *region, const void *memory)
{
    const uint8_t *at = memory;
    return at >= region->bytes && at < region->bytes + region->size;
}

static void test_lies_together(void **state)
{
    (void)state;
    struct region region;
    assert_true(region_init(&region, 4 * MIB));
    uint8_t *one = region_take(&region, 3, 7), *other = region_take(&region, 1, MIB);
    assert_int_equal((uintptr_t)one % LINE, 0);
    assert_ptr_equal(other, one + LINE);  // a line of its own
    assert_true(is_of(&region, one) && is_of(&region, other + MIB - 1));
    for (int i = 0; i < 21; i++)
        assert_int_equal(one[i], 0);
    region_give(&region, one);
    region_give(&region, other);
    region_done(&region);
    region_done(&region);  // of nothing
}

// It fits to the last byte; what no longer does comes from elsewhere, as does all without a region.
static void test_is_full(void **state)
{
    (void)state;
    struct region region;
    assert_true(region_init(&region, 2 * MIB + 100));
    uint8_t *most = region_take(&region, 2, MIB), *rest = region_take(&region, 1, 100);
    assert_true(is_of(&region, most) && is_of(&region, rest + 99));
    uint8_t *more = region_take(&region, 1, 1), *none = region_take(NULL, 5, 1);
    assert_false(is_of(&region, more));
    assert_int_equal((uintptr_t)more % LINE + (uintptr_t)none % LINE, 0);
    assert_int_equal(more[0] + none[4], 0);
    region_give(&region, region_take(&region, 0, 8));  // of nothing, at the very end
    assert_null(region_take(&region, SIZE_MAX, 2));
    assert_null(region_take(NULL, SIZE_MAX / 2, 3));
    region_give(&region, more);
    region_give(&region, most);
    region_give(NULL, none);
    region_give(&region, NULL);
    region_done(&region);
}

// Whether there are any or not, what was written stays.
static void test_large_pages(void **state)
{
    (void)state;
    struct region region;
    const size_t size = 5 * MIB;
    assert_true(region_init(&region, 8 * MIB));
    region_use_large_pages(&region);  // of nothing yet
    uint8_t *taken = region_take(&region, 1, size), *expected = malloc(size);
    for (size_t i = 0; i < size; i++)
        taken[i] = expected[i] = (uint8_t)(i >> 12 ^ i);
    region_use_large_pages(&region);
    assert_memory_equal(taken, expected, size);
    memset(taken, 1, size);
    free(expected);
    region_give(&region, taken);
    region_done(&region);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lies_together),
        cmocka_unit_test(test_is_full),
        cmocka_unit_test(test_large_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
