// SPDX-License-Identifier: ISC
#include "engine/state.h"

#include <jansson.h>
#include <string.h>

enum { STATUS_OVERRIDES_MAX = 100, STATUS_NOTICES_MAX = 20, STATUS_FAULTS_MAX = 16 };

static const char *upstream_name(const struct engine *e, uint32_t upstream)
{
    return upstream == NET_NOBODY ? NULL : e->net->upstreams[upstream].name;
}

static const char *path_verdict(const struct engine *e, uint32_t path)
{
    static const char *const names[] = {"good", "suspect", "confirmed"};
    const struct watch_path *p = &e->watch.paths[path];
    if (!p->heard)
        return "unheard";
    return watch_is_fresh(&e->watch, path, e->now) ? names[p->state] : "silent";
}

// Of the last ten seconds that were told: what the picture's own shorter window does not hold.
static json_t *rate_json(const struct rate *rate)
{
    if (rate->ok + rate->lost == 0)
        return json_null();
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "samples", (json_int_t)rate->ok + rate->lost,
                     "lost", (json_int_t)rate->lost, "lost_forward", (json_int_t)rate->lost_forward,
                     "lost_reverse", (json_int_t)rate->lost_reverse, "rtt_p90_ns",
                     (json_int_t)rate->rtt_p90_ns, "rtt_p99_ns", (json_int_t)rate->rtt_p99_ns);
}

static json_t *path_json(const struct engine *e, uint32_t path)
{
    char name[NET_NAME_MAX + 8];
    struct window_loss loss = watch_loss_recent(&e->watch, path, e->now);
    const struct notice *servers = engine_servers_notice(e, path);
    return json_pack(
        "{s:s, s:s?, s:s, s:s, s:I, s:I, s:I, s:I, s:s?, s:o}", "path",
        net_path_name(e->net, path, name), "upstream", upstream_name(e, e->paths[path].upstream),
        "family", family_name(e->paths[path].family), "verdict", path_verdict(e, path), "loss_ppm",
        (json_int_t)loss.loss_ppm, "samples", (json_int_t)(loss.ok + loss.lost), "rtt_p50_ns",
        (json_int_t)e->watch.paths[path].rtt_p50_ns, "relative_millinats",
        (json_int_t)relative_millinats(&e->watch.relative, path), "servers",
        servers ? servers->text : NULL, "rate", rate_json(&e->rates[path]));
}

static json_t *paths_json(const struct engine *e)
{
    json_t *paths = json_array();
    for (uint32_t path = 0; path < e->path_count; path++)
        json_array_append_new(paths, path_json(e, path));
    return paths;
}

static json_t *incident_json(const struct engine *e, uint32_t path)
{
    const struct story *story = &e->stories[path];
    char name[NET_NAME_MAX + 8];
    return json_pack("{s:I, s:s, s:s, s:I, s:s, s:s, s:I}", "incident", (json_int_t)story->number,
                     "path", net_path_name(e->net, path, name), "state",
                     incident_state_names[story->state], "since_ns",
                     (json_int_t)mono_since_ns(e->now, story->entered_at), "reason", story->reason,
                     "plan", story->last_plan.reason, "approval", (json_int_t)story->approval);
}

// The open one with the highest number below `number`; NET_NOBODY.
static uint32_t next_older(const struct engine *e, uint32_t number)
{
    uint32_t found = NET_NOBODY;
    for (uint32_t path = 0; path < e->path_count; path++) {
        const struct story *story = &e->stories[path];
        if (story->state != INCIDENT_NONE && story->number < number &&
            (found == NET_NOBODY || story->number > e->stories[found].number))
            found = path;
    }
    return found;
}

static json_t *incidents_json(const struct engine *e)
{
    json_t *incidents = json_array();
    uint32_t path = next_older(e, UINT32_MAX);
    for (; path != NET_NOBODY; path = next_older(e, e->stories[path].number))
        json_array_append_new(incidents, incident_json(e, path));
    return incidents;
}

static json_t *sessions_json(const struct engine *e)
{
    json_t *sessions = json_array();
    for (uint32_t r = 0; r < e->net->router_count; r++) {
        json_t *complete = json_array();
        for (enum family f = FAMILY_IPV4; f < FAMILIES; f++)
            if (e->sessions[r].complete[f])
                json_array_append_new(complete, json_string(family_name(f)));
        json_array_append_new(sessions,
                              json_pack("{s:s, s:b, s:o}", "router", e->net->routers[r].name, "up",
                                        (int)e->sessions[r].up, "complete", complete));
    }
    return sessions;
}

static json_t *roles_json(const struct engine *e)
{
    json_t *roles = json_array();
    for (uint32_t role = 0; role < ROLES; role++)
        json_array_append_new(roles, json_pack("{s:s, s:s}", "role", fields_roles[role], "state",
                                               fields_role_states[e->roles[role].state]));
    return roles;
}

static json_t *override_json(const struct engine *e, const struct move *move, uint32_t router)
{
    static const char *const states[] = {"gone", "ordered", "announced", "withdrawing",
                                         "withdrawing"};
    char prefix[PREFIX_TEXT_MAX];
    return json_pack("{s:s, s:s, s:s, s:s}", "prefix", prefix_format(move->prefix, prefix),
                     "router", e->net->routers[router].name, "upstream",
                     e->net->upstreams[move->to].name, "state", states[move->place[router]]);
}

static json_t *overrides_json(const struct engine *e, json_int_t *count)
{
    json_t *overrides = json_array();
    for (uint32_t i = 0; i < e->moves.count; i++)
        for (uint32_t r = 0; r < e->net->router_count; r++)
            if (e->moves.items[i].place[r] != MOVE_GONE && (*count)++ < STATUS_OVERRIDES_MAX)
                json_array_append_new(overrides, override_json(e, &e->moves.items[i], r));
    return overrides;
}

json_t *engine_notice_json(const struct engine *e, const struct notice *notice, struct mono now)
{
    static const char *const severities[NOTICE_SEVERITIES] = {"info", "warn", "error"};
    const struct notice_rule *rule = &notice_rules[notice->kind];
    char prefix[PREFIX_TEXT_MAX];
    bool any = notice->prefix.address.family != FAMILY_NONE;
    return json_pack("{s:s, s:s, s:s, s:s?, s:s?, s:s%, s:s%, s:I, s:I, s:I}", "notice", rule->name,
                     "words", rule->words, "severity", severities[rule->severity], "router",
                     notice->router == NET_NOBODY ? NULL : e->net->routers[notice->router].name,
                     "prefix", any ? prefix_format(notice->prefix, prefix) : NULL, "peer",
                     notice->peer, strlen(notice->peer), "text", notice->text, strlen(notice->text),
                     "count", (json_int_t)notice->count, "total", (json_int_t)notice->total,
                     "since_ns", (json_int_t)mono_since_ns(now, notice->since));
}

// Those that call for a person first.
static json_t *notices_json(const struct engine *e)
{
    json_t *notices = json_array();
    for (int severity = NOTICE_ERROR; severity >= NOTICE_INFO; severity--)
        for (uint32_t i = e->notices.count; i > 0; i--) {
            const struct notice *notice = &e->notices.items[i - 1].notice;
            if (notice_rules[notice->kind].severity == (enum notice_severity)severity &&
                json_array_size(notices) < STATUS_NOTICES_MAX)
                json_array_append_new(notices, engine_notice_json(e, notice, e->now));
        }
    return notices;
}

static json_t *fault_json(const struct engine *e, const struct fault *fault, struct mono now)
{
    const struct fault_evidence *seen = &fault->evidence;
    const struct fault_part *part = &fault->part;
    return json_pack(
        "{s:I, s:s, s:s, s:s?, s:s?, s:s?, s:s?, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I}",
        "fault", (json_int_t)fault->number, "state", fields_fault_states[fault->state], "symptom",
        fields_fault_symptoms[fault->symptom], "upstream", upstream_name(e, part->upstream),
        "target", part->target == NET_NOBODY ? NULL : e->net->targets[part->target].name, "place",
        part->place[0] ? part->place : NULL, "family",
        part->family == FAMILY_NONE ? NULL : family_name(part->family), "direction",
        fields_fault_directions[part->direction], "words", fault->words, "others", fault->others,
        "samples", (json_int_t)seen->samples, "lost", (json_int_t)seen->lost, "loss_ppm",
        (json_int_t)seen->loss_ppm, "odds_millinats", (json_int_t)seen->odds_millinats,
        "asked_millinats", (json_int_t)seen->asked_millinats, "since_ns",
        (json_int_t)mono_since_ns(now, fault->began_at));
}

static json_t *faults_json(const struct engine *e)
{
    json_t *faults = json_array();
    for (uint32_t i = 0; i < e->faults.count && i < STATUS_FAULTS_MAX; i++)
        json_array_append_new(faults, fault_json(e, &e->faults.items[i].fault, e->now));
    return faults;
}

static json_t *known_or_null(bool known, int64_t value)
{
    return known ? json_integer(value) : json_null();
}

static json_t *one_use_json(const struct engine *e, uint32_t upstream, struct mono now)
{
    const struct net_upstream *u = &e->net->upstreams[upstream];
    struct use_seen seen = use_of(&e->use, upstream, now);
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "upstream", u->name, "capacity_mbps",
                     known_or_null(u->capacity_mbps > 0, u->capacity_mbps), "out_bps",
                     known_or_null(seen.known, seen.out_bps), "in_bps",
                     known_or_null(seen.known, seen.in_bps), "out_p95_bps",
                     known_or_null(seen.known, seen.out_p95_bps), "in_p95_bps",
                     known_or_null(seen.known, seen.in_p95_bps), "age_ns",
                     known_or_null(seen.known, seen.age_ns));
}

static json_t *use_json(const struct engine *e, struct mono now)
{
    json_t *use = json_array();
    for (uint32_t upstream = 0; upstream < e->net->upstream_count; upstream++)
        json_array_append_new(use, one_use_json(e, upstream, now));
    return use;
}

static json_t *place_json(const char *kind, const char *name, const struct net_location *location)
{
    bool known = location->said == 2;
    return json_pack("{s:s, s:s, s:o, s:o}", "kind", kind, "name", name, "latitude_udeg",
                     known_or_null(known, location->latitude_udeg), "longitude_udeg",
                     known_or_null(known, location->longitude_udeg));
}

// What a map shows: the site, where ways out lead, and who answers probes.
static json_t *places_json(const struct net *net)
{
    json_t *places = json_array();
    json_array_append_new(places, place_json("site", net->site, &net->location));
    for (uint32_t i = 0; i < net->upstream_count; i++)
        json_array_append_new(
            places, place_json("upstream", net->upstreams[i].name, &net->upstreams[i].location));
    for (uint32_t i = 0; i < net->target_count; i++)
        json_array_append_new(
            places, place_json("target", net->targets[i].name, &net->targets[i].location));
    return places;
}

static void why_not_ready(const struct engine *e, char *text)
{
    text[0] = '\0';
    if (e->ready)
        return;
    uint32_t subject = NET_NOBODY;
    for (uint32_t path = 0; path < e->path_count && text[0] == '\0'; path++) {
        enum refusal refusal = presence_refusal(e, e->paths[path].family, &subject);
        if (refusal != REFUSAL_NONE)
            decide_explain(e, refusal, subject, text);
        else if (!e->watch.paths[path].heard)
            strcpy(text, "not every path was measured yet");
    }
}

static json_t *status_json(const struct engine *engine, struct mono now)
{
    char waiting[DECIDE_REASON_MAX];
    json_int_t count = 0, own_count = 0;
    why_not_ready(engine, waiting);
    json_t *overrides = overrides_json(engine, &count);
    json_t *status = json_pack(
        "{s:s, s:s, s:b, s:s, s:b, s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:o, s:I, "
        "s:o, "
        "s:I, s:o, s:I}",
        "site", engine->net->site, "mode", net_mode_names[engine->net->mode], "frozen",
        (int)engine->frozen, "frozen_why", engine->frozen_why, "ready", (int)engine->ready,
        "waiting", waiting, "now_ns", (json_int_t)now.ns, "paths", paths_json(engine), "incidents",
        incidents_json(engine), "sessions", sessions_json(engine), "roles", roles_json(engine),
        "overrides", overrides, "override_count", count, "route_count",
        (json_int_t)engine->routes.count, "routes_refused", (json_int_t)engine->routes.refused,
        "notices", notices_json(engine), "notice_count", (json_int_t)engine->notices.count,
        "faults", faults_json(engine), "fault_count", (json_int_t)engine->faults.count, "use",
        use_json(engine, now), "demand_count", (json_int_t)engine->demand.count);
    json_object_set_new(status, "own", own_json(engine, &own_count));
    json_object_set_new(status, "own_count", json_integer(own_count));
    json_object_set_new(status, "inbound", engine_inbound_json(engine));
    json_object_set_new(status, "hooks", hooks_json(engine));
    json_object_set_new(status, "lifts", engine_lifts_json(engine, engine->now));
    json_object_set_new(status, "drains", engine_drains_json(engine, now));
    json_object_set_new(status, "outages", engine_outages_json(engine, now, false));
    json_object_set_new(status, "run_s", json_integer(engine->pages.run_s));
    json_object_set_new(status, "pages", pages_json(engine));
    json_object_set_new(status, "places", places_json(engine->net));
    return status;
}

// ---- as long as it may be

// Lists that may be longer than a picture is, those first that are missed least. What is open, and
// where packets go, is never cut.
static const char *const cuttable[] = {"own",   "overrides", "notices", "hooks",
                                       "lifts", "places",    "faults",  "drains"};
enum { CUTTABLE = sizeof cuttable / sizeof cuttable[0] };

// Takes the second half away, and adds to what `left_out` says of it.
static void halve(json_t *status, const char *name)
{
    json_t *list = json_object_get(status, name), *left_out = json_object_get(status, "left_out");
    size_t size = json_array_size(list);
    while (json_array_size(list) > size / 2)
        json_array_remove(list, json_array_size(list) - 1);
    json_int_t before = json_integer_value(json_object_get(left_out, name));
    json_object_set_new(left_out, name, json_integer(before + (json_int_t)(size - size / 2)));
}

enum { LEFT_OUT_BYTES = 256 };  // what `left_out` may come to say

// Of `length` octets in all. Only the list that is cut is measured again.
static void cut(json_t *status, size_t length, size_t size)
{
    for (int i = 0; i < CUTTABLE; i++) {
        json_t *list = json_object_get(status, cuttable[i]);
        size_t whole = json_dumpb(list, NULL, 0, JSON_COMPACT);
        while (length + LEFT_OUT_BYTES >= size && json_array_size(list) > 0) {
            halve(status, cuttable[i]);
            size_t left = json_dumpb(list, NULL, 0, JSON_COMPACT);
            length -= whole - left;
            whole = left;
        }
    }
}

size_t engine_status_json(const struct engine *engine, struct mono now, char *text, size_t size)
{
    json_t *status = status_json(engine, now);
    json_object_set_new(status, "left_out", json_object());
    size_t length = status ? json_dumpb(status, text, size, JSON_COMPACT) : 0;
    if (length >= size) {
        cut(status, length, size);
        length = json_dumpb(status, text, size, JSON_COMPACT);
    }
    json_decref(status);
    if (length >= size)
        return 0;
    text[length] = '\0';
    return length;
}
