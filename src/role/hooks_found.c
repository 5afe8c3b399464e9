// SPDX-License-Identifier: ISC
#include "role/hooks_found.h"

#include "engine/message.h"
#include "role/audit_file.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct search {
    const struct net *net;
    bool said[NET_HOOKS_MAX], said_here[NET_HOOKS_MAX];  // in later files; in this one
    bool stands[NET_HOOKS_MAX];
    struct event_hook hooks[NET_HOOKS_MAX];
};

// A run that nothing more is said of may have done its work.
static void take_run(struct search *s, uint32_t hook, const char *time)
{
    struct event_hook *run = &s->hooks[hook];
    *run = (struct event_hook){.hook = hook, .state = HOOK_STANDS};
    snprintf(run->reason, sizeof run->reason, "it ran at %.40s", time);
    s->said_here[hook] = s->stands[hook] = true;
}

static void take_end(struct search *s, const struct effect_hooked *hooked, const char *time)
{
    if (hooked->state == HOOK_STARTED)
        return;
    if (!s->said_here[hooked->hook])
        take_run(s, hooked->hook, time);
    s->stands[hooked->hook] = !(hooked->undo && hooked->state == HOOK_DONE);
    if (hooked->state == HOOK_STANDS)
        memcpy(s->hooks[hooked->hook].reason, hooked->reason, sizeof hooked->reason);
}

static void take(struct search *s, const char *text, const char *time)
{
    struct effect effect;
    char why[MESSAGE_WHY_MAX];
    if (!message_to_effect(s->net, text, strlen(text), &effect, why))
        return;  // of a hook that is configured no more
    bool is_run = effect.kind == EFFECT_HOOK, is_end = effect.kind == EFFECT_HOOKED;
    if ((!is_run && !is_end) || s->said[is_run ? effect.hook.hook : effect.hooked.hook])
        return;
    if (is_end)
        take_end(s, &effect.hooked, time);
    else if (!effect.hook.undo)
        take_run(s, effect.hook.hook, time);
}

static void take_line(struct search *s, const char *line, size_t size)
{
    static const char marker[] = "\"effect\":\"hook";
    if (!memmem(line, size, marker, sizeof marker - 1))
        return;
    json_t *record = json_loadb(line, size, 0, NULL);
    const char *time = json_string_value(json_object_get(record, "time"));
    char *text = json_dumps(json_object_get(record, "effect"), JSON_COMPACT);
    if (text)
        take(s, text, time ? time : "an unknown time");
    free(text);
    json_decref(record);
}

static void read_file(struct search *s, const char *path)
{
    FILE *in = fopen(path, "re");
    char *line = NULL;
    size_t room = 0;
    memset(s->said_here, 0, sizeof s->said_here);
    for (ssize_t size; in && (size = getline(&line, &room, in)) > 0;)
        take_line(s, line, (size_t)size);
    for (uint32_t hook = 0; hook < s->net->hook_count; hook++)
        s->said[hook] |= s->said_here[hook];
    free(line);
    if (in)
        fclose(in);
}

static bool is_all_said(const struct search *s)
{
    uint32_t said = 0;
    for (uint32_t hook = 0; hook < s->net->hook_count; hook++)
        said += s->said[hook];
    return said == s->net->hook_count;
}

// The latest file of the log that was put aside before `number` ("": none was found yet), which
// becomes its number.
static bool find_before(const char *path, char number[AUDIT_FILE_DIGITS + 1])
{
    char best[AUDIT_FILE_DIGITS + 1] = "", directory[NET_TEXT_MAX] = ".";
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t size = strlen(name);
    if (slash)
        snprintf(directory, sizeof directory, "%.*s", (int)(slash - path) + 1, path);
    DIR *all = opendir(directory);
    for (struct dirent *one; all && (one = readdir(all));) {
        const char *digits = one->d_name + size + 1;
        if (strncmp(one->d_name, name, size) != 0 || one->d_name[size] != '.' ||
            strspn(digits, "0123456789") != AUDIT_FILE_DIGITS || digits[AUDIT_FILE_DIGITS] != '\0')
            continue;
        if (strcmp(digits, best) > 0 && (!number[0] || strcmp(digits, number) < 0))
            memcpy(best, digits, sizeof best);
    }
    if (all)
        closedir(all);
    memcpy(number, best, sizeof best);
    return best[0] != '\0';
}

void hooks_found_read(struct hooks_found *found, const struct net *net)
{
    struct search search = {.net = net};
    char number[AUDIT_FILE_DIGITS + 1] = "", aside[NET_TEXT_MAX + AUDIT_FILE_DIGITS + 2];
    found->count = 0;
    if (net->hook_count == 0 || !net->audit_path[0])
        return;
    read_file(&search, net->audit_path);
    for (int files = 1; files < HOOKS_FOUND_FILES_MAX && !is_all_said(&search); files++) {
        if (!find_before(net->audit_path, number))
            break;
        snprintf(aside, sizeof aside, "%s.%s", net->audit_path, number);
        read_file(&search, aside);
    }
    for (uint32_t hook = 0; hook < net->hook_count; hook++)
        if (search.stands[hook])
            found->hooks[found->count++] = search.hooks[hook];
}
