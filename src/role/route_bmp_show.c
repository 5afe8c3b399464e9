// SPDX-License-Identifier: ISC
#include "role/route_bmp_show.h"

#include "role/now.h"
#include "role/route.h"
#include "role/route_bmp_note.h"
#include "role/teller.h"

#include <stdlib.h>

enum { PEERS_PER_STEP = 16 };  // some hundred microseconds of JSON

struct place {  // where the answer stands
    uint32_t sender, peer;
    bool in_sender;  // it was told, its peers not all
    uint64_t peers;  // told so far
};

static void set(json_t *object, const char *key, json_t *value)
{
    json_object_set_new(object, key, value);
}

static json_t *number(uint64_t value)
{
    return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

static json_t *text_or_null(const char *text)
{
    return text[0] ? json_string(text) : json_null();
}

static json_t *time_or_null(const struct route_role *r, struct mono at)
{
    char text[TELLER_TIME_MAX];
    if (at.ns == 0)
        return json_null();
    return json_string(teller_time((struct wall){now_wall().ns + (at.ns - r->now.ns)}, text));
}

static json_t *sender_json(const struct route_bmp_sender *s)
{
    json_t *object = json_object();
    bool up = s->fd >= 0 && !s->connecting;
    set(object, "router", json_string(route_bmp_sender_name(s)));
    set(object, "up", json_boolean(up));
    set(object, "since", time_or_null(s->role, s->since));
    set(object, "reason", text_or_null(up ? "" : s->reason));
    set(object, "system_name", text_or_null(s->system_name));
    set(object, "system_description", text_or_null(s->system_description));
    set(object, "connections", number(s->connections));
    set(object, "messages", number(s->messages));
    set(object, "malformed", number(s->malformed));
    set(object, "ignored", number(s->unknown));
    return object;
}

static json_t *tables_json(const struct route_bmp_sender *s, const struct route_bmp_peer *peer)
{
    json_t *array = json_array();
    for (size_t table = 0; table < BMP_TABLES; table++) {
        uint32_t rib = peer->tables[table].rib;
        if (rib == RIB_NO_PEER)
            continue;
        json_t *object = json_object(), *complete = json_array();
        set(object, "table", json_string(bmp_table_name((enum bmp_table)table)));
        for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
            set(object, family == FAMILY_IPV4 ? "routes_ipv4" : "routes_ipv6",
                number(rib_route_count(s->role->rib, rib, family)));
            if (peer->tables[table].complete[family])
                json_array_append_new(complete, json_string(family_name(family)));
        }
        set(object, "complete", complete);
        set(object, "path_ids_missing", json_boolean(peer->tables[table].paths_missing));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *statistics_json(const struct route_bmp_peer *peer)
{
    json_t *object = json_object();
    for (uint16_t type = 0; type < BMP_STATISTICS; type++) {
        enum route_bmp_gauge gauge;
        if (!(peer->statistics_told >> type & 1))
            continue;
        if (!route_bmp_gauge_of(type, &gauge)) {
            set(object, bmp_statistic_name(type), number(peer->statistics[type]));
            continue;
        }
        json_t *families = json_object();
        for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
            set(families, family_name(family), number(peer->gauges[gauge][family]));
        set(object, bmp_statistic_name(type), families);
    }
    return object;
}

static json_t *peer_json(const struct route_bmp_sender *s, uint32_t number_of)
{
    static const char *const states[] = {"untold", "up", "down"};
    const struct route_bmp_peer *peer = &s->peers[number_of];
    const struct bmp_known *known = bmp_monitor_peer(s->monitor, number_of);
    char name[BMP_KNOWN_TEXT_MAX];
    json_t *object = json_object();
    set(object, "router", json_string(route_bmp_sender_name(s)));
    set(object, "peer", json_string(bmp_known_text(known, name)));
    set(object, "type", json_string(bmp_peer_type_name(known->type)));
    set(object, "state", json_string(states[known->state]));
    set(object, "since", time_or_null(s->role, peer->since));
    set(object, "reason", text_or_null(peer->down));
    set(object, "asn", number(known->asn));
    set(object, "table_name", text_or_null(peer->table_name));
    set(object, "admin_label", text_or_null(peer->admin_label));
    set(object, "updates", number(peer->updates));
    set(object, "malformed", number(peer->malformed));
    set(object, "mirrored", number(peer->mirrored));
    set(object, "mirrored_errors", number(peer->mirrored_errors));
    set(object, "mirrored_lost", number(peer->mirrored_lost));
    set(object, "tables", tables_json(s, peer));
    set(object, "statistics", statistics_json(peer));
    return object;
}

static void say(struct route_job *job, const char *key, json_t *value)
{
    json_t *line = json_object();
    set(line, key, value);
    route_job_say(job, line);
}

// Tells of some peers of the sender; false: that was the last. Its connection may have gone since.
static bool say_peers(struct route_job *job, struct place *place, const struct route_bmp_sender *s)
{
    uint32_t count = s->monitor ? bmp_monitor_count(s->monitor) : 0;
    for (uint32_t i = 0; i < PEERS_PER_STEP && place->peer < count; i++, place->peers++)
        say(job, "peer", peer_json(s, place->peer++));
    return place->peer < count;
}

bool route_bmp_show(struct route_job *job)
{
    const struct route_role *r = job->role;
    if (!job->state)
        job->state = calloc(1, sizeof(struct place));
    struct place *place = job->state;
    if (!place)
        return route_job_fail(job, "out of memory");
    if (place->sender == r->net->bmp.sender_count) {
        route_job_say(job, json_pack("{s:b, s:I, s:I}", "done", 1, "routers",
                                     (json_int_t)place->sender, "peers", (json_int_t)place->peers));
        return false;
    }
    const struct route_bmp_sender *s = &r->bmp.senders[place->sender];
    if (!place->in_sender)
        say(job, "router", sender_json(s));
    place->in_sender = true;
    if (say_peers(job, place, s))
        return true;
    place->sender++;
    place->peer = 0;
    place->in_sender = false;
    return true;
}

void route_bmp_show_done(struct route_job *job)
{
    free(job->state);
}
