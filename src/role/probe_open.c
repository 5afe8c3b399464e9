// SPDX-License-Identifier: ISC
#include "role/probe_open.h"

#include "detect/delays.h"
#include "detect/site.h"
#include "role/probe_hairpin.h"
#include "role/probe_trace.h"
#include "role/probe_xdp.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

// Of addresses: as much as 400,000 flows take. More comes from elsewhere.
enum { MEMORY_BYTES = 80 * 1024 * 1024 };

bool probe_fail(char *why, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, ROLE_ERROR_MAX, format, arguments);
    va_end(arguments);
    return false;
}

// Answers tell themselves apart by address, port and protocol.
static bool targets_differ(const struct net *net, char *why)
{
    for (uint32_t a = 0; a < net->target_count; a++)
        for (uint32_t b = 0; b < a; b++) {
            const struct net_target *one = &net->targets[a], *other = &net->targets[b];
            for (enum family f = FAMILY_IPV4; f < FAMILIES; f++)
                if (one->address[f].family != FAMILY_NONE && one->protocol == other->protocol &&
                    one->port == other->port && address_equal(one->address[f], other->address[f]))
                    return probe_fail(why, "targets '%s' and '%s' are the same: leave one out",
                                      other->name, one->name);
        }
    return true;
}

static bool open_paths(struct probe_role *r, char *why)
{
    char name[NET_NAME_MAX + 8];
    r->path_count = net_path_count(r->net);
    r->paths = calloc(r->path_count, sizeof r->paths[0]);
    if (r->path_count > 0 && !r->paths)
        return probe_fail(why, "cannot probe: out of memory");
    for (uint32_t i = 0; i < r->path_count; i++)
        r->paths[i].sender = r->paths[i].asker = -1;
    for (uint32_t i = 0; i < r->path_count; i++) {
        struct probe_path *path = &r->paths[i];
        path->is = net_path(r->net, i);
        path->micro_session = (uint16_t)net_path_selection(r->net, i)->micro_session;
        path->detector = region_take(&r->memory, 1, sizeof *path->detector);
        if (!path->detector)
            return probe_fail(why, "cannot probe: out of memory");
        if (!detect_path_init(path->detector, r->net, i, &r->book))
            return probe_fail(why,
                              "cannot detect loss on %s: no thresholds fit what detect: asks for",
                              net_path_name(r->net, i, name));
    }
    r->delays = delays_new(r->net, &r->book, &r->memory);
    if (!r->delays)
        return probe_fail(why, "cannot detect delays: out of memory, or detect: asks for too much");
    return true;
}

static bool open_site(struct probe_role *r, char *why)
{
    // Of what roves it hears otherwise.
    uint32_t count = r->scheduled_count + probe_hairpin_flows(r->net);
    r->site = site_new(r->net, r->flows, count, &r->book, &r->memory);
    return r->site || probe_fail(why, "cannot tell what is at fault: out of memory, or no "
                                      "thresholds fit what detect: asks for");
}

static bool open_trace(struct probe_role *r, char *why)
{
    r->trace = probe_trace_new(r, why);
    return r->trace || r->net->probe.trace_rate_mpps == 0;
}

struct probe_role *probe_role_open(const struct net *net, char *why)
{
    struct probe_role *r = calloc(1, sizeof *r);
    if (!r || !region_init(&r->memory, MEMORY_BYTES) ||
        getrandom(&r->key, sizeof r->key, 0) != sizeof r->key) {
        probe_fail(why, "cannot probe: out of memory");
        if (r)
            region_done(&r->memory);
        free(r);
        return NULL;
    }
    r->net = net;
    r->port_catch = r->first_links.netlink = -1;
    int error = link_watch_open(&r->links);
    if (error)
        probe_fail(why, "cannot watch links: %s", strerror(-error));
    if (!error && targets_differ(net, why) && open_paths(r, why) && probe_links_open(r, why) &&
        probe_plan(r, why) && probe_open_senders(r, why) && probe_open_receivers(r, why) &&
        probe_xdp_open(r, why) && probe_hairpins_open(r, why) && open_site(r, why) &&
        open_trace(r, why)) {
        probe_ask_sources(r);
        return r;
    }
    probe_role_close(r);
    return NULL;
}

void probe_role_close(struct probe_role *r)
{
    if (!r)
        return;
    probe_close_sockets(r);
    probe_hairpins_close(r->hairpins);
    probe_xdp_close(r->xdp);
    for (uint32_t i = 0; r->paths && i < r->path_count; i++)
        region_give(&r->memory, r->paths[i].detector);
    delays_free(r->delays);
    site_free(r->site);
    probe_links_close(r);
    link_watch_close(&r->links);
    probe_trace_free(r->trace);
    probe_plan_done(r);
    free(r->paths);
    region_done(&r->memory);
    free(r);
}
