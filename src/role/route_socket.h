// SPDX-License-Identifier: ISC
// TCP as BGP wants it: never blocking, without delay, marked as network control, keyed by RFC 2385
// where the configuration says so.
#pragma once

#include "net/net.h"

enum { ROUTE_SOCKET_CALLS_MAX = 8 };  // that are answered in one turn

// A descriptor or -errno. Both take the keys of all routers (without a net: none), or of that one.
int route_socket_listen(const struct net *net, struct address address, uint16_t port);
int route_socket_dial(const struct net_router *router);
// The same for a BMP station: no keys, and from our side nothing is ever sent.
int route_socket_listen_bmp(struct address address, uint16_t port);
int route_socket_dial_bmp(struct address address, uint16_t port);
// Lets the kernel find out when a peer that we only listen to is gone: within 25 s.
void route_socket_watch(int fd);
// For the connection of a router that has called: what its configuration wants beyond the
// listener's. 0 or -errno.
int route_socket_accepted(int fd, const struct net_router *router);
// The next caller and its address; -EAGAIN when there is none.
int route_socket_accept(int listener, struct address *caller);
// Gives the callers that wait, a bounded number a turn, to `answer`, whose the descriptor is then.
void route_socket_answer(int listener, void (*answer)(void *owner, int fd, struct address caller),
                         void *owner);
// What became of dialling: 0 or -errno.
int route_socket_error(int fd);
