// SPDX-License-Identifier: ISC
#include "web/session.h"

#include "base/check.h"
#include "net/rights.h"
#include "web/hex.h"

#include <stdlib.h>
#include <string.h>

enum { HOUR_S = 3600 };

static struct mono at_s(int64_t s)
{
    return (struct mono){s * NS_PER_S};
}

// One whose id and second secret are made of a number.
static struct web_session *open_one(struct web_sessions *s, uint32_t user, uint8_t number,
                                    int64_t now_s)
{
    uint8_t secrets[2 * WEB_SECRET_BYTES];
    memset(secrets, number, WEB_SECRET_BYTES);
    memset(secrets + WEB_SECRET_BYTES, number ^ 0xff, WEB_SECRET_BYTES);
    return web_session_open(s, user, secrets, at_s(now_s));
}

static struct web_session *find(struct web_sessions *s, uint8_t number, int64_t now_s)
{
    uint8_t id[WEB_SECRET_BYTES];
    char text[WEB_SECRET_TEXT_MAX];
    memset(id, number, sizeof id);
    web_hex_write(id, sizeof id, text);
    return web_session_find(s, text, at_s(now_s));
}

static void is_found_by_its_id_only(void **state)
{
    (void)state;
    struct web_sessions *s = calloc(1, sizeof *s);
    assert_null(find(s, 0, 1));  // an empty place has an id of zeros
    struct web_session *one = open_one(s, 3, 7, 0);
    assert_ptr_equal(find(s, 7, 1), one);
    assert_int_equal(one->user, 3);
    assert_null(find(s, 8, 1));
    static const char *const wrong[] = {
        "",
        "07",
        "x",
        "0707070707070707070707070707070707070707070707070707070707070707x",
        "070707070707070707070707070707070707070707070707070707070707070",
        "0707070707070707070707070707070707070707070707070707070707070706"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CHECK_ROW(wrong[i], !web_session_find(s, wrong[i], at_s(1)));
    uint8_t id[WEB_SECRET_BYTES];
    memcpy(id, one->id, sizeof id);
    assert_true(web_session_is(one, id, at_s(1)));
    assert_false(web_session_is(one, id, at_s(HOUR_S)));
    web_session_close(one);
    assert_null(find(s, 7, 1));
    assert_false(web_session_is(one, id, at_s(1)));
    open_one(s, 3, 8, 0);  // in the same place
    assert_false(web_session_is(one, id, at_s(1)));
    free(s);
}

static void ends(void **state)
{
    (void)state;
    struct web_sessions *s = calloc(1, sizeof *s);
    struct web_session *one = open_one(s, 3, 7, 0);
    assert_non_null(find(s, 7, HOUR_S - 1));
    assert_null(find(s, 7, HOUR_S));  // unused
    for (int64_t now_s = 0; now_s < 12 * HOUR_S; now_s += HOUR_S / 2) {
        assert_non_null(find(s, 7, now_s));
        one->used_at = at_s(now_s);
    }
    assert_null(find(s, 7, 12 * HOUR_S));  // however much it is used
    free(s);
}

static void acts_for_a_while_only(void **state)
{
    (void)state;
    struct web_sessions *s = calloc(1, sizeof *s);
    struct web_session *one = open_one(s, 3, 7, 0);
    assert_int_equal(web_session_rights(one, RIGHTS_ALL, at_s(899)), RIGHTS_ALL);
    assert_int_equal(web_session_rights(one, RIGHTS_ALL, at_s(900)), RIGHT_READ | RIGHT_ACK);
    assert_int_equal(web_session_rights(one, RIGHT_ACT, at_s(900)), 0);
    one->acted_at = at_s(800);
    assert_int_equal(web_session_rights(one, RIGHT_ACT, at_s(900)), RIGHT_ACT);
    free(s);
}

static void knows_what_its_pages_know(void **state)
{
    (void)state;
    struct web_sessions *s = calloc(1, sizeof *s);
    struct web_session *one = open_one(s, 3, 7, 0), *other = open_one(s, 3, 8, 0);
    char text[WEB_SECRET_TEXT_MAX];
    web_hex_write(one->csrf, sizeof one->csrf, text);
    assert_true(web_session_csrf_is(one, text));
    assert_false(web_session_csrf_is(other, text));
    assert_false(web_session_csrf_is(one, NULL));
    assert_false(web_session_csrf_is(one, ""));
    web_hex_write(one->id, sizeof one->id, text);
    assert_false(web_session_csrf_is(one, text));
    free(s);
}

static void has_room_for_everybody(void **state)
{
    (void)state;
    struct web_sessions *s = calloc(1, sizeof *s);
    for (uint8_t i = 1; i <= WEB_SESSIONS_OF_USER_MAX; i++)
        open_one(s, 3, i, i);
    open_one(s, 4, 100, 0);
    find(s, 1, 20)->used_at = at_s(20);
    open_one(s, 3, 50, 21);  // one too many: the second was longest unused
    assert_non_null(find(s, 1, 22));
    assert_null(find(s, 2, 22));
    assert_non_null(find(s, 3, 22));
    assert_non_null(find(s, 50, 22));
    assert_non_null(find(s, 100, 22));  // somebody else's, older than all
    for (uint32_t i = 0; i < WEB_SESSIONS_MAX; i++)
        open_one(s, 10 + i, (uint8_t)(i + 101), 23);
    uint32_t open = 0;
    for (uint32_t i = 0; i < WEB_SESSIONS_MAX; i++)
        open += s->items[i].open;
    assert_int_equal(open, WEB_SESSIONS_MAX);
    assert_null(find(s, 3, 24));
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_found_by_its_id_only), cmocka_unit_test(ends),
        cmocka_unit_test(acts_for_a_while_only),   cmocka_unit_test(knows_what_its_pages_know),
        cmocka_unit_test(has_room_for_everybody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
