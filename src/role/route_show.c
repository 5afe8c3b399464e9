// SPDX-License-Identifier: ISC
#include "role/route_show.h"

#include "rib/best.h"
#include "rib/tally.h"
#include "role/now.h"
#include "role/route.h"
#include "role/route_json.h"
#include "role/teller.h"

#include <stdlib.h>

enum { PATHS_MAX = 512, CHANGES_MAX = 20 };

static json_t *upstream_json(const struct route_role *r, struct address next_hop)
{
    uint32_t upstream = net_upstream_by_next_hop(r->net, next_hop);
    return upstream == NET_NOBODY ? json_null() : json_string(r->net->upstreams[upstream].name);
}

static json_t *router_json(const struct route_role *r, uint32_t peer)
{
    uint32_t router = route_peer_router(r, peer);
    return router == NET_NOBODY ? json_null() : json_string(r->net->routers[router].name);
}

// ---- routes

// The prefix that is meant: as written, or the longest that has the address in any table.
static bool find_prefix(struct route_job *job, struct prefix *prefix, bool *any)
{
    const struct route_role *r = job->role;
    struct address address;
    struct rib_path path;
    *any = false;
    if (prefix_parse(job->ask.routes.of, prefix)) {
        struct rib_paths paths = rib_paths(r->rib, *prefix);
        *any = rib_paths_next(&paths, &path);
        return true;
    }
    if (!address_parse(job->ask.routes.of, &address))
        return false;
    *any = rib_longest_match(r->rib, RIB_NO_PEER, address, prefix);
    if (!*any)
        *prefix = prefix_of(address, family_bits(address.family));
    return true;
}

static json_t *path_json(const struct route_role *r, const struct rib_path *path)
{
    char name[ROUTE_PEER_NAME_MAX];
    struct rib_attributes a = rib_attributes(r->rib, path->attributes);
    json_t *json = json_pack(
        "{s:s, s:s, s:o, s:o, s:I}", "peer", route_peer_name(r, path->peer, name), "kind",
        route_json_kind(rib_peer_kind(r->rib, path->peer)), "router", router_json(r, path->peer),
        "upstream", upstream_json(r, a.next_hop), "path_id", (json_int_t)path->path_id);
    if (json && route_json_attributes(json, &a))
        return json;
    json_decref(json);
    return NULL;
}

// Whether it is its peer's own choice, and by which step of the decision.
static void say_path(struct route_job *job, struct prefix prefix, const struct rib_path *path)
{
    const struct route_role *r = job->role;
    char text[RIB_CHOICE_TEXT_MAX];
    struct rib_choice choice;
    bool best =
        rib_best(r->rib, path->peer, prefix, &choice) && choice.path.path_id == path->path_id;
    json_t *json = path_json(r, path);
    int bad = json ? json_object_set_new(json, "best", json_boolean(best)) : -1;
    if (best && !bad)
        bad = json_object_set_new(json, "reason",
                                  json_string(rib_choice_text(rib_live(r->rib), &choice, text)));
    route_job_say(job, bad ? NULL : json_pack("{s:O}", "path", json));
    json_decref(json);
}

static uint32_t say_paths(struct route_job *job, struct prefix prefix, uint32_t *left_out)
{
    struct rib_path path;
    uint32_t count = 0;
    for (struct rib_paths paths = rib_paths(job->role->rib, prefix);
         rib_paths_next(&paths, &path);) {
        if (count == PATHS_MAX) {
            ++*left_out;
            continue;
        }
        say_path(job, prefix, &path);
        count++;
    }
    return count;
}

static json_t *sight_json(const struct route_role *r, const struct rib_sight *sight)
{
    char hop[ADDRESS_TEXT_MAX];
    if (!sight->present)
        return json_null();
    return json_pack("{s:s, s:o, s:I, s:I, s:b}", "next_hop", address_format(sight->next_hop, hop),
                     "upstream", upstream_json(r, sight->next_hop), "neighbour_as",
                     (json_int_t)sight->neighbour, "origin_as", (json_int_t)sight->origin,
                     "foreign", (int)sight->foreign);
}

static void say_changes(struct route_job *job, struct prefix own)
{
    const struct route_role *r = job->role;
    const struct visibility_entry *e;
    int64_t offset_ns = now_wall().ns - r->now.ns;
    uint32_t said = 0;
    for (uint32_t n = 0; said < CHANGES_MAX && (e = visibility_history(r->watch.visibility, n));
         n++) {
        char time[TELLER_TIME_MAX], prefix[PREFIX_TEXT_MAX], name[ROUTE_PEER_NAME_MAX];
        if (!prefix_contains(own, e->prefix))
            continue;
        said++;
        route_job_say(job, json_pack("{s:{s:s, s:s, s:s, s:o, s:o}}", "change", "time",
                                     teller_time((struct wall){e->at.ns + offset_ns}, time),
                                     "prefix", prefix_format(e->prefix, prefix), "peer",
                                     route_peer_name(r, e->peer, name), "before",
                                     sight_json(r, &e->before), "after", sight_json(r, &e->after)));
    }
}

static void say_own(struct route_job *job, uint32_t own)
{
    static const char *const states[] = {"unknown", "absent", "present"};
    const struct route_role *r = job->role;
    for (uint32_t peer = 0; peer < RIB_PEERS_MAX; peer++) {
        enum rib_peer_kind kind = rib_peer_kind(r->rib, peer);
        char name[ROUTE_PEER_NAME_MAX];
        if (kind == RIB_PEER_NONE || kind == RIB_PEER_FIB ||
            (kind == RIB_PEER_SESSION && peer >= r->net->router_count))
            continue;
        route_job_say(job,
                      json_pack("{s:{s:s, s:s}}", "seen", "peer", route_peer_name(r, peer, name),
                                "state", states[visibility_state(r->watch.visibility, own, peer)]));
    }
}

bool route_show_routes(struct route_job *job)
{
    const struct net *net = job->role->net;
    struct prefix prefix;
    char text[PREFIX_TEXT_MAX];
    bool any;
    if (!find_prefix(job, &prefix, &any))
        return route_job_fail(job,
                              "'%s' is neither a prefix nor an address: write 192.0.2.0/24 or "
                              "2001:db8::1",
                              job->ask.routes.of);
    uint32_t own = net_own_of(net, prefix), left_out = 0;
    route_job_say(job,
                  json_pack("{s:s, s:s, s:s?, s:b}", "answer", "routes", "of", job->ask.routes.of,
                            "prefix", any ? prefix_format(prefix, text) : NULL, "own",
                            (int)(own != NET_NOBODY)));
    uint32_t count = say_paths(job, prefix, &left_out);
    if (own != NET_NOBODY) {
        say_own(job, own);
        say_changes(job, prefix);
    }
    route_job_say(job, json_pack("{s:b, s:I, s:I}", "done", 1, "paths", (json_int_t)count,
                                 "left_out", (json_int_t)left_out));
    return false;
}

// ---- upstreams

static json_t *counts_json(struct route_role *r, uint32_t peer)
{
    static const char *const names[CHURN_SPANS] = {"1s", "10s", "1min", "10min", "1h"};
    json_t *spans = json_object();
    for (int span = 0; span < CHURN_SPANS; span++) {
        uint32_t counts[CHURN_WHATS];
        for (int what = 0; what < CHURN_WHATS; what++)
            counts[what] = churn_count(&r->watch.churn[peer], r->now, (enum churn_span)span,
                                       (enum churn_what)what);
        json_object_set_new(spans, names[span],
                            json_pack("{s:I, s:I, s:I}", "announced",
                                      (json_int_t)counts[CHURN_ANNOUNCED], "withdrawn",
                                      (json_int_t)counts[CHURN_WITHDRAWN], "sessions_lost",
                                      (json_int_t)counts[CHURN_LOST]));
    }
    return spans;
}

static json_t *way_json(const struct rib_tally *tally, uint32_t upstream)
{
    bool is_ours = upstream < tally->net->upstream_count;
    return json_pack("{s:o, s:I, s:I}", "upstream",
                     is_ours ? json_string(tally->net->upstreams[upstream].name) : json_null(),
                     "ipv4", (json_int_t)tally->paths[FAMILY_IPV4][upstream], "ipv6",
                     (json_int_t)tally->paths[FAMILY_IPV6][upstream]);
}

// Paths by upstream: those that have some, and last what leads elsewhere.
static json_t *ways_json(const struct rib_tally *tally)
{
    json_t *ways = json_array();
    for (uint32_t upstream = 0; upstream <= RIB_TALLY_OTHERS; upstream++) {
        if (tally->paths[FAMILY_IPV4][upstream] + tally->paths[FAMILY_IPV6][upstream] > 0)
            json_array_append_new(ways, way_json(tally, upstream));
    }
    return ways;
}

static void say_peer(struct route_job *job, const struct rib_tally *tally)
{
    struct route_role *r = job->role;
    uint32_t peer = tally->peer;
    char name[ROUTE_PEER_NAME_MAX];
    json_t *complete = json_array();
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        if (rib_peer_is_complete(r->rib, peer, family))
            json_array_append_new(complete, json_string(family_name(family)));
    }
    route_job_say(
        job, json_pack("{s:{s:s, s:s, s:o, s:I, s:I, s:o, s:b, s:o, s:o}}", "peer", "peer",
                       route_peer_name(r, peer, name), "kind",
                       route_json_kind(rib_peer_kind(r->rib, peer)), "router", router_json(r, peer),
                       "routes_ipv4", (json_int_t)rib_route_count(r->rib, peer, FAMILY_IPV4),
                       "routes_ipv6", (json_int_t)rib_route_count(r->rib, peer, FAMILY_IPV6),
                       "complete", complete, "partial", (int)rib_peer_is_partial(r->rib, peer),
                       "paths", ways_json(tally), "churn", counts_json(r, peer)));
}

struct upstreams {   // of a question under way
    uint32_t peers;  // said
    uint32_t next;   // peer to be counted, or being counted
    bool counting;
    struct rib_tally tally;
};

static bool is_shown(const struct route_role *r, uint32_t peer)
{
    enum rib_peer_kind kind = rib_peer_kind(r->rib, peer);
    return kind != RIB_PEER_NONE && (kind != RIB_PEER_SESSION || peer < r->net->router_count);
}

// Some segments of a peer's table, a fraction of a millisecond; then it is said.
static void count_peer(struct route_job *job, struct upstreams *u)
{
    enum { SEGMENTS = 16 };
    if (!u->counting)
        rib_tally_begin(&u->tally, rib_live(job->role->rib), job->role->net, u->next);
    u->counting = true;
    for (int i = 0; i < SEGMENTS && u->counting; i++)
        u->counting = rib_tally_step(&u->tally);
    if (u->counting)
        return;
    say_peer(job, &u->tally);
    u->peers++;
    u->next++;
}

bool route_show_upstreams(struct route_job *job)
{
    struct route_role *r = job->role;
    struct upstreams *u = job->state;
    if (!u && !(u = job->state = calloc(1, sizeof *u)))
        return route_job_fail(job, "out of memory");
    while (u->next < RIB_PEERS_MAX && !is_shown(r, u->next))
        u->next++;
    if (u->next < RIB_PEERS_MAX) {
        count_peer(job, u);
        return true;
    }
    route_job_say(job, json_pack("{s:b, s:I, s:I}", "done", 1, "peers", (json_int_t)u->peers,
                                 "table_bytes", (json_int_t)rib_bytes(r->rib)));
    return false;
}

void route_show_upstreams_done(struct route_job *job)
{
    free(job->state);
    job->state = NULL;
}
