// SPDX-License-Identifier: ISC
// What was rendered for a change's devices, compared: pure but for its memory.
#include "base/utf8.h"
#include "change/post.h"
#include "change/siblings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct texts {
    uint32_t count;
    struct sibling siblings[SIBLINGS_MAX];
    struct config now[SIBLINGS_MAX], before[SIBLINGS_MAX];
    struct sibling_findings findings;
};

static bool read_texts(const json_t *body, struct texts *t)
{
    const char *name;
    json_t *text;
    json_object_foreach(json_object_get(body, "rendered"), name, text)
    {
        uint32_t i = t->count++;
        const json_t *before = json_object_get(json_object_get(body, "before"), name);
        t->siblings[i] = (struct sibling){name, &t->now[i], before ? &t->before[i] : NULL};
        if (!config_read(&t->now[i], json_string_value(text), json_string_length(text)))
            return false;
        if (before &&
            !config_read(&t->before[i], json_string_value(before), json_string_length(before)))
            return false;
    }
    return true;
}

// A name is anybody's text, and shown.
static void add_name(const char *name, char *text, size_t size)
{
    size_t used = strlen(text), length = strlen(name);
    if (used + length + 8 > size) {
        if (used > 0 && used + 5 < size && text[used - 1] != '.')
            strcpy(text + used, ", ...");
        return;
    }
    if (used > 0)
        used += (size_t)snprintf(text + used, size - used, ", ");
    for (size_t i = 0; i < length; i++)
        text[used++] = name[i] > ' ' && name[i] < 0x7f ? name[i] : '?';
    text[used] = '\0';
}

static void take_finding(const struct net *net, const struct texts *t,
                         const struct sibling_finding *finding, struct change_post *post)
{
    if (post->odd_count == CHANGE_ODDS_MAX) {
        post->odd_more++;
        return;
    }
    uint32_t at = post->odd_count++;
    struct change_odd odd = {.source = post->change.source};
    char names[CHANGE_WHAT_MAX] = "";
    size_t used = 0;
    memcpy(odd.id, post->change.id, sizeof odd.id);
    for (uint32_t i = 0; i < t->count; i++) {
        if (!(finding->odd >> i & 1))
            continue;
        net_devices_add(&odd.devices, net_device_find(net, t->siblings[i].name));
        add_name(t->siblings[i].name, names, sizeof names);
    }
    if (net_devices_count(&odd.devices) == 0)  // told with the words where it cannot be else
        used = (size_t)snprintf(odd.what, sizeof odd.what, "%.40s: ", names);
    sibling_say(t->siblings, finding, odd.what + used, sizeof odd.what - used);
    post->odds[at] = odd;
    memcpy(post->odd_names[at], names, sizeof names);
}

bool change_post_compare(const struct net *net, struct change_post *post)
{
    struct texts *t = calloc(1, sizeof *t);
    if (!t)
        return false;
    bool good = read_texts(post->body, t) && siblings_compare(t->siblings, t->count, &t->findings);
    for (uint32_t i = 0; good && i < t->findings.count; i++)
        take_finding(net, t, &t->findings.items[i], post);
    post->odd_more += good ? t->findings.more : 0;
    for (uint32_t i = 0; i < t->count; i++) {
        config_done(&t->now[i]);
        config_done(&t->before[i]);
    }
    free(t);
    return good;
}
