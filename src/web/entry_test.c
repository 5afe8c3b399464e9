// SPDX-License-Identifier: ISC
#include "web/entry.h"

#include "base/check.h"

#include <string.h>

static const struct {
    const char *text;
    struct web_entry entry;
} rows[] = {
    {"{\"entry\":\"login\",\"name\":\"anna\",\"from\":\"192.0.2.1\"}",
     {WEB_ENTRY_LOGIN, "anna", "192.0.2.1"}},
    {"{\"entry\":\"login_refused\",\"name\":\"\",\"from\":\"2001:db8::1\"}",
     {WEB_ENTRY_REFUSED, "", "2001:db8::1"}},
    {"{\"entry\":\"logout\",\"name\":\"Jürgen\",\"from\":\"\"}", {WEB_ENTRY_LOGOUT, "Jürgen", ""}},
};

static void writes_and_reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[WEB_ENTRY_BYTES_MAX];
        struct web_entry entry;
        size_t size = web_entry_write(&rows[i].entry, text, sizeof text);
        CHECK_ROW(rows[i].text, size == strlen(rows[i].text));
        assert_memory_equal(text, rows[i].text, size);
        CHECK_ROW(rows[i].text, web_entry_read(text, size, &entry));
        assert_int_equal(entry.kind, rows[i].entry.kind);
        assert_string_equal(entry.name, rows[i].entry.name);
        assert_string_equal(entry.from, rows[i].entry.from);
        assert_int_equal(web_entry_write(&rows[i].entry, text, size), 0);  // no room for it
        for (size_t cut = 0; cut < size; cut++)
            CHECK_ROW(rows[i].text, !web_entry_read(text, cut, &entry));
    }
}

static const char *const no_entries[] = {
    "null",
    "{\"entry\":\"login\",\"name\":\"a\"}",
    "{\"entry\":\"act\",\"name\":\"a\",\"from\":\"\"}",
    "{\"entry\":0,\"name\":\"a\",\"from\":\"\"}",
    "{\"entry\":\"login\",\"name\":\"a\",\"from\":\"\",\"more\":1}",
    "{\"entry\":\"login\",\"name\":\"a\",\"name\":\"b\",\"from\":\"\"}",
    "{\"entry\":\"login\",\"name\":\"a\\u001b[2J\",\"from\":\"\"}",
    "{\"entry\":\"login\",\"name\":\"01234567890123456789012345678901\\u0061\",\"from\":\"\"}",
    "{\"entry\":\"login\",\"name\":\"a\",\"from\":\"192.0.2.1 and more\"}",
    "{\"entry\":\"login\",\"name\":\"a\",\"from\":\"here\"}",
};

static void refuses_what_is_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof no_entries / sizeof no_entries[0]; i++) {
        struct web_entry entry = {.kind = WEB_ENTRY_LOGOUT};
        CHECK_ROW(no_entries[i], !web_entry_read(no_entries[i], strlen(no_entries[i]), &entry));
        assert_int_equal(entry.kind, WEB_ENTRY_LOGOUT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_reads),
        cmocka_unit_test(refuses_what_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
