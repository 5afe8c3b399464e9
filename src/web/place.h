// SPDX-License-Identifier: ISC
// The places of the web server, as one table: what can be asked where, and who may. Files of the
// dashboard are no places: see role/web_files.h.
#pragma once

#include "web/request.h"

// What answers.
enum web_answerer {
    WEB_STATUS,
    WEB_METRICS,
    WEB_HEALTH,
    WEB_READINESS,
    WEB_SESSION,
    WEB_LOGIN,
    WEB_LOGOUT,
    WEB_ANSWERERS
};

struct web_place {
    enum web_method method;
    const char *path;
    unsigned right;  // RIGHT_*, which one must have; 0: anybody may ask
    enum web_answerer answerer;
};

extern const struct web_place web_places[];
extern const size_t web_place_count;

// The place that a request means; NULL: none. `allowed` then says which methods it may be asked by,
// or is NULL: there is no such place at all.
const struct web_place *web_place_find(const struct web_request *request, const char **allowed);
