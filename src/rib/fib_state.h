// SPDX-License-Identifier: ISC
// What a kernel has beside the table that is compared: nexthop objects, links, neighbours, policy
// rules, its own addresses, and the routes of other tables. Bounded: of what does not fit the part
// says that it is cut, and then nothing is concluded from what it lacks.
//
// A dump of a part says which records are still there: those it does not name are gone.
#pragma once

#include "base/keyed.h"
#include "kernel/message.h"

struct fib_nexthop {
    uint32_t id;
    uint32_t generation;  // one more each time it comes anew: routes of an older one went with it
    bool is_gone;         // kept while routes may have gone with it
    uint32_t gone_by, made_by;  // the netlink ports of who deleted it and who made it last
    uint32_t seen;
    struct kernel_nexthop is;
};

struct fib_link {
    uint32_t index;
    uint32_t seen;
    struct kernel_link is;
};

struct fib_neighbour_key {
    uint32_t link, family;
    uint8_t bytes[16];
};

struct fib_neighbour {
    struct fib_neighbour_key key;
    uint32_t seen;
    struct kernel_neighbour is;
    // What it was when it was first known: a change without a reason is worth a word.
    uint8_t first_mac_size, first_mac[KERNEL_MAC_MAX];
    bool was_fixed;  // by hand from the start
};

struct fib_rule {
    uint64_t identity;
    uint32_t seen;
    struct kernel_rule is;
};

struct fib_address {
    uint8_t bytes[16];
    uint32_t seen;
};

struct fib_side_key {
    uint32_t table, metric, length;
    uint8_t bytes[16];
};

struct fib_side {  // a route of another table
    struct fib_side_key key;
    uint32_t seen;
    struct kernel_route is;
};

struct fib_state {
    struct keyed nexthops, links, neighbours;
    struct keyed rules[FAMILIES], addresses[FAMILIES], sides[FAMILIES];
    bool is_cut[KERNEL_PARTS], is_dumping[KERNEL_PARTS];
    uint32_t dump[KERNEL_PARTS];  // the number of the part's last; records seen by it bear it
};

void fib_state_init(struct fib_state *state, struct siphash_key key);
void fib_state_done(struct fib_state *state);

void fib_state_dump_begins(struct fib_state *state, enum kernel_part part);
void fib_state_dump_ends(struct fib_state *state, enum kernel_part part);

// True when something changed. Routes: those of other tables than the one that is compared.
bool fib_state_hear(struct fib_state *state, const struct kernel_message *message);

const struct fib_nexthop *fib_nexthop(const struct fib_state *state, uint32_t id);
const struct fib_link *fib_link(const struct fib_state *state, uint32_t index);
const struct fib_neighbour *fib_neighbour(const struct fib_state *state, uint32_t link,
                                          struct address address);
bool fib_is_own_address(const struct fib_state *state, struct address address);
// False only when the link is known to be down or to lack a carrier.
bool fib_link_works(const struct fib_state *state, uint32_t index);
// "eth1", or "link 7", into `text` (KERNEL_NAME_MAX bytes); gives it back.
const char *fib_link_name(const struct fib_state *state, uint32_t index, char *text);
