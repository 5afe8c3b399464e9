// SPDX-License-Identifier: ISC
#include "base/wheel.h"

#include <assert.h>
#include <string.h>

enum { SLOT_MASK = WHEEL_SLOTS - 1, FETCHED_SLOTS = 4 };

// Nodes of the lists: ids, then all slots, then the head of those known to be due.
static uint32_t slot_node(const struct wheel *w, uint32_t level, int64_t index)
{
    return w->capacity + level * WHEEL_SLOTS + (uint32_t)(index & SLOT_MASK);
}

static uint32_t due_node(const struct wheel *w)
{
    return w->capacity + WHEEL_LEVELS * WHEEL_SLOTS;
}

static struct wheel_node *at(const struct wheel *w, uint32_t node)
{
    return wheel_record(w, node);
}

bool wheel_init(struct wheel *w, uint32_t capacity, size_t record_size, struct region *memory)
{
    size_t nodes = (size_t)capacity + WHEEL_LEVELS * WHEEL_SLOTS + 1;
    assert(record_size >= sizeof(struct wheel_node));
    *w = (struct wheel){
        .memory = memory,
        .records = region_take(memory, nodes, record_size),
        .record_size = record_size,
        .capacity = capacity,
        .ripe_ns = INT64_MIN,
    };
    if (!w->records)
        return false;
    for (uint32_t node = 0; node < nodes; node++)
        *at(w, node) = (struct wheel_node){.next = node, .prev = node};
    return true;
}

void wheel_done(struct wheel *w)
{
    region_give(w->memory, w->records);
    *w = (struct wheel){0};
}

bool wheel_has(const struct wheel *w, uint32_t id)
{
    assert(id < w->capacity);
    return at(w, id)->next != id;
}

static void mark(struct wheel *w, uint32_t node, bool is_filled)
{
    uint32_t slot = node - w->capacity;
    if (node == due_node(w))
        return;
    uint64_t *word = &w->filled[slot / WHEEL_SLOTS][(slot & SLOT_MASK) / 64];
    uint64_t bit = UINT64_C(1) << slot % 64;
    *word = is_filled ? *word | bit : *word & ~bit;
}

static void append(struct wheel *w, uint32_t head, uint32_t id)
{
    uint32_t last = at(w, head)->prev;
    if (last == head)
        mark(w, head, true);
    at(w, last)->next = id;
    at(w, id)->prev = last;
    at(w, id)->next = head;
    at(w, head)->prev = id;
}

static void take_out(struct wheel *w, uint32_t id)
{
    uint32_t next = at(w, id)->next, prev = at(w, id)->prev;
    at(w, prev)->next = next;
    at(w, next)->prev = prev;
    at(w, id)->next = at(w, id)->prev = id;
    if (next == prev)  // but the slot itself nobody is left
        mark(w, next, false);
}

// Where a key belongs as seen from the hand. What is past belongs to the slot at the hand, which is
// looked through each time.
static uint32_t place_of(const struct wheel *w, int64_t key_ns)
{
    int64_t tick = key_ns >> WHEEL_TICK_LOG2;
    int64_t ahead = tick > w->hand ? tick - w->hand : 0;
    uint32_t level = 0;
    while (level < WHEEL_LEVELS && ahead >> (level + 1) * WHEEL_SLOTS_LOG2 > 0)
        level++;
    if (level == WHEEL_LEVELS)  // the last slot before the hand comes round
        return slot_node(w, WHEEL_LEVELS - 1, (w->hand >> 2 * WHEEL_SLOTS_LOG2) - 1);
    return slot_node(w, level, (w->hand + ahead) >> level * WHEEL_SLOTS_LOG2);
}

void wheel_set(struct wheel *w, uint32_t id, int64_t key_ns, int64_t now_ns)
{
    wheel_remove(w, id);
    if (w->count++ == 0)
        w->hand = now_ns >> WHEEL_TICK_LOG2;
    at(w, id)->key_ns = key_ns;
    if (key_ns <= w->ripe_ns)
        w->ripe_ns = INT64_MIN;
    append(w, place_of(w, key_ns), id);
}

void wheel_remove(struct wheel *w, uint32_t id)
{
    if (!wheel_has(w, id))
        return;
    take_out(w, id);
    w->count--;
}

// Puts all of a slot where they belong now.
static void cascade(struct wheel *w, uint32_t level)
{
    uint32_t head = slot_node(w, level, w->hand >> level * WHEEL_SLOTS_LOG2);
    uint32_t last = at(w, head)->prev;
    for (uint32_t id = at(w, head)->next, next; id != head; id = next) {
        next = id == last ? head : at(w, id)->next;  // whoever comes back here comes behind
        take_out(w, id);
        append(w, place_of(w, at(w, id)->key_ns), id);
    }
}

// Nobody in the slot has to be looked at.
static void ripen_all(struct wheel *w)
{
    uint32_t head = slot_node(w, 0, w->hand), due = due_node(w);
    uint32_t first = at(w, head)->next, last = at(w, head)->prev;
    if (first == head)
        return;
    at(w, head)->next = at(w, head)->prev = head;
    mark(w, head, false);
    at(w, first)->prev = at(w, due)->prev;
    at(w, at(w, due)->prev)->next = first;
    at(w, last)->next = due;
    at(w, due)->prev = last;
}

static void ripen(struct wheel *w, int64_t now_ns)
{
    if (w->hand < now_ns >> WHEEL_TICK_LOG2) {
        ripen_all(w);
        return;
    }
    uint32_t head = slot_node(w, 0, w->hand);
    for (uint32_t id = at(w, head)->next, next; id != head; id = next) {
        next = at(w, id)->next;
        if (at(w, id)->key_ns > now_ns)
            continue;
        take_out(w, id);
        append(w, due_node(w), id);
    }
}

// A list from both ends, each of which says who is next there.
struct walk {
    uint32_t first, last;
};

// False: they have met.
static bool walk_on(const struct wheel *w, struct walk *walk)
{
    walk->first = at(w, walk->first)->next;
    __builtin_prefetch(at(w, walk->first), 1);
    if (walk->first == walk->last)
        return false;
    walk->last = at(w, walk->last)->prev;
    __builtin_prefetch(at(w, walk->last), 1);
    return walk->first != walk->last;
}

// Lists are not in the order in which they lie in memory, and longer than what a processor's caches
// hold: whoever is looked for in one waits for each. So those that are about to be moved are walked
// before, some slots side by side, where all wait at the same time.
static void fetch(const struct wheel *w, int64_t until)
{
    struct walk walks[FETCHED_SLOTS];
    int count = 0;
    for (int64_t at = w->hand; at <= until && count < FETCHED_SLOTS; at++)
        walks[count++].first = slot_node(w, 0, at);
    for (int i = 0; i < count; i++)
        walks[i].last = walks[i].first;
    while (count > 0)
        for (int i = 0; i < count; i++)
            if (!walk_on(w, &walks[i]))
                walks[i] = walks[--count];
}

static bool is_empty(const uint64_t filled[WHEEL_SLOTS / 64])
{
    uint64_t any = 0;
    for (uint32_t i = 0; i < WHEEL_SLOTS / 64; i++)
        any |= filled[i];
    return any == 0;
}

// Whatever lies on the way is due.
static void advance(struct wheel *w, int64_t now_ns)
{
    int64_t until = now_ns >> WHEEL_TICK_LOG2;
    fetch(w, until);
    ripen(w, now_ns);
    while (w->hand < until) {
        int64_t block_end = w->hand | SLOT_MASK;
        if (is_empty(w->filled[0]) && block_end < until)
            w->hand = block_end;
        w->hand++;
        if ((w->hand & SLOT_MASK) == 0) {
            if ((w->hand >> WHEEL_SLOTS_LOG2 & SLOT_MASK) == 0)
                cascade(w, 2);
            cascade(w, 1);
        }
        ripen(w, now_ns);
    }
}

uint32_t wheel_due(struct wheel *w, int64_t now_ns)
{
    if (w->count == 0)
        return WHEEL_NOBODY;
    uint32_t head = due_node(w);
    if (at(w, head)->next == head && w->ripe_ns != now_ns) {
        advance(w, now_ns);
        w->ripe_ns = now_ns;
    }
    return at(w, head)->next != head ? at(w, head)->next : WHEEL_NOBODY;
}

static int64_t least_of(const struct wheel *w, uint32_t head)
{
    int64_t least = INT64_MAX;
    for (uint32_t id = at(w, head)->next; id != head; id = at(w, id)->next)
        least = at(w, id)->key_ns < least ? at(w, id)->key_ns : least;
    return least;
}

// Of the first slot with anybody in it, from `index` on once around.
static int64_t least_at(const struct wheel *w, uint32_t level, int64_t index)
{
    for (int64_t at = index; at < index + WHEEL_SLOTS; at++) {
        uint32_t slot = (uint32_t)(at & SLOT_MASK);
        uint64_t rest = w->filled[level][slot / 64] >> slot % 64;
        if (rest == 0)
            at |= 63;  // none in this word
        else if (rest & 1)
            return least_of(w, slot_node(w, level, at));
    }
    return INT64_MAX;
}

int64_t wheel_next_ns(const struct wheel *w)
{
    uint32_t due = at(w, due_node(w))->next;
    if (due != due_node(w))
        return at(w, due)->key_ns;
    int64_t least = least_at(w, 0, w->hand);
    for (uint32_t level = 1; level < WHEEL_LEVELS; level++) {
        int64_t block = (w->hand >> level * WHEEL_SLOTS_LOG2) + 1;
        if (least >> WHEEL_TICK_LOG2 < block << level * WHEEL_SLOTS_LOG2)
            return least;  // before anything there
        int64_t further = least_at(w, level, block);
        least = further < least ? further : least;
    }
    return least;
}

static uint32_t list_slot(const struct wheel *w, uint32_t head, uint32_t *ids)
{
    uint32_t count = 0;
    for (uint32_t id = at(w, head)->next; id != head; id = at(w, id)->next)
        ids[count++] = id;
    return count;
}

uint32_t wheel_list(const struct wheel *w, uint32_t *ids)
{
    uint32_t count = list_slot(w, due_node(w), ids);
    for (uint32_t slot = 0; slot < WHEEL_LEVELS * WHEEL_SLOTS; slot++)
        if (w->filled[slot / WHEEL_SLOTS][(slot & SLOT_MASK) / 64] >> slot % 64 & 1)
            count += list_slot(w, w->capacity + slot, ids + count);
    return count;
}
