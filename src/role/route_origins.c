// SPDX-License-Identifier: ISC
// Which AS each target is in, by the longest prefix that holds it: people are told to which an
// outage reaches. One of them is looked up at a time, so that it costs nothing.
#include "role/route.h"
#include "role/route_origins.h"

#include "rib/sight.h"

enum { LOOK_MS = 200 };

// 0: there is no route, or only a default, which tells nothing of where it is.
static uint32_t origin_of(const struct route_role *r, struct address address)
{
    struct prefix match;
    struct rib_path path;
    if (!rib_longest_match(r->rib, RIB_NO_PEER, address, &match) || match.length == 0)
        return 0;
    struct rib_paths paths = rib_session_paths(r->rib, match);
    return rib_paths_next(&paths, &path) ? rib_path_origin(r->rib, r->net, &path) : 0;
}

void route_origins_tick(struct route_role *r)
{
    struct route_origins *o = &r->origins;
    if (r->net->target_count == 0 || !mono_reached(r->now, o->look_at))
        return;
    o->look_at = mono_add_ms(r->now, LOOK_MS);
    o->next = (o->next + 1) % (2 * r->net->target_count);
    uint32_t target = o->next / 2;
    enum family family = o->next % 2 ? FAMILY_IPV6 : FAMILY_IPV4;
    struct address address = r->net->targets[target].address[family];
    if (address.family == FAMILY_NONE)
        return;
    uint32_t asn = origin_of(r, address);
    if (asn == o->told[target][family])
        return;
    o->told[target][family] = asn;
    const struct event event = {
        .kind = EVENT_ORIGIN, .at = r->now, .origin = {target, family, asn}};
    route_tell(r, &event);
}
