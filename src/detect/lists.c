// SPDX-License-Identifier: ISC
#include "detect/lists.h"

#include <stdlib.h>
#include <string.h>

bool lists_init(struct lists *l, uint32_t count_max, uint32_t length_max)
{
    uint32_t slots = 8;
    while (slots < count_max + count_max / 2)
        slots *= 2;
    *l = (struct lists){.count_max = count_max, .mask = slots - 1};
    l->pool = malloc((1 + (size_t)count_max * (length_max + 1)) * sizeof l->pool[0]);
    l->table = malloc(slots * sizeof l->table[0]);
    if (!l->pool || !l->table) {
        lists_done(l);
        return false;
    }
    lists_clear(l);
    return true;
}

void lists_done(struct lists *l)
{
    free(l->pool);
    free(l->table);
    *l = (struct lists){0};
}

void lists_clear(struct lists *l)
{
    l->pool[0] = LISTS_END;
    l->used = 1;
    l->count = 0;
    memset(l->table, 0, ((size_t)l->mask + 1) * sizeof l->table[0]);
}

static uint32_t length_of(const uint16_t *list)
{
    uint32_t length = 0;
    while (list[length] != LISTS_END)
        length++;
    return length;
}

// FNV-1a, two bytes at a time.
static uint64_t hash_of(const uint16_t *list, uint32_t length)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (uint32_t i = 0; i < length; i++)
        hash = (hash ^ list[i]) * 0x100000001b3u;
    return hash ^ hash >> 32;
}

uint32_t lists_keep(struct lists *l, const uint16_t *list)
{
    uint32_t length = length_of(list);
    size_t bytes = (length + 1) * sizeof list[0];
    if (length == 0)
        return 0;
    // There are more slots than lists, so that the search ends.
    for (uint64_t slot = hash_of(list, length);; slot++) {
        uint32_t *at = &l->table[slot & l->mask];
        if (*at != 0 && length_of(&l->pool[*at]) == length &&
            memcmp(&l->pool[*at], list, bytes) == 0)
            return *at;
        if (*at != 0)
            continue;
        if (l->count == l->count_max)
            return LISTS_NOWHERE;
        l->count++;
        *at = l->used;
        memcpy(&l->pool[*at], list, bytes);
        l->used += length + 1;
        return *at;
    }
}

uint32_t lists_after(const struct lists *l, uint32_t at)
{
    uint32_t next = at + length_of(&l->pool[at]) + 1;
    return next < l->used ? next : LISTS_NOWHERE;
}
