// SPDX-License-Identifier: ISC
// What the web server answers to one request.
#pragma once

#include "role/web_questions.h"
#include "web/person.h"

#include <jansson.h>

enum { WEB_COOKIE_MAX = 256 };

struct web_answer {
    unsigned status;  // of HTTP
    const char *type;
    const void *bytes;  // copied, unless they are `own`
    size_t size;
    const char *policy;           // Content-Security-Policy; NULL: nothing may be loaded or run
    const char *encoding;         // Content-Encoding; NULL: none
    const char *allow;            // with 405
    char cookie[WEB_COOKIE_MAX];  // Set-Cookie; "": none
    unsigned retry_after_s;       // Retry-After; 0: none
    char *own;                    // `bytes`, when they are this answer's alone, to be freed
    bool listens;                 // to the event stream: likewise
    struct web_pass pass;         // as long as it holds
    struct web_asked *later;      // somebody else answers; all other fields are nothing yet
};

struct web_answer web_plain(unsigned status, const char *text);  // `text` is lent
// {"error":"what: why"}
struct web_answer web_error(unsigned status, const char *what);
// To a question that is answered.
struct web_answer web_asked_answer(const struct web_asked *asked);
// Takes the value over; NULL: memory is out, which it then says.
struct web_answer web_json(unsigned status, json_t *value);
