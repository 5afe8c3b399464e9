// SPDX-License-Identifier: ISC
#include "net/check_inside.h"

#include <stdio.h>

static void check_selection(const struct check *c, const struct net_selection *select,
                            uint32_t line, const char *key)
{
    if (select->xdp && !select->device[0])
        net_errors_add(c->errors, NET_ERROR, line,
                       "%s.xdp: AF_XDP sockets are those of a device: write the device too", key);
}

void check_selections(const struct check *c)
{
    char key[32];
    for (uint32_t i = 0; i < c->net->upstream_count; i++) {
        snprintf(key, sizeof key, "upstreams[%u].probe", i);
        check_selection(c, &c->net->upstreams[i].select, line_of(c, "upstreams", i, "probe"), key);
    }
    check_selection(c, &c->net->probe.as_routed, line_in(c, "probe", "as_routed"),
                    "probe.as_routed");
}
