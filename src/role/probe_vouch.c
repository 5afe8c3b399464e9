// SPDX-License-Identifier: ISC
#include "role/probe_vouch.h"

#include "role/channel.h"
#include "role/probe_tell.h"

#include <errno.h>
#include <string.h>

// What a link drops concerns probes that were out for a time-out by then, 1 ms at least and 50 ms
// if not configured otherwise: so often is often enough.
enum { READ_NS = 5 * NS_PER_MS };

static bool has_dropped(const struct probe_role *r, struct probe_path *path)
{
    struct link_drops drops, before = path->drops;
    if (!path->link[0] || !link_read_drops(&r->links, path->link, &drops))
        return false;
    path->drops = drops;
    return drops.sent > before.sent || drops.received > before.received;
}

// An earlier path of the same link; itself: there is none.
static const struct probe_path *first_of_link(const struct probe_role *r, uint32_t path)
{
    uint32_t first = 0;
    while (strcmp(r->paths[first].link, r->paths[path].link) != 0)
        first++;
    return &r->paths[first];
}

void probe_check_links_dropped(struct probe_role *r)
{
    bool any = false, is_first = r->drops_read_at.ns == 0;
    if (!mono_reached(r->now, mono_add_ns(r->drops_read_at, READ_NS)))
        return;
    r->drops_read_at = r->now;
    for (uint32_t i = 0; i < r->path_count; i++) {
        const struct probe_path *first = first_of_link(r, i);
        r->paths[i].link_has_dropped = first == &r->paths[i]
                                           ? has_dropped(r, &r->paths[i]) && !is_first
                                           : first->link_has_dropped;
        any |= r->paths[i].link_has_dropped;
    }
    uint32_t count = any ? flight_waiting(&r->flight, r->scratch) : 0;
    for (uint32_t i = 0; i < count; i++)
        if (r->paths[r->flows[r->scratch[i]].path].link_has_dropped)
            probe_void(r, r->scratch[i], SAMPLE_LINK_DROPPED);
}

// The next waits until the engine has taken the one before.
void probe_tell_vouch(struct probe_role *r)
{
    if (!r->has_pending)
        r->has_pending = vouch_tick(&r->vouch, r->now, &r->pending);
    if (!r->has_pending)
        return;
    const struct event event = {.kind = EVENT_NOTICE, .at = r->now, .notice = r->pending};
    int error = channel_send_event(r->channel, r->net, &event);
    r->has_pending = error == -EAGAIN;
    if (error == -EPIPE)
        probe_stop(r);
}
