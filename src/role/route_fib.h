// SPDX-License-Identifier: ISC
// The routers' kernels, compared with what BGP chose: for each router whose configuration names
// where its kernel is read. Its files: route_fib_local.c (this host's own), route_fib_agent.c (by
// `fairlead agent` on the router); route_fib.c joins both to the comparison and tells.
//
// What it finds is for people; it never moves traffic. A kernel that cannot be read is unknown:
// nothing is said of it but that.
#pragma once

#include "rib/fib.h"
#include "role/kernel_socket.h"

#include <uv.h>

struct route_role;
struct route_fib;

// False: the kernel cannot be read, or memory is out; `why` says so.
bool route_fib_open(struct route_role *r, char *why);
void route_fib_close(struct route_role *r);
void route_fib_start(struct route_role *r);
void route_fib_tick(struct route_role *r);
void route_fib_stop(struct route_role *r);

// Around a change of some routes of a router's table: what is about to go must be known.
struct route_fib_before {
    bool watched;  // otherwise nothing is to be told after it
    bool goes;
    struct address next_hops[RIB_BATCH_MAX];  // of what goes
};
void route_fib_before(struct route_role *r, uint32_t router, const struct bgp_route *routes,
                      size_t count, struct route_fib_before *before);
void route_fib_after(struct route_role *r, uint32_t router, const struct bgp_route *routes,
                     size_t count, const struct route_fib_before *before);
// A router's table was forgotten, or is complete.
void route_fib_tables_changed(struct route_role *r);
// What a router calls its choice by BMP (RFC 9069), as a peer of the RIB; that this table, if it is
// one of those, was forgotten or is complete; and that it is gone.
void route_fib_loc_rib(struct route_role *r, uint32_t router, uint32_t peer);
void route_fib_loc_rib_changed(struct route_role *r, uint32_t peer);
void route_fib_loc_rib_gone(struct route_role *r, uint32_t peer);

// NULL: this router's kernel is not compared.
const struct fib *route_fib_of(const struct route_role *r, uint32_t router);

// Within these files.
struct route_fib_agent {
    int fd;  // -1: none
    bool is_dialling, is_greeted;
    bool is_asked;  // for a dump that has not ended
    struct mono dial_at, heard_at;
    uint32_t failures;  // in a row
    uint32_t sequence;  // of the frame to come
    uint64_t instance;
    enum netlink_order order;
    size_t size;  // of what has come and waits for more
    uint8_t *input;
};

struct route_fib {
    struct route_role *role;
    uint32_t router;
    struct fib *fib;
    struct kernel_socket kernel;  // of this host, or closed
    struct route_fib_agent agent;
    uv_poll_t *poll;  // on the heap: it outlives its socket by a turn; NULL: none
    int pieces;       // of a dump that may still be read in this tick
    uint8_t *datagram;
    struct mono opened_at;
    bool is_unknown_told;
    char why_unknown[FIB_TEXT_MAX];
};

// Takes a datagram of the kernel's in. False: it is malformed, and `why` says how (FIB_TEXT_MAX).
bool route_fib_hear(struct route_fib *f, const uint8_t *bytes, size_t size,
                    enum netlink_order order, char *why);
void route_fib_lose(struct route_fib *f, const char *why);
bool route_fib_watch(struct route_fib *f, int fd, int events, uv_poll_cb on_ready);
void route_fib_unwatch(struct route_fib *f);

bool route_fib_local_open(struct route_fib *f, char *why);
void route_fib_local_start(struct route_fib *f);
void route_fib_local_tick(struct route_fib *f);

void route_fib_agent_tick(struct route_fib *f);
void route_fib_agent_close(struct route_fib *f);
