// SPDX-License-Identifier: ISC
// BGP4MP: RFC 6396 §4.4, RFC 8050 §3; the types that went before: RFC 6396 Appendix B.
#include "bgp/family.h"
#include "bgp/header.h"
#include "mrt/decode.h"

enum { MARKER_SIZE = 16, EARLY_ZEBRA = 0xffff };

static const struct form {
    bool known, state, as4, sent, add_path;
} forms[] = {
    // known, state, as4, sent, add_path
    [0] = {true, true, false, false, false},   // STATE_CHANGE
    [1] = {true, false, false, false, false},  // MESSAGE
    [4] = {true, false, true, false, false},   // MESSAGE_AS4
    [5] = {true, true, true, false, false},    // STATE_CHANGE_AS4
    [6] = {true, false, false, true, false},   // MESSAGE_LOCAL
    [7] = {true, false, true, true, false},    // MESSAGE_AS4_LOCAL
    [8] = {true, false, false, false, true},   // MESSAGE_ADDPATH
    [9] = {true, false, true, false, true},    // MESSAGE_AS4_ADDPATH
    [10] = {true, false, false, true, true},   // MESSAGE_LOCAL_ADDPATH
    [11] = {true, false, true, true, true},    // MESSAGE_AS4_LOCAL_ADDPATH
};

static enum family family_of(uint16_t afi)
{
    return bgp_family(afi, SAFI_UNICAST);
}

// What a session of BGP4MP begins with. False where the family is none that addresses have.
static bool read_ends(struct cursor *c, struct mrt_session *session)
{
    session->peer_as = mrt_read_as(c, session->as_size);
    session->local_as = mrt_read_as(c, session->as_size);
    cursor_be16(c);  // index of the interface: the recorder's own
    struct cursor afi = *c;
    enum family family = family_of(cursor_be16(c));
    if (family == FAMILY_NONE) {
        *c = afi;
        return false;
    }
    session->peer = mrt_read_address(c, family);
    session->local = mrt_read_address(c, family);
    return true;
}

static void read_message(struct cursor *c, struct mrt_item *item)
{
    struct mrt_session *session = &item->session;
    struct cursor begin = *c;
    const uint8_t *marker = cursor_bytes(c, MARKER_SIZE);
    for (size_t i = 0; marker && i < MARKER_SIZE; i++)
        if (marker[i] != 0xff) {
            mrt_item_spoil(item, begin.pos, "the marker of the BGP message is not all ones");
            return;
        }
    uint16_t size = cursor_be16(c);
    session->type = cursor_u8(c);
    if (!cursor_ok(c) || size < BGP_HEADER_SIZE) {
        mrt_item_spoil(item, c->pos, "the BGP message has no whole header");
        return;
    }
    size_t body_size = size - (size_t)BGP_HEADER_SIZE;
    if (body_size != cursor_left(c)) {
        bool cut = body_size > cursor_left(c);
        mrt_item_spoil(item, c->pos,
                       cut ? "the BGP message is cut" : "the BGP message ends too early");
        item->rest = MRT_MESSAGE;
        body_size = cut ? cursor_left(c) : body_size;
    }
    session->body = cursor_part(c, body_size);
    session->message = cursor_part(&begin, BGP_HEADER_SIZE + body_size);
}

static void read_states(struct cursor *c, struct mrt_item *item)
{
    item->session.old_state = cursor_be16(c);
    item->session.new_state = cursor_be16(c);
    if (!cursor_ok(c))
        mrt_item_spoil(item, c->pos, "the record ends early");
    else if (cursor_left(c) > 0)
        mrt_item_spoil(item, c->pos, "there are octets behind the states");
}

// Zebra before 0.92 left out index, family and addresses: of a state change wholly, of an OPEN so
// that the marker began where they were missing.
static bool read_early_zebra(struct cursor body, bool state, struct mrt_item *item)
{
    enum { STATES_SIZE = 8, MARKER_MISSING = 4 };
    struct mrt_session *session = &item->session;
    struct cursor c = body;
    session->peer_as = mrt_read_as(&c, session->as_size);
    session->local_as = mrt_read_as(&c, session->as_size);
    session->peer = session->local = (struct address){.family = FAMILY_IPV4};
    if (state) {
        if (session->as_size != 2 || body.size - body.pos != STATES_SIZE)
            return false;
        read_states(&c, item);
        return true;
    }
    struct cursor marker = c;
    if (cursor_be16(&marker) != EARLY_ZEBRA || cursor_be16(&marker) != EARLY_ZEBRA)
        return false;
    read_message(&c, item);
    return true;
}

// BGP4MP_ENTRY, deprecated, written by OpenBGPD as "table-mp": RFC 6396 Appendix B.2.1.
static void read_entry(struct cursor body, struct mrt_item *item)
{
    struct mrt_session ends = {.as_size = 2};
    struct mrt_route route = {.as_size = 2};
    if (!read_ends(&body, &ends)) {
        mrt_item_spoil(item, body.pos, "the addresses are of an unknown family");
        return;
    }
    route.peer = ends.peer;
    route.peer_as = ends.peer_as;
    route.view = cursor_be16(&body);
    cursor_be16(&body);  // status
    route.originated_s = cursor_be32(&body);
    route.afi = cursor_be16(&body);
    route.safi = cursor_u8(&body);
    route.next_hop.size = cursor_u8(&body);
    route.next_hop.bytes = cursor_bytes(&body, route.next_hop.size);
    mrt_read_any_nlri(&body, route.afi, route.safi, &route.nlri);
    route.attributes = mrt_read_attributes(&body);
    item->kind = MRT_ROUTE;
    item->route = route;
    if (!cursor_ok(&body))
        mrt_item_spoil(item, body.pos, "the record ends early, or its prefix is too long");
    else
        mrt_route_end(item, &body);
}

void mrt_bgp4mp_decode(const struct mrt_record *record, struct mrt_item *item)
{
    struct cursor body = record->body;
    uint16_t subtype = record->subtype;
    enum { ENTRY = 2 };
    if (subtype == ENTRY) {
        read_entry(body, item);
        return;
    }
    if (subtype >= sizeof forms / sizeof forms[0] || !forms[subtype].known)
        return;
    const struct form *form = &forms[subtype];
    item->kind = form->state ? MRT_STATE : MRT_MESSAGE;
    item->session = (struct mrt_session){
        .as_size = form->as4 ? 4 : 2, .sent = form->sent, .add_path = form->add_path};
    if (read_early_zebra(body, form->state, item))
        return;
    if (!read_ends(&body, &item->session))
        mrt_item_spoil(item, body.pos, "the addresses are of an unknown family");
    else if (form->state)
        read_states(&body, item);
    else
        read_message(&body, item);
}

// The type BGP of MRTd: no header before the BGP message, always IPv4 and 2-octet AS numbers.
void mrt_bgp_decode(const struct mrt_record *record, struct mrt_item *item)
{
    struct cursor body = record->body;
    uint16_t subtype = record->subtype;
    enum { STATE_CHANGE = 3 };
    static const uint8_t types[] = {
        [1] = BGP_UPDATE, [5] = BGP_OPEN, [6] = BGP_NOTIFICATION, [7] = BGP_KEEPALIVE};
    bool message = subtype < sizeof types && types[subtype] != 0;
    if (!message && subtype != STATE_CHANGE)
        return;
    item->kind = message ? MRT_MESSAGE : MRT_STATE;
    struct mrt_session *session = &item->session;
    *session = (struct mrt_session){.as_size = 2};
    session->peer_as = cursor_be16(&body);
    session->peer = mrt_read_address(&body, FAMILY_IPV4);
    if (!message) {
        read_states(&body, item);
        return;
    }
    session->local_as = cursor_be16(&body);
    session->local = mrt_read_address(&body, FAMILY_IPV4);
    session->type = types[subtype];
    session->body = cursor_part(&body, cursor_left(&body));
    session->message = cursor_over(NULL, 0);
    if (!cursor_ok(&body))
        mrt_item_spoil(item, body.pos, "the record ends early");
}
