// SPDX-License-Identifier: ISC
#include "lab/scenario.h"

#include "base/clock.h"
#include "base/data_dirs.h"
#include "lab/scenario_read.h"
#include "lab/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

uint32_t scenario_node_find(const struct scenario *scenario, const char *name)
{
    for (uint32_t i = 0; i < scenario->node_count; i++)
        if (strcmp(scenario->nodes[i].name, name) == 0)
            return i;
    return UINT32_MAX;
}

const struct scenario_fault *scenario_outage(const struct scenario *scenario)
{
    for (uint32_t i = 0; i < scenario->fault_count; i++)
        if (scenario->faults[i].blames)
            return &scenario->faults[i];
    return NULL;
}

bool scenario_path(const struct scenario *scenario, const char *file, char *path, size_t size)
{
    int length = -1;
    for (uint32_t i = 0; i < scenario->tree_count; i++) {
        length = snprintf(path, size, "%s/%s", scenario->directories[i], file);
        if (length >= 0 && (size_t)length < size && access(path, R_OK) == 0)
            return true;
    }
    return length >= 0 && (size_t)length < size;
}

// `own_count`: nodes of scenarios that come before.
static void read_node(struct reader *r, const struct tree_node *map, uint32_t own_count)
{
    static const char *const keys[] = {"name", "kind",   "addresses", "routes",   "rules",
                                       "run",  "daemon", "config",    "delay_ms", NULL};
    static const char *const kinds[] = {"host", "router", "switch", "wire", NULL};
    static const char *const daemons[] = {"none", "bird", "frr", NULL};
    struct scenario *s = r->scenario;
    reader_keys(r, map, keys);
    if (!reader_has_room(r, map, s->node_count, SCENARIO_NODES_MAX))
        return;
    struct scenario_node node = {
        .name = reader_text(r, map, "name", NULL),
        .kind = (enum scenario_kind)reader_word(r, map, "kind", kinds),
        .addresses = tree_find(map, "addresses"),
        .routes = reader_list(r, map, "routes"),
        .rules = reader_list(r, map, "rules"),
        .run = reader_list(r, map, "run"),
        .daemon = (enum scenario_daemon)reader_word(r, map, "daemon", daemons),
        .config = reader_text(r, map, "config", ""),
        .delay_ns = (int64_t)(reader_number(r, map, "delay_ms", (struct reader_range){0, 1e4, 0}) *
                              NS_PER_MS),
    };
    uint32_t same = scenario_node_find(s, node.name);
    if (same < own_count)
        return;
    if (same != UINT32_MAX)
        reader_fail(r, map, "a second node of the name '%s'", node.name);
    if ((node.daemon != SCENARIO_NO_DAEMON) != (node.config[0] != '\0'))
        reader_fail(r, map, "a daemon needs a config, and a config a daemon");
    s->nodes[s->node_count++] = node;
}

// "edge1/to-a": the node must be known.
static struct scenario_end read_end(struct reader *r, const struct tree_node *text)
{
    struct scenario_end end = {"", ""};
    const char *slash = text && text->text ? strchr(text->text, '/') : NULL;
    if (!slash || strlen(slash + 1) > 15 || !slash[1]) {
        reader_fail(r, text,
                    "not an end of a link: write NODE/PORT, the port with 1 to 15 letters");
        return end;
    }
    for (uint32_t i = 0; i < r->scenario->node_count; i++) {
        const char *name = r->scenario->nodes[i].name;
        if (strlen(name) == (size_t)(slash - text->text) &&
            strncmp(name, text->text, strlen(name)) == 0)
            end = (struct scenario_end){name, slash + 1};
    }
    if (!end.node[0])
        reader_fail(r, text, "no node of this name");
    return end;
}

static bool is_same_end(const struct scenario_end *a, const struct scenario_end *b)
{
    return strcmp(a->node, b->node) == 0 && strcmp(a->port, b->port) == 0;
}

static bool is_taken(const struct scenario *s, uint32_t link_count, const struct scenario_end *end)
{
    for (uint32_t i = 0; i < link_count * 2; i++)
        if (is_same_end(&s->links[i / 2][i % 2], end))
            return true;
    return false;
}

// `own_count`: links of scenarios that come before.
static void read_link(struct reader *r, const struct tree_node *pair, uint32_t own_count)
{
    struct scenario *s = r->scenario;
    if (!reader_has_room(r, pair, s->link_count, SCENARIO_LINKS_MAX))
        return;
    struct scenario_end a = read_end(r, tree_at(pair, 0)), b = read_end(r, tree_at(pair, 1));
    if (is_taken(s, own_count, &a) || is_taken(s, own_count, &b))
        return;
    s->links[s->link_count][0] = a;
    s->links[s->link_count++][1] = b;
}

// The nodes and links of all that it is like are there too, except for nodes of a name and links
// of an end that were said already.
static void read_network(struct reader *r)
{
    struct scenario *s = r->scenario;
    for (uint32_t i = 0; i < s->tree_count; i++) {
        const struct tree_node *list = reader_list(r, tree_root(s->trees[i]), "nodes");
        uint32_t own_count = s->node_count;
        for (const struct tree_node *map = list ? list->first : NULL; map; map = map->next)
            read_node(r, map, own_count);
    }
    for (uint32_t i = 0; i < s->tree_count; i++) {
        const struct tree_node *list = reader_list(r, tree_root(s->trees[i]), "links");
        uint32_t own_count = s->link_count;
        for (const struct tree_node *pair = list ? list->first : NULL; pair; pair = pair->next)
            read_link(r, pair, own_count);
    }
}

// The first tree that says something of this key; else the scenario's own.
static const struct tree_node *root_of(const struct scenario *s, const char *key)
{
    for (uint32_t i = 0; i < s->tree_count; i++)
        if (tree_find(tree_root(s->trees[i]), key))
            return tree_root(s->trees[i]);
    return tree_root(s->trees[0]);
}

static uint32_t read_u32(struct reader *r, const char *key, double otherwise)
{
    return (uint32_t)reader_number(r, root_of(r->scenario, key), key,
                                   (struct reader_range){0, 1e6, otherwise});
}

static const struct tree_node *read_map(struct reader *r, const char *key)
{
    return reader_map(r, root_of(r->scenario, key), key);
}

static void read_all(struct reader *r)
{
    static const char *const keys[] = {"like",
                                       "summary",
                                       "operator_detect_s",
                                       "operator_restore_s",
                                       "links",
                                       "nodes",
                                       "guard",
                                       "traffic",
                                       "faults",
                                       "run_max_s",
                                       "soak_s",
                                       "expect",
                                       NULL};
    struct scenario *s = r->scenario;
    reader_keys(r, tree_root(s->trees[0]), keys);
    s->summary = reader_text(r, root_of(s, "summary"), "summary", NULL);
    s->operator_detect_s = read_u32(r, "operator_detect_s", 0);
    s->operator_restore_s = read_u32(r, "operator_restore_s", 0);
    s->run_max_s = read_u32(r, "run_max_s", 60);
    s->soak_s = read_u32(r, "soak_s", 60);
    read_network(r);
    static const char *const guard_keys[] = {"node", "config", "more", NULL};
    const struct tree_node *guard = read_map(r, "guard");
    reader_keys(r, guard, guard_keys);
    s->guard = reader_node(r, guard, "node");
    s->guard_config = reader_text(r, guard, "config", NULL);
    s->guard_more = reader_text(r, guard, "more", "");
    reader_traffic(r);
    reader_each(r, reader_list(r, root_of(s, "faults"), "faults"), reader_fault);
    reader_expect(r, read_map(r, "expect"));
}

// The last part of the directory's path.
static void take_name(struct scenario *scenario)
{
    const char *slash = strrchr(scenario->directories[0], '/');
    snprintf(scenario->name, sizeof scenario->name, "%.31s",
             slash ? slash + 1 : scenario->directories[0]);
}

static bool has_scenario(char directory[256], const char *parent, const char *name)
{
    char path[512];
    snprintf(directory, 256, "%s%s", parent, name);
    snprintf(path, sizeof path, "%s/scenario.yaml", directory);
    return access(path, F_OK) == 0;
}

static bool find(char directory[256], const char *name)
{
    const char *const parents[] = {"scenarios/", data_dirs[0].scenarios, data_dirs[1].scenarios};
    const char file[] = "/scenario.yaml";
    size_t size = strlen(name);
    if (size >= sizeof file && strcmp(name + size - (sizeof file - 1), file) == 0) {
        snprintf(directory, 256, "%.*s", (int)(size - (sizeof file - 1)), name);
        return true;
    }
    for (size_t i = 0; i < sizeof parents / sizeof parents[0]; i++)
        if (!strchr(name, '/') && has_scenario(directory, parents[i], name))
            return true;
    return has_scenario(directory, "", name);
}

// False when it cannot be read: then the errors say so.
static bool read_tree(struct scenario *scenario, const char *name, struct net_errors *errors)
{
    struct text text = {0};
    char path[512], *directory = scenario->directories[scenario->tree_count];
    int result = -ENOENT;
    if (find(directory, name)) {
        snprintf(path, sizeof path, "%s/scenario.yaml", directory);
        result = text_read(&text, path);
    }
    if (result < 0)
        net_errors_add(errors, NET_ERROR, 1, "cannot read the scenario '%s': %s", name,
                       strerror(-result));
    else
        scenario->trees[scenario->tree_count] = tree_parse(text_get(&text), text.size, errors);
    text_done(&text);
    bool usable = scenario->trees[scenario->tree_count] != NULL;
    scenario->tree_count += usable;
    return usable;
}

bool scenario_open(struct scenario *scenario, const char *name, struct net_errors *errors)
{
    struct reader reader = {scenario, errors};
    *scenario = (struct scenario){0};
    net_errors_init(errors, name);
    do {
        if (!read_tree(scenario, name, errors))
            break;
        const struct tree_node *root = tree_root(scenario->trees[scenario->tree_count - 1]);
        name = reader_text(&reader, root, "like", "");
        if (name[0] && !reader_has_room(&reader, root, scenario->tree_count, SCENARIO_LIKES_MAX))
            break;
    } while (name[0]);
    take_name(scenario);
    if (errors->fatal == 0)
        read_all(&reader);
    net_errors_sort(errors);
    return errors->fatal == 0;
}

void scenario_close(struct scenario *scenario)
{
    for (uint32_t i = 0; i < scenario->tree_count; i++)
        tree_free(scenario->trees[i]);
    *scenario = (struct scenario){0};
}
