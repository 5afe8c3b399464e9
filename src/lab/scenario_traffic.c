// SPDX-License-Identifier: ISC
#include "base/clock.h"
#include "lab/scenario_read.h"

#include <string.h>

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
    static const char *const keys[] = {"node", "also", "address", "passes", NULL};
    struct scenario_traffic *traffic = &r->scenario->traffic;
    reader_keys(r, map, keys);
    if (!reader_has_room(r, map, traffic->target_count, SCENARIO_TARGETS_MAX))
        return;
    struct scenario_target *target = &traffic->targets[traffic->target_count++];
    target->node = reader_node(r, map, "node");
    target->also = tree_find(map, "also") ? reader_node(r, map, "also") : UINT32_MAX;
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

static void read_sort(struct reader *r, const struct tree_node *map)
{
    static const char *const keys[] = {"dscp", "size_bytes", NULL};
    struct scenario_traffic *traffic = &r->scenario->traffic;
    reader_keys(r, map, keys);
    if (!reader_has_room(r, map, traffic->mix_count, SCENARIO_MIX_MAX))
        return;
    traffic->mix[traffic->mix_count++] = (struct scenario_sort){
        .dscp = (uint8_t)reader_number(r, map, "dscp", (struct reader_range){0, 63, 0}),
        .size_bytes =
            (uint16_t)reader_number(r, map, "size_bytes", (struct reader_range){0, 1500, 0}),
    };
}

static void check_targets(struct reader *r, const struct tree_node *map)
{
    const struct scenario_traffic *traffic = &r->scenario->traffic;
    for (uint32_t i = 0; i < traffic->target_count; i++)
        for (enum family f = FAMILY_IPV4; f <= FAMILY_IPV6; f++)
            if (traffic->targets[i].address[f].family == FAMILY_NONE)
                reader_fail(r, map, "to[%u] has no %s address", i, family_name(f));
    if (traffic->target_count == 0)
        reader_fail(r, map, "traffic has no destination: write a list under 'to'");
}

// The traffic of the first scenario that says something of this key; else of the first that says
// anything of traffic; NULL: none does.
static const struct tree_node *said_of(const struct scenario *s, const char *key)
{
    const struct tree_node *first = NULL;
    for (uint32_t i = 0; i < s->tree_count; i++) {
        const struct tree_node *map = tree_find(tree_root(s->trees[i]), "traffic");
        if (tree_find(map, key))
            return map;
        first = first ? first : map;
    }
    return first;
}

static double number_of(struct reader *r, const char *key, struct reader_range range)
{
    return reader_number(r, said_of(r->scenario, key), key, range);
}

void reader_traffic(struct reader *r)
{
    static const char *const keys[] = {"from",  "rate_pps", "ports", "late_ms", "mix",
                                       "usual", "without",  "to",    NULL};
    struct scenario *s = r->scenario;
    struct scenario_traffic *traffic = &s->traffic;
    const struct tree_node *to = said_of(s, "to");
    for (uint32_t i = 0; i < s->tree_count; i++)
        reader_keys(r, reader_map(r, tree_root(s->trees[i]), "traffic"), keys);
    traffic->from = reader_node(r, said_of(s, "from"), "from");
    traffic->rate_pps = (uint32_t)number_of(r, "rate_pps", (struct reader_range){1, 10000, 1000});
    traffic->ports =
        (uint32_t)number_of(r, "ports", (struct reader_range){1, SCENARIO_PORTS_MAX, 1});
    traffic->late_ns =
        (int64_t)(number_of(r, "late_ms", (struct reader_range){0, 1e4, 0}) * NS_PER_MS);
    reader_each(r, reader_list(r, to, "to"), read_target);
    traffic->usual = way_of(r, to, reader_text(r, said_of(s, "usual"), "usual", NULL));
    traffic->without = way_of(
        r, to, reader_text(r, said_of(s, "without"), "without", traffic->ways[traffic->usual]));
    reader_each(r, reader_list(r, said_of(s, "mix"), "mix"), read_sort);
    if (traffic->mix_count == 0)
        traffic->mix_count = 1;  // of packets that are nothing special
    check_targets(r, to);
}
