// SPDX-License-Identifier: ISC
// Attributes made of type, length, value, which Fairlead passes over. Their framing is checked, on
// one level and without recursion, because it decides what becomes of the route.
#include "bgp/attr_rules.h"

struct tlv_form {
    uint8_t type_size, length_size;
    bool length_counts_header;
};

struct tlv {
    uint16_t type;
    struct cursor value;
};

static bool tlv_next(struct cursor *c, struct tlv_form form, struct tlv *tlv)
{
    size_t begun = c->pos;
    tlv->type = form.type_size == 2 ? cursor_be16(c) : cursor_u8(c);
    size_t size = form.length_size == 2 ? cursor_be16(c) : cursor_u8(c);
    size_t header = form.type_size + form.length_size;
    bool short_of_header = form.length_counts_header && size < header;
    if (!cursor_ok(c) || short_of_header) {
        c->pos = begun;
        return false;
    }
    tlv->value = cursor_part(c, form.length_counts_header ? size - header : size);
    return cursor_ok(c);
}

// RFC 7311 §3
const struct attr_fault *attr_aigp(struct cursor *value, struct attr_pass *pass)
{
    static const struct attr_fault framing = {BGP_ATTRIBUTE_DISCARD, 0, false, "RFC 7311 §3",
                                              "AIGP's TLVs do not fit it"};
    static const struct attr_fault none = {BGP_ATTRIBUTE_DISCARD, 0, false, "RFC 7311 §3",
                                           "AIGP has no AIGP TLV of length 11"};
    bool found = false;
    while (cursor_left(value) > 0) {
        struct tlv tlv;
        if (!tlv_next(value, (struct tlv_form){1, 2, true}, &tlv))
            return &framing;
        if (tlv.type != 1 || found)
            continue;  // the first counts
        if (cursor_left(&tlv.value) != 8)
            return &none;
        pass->update->attributes.accumulated_igp = cursor_be64(&tlv.value);
        found = true;
    }
    return found ? NULL : &none;
}

// RFC 8669 §3, SRv6 services RFC 9252 §2
const struct attr_fault *attr_prefix_sid(struct cursor *value, struct attr_pass *pass)
{
    enum { LABEL_INDEX = 1, LABEL_INDEX_SIZE = 7, SRGB = 3, SRGB_FLAGS = 2, SRGB_RANGE = 6 };
    static const struct attr_fault framing = {BGP_ATTRIBUTE_DISCARD, 0, false, "RFC 8669 §6",
                                              "PREFIX_SID's TLVs do not fit it"};
    static const struct attr_fault content = {BGP_ATTRIBUTE_DISCARD, 0, false, "RFC 8669 §6",
                                              "PREFIX_SID has a TLV of a wrong length"};
    (void)pass;
    while (cursor_left(value) > 0) {
        struct tlv tlv;
        if (!tlv_next(value, (struct tlv_form){1, 2, false}, &tlv))
            return &framing;
        size_t size = cursor_left(&tlv.value);
        if (tlv.type == LABEL_INDEX && size != LABEL_INDEX_SIZE)
            return &content;
        if (tlv.type == SRGB && (size < SRGB_FLAGS || (size - SRGB_FLAGS) % SRGB_RANGE != 0))
            return &content;
    }
    return NULL;
}

// Of what we do not read we know no more than whether its TLVs, of four octets and a value, fit.
static const struct attr_fault *fit_tlvs(struct cursor *value, const struct attr_fault *framing)
{
    while (cursor_left(value) > 0) {
        struct tlv tlv;
        if (!tlv_next(value, (struct tlv_form){2, 2, false}, &tlv))
            return framing;
    }
    return NULL;
}

const struct attr_fault *attr_bgp_ls(struct cursor *value, struct attr_pass *pass)
{
    static const struct attr_fault framing = {BGP_ATTRIBUTE_DISCARD, 0, false, "RFC 9552 §8.2.2",
                                              "BGP-LS attribute's TLVs do not fit it"};
    (void)pass;
    return fit_tlvs(value, &framing);
}

const struct attr_fault *attr_tunnel(struct cursor *value, struct attr_pass *pass)
{
    static const struct attr_fault framing = {BGP_TREAT_AS_WITHDRAW, 0, false, "RFC 9012 §13",
                                              "TUNNEL_ENCAPSULATION's TLVs do not fit it"};
    (void)pass;
    return fit_tlvs(value, &framing);
}

// A VPN customer's attributes inside one of ours: an AS number, then a block as the outer one.
const struct attr_fault *attr_set(struct cursor *value, struct attr_pass *pass)
{
    static const struct attr_fault framing = {BGP_TREAT_AS_WITHDRAW, 0, false, "RFC 6368 §5",
                                              "ATTR_SET's attributes do not fit it"};
    (void)pass;
    cursor_be32(value);
    while (cursor_left(value) > 0) {
        uint8_t flags = cursor_u8(value);
        cursor_u8(value);  // type
        size_t size = flags & ATTR_EXTENDED ? cursor_be16(value) : cursor_u8(value);
        cursor_part(value, size);
    }
    return cursor_ok(value) ? NULL : &framing;
}
