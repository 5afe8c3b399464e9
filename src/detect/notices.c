// SPDX-License-Identifier: ISC
#include "detect/notices.h"

#include <string.h>

static struct notices_item *find(struct notices *book, const struct notice *notice)
{
    for (uint32_t i = 0; i < book->count; i++) {
        if (notice_is_same(&book->items[i].notice, notice))
            return &book->items[i];
    }
    return NULL;
}

static bool may_tell(struct notices *book, struct mono now, enum notice_kind kind)
{
    const int64_t refill_ns = (int64_t)NOTICES_REFILL_MS * NS_PER_MS;
    int64_t back = mono_since_ns(now, book->kinds[kind].refilled) / refill_ns;
    if (book->kinds[kind].used == 0 || back >= NOTICES_BURST) {
        book->kinds[kind].used = 0;
        book->kinds[kind].refilled = now;
    } else if (back > 0) {
        uint32_t used = book->kinds[kind].used;
        book->kinds[kind].used = used > (uint64_t)back ? used - (uint32_t)back : 0;
        book->kinds[kind].refilled.ns += back * refill_ns;
    }
    return book->kinds[kind].used < NOTICES_BURST;
}

static void tell(struct notices *book, struct notice *notice)
{
    notice->dropped = book->kinds[notice->kind].dropped;
    book->kinds[notice->kind].dropped = 0;
    book->kinds[notice->kind].told++;
}

static void drop(struct notices *book, enum notice_kind kind)
{
    book->kinds[kind].dropped_ever++;
    if (book->kinds[kind].dropped < UINT32_MAX)
        book->kinds[kind].dropped++;
}

static void remove_item(struct notices *book, struct notices_item *item)
{
    *item = book->items[--book->count];
}

// What was told as raised is always told as cleared: there can be no more of these than of those.
static bool clear(struct notices *book, struct notice *notice)
{
    struct notices_item *item = find(book, notice);
    if (!item)
        return false;
    bool told = item->told;
    notice->since = item->notice.since;
    remove_item(book, item);
    if (told)
        tell(book, notice);
    return told;
}

static bool tell_item(struct notices *book, struct mono now, struct notices_item *item)
{
    if (!may_tell(book, now, item->notice.kind))
        return false;
    book->kinds[item->notice.kind].used++;
    item->told = true;
    item->changed = false;
    item->told_at = now;
    tell(book, &item->notice);
    return true;
}

static bool is_due(const struct notices_item *item, struct mono now)
{
    return !item->told || (item->changed && mono_since_ns(now, item->told_at) >=
                                                (int64_t)NOTICES_AGAIN_MS * NS_PER_MS);
}

static void renew(struct notices_item *item, const struct notice *notice)
{
    struct notice *old = &item->notice;
    item->changed |= old->count != notice->count || old->total != notice->total ||
                     strcmp(old->text, notice->text) != 0;
    struct mono since = old->since;
    bool asked = old->asked && notice->asked;  // what was said stays when nobody asks any more
    *old = *notice;
    old->since = since;
    old->asked = asked;
}

static bool raise_item(struct notices *book, struct mono now, struct notice *notice)
{
    struct notices_item *item = find(book, notice);
    if (item) {
        renew(item, notice);
    } else if (book->count < NOTICES_MAX) {
        item = &book->items[book->count++];
        *item = (struct notices_item){.notice = *notice};
    } else {
        drop(book, notice->kind);
        return false;
    }
    if (!is_due(item, now) || !tell_item(book, now, item))
        return false;
    *notice = item->notice;
    return true;
}

static bool pass_moment(struct notices *book, struct mono now, struct notice *notice)
{
    if (!may_tell(book, now, notice->kind)) {
        drop(book, notice->kind);
        return false;
    }
    book->kinds[notice->kind].used++;
    tell(book, notice);
    return true;
}

bool notices_take(struct notices *book, struct mono now, struct notice *notice)
{
    if (!notice_rules[notice->kind].stands)
        return pass_moment(book, now, notice);
    return notice->raised ? raise_item(book, now, notice) : clear(book, notice);
}

bool notices_next(struct notices *book, struct mono now, struct notice *notice)
{
    for (uint32_t i = 0; i < book->count; i++) {
        struct notices_item *item = &book->items[i];
        if (is_due(item, now) && tell_item(book, now, item)) {
            *notice = item->notice;
            return true;
        }
    }
    return false;
}

void notices_forget(struct notices *book, enum notice_origin by)
{
    for (uint32_t i = book->count; i-- > 0;)
        if (notice_origin(&book->items[i].notice) == by)
            remove_item(book, &book->items[i]);
}
