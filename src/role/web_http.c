// SPDX-License-Identifier: ISC
#include "role/web_http.h"

#include "role/status_page.h"
#include "role/web_metrics.h"

#include <ctype.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    CONNECTIONS_MAX = 32,    // browsers open six each
    CONNECTION_IDLE_S = 10,  // then it is closed
    REQUEST_BYTES_MAX = 16 * 1024,
    SILENT_AFTER_MS = 2000,  // without a new picture the engine is not well
};

struct answer {
    unsigned status;
    const char *type;
    const void *bytes;
    size_t size;
    const char *policy;
    char *own;  // `bytes`, when they are this answer's alone, to be freed
};

static const char no_policy[] = "default-src 'none'";

static struct answer plain(unsigned status, const char *text)
{
    return (struct answer){.status = status,
                           .type = "text/plain; charset=utf-8",
                           .bytes = text,
                           .size = strlen(text),
                           .policy = no_policy};
}

static struct answer page(const struct web_http *http)
{
    (void)http;
    return (struct answer){.status = MHD_HTTP_OK,
                           .type = "text/html; charset=utf-8",
                           .bytes = status_page,
                           .size = status_page_size,
                           .policy = status_page_policy};
}

static struct answer status(const struct web_http *http)
{
    if (http->status_size == 0)
        return plain(MHD_HTTP_SERVICE_UNAVAILABLE, "the engine has not said anything yet\n");
    return (struct answer){.status = MHD_HTTP_OK,
                           .type = "application/json",
                           .bytes = http->status,
                           .size = http->status_size,
                           .policy = no_policy};
}

static json_t *picture(const struct web_http *http)
{
    return http->status_size > 0 ? json_loadb(http->status, http->status_size, 0, NULL) : NULL;
}

static struct answer metrics(const struct web_http *http)
{
    json_t *status = picture(http);
    size_t size = 0;
    double age_s = (double)mono_since_ns(http->now, http->status_at) / NS_PER_S;
    char *text = web_metrics_text(status, age_s, &size);
    json_decref(status);
    if (!text)
        return plain(MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory\n");
    return (struct answer){
        .status = MHD_HTTP_OK,
        .type = "application/openmetrics-text; version=1.0.0; charset=utf-8",
        .bytes = text,
        .size = size,
        .policy = no_policy,
        .own = text,
    };
}

static bool is_heard(const struct web_http *http)
{
    return http->status_size > 0 &&
           !mono_reached(http->now, mono_add_ms(http->status_at, SILENT_AFTER_MS));
}

// It lives: who starts it anew when it does not asks this.
static struct answer health(const struct web_http *http)
{
    return is_heard(http) ? plain(MHD_HTTP_OK, "ok\n")
                          : plain(MHD_HTTP_SERVICE_UNAVAILABLE, "the engine is silent\n");
}

// It lives and could act: tables complete, paths measured, quiet time over.
static struct answer readiness(const struct web_http *http)
{
    json_t *status = picture(http);
    const json_t *engine = json_object_get(status, "engine");
    bool ready = is_heard(http) && json_is_true(json_object_get(engine, "ready"));
    json_decref(status);
    return ready ? plain(MHD_HTTP_OK, "ready\n")
                 : plain(MHD_HTTP_SERVICE_UNAVAILABLE, "not ready: fairlead status says why\n");
}

static const struct {
    const char *path;
    struct answer (*answer)(const struct web_http *http);
} places[] = {
    {"/", page},          {"/api/v1/status", status}, {"/metrics", metrics},
    {"/healthz", health}, {"/readyz", readiness},
};

bool web_http_host_is_local(const char *host)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t size = strlen(names[i]);
        const char *rest = host + size;
        if (strncasecmp(host, names[i], size) != 0)
            continue;
        if (*rest == ':')
            rest += 1 + strspn(rest + 1, "0123456789");
        if (*rest == '\0')
            return true;
    }
    return false;
}

static struct answer find_answer(const struct web_http *http, struct MHD_Connection *connection,
                                 const char *path, const char *method)
{
    const char *host = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Host");
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return plain(MHD_HTTP_METHOD_NOT_ALLOWED, "only GET: this page shows and never acts\n");
    if (!host || !web_http_host_is_local(host))
        return plain(MHD_HTTP_MISDIRECTED_REQUEST, "ask for localhost, 127.0.0.1 or [::1]\n");
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (strcmp(path, places[i].path) == 0)
            return places[i].answer(http);
    return plain(MHD_HTTP_NOT_FOUND, "nothing is here: try /\n");
}

// `request` stays NULL: every request is answered at once, and a body is never read.
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *body, size_t *body_size, void **request)
{
    (void)version, (void)body, (void)body_size, (void)request;
    static const char *const headers[][2] = {
        {"Cache-Control", "no-store"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
    };
    const struct answer answer = find_answer(context, connection, path, method);
    // Copied: the next picture may come before a slow reader has taken this one.
    struct MHD_Response *response =
        MHD_create_response_from_buffer(answer.size, (void *)answer.bytes,
                                        answer.own ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_MUST_COPY);
    if (!response) {
        free(answer.own);
        return MHD_NO;
    }
    MHD_add_response_header(response, "Content-Type", answer.type);
    MHD_add_response_header(response, "Content-Security-Policy", answer.policy);
    if (answer.status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, "Allow", "GET, HEAD");
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        MHD_add_response_header(response, headers[i][0], headers[i][1]);
    enum MHD_Result result = MHD_queue_response(connection, answer.status, response);
    MHD_destroy_response(response);
    return result;
}

// What clients do wrong is theirs: the library's complaints are not our log.
static void stay_quiet(void *context, const char *form, va_list arguments)
{
    (void)context, (void)form, (void)arguments;
}

bool web_http_open(struct web_http *http, int listen_fd)
{
    *http = (struct web_http){.status = malloc(WEB_STATUS_BYTES_MAX)};
    if (!http->status)
        return false;
    http->server = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request,
                                    http, MHD_OPTION_EXTERNAL_LOGGER, stay_quiet, NULL,  //
                                    MHD_OPTION_LISTEN_SOCKET, listen_fd,                 //
                                    MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
                                    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)CONNECTION_IDLE_S,
                                    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)REQUEST_BYTES_MAX,
                                    MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    return http->server != NULL;
}

void web_http_close(struct web_http *http)
{
    if (http->server)
        MHD_stop_daemon(http->server);
    free(http->status);
    *http = (struct web_http){0};
}

int web_http_fd(const struct web_http *http)
{
    return MHD_get_daemon_info(http->server, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

int web_http_wait_ms(const struct web_http *http, int most_ms)
{
    MHD_UNSIGNED_LONG_LONG wait_ms;
    if (MHD_get_timeout(http->server, &wait_ms) != MHD_YES ||
        wait_ms > (MHD_UNSIGNED_LONG_LONG)most_ms)
        return most_ms;
    return (int)wait_ms;
}

void web_http_turn(struct web_http *http)
{
    MHD_run(http->server);
}
