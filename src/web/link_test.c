// SPDX-License-Identifier: ISC
#include "web/link.h"

#include "base/check.h"

#include <stdio.h>
#include <string.h>

static const struct web_link_key key = {"0123456789abcdef0123456789abcdef", "fra1"};
static const struct web_link anna = {3, 1795675609, "anna", 1795762009};

// "/ack?a=1&b=2" as the server hands it on; cuts `text`.
static struct web_request request_of(char *text)
{
    struct web_request request = {.path = text};
    char *rest = strchr(text, '?');
    for (char *pair = rest ? strtok(rest + 1, "&") : NULL; pair; pair = strtok(NULL, "&")) {
        char *value = strchr(pair, '=');
        if (value)
            *value++ = '\0';
        request.query[request.query_count++] = (struct web_pair){pair, value ? value : ""};
    }
    return request;
}

static enum web_link_fault read_text(const char *text, struct web_link_key by, int64_t now_s,
                                     struct web_link *link)
{
    char copy[2 * WEB_LINK_TEXT_MAX];
    snprintf(copy, sizeof copy, "%s", text);
    struct web_request request = request_of(copy);
    return web_link_read(&request, by, now_s, link);
}

static void is_read_until_its_time(void **state)
{
    (void)state;
    char text[WEB_LINK_TEXT_MAX];
    struct web_link link = {0};
    web_link_write(&anna, key, text);
    // HMAC-SHA-256 of "fairlead-ack-1 fra1 3 1795675609 anna 1795762009", by openssl dgst.
    assert_string_equal(text, "/ack?outage=3&run=1795675609&person=anna&until=1795762009&sign="
                              "27b0663da3b48038aae4a173dad3f027");
    assert_int_equal(read_text(text, key, 1795762008, &link), WEB_LINK_GOOD);
    assert_true(link.outage == 3 && link.run_s == anna.run_s && link.until_s == anna.until_s);
    assert_string_equal(link.person, "anna");
    assert_int_equal(read_text(text, key, 1795762009, &link), WEB_LINK_OLD);
}

static const struct {
    const char *name, *old, *now;
} rows[] = {
    {"another outage", "outage=3", "outage=4"},
    {"another run", "run=1795675609", "run=1795675608"},
    {"another person", "person=anna", "person=ben"},
    {"longer", "until=1795762009", "until=1795762999"},
    {"no outage", "outage=3&", ""},
    {"no person", "person=anna", "person="},
    {"no digits", "outage=3", "outage=x"},
    {"more than digits", "outage=3", "outage=3x"},
    {"a sign", "outage=3", "outage=-3"},
    {"too large", "outage=3", "outage=4294967299"},
    {"far too large", "outage=3", "outage=18446744073709551619"},
    {"a space", "person=anna", "person=an na"},
    {"a name too long", "person=anna", "person=annaannaannaannaannaannaannaanna"},
    {"another signature", "sign=", "sign=0"},
    {"no signature", "sign=", "signed="},
    {"a shorter one", "SIGNED", ""},
    {"two outages", "outage=3", "outage=4&outage=3"},
};

static void is_believed_as_it_was_written_only(void **state)
{
    (void)state;
    char text[WEB_LINK_TEXT_MAX], changed[2 * WEB_LINK_TEXT_MAX];
    struct web_link link;
    web_link_write(&anna, key, text);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *old =
            strcmp(rows[i].old, "SIGNED") == 0 ? strstr(text, "sign=") + 5 + 30 : rows[i].old;
        const char *place = strstr(text, old);
        assert_non_null(place);
        snprintf(changed, sizeof changed, "%.*s%s%s", (int)(place - text), text, rows[i].now,
                 place + strlen(old));
        CHECK_ROW(rows[i].name, read_text(changed, key, 0, &link) == WEB_LINK_FORGED);
    }
    for (size_t size = 0; size < strlen(text); size++) {
        snprintf(changed, sizeof changed, "%.*s", (int)size, text);
        assert_int_equal(read_text(changed, key, 0, &link), WEB_LINK_FORGED);
    }
    assert_int_equal(read_text(text, (struct web_link_key){key.secret, "fra2"}, 0, &link),
                     WEB_LINK_FORGED);
    assert_int_equal(read_text(text,
                               (struct web_link_key){"0123456789abcdef0123456789abcdeg", "fra1"}, 0,
                               &link),
                     WEB_LINK_FORGED);
}

static void has_room_for_all(void **state)
{
    (void)state;
    char text[WEB_LINK_TEXT_MAX];
    struct web_link most = {UINT32_MAX, 999999999999999999, "", 999999999999999999}, link;
    memset(most.person, 'x', NET_NAME_MAX - 1);
    web_link_write(&most, key, text);
    assert_int_equal(read_text(text, key, 0, &link), WEB_LINK_GOOD);
    assert_string_equal(link.person, most.person);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_read_until_its_time),
        cmocka_unit_test(is_believed_as_it_was_written_only),
        cmocka_unit_test(has_room_for_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
