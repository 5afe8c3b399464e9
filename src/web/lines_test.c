// SPDX-License-Identifier: ISC
#include "web/lines.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    enum web_answerer answerer;
    const char *rest, *lines;
    unsigned status;
    const char *body;
} rows[] = {
    {"no line", WEB_LINES, "", "{\"done\":true}\n", 200, "{\"lines\":[],\"done\":{\"done\":true}}"},
    {"two", WEB_LINES, "", "{\"a\":1}\n{\"b\":\"\\n\"}\n{\"done\":true,\"n\":2}\n", 200,
     "{\"lines\":[{\"a\":1},{\"b\":\"\\n\"}],\"done\":{\"done\":true,\"n\":2}}"},
    {"an error", WEB_LINES, "", "{\"a\":1}\n{\"error\":\"what: why\"}\n", 400,
     "{\"error\":\"what: why\"}"},
    {"one that may not", WEB_ACT, "", "{\"error\":\"no\",\"exit\":1}\n", 403, "{\"error\":\"no\"}"},
    {"nobody there", WEB_ACT, "", "{\"error\":\"gone\",\"exit\":3}\n", 503, "{\"error\":\"gone\"}"},
    {"too many", WEB_LINES, "", "{\"error\":\"too many: ask again\"}\n", 503,
     "{\"error\":\"too many: ask again\"}"},
    {"broken off", WEB_LINES, "", "{\"a\":1}\n{\"b\":", 503,
     "{\"error\":\"the answer broke off: ask again\"}"},
    {"between lines", WEB_LINES, "", "{\"a\":1}\n", 503,
     "{\"error\":\"the answer broke off: ask again\"}"},
    {"nothing", WEB_LINES, "", "", 503, "{\"error\":\"the answer broke off: ask again\"}"},
    {"an act", WEB_ACT, "", "{\"done\":true,\"accepted\":false,\"text\":\"x\"}\n", 200,
     "{\"done\":true,\"accepted\":false,\"text\":\"x\"}"},
    {"one of them", WEB_LINE, "12",
     "{\"outage\":{\"outage\":1}}\n{\"outage\":{\"outage\":12,\"x\":1}}\n{\"done\":true}\n", 200,
     "{\"outage\":12,\"x\":1}"},
    {"none of them", WEB_LINE, "2", "{\"outage\":{\"outage\":1}}\n{\"done\":true}\n", 404,
     "{\"error\":\"no incident of that number is open\"}"},
    {"no number", WEB_LINE, "1x", "{\"outage\":{\"outage\":1}}\n{\"done\":true}\n", 404,
     "{\"error\":\"no incident of that number is open\"}"},
};

static void makes_bodies(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *lines = malloc(strlen(rows[i].lines) + 1);  // nothing stands behind them
        memcpy(lines, rows[i].lines, strlen(rows[i].lines));
        struct web_body body =
            web_lines_body(rows[i].answerer, rows[i].rest, lines, strlen(rows[i].lines));
        if (body.size != strlen(rows[i].body) || memcmp(body.text, rows[i].body, body.size) != 0)
            fail_msg("row '%s': %.*s", rows[i].name, (int)body.size, body.text);
        CHECK_ROW(rows[i].name, body.status == rows[i].status);
        CHECK_ROW(rows[i].name, body.again == (strstr(rows[i].body, "again") != NULL));
        free(body.text);
        free(lines);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(makes_bodies)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
