// SPDX-License-Identifier: ISC
// GnuTLS does the cryptography: it is in the process already, by libmicrohttpd. It reads and writes
// the socket itself, which never blocks; libuv says when. We say nothing after the handshake.
#include "role/ingest_tls.h"

#include "role/certificate.h"
#include "role/ingest.h"
#include "role/log.h"
#include "role/now.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { KEEPALIVE_S = 60 };  // a device that is gone without a word must not hold a place for ever

// RFC 9325 §3.1.1: nothing older.
static const char priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

// Those of the library, shared by all sessions that began with them.
struct ingest_credentials {
    gnutls_certificate_credentials_t handle;
    uint32_t users;  // sessions, and the role while they are its newest
};

static void release(struct ingest_credentials *credentials)
{
    if (!credentials || --credentials->users > 0)
        return;
    gnutls_certificate_free_credentials(credentials->handle);
    free(credentials);
}

// ---- what needs privileges

// What new connections are secured with from now on; false: it is none, or memory is out.
static bool use_certificate(struct ingest_tls *tls, const struct certificate *certificate)
{
    struct certificate_wrong wrong;
    struct ingest_credentials *made = calloc(1, sizeof *made);
    if (made)
        made->handle = certificate_load(certificate, &wrong);
    if (!made || !made->handle) {
        free(made);
        return false;
    }
    release(tls->credentials);
    made->users = 1;
    tls->credentials = made;
    return true;
}

static bool read_certificate(const struct net *net, struct ingest_tls *tls, char *why)
{
    const struct certificate_files files = certificate_of_syslog(net);
    struct certificate certificate;
    if (!certificate_read(&files, &certificate, why))
        return false;
    bool good = use_certificate(tls, &certificate);
    certificate_free(&certificate);
    if (!good)
        snprintf(why, ROLE_ERROR_MAX, "cannot take syslog over TLS: out of memory");
    return good;
}

void ingest_tls_renew(struct ingest_role *r, const char *text, size_t size)
{
    struct certificate certificate;
    if (!r->syslog.tls.credentials || !certificate_take(text, size, &certificate))
        return;
    if (!use_certificate(&r->syslog.tls, &certificate))
        log_line("event=syslog_certificate_kept why='the new one cannot be read'");
    certificate_free(&certificate);
}

bool ingest_tls_open(struct ingest_role *role, char *why)
{
    const struct net_syslog *c = &role->net->syslog;
    struct ingest_tls *tls = &role->syslog.tls;
    bool any = false;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        if (!c->tls_listen[family].family)
            continue;
        any = true;
        tls->listeners[family].fd = ingest_open_socket("syslog over TLS", c->tls_listen[family],
                                                       c->tls_port, SOCK_STREAM, why);
        if (tls->listeners[family].fd < 0)
            return false;
    }
    return !any || read_certificate(role->net, tls, why);
}

void ingest_tls_close(struct ingest_tls *tls)
{
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        if (tls->listeners[family].fd >= 0)
            close(tls->listeners[family].fd);
    release(tls->credentials);
}

// ---- one connection

static void end_session(struct ingest_stream *stream)
{
    if (stream->session)
        gnutls_deinit(stream->session);
    stream->session = NULL;
    release(stream->credentials);
    stream->credentials = NULL;
}

static void on_closed(uv_handle_t *handle)
{
    struct ingest_stream *stream = handle->data;
    end_session(stream);
    close(stream->fd);
    ingest_stream_freed(stream);
}

static void end(struct ingest_stream *stream)
{
    if (!uv_is_closing((uv_handle_t *)&stream->poll))
        uv_close((uv_handle_t *)&stream->poll, on_closed);
}

static void refuse_client(struct ingest_stream *stream, const char *what)
{
    ingest_complain(stream->role, INGEST_SYSLOG_UNREADABLE, &stream->peer, "TLS: %s", what);
    end(stream);
}

static void shake(struct ingest_stream *stream)
{
    int error = gnutls_handshake(stream->session);
    stream->is_secure = error == GNUTLS_E_SUCCESS;
    if (error == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR)
        refuse_client(stream, "its certificate is by none of syslog.tls_authorities");
    else if (error < 0 && gnutls_error_is_fatal(error))
        refuse_client(stream, gnutls_strerror(error));
}

// What was decrypted, to messages; false: the connection is over.
static bool take_record(struct ingest_stream *stream)
{
    ssize_t size = gnutls_record_recv(stream->session, stream->bytes + stream->filled,
                                      sizeof stream->bytes - stream->filled);
    if (size == GNUTLS_E_AGAIN || (size < 0 && !gnutls_error_is_fatal((int)size)))
        return true;
    if (size > 0)
        stream->filled += (size_t)size;
    if (!ingest_stream_take(stream, size <= 0)) {
        refuse_client(stream, "a count of octets is expected (RFC 5425 §4.3): the connection ends");
        return false;
    }
    if (size <= 0)
        end(stream);
    return size > 0;
}

static void on_event(uv_poll_t *poll, int status, int events)
{
    struct ingest_stream *stream = poll->data;
    (void)status, (void)events;  // whatever it is, the next call tells
    stream->role->now = now_mono();
    if (!stream->is_secure)
        shake(stream);
    for (int i = 0; stream->is_secure && i < INGEST_TLS_READS_MAX; i++) {
        bool waits = gnutls_record_check_pending(stream->session) > 0;
        if ((i > 0 && !waits) || !take_record(stream))
            break;
    }
    // What is decrypted and not taken yet makes no descriptor readable.
    bool more = stream->is_secure && gnutls_record_check_pending(stream->session) > 0;
    bool writes = !stream->is_secure && gnutls_record_get_direction(stream->session) == 1;
    if (!uv_is_closing((uv_handle_t *)poll))
        uv_poll_start(poll, UV_READABLE | (writes || more ? UV_WRITABLE : 0), on_event);
}

static bool open_session(struct ingest_stream *stream)
{
    struct ingest_role *r = stream->role;
    if (gnutls_init(&stream->session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) < 0)
        return false;
    stream->credentials = r->syslog.tls.credentials;
    stream->credentials->users++;
    bool good = gnutls_priority_set_direct(stream->session, priorities, NULL) == 0 &&
                gnutls_credentials_set(stream->session, GNUTLS_CRD_CERTIFICATE,
                                       stream->credentials->handle) == 0;
    if (r->net->syslog.tls_authorities[0]) {
        gnutls_certificate_server_set_request(stream->session, GNUTLS_CERT_REQUIRE);
        gnutls_session_set_verify_cert(stream->session, NULL, 0);
    }
    gnutls_transport_set_int(stream->session, stream->fd);
    return good;
}

// False: memory or descriptors are out.
static bool begin(struct ingest_stream *stream)
{
    struct ingest_role *r = stream->role;
    if (open_session(stream) && uv_poll_init(&r->loop, &stream->poll, stream->fd) == 0) {
        stream->poll.data = stream;
        uv_poll_start(&stream->poll, UV_READABLE, on_event);
        return true;
    }
    end_session(stream);
    return false;
}

static void take_caller(struct ingest_role *r, int fd, const union endpoint *peer,
                        struct ingest_stream *stream)
{
    const int yes = 1, idle_s = KEEPALIVE_S;
    struct address address = endpoint_address(peer);
    if (!ingest_syslog_hears(r, &address)) {
        close(fd);
        return;
    }
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    stream->role = r;
    stream->peer = address;
    stream->framing = (struct syslog_framing){0};
    stream->filled = 0;
    stream->is_secure = false;
    stream->fd = fd;
    stream->begun_at = r->now;
    stream->used = begin(stream);
    if (!stream->used)
        close(fd);
}

// ---- callers

static void on_caller(uv_poll_t *poll, int status, int events)
{
    struct ingest_tls_listener *listener = poll->data;
    struct ingest_role *r = listener->role;
    (void)status, (void)events;
    r->now = now_mono();
    struct ingest_stream *stream = ingest_stream_free(&r->syslog);
    listener->waits = !stream;
    if (!stream) {
        uv_poll_stop(poll);
        ingest_complain(r, INGEST_SYSLOG_NO_ROOM, NULL,
                        "more than %d connections: further ones wait", INGEST_STREAMS_MAX);
        return;
    }
    union endpoint peer = {0};
    socklen_t size = sizeof peer;
    int fd = accept4(listener->fd, &peer.any, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0)
        take_caller(r, fd, &peer, stream);
}

void ingest_tls_resume(struct ingest_role *r)
{
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct ingest_tls_listener *listener = &r->syslog.tls.listeners[family];
        if (listener->waits && !uv_is_closing((uv_handle_t *)&listener->poll))
            uv_poll_start(&listener->poll, UV_READABLE, on_caller);
        listener->waits = false;
    }
}

void ingest_tls_tick(struct ingest_role *r)
{
    for (uint32_t i = 0; i < INGEST_STREAMS_MAX; i++) {
        struct ingest_stream *stream = &r->syslog.streams[i];
        bool is_late = stream->used && stream->session && !stream->is_secure &&
                       mono_reached(r->now, mono_add_ms(stream->begun_at, INGEST_TLS_SHAKE_MS));
        if (is_late && !uv_is_closing((uv_handle_t *)&stream->poll))
            refuse_client(stream, "no handshake within 10 s");
    }
}

int ingest_tls_start(struct ingest_role *r)
{
    int error = 0;
    for (enum family family = FAMILY_IPV4; !error && family < FAMILIES; family++) {
        struct ingest_tls_listener *listener = &r->syslog.tls.listeners[family];
        if (listener->fd < 0)
            continue;
        listener->role = r;
        listener->poll.data = listener;
        error = uv_poll_init(&r->loop, &listener->poll, listener->fd);
        if (!error)
            error = uv_poll_start(&listener->poll, UV_READABLE, on_caller);
    }
    return error;
}
