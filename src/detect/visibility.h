// SPDX-License-Identifier: ISC
// Who still sees our own prefixes, and as whose: for each own prefix and each peer's table, whether
// it is there, by which next hop and neighbour, and from which origin. Says what changed within
// VISIBILITY_SETTLE_MS of the message: withdrawn, announced, moved, a foreign origin, an unexpected
// more-specific, and when no table shows it any more.
//
// The first sight of a prefix, in any table and in one of others, is said as the end of not being
// seen: an earlier life of the process may have said that it is not.
//
// What is not known is never called gone: a table that is not complete, or of a peer that is down,
// tells only what it shows. A route that goes and comes back sooner than the settling time is
// churn; it is counted and kept in the history, not told. A more-specific is expected when its
// origin may and it is no longer than `length_max`, or when its AS path is empty: those are our
// inside's own affairs.
#pragma once

#include "detect/notice.h"
#include "rib/sight.h"

enum {
    VISIBILITY_SETTLE_MS = 200,  // longer than a router takes to replace a path, RFC 4271 §9.2.1.1
    VISIBILITY_MORE_MAX = 1024,  // unexpected more-specifics remembered
    VISIBILITY_HISTORY_MAX = 256,
};

// Takes a notice about the table of `peer`, or of all (RIB_NO_PEER); `notice->peer` and `router`
// are for the taker to fill. `name`: what people call a table's peer, into NOTICE_PEER_MAX bytes.
struct visibility_tell {
    void (*tell)(void *context, uint32_t peer, const struct notice *notice);
    void *context;
    const char *(*name)(void *context, uint32_t peer, char *text);
};

struct visibility;

// `net` and `rib` are lent and must outlive it. NULL when memory is out.
struct visibility *visibility_new(const struct net *net, const struct rib *rib,
                                  struct visibility_tell tell);
void visibility_free(struct visibility *v);

// To be called when a peer's route to a prefix has come, changed or gone. Costs nanoseconds when
// no own prefix contains it.
void visibility_change(struct visibility *v, struct mono now, uint32_t peer, struct prefix prefix);
// The peer's table of a family became complete.
void visibility_complete(struct visibility *v, struct mono now, uint32_t peer, enum family family);
// The peer is down: nothing is known of it until it is complete again. After rib_forget().
void visibility_forget(struct visibility *v, struct mono now, uint32_t peer);
// The same, for a number that may become another peer's; after rib_peer_close().
void visibility_close(struct visibility *v, struct mono now, uint32_t peer);
// Tells what has settled. To be called at least every 100 ms; costs nothing when nothing changed.
void visibility_tick(struct visibility *v, struct mono now);

enum visibility_state { VISIBILITY_UNKNOWN, VISIBILITY_ABSENT, VISIBILITY_PRESENT };
enum visibility_state visibility_state(const struct visibility *v, uint32_t own, uint32_t peer);
// How often the prefix went and came back, or changed and changed back, before it settled.
uint64_t visibility_flaps(const struct visibility *v, uint32_t own);

struct visibility_entry {
    struct mono at;
    struct prefix prefix;  // the own one, or a more-specific
    uint32_t peer;
    struct rib_sight before, after;
};
// The n-th youngest change of an own prefix; NULL: there are no more.
const struct visibility_entry *visibility_history(const struct visibility *v, uint32_t n);
