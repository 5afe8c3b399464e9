// SPDX-License-Identifier: ISC
#include "web/visitor.h"

#include "base/check.h"

#include <stdlib.h>

static struct mono at_s(int64_t s)
{
    return (struct mono){s * NS_PER_S};
}

static void ends_who_takes_too_long(void **state)
{
    (void)state;
    struct web_visitors *v = calloc(1, sizeof *v);
    struct web_visitor *silent = web_visitor_come(v, 5, at_s(100));
    struct web_visitor *dribbles = web_visitor_come(v, 6, at_s(100));
    struct web_visitor *waits = web_visitor_come(v, 7, at_s(100));
    struct web_visitor *rests = web_visitor_come(v, 8, at_s(100));
    web_visitor_turn(dribbles, WEB_VISITOR_BODY, at_s(105));
    web_visitor_turn(waits, WEB_VISITOR_HEARD, at_s(105));  // for an answer of ours, or a stream
    web_visitor_turn(rests, WEB_VISITOR_HEARD, at_s(105));
    assert_int_equal(web_visitors_late(v, at_s(110)), -1);
    assert_int_equal(web_visitors_late(v, at_s(111)), 5);
    assert_int_equal(web_visitors_late(v, at_s(111)), -1);
    web_visitor_turn(rests, WEB_VISITOR_HEAD, at_s(112));  // the next request may come
    assert_int_equal(web_visitors_late(v, at_s(116)), 6);
    assert_int_equal(web_visitors_late(v, at_s(122)), -1);
    assert_int_equal(web_visitors_late(v, at_s(123)), 8);
    assert_int_equal(web_visitors_late(v, at_s(100000)), -1);
    web_visitor_turn(silent, WEB_VISITOR_NONE, at_s(124));
    assert_ptr_equal(web_visitor_come(v, 9, at_s(124)), silent);
    free(v);
}

static void has_room_for_as_many(void **state)
{
    (void)state;
    struct web_visitors *v = calloc(1, sizeof *v);
    for (int i = 0; i < WEB_VISITORS_MAX; i++)
        assert_non_null(web_visitor_come(v, i, at_s(1)));
    assert_null(web_visitor_come(v, 1, at_s(1)));
    for (int i = 0; i < WEB_VISITORS_MAX; i++)
        assert_int_equal(web_visitors_late(v, at_s(12)), i);
    assert_int_equal(web_visitors_late(v, at_s(12)), -1);
    free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_who_takes_too_long),
        cmocka_unit_test(has_room_for_as_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
