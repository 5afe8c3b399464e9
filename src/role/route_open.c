// SPDX-License-Identifier: ISC
#include "role/route.h"

#include "role/endpoint.h"
#include "role/route_socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

static const char *remedy(int error)
{
    switch (error) {
    case EADDRINUSE:
        return ": is another BGP speaker, or another fairlead, running here?";
    case EACCES:
        return ": ports below 1024 need root or CAP_NET_BIND_SERVICE";
    case EADDRNOTAVAIL:
        return ": the address of 'bgp.listen' must be one of this host";
    default:
        return "";
    }
}

static bool open_listener(struct route_role *r, enum family family, char *why)
{
    struct address address = r->net->bgp_listen[family];
    if (address.family == FAMILY_NONE)
        return true;
    r->listeners[family] = route_socket_listen(r->net, address, r->net->bgp_listen_port);
    if (r->listeners[family] >= 0)
        return true;
    int error = -r->listeners[family];
    char text[ENDPOINT_TEXT_MAX];
    snprintf(why, ROLE_ERROR_MAX, "cannot listen for BGP on %s: %s%s",
             endpoint_format(address, r->net->bgp_listen_port, text), strerror(error),
             remedy(error));
    return false;
}

static bool allocate(struct route_role *r, char *why)
{
    struct siphash_key key;
    ssize_t random = getrandom(&key, sizeof key, 0);
    r->rib = random == sizeof key ? rib_new((size_t)r->net->table_mib_max << 20, key) : NULL;
    r->ledger = ledger_new(&ledger_limits);
    r->notices = calloc(1, sizeof *r->notices);
    r->outbox.events = calloc(ROUTE_OUTBOX_MAX, sizeof *r->outbox.events);
    bool got = r->rib && r->ledger && r->notices && r->outbox.events;
    if (got && route_say_open(r) && route_watch_open(r))
        return true;
    snprintf(why, ROLE_ERROR_MAX, "cannot start BGP: out of memory or of randomness");
    return false;
}

struct route_role *route_role_open(const struct net *net, char *why)
{
    struct route_role *r = calloc(1, sizeof *r);
    if (!r) {
        snprintf(why, ROLE_ERROR_MAX, "cannot start BGP: out of memory");
        return NULL;
    }
    r->net = net;
    r->asker.handover = r->asker.parent = -1;
    for (uint32_t i = 0; i < net->steer.prefixes.count; i++)
        sieve_add(&r->of_interest, net->steer.prefixes.items[i]);
    for (uint32_t i = 0; i < net->own_count; i++)
        sieve_add(&r->of_interest, net->own[i].prefix);
    for (enum family family = FAMILY_NONE; family < FAMILIES; family++)
        r->listeners[family] = r->bmp.listeners[family] = -1;
    int error = route_ask_open(&r->asker);
    if (error)
        snprintf(why, ROLE_ERROR_MAX, "cannot start BGP: %s", strerror(-error));
    if (error || !open_listener(r, FAMILY_IPV4, why) || !open_listener(r, FAMILY_IPV6, why) ||
        !allocate(r, why) || !route_fib_open(r, why) || !route_bmp_open(r, why)) {
        route_role_close(r);
        return NULL;
    }
    return r;
}

void route_role_close(struct route_role *r)
{
    if (!r)
        return;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        if (r->listeners[family] >= 0)
            close(r->listeners[family]);
    }
    route_ask_close(&r->asker);
    route_bmp_close(r);
    route_watch_close(r);
    route_fib_close(r);
    rib_free(r->rib);
    route_say_close(r);
    ledger_free(r->ledger);
    free(r->notices);
    free(r->outbox.events);
    free(r);
}
