// SPDX-License-Identifier: ISC
// The route role from inside: the sessions with the routers, their tables, and what Fairlead says
// to them. Its files: route_open.c (what needs privileges), route_link.c (a connection and its
// socket), route_session.c (what sessions tell), route_table.c (UPDATEs into the RIB, changes to
// the engine), route_steer.c (its orders through the gate), route_tell.c (events to the engine, the
// log), route_bmp*.c (what routers tell of others), route_ask.c (answers); route.c is the loop.
#pragma once

#include "base/sieve.h"
#include "bgp/session.h"
#include "detect/notices.h"
#include "engine/effect.h"
#include "engine/event.h"
#include "role/roles.h"
#include "role/route_origins.h"
#include "role/route_ask.h"
#include "role/route_bmp.h"
#include "role/route_fib.h"
#include "role/route_known.h"
#include "role/route_limit.h"
#include "role/route_refresh.h"
#include "role/route_say.h"
#include "role/route_steer.h"
#include "role/route_taken.h"
#include "role/route_watch.h"
#include "steer/orders.h"

#include <uv.h>

enum { ROUTE_OUTBOX_MAX = 16 * 1024 };  // events that wait for the engine
enum { ROUTE_DIALLED, ROUTE_CALLED, ROUTE_LINKS };

struct route_link {  // one connection, dialled by us or by the router
    struct route_role *role;
    uint32_t router;
    int side, fd;         // ROUTE_DIALLED or ROUTE_CALLED; -1: no socket
    uv_poll_t *poll;      // on the heap: it outlives its socket by a turn
    uint8_t cut_subcode;  // of the Cease to end it with in its next turn; 0: it may live
    const char *cut_text;
    int wanted;  // what the loop watches it for
    struct bgp_session session;
};

struct route_router {
    struct route_link links[ROUTE_LINKS];
    struct route_link *live;  // the established one; NULL: down
    struct mono up_at, heard_at[FAMILIES];
    bool complete[FAMILIES];
    char reason[BGP_REASON_MAX];  // why it is down, as last told
    struct mono reason_at;
    bool was_partial;
    uint64_t verdicts[BGP_REMEDIES];  // what became of its UPDATEs and of what ended its sessions
    struct route_limit limit;
    struct route_saying saying;
    struct route_refresh refreshes[FAMILIES];
};

struct route_outbox {  // in order; a ring
    struct event *events;
    uint32_t first, count;
};

struct route_role {
    const struct net *net;
    int listeners[FAMILIES];  // -1: none
    int channel, status;      // to exit with
    bool stopping;
    int channel_wanted;  // what the loop watches it for
    uv_loop_t loop;
    uv_timer_t tick;
    uv_prepare_t prepare;
    uv_idle_t sweep, fib_turn;
    uv_signal_t signals[2];
    uv_poll_t channel_poll, listen_polls[FAMILIES];
    struct mono now, started_at;
    struct route_router routers[NET_ROUTERS_MAX];
    struct rib *rib;
    size_t rib_bytes_high, rib_bytes_last;  // since memory was last given back; at the last tick
    struct sieve of_interest;               // prefixes that may be steered, and our own
    struct ledger *ledger;
    struct route_origins origins;
    struct gate gate;
    struct orders orders;
    struct route_steer_log steer_log;
    struct mono exits_watched_at, words_asked_at;
    struct route_known known;
    struct route_outbox outbox;
    struct notices *notices;
    struct route_watch watch;
    struct route_asker asker;
    struct route_fib *fibs;  // one for each router
    struct route_bmp bmp;
    bool paused;  // the engine reads too slowly: the routers wait
    uint32_t log_tokens;
    struct mono log_filled_at;
    uint64_t log_dropped;
};

// route_link.c
void route_link_called(struct route_link *link, int fd);
void route_link_turn(struct route_link *link);  // draws events, writes, asks for what is next
void route_link_time(struct route_link *link);
// Ends it in its next turn: Cease. `text` is lent for ever.
void route_link_cut(struct route_link *link, uint8_t subcode, const char *text);

// route_session.c
void route_session_init(struct route_link *link, struct mono now);
void route_session_event(struct route_link *link, const struct bgp_session_event *event);
void route_session_tick(struct route_role *r);  // tables that are complete by now

// route_table.c
// `router` may also be another peer of the RIB: nothing of it can be steered.
void route_table_update(struct route_role *r, uint32_t router, const struct bgp_update *update,
                        bool withdraw_all);
void route_table_withdraw(struct route_role *r, uint32_t router, const struct bgp_route *route);
// The engine is told of one steerable prefix instead of another; where that cannot be, of nothing.
void route_table_place(struct route_role *r, const struct effect_place *place);
void route_table_forget(struct route_role *r, uint32_t router);

// route_tell.c
void route_tell(struct route_role *r, const struct event *event);
void route_tell_waiting(struct route_role *r);
void route_log(const char *event, const char *format, ...) __attribute__((format(printf, 2, 3)));
// For what a peer can cause: dropped, and counted, when there is too much of it.
bool route_log_may(struct route_role *r);

// route.c
void route_stop(struct route_role *r, int status, const char *why);
void route_sweep(struct route_role *r);  // frees what a forgotten router left, bit by bit
