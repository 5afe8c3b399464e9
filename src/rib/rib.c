// SPDX-License-Identifier: ISC
#include "rib/table.h"

#include <assert.h>
#include <stdlib.h>

enum { RESERVE_SHARE = 8 };  // of the bytes, one such part is for sessions alone

struct rib *rib_new(size_t bytes_max, struct siphash_key key)
{
    struct rib *rib = calloc(1, sizeof *rib);
    if (!rib)
        return NULL;
    rib->budget.max = bytes_max;
    rib->budget.reserve = bytes_max / RESERVE_SHARE;
    slabs_init(&rib->slabs, &rib->budget);
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        prefixes_init(&rib->prefixes[family], family, &rib->budget, key);
    rib->live = (struct rib_view){.rib = rib, .peer_end = NET_ROUTERS_MAX};
    for (uint32_t peer = 0; peer < NET_ROUTERS_MAX; peer++)
        rib->live.peers[peer].kind = RIB_PEER_SESSION;
    if (attributes_init(&rib->attributes, &rib->slabs, key))
        return rib;
    rib_free(rib);
    return NULL;
}

void rib_free(struct rib *rib)
{
    if (!rib)
        return;
    for (uint32_t peer = 0; peer < rib->live.peer_end; peer++)
        rib_forget(rib, peer);
    rib_lose_snapshots(rib);
    while (rib_sweep(rib))
        ;
    attributes_done(&rib->attributes);
    slabs_done(&rib->slabs);
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        prefixes_done(&rib->prefixes[family]);
    assert(rib->budget.used == 0);
    free(rib);
}

size_t rib_bytes(const struct rib *rib)
{
    return rib->budget.used;
}

uint32_t rib_peer_open(struct rib *rib, enum rib_peer_kind kind)
{
    assert(kind != RIB_PEER_NONE && kind != RIB_PEER_SESSION);
    for (uint32_t peer = NET_ROUTERS_MAX; peer < RIB_PEERS_MAX; peer++) {
        if (rib->live.peers[peer].kind != RIB_PEER_NONE)
            continue;
        rib->live.peers[peer].kind = kind;
        if (peer >= rib->live.peer_end)
            rib->live.peer_end = peer + 1;
        return peer;
    }
    return RIB_NO_PEER;
}

void rib_peer_close(struct rib *rib, uint32_t peer)
{
    struct rib_view *live = &rib->live;
    assert(peer >= NET_ROUTERS_MAX);
    rib_forget(rib, peer);
    live->peers[peer] = (struct view_peer){0};
    while (live->peers[live->peer_end - 1].kind == RIB_PEER_NONE)
        live->peer_end--;
}

enum rib_peer_kind rib_peer_kind(const struct rib *rib, uint32_t peer)
{
    return rib->live.peers[peer].kind;
}

void rib_peer_describe(struct rib *rib, uint32_t peer, const struct rib_speaker *speaker)
{
    rib->live.peers[peer].speaker = *speaker;
}

void rib_peer_complete(struct rib *rib, uint32_t peer, enum family family)
{
    rib->live.peers[peer].complete[family] = true;
}

bool rib_peer_is_complete(const struct rib *rib, uint32_t peer, enum family family)
{
    return rib->live.peers[peer].complete[family];
}

void rib_peer_doubt(struct rib *rib, uint32_t peer)
{
    rib->live.peers[peer].doubted = true;
}

bool rib_peer_is_doubted(const struct rib *rib, uint32_t peer)
{
    return rib->live.peers[peer].doubted;
}

bool rib_peer_is_full(const struct rib *rib, uint32_t peer)
{
    return rib->live.peers[peer].full;
}

bool rib_peer_is_partial(const struct rib *rib, uint32_t peer)
{
    return rib_peer_is_full(rib, peer) || rib_peer_is_doubted(rib, peer);
}

uint32_t rib_route_count(const struct rib *rib, uint32_t peer, enum family family)
{
    return rib->live.peers[peer].routes[family];
}

uint32_t rib_attributes_take(struct rib *rib, const struct rib_attributes *attributes)
{
    uint32_t set;
    do
        set = attributes_take(&rib->attributes, attributes);
    while (set == 0 && rib_reclaim(rib));
    return set;
}

void rib_attributes_give(struct rib *rib, uint32_t attributes)
{
    if (attributes != 0)
        attributes_give(&rib->attributes, attributes, rib->newest);
}
