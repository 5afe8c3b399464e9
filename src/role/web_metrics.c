// SPDX-License-Identifier: ISC
#include "role/web_metrics.h"

#include "incident/lifecycle.h"
#include "net/net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LABELS_MAX = 3 };

enum how {
    NUMBER,  // the value, times `scale`
    IS,      // 1 when the value is true, or is the text `word`
    HOLDS,   // 1 when the list in the value holds the text `word`, which is also a label
    STATE,   // one sample a state, which is the label `state`: 1 for that of the value
    COUNT,   // of the list: one sample a state, how many have it
};

struct metric {
    const char *name, *unit, *help;
    const char *list;                // in the engine's picture; NULL: the picture itself
    const char *labels[LABELS_MAX];  // keys of the list's items
    const char *value;               // a key too
    double scale;
    enum how how;
    const char *word, *word_label;
    const char *const *states;
    int state_count;
};

static const char *const verdicts[] = {"unheard", "silent", "good", "suspect", "confirmed"};
static const char *const severities[] = {"info", "warn", "error"};

#define OF_PATH .list = "paths", .labels = {"path", "upstream", "family"}
#define OF_UPSTREAM .list = "use", .labels = {"upstream"}

static const struct metric metrics[] = {
    {"fairlead_ready", "", "Tables complete, paths measured, quiet time over.",  //
     .value = "ready", .how = IS},
    {"fairlead_frozen", "", "Nothing is moved until a person says so.",  //
     .value = "frozen", .how = IS},
    {"fairlead_mode", "", "How far Fairlead may go.",  //
     .value = "mode", .how = STATE, .states = net_mode_names, .state_count = NET_MODES},
    {"fairlead_path_loss_ratio", "ratio", "Packets lost lately, of those that are evidence.",
     OF_PATH, .value = "loss_ppm", .scale = 1e-6},
    {"fairlead_path_samples", "", "Packets lately that are evidence: answered or lost, not void.",
     OF_PATH, .value = "samples", .scale = 1},
    {"fairlead_path_round_trip_seconds", "seconds", "Median round trip lately.", OF_PATH,
     .value = "rtt_p50_ns", .scale = 1e-9},
    {"fairlead_path_relative_nats", "nats", "Evidence that the path is worse than its peers.",
     OF_PATH, .value = "relative_millinats", .scale = 1e-3},
    {"fairlead_path_verdict", "", "What the detectors say of the path.", OF_PATH,
     .value = "verdict", .how = STATE, .states = verdicts, .state_count = 5},
    {"fairlead_path_incidents", "", "Open incidents of paths.",  //
     .list = "incidents", .value = "state", .how = COUNT,
     .states = &incident_state_names[INCIDENT_SUSPECT],
     .state_count = INCIDENT_STATES - INCIDENT_SUSPECT},
    {"fairlead_faults", "", "Parts of the network that are named to be at fault.",
     .value = "fault_count", .scale = 1},
    {"fairlead_notices", "", "Notices that stand, of the twenty that call for a person most.",
     .list = "notices", .value = "severity", .how = COUNT, .states = severities, .state_count = 3},
    {"fairlead_bgp_session_up", "", "The session with the router is established.",
     .list = "sessions", .labels = {"router"}, .value = "up", .how = IS},
    {"fairlead_bgp_table_complete", "", "The router has sent its whole table.",  //
     .list = "sessions", .labels = {"router"}, .value = "complete", .how = HOLDS, .word = "ipv4",
     .word_label = "family"},
    {"fairlead_bgp_table_complete", NULL, NULL,  //
     .list = "sessions", .labels = {"router"}, .value = "complete", .how = HOLDS, .word = "ipv6",
     .word_label = "family"},
    {"fairlead_process_alive", "", "The process does its work.",  //
     .list = "roles", .labels = {"role"}, .value = "state", .how = IS, .word = "alive"},
    {"fairlead_overrides", "", "Announcements that stand on routers, or are under way.",
     .value = "override_count", .scale = 1},
    {"fairlead_routes", "", "Steerable routes that are known.",  //
     .value = "route_count", .scale = 1},
    {"fairlead_upstream_capacity_bits_per_second", "bits_per_second", "As configured.", OF_UPSTREAM,
     .value = "capacity_mbps", .scale = 1e6},
    {"fairlead_upstream_out_bits_per_second", "bits_per_second", "Carried out of the network now.",
     OF_UPSTREAM, .value = "out_bps", .scale = 1},
    {"fairlead_upstream_in_bits_per_second", "bits_per_second", "Carried into the network now.",
     OF_UPSTREAM, .value = "in_bps", .scale = 1},
};

// As a label's value: OpenMetrics 1.0, "escaped-string".
static void put_text(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\\' || *text == '"')
            fputc('\\', out);
        if (*text == '\n')
            fputs("\\n", out);
        else
            fputc(*text, out);
    }
}

static void put_label(FILE *out, int *count, const char *name, const char *value)
{
    fprintf(out, "%c%s=\"", (*count)++ == 0 ? '{' : ',', name);
    put_text(out, value);
    fputc('"', out);
}

// One sample, with one label more where `label` is not NULL.
static void put_sample(FILE *out, const struct metric *metric, const json_t *item,
                       const char *const label[2], double value)
{
    int count = 0;
    fputs(metric->name, out);
    for (int i = 0; i < LABELS_MAX && metric->labels[i]; i++) {
        const char *text = json_string_value(json_object_get(item, metric->labels[i]));
        if (text)  // "as routed" has no upstream
            put_label(out, &count, metric->labels[i], text);
    }
    if (label)
        put_label(out, &count, label[0], label[1]);
    fprintf(out, "%s %.15g\n", count > 0 ? "}" : "", value);
}

static bool is_text(const json_t *value, const char *text)
{
    return json_is_string(value) && strcmp(json_string_value(value), text) == 0;
}

static bool holds(const json_t *list, const char *text)
{
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item) if (is_text(item, text)) return true;
    return false;
}

static void put_states(FILE *out, const struct metric *metric, const json_t *item)
{
    const json_t *value = json_object_get(item, metric->value);
    for (int i = 0; i < metric->state_count; i++)
        put_sample(out, metric, item, (const char *[]){"state", metric->states[i]},
                   is_text(value, metric->states[i]));
}

static void put_item(FILE *out, const struct metric *metric, const json_t *item)
{
    const json_t *value = json_object_get(item, metric->value);
    switch (metric->how) {
    case NUMBER:
        if (json_is_number(value))
            put_sample(out, metric, item, NULL, json_number_value(value) * metric->scale);
        break;
    case IS:
        put_sample(out, metric, item, NULL,
                   metric->word ? is_text(value, metric->word) : json_is_true(value));
        break;
    case HOLDS:
        put_sample(out, metric, item, (const char *[]){metric->word_label, metric->word},
                   holds(value, metric->word));
        break;
    case STATE:
        put_states(out, metric, item);
        break;
    case COUNT:
        break;  // of the list, not of an item
    }
}

static void put_counts(FILE *out, const struct metric *metric, const json_t *list)
{
    for (int i = 0; i < metric->state_count; i++) {
        size_t n, count = 0;
        const json_t *item;
        json_array_foreach(list, n, item) count +=
            is_text(json_object_get(item, metric->value), metric->states[i]);
        put_sample(out, metric, NULL, (const char *[]){"state", metric->states[i]}, (double)count);
    }
}

static void put_metric(FILE *out, const struct metric *metric, const json_t *engine)
{
    size_t i;
    const json_t *item, *list = metric->list ? json_object_get(engine, metric->list) : NULL;
    if (metric->help) {
        fprintf(out, "# TYPE %s gauge\n", metric->name);
        if (metric->unit[0])
            fprintf(out, "# UNIT %s %s\n", metric->name, metric->unit);
        fprintf(out, "# HELP %s %s\n", metric->name, metric->help);
    }
    if (metric->how == COUNT)
        put_counts(out, metric, list);
    else if (!metric->list)
        put_item(out, metric, engine);
    else
        json_array_foreach(list, i, item) put_item(out, metric, item);
}

char *web_metrics_text(const json_t *status, double age_s, size_t *size)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, size);
    const json_t *engine = json_object_get(status, "engine");
    if (!out)
        return NULL;
    fprintf(out,
            "# TYPE fairlead_up gauge\n# HELP fairlead_up The engine has shown itself.\n"
            "fairlead_up %d\n",
            engine != NULL);
    if (engine) {
        fprintf(out,
                "# TYPE fairlead_picture_age_seconds gauge\n"
                "# UNIT fairlead_picture_age_seconds seconds\n"
                "# HELP fairlead_picture_age_seconds Since the engine said all of this.\n"
                "fairlead_picture_age_seconds %.3f\n",
                age_s);
        for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++)
            put_metric(out, &metrics[i], engine);
    }
    fprintf(out, "# EOF\n");
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}
