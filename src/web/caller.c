// SPDX-License-Identifier: ISC
#include "web/caller.h"

#include "base/escape.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

bool web_request_id_is_good(const char *id)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    size_t size = strlen(id);
    return size > 0 && size < WEB_REQUEST_ID_MAX && strspn(id, allowed) == size;
}

json_t *web_rights_json(uint32_t rights)
{
    json_t *names = json_array();
    for (uint32_t bit = 0; bit < RIGHT_COUNT; bit++)
        if (rights & 1u << bit)
            json_array_append_new(names, json_string(right_names[bit]));
    return names;
}

size_t web_caller_write(const struct web_caller *caller, char *text, size_t size)
{
    json_t *json = json_pack("{s:s, s:o, s:s}", "name", caller->name, "rights",
                             web_rights_json(caller->rights), "request_id", caller->request_id);
    size_t length = json ? json_dumpb(json, text, size, JSON_COMPACT) : 0;
    json_decref(json);
    return length < size ? length : 0;
}

static bool read_rights(const json_t *names, uint32_t *rights)
{
    size_t i;
    const json_t *name;
    *rights = 0;
    json_array_foreach(names, i, name)
    {
        uint32_t bit = 0;
        while (bit < RIGHT_COUNT && strcmp(json_string_value(name) ? json_string_value(name) : "",
                                           right_names[bit]) != 0)
            bit++;
        if (bit == RIGHT_COUNT)
            return false;
        *rights |= 1u << bit;
    }
    return json_is_array(names);
}

// It ends up in logs and on terminals: what would be escaped there is no name.
static bool read_name(const char *name, char *to)
{
    return escape_text(name, strlen(name), to, NET_NAME_MAX) && strcmp(name, to) == 0;
}

bool web_caller_read(const char *text, size_t size, struct web_caller *caller)
{
    struct web_caller read = {0};
    const char *name = NULL, *id = NULL;
    json_t *rights = NULL, *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    bool good = json && json_unpack(json, "{s:s, s:o, s:s !}", "name", &name, "rights", &rights,
                                    "request_id", &id) == 0;
    good = good && read_name(name, read.name) && read_rights(rights, &read.rights) &&
           (id[0] == '\0' || web_request_id_is_good(id));
    if (good) {
        snprintf(read.request_id, sizeof read.request_id, "%s", id);
        *caller = read;
    }
    json_decref(json);
    return good;
}
