// SPDX-License-Identifier: ISC
// What does not match: from when it is first seen until it is told, and on until it is over. A
// prefix, or a thing that concerns many: then one finding stands for all of them.
#pragma once

#include "rib/fib_compare.h"

enum {
    FIB_SUSPECTS_MAX = 16 * 1024,
    FIB_TOLD_MAX = 16,  // prefixes of one verdict told by name; above it, how many there are
    FIB_BUSY = 64,      // prefixes on their way: more is a table that moves
    FIB_PATIENCE_S = 30,
};

enum fib_subject { FIB_PREFIX, FIB_OBJECT, FIB_LINK, FIB_GATEWAY, FIB_POLICY };

struct fib_key {
    uint8_t subject, family, length, unused;
    uint32_t number;  // of the object, of the link; a rule's priority
    uint8_t bytes[16];
};

struct fib_suspect {
    struct fib_key key;
    enum fib_verdict verdict;
    bool is_told, is_named, is_seen;
    bool by_bgp, by_dump;      // what showed it: a change of BGP's, a dump
    bool is_sequel;            // to one that was told: its end is all that is news
    uint32_t attributes;       // of the kernel's route; 0: it had none
    uint32_t broken_by;        // the netlink port of who changed it; 0: unknown
    uint32_t count, counting;  // prefixes concerned: of the last walk, of this one
    uint32_t walk, audits;     // numbers: of the walk that saw it last, of the dump before it
    struct prefix example;     // of the prefixes that a thing concerns
    struct mono since, changed_at;
    char text[FIB_TEXT_MAX];
};

struct fib_key fib_key_of(enum fib_subject subject, uint32_t number, struct address address);
struct prefix fib_key_prefix(const struct fib_key *key);  // FAMILY_NONE: it is of no prefix

// What made us look.
struct fib_cause {
    bool by_walk;    // all prefixes are looked at
    bool by_bgp;     // its path changed
    bool by_kernel;  // its route changed, by the hand of `port`
    uint32_t port;
    struct address withdrawn;  // the router withdrew its path to here; FAMILY_NONE: it did not
};

void fib_suspect_prefix(struct fib *fib, struct mono now, const struct fib_view *view,
                        const struct fib_cause *cause);
// The thing is wrong, in these words. NULL: there are too many.
struct fib_suspect *fib_suspect_thing(struct fib *fib, struct mono now, const struct fib_key *key,
                                      enum fib_verdict verdict, const char *text);
// A nexthop object was deleted: does BGP miss anything by it?
void fib_suspect_object(struct fib *fib, struct mono now, const struct fib_view *view);
// Those things of this sort that were not named by fib_suspect_thing() since the last time are fine
// again. FAMILY_NONE: of both families.
void fib_clear_unseen(struct fib *fib, enum fib_subject subject, enum family family);

// After a walk: things that no prefix suffers from are over; what it did not see is looked at.
void fib_suspects_walked(struct fib *fib, struct mono now);
void fib_suspects_turn(struct fib *fib, struct mono now);  // tells what is due
void fib_suspects_forget(struct fib *fib, struct mono now, const char *why);
void fib_suspect_finding(const struct fib *fib, const struct fib_suspect *suspect,
                         struct fib_finding *finding);
