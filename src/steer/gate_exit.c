// SPDX-License-Identifier: ISC
// Exits: one route moves all that an upstream carries, so it needs more than a path to copy: the
// other upstream must have nearly everything of it, now and for as long as it stands.
#include "steer/gate_rules.h"

#include "rib/sample.h"

static uint32_t exit_of(const struct question *q)
{
    return net_exit_of(q->net, q->request.prefix);
}

static const char *upstream_name(const struct question *q, uint32_t upstream)
{
    return q->net->upstreams[upstream].name;
}

bool gate_exit_is_configured(struct question *q)
{
    uint32_t from = exit_of(q);
    if (from == NET_NOBODY)
        return gate_no(q, "S1: %s is no upstream's exit", gate_text(q));
    return from != q->request.upstream ||
           gate_no(q, "S1: %s is the exit of %s itself", gate_text(q), upstream_name(q, from));
}

uint32_t gate_drained_to(const struct gate *gate, uint32_t upstream)
{
    for (enum family f = FAMILY_IPV4; f < FAMILIES; f++) {
        struct address exit = gate->net->upstreams[upstream].exit[f];
        for (uint32_t router = 0; exit.family && router < gate->net->router_count; router++) {
            const struct standing *standing =
                ledger_find(gate->ledger, router, prefix_of(exit, family_bits(f)));
            if (standing)
                return standing->permit.upstream;
        }
    }
    return NET_NOBODY;
}

// Which of two upstreams have a live path to a prefix, as the routers' own sessions tell.
static void look_at(const struct question *q, struct prefix prefix, bool *from, bool *to)
{
    const struct net_upstream *upstreams = q->net->upstreams;
    struct rib_path path;
    *from = *to = false;
    for (struct rib_paths paths = rib_session_paths(q->gate->rib, prefix);
         rib_paths_next(&paths, &path);) {
        struct rib_way way = rib_way(q->gate->rib, path.attributes);
        if (way.marked)
            continue;
        *from |= address_equal(way.next_hop, upstreams[exit_of(q)].next_hop[q->family]);
        *to |= address_equal(way.next_hop, upstreams[q->request.upstream].next_hop[q->family]);
    }
}

// An upstream with no route at all may be drained too, before it comes back: then the other need
// only be alive.
bool gate_exit_is_live(struct question *q)
{
    struct prefix sample[STEER_EXIT_SAMPLE];
    uint32_t count = rib_sample(rib_live(q->gate->rib), q->family, sample, STEER_EXIT_SAMPLE);
    uint32_t from_count = 0, to_count = 0, both = 0;
    for (uint32_t i = 0; i < count; i++) {
        bool from, to;
        look_at(q, sample[i], &from, &to);
        from_count += from;
        to_count += to;
        both += from && to;
    }
    const char *name = upstream_name(q, q->request.upstream);
    if (to_count == 0)
        return gate_no(q, "S2: no live %s path via %s", family_name(q->family), name);
    return both * 100 >= from_count * STEER_EXIT_COVERED_MIN ||
           gate_no(q, "S2: %s has paths to %u of %u prefixes of %s", name, both, from_count,
                   upstream_name(q, exit_of(q)));
}

// Neither is the target drained itself, nor does another lean on what is drained now, and the
// router of the target is there to send straight out.
bool gate_exit_leaves_a_way(struct question *q)
{
    uint32_t from = exit_of(q), to = q->request.upstream;
    uint32_t router = q->net->upstreams[to].router;
    uint32_t further = gate_drained_to(q->gate, to);
    if (!q->gate->sessions[router].up || !q->gate->sessions[router].families[q->family])
        return gate_no(q, "S13: no %s session with %s, the router of %s", family_name(q->family),
                       q->net->routers[router].name, upstream_name(q, to));
    if (further != NET_NOBODY)
        return gate_no(q, "S13: %s is drained to %s", upstream_name(q, to),
                       upstream_name(q, further));
    for (uint32_t u = 0; u < q->net->upstream_count; u++) {
        if (u != from && gate_drained_to(q->gate, u) == from)
            return gate_no(q, "S13: %s is drained to %s", upstream_name(q, u),
                           upstream_name(q, from));
    }
    return true;
}

// Or two routers would hand packets to each other.
bool gate_exit_begins_at_its_router(struct question *q)
{
    uint32_t first = q->net->upstreams[q->request.upstream].router;
    const struct standing *standing = ledger_find(q->gate->ledger, first, q->request.prefix);
    return first == q->request.router ||
           (standing && standing->permit.upstream == q->request.upstream) ||
           gate_no(q, "S13: %s, the router of %s, is to be told first", q->net->routers[first].name,
                   upstream_name(q, q->request.upstream));
}

bool gate_one_exit_at_a_time(struct question *q)
{
    uint32_t drained = 0, last = NET_NOBODY;
    for (uint32_t u = 0; u < q->net->upstream_count; u++) {
        if (u != exit_of(q) && gate_drained_to(q->gate, u) != NET_NOBODY) {
            drained++;
            last = u;
        }
    }
    return drained < STEER_EXITS_DRAINED_MAX ||
           gate_no(q, "S8: %s is drained already", upstream_name(q, last));
}
