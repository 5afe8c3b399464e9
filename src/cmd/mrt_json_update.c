// SPDX-License-Identifier: ISC
// Routes of UPDATEs.
#include "cmd/bgp_json.h"
#include "cmd/mrt_json_put.h"

#include <stdlib.h>

struct told {  // an UPDATE on its way to JSON
    const struct mrt_record *record;
    const struct mrt_session *session;
    struct bgp_verdict verdict;
    struct bgp_message message;
    bool guessed;  // that it has path identifiers, though the record does not say so
    char *tail;
    size_t tail_size;
};

static void put_head(struct mrt_json *json, const struct told *t, const char *kind)
{
    json_put_session_head(json, t->record, t->session, kind);
    if (t->guessed)
        json_put_format(json, ",\"add_path\":\"guessed\"");
}

static void put_end(struct mrt_json *json, const struct told *t, bool announced)
{
    json_put_tail(json, announced ? t->tail : NULL, t->tail_size);
}

static size_t write_prefixes(struct mrt_json *json, const struct told *t, struct bgp_nlri nlri,
                             bool announced)
{
    struct bgp_route route;
    size_t routes = 0;
    for (; bgp_nlri_next(&nlri, &route); routes++) {
        put_head(json, t, announced ? "announce" : "withdraw");
        json_put_prefix(json, route.prefix);
        if (nlri.add_path)
            json_put_format(json, ",\"path_id\":%u", route.path_id);
        put_end(json, t, announced);
    }
    return routes;
}

static size_t write_foreign(struct mrt_json *json, const struct told *t,
                            struct bgp_foreign_nlri nlri, uint16_t afi, uint8_t safi,
                            bool announced)
{
    json_t *list = nlri.family ? bgp_foreign_json(nlri) : NULL;
    size_t routes = json_array_size(list);
    for (size_t i = 0; i < routes; i++) {
        put_head(json, t, announced ? "announce" : "withdraw");
        json_put_foreign(json, afi, safi, json_array_get(list, i));
        put_end(json, t, announced);
    }
    json_decref(list);
    return routes;
}

// The message as recorded, or as it was before the header got lost.
static struct cursor whole_message(struct mrt_json *json, const struct mrt_session *session)
{
    if (cursor_left(&session->message) > 0)
        return session->message;
    struct writer w = writer_over(json->message, sizeof json->message);
    size_t begun = bgp_message_begin(&w, session->type);
    writer_bytes(&w, session->body.bytes + session->body.pos, cursor_left(&session->body));
    bgp_message_end_within(&w, begun, sizeof json->message);
    return cursor_over(json->message, writer_ok(&w) ? w.size : 0);
}

static bool ids_are_small(struct bgp_nlri nlri)
{
    struct bgp_route route;
    while (bgp_nlri_next(&nlri, &route))
        if (route.path_id > UINT16_MAX)
            return false;
    return true;
}

// BIRD 1 records messages with path identifiers as if they had none. One that cannot be read as the
// record says, but can with path identifiers, is such a one if these are small as BIRD's: read
// without them, every one of them would have been two default routes.
static bool read_as_bird(struct told *t, struct cursor bytes)
{
    struct bgp_context context = json_context(t->session->as_size, true);
    struct bgp_message message = {0};
    struct bgp_verdict verdict = bgp_message_decode(bytes, &context, &message);
    const struct bgp_update *update = &message.update;
    if (verdict.remedy == BGP_SESSION_RESET || !ids_are_small(update->withdrawn) ||
        !ids_are_small(update->announced) || !ids_are_small(update->mp_withdrawn) ||
        !ids_are_small(update->mp_announced))
        return false;
    t->verdict = verdict;
    t->message = message;
    return true;
}

static void read_update(struct mrt_json *json, struct told *t)
{
    struct cursor bytes = whole_message(json, t->session);
    struct bgp_context context = json_context(t->session->as_size, t->session->add_path);
    t->verdict = bgp_message_decode(bytes, &context, &t->message);
    if (t->verdict.remedy == BGP_SESSION_RESET && !t->session->add_path)
        t->guessed = read_as_bird(t, bytes);
}

static size_t write_routes(struct mrt_json *json, const struct told *t)
{
    const struct bgp_update *update = &t->message.update;
    if (!t->message.decoded || t->verdict.remedy == BGP_SESSION_RESET)
        return 0;
    return write_prefixes(json, t, update->withdrawn, false) +
           write_prefixes(json, t, update->mp_withdrawn, false) +
           write_foreign(json, t, update->foreign_withdrawn, update->mp_unreach_afi,
                         update->mp_unreach_safi, false) +
           write_prefixes(json, t, update->announced, true) +
           write_prefixes(json, t, update->mp_announced, true) +
           write_foreign(json, t, update->foreign_announced, update->mp_afi, update->mp_safi, true);
}

void json_write_update(struct mrt_json *json, const struct mrt_record *record,
                       const struct mrt_session *session)
{
    struct told t = {.record = record, .session = session};
    read_update(json, &t);
    t.tail = json_tail(&t.verdict, &t.message, true, &t.tail_size);
    size_t routes = write_routes(json, &t);
    if (routes == 0 && t.verdict.remedy != BGP_ACCEPT) {
        put_head(json, &t, "update");
        put_end(json, &t, true);
    }
    free(t.tail);
}
