// SPDX-License-Identifier: ISC
// What goes: forgotten peers, and snapshots; at once for whoever looks, bit by bit for the memory.
#include "rib/table.h"

#include <assert.h>
#include <stdlib.h>

// The oldest of the snapshots that stand, or the newest; 0: none stands.
static uint32_t stamp_of(const struct rib *rib, bool oldest)
{
    uint32_t stamp = 0;
    for (size_t i = 0; i < RIB_SNAPSHOTS_MAX; i++) {
        const struct rib_view *s = rib->snapshots[i];
        if (s && (stamp == 0 || stamp_is_over(s->stamp, stamp) == oldest))
            stamp = s->stamp;
    }
    return stamp;
}

static void forget_column(struct rib *rib, struct column **column)
{
    struct column *c = *column;
    *column = NULL;
    if (!c)
        return;
    c->swept = c->chunk_count;
    c->next = rib->forgotten;
    rib->forgotten = c;
}

void rib_forget(struct rib *rib, uint32_t peer)
{
    struct view_peer *p = &rib->live.peers[peer];
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        forget_column(rib, &p->columns[family]);
    *p = (struct view_peer){.kind = p->kind, .speaker = p->speaker};
}

static void give_attributes(struct rib *rib, uint32_t value, uint32_t stamp)
{
    if (!(value & SLOT_GROUP)) {
        attributes_give(&rib->attributes, value, stamp);
        return;
    }
    const struct group *group = group_at(&rib->slabs, value);
    for (uint32_t i = 0; i < group->count; i++)
        attributes_give(&rib->attributes, group->paths[i].attributes, stamp);
}

// The routes of a chunk use nothing any more.
static void release(struct rib *rib, const struct column *column, uint32_t segment)
{
    struct prefixes *prefixes = &rib->prefixes[column->family];
    uint32_t values[SEGMENT_SIZE], stamp = rib->newest;
    chunk_expand(column->chunks[segment], values, NULL);
    for (uint32_t at = 0; at < SEGMENT_SIZE; at++) {
        if (values[at] == 0)
            continue;
        give_attributes(rib, values[at], stamp);
        prefixes_give(prefixes, segment << SEGMENT_BITS | at, stamp);
    }
}

// The last chunk of the first forgotten column, or the column itself.
static void sweep_forgotten(struct rib *rib)
{
    struct column *column = rib->forgotten;
    while (column->swept > 0 && !column->chunks[column->swept - 1])
        column->swept--;
    if (column->swept == 0) {
        rib->forgotten = column->next;
        column_free(column, &rib->budget);
        return;
    }
    struct chunk *chunk = column->chunks[--column->swept];
    if (!column->is_snapshot)
        release(rib, column, column->swept);
    chunk_give(chunk, &rib->slabs);
}

// A piece of what died while a snapshot stood; one after the other: prefixes, then attributes.
static void sweep_dead(struct rib *rib)
{
    uint32_t oldest = stamp_of(rib, true);
    if (rib->sweep_family == FAMILIES) {
        if (!attributes_sweep(&rib->attributes, oldest))
            rib->sweep_family = FAMILY_NONE;
        return;
    }
    struct prefixes *prefixes = &rib->prefixes[rib->sweep_family];
    if (prefixes->dead > 0 && rib->sweep_segment < prefixes->segment_count) {
        prefixes_sweep(prefixes, rib->sweep_segment++, oldest);
        return;
    }
    rib->sweep_family++;
    rib->sweep_segment = 0;
}

bool rib_sweep(struct rib *rib)
{
    for (uint32_t step = 0; step < RIB_SWEEP_STEP / SEGMENT_SIZE; step++) {
        if (rib->forgotten)
            sweep_forgotten(rib);
        else if (rib->sweep_family != FAMILY_NONE)
            sweep_dead(rib);
    }
    return rib->forgotten || rib->sweep_family != FAMILY_NONE;
}

static void end_snapshot(struct rib *rib, struct rib_view *snapshot)
{
    for (uint32_t peer = 0; peer < snapshot->peer_end; peer++) {
        for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
            forget_column(rib, &snapshot->peers[peer].columns[family]);
            snapshot->peers[peer].routes[family] = 0;
        }
    }
    for (size_t i = 0; i < RIB_SNAPSHOTS_MAX; i++) {
        if (rib->snapshots[i] == snapshot)
            rib->snapshots[i] = NULL;
    }
    rib->newest = stamp_of(rib, false);
    rib->sweep_family = FAMILY_IPV4;  // from the beginning: what was passed over may be over now
    rib->sweep_segment = 0;
}

void rib_lose_snapshots(struct rib *rib)
{
    for (size_t i = 0; i < RIB_SNAPSHOTS_MAX; i++) {
        struct rib_view *snapshot = rib->snapshots[i];
        if (!snapshot)
            continue;
        end_snapshot(rib, snapshot);
        snapshot->lost = true;
    }
}

bool rib_reclaim(struct rib *rib)
{
    bool any = rib->forgotten || rib->sweep_family != FAMILY_NONE;
    if (!any && rib->newest == 0)
        return false;
    if (!any)
        rib_lose_snapshots(rib);
    while (rib_sweep(rib))
        ;
    return true;
}

static struct rib_view **free_place(struct rib *rib)
{
    for (size_t i = 0; i < RIB_SNAPSHOTS_MAX; i++) {
        if (!rib->snapshots[i])
            return &rib->snapshots[i];
    }
    return NULL;
}

static bool share_columns(struct rib *rib, struct rib_view *snapshot)
{
    for (uint32_t peer = 0; peer < snapshot->peer_end; peer++) {
        for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
            struct column **column = &snapshot->peers[peer].columns[family];
            const struct column *living = rib->live.peers[peer].columns[family];
            if (living && !(*column = column_share(living, &rib->budget)))
                return false;
        }
    }
    return true;
}

// A snapshot that stands while half of all stamps are used up would be taken for a later one.
static bool stamps_are_used_up(const struct rib *rib)
{
    uint32_t oldest = stamp_of(rib, true);
    return oldest != 0 && ((rib->stamp - oldest) & STAMP_MAX) >= STAMP_MAX / 4;
}

const struct rib_view *rib_snapshot_take(struct rib *rib)
{
    struct rib_view **place = free_place(rib);
    if (!place || stamps_are_used_up(rib))
        return NULL;
    struct rib_view *snapshot = budget_take(&rib->budget, sizeof *snapshot);
    if (!snapshot)
        return NULL;
    *snapshot = rib->live;
    for (uint32_t peer = 0; peer < snapshot->peer_end; peer++)
        memset(snapshot->peers[peer].columns, 0, sizeof snapshot->peers[peer].columns);
    rib->stamp = (rib->stamp + 1) & STAMP_MAX;
    if (rib->stamp == 0)
        rib->stamp = 1;
    snapshot->stamp = rib->newest = rib->stamp;
    *place = snapshot;
    if (share_columns(rib, snapshot))
        return snapshot;
    end_snapshot(rib, snapshot);
    budget_give(&rib->budget, snapshot, sizeof *snapshot);
    return NULL;
}

void rib_snapshot_free(struct rib *rib, const struct rib_view *snapshot)
{
    if (!snapshot)
        return;
    struct rib_view *s = (struct rib_view *)snapshot;  // its maker's
    if (!s->lost)
        end_snapshot(rib, s);
    budget_give(&rib->budget, s, sizeof *s);
}

bool rib_snapshot_is_lost(const struct rib_view *snapshot)
{
    return snapshot->lost;
}
