// SPDX-License-Identifier: ISC
#include "change/post.h"

#include "base/utf8.h"
#include "change/siblings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WHO_GIVEN_MAX = 256, WHAT_GIVEN_MAX = 4096, AT_MAX = INT32_MAX };  // bytes, bytes, s

__attribute__((format(printf, 3, 4))) static bool refuse(struct change_error *why,
                                                         const char *field, const char *form, ...)
{
    va_list arguments;
    snprintf(why->field, sizeof why->field, "%s", field);
    va_start(arguments, form);
    vsnprintf(why->expected, sizeof why->expected, form, arguments);
    va_end(arguments);
    return false;
}

// Texts are shown in one line: whatever breaks or turns it is a space.
static void copy_line(const char *from, size_t size, char *to, size_t to_size)
{
    size_t used = 0;
    for (size_t i = 0; i < size && used + 1 < to_size; i++) {
        bool plain = (unsigned char)from[i] >= ' ' && from[i] != 0x7f;
        if (plain || (used > 0 && to[used - 1] != ' '))
            to[used++] = plain ? from[i] : ' ';
    }
    to[used] = '\0';
    utf8_trim(to);
}

// ---- its fields

typedef bool field_read(const struct net *net, const json_t *value, struct change_post *post,
                        struct change_error *why);

static bool read_id(const struct net *net, const json_t *value, struct change_post *post,
                    struct change_error *why)
{
    (void)net;
    size_t size = json_string_length(value);
    if (!json_is_string(value) || size == 0 || size >= CHANGE_ID_MAX)
        return refuse(why, "id", "a text of 1 to %d bytes", CHANGE_ID_MAX - 1);
    copy_line(json_string_value(value), size, post->change.id, sizeof post->change.id);
    return true;
}

static bool read_who(const struct net *net, const json_t *value, struct change_post *post,
                     struct change_error *why)
{
    (void)net;
    size_t size = json_string_length(value);
    if (!json_is_string(value) || size > WHO_GIVEN_MAX)
        return refuse(why, "who", "a text of at most %d bytes", WHO_GIVEN_MAX);
    copy_line(json_string_value(value), size, post->change.who, sizeof post->change.who);
    return true;
}

static bool read_what(const struct net *net, const json_t *value, struct change_post *post,
                      struct change_error *why)
{
    (void)net;
    size_t size = json_string_length(value);
    if (!json_is_string(value) || size > WHAT_GIVEN_MAX)
        return refuse(why, "what", "a text of at most %d bytes", WHAT_GIVEN_MAX);
    copy_line(json_string_value(value), size, post->change.what, sizeof post->change.what);
    return true;
}

static void add_device(const struct net *net, const char *name, struct change_post *post)
{
    uint32_t number = net_device_find(net, name);
    if (number == NET_NOBODY)
        post->change.others++;
    net_devices_add(&post->change.devices, number);
}

static bool read_devices(const struct net *net, const json_t *value, struct change_post *post,
                         struct change_error *why)
{
    char field[CHANGE_FIELD_MAX];
    if (!json_is_array(value) || json_array_size(value) > CHANGE_POST_DEVICES_MAX)
        return refuse(why, "devices", "an array of at most %d names", CHANGE_POST_DEVICES_MAX);
    for (size_t i = 0; i < json_array_size(value); i++) {
        const char *name = json_string_value(json_array_get(value, i));
        if (!name || !name[0]) {
            snprintf(field, sizeof field, "devices[%zu]", i);
            return refuse(why, field, "a device's name");
        }
        add_device(net, name, post);
    }
    return true;
}

static bool read_diff(const struct net *net, const json_t *value, struct change_post *post,
                      struct change_error *why)
{
    (void)net, (void)post;
    return json_is_string(value) || refuse(why, "diff", "a text, as diff -u writes it");
}

static bool read_at(const struct net *net, const json_t *value, struct change_post *post,
                    struct change_error *why)
{
    (void)net;
    json_int_t at = json_integer_value(value);
    if (!json_is_integer(value) || at < 1 || at > (json_int_t)AT_MAX * 2)
        return refuse(why, "at_unix_s", "whole seconds since 1970");
    post->at_unix_s = at;
    return true;
}

static bool check_texts(const char *field, const json_t *value, struct change_error *why)
{
    const char *name;
    json_t *text;
    if (!json_is_object(value) || json_object_size(value) > SIBLINGS_MAX)
        return refuse(why, field, "an object of at most %d devices' configurations", SIBLINGS_MAX);
    json_object_foreach((json_t *)value, name, text)
    {  // which only reads
        char inner[CHANGE_FIELD_MAX];
        snprintf(inner, sizeof inner, "%s.%.40s", field, name);
        utf8_trim(inner);
        if (!json_is_string(text))
            return refuse(why, inner, "a configuration as text");
    }
    return true;
}

static bool read_rendered(const struct net *net, const json_t *value, struct change_post *post,
                          struct change_error *why)
{
    const char *name;
    json_t *text;
    if (!check_texts("rendered", value, why))
        return false;
    if (json_object_get(post->body, "devices"))
        return true;  // which names them all
    json_object_foreach((json_t *)value, name, text)
    {
        add_device(net, name, post);
    }
    return true;
}

static bool read_before(const struct net *net, const json_t *value, struct change_post *post,
                        struct change_error *why)
{
    (void)net, (void)post;
    return check_texts("before", value, why);
}

static const struct {
    const char *name;
    field_read *read;
} fields[] = {
    {"id", read_id},
    {"who", read_who},
    {"what", read_what},
    {"devices", read_devices},
    {"diff", read_diff},
    {"at_unix_s", read_at},
    {"rendered", read_rendered},
    {"before", read_before},
};

static bool read_field(const struct net *net, const char *name, const json_t *value,
                       struct change_post *post, struct change_error *why)
{
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (strcmp(name, fields[i].name) == 0)
            return fields[i].read(net, value, post, why);
    char shown[CHANGE_FIELD_MAX];
    copy_line(name, strlen(name), shown, sizeof shown);
    return refuse(why, shown, "only id, who, what, devices, diff, at_unix_s, rendered and before");
}

// ---- what a diff says first

// The first line that goes and the first that comes, of no file's name: "a; b".
static const char *diff_line(const char *diff, char sign, size_t *size)
{
    for (const char *line = diff; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (line[0] != sign || (line[1] == sign && line[2] == sign))
            continue;
        line++;
        line += strspn(line, " \t");
        *size = strcspn(line, "\r\n");
        if (*size > 0)
            return line;
    }
    return NULL;
}

// In place of words that nobody wrote, or behind them.
static void say_diff(struct change_post *post)
{
    enum { LINE_SHOWN_MAX = 60 };
    const char *diff = json_string_value(json_object_get(post->body, "diff"));
    char gone[LINE_SHOWN_MAX], came[LINE_SHOWN_MAX], *what = post->change.what;
    size_t gone_size = 0, came_size = 0, used = strlen(what);
    const char *before = diff ? diff_line(diff, '-', &gone_size) : NULL;
    const char *after = diff ? diff_line(diff, '+', &came_size) : NULL;
    if (!before && !after)
        return;
    copy_line(before, before ? gone_size : 0, gone, sizeof gone);
    copy_line(after, after ? came_size : 0, came, sizeof came);
    snprintf(what + used, sizeof post->change.what - used, "%s%s%s%s%s%s", used > 0 ? " (" : "",
             before ? gone : "", before && after ? " -> " : "", after ? came : " removed",
             !before ? " added" : "", used > 0 ? ")" : "");
    utf8_trim(what);
}

// ---- the whole

static bool read_all(const struct net *net, struct change_post *post, struct change_error *why)
{
    const char *name;
    json_t *value;
    if (!json_is_object(post->body))
        return refuse(why, "", "an object");
    json_object_foreach(post->body, name, value)
    {
        if (!read_field(net, name, value, post, why))
            return false;
    }
    if (!post->change.id[0])
        return refuse(why, "id", "a text that names the change");
    if (!json_object_get(post->body, "devices") && !json_object_get(post->body, "rendered"))
        return refuse(why, "devices", "the names of the devices that are changed");
    say_diff(post);
    return true;
}

bool change_post_read(const struct net *net, const char *text, size_t size,
                      struct change_post *post, struct change_error *why)
{
    json_error_t error;
    *post = (struct change_post){.change = {.source = CHANGE_WEBHOOK}};
    post->body = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    if (!post->body) {
        json_error_t *e = &error;  // never what came: it is logged
        return refuse(why, "", "JSON; line %d, column %d is none", e->line, e->column);
    }
    if (read_all(net, post, why))
        return true;
    change_post_done(post);
    return false;
}

void change_post_done(struct change_post *post)
{
    json_decref(post->body);
    post->body = NULL;
}
