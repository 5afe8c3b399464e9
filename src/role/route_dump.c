// SPDX-License-Identifier: ISC
#include "role/route_dump.h"

#include "role/now.h"
#include "role/route.h"
#include "role/table_dump.h"

#include <stdlib.h>

struct dumping {
    struct table_dump *dump;
    uint16_t peers;
    uint64_t bytes;
    uint8_t piece[TABLE_DUMP_SIZE_MIN];
};

// 0: it has no session now.
static uint32_t id_of(const struct route_router *router)
{
    return router->live ? router->live->session.peer.id : 0;
}

// A Loc-RIB has no address of its own (RFC 9069 §4.2): it gets that of its router.
static struct mrt_peer bmp_peer(const struct route_role *r, const struct route_bmp_owner *owner)
{
    const struct bmp_known *known =
        bmp_monitor_peer(r->bmp.senders[owner->sender].monitor, owner->peer);
    const struct net_bmp_sender *sender = &r->net->bmp.senders[owner->sender];
    struct mrt_peer who = {known->address, known->asn, known->id};
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        if (who.address.family == FAMILY_NONE)
            who.address = sender->address[family];
    }
    return who;
}

static uint16_t list_peers(const struct route_role *r, struct table_dump_peer *peers)
{
    uint16_t count = 0;
    for (uint32_t peer = 0; peer < RIB_PEERS_MAX; peer++) {
        const struct route_bmp_owner *owner = &r->bmp.owners[peer];
        if (peer < r->net->router_count)
            peers[count++] = (struct table_dump_peer){
                peer, {r->net->routers[peer].address, r->net->asn, id_of(&r->routers[peer])}};
        else if (owner->used)
            peers[count++] = (struct table_dump_peer){peer, bmp_peer(r, owner)};
    }
    return count;
}

static bool begin(struct route_job *job)
{
    struct route_role *r = job->role;
    struct table_dump_peer peers[RIB_PEERS_MAX];
    struct dumping *d = malloc(sizeof *d);
    if (!d)
        return route_job_fail(job, "out of memory");
    d->bytes = 0;
    d->peers = list_peers(r, peers);
    d->dump = table_dump_new(r->rib, (uint32_t)(now_wall().ns / NS_PER_S),
                             be32_at(r->net->router_id.bytes), peers, d->peers);
    job->state = d;
    return d->dump || route_job_fail(job, "no room for a snapshot of the tables: ask again");
}

static bool conclude(struct route_job *job, const struct dumping *d)
{
    if (table_dump_is_cut(d->dump))
        return route_job_fail(job, "the tables needed the snapshot's memory: ask again");
    route_job_say(
        job, json_pack("{s:b, s:I, s:I, s:I, s:I}", "done", 1, "peers", (json_int_t)d->peers,
                       "routes", (json_int_t)table_dump_routes(d->dump), "left_out",
                       (json_int_t)table_dump_left_out(d->dump), "bytes", (json_int_t)d->bytes));
    return false;
}

bool route_dump_step(struct route_job *job)
{
    if (!job->state && !begin(job))
        return false;
    struct dumping *d = job->state;
    bool more;
    size_t size = table_dump_read(d->dump, d->piece, sizeof d->piece, &more);
    if (size > 0) {
        route_job_say(job, json_pack("{s:I}", "piece", (json_int_t)size));
        route_job_bytes(job, d->piece, size);
        d->bytes += size;
    }
    return more || conclude(job, d);
}

void route_dump_done(struct route_job *job)
{
    struct dumping *d = job->state;
    if (!d)
        return;
    table_dump_free(d->dump);
    route_sweep(job->role);
    free(d);
    job->state = NULL;
}
