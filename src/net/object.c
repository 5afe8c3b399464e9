// SPDX-License-Identifier: ISC
#include "net/object.h"

#include "base/escape.h"
#include "net/tree.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const char *const kind_names[NET_OBJECT_KINDS] = {"upstream", "router", "member", "site"};

enum {
    OBJECTS_MAX = NET_GROUPS_MAX * NET_MEMBERS_MAX,  // of one kind
    SHOWN_MAX = 64,                                  // bytes of what a person wrote
};
static_assert((int)OBJECTS_MAX >= (int)NET_UPSTREAMS_MAX, "of any kind");
static_assert((int)OBJECTS_MAX >= (int)NET_ROUTERS_MAX, "of any kind");

// All objects of one kind, without the word of the kind.
struct names {
    uint32_t count;
    struct net_object objects[OBJECTS_MAX];
    char texts[OBJECTS_MAX][NET_OBJECT_TEXT_MAX];
    const char *words[OBJECTS_MAX];
};

static const char *name_of(const struct net *net, struct net_object object, char *text)
{
    switch (object.kind) {
    case NET_OBJECT_UPSTREAM:
        snprintf(text, NET_OBJECT_TEXT_MAX, "%s", net->upstreams[object.index].name);
        break;
    case NET_OBJECT_ROUTER:
        snprintf(text, NET_OBJECT_TEXT_MAX, "%s", net->routers[object.index].name);
        break;
    case NET_OBJECT_MEMBER:
        snprintf(text, NET_OBJECT_TEXT_MAX, "%s/%s", net->groups[object.index].name,
                 net->groups[object.index].members[object.member].name);
        break;
    case NET_OBJECT_SITE:
    case NET_OBJECT_KINDS:
    default:
        snprintf(text, NET_OBJECT_TEXT_MAX, "%s", net->site);
    }
    return text;
}

bool net_object_exists(const struct net *net, struct net_object object)
{
    switch (object.kind) {
    case NET_OBJECT_UPSTREAM:
        return object.index < net->upstream_count && object.member == 0;
    case NET_OBJECT_ROUTER:
        return object.index < net->router_count && object.member == 0;
    case NET_OBJECT_MEMBER:
        return object.index < net->group_count &&
               object.member < net->groups[object.index].member_count;
    case NET_OBJECT_SITE:
        return object.index == 0 && object.member == 0;
    case NET_OBJECT_KINDS:
    default:
        return false;
    }
}

static void add_name(const struct net *net, struct net_object object, struct names *names)
{
    uint32_t at = names->count++;
    names->objects[at] = object;
    names->words[at] = name_of(net, object, names->texts[at]);
}

static void find_names(const struct net *net, enum net_object_kind kind, struct names *names)
{
    names->count = 0;
    for (uint32_t index = 0; index < OBJECTS_MAX; index++) {
        for (uint32_t member = 0; member < NET_MEMBERS_MAX; member++) {
            struct net_object object = {kind, index, member};
            if (net_object_exists(net, object))
                add_name(net, object, names);
        }
    }
}

static void say_what_there_is(const struct names *names, enum net_object_kind kind,
                              const char *word, char *why)
{
    const char *nearest = tree_nearest(word, names->words, names->count);
    char shown[SHOWN_MAX];
    escape_text(word, strlen(word), shown, sizeof shown);
    int size = snprintf(why, NET_OBJECT_WHY_MAX, "there is no %s '%s': ", kind_names[kind], shown);
    if (names->count == 0) {
        snprintf(why + size, (size_t)(NET_OBJECT_WHY_MAX - size), "the configuration has no %ss",
                 kind_names[kind]);
    } else if (nearest) {
        snprintf(why + size, (size_t)(NET_OBJECT_WHY_MAX - size), "did you mean '%s'?", nearest);
    } else {
        size += snprintf(why + size, (size_t)(NET_OBJECT_WHY_MAX - size), "there %s",
                         names->count == 1 ? "is" : "are");
        for (uint32_t i = 0; i < names->count; i++) {
            bool fits = size + (int)strlen(names->words[i]) < NET_OBJECT_WHY_MAX - 8;
            size += snprintf(why + size, (size_t)(NET_OBJECT_WHY_MAX - size), "%s %s", i ? "," : "",
                             fits ? names->words[i] : "...");
            if (!fits)
                break;
        }
    }
}

// The name alone is not enough: an upstream may be called as a router is.
static bool refuse_kind(const struct net *net, const char *text, char *why)
{
    for (enum net_object_kind kind = 0; kind < NET_OBJECT_KINDS; kind++) {
        struct names names;
        find_names(net, kind, &names);
        for (uint32_t i = 0; i < names.count; i++) {
            if (strcmp(names.words[i], text) != 0)
                continue;
            snprintf(why, NET_OBJECT_WHY_MAX, "'%s' is a name alone: write '%s %s'", text,
                     kind_names[kind], text);
            return false;
        }
    }
    char shown[SHOWN_MAX];
    escape_text(text, strlen(text), shown, sizeof shown);
    snprintf(why, NET_OBJECT_WHY_MAX,
             "'%s' is no object: write upstream NAME, router NAME, member GROUP/MEMBER or site",
             shown);
    return false;
}

bool net_object_parse(const struct net *net, const char *text, struct net_object *object, char *why)
{
    const char *space = strchr(text, ' '), *word = space ? space + strspn(space, " ") : "";
    size_t kind_size = space ? (size_t)(space - text) : strlen(text);
    enum net_object_kind kind = 0;
    while (kind < NET_OBJECT_KINDS && (strlen(kind_names[kind]) != kind_size ||
                                       strncmp(text, kind_names[kind], kind_size) != 0))
        kind++;
    if (kind == NET_OBJECT_KINDS)
        return refuse_kind(net, text, why);
    struct names names;
    find_names(net, kind, &names);
    for (uint32_t i = 0; i < names.count; i++) {
        bool meant = strcmp(names.words[i], word) == 0 || (kind == NET_OBJECT_SITE && !*word);
        if (!meant)
            continue;
        *object = names.objects[i];
        return true;
    }
    say_what_there_is(&names, kind, word, why);
    return false;
}

const char *net_object_format(const struct net *net, struct net_object object, char *text)
{
    char name[NET_OBJECT_TEXT_MAX];
    bool bare = object.kind == NET_OBJECT_SITE;  // a Fairlead guards one
    snprintf(text, NET_OBJECT_TEXT_MAX, "%s%s%.70s", kind_names[object.kind], bare ? "" : " ",
             bare ? "" : name_of(net, object, name));
    return text;
}

bool net_object_equal(struct net_object a, struct net_object b)
{
    return a.kind == b.kind && a.index == b.index && a.member == b.member;
}

uint32_t net_object_upstreams(const struct net *net, struct net_object object)
{
    uint32_t upstreams = 0;
    for (uint32_t u = 0; u < net->upstream_count; u++) {
        bool out = object.kind == NET_OBJECT_SITE ||
                   (object.kind == NET_OBJECT_UPSTREAM && object.index == u) ||
                   (object.kind == NET_OBJECT_ROUTER && object.index == net->upstreams[u].router);
        upstreams |= (uint32_t)out << u;
    }
    if (object.kind == NET_OBJECT_MEMBER)
        upstreams = net->groups[object.index].members[object.member].upstreams;
    return upstreams;
}

uint32_t net_object_routers(const struct net *net, struct net_object object)
{
    if (object.kind == NET_OBJECT_SITE)
        return (UINT32_C(1) << net->router_count) - 1;
    return object.kind == NET_OBJECT_ROUTER ? UINT32_C(1) << object.index : 0;
}
