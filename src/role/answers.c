// SPDX-License-Identifier: ISC
#include "role/answers.h"

#include "engine/traffic.h"
#include "role/acts.h"

#include <stdlib.h>
#include <string.h>

json_t *daemon_picture(struct daemon *d)
{
    char picture[ENGINE_STATUS_BYTES_MAX], time[TELLER_TIME_MAX];
    size_t size = engine_status_json(d->engine, d->now.mono, picture, sizeof picture);
    return json_pack("{s:s, s:s, s:f, s:o*, s:o*}", "time", teller_time(d->now.wall, time),
                     "version", FAIRLEAD_VERSION, "turn_longest_ms",
                     (double)d->turn_longest_ns / NS_PER_MS, "engine",
                     size > 0 ? json_loadb(picture, size, 0, NULL) : NULL, "facts",
                     teller_facts_json(&d->teller));
}

// The answer under way: JSON lines in memory. Once it failed it stays so.
struct lines {
    char *text;
    size_t size, room;
    bool failed;
};

// Takes the value over.
static void add_line(struct lines *lines, json_t *value)
{
    char *line = value ? json_dumps(value, JSON_COMPACT) : NULL;
    size_t size = line ? strlen(line) : 0;
    json_decref(value);
    if (line && lines->size + size + 1 > lines->room) {
        size_t room = 2 * lines->room + size + 1;
        char *text = realloc(lines->text, room);
        lines->failed |= !text;
        lines->text = text ? text : lines->text;
        lines->room = text ? room : lines->room;
    }
    lines->failed |= !line;
    if (!lines->failed) {
        memcpy(lines->text + lines->size, line, size);
        lines->text[lines->size + size] = '\n';
        lines->size += size + 1;
    }
    free(line);
}

static char *end_lines(struct lines *lines, size_t *size)
{
    *size = lines->size;
    if (!lines->failed)
        return lines->text;
    free(lines->text);
    char *text = strdup("{\"error\":\"out of memory\"}\n");
    *size = text ? strlen(text) : 0;
    return text;
}

static void add_status(struct daemon *d, struct lines *lines)
{
    add_line(lines, daemon_picture(d));
    add_line(lines, json_pack("{s:b}", "done", 1));
}

static json_t *notice_json(struct daemon *d, const struct notice *notice, struct mono at)
{
    char time[TELLER_TIME_MAX], since[TELLER_TIME_MAX];
    json_t *json = engine_notice_json(d->engine, notice, d->now.mono);
    int64_t offset_ns = d->now.wall.ns - d->now.mono.ns;
    const struct wall told = {at.ns + offset_ns}, began = {notice->since.ns + offset_ns};
    bool bad = !json || json_object_set_new(json, "time", json_string(teller_time(told, time))) ||
               json_object_set_new(json, "since", json_string(teller_time(began, since))) ||
               json_object_set_new(json, "raised", json_boolean(notice->raised)) ||
               json_object_set_new(json, "dropped", json_integer(notice->dropped));
    if (!bad)
        return json;
    json_decref(json);
    return NULL;
}

static void add_notices(struct daemon *d, struct lines *lines)
{
    const struct engine_notice *told;
    uint32_t count = engine_notice_count(d->engine), latest = 0;
    for (uint32_t n = 0; n < count; n++) {
        const struct notice *notice = engine_notice(d->engine, n);
        json_t *json = notice_json(d, notice, notice->since);
        add_line(lines, json ? json_pack("{s:o}", "stands", json) : NULL);
    }
    for (; (told = engine_notice_told(d->engine, latest)); latest++) {
        json_t *json = notice_json(d, &told->notice, told->at);
        add_line(lines, json ? json_pack("{s:o}", "told", json) : NULL);
    }
    add_line(lines, json_pack("{s:b, s:I, s:I}", "done", 1, "standing", (json_int_t)count, "told",
                              (json_int_t)latest));
}

static void add_each(struct lines *lines, const char *word, json_t *list)
{
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item) add_line(lines, json_pack("{s:O}", word, item));
    lines->failed |= !list;
    json_decref(list);
}

static void add_plans(struct daemon *d, struct lines *lines)
{
    add_each(lines, "drain", engine_drains_json(d->engine, d->now.mono));
    add_each(lines, "plan", engine_plans_json(d->engine));
    add_each(lines, "inbound", engine_inbound_json(d->engine));
    add_each(lines, "lift", engine_lifts_json(d->engine, d->now.mono));
    add_line(lines, json_pack("{s:b}", "done", 1));
}

static void add_incidents(struct daemon *d, struct lines *lines)
{
    add_each(lines, "outage", engine_outages_json(d->engine, d->now.mono, true));
    add_line(lines, json_pack("{s:b}", "done", 1));
}

char *daemon_answer(void *daemon, const struct ask *ask, const struct person *person, size_t *size)
{
    static void (*const own[ASK_KINDS])(struct daemon *, struct lines *) = {
        [ASK_STATUS] = add_status,
        [ASK_NOTICES] = add_notices,
        [ASK_PLANS] = add_plans,
        [ASK_INCIDENTS] = add_incidents,
    };
    struct lines lines = {0};
    if (!daemon_is_act(ask) && !(person->rights & RIGHT_READ))
        add_line(&lines,
                 json_pack("{s:s, s:i}", "error", "that takes the right 'read'", "exit", 1));
    else if (daemon_is_act(ask))
        add_line(&lines, daemon_act(daemon, ask, person));
    else if (own[ask->kind])
        own[ask->kind](daemon, &lines);
    else
        return NULL;
    return end_lines(&lines, size);
}

// Where prefixes would go the tables say; how much goes to them, the engine.
void *daemon_along(void *daemon, const struct ask *ask, size_t *size)
{
    const struct daemon *d = daemon;
    struct traffic *traffic = ask->kind == ASK_WHATIF ? malloc(sizeof *traffic) : NULL;
    if (!traffic)
        return NULL;
    traffic_of(d->engine, traffic);
    *size = traffic_size(traffic);
    return traffic;
}
