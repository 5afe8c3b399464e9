// SPDX-License-Identifier: ISC
// For the files of net/check_*.c only: what each check is given, and the lines to blame.
#pragma once

#include "net/errors.h"
#include "net/net.h"
#include "net/tree.h"

struct check {
    const struct net *net;
    const struct tree_node *root;
    struct net_errors *errors;
    bool sound;  // every value was good: only then does absence mean anything
};

// The line of list[index].key; where that is not in the file, of what is around it.
static inline uint32_t line_of(const struct check *c, const char *list, uint32_t index,
                               const char *key)
{
    const struct tree_node *entry = tree_at(tree_find(c->root, list), index);
    const struct tree_node *value = tree_find(entry, key);
    return value ? value->key_line : entry ? entry->line : 1;
}

static inline uint32_t line_in(const struct check *c, const char *section, const char *key)
{
    const struct tree_node *map = tree_find(c->root, section);
    const struct tree_node *value = key ? tree_find(map, key) : NULL;
    return value ? value->key_line : map ? map->key_line : 1;
}

// check_use.c: what upstreams[i] carries, and can.
void check_use(const struct check *c, uint32_t i);

static inline bool same(struct address a, struct address b)
{
    return a.family != FAMILY_NONE && address_equal(a, b);
}

// check_announce.c: own prefixes, exits, and the communities of inbound stances
void check_announce(const struct check *c);

// check_maintenance.c: what circuits are
void check_maintenance(const struct check *c);
// check_hooks.c: what programs are run for
void check_hooks(const struct check *c);

// check_probe.c: how packets of a path are sent, and how many to a host that several targets are
void check_selections(const struct check *c);
void check_hosts(const struct check *c);

// check_location.c: what is given of it is whole; countries that look like codes are some
void check_locations(const struct check *c);
void check_countries(const struct check *c);

// check_status_page.c: who writes it
void check_status_page(const struct check *c);

// check_syslog.c: who is heard
void check_syslog(const struct check *c);
void check_changes(const struct check *c);
void check_ssh(const struct check *c);
void check_traps(const struct check *c);

// check_access.c: who may see and act over HTTP
void check_access(const struct check *c);
bool check_is_loopback(struct address address);

// check_alert.c: whom pages go to, and how
void check_alert(const struct check *c);
