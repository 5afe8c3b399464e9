// SPDX-License-Identifier: ISC
// Order without a sorted store: prefixes are looked through again and again, each time for the next
// few thousand, which are sorted and given out. So the store pays nothing for it, and a walk holds
// no more than its place and one such batch.
#include "rib/table.h"

#include <stdlib.h>

enum { BATCH = 16 << 10, ROOM = 2 * BATCH };  // keys: 0.8 MiB

struct rib_walk {
    const struct rib_view *view;
    uint32_t peer;
    struct prefix outer;
    enum family family;      // where it is
    bool begun;              // in this family
    struct prefix_key last;  // given out; keys up to it are done, if it has begun
    bool ended;              // no keys follow those of the batch
    struct prefix_key most;  // the last of the batch, if it has not ended; else above all
    uint32_t count, next;
    struct prefix_key keys[ROOM];
};

struct rib_walk *rib_walk_new(const struct rib_view *view, uint32_t peer, struct prefix outer)
{
    struct rib_walk *walk = malloc(sizeof *walk);
    if (!walk)
        return NULL;
    walk->view = view;
    walk->peer = peer;
    walk->outer = outer;
    walk->family = outer.address.family == FAMILY_NONE ? FAMILY_IPV4 : outer.address.family;
    walk->begun = walk->ended = false;
    walk->count = walk->next = 0;
    return walk;
}

void rib_walk_free(struct rib_walk *walk)
{
    free(walk);
}

static int compare(const void *a, const void *b)
{
    return prefix_key_compare(a, b);
}

static void swap(struct prefix_key *a, struct prefix_key *b)
{
    struct prefix_key kept = *a;
    *a = *b;
    *b = kept;
}

// Brings the BATCH smallest of all keys to the front (Hoare (1961), Find).
static void select_smallest(struct prefix_key *keys, int count)
{
    int from = 0, to = count - 1;  // the border is among these
    while (from < to) {
        struct prefix_key pivot = keys[from + (to - from) / 2];
        int low = from, high = to;
        while (low <= high) {
            while (prefix_key_compare(&keys[low], &pivot) < 0)
                low++;
            while (prefix_key_compare(&pivot, &keys[high]) < 0)
                high--;
            if (low <= high)
                swap(&keys[low++], &keys[high--]);
        }
        if (BATCH > high && BATCH < low)
            return;
        if (BATCH <= high)
            to = high;
        else
            from = low;
    }
}

// Leaves the BATCH smallest; what is above them need not be looked at any more.
static void drop_largest(struct rib_walk *walk)
{
    select_smallest(walk->keys, (int)walk->count);
    walk->count = BATCH;
    walk->most = walk->keys[0];
    for (uint32_t i = 1; i < BATCH; i++) {
        if (prefix_key_compare(&walk->most, &walk->keys[i]) < 0)
            walk->most = walk->keys[i];
    }
    walk->ended = false;
}

static bool is_wanted(const struct rib_walk *walk, const struct prefix_bounds *bounds,
                      const struct prefix_key *key)
{
    return prefix_is_inside(bounds, key) &&
           (!walk->begun || prefix_key_compare(&walk->last, key) < 0) &&
           (walk->ended || prefix_key_compare(key, &walk->most) < 0);
}

// Those of the family that follow the last, the smallest BATCH of them, in order.
static void fill(struct rib_walk *walk)
{
    const struct prefixes *prefixes = &walk->view->rib->prefixes[walk->family];
    struct prefix_bounds bounds = prefix_bounds(&walk->outer);  // of no family: everything
    uint32_t words = prefixes_words(prefixes);
    walk->ended = true;
    walk->most = (struct prefix_key){UINT64_MAX, UINT64_MAX, UINT32_MAX};
    if (!walk->begun)
        walk->last = (struct prefix_key){0};
    walk->count = walk->next = 0;
    for (uint32_t segment = 0; segment < prefixes->segment_count; segment++) {
        const uint32_t *record = prefixes_records(prefixes, segment);
        for (uint32_t at = 0; record && at < SEGMENT_SIZE; at++, record += words) {
            struct prefix_key key;
            if (!prefixes_read(prefixes, record, &key) || !is_wanted(walk, &bounds, &key))
                continue;
            walk->keys[walk->count++] = key;
            if (walk->count == ROOM)
                drop_largest(walk);
        }
    }
    if (walk->count > BATCH)
        drop_largest(walk);
    qsort(walk->keys, walk->count, sizeof walk->keys[0], compare);
}

// The next key in the table; false at the end.
static bool next_key(struct rib_walk *walk)
{
    while (walk->next == walk->count) {
        bool over = walk->begun && walk->ended;
        if (over && (walk->family == FAMILIES - 1 || walk->outer.address.family != FAMILY_NONE))
            return false;
        if (over)
            walk->family++;
        walk->begun = walk->begun && !over;
        fill(walk);
        walk->begun = true;
    }
    walk->last = walk->keys[walk->next++];
    return true;
}

bool rib_walk_next(struct rib_walk *walk, struct prefix *prefix)
{
    while (next_key(walk)) {
        *prefix = prefix_of_key(walk->family, walk->last);
        if (rib_has_route(walk->view, walk->peer, *prefix))
            return true;
    }
    return false;
}
