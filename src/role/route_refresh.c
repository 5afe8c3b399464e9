// SPDX-License-Identifier: ISC
#include "role/route_refresh.h"

#include "base/siphash.h"
#include "role/route.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
    HEARING_S = 5 * 60,  // RFC 7313 §4 leaves it to us how long stale routes stay without EoRR
    TOLD_MIN = 1 << 12,  // places
    TOLD_MAX = 1 << 24,  // more than any table; 128 MiB for a moment
    SWEPT_PER_TICK_MAX = 8192,  // prefixes: some milliseconds
    STALE_MAX = 32,             // paths of one prefix
};

static struct route_refresh *refresh_of(struct route_role *r, uint32_t router, enum family family)
{
    return &r->routers[router].refreshes[family];
}

static void drop(struct route_refresh *refresh)
{
    free(refresh->told);
    rib_walk_free(refresh->walk);
    *refresh = (struct route_refresh){0};
}

static void note(struct route_role *r, uint32_t router, enum family family, const char *what)
{
    if (route_log_may(r))
        route_log("refresh", "router=%s family=%s is=\"%s\"", r->net->routers[router].name,
                  family_name(family), what);
}

static uint64_t hash_of(const struct route_refresh *refresh, const struct bgp_route *route)
{
    uint8_t bytes[21];
    memcpy(bytes, route->prefix.address.bytes, 16);
    bytes[16] = route->prefix.length;
    memcpy(bytes + 17, &route->path_id, 4);
    struct siphash_key key = {refresh->key[0], refresh->key[1]};
    uint64_t hash = siphash(key, bytes, sizeof bytes);
    return hash != 0 ? hash : 1;
}

// Where the hash stands, or may be put.
static uint64_t *place_of(const struct route_refresh *refresh, uint64_t hash)
{
    uint32_t mask = refresh->told_max - 1;
    uint32_t place = (uint32_t)hash & mask;
    while (refresh->told[place] != 0 && refresh->told[place] != hash)
        place = (place + 1) & mask;
    return &refresh->told[place];
}

static bool grow(struct route_refresh *refresh)
{
    struct route_refresh larger = *refresh;
    larger.told_max = refresh->told_max * 2;
    larger.told =
        refresh->told_max < TOLD_MAX ? calloc(larger.told_max, sizeof *larger.told) : NULL;
    if (!larger.told)
        return false;
    for (uint32_t i = 0; i < refresh->told_max; i++) {
        if (refresh->told[i] != 0)
            *place_of(&larger, refresh->told[i]) = refresh->told[i];
    }
    free(refresh->told);
    *refresh = larger;
    return true;
}

void route_refresh_begin(struct route_role *r, uint32_t router, enum family family)
{
    struct route_refresh *refresh = refresh_of(r, router, family);
    drop(refresh);
    refresh->told = calloc(TOLD_MIN, sizeof *refresh->told);
    refresh->told_max = TOLD_MIN;
    bool random = getrandom(refresh->key, sizeof refresh->key, 0) == sizeof refresh->key;
    if (!refresh->told || !random) {
        drop(refresh);
        note(r, router, family, "not heeded: no memory");
        return;
    }
    refresh->hearing = true;
    refresh->end_ns = mono_add_ns(r->now, (int64_t)HEARING_S * NS_PER_S).ns;
    note(r, router, family, "begun");
}

void route_refresh_heard(struct route_role *r, uint32_t router, const struct bgp_route *route)
{
    enum family family = route->prefix.address.family;
    struct route_refresh *refresh = refresh_of(r, router, family);
    if (!refresh->hearing && !refresh->sweeping)
        return;
    if (refresh->told_count >= refresh->told_max / 2 && !grow(refresh)) {
        drop(refresh);  // nothing is known to be stale, so nothing goes
        note(r, router, family, "given up: no memory");
        return;
    }
    uint64_t hash = hash_of(refresh, route);
    uint64_t *place = place_of(refresh, hash);
    refresh->told_count += *place == 0;
    *place = hash;
}

static void begin_sweeping(struct route_role *r, uint32_t router, enum family family)
{
    struct route_refresh *refresh = refresh_of(r, router, family);
    struct prefix all = {.address.family = family};
    refresh->hearing = false;
    refresh->walk = rib_walk_new(rib_live(r->rib), router, all);
    refresh->sweeping = refresh->walk != NULL;
    if (!refresh->sweeping)
        drop(refresh);
}

void route_refresh_end(struct route_role *r, uint32_t router, enum family family)
{
    if (refresh_of(r, router, family)->hearing)  // RFC 7313 §4: without a beginning it says nothing
        begin_sweeping(r, router, family);
}

// The paths to the prefix that were not told again.
static void sweep_prefix(struct route_role *r, uint32_t router, struct prefix prefix)
{
    const struct route_refresh *refresh = refresh_of(r, router, prefix.address.family);
    struct bgp_route stale[STALE_MAX];
    uint32_t count = 0;
    struct rib_path path;
    for (struct rib_paths paths = rib_peer_paths(r->rib, router, prefix);
         count < STALE_MAX && rib_paths_next(&paths, &path);) {
        stale[count] = (struct bgp_route){prefix, path.path_id};
        count += *place_of(refresh, hash_of(refresh, &stale[count])) == 0;
    }
    for (uint32_t i = 0; i < count; i++)
        route_table_withdraw(r, router, &stale[i]);
}

static void sweep(struct route_role *r, uint32_t router, enum family family)
{
    struct route_refresh *refresh = refresh_of(r, router, family);
    struct prefix prefix;
    for (uint32_t i = 0; i < SWEPT_PER_TICK_MAX; i++) {
        if (!rib_walk_next(refresh->walk, &prefix)) {
            drop(refresh);
            note(r, router, family, "done");
            return;
        }
        sweep_prefix(r, router, prefix);
    }
}

void route_refresh_tick(struct route_role *r)
{
    for (uint32_t router = 0; router < r->net->router_count; router++) {
        for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
            struct route_refresh *refresh = refresh_of(r, router, family);
            if (refresh->hearing && r->now.ns >= refresh->end_ns)
                begin_sweeping(r, router, family);
            if (refresh->sweeping)
                sweep(r, router, family);
        }
    }
}

void route_refresh_forget(struct route_role *r, uint32_t router)
{
    drop(refresh_of(r, router, FAMILY_IPV4));
    drop(refresh_of(r, router, FAMILY_IPV6));
}
