// SPDX-License-Identifier: ISC
// The station for BMP: many routers tell of their peers' tables, each in a stream of its own (RFC
// 7854 §3). Every table of every peer becomes a peer of the RIB; a peer that goes down, and a
// stream that is lost, takes its tables with it at once. What is learned here never justifies an
// announcement: rib.h tells its peers apart from sessions.
//
// Its files: route_bmp.c (connections), route_bmp_hear.c (what messages do), route_bmp_note.c (what
// is told and kept). Work is bounded: so many octets a turn for all routers together, in turns, so
// that whole tables delay neither the sessions nor the engine's orders.
#pragma once

#include "bmp/monitor.h"
#include "bmp/statistics.h"
#include "detect/notice.h"
#include "net/net.h"
#include "rib/rib.h"

#include <uv.h>

struct route_role;

enum {
    ROUTE_BMP_READ_MAX = 32 * 1024,               // octets of one router a turn
    ROUTE_BMP_TURN_MAX = 2 * ROUTE_BMP_READ_MAX,  // of all: about a millisecond of work
    ROUTE_BMP_INPUT_MAX = BMP_MESSAGE_MAX + ROUTE_BMP_READ_MAX,
    ROUTE_BMP_IDLE_MS = 10 * 1000,  // without End-of-RIB a table is complete after such a pause
    ROUTE_BMP_LATE_MS = 60 * 1000,  // a router that has not come by then is told of
    ROUTE_BMP_RETRY_MIN_MS = 1000,  // of calls
    ROUTE_BMP_RETRY_MAX_MS = 30 * 1000,
    ROUTE_BMP_CONNECT_MS = 5000,
    ROUTE_BMP_TEXT_MAX = 96,  // octets of a name or description that are kept, escaped
};

enum route_bmp_gauge {  // statistics that are told for each family
    ROUTE_BMP_IN_ROUTES,
    ROUTE_BMP_LOC_ROUTES,
    ROUTE_BMP_OUT_PRE_ROUTES,
    ROUTE_BMP_OUT_POST_ROUTES,
    ROUTE_BMP_GAUGES
};

struct route_bmp_table {
    uint32_t rib;              // its number in the RIB; RIB_NO_PEER: nothing came yet
    bool full, paths_missing;  // and it was said
    bool filtered;             // it is told in part, RFC 9069 §4.2
    bool complete[FAMILIES];
    struct mono heard_at[FAMILIES];  // zero: never
};

struct route_bmp_peer {  // the one of the same number in the monitor
    struct route_bmp_table tables[BMP_TABLES];
    struct mono since;           // up or down
    char down[NOTICE_TEXT_MAX];  // why it is down; empty: up, or not told of
    bool down_told;              // a notice stands
    char table_name[ROUTE_BMP_TEXT_MAX], admin_label[ROUTE_BMP_TEXT_MAX];
    uint32_t statistics_told;  // bit n: type n came
    uint64_t statistics[BMP_STATISTICS];
    uint64_t gauges[ROUTE_BMP_GAUGES][FAMILIES];
    uint64_t updates, malformed, mirrored, mirrored_errors, mirrored_lost;
};

struct route_bmp_sender {  // the one of the same number in the configuration
    struct route_role *role;
    uint32_t number;
    int fd;           // -1: none
    uv_poll_t *poll;  // on the heap: it outlives its socket by a turn
    bool connecting, ready;
    int wanted;                   // what the loop watches it for
    struct bmp_monitor *monitor;  // these three while there is a connection
    struct route_bmp_peer *peers;
    uint8_t *in;
    size_t in_size;
    struct mono since, retry_at;
    uint32_t retry_ms;
    bool down_told;
    char reason[NOTICE_TEXT_MAX];  // why it is down
    char system_name[ROUTE_BMP_TEXT_MAX], system_description[ROUTE_BMP_TEXT_MAX];
    uint64_t messages, malformed, unknown, connections;
};

struct route_bmp_owner {  // of a number of the RIB
    bool used;
    uint8_t table;
    uint16_t sender, peer;
};

struct route_bmp {
    int listeners[FAMILIES];  // -1: none
    uv_poll_t polls[FAMILIES];
    uint32_t first;  // sender that is read first in this turn
    struct route_bmp_sender *senders;
    struct route_bmp_owner owners[RIB_PEERS_MAX];
    bool out_of_tables;  // and it was said
};

// route_bmp.c
bool route_bmp_open(struct route_role *r, char *why);  // what needs privileges
void route_bmp_close(struct route_role *r);
void route_bmp_start(struct route_role *r);
void route_bmp_turn(struct route_role *r);
void route_bmp_tick(struct route_role *r);
void route_bmp_stop(struct route_role *r);  // ends all connections

// route_bmp_hear.c
// Takes one message; false: the stream is over, and `reason` says why.
bool route_bmp_hear(struct route_bmp_sender *s, struct cursor bytes);
void route_bmp_lost(struct route_bmp_sender *s);  // the tables of all its peers go
void route_bmp_complete_by_time(struct route_bmp_sender *s);

// route_bmp_note.c
// "edge1/192.0.2.1 in-pre", into `text` (NOTICE_PEER_MAX bytes); false: no table of BMP.
bool route_bmp_peer_name(const struct route_role *r, uint32_t rib_peer, char *text);
uint32_t route_bmp_peer_router(const struct route_role *r, uint32_t rib_peer);  // or NET_NOBODY
