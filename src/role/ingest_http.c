// SPDX-License-Identifier: ISC
#include "count/json.h"
#include "role/ingest.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

enum {
    CONNECTIONS_MAX = 32,
    CONNECTION_IDLE_S = 10,
    REQUEST_MS_MAX = 10 * 1000,  // from its head to its last byte
    HEAD_BYTES_MAX = 16 * 1024,
    REQUESTS_BURST = 100,
    REQUESTS_PER_S = 50,
    CHANGES_BURST = 20,  // each may bring a megabyte to be compared
    CHANGES_PER_S = 2,
    BODY_BYTES_FIRST = 4096,  // room for a body, doubled as it comes
    TOLD_MAX = 32,            // refused items of one request that are told one by one
};

struct place {
    const char *path;
    size_t bytes_max;
    // One item of what was posted there; false: `why` says what was expected. NULL: a change.
    bool (*take)(struct ingest_role *r, const struct address *client, const json_t *item,
                 struct count_error *why);
};

struct request {
    const struct place *place;
    struct mono began_at;
    size_t size, room;
    bool is_too_large;
    char *body;
};

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, const char *type,
                              const char *text)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, "Content-Type", type);
    MHD_add_response_header(response, "Cache-Control", "no-store");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, "Allow", "POST");
    if (status == MHD_HTTP_UNAUTHORIZED)
        MHD_add_response_header(response, "WWW-Authenticate", "Bearer");
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned status, const char *text)
{
    return answer(connection, status, "text/plain; charset=utf-8", text);
}

bool ingest_http_may(const char *authorization, const char *token)
{
    static const char scheme[] = "Bearer ";
    size_t size = strlen(token);
    if (!authorization || size == 0 || strncmp(authorization, scheme, strlen(scheme)) != 0)
        return false;
    const char *given = authorization + strlen(scheme);
    size_t given_size = strlen(given);
    unsigned differs = given_size != size;
    for (size_t i = 0; i < size; i++)
        differs |= (unsigned char)token[i] ^ (unsigned char)(i < given_size ? given[i] : 0);
    return differs == 0;
}

static bool may_ask_now(struct ingest_bucket *bucket, struct mono now, uint32_t per_s,
                        uint32_t burst)
{
    int64_t back = mono_since_ns(now, bucket->refilled_at) / (NS_PER_S / per_s);
    if (back >= burst || bucket->refilled_at.ns == 0) {
        bucket->left = burst;
        bucket->refilled_at = now;
    } else if (back > 0) {
        uint32_t left = bucket->left + (uint32_t)back;
        bucket->left = left < burst ? left : burst;
        bucket->refilled_at.ns += back * (NS_PER_S / per_s);
    }
    if (bucket->left == 0)
        return false;
    bucket->left--;
    return true;
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static bool take_counts(struct ingest_role *r, const struct address *client, const json_t *item,
                        struct count_error *why)
{
    struct count count;
    if (count_json_read(r->net, item, &count, why) != COUNT_TAKEN)
        return false;
    count_refuse(why, 0, "an upstream or prefix for which there is room");
    return ingest_take(r, client, &count);
}

static bool take_use(struct ingest_role *r, const struct address *client, const json_t *item,
                     struct count_error *why)
{
    (void)client;
    return ingest_take_use(r, item, why);
}

static bool take_demand(struct ingest_role *r, const struct address *client, const json_t *item,
                        struct count_error *why)
{
    (void)client;
    return ingest_take_demand(r, item, why);
}

static const struct place places[] = {
    {"/api/v1/counters", INGEST_BODY_BYTES_MAX, take_counts},
    {"/api/v1/use", INGEST_BODY_BYTES_MAX, take_use},
    {"/api/v1/demand", INGEST_BODY_BYTES_MAX, take_demand},
    {"/api/v1/changes", CHANGE_POST_BYTES_MAX, NULL},
};

static const struct place *place_at(const char *path)
{
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (strcmp(path, places[i].path) == 0)
            return &places[i];
    return NULL;
}

// Servers may not say what pipelines do, nor pipelines what servers see.
static enum MHD_Result check_token(struct ingest_role *r, struct MHD_Connection *connection,
                                   const struct place *place, bool *may)
{
    const char *given = header(connection, "Authorization");
    bool counters = ingest_http_may(given, r->net->counters.token);
    bool changes = ingest_http_may(given, r->changes.token);
    *may = !place ? counters || changes : place->take ? counters : changes;
    if (*may)
        return MHD_YES;
    return refuse(connection, MHD_HTTP_UNAUTHORIZED,
                  place && !place->take
                      ? "send 'Authorization: Bearer TOKEN' with what changes.token_file holds\n"
                      : "send 'Authorization: Bearer TOKEN' with counters.token\n");
}

static enum MHD_Result refuse_size(struct MHD_Connection *connection, const struct place *place)
{
    char text[64];
    snprintf(text, sizeof text, "at most %zu bytes\n", place->bytes_max);
    return refuse(connection, MHD_HTTP_CONTENT_TOO_LARGE, text);
}

// Before any of the body is read.
static enum MHD_Result begin(struct ingest_role *r, struct MHD_Connection *connection,
                             const char *path, const char *method, void **request)
{
    bool may;
    const struct place *place = place_at(path);
    r->counts.requests++;
    if (!may_ask_now(&r->requests, r->now, REQUESTS_PER_S, REQUESTS_BURST))
        return refuse(connection, MHD_HTTP_TOO_MANY_REQUESTS, "at most 50 requests a second\n");
    enum MHD_Result refused = check_token(r, connection, place, &may);
    if (!may)
        return refused;
    if (!place)
        return refuse(connection, MHD_HTTP_NOT_FOUND,
                      "only /api/v1/counters, use, demand and changes are here\n");
    if (strcmp(method, "POST") != 0)
        return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only POST\n");
    if (!place->take && !may_ask_now(&r->posts, r->now, CHANGES_PER_S, CHANGES_BURST))
        return refuse(connection, MHD_HTTP_TOO_MANY_REQUESTS, "at most 2 changes a second\n");
    const char *length = header(connection, "Content-Length");
    if (length && strtoull(length, NULL, 10) > place->bytes_max)
        return refuse_size(connection, place);
    struct request *q = malloc(sizeof *q);
    if (!q)
        return MHD_NO;
    *q = (struct request){.place = place, .began_at = r->now};
    *request = q;
    return MHD_YES;
}

// False: memory is out.
static bool take_body(struct request *q, const char *bytes, size_t size)
{
    if (q->is_too_large || size > q->place->bytes_max - q->size) {
        q->is_too_large = true;
        return true;
    }
    size_t room = q->room > 0 ? q->room : BODY_BYTES_FIRST;
    while (room < q->size + size)
        room *= 2;
    if (room > q->room) {
        char *grown = realloc(q->body, room);
        if (!grown)
            return false;
        q->body = grown;
        q->room = room;
    }
    memcpy(q->body + q->size, bytes, size);
    q->size += size;
    return true;
}

static struct address client_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    union endpoint endpoint = {0};
    if (!info || !info->client_addr)
        return (struct address){0};
    memcpy(&endpoint, info->client_addr,
           info->client_addr->sa_family == AF_INET6 ? sizeof endpoint.ipv6 : sizeof endpoint.ipv4);
    return endpoint_address(&endpoint);
}

static void refuse_item(struct ingest_role *r, const struct address *client, size_t item,
                        const char *expected, json_t *refused)
{
    ingest_complain(r, INGEST_MALFORMED, client, "item %zu: expected %s", item, expected);
    if (json_array_size(refused) < TOLD_MAX)
        json_array_append_new(
            refused, json_pack("{s:I, s:s}", "item", (json_int_t)item, "expected", expected));
}

// {"taken":2,"refused":[{"item":3,"expected":"..."}],"refused_count":1}; NULL without memory.
static char *take_items(struct ingest_role *r, const struct address *client,
                        const struct place *place, const json_t *array, size_t *taken)
{
    json_t *refused = json_array();
    size_t count = json_array_size(array);
    for (size_t i = 0; i < count; i++) {
        struct count_error why = {.expected = ""};
        r->counts.lines++;
        if (place->take(r, client, json_array_get(array, i), &why))
            ++*taken;
        else
            refuse_item(r, client, i + 1, why.expected, refused);
    }
    json_t *said = json_pack("{s:I, s:o, s:I}", "taken", (json_int_t)*taken, "refused", refused,
                             "refused_count", (json_int_t)(count - *taken));
    char *text = said ? json_dumps(said, JSON_COMPACT) : NULL;
    json_decref(said);
    return text;
}

static enum MHD_Result finish_change(struct ingest_role *r, struct MHD_Connection *connection,
                                     const struct request *q)
{
    struct address client = client_of(connection);
    unsigned status = MHD_HTTP_OK;
    char *text = ingest_changes_take(r, &client, q->body ? q->body : "", q->size, &status);
    enum MHD_Result result = text ? answer(connection, status, "application/json", text) : MHD_NO;
    free(text);
    return result;
}

static enum MHD_Result finish_items(struct ingest_role *r, struct MHD_Connection *connection,
                                    const struct request *q)
{
    struct address client = client_of(connection);
    struct count_error why;
    json_t *array = count_json_open(q->body ? q->body : "", q->size, &why);
    if (!array) {
        char text[COUNT_EXPECTED_MAX + 32];
        snprintf(text, sizeof text, "byte %zu: expected %s\n", why.byte, why.expected);
        ingest_complain(r, INGEST_MALFORMED, &client, "body, byte %zu: expected %s", why.byte,
                        why.expected);
        return refuse(connection, MHD_HTTP_BAD_REQUEST, text);
    }
    size_t taken = 0, count = json_array_size(array);
    char *text = take_items(r, &client, q->place, array, &taken);
    json_decref(array);
    enum MHD_Result result = MHD_NO;
    if (text)
        result = answer(connection, taken > 0 || count == 0 ? MHD_HTTP_OK : MHD_HTTP_BAD_REQUEST,
                        "application/json", text);
    free(text);
    return result;
}

static enum MHD_Result finish(struct ingest_role *r, struct MHD_Connection *connection,
                              const struct request *q)
{
    if (q->is_too_large)
        return refuse_size(connection, q->place);
    return q->place->take ? finish_items(r, connection, q) : finish_change(r, connection, q);
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *body, size_t *body_size, void **request)
{
    (void)version;
    struct ingest_role *r = context;
    struct request *q = *request;
    if (!q)
        return begin(r, connection, path, method, request);
    if (mono_reached(r->now, mono_add_ms(q->began_at, REQUEST_MS_MAX)))
        return MHD_NO;  // drop by drop: the connection is closed
    if (*body_size == 0)
        return finish(r, connection, q);
    bool taken = take_body(q, body, *body_size);
    *body_size = 0;
    return taken ? MHD_YES : MHD_NO;
}

static void on_completed(void *context, struct MHD_Connection *connection, void **request,
                         enum MHD_RequestTerminationCode how)
{
    (void)context, (void)connection, (void)how;
    struct request *q = *request;
    free(q ? q->body : NULL);
    free(q);
    *request = NULL;
}

// What clients do wrong is theirs: the library's complaints are not our log.
static void stay_quiet(void *context, const char *form, va_list arguments)
{
    (void)context, (void)form, (void)arguments;
}

bool ingest_http_open(struct ingest_http *http, struct ingest_role *role, int listen_fd)
{
    http->role = role;
    http->server = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request,
                                    role, MHD_OPTION_EXTERNAL_LOGGER, stay_quiet, NULL,  //
                                    MHD_OPTION_LISTEN_SOCKET, listen_fd,                 //
                                    MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,     //
                                    MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
                                    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)CONNECTION_IDLE_S,
                                    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEAD_BYTES_MAX,
                                    MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    return http->server != NULL;
}

void ingest_http_close(struct ingest_http *http)
{
    if (http->server)
        MHD_stop_daemon(http->server);
    http->server = NULL;
}

int ingest_http_fd(const struct ingest_http *http)
{
    return MHD_get_daemon_info(http->server, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

void ingest_http_turn(struct ingest_http *http)
{
    MHD_run(http->server);
}
