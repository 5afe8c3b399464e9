// SPDX-License-Identifier: ISC
// Whether packets would circle if this were said: each router hands them to the router of the
// upstream that it was told, or that it chose itself as far as its own routes tell.
#include "steer/gate_rules.h"

#include "rib/best.h"

// The upstream by which a router would send them then; NET_NOBODY: not known.
static uint32_t way_of(const struct question *q, uint32_t router)
{
    const struct standing *standing = ledger_find(q->gate->ledger, router, q->request.prefix);
    struct rib_choice choice;
    if (router == q->request.router)
        return q->request.upstream;
    if (standing)
        return standing->permit.upstream;
    if (!rib_best(q->gate->rib, router, q->request.prefix, &choice))
        return NET_NOBODY;
    return net_upstream_by_next_hop(q->net,
                                    rib_attributes(q->gate->rib, choice.path.attributes).next_hop);
}

bool gate_packets_get_out(struct question *q)
{
    uint32_t router = q->request.router, way = q->request.upstream;
    for (uint32_t hops = 0; hops <= q->net->router_count; hops++) {
        if (way == NET_NOBODY || q->net->upstreams[way].router == router)
            return true;
        router = q->net->upstreams[way].router;
        way = way_of(q, router);
    }
    router = q->net->upstreams[q->request.upstream].router;
    return gate_no(q, "S13: %s would circle: %s sends it by %s", gate_text(q),
                   q->net->routers[router].name, q->net->upstreams[way_of(q, router)].name);
}
