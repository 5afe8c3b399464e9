// SPDX-License-Identifier: ISC
#include "role/ingest.h"

#include "role/ingest_snmp.h"
#include "role/ingest_traps.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RECEIVE_BUFFER = 8 * 1024 * 1024 };  // bytes: some ten thousand lines while we do not run

bool ingest_role_wanted(const struct net *net)
{
    const struct net_counters *c = &net->counters;
    for (uint32_t i = 0; i < net->upstream_count; i++)
        if (net->upstreams[i].use.from == NET_USE_KERNEL ||
            net->upstreams[i].use.from == NET_USE_SNMP)
            return true;
    if (net->traps.listen[FAMILY_IPV4].family || net->traps.listen[FAMILY_IPV6].family)
        return true;
    if (net->changes.etcd_count > 0)
        return true;
    return c->listen[FAMILY_IPV4].family || c->listen[FAMILY_IPV6].family ||
           c->http[FAMILY_IPV4].family || c->http[FAMILY_IPV6].family ||
           net->syslog.listen[FAMILY_IPV4].family || net->syslog.listen[FAMILY_IPV6].family ||
           net->syslog.tls_listen[FAMILY_IPV4].family || net->syslog.tls_listen[FAMILY_IPV6].family;
}

static int prepare(int fd, enum family family, int type)
{
    const int yes = 1, buffer = RECEIVE_BUFFER;
    if (family == FAMILY_IPV6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes) < 0)
        return -errno;
    if (type == SOCK_STREAM)
        return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) < 0 ? -errno : 0;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer) < 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);  // the limit will do
    return datagram_want_facts(fd, family);
}

// -1 when it cannot; `why` says so.
int ingest_open_socket(const char *what, struct address address, uint16_t port, int type, char *why)
{
    char text[ENDPOINT_TEXT_MAX];
    union endpoint endpoint = endpoint_of(address, port);
    int fd = socket(endpoint.any.sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int error = fd < 0 ? -errno : prepare(fd, address.family, type);
    if (!error && bind(fd, &endpoint.any, endpoint_size(&endpoint)) < 0)
        error = -errno;
    if (!error && type == SOCK_STREAM && listen(fd, 64) < 0)
        error = -errno;
    if (!error)
        return fd;
    snprintf(why, ROLE_ERROR_MAX, "cannot take %s on %s (%s): %s%s", what,
             endpoint_format(address, port, text), type == SOCK_STREAM ? "TCP" : "UDP",
             strerror(-error),
             error == -EADDRINUSE ? ": does another program take them? write another port" : "");
    if (fd >= 0)
        close(fd);
    return -1;
}

static bool open_sockets(struct ingest_role *r, char *why)
{
    const struct net_counters *c = &r->net->counters;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        if (c->listen[family].family) {
            r->sockets[family].fd =
                ingest_open_socket("counters", c->listen[family], c->port, SOCK_DGRAM, why);
            if (r->sockets[family].fd < 0)
                return false;
        }
        if (c->http[family].family) {
            r->http[family].listen_fd =
                ingest_open_socket("counters", c->http[family], c->http_port, SOCK_STREAM, why);
            if (r->http[family].listen_fd < 0)
                return false;
        }
    }
    return true;
}

struct ingest_role *ingest_role_open(const struct net *net, char *why)
{
    struct ingest_role *r = calloc(1, sizeof *r);
    if (r) {
        r->net = net;
        r->passive = passive_new(net);
        for (enum family family = 0; family < FAMILIES; family++)
            r->sockets[family].fd = r->http[family].listen_fd =
                r->syslog.listeners[family].datagrams.fd = r->syslog.listeners[family].streams =
                    r->syslog.tls.listeners[family].fd = -1;
    }
    if (!r || !r->passive || !datagram_batch_init(&r->in))
        snprintf(why, ROLE_ERROR_MAX, "cannot take counters: out of memory");
    else if (open_sockets(r, why) && ingest_syslog_open(r, why) && ingest_changes_open(r, why) &&
             ingest_etcd_open(r, why) && ingest_snmp_open(r, why) && ingest_traps_open(r, why))
        return r;
    ingest_role_close(r);
    return NULL;
}

void ingest_role_close(struct ingest_role *r)
{
    if (!r)
        return;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        if (r->sockets[family].fd >= 0)
            close(r->sockets[family].fd);
        if (r->http[family].listen_fd >= 0)
            close(r->http[family].listen_fd);
    }
    ingest_syslog_close(&r->syslog);
    ingest_snmp_close(r->snmp);
    ingest_traps_close(r->traps);
    passive_free(r->passive);
    datagram_batch_done(&r->in);
    free(r);
}
