// SPDX-License-Identifier: ISC
#include "cmd/bmp_json.h"

#include "base/escape.h"
#include "bmp/statistics.h"
#include "bmp/tlv.h"
#include "cmd/bgp_json.h"

#include <stdlib.h>
#include <time.h>

static void set(json_t *object, const char *key, json_t *value)
{
    json_object_set_new(object, key, value);
}

static json_t *address_json(struct address address)
{
    char text[ADDRESS_TEXT_MAX];
    return json_string(address_format(address, text));
}

// What strangers wrote, without what a terminal would take for something else.
static json_t *text_json(struct cursor octets)
{
    size_t size = cursor_left(&octets);
    char *text = malloc(size * 4 + 1);
    if (!text)
        return NULL;
    escape_text(cursor_bytes(&octets, size), size, text, size * 4 + 1);
    json_t *json = json_string(text);
    free(text);
    return json;
}

static json_t *hex_json(struct cursor octets)
{
    static const char digits[] = "0123456789abcdef";
    char *text = malloc(cursor_left(&octets) * 2 + 1), *to = text;
    if (!text)
        return NULL;
    while (cursor_left(&octets) > 0) {
        uint8_t octet = cursor_u8(&octets);
        *to++ = digits[octet >> 4];
        *to++ = digits[octet & 15];
    }
    *to = '\0';
    json_t *json = json_string(text);
    free(text);
    return json;
}

static json_t *time_json(uint32_t seconds, uint32_t microseconds)
{
    time_t time = seconds;
    struct tm utc;
    char text[32];
    gmtime_r(&time, &utc);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    return json_sprintf("%s.%06uZ", text, microseconds % 1000000);
}

static json_t *peer_json(const struct bmp_peer *peer)
{
    char text[BMP_DISTINGUISHER_TEXT_MAX];
    json_t *object = json_object();
    set(object, "type", json_string(bmp_peer_type_name(peer->type)));
    if (peer->type >= BMP_PEER_TYPES) {
        set(object, "type_code", json_integer(peer->type));
        return object;
    }
    set(object, "table", json_string(bmp_table_name(peer->table)));
    if (peer->address.family != FAMILY_NONE)
        set(object, "address", address_json(peer->address));
    if (peer->distinguisher != 0)
        set(object, "distinguisher",
            json_string(bmp_distinguisher_text(peer->type, peer->distinguisher, text)));
    set(object, "asn", json_integer(peer->asn));
    set(object, "id", bgp_json_id(peer->id));
    if (peer->at_s != 0)
        set(object, "time", time_json(peer->at_s, peer->at_us));
    if (peer->two_octet_as)
        set(object, "two_octet_as", json_true());
    if (peer->filtered)
        set(object, "filtered", json_true());
    return object;
}

static json_t *information_json(struct cursor tlvs)
{
    json_t *array = json_array();
    for (struct bmp_tlv tlv; bmp_tlv_next(&tlvs, &tlv);) {
        const char *name = bmp_information_name(tlv.type);
        json_t *item = json_object();
        set(item, "type", json_integer(tlv.type));
        if (name)
            set(item, "name", json_string(name));
        set(item, name ? "text" : "octets", name ? text_json(tlv.value) : hex_json(tlv.value));
        json_array_append_new(array, item);
    }
    return array;
}

static void set_statistics(json_t *object, const struct bmp_message *message)
{
    json_t *array = json_array();
    struct cursor counters = message->body;
    for (struct bmp_statistic s; bmp_statistic_next(&counters, &s);) {
        json_t *item = json_object();
        set(item, "type", json_integer(s.type));
        if (s.name)
            set(item, "name", json_string(s.name));
        if (s.afi != 0) {
            set(item, "afi", json_integer(s.afi));
            set(item, "safi", json_integer(s.safi));
        }
        // Above 2^63 a counter is a lie, and a reader of JSON would misread it.
        if (s.readable && s.value <= INT64_MAX)
            set(item, "value", json_integer((json_int_t)s.value));
        else
            set(item, "octets", hex_json(s.octets));
        json_array_append_new(array, item);
    }
    if (message->statistics_announced != json_array_size(array))
        set(object, "statistics_announced", json_integer(message->statistics_announced));
    set(object, "statistics", array);
}

static json_t *open_json(const struct bgp_open *open)
{
    json_t *object = json_object();
    bgp_json_open(object, open);
    return object;
}

static void set_peer_up(json_t *object, const struct bmp_peer_up *up)
{
    if (up->local_address.family != FAMILY_NONE)
        set(object, "local_address", address_json(up->local_address));
    set(object, "local_port", json_integer(up->local_port));
    set(object, "remote_port", json_integer(up->remote_port));
    set(object, "sent_open", open_json(&up->sent));
    set(object, "received_open", open_json(&up->received));
    if (cursor_left(&up->information) > 0)
        set(object, "information", information_json(up->information));
}

static void set_peer_down(json_t *object, const struct bmp_peer_down *down)
{
    char text[BGP_TEXT_MAX + 128];
    set(object, "down_code", json_integer(down->reason));
    set(object, "down", json_string(bmp_down_reason_name(down->reason)));
    set(object, "down_text", json_string(bmp_down_text(down, text, sizeof text)));
    if (down->reason == BMP_DOWN_LOCAL)
        set(object, "fsm_event", json_integer(down->fsm_event));
    if (down->notified) {
        json_t *notification = json_object();
        bgp_json_notification(notification, &down->notification);
        set(object, "bgp", notification);
    }
    if (cursor_left(&down->information) > 0)
        set(object, "information", information_json(down->information));
}

static void set_termination(json_t *object, struct cursor tlvs)
{
    struct cursor value;
    bool told = bmp_tlv_find(tlvs, BMP_TERMINATION_REASON, &value);
    uint16_t code = told ? cursor_be16(&value) : 0;
    if (told && cursor_ok(&value)) {
        set(object, "termination_code", json_integer(code));
        set(object, "termination", json_string(bmp_termination_name(code)));
    }
    if (bmp_tlv_find(tlvs, BMP_TERMINATION_TEXT, &value))
        set(object, "text", text_json(value));
}

static json_t *mirrored_json(const struct bmp_tlv *tlv, const struct bgp_context *context)
{
    json_t *item = json_object(), *message = json_object();
    struct cursor value = tlv->value;
    uint16_t code = tlv->type == BMP_MIRRORED_INFORMATION ? cursor_be16(&value) : UINT16_MAX;
    set(item, "type", json_integer(tlv->type));
    if (tlv->type == BMP_MIRRORED_MESSAGE) {
        bgp_json_message(message, tlv->value, context);
        json_object_set(item, "bgp", message);
    } else if (cursor_ok(&value) && code <= BMP_MIRROR_LOST) {
        set(item, "information",
            json_string(code == BMP_MIRROR_ERRORED ? "errored-message" : "messages-lost"));
    } else {
        set(item, "octets", hex_json(tlv->value));
    }
    json_decref(message);
    return item;
}

static void set_mirrored(json_t *object, struct cursor tlvs, const struct bgp_context *context)
{
    json_t *array = json_array();
    for (struct bmp_tlv tlv; bmp_tlv_next(&tlvs, &tlv);)
        json_array_append_new(array, mirrored_json(&tlv, context));
    set(object, "mirrored", array);
}

static void set_body(json_t *object, const struct bmp_reading *reading,
                     const struct bmp_monitor *monitor)
{
    const struct bmp_message *message = &reading->message;
    struct bgp_context context;
    switch ((enum bmp_type)message->type) {
    case BMP_ROUTE_MONITORING:
        break;  // told under "bgp"
    case BMP_STATISTICS_REPORT:
        set_statistics(object, message);
        break;
    case BMP_PEER_DOWN:
        set_peer_down(object, &message->down);
        break;
    case BMP_PEER_UP:
        set_peer_up(object, &message->up);
        break;
    case BMP_INITIATION:
        set(object, "information", information_json(message->body));
        break;
    case BMP_TERMINATION:
        set_termination(object, message->body);
        break;
    case BMP_ROUTE_MIRRORING:
        context = bmp_monitor_mirror_context(monitor, reading->peer);
        set_mirrored(object, message->body, &context);
        break;
    case BMP_TYPES:
        break;
    }
}

static void set_verdict(json_t *object, const char *name, const char *reason, const char *spec,
                        size_t at)
{
    set(object, "verdict", json_string(name));
    if (!spec)
        return;
    set(object, "reason", json_string(reason));
    set(object, "spec", json_string(spec));
    set(object, "at", json_integer((json_int_t)at));
}

void bmp_json_verdict(json_t *object, const struct bmp_verdict *verdict)
{
    set_verdict(object, bmp_remedy_name(verdict->remedy), verdict->reason, verdict->spec,
                verdict->at);
}

void bmp_json_reading(json_t *object, const struct bmp_verdict *verdict,
                      const struct bmp_reading *reading, const struct bmp_monitor *monitor)
{
    const struct bmp_message *message = &reading->message;
    const struct bgp_verdict *bgp = &reading->bgp_verdict;
    // What becomes of a route's message is what becomes of its UPDATE.
    bool used = verdict->remedy == BMP_ACCEPT ||
                (verdict->remedy == BMP_DISCARD && bgp->remedy > BGP_ATTRIBUTE_DISCARD);
    if (used && reading->has_bgp)
        set_verdict(object, bgp_remedy_name(bgp->remedy), bgp->reason, bgp->spec,
                    BMP_HEADER_SIZE + BMP_PEER_HEADER_SIZE + bgp->at);
    else
        bmp_json_verdict(object, verdict);
    if (message->size != 0) {
        set(object, "message", json_string(bmp_type_name(message->type)));
        if (message->type >= BMP_TYPES)
            set(object, "message_code", json_integer(message->type));
    }
    if (message->has_peer)
        set(object, "peer", peer_json(&message->peer));
    if (reading->paths_missing)
        set(object, "path_ids", json_string("missing"));
    if (reading->has_bgp) {
        json_t *update = json_object();
        bgp_json_decoded(update, bgp, &reading->bgp);
        set(object, "bgp", update);
    }
    if (message->decoded && verdict->remedy != BMP_DROP && verdict->remedy != BMP_IGNORE)
        set_body(object, reading, monitor);
}
