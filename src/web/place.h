// SPDX-License-Identifier: ISC
// The places of the web server, as one table: what can be asked where, by whom, and with which
// arguments. Files of the dashboard are no places: see role/web_files.h.
#pragma once

#include "web/request.h"

// What answers.
enum web_answerer {
    WEB_STATUS,
    WEB_PATHS,
    WEB_PEOPLE,
    WEB_METRICS,
    WEB_HEALTH,
    WEB_READINESS,
    WEB_SESSION,
    WEB_LOGIN,
    WEB_LOGOUT,
    WEB_STREAM,
    WEB_LINK_ASK,
    WEB_LINK_DO,
    WEB_OPENAPI,
    // A question of the command line's (engine/ask.h). WEB_LINES: answered by all its lines;
    // WEB_LINE: by the one that is meant; WEB_ACT: by the last one.
    WEB_LINES,
    WEB_LINE,
    WEB_ACT,
    WEB_ANSWERERS
};

enum web_argument_type {
    WEB_TEXT,
    WEB_NUMBER,
    WEB_BOOL,
    WEB_TIME,   // "2026-03-03T09:14:22Z", or seconds from 1970 on
    WEB_REST,   // what stands for "{id}" in the path
    WEB_FIXED,  // the fallback, whatever is given
};

enum { WEB_ARGUMENTS_MAX = 6, WEB_REST_MAX = 128 };

struct web_argument {
    const char *name;   // in the address, or in the body's object; NULL: after the last one
    const char *field;  // of the question; NULL: as `name`
    enum web_argument_type type;
    const char *fallback;  // NULL: it must be given
};

struct web_place {
    enum web_method method;
    const char *path;  // "/x/{id}": what is behind the last slash is the argument `id`
    unsigned right;    // RIGHT_*, which one must have; 0: anybody may ask
    enum web_answerer answerer;
    const char *ask;  // the question's name, of those that are one
    struct web_argument arguments[WEB_ARGUMENTS_MAX];
};

extern const struct web_place web_places[];
extern const size_t web_place_count;

// The place that a request means; NULL: none. `allowed` then says which methods it may be asked by,
// or is NULL: there is no such place at all.
const struct web_place *web_place_find(const struct web_request *request, const char **allowed);
// What stands for "{id}" in a request for this place; "" where its path has none.
const char *web_place_rest(const struct web_place *place, const struct web_request *request);
