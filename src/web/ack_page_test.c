// SPDX-License-Identifier: ISC
#include "web/ack_page.h"

#include "base/check.h"

#include <nettle/base64.h>
#include <nettle/sha2.h>
#include <string.h>

static const struct {
    enum web_ack_state state;
    const char *title, *words;
    const char *holds, *lacks;
} rows[] = {
    {WEB_ACK_ASKS, "loss on transit-a", "",
     "<h1>Fairlead: outage 3 of fra1</h1><p>loss on transit-a</p><form method=\"post\"><button>I "
     "have it in hand",
     "You have it"},
    {WEB_ACK_ASKS, "", "", "Says so as anna", "<p></p>"},
    {WEB_ACK_TAKEN, "loss", "", "You have it.", "<form"},
    {WEB_ACK_REFUSED, "", "no outage 3 is open", "<p>no outage 3 is open</p>", "<form"},
    {WEB_ACK_OVER, "", "", "no longer open", "<form"},
    {WEB_ACK_OTHER_RUN, "", "", "started anew", "<form"},
    {WEB_ACK_OLD, "", "", "too old", "<form"},
    {WEB_ACK_FORGED, "", "", "<h1>Fairlead</h1><p>This is no link of ours", "outage 3"},
    {WEB_ACK_SILENT, "", "", "try again", "<form"},
    {WEB_ACK_ASKS, "</p><script>alert(1)</script>", "", "&lt;/p&gt;&lt;script&gt;alert(1)",
     "<script"},
    {WEB_ACK_REFUSED, "", "\"'&\n\x1b[2J", "<p>&quot;&#39;&amp;  [2J</p>", "\x1b"},
};

static void says_what_became_of_it(void **state)
{
    (void)state;
    char html[WEB_ACK_HTML_MAX];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct web_ack ack = {rows[i].state,
                                    rows[i].state == WEB_ACK_FORGED ? "" : "outage 3 of fra1",
                                    "anna", rows[i].title, rows[i].words};
        size_t size = web_ack_write(&ack, html);
        assert_int_equal(size, strlen(html));
        CHECK_ROW(rows[i].holds, strstr(html, rows[i].holds) && !strstr(html, rows[i].lacks));
        CHECK_ROW(rows[i].holds,
                  (web_ack_status(rows[i].state) == 200) ==
                      (rows[i].state == WEB_ACK_ASKS || rows[i].state == WEB_ACK_TAKEN));
    }
}

static void has_room_for_the_longest(void **state)
{
    (void)state;
    char html[WEB_ACK_HTML_MAX], text[2000];
    memset(text, '"', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    const struct web_ack ack = {WEB_ACK_ASKS, text, text, text, text};
    size_t size = web_ack_write(&ack, html);
    assert_string_equal(html + size - 15, "</main></html>\n");
}

static void allows_its_own_style_only(void **state)
{
    (void)state;
    struct sha256_ctx context;
    uint8_t sum[SHA256_DIGEST_SIZE];
    char text[BASE64_ENCODE_RAW_LENGTH(SHA256_DIGEST_SIZE) + 1] = "";
    sha256_init(&context);
    sha256_update(&context, strlen(web_ack_style), (const uint8_t *)web_ack_style);
    sha256_digest(&context, sizeof sum, sum);
    base64_encode_raw(text, sizeof sum, sum);
    const char *hash = strstr(web_ack_policy, "'sha256-");
    assert_true(hash && strncmp(hash + 8, text, strlen(text)) == 0);
    assert_null(strstr(web_ack_policy, "unsafe"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_became_of_it),
        cmocka_unit_test(has_room_for_the_longest),
        cmocka_unit_test(allows_its_own_style_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
