// SPDX-License-Identifier: ISC
#include "web/place.h"

#include "net/rights.h"
#include "web/link.h"

#include <string.h>

// clang-format off
#define TEXT(name) {name, NULL, WEB_TEXT, NULL}
#define NUMBER(name) {name, NULL, WEB_NUMBER, NULL}
#define REASON {"reason", NULL, WEB_TEXT, ""}
#define SINCE {"from", "from_s", WEB_TIME, "0"}
#define UNTIL {"until", "until_s", WEB_TIME, "4102444800"}  // 2100: to the end
#define STEP {"step", "step_s", WEB_NUMBER, "0"}
#define ACT(verb, right, ...)                                                                      \
    {WEB_POST, "/api/v1/acts/" verb, right, WEB_ACT, verb, {__VA_ARGS__}}

// Which right an act takes is judged by the engine's process too (role/acts.c); here it spares the
// question.
const struct web_place web_places[] = {
    {WEB_GET, "/api/v1/status",    RIGHT_READ, WEB_STATUS, NULL, {{0}}},
    {WEB_GET, "/api/v1/stream",    RIGHT_READ, WEB_STREAM, NULL, {{0}}},
    {WEB_GET, "/api/v1/paths",     RIGHT_READ, WEB_PATHS, NULL, {{0}}},
    {WEB_GET, "/api/v1/people",    RIGHT_READ, WEB_PEOPLE, NULL, {{0}}},
    {WEB_GET, "/api/v1/upstreams", RIGHT_READ, WEB_LINES, "upstreams", {{0}}},
    {WEB_GET, "/api/v1/incidents", RIGHT_READ, WEB_LINES, "incidents", {{0}}},
    {WEB_GET, "/api/v1/incidents/{id}", RIGHT_READ, WEB_LINE, "incidents", {{0}}},
    {WEB_GET, "/api/v1/plans",     RIGHT_READ, WEB_LINES, "plans", {{0}}},
    {WEB_GET, "/api/v1/notices",   RIGHT_READ, WEB_LINES, "notices", {{0}}},
    {WEB_GET, "/api/v1/bmp",       RIGHT_READ, WEB_LINES, "bmp", {{0}}},
    {WEB_GET, "/api/v1/routes",    RIGHT_READ, WEB_LINES, "routes",
     {{"prefix", "of", WEB_TEXT, NULL}}},
    {WEB_GET, "/api/v1/whatif",    RIGHT_READ, WEB_LINES, "whatif",
     {TEXT("object"), {"each", NULL, WEB_BOOL, "false"}}},
    {WEB_GET, "/api/v1/fib",       RIGHT_READ, WEB_LINES, "fib",
     {{"router", NULL, WEB_TEXT, ""}}},
    {WEB_GET, "/api/v1/history",   RIGHT_READ, WEB_LINES, "history",
     {{"what", NULL, WEB_TEXT, "outages"}, {"of", NULL, WEB_TEXT, ""}, SINCE, UNTIL, STEP}},
    {WEB_GET, "/api/v1/history/{path}", RIGHT_READ, WEB_LINES, "history",
     {{"what", NULL, WEB_FIXED, "rates"}, {"path", "of", WEB_REST, NULL}, SINCE, UNTIL, STEP}},
    {WEB_GET, "/api/v1/session",   0,          WEB_SESSION, NULL, {{0}}},
    {WEB_POST, "/api/v1/login",    0,          WEB_LOGIN, NULL, {{0}}},
    {WEB_POST, "/api/v1/logout",   0,          WEB_LOGOUT, NULL, {{0}}},
    {WEB_GET, WEB_LINK_PATH,       0,          WEB_LINK_ASK, NULL, {{0}}},
    {WEB_POST, WEB_LINK_PATH,      0,          WEB_LINK_DO, NULL, {{0}}},
    {WEB_GET, "/api/v1/openapi.json", 0,       WEB_OPENAPI, NULL, {{0}}},
    {WEB_GET, "/metrics",          RIGHT_READ, WEB_METRICS, NULL, {{0}}},
    {WEB_GET, "/healthz",          0,          WEB_HEALTH, NULL, {{0}}},
    {WEB_GET, "/readyz",           0,          WEB_READINESS, NULL, {{0}}},
    ACT("ack",          RIGHT_ACK,   NUMBER("number"), REASON),
    ACT("approve",      RIGHT_ACT,   NUMBER("number"), REASON),
    ACT("drain",        RIGHT_ACT,   TEXT("object"), {"for_s", NULL, WEB_NUMBER, "0"}, REASON),
    ACT("undrain",      RIGHT_ACT,   TEXT("object"), REASON),
    ACT("freeze",       RIGHT_ACT,   REASON),
    ACT("thaw",         RIGHT_ACT,   REASON),
    ACT("withdraw_all", RIGHT_ACT,   REASON),
    ACT("lift",         RIGHT_ADMIN, TEXT("rule"), TEXT("object"), NUMBER("for_s"), TEXT("reason")),
    ACT("unlift",       RIGHT_ACT,   NUMBER("number"), REASON),
    ACT("stop",         RIGHT_ADMIN, REASON),
};
// clang-format on
const size_t web_place_count = sizeof web_places / sizeof web_places[0];

// The size of what stands before "{id}"; 0: the path has none.
static size_t fixed_part(const char *path)
{
    const char *brace = strchr(path, '{');
    return brace ? (size_t)(brace - path) : 0;
}

static bool is_of(const struct web_place *place, const char *path)
{
    size_t fixed = fixed_part(place->path);
    if (fixed == 0)
        return strcmp(path, place->path) == 0;
    const char *rest = path + fixed;
    return strncmp(path, place->path, fixed) == 0 && rest[0] && !strchr(rest, '/') &&
           strlen(rest) < WEB_REST_MAX;
}

const struct web_place *web_place_find(const struct web_request *request, const char **allowed)
{
    *allowed = NULL;
    for (size_t i = 0; i < web_place_count; i++) {
        if (!is_of(&web_places[i], request->path))
            continue;
        if (request->method == web_places[i].method) {
            *allowed = NULL;
            return &web_places[i];
        }
        *allowed = *allowed                          ? "GET, HEAD, POST"
                   : web_places[i].method == WEB_GET ? "GET, HEAD"
                                                     : "POST";
    }
    return NULL;
}

const char *web_place_rest(const struct web_place *place, const struct web_request *request)
{
    size_t fixed = fixed_part(place->path);
    return fixed > 0 ? request->path + fixed : "";
}

const char *web_request_argument(const struct web_request *request, const char *name)
{
    for (uint32_t i = 0; i < request->query_count; i++)
        if (strcmp(request->query[i].name, name) == 0)
            return request->query[i].value;
    return NULL;
}
