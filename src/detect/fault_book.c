// SPDX-License-Identifier: ISC
#include "detect/fault_book.h"

static struct fault_book_item *find(struct fault_book *book, uint32_t number)
{
    for (uint32_t i = 0; i < book->count; i++)
        if (book->items[i].fault.number == number)
            return &book->items[i];
    return NULL;
}

static bool may_tell(struct fault_book *book, struct mono now)
{
    const int64_t refill_ns = (int64_t)FAULT_BOOK_REFILL_MS * NS_PER_MS;
    int64_t back = mono_since_ns(now, book->refilled) / refill_ns;
    if (book->used == 0 || back >= FAULT_BOOK_BURST) {
        book->used = 0;
        book->refilled = now;
    } else if (back > 0) {
        book->used = book->used > (uint64_t)back ? book->used - (uint32_t)back : 0;
        book->refilled.ns += back * refill_ns;
    }
    return book->used < FAULT_BOOK_BURST;
}

static bool tell_item(struct fault_book *book, struct mono now, struct fault_book_item *item)
{
    if (!may_tell(book, now))
        return false;
    book->used++;
    item->told = true;
    item->changed = false;
    return true;
}

// Of those told once there can be no more than of those told as open: never held back.
static bool close_item(struct fault_book *book, struct fault_book_item *item)
{
    bool told = item && item->told;
    if (item)
        *item = book->items[--book->count];
    return told;
}

bool fault_book_take(struct fault_book *book, struct mono now, const struct fault *fault)
{
    struct fault_book_item *item = find(book, fault->number);
    if (fault->state == FAULT_OVER)
        return close_item(book, item);
    if (!item && book->count == FAULT_BOOK_MAX) {
        book->refused++;
        return false;
    }
    if (!item) {
        item = &book->items[book->count++];
        item->told = false;
    }
    item->fault = *fault;
    item->changed = true;
    return tell_item(book, now, item);
}

bool fault_book_next(struct fault_book *book, struct mono now, struct fault *fault)
{
    for (uint32_t i = 0; i < book->count; i++) {
        struct fault_book_item *item = &book->items[i];
        if (item->changed && tell_item(book, now, item)) {
            *fault = item->fault;
            return true;
        }
    }
    return false;
}

void fault_book_forget(struct fault_book *book)
{
    book->count = 0;
}
