// SPDX-License-Identifier: ISC
#include "role/probe_departure.h"

#include "detect/delays.h"

static void read_path(struct probe_role *r, struct probe_path *path)
{
    struct wall left;
    while (datagram_departed(path->sender, &left)) {
        struct mono left_at = {left.ns - r->clocks.ahead_ns};
        delays_late(r->delays, departure_told(&path->departure, left_at, r->now), r->now);
    }
}

bool probe_departure_ask(struct probe_role *r, uint32_t path, struct mono now)
{
    struct probe_path *p = &r->paths[path];
    if (!departure_is_due(&p->departure, now))
        return false;
    read_path(r, p);  // one that was given up may have been told after all
    datagram_ask_departure(&r->out, 0);
    return true;
}

void probe_departures_read(struct probe_role *r)
{
    for (uint32_t i = 0; i < r->path_count; i++)
        if (r->paths[i].departure.waits)
            read_path(r, &r->paths[i]);
}
