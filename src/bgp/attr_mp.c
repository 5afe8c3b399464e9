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

// An IPv6 next hop of IPv4 prefixes is as good as negotiated (RFC 8950 §4); between others we
// cannot know.
static bool next_hop_size_is_good(const struct bgp_context *context, enum family family,
                                  size_t size)
{
    bool may_be_ipv6 = family == FAMILY_IPV6 || context->next_hop_ipv6 || context->observed;
    return size == 4 ? family == FAMILY_IPV4 : may_be_ipv6 && (size == 16 || size == 32);
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

static const struct attr_fault bad_next_hop = {BGP_SESSION_RESET, MALFORMED_LIST, false,
                                               "RFC 7606 §7.11",
                                               "MP_REACH_NLRI's next hop has a wrong length"};

// What stands in a family that was not negotiated is shown, and not judged.
static const struct attr_fault *judge_foreign(struct bgp_foreign_nlri nlri, struct cursor *value,
                                              const struct bgp_context *context)
{
    static const struct attr_fault lost = {BGP_SESSION_RESET, INVALID_NETWORK, true,
                                           "RFC 7606 §5.3", "an NLRI of its family cannot be read"};
    static const struct attr_fault bad = {BGP_TREAT_AS_WITHDRAW, 0, true, "RFC 7606 §5.4",
                                          "an NLRI of its family is malformed"};
    const struct attr_fault *fault = NULL;
    if (!(context->foreign & bgp_foreign_bit(nlri.family)))
        return NULL;
    struct bgp_foreign_route route;
    for (enum bgp_foreign_read read = BGP_FOREIGN_GOOD; read != BGP_FOREIGN_END;) {
        size_t at = value->size - cursor_left(&nlri.bytes);
        read = bgp_foreign_next(&nlri, &route);
        bool worse = read == BGP_FOREIGN_LOST || (read == BGP_FOREIGN_BAD && !fault);
        if (worse) {
            value->pos = at;
            fault = read == BGP_FOREIGN_LOST ? &lost : &bad;
        }
        if (read == BGP_FOREIGN_LOST)
            break;
    }
    return fault;
}

// RFC 4364 §4.3.2, RFC 4659 §3.2.1: of a VPN's next hops each has a distinguisher. RFC 8955 §4: a
// flow has none.
static bool foreign_next_hop_is_good(const struct bgp_foreign *family, size_t size)
{
    bool flow = family->form == BGP_FORM_FLOW || family->form == BGP_FORM_FLOW_VPN;
    if (family->form == BGP_FORM_VPN)
        return size == 12 || size == 24 || size == 48;
    return size == 4 || size == 16 || size == 32 || (flow && size == 0);
}

static struct bgp_foreign_nlri foreign_nlri(const struct bgp_foreign *family,
                                            const struct cursor *value,
                                            const struct bgp_context *context)
{
    bool add_path = context->foreign_add_path & bgp_foreign_bit(family);
    return (struct bgp_foreign_nlri){family, *value, add_path, false};
}

static const struct attr_fault *reach_foreign(struct cursor *value, struct attr_pass *pass)
{
    struct bgp_update *update = pass->update;
    const struct bgp_foreign *family = bgp_foreign_of(update->mp_afi, update->mp_safi);
    if (!family)
        return NULL;
    bool negotiated = pass->context->foreign & bgp_foreign_bit(family);
    uint8_t size = cursor_u8(value);
    struct bgp_bytes next_hop = {cursor_bytes(value, size), size};
    cursor_u8(value);  // reserved
    bool good = family->form == BGP_FORM_NAMED || foreign_next_hop_is_good(family, size);
    if (!cursor_ok(value) || (negotiated && !good)) {
        value->pos = NEXT_HOP_AT;
        return negotiated ? &bad_next_hop : NULL;
    }
    update->foreign_next_hop = next_hop;
    update->foreign_announced = foreign_nlri(family, value, pass->context);
    return judge_foreign(update->foreign_announced, value, pass->context);
}

const struct attr_fault *attr_mp_reach(struct cursor *value, struct attr_pass *pass)
{
    struct bgp_update *update = pass->update;
    update->mp_afi = cursor_be16(value);
    update->mp_safi = cursor_u8(value);
    enum family family = negotiated(pass->context, update->mp_afi, update->mp_safi);
    if (family == FAMILY_NONE)
        return reach_foreign(value, pass);
    struct cursor next_hop = cursor_part(value, cursor_u8(value));
    cursor_u8(value);  // reserved, once a count of SNPAs
    if (!cursor_ok(value) ||
        !next_hop_size_is_good(pass->context, family, cursor_left(&next_hop))) {
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
    if (family != FAMILY_NONE) {
        update->mp_withdrawn = (struct bgp_nlri){*value, family, pass->context->add_path[family]};
        return bgp_nlri_check(&update->mp_withdrawn, value) ? NULL : &bad_prefix;
    }
    const struct bgp_foreign *foreign =
        bgp_foreign_of(update->mp_unreach_afi, update->mp_unreach_safi);
    if (!foreign)
        return NULL;
    update->foreign_withdrawn = foreign_nlri(foreign, value, pass->context);
    update->foreign_withdrawn.withdrawn = true;
    return judge_foreign(update->foreign_withdrawn, value, pass->context);
}
