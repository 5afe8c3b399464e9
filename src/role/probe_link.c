// SPDX-License-Identifier: ISC
#include "role/probe_link.h"

#include "role/probe_hairpin.h"
#include "role/probe_open.h"
#include "role/probe_tell.h"
#include "role/probe_xdp.h"
#include "role/way_meant.h"

#include <assert.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    // What a link drops concerns probes that were out for a time-out by then, 1 ms at least and
    // 50 ms if not configured otherwise: so often is often enough.
    DROPS_NS = 5 * NS_PER_MS,
    ASKED_A_TURN = 64,  // ways, at most
};

static const int64_t rules_ns = 5 * (int64_t)NS_PER_S;  // they are read again, if there is cause

static_assert(NET_PATHS_MAX + NET_LINKS_MAX < PROBE_LINKS_MAX,
              "those that are configured have room");

static uint8_t home_of(struct probe_role *r, const struct probe_path *path)
{
    const struct net_selection *select = net_path_selection(r->net, (uint32_t)(path - r->paths));
    char name[LINK_NAME_MAX] = "";
    if (select->device[0])
        snprintf(name, sizeof name, "%s", select->device);
    else
        link_of_address(select->source[path->is.family], name);
    return probe_link_use(r, name);
}

// Then all IPv4 probes to a target take the way that the kernel says. Those of IPv6 have labels, by
// which it spreads them (ip-sysctl, fib_multipath_hash_policy).
static bool is_spread_by_addresses(void)
{
    FILE *file = fopen("/proc/sys/net/ipv4/fib_multipath_hash_policy", "r");
    int policy = file ? fgetc(file) : 0;
    if (file)
        fclose(file);
    return policy == '0';
}

static struct way_question question_of(const struct probe_role *r, uint32_t path)
{
    const struct net_selection *select = net_path_selection(r->net, path);
    return (struct way_question){
        .source = select->source[r->paths[path].is.family],  // that the socket is bound to
        .destination = {.family = r->paths[path].is.family},
        .interface = r->paths[path].vrf,
        .mark = select->mark,
        .of_any_flow = r->paths[path].is.family == FAMILY_IPV6 || !r->first_links.by_addresses,
    };
}

// A path by a device has no other way; unless it is a VRF, whose members packets leave by.
static void find_meant(struct probe_role *r, uint32_t path)
{
    struct probe_path *of = &r->paths[path];
    const struct way_question question = question_of(r, path);
    const char *device = net_path_selection(r->net, path)->device;
    struct kernel_socket *rules = &r->first_links.rules;
    of->meant = device[0] ? way_meant_by_device(rules, device) : way_meant(rules, &question);
    of->vrf = device[0] && of->meant.count > 0 ? if_nametoindex(device) : 0;
    of->awaits = of->vrf > 0 || way_meant_is_empty(&of->meant, of->is.family);
}

// Rules may be others since then. Where there are none any more, what they meant stands.
static void find_meant_again(struct probe_role *r, uint32_t path)
{
    struct probe_path *of = &r->paths[path];
    const struct way_question question = question_of(r, path);
    if (of->vrf > 0 || !mono_reached(r->now, mono_add_ns(of->meant_at, rules_ns)))
        return;
    of->meant_at = r->now;
    struct way_meant meant = way_meant(&r->first_links.rules, &question);
    of->meant = meant.count > 0 ? meant : of->meant;
}

bool probe_links_open(struct probe_role *r, char *why)
{
    r->first_links.netlink = way_socket();
    if (r->first_links.netlink < 0)
        return probe_fail(why, "cannot ask for ways: %s", strerror(-r->first_links.netlink));
    int error = kernel_socket_open(&r->first_links.rules);
    if (error)
        return probe_fail(why, "cannot ask for rules: %s", strerror(-error));
    r->first_links.by_addresses = is_spread_by_addresses();
    for (uint32_t i = 0; i < r->path_count; i++) {
        r->paths[i].home = home_of(r, &r->paths[i]);
        find_meant(r, i);
    }
    return true;
}

void probe_links_close(struct probe_role *r)
{
    if (r->first_links.netlink >= 0)
        close(r->first_links.netlink);
    kernel_socket_close(&r->first_links.rules);
}

static uint8_t find(const struct probe_links *links, const char *name)
{
    uint8_t found = PROBE_LINK_NONE;
    for (uint8_t i = 1; i < PROBE_LINKS_MAX && found == PROBE_LINK_NONE; i++)
        if (links->all[i].users > 0 && strcmp(links->all[i].name, name) == 0)
            found = i;
    for (uint8_t i = 1; i < PROBE_LINKS_MAX && found == PROBE_LINK_NONE; i++)
        if (links->all[i].users == 0)
            found = i;
    return found;
}

uint8_t probe_link_use(struct probe_role *r, const char *name)
{
    uint8_t place = name[0] ? find(&r->first_links, name) : PROBE_LINK_NONE;
    struct probe_link *link = &r->first_links.all[place];
    if (place == PROBE_LINK_NONE)
        return place;
    if (link->users++ == 0) {
        *link = (struct probe_link){.users = 1, .is_down = !link_is_up(&r->links, name)};
        r->first_links.may_be_down |= link->is_down;
        snprintf(link->name, sizeof link->name, "%s", name);
        (void)link_read_drops(&r->links, name, &link->drops);
    }
    return place;
}

static bool is_any_first(const struct probe_role *r, const struct probe_group *group,
                         bool (*is_so)(const struct probe_link *))
{
    bool is = false;
    for (uint32_t i = 0; i < WAY_LINKS_MAX && group->first_links[i] != PROBE_LINK_NONE; i++)
        is |= is_so(&r->first_links.all[group->first_links[i]]);
    return is;
}

// Whether it is so of an interface that the flow's probes may leave by, or their answers come to.
static bool is_any(const struct probe_role *r, uint32_t id,
                   bool (*is_so)(const struct probe_link *))
{
    const struct probe_link *all = r->first_links.all;
    const struct flow *flow = &r->flows[id];
    uint32_t back = flow->use == FLOW_CROSSING ? flow->back : flow->path;
    return is_so(&all[r->paths[flow->path].home]) || is_so(&all[r->paths[back].home]) ||
           is_any_first(r, &r->groups[probe_group_of(r, flow->path, flow->target)], is_so);
}

static bool is_down(const struct probe_link *link)
{
    return link->is_down;
}

static bool has_dropped(const struct probe_link *link)
{
    return link->has_dropped;
}

static bool is_astray(const struct probe_role *r, const struct flow *flow)
{
    return r->groups[probe_group_of(r, flow->path, flow->target)].is_astray;
}

bool probe_is_cut_off(const struct probe_role *r, uint32_t flow)
{
    const struct flow *is = &r->flows[flow];
    return r->paths[is->path].awaits || (r->first_links.astray > 0 && is_astray(r, is)) ||
           (r->first_links.may_be_down && is_any(r, flow, is_down));
}

static bool loses_to_link(const struct probe_role *r, uint32_t flow)
{
    return is_any(r, flow, has_dropped);
}

void probe_links_read(struct probe_role *r)
{
    r->first_links.may_be_down = false;
    for (uint32_t i = 1; i < PROBE_LINKS_MAX; i++) {
        struct probe_link *link = &r->first_links.all[i];
        link->is_down = link->users > 0 && !link_is_up(&r->links, link->name);
        r->first_links.may_be_down |= link->is_down;
    }
    probe_void_where(r, probe_is_cut_off, SAMPLE_LINK_DOWN);
    probe_hairpins_check_links(r);
    probe_ask_sources(r);
    probe_xdp_ask_again(r);
    round_hurry(&r->first_links.round, r->group_count);
    probe_links_ask(r);
}

void probe_links_check(struct probe_role *r)
{
    if (link_watch_changed(&r->links))
        probe_links_read(r);
}

static bool read_drops(struct probe_role *r, struct probe_link *link)
{
    struct link_drops drops, before = link->drops;
    if (link->users == 0 || !link_read_drops(&r->links, link->name, &drops))
        return false;
    link->drops = drops;
    return drops.sent > before.sent || drops.received > before.received;
}

void probe_links_check_drops(struct probe_role *r)
{
    struct probe_links *links = &r->first_links;
    bool any = false;
    if (!mono_reached(r->now, mono_add_ns(links->drops_read_at, DROPS_NS)))
        return;
    links->drops_read_at = r->now;
    for (uint32_t i = 1; i < PROBE_LINKS_MAX; i++)
        any |= links->all[i].has_dropped = read_drops(r, &links->all[i]);
    if (!any)
        return;
    probe_void_where(r, loses_to_link, SAMPLE_LINK_DROPPED);
    probe_hairpins_check_drops(r);
}

static bool ask_way(const struct probe_role *r, uint32_t group, struct way *way)
{
    struct way_question question = question_of(r, group / r->net->target_count);
    question.destination = endpoint_address(&r->groups[group].peer);
    return way_ask(r->first_links.netlink, &question, way);
}

// A way from another table is then none that was chosen: the packet only fell through to a later
// rule, as that for the default route. So it is where nobody has had one by those that are meant
// since we began, where this one had, and of a VRF.
static bool must_be_meant(const struct probe_role *r, uint32_t group)
{
    const struct probe_path *path = &r->paths[group / r->net->target_count];
    const struct probe_group *g = &r->groups[group];
    return path->awaits || path->vrf > 0 || g->is_astray || way_is_meant(&path->meant, g->table);
}

// Nor is it where a link is down, whose routes the kernel forgets.
static bool is_chosen(struct probe_role *r, uint32_t group, const struct way *way, bool must)
{
    const struct probe_group *g = &r->groups[group];
    uint32_t number = group / r->net->target_count;
    const struct way_meant *meant = &r->paths[number].meant;
    if (must && !way_is_meant(meant, way->table))
        find_meant_again(r, number);
    return way_is_meant(meant, way->table) ||
           (!must && (!is_any_first(r, g, is_down) || way->table == g->table));
}

// By which links what is out has left is known only while they do not change: where a new one is
// down that may have been it. Where flows are spread over several, none is known to take another
// than the one that is down.
static void change_links(struct probe_role *r, uint32_t group, const struct way *way)
{
    struct probe_group *g = &r->groups[group];
    uint8_t before[WAY_LINKS_MAX], count = 0;
    char name[LINK_NAME_MAX];
    memcpy(before, g->first_links, sizeof before);
    memset(g->first_links, PROBE_LINK_NONE, sizeof g->first_links);
    for (uint8_t i = 0; i < way->interface_count; i++) {
        bool has_name = link_name(&r->links, way->interfaces[i], name);
        uint8_t place = has_name ? probe_link_use(r, name) : PROBE_LINK_NONE;
        if (place != PROBE_LINK_NONE)
            g->first_links[count++] = place;
    }
    for (uint8_t i = 0; i < WAY_LINKS_MAX; i++)
        if (before[i] != PROBE_LINK_NONE)
            r->first_links.all[before[i]].users--;
    if (memcmp(before, g->first_links, sizeof before) != 0 && is_any_first(r, g, is_down))
        probe_void_where(r, probe_is_cut_off, SAMPLE_LINK_DOWN);
}

// What is out since has gone another way.
static void go_astray(struct probe_role *r, struct probe_group *g)
{
    if (g->is_astray)
        return;
    g->is_astray = true;
    r->first_links.astray++;
    probe_void_where(r, probe_is_cut_off, SAMPLE_LINK_DOWN);
}

// Where the kernel names no way, the link that was is what took it away.
static void ask_for(struct probe_role *r, uint32_t group)
{
    struct probe_group *g = &r->groups[group];
    uint32_t number = group / r->net->target_count;
    struct probe_path *path = &r->paths[number];
    bool has_choice = path->vrf > 0 || !net_path_selection(r->net, number)->device[0];
    struct way way;
    if (g->peer.any.sa_family == AF_UNSPEC || !has_choice || !ask_way(r, group, &way))
        return;
    bool must = must_be_meant(r, group);
    if (is_chosen(r, group, &way, must)) {
        r->first_links.astray -= g->is_astray;
        path->awaits = g->is_astray = false;
        g->table = way.table;
        change_links(r, group, &way);
    } else if (must) {
        go_astray(r, g);
    }
}

void probe_links_ask(struct probe_role *r)
{
    struct round *round = &r->first_links.round;
    for (uint32_t left = round_turn(round, r->group_count, ASKED_A_TURN); left > 0; left--)
        ask_for(r, round_next(round, r->group_count));
}

void probe_links_ask_all(struct probe_role *r)
{
    for (uint32_t group = 0; group < r->group_count; group++)
        ask_for(r, group);
}
