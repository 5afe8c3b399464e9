// SPDX-License-Identifier: ISC
#include "rib/view.h"

#include "rib/table.h"

#include <assert.h>

const struct rib_view *rib_live(const struct rib *rib)
{
    return &rib->live;
}

struct rib_attributes rib_view_attributes(const struct rib_view *view, uint32_t attributes)
{
    return attributes_read(&view->rib->attributes, attributes);
}

struct rib_attributes rib_attributes(const struct rib *rib, uint32_t attributes)
{
    return attributes_read(&rib->attributes, attributes);
}

struct rib_way rib_way(const struct rib *rib, uint32_t attributes)
{
    return attributes_way(&rib->attributes, attributes);
}

enum rib_peer_kind rib_view_peer_kind(const struct rib_view *view, uint32_t peer)
{
    return view->peers[peer].kind;
}

uint32_t rib_view_route_count(const struct rib_view *view, uint32_t peer, enum family family)
{
    return view->peers[peer].routes[family];
}

struct rib_paths rib_view_paths(const struct rib_view *view, uint32_t from, uint32_t to,
                                struct prefix prefix)
{
    struct rib_paths paths = {.view = view, .family = prefix.address.family, .peer = from};
    const struct prefixes *prefixes = &view->rib->prefixes[paths.family];
    assert(paths.family != FAMILY_NONE);
    struct prefix_key key = prefix_key(&prefix);
    paths.id = prefixes_find(prefixes, &key, prefixes_hash(prefixes, &key));
    if (paths.id != PREFIX_NONE)
        paths.peer_end = to < view->peer_end ? to : view->peer_end;
    return paths;
}

struct rib_paths rib_paths(const struct rib *rib, struct prefix prefix)
{
    return rib_view_paths(&rib->live, 0, RIB_PEERS_MAX, prefix);
}

struct rib_paths rib_session_paths(const struct rib *rib, struct prefix prefix)
{
    return rib_view_paths(&rib->live, 0, NET_ROUTERS_MAX, prefix);
}

struct rib_paths rib_peer_paths(const struct rib *rib, uint32_t peer, struct prefix prefix)
{
    return rib_view_paths(&rib->live, peer, peer + 1, prefix);
}

static bool next_in_group(struct rib_paths *paths, struct rib_path *path)
{
    const struct group *group = group_at(&paths->view->rib->slabs, paths->group);
    const struct group_path *found = &group->paths[paths->group_at++];
    *path = (struct rib_path){paths->peer, found->path_id, found->attributes};
    if (paths->group_at == group->count) {
        paths->group = 0;
        paths->peer++;
    }
    return true;
}

bool rib_paths_next(struct rib_paths *paths, struct rib_path *path)
{
    if (paths->group != 0)
        return next_in_group(paths, path);
    for (; paths->peer < paths->peer_end; paths->peer++) {
        const struct column *column = paths->view->peers[paths->peer].columns[paths->family];
        struct slot slot = column_slot(column, paths->id);
        if (slot.value == 0)
            continue;
        if (slot.value & SLOT_GROUP) {
            paths->group = slot.value;
            paths->group_at = 0;
            return next_in_group(paths, path);
        }
        *path = (struct rib_path){paths->peer++, slot.path_id, slot.value};
        return true;
    }
    return false;
}

bool rib_has_route(const struct rib_view *view, uint32_t peer, struct prefix prefix)
{
    struct rib_paths paths = peer == RIB_NO_PEER ? rib_view_paths(view, 0, RIB_PEERS_MAX, prefix)
                                                 : rib_view_paths(view, peer, peer + 1, prefix);
    struct rib_path path;
    return rib_paths_next(&paths, &path);
}

bool rib_longest_match(const struct rib *rib, uint32_t peer, struct address address,
                       struct prefix *match)
{
    assert(address.family != FAMILY_NONE);
    const uint32_t *lengths = rib->prefixes[address.family].lengths;
    for (int length = family_bits(address.family); length >= 0; length--) {
        if (lengths[length] == 0)
            continue;
        struct prefix prefix = prefix_of(address, (uint8_t)length);
        if (!rib_has_route(&rib->live, peer, prefix))
            continue;
        *match = prefix;
        return true;
    }
    return false;
}

void rib_each(const struct rib_view *view, uint32_t peer,
              void (*visit)(void *context, struct prefix prefix), void *context)
{
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        const struct column *column = view->peers[peer].columns[family];
        for (uint32_t segment = 0; column && segment < column->chunk_count; segment++) {
            uint32_t values[SEGMENT_SIZE];
            if (!column->chunks[segment])
                continue;
            chunk_expand(column->chunks[segment], values, NULL);
            for (uint32_t at = 0; at < SEGMENT_SIZE; at++) {
                uint32_t id = segment << SEGMENT_BITS | at;
                if (values[at] != 0)
                    visit(context, prefixes_at(&view->rib->prefixes[family], id));
            }
        }
    }
}

static bool any_has(const struct rib_view *view, enum family family, uint32_t id)
{
    for (uint32_t peer = 0; peer < view->peer_end; peer++) {
        if (column_slot(view->peers[peer].columns[family], id).value != 0)
            return true;
    }
    return false;
}

void rib_each_inside(const struct rib *rib, struct prefix outer,
                     void (*visit)(void *context, struct prefix prefix), void *context)
{
    enum family family = outer.address.family;
    const struct prefixes *prefixes = &rib->prefixes[family];
    struct prefix_bounds bounds = prefix_bounds(&outer);
    uint32_t words = prefixes_words(prefixes);
    for (uint32_t segment = 0; segment < prefixes->segment_count; segment++) {
        const uint32_t *record = prefixes_records(prefixes, segment);
        for (uint32_t at = 0; record && at < SEGMENT_SIZE; at++, record += words) {
            struct prefix_key key;
            if (prefixes_read(prefixes, record, &key) && prefix_is_inside(&bounds, &key) &&
                any_has(&rib->live, family, segment << SEGMENT_BITS | at))
                visit(context, prefix_of_key(family, key));
        }
    }
}
