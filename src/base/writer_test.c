// SPDX-License-Identifier: ISC
#include "base/writer.h"

#include "base/check.h"

#include <string.h>

static void writes_in_order(void **state)
{
    (void)state;
    uint8_t bytes[15];
    const uint8_t expected[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    struct writer w = writer_over(bytes, sizeof bytes);
    writer_u8(&w, 0x01);
    writer_be16(&w, 0x0203);
    writer_be32(&w, 0x04050607);
    writer_be64(&w, 0x08090a0b0c0d0e0f);
    assert_true(writer_ok(&w) && w.size == sizeof bytes);
    assert_memory_equal(bytes, expected, sizeof bytes);
}

// What does not fit leaves what stands untouched, and the writer failed for good.
static void fails_once_and_stays_failed(void **state)
{
    (void)state;
    uint8_t bytes[4] = {0xee, 0xee, 0xee, 0xee};
    struct writer w = writer_over(bytes, 3);
    writer_be32(&w, 1);
    assert_true(!writer_ok(&w) && w.size == 0 && bytes[0] == 0xee);
    writer_u8(&w, 1);
    assert_true(!writer_ok(&w) && w.size == 0 && bytes[3] == 0xee);
}

static void counts_what_follows(void **state)
{
    (void)state;
    uint8_t bytes[300];
    struct writer w = writer_over(bytes, sizeof bytes);
    size_t outer = writer_be16_reserve(&w);
    size_t inner = writer_u8_reserve(&w);
    writer_bytes(&w, "abc", 3);
    writer_u8_set_count(&w, inner);
    writer_be16_set_count(&w, outer);
    assert_true(writer_ok(&w) && w.size == 6);
    assert_memory_equal(bytes, "\0\4\3abc", 6);

    static const uint8_t zeros[256];
    inner = writer_u8_reserve(&w);
    writer_bytes(&w, zeros, sizeof zeros);
    writer_u8_set_count(&w, inner);
    assert_false(writer_ok(&w));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_in_order),
        cmocka_unit_test(fails_once_and_stays_failed),
        cmocka_unit_test(counts_what_follows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
