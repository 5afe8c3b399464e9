// SPDX-License-Identifier: ISC
// What upstreams carry, and what goes to prefixes: read off this host's interfaces, or pushed.
#include "role/channel.h"
#include "role/ingest.h"

enum {
    METER_MS = 1000,  // between two readings of an interface
    DEMANDS_BURST = 4000,
    DEMANDS_PER_S = 2000,  // events that the engine takes beside its work
};

// What the engine has no room for is told again soon.
static void tell(struct ingest_role *r, const struct event *event)
{
    if (r->channel >= 0)
        (void)channel_send_event(r->channel, r->net, event);
}

void ingest_tell_use(struct ingest_role *r, const struct count_use *use)
{
    tell(r, &(struct event){.kind = EVENT_USE,
                            .at = r->now,
                            .use = {use->upstream, use->out_bps, use->in_bps}});
}

bool ingest_take_use(struct ingest_role *r, const json_t *item, struct count_error *why)
{
    struct count_use use;
    bool good = count_use_read(r->net, item, &use, why);
    if (good)
        ingest_tell_use(r, &use);
    return good;
}

static bool may_tell_demand(struct ingest_role *r)
{
    int64_t back = mono_since_ns(r->now, r->demands_refilled_at) / (NS_PER_S / DEMANDS_PER_S);
    if (back > 0) {
        int64_t tokens = r->demand_tokens + (back < DEMANDS_BURST ? back : DEMANDS_BURST);
        r->demand_tokens = (uint32_t)(tokens < DEMANDS_BURST ? tokens : DEMANDS_BURST);
        r->demands_refilled_at = r->now;
    }
    if (r->demand_tokens == 0)
        return false;
    r->demand_tokens--;
    return true;
}

bool ingest_take_demand(struct ingest_role *r, const json_t *item, struct count_error *why)
{
    struct count_demand demand;
    if (!count_demand_read(r->net, item, &demand, why))
        return false;
    if (!may_tell_demand(r)) {
        count_refuse(why, 0, "at most %d prefixes a second", DEMANDS_PER_S);
        return false;
    }
    tell(r, &(struct event){
                .kind = EVENT_DEMAND, .at = r->now, .demand = {demand.prefix, demand.bps}});
    return true;
}

void ingest_meter_tick(struct ingest_role *r)
{
    if (!mono_reached(r->now, r->meter_at))
        return;
    r->meter_at = mono_add_ms(r->now, METER_MS);
    for (uint32_t i = 0; i < r->net->upstream_count; i++) {
        const struct net_use *from = &r->net->upstreams[i].use;
        struct count_octets octets;
        struct count_use use = {.upstream = i};
        if (from->from == NET_USE_KERNEL && link_read_octets(&r->links, from->device, &octets) &&
            count_rate_take(&r->rates[i], r->now, &octets, &use))
            ingest_tell_use(r, &use);
    }
}
