// SPDX-License-Identifier: ISC
// What Fairlead says to the routers right now: every permit that was sent and not withdrawn. The
// gate counts in it (S4), and only what stands here may be withdrawn (S7).
#pragma once

#include "net/net.h"
#include "steer/limits.h"

enum { PERMIT_AS_PATH_BYTES_MAX = 1024 };  // 255 ASes: longer paths are somebody's mistake

// The gate's leave to announce one route to one router. Only the gate makes one; only from one can
// an announcement be encoded.
struct permit {
    uint32_t router, upstream;
    struct prefix prefix;
    struct address next_hop;
    uint32_t local_pref;
    struct net_community marker;
    bool no_export;
    uint8_t origin;
    uint16_t as_path_size;                      // bytes
    uint8_t as_path[PERMIT_AS_PATH_BYTES_MAX];  // segments with 4-octet AS numbers
};

bool permit_equal(const struct permit *a, const struct permit *b);

struct ledger {
    uint32_t count;
    struct permit permits[STEER_ROUTES_MAX];  // in no order
};

// Where it stands; NULL when it does not. Valid until the ledger changes.
const struct permit *ledger_find(const struct ledger *ledger, uint32_t router,
                                 struct prefix prefix);
// Enters the permit in the place of an earlier one for its router and prefix. The gate has made
// sure that there is room.
void ledger_put(struct ledger *ledger, const struct permit *permit);
// Strikes one out; `permit` must be one of its own.
void ledger_strike(struct ledger *ledger, const struct permit *permit);

// How many stand: on a router (NET_NOBODY: any), of a family (FAMILY_NONE: any).
uint32_t ledger_count(const struct ledger *ledger, uint32_t router, enum family family);
