// SPDX-License-Identifier: ISC
#include "web/caller.h"

#include "base/check.h"

#include <string.h>

static const struct {
    const char *text;
    struct web_caller caller;
} rows[] = {
    {"{\"name\":\"\",\"rights\":[],\"request_id\":\"\"}", {"", 0, ""}},
    {"{\"name\":\"anna\",\"rights\":[\"read\",\"ack\"],\"request_id\":\"7f-A_\"}",
     {"anna", RIGHT_READ | RIGHT_ACK, "7f-A_"}},
    {"{\"name\":\"Jürgen\",\"rights\":[\"read\",\"ack\",\"act\",\"admin\"],\"request_id\":\"\"}",
     {"Jürgen", RIGHTS_ALL, ""}},
};

static void writes_and_reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[WEB_CALLER_BYTES_MAX];
        struct web_caller caller;
        size_t size = web_caller_write(&rows[i].caller, text, sizeof text);
        CHECK_ROW(rows[i].text, size == strlen(rows[i].text));
        assert_memory_equal(text, rows[i].text, size);
        CHECK_ROW(rows[i].text, web_caller_read(text, size, &caller));
        assert_string_equal(caller.name, rows[i].caller.name);
        assert_string_equal(caller.request_id, rows[i].caller.request_id);
        assert_int_equal(caller.rights, rows[i].caller.rights);
        CHECK_ROW(rows[i].text, web_caller_write(&caller, text, size) == 0);
        for (size_t cut = 0; cut < size; cut++)
            CHECK_ROW(rows[i].text, !web_caller_read(text, cut, &caller));
    }
}

static const char *const no_callers[] = {
    "null",
    "[]",
    "{\"name\":\"a\",\"rights\":[]}",
    "{\"name\":\"a\",\"rights\":[],\"request_id\":\"\",\"more\":1}",
    "{\"name\":\"a\",\"name\":\"b\",\"rights\":[],\"request_id\":\"\"}",
    "{\"name\":7,\"rights\":[],\"request_id\":\"\"}",
    "{\"name\":\"a\\u001b[2J\",\"rights\":[],\"request_id\":\"\"}",
    "{\"name\":\"01234567890123456789012345678901\\u0061\",\"rights\":[],\"request_id\":\"\"}",
    "{\"name\":\"a\",\"rights\":[\"root\"],\"request_id\":\"\"}",
    "{\"name\":\"a\",\"rights\":[1],\"request_id\":\"\"}",
    "{\"name\":\"a\",\"rights\":{},\"request_id\":\"\"}",
    "{\"name\":\"a\",\"rights\":[],\"request_id\":\"a b\"}",
    ("{\"name\":\"a\",\"rights\":[],\"request_id\":"
     "\"0123456789012345678901234567890123456789012345678901234567890123456789\"}"),
};

static void refuses_what_is_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof no_callers / sizeof no_callers[0]; i++) {
        struct web_caller caller = {.rights = 7};
        CHECK_ROW(no_callers[i], !web_caller_read(no_callers[i], strlen(no_callers[i]), &caller));
        CHECK_ROW(no_callers[i], caller.rights == 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(writes_and_reads),
                                       cmocka_unit_test(refuses_what_is_none)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
