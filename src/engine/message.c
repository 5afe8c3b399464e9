// SPDX-License-Identifier: ISC
#include "engine/message.h"

#include "engine/fields.h"
#include "engine/json_put.h"
#include "net/devices.h"
#include "net/object.h"

#include <assert.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

// The two directions of the seam, and people's questions, differ only in their table, in the word
// that names the kind, and in whether they have a time.
struct form {
    const char *word;
    const struct fields *kinds;
    uint32_t kind_count;
    size_t kind_offset, at_offset;
    bool timeless;
};

static const struct form event_form = {
    "event", event_fields, EVENT_KINDS, offsetof(struct event, kind), offsetof(struct event, at),
    false};
static const struct form effect_form = {"effect",
                                        effect_fields,
                                        EFFECT_KINDS,
                                        offsetof(struct effect, kind),
                                        offsetof(struct effect, at),
                                        false};
static const struct form ask_form = {"ask", ask_fields, ASK_KINDS, offsetof(struct ask, kind),
                                     0,     true};

struct json_text {
    const char *bytes;
    size_t size;
};

// A type of field: how it becomes a JSON value (NULL: it holds what names nothing) and back (false:
// the value is none of its). `place` is the field within the struct.
struct codec {
    json_t *(*write)(const struct net *net, const struct field *field, const void *place);
    bool (*read)(const struct net *net, const struct field *field, const json_t *value,
                 void *place);
    const char *wants;
};

static uint32_t get_u32(const void *place)
{
    uint32_t value;
    memcpy(&value, place, sizeof value);
    return value;
}

static json_t *u32_write(const struct net *net, const struct field *field, const void *place)
{
    (void)net, (void)field;
    return json_integer(get_u32(place));
}

static bool u32_read(const struct net *net, const struct field *field, const json_t *value,
                     void *place)
{
    (void)net, (void)field;
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < 0 || number > UINT32_MAX)
        return false;
    memcpy(place, &(uint32_t){(uint32_t)number}, sizeof(uint32_t));
    return true;
}

static json_t *i64_write(const struct net *net, const struct field *field, const void *place)
{
    (void)net, (void)field;
    int64_t number;
    memcpy(&number, place, sizeof number);
    return json_integer(number);
}

static bool i64_read(const struct net *net, const struct field *field, const json_t *value,
                     void *place)
{
    (void)net, (void)field;
    memcpy(place, &(int64_t){json_integer_value(value)}, sizeof(int64_t));
    return json_is_integer(value);
}

static json_t *hex64_write(const struct net *net, const struct field *field, const void *place)
{
    (void)net, (void)field;
    char text[17];
    uint64_t number;
    memcpy(&number, place, sizeof number);
    snprintf(text, sizeof text, "%016" PRIx64, number);
    return json_string(text);
}

static bool hex64_read(const struct net *net, const struct field *field, const json_t *value,
                       void *place)
{
    (void)net, (void)field;
    const char *text = json_string_value(value);
    uint64_t number;
    if (!text || strlen(text) != 16 || strspn(text, "0123456789abcdef") != 16 ||
        sscanf(text, "%" SCNx64, &number) != 1)
        return false;
    memcpy(place, &number, sizeof number);
    return true;
}

static json_t *bool_write(const struct net *net, const struct field *field, const void *place)
{
    (void)net, (void)field;
    return json_boolean(*(const bool *)place);
}

static bool bool_read(const struct net *net, const struct field *field, const json_t *value,
                      void *place)
{
    (void)net, (void)field;
    *(bool *)place = json_is_true(value);
    return json_is_boolean(value);
}

// Texts may hold what a router said (RFC 9003 §2): what is not UTF-8 must not cost the message.
static json_t *text_write(const struct net *net, const struct field *field, const void *place)
{
    (void)net;
    char text[MESSAGE_MAX];
    size_t length = strnlen(place, field->size);
    json_t *good = json_stringn(place, length);
    if (good)
        return good;
    assert(length < sizeof text);
    memcpy(text, place, length);
    for (size_t i = 0; i < length; i++)
        if (text[i] & 0x80)
            text[i] = '?';
    return json_stringn(text, length);
}

static bool text_read(const struct net *net, const struct field *field, const json_t *value,
                      void *place)
{
    (void)net;
    const char *text = json_string_value(value);
    if (!text || strlen(text) >= field->size)
        return false;
    memcpy(place, text, strlen(text) + 1);
    return true;
}

static bool is_printable(char c)
{
    return (unsigned char)c >= ' ' && c != 0x7f;
}

// For texts that are made here: none has what terminals obey.
static json_t *line_write(const struct net *net, const struct field *field, const void *place)
{
    char text[MESSAGE_MAX];
    assert(field->size <= sizeof text);
    memcpy(text, place, field->size);
    for (size_t i = 0; i < field->size && text[i] != '\0'; i++)
        if (!is_printable(text[i]))
            text[i] = '?';
    return text_write(net, field, text);
}

static bool line_read(const struct net *net, const struct field *field, const json_t *value,
                      void *place)
{
    for (const char *c = json_string_value(value); c && *c; c++)
        if (!is_printable(*c))
            return false;
    return text_read(net, field, value, place);
}

static json_t *address_write(const struct net *net, const struct field *field, const void *place)
{
    (void)net, (void)field;
    char text[ADDRESS_TEXT_MAX];
    const struct address *address = place;
    return address->family ? json_string(address_format(*address, text)) : json_null();
}

static bool address_read(const struct net *net, const struct field *field, const json_t *value,
                         void *place)
{
    (void)net, (void)field;
    const char *text = json_string_value(value);
    *(struct address *)place = (struct address){0};
    return json_is_null(value) || (text && address_parse(text, place));
}

static json_t *number_write(const struct net *net, const struct field *field, const void *place)
{
    (void)net, (void)field;
    int32_t number = (int32_t)get_u32(place);
    return number < 0 ? json_null() : json_integer(number);
}

static bool number_read(const struct net *net, const struct field *field, const json_t *value,
                        void *place)
{
    (void)net, (void)field;
    json_int_t number = json_is_null(value) ? FAULT_ANY : json_integer_value(value);
    memcpy(place, &(int32_t){(int32_t)number}, sizeof(int32_t));
    return json_is_null(value) || (json_is_integer(value) && number >= 0 && number <= INT32_MAX);
}

static json_t *object_write(const struct net *net, const struct field *field, const void *place)
{
    (void)field;
    char text[NET_OBJECT_TEXT_MAX];
    struct net_object object;
    memcpy(&object, place, sizeof object);
    if (object.kind == NET_OBJECT_KINDS)
        return json_null();
    return net_object_exists(net, object) ? json_string(net_object_format(net, object, text))
                                          : NULL;
}

static bool object_read(const struct net *net, const struct field *field, const json_t *value,
                        void *place)
{
    (void)field;
    char why[NET_OBJECT_WHY_MAX];
    const char *text = json_string_value(value);
    struct net_object object = {.kind = NET_OBJECT_KINDS};
    bool good = json_is_null(value) || (text && net_object_parse(net, text, &object, why));
    memcpy(place, &object, sizeof object);
    return good;
}

static json_t *prefix_write(const struct net *net, const struct field *field, const void *place)
{
    (void)net;
    char text[PREFIX_TEXT_MAX];
    const struct prefix *prefix = place;
    if (prefix->address.family)
        return json_string(prefix_format(*prefix, text));
    return field->type == FIELD_PREFIX_IF_ANY ? json_null() : NULL;
}

static bool prefix_read(const struct net *net, const struct field *field, const json_t *value,
                        void *place)
{
    (void)net;
    const char *text = json_string_value(value);
    if (json_is_null(value) && field->type == FIELD_PREFIX_IF_ANY) {
        *(struct prefix *)place = (struct prefix){0};
        return true;
    }
    return text && prefix_parse(text, place);
}

static json_t *upstreams_write(const struct net *net, const struct field *field, const void *place)
{
    (void)field;
    uint32_t set = get_u32(place);
    json_t *names = json_array();
    for (uint32_t i = 0; i < net->upstream_count; i++)
        if (set >> i & 1)
            json_array_append_new(names, json_string(net->upstreams[i].name));
    return names;
}

static bool upstreams_read(const struct net *net, const struct field *field, const json_t *value,
                           void *place)
{
    (void)field;
    uint32_t set = 0;
    for (size_t i = 0; i < json_array_size(value); i++) {
        const char *name = json_string_value(json_array_get(value, i));
        uint32_t found = 0;
        while (found < net->upstream_count && (!name || strcmp(net->upstreams[found].name, name)))
            found++;
        if (found == net->upstream_count)
            return false;
        set |= UINT32_C(1) << found;
    }
    memcpy(place, &set, sizeof set);
    return json_is_array(value);
}

static json_t *devices_write(const struct net *net, const struct field *field, const void *place)
{
    (void)field;
    struct net_device_set set;
    memcpy(&set, place, sizeof set);
    json_t *names = json_array();
    for (uint32_t i = net_devices_next(&set, 0); i != NET_NOBODY;
         i = net_devices_next(&set, i + 1)) {
        const char *name = net_device_name(net, i);
        if (!name) {
            json_decref(names);
            return NULL;
        }
        json_array_append_new(names, json_string(name));
    }
    return names;
}

static bool devices_read(const struct net *net, const struct field *field, const json_t *value,
                         void *place)
{
    (void)field;
    struct net_device_set set = {0};
    bool good = json_is_array(value);
    for (size_t i = 0; good && i < json_array_size(value); i++) {
        const char *name = json_string_value(json_array_get(value, i));
        uint32_t number = name ? net_device_find(net, name) : NET_NOBODY;
        good = number != NET_NOBODY;
        net_devices_add(&set, number);
    }
    memcpy(place, &set, sizeof set);
    return good;
}

static json_t *own_write(const struct net *net, const struct field *field, const void *place)
{
    (void)field;
    char text[PREFIX_TEXT_MAX];
    uint32_t own = get_u32(place);
    return own < net->announce_count ? json_string(prefix_format(net->announce[own].prefix, text))
                                     : NULL;
}

static bool own_read(const struct net *net, const struct field *field, const json_t *value,
                     void *place)
{
    (void)field;
    const char *text = json_string_value(value);
    struct prefix prefix;
    if (!text || !prefix_parse(text, &prefix))
        return false;
    uint32_t own = net_announce_of(net, prefix);
    memcpy(place, &own, sizeof own);
    return own != NET_NOBODY;
}

// The name behind an index; NULL when it has none. `text` is room for names that are composed.
static const char *name_of(const struct net *net, const struct field *field, uint32_t index,
                           char *text)
{
    if ((field->type == FIELD_NAMED || field->type == FIELD_NAMED_IF_ANY) && index < field->size)
        return field->names[index];
    if ((field->type == FIELD_ROUTER || field->type == FIELD_ROUTER_IF_ANY) &&
        index < net->router_count)
        return net->routers[index].name;
    if (field->type == FIELD_UPSTREAM && index < net->upstream_count)
        return net->upstreams[index].name;
    if ((field->type == FIELD_TARGET || field->type == FIELD_TARGET_IF_ANY) &&
        index < net->target_count)
        return net->targets[index].name;
    if (field->type == FIELD_CHANNEL && index < net->alert.channel_count)
        return net->alert.channels[index].name;
    if (field->type == FIELD_PERSON_IF_ANY && index < net->alert.person_count)
        return net->alert.people[index].name;
    if (field->type == FIELD_TEAM && index < net->alert.team_count)
        return net->alert.teams[index].name;
    if (field->type == FIELD_HOOK && index < net->hook_count)
        return net->hooks[index].name;
    if (field->type == FIELD_NOTICE && index < NOTICE_KINDS)
        return notice_rules[index].name;
    if (field->type == FIELD_PATH && index < net_path_count(net))
        return net_path_name(net, index, text);
    return NULL;
}

// FAULT_ANY of a number is NET_NOBODY of an index, bit for bit.
static bool may_be_nobody(const struct field *field)
{
    return field->type == FIELD_UPSTREAM || field->type == FIELD_ROUTER_IF_ANY ||
           field->type == FIELD_TARGET_IF_ANY || field->type == FIELD_NAMED_IF_ANY ||
           field->type == FIELD_PERSON_IF_ANY;
}

static json_t *name_write(const struct net *net, const struct field *field, const void *place)
{
    char text[NET_NAME_MAX + 8];
    const char *name = name_of(net, field, get_u32(place), text);
    if (may_be_nobody(field) && get_u32(place) == NET_NOBODY)
        return json_null();
    return name ? json_string(name) : NULL;
}

static bool name_read(const struct net *net, const struct field *field, const json_t *value,
                      void *place)
{
    char text[NET_NAME_MAX + 8];
    const char *wanted = json_string_value(value), *name;
    uint32_t index = 0;
    if (may_be_nobody(field) && json_is_null(value))
        index = NET_NOBODY;
    else
        while ((name = name_of(net, field, index, text)) && (!wanted || strcmp(name, wanted)))
            index++;
    memcpy(place, &index, sizeof index);
    return index == NET_NOBODY || (wanted && name_of(net, field, index, text));
}

static const struct codec codecs[FIELD_TYPES] = {
    [FIELD_U32] = {u32_write, u32_read, "an integer from 0 to 4294967295"},
    [FIELD_NUMBER_IF_ANY] = {number_write, number_read, "an integer from 0 to 2147483647 or null"},
    [FIELD_I64] = {i64_write, i64_read, "an integer"},
    [FIELD_HEX64] = {hex64_write, hex64_read, "16 hexadecimal digits"},
    [FIELD_BOOL] = {bool_write, bool_read, "true or false"},
    [FIELD_TEXT] = {text_write, text_read, "a text that is not too long"},
    [FIELD_LINE] = {line_write, line_read, "a printable text that is not too long"},
    [FIELD_NAMED] = {name_write, name_read, "a known word"},
    [FIELD_NAMED_IF_ANY] = {name_write, name_read, "a known word or null"},
    [FIELD_PREFIX] = {prefix_write, prefix_read, "a prefix"},
    [FIELD_PREFIX_IF_ANY] = {prefix_write, prefix_read, "a prefix or null"},
    [FIELD_ADDRESS_IF_ANY] = {address_write, address_read, "an address or null"},
    [FIELD_ROUTER] = {name_write, name_read, "a router of the configuration"},
    [FIELD_ROUTER_IF_ANY] = {name_write, name_read, "a router of the configuration or null"},
    [FIELD_UPSTREAM] = {name_write, name_read, "an upstream of the configuration"},
    [FIELD_UPSTREAMS] = {upstreams_write, upstreams_read, "upstreams of the configuration"},
    [FIELD_OWN] = {own_write, own_read, "a prefix of announce"},
    [FIELD_TARGET] = {name_write, name_read, "a target of the configuration"},
    [FIELD_TARGET_IF_ANY] = {name_write, name_read, "a target of the configuration or null"},
    [FIELD_PATH] = {name_write, name_read, "a path of the configuration"},
    [FIELD_CHANNEL] = {name_write, name_read, "a channel of the configuration"},
    [FIELD_PERSON_IF_ANY] = {name_write, name_read, "a person of the configuration or null"},
    [FIELD_TEAM] = {name_write, name_read, "a team of the configuration"},
    [FIELD_HOOK] = {name_write, name_read, "a hook of the configuration"},
    [FIELD_OBJECT_IF_ANY] = {object_write, object_read, "an object of the configuration or null"},
    [FIELD_NOTICE] = {name_write, name_read, "a known kind of notice"},
    [FIELD_DEVICES] = {devices_write, devices_read, "devices of the configuration"},
};

// Numbers and names without a detour by values: there are thousands of tallies in a second.
static bool put_plain(const struct net *net, const struct field *field, const void *place,
                      struct writer *w)
{
    const struct codec *codec = &codecs[field->type];
    char room[NET_NAME_MAX + 8];
    int64_t number = 0;
    if (codec->write == i64_write)
        memcpy(&number, place, sizeof number);
    else if (codec->write == u32_write)
        number = get_u32(place);
    else {
        const char *name =
            codec->write == name_write ? name_of(net, field, get_u32(place), room) : NULL;
        return name && json_put_string(w, name);
    }
    json_put_integer(w, number);
    return true;
}

static bool put_value(const struct net *net, const struct field *field, const void *place,
                      struct writer *w)
{
    if (put_plain(net, field, place, w))
        return true;
    json_t *value = codecs[field->type].write(net, field, place);
    size_t room = w->capacity - w->size;
    size_t length =
        json_dumpb(value, (char *)w->bytes + w->size, room, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(value);
    w->failed |= length > room;
    w->size += w->failed ? 0 : length;
    return length > 0;
}

static size_t write_message(const struct form *form, const struct net *net, const void *message,
                            char *text, size_t size)
{
    struct writer w = writer_over(text, size - 1);
    const char *base = message;
    uint32_t kind = get_u32(base + form->kind_offset);
    if (kind >= form->kind_count || !form->kinds[kind].name)
        return 0;
    json_put_raw(&w, "{\"");
    json_put_raw(&w, form->word);
    json_put_raw(&w, "\":\"");
    json_put_raw(&w, form->kinds[kind].name);
    json_put_raw(&w, "\"");
    if (!form->timeless) {
        int64_t at_ns;
        memcpy(&at_ns, base + form->at_offset, sizeof at_ns);
        json_put_raw(&w, ",\"at_ns\":");
        json_put_integer(&w, at_ns);
    }
    bool good = true;
    for (const struct field *field = form->kinds[kind].items; good && field->name; field++) {
        json_put_raw(&w, ",\"");
        json_put_raw(&w, field->name);
        json_put_raw(&w, "\":");
        good = put_value(net, field, base + field->offset, &w);
    }
    json_put_raw(&w, "}");
    if (!good || !writer_ok(&w))
        return 0;
    text[w.size] = '\0';
    return w.size;
}

// The kind that the object says it is; `kind_count` when it is none.
static uint32_t kind_of(const struct form *form, const json_t *object)
{
    const char *name = json_string_value(json_object_get(object, form->word));
    uint32_t kind = 0;
    while (kind < form->kind_count &&
           (!name || !form->kinds[kind].name || strcmp(name, form->kinds[kind].name)))
        kind++;
    return kind;
}

static bool read_fields(const struct form *form, const struct net *net, const json_t *object,
                        void *message, char *why)
{
    char *base = message;
    uint32_t kind = kind_of(form, object);
    size_t known = form->timeless ? 1 : 2;  // the kind and the time
    if (kind == form->kind_count) {
        snprintf(why, MESSAGE_WHY_MAX, "'%s': no such kind", form->word);
        return false;
    }
    memcpy(base + form->kind_offset, &kind, sizeof kind);
    if (!form->timeless &&
        !i64_read(net, NULL, json_object_get(object, "at_ns"), base + form->at_offset)) {
        snprintf(why, MESSAGE_WHY_MAX, "'at_ns': is not an integer");
        return false;
    }
    for (const struct field *field = form->kinds[kind].items; field->name; field++, known++) {
        const struct codec *codec = &codecs[field->type];
        if (codec->read(net, field, json_object_get(object, field->name), base + field->offset))
            continue;
        snprintf(why, MESSAGE_WHY_MAX, "'%s': is not %s", field->name, codec->wants);
        return false;
    }
    // Fields that nobody reads would be lost when the message is written again.
    if (json_object_size(object) != known)
        snprintf(why, MESSAGE_WHY_MAX, "fields that a '%s' does not have", form->kinds[kind].name);
    return json_object_size(object) == known;
}

static bool read_message(const struct form *form, const struct net *net, struct json_text text,
                         void *message, char *why)
{
    json_error_t error;
    if (text.size >= MESSAGE_MAX) {
        snprintf(why, MESSAGE_WHY_MAX, "%zu bytes, at most %d", text.size, MESSAGE_MAX - 1);
        return false;
    }
    json_t *object = json_loadb(text.bytes, text.size, JSON_REJECT_DUPLICATES, &error);
    if (!object)
        snprintf(why, MESSAGE_WHY_MAX, "not JSON: %.80s", error.text);
    bool good = object && read_fields(form, net, object, message, why);
    json_decref(object);
    return good;
}

size_t message_from_event(const struct net *net, const struct event *event, char *text, size_t size)
{
    return write_message(&event_form, net, event, text, size);
}

size_t message_from_effect(const struct net *net, const struct effect *effect, char *text,
                           size_t size)
{
    return write_message(&effect_form, net, effect, text, size);
}

bool message_to_event(const struct net *net, const char *text, size_t size, struct event *event,
                      char *why)
{
    memset(event, 0, sizeof *event);
    return read_message(&event_form, net, (struct json_text){text, size}, event, why);
}

bool message_to_effect(const struct net *net, const char *text, size_t size, struct effect *effect,
                       char *why)
{
    memset(effect, 0, sizeof *effect);
    return read_message(&effect_form, net, (struct json_text){text, size}, effect, why);
}

size_t ask_write(const struct ask *ask, char *text, size_t size)
{
    return write_message(&ask_form, NULL, ask, text, size);
}

bool ask_read(const char *text, size_t size, struct ask *ask, char *why)
{
    memset(ask, 0, sizeof *ask);
    return read_message(&ask_form, NULL, (struct json_text){text, size}, ask, why);
}
