// SPDX-License-Identifier: ISC
#include "role/ingest_syslog.h"

#include "role/ingest.h"
#include "role/ingest_tls.h"
#include "role/log.h"
#include "role/now.h"
#include "role/pattern_files.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BACKLOG = 16,
    KEEPALIVE_S = 60,  // a device that is gone without a word must not hold a place for ever
    UNKNOWN_EVERY_MS = 10 * 1000,
};

bool ingest_syslog_open(struct ingest_role *role, char *why)
{
    const struct net_syslog *c = &role->net->syslog;
    struct ingest_syslog *syslog = &role->syslog;
    char error[PATTERN_FILES_WHY_MAX];
    bool any = false;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct ingest_listener *listener = &syslog->listeners[family];
        any |= c->tls_listen[family].family != FAMILY_NONE;
        if (!c->listen[family].family)
            continue;
        any = true;
        listener->datagrams.fd =
            ingest_open_socket("syslog", c->listen[family], c->port, SOCK_DGRAM, why);
        if (listener->datagrams.fd >= 0)
            listener->streams =
                ingest_open_socket("syslog", c->listen[family], c->port, SOCK_STREAM, why);
        if (listener->streams < 0)
            return false;
    }
    if (!any)
        return true;
    if (!ingest_tls_open(role, why))
        return false;
    const char *directory = c->patterns[0] ? c->patterns : pattern_files_usual();
    pattern_watch_begin(&syslog->watch, directory);
    syslog->patterns = pattern_files_load(directory, error);
    if (!syslog->patterns)
        snprintf(why, ROLE_ERROR_MAX, "cannot take syslog: %.*s", ROLE_ERROR_MAX - 32, error);
    return syslog->patterns != NULL;
}

static void close_fd(int fd)
{
    if (fd >= 0)
        close(fd);
}

void ingest_syslog_close(struct ingest_syslog *syslog)
{
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        close_fd(syslog->listeners[family].datagrams.fd);
        close_fd(syslog->listeners[family].streams);
    }
    ingest_tls_close(&syslog->tls);
    syslog_patterns_free(syslog->patterns);
}

// ---- what a line says

// By program and mnemonic: as many lines of one kind as there may be are one line in the log.
void ingest_syslog_unknown(struct ingest_syslog *syslog, const struct syslog_message *m,
                           const char *device)
{
    struct ingest_unknown *unknown = &syslog->unknown;
    char key[sizeof unknown->keys[0]], app[24], id[36];
    uint32_t kind = 0;
    unknown->lines++;
    syslog_text_show(m->app, app, sizeof app);
    syslog_text_show(m->id, id, sizeof id);
    snprintf(key, sizeof key, "%s/%s", app, id);
    while (kind < unknown->kinds && strcmp(unknown->keys[kind], key) != 0)
        kind++;
    if (kind < unknown->kinds || kind == INGEST_UNKNOWN_KINDS)
        return;
    memcpy(unknown->keys[kind], key, sizeof key);
    char text[100];
    syslog_text_show(m->text, text, sizeof text);
    snprintf(unknown->samples[kind], sizeof unknown->samples[kind],
             "device=%s kind=%.32s text=\"%s\"", device, key, text);
    unknown->kinds++;
}

void ingest_syslog_queue(struct ingest_role *r, const struct notice *notice)
{
    struct ingest_syslog *syslog = &r->syslog;
    if (syslog->count == INGEST_FACTS_MAX) {
        ingest_complain(r, INGEST_SYSLOG_NO_ROOM, NULL,
                        "devices say more than %d things at once: some are not told",
                        INGEST_FACTS_MAX);
        return;
    }
    syslog->facts[(syslog->first + syslog->count++) % INGEST_FACTS_MAX] = *notice;
}

static bool name_device(struct ingest_role *r, const struct address *sender,
                        const struct syslog_message *m, char name[NET_NAME_MAX])
{
    const struct net_device *device = device_by_address(&r->net->syslog, *sender);
    if (device) {
        memcpy(name, device->name, sizeof device->name);
        return true;
    }
    if (device_by_host(&r->net->syslog, m->host, name))
        return true;
    ingest_complain(r, INGEST_SYSLOG_UNREADABLE, sender,
                    "a message that is passed on must name its device");
    return false;
}

static void take_line(struct ingest_role *r, const struct address *sender, struct syslog_text line)
{
    struct ingest_syslog *syslog = &r->syslog;
    struct syslog_message message;
    struct syslog_match match;
    struct notice notice;
    char device[NET_NAME_MAX];
    if (line.size == 0)
        return;
    syslog->lines++;
    syslog_message_read(line.at, line.size, &message);
    if (!name_device(r, sender, &message, device))
        return;
    if (!syslog_patterns_match(syslog->patterns, &message, &match)) {
        ingest_syslog_unknown(syslog, &message, device);
    } else if (device_notice(r->net, device, &message, &match, &notice)) {
        syslog->known++;
        notice.since = r->now;
        ingest_syslog_queue(r, &notice);
    }
}

// ---- UDP: RFC 5426, one message a datagram

bool ingest_syslog_hears(struct ingest_role *r, const struct address *sender)
{
    if (device_by_address(&r->net->syslog, *sender) ||
        ingest_is_among(&r->net->syslog.relays, sender))
        return true;
    r->syslog.strange++;
    ingest_complain(r, INGEST_SYSLOG_STRANGER, sender,
                    "neither among syslog.devices nor syslog.relays");
    return false;
}

static void take_datagram(struct ingest_role *r, const struct address *sender, const char *text,
                          size_t size)
{
    if (!ingest_syslog_hears(r, sender))
        return;
    r->syslog.cut += size > SYSLOG_SIZE_MAX;
    if (size > SYSLOG_SIZE_MAX)
        size = SYSLOG_SIZE_MAX;
    take_line(r, sender, (struct syslog_text){text, size});
}

static void lose(struct ingest_role *r, int32_t count)
{
    ingest_complain(r, INGEST_SYSLOG_LOST, NULL, "%d lines came faster than they were read", count);
}

static const struct ingest_datagrams datagrams = {take_datagram, lose};

// ---- TCP: RFC 6587

static void on_caller(uv_stream_t *server, int status);

// libuv hears no caller more until the one who waits is taken.
void ingest_stream_freed(struct ingest_stream *stream)
{
    stream->used = false;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct ingest_listener *listener = &stream->role->syslog.listeners[family];
        if (listener->waits && !uv_is_closing((uv_handle_t *)&listener->tcp))
            on_caller((uv_stream_t *)&listener->tcp, 0);
    }
    ingest_tls_resume(stream->role);
}

static void on_closed(uv_handle_t *handle)
{
    ingest_stream_freed(handle->data);
}

static void end(struct ingest_stream *stream)
{
    if (!uv_is_closing((uv_handle_t *)&stream->tcp))
        uv_close((uv_handle_t *)&stream->tcp, on_closed);
}

// False when nobody knows where the next message begins.
bool ingest_stream_take(struct ingest_stream *stream, bool last)
{
    struct ingest_role *r = stream->role;
    struct syslog_text left = {stream->bytes, stream->filled};
    struct syslog_frame frame;
    do {
        frame = syslog_frame_next(&stream->framing, left, last);
        left = (struct syslog_text){left.at + frame.taken, left.size - frame.taken};
        r->syslog.cut += frame.verdict == SYSLOG_FRAME_CUT;
        take_line(r, &stream->peer, frame.message);
    } while (frame.taken > 0);
    memmove(stream->bytes, left.at, left.size);
    stream->filled = left.size;
    return frame.verdict != SYSLOG_FRAME_LOST;
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    (void)suggested;
    struct ingest_stream *stream = handle->data;
    *buffer = uv_buf_init(stream->bytes + stream->filled,
                          (unsigned)(sizeof stream->bytes - stream->filled));
}

static void on_read(uv_stream_t *tcp, ssize_t size, const uv_buf_t *buffer)
{
    (void)buffer;
    struct ingest_stream *stream = tcp->data;
    struct ingest_role *r = stream->role;
    r->now = now_mono();
    if (size > 0)
        stream->filled += (size_t)size;
    if (size != 0 && !ingest_stream_take(stream, size < 0)) {
        ingest_complain(r, INGEST_SYSLOG_UNREADABLE, &stream->peer,
                        "a count of octets or a line is expected (RFC 6587): the connection ends");
        size = UV_EOF;
    }
    if (size < 0)
        end(stream);
}

struct ingest_stream *ingest_stream_free(struct ingest_syslog *syslog)
{
    for (uint32_t i = 0; i < INGEST_STREAMS_MAX; i++)
        if (!syslog->streams[i].used)
            return &syslog->streams[i];
    return NULL;
}

static struct address peer_of(const uv_tcp_t *tcp)
{
    union endpoint endpoint = {0};
    int size = sizeof endpoint;
    return uv_tcp_getpeername(tcp, &endpoint.any, &size) == 0 ? endpoint_address(&endpoint)
                                                              : (struct address){0};
}

static void on_caller(uv_stream_t *server, int status)
{
    struct ingest_listener *listener = server->data;
    struct ingest_role *r = listener->role;
    struct ingest_stream *stream = ingest_stream_free(&r->syslog);
    r->now = now_mono();
    listener->waits = !stream;
    if (status < 0 || !stream) {
        ingest_complain(r, INGEST_SYSLOG_NO_ROOM, NULL,
                        "more than %d connections: further ones wait", INGEST_STREAMS_MAX);
        return;
    }
    if (uv_tcp_init(&r->loop, &stream->tcp) != 0)
        return;
    stream->role = r;
    stream->used = true;
    stream->tcp.data = stream;
    stream->framing = (struct syslog_framing){0};
    stream->filled = 0;
    bool came = uv_accept(server, (uv_stream_t *)&stream->tcp) == 0;
    stream->peer = came ? peer_of(&stream->tcp) : (struct address){0};
    if (!stream->peer.family || !ingest_syslog_hears(r, &stream->peer)) {
        end(stream);
        return;
    }
    uv_tcp_keepalive(&stream->tcp, 1, KEEPALIVE_S);
    uv_read_start((uv_stream_t *)&stream->tcp, on_room, on_read);
}

// ---- the loop

static int start_family(struct ingest_role *r, struct ingest_listener *listener)
{
    listener->role = r;
    listener->tcp.data = listener;
    int error = ingest_watch(r, &listener->datagrams, &datagrams);
    int again = dup(listener->streams);  // libuv closes it; another process may need it again
    if (!error && again < 0)
        error = UV_EMFILE;
    if (!error)
        error = uv_tcp_init(&r->loop, &listener->tcp);
    if (!error)
        error = uv_tcp_open(&listener->tcp, again);
    return error ? error : uv_listen((uv_stream_t *)&listener->tcp, BACKLOG, on_caller);
}

int ingest_syslog_start(struct ingest_role *r)
{
    int error = 0;
    for (enum family family = FAMILY_IPV4; !error && family < FAMILIES; family++)
        if (r->syslog.listeners[family].streams >= 0)
            error = start_family(r, &r->syslog.listeners[family]);
    return error ? error : ingest_tls_start(r);
}

// Patterns are taken anew when their files changed and are quiet again; those that cannot be read
// change nothing, and that is told.
static void look_at_patterns(struct ingest_role *r)
{
    struct ingest_syslog *syslog = &r->syslog;
    struct notice notice = {.kind = NOTICE_PATTERNS_REFUSED, .router = NET_NOBODY, .since = r->now};
    char why[PATTERN_FILES_WHY_MAX] = "";
    if (!syslog->patterns || !pattern_watch_changed(&syslog->watch, r->now))
        return;
    struct syslog_patterns *patterns = pattern_files_load(syslog->watch.directory, why);
    if (patterns) {
        syslog_patterns_free(syslog->patterns);
        syslog->patterns = patterns;
        log_line("event=syslog_patterns_loaded rules=%u", syslog_patterns_count(patterns));
    } else {
        log_line("event=syslog_patterns_refused why='%s'", why);
    }
    if (patterns && !syslog->is_refused)
        return;
    syslog->is_refused = notice.raised = patterns == NULL;
    snprintf(notice.text, sizeof notice.text, "%.*s%s", NOTICE_TEXT_MAX - 32, why,
             patterns ? "they can be read" : "; the old ones stay");
    ingest_syslog_queue(r, &notice);
}

bool ingest_syslog_next(struct ingest_syslog *syslog, struct notice *notice)
{
    if (syslog->count == 0)
        return false;
    *notice = syslog->facts[syslog->first];
    syslog->first = (syslog->first + 1) % INGEST_FACTS_MAX;
    syslog->count--;
    return true;
}

void ingest_syslog_tick(struct ingest_role *r)
{
    struct ingest_unknown *unknown = &r->syslog.unknown;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        ingest_look(r, &r->syslog.listeners[family].datagrams);
    ingest_tls_tick(r);
    look_at_patterns(r);
    if (unknown->lines == 0 ||
        !mono_reached(r->now, mono_add_ms(unknown->told_at, UNKNOWN_EVERY_MS)))
        return;
    for (uint32_t i = 0; i < unknown->kinds; i++)
        log_line("event=syslog_unknown %s", unknown->samples[i]);
    log_line("event=syslog_unknown_lines count=%" PRIu64 " kinds=%u%s", unknown->lines,
             unknown->kinds, unknown->kinds == INGEST_UNKNOWN_KINDS ? "_or_more" : "");
    *unknown = (struct ingest_unknown){.told_at = r->now};
}

void ingest_syslog_tell(const struct ingest_syslog *syslog)
{
    if (syslog->patterns)
        log_line("event=syslog_end lines=%" PRIu64 " known=%" PRIu64 " strangers=%" PRIu64
                 " cut=%" PRIu64,
                 syslog->lines, syslog->known, syslog->strange, syslog->cut);
}
