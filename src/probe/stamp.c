// SPDX-License-Identifier: ISC
#include "probe/stamp.h"

#include <string.h>

enum { REQUEST_MBZ = 28 };            // RFC 8762 §4.2.1
enum { ERROR_Z = 0x4000 };            // RFC 4656 §4.1.2, RFC 8186 §2.1
#define NTP_UNIX_EPOCH_S 2208988800u  // 1970-01-01 in seconds since 1900
enum { TIMESTAMP_TAG_BITS = 16 };

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

static const uint8_t zeros[REQUEST_MBZ];

void stamp_request_encode(struct writer *w, const struct stamp_request *request)
{
    writer_be32(w, request->sequence);
    writer_be64(w, request->timestamp);
    writer_be16(w, request->error_estimate);
    writer_be16(w, request->ssid);
    writer_bytes(w, zeros, REQUEST_MBZ);
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
    writer_bytes(w, zeros, 3);
}

struct stamp_answer stamp_reflect(const void *bytes, size_t size,
                                  const struct stamp_reflection *how, uint8_t *reply)
{
    struct stamp_request request;
    if (!stamp_request_decode(bytes, size, &request))
        return (struct stamp_answer){0};
    const struct stamp_reply answer = {
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
    size_t base_size = size < sizeof base ? size : sizeof base;
    memcpy(reply, bytes, size);
    memcpy(reply, base, base_size);
    struct stamp_verdict verdict = stamp_tlvs_answer(request.tlvs, &how->policy, reply + base_size);
    return (struct stamp_answer){verdict.discard ? 0 : size, verdict};
}
