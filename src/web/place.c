// SPDX-License-Identifier: ISC
#include "web/place.h"

#include "net/rights.h"

#include <string.h>

// clang-format off
const struct web_place web_places[] = {
    {WEB_GET, "/api/v1/status",  RIGHT_READ, WEB_STATUS},
    {WEB_GET, "/api/v1/session", 0,          WEB_SESSION},
    {WEB_POST, "/api/v1/login",  0,          WEB_LOGIN},
    {WEB_POST, "/api/v1/logout", 0,          WEB_LOGOUT},
    {WEB_GET, "/metrics",        RIGHT_READ, WEB_METRICS},
    {WEB_GET, "/healthz",        0,          WEB_HEALTH},
    {WEB_GET, "/readyz",         0,          WEB_READINESS},
};
// clang-format on
const size_t web_place_count = sizeof web_places / sizeof web_places[0];

const struct web_place *web_place_find(const struct web_request *request, const char **allowed)
{
    *allowed = NULL;
    for (size_t i = 0; i < web_place_count; i++) {
        if (strcmp(request->path, web_places[i].path) != 0)
            continue;
        if (request->method == web_places[i].method)
            return &web_places[i];
        *allowed = web_places[i].method == WEB_GET ? "GET, HEAD" : "POST";
    }
    return NULL;
}

const char *web_request_argument(const struct web_request *request, const char *name)
{
    for (uint32_t i = 0; i < request->query_count; i++)
        if (strcmp(request->query[i].name, name) == 0)
            return request->query[i].value;
    return NULL;
}
