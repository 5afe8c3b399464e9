// SPDX-License-Identifier: ISC
// S6: what Fairlead hangs by must not be moved by Fairlead, or it could not take back what it said.
#include "steer/gate_rules.h"

// An exit is the very address that its upstream's routes have as next hop, if the routers resolve
// that over it.
static bool is_own_exit(const struct question *q, uint32_t upstream)
{
    return q->request.kind == PERMIT_EXIT && net_exit_of(q->net, q->request.prefix) == upstream;
}

// Who configures one of our own, or an exit, inside a protected prefix means just that; but nothing
// may be more general than what is protected, nor an exit be it.
static bool is_protected(const struct question *q, struct prefix listed)
{
    struct prefix asked = q->request.prefix;
    if (q->request.kind == PERMIT_OVERRIDE)
        return prefix_touches(&listed, &asked);
    bool covers = prefix_contains(asked, listed);
    return covers && (q->request.kind == PERMIT_EXIT || !prefix_equal(asked, listed));
}

static bool spares(struct question *q, const struct address *address, const char *what,
                   const char *name)
{
    char text[ADDRESS_TEXT_MAX];
    return !prefix_cover_has(&q->cover, address) ||
           gate_no(q, "S6: covers %s, %s %s", address_format(*address, text), what, name);
}

static bool spares_routers_and_us(struct question *q)
{
    const struct net *net = q->net;
    for (uint32_t i = 0; i < net->router_count; i++) {
        const struct net_router *router = &net->routers[i];
        if (!spares(q, &router->address, "router", router->name) ||
            !spares(q, &router->local_address, "our address towards", router->name))
            return false;
    }
    for (uint32_t i = 0; i < net->bmp.sender_count; i++) {
        const struct net_bmp_sender *sender = &net->bmp.senders[i];
        if (!spares(q, &sender->address[q->family], "BMP sender", sender->name))
            return false;
    }
    return spares(q, &net->router_id, "our", "router_id") &&
           spares(q, &net->bgp_listen[q->family], "our", "bgp.listen") &&
           spares(q, &net->bmp.listen[q->family], "our", "bmp.listen") &&
           spares(q, &net->web_address, "our", "web address");
}

// Whom we ask, and by whose word we act or stop: what upstreams carry, what kernels forward by,
// what devices say.
static bool spares_whom_we_ask(struct question *q)
{
    const struct net *net = q->net;
    for (uint32_t i = 0; i < net->upstream_count; i++) {
        const struct net_upstream *upstream = &net->upstreams[i];
        if (!spares(q, &upstream->use.snmp.address, "SNMP agent of", upstream->name))
            return false;
    }
    for (uint32_t i = 0; i < net->router_count; i++) {
        const struct net_router *router = &net->routers[i];
        if (!spares(q, &router->fib.address, "agent on", router->name))
            return false;
    }
    for (uint32_t i = 0; i < net->ssh.device_count; i++) {
        const struct net_ssh_device *device = &net->ssh.devices[i];
        if (!spares(q, &device->address, "SSH of", device->name))
            return false;
    }
    return true;
}

bool gate_spares_control_paths(struct question *q)
{
    const struct net *net = q->net;
    q->cover = prefix_cover(&q->request.prefix);
    for (uint32_t i = 0; i < net->upstream_count; i++) {
        const struct net_upstream *upstream = &net->upstreams[i];
        if ((!is_own_exit(q, i) &&
             !spares(q, &upstream->next_hop[q->family], "next hop of", upstream->name)) ||
            !spares(q, &upstream->select.source[q->family], "probe source of", upstream->name))
            return false;
    }
    if (!spares(q, &net->probe.as_routed.source[q->family], "probe source", "as routed"))
        return false;
    const struct net_prefixes *list = &net->guard.protected_prefixes;
    for (uint32_t i = 0; i < list->count; i++) {
        char text[PREFIX_TEXT_MAX];
        if (is_protected(q, list->items[i]))
            return gate_no(q, "S6: protected prefix %s", prefix_format(list->items[i], text));
    }
    return spares_routers_and_us(q) && spares_whom_we_ask(q);
}
