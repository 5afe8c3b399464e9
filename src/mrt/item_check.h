// SPDX-License-Identifier: ISC
// A whole archive as a line of text, for tests and the fuzzer: what each record says.
#pragma once

#include "mrt/item.h"

#include <stdio.h>
#include <string.h>

struct mrt_text {
    char text[1 << 14];
    size_t size;
};

static inline void mrt_say(struct mrt_text *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static inline void mrt_say(struct mrt_text *out, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    size_t room = sizeof out->text - out->size;
    int size = vsnprintf(out->text + out->size, room, format, list);
    va_end(list);
    if (size > 0)
        out->size += (size_t)size < room ? (size_t)size : room - 1;
}

static inline void mrt_say_nlri(struct mrt_text *out, const struct mrt_nlri *nlri, uint8_t safi)
{
    char text[PREFIX_TEXT_MAX];
    if (nlri->family == FAMILY_NONE)
        mrt_say(out, "foreign %zu octets safi %u", nlri->foreign.size, safi);
    else
        mrt_say(out, "%s", prefix_format(mrt_prefix(nlri), text));
    if (nlri->family != FAMILY_NONE && safi != 1)
        mrt_say(out, " safi %u", safi);
}

static inline void mrt_say_rib(struct mrt_text *out, struct mrt_item *item)
{
    char peer[ADDRESS_TEXT_MAX];
    struct mrt_entry entry;
    mrt_say(out, "rib %u ", item->rib.sequence);
    mrt_say_nlri(out, &item->rib.nlri, item->rib.safi);
    bool add_path = item->rib.add_path;
    while (mrt_entry_next(item, &entry)) {
        address_format(entry.peer->address, peer);
        mrt_say(out, " (%s %u %u", peer, entry.peer->as, entry.originated_s);
        if (add_path)
            mrt_say(out, " id %u", entry.path_id);
        mrt_say(out, " %zu)", entry.attributes.size);
    }
}

static inline void mrt_say_session(struct mrt_text *out, const struct mrt_item *item)
{
    char peer[ADDRESS_TEXT_MAX], local[ADDRESS_TEXT_MAX];
    const struct mrt_session *s = &item->session;
    mrt_say(out, "%s %s %u %s %u as%u%s%s", item->kind == MRT_STATE ? "state" : "message",
            address_format(s->peer, peer), s->peer_as, address_format(s->local, local), s->local_as,
            s->as_size, s->sent ? " sent" : "", s->add_path ? " addpath" : "");
    if (item->kind == MRT_STATE)
        mrt_say(out, " %u>%u", s->old_state, s->new_state);
    else
        mrt_say(out, " type %u size %zu+%zu", s->type, cursor_left(&s->message),
                cursor_left(&s->body));
}

static inline void mrt_say_item(struct mrt_text *out, const struct mrt_record *record,
                                const struct mrt_peers *peers, struct mrt_item *item)
{
    char peer[ADDRESS_TEXT_MAX];
    if (item->kind == MRT_UNKNOWN)
        mrt_say(out, "unknown %u/%u", record->type, record->subtype);
    if (item->kind == MRT_PEERS)
        mrt_say(out, "peers %u", peers->count);
    if (item->kind == MRT_RIB)
        mrt_say_rib(out, item);
    if (item->kind == MRT_ROUTE) {
        const struct mrt_route *route = &item->route;
        mrt_say(out, "route ");
        mrt_say_nlri(out, &route->nlri, route->safi);
        mrt_say(out, " %s %u %u as%u %zu", address_format(route->peer, peer), route->peer_as,
                route->originated_s, route->as_size, route->attributes.size);
    }
    if (item->kind == MRT_MESSAGE || item->kind == MRT_STATE)
        mrt_say_session(out, item);
    if (item->kind == MRT_BAD)
        mrt_say(out, "%sbad at %zu", record->type == MRT_TABLE_DUMP_V2 ? " " : "", item->at);
}

static inline const char *mrt_say_archive(struct mrt_text *out, const void *bytes, size_t size)
{
    struct mrt_reader reader = mrt_reader_over(bytes, size, 0);
    struct mrt_record record;
    struct mrt_peers peers = {0};
    struct mrt_item item;
    enum mrt_step step;
    out->size = 0;
    out->text[0] = '\0';
    while ((step = mrt_reader_next(&reader, &record)) == MRT_RECORD) {
        mrt_say(out, "%s", out->size > 0 ? "; " : "");
        mrt_item_decode(&record, &peers, &item);
        mrt_say_item(out, &record, &peers, &item);
    }
    if (step == MRT_TOO_LONG)
        mrt_say(out, "; too long");
    else if (mrt_reader_left(&reader) > 0)
        mrt_say(out, "; cut: %zu of %zu", mrt_reader_left(&reader), mrt_reader_wanted(&reader));
    mrt_peers_done(&peers);
    return out->text + (strncmp(out->text, "; ", 2) == 0 ? 2 : 0);
}
