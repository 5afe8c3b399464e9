// SPDX-License-Identifier: ISC
#include "probe/stamp.h"

#include <string.h>

enum { REQUEST_MBZ = 28 };       // RFC 8762 §4.2.1
enum { TLV_EXTRA_PADDING = 1 };  // RFC 8972 §4.1: the one we serve: by copying it
enum { TLV_HEADER = 4 };
enum { ERROR_Z = 0x4000 };            // RFC 4656 §4.1.2, RFC 8186 §2.1
#define NTP_UNIX_EPOCH_S 2208988800u  // 1970-01-01 in seconds since 1900
enum { TIMESTAMP_TAG_BITS = 16 };

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

uint64_t stamp_ntp(struct wall at)
{
    int64_t seconds = at.ns / NS_PER_S, rest = at.ns % NS_PER_S;
    if (rest < 0) {
        seconds--;
        rest += NS_PER_S;
    }
    uint64_t fraction = ((uint64_t)rest << 32) / NS_PER_S;
    return ((uint64_t)seconds + NTP_UNIX_EPOCH_S) << 32 | fraction;
}

uint64_t stamp_tagged_ntp(struct wall at, uint16_t tag)
{
    return (stamp_ntp(at) >> TIMESTAMP_TAG_BITS) << TIMESTAMP_TAG_BITS | tag;
}

// Seconds come round in 2^32 in both formats, so they are subtracted before they are scaled.
static int64_t ntp_between_ns(uint64_t later, uint64_t earlier)
{
    uint64_t between = later - earlier;
    int64_t seconds = (int32_t)(uint32_t)(between >> 32);
    return seconds * NS_PER_S + (int64_t)((between & UINT32_MAX) * NS_PER_S >> 32);
}

static int64_t ptp_between_ns(uint64_t later, uint64_t earlier)
{
    int64_t seconds = (int32_t)((uint32_t)(later >> 32) - (uint32_t)(earlier >> 32));
    return seconds * NS_PER_S + (uint32_t)later - (uint32_t)earlier;
}

int64_t stamp_turnaround_ns(const struct stamp_reply *reply)
{
    bool is_ptp = reply->error_estimate & ERROR_Z;
    int64_t kept = (is_ptp ? ptp_between_ns : ntp_between_ns)(reply->timestamp, reply->received_at);
    return kept > 0 ? kept : 0;
}

bool stamp_request_decode(const void *bytes, size_t size, struct stamp_request *request)
{
    struct cursor c = cursor_over(bytes, size);
    request->sequence = cursor_be32(&c);
    request->timestamp = cursor_be64(&c);
    request->error_estimate = cursor_be16(&c);
    request->ssid = cursor_be16(&c);
    // TWAMP-Light pads with less: what is missing up to 44 is MBZ anyway.
    size_t padding = cursor_left(&c) < REQUEST_MBZ ? cursor_left(&c) : REQUEST_MBZ;
    cursor_bytes(&c, padding);
    request->tlvs = cursor_part(&c, cursor_left(&c));
    return cursor_ok(&c) && size >= STAMP_TWAMP_SIZE;
}

bool stamp_reply_decode(const void *bytes, size_t size, struct stamp_reply *reply)
{
    struct cursor c = cursor_over(bytes, size);
    reply->sequence = cursor_be32(&c);
    reply->timestamp = cursor_be64(&c);
    reply->error_estimate = cursor_be16(&c);
    reply->ssid = cursor_be16(&c);
    reply->received_at = cursor_be64(&c);
    reply->sender_sequence = cursor_be32(&c);
    reply->sender_timestamp = cursor_be64(&c);
    reply->sender_error_estimate = cursor_be16(&c);
    cursor_be16(&c);  // MBZ
    reply->sender_ttl = cursor_u8(&c);
    // Three octets MBZ, which TWAMP-Light lacks.
    cursor_bytes(&c, cursor_left(&c) < 3 ? cursor_left(&c) : 3);
    reply->tlvs = cursor_part(&c, cursor_left(&c));
    return cursor_ok(&c);
}

static void write_zeros(struct writer *w, size_t count)
{
    for (; count > 0; count--)
        writer_u8(w, 0);
}

void stamp_request_encode(struct writer *w, const struct stamp_request *request)
{
    writer_be32(w, request->sequence);
    writer_be64(w, request->timestamp);
    writer_be16(w, request->error_estimate);
    writer_be16(w, request->ssid);
    write_zeros(w, REQUEST_MBZ);
}

void stamp_reply_encode(struct writer *w, const struct stamp_reply *reply)
{
    writer_be32(w, reply->sequence);
    writer_be64(w, reply->timestamp);
    writer_be16(w, reply->error_estimate);
    writer_be16(w, reply->ssid);
    writer_be64(w, reply->received_at);
    writer_be32(w, reply->sender_sequence);
    writer_be64(w, reply->sender_timestamp);
    writer_be16(w, reply->sender_error_estimate);
    writer_be16(w, 0);
    writer_u8(w, reply->sender_ttl);
    write_zeros(w, 3);
}

bool stamp_tlv_next(struct cursor *tlvs, struct stamp_tlv *tlv)
{
    if (cursor_left(tlvs) < TLV_HEADER)
        return false;
    tlv->flags = cursor_u8(tlvs);
    tlv->type = cursor_u8(tlvs);
    size_t size = cursor_be16(tlvs);
    tlv->framed = size <= cursor_left(tlvs);
    tlv->value = cursor_part(tlvs, tlv->framed ? size : cursor_left(tlvs));
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

// All that follows the base packet goes back as it came, each TLV with our flags (RFC 8972 §4).
// After one that runs past the packet nothing can be told apart any more: the rest is copied as it
// is.
static void reflect_tlvs(struct cursor tlvs, uint8_t *reply)
{
    struct stamp_tlv tlv;
    for (size_t at = tlvs.pos; stamp_tlv_next(&tlvs, &tlv); at = tlvs.pos) {
        bool fits = tlv.framed && stamp_tlv_length_fits(tlv.type, tlv.value.size);
        reply[at] = (uint8_t)((tlv.type == TLV_EXTRA_PADDING ? 0 : STAMP_UNRECOGNISED) |
                              (fits ? 0 : STAMP_MALFORMED));
    }
}

size_t stamp_reflect(const void *bytes, size_t size, const struct stamp_reflection *how,
                     uint8_t *reply)
{
    struct stamp_request request;
    if (!stamp_request_decode(bytes, size, &request))
        return 0;
    struct stamp_reply answer = {
        .sequence = how->stateful ? how->sequence : request.sequence,
        .timestamp = how->sent_at,
        .error_estimate = STAMP_ERROR_ESTIMATE,
        .ssid = request.ssid,
        .received_at = how->received_at,
        .sender_sequence = request.sequence,
        .sender_timestamp = request.timestamp,
        .sender_error_estimate = request.error_estimate,
        .sender_ttl = how->ttl,
    };
    uint8_t base[STAMP_SIZE];
    struct writer w = writer_over(base, sizeof base);
    stamp_reply_encode(&w, &answer);
    if (size > sizeof base) {
        const uint8_t *tlvs = (const uint8_t *)bytes + sizeof base;
        memcpy(reply + sizeof base, tlvs, size - sizeof base);
        reflect_tlvs(cursor_over(tlvs, size - sizeof base), reply + sizeof base);
    }
    memcpy(reply, base, size < sizeof base ? size : sizeof base);
    return size;
}
