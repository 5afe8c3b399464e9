// SPDX-License-Identifier: ISC
// A circuit is one thing here: an announcement of it is about that, and nothing else.
#include "net/check_inside.h"

#include <string.h>

void check_maintenance(const struct check *c)
{
    const struct net_maintenance *m = &c->net->maintenance;
    const struct tree_node *list = tree_find(tree_find(c->root, "maintenance"), "objects");
    for (uint32_t i = 0; c->sound && i < m->circuit_count; i++)
        for (uint32_t j = 0; j < i; j++)
            if (strcmp(m->circuits[i].id, m->circuits[j].id) == 0)
                net_errors_add(c->errors, NET_ERROR, tree_at(list, i)->line,
                               "maintenance.objects[%u].circuit: '%s' is also that of objects[%u]: "
                               "write one object for each circuit",
                               i, m->circuits[i].id, j);
}
