// SPDX-License-Identifier: ISC
#include "change/etcd.h"

#include "change/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_SHOWN_MAX = 60 };

// ---- base64: RFC 4648 §4, as JSON has bytes

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void encode(const uint8_t *bytes, size_t size, char *text)
{
    for (size_t i = 0; i < size; i += 3) {
        uint32_t group = (uint32_t)bytes[i] << 16 | (i + 1 < size ? bytes[i + 1] : 0u) << 8 |
                         (i + 2 < size ? bytes[i + 2] : 0u);
        *text++ = digits[group >> 18];
        *text++ = digits[group >> 12 & 63];
        *text++ = i + 1 < size ? digits[group >> 6 & 63] : '=';
        *text++ = i + 2 < size ? digits[group & 63] : '=';
    }
    *text = '\0';
}

// As many bytes as fit; what is no digit ends it.
static size_t decode(const char *text, uint8_t *bytes, size_t room)
{
    uint32_t group = 0, bits = 0;
    size_t used = 0;
    for (; text && *text && used < room; text++) {
        const char *digit = strchr(digits, *text);
        if (!digit)
            break;
        group = (group << 6 | (uint32_t)(digit - digits)) & 0xffffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes[used++] = (uint8_t)(group >> bits);
        }
    }
    return used;
}

// ---- asking

size_t etcd_request(const char *prefix, int64_t revision, char *text, size_t size)
{
    enum { KEY_MAX = NET_TEXT_MAX };
    uint8_t end[KEY_MAX];
    char key_text[KEY_MAX * 4 / 3 + 8], end_text[KEY_MAX * 4 / 3 + 8], from[48] = "";
    size_t length = strlen(prefix);
    if (length == 0 || length >= KEY_MAX)
        return 0;
    memcpy(end, prefix, length);
    while (length > 0 && end[length - 1] == 0xff)
        length--;
    if (length == 0)
        return 0;
    end[length - 1]++;
    encode((const uint8_t *)prefix, strlen(prefix), key_text);
    encode(end, length, end_text);
    if (revision > 0)
        snprintf(from, sizeof from, ",\"start_revision\":\"%lld\"", (long long)revision);
    int used = snprintf(text, size,
                        "{\"create_request\":{\"key\":\"%s\",\"range_end\":\"%s\",\"prev_kv\":true,"
                        "\"progress_notify\":true%s}}",
                        key_text, end_text, from);
    return used > 0 && (size_t)used < size ? (size_t)used : 0;
}

size_t etcd_login_request(const char *user, const char *password, char *text, size_t size)
{
    json_t *body = json_pack("{s:s, s:s}", "name", user, "password", password);
    size_t used = body ? json_dumpb(body, text, size, JSON_COMPACT) : 0;
    json_decref(body);
    if (used == 0 || used >= size)
        return 0;
    text[used] = '\0';
    return used;
}

// ---- answers

// 64-bit numbers are texts in the gateway's JSON.
static int64_t number_of(const json_t *value)
{
    const char *text = json_string_value(value);
    int64_t number = text ? strtoll(text, NULL, 10) : json_integer_value(value);
    return number > 0 && number < INT64_MAX / 2 ? number : 0;
}

static void say_refusal(const json_t *said, const char *otherwise, char text[ETCD_REASON_MAX])
{
    const char *reason = json_string_value(json_object_get(said, "message"));
    if (!reason)
        reason = json_string_value(json_object_get(said, "cancel_reason"));
    if (!reason)
        reason = otherwise;
    change_line(reason, strlen(reason), text, ETCD_REASON_MAX);
}

static void read_refusal(const json_t *said, struct etcd_answer *answer)
{
    answer->kind = ETCD_REFUSED;
    say_refusal(said, "the watch was cancelled", answer->reason);
}

// It stands in a header: printable, and no blank in it.
static bool is_token(const char *text)
{
    size_t size = text ? strlen(text) : 0;
    for (size_t i = 0; i < size; i++)
        if (text[i] <= ' ' || text[i] > '~')
            return false;
    return size > 0 && size < ETCD_TOKEN_MAX;
}

bool etcd_login_read(const char *text, size_t size, char token[ETCD_TOKEN_MAX],
                     char reason[ETCD_REASON_MAX])
{
    json_t *body = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    const char *given = json_string_value(json_object_get(body, "token"));
    bool good = is_token(given);
    if (good)
        strcpy(token, given);
    else
        say_refusal(body, "it gives no token for that user and password", reason);
    json_decref(body);
    return good;
}

void etcd_answer_read(const char *text, size_t size, struct etcd_answer *answer)
{
    *answer = (struct etcd_answer){.kind = ETCD_UNREADABLE};
    answer->body = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    const json_t *result = json_object_get(answer->body, "result");
    if (!json_is_object(result)) {
        const json_t *error = json_object_get(answer->body, "error");
        if (error)
            read_refusal(json_is_object(error) ? error : answer->body, answer);
        return;
    }
    int64_t compacted = number_of(json_object_get(result, "compact_revision"));
    answer->revision = number_of(json_object_get(json_object_get(result, "header"), "revision"));
    if (compacted > 0) {
        answer->kind = ETCD_COMPACTED;
        answer->revision = compacted;
    } else if (json_is_true(json_object_get(result, "canceled"))) {
        read_refusal(result, answer);
    } else {
        answer->kind =
            json_is_true(json_object_get(result, "created")) ? ETCD_CREATED : ETCD_EVENTS;
    }
}

void etcd_answer_done(struct etcd_answer *answer)
{
    json_decref(answer->body);
    answer->body = NULL;
}

// "150", "'two words'", of a long one its beginning; nothing that is no text.
static void show_value(const json_t *pair, char *text, size_t size)
{
    uint8_t value[VALUE_SHOWN_MAX + 1];
    const char *given = json_string_value(json_object_get(pair, "value"));
    size_t length = decode(given, value, sizeof value);
    bool is_long = length > VALUE_SHOWN_MAX;
    change_line((const char *)value, is_long ? VALUE_SHOWN_MAX : length, text, size - 4);
    for (char *c = text; *c; c++)
        if (*c & 0x80)
            *c = '?';
    strcat(text, is_long ? "..." : "");
    if (text[0] == '\0')
        strcpy(text, "''");
}

static void say_values(const json_t *event, struct change *change)
{
    char before[VALUE_SHOWN_MAX + 8] = "", now[VALUE_SHOWN_MAX + 8] = "";
    const char *type = json_string_value(json_object_get(event, "type"));
    const json_t *was = json_object_get(event, "prev_kv");
    bool is_gone = type && strcmp(type, "DELETE") == 0;
    if (was)
        show_value(was, before, sizeof before);
    if (!is_gone)
        show_value(json_object_get(event, "kv"), now, sizeof now);
    if (is_gone)
        snprintf(change->what, sizeof change->what, "%s removed", before);
    else
        snprintf(change->what, sizeof change->what, was ? "%s -> %s" : "%s%s is new", before, now);
}

bool etcd_answer_next(struct etcd_answer *answer, const struct net *net, const char *pattern,
                      struct change *change)
{
    const json_t *events = json_object_get(json_object_get(answer->body, "result"), "events");
    const json_t *event = json_array_get(events, answer->event);
    uint8_t key[PLACE_PATH_MAX];
    char name[NET_NAME_MAX];
    if (answer->kind != ETCD_EVENTS || !event)
        return false;
    answer->event++;
    *change = (struct change){.source = CHANGE_ETCD};
    size_t size = decode(json_string_value(json_object_get(json_object_get(event, "kv"), "key")),
                         key, sizeof key);
    // The end of a long key says more than its beginning.
    size_t cut = size > CHANGE_ID_MAX - 1 ? size - (CHANGE_ID_MAX - 1) : 0;
    change_line((const char *)key + cut, size - cut, change->id, sizeof change->id);
    for (char *c = change->id; *c; c++)
        if (*c & 0x80)
            *c = '?';
    say_values(event, change);
    if (place_device(net, pattern, (const char *)key, size, name)) {
        uint32_t number = net_device_find(net, name);
        change->others = number == NET_NOBODY;
        net_devices_add(&change->devices, number);
    }
    return true;
}
