// SPDX-License-Identifier: ISC
#include "role/web_tls.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

static void goes_over_the_channel(void **state)
{
    (void)state;
    char certificate[] = "-----BEGIN CERTIFICATE-----\n", key[] = "-----BEGIN PRIVATE KEY-----\n";
    const struct web_tls tls = {certificate, key};
    struct web_tls taken;
    size_t size;
    char *text = web_tls_write(&tls, &size);
    assert_non_null(text);
    assert_int_equal(text[0], WEB_TLS_MARK);
    assert_true(web_tls_take(text, size, &taken));
    assert_string_equal(taken.certificate, certificate);
    assert_string_equal(taken.key, key);
    web_tls_free(&taken);
    assert_null(taken.key);
    web_tls_wipe(text, size);
}

static void takes_nothing_else(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        size_t size;
    } rows[] = {
        {"nothing", "", 0},
        {"a mark", "t", 1},
        {"an effect", "7 {}\0{}", 8},
        {"no key", "tCERTIFICATE", 13},
        {"a key without its end", "tCERTIFICATE\0KEY", 16},
        {"a certificate without its end", "tCERTIFICATE", 12},
    };
    struct web_tls tls;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CHECK_ROW(rows[i].name, !web_tls_take(rows[i].text, rows[i].size, &tls));
    enum { LONG = 64 * 1024 };  // with the zero
    char *text = malloc(LONG + 4);
    assert_non_null(text);
    memset(text, WEB_TLS_MARK, LONG + 1);
    memcpy(text + LONG, "\0k", 3);
    assert_true(web_tls_take(text, LONG + 3, &tls));
    web_tls_free(&tls);
    memcpy(text + LONG, "t\0k", 4);
    assert_false(web_tls_take(text, LONG + 4, &tls));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(goes_over_the_channel),
                                       cmocka_unit_test(takes_nothing_else)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
