// SPDX-License-Identifier: ISC
// Programs that are run for us. No shell looks for them, and one object is taken out of use in one
// way.
#include "net/check_inside.h"
#include "net/object.h"

static void check_hook(const struct check *c, uint32_t i)
{
    const struct net_hook *hook = &c->net->hooks[i];
    if (hook->program[0] && hook->program[0] != '/')
        net_errors_add(c->errors, NET_ERROR, line_of(c, "hooks", i, "program"),
                       "hooks[%u].program: '%s' is not a whole path: write one that begins with "
                       "'/'",
                       i, hook->program);
    for (uint32_t j = 0; c->sound && j < i; j++)
        if (net_object_equal(hook->object, c->net->hooks[j].object))
            net_errors_add(c->errors, NET_ERROR, line_of(c, "hooks", i, "object"),
                           "hooks[%u].object: '%s' takes that out of use already: write one hook "
                           "for each object",
                           i, c->net->hooks[j].name);
}

static void check_health(const struct check *c, uint32_t i)
{
    const struct net_health *health = &c->net->announce[i].health;
    const struct tree_node *entry = tree_at(tree_find(c->root, "announce"), i);
    const struct tree_node *section = tree_find(entry, "health");
    if (section && c->sound && !health->program[0])
        net_errors_add(c->errors, NET_ERROR, section->key_line,
                       "announce[%u].health.program is missing: nobody is asked: write its path, "
                       "or remove health",
                       i);
    if (health->program[0] && health->program[0] != '/')
        net_errors_add(c->errors, NET_ERROR, section->key_line,
                       "announce[%u].health.program: '%s' is not a whole path: write one that "
                       "begins with '/'",
                       i, health->program);
    if (c->sound && health->timeout_ns > health->interval_ns)
        net_errors_add(c->errors, NET_ERROR, section->key_line,
                       "announce[%u].health: timeout_s is longer than interval_s: write it shorter",
                       i);
}

void check_hooks(const struct check *c)
{
    for (uint32_t i = 0; i < c->net->hook_count; i++)
        check_hook(c, i);
    for (uint32_t i = 0; i < c->net->announce_count; i++)
        check_health(c, i);
}
