// SPDX-License-Identifier: ISC
#include "count/json.h"

#include "base/check.h"
#include "count/count_check.h"

static const struct {
    const char *text;
    size_t byte;
    const char *expected;  // NULL: it is an array
} texts[] = {
    {"[]", 0, NULL},
    {"[1, {}]", 0, NULL},
    {"", 0, "JSON"},
    {"[1", 2, "JSON"},
    {"[{\"a\":1,\"a\":2}]", 12, "JSON"},
    {"[1] x", 5, "JSON"},
    {"{}", 1, "an array of at most 1024 objects"},
    {"\xff", 1, "JSON"},
};

static void opens_arrays(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct count_error why = {0};
        json_t *array = count_json_open(texts[i].text, strlen(texts[i].text), &why);
        CHECK_ROW(texts[i].text, (array == NULL) == (texts[i].expected != NULL));
        if (!array && (strcmp(why.expected, texts[i].expected) != 0 || why.byte != texts[i].byte))
            fail_msg("row '%s': got %zu %s", texts[i].text, why.byte, why.expected);
        json_decref(array);
    }
}

static void refuses_too_many_items(void **state)
{
    (void)state;
    static char text[2 * COUNT_ITEMS_MAX + 4] = "[1";
    for (int i = 1; i < COUNT_ITEMS_MAX; i++)
        memcpy(text + 2 * i, ",1", 3);
    struct count_error why;
    memcpy(text + 2 * COUNT_ITEMS_MAX, "]", 2);
    json_t *array = count_json_open(text, strlen(text), &why);
    assert_non_null(array);
    json_decref(array);
    memcpy(text + 2 * COUNT_ITEMS_MAX, ",1]", 4);
    assert_null(count_json_open(text, strlen(text), &why));
}

#define N "\"attempts\":1000,\"failed\":12"

static const struct {
    const char *item;
    const char *expected;  // NULL: taken
    uint32_t upstream;
    enum family family;
} rows[] = {
    {"{\"upstream\":\"transit-a\",\"family\":\"ipv4\"," N "}", NULL, 0, FAMILY_IPV4},
    {"{\"upstream\":\"transit-b\",\"family\":\"ipv6\"," N "}", NULL, 1, FAMILY_IPV6},
    {"{\"prefix\":\"2001:db8::/32\",\"site\":\"fra1\"," N "}", NULL, NET_NOBODY, FAMILY_IPV6},
    {"{\"prefix\":\"192.0.2.0/24\"," N "}", NULL, NET_NOBODY, FAMILY_IPV4},
    {"1", "an object", 0, 0},
    {"{}", "attempts and failed", 0, 0},
    {"{" N "}", "an upstream and a family, or a prefix", 0, 0},
    {"{\"prefix\":\"192.0.2.0/24\",\"attempts\":1}", "attempts and failed", 0, 0},
    {"{\"prefix\":\"192.0.2.0/24\",\"failed\":1}", "attempts and failed", 0, 0},
    {"{\"prefix\":\"192.0.2.0/24\",\"attempts\":1,\"failed\":2}",
     "failed at most as large as attempts", 0, 0},
    {"{\"prefix\":\"192.0.2.0/24\",\"attempts\":-1,\"failed\":2}",
     "a whole number as attempts, at most 1000000000", 0, 0},
    {"{\"prefix\":\"192.0.2.0/24\",\"attempts\":1.0,\"failed\":2}",
     "a whole number as attempts, at most 1000000000", 0, 0},
    {"{\"prefix\":\"192.0.2.0/24\",\"attempts\":1,\"failed\":10000000000}",
     "a whole number as failed, at most 1000000000", 0, 0},
    {"{\"prefix\":5," N "}", "a text as prefix", 0, 0},
    {"{\"prefix\":\"192.0.2.0/24\",\"color\":1," N "}",
     "only upstream, family, prefix, site, attempts and failed", 0, 0},
    {"{\"upstream\":\"transit-b\",\"family\":\"ipv4\"," N "}", "a family that the upstream carries",
     0, 0},
    {"{\"prefix\":\"192.0.2.0/24\",\"site\":\"ams1\"," N "}",
     "the site fra1: others have their own", 0, 0},
};

static void reads_items(void **state)
{
    (void)state;
    struct net net = count_net();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct count count = {.rate_ppm = 77};
        struct count_error why = {0};
        json_t *item = json_loads(rows[i].item, JSON_DECODE_ANY, NULL);
        assert_non_null(item);
        enum count_verdict verdict = count_json_read(&net, item, &count, &why);
        json_decref(item);
        if (rows[i].expected) {
            CHECK_ROW(rows[i].item, verdict == COUNT_MALFORMED && count.rate_ppm == 77);
            if (strcmp(why.expected, rows[i].expected) != 0)
                fail_msg("row '%s': got '%s'", rows[i].item, why.expected);
            continue;
        }
        CHECK_ROW(rows[i].item, verdict == COUNT_TAKEN && count.upstream == rows[i].upstream);
        CHECK_ROW(rows[i].item, count.family == rows[i].family && count.rate_ppm == COUNT_RATE_ALL);
        CHECK_ROW(rows[i].item, count.attempts == 1000 && count.failed == 12);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_arrays),
        cmocka_unit_test(refuses_too_many_items),
        cmocka_unit_test(reads_items),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
