// SPDX-License-Identifier: ISC
#include "net/check.h"
#include "net/object.h"

static uint32_t line_of(const struct tree_node *root, uint32_t hook, const char *key)
{
    const struct tree_node *entry = tree_at(tree_find(root, "hooks"), hook);
    const struct tree_node *value = tree_find(entry, key);
    return value ? value->key_line : entry ? entry->line : 1;
}

// No shell looks for it, and one object is taken out of use in one way.
void check_hooks(const struct net *net, const struct tree_node *root, struct net_errors *errors)
{
    for (uint32_t i = 0; i < net->hook_count; i++) {
        const struct net_hook *hook = &net->hooks[i];
        if (hook->program[0] && hook->program[0] != '/')
            net_errors_add(errors, NET_ERROR, line_of(root, i, "program"),
                           "hooks[%u].program: '%s' is not a whole path: write one that begins "
                           "with '/'",
                           i, hook->program);
        for (uint32_t j = 0; errors->fatal == 0 && j < i; j++)
            if (net_object_equal(hook->object, net->hooks[j].object))
                net_errors_add(errors, NET_ERROR, line_of(root, i, "object"),
                               "hooks[%u].object: '%s' takes that out of use already: write one "
                               "hook for each object",
                               i, net->hooks[j].name);
    }
}
