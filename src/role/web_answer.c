// SPDX-License-Identifier: ISC
#include "role/web_answer.h"

#include "role/web_ack.h"

#include <microhttpd.h>
#include <string.h>

static const char type_json[] = "application/json";

struct web_answer web_plain(unsigned status, const char *text)
{
    return (struct web_answer){
        .status = status, .type = "text/plain; charset=utf-8", .bytes = text, .size = strlen(text)};
}

struct web_answer web_json(unsigned status, json_t *value)
{
    static const char none[] = "{\"error\":\"out of memory\"}";
    char *text = value ? json_dumps(value, JSON_COMPACT) : NULL;
    json_decref(value);
    if (!text)
        return (struct web_answer){.status = MHD_HTTP_INTERNAL_SERVER_ERROR,
                                   .type = type_json,
                                   .bytes = none,
                                   .size = sizeof none - 1};
    return (struct web_answer){
        .status = status, .type = type_json, .bytes = text, .size = strlen(text), .own = text};
}

struct web_answer web_error(unsigned status, const char *what)
{
    return web_json(status, json_pack("{s:s}", "error", what));
}

struct web_answer web_asked_answer(const struct web_asked *asked)
{
    if (asked->by_link)
        return web_ack_said(asked);
    struct web_body body = web_asked_body(asked);
    if (!body.text)
        return web_json(0, NULL);
    return (struct web_answer){.status = body.status,
                               .type = type_json,
                               .bytes = body.text,
                               .size = body.size,
                               .retry_after_s = body.again ? 1 : 0,
                               .own = body.text};
}
