// SPDX-License-Identifier: ISC
#include "base/check.h"
#include "base/cursor.h"

static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7};

static void reads_in_order(void **state)
{
    (void)state;
    struct cursor c = cursor_over(bytes, sizeof bytes);
    assert_true(cursor_u8(&c) == 0x01);
    assert_true(cursor_be16(&c) == 0x0203);
    assert_true(cursor_be32(&c) == 0x04050607);
    assert_true(cursor_ok(&c) && cursor_left(&c) == 0);
}

// However many bytes are missing, the cursor fails where the read began, and stays failed.
static void fails_once_and_stays_failed(void **state)
{
    (void)state;
    for (size_t size = 0; size < sizeof bytes; size++) {
        struct cursor c = cursor_over(bytes, size);
        assert_true(cursor_bytes(&c, sizeof bytes) == NULL);
        assert_true(!cursor_ok(&c) && c.pos == 0 && cursor_left(&c) == 0);
        assert_true(cursor_u8(&c) == 0 && cursor_bytes(&c, 0) == NULL);
    }
}

static void a_part_is_walled_off(void **state)
{
    (void)state;
    struct cursor c = cursor_over(bytes, sizeof bytes);
    struct cursor part = cursor_part(&c, 3);
    assert_true(cursor_be32(&part) == 0 && !cursor_ok(&part));  // 4 asked of a part of 3
    assert_true(cursor_ok(&c) && cursor_u8(&c) == 4);           // the rest is still good

    part = cursor_part(&c, SIZE_MAX);
    assert_true(!cursor_ok(&part) && !cursor_ok(&c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_in_order),
        cmocka_unit_test(fails_once_and_stays_failed),
        cmocka_unit_test(a_part_is_walled_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
