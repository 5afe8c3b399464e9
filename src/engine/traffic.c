// SPDX-License-Identifier: ISC
#include "engine/traffic.h"

#include "engine/state.h"

#include <string.h>

static int64_t bps_of(uint64_t kbps)
{
    return kbps == ALLOCATE_UNKNOWN ? -1 : (int64_t)kbps * 1000;
}

static struct traffic_upstream upstream_of(const struct engine *e, uint32_t upstream)
{
    struct allocate_upstream u = room_upstream(e, upstream);
    int64_t capacity_bps = bps_of(u.capacity_kbps);
    return (struct traffic_upstream){
        .capacity_bps = capacity_bps,
        .limit_bps = capacity_bps < 0 ? -1 : capacity_bps / 100 * (u.headroom_ppm / 10000),
        .use_bps = bps_of(u.use_kbps),
    };
}

void traffic_of(const struct engine *e, struct traffic *traffic)
{
    memset(traffic, 0, sizeof *traffic);  // its bytes are sent
    for (uint32_t u = 0; u < e->net->upstream_count; u++)
        traffic->upstreams[u] = upstream_of(e, u);
    for (uint32_t i = 0; i < e->demand.count; i++) {
        struct traffic_item *item = &traffic->items[traffic->count];
        item->prefix = e->demand.items[i].prefix;
        item->bps = demand_bps(&e->demand, item->prefix, e->now);
        traffic->count += item->bps >= 0;
    }
}

size_t traffic_size(const struct traffic *traffic)
{
    return offsetof(struct traffic, items) + traffic->count * sizeof traffic->items[0];
}

bool traffic_read(struct traffic *traffic, const void *bytes, size_t size)
{
    if (size < offsetof(struct traffic, items) || size > sizeof *traffic)
        return false;
    memcpy(traffic, bytes, size);
    return traffic->count <= DEMAND_MAX && traffic_size(traffic) == size;
}
