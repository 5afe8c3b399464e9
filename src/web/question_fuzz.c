// SPDX-License-Identifier: ISC
// "GET /path?name=value&name=value", or "POST /path" and a body behind a newline: whatever comes,
// no crash, and what becomes a question is one.
#include "web/lines.h"
#include "web/question.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void read_query(char *text, struct web_request *request)
{
    char *rest = text;
    for (char *pair; request->query_count < WEB_QUERY_MAX && (pair = strsep(&rest, "&"));) {
        char *value = strchr(pair, '=');
        if (value)
            *value++ = '\0';
        request->query[request->query_count++] = (struct web_pair){pair, value ? value : ""};
    }
}

static void check(const struct web_place *place, const struct web_request *request)
{
    struct web_question question;
    struct ask ask;
    char why[WEB_WHY_MAX] = "", found[MESSAGE_WHY_MAX];
    if (!web_question_make(place, request, &question, why)) {
        assert(why[0] != '\0');
        return;
    }
    assert(question.size > 1 && question.size <= ASK_LINE_MAX);
    assert(memchr(question.line, '\n', question.size) == question.line + question.size - 1);
    assert(ask_read(question.line, question.size - 1, &ask, found));
    assert(ask.version == ASK_VERSION);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = malloc(size + 1);
    memcpy(text, bytes, size);
    text[size] = '\0';
    struct web_request request = {.method = strncmp(text, "POST ", 5) == 0 ? WEB_POST : WEB_GET};
    char *path = strchr(text, ' '), *body = strchr(text, '\n');
    if (body) {
        *body++ = '\0';
        request.body = body;
        request.body_size = size - (size_t)(body - text);
    }
    request.path = path && (!body || path < body) ? path + 1 : "";
    char *query = path ? strchr(path, '?') : NULL;
    if (query) {
        *query = '\0';
        read_query(query + 1, &request);
    }
    const char *allowed;
    const struct web_place *place = web_place_find(&request, &allowed);
    if (place && place->ask)
        check(place, &request);
    for (enum web_answerer answerer = WEB_LINES; answerer < WEB_ANSWERERS; answerer++)
        free(web_lines_body(answerer, "1", (const char *)bytes, size).text);
    free(text);
    return 0;
}
