// SPDX-License-Identifier: ISC
#include "role/route_whatif.h"

#include "role/now.h"
#include "role/route.h"
#include "role/whatif_json.h"
#include "role/whatif_traffic.h"

#include <stdlib.h>

struct inquiry {
    const struct rib_view *snapshot;
    struct whatif *whatif;
    struct whatif_traffic traffic;  // where some came along
    uint32_t routers_of[RIB_PEERS_MAX];
    int64_t spent_ns;  // on the question alone
};

static void say_move(void *context, const struct whatif_move *move)
{
    struct route_job *job = context;
    char line[WHATIF_LINE_MAX];
    route_job_bytes(job, line, whatif_json_move(job->role->net, move, line));
}

static bool begin(struct route_job *job)
{
    struct route_role *r = job->role;
    struct net_object object;
    char why[NET_OBJECT_WHY_MAX];
    if (!net_object_parse(r->net, job->ask.whatif.object, &object, why))
        return route_job_fail(job, "%s", why);
    struct whatif_drain drain = whatif_json_drain(r->net, object);
    if (!drain.upstreams && !drain.routers)
        return route_job_fail(job, "%s: no upstream of the configuration passes it",
                              job->ask.whatif.object);
    struct inquiry *q = calloc(1, sizeof *q);
    if (!q)
        return route_job_fail(job, "out of memory");
    job->state = q;
    for (uint32_t peer = 0; peer < RIB_PEERS_MAX; peer++)
        q->routers_of[peer] = route_peer_router(r, peer);
    if (job->traffic)
        whatif_traffic_init(&q->traffic, r->net, job->traffic, drain);
    struct whatif_tell tell = {job->ask.whatif.each ? say_move : NULL, job};
    q->snapshot = rib_snapshot_take(r->rib);
    if (q->snapshot)
        q->whatif = whatif_new(q->snapshot, r->net, q->routers_of, drain, tell);
    if (!q->whatif)
        return route_job_fail(job, "no room for a snapshot of the tables: ask again");
    return true;
}

// A session's family is asked for by the configuration; a table that BMP tells of need have none.
static bool is_whole(const struct route_role *r, uint32_t peer)
{
    bool whole = !rib_peer_is_partial(r->rib, peer);
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        bool wanted = peer < r->net->router_count ? r->net->routers[peer].families[family]
                                                  : rib_route_count(r->rib, peer, family) > 0;
        whole &= !wanted || rib_peer_is_complete(r->rib, peer, family);
    }
    return whole;
}

// Whose tables are not complete, or in doubt, so that the answer is not either.
static json_t *incomplete_json(const struct route_role *r)
{
    json_t *names = json_array();
    char name[ROUTE_PEER_NAME_MAX];
    for (uint32_t peer = 0; peer < RIB_PEERS_MAX; peer++) {
        bool is_used =
            peer < r->net->router_count || rib_peer_kind(r->rib, peer) == RIB_PEER_BMP_IN;
        if (is_used && !is_whole(r, peer))
            json_array_append_new(names, json_string(route_peer_name(r, peer, name)));
    }
    return names;
}

static void say_traffic(struct route_job *job, struct inquiry *q)
{
    whatif_traffic_end(&q->traffic, q->whatif);
    for (uint32_t way = 0; way < WHATIF_WAYS; way++) {
        json_t *json = whatif_traffic_way(&q->traffic, way);
        if (json)
            route_job_say(job, json_pack("{s:o}", "traffic", json));
    }
}

static bool conclude(struct route_job *job)
{
    struct inquiry *q = job->state;
    const struct route_role *r = job->role;
    if (rib_snapshot_is_lost(q->snapshot))
        return route_job_fail(job, "the tables needed the snapshot's memory: ask again");
    json_int_t lost = 0;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        json_t *json = whatif_json_counts(r->net, family, whatif_counts(q->whatif, family));
        lost += whatif_counts(q->whatif, family)->lost;
        route_job_say(job, json ? json_pack("{s:o}", "summary", json) : NULL);
    }
    if (job->traffic)
        say_traffic(job, q);
    route_job_say(job,
                  json_pack("{s:b, s:I, s:o*, s:o, s:f}", "done", 1, "lost", lost, "all_traffic",
                            job->traffic ? whatif_traffic_sum(&q->traffic) : NULL, "incomplete",
                            incomplete_json(r), "spent_ms", (double)q->spent_ns / NS_PER_MS));
    return false;
}

bool route_whatif_step(struct route_job *job)
{
    if (!job->state && !begin(job))
        return false;
    struct inquiry *q = job->state;
    struct mono began = now_mono();
    bool more =
        whatif_step(q->whatif) || (job->traffic && whatif_traffic_step(&q->traffic, q->whatif));
    q->spent_ns += mono_since_ns(now_mono(), began);
    return more || conclude(job);
}

void route_whatif_done(struct route_job *job)
{
    struct inquiry *q = job->state;
    if (!q)
        return;
    whatif_free(q->whatif);
    rib_snapshot_free(job->role->rib, q->snapshot);
    route_sweep(job->role);
    free(q);
    job->state = NULL;
}
