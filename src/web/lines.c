// SPDX-License-Identifier: ISC
#include "web/lines.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { OK = 200, BAD_REQUEST = 400, FORBIDDEN = 403, NOT_FOUND = 404, UNAVAILABLE = 503 };

static struct web_body take(unsigned status, json_t *json)
{
    struct web_body body = {.status = status};
    body.text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    body.size = body.text ? strlen(body.text) : 0;
    json_decref(json);
    return body;
}

static struct web_body error(unsigned status, const char *what)
{
    struct web_body body = take(status, json_pack("{s:s}", "error", what));
    body.again = strstr(what, "ask again") != NULL;
    return body;
}

// As an exit status of a verb: 1 not to be, 2 wrongly asked, 3 nobody there to answer.
static struct web_body refusal(const json_t *last)
{
    const char *what = json_string_value(json_object_get(last, "error"));
    json_int_t exit = json_integer_value(json_object_get(last, "exit"));
    bool again = strstr(what, "ask again") != NULL;
    return error(again || exit == 3 ? UNAVAILABLE : exit == 1 ? FORBIDDEN : BAD_REQUEST, what);
}

static const char *last_line(const char *lines, size_t size)
{
    const char *before = size > 1 ? memrchr(lines, '\n', size - 1) : NULL;
    return before ? before + 1 : lines;
}

// Lines are JSON of our own processes: they need not be read to be put in a row.
static struct web_body all(const char *lines, size_t rows_size, const char *last, size_t last_size)
{
    static const char head[] = "{\"lines\":[", middle[] = "],\"done\":";
    struct web_body body = {.status = OK};
    body.text = malloc(sizeof head + rows_size + sizeof middle + last_size + 2);
    if (!body.text)
        return body;
    char *to = mempcpy(body.text, head, sizeof head - 1);
    char *rows = to;
    to = mempcpy(to, lines, rows_size);
    if (rows_size > 0)
        to--;  // the last one's newline
    for (char *c = rows; (c = memchr(c, '\n', (size_t)(to - c))); c++)
        *c = ',';
    to = mempcpy(to, middle, sizeof middle - 1);
    to = mempcpy(to, last, last_size);
    *to++ = '}';
    body.size = (size_t)(to - body.text);
    return body;
}

static struct web_body one(const char *number, const char *lines, size_t rows_size)
{
    char *end;
    long long wanted = strtoll(number, &end, 10);
    const char *line = lines;
    while (*end == '\0' && line < lines + rows_size) {
        const char *next = memchr(line, '\n', (size_t)(lines + rows_size - line));
        json_t *json = json_loadb(line, (size_t)(next - line), 0, NULL);
        json_t *outage = json_object_get(json, "outage");
        if (outage && json_integer_value(json_object_get(outage, "outage")) == wanted) {
            json_incref(outage);
            json_decref(json);
            return take(OK, outage);
        }
        json_decref(json);
        line = next + 1;
    }
    return error(NOT_FOUND, "no incident of that number is open");
}

struct web_body web_lines_body(enum web_answerer answerer, const char *rest, const char *lines,
                               size_t size)
{
    const char *last = last_line(lines, size);
    size_t rows_size = (size_t)(last - lines), last_size = size - rows_size;
    if (last_size > 0 && last[last_size - 1] == '\n')
        last_size--;
    json_t *json = json_loadb(last, last_size, 0, NULL);
    struct web_body body;
    if (json_is_string(json_object_get(json, "error")))
        body = refusal(json);
    else if (!json_is_true(json_object_get(json, "done")))
        body = error(UNAVAILABLE, "the answer broke off: ask again");
    else if (answerer == WEB_LINE)
        body = one(rest, lines, rows_size);
    else if (answerer == WEB_ACT)
        body = take(OK, json_incref(json));
    else
        body = all(lines, rows_size, last, last_size);
    json_decref(json);
    return body;
}
