// SPDX-License-Identifier: ISC
// What the route process watches for people: our own prefixes in every peer's table, and how
// restless each peer is. To be called by whoever changes a table, sessions and BMP alike.
#pragma once

#include "detect/churn.h"
#include "detect/visibility.h"
#include "rib/rib.h"

struct route_role;

enum { ROUTE_PEER_NAME_MAX = NOTICE_PEER_MAX };

struct route_watch {
    struct visibility *visibility;
    struct churn *churn;             // of RIB_PEERS_MAX peers
    bool is_full[RIB_PEERS_MAX];     // told that the peer's table did not fit
    bool is_doubted[RIB_PEERS_MAX];  // told that it could not be read
    struct mono look_at;
};

// False when memory is out.
bool route_watch_open(struct route_role *r);
void route_watch_close(struct route_role *r);

// A route of the peer came, changed or went: after rib_learn() or rib_withdraw() said so.
void route_watch_change(struct route_role *r, uint32_t peer, struct prefix prefix);
// An UPDATE had so many prefixes, changed or not.
void route_watch_count(struct route_role *r, uint32_t peer, enum churn_what what, uint32_t count);
// After rib_peer_complete().
void route_watch_complete(struct route_role *r, uint32_t peer, enum family family);
// The peer's session is lost: after rib_forget().
void route_watch_down(struct route_role *r, uint32_t peer);
// After rib_peer_doubt().
void route_watch_doubt(struct route_role *r, uint32_t peer);
// Its number may become another's: after rib_peer_close(), while route_peer_name() still knows it.
void route_watch_gone(struct route_role *r, uint32_t peer);
void route_watch_tick(struct route_role *r);

// For people: limited for each kind, told when raised and when cleared. Of any part of the process.
void route_notice(struct route_role *r, const struct notice *notice);
void route_notices_tick(struct route_role *r);

// What people call the peer: "edge1"; `text` has ROUTE_PEER_NAME_MAX bytes; gives it back. The
// router it belongs to, or NET_NOBODY.
const char *route_peer_name(const struct route_role *r, uint32_t peer, char *text);
uint32_t route_peer_router(const struct route_role *r, uint32_t peer);
