// SPDX-License-Identifier: ISC
#include "role/certificate.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

static void goes_over_the_channel(void **state)
{
    (void)state;
    char chain[] = "-----BEGIN CERTIFICATE-----\n", key[] = "-----BEGIN PRIVATE KEY-----\n";
    char authorities[] = "another\n";
    for (int with = 0; with < 2; with++) {
        const struct certificate certificate = {chain, key, with ? authorities : NULL};
        struct certificate taken;
        size_t size;
        char *text = certificate_write(&certificate, &size);
        assert_non_null(text);
        assert_int_equal(text[0], CERTIFICATE_MARK);
        assert_true(certificate_take(text, size, &taken));
        assert_string_equal(taken.chain, chain);
        assert_string_equal(taken.key, key);
        assert_true(with ? strcmp(taken.authorities, authorities) == 0 : !taken.authorities);
        certificate_free(&taken);
        assert_null(taken.key);
        for (size_t cut = 0; cut < size; cut++)
            assert_false(certificate_take(text, cut, &taken));
        certificate_wipe(text, size);
    }
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
        {"an effect", "7 {}\0{}\0\0", 9},
        {"no key", "tCERTIFICATE", 13},
        {"a key without its end", "tCERTIFICATE\0KEY", 16},
        {"no authorities", "tCERTIFICATE\0KEY", 17},
        {"something behind", "tCERTIFICATE\0KEY\0\0x", 19},
    };
    struct certificate certificate;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CHECK_ROW(rows[i].name, !certificate_take(rows[i].text, rows[i].size, &certificate));
    enum { LONG = CERTIFICATE_PEM_MAX };  // with the zero
    char *text = malloc(LONG + 5);
    assert_non_null(text);
    memset(text, CERTIFICATE_MARK, LONG + 1);
    memcpy(text + LONG, "\0k\0", 4);
    assert_true(certificate_take(text, LONG + 4, &certificate));
    certificate_free(&certificate);
    memcpy(text + LONG, "t\0k\0", 5);
    assert_false(certificate_take(text, LONG + 5, &certificate));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(goes_over_the_channel),
                                       cmocka_unit_test(takes_nothing_else)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
