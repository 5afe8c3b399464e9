// SPDX-License-Identifier: ISC
#include "base/clock.h"
#include "lab/names.h"
#include "lab/scenario_read.h"

#include <string.h>

static enum family family_of(struct reader *r, const struct tree_node *map)
{
    static const char *const families[] = {"both", "ipv4", "ipv6", NULL};
    static const enum family values[] = {FAMILY_NONE, FAMILY_IPV4, FAMILY_IPV6};
    return values[reader_word(r, map, "family", families)];
}

static const char *text_or_null(struct reader *r, const struct tree_node *map, const char *key)
{
    const char *text = reader_text(r, map, key, "");
    return text[0] ? text : NULL;
}

static const char *protocol_of(struct reader *r, const struct tree_node *map)
{
    static const char *const protocols[] = {"any", "icmp", "tcp", "udp", NULL};
    uint32_t protocol = reader_word(r, map, "protocol", protocols);
    return protocol ? protocols[protocol] : NULL;
}

static uint32_t number_of(struct reader *r, const struct tree_node *map, const char *key,
                          double max)
{
    return (uint32_t)reader_number(r, map, key, (struct reader_range){0, max, 0});
}

static void read_times(struct reader *r, const struct tree_node *map, struct scenario_fault *fault)
{
    const struct reader_range time = {0, 1e6, 0};
    fault->at_ns = (int64_t)(reader_number(r, map, "at_s", time) * NS_PER_S);
    fault->until_ns = (int64_t)(reader_number(r, map, "until_s", time) * NS_PER_S);
    fault->every_ns = (int64_t)(reader_number(r, map, "every_s", time) * NS_PER_S);
    fault->for_ns = (int64_t)(reader_number(r, map, "for_ms", time) * NS_PER_MS);
}

static void read_losses(struct reader *r, const struct tree_node *map, struct scenario_fault *fault)
{
    const struct tree_node *tuples = reader_map(r, map, "tuples");
    static const char *const tuple_keys[] = {"dead", "of", NULL};
    fault->from = text_or_null(r, map, "from");
    fault->to = text_or_null(r, map, "to");
    fault->loss_ppm =
        (uint32_t)(reader_number(r, map, "loss_percent", (struct reader_range){0, 100, 0}) * 1e4);
    fault->family = family_of(r, map);
    fault->protocol = protocol_of(r, map);
    fault->port = number_of(r, map, "port", 65535);
    fault->dscp = (int32_t)reader_number(r, map, "dscp", (struct reader_range){-1, 63, -1});
    fault->above_bytes = number_of(r, map, "above_bytes", 65535);
    fault->above_pps = number_of(r, map, "above_pps", 1e6);
    if (!tuples)
        return;
    reader_keys(r, tuples, tuple_keys);
    fault->tuples_dead =
        (uint32_t)reader_number(r, tuples, "dead", (struct reader_range){1, 65536, 0});
    fault->tuples_of = (uint32_t)reader_number(r, tuples, "of", (struct reader_range){1, 65536, 0});
}

static void check_fault(struct reader *r, const struct tree_node *map,
                        const struct scenario_fault *fault)
{
    enum scenario_kind kind = r->scenario->nodes[fault->node].kind;
    if (!fault->loss_ppm && fault->delay_ns < 0 && !fault->begin)
        reader_fail(r, map, "nothing breaks: write loss_percent, delay_ms or begin");
    if (fault->every_ns && (!fault->from || !fault->for_ns || !fault->loss_ppm))
        reader_fail(r, map, "a burst needs 'from', 'for_ms' and 'loss_percent'");
    if (fault->every_ns && (fault->begin || fault->delay_ns >= 0))
        reader_fail(r, map, "a burst is a loss and nothing else");
    if ((fault->delay_ns >= 0) != (kind == SCENARIO_WIRE))
        reader_fail(r, map, "only a wire is late, and a wire is nothing else: write delay_ms");
    if (fault->port && (!fault->protocol || strcmp(fault->protocol, "icmp") == 0))
        reader_fail(r, map, "a port needs a protocol that has some: tcp or udp");
    if (fault->to && kind != SCENARIO_ROUTER)
        reader_fail(r, map, "only what a router forwards goes 'to' a port");
    if (fault->loss_ppm && (kind == SCENARIO_SWITCH || kind == SCENARIO_WIRE))
        reader_fail(r, map, "only routers and hosts lose packets");
    if (fault->by_people && (!fault->begin || fault->loss_ppm || fault->blames))
        reader_fail(r, map, "people write commands ('begin', 'end') and break nothing");
    if (fault->by_devices && (!fault->begin || fault->loss_ppm || fault->blames))
        reader_fail(r, map, "devices tell by commands ('begin') and break nothing");
    if (!fault->begin != !fault->end && !fault->by_devices)
        reader_fail(r, map, "'begin' and 'end' belong together");
}

void reader_fault(struct reader *r, const struct tree_node *map)
{
    static const char *const keys[] = {
        "node",         "at_s",        "until_s",   "every_s", "for_ms",   "blames",
        "loss_percent", "from",        "to",        "family",  "protocol", "port",
        "dscp",         "above_bytes", "above_pps", "tuples",  "delay_ms", "begin",
        "end",          "by",          "name",      NULL};
    struct scenario *s = r->scenario;
    reader_keys(r, map, keys);
    if (!reader_has_room(r, map, s->fault_count, SCENARIO_FAULTS_MAX))
        return;
    struct scenario_fault *fault = &s->faults[s->fault_count++];
    fault->node = reader_node(r, map, "node");
    fault->blames = text_or_null(r, map, "blames");
    double delay_ms = reader_number(r, map, "delay_ms", (struct reader_range){-1, 1e4, -1});
    fault->delay_ns = delay_ms < 0 ? -1 : (int64_t)(delay_ms * NS_PER_MS);
    static const char *const whose[] = {"nobody", "people", "devices", NULL};
    uint32_t by = reader_word(r, map, "by", whose);
    fault->by_people = by == 1;
    fault->by_devices = by == 2;
    fault->name = text_or_null(r, map, "name");
    fault->begin = reader_list(r, map, "begin");
    fault->end = reader_list(r, map, "end");
    read_times(r, map, fault);
    read_losses(r, map, fault);
    check_fault(r, map, fault);
}

static void check_name(struct reader *r, const struct tree_node *name)
{
    if (name->kind == TREE_MAP)
        reader_keys(r, name, names_keys);
    else
        reader_fail(r, name, "not a part: write {family: ipv6, hop: '2001:db8::1'}");
}

void reader_expect(struct reader *r, const struct tree_node *map)
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
        {"acts", &expect->acts},
        {"name_p95_ms", &expect->name_p95_ms},
        {"wrong_names", &expect->wrong_names},
        {"lost_packets", &expect->lost_packets},
        {"changes", &expect->changes},
        {"moved_min", &expect->moved_min},
        {"moved_max", &expect->moved_max},
        {"away", &expect->away},
        {"moved_lost_packets", &expect->moved_lost_packets},
    };
    const char *keys[sizeof rows / sizeof rows[0] + 3] = {0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        keys[i] = rows[i].key;
        *rows[i].value = (uint32_t)reader_number(r, map, rows[i].key,
                                                 (struct reader_range){0, UINT32_MAX, UINT32_MAX});
    }
    keys[sizeof rows / sizeof rows[0]] = "names";
    keys[sizeof rows / sizeof rows[0] + 1] = "said";
    reader_keys(r, map, keys);
    expect->names = reader_list(r, map, "names");
    if (expect->name_p95_ms != UINT32_MAX && (!expect->names || !scenario_outage(r->scenario)))
        reader_fail(r, map, "'name_p95_ms' needs 'names' and a fault that 'blames' something");
    reader_each(r, expect->names, check_name);
    reader_each(r, reader_list(r, map, "said"), reader_said);
}
