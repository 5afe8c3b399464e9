// SPDX-License-Identifier: ISC
// The comparison from inside. Its files: fib_state.c (what the kernel has beside the table),
// fib_route.c (the table as a peer of the RIB), fib_choice.c (what BGP chose), fib_follow.c (where
// a next hop leads), fib_compare.c (one prefix), fib_rules.c and fib_neighbours.c (what takes
// packets away all the same), fib_suspects.c (what does not match, until it is told and after),
// fib_text.c (in words), fib_walk.c (all prefixes); fib.c hears and asks for dumps.
#pragma once

#include "rib/fib_suspects.h"

enum {
    FIB_AUDIT_S = 300,         // everything is dumped anew, for what a kernel does silently
    FIB_WALK_S = 60,           // all prefixes are looked at anew, for what uses what
    FIB_AUDIT_SOON_MS = 1000,  // when there is a reason
    FIB_TURN_MS = 25,          // suspects are looked at no oftener
};

struct fib {
    struct rib *rib;
    struct fib_options options;
    struct fib_state state;
    struct fib_table tables[FAMILIES];   // as it is known
    struct fib_table filling[FAMILIES];  // as a dump under way tells it
    struct fib_route_ways ways;
    uint32_t loc_rib;  // RIB_NO_PEER: the router sends us none
    bool is_known;
    char why_not[FIB_TEXT_MAX];

    enum kernel_part dumping;  // KERNEL_PARTS: none
    bool wants[KERNEL_PARTS], is_read[KERNEL_PARTS];
    struct mono ask_at, audit_at;  // not before; then everything anew
    uint32_t audits[FAMILIES];     // dumps of the table

    uint32_t epoch, followed_at;  // of what decides where next hops lead
    struct keyed next_hops, suspects;
    uint32_t young;         // suspects that changed within settle_ns, when last counted
    bool moves;             // more than a few prefixes are on their way
    struct mono mended_at;  // when the kernel last did what BGP had chosen, be it late
    uint32_t things;        // suspects that are no prefix, but told by how many suffer

    bool walk_wanted, rules_wanted;
    struct mono walk_at, turned_at;  // not before; of the last turn
    enum family walk_family;         // where the walk under way is; FAMILY_NONE: none is
    uint32_t walk_segment;
    uint32_t walks, walks_done;          // begun; and ended
    struct fib_counts counts, counting;  // of the last walk, of the one under way
    uint32_t over[FIB_VERDICTS], over_before[FIB_VERDICTS];  // no room for: in the last two walks
    uint32_t over_counting[FIB_VERDICTS];
    struct mono compared_at;

    uint32_t found[FIB_VERDICTS], named[FIB_VERDICTS];  // told prefixes; those by name
    uint32_t sums[FIB_VERDICTS];                        // as last told; 0: no sum stands
};

void fib_walk_soon(struct fib *fib, struct mono now);
// A new dump does not name the routes that went with an object that is under suspicion: their
// ghosts move over from the table that was known to the one that has been filled.
void fib_carry_ghosts(struct fib *fib, enum family family);
// A piece of the walk over all prefixes, if one is due; true when there is more of it.
bool fib_walk(struct fib *fib, struct mono now);
void fib_audit_soon(struct fib *fib, struct mono now);

// fib_rules.c, fib_neighbours.c: raise and clear what they find.
void fib_check_rules(struct fib *fib, struct mono now);
void fib_check_neighbours(struct fib *fib, struct mono now);

// fib_text.c: what is wrong, into `text` (FIB_TEXT_MAX bytes).
void fib_say(const struct fib *fib, const struct fib_view *view, char *text);
// "10.0.0.1 eth1, 10.0.0.2 eth2" and alike, into `text`; gives it back.
const char *fib_say_hops(const struct fib *fib, const struct kernel_hop *hops, uint8_t count,
                         char *text, size_t size);
const char *fib_say_mac(const uint8_t *mac, uint8_t size, char *text);  // 3 * KERNEL_MAC_MAX bytes
