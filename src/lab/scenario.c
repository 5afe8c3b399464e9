// SPDX-License-Identifier: ISC
#include "lab/scenario.h"

#include "base/clock.h"
#include "lab/scenario_read.h"
#include "lab/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

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
    int length = snprintf(path, size, "%s/%s", scenario->directory, file);
    return length >= 0 && (size_t)length < size;
}

static void read_node(struct reader *r, const struct tree_node *map)
{
    static const char *const keys[] = {"name", "kind",   "addresses", "routes", "rules",
                                       "run",  "daemon", "config",    NULL};
    static const char *const kinds[] = {"host", "router", "switch", NULL};
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
    };
    if (scenario_node_find(s, node.name) != UINT32_MAX)
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

static void read_link(struct reader *r, const struct tree_node *pair)
{
    struct scenario *s = r->scenario;
    if (!reader_has_room(r, pair, s->link_count, SCENARIO_LINKS_MAX))
        return;
    for (uint32_t side = 0; side < 2; side++)
        s->links[s->link_count][side] = read_end(r, tree_at(pair, side));
    s->link_count++;
}

static uint32_t way_of(struct reader *r, const struct tree_node *at, const char *name)
{
    struct scenario_traffic *traffic = &r->scenario->traffic;
    for (uint32_t i = 0; i < traffic->way_count; i++)
        if (strcmp(traffic->ways[i], name) == 0)
            return i;
    if (!reader_has_room(r, at, traffic->way_count, SCENARIO_WAYS_MAX))
        return 0;
    traffic->ways[traffic->way_count] = name;
    return traffic->way_count++;
}

static void read_target(struct reader *r, const struct tree_node *map)
{
    static const char *const keys[] = {"node", "address", "passes", NULL};
    struct scenario_traffic *traffic = &r->scenario->traffic;
    reader_keys(r, map, keys);
    if (!reader_has_room(r, map, traffic->target_count, SCENARIO_TARGETS_MAX))
        return;
    struct scenario_target *target = &traffic->targets[traffic->target_count++];
    target->node = reader_node(r, map, "node");
    const struct tree_node *list = reader_list(r, map, "address");
    for (const struct tree_node *item = list ? list->first : NULL; item; item = item->next) {
        struct address address;
        if (item->text && address_parse(item->text, &address))
            target->address[address.family] = address;
        else
            reader_fail(r, item, "not an address");
    }
    const struct tree_node *passes = tree_find(map, "passes");
    for (const struct tree_node *way = passes ? passes->first : NULL; way; way = way->next)
        target->passes[way_of(r, way, way->key)] =
            (uint8_t)reader_number(r, passes, way->key, (struct reader_range){1, 60, 0});
}

static void read_traffic(struct reader *r, const struct tree_node *map)
{
    static const char *const keys[] = {"from", "rate_pps", "usual", "to", NULL};
    struct scenario_traffic *traffic = &r->scenario->traffic;
    reader_keys(r, map, keys);
    traffic->from = reader_node(r, map, "from");
    traffic->rate_pps =
        (uint32_t)reader_number(r, map, "rate_pps", (struct reader_range){1, 10000, 1000});
    reader_each(r, reader_list(r, map, "to"), read_target);
    traffic->usual = way_of(r, map, reader_text(r, map, "usual", NULL));
    for (uint32_t i = 0; i < traffic->target_count; i++)
        for (enum family f = FAMILY_IPV4; f <= FAMILY_IPV6; f++)
            if (traffic->targets[i].address[f].family == FAMILY_NONE)
                reader_fail(r, map, "to[%u] has no %s address", i, family_name(f));
    if (traffic->target_count == 0)
        reader_fail(r, map, "traffic has no destination: write a list under 'to'");
}

static void read_fault(struct reader *r, const struct tree_node *map)
{
    static const char *const keys[] = {"node",    "from",   "loss_percent", "at_s", "until_s",
                                       "every_s", "for_ms", "blames",       NULL};
    struct scenario *s = r->scenario;
    reader_keys(r, map, keys);
    if (!reader_has_room(r, map, s->fault_count, SCENARIO_FAULTS_MAX))
        return;
    const struct reader_range time = {0, 1e6, 0};
    const char *from = reader_text(r, map, "from", ""), *blames = reader_text(r, map, "blames", "");
    s->faults[s->fault_count++] = (struct scenario_fault){
        .node = reader_node(r, map, "node"),
        .from = from[0] ? from : NULL,
        .loss_ppm = (uint32_t)(reader_number(r, map, "loss_percent",
                                             (struct reader_range){0.0001, 100, -1}) *
                               1e4),
        .at_ns = (int64_t)(reader_number(r, map, "at_s", time) * NS_PER_S),
        .until_ns = (int64_t)(reader_number(r, map, "until_s", time) * NS_PER_S),
        .every_ns = (int64_t)(reader_number(r, map, "every_s", time) * NS_PER_S),
        .for_ns = (int64_t)(reader_number(r, map, "for_ms", time) * NS_PER_MS),
        .blames = blames[0] ? blames : NULL,
    };
    const struct scenario_fault *fault = &s->faults[s->fault_count - 1];
    if (fault->every_ns && (!fault->from || !fault->for_ns))
        reader_fail(r, map, "a burst needs 'from' and 'for_ms'");
}

static void read_expect(struct reader *r, const struct tree_node *map)
{
    struct scenario_expect *expect = &r->scenario->expect;
    const struct {
        const char *key;
        uint32_t *value;
    } rows[] = {
        {"detect_p50_ms", &expect->detect_p50_ms},
        {"detect_p95_ms", &expect->detect_p95_ms},
        {"restore_p50_ms", &expect->restore_p50_ms},
        {"restore_p95_ms", &expect->restore_p95_ms},
        {"return_lost_packets", &expect->return_lost_packets},
        {"false_actions", &expect->false_actions},
    };
    const char *keys[sizeof rows / sizeof rows[0] + 1] = {0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        keys[i] = rows[i].key;
        *rows[i].value = (uint32_t)reader_number(r, map, rows[i].key,
                                                 (struct reader_range){0, UINT32_MAX, UINT32_MAX});
    }
    reader_keys(r, map, keys);
}

// Of two trees the one that says something of this key: the scenario's own, or the one it is like.
static const struct tree_node *root_of(const struct scenario *s, const char *key)
{
    const struct tree_node *own = tree_root(s->tree);
    return !s->base || tree_find(own, key) ? own : tree_root(s->base);
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

static const struct tree_node *read_list(struct reader *r, const char *key)
{
    return reader_list(r, root_of(r->scenario, key), key);
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
    reader_keys(r, tree_root(s->tree), keys);
    s->summary = reader_text(r, root_of(s, "summary"), "summary", NULL);
    s->operator_detect_s = read_u32(r, "operator_detect_s", 0);
    s->operator_restore_s = read_u32(r, "operator_restore_s", 0);
    s->run_max_s = read_u32(r, "run_max_s", 60);
    s->soak_s = read_u32(r, "soak_s", 60);
    reader_each(r, read_list(r, "nodes"), read_node);
    reader_each(r, read_list(r, "links"), read_link);
    const struct tree_node *guard = read_map(r, "guard");
    s->guard = reader_node(r, guard, "node");
    s->guard_config = reader_text(r, guard, "config", NULL);
    read_traffic(r, read_map(r, "traffic"));
    reader_each(r, read_list(r, "faults"), read_fault);
    read_expect(r, read_map(r, "expect"));
}

// The last part of the directory's path.
static void take_name(struct scenario *scenario)
{
    const char *slash = strrchr(scenario->directory, '/');
    snprintf(scenario->name, sizeof scenario->name, "%.31s",
             slash ? slash + 1 : scenario->directory);
}

static bool has_scenario(struct scenario *scenario, const char *parent, const char *name)
{
    char path[512];
    struct stat stat_of_file;
    snprintf(scenario->directory, sizeof scenario->directory, "%s%s", parent, name);
    return scenario_path(scenario, "scenario.yaml", path, sizeof path) &&
           stat(path, &stat_of_file) == 0;
}

static bool find(struct scenario *scenario, const char *name)
{
    static const char *const parents[] = {"scenarios/", FAIRLEAD_SOURCE_DIR "/scenarios/",
                                          FAIRLEAD_DATA_DIR "/scenarios/"};
    const char file[] = "/scenario.yaml";
    size_t size = strlen(name);
    if (size >= sizeof file && strcmp(name + size - (sizeof file - 1), file) == 0) {
        snprintf(scenario->directory, sizeof scenario->directory, "%.*s",
                 (int)(size - (sizeof file - 1)), name);
        return true;
    }
    for (size_t i = 0; i < sizeof parents / sizeof parents[0]; i++)
        if (!strchr(name, '/') && has_scenario(scenario, parents[i], name))
            return true;
    return has_scenario(scenario, "", name);
}

static struct tree *read_tree(struct scenario *scenario, const char *name,
                              struct net_errors *errors)
{
    struct text text = {0};
    struct tree *tree = NULL;
    char path[512];
    int result = -ENOENT;
    if (find(scenario, name) && scenario_path(scenario, "scenario.yaml", path, sizeof path))
        result = text_read(&text, path);
    if (result < 0)
        net_errors_add(errors, NET_ERROR, 1, "cannot read the scenario '%s': %s", name,
                       strerror(-result));
    else
        tree = tree_parse(text_get(&text), text.size, errors);
    text_done(&text);
    return tree;
}

bool scenario_open(struct scenario *scenario, const char *name, struct net_errors *errors)
{
    struct reader reader = {scenario, errors};
    *scenario = (struct scenario){0};
    net_errors_init(errors, name);
    scenario->tree = read_tree(scenario, name, errors);
    take_name(scenario);
    const char *like =
        scenario->tree ? reader_text(&reader, tree_root(scenario->tree), "like", "") : "";
    if (like[0])
        scenario->base = read_tree(scenario, like, errors);
    if (errors->fatal == 0)
        read_all(&reader);
    net_errors_sort(errors);
    return errors->fatal == 0;
}

void scenario_close(struct scenario *scenario)
{
    tree_free(scenario->tree);
    tree_free(scenario->base);
    *scenario = (struct scenario){0};
}
