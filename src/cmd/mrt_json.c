// SPDX-License-Identifier: ISC
#include "cmd/mrt_json.h"

#include "bgp/header.h"
#include "bgp/message.h"
#include "cmd/bgp_json.h"
#include "mrt/update.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    TEXT_SIZE = 1 << 17,  // octets handed over at once
    TIME_MAX = 32,
    SLOTS = 64,  // peers whose last attributes are remembered: neighbouring prefixes share them
    SLOT_ATTRIBUTES_MAX = 512,
    SLOT_TAIL_MAX = 4096,
};

struct slot {
    enum family family;
    size_t attributes_size, tail_size;
    uint8_t attributes[SLOT_ATTRIBUTES_MAX];
    char tail[SLOT_TAIL_MAX];
};

struct mrt_json {
    mrt_lines_take *take;
    void *user;
    size_t size;  // of `text`
    uint8_t message[BGP_EXTENDED_MESSAGE_MAX];
    struct slot slots[SLOTS];
    char text[TEXT_SIZE];
};

struct mrt_json *mrt_json_new(mrt_lines_take *take, void *user)
{
    struct mrt_json *json = calloc(1, sizeof *json);
    if (json) {
        json->take = take;
        json->user = user;
    }
    return json;
}

void mrt_json_free(struct mrt_json *json)
{
    free(json);
}

void mrt_json_flush(struct mrt_json *json)
{
    if (json->size > 0)
        json->take(json->user, json->text, json->size);
    json->size = 0;
}

static void put(struct mrt_json *json, const char *text, size_t size)
{
    if (size > TEXT_SIZE - json->size)
        mrt_json_flush(json);
    if (size > TEXT_SIZE) {
        json->take(json->user, text, size);
        return;
    }
    memcpy(json->text + json->size, text, size);
    json->size += size;
}

static void put_format(struct mrt_json *json, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void put_format(struct mrt_json *json, const char *format, ...)
{
    char text[512];
    va_list list;
    va_start(list, format);
    int size = vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (size > 0)
        put(json, text, (size_t)size < sizeof text ? (size_t)size : sizeof text - 1);
}

static const char *time_text(uint32_t seconds, uint32_t microseconds, char text[static TIME_MAX])
{
    time_t time = seconds;
    struct tm utc;
    gmtime_r(&time, &utc);
    size_t size = strftime(text, TIME_MAX, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text + size, TIME_MAX - size, ".%06uZ", microseconds % 1000000);
    return text;
}

// Every object begins so.
static void put_head(struct mrt_json *json, const struct mrt_record *record, const char *kind,
                     const struct address *peer, uint32_t peer_as)
{
    char time[TIME_MAX], address[ADDRESS_TEXT_MAX];
    put_format(json, "{\"time\":\"%s\",\"kind\":\"%s\",\"peer\":\"%s\",\"peer_as\":%u",
               time_text(record->time_s, record->time_us, time), kind,
               address_format(*peer, address), peer_as);
}

static void put_prefix(struct mrt_json *json, struct prefix prefix)
{
    char text[PREFIX_TEXT_MAX];
    put_format(json, ",\"prefix\":\"%s\"", prefix_format(prefix, text));
}

static void put_nlri(struct mrt_json *json, const struct mrt_nlri *nlri, uint16_t afi, uint8_t safi)
{
    if (nlri->family != FAMILY_NONE)
        put_prefix(json, mrt_prefix(nlri));
    if (nlri->family == FAMILY_NONE || safi != 1)
        put_format(json, ",\"afi\":%u,\"safi\":%u", afi, safi);
    if (nlri->family != FAMILY_NONE)
        return;
    put_format(json, ",\"nlri\":\"");
    for (size_t i = 0; i < nlri->foreign.size; i++)
        put_format(json, "%02x", nlri->foreign.bytes[i]);
    put_format(json, "\"");
}

static struct bgp_context context_of(uint8_t as_size, bool add_path)
{
    return (struct bgp_context){
        .observed = true,
        .state = BGP_STATE_ANY,
        .as4 = as_size == 4,
        .families = {[FAMILY_IPV4] = true, [FAMILY_IPV6] = true},
        .add_path = {[FAMILY_IPV4] = add_path, [FAMILY_IPV6] = add_path},
        .extended_message = true,
        .as_sets = true,  // archives are older than RFC 9774
    };
}

// The verdict where it is no plain acceptance, and the attributes if any may be used: all that
// stands behind the prefix, with the end of the line. `text` is the caller's to free.
static char *tail_text(const struct bgp_verdict *verdict, const struct bgp_message *message,
                       bool with_at, size_t *size)
{
    json_t *object = json_object();
    if (verdict->remedy != BGP_ACCEPT)
        bgp_json_verdict(object, verdict);
    if (!with_at)  // an octet of a message that was never sent so
        json_object_del(object, "at");
    if (message->decoded && verdict->remedy != BGP_SESSION_RESET)
        json_object_set_new(object, "attributes", bgp_json_attributes(&message->update));
    char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    if (!text)
        return NULL;
    text[0] = ',';  // it goes on the object that put_head() began
    *size = strlen(text);
    if (*size == 2) {  // there is nothing in it
        strcpy(text, "}");
        *size = 1;
    }
    return text;
}

static void put_tail(struct mrt_json *json, const char *text, size_t size)
{
    if (text)
        put(json, text, size);
    put(json, "\n", 1);
}

// Judges a route as the UPDATE that would have announced it.
static char *judge(struct mrt_json *json, const struct mrt_announcement *a, uint8_t as_size,
                   size_t *size)
{
    struct writer w = writer_over(json->message, sizeof json->message);
    mrt_announcement_encode(&w, a, sizeof json->message);
    struct bgp_message message = {0};
    struct bgp_verdict verdict;
    struct bgp_context context = context_of(as_size, a->add_path);
    if (writer_ok(&w))
        verdict = bgp_message_decode(cursor_over(json->message, w.size), &context, &message);
    else
        verdict = bgp_reset(BGP_UPDATE_ERROR, 1, 0, "RFC 4271 §4.1",
                            "the attributes are longer than any message");
    return tail_text(&verdict, &message, false, size);
}

static void put_judged(struct mrt_json *json, const struct mrt_announcement *a, uint8_t as_size)
{
    size_t size = 0;
    char *text = judge(json, a, as_size, &size);
    put_tail(json, text, size);
    free(text);
}

// The same of an entry whose attributes the peer's slot may remember.
static void put_remembered(struct mrt_json *json, const struct mrt_announcement *a,
                           struct slot *slot)
{
    struct bgp_bytes attributes = a->attributes;
    bool same = attributes.size > 0 && slot->attributes_size == attributes.size &&
                slot->family == a->nlri->family &&
                memcmp(slot->attributes, attributes.bytes, attributes.size) == 0;
    if (same) {
        put_tail(json, slot->tail, slot->tail_size);
        return;
    }
    size_t size = 0;
    char *text = judge(json, a, 4, &size);
    put_tail(json, text, size);
    slot->attributes_size = 0;
    if (text && attributes.size <= sizeof slot->attributes && size <= sizeof slot->tail) {
        memcpy(slot->attributes, attributes.bytes, attributes.size);
        memcpy(slot->tail, text, size);
        slot->attributes_size = attributes.size;
        slot->tail_size = size;
        slot->family = a->nlri->family;
    }
    free(text);
}

static void put_originated(struct mrt_json *json, uint32_t originated_s)
{
    char time[TIME_MAX];
    put_format(json, ",\"originated\":\"%s\"", time_text(originated_s, 0, time));
}

static void write_rib(struct mrt_json *json, const struct mrt_record *record, struct mrt_item *item)
{
    const struct mrt_rib *rib = &item->rib;
    struct mrt_entry entry;
    while (mrt_entry_next(item, &entry)) {
        put_head(json, record, "rib", &entry.peer->address, entry.peer->as);
        put_nlri(json, &rib->nlri, rib->afi, rib->safi);
        if (rib->add_path)
            put_format(json, ",\"path_id\":%u", entry.path_id);
        put_originated(json, entry.originated_s);
        struct mrt_announcement a = mrt_announcement_of_entry(rib, &entry);
        if (rib->safi == 1)
            put_remembered(json, &a, &json->slots[entry.peer_index % SLOTS]);
        else
            put_judged(json, &a, 4);
    }
}

static void write_route(struct mrt_json *json, const struct mrt_record *record,
                        const struct mrt_route *route)
{
    put_head(json, record, "rib", &route->peer, route->peer_as);
    put_nlri(json, &route->nlri, route->afi, route->safi);
    put_originated(json, route->originated_s);
    struct mrt_announcement a = mrt_announcement_of_route(route);
    put_judged(json, &a, route->as_size);
}

static void put_session_head(struct mrt_json *json, const struct mrt_record *record,
                             const struct mrt_session *session, const char *kind)
{
    put_head(json, record, kind, &session->peer, session->peer_as);
    if (session->sent)
        put_format(json, ",\"sent\":true");
}

static size_t write_prefixes(struct mrt_json *json, const struct mrt_record *record,
                             const struct mrt_session *session, struct bgp_nlri nlri,
                             const char *tail, size_t tail_size)
{
    struct bgp_route route;
    size_t routes = 0;
    while (bgp_nlri_next(&nlri, &route)) {
        put_session_head(json, record, session, tail ? "announce" : "withdraw");
        put_prefix(json, route.prefix);
        if (nlri.add_path)
            put_format(json, ",\"path_id\":%u", route.path_id);
        put_tail(json, tail ? tail : "}", tail ? tail_size : 1);
        routes++;
    }
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

static void write_update(struct mrt_json *json, const struct mrt_record *record,
                         const struct mrt_session *session)
{
    struct bgp_context context = context_of(session->as_size, session->add_path);
    struct bgp_message message = {0};
    struct bgp_verdict verdict =
        bgp_message_decode(whole_message(json, session), &context, &message);
    size_t size = 0, routes = 0;
    char *tail = tail_text(&verdict, &message, true, &size);
    if (tail && message.decoded && verdict.remedy != BGP_SESSION_RESET) {
        const struct bgp_update *update = &message.update;
        routes += write_prefixes(json, record, session, update->withdrawn, NULL, 0);
        routes += write_prefixes(json, record, session, update->mp_withdrawn, NULL, 0);
        routes += write_prefixes(json, record, session, update->announced, tail, size);
        routes += write_prefixes(json, record, session, update->mp_announced, tail, size);
    }
    if (routes == 0 && verdict.remedy != BGP_ACCEPT) {
        put_session_head(json, record, session, "update");
        put_tail(json, tail, size);
    }
    free(tail);
}

static const char *state_name(uint16_t state, char text[static 8])
{
    static const char *const names[] = {// 7 and 8 are Quagga's
                                        NULL,          "idle",     "connect",
                                        "active",      "opensent", "openconfirm",
                                        "established", "clearing", "deleted"};
    if (state > 0 && state < sizeof names / sizeof names[0])
        return names[state];
    snprintf(text, 8, "%u", state);
    return text;
}

static void write_state(struct mrt_json *json, const struct mrt_record *record,
                        const struct mrt_session *session)
{
    char old_state[8], new_state[8];
    put_session_head(json, record, session, "state");
    put_format(json, ",\"old_state\":\"%s\",\"new_state\":\"%s\"}\n",
               state_name(session->old_state, old_state),
               state_name(session->new_state, new_state));
}

void mrt_json_write(struct mrt_json *json, const struct mrt_record *record, struct mrt_item *item)
{
    if (item->kind == MRT_RIB)
        write_rib(json, record, item);
    else if (item->kind == MRT_ROUTE)
        write_route(json, record, &item->route);
    else if (item->kind == MRT_STATE)
        write_state(json, record, &item->session);
    else if (item->kind == MRT_MESSAGE && item->session.type == BGP_UPDATE)
        write_update(json, record, &item->session);
}
