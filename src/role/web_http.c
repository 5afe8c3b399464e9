// SPDX-License-Identifier: ISC
#include "role/web_http.h"

#include "role/web_login.h"
#include "role/web_places.h"
#include "role/web_streams.h"
#include "role/certificate.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
    CONNECTIONS_MAX = WEB_STREAMS_MAX + 64,  // browsers open six each, and one of them listens
    CONNECTION_IDLE_S = 10,                  // then it is closed
    REQUEST_BYTES_MAX = 16 * 1024,
};

// A request whose body is on its way.
struct exchange {
    char *body;
    size_t size;
    bool is_stranger, too_big, failed;
    struct web_asked *asked;  // somebody else answers it; NULL: nobody is asked
};

// ---- the answer

static bool add_headers(struct MHD_Response *response, const struct web_answer *answer, bool secure)
{
    static const char *const always[][2] = {
        {"Cache-Control", "no-store"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
    };
    char seconds[16];
    snprintf(seconds, sizeof seconds, "%u", answer->retry_after_s);
    const char *const own[][2] = {
        {"Content-Type", answer->type},
        {"Content-Security-Policy", answer->policy ? answer->policy : "default-src 'none'"},
        {"Content-Encoding", answer->encoding},
        {"Allow", answer->allow},
        {"Set-Cookie", answer->cookie[0] ? answer->cookie : NULL},
        {"Retry-After", answer->retry_after_s ? seconds : NULL},
        {"WWW-Authenticate", answer->status == MHD_HTTP_UNAUTHORIZED ? "Bearer" : NULL},
        {"Strict-Transport-Security", secure ? "max-age=31536000" : NULL},
    };
    bool good = true;
    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
        good &= MHD_add_response_header(response, always[i][0], always[i][1]) == MHD_YES;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        good &= !own[i][1] || MHD_add_response_header(response, own[i][0], own[i][1]) == MHD_YES;
    return good;
}

static enum MHD_Result queue(struct MHD_Connection *connection, struct MHD_Response *response,
                             const struct web_answer *answer, bool secure)
{
    enum MHD_Result result = add_headers(response, answer, secure)
                                 ? MHD_queue_response(connection, answer->status, response)
                                 : MHD_NO;
    MHD_destroy_response(response);
    return result;
}

// Copied: the next picture may come before a slow reader has taken this one.
static enum MHD_Result send_answer(struct MHD_Connection *connection,
                                   const struct web_answer *answer, bool secure)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        answer->size, (void *)(size_t)answer->bytes,
        answer->own ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_MUST_COPY);
    if (!response) {
        free(answer->own);
        return MHD_NO;
    }
    return queue(connection, response, answer, secure);
}

static enum MHD_Result send_stream(struct web_http *http, struct MHD_Connection *connection,
                                   const struct web_answer *answer, const char *last_id)
{
    struct MHD_Response *response =
        web_streams_listen(http->streams, connection, last_id, &answer->pass);
    if (response)
        return queue(connection, response, answer, http->secure);
    struct web_answer refusal =
        web_error(MHD_HTTP_SERVICE_UNAVAILABLE, "too many listen: ask again");
    refusal.retry_after_s = 10;
    return send_answer(connection, &refusal, http->secure);
}

// ---- the request

static enum web_method method_of(const char *method)
{
    if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
        return WEB_GET;
    return strcmp(method, "POST") == 0 ? WEB_POST : WEB_OTHER_METHOD;
}

static enum MHD_Result take_argument(void *context, enum MHD_ValueKind kind, const char *name,
                                     const char *value)
{
    (void)kind;
    struct web_request *request = context;
    if (request->query_count < WEB_QUERY_MAX)
        request->query[request->query_count++] = (struct web_pair){name, value ? value : ""};
    return MHD_YES;
}

static struct address address_of(struct MHD_Connection *connection)
{
    struct address address = {FAMILY_NONE, {0}};
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (info && info->client_addr->sa_family == AF_INET) {
        address.family = FAMILY_IPV4;
        memcpy(address.bytes,
               &((const struct sockaddr_in *)(const void *)info->client_addr)->sin_addr, 4);
    } else if (info && info->client_addr->sa_family == AF_INET6) {
        address.family = FAMILY_IPV6;
        memcpy(address.bytes,
               &((const struct sockaddr_in6 *)(const void *)info->client_addr)->sin6_addr, 16);
    }
    return address;
}

static void read_request(struct MHD_Connection *connection, struct web_request *request)
{
    const struct {
        const char *name;
        const char **value;
    } headers[] = {
        {"Host", &request->host},
        {"Origin", &request->origin},
        {"Cookie", &request->cookie},
        {"Authorization", &request->authorization},
        {"X-Fairlead-Csrf", &request->csrf},
        {"Last-Event-ID", &request->last_event_id},
    };
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        *headers[i].value =
            MHD_lookup_connection_value(connection, MHD_HEADER_KIND, headers[i].name);
    MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, take_argument, request);
    request->from = address_of(connection);
}

// Whether whoever is there shows a certificate of the authorities, made for clients, where one is
// asked for. The library asks at the handshake, and leaves it to us what comes of it.
static bool is_known(const struct web_http *http, struct MHD_Connection *connection)
{
    gnutls_typed_vdata_st purpose = {.type = GNUTLS_DT_KEY_PURPOSE_OID,
                                     .data = (unsigned char *)(size_t)GNUTLS_KP_TLS_WWW_CLIENT};
    unsigned wrong = 0;
    if (!http->asks_certificate)
        return true;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    return info && gnutls_certificate_verify_peers(info->tls_session, &purpose, 1, &wrong) == 0 &&
           wrong == 0;
}

// What is too much is read and thrown away: an answer is given when all of it came.
static void take_body(struct exchange *x, const char *bytes, size_t size)
{
    x->too_big |= size > WEB_BODY_BYTES_MAX - x->size;
    if (x->too_big || x->failed)
        return;
    char *body = realloc(x->body, x->size + size);
    x->failed = !body;
    if (!body)
        return;
    memcpy(body + x->size, bytes, size);
    x->body = body;
    x->size += size;
}

static bool says_too_much(struct MHD_Connection *connection)
{
    const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");
    return length && strtoull(length, NULL, 10) > WEB_BODY_BYTES_MAX;
}

static struct web_answer answer_of(struct web_http *http, const struct exchange *x,
                                   const struct web_request *request)
{
    if (x->is_stranger)
        return web_error(MHD_HTTP_FORBIDDEN, "show a certificate that one of "
                                             "access.tls_authorities signed");
    if (x->too_big)
        return web_error(MHD_HTTP_CONTENT_TOO_LARGE, "the body is too long: at most 64 KiB");
    if (x->failed)
        return web_error(MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory");
    return web_places_answer(http, request);
}

static enum MHD_Result answer_request(struct web_http *http, struct MHD_Connection *connection,
                                      struct exchange *x, struct web_request request)
{
    request.body = x->body;
    request.body_size = x->size;
    read_request(connection, &request);
    const struct web_answer answer = answer_of(http, x, &request);
    if (answer.listens)
        return send_stream(http, connection, &answer, request.last_event_id);
    if (!answer.later)
        return send_answer(connection, &answer, http->secure);
    x->asked = answer.later;
    x->asked->owner = connection;
    MHD_suspend_connection(connection);
    return MHD_YES;
}

static enum MHD_Result pass_on(struct web_http *http, struct MHD_Connection *connection,
                               struct exchange *x)
{
    const struct web_answer answer = web_asked_answer(x->asked);
    web_questions_drop(&http->questions, x->asked);
    x->asked = NULL;
    return send_answer(connection, &answer, http->secure);
}

static struct web_visitor *visitor_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

static void turn_visitor(struct web_http *http, struct MHD_Connection *connection,
                         enum web_visitor_phase phase)
{
    struct web_visitor *visitor = visitor_of(connection);
    if (visitor)
        web_visitor_turn(visitor, phase, http->now);
}

static void on_connection(void *context, struct MHD_Connection *connection, void **visitor,
                          enum MHD_ConnectionNotificationCode what)
{
    struct web_http *http = context;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (what == MHD_CONNECTION_NOTIFY_STARTED)
        *visitor = info ? web_visitor_come(&http->visitors, info->connect_fd, http->now) : NULL;
    else if (*visitor)
        web_visitor_turn(*visitor, WEB_VISITOR_NONE, http->now);
}

// The library finds the socket shut, and lets go of it.
static void end_the_slow(struct web_http *http)
{
    for (int fd; (fd = web_visitors_late(&http->visitors, http->now)) >= 0;)
        shutdown(fd, SHUT_RDWR);
}

// Called once when the headers came, for each part of the body, when all of it did, and when the
// connection goes on after somebody else answered.
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *body, size_t *body_size, void **exchange)
{
    (void)version;
    struct exchange *x = *exchange;
    if (x && x->asked)
        return pass_on(context, connection, x);
    if (!x) {
        *exchange = x = calloc(1, sizeof *x);
        if (!x)
            return MHD_NO;
        turn_visitor(context, connection, WEB_VISITOR_BODY);
        x->too_big = says_too_much(connection);
        x->is_stranger = !is_known(context, connection);
        if (!x->too_big && !x->is_stranger)
            return MHD_YES;
    } else if (*body_size > 0) {
        take_body(x, body, *body_size);
        *body_size = 0;
        return MHD_YES;
    }
    turn_visitor(context, connection, WEB_VISITOR_HEARD);
    return answer_request(context, connection, x,
                          (struct web_request){.method = method_of(method), .path = path});
}

static void on_completed(void *context, struct MHD_Connection *connection, void **exchange,
                         enum MHD_RequestTerminationCode why)
{
    (void)why;
    struct web_http *http = context;
    struct exchange *x = *exchange;
    turn_visitor(http, connection, WEB_VISITOR_HEAD);
    if (x && x->asked)
        web_questions_drop(&http->questions, x->asked);
    if (x)
        free(x->body);
    free(x);
    *exchange = NULL;
}

// What clients do wrong is theirs: the library's complaints are not our log.
static void stay_quiet(void *context, const char *form, va_list arguments)
{
    (void)context, (void)form, (void)arguments;
}

// ---- the server

// RFC 9325 §3.1.1: nothing older.
static const char priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

static bool start_serving(struct web_http *http, int listen_fd, const struct certificate *tls)
{
    const struct MHD_OptionItem sealed[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, tls->chain},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, tls->key},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(size_t)priorities},
        {tls->authorities ? MHD_OPTION_HTTPS_MEM_TRUST : MHD_OPTION_END, 0, tls->authorities},
        {MHD_OPTION_END, 0, NULL},
    };
    const struct MHD_OptionItem *none = &sealed[4];
    http->asks_certificate = tls->authorities != NULL;
    http->server = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME |
                                        (http->secure ? MHD_USE_TLS : 0),
                                    0, NULL, NULL, on_request, http,                    //
                                    MHD_OPTION_EXTERNAL_LOGGER, stay_quiet, NULL,       //
                                    MHD_OPTION_ARRAY, http->secure ? sealed : none,     //
                                    MHD_OPTION_NOTIFY_COMPLETED, on_completed, http,    //
                                    MHD_OPTION_NOTIFY_CONNECTION, on_connection, http,  //
                                    MHD_OPTION_LISTEN_SOCKET, listen_fd,                //
                                    MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
                                    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)CONNECTION_IDLE_S,
                                    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)REQUEST_BYTES_MAX,
                                    MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    return http->server != NULL;
}

bool web_http_open(struct web_http *http, int listen_fd, int channel, const struct net *net,
                   const struct certificate *tls)
{
    *http = (struct web_http){.net = net, .secure = tls->key != NULL};
    http->status = malloc(WEB_STATUS_BYTES_MAX);
    http->login = web_login_new(net, http->secure, channel);
    http->streams = web_streams_new();
    if (!http->status || !http->login || !http->streams)
        return false;
    web_questions_init(&http->questions, channel);
    return start_serving(http, listen_fd, tls);
}

// Whose questions are answered, or given up, go on; `all`: everybody's.
static void resume(struct web_http *http, bool all)
{
    for (uint32_t place = 0; place < WEB_QUESTIONS_MAX; place++) {
        struct web_asked *asked = http->questions.places[place];
        if (!asked || !asked->owner || (asked->fd >= 0 && !all))
            continue;
        MHD_resume_connection(asked->owner);
        asked->owner = NULL;
    }
}

// Gives the socket that it listened on.
static int stop_serving(struct web_http *http)
{
    resume(http, true);  // the library ends with none that waits
    if (http->streams)
        web_streams_turn(http->streams, http->now, true);
    int listen_fd = http->server ? MHD_quiesce_daemon(http->server) : -1;
    if (http->server)
        MHD_stop_daemon(http->server);
    http->server = NULL;
    return listen_fd;
}

// The library reads a certificate when it starts. So every connection ends; pages take their
// streams up again by themselves, and who is logged in stays so.
bool web_http_seal(struct web_http *http, const struct certificate *tls)
{
    return start_serving(http, stop_serving(http), tls);
}

void web_http_close(struct web_http *http)
{
    int listen_fd = stop_serving(http);
    if (listen_fd >= 0)
        close(listen_fd);
    web_questions_done(&http->questions);
    web_streams_free(http->streams);
    web_login_free(http->login);
    free(http->status);
    *http = (struct web_http){0};
}

static int wait_ms(const struct web_http *http, int most_ms)
{
    MHD_UNSIGNED_LONG_LONG wait_ms;
    if (MHD_get_timeout(http->server, &wait_ms) != MHD_YES ||
        wait_ms > (MHD_UNSIGNED_LONG_LONG)most_ms)
        return most_ms;
    return (int)wait_ms;
}

void web_http_wait(const struct web_http *http, int channel, int most_ms)
{
    int own = MHD_get_daemon_info(http->server, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    struct pollfd fds[2 + WEB_QUESTIONS_MAX] = {{.fd = channel, .events = POLLIN},
                                                {.fd = own, .events = POLLIN}};
    nfds_t count = 2 + web_questions_wait(&http->questions, fds + 2, WEB_QUESTIONS_MAX);
    poll(fds, count, wait_ms(http, most_ms));
}

void web_http_turn(struct web_http *http)
{
    web_questions_turn(&http->questions, http->now);
    resume(http, false);
    web_streams_turn(http->streams, http->now, false);
    end_the_slow(http);
    MHD_run(http->server);
}
