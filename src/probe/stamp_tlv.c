// SPDX-License-Identifier: ISC
#include "probe/stamp_tlv.h"

#include <string.h>

enum { TLV_HEADER = 4 };
enum { CLASS_SIZE = 4, MICRO_SESSION_SIZE = 4 };
enum { REVERSE_PATH_REFUSED = 1 };  // the RP field, RFC 8972 §4.4

// What each type's length must be: from least to most, in steps. Of the types that may hold
// sub-TLVs only the fixed part is checked.
static const struct tlv_rule {
    uint16_t size_min, size_max, step;
} tlv_rules[] = {
    // clang-format off
    [1]  = {0, UINT16_MAX, 1},  // Extra Padding, RFC 8972 §4.1
    [2]  = {4, UINT16_MAX, 1},  // Location, RFC 8972 §4.2
    [3]  = {4, UINT16_MAX, 1},  // Timestamp Information, RFC 8972 §4.3
    [4]  = {4, 4, 1},           // Class of Service, RFC 8972 §4.4
    [5]  = {12, 12, 1},         // Direct Measurement, RFC 8972 §4.5
    [6]  = {4, 4, 1},           // Access Report, RFC 8972 §4.6
    [7]  = {16, 16, 1},         // Follow-Up Telemetry, RFC 8972 §4.7
    [8]  = {16, 16, 1},         // HMAC, RFC 8972 §4.8
    [9]  = {4, 16, 12},         // Destination Node Address, RFC 9503 §3: IPv4 or IPv6
    [10] = {4, UINT16_MAX, 1},  // Return Path, RFC 9503 §4
    [11] = {4, 4, 1},           // Micro-session ID, RFC 9534 §3.1
    // clang-format on
};

bool stamp_tlv_next(struct cursor *tlvs, struct stamp_tlv *tlv)
{
    if (cursor_left(tlvs) < TLV_HEADER)
        return false;
    tlv->flags = cursor_u8(tlvs);
    tlv->type = cursor_u8(tlvs);
    tlv->size = cursor_be16(tlvs);
    tlv->framed = tlv->size <= cursor_left(tlvs);
    tlv->value = cursor_part(tlvs, tlv->framed ? tlv->size : cursor_left(tlvs));
    return true;
}

bool stamp_tlv_length_fits(uint8_t type, size_t size)
{
    if (type == 0 || type >= sizeof tlv_rules / sizeof tlv_rules[0])
        return true;
    const struct tlv_rule *rule = &tlv_rules[type];
    return size >= rule->size_min && size <= rule->size_max &&
           (size - rule->size_min) % rule->step == 0;
}

static void write_header(struct writer *w, enum stamp_tlv_type type, size_t size)
{
    writer_u8(w, STAMP_UNRECOGNISED);
    writer_u8(w, (uint8_t)type);
    writer_be16(w, (uint16_t)size);
}

// Zeros, as RFC 8972 §4.1 allows: whoever shortens or drops large packets does so by their length.
static void write_padding(struct writer *w, size_t size)
{
    if (w->size + TLV_HEADER > size)
        return;
    size_t padding = size - w->size - TLV_HEADER;
    write_header(w, STAMP_EXTRA_PADDING, padding);
    for (; padding > 0; padding--)
        writer_u8(w, 0);
}

void stamp_wish_encode(struct writer *w, const struct stamp_wish *wish)
{
    if (wish->asks_class) {
        write_header(w, STAMP_CLASS_OF_SERVICE, CLASS_SIZE);
        writer_be16(w, (uint16_t)(wish->dscp_back << 10));
        writer_be16(w, 0);
    }
    if (wish->node.family != FAMILY_NONE) {
        size_t size = wish->node.family == FAMILY_IPV6 ? 16 : 4;
        write_header(w, STAMP_NODE_ADDRESS, size);
        writer_bytes(w, wish->node.bytes, size);
    }
    if (wish->micro_session > 0) {
        write_header(w, STAMP_MICRO_SESSION_ID, MICRO_SESSION_SIZE);
        writer_be16(w, wish->micro_session);
        writer_be16(w, 0);  // the reflector's: it is to tell, RFC 9534 §3.2
    }
    write_padding(w, wish->size);
}

// The first of its type that may be believed.
static bool find(struct cursor tlvs, enum stamp_tlv_type type, struct cursor *value)
{
    struct stamp_tlv tlv;
    while (stamp_tlv_next(&tlvs, &tlv)) {
        if (tlv.flags & (STAMP_MALFORMED | STAMP_INTEGRITY) || !tlv.framed)
            return false;
        if (tlv.type != type || tlv.flags & STAMP_UNRECOGNISED)
            continue;
        *value = tlv.value;
        return stamp_tlv_length_fits(tlv.type, tlv.size);
    }
    return false;
}

bool stamp_class_read(struct cursor tlvs, struct stamp_class *class)
{
    struct cursor value;
    if (!find(tlvs, STAMP_CLASS_OF_SERVICE, &value))
        return false;
    uint16_t fields = cursor_be16(&value);
    class->dscp_came = fields >> 4 & 0x3f;
    class->ecn_came = fields >> 2 & 3;
    class->refused = (fields & 3) == REVERSE_PATH_REFUSED;
    return true;
}

enum stamp_node stamp_node_read(struct cursor tlvs)
{
    struct cursor value;
    struct stamp_tlv tlv;
    if (find(tlvs, STAMP_NODE_ADDRESS, &value))
        return STAMP_NODE_MEANT;
    while (stamp_tlv_next(&tlvs, &tlv))
        if (tlv.type == STAMP_NODE_ADDRESS)
            return STAMP_NODE_OTHER;
    return STAMP_NODE_UNTOLD;
}

uint16_t stamp_micro_session_read(struct cursor tlvs)
{
    struct cursor value;
    if (!find(tlvs, STAMP_MICRO_SESSION_ID, &value))
        return 0;
    cursor_be16(&value);  // ours
    return cursor_be16(&value);
}

struct answering {
    const struct stamp_policy *policy;
    struct stamp_verdict verdict;
    bool has_class;  // only the first says how to answer
};

// Each of these answers one TLV whose length is right; false: this reflector is not meant by it.
static bool answer_padding(struct answering *a, struct cursor value, uint8_t *answer)
{
    (void)a, (void)value, (void)answer;
    return true;
}

static bool answer_class(struct answering *a, struct cursor value, uint8_t *answer)
{
    uint8_t came = a->policy->traffic_class;
    uint8_t asked = (uint8_t)(cursor_be16(&value) >> 10);
    bool allowed = a->policy->dscp_allowed >> asked & 1;
    struct writer w = writer_over(answer, CLASS_SIZE);
    writer_be16(&w, (uint16_t)(asked << 10 | came >> 2 << 4 | (came & 3) << 2 |
                               (allowed ? 0 : REVERSE_PATH_REFUSED)));
    writer_be16(&w, 0);
    if (allowed && !a->has_class)
        a->verdict.dscp = asked;
    a->has_class = true;
    return true;
}

// RFC 9503 §3: whoever is meant by it also answers from it.
static bool answer_node(struct answering *a, struct cursor value, uint8_t *answer)
{
    (void)answer;
    size_t size = cursor_left(&value);
    enum family family = size == 16 ? FAMILY_IPV6 : FAMILY_IPV4;
    struct address node = address_from_bytes(family, cursor_bytes(&value, size));
    for (uint32_t i = 0; i < a->policy->own_count; i++)
        if (address_equal(node, a->policy->own[i])) {
            a->verdict.source = node;
            return true;
        }
    return false;
}

static bool answer_micro_session(struct answering *a, struct cursor value, uint8_t *answer)
{
    uint16_t mine = a->policy->micro_session;
    cursor_be16(&value);  // the sender's stays
    uint16_t named = cursor_be16(&value);
    if (mine == 0)
        return false;
    a->verdict.discard = a->verdict.discard || (named != 0 && named != mine);
    struct writer w = writer_over(answer + 2, 2);
    writer_be16(&w, mine);
    return true;
}

static bool (*const served[])(struct answering *a, struct cursor value, uint8_t *answer) = {
    [STAMP_EXTRA_PADDING] = answer_padding,
    [STAMP_CLASS_OF_SERVICE] = answer_class,
    [STAMP_NODE_ADDRESS] = answer_node,
    [STAMP_MICRO_SESSION_ID] = answer_micro_session,
};

static bool is_served(uint8_t type)
{
    return type < sizeof served / sizeof served[0] && served[type];
}

// RFC 8972 §4: at one that is not well formed the answering stops, and the rest goes back as it
// came, with U set as its sender had to: none of it was understood.
struct stamp_verdict stamp_tlvs_answer(struct cursor tlvs, const struct stamp_policy *policy,
                                       uint8_t *answer)
{
    struct answering a = {.policy = policy, .verdict.dscp = policy->traffic_class >> 2};
    struct stamp_tlv tlv;
    size_t at = tlvs.pos;
    for (; stamp_tlv_next(&tlvs, &tlv); at = tlvs.pos) {
        if (!tlv.framed || !stamp_tlv_length_fits(tlv.type, tlv.size)) {
            answer[at] = STAMP_MALFORMED | (is_served(tlv.type) ? 0 : STAMP_UNRECOGNISED);
            return a.verdict;
        }
        bool understood =
            is_served(tlv.type) && served[tlv.type](&a, tlv.value, answer + at + TLV_HEADER);
        answer[at] = understood ? 0 : STAMP_UNRECOGNISED;
    }
    if (at < tlvs.size)  // less than a header
        answer[at] = STAMP_UNRECOGNISED | STAMP_MALFORMED;
    return a.verdict;
}
