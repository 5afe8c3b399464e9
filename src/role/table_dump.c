// SPDX-License-Identifier: ISC
#include "role/table_dump.h"

#include "mrt/write.h"

#include <assert.h>
#include <stdlib.h>

enum {
    ATTRIBUTES_MAX = 1 << 16,
    NO_INDEX = UINT16_MAX,
    PREFIXES_PER_PIECE = 512,  // looked at, be they of other peers: below a millisecond
};

struct table_dump {
    struct rib *rib;
    const struct rib_view *view;
    struct rib_walk *walk;
    uint32_t time_s, collector_id, sequence;
    struct table_dump_peer *peers;
    uint16_t count;
    uint16_t index_of[RIB_PEERS_MAX];  // of a number in the table: its place in `peers`
    bool begun, ended, open;           // open: `paths` has not come to its end
    bool failed;                       // memory was out
    struct prefix prefix;
    struct rib_paths paths;
    struct rib_path path;  // the next of them
    uint64_t routes, left_out;
    uint8_t attributes[ATTRIBUTES_MAX];
};

static bool take_peers(struct table_dump *dump, const struct table_dump_peer *peers, uint16_t count)
{
    dump->peers = calloc((size_t)count + 1, sizeof *dump->peers);
    if (!dump->peers)
        return false;
    dump->count = count;
    for (uint32_t peer = 0; peer < RIB_PEERS_MAX; peer++)
        dump->index_of[peer] = NO_INDEX;
    for (uint16_t i = 0; i < count; i++) {
        assert(peers[i].peer < RIB_PEERS_MAX);
        dump->peers[i] = peers[i];
        dump->index_of[peers[i].peer] = i;
    }
    return true;
}

struct table_dump *table_dump_new(struct rib *rib, uint32_t time_s, uint32_t collector_id,
                                  const struct table_dump_peer *peers, uint16_t count)
{
    struct table_dump *dump = calloc(1, sizeof *dump);
    if (!dump)
        return NULL;
    *dump = (struct table_dump){.rib = rib, .time_s = time_s, .collector_id = collector_id};
    dump->view = rib_snapshot_take(rib);
    if (dump->view)
        dump->walk = rib_walk_new(dump->view, RIB_NO_PEER, (struct prefix){0});
    if (dump->walk && take_peers(dump, peers, count))
        return dump;
    table_dump_free(dump);
    return NULL;
}

void table_dump_free(struct table_dump *dump)
{
    if (!dump)
        return;
    rib_walk_free(dump->walk);
    rib_snapshot_free(dump->rib, dump->view);
    free(dump->peers);
    free(dump);
}

bool table_dump_is_cut(const struct table_dump *dump)
{
    return dump->failed || rib_snapshot_is_lost(dump->view);
}

uint64_t table_dump_routes(const struct table_dump *dump)
{
    return dump->routes;
}

uint64_t table_dump_left_out(const struct table_dump *dump)
{
    return dump->left_out;
}

static void set_numbers(struct bgp_attributes *a, const struct rib_attributes *r)
{
    const struct {
        bool there;
        uint8_t type;
    } rows[] = {
        {r->has_med, ATTR_MED},
        {r->has_local_pref, ATTR_LOCAL_PREF},
        {r->atomic, ATTR_ATOMIC_AGGREGATE},
        {r->aggregator.family != FAMILY_NONE, ATTR_AGGREGATOR},
        {r->originator_id != 0, ATTR_ORIGINATOR_ID},
        {r->has_aigp, ATTR_AIGP},
        {r->has_only_to_customer, ATTR_OTC},
        {r->communities.size > 0, ATTR_COMMUNITIES},
        {r->extended.size > 0, ATTR_EXTENDED_COMMUNITIES},
        {r->ipv6_extended.size > 0, ATTR_IPV6_EXTENDED_COMMUNITIES},
        {r->large.size > 0, ATTR_LARGE_COMMUNITIES},
        {r->cluster_list.size > 0, ATTR_CLUSTER_LIST},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].there)
            bgp_attribute_add(a, rows[i].type);
}

// What rib_received() made of a message, turned round. A route without a next hop, as a router's
// own may be, gets the unspecified address.
static struct bgp_attributes said(const struct rib_attributes *r, enum family family)
{
    struct bgp_attributes a = {
        .origin = r->origin,
        .as_path = r->as_path,
        .as_size = 4,
        .med = r->med,
        .local_pref = r->local_pref,
        .originator_id = r->originator_id,
        .aggregator_as = r->aggregator_as,
        .aggregator = r->aggregator,
        .communities = r->communities,
        .extended_communities = r->extended,
        .large_communities = r->large,
        .cluster_list = r->cluster_list,
        .ipv6_extended_communities = r->ipv6_extended,
        .only_to_customer = r->only_to_customer,
        .accumulated_igp = r->aigp,
    };
    struct address hop = r->next_hop;
    if (hop.family == FAMILY_NONE)
        hop.family = family;
    if (family == FAMILY_IPV4 && hop.family == FAMILY_IPV4) {
        a.next_hop = hop;
    } else {
        a.mp_next_hop = hop;
        a.mp_link_local = r->link_local;
    }
    set_numbers(&a, r);
    if (r->others.size > 0)
        bgp_others_set(&a, r->others);
    return a;
}

// Steps to the next path of a peer that is to be written.
static void step(struct table_dump *dump)
{
    do
        dump->open = rib_paths_next(&dump->paths, &dump->path);
    while (dump->open && dump->index_of[dump->path.peer] == NO_INDEX);
}

// Steps to a prefix that has a path to be written, past `*looks` others at most; false: not yet, or
// that was the last.
static bool next_prefix(struct table_dump *dump, uint32_t *looks)
{
    while (!dump->open) {
        if (*looks == 0)
            return false;
        --*looks;
        if (!rib_walk_next(dump->walk, &dump->prefix)) {
            dump->ended = true;
            return false;
        }
        dump->paths = rib_view_paths(dump->view, 0, RIB_PEERS_MAX, dump->prefix);
        step(dump);
    }
    return true;
}

static bool has_path_ids(const struct table_dump *dump)
{
    struct rib_paths paths = dump->paths;
    struct rib_path path = dump->path;
    do
        if (path.path_id != 0)
            return true;
    while (rib_paths_next(&paths, &path));
    return false;
}

// A path that no record can hold, having been widened to 4-octet AS numbers, is left out.
static void write_entry(struct table_dump *dump, struct writer *w, struct mrt_rib_write *record)
{
    struct rib_attributes kept = rib_view_attributes(dump->view, dump->path.attributes);
    struct bgp_attributes attributes = said(&kept, dump->prefix.address.family);
    struct writer written = writer_over(dump->attributes, sizeof dump->attributes);
    mrt_write_attributes(&written, &attributes, dump->prefix.address.family);
    if (!writer_ok(&written)) {
        dump->left_out++;
        return;
    }
    dump->routes++;
    mrt_write_entry(w, record, dump->index_of[dump->path.peer], dump->time_s, dump->path.path_id,
                    (struct bgp_bytes){dump->attributes, written.size});
}

// The paths of a prefix, or as many as there is room for; then false, and nothing is left half.
static bool write_prefix(struct table_dump *dump, struct writer *w)
{
    struct writer before = *w;
    struct mrt_rib_write record =
        mrt_write_rib_begin(w, dump->time_s, dump->sequence, dump->prefix, has_path_ids(dump));
    bool fits = writer_ok(w);
    while (fits && dump->open) {
        struct writer whole = *w;
        struct mrt_rib_write entries = record;
        uint64_t routes = dump->routes;
        write_entry(dump, w, &record);
        fits = writer_ok(w);
        if (fits) {
            step(dump);
        } else {
            *w = whole;
            record = entries;
            dump->routes = routes;
        }
    }
    if (record.count == 0) {
        *w = before;
        return fits;
    }
    mrt_write_rib_end(w, &record);
    dump->sequence++;
    return fits;
}

static void write_peers(struct table_dump *dump, struct writer *w)
{
    struct mrt_peer *list = calloc((size_t)dump->count + 1, sizeof *list);
    for (uint16_t i = 0; list && i < dump->count; i++)
        list[i] = dump->peers[i].who;
    if (list)
        mrt_write_peers(w, dump->time_s, dump->collector_id, "", list, dump->count);
    dump->failed |= !list || !writer_ok(w);
    free(list);
}

size_t table_dump_read(struct table_dump *dump, uint8_t *bytes, size_t size, bool *more)
{
    assert(size >= TABLE_DUMP_SIZE_MIN);
    struct writer w = writer_over(bytes, size);
    uint32_t looks = PREFIXES_PER_PIECE;
    if (!dump->begun)
        write_peers(dump, &w);
    dump->begun = true;
    while (!dump->ended && !table_dump_is_cut(dump) && w.size < TABLE_DUMP_PIECE) {
        if (!next_prefix(dump, &looks) || !write_prefix(dump, &w))
            break;
    }
    *more = !dump->ended && !table_dump_is_cut(dump);
    return w.size;
}
