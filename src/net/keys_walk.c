// SPDX-License-Identifier: ISC
#include "net/keys.h"

#include <stdio.h>

const char *key_shape(enum key_kind kind)
{
    static const char *const shapes[KEY_KINDS] = {
        [KEY_NAME] = "NAME",
        [KEY_TEXT] = "TEXT",
        [KEY_MODE] = "observe | advise | confirm | act",
        [KEY_LEVER_MODE] = "observe | advise | confirm | act",
        [KEY_PROTOCOL] = "stamp | icmp | tcp",
        [KEY_OVER] = "refuse | close",
        [KEY_LEARN] = "never | carefully | freely",
        [KEY_PUBLISH] = "by-hand | at-once",
        [KEY_GROUP] = "redundancy | shared-risk",
        [KEY_USE] = "kernel | pushed | snmp",
        [KEY_CAPACITY] = "prove | ignore",
        [KEY_BOOL] = "true | false",
        [KEY_FAMILIES] = "[ipv4, ipv6]",
        [KEY_HOST] = "ADDRESS",
        [KEY_IPV4] = "IPV4_ADDRESS",
        [KEY_ADDRESSES] = "[ADDRESS, ...]",
        [KEY_HOSTS] = "[ADDRESS, ...]",
        [KEY_ENDPOINT] = "ADDRESS:PORT",
        [KEY_PREFIX] = "PREFIX",
        [KEY_NUMBERS] = "[NUMBER, ...]",
        [KEY_AS_NUMBERS] = "[AS_NUMBER, ...]",
        [KEY_FIB] = "local | agent ADDRESS:PORT",
        [KEY_PREFIXES] = "[PREFIX, ...]",
        [KEY_ARGUMENTS] = "[TEXT, ...]",
        [KEY_OBJECT] = "upstream NAME | router NAME | member GROUP/MEMBER | site",
        [KEY_COMMUNITY] = "NUMBER:NUMBER:NUMBER",
        [KEY_TAG] = "NUMBER:NUMBER[:NUMBER]",
        [KEY_TAGS] = "[NUMBER:NUMBER[:NUMBER], ...]",
        [KEY_ROUTER] = "NAME",
        [KEY_ROUTERS] = "[NAME, ...]",
        [KEY_UPSTREAMS] = "[NAME, ...]",
        [KEY_CHANNEL] = ("webhook | email | slack | teams | pagerduty | opsgenie | alertmanager | "
                         "program"),
        [KEY_CHANNELS] = "[NAME, ...]",
        [KEY_PEOPLE] = "[NAME, ...]",
        [KEY_PERSON] = "NAME",
        [KEY_TEAMS] = "[NAME, ...]",
        [KEY_RIGHTS] = "[read, ack, act, admin]",
        [KEY_ZONE] = "AREA/CITY",
        [KEY_LOCAL_TIME] = "YYYY-MM-DD HH:MM",
        [KEY_WEEK_TIME] = "DAY HH:MM",
        [KEY_DAYS] = "[monday, ...]",
        [KEY_HOURS] = "HH:MM-HH:MM",
        [KEY_LOCATION] = "[LATITUDE, LONGITUDE]",
        [KEY_U16] = "NUMBER",
        [KEY_U32] = "NUMBER",
        [KEY_I64] = "NUMBER",
        [KEY_RATE] = "NUMBER",
        [KEY_MS] = "NUMBER",
        [KEY_S] = "NUMBER",
        [KEY_MAP] = "",
        [KEY_LIST] = "",
    };
    return shapes[kind];
}

enum { PATH_MAX_BYTES = 128, DEPTH_MAX = 4 };  // of the rows in keys.c

struct level {
    const struct keys *keys;
    uint32_t next;
    size_t path_size;  // of what stands before its keys
};

void keys_walk(const struct key_visit *visit)
{
    struct level levels[DEPTH_MAX] = {{.keys = &keys_top}};
    char path[PATH_MAX_BYTES] = "";
    for (uint32_t depth = 1; depth > 0;) {
        struct level *level = &levels[depth - 1];
        if (level->next == level->keys->count) {
            depth--;
            continue;
        }
        const struct key *key = &level->keys->items[level->next++];
        size_t size = level->path_size;
        size += (size_t)snprintf(path + size, sizeof path - size, "%s%s", key->name,
                                 key->kind == KEY_LIST ? "[]" : "");
        visit->each(visit->context, path, key);
        if (!key->section)
            continue;
        size += (size_t)snprintf(path + size, sizeof path - size, ".");
        levels[depth++] = (struct level){.keys = key->section, .path_size = size};
    }
}
