// SPDX-License-Identifier: ISC
#include "net/parse.h"

#include "net/check.h"
#include "net/country.h"
#include "net/keys.h"
#include "net/tree.h"
#include "net/values.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

// Where a section's keys go, and where in the file it stands. `node` NULL: it is not there.
struct section {
    struct values *values;
    const struct keys *keys;
    const struct tree_node *node;
    char *base;     // the struct that its offsets count in
    uint32_t line;  // of the section, or of what should hold it
    size_t prefix;  // bytes of values->where that are its own path
};

// Fills values->where behind the section's path.
static void say_where(const struct section *s, const char *name)
{
    char *where = s->values->where;
    snprintf(where + s->prefix, VALUES_WHERE_MAX - s->prefix, "%s%s",
             s->prefix > 0 && name[0] ? "." : "", name);
}

static const char *say_section(const struct section *s)
{
    say_where(s, "");
    return s->prefix > 0 ? s->values->where : "the file";
}

static void report_unknown(const struct section *s, const struct tree_node *node)
{
    const char *names[48];
    char list[400] = "";
    size_t size = 0;
    assert(s->keys->count <= sizeof names / sizeof names[0]);
    for (uint32_t i = 0; i < s->keys->count; i++) {
        names[i] = s->keys->items[i].name;
        size += (size_t)snprintf(list + size, sizeof list - size, "%s%s", i ? ", " : "", names[i]);
        assert(size < sizeof list);
    }
    const char *nearest = tree_nearest(node->key, names, s->keys->count);
    if (nearest)
        net_errors_add(s->values->errors, NET_ERROR, node->key_line,
                       "%s: unknown key '%.64s': did you mean '%s'?", say_section(s), node->key,
                       nearest);
    else
        net_errors_add(s->values->errors, NET_ERROR, node->key_line,
                       "%s: unknown key '%.64s': the keys here are %s", say_section(s), node->key,
                       list);
}

static void refuse_unknown_keys(const struct section *s)
{
    for (const struct tree_node *node = s->node->first; node; node = node->next) {
        bool known = false;
        for (uint32_t i = 0; i < s->keys->count; i++)
            known |= strcmp(node->key, s->keys->items[i].name) == 0;
        if (!known)
            report_unknown(s, node);
    }
}

static void report_missing(const struct section *s, const struct key *key)
{
    const char *shape = key_shape(key->kind);
    net_errors_add(s->values->errors, NET_ERROR, s->line, "%s is missing: write '%s:%s%s' (%s)",
                   s->values->where, key->name, shape[0] ? " " : "", shape, key->doc);
}

// What a key means that is not in the file. The rows' own texts are always good.
static void apply_fallback(const struct section *s, const struct key *key)
{
    if (!key->fallback) {
        report_missing(s, key);
        return;
    }
    const struct tree_node node = {.kind = TREE_TEXT, .text = key->fallback, .quoted = true};
    (void)values_read(s->values, &node, key, s->base + key->offset);
}

static bool is_of_kind(const struct section *s, const struct tree_node *node, enum tree_kind kind)
{
    if (node->kind == kind)
        return true;
    net_errors_add(s->values->errors, NET_ERROR, node->line, "%s: %s where %s should be: %s",
                   s->values->where, tree_kind_name(node->kind), tree_kind_name(kind),
                   kind == TREE_LIST ? "begin each entry with '- '"
                                     : "write 'key: value' lines, indented");
    return false;
}

static void read_section(const struct section *s);

// The recursion of these three follows the rows of keys.c, which end at depth 3, not the file.
static void read_map(const struct section *s, const struct key *key, const struct tree_node *node)
{
    if (!node && !key->fallback)
        report_missing(s, key);
    else if (!node || is_of_kind(s, node, TREE_MAP))
        read_section(&(struct section){
            .values = s->values,
            .keys = key->section,
            .node = node,
            .base = s->base + key->offset,
            .line = node ? node->key_line : s->line,
            .prefix = strlen(s->values->where),
        });
}

static void read_list(const struct section *s, const struct key *key, const struct tree_node *node)
{
    if (!node) {
        if (!key->fallback)
            report_missing(s, key);
        return;
    }
    if (!is_of_kind(s, node, TREE_LIST))
        return;
    if (node->count == 0 && key->fallback)
        return;
    if (node->count == 0 || node->count > key->max) {
        net_errors_add(s->values->errors, NET_ERROR, node->line,
                       "%s: %u entries: write 1 to %lld (%s)", s->values->where, node->count,
                       (long long)key->max, key->doc);
        return;
    }
    uint32_t count = 0;
    for (const struct tree_node *entry = node->first; entry; entry = entry->next, count++) {
        char name[64];
        snprintf(name, sizeof name, "%s[%u]", key->name, count);
        say_where(s, name);
        if (is_of_kind(s, entry, TREE_MAP))
            read_section(&(struct section){
                .values = s->values,
                .keys = key->section,
                .node = entry,
                .base = s->base + key->offset + count * key->stride,
                .line = entry->line,
                .prefix = strlen(s->values->where),
            });
    }
    memcpy(s->base + key->count_offset, &count, sizeof count);
}

static void read_section(const struct section *s)
{
    if (s->node)
        refuse_unknown_keys(s);
    for (uint32_t i = 0; i < s->keys->count; i++) {
        const struct key *key = &s->keys->items[i];
        const struct tree_node *node = tree_find(s->node, key->name);
        say_where(s, key->name);
        if (key->kind == KEY_MAP)
            read_map(s, key, node);
        else if (key->kind == KEY_LIST)
            read_list(s, key, node);
        else if (node)
            (void)values_read(s->values, node, key, s->base + key->offset);
        else
            apply_fallback(s, key);
    }
}

static void settle_countries(struct net *net)
{
    for (uint32_t i = 0; i < net->target_count; i++)
        country_settle(net->targets[i].country);
    for (uint32_t i = 0; i < net->upstream_count; i++)
        country_settle(net->upstreams[i].country);
}

static void read_file(const struct tree_node *root, struct net *net, struct net_errors *errors)
{
    struct values values = {.net = net, .errors = errors, .where = "the file"};
    const struct section file = {
        .values = &values, .keys = &keys_top, .node = root, .base = (char *)net, .line = 1};
    if (!is_of_kind(&file, root, TREE_MAP))
        return;
    read_section(&file);
    settle_countries(net);
    for (uint32_t i = 0; i < net->target_count; i++)
        if (!tree_find(tree_at(tree_find(root, "targets"), i), "rate_pps"))
            net->targets[i].rate_mpps = net_target_usual_mpps(net, i);
    check_net(net, root, errors);
}

bool net_parse(const char *text, size_t size, const char *file_name, struct net *net,
               struct net_errors *errors)
{
    net_errors_init(errors, file_name);
    memset(net, 0, sizeof *net);
    struct tree *tree = tree_parse(text, size, errors);
    if (tree)
        read_file(tree_root(tree), net, errors);
    tree_free(tree);
    net_errors_sort(errors);
    return errors->fatal == 0;
}
