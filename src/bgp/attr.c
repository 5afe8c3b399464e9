// SPDX-License-Identifier: ISC
// The block of path attributes, and those attributes that need few words.
#include "bgp/attr_rules.h"

#include <stdio.h>
#include <string.h>

enum { MALFORMED_LIST = 1 };  // RFC 4271 §4.5: subcode of code 3
enum { AS_TRANS = 23456 };    // RFC 6793 §9

static struct bgp_bytes rest(struct cursor *value)
{
    size_t size = cursor_left(value);
    return (struct bgp_bytes){cursor_bytes(value, size), size};
}

const struct attr_fault *attr_origin(struct cursor *value, struct attr_pass *pass)
{
    static const struct attr_fault undefined = {BGP_TREAT_AS_WITHDRAW, 0, false, "RFC 7606 §7.1",
                                                "ORIGIN is none of 0, 1 and 2"};
    uint8_t origin = value->bytes[value->pos];
    if (origin > 2)
        return &undefined;
    pass->update->attributes.origin = cursor_u8(value);
    return NULL;
}

static bool is_unspecified(struct address address)
{
    static const uint8_t none[16];
    return memcmp(address.bytes, none, sizeof none) == 0;
}

bool attr_is_next_hop(struct address address, const struct bgp_context *context)
{
    return attr_is_host(address) || (context->observed && is_unspecified(address));
}

// RFC 4271 §6.3: syntactically a host's address. Whether it is reachable is asked elsewhere.
bool attr_is_host(struct address address)
{
    static const uint8_t none[16], broadcast[4] = {255, 255, 255, 255};
    const uint8_t *bytes = address.bytes;
    if (address.family == FAMILY_IPV6)
        return memcmp(bytes, none, sizeof none) != 0;
    bool multicast = bytes[0] >= 224 && bytes[0] < 240;
    return bytes[0] != 0 && !multicast && memcmp(bytes, broadcast, sizeof broadcast) != 0;
}

const struct attr_fault *attr_next_hop(struct cursor *value, struct attr_pass *pass)
{
    static const struct attr_fault no_host = {BGP_TREAT_AS_WITHDRAW, 0, true, "RFC 4271 §6.3",
                                              "NEXT_HOP is no host's address"};
    struct address address = address_from_bytes(FAMILY_IPV4, value->bytes + value->pos);
    pass->update->attributes.next_hop = address;
    // RFC 4760 §3: beside MP_REACH_NLRI alone it means nothing.
    return pass->classic && !attr_is_next_hop(address, pass->context) ? &no_host : NULL;
}

const struct attr_fault *attr_med(struct cursor *value, struct attr_pass *pass)
{
    pass->update->attributes.med = cursor_be32(value);
    return NULL;
}

const struct attr_fault *attr_local_pref(struct cursor *value, struct attr_pass *pass)
{
    pass->update->attributes.local_pref = cursor_be32(value);
    return NULL;
}

const struct attr_fault *attr_atomic(struct cursor *value, struct attr_pass *pass)
{
    (void)value, (void)pass;  // that it is there says all
    return NULL;
}

const struct attr_fault *attr_skip(struct cursor *value, struct attr_pass *pass)
{
    (void)value, (void)pass;
    return NULL;
}

static const struct attr_fault as_zero = {BGP_ATTRIBUTE_DISCARD, 0, false, "RFC 7607 §2",
                                          "aggregator with AS 0"};

const struct attr_fault *attr_aggregator(struct cursor *value, struct attr_pass *pass)
{
    static const struct attr_fault bad_size = {
        BGP_ATTRIBUTE_DISCARD, 0, false, "RFC 7606 §7.7",
        "AGGREGATOR's length is not that of the AS numbers negotiated"};
    bool as4 = pass->context->as4;
    if (cursor_left(value) != (as4 ? 8 : 6))
        return &bad_size;
    uint32_t asn = as4 ? cursor_be32(value) : cursor_be16(value);
    if (asn == 0)
        return &as_zero;
    pass->update->attributes.aggregator_as = asn;
    pass->update->attributes.aggregator = address_from_bytes(FAMILY_IPV4, cursor_bytes(value, 4));
    return NULL;
}

const struct attr_fault *attr_as4_aggregator(struct cursor *value, struct attr_pass *pass)
{
    static const struct attr_fault superfluous = {
        BGP_ATTRIBUTE_DISCARD, 0, false, "RFC 6793 §4.1",
        "AS4_AGGREGATOR from a speaker of 4-octet AS numbers"};
    uint32_t asn = cursor_be32(value);
    if (asn == 0)
        return &as_zero;
    if (pass->context->as4)
        return &superfluous;
    pass->as4_aggregator_as = asn;
    pass->as4_aggregator = address_from_bytes(FAMILY_IPV4, cursor_bytes(value, 4));
    return NULL;
}

const struct attr_fault *attr_communities(struct cursor *value, struct attr_pass *pass)
{
    pass->update->attributes.communities = rest(value);
    return NULL;
}

const struct attr_fault *attr_originator_id(struct cursor *value, struct attr_pass *pass)
{
    static const struct attr_fault own = {BGP_IGNORE, 0, true, "RFC 4456 §8",
                                          "ORIGINATOR_ID is ours: the route comes back"};
    struct cursor read = *value;
    uint32_t id = cursor_be32(&read);
    pass->update->attributes.originator_id = id;
    return id == pass->context->local_id ? &own : NULL;
}

const struct attr_fault *attr_cluster_list(struct cursor *value, struct attr_pass *pass)
{
    pass->update->attributes.cluster_list = rest(value);
    return NULL;
}

const struct attr_fault *attr_extended(struct cursor *value, struct attr_pass *pass)
{
    pass->update->attributes.extended_communities = rest(value);
    return NULL;
}

const struct attr_fault *attr_ipv6_ext(struct cursor *value, struct attr_pass *pass)
{
    pass->update->attributes.ipv6_extended_communities = rest(value);
    return NULL;
}

const struct attr_fault *attr_large(struct cursor *value, struct attr_pass *pass)
{
    pass->update->attributes.large_communities = rest(value);
    return NULL;
}

// RFC 9234 §5: whoever is below us must not send up what was sent down, nor a peer what is
// another's.
const struct attr_fault *attr_otc(struct cursor *value, struct attr_pass *pass)
{
    static const struct attr_fault leak = {BGP_IGNORE, 0, true, "RFC 9234 §5",
                                           "ONLY_TO_CUSTOMER says that the route was leaked"};
    const struct bgp_context *context = pass->context;
    struct cursor read = *value;
    uint32_t asn = cursor_be32(&read);
    pass->update->attributes.only_to_customer = asn;
    bool below = context->role == BGP_ROLE_PROVIDER || context->role == BGP_ROLE_ROUTE_SERVER;
    bool beside = context->role == BGP_ROLE_PEER && asn != context->peer_as;
    bool judged = context->peer == BGP_EXTERNAL && context->role_agreed;
    return judged && (below || beside) ? &leak : NULL;
}

struct attr {  // one of the block
    uint8_t flags, type;
    const uint8_t *bytes;
    size_t at;  // octet in the message of its first
    size_t value_at;
    struct cursor value;
};

static void raise(struct bgp_verdict *verdict, const struct attr_fault *fault, size_t at,
                  const char *reason)
{
    if (fault->remedy <= verdict->remedy)
        return;
    *verdict = (struct bgp_verdict){.remedy = fault->remedy, .spec = fault->spec, .at = at};
    if (fault->remedy == BGP_SESSION_RESET) {
        verdict->code = BGP_UPDATE_ERROR;
        verdict->subcode = fault->subcode;
    }
    snprintf(verdict->reason, sizeof verdict->reason, "%s", reason);
}

// `others` grows to hold every attribute that has no field.
static void accept(const struct attr *attr, struct attr_pass *pass)
{
    struct bgp_attributes *a = &pass->update->attributes;
    bgp_attribute_add(a, attr->type);
    if (!attr_is_carried(attr->type))
        return;
    const uint8_t *end = attr->bytes + (attr->value_at - attr->at) + attr->value.size;
    if (a->others.size == 0)
        a->others.bytes = attr->bytes;
    a->others.size = (size_t)(end - a->others.bytes);
}

// RFC 4271 §5: unknown optional attributes are no error, those that must not travel go quietly. An
// unknown well-known one is a session reset by RFC 4271 §6.3, which RFC 7606 does not revise; but
// it would be the same lever for whoever sent it (§1 there), so the route goes and the session
// stays.
static void judge_unknown(const struct attr *attr, struct attr_pass *pass,
                          struct bgp_verdict *verdict)
{
    static const struct attr_fault well_known = {BGP_TREAT_AS_WITHDRAW, 0, false, "RFC 4271 §6.3",
                                                 "unknown well-known attribute"};
    static const struct attr_fault optional = {BGP_ATTRIBUTE_DISCARD, 0, false, "RFC 4271 §5",
                                               "unknown non-transitive attribute"};
    if (attr->flags & ATTR_OPTIONAL && attr->flags & ATTR_TRANSITIVE) {
        accept(attr, pass);
        return;
    }
    const struct attr_fault *fault = attr->flags & ATTR_OPTIONAL ? &optional : &well_known;
    char reason[64];
    snprintf(reason, sizeof reason, "%s %u", fault->reason, attr->type);
    raise(verdict, fault, attr->at, reason);
}

// RFC 4271 §4.3: a Partial bit has no business on attributes that are not optional transitive.
static bool flags_are_good(const struct attr_rule *rule, uint8_t flags)
{
    if ((flags & (ATTR_OPTIONAL | ATTR_TRANSITIVE)) != rule->flags)
        return false;
    return !(flags & ATTR_PARTIAL) || rule->flags == (ATTR_OPTIONAL | ATTR_TRANSITIVE);
}

static bool size_is_good(const struct attr_rule *rule, size_t size)
{
    return size >= rule->size_min && size <= rule->size_max && size % rule->size_step == 0;
}

static void judge_known(struct attr *attr, struct attr_pass *pass, struct bgp_verdict *verdict)
{
    const struct attr_rule *rule = &attr_rules[attr->type];
    char reason[96];
    if (!flags_are_good(rule, attr->flags)) {
        struct attr_fault fault = {.remedy = BGP_TREAT_AS_WITHDRAW, .spec = "RFC 7606 §3 c"};
        snprintf(reason, sizeof reason, "%s has flags %02x", rule->name, attr->flags);
        raise(verdict, &fault, attr->at, reason);
        // The prefixes of MP_* must be known all the same: they are what is withdrawn.
        if (rule->remedy != BGP_SESSION_RESET)
            return;
    }
    if (rule->internal_only && pass->context->peer == BGP_EXTERNAL) {
        struct attr_fault fault = {.remedy = BGP_ATTRIBUTE_DISCARD, .spec = rule->spec};
        snprintf(reason, sizeof reason, "%s from an external peer", rule->name);
        raise(verdict, &fault, attr->at, reason);
        return;
    }
    if (!size_is_good(rule, cursor_left(&attr->value))) {
        struct attr_fault fault = {
            .remedy = rule->remedy, .subcode = MALFORMED_LIST, .spec = rule->spec};
        snprintf(reason, sizeof reason, "%s has length %zu", rule->name, cursor_left(&attr->value));
        raise(verdict, &fault, attr->at, reason);
        return;
    }
    const struct attr_fault *fault = rule->decode(&attr->value, pass);
    if (fault)
        raise(verdict, fault, attr->value_at + attr->value.pos, fault->reason);
    if (!fault || fault->readable)
        accept(attr, pass);
}

// False when the block cannot be read any further.
static bool read_one(struct cursor *attributes, size_t at, struct attr *attr)
{
    attr->bytes = attributes->bytes + attributes->pos;
    attr->at = at + attributes->pos;
    attr->flags = cursor_u8(attributes);
    attr->type = cursor_u8(attributes);
    size_t size = attr->flags & ATTR_EXTENDED ? cursor_be16(attributes) : cursor_u8(attributes);
    attr->value_at = at + attributes->pos;
    const uint8_t *value = cursor_bytes(attributes, size);
    if (!value)
        return false;
    attr->value = (struct cursor){.bytes = value, .size = size};
    return true;
}

// RFC 6793 §4.2.3: what 4-octet numbers a 2-octet speaker carried past itself.
static void settle_as4(struct attr_pass *pass)
{
    struct bgp_attributes *a = &pass->update->attributes;
    if (bgp_attribute_present(a, ATTR_AGGREGATOR) && a->aggregator_as != AS_TRANS) {
        a->as4_path = (struct bgp_bytes){0};
        a->present[0] &= ~(UINT64_C(1) << ATTR_AS4_PATH | UINT64_C(1) << ATTR_AS4_AGGREGATOR);
    } else if (bgp_attribute_present(a, ATTR_AGGREGATOR) && pass->as4_aggregator_as != 0) {
        a->aggregator_as = pass->as4_aggregator_as;
        a->aggregator = pass->as4_aggregator;
    }
}

void attr_read(const struct cursor *attributes, size_t at, struct attr_pass *pass,
               struct bgp_verdict *verdict)
{
    struct cursor c = *attributes;
    static const struct attr_fault overrun = {BGP_TREAT_AS_WITHDRAW, 0, false, "RFC 7606 §4",
                                              "an attribute overruns the attributes"};
    static const struct attr_fault twice = {BGP_SESSION_RESET, MALFORMED_LIST, false,
                                            "RFC 7606 §3 g", "MP_REACH or MP_UNREACH stands twice"};
    while (cursor_left(&c) > 0) {
        struct attr attr;
        if (!read_one(&c, at, &attr)) {
            raise(verdict, &overrun, attr.at, overrun.reason);
            pass->seen[0] |= 1;  // type 0 does not exist: something that could not be read
            break;
        }
        uint64_t *seen = &pass->seen[attr.type / 64], bit = UINT64_C(1) << attr.type % 64;
        bool known = attr.type < ATTR_RULES && attr_rules[attr.type].name;
        if (!(*seen & bit) && known)
            judge_known(&attr, pass, verdict);
        else if (!(*seen & bit))
            judge_unknown(&attr, pass, verdict);
        else if (attr.type == ATTR_MP_REACH || attr.type == ATTR_MP_UNREACH)
            raise(verdict, &twice, attr.at, twice.reason);
        *seen |= bit;
    }
    settle_as4(pass);
}
