// SPDX-License-Identifier: ISC
#include "feed/attributes.h"

#include "bgp/as_path.h"
#include "bgp/attr_rules.h"
#include "bgp/family.h"
#include "bgp/header.h"

#include <assert.h>

enum { LOCAL_PREF_DEFAULT = 100 };  // what routers take who are told none; RFC 4271 §5.1.5 names no
enum { SEQUENCE_MAX = 255 };        // AS numbers in a segment

// MP_REACH_NLRI of a table has only the next hop's length and the next hop (RFC 6396 §4.3.4); some
// collectors write it whole: then it begins with the 0 of an AFI.
static struct bgp_bytes mp_next_hop(struct cursor value)
{
    enum { AFI_SAFI_SIZE = 3 };
    if (value.size > 0 && value.bytes[0] == 0)
        (void)cursor_bytes(&value, AFI_SAFI_SIZE);
    size_t size = cursor_u8(&value);
    return (struct bgp_bytes){cursor_bytes(&value, size), size};
}

// Whole, with ::/0 or 0.0.0.0/0 as its only prefix.
static void write_mp_reach(struct writer *w, enum family family, struct bgp_bytes next_hop)
{
    writer_u8(w, ATTR_OPTIONAL | ATTR_EXTENDED);
    writer_u8(w, ATTR_MP_REACH);
    size_t size = writer_be16_reserve(w);
    writer_be16(w, bgp_afi(family));
    writer_u8(w, SAFI_UNICAST);
    writer_u8(w, (uint8_t)next_hop.size);
    writer_bytes(w, next_hop.bytes, next_hop.bytes ? next_hop.size : 0);
    writer_u8(w, 0);  // reserved
    writer_u8(w, 0);  // a prefix of no bits
    writer_be16_set_count(w, size);
}

// Copies all attributes but those that belong to a message, not to a route. What cannot be read is
// copied too, for the judge to see. True when MP_REACH_NLRI is to carry the prefix.
static bool copy_attributes(struct writer *w, const struct feed_octets *octets)
{
    struct cursor c = cursor_over(octets->bytes.bytes, octets->bytes.size);
    bool classic = octets->family == FAMILY_IPV4, written = false;
    while (cursor_left(&c) > 0) {
        const uint8_t *begun = c.bytes + c.pos;
        size_t left = cursor_left(&c);
        uint8_t flags = cursor_u8(&c), type = cursor_u8(&c);
        size_t size = flags & ATTR_EXTENDED ? cursor_be16(&c) : cursor_u8(&c);
        struct cursor value = cursor_part(&c, size);
        if (!cursor_ok(&c)) {
            writer_bytes(w, begun, left);
        } else if (type == ATTR_MP_REACH && !written) {
            write_mp_reach(w, octets->family, mp_next_hop(value));
            written = true;
        } else if (type != ATTR_MP_REACH && type != ATTR_MP_UNREACH &&
                   (type != ATTR_NEXT_HOP || classic)) {
            writer_bytes(w, begun, left - cursor_left(&c));
        }
    }
    return written;
}

struct bgp_verdict feed_attributes_read(const struct feed_octets *octets, enum bgp_peer_sort peer,
                                        uint8_t *scratch, struct bgp_attributes *attributes)
{
    struct bgp_context context = {
        .peer = peer,
        .state = BGP_STATE_ESTABLISHED,
        .as4 = octets->as_size == 4,
        .families = {[FAMILY_IPV4] = true, [FAMILY_IPV6] = true},
        .as_sets = true,  // archives have them
        .observed = true,
    };
    assert(octets->bytes.size <= FEED_OCTETS_MAX);
    struct writer w = writer_over(scratch, FEED_SCRATCH_MAX);
    writer_be16(&w, 0);  // no withdrawn routes
    size_t size = writer_be16_reserve(&w);
    bool by_mp = copy_attributes(&w, octets);
    writer_be16_set_count(&w, size);
    if (octets->family == FAMILY_IPV4 && !by_mp)
        writer_u8(&w, 0);  // 0.0.0.0/0
    struct bgp_update update = {0};
    if (!writer_ok(&w))
        return bgp_reset(BGP_UPDATE_ERROR, 1, 0, "RFC 4271 §4.3", "the attributes are too long");
    struct bgp_verdict verdict = bgp_update_decode(cursor_over(w.bytes, w.size), &context, &update);
    *attributes = update.attributes;
    if (octets->family == FAMILY_IPV6 && !by_mp)
        verdict = (struct bgp_verdict){BGP_TREAT_AS_WITHDRAW, .reason = "there is no next hop"};
    return verdict;
}

// The path with 4-octet numbers, and `as` before it unless it stands there already.
static void prepend(struct bgp_attributes *a, uint32_t as, uint8_t *path)
{
    enum { HEAD_SIZE = 2, NEW_SIZE = HEAD_SIZE + 4 };  // octets of a segment: head; with one number
    struct writer old = writer_over(path + NEW_SIZE, FEED_PATH_MAX - NEW_SIZE);
    bgp_as_path_write(&old, a);
    assert(writer_ok(&old));
    a->as_path = (struct bgp_bytes){old.bytes, old.size};
    a->as4_path = (struct bgp_bytes){0};
    a->as_size = 4;
    if (bgp_as_path_neighbour(a->as_path) == as)
        return;
    bool joins = old.size > 0 && old.bytes[0] == AS_SEQUENCE && old.bytes[1] < SEQUENCE_MAX;
    uint8_t count = joins ? old.bytes[1] : 0;
    uint8_t *begin = joins ? path + HEAD_SIZE : path;  // over the old head
    struct writer head = writer_over(begin, NEW_SIZE);
    writer_u8(&head, AS_SEQUENCE);
    writer_u8(&head, count + 1);
    writer_be32(&head, as);
    a->as_path = (struct bgp_bytes){begin, (size_t)(old.bytes + old.size - begin)};
}

bool feed_attributes_adapt(struct bgp_attributes *a, enum family family, const struct feed_how *how,
                           uint8_t *path)
{
    struct address next_hop = how->next_hop[family];
    if (how->prepend_as != 0)
        prepend(a, how->prepend_as, path);
    if (how->context->peer == BGP_INTERNAL && !bgp_attribute_present(a, ATTR_LOCAL_PREF)) {
        a->local_pref = LOCAL_PREF_DEFAULT;
        bgp_attribute_add(a, ATTR_LOCAL_PREF);
    }
    if (next_hop.family != FAMILY_NONE) {
        bool classic = family == FAMILY_IPV4 && next_hop.family == FAMILY_IPV4;
        a->next_hop = classic ? next_hop : (struct address){0};
        a->mp_next_hop = classic ? (struct address){0} : next_hop;
        a->mp_link_local = (struct address){0};
    }
    bool by_ipv6 = a->next_hop.family == FAMILY_NONE && a->mp_next_hop.family == FAMILY_IPV6;
    return family == FAMILY_IPV6 ? by_ipv6 : !by_ipv6 || how->context->next_hop_ipv6;
}
