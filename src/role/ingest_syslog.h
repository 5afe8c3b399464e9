// SPDX-License-Identifier: ISC
// What devices say by syslog, over UDP and TCP: to facts by patterns, and those to the engine as
// notices. Part of the ingest role.
#pragma once

#include "detect/device.h"
#include "role/pattern_files.h"
#include "syslog/framing.h"

#include <uv.h>

enum {
    INGEST_STREAMS_MAX = 64,
    INGEST_STREAM_BYTES = SYSLOG_SIZE_MAX + SYSLOG_COUNT_DIGITS_MAX + 2,
    INGEST_FACTS_MAX = 512,    // that wait for the engine
    INGEST_UNKNOWN_KINDS = 8,  // of lines that no pattern knows, shown each time
};

struct ingest_role;

// What comes as datagrams on one socket: of a kind, counters or syslog.
struct ingest_datagrams {
    // One of them; `size` SIZE_MAX: it was cut at DATAGRAM_SIZE_MAX.
    void (*take)(struct ingest_role *role, const struct address *sender, const char *text,
                 size_t size);
    void (*lose)(struct ingest_role *role, int32_t count);  // so many came too fast
};

struct ingest_socket {
    const struct ingest_datagrams *kind;
    int fd;            // -1: none
    uint32_t dropped;  // by the kernel for want of room, as last known
    uv_poll_t poll;
    struct ingest_role *role;
};

struct gnutls_session_int;

struct ingest_stream {  // one connection
    struct ingest_role *role;
    bool used;
    uv_tcp_t tcp;
    // Over TLS instead, see ingest_tls.c; NULL: plain.
    struct gnutls_session_int *session;
    struct ingest_credentials *credentials;  // ingest_tls.c
    uv_poll_t poll;
    int fd;
    bool is_secure;  // the handshake is done
    struct mono begun_at;
    struct address peer;
    struct syslog_framing framing;
    size_t filled;
    char bytes[INGEST_STREAM_BYTES];
};

struct ingest_listener {
    struct ingest_role *role;
    struct ingest_socket datagrams;
    int streams;  // descriptor; -1: none
    bool waits;   // a caller, for a place
    uv_tcp_t tcp;
};

struct ingest_tls_listener {
    struct ingest_role *role;
    int fd;      // -1: none
    bool waits;  // a caller, for a place
    uv_poll_t poll;
};

struct ingest_tls {
    struct ingest_credentials *credentials;  // of sessions that begin now
    struct ingest_tls_listener listeners[FAMILIES];
};

// Lines that no pattern knows: how many, and some of them, so that somebody may write a pattern.
struct ingest_unknown {
    uint64_t lines;
    uint32_t kinds;
    char keys[INGEST_UNKNOWN_KINDS][64];
    char samples[INGEST_UNKNOWN_KINDS][160];
    struct mono told_at;
};

struct ingest_syslog {
    struct syslog_patterns *patterns;
    bool is_refused;  // the newest patterns cannot be read
    struct pattern_watch watch;
    struct ingest_listener listeners[FAMILIES];
    struct ingest_tls tls;
    struct ingest_stream streams[INGEST_STREAMS_MAX];
    uint32_t first, count;  // of the facts that wait; a ring
    struct notice facts[INGEST_FACTS_MAX];
    struct ingest_unknown unknown;
    uint64_t lines, known, strange, cut;
};

// What needs privileges: false, and `why` says so.
bool ingest_syslog_open(struct ingest_role *role, char *why);
void ingest_syslog_close(struct ingest_syslog *syslog);

int ingest_syslog_start(struct ingest_role *role);  // 0 or an error of libuv
void ingest_syslog_tick(struct ingest_role *role);
bool ingest_syslog_next(struct ingest_syslog *syslog, struct notice *notice);
void ingest_syslog_tell(const struct ingest_syslog *syslog);  // its counts, at the end

// What traps tell goes the same way: a fact, and what nobody knows.
void ingest_syslog_queue(struct ingest_role *role, const struct notice *notice);
void ingest_syslog_unknown(struct ingest_syslog *syslog, const struct syslog_message *message,
                           const char *device);

// What streams of both kinds share. False: nobody knows where the next message begins.
bool ingest_stream_take(struct ingest_stream *stream, bool last);
struct ingest_stream *ingest_stream_free(struct ingest_syslog *syslog);  // NULL: no place
void ingest_stream_freed(struct ingest_stream *stream);
bool ingest_syslog_hears(struct ingest_role *role, const struct address *sender);

// ingest_open.c: a descriptor, or -1 and `why`; `what` is taken there: "syslog".
int ingest_open_socket(const char *what, struct address address, uint16_t port, int type,
                       char *why);
