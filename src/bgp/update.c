// SPDX-License-Identifier: ISC
#include "bgp/update.h"

#include "bgp/attr_rules.h"
#include "bgp/family.h"
#include "bgp/header.h"
#include "bgp/nlri.h"

#include <stdio.h>

enum { MALFORMED_LIST = 1, INVALID_NETWORK = 10 };  // RFC 4271 §4.5: subcodes of code 3

struct sections {
    struct cursor withdrawn, attributes, announced;
    size_t withdrawn_at, attributes_at, announced_at;  // octets into the message
};

static bool read_sections(struct cursor body, struct sections *s)
{
    uint16_t withdrawn_size = cursor_be16(&body);
    s->withdrawn_at = BGP_HEADER_SIZE + body.pos;
    s->withdrawn = cursor_part(&body, withdrawn_size);
    uint16_t attributes_size = cursor_be16(&body);
    s->attributes_at = BGP_HEADER_SIZE + body.pos;
    s->attributes = cursor_part(&body, attributes_size);
    s->announced_at = BGP_HEADER_SIZE + body.pos;
    s->announced = cursor_part(&body, cursor_left(&body));
    return cursor_ok(&body);
}

// The classic fields hold IPv4 unicast. If that was not negotiated they are judged and left empty.
static void read_prefixes(const struct cursor *field, size_t at, const struct bgp_context *context,
                          struct bgp_nlri *nlri, struct bgp_verdict *verdict)
{
    *nlri = (struct bgp_nlri){*field, FAMILY_IPV4, context->add_path[FAMILY_IPV4]};
    struct cursor end;
    if (!bgp_nlri_check(nlri, &end)) {
        size_t length_at = end.pos + (nlri->add_path ? 4 : 0);
        unsigned length = length_at < end.size ? end.bytes[length_at] : 0;
        struct bgp_verdict bad =
            bgp_reset(BGP_UPDATE_ERROR, INVALID_NETWORK, at + end.pos, "RFC 7606 §5.3",
                      "a prefix of length %u cannot be read", length);
        bgp_verdict_raise(verdict, &bad);
    }
    if (!context->families[FAMILY_IPV4])
        *nlri = (struct bgp_nlri){0};
}

static void require(const struct attr_pass *pass, uint8_t type, size_t at,
                    struct bgp_verdict *verdict)
{
    if (pass->seen[0] >> type & 1)
        return;
    struct bgp_verdict missing = {
        .remedy = BGP_TREAT_AS_WITHDRAW, .at = at, .spec = "RFC 7606 §3 d"};
    snprintf(missing.reason, sizeof missing.reason, "%s is missing", attr_rules[type].name);
    bgp_verdict_raise(verdict, &missing);
}

static bool has_prefixes(const struct bgp_nlri *nlri)
{
    return nlri->family != FAMILY_NONE && cursor_left(&nlri->bytes) > 0;
}

static bool is_judged(const struct bgp_foreign_nlri *nlri, const struct bgp_context *context)
{
    return nlri->family && context->foreign & bgp_foreign_bit(nlri->family);
}

static bool has_foreign(const struct attr_pass *pass)
{
    const struct bgp_foreign_nlri *nlri = &pass->update->foreign_announced;
    return is_judged(nlri, pass->context) && cursor_left(&nlri->bytes) > 0;
}

static void require_mandatory(const struct attr_pass *pass, const struct sections *s,
                              struct bgp_verdict *verdict)
{
    bool classic = has_prefixes(&pass->update->announced);
    if (!classic && !has_prefixes(&pass->update->mp_announced) && !has_foreign(pass))
        return;
    require(pass, ATTR_ORIGIN, s->attributes_at, verdict);
    require(pass, ATTR_AS_PATH, s->attributes_at, verdict);
    if (classic)
        require(pass, ATTR_NEXT_HOP, s->attributes_at, verdict);
}

// RFC 7606 §5.2: with attributes, an error above discard, and no prefix that could be withdrawn
// for it, what the message meant is unknown.
static void reset_if_nothing_to_withdraw(const struct attr_pass *pass, const struct sections *s,
                                         struct bgp_verdict *verdict)
{
    bool reachable = cursor_left(&s->announced) > 0 || pass->seen[0] >> ATTR_MP_REACH & 1;
    uint64_t others = pass->seen[0] & ~(UINT64_C(1) << ATTR_MP_UNREACH);
    others |= pass->seen[1] | pass->seen[2] | pass->seen[3];
    if (verdict->remedy != BGP_TREAT_AS_WITHDRAW || reachable || others == 0)
        return;
    *verdict = bgp_reset(BGP_UPDATE_ERROR, MALFORMED_LIST, verdict->at, "RFC 7606 §5.2",
                         "%.60s, and no prefix to withdraw", verdict->reason);
}

static void ignore_if_nothing_is_ours(const struct attr_pass *pass, const struct sections *s,
                                      struct bgp_verdict *verdict)
{
    const struct bgp_update *update = pass->update;
    bool classic = cursor_left(&s->withdrawn) > 0 || cursor_left(&s->announced) > 0;
    bool ours = update->mp_announced.family != FAMILY_NONE ||
                update->mp_withdrawn.family != FAMILY_NONE ||
                is_judged(&update->foreign_announced, pass->context) ||
                is_judged(&update->foreign_withdrawn, pass->context) ||
                (classic && pass->context->families[FAMILY_IPV4]);
    bool foreign = classic || update->mp_afi != 0 || update->mp_unreach_afi != 0;
    if (ours || !foreign)
        return;
    uint16_t afi = AFI_IPV4;
    uint8_t safi = SAFI_UNICAST;
    if (update->mp_afi != 0) {
        afi = update->mp_afi;
        safi = update->mp_safi;
    } else if (update->mp_unreach_afi != 0) {
        afi = update->mp_unreach_afi;
        safi = update->mp_unreach_safi;
    }
    struct bgp_verdict ignore = {
        .remedy = BGP_IGNORE, .spec = "RFC 4760 §7", .at = s->attributes_at};
    snprintf(ignore.reason, sizeof ignore.reason, "AFI/SAFI %u/%u is not negotiated", afi, safi);
    bgp_verdict_raise(verdict, &ignore);
}

// RFC 4724 §2: an UPDATE with nothing in it, or with nothing but an empty MP_UNREACH_NLRI.
static void judge_end_of_rib(const struct attr_pass *pass, const struct sections *s)
{
    struct bgp_update *update = pass->update;
    uint64_t others = pass->seen[0] & ~(UINT64_C(1) << ATTR_MP_UNREACH);
    others |= pass->seen[1] | pass->seen[2] | pass->seen[3];
    if (cursor_left(&s->withdrawn) > 0 || cursor_left(&s->announced) > 0 || others != 0)
        return;
    const struct bgp_nlri *nlri = &update->mp_withdrawn;
    const struct bgp_foreign_nlri *foreign = &update->foreign_withdrawn;
    if (cursor_left(&s->attributes) == 0)
        update->end_of_rib = pass->context->families[FAMILY_IPV4] ? FAMILY_IPV4 : FAMILY_NONE;
    else if (cursor_left(&nlri->bytes) == 0)
        update->end_of_rib = nlri->family;
    if (is_judged(foreign, pass->context) && cursor_left(&foreign->bytes) == 0)
        update->foreign_end_of_rib = foreign->family;
}

struct bgp_verdict bgp_update_decode(struct cursor body, const struct bgp_context *context,
                                     struct bgp_update *update)
{
    *update = (struct bgp_update){.attributes.as_size = context->as4 ? 4 : 2};
    struct sections s;
    if (!read_sections(body, &s))
        return bgp_reset(BGP_UPDATE_ERROR, MALFORMED_LIST, BGP_HEADER_SIZE, "RFC 7606 §3 b",
                         "the lengths of withdrawn routes and attributes exceed the message");

    struct bgp_verdict verdict = {.remedy = BGP_ACCEPT};
    struct attr_pass pass = {
        .context = context, .update = update, .classic = cursor_left(&s.announced) > 0};
    read_prefixes(&s.withdrawn, s.withdrawn_at, context, &update->withdrawn, &verdict);
    attr_read(&s.attributes, s.attributes_at, &pass, &verdict);
    read_prefixes(&s.announced, s.announced_at, context, &update->announced, &verdict);

    require_mandatory(&pass, &s, &verdict);
    reset_if_nothing_to_withdraw(&pass, &s, &verdict);
    ignore_if_nothing_is_ours(&pass, &s, &verdict);
    if (verdict.remedy == BGP_ACCEPT)
        judge_end_of_rib(&pass, &s);
    return verdict;
}
