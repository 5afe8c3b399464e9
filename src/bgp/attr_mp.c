// SPDX-License-Identifier: ISC
// MP_REACH_NLRI and MP_UNREACH_NLRI: RFC 4760 §3 and §4, next hops also RFC 2545 §3 and RFC 8950
// §3.
#include "bgp/attr_rules.h"
#include "bgp/family.h"
#include "bgp/nlri.h"

enum { MALFORMED_LIST = 1, INVALID_NETWORK = 10 };  // RFC 4271 §4.5: subcodes of code 3

enum { NEXT_HOP_AT = 3 };  // octet of the value with the next hop's length

static const struct attr_fault bad_prefix = {BGP_SESSION_RESET, INVALID_NETWORK, true,
                                             "RFC 7606 §5.3", "a prefix cannot be read"};

// The family if it was negotiated. What stands in others is neither read nor judged.
static enum family negotiated(const struct bgp_context *context, uint16_t afi, uint8_t safi)
{
    enum family family = bgp_family(afi, safi);
    return context->families[family] ? family : FAMILY_NONE;
}

static bool next_hop_size_is_good(enum family family, size_t size)
{
    return size == 16 || size == 32 || (size == 4 && family == FAMILY_IPV4);
}

static const struct attr_fault *read_next_hop(struct cursor next_hop, struct attr_pass *pass)
{
    static const struct attr_fault no_host = {BGP_TREAT_AS_WITHDRAW, 0, true, "RFC 4271 §6.3",
                                              "MP_REACH_NLRI's next hop is no host's address"};
    struct bgp_attributes *a = &pass->update->attributes;
    bool ipv4 = cursor_left(&next_hop) == 4;
    a->mp_next_hop = ipv4 ? address_from_bytes(FAMILY_IPV4, cursor_bytes(&next_hop, 4))
                          : address_from_bytes(FAMILY_IPV6, cursor_bytes(&next_hop, 16));
    const uint8_t *second = cursor_bytes(&next_hop, 16);
    bool link_local = second && second[0] == 0xfe && (second[1] & 0xc0) == 0x80;
    if (link_local)
        a->mp_link_local = address_from_bytes(FAMILY_IPV6, second);
    // On a link without global addresses some send :: and the link-local address.
    return attr_is_next_hop(a->mp_next_hop, pass->context) || link_local ? NULL : &no_host;
}

const struct attr_fault *attr_mp_reach(struct cursor *value, struct attr_pass *pass)
{
    static const struct attr_fault bad_next_hop = {BGP_SESSION_RESET, MALFORMED_LIST, false,
                                                   "RFC 7606 §7.11",
                                                   "MP_REACH_NLRI's next hop has a wrong length"};
    struct bgp_update *update = pass->update;
    update->mp_afi = cursor_be16(value);
    update->mp_safi = cursor_u8(value);
    enum family family = negotiated(pass->context, update->mp_afi, update->mp_safi);
    if (family == FAMILY_NONE)
        return NULL;
    struct cursor next_hop = cursor_part(value, cursor_u8(value));
    cursor_u8(value);  // reserved, once a count of SNPAs
    if (!cursor_ok(value) || !next_hop_size_is_good(family, cursor_left(&next_hop))) {
        value->pos = NEXT_HOP_AT;
        return &bad_next_hop;
    }

    update->mp_announced = (struct bgp_nlri){*value, family, pass->context->add_path[family]};
    if (!bgp_nlri_check(&update->mp_announced, value))
        return &bad_prefix;
    value->pos = NEXT_HOP_AT;
    return read_next_hop(next_hop, pass);
}

const struct attr_fault *attr_mp_unreach(struct cursor *value, struct attr_pass *pass)
{
    struct bgp_update *update = pass->update;
    update->mp_unreach_afi = cursor_be16(value);
    update->mp_unreach_safi = cursor_u8(value);
    enum family family = negotiated(pass->context, update->mp_unreach_afi, update->mp_unreach_safi);
    if (family == FAMILY_NONE)
        return NULL;
    update->mp_withdrawn = (struct bgp_nlri){*value, family, pass->context->add_path[family]};
    return bgp_nlri_check(&update->mp_withdrawn, value) ? NULL : &bad_prefix;
}
