// SPDX-License-Identifier: ISC
// The ingest role from inside: what servers tell of their connections, by UDP (ingest.c) and HTTP
// (ingest_http.c), to the detector (detect/passive.h), what devices tell of themselves by syslog
// (ingest_syslog.c) and by traps of SNMP (ingest_traps.c), and what that notices to the engine;
// what pipelines post of their changes (ingest_changes.c), what is put into etcd (ingest_etcd.c);
// and what upstreams carry (ingest_meter.c). It parses anybody's bytes: it holds nothing else.
#pragma once

#include "count/use.h"
#include "detect/passive.h"
#include "role/certificate.h"
#include "role/datagram.h"
#include "role/ingest_changes.h"
#include "role/ingest_etcd.h"
#include "role/ingest_syslog.h"
#include "role/link.h"
#include "role/roles.h"

#include <jansson.h>
#include <uv.h>

enum { INGEST_BODY_BYTES_MAX = 64 * 1024 };
struct MHD_Daemon;
struct ingest_snmp;   // ingest_snmp.h
struct ingest_traps;  // ingest_traps.h

struct ingest_http {
    int listen_fd;
    struct MHD_Daemon *server;
    uv_poll_t poll;
    struct ingest_role *role;
};

// What was wrong, told once in a while: the first since, and how many.
enum ingest_wrong {
    INGEST_MALFORMED,
    INGEST_STRANGER,
    INGEST_NO_ROOM,
    INGEST_CHANGE_MALFORMED,
    INGEST_LOST,
    INGEST_SYSLOG_STRANGER,
    INGEST_SYSLOG_UNREADABLE,
    INGEST_SYSLOG_NO_ROOM,
    INGEST_SYSLOG_LOST,
    INGEST_TRAP_REFUSED,
    INGEST_WRONGS
};

struct ingest_complaint {
    uint32_t count;
    uint64_t lines_before;  // as counted when it was told last
    struct mono told_at;
    char text[NOTICE_TEXT_MAX];
};

struct ingest_counts {
    uint64_t datagrams, requests, lines, taken, foreign;  // lines: also items of JSON
    uint64_t wrong[INGEST_WRONGS];
};

struct ingest_bucket {  // of requests that may be answered at once
    uint32_t left;
    struct mono refilled_at;
};

struct ingest_role {
    const struct net *net;
    struct ingest_socket sockets[FAMILIES];
    struct ingest_http http[FAMILIES];
    struct ingest_syslog syslog;
    struct ingest_changes changes;
    struct ingest_etcds etcds;
    struct passive *passive;
    struct datagram_batch in;
    struct ingest_counts counts;
    struct ingest_complaint complaints[INGEST_WRONGS];
    bool has_pending;  // a notice that the engine had no room for
    struct notice pending;
    struct ingest_bucket requests, posts;  // posts: of changes, which cost more
    struct link_watch links;               // counters of interfaces
    struct mono meter_at, demands_refilled_at;
    struct count_rate rates[NET_UPSTREAMS_MAX];
    uint32_t demand_tokens;
    struct ingest_snmp *snmp;    // NULL: nobody is asked
    struct ingest_traps *traps;  // NULL: none are taken
    const union endpoint *peer;  // who sent the datagram that is taken now
    uv_loop_t loop;
    uv_timer_t timer;
    uv_poll_t channel_poll;
    uv_signal_t terminate;
    int channel;
    char told[CERTIFICATE_TEXT_MAX];  // by the engine
    struct mono now;                  // of this turn
};

// ingest.c: who sent it is NULL for what is nobody's.
void ingest_complain(struct ingest_role *r, enum ingest_wrong wrong, const struct address *sender,
                     const char *form, ...) __attribute__((format(printf, 4, 5)));
// True when it was taken; it complains itself when there is no room.
bool ingest_take(struct ingest_role *r, const struct address *sender, const struct count *count);

// Whether it is in the list, or this host.
bool ingest_is_among(const struct net_prefixes *list, const struct address *sender);
// Watches a socket, if it is open: 0 or an error of libuv. And reads what waits there now.
int ingest_watch(struct ingest_role *r, struct ingest_socket *socket,
                 const struct ingest_datagrams *kind);
void ingest_look(struct ingest_role *r, struct ingest_socket *socket);
// ingest_meter.c: items of JSON; false: `why` says what was expected.
bool ingest_take_use(struct ingest_role *r, const json_t *item, struct count_error *why);
bool ingest_take_demand(struct ingest_role *r, const json_t *item, struct count_error *why);
void ingest_meter_tick(struct ingest_role *r);
void ingest_tell_use(struct ingest_role *r, const struct count_use *use);

// ingest_http.c
bool ingest_http_open(struct ingest_http *http, struct ingest_role *role, int listen_fd);
void ingest_http_close(struct ingest_http *http);
int ingest_http_fd(const struct ingest_http *http);  // readable when there is something to do
void ingest_http_turn(struct ingest_http *http);
// Whether a header is "Bearer TOKEN". Takes as long for a wrong one as for the right one.
bool ingest_http_may(const char *authorization, const char *token);
