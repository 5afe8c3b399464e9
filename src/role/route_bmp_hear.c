// SPDX-License-Identifier: ISC
#include "role/route_bmp.h"

#include "base/escape.h"
#include "bmp/tlv.h"
#include "role/route.h"
#include "role/route_bmp_note.h"

#include <stdio.h>
#include <string.h>

static struct route_bmp_peer *peer_of(struct route_bmp_sender *s, const struct bmp_reading *reading)
{
    return &s->peers[reading->peer];
}

static enum rib_peer_kind kind_of(enum bmp_table table)
{
    switch (table) {
    case BMP_OUT_PRE:
    case BMP_OUT_POST:
        return RIB_PEER_BMP_OUT;
    case BMP_LOC:
        return RIB_PEER_BMP_LOC;
    case BMP_IN_PRE:
    case BMP_IN_POST:
    case BMP_TABLES:
        break;
    }
    return RIB_PEER_BMP_IN;
}

static void forget_table(struct route_bmp_sender *s, struct route_bmp_table *table)
{
    struct route_role *r = s->role;
    if (table->rib == RIB_NO_PEER)
        return;
    rib_forget(r->rib, table->rib);
    route_watch_down(r, table->rib);
    route_fib_loc_rib_changed(r, table->rib);
    *table = (struct route_bmp_table){.rib = table->rib};
    route_sweep(r);
}

static void forget_tables(struct route_bmp_sender *s, struct route_bmp_peer *peer)
{
    for (size_t table = 0; table < BMP_TABLES; table++)
        forget_table(s, &peer->tables[table]);
}

// A kernel follows what its router says it chose: all of its main instance's Loc-RIB.
static void compare_kernel(struct route_bmp_sender *s, const struct bmp_reading *reading,
                           uint32_t rib)
{
    uint32_t router = route_bmp_peer_router(s->role, rib);
    const struct bmp_peer *peer = &reading->message.peer;
    if (peer->table == BMP_LOC && peer->distinguisher == 0 && !peer->filtered &&
        router != NET_NOBODY)
        route_fib_loc_rib(s->role, router, rib);
}

static void close_table(struct route_bmp_sender *s, struct route_bmp_table *table)
{
    struct route_role *r = s->role;
    if (table->rib == RIB_NO_PEER)
        return;
    route_fib_loc_rib_gone(r, table->rib);
    rib_peer_close(r->rib, table->rib);
    route_watch_gone(r, table->rib);
    r->bmp.owners[table->rib].used = false;
    table->rib = RIB_NO_PEER;
    route_sweep(r);
}

void route_bmp_lost(struct route_bmp_sender *s)
{
    uint32_t count = bmp_monitor_count(s->monitor);
    for (uint32_t i = 0; i < count; i++) {
        struct route_bmp_peer *peer = &s->peers[i];
        for (size_t table = 0; table < BMP_TABLES; table++)
            close_table(s, &peer->tables[table]);
        // Whether it is still down nobody knows any more.
        peer->down[0] = '\0';
        route_bmp_note_peer(s, i);
    }
    s->role->bmp.out_of_tables = false;
}

// Its number in the RIB, a new one if need be; RIB_NO_PEER: there are too many tables.
static uint32_t open_table(struct route_bmp_sender *s, const struct bmp_reading *reading)
{
    struct route_role *r = s->role;
    enum bmp_table which = reading->message.peer.table;
    struct route_bmp_table *table = &peer_of(s, reading)->tables[which];
    if (table->rib != RIB_NO_PEER)
        return table->rib;
    uint32_t rib = rib_peer_open(r->rib, kind_of(which));
    if (rib == RIB_NO_PEER) {
        if (!r->bmp.out_of_tables)
            route_log("bmp_tables_full", "max=%d does=\"ignores the tables of more peers\"",
                      RIB_PEERS_MAX);
        r->bmp.out_of_tables = true;
        return RIB_NO_PEER;
    }
    table->rib = rib;
    const struct bmp_known *known = bmp_monitor_peer(s->monitor, reading->peer);
    struct rib_speaker speaker = {known->address, known->id, known->external};
    rib_peer_describe(r->rib, rib, &speaker);
    r->bmp.owners[rib] = (struct route_bmp_owner){true, (uint8_t)which, (uint16_t)s->number,
                                                  (uint16_t)reading->peer};
    compare_kernel(s, reading, rib);
    return rib;
}

static void set_complete(struct route_bmp_sender *s, struct route_bmp_table *table,
                         enum family family, const char *how)
{
    struct route_role *r = s->role;
    char name[NOTICE_PEER_MAX];
    if (table->complete[family])
        return;
    table->complete[family] = true;
    rib_peer_complete(r->rib, table->rib, family);
    route_watch_complete(r, table->rib, family);
    route_fib_loc_rib_changed(r, table->rib);
    route_bmp_peer_name(r, table->rib, name);
    route_log("bmp_table_complete", "peer=\"%s\" family=%s routes=%u how=\"%s\"", name,
              family_name(family), rib_route_count(r->rib, table->rib, family), how);
}

// People are told of it by who looks at all tables, and told when it is over.
static void note_full(struct route_bmp_sender *s, struct route_bmp_table *table)
{
    struct route_role *r = s->role;
    char name[NOTICE_PEER_MAX];
    if (table->full || !rib_peer_is_full(r->rib, table->rib))
        return;
    table->full = true;
    route_bmp_peer_name(r, table->rib, name);
    route_log("table_partial", "peer=\"%s\" bytes=%zu does=\"learns no more of it\"", name,
              rib_bytes(r->rib));
}

// An UPDATE that cannot be used has changed the router's table and not ours, and BMP has no way to
// ask for it again: what we hold may be missing routes, or have those that are gone, until the
// table is sent anew.
static void doubt_table(struct route_bmp_sender *s, const struct bmp_reading *reading)
{
    struct route_role *r = s->role;
    uint32_t rib = open_table(s, reading);
    if (rib == RIB_NO_PEER || rib_peer_is_doubted(r->rib, rib))
        return;
    char name[NOTICE_PEER_MAX];
    rib_peer_doubt(r->rib, rib);
    route_bmp_peer_name(r, rib, name);
    route_log("table_partial", "peer=\"%s\" does=\"believes it no more until it is sent anew\"",
              name);
    route_watch_doubt(r, rib);
    route_fib_loc_rib_changed(r, rib);
}

static bool has_routes(struct bgp_nlri nlri, enum family family)
{
    return nlri.family == family && cursor_left(&nlri.bytes) > 0;
}

static void hear_route(struct route_bmp_sender *s, const struct bmp_reading *reading)
{
    struct route_role *r = s->role;
    const struct bgp_update *update = &reading->bgp.update;
    enum bgp_remedy remedy = reading->bgp_verdict.remedy;
    peer_of(s, reading)->updates++;
    if (reading->before == BMP_UNTOLD && peer_of(s, reading)->updates == 1)
        route_bmp_note_untold(s, reading->peer);
    if (remedy == BGP_IGNORE)
        return;  // of families that nobody holds here
    uint32_t rib = open_table(s, reading);
    if (rib == RIB_NO_PEER)
        return;
    struct route_bmp_table *table = &peer_of(s, reading)->tables[reading->message.peer.table];
    if (reading->misread) {  // nor is that sent again, nor what was in doubt before
        forget_table(s, table);
        doubt_table(s, reading);
    }
    if (reading->paths_missing && !table->paths_missing)
        route_bmp_note_paths(s, table->rib);
    table->paths_missing = reading->paths_missing;
    table->filtered |= reading->message.peer.filtered;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        if (has_routes(update->announced, family) || has_routes(update->mp_announced, family) ||
            has_routes(update->withdrawn, family) || has_routes(update->mp_withdrawn, family))
            table->heard_at[family] = r->now;
    route_table_update(r, rib, update, remedy == BGP_TREAT_AS_WITHDRAW);
    note_full(s, table);
    if (update->end_of_rib != FAMILY_NONE)
        set_complete(s, table, update->end_of_rib, "End-of-RIB");
}

// Not every router ends a table with End-of-RIB. One that has paused has sent what it had.
void route_bmp_complete_by_time(struct route_bmp_sender *s)
{
    struct mono now = s->role->now;
    uint32_t count = bmp_monitor_count(s->monitor);
    for (uint32_t i = 0; i < count; i++) {
        for (size_t t = 0; t < BMP_TABLES; t++) {
            struct route_bmp_table *table = &s->peers[i].tables[t];
            for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
                if (table->rib != RIB_NO_PEER && table->heard_at[family].ns > 0 &&
                    mono_since_ns(now, table->heard_at[family]) >=
                        (int64_t)ROUTE_BMP_IDLE_MS * NS_PER_MS)
                    set_complete(s, table, family, "no End-of-RIB, but nothing new for 10 s");
        }
    }
}

// The last value of a type, as text that is safe to show.
static void keep_text(struct cursor tlvs, uint16_t type, char *text)
{
    struct cursor value;
    if (!bmp_tlv_find(tlvs, type, &value))
        return;
    size_t size = cursor_left(&value);
    escape_text(cursor_bytes(&value, size), size, text, ROUTE_BMP_TEXT_MAX);
}

static void hear_up(struct route_bmp_sender *s, const struct bmp_reading *reading)
{
    struct route_bmp_peer *peer = peer_of(s, reading);
    const struct bmp_peer_up *up = &reading->message.up;
    forget_tables(s, peer);  // of a session that was not told to have ended
    peer->since = s->role->now;
    peer->down[0] = peer->table_name[0] = peer->admin_label[0] = '\0';
    keep_text(up->information, BMP_TABLE_NAME, peer->table_name);
    keep_text(up->information, BMP_ADMIN_LABEL, peer->admin_label);
    route_bmp_note_peer(s, reading->peer);
}

static void hear_down(struct route_bmp_sender *s, const struct bmp_reading *reading)
{
    struct route_bmp_peer *peer = peer_of(s, reading);
    forget_tables(s, peer);
    peer->since = s->role->now;
    bmp_down_text(&reading->message.down, peer->down, sizeof peer->down);
    route_bmp_note_peer(s, reading->peer);
}

static void hear_initiation(struct route_bmp_sender *s, const struct bmp_reading *reading)
{
    keep_text(reading->message.body, BMP_SYSTEM_NAME, s->system_name);
    keep_text(reading->message.body, BMP_SYSTEM_DESCRIPTION, s->system_description);
    if (route_log_may(s->role))
        route_log("bmp_initiation", "router=%s system_name=\"%s\" system_description=\"%s\"",
                  route_bmp_sender_name(s), s->system_name, s->system_description);
}

// What a peer said that its router could not use is told; the router has acted on it already.
static void hear_mirrored(struct route_bmp_sender *s, const struct bmp_reading *reading)
{
    struct route_bmp_peer *peer = peer_of(s, reading);
    struct bgp_context context = bmp_monitor_mirror_context(s->monitor, reading->peer);
    struct cursor tlvs = reading->message.body;
    for (struct bmp_tlv tlv; bmp_tlv_next(&tlvs, &tlv);) {
        if (tlv.type == BMP_MIRRORED_INFORMATION) {
            uint16_t code = cursor_be16(&tlv.value);
            peer->mirrored_lost += cursor_ok(&tlv.value) && code == BMP_MIRROR_LOST;
            continue;
        }
        if (tlv.type != BMP_MIRRORED_MESSAGE)
            continue;
        struct bgp_message message;
        struct bgp_verdict verdict = bgp_message_decode(tlv.value, &context, &message);
        peer->mirrored++;
        if (verdict.remedy == BGP_ACCEPT || message.header.type == BGP_NOTIFICATION)
            continue;
        peer->mirrored_errors++;
        route_bmp_note_update(s, reading->peer, "bmp_mirrored", &verdict);
    }
}

static void use(struct route_bmp_sender *s, const struct bmp_reading *reading)
{
    switch ((enum bmp_type)reading->message.type) {
    case BMP_ROUTE_MONITORING:
        if (reading->bgp_verdict.remedy != BGP_ACCEPT && reading->bgp_verdict.remedy != BGP_IGNORE)
            route_bmp_note_update(s, reading->peer, "bmp_update_mended", &reading->bgp_verdict);
        hear_route(s, reading);
        break;
    case BMP_STATISTICS_REPORT:
        route_bmp_note_statistics(s, reading);
        break;
    case BMP_PEER_DOWN:
        hear_down(s, reading);
        break;
    case BMP_PEER_UP:
        hear_up(s, reading);
        break;
    case BMP_INITIATION:
        hear_initiation(s, reading);
        break;
    case BMP_ROUTE_MIRRORING:
        hear_mirrored(s, reading);
        break;
    case BMP_TERMINATION:
    case BMP_TYPES:
        break;
    }
}

bool route_bmp_hear(struct route_bmp_sender *s, struct cursor bytes)
{
    struct bmp_reading reading;
    struct bmp_verdict verdict = bmp_monitor_read(s->monitor, bytes, &reading);
    s->messages++;
    switch (verdict.remedy) {
    case BMP_ACCEPT:
        use(s, &reading);
        return true;
    case BMP_DISCARD:
        route_bmp_note_bad(s, &verdict, &reading);
        use(s, &reading);
        return true;
    case BMP_IGNORE:
        route_bmp_note_unknown(s, &verdict, &reading);
        return true;
    case BMP_DROP:
        route_bmp_note_bad(s, &verdict, &reading);
        if (reading.has_bgp)
            doubt_table(s, &reading);
        return true;
    case BMP_CLOSE:
        if (reading.message.type != BMP_TERMINATION || !reading.message.decoded)
            route_bmp_note_bad(s, &verdict, &reading);
        snprintf(s->reason, sizeof s->reason, "%s", verdict.reason);
        return false;
    case BMP_REMEDIES:
        break;
    }
    return false;
}
