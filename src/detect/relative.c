// SPDX-License-Identifier: ISC
#include "detect/relative.h"

#include <assert.h>
#include <math.h>

void relative_init(struct relative *r, const struct net *net)
{
    *r = (struct relative){.path_count = net_path_count(net)};
    for (uint32_t p = 0; p < r->path_count; p++) {
        r->paths[p] = net_path(net, p);
        evalue_init(&r->evidence[p]);
    }
}

static bool are_peers(const struct relative *r, uint32_t path, uint32_t other)
{
    return path != other && r->paths[path].family == r->paths[other].family;
}

// One block of a target, for every path of the family that reported on it.
static void block_close(struct relative *r, struct relative_count *counts, enum family family)
{
    for (uint32_t p = 0; p < r->path_count; p++) {
        if (r->paths[p].family != family)
            continue;
        struct evalue_block block = {.ok = counts[p].ok, .lost = counts[p].lost};
        for (uint32_t other = 0; other < r->path_count; other++) {
            if (!are_peers(r, p, other))
                continue;
            block.peers_ok += counts[other].ok;
            block.peers_lost += counts[other].lost;
        }
        evalue_add(&r->evidence[p], &block);
    }
    for (uint32_t p = 0; p < r->path_count; p++)
        if (r->paths[p].family == family)
            counts[p] = (struct relative_count){0};
}

void relative_add(struct relative *r, uint32_t path, uint32_t target, struct relative_count count)
{
    assert(path < r->path_count && target < NET_TARGETS_MAX);
    if (count.ok + count.lost == 0 || r->paths[path].upstream == NET_NOBODY)
        return;
    struct relative_count *counts = r->block[target];
    if (counts[path].ok + counts[path].lost > 0)
        block_close(r, counts, r->paths[path].family);
    counts[path] = count;
}

uint32_t relative_millinats(const struct relative *r, uint32_t path)
{
    assert(path < r->path_count);
    double millinats = evalue_nats(&r->evidence[path]) * 1000;
    return millinats < UINT32_MAX ? (uint32_t)lround(millinats) : UINT32_MAX;
}
