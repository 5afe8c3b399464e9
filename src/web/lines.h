// SPDX-License-Identifier: ISC
// The lines that a question is answered by (engine/ask.h) as one body.
#pragma once

#include "web/place.h"

#include <stddef.h>

struct web_body {
    unsigned status;  // of HTTP
    bool again;       // it could be answered a little later
    char *text;       // JSON; to be freed; NULL: memory is out
    size_t size;
};

// WEB_LINES: {"lines":[...],"done":{...}}. WEB_LINE: the object of the line that has the number
// `rest`, or that there is none. WEB_ACT: the last line. An error is an error in each of them.
struct web_body web_lines_body(enum web_answerer answerer, const char *rest, const char *lines,
                               size_t size);
