// SPDX-License-Identifier: ISC
#include "base/heap.h"

#include <assert.h>
#include <stdlib.h>

bool heap_init(struct heap *heap, uint32_t capacity)
{
    *heap = (struct heap){
        .items = calloc(capacity, sizeof heap->items[0]),
        .place = calloc(capacity, sizeof heap->place[0]),
        .capacity = capacity,
    };
    if (capacity == 0 || (heap->items && heap->place))
        return true;
    heap_done(heap);
    return false;
}

void heap_done(struct heap *heap)
{
    free(heap->items);
    free(heap->place);
    *heap = (struct heap){0};
}

static bool before(struct heap_item a, struct heap_item b)
{
    return a.key != b.key ? a.key < b.key : a.order < b.order;
}

static void put(struct heap *heap, uint32_t at, struct heap_item item)
{
    heap->items[at] = item;
    heap->place[item.id] = at + 1;
}

static void rise(struct heap *heap, uint32_t at, struct heap_item item)
{
    for (uint32_t parent; at > 0; at = parent) {
        parent = (at - 1) / 2;
        if (!before(item, heap->items[parent]))
            break;
        put(heap, at, heap->items[parent]);
    }
    put(heap, at, item);
}

static void sink(struct heap *heap, uint32_t at, struct heap_item item)
{
    for (uint32_t child; (child = 2 * at + 1) < heap->count; at = child) {
        if (child + 1 < heap->count && before(heap->items[child + 1], heap->items[child]))
            child++;
        if (!before(heap->items[child], item))
            break;
        put(heap, at, heap->items[child]);
    }
    put(heap, at, item);
}

void heap_remove(struct heap *heap, uint32_t id)
{
    assert(id < heap->capacity);
    if (heap->place[id] == 0)
        return;
    uint32_t at = heap->place[id] - 1;
    heap->place[id] = 0;
    struct heap_item last = heap->items[--heap->count];
    if (at == heap->count)
        return;
    if (at > 0 && before(last, heap->items[(at - 1) / 2]))
        rise(heap, at, last);
    else
        sink(heap, at, last);
}

void heap_set(struct heap *heap, uint32_t id, int64_t key)
{
    heap_remove(heap, id);
    struct heap_item item = {.key = key, .order = heap->inserted++, .id = id};
    rise(heap, heap->count++, item);
}

const struct heap_item *heap_first(const struct heap *heap)
{
    return heap->count > 0 ? &heap->items[0] : NULL;
}
