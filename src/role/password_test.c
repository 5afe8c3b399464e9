// SPDX-License-Identifier: ISC
#include "role/password.h"

#include "base/check.h"

#include <string.h>

static void knows_its_own_hash(void **state)
{
    (void)state;
    char hash[PASSWORD_HASH_MAX], other[PASSWORD_HASH_MAX];
    assert_true(password_hash("correct horse battery", hash));
    assert_true(password_hash("correct horse battery", other));
    assert_true(strncmp(hash, "$7$BU..../....", 14) == 0);
    assert_string_not_equal(hash, other);  // each has a salt of its own
    assert_true(password_is("correct horse battery", hash));
    assert_true(password_is("correct horse battery", other));
    assert_false(password_is("correct horse batterx", hash));
    assert_false(password_is("", hash));
    hash[strlen(hash) - 1] ^= 1;
    assert_false(password_is("correct horse battery", hash));
    assert_false(password_is("correct horse battery", "x"));
    assert_false(password_is("correct horse battery", "*0"));
    assert_false(password_is("password", NULL));  // nor of whoever has no hash
}

static void makes_tokens(void **state)
{
    (void)state;
    char token[TOKEN_TEXT_MAX], other[TOKEN_TEXT_MAX], digest[TOKEN_DIGEST_MAX];
    assert_true(token_make(other, digest) && token_make(token, digest));
    assert_int_equal(strlen(token), 3 + 43);
    assert_int_equal(strlen(digest), 64);
    assert_string_not_equal(token, other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_its_own_hash),
        cmocka_unit_test(makes_tokens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
