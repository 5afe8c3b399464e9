// SPDX-License-Identifier: ISC
// One router's kernel against what BGP chose there: each prefix that the router forwards otherwise
// than its best path says, each rule, neighbour or link that takes traffic away, named once, with
// the numbers behind it (lab.md 7.5).
//
// What BGP chose is what the router itself says: its BMP Loc-RIB (RFC 9069) where we have it, else
// the path that it sends us. Where that leaves open what it chose, nothing is said: it may use a
// path that iBGP hides from us, or have a table of which we hold a part only.
//
// A difference counts when it has stood for `settle_ns`, because a kernel follows BGP by 1 to 100
// ms; and while more than a few prefixes are on their way, not before they have arrived. A pure
// state: it is told what the kernel said, what BGP changed, and the time.
#pragma once

#include "base/clock.h"
#include "rib/fib_state.h"
#include "rib/rib.h"

enum fib_verdict {
    FIB_MATCH,
    FIB_UNKNOWN,        // nothing can be said
    FIB_MISSING,        // BGP chose a path, the kernel has no route
    FIB_NEXT_HOP,       // it has one, to somebody else
    FIB_DISCARD,        // it throws the packets away: blackhole, unreachable, prohibit
    FIB_NEXTHOP_GONE,   // the nexthop object was deleted, and its routes with it
    FIB_LINK_DOWN,      // the routes lead through a link that is down
    FIB_ALIEN,          // a route of somebody else, of lower metric, wins
    FIB_MORE_SPECIFIC,  // a longer one of somebody else takes a part
    FIB_STALE,          // BGP withdrew the path, the kernel kept the route
    FIB_RULE,           // a policy rule asks another table first
    FIB_NEIGHBOUR,      // the next hop's neighbour entry is wrong or fails
    FIB_VERDICTS
};

const char *fib_verdict_name(enum fib_verdict verdict);  // "missing", "next_hop"

enum { FIB_TEXT_MAX = 160, FIB_SUBJECT_MAX = 60 };  // bytes, with the final zero

struct fib_finding {
    enum fib_verdict verdict;
    bool stands;                    // false: it is over
    struct prefix prefix;           // FAMILY_NONE: it is about more than one
    char subject[FIB_SUBJECT_MAX];  // "nexthop 38", "rule 100 ipv4", "10.0.0.1 eth1"; "": `prefix`
    uint32_t count, total;          // prefixes concerned, of those that the router chose
    struct mono since;
    char text[FIB_TEXT_MAX];  // the evidence
};

struct fib_options {
    const struct net *net;
    uint32_t router;  // whose kernel this is; the number of its session's peer, too
    uint32_t table;   // the one that BGP's routes go to
    int64_t settle_ns;
    void *context;  // of these:
    // What we told the router ourselves; false: nothing for this prefix. NULL: we never do.
    bool (*override)(void *context, struct prefix prefix, struct address *next_hop);
    void (*tell)(void *context, const struct fib_finding *finding);
};

struct fib;

// NULL when memory is out. The RIB must outlive it.
struct fib *fib_new(struct rib *rib, const struct fib_options *options, struct siphash_key key);
void fib_free(struct fib *fib);

// Why nothing is known of the kernel; NULL: it is known.
const char *fib_why_unknown(const struct fib *fib);

// The kernel said something: in a dump, or because it changed.
void fib_hear(struct fib *fib, struct mono now, const struct kernel_message *message);
// The part to be dumped next; false: none, or one is under way.
bool fib_wants_dump(const struct fib *fib, struct mono now, enum kernel_part *part);
void fib_dump_begins(struct fib *fib, enum kernel_part part);
enum kernel_part fib_dumping(const struct fib *fib);  // that is under way; KERNEL_PARTS: none
// `is_whole`: all came, and nothing was changed under it.
void fib_dump_ends(struct fib *fib, struct mono now, enum kernel_part part, bool is_whole);
// Messages were lost: everything is to be dumped anew; what is known holds until then.
void fib_must_resync(struct fib *fib);
// Nothing is known any more: the kernel cannot be read, for this reason.
void fib_lost(struct fib *fib, struct mono now, const char *why);

// The paths of any router to this prefix changed. `withdrawn`: where the path led that this router
// withdrew; FAMILY_NONE: it did not.
void fib_path_changed(struct fib *fib, struct mono now, struct prefix prefix,
                      struct address withdrawn);
// A whole table came, went, or became complete.
void fib_tables_changed(struct fib *fib, struct mono now);
void fib_set_loc_rib(struct fib *fib, uint32_t peer);  // RIB_NO_PEER: none
uint32_t fib_loc_rib(const struct fib *fib);

// What is due by now, a bounded piece of it; true when there is more to do at once.
bool fib_turn(struct fib *fib, struct mono now);

// Whether the kernel forwards the prefix as to this next hop: FIB_MATCH, FIB_NEXT_HOP, or
// FIB_UNKNOWN.
enum fib_verdict fib_follows(struct fib *fib, struct prefix prefix, struct address next_hop);

struct fib_counts {  // prefixes
    uint32_t compared, chosen, unknown;
};

struct fib_summary {
    uint32_t routes[FAMILIES];     // of the table that is compared
    struct fib_counts counts;      // when all were looked at last
    uint32_t found[FIB_VERDICTS];  // that stand
    struct mono compared_at;
};
struct fib_summary fib_summary(const struct fib *fib);
// The next finding that stands, from `*place` on, which begins at 0; false: that was the last. What
// changes between two calls may be missed, or be met twice.
bool fib_next(const struct fib *fib, uint32_t *place, struct fib_finding *finding);
