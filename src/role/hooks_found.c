// SPDX-License-Identifier: ISC
#include "role/hooks_found.h"

#include "engine/message.h"
#include "role/audit_past.h"

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

static void take_line(void *search, const char *line, size_t size)
{
    static const char marker[] = "\"effect\":\"hook";
    struct search *s = search;
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

static bool is_wanted(void *search)
{
    struct search *s = search;
    uint32_t said = 0;
    for (uint32_t hook = 0; hook < s->net->hook_count; hook++) {
        s->said[hook] |= s->said_here[hook];
        said += s->said[hook];
    }
    memset(s->said_here, 0, sizeof s->said_here);
    return said < s->net->hook_count;
}

void hooks_found_read(struct hooks_found *found, const struct net *net)
{
    struct search search = {.net = net};
    found->count = 0;
    if (net->hook_count == 0 || !net->audit_path[0])
        return;
    (void)audit_past_read(net->audit_path, HOOKS_FOUND_FILES_MAX,
                          (struct audit_past){take_line, is_wanted, &search});
    for (uint32_t hook = 0; hook < net->hook_count; hook++)
        if (search.stands[hook])
            found->hooks[found->count++] = search.hooks[hook];
}
