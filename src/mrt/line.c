// SPDX-License-Identifier: ISC
#include "mrt/line.h"

#include "bgp/family.h"
#include "mrt/line_put.h"
#include "mrt/text.h"

#include <stdlib.h>

enum {
    HEAD_MAX = 128,  // octets of text before the prefix
    SLOTS = 64,      // peers whose last line is remembered
    SLOT_ATTRIBUTES_MAX = 512,
    SLOT_TAIL_MAX = 1024,
};

// In a table dump neighbouring prefixes mostly have the same attributes from the same peer.
struct slot {
    bool known;  // `head` is that of this peer, time and form
    bool add_path;
    uint16_t peer_index;
    uint32_t time_s;
    uint32_t head_size, attributes_size, tail_size;
    char head[HEAD_MAX];
    uint8_t attributes[SLOT_ATTRIBUTES_MAX];
    char tail[SLOT_TAIL_MAX];
};

struct mrt_lines {
    struct slot slots[SLOTS];
    struct line_out out;
};

struct mrt_lines *mrt_lines_new(mrt_lines_take *take, void *user)
{
    struct mrt_lines *lines = calloc(1, sizeof *lines);
    if (lines) {
        lines->out.take = take;
        lines->out.user = user;
        lines->out.to = lines->out.text;
    }
    return lines;
}

void mrt_lines_free(struct mrt_lines *lines)
{
    free(lines);
}

void mrt_lines_flush(struct mrt_lines *lines)
{
    line_hand_over(&lines->out);
}

// What follows the prefix of a RIB entry. A next hop that bgpdump does not know how to write counts
// as missing here; bgpdump writes what its memory happens to hold.
static char *put_entry_tail(char *to, struct bgp_bytes attributes)
{
    struct line_attributes a;
    line_attributes_read(cursor_over(attributes.bytes, attributes.size), 4, &a);
    to = line_put_path(to, &a);
    const struct line_nlri *ipv6 = &a.announced[1][0], *ipv4 = &a.announced[0][0];
    const struct line_nlri *nlri = ipv6->there ? ipv6 : ipv4;
    to = nlri->there && line_hop_is_good(nlri) ? line_put_hop(to, nlri) : text_ipv4(to, a.next_hop);
    to = line_put_metrics(to, &a);
    return line_put_rest(to, &a);
}

static void remember_head(struct slot *slot, const struct mrt_record *record,
                          const struct mrt_entry *entry, bool add_path)
{
    char *to = text_string(slot->head, add_path ? "TABLE_DUMP2_AP|" : "TABLE_DUMP2|");
    to = text_decimal(to, record->time_s);
    to = text_bytes(to, "|B|", 3);
    to = line_put_address(to, &entry->peer->address);
    to = text_char(to, '|');
    to = text_decimal(to, entry->peer->as);
    to = text_char(to, '|');
    slot->head_size = (uint32_t)(to - slot->head);
    slot->known = true;
    slot->peer_index = entry->peer_index;
    slot->time_s = record->time_s;
    slot->add_path = add_path;
}

static char *put_tail(char *to, struct slot *slot, struct bgp_bytes attributes)
{
    size_t size = attributes.size;
    if (size > 0 && size == slot->attributes_size &&
        memcmp(slot->attributes, attributes.bytes, size) == 0)
        return text_bytes(to, slot->tail, slot->tail_size);
    char *end = put_entry_tail(to, attributes);
    size_t tail_size = (size_t)(end - to);
    slot->attributes_size = 0;
    if (size <= sizeof slot->attributes && tail_size <= sizeof slot->tail) {
        memcpy(slot->attributes, attributes.bytes, size);
        memcpy(slot->tail, to, tail_size);
        slot->attributes_size = (uint32_t)size;
        slot->tail_size = (uint32_t)tail_size;
    }
    return end;
}

static bool write_rib(struct mrt_lines *lines, const struct mrt_record *record,
                      struct mrt_item *item)
{
    enum { RIB_GENERIC = 6, RIB_GENERIC_ADDPATH = 12 };
    const struct mrt_rib *rib = &item->rib;
    if (rib->safi != SAFI_UNICAST || record->subtype == RIB_GENERIC ||
        record->subtype == RIB_GENERIC_ADDPATH)
        return false;
    char prefix[TEXT_ADDRESS_MAX + 8];
    char *end = line_put_prefix(prefix, &rib->nlri);
    end = text_char(end, '|');
    struct mrt_entry entry;
    while (mrt_entry_next(item, &entry)) {
        struct slot *slot = &lines->slots[entry.peer_index % SLOTS];
        if (!slot->known || slot->peer_index != entry.peer_index ||
            slot->time_s != record->time_s || slot->add_path != rib->add_path)
            remember_head(slot, record, &entry, rib->add_path);
        char *to = text_bytes(line_begin(&lines->out), slot->head, slot->head_size);
        to = text_bytes(to, prefix, (size_t)(end - prefix));
        if (rib->add_path)
            to = text_char(text_decimal(to, entry.path_id), '|');
        line_end(&lines->out, put_tail(to, slot, entry.attributes));
    }
    return true;
}

// IPv6 with 4-octet AS numbers, a subtype of no RFC, is written by bgpdump as if it were IPv4.
static bool write_route(struct mrt_lines *lines, const struct mrt_record *record,
                        const struct mrt_route *route)
{
    enum { IPV6_AS4 = 4 };
    if (record->type != MRT_TABLE_DUMP)
        return false;
    struct line_attributes a;
    line_attributes_read(cursor_over(route->attributes.bytes, route->attributes.size),
                         route->as_size, &a);
    enum family family = record->subtype == IPV6_AS4 ? FAMILY_IPV4 : route->nlri.family;
    struct address peer = route->peer;
    peer.family = family;
    char *to = text_string(line_begin(&lines->out), "TABLE_DUMP|");
    to = text_decimal(to, record->time_s);
    to = line_put_address(text_bytes(to, "|B|", 3), &peer);
    to = text_decimal(text_char(to, '|'), route->peer_as);
    to = text_char(to, '|');
    to =
        family == FAMILY_IPV6 ? text_ipv6(to, route->nlri.bytes) : text_ipv4(to, route->nlri.bytes);
    to = text_decimal(text_char(to, '/'), route->nlri.length);
    to = line_put_path(text_char(to, '|'), &a);
    const struct line_nlri *nlri = &a.announced[1][0];
    to = nlri->there ? text_ipv6(to, nlri->hop) : text_ipv4(to, a.next_hop);
    to = line_put_metrics(to, &a);
    line_end(&lines->out, line_put_rest(to, &a));
    return true;
}

static void forget_peers(struct mrt_lines *lines)
{
    for (size_t i = 0; i < SLOTS; i++)
        lines->slots[i].known = false;
}

bool mrt_lines_write(struct mrt_lines *lines, const struct mrt_record *record,
                     struct mrt_item *item)
{
    switch (item->kind == MRT_BAD ? item->rest : item->kind) {
    case MRT_PEERS:
        forget_peers(lines);
        break;
    case MRT_RIB:
        return write_rib(lines, record, item);
    case MRT_ROUTE:
        return write_route(lines, record, &item->route);
    case MRT_STATE:
        line_state(&lines->out, record, &item->session);
        break;
    case MRT_MESSAGE:
        line_message(&lines->out, record, &item->session);
        break;
    case MRT_UNKNOWN:
    case MRT_BAD:
    case MRT_KINDS:
        break;
    }
    return true;
}
