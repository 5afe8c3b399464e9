// SPDX-License-Identifier: ISC
#include "steer/gate_rules.h"

#include "steer/bogons.h"

#include <stdarg.h>
#include <stdio.h>

bool gate_no(struct question *q, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(q->why, GATE_WHY_MAX, format, arguments);
    va_end(arguments);
    return false;
}

const char *gate_text(struct question *q)
{
    return prefix_format(q->request.prefix, q->text);
}

static bool in_list(const struct net_prefixes *list, struct prefix prefix)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (prefix_contains(list->items[i], prefix))
            return true;
    }
    return false;
}

static const char *router_name(const struct question *q, uint32_t router)
{
    return q->net->routers[router].name;
}

bool gate_mode_is_act(struct question *q)
{
    bool exit = q->request.kind == PERMIT_EXIT;
    return net_lever_mode(q->net, exit ? NET_LEVER_EXIT : NET_LEVER_OVERRIDE) >= NET_CONFIRM ||
           gate_no(q, "S16: the mode is neither 'act' nor 'confirm'");
}

bool gate_tables_are_complete(struct question *q)
{
    const struct gate *gate = q->gate;
    if (gate->complete_at.ns == INT64_MAX)
        return gate_no(q, "S7: the tables are not complete yet");
    int64_t left_ns = q->net->steer.quiet_start_ns - mono_since_ns(q->now, gate->complete_at);
    if (left_ns > 0)
        return gate_no(q, "S7: %lld s of the quiet start left", (long long)left_ns / NS_PER_S + 1);
    for (uint32_t router = 0; router < q->net->router_count; router++) {
        if (gate->sessions[router].up && !gate->sessions[router].complete)
            return gate_no(q, "S7: the table of %s is not complete", router_name(q, router));
        if (rib_peer_is_partial(gate->rib, router))
            return gate_no(q, "S7: the table of %s did not fit", router_name(q, router));
    }
    return true;
}

// What is an exit, or our own, is announced as that or not at all.
bool gate_prefix_is_nobody_elses(struct question *q)
{
    bool is_free = net_exit_of(q->net, q->request.prefix) == NET_NOBODY &&
                   net_announce_of(q->net, q->request.prefix) == NET_NOBODY;
    return is_free || gate_no(q, "S1: %s is configured as an exit or as our own", gate_text(q));
}

bool gate_length_is_permissible(struct question *q)
{
    bool v4 = q->family == FAMILY_IPV4;
    uint8_t least = v4 ? STEER_IPV4_LENGTH_MIN : STEER_IPV6_LENGTH_MIN;
    uint8_t most = v4 ? STEER_IPV4_LENGTH_MAX : STEER_IPV6_LENGTH_MAX;
    struct prefix prefix = q->request.prefix;
    if (prefix.length < least || prefix.length > most)
        return gate_no(q, "S5: length of %s not within /%u to /%u", gate_text(q), least, most);
    return true;
}

bool gate_is_no_bogon(struct question *q)
{
    const struct bogon *bogon = bogon_find(q->request.prefix);
    if (bogon && !in_list(&q->net->guard.allowed_bogons, q->request.prefix))
        return gate_no(q, "S5: %s: %s (RFC 6890)", gate_text(q), bogon->name);
    return true;
}

bool gate_preference_is_permissible(struct question *q)
{
    uint32_t local_pref = q->net->steer.local_pref;
    if (local_pref == 0 || local_pref > STEER_LOCAL_PREF_MAX)
        return gate_no(q, "S5: local_pref %u, at most %u", local_pref, STEER_LOCAL_PREF_MAX);
    return true;
}

// A router that sends only its best path hides it from us as soon as our override is its best: then
// its silence proves nothing, and what we said is what we know.
static bool is_hidden(const struct question *q, uint32_t router)
{
    return !q->gate->sessions[router].add_path[q->family] &&
           ledger_find(q->gate->ledger, router, q->request.prefix) != NULL;
}

// A path that our own override would hide may not be the one it is copied from.
static bool would_be_hidden(const struct question *q, uint32_t router)
{
    return is_hidden(q, router) ||
           (router == q->request.router && !q->gate->sessions[router].add_path[q->family]);
}

static void look_at_path(struct question *q, const struct rib_path *path)
{
    const struct net_upstream *upstream = &q->net->upstreams[q->request.upstream];
    struct rib_way way = rib_way(q->gate->rib, path->attributes);
    bool is_ours = address_equal(way.next_hop, upstream->next_hop[q->family]);
    q->is_learned |= path->peer == q->request.router && !way.marked;
    q->has_other |= !way.marked && !is_ours;
    if (way.marked || way.as_path.size == 0 || way.as_path.size > PERMIT_AS_PATH_BYTES_MAX ||
        !is_ours)
        return;
    if (would_be_hidden(q, path->peer))
        q->hidden_by = path->peer;
    else if (q->copied.as_path.size == 0 || path->peer == upstream->router)
        q->copied = way;
}

// All paths of the routers' own sessions, once for S1 and S2.
static void look(struct question *q)
{
    struct rib_path path;
    struct rib_paths paths =
        rib_view_paths(rib_live(q->gate->rib), 0, q->net->router_count, q->request.prefix);
    q->hidden_by = NET_NOBODY;
    while (rib_paths_next(&paths, &path))
        look_at_path(q, &path);
}

static bool has_session(const struct question *q, uint32_t router)
{
    return q->gate->sessions[router].up && q->gate->sessions[router].families[q->family];
}

bool gate_session_is_up(struct question *q)
{
    return has_session(q, q->request.router) ||
           gate_no(q, "S1: no %s session with %s", family_name(q->family),
                   router_name(q, q->request.router));
}

bool gate_is_learned(struct question *q)
{
    uint32_t router = q->request.router;
    if (!in_list(&q->net->steer.prefixes, q->request.prefix))
        return gate_no(q, "S1: %s is not inside steer.prefixes", gate_text(q));
    look(q);
    return q->is_learned || is_hidden(q, router) ||
           gate_no(q, "S1: %s is not in the table of %s", gate_text(q), router_name(q, router));
}

bool gate_path_is_live(struct question *q)
{
    const struct net_upstream *upstream = &q->net->upstreams[q->request.upstream];
    if (upstream->next_hop[q->family].family != q->family)
        return gate_no(q, "S2: %s has no %s next hop", upstream->name, family_name(q->family));
    if (q->copied.as_path.size > 0)
        return true;
    if (q->hidden_by != NET_NOBODY)
        return gate_no(q, "S2: %s would hide the path copied: it needs ADD-PATH",
                       router_name(q, q->hidden_by));
    return gate_no(q, "S2: no live path to %s via %s", gate_text(q), upstream->name);
}

bool gate_is_marked(struct question *q)
{
    return q->net->steer.marker.global != 0 || gate_no(q, "S3: no marker community is configured");
}

// Whether some router may have paths that an override of ours keeps from us.
static bool something_is_hidden(const struct question *q)
{
    for (uint32_t router = 0; router < q->net->router_count; router++) {
        if (is_hidden(q, router))
            return true;
    }
    return false;
}

// The target's router must be there to send straight out, its exit not lead elsewhere, and the
// prefix have a way to return to.
bool gate_another_way_stays(struct question *q)
{
    const struct net_upstream *upstream = &q->net->upstreams[q->request.upstream];
    uint32_t to = gate_drained_to(q->gate, q->request.upstream);
    if (!has_session(q, upstream->router))
        return gate_no(q, "S13: no %s session with %s, the router of %s", family_name(q->family),
                       router_name(q, upstream->router), upstream->name);
    if (to != NET_NOBODY)
        return gate_no(q, "S13: %s is drained to %s", upstream->name, q->net->upstreams[to].name);
    return q->has_other || something_is_hidden(q) ||
           gate_no(q, "S13: %s is the only way to %s", upstream->name, gate_text(q));
}
