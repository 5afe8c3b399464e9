// SPDX-License-Identifier: ISC
// S6: what Fairlead hangs by must not be moved by Fairlead, or it could not take back what it said.
#include "steer/gate_rules.h"

static bool spares(struct question *q, struct address address, const char *what, const char *name)
{
    char text[ADDRESS_TEXT_MAX];
    return !prefix_contains_address(q->request.prefix, address) ||
           gate_no(q, "S6: covers %s, %s %s", address_format(address, text), what, name);
}

static bool spares_routers_and_us(struct question *q)
{
    const struct net *net = q->net;
    for (uint32_t i = 0; i < net->router_count; i++) {
        const struct net_router *router = &net->routers[i];
        if (!spares(q, router->address, "router", router->name) ||
            !spares(q, router->local_address, "our address towards", router->name))
            return false;
    }
    for (uint32_t i = 0; i < net->bmp.sender_count; i++) {
        const struct net_bmp_sender *sender = &net->bmp.senders[i];
        if (!spares(q, sender->address[q->family], "BMP sender", sender->name))
            return false;
    }
    return spares(q, net->router_id, "our", "router_id") &&
           spares(q, net->bgp_listen[q->family], "our", "bgp.listen") &&
           spares(q, net->bmp.listen[q->family], "our", "bmp.listen") &&
           spares(q, net->web_address, "our", "web address");
}

bool gate_spares_control_paths(struct question *q)
{
    const struct net *net = q->net;
    for (uint32_t i = 0; i < net->upstream_count; i++) {
        const struct net_upstream *upstream = &net->upstreams[i];
        if (!spares(q, upstream->next_hop[q->family], "next hop of", upstream->name) ||
            !spares(q, upstream->select.source[q->family], "probe source of", upstream->name))
            return false;
    }
    if (!spares(q, net->probe.as_routed.source[q->family], "probe source", "as routed"))
        return false;
    const struct net_prefixes *list = &net->guard.protected_prefixes;
    for (uint32_t i = 0; i < list->count; i++) {
        char text[PREFIX_TEXT_MAX];
        if (prefix_contains(list->items[i], q->request.prefix) ||
            prefix_contains(q->request.prefix, list->items[i]))
            return gate_no(q, "S6: protected prefix %s", prefix_format(list->items[i], text));
    }
    return spares_routers_and_us(q);
}
