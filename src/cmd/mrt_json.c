// SPDX-License-Identifier: ISC
#include "cmd/mrt_json.h"

#include "cmd/bgp_json.h"
#include "cmd/mrt_json_put.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TIME_MAX = 32 };

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

void json_put(struct mrt_json *json, const char *text, size_t size)
{
    if (size > JSON_TEXT_SIZE - json->size)
        mrt_json_flush(json);
    if (size > JSON_TEXT_SIZE) {
        json->take(json->user, text, size);
        return;
    }
    memcpy(json->text + json->size, text, size);
    json->size += size;
}

void json_put_format(struct mrt_json *json, const char *format, ...)
{
    char text[512];
    va_list list;
    va_start(list, format);
    int size = vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (size > 0)
        json_put(json, text, (size_t)size < sizeof text ? (size_t)size : sizeof text - 1);
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

void json_put_head(struct mrt_json *json, const struct mrt_record *record, const char *kind,
                   const struct address *peer, uint32_t peer_as)
{
    char time[TIME_MAX], address[ADDRESS_TEXT_MAX];
    json_put_format(json, "{\"time\":\"%s\",\"kind\":\"%s\",\"peer\":\"%s\",\"peer_as\":%u",
                    time_text(record->time_s, record->time_us, time), kind,
                    address_format(*peer, address), peer_as);
}

void json_put_session_head(struct mrt_json *json, const struct mrt_record *record,
                           const struct mrt_session *session, const char *kind)
{
    json_put_head(json, record, kind, &session->peer, session->peer_as);
    if (session->sent)
        json_put_format(json, ",\"sent\":true");
}

void json_put_time(struct mrt_json *json, const char *key, uint32_t time_s)
{
    char time[TIME_MAX];
    json_put_format(json, ",\"%s\":\"%s\"", key, time_text(time_s, 0, time));
}

void json_put_prefix(struct mrt_json *json, struct prefix prefix)
{
    char text[PREFIX_TEXT_MAX];
    json_put_format(json, ",\"prefix\":\"%s\"", prefix_format(prefix, text));
}

void json_put_foreign(struct mrt_json *json, uint16_t afi, uint8_t safi, const json_t *route)
{
    json_put_format(json, ",\"afi\":%u,\"safi\":%u", afi, safi);
    char *text = route ? json_dumps(route, JSON_COMPACT) : NULL;
    if (text) {
        json_put_format(json, ",\"route\":");
        json_put(json, text, strlen(text));
    }
    free(text);
}

char *json_tail(const struct bgp_verdict *verdict, const struct bgp_message *message, bool with_at,
                size_t *size)
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
    *size = strlen(text);
    if (*size == 2)  // there is nothing in it
        memmove(text, text + 1, (*size)--);
    else
        text[0] = ',';  // it goes on the object that the head began
    return text;
}

void json_put_tail(struct mrt_json *json, const char *tail, size_t size)
{
    json_put(json, tail ? tail : "}", tail ? size : 1);
    json_put(json, "\n", 1);
}

struct bgp_context json_context(uint8_t as_size, bool add_path)
{
    return (struct bgp_context){
        .observed = true,
        .state = BGP_STATE_ANY,
        .as4 = as_size == 4,
        .families = {[FAMILY_IPV4] = true, [FAMILY_IPV6] = true},
        .add_path = {[FAMILY_IPV4] = add_path, [FAMILY_IPV6] = add_path},
        .extended_message = true,
        .as_sets = true,
    };
}

static const char *state_name(uint16_t state, char text[static 8])
{
    static const char *const names[] = {
        [1] = "idle",        [2] = "connect",     [3] = "active",   [4] = "opensent",
        [5] = "openconfirm", [6] = "established", [7] = "clearing", [8] = "deleted"};  // Quagga's
    if (state > 0 && state < sizeof names / sizeof names[0])
        return names[state];
    snprintf(text, 8, "%u", state);
    return text;
}

static void write_state(struct mrt_json *json, const struct mrt_record *record,
                        const struct mrt_session *session)
{
    char old_state[8], new_state[8];
    json_put_session_head(json, record, session, "state");
    json_put_format(json, ",\"old_state\":\"%s\",\"new_state\":\"%s\"}\n",
                    state_name(session->old_state, old_state),
                    state_name(session->new_state, new_state));
}

void mrt_json_write(struct mrt_json *json, const struct mrt_record *record, struct mrt_item *item)
{
    if (item->kind == MRT_RIB)
        json_write_rib(json, record, item);
    else if (item->kind == MRT_ROUTE)
        json_write_route(json, record, &item->route);
    else if (item->kind == MRT_STATE)
        write_state(json, record, &item->session);
    else if (item->kind == MRT_MESSAGE && item->session.type == BGP_UPDATE)
        json_write_update(json, record, &item->session);
}
