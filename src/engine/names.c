// SPDX-License-Identifier: ISC
#include "engine/names.h"

#include <string.h>

enum { NAME_BYTES_MAX = NET_NAME_MAX + 48 };  // a path's, or a prefix

static const char marks[NAMES_MARKS] = {[NAMES_STAR] = '*', [NAMES_PLUS] = '+'};

static const char *path_name(const struct net *net, uint32_t path, char *text)
{
    return path < net_path_count(net) ? net_path_name(net, path, text) : NULL;
}

static const char *own_name(const struct net *net, uint32_t own, char *text)
{
    return own < net->own_count ? prefix_format(net->own[own].prefix, text) : NULL;
}

static const char *person_name(const struct net *net, uint32_t person, char *text)
{
    (void)text;
    return person < net->alert.person_count ? net->alert.people[person].name : NULL;
}

static const char *(*const name_of[NAMES_KINDS])(const struct net *, uint32_t, char *) = {
    [NAMES_PATHS] = path_name, [NAMES_OWN] = own_name, [NAMES_PEOPLE] = person_name};

void names_say(const struct net *net, enum names_kind kind, const struct names *names,
               struct words *words)
{
    char room[NAME_BYTES_MAX];
    for (uint64_t left = names->all; left; left &= left - 1) {
        uint32_t number = (uint32_t)__builtin_ctzll(left);
        const char *name = name_of[kind](net, number, room);
        if (!name)
            continue;
        words_add(words, "%s%s", words->length > 0 ? ", " : "", name);
        for (enum names_mark mark = NAMES_STAR; mark < NAMES_MARKS; mark++)
            if (names->marked[mark] >> number & 1)
                words_add(words, "%c", marks[mark]);
    }
}

static void read_one(const struct net *net, enum names_kind kind, const char *text, size_t size,
                     struct names *names)
{
    char room[NAME_BYTES_MAX];
    const char *name, *mark = size > 0 ? memchr(marks + 1, text[size - 1], NAMES_MARKS - 1) : NULL;
    size -= mark != NULL;
    for (uint32_t number = 0; (name = name_of[kind](net, number, room)); number++) {
        if (strlen(name) != size || strncmp(name, text, size) != 0)
            continue;
        names->all |= UINT64_C(1) << number;
        if (mark)
            names->marked[mark - marks] |= UINT64_C(1) << number;
    }
}

struct names names_read(const struct net *net, enum names_kind kind, const char *text)
{
    struct names names = {0};
    while (*text) {
        size_t size = strcspn(text, ",");
        read_one(net, kind, text, size, &names);
        text += size;
        text += strspn(text, ", ");
    }
    return names;
}
