// SPDX-License-Identifier: ISC
// One HTTP request as plain values, lent for as long as it is answered. What it says is a
// stranger's: nothing in it is checked but that texts end.
#pragma once

#include "base/prefix.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WEB_BODY_BYTES_MAX = 64 * 1024,
    WEB_QUERY_MAX = 8,  // arguments; more are none of ours
};

enum web_method { WEB_GET, WEB_POST, WEB_OTHER_METHOD };  // HEAD is GET

struct web_pair {
    const char *name, *value;  // `value` is "" when there is none
};

struct web_request {
    enum web_method method;
    const char *path;  // without the arguments, decoded
    uint32_t query_count;
    struct web_pair query[WEB_QUERY_MAX];
    // Headers; NULL: not there.
    const char *host, *origin, *cookie, *authorization, *csrf;  // csrf: X-Fairlead-Csrf
    const char *last_event_id;
    const char *body;
    size_t body_size;
    struct address from;
};

// The argument of that name; NULL: it has none.
const char *web_request_argument(const struct web_request *request, const char *name);
