// SPDX-License-Identifier: ISC
#include "bgp/message.h"

enum { BAD_MESSAGE_LENGTH = 2 };

// Where a message is out of place, the subcode says which state it met (RFC 6608 §3). 0: in place.
static uint8_t out_of_place(uint8_t type, enum bgp_state state)
{
    static const struct {
        uint16_t types;  // bit n: type n is in its place
        uint8_t subcode;
    } rules[BGP_STATES] = {
        [BGP_STATE_ANY] = {UINT16_MAX, 0},
        [BGP_STATE_OPENSENT] = {1 << BGP_OPEN | 1 << BGP_NOTIFICATION, 1},
        [BGP_STATE_OPENCONFIRM] = {1 << BGP_KEEPALIVE | 1 << BGP_NOTIFICATION, 2},
        [BGP_STATE_ESTABLISHED] = {1 << BGP_UPDATE | 1 << BGP_NOTIFICATION | 1 << BGP_KEEPALIVE |
                                       1 << BGP_ROUTE_REFRESH,
                                   3},
    };
    return rules[state].types >> type & 1 ? 0 : rules[state].subcode;
}

static struct bgp_verdict bad_size(const struct bgp_header *header, size_t size)
{
    struct bgp_verdict verdict =
        bgp_reset(BGP_HEADER_ERROR, BAD_MESSAGE_LENGTH, 16, "RFC 4271 §6.1",
                  "the header says %u octets, and there are %zu", header->size, size);
    verdict.data[0] = (uint8_t)(header->size >> 8);
    verdict.data[1] = (uint8_t)header->size;
    verdict.data_size = 2;
    if (header->type == BGP_NOTIFICATION)  // RFC 4271 §6.4: never answered
        verdict = (struct bgp_verdict){.remedy = BGP_CLOSE,
                                       .spec = "RFC 4271 §6.4",
                                       .at = 16,
                                       .reason = "the NOTIFICATION is cut"};
    return verdict;
}

static struct bgp_verdict decode_body(struct cursor body, const struct bgp_context *context,
                                      struct bgp_message *message)
{
    message->decoded = true;
    switch (message->header.type) {
    case BGP_OPEN:
        return bgp_open_decode(body, context, &message->open);
    case BGP_UPDATE:
        return bgp_update_decode(body, context, &message->update);
    case BGP_NOTIFICATION:
        return bgp_notification_decode(body, &message->notification);
    case BGP_ROUTE_REFRESH:
        return bgp_refresh_decode(body, context, &message->refresh);
    default:
        message->decoded = false;  // KEEPALIVE has no body
        return (struct bgp_verdict){.remedy = BGP_ACCEPT};
    }
}

struct bgp_verdict bgp_body_decode(struct cursor bytes, const struct bgp_context *context,
                                   struct bgp_message *message)
{
    message->decoded = false;
    uint8_t subcode = out_of_place(message->header.type, context->state);
    if (subcode != 0)
        return bgp_reset(BGP_FSM_ERROR, subcode, 18, "RFC 6608 §3", "%s in this state",
                         bgp_type_name(message->header.type));
    cursor_bytes(&bytes, BGP_HEADER_SIZE);
    return decode_body(cursor_part(&bytes, cursor_left(&bytes)), context, message);
}

struct bgp_verdict bgp_message_decode(struct cursor bytes, const struct bgp_context *context,
                                      struct bgp_message *message)
{
    message->header = (struct bgp_header){0};
    message->decoded = false;
    size_t size = cursor_left(&bytes);
    if (size < BGP_HEADER_SIZE)
        return bgp_reset(BGP_HEADER_ERROR, BAD_MESSAGE_LENGTH, size, "RFC 4271 §6.1",
                         "a header has 19 octets, and there are %zu", size);

    struct bgp_verdict verdict = bgp_frame_decode(bytes, context, &message->header);
    if (verdict.remedy != BGP_ACCEPT)
        return verdict;
    if (size != message->header.size)
        return bad_size(&message->header, size);
    verdict = bgp_header_decode(bytes, context, &message->header);
    if (verdict.remedy != BGP_ACCEPT)
        return verdict;
    return bgp_body_decode(bytes, context, message);
}
