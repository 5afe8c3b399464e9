// SPDX-License-Identifier: ISC
#include "role/route_fib.h"

#include "kernel/relay.h"
#include "role/now.h"
#include "role/route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { UNKNOWN_AFTER_MS = 3000 };  // a start is no failure

static const enum notice_kind kinds[FIB_VERDICTS] = {
    [FIB_MATCH] = NOTICE_KINDS,
    [FIB_UNKNOWN] = NOTICE_KINDS,
    [FIB_MISSING] = NOTICE_FIB_MISSING,
    [FIB_NEXT_HOP] = NOTICE_FIB_NEXT_HOP,
    [FIB_DISCARD] = NOTICE_FIB_BLACKHOLE,
    [FIB_NEXTHOP_GONE] = NOTICE_FIB_NEXTHOP_GONE,
    [FIB_LINK_DOWN] = NOTICE_FIB_LINK_DOWN,
    [FIB_ALIEN] = NOTICE_FIB_ALIEN,
    [FIB_MORE_SPECIFIC] = NOTICE_FIB_MORE_SPECIFIC,
    [FIB_STALE] = NOTICE_FIB_STALE,
    [FIB_RULE] = NOTICE_FIB_RULE,
    [FIB_NEIGHBOUR] = NOTICE_FIB_NEIGHBOUR,
};

static void tell(void *context, const struct fib_finding *finding)
{
    const struct route_fib *f = context;
    struct notice notice = {.kind = kinds[finding->verdict],
                            .raised = finding->stands,
                            .router = f->router,
                            .prefix = finding->prefix,
                            .count = finding->count,
                            .total = finding->total,
                            .since = finding->since};
    // Names are for people; where both are long, the router's is cut.
    const char *name = f->role->net->routers[f->router].name;
    int room = (int)(sizeof notice.peer - 2 - strlen(finding->subject));
    snprintf(notice.peer, sizeof notice.peer, "%.*s%s%.*s", room, name,
             finding->subject[0] ? " " : "", FIB_SUBJECT_MAX - 1, finding->subject);
    snprintf(notice.text, sizeof notice.text, "%s", finding->text);
    route_notice(f->role, &notice);
}

static bool say_override(void *context, struct prefix prefix, struct address *next_hop)
{
    const struct route_fib *f = context;
    const struct standing *standing = ledger_find(f->role->ledger, f->router, prefix);
    if (standing)
        *next_hop = standing->permit.next_hop;
    return standing;
}

static bool open_one(struct route_role *r, uint32_t router, char *why)
{
    const struct net_fib *configured = &r->net->routers[router].fib;
    struct route_fib *f = &r->fibs[router];
    *f = (struct route_fib){.role = r, .router = router, .kernel = {.fd = -1}, .agent = {.fd = -1}};
    if (configured->from == NET_FIB_NONE)
        return true;
    struct siphash_key key;
    struct fib_options options = {.net = r->net,
                                  .router = router,
                                  .table = configured->table,
                                  .settle_ns = configured->settle_ns,
                                  .context = f,
                                  .override = say_override,
                                  .tell = tell};
    bool is_random = getrandom(&key, sizeof key, 0) == sizeof key;
    f->fib = is_random ? fib_new(r->rib, &options, key) : NULL;
    f->datagram = malloc(KERNEL_SOCKET_DATAGRAM);
    f->agent.input = malloc(2 * RELAY_FRAME_MAX);
    if (!f->fib || !f->datagram || !f->agent.input) {
        snprintf(why, ROLE_ERROR_MAX, "cannot compare kernels: out of memory");
        return false;
    }
    return configured->from == NET_FIB_AGENT || route_fib_local_open(f, why);
}

bool route_fib_open(struct route_role *r, char *why)
{
    r->fibs = calloc(r->net->router_count, sizeof *r->fibs);
    bool good = r->fibs;
    for (uint32_t router = 0; r->fibs && router < r->net->router_count; router++)
        good &= open_one(r, router, why);
    return good;
}

void route_fib_close(struct route_role *r)
{
    for (uint32_t router = 0; r->fibs && router < r->net->router_count; router++) {
        struct route_fib *f = &r->fibs[router];
        fib_free(f->fib);
        kernel_socket_close(&f->kernel);
        free(f->agent.input);
        free(f->datagram);
    }
    free(r->fibs);
    r->fibs = NULL;
}

static void free_poll(uv_handle_t *poll)
{
    free(poll);
}

void route_fib_unwatch(struct route_fib *f)
{
    if (f->poll)
        uv_close((uv_handle_t *)f->poll, free_poll);
    f->poll = NULL;
}

bool route_fib_watch(struct route_fib *f, int fd, int events, uv_poll_cb on_ready)
{
    if (!f->poll) {
        f->poll = malloc(sizeof *f->poll);
        if (!f->poll || uv_poll_init(&f->role->loop, f->poll, fd) < 0) {
            free(f->poll);
            f->poll = NULL;
            return false;
        }
        f->poll->data = f;
    }
    return uv_poll_start(f->poll, events, on_ready) == 0;
}

static void on_idle(uv_idle_t *idle);

static void turn(struct route_role *r)
{
    bool is_more = false;
    for (uint32_t router = 0; router < r->net->router_count; router++) {
        if (r->fibs[router].fib)
            is_more |= fib_turn(r->fibs[router].fib, r->now);
    }
    if (is_more)
        uv_idle_start(&r->fib_turn, on_idle);
    else
        uv_idle_stop(&r->fib_turn);
}

static void on_idle(uv_idle_t *idle)
{
    struct route_role *r = idle->data;
    r->now = now_mono();
    turn(r);
}

void route_fib_start(struct route_role *r)
{
    uv_idle_init(&r->loop, &r->fib_turn);
    r->fib_turn.data = r;
    for (uint32_t router = 0; router < r->net->router_count; router++) {
        struct route_fib *f = &r->fibs[router];
        f->opened_at = r->now;
        if (f->kernel.fd >= 0)
            route_fib_local_start(f);
    }
}

// A kernel that is not read for a while is said to be unknown, and no longer so when it is.
static void tell_unknown(struct route_fib *f)
{
    struct route_role *r = f->role;
    const char *why = fib_why_unknown(f->fib);
    bool is_early = mono_since_ns(r->now, f->opened_at) < (int64_t)UNKNOWN_AFTER_MS * NS_PER_MS;
    if ((why != NULL) == f->is_unknown_told || (why && is_early))
        return;
    struct notice notice = {.kind = NOTICE_FIB_UNKNOWN, .raised = why, .router = f->router};
    snprintf(notice.peer, sizeof notice.peer, "%s", r->net->routers[f->router].name);
    snprintf(notice.text, sizeof notice.text, "%s", why ? why : "its kernel is read again");
    f->is_unknown_told = why;
    route_notice(r, &notice);
}

void route_fib_tick(struct route_role *r)
{
    for (uint32_t router = 0; router < r->net->router_count; router++) {
        struct route_fib *f = &r->fibs[router];
        if (!f->fib)
            continue;
        if (r->net->routers[router].fib.from == NET_FIB_AGENT)
            route_fib_agent_tick(f);
        else if (f->kernel.fd >= 0)
            route_fib_local_tick(f);
        tell_unknown(f);
    }
    turn(r);
}

void route_fib_stop(struct route_role *r)
{
    for (uint32_t router = 0; router < r->net->router_count; router++) {
        route_fib_unwatch(&r->fibs[router]);
        route_fib_agent_close(&r->fibs[router]);
    }
}

void route_fib_lose(struct route_fib *f, const char *why)
{
    char said[FIB_TEXT_MAX];
    snprintf(said, sizeof said, "%s", why);
    route_log("fib_lost", "router=%s reason=\"%s\"", f->role->net->routers[f->router].name, said);
    fib_lost(f->fib, f->role->now, said);
}

bool route_fib_hear(struct route_fib *f, const uint8_t *bytes, size_t size,
                    enum netlink_order order, char *why)
{
    struct cursor datagram = cursor_over(bytes, size);
    struct netlink_message message;
    struct kernel_message m;
    while (netlink_message_next(&datagram, order, &message)) {
        const char *wrong = NULL;
        enum kernel_verdict verdict = kernel_decode(&message, order, &m, &wrong);
        if (verdict == KERNEL_TOLD)
            fib_hear(f->fib, f->role->now, &m);
        if (verdict == KERNEL_MALFORMED) {
            snprintf(why, FIB_TEXT_MAX, "malformed message of type %u: %s", message.type, wrong);
            return false;
        }
        int ends = f->kernel.fd >= 0 ? kernel_socket_ends(&f->kernel, &message) : -1;
        if (ends >= 0)
            fib_dump_ends(f->fib, f->role->now, fib_dumping(f->fib), ends);
    }
    if (cursor_ok(&datagram))
        return true;
    snprintf(why, FIB_TEXT_MAX, "malformed datagram at octet %zu", datagram.pos);
    return false;
}

static bool is_watched(const struct route_role *r)
{
    for (uint32_t router = 0; r->fibs && router < r->net->router_count; router++) {
        if (r->fibs[router].fib && !fib_why_unknown(r->fibs[router].fib))
            return true;
    }
    return false;
}

void route_fib_before(struct route_role *r, uint32_t router, const struct bgp_route *routes,
                      size_t count, struct route_fib_before *before)
{
    before->watched = is_watched(r);
    for (size_t i = 0; before->watched && before->goes && i < count; i++) {
        struct rib_path path;
        struct rib_paths paths = rib_peer_paths(r->rib, router, routes[i].prefix);
        before->next_hops[i] = rib_paths_next(&paths, &path)
                                   ? rib_attributes(r->rib, path.attributes).next_hop
                                   : (struct address){0};
    }
}

void route_fib_after(struct route_role *r, uint32_t router, const struct bgp_route *routes,
                     size_t count, const struct route_fib_before *before)
{
    for (uint32_t of = 0; before->watched && of < r->net->router_count; of++) {
        struct fib *fib = r->fibs[of].fib;
        for (size_t i = 0; fib && i < count; i++) {
            bool is_withdrawn = before->goes && (of == router || fib_loc_rib(fib) == router);
            fib_path_changed(fib, r->now, routes[i].prefix,
                             is_withdrawn ? before->next_hops[i] : (struct address){0});
        }
    }
}

void route_fib_tables_changed(struct route_role *r)
{
    for (uint32_t router = 0; r->fibs && router < r->net->router_count; router++) {
        if (r->fibs[router].fib)
            fib_tables_changed(r->fibs[router].fib, r->now);
    }
}

void route_fib_loc_rib(struct route_role *r, uint32_t router, uint32_t peer)
{
    struct fib *fib = r->fibs ? r->fibs[router].fib : NULL;
    if (!fib)
        return;
    fib_set_loc_rib(fib, peer);
    fib_tables_changed(fib, r->now);
}

// The router whose Loc-RIB it is, and whose kernel is compared; NET_NOBODY.
static uint32_t router_of(const struct route_role *r, uint32_t loc_rib)
{
    for (uint32_t router = 0; r->fibs && router < r->net->router_count; router++) {
        if (r->fibs[router].fib && fib_loc_rib(r->fibs[router].fib) == loc_rib)
            return router;
    }
    return NET_NOBODY;
}

void route_fib_loc_rib_changed(struct route_role *r, uint32_t peer)
{
    uint32_t router = router_of(r, peer);
    if (router != NET_NOBODY)
        fib_tables_changed(r->fibs[router].fib, r->now);
}

void route_fib_loc_rib_gone(struct route_role *r, uint32_t peer)
{
    uint32_t router = router_of(r, peer);
    if (router != NET_NOBODY)
        route_fib_loc_rib(r, router, RIB_NO_PEER);
}

const struct fib *route_fib_of(const struct route_role *r, uint32_t router)
{
    return r->fibs[router].fib;
}
