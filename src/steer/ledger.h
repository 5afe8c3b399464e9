// SPDX-License-Identifier: ISC
// What Fairlead says to the routers right now: every permit that was given and not taken back. The
// gate counts in it (S4), and only what stands here may be withdrawn (S7). It also remembers what
// was done lately (acts.h).
#pragma once

#include "base/fetch.h"
#include "net/net.h"
#include "steer/acts.h"
#include "steer/limits.h"
#include "steer/words.h"

enum { PERMIT_AS_PATH_BYTES_MAX = 1024 };  // 255 ASes: longer paths are somebody's mistake
enum { PERMIT_TAGS_MAX = NET_TAGS_MAX + NET_UPSTREAMS_MAX };

enum permit_kind {
    PERMIT_OVERRIDE,  // a learned prefix, moved to another upstream
    PERMIT_EXIT,      // an upstream's exit: all of its routes, moved to another
    PERMIT_OWN,       // one of our own prefixes, for the world
    PERMIT_KINDS
};

// The gate's leave to announce one route to one router. Only the gate makes one; only from one can
// an announcement be encoded.
struct permit {
    enum permit_kind kind;
    uint32_t router, upstream;  // upstream: through which; NET_NOBODY of PERMIT_OWN
    struct prefix prefix;
    struct address next_hop;
    uint32_t local_pref;
    struct net_community marker;
    bool no_export;
    uint8_t origin;
    uint16_t as_path_size;          // bytes
    uint32_t stances[NET_STANCES];  // of PERMIT_OWN: this router's upstreams, a bit set for each
    // Segments with 4-octet AS numbers: the table's, until that changes; of a standing, the
    // ledger's.
    const uint8_t *as_path;
};

bool permit_equal(const struct permit *a, const struct permit *b);
// Whether both can go out in one message: all but the prefix is equal. Never two of our own.
bool permit_same_attributes(const struct permit *a, const struct permit *b);
// The communities beside the marker, PERMIT_TAGS_MAX at most: those of one of our own, and by which
// the router knows how to offer it to each upstream. Gives their number.
uint32_t permit_tags(const struct permit *permit, const struct net *net, struct net_tag *tags);

enum { STANDING_PATH_BYTES = 80 };  // 19 ASes: nearly every path

struct standing {
    uint32_t next;  // of those with the same hash: a place, and 1; 0: none
    bool said;      // the router has been told of it as it stands here
    bool heard;     // and of this prefix at all: its end must be said too
    // enum standing_word, as the engine knows it; how often it was asked for since it was said.
    uint8_t word, asked;
    struct permit permit;
    uint8_t as_path[STANDING_PATH_BYTES];  // if it fits
};

struct ledger_limits {
    uint32_t per_router, per_family, all;  // S4: overrides that may stand
    uint32_t exits_per_router, own_per_router;
    uint32_t acts_per_minute, acts_prefixes;  // S8; of how many prefixes acts are remembered, S15
};
extern const struct ledger_limits ledger_limits;  // those of steer/limits.h

struct ledger {
    struct ledger_limits limits;
    struct acts *acts;
    uint32_t count, room;
    uint32_t counts[PERMIT_KINDS][NET_ROUTERS_MAX + 1][FAMILIES];  // of each router, and of all
    uint32_t unsaid[NET_ROUTERS_MAX][FAMILIES];
    uint32_t *heads;  // by hash: a place, and 1
    uint32_t head_count;
    struct standing *standings;  // in no order
    uint8_t *long_paths;         // by place, those that do not fit there
};

// NULL when memory is out.
struct ledger *ledger_new(const struct ledger_limits *limits);
void ledger_free(struct ledger *ledger);

// Where it stands; NULL when it does not. Valid until the ledger changes.
const struct standing *ledger_find(const struct ledger *ledger, uint32_t router,
                                   struct prefix prefix);
// Fetches the memory of a place, which need not be taken.
static inline void ledger_fetch(const struct ledger *ledger, size_t place)
{
    enum { LINE = 64 };
    const char *standing = (const char *)&ledger->standings[place];
    for (size_t at = 0; at < sizeof(struct standing) && place < ledger->room; at += LINE)
        fetch_to_write(standing + at);
}

// Fetches what entering these, or striking them out, will ask for: who does it with several,
// LEDGER_EXPECT_MAX at most, need not wait for memory at each.
enum { LEDGER_EXPECT_MAX = 32 };
void ledger_expect_acts(const struct ledger *ledger, const struct act *acts, size_t count);
void ledger_expect_strikes(const struct ledger *ledger, const struct act *acts, size_t count);
// Enters the permit, yet to be said, in the place of an earlier one for its router and prefix;
// false: it stood there as it is. The gate has made sure that there is room.
bool ledger_put(struct ledger *ledger, const struct permit *permit);
// The same for what was just asked for: it is an act, to be remembered if it changes anything.
bool ledger_act(struct ledger *ledger, const struct permit *permit, struct mono now);
// Strikes one out, which must be one of its own; the last takes its place.
void ledger_strike(struct ledger *ledger, const struct standing *standing);

// The router has been told of one; of one that will be told again, but has been heard in an older
// form; and is to be told of all of a family once more.
void ledger_said(struct ledger *ledger, const struct standing *standing);
void ledger_heard(struct ledger *ledger, const struct standing *standing);
// It was asked for once more, and this is what the engine knows now.
void ledger_asked(struct ledger *ledger, const struct standing *standing, enum standing_word word);
void ledger_say_again(struct ledger *ledger, uint32_t router, enum family family);

// How many of a kind stand: on a router (NET_NOBODY: any), of a family (FAMILY_NONE: any).
uint32_t ledger_count(const struct ledger *ledger, enum permit_kind kind, uint32_t router,
                      enum family family);
// How many may stand on one router, whatever they are.
uint32_t ledger_router_room(const struct ledger_limits *limits);
