// SPDX-License-Identifier: ISC
#include "web/entry.h"

#include "base/escape.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char *const words[WEB_ENTRY_KINDS] = {
    [WEB_ENTRY_LOGIN] = "login",
    [WEB_ENTRY_REFUSED] = "login_refused",
    [WEB_ENTRY_LOGOUT] = "logout",
};

const char *web_entry_word(enum web_entry_kind kind)
{
    return words[kind];
}

size_t web_entry_write(const struct web_entry *entry, char *text, size_t size)
{
    json_t *json = json_pack("{s:s, s:s, s:s}", "entry", words[entry->kind], "name", entry->name,
                             "from", entry->from);
    size_t length = json ? json_dumpb(json, text, size, JSON_COMPACT) : 0;
    json_decref(json);
    return length < size ? length : 0;
}

// It ends up on terminals: what would be escaped there is no name.
static bool read_name(const char *name, char to[NET_NAME_MAX])
{
    return escape_text(name, strlen(name), to, NET_NAME_MAX) && strcmp(name, to) == 0;
}

static bool read_from(const char *from, char to[ADDRESS_TEXT_MAX])
{
    struct address address;
    if (from[0] && !address_parse(from, &address))
        return false;
    if (from[0])
        address_format(address, to);
    return true;
}

static enum web_entry_kind kind_of(const char *word)
{
    enum web_entry_kind kind = 0;
    while (kind < WEB_ENTRY_KINDS && strcmp(word, words[kind]) != 0)
        kind++;
    return kind;
}

bool web_entry_read(const char *text, size_t size, struct web_entry *entry)
{
    struct web_entry read = {0};
    const char *word = NULL, *name = NULL, *from = NULL;
    json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    bool good = json && json_unpack(json, "{s:s, s:s, s:s !}", "entry", &word, "name", &name,
                                    "from", &from) == 0;
    good = good && (read.kind = kind_of(word)) < WEB_ENTRY_KINDS && read_name(name, read.name) &&
           read_from(from, read.from);
    if (good)
        *entry = read;
    json_decref(json);
    return good;
}
