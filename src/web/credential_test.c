// SPDX-License-Identifier: ISC
#include "web/credential.h"

#include "base/check.h"

#include <string.h>

static const struct {
    const char *header, *value;  // NULL: none
} cookies[] = {
    {"fl=abc", "abc"},
    {"a=1; fl=abc; b=2", "abc"},
    {"a=1;fl=abc", "abc"},
    {"  fl=abc", "abc"},
    {"fl=", ""},
    {"fl", NULL},
    {"", NULL},
    {";;;", NULL},
    {"xfl=abc", NULL},
    {"flx=abc", NULL},
    {"a=fl=abc", NULL},
    {"fl=abc; fl=abd", NULL},  // a neighbour's name may set one, too: neither counts
    {"fl=abc; fl=", NULL},
    {"fl=12345678", NULL},  // too long
    {"fl=1234567", "1234567"},
    {"fl=a b", "a b"},
};

static void finds_a_cookie(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cookies / sizeof cookies[0]; i++) {
        char value[8];
        bool found = web_cookie_find(cookies[i].header, "fl", value, sizeof value);
        CHECK_ROW(cookies[i].header, found == (cookies[i].value != NULL));
        CHECK_ROW(cookies[i].header, !found || strcmp(value, cookies[i].value) == 0);
    }
}

static void finds_a_bearer(void **state)
{
    (void)state;
    static const struct {
        const char *header, *token;
    } rows[] = {
        {"Bearer abc", "abc"}, {"bearer  abc", "abc"}, {"Basic abc", NULL}, {"", NULL},
        {"Bearer", NULL},      {"Bearer ", ""},        {"Bearerabc", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *token = web_bearer(rows[i].header);
        CHECK_ROW(rows[i].header, (token != NULL) == (rows[i].token != NULL));
        CHECK_ROW(rows[i].header, !token || strcmp(token, rows[i].token) == 0);
    }
}

static void knows_tokens_until_their_time(void **state)
{
    (void)state;
    // SHA-256 of "test" and of "abc" (FIPS 180-4)
    static const struct net_access access = {
        .token_count = 2,
        .tokens = {{.sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                    .until_s = 1000},
                   {.sha256 = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
                    .until_s = 2000}}};
    static const struct {
        const char *token;
        int64_t now_s;
        uint32_t index;
    } rows[] = {
        {"test", 999, 0},
        {"test", 1000, NET_NOBODY},
        {"abc", 1999, 1},
        {"abc", 2000, NET_NOBODY},
        {"", 0, NET_NOBODY},
        {"Test", 0, NET_NOBODY},
        {"test ", 0, NET_NOBODY},
        {"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", 0, NET_NOBODY},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wall now = {rows[i].now_s * NS_PER_S};
        CHECK_ROW(rows[i].token, web_token_find(&access, rows[i].token, now) == rows[i].index);
    }
}

static void knows_its_own_pages(void **state)
{
    (void)state;
    static const struct {
        const char *origin, *host;
        bool is;
    } rows[] = {
        {"https://fairlead.example.net:8470", "fairlead.example.net:8470", true},
        {"http://[::1]:8470", "[::1]:8470", true},
        {"https://Fairlead.example.net", "fairlead.example.net", true},
        {"https://fairlead.example.net", "fairlead.example.net:8470", false},
        {"https://evil.example", "fairlead.example.net", false},
        {"https://fairlead.example.net.evil.example", "fairlead.example.net", false},
        {"null", "fairlead.example.net", false},
        {"", "", false},
        {"file://", "", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CHECK_ROW(rows[i].origin, web_origin_is(rows[i].origin, rows[i].host) == rows[i].is);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_a_cookie),
        cmocka_unit_test(finds_a_bearer),
        cmocka_unit_test(knows_tokens_until_their_time),
        cmocka_unit_test(knows_its_own_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
