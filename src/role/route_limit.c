// SPDX-License-Identifier: ISC
// How much of a router's table is taken. A limit that tears down is itself an outage, so that it
// refuses and says so, unless the configuration wants the session closed.
#include "role/route_limit.h"

#include "role/route.h"

#include <stdio.h>

enum { CEASE_PREFIXES = 1 };  // RFC 4486 §3: Maximum Number of Prefixes Reached
enum { CLOSED_S = 5 * 60 };   // long enough for a person to look
enum { TEXT = 96 };

uint32_t route_limit_room(const struct route_role *r, uint32_t router, enum family family)
{
    if (router >= r->net->router_count)
        return UINT32_MAX;  // another peer of the RIB
    uint32_t most = r->net->routers[router].prefixes_max;
    uint32_t count = rib_route_count(r->rib, router, family);
    return most == 0 ? UINT32_MAX : count < most ? most - count : 0;
}

static void tell(struct route_role *r, uint32_t router, bool raised, const char *text)
{
    const struct net_router *of = &r->net->routers[router];
    struct notice notice = {
        .kind = NOTICE_PEER_PREFIXES_MAX,
        .raised = raised,
        .router = router,
        .count = of->prefixes_max,
        .total = of->prefixes_max,
    };
    snprintf(notice.peer, sizeof notice.peer, "%s", of->name);
    snprintf(notice.text, sizeof notice.text, "%s", text);
    route_notice(r, &notice);
}

void route_limit_reached(struct route_role *r, uint32_t router, enum family family)
{
    const struct net_router *of = &r->net->routers[router];
    struct route_router *own = &r->routers[router];
    if (own->limit.over[family])
        return;
    bool closes = of->prefixes_over == NET_OVER_CLOSE;
    char text[TEXT];
    snprintf(text, sizeof text, "%s: more than %u, %s", family_name(family), of->prefixes_max,
             closes ? "the session is closed for 5 min" : "nothing new is taken");
    own->limit.over[family] = own->limit.told = own->was_partial = true;
    route_log("prefixes_max", "router=%s family=%s max=%u does=\"%s\"", of->name,
              family_name(family), of->prefixes_max,
              closes ? "closes the session" : "learns no more, steers no more");
    tell(r, router, true, text);
    if (!closes || !own->live)
        return;
    own->limit.closed_until = mono_add_ns(r->now, (int64_t)CLOSED_S * NS_PER_S);
    route_link_cut(own->live, CEASE_PREFIXES, "too many prefixes");
}

bool route_limit_is_closed(const struct route_role *r, uint32_t router)
{
    return !mono_reached(r->now, r->routers[router].limit.closed_until);
}

void route_limit_forget(struct route_role *r, uint32_t router)
{
    struct route_router *own = &r->routers[router];
    own->limit.over[FAMILY_IPV4] = own->limit.over[FAMILY_IPV6] = false;
    if (!own->limit.told || route_limit_is_closed(r, router))
        return;
    own->limit.told = false;
    tell(r, router, false, "a new table begins");
}
