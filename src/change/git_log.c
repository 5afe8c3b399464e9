// SPDX-License-Identifier: ISC
#include "change/git_log.h"

#include "change/place.h"

#include <stdlib.h>
#include <string.h>

enum { HASH_DIGITS_MIN = 40, HASH_SHOWN = 12 };

static bool is_hash(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!(text[i] >= '0' && text[i] <= '9') && !(text[i] >= 'a' && text[i] <= 'f'))
            return false;
    return size >= HASH_DIGITS_MIN && size < GIT_HASH_MAX;
}

bool git_hash_read(const char *text, size_t size, char hash[GIT_HASH_MAX])
{
    while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == '\r'))
        size--;
    if (!is_hash(text, size))
        return false;
    memcpy(hash, text, size);
    hash[size] = '\0';
    return true;
}

// Up to the mark, which goes too. False: there is none.
static bool take(const char **at, const char *end, char mark, const char **text, size_t *size)
{
    const char *found = memchr(*at, mark, (size_t)(end - *at));
    if (!found)
        return false;
    *text = *at;
    *size = (size_t)(found - *at);
    *at = found + 1;
    return true;
}

static void take_files(const struct net *net, const char *pattern, const char *at, const char *end,
                       struct change *change)
{
    char name[NET_NAME_MAX];
    while (at < end) {
        const char *line = at, *newline = memchr(at, '\n', (size_t)(end - at));
        size_t size = (size_t)((newline ? newline : end) - line);
        at = newline ? newline + 1 : end;
        if (size == 0 || !place_device(net, pattern, line, size, name))
            continue;
        uint32_t number = net_device_find(net, name);
        change->others += number == NET_NOBODY;
        net_devices_add(&change->devices, number);
    }
}

static bool read_commit(const char *at, const char *end, const struct net *net, const char *pattern,
                        struct git_commit *commit)
{
    const char *text;
    size_t size;
    *commit = (struct git_commit){.change = {.source = CHANGE_GIT}};
    if (!take(&at, end, '\x02', &text, &size) || size != 1)
        return false;
    commit->is_gone = text[0] == '<';
    if (!take(&at, end, '\x02', &text, &size) || !git_hash_read(text, size, commit->hash))
        return false;
    memcpy(commit->change.id, commit->hash, HASH_SHOWN);
    if (!take(&at, end, '\x02', &text, &size))
        return false;
    change_line(text, size, commit->change.who, sizeof commit->change.who);
    if (!take(&at, end, '\x02', &text, &size))
        return false;
    char number[24] = "";
    memcpy(number, text, size < sizeof number - 1 ? size : sizeof number - 1);
    commit->at_unix_s = strtoll(number, NULL, 10);
    if (!take(&at, end, '\x02', &text, &size))
        return false;
    change_line(text, size, commit->change.what, sizeof commit->change.what);
    take_files(net, pattern, at, end, &commit->change);
    return true;
}

bool git_log_next(struct git_log *log, const struct net *net, const char *pattern,
                  struct git_commit *commit)
{
    const char *end = log->at + log->size;
    for (;;) {
        const char *begin = log->size > 0 ? memchr(log->at, '\x01', log->size) : NULL;
        if (!begin)
            return false;
        const char *next = memchr(begin + 1, '\x01', (size_t)(end - begin - 1));
        log->at = next ? next : end;
        log->size = (size_t)(end - log->at);
        if (read_commit(begin + 1, log->at, net, pattern, commit))
            return true;
    }
}
