// SPDX-License-Identifier: ISC
#include "net/check_inside.h"

#include <string.h>

static uint32_t device_line(const struct check *c, uint32_t index, const char *key)
{
    const struct tree_node *list = tree_find(tree_find(c->root, "syslog"), "devices");
    const struct tree_node *value = tree_find(tree_at(list, index), key);
    return value ? value->key_line : line_in(c, "syslog", "devices");
}

static void check_is_one(const struct check *c, uint32_t i, uint32_t j)
{
    const struct net_device *device = &c->net->syslog.devices[i], *other = device - i + j;
    char text[ADDRESS_TEXT_MAX];
    if (device->name[0] && strcmp(device->name, other->name) == 0)
        net_errors_add(c->errors, NET_ERROR, device_line(c, i, "name"),
                       "syslog.devices[%u].name: '%s' is also the name of syslog.devices[%u]: give "
                       "each device its own",
                       i, device->name, j);
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        if (same(device->address[family], other->address[family]))
            net_errors_add(c->errors, NET_ERROR, device_line(c, i, "address"),
                           "syslog.devices[%u].address: %s is also that of '%s': write each device "
                           "once",
                           i, address_format(device->address[family], text), other->name);
}

static void check_tls(const struct check *c)
{
    const struct net_syslog *syslog = &c->net->syslog;
    bool listens = syslog->tls_listen[FAMILY_IPV4].family || syslog->tls_listen[FAMILY_IPV6].family;
    if (c->sound && listens && (!syslog->tls_certificate[0] || !syslog->tls_key[0]))
        net_errors_add(c->errors, NET_ERROR, line_in(c, "syslog", "tls_listen"),
                       "syslog.tls_listen: write tls_certificate and tls_key, which it needs");
    if (c->sound && !listens && syslog->tls_certificate[0])
        net_errors_add(c->errors, NET_WARNING, line_in(c, "syslog", "tls_certificate"),
                       "syslog.tls_certificate: nothing listens: write tls_listen");
}

void check_syslog(const struct check *c)
{
    const struct net_syslog *syslog = &c->net->syslog;
    for (uint32_t i = 0; i < syslog->device_count; i++)
        for (uint32_t j = 0; j < i; j++)
            check_is_one(c, i, j);
    check_tls(c);
    bool listens = syslog->listen[FAMILY_IPV4].family || syslog->listen[FAMILY_IPV6].family;
    if (c->sound && listens && syslog->device_count == 0)
        net_errors_add(c->errors, NET_WARNING, line_in(c, "syslog", "listen"),
                       "syslog.listen: syslog.devices is empty: everything will be refused but "
                       "what comes from this host");
}
