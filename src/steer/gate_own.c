// SPDX-License-Identifier: ISC
// Our own prefixes: for the world, so without NO_EXPORT, but exactly as configured. What the world
// sees of them towards an upstream is said to that upstream's router by communities.
#include "steer/gate_rules.h"

#include <assert.h>

static const struct net_announce *own_of(const struct question *q)
{
    return &q->net->announce[net_announce_of(q->net, q->request.prefix)];
}

static uint32_t upstreams_of(const struct net *net, uint32_t router)
{
    uint32_t set = 0;
    for (uint32_t u = 0; u < net->upstream_count; u++)
        set |= net->upstreams[u].router == router ? UINT32_C(1) << u : 0;
    return set;
}

bool gate_own_is_configured(struct question *q)
{
    if (net_announce_of(q->net, q->request.prefix) == NET_NOBODY)
        return gate_no(q, "S1: %s is not in announce", gate_text(q));
    return net_announces_to(own_of(q), q->request.router) ||
           gate_no(q, "S1: %s is not for %s", gate_text(q),
                   q->net->routers[q->request.router].name);
}

// Host routes are good here: many services are one.
bool gate_own_is_permissible(struct question *q)
{
    uint8_t least = q->family == FAMILY_IPV4 ? STEER_IPV4_LENGTH_MIN : STEER_IPV6_LENGTH_MIN;
    if (q->request.prefix.length < least)
        return gate_no(q, "S5: %s is shorter than /%u", gate_text(q), least);
    return own_of(q)->next_hop.family == q->family ||
           gate_no(q, "S5: the next hop of %s is not %s", gate_text(q), family_name(q->family));
}

bool gate_own_is_sayable(struct question *q)
{
    uint32_t here = upstreams_of(q->net, q->request.router);
    for (uint32_t u = 0; u < q->net->upstream_count; u++) {
        for (uint32_t stance = NET_STANCE_PREPEND; stance < NET_STANCES; stance++) {
            const struct net_upstream *upstream = &q->net->upstreams[u];
            if ((q->request.stances[stance] & here) >> u & 1 &&
                upstream->inbound[stance].kind == NET_TAG_NONE)
                return gate_no(q, "S3: no community says '%s' towards %s", net_stance_names[stance],
                               upstream->name);
        }
    }
    return true;
}

// Here as it is asked for now, on other routers as it stands there.
static bool is_offered_by(const struct question *q, uint32_t upstream)
{
    uint32_t router = q->net->upstreams[upstream].router;
    if (router == q->request.router)
        return !(q->request.stances[NET_STANCE_WITHHELD] >> upstream & 1);
    const struct standing *there = ledger_find(q->gate->ledger, router, q->request.prefix);
    return there && !(there->permit.stances[NET_STANCE_WITHHELD] >> upstream & 1);
}

// One that other sites announce too may go from here: that is a drain of the site.
bool gate_own_stays_offered(struct question *q)
{
    const struct net_announce *own = own_of(q);
    bool is_served = false, is_offered = false;
    for (uint32_t u = 0; u < q->net->upstream_count; u++) {
        const struct net_upstream *upstream = &q->net->upstreams[u];
        if (!upstream->next_hop[q->family].family || !net_announces_to(own, upstream->router))
            continue;
        is_served = true;
        is_offered |= is_offered_by(q, u);
    }
    return is_offered || !is_served || own->anycast ||
           gate_no(q, "S13: %s would be withheld from every upstream", gate_text(q));
}

void gate_own_fill(struct permit *permit, const struct question *q)
{
    const struct net_announce *own = own_of(q);
    uint32_t here = upstreams_of(q->net, q->request.router);
    permit->upstream = NET_NOBODY;
    permit->next_hop = own->next_hop;
    permit->local_pref = STEER_OWN_LOCAL_PREF;
    permit->no_export = false;
    permit->stances[NET_STANCE_NORMAL] = here;
    for (uint32_t stance = NET_STANCE_PREPEND; stance < NET_STANCES; stance++) {
        permit->stances[stance] = q->request.stances[stance] & here;
        permit->stances[NET_STANCE_NORMAL] &= ~permit->stances[stance];
    }
}

uint32_t permit_tags(const struct permit *permit, const struct net *net, struct net_tag *tags)
{
    uint32_t count = 0;
    if (permit->kind != PERMIT_OWN)
        return 0;
    uint32_t place = net_announce_of(net, permit->prefix);
    assert(place < net->announce_count);  // or the gate had not permitted it
    const struct net_tags *own = &net->announce[place].communities;
    for (; count < own->count; count++)
        tags[count] = own->items[count];
    for (uint32_t stance = NET_STANCE_PREPEND; stance < NET_STANCES; stance++)
        for (uint32_t u = 0; u < net->upstream_count; u++)
            if (permit->stances[stance] >> u & 1)
                tags[count++] = net->upstreams[u].inbound[stance];
    return count;
}
