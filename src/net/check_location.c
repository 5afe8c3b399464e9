// SPDX-License-Identifier: ISC
#include "net/check_inside.h"

static void check_location(const struct check *c, const struct net_location *location,
                           uint32_t line, const char *name)
{
    if (c->sound && location->said == 1)
        net_errors_add(
            c->errors, NET_ERROR, line,
            "location of '%s': the longitude is missing: write [LATITUDE, LONGITUDE], such "
            "as [50.11, 8.68]",
            name);
}

void check_locations(const struct check *c)
{
    const struct net *net = c->net;
    check_location(c, &net->location, line_in(c, "location", NULL), net->site);
    for (uint32_t i = 0; i < net->upstream_count; i++)
        check_location(c, &net->upstreams[i].location, line_of(c, "upstreams", i, "location"),
                       net->upstreams[i].name);
    for (uint32_t i = 0; i < net->target_count; i++)
        check_location(c, &net->targets[i].location, line_of(c, "targets", i, "location"),
                       net->targets[i].name);
}
