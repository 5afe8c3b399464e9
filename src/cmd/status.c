// SPDX-License-Identifier: ISC
#include "cmd/asking.h"
#include "cmd/columns.h"
#include "cmd/verbs.h"

static const char help[] =
    "  fairlead status                          what the running daemon sees, on one screen\n"
    "  fairlead status -c fairlead.yaml --json  the same picture as one JSON object\n"
    "\n"
    "  site fra1, mode act: ready (fairlead 0.1.0)\n"
    "  ways out    transit-a ipv4  good     0.00 %  2.1 ms\n"
    "              transit-b ipv4  suspect  1.20 %  2.4 ms\n"
    "  faults      fault 1         named    transit-b, bucket 2 of 8: 100 % of 12 % of flows; 9 "
    "nats\n"
    "  sessions    edge1           up       complete: ipv4 ipv6\n"
    "  notices     1 stands: fairlead notices\n"
    "\n"
    "  -c, --config FILE  the daemon's configuration, for its control socket\n"
    "  --control PATH     the control socket itself\n"
    "  --json             one JSON object a line\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 done, 2 wrong usage, 3 the daemon does not answer.\n";

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = asking_text(object, key);
    return text ? text : "";
}

static double number_of(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

static void show_paths(const json_t *engine, struct columns *columns)
{
    size_t i;
    const json_t *path;
    json_array_foreach(json_object_get(engine, "paths"), i, path)
    {
        columns_add(columns, i == 0 ? "ways out" : "");
        columns_add(columns, text_of(path, "path"));
        columns_add(columns, text_of(path, "verdict"));
        if (number_of(path, "samples") > 0)
            columns_addf(columns, "%.2f %% lost, %.1f ms", number_of(path, "loss_ppm") / 1e4,
                         number_of(path, "rtt_p50_ns") / 1e6);
        else
            columns_add(columns, "");
    }
}

static void show_sessions(const json_t *engine, struct columns *columns)
{
    size_t i;
    const json_t *session;
    json_array_foreach(json_object_get(engine, "sessions"), i, session)
    {
        char text[64];
        const char *complete =
            asking_names(json_object_get(session, "complete"), text, sizeof text);
        bool up = json_is_true(json_object_get(session, "up"));
        columns_add(columns, i == 0 ? "sessions" : "");
        columns_add(columns, text_of(session, "router"));
        columns_add(columns, up ? "up" : "down");
        columns_addf(columns, "%s%s", complete[0] ? "complete: " : "", complete);
    }
    json_array_foreach(json_object_get(engine, "roles"), i, session)
    {
        columns_add(columns, i == 0 ? "processes" : "");
        columns_add(columns, text_of(session, "role"));
        columns_add(columns, text_of(session, "state"));
        columns_add(columns, "");
    }
}

static void show_incidents(const json_t *engine, struct columns *columns)
{
    size_t i;
    const json_t *incident;
    json_array_foreach(json_object_get(engine, "incidents"), i, incident)
    {
        columns_add(columns, i == 0 ? "incidents" : "");
        columns_add(columns, text_of(incident, "path"));
        columns_add(columns, text_of(incident, "state"));
        columns_add(columns, text_of(incident, "reason"));
    }
}

static void show_inbound(const json_t *engine, struct columns *columns)
{
    size_t i;
    const json_t *inbound;
    json_array_foreach(json_object_get(engine, "inbound"), i, inbound)
    {
        char offer[64];
        columns_add(columns, i == 0 ? "comes in" : "");
        columns_add(columns, text_of(inbound, "path"));
        columns_add(columns, asking_inbound_state(inbound));
        columns_addf(columns, "%s: %s", asking_inbound_offer(inbound, offer, sizeof offer),
                     text_of(inbound, "reason"));
    }
}

static void show_outages(const json_t *engine, struct columns *columns)
{
    size_t i;
    const json_t *outage;
    json_array_foreach(json_object_get(engine, "outages"), i, outage)
    {
        columns_add(columns, i == 0 ? "outages" : "");
        columns_addf(columns, "%.0f, %s", number_of(outage, "outage"), text_of(outage, "severity"));
        columns_add(columns, text_of(outage, "state"));
        columns_addf(columns, "%s; cause: %s", text_of(outage, "title"), text_of(outage, "cause"));
    }
}

static void show_faults(const json_t *engine, struct columns *columns)
{
    size_t i;
    const json_t *fault;
    json_array_foreach(json_object_get(engine, "faults"), i, fault)
    {
        const char *others = text_of(fault, "others");
        columns_add(columns, i == 0 ? "faults" : "");
        columns_addf(columns, "fault %.0f", number_of(fault, "fault"));
        columns_add(columns, text_of(fault, "state"));
        columns_addf(columns, "%s%s%s", text_of(fault, "words"), others[0] ? "; or else " : "",
                     others);
    }
}

static void show_drains(const json_t *engine, struct columns *columns)
{
    size_t i, shown = 0;
    const json_t *drain;
    json_array_foreach(json_object_get(engine, "drains"), i, drain)
    {
        if (strcmp(text_of(drain, "state"), "over") == 0)
            continue;
        columns_add(columns, shown++ == 0 ? "drains" : "");
        columns_add(columns, text_of(drain, "object"));
        columns_add(columns, text_of(drain, "state"));
        columns_addf(columns, "by %s: %s", text_of(drain, "who"), text_of(drain, "text"));
    }
}

// Who is on call; outages and who was paged of them; channels that do not get through.
static void show_pages(const json_t *engine, struct columns *columns)
{
    size_t i;
    const json_t *item, *pages = json_object_get(engine, "pages");
    json_array_foreach(json_object_get(pages, "on_call"), i, item)
    {
        const char *second = text_of(item, "secondary");
        columns_add(columns, i == 0 ? "on call" : "");
        columns_add(columns, text_of(item, "team"));
        columns_add(columns, text_of(item, "primary"));
        columns_addf(columns, "%s%s", second[0] ? "then " : "", second);
    }
    json_array_foreach(json_object_get(pages, "cases"), i, item)
    {
        const char *who = text_of(item, "has_it");
        bool planned = json_is_true(json_object_get(item, "planned"));
        columns_add(columns, i == 0 ? "pages" : "");
        columns_addf(columns, "outage %.0f", number_of(item, "outage"));
        columns_add(columns, text_of(item, "state"));
        columns_addf(columns, "%zu people%s%s%s", json_array_size(json_object_get(item, "paged")),
                     who[0] ? "; has it: " : "", who, planned ? "; planned work" : "");
    }
    json_array_foreach(json_object_get(pages, "channels"), i, item)
    {
        columns_add(columns, i == 0 ? "channels" : "");
        columns_add(columns, text_of(item, "channel"));
        columns_add(columns, text_of(item, "state"));
        columns_add(columns, text_of(item, "reason"));
    }
}

static void show_left_out(json_t *engine, struct columns *columns)
{
    const char *list;
    json_t *count;
    json_object_foreach(json_object_get(engine, "left_out"), list, count)
    {
        columns_add(columns, "left out");
        columns_addf(columns, "%.0f", json_number_value(count));
        columns_add(columns, list);
        columns_add(columns, "all of it is too much for one picture");
    }
}

static void show(void *context, json_t *line)
{
    (void)context;
    json_t *engine = json_object_get(line, "engine");
    bool ready = json_is_true(json_object_get(engine, "ready"));
    bool frozen = json_is_true(json_object_get(engine, "frozen"));
    struct columns columns;
    columns_init(&columns, 4, 0);
    const char *why = text_of(engine, "frozen_why");
    printf("site %s, mode %s: %s%s%s%s%s%s (fairlead %s)\n", text_of(engine, "site"),
           text_of(engine, "mode"), frozen ? "frozen" : "", why[0] ? " by " : "", why,
           frozen ? ", " : "", ready ? "ready" : "waiting: ", text_of(engine, "waiting"),
           text_of(line, "version"));
    show_paths(engine, &columns);
    show_drains(engine, &columns);
    show_outages(engine, &columns);
    show_faults(engine, &columns);
    show_incidents(engine, &columns);
    show_inbound(engine, &columns);
    show_pages(engine, &columns);
    show_sessions(engine, &columns);
    columns_add(&columns, "moved");
    columns_addf(&columns, "%.0f", number_of(engine, "override_count"));
    columns_add(&columns, "announcements");
    columns_add(&columns, "");
    columns_add(&columns, "notices");
    columns_addf(&columns, "%.0f", number_of(engine, "notice_count"));
    columns_add(&columns, "standing");
    columns_add(&columns, number_of(engine, "notice_count") > 0 ? "fairlead notices" : "");
    show_left_out(engine, &columns);
    columns_print(&columns, "");
    columns_done(&columns);
}

int cmd_status(int argc, char **argv)
{
    struct asking asking = {0};
    int status = asking_plain(&asking, "status", help, argc, argv);
    if (status != ASKING_GOES_ON)
        return status;
    json_t *done;
    const struct ask ask = {.kind = ASK_STATUS, .version = ASK_VERSION};
    status = asking_run(&asking, &ask, (struct asking_show){.show = show, .context = NULL}, &done);
    json_decref(done);
    return status;
}
