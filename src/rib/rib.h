// SPDX-License-Identifier: ISC
// The routes that each router of the edge sent us, both families, several for a prefix with
// ADD-PATH (RFC 7911). Every operation but the walks costs the same whatever the size of the table.
//
// It grows to a number of bytes and no further: a router whose route did not fit is `partial` from
// then on, until it is forgotten, and nothing may be steered by a partial table. What a prefix
// names is answered from routes that are alive: those of a forgotten router vanish at once, their
// memory follows by rib_sweep(). Knows no session and no time.
#pragma once

#include "net/net.h"
#include "rib/attributes.h"

enum {
    RIB_PATHS_MAX = 32,          // of one router for one prefix; more make it partial
    RIB_SWEEP_STEP = 20 * 1000,  // nodes a turn: about a millisecond
    RIB_LOCAL_PREF_DEFAULT = 100,
};

struct rib;

// NULL when memory is out. A secret `key` keeps hashing unforeseeable.
struct rib *rib_new(size_t bytes_max, struct siphash_key key);
void rib_free(struct rib *rib);

enum rib_change { RIB_SAME, RIB_CHANGED, RIB_FULL };

// A route came, or came again with other attributes. With RIB_FULL it is not kept, nor is what it
// was to replace.
enum rib_change rib_learn(struct rib *rib, uint32_t router, struct prefix prefix, uint32_t path_id,
                          const struct rib_attributes *attributes);
enum rib_change rib_withdraw(struct rib *rib, uint32_t router, struct prefix prefix,
                             uint32_t path_id);
// The session is gone: so are all its routes, at once.
void rib_forget(struct rib *rib, uint32_t router);
// Frees what forgotten routers left, a bounded piece a call; true when there is more to do.
bool rib_sweep(struct rib *rib);

bool rib_is_partial(const struct rib *rib, uint32_t router);
uint32_t rib_route_count(const struct rib *rib, uint32_t router, enum family family);
size_t rib_bytes(const struct rib *rib);

struct rib_path {
    uint32_t router, path_id;
    const struct rib_attributes *attributes;  // valid until the table changes
};

// Walks over the paths to exactly this prefix. The table must not change under way.
struct rib_paths {
    const struct rib *rib;
    uint32_t next;
};
struct rib_paths rib_paths(const struct rib *rib, struct prefix prefix);
bool rib_paths_next(struct rib_paths *paths, struct rib_path *path);

// The router's own choice, as far as RFC 4271 §9.1 tells from what it sent; false: it has none.
// Echoes of our own announcements never count.
bool rib_best(const struct rib *rib, uint32_t router, struct prefix prefix, struct rib_path *best);

// The longest prefix with a route of any router that contains the address.
bool rib_longest_match(const struct rib *rib, struct address address, struct prefix *match);

// Calls `visit` for each prefix inside `outer` that has a route. It must not change the table.
void rib_each_inside(const struct rib *rib, struct prefix outer,
                     void (*visit)(void *context, struct prefix prefix), void *context);
