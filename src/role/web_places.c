// SPDX-License-Identifier: ISC
#include "role/web_places.h"

#include "role/web_ack.h"
#include "role/web_files.h"
#include "role/web_login.h"
#include "role/web_metrics.h"
#include "web/host.h"
#include "web/openapi.h"
#include "web/place.h"

#include <microhttpd.h>
#include <stdio.h>
#include <string.h>

enum { SILENT_AFTER_MS = 2000 };  // without a new picture the engine is not well

struct asked_for {
    struct web_http *http;
    const struct web_place *place;
    const struct web_request *request;
    const struct web_person *person;
};

static struct web_answer nothing_heard(void)
{
    return web_error(MHD_HTTP_SERVICE_UNAVAILABLE, "the engine has not said anything yet");
}

static struct web_answer status(const struct asked_for *a)
{
    if (a->http->status_size == 0)
        return nothing_heard();
    return (struct web_answer){.status = MHD_HTTP_OK,
                               .type = "application/json",
                               .bytes = a->http->status,
                               .size = a->http->status_size};
}

static json_t *picture(const struct web_http *http)
{
    return http->status_size > 0 ? json_loadb(http->status, http->status_size, 0, NULL) : NULL;
}

// A part of the picture; NULL: nothing was heard yet. To be given back.
static json_t *part(const struct web_http *http, const char *name)
{
    json_t *status = picture(http);
    json_t *found = json_object_get(json_object_get(status, "engine"), name);
    json_incref(found);
    json_decref(status);
    return found;
}

static struct web_answer paths(const struct asked_for *a)
{
    json_t *paths = part(a->http, "paths");
    return paths ? web_json(MHD_HTTP_OK,
                            json_pack("{s:o, s:{s:b}}", "lines", paths, "done", "done", 1))
                 : nothing_heard();
}

static struct web_answer people(const struct asked_for *a)
{
    json_t *people = part(a->http, "pages");
    return people ? web_json(MHD_HTTP_OK, people) : nothing_heard();
}

static struct web_answer question(const struct asked_for *a)
{
    struct web_question question;
    char why[WEB_WHY_MAX];
    if (!web_question_make(a->place, a->request, &question, why))
        return web_error(MHD_HTTP_BAD_REQUEST, why);
    struct web_caller caller = {.rights = a->person->rights};
    memcpy(caller.name, a->person->name, sizeof caller.name);
    memcpy(caller.request_id, question.request_id, sizeof caller.request_id);
    struct web_asked *asked =
        web_questions_ask(&a->http->questions, &question, &caller, a->http->now);
    if (!asked) {
        struct web_answer later =
            web_error(MHD_HTTP_SERVICE_UNAVAILABLE, "too many questions at once: ask again");
        later.retry_after_s = 1;
        return later;
    }
    asked->answerer = a->place->answerer;
    snprintf(asked->rest, sizeof asked->rest, "%s", web_place_rest(a->place, a->request));
    return (struct web_answer){.later = asked};
}

static struct web_answer metrics(const struct asked_for *a)
{
    json_t *status = picture(a->http);
    size_t size = 0;
    double age_s = (double)mono_since_ns(a->http->now, a->http->status_at) / NS_PER_S;
    char *text = web_metrics_text(status, age_s, &size);
    json_decref(status);
    if (!text)
        return web_plain(MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory\n");
    return (struct web_answer){
        .status = MHD_HTTP_OK,
        .type = "application/openmetrics-text; version=1.0.0; charset=utf-8",
        .bytes = text,
        .size = size,
        .own = text,
    };
}

static bool is_heard(const struct web_http *http)
{
    return http->status_size > 0 &&
           !mono_reached(http->now, mono_add_ms(http->status_at, SILENT_AFTER_MS));
}

// It lives: who starts it anew when it does not asks this.
static struct web_answer health(const struct asked_for *a)
{
    return is_heard(a->http) ? web_plain(MHD_HTTP_OK, "ok\n")
                             : web_plain(MHD_HTTP_SERVICE_UNAVAILABLE, "the engine is silent\n");
}

// It lives and could act: tables complete, paths measured, quiet time over.
static struct web_answer readiness(const struct asked_for *a)
{
    json_t *status = picture(a->http);
    const json_t *engine = json_object_get(status, "engine");
    bool ready = is_heard(a->http) && json_is_true(json_object_get(engine, "ready"));
    json_decref(status);
    return ready ? web_plain(MHD_HTTP_OK, "ready\n")
                 : web_plain(MHD_HTTP_SERVICE_UNAVAILABLE, "not ready: fairlead status says why\n");
}

static struct web_answer session(const struct asked_for *a)
{
    return web_session_answer(a->http->login, a->person, a->http->now);
}

static struct web_answer login(const struct asked_for *a)
{
    return web_login_answer(a->http->login, a->request, a->http->now);
}

static struct web_answer logout(const struct asked_for *a)
{
    return web_logout_answer(a->http->login, a->person, &a->request->from, a->http->now);
}

static struct web_answer stream(const struct asked_for *a)
{
    return (struct web_answer){.status = MHD_HTTP_OK,
                               .type = "text/event-stream",
                               .listens = true,
                               .pass = a->person->pass};
}

static struct web_answer openapi(const struct asked_for *a)
{
    (void)a;
    return (struct web_answer){.status = MHD_HTTP_OK,
                               .type = "application/json",
                               .bytes = web_openapi,
                               .size = web_openapi_size};
}

static struct web_answer link_ask(const struct asked_for *a)
{
    return web_ack_ask(a->http, a->request);
}

static struct web_answer link_do(const struct asked_for *a)
{
    return web_ack_do(a->http, a->request);
}

static struct web_answer (*const answerers[WEB_ANSWERERS])(const struct asked_for *a) = {
    [WEB_STATUS] = status,   [WEB_PATHS] = paths,       [WEB_PEOPLE] = people,
    [WEB_METRICS] = metrics, [WEB_HEALTH] = health,     [WEB_READINESS] = readiness,
    [WEB_SESSION] = session, [WEB_LINES] = question,    [WEB_LINE] = question,
    [WEB_ACT] = question,    [WEB_STREAM] = stream,     [WEB_LOGIN] = login,
    [WEB_LOGOUT] = logout,   [WEB_LINK_ASK] = link_ask, [WEB_LINK_DO] = link_do,
    [WEB_OPENAPI] = openapi,
};

static struct web_answer wrong_method(const char *allowed)
{
    struct web_answer answer =
        web_json(MHD_HTTP_METHOD_NOT_ALLOWED, json_pack("{s:s+}", "error", "here only: ", allowed));
    answer.allow = allowed;
    return answer;
}

static struct web_answer at_no_place(const struct web_request *request, const char *allowed)
{
    if (allowed)
        return wrong_method(allowed);
    const struct web_file *file = web_file_find(request->path);
    if (!file)
        return web_error(MHD_HTTP_NOT_FOUND, "nothing is here: /api/v1/openapi.json says what is");
    if (request->method != WEB_GET)
        return wrong_method("GET, HEAD");
    return (struct web_answer){.status = MHD_HTTP_OK,
                               .type = file->type,
                               .bytes = file->bytes,
                               .size = file->size,
                               .policy = file->policy,
                               .encoding = file->encoding};
}

struct web_answer web_places_answer(struct web_http *http, const struct web_request *request)
{
    const char *allowed;
    if (!request->host || !web_host_is_ours(http->net, request->host))
        return web_error(MHD_HTTP_MISDIRECTED_REQUEST,
                         "ask for localhost, 127.0.0.1, [::1], or the host of access.url");
    const struct web_place *place = web_place_find(request, &allowed);
    if (!place)
        return at_no_place(request, allowed);
    const struct web_person person = web_person_of(http->login, request, http->now);
    if ((place->right & ~person.rights) != 0 || person.lack == WEB_LACKS_RATE)
        return web_login_refuse(&person, place->right);
    return answerers[place->answerer](&(struct asked_for){http, place, request, &person});
}
