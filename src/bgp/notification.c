// SPDX-License-Identifier: ISC
#include "bgp/notification.h"

#include "base/escape.h"
#include "bgp/header.h"

#include <stdio.h>
#include <string.h>

enum { SHUTDOWN = 2, RESET = 4, HARD_RESET = 9 };  // RFC 4486 §3, RFC 8538 §3: subcodes of Cease
enum { TEXT_SENT_MAX = 128 };                      // RFC 8203 §2; RFC 9003 allows 255

// clang-format off
enum { CODES = BGP_SEND_HOLD_EXPIRED + 1, SUBCODES = 12 };
static const struct {
    const char *name, *subcodes[SUBCODES];
} errors[CODES] = {
    [BGP_HEADER_ERROR] = {"Message Header Error",
        {[1] = "Connection Not Synchronized", "Bad Message Length", "Bad Message Type"}},
    [BGP_OPEN_ERROR] = {"OPEN Message Error",
        {[1] = "Unsupported Version Number", "Bad Peer AS", "Bad BGP Identifier",
         "Unsupported Optional Parameter", [6] = "Unacceptable Hold Time", "Unsupported Capability",
         [11] = "Role Mismatch"}},
    [BGP_UPDATE_ERROR] = {"UPDATE Message Error",
        {[1] = "Malformed Attribute List", "Unrecognized Well-known Attribute",
         "Missing Well-known Attribute", "Attribute Flags Error", "Attribute Length Error",
         "Invalid ORIGIN Attribute", [8] = "Invalid NEXT_HOP Attribute",
         "Optional Attribute Error", "Invalid Network Field", "Malformed AS_PATH"}},
    [BGP_HOLD_TIMER_EXPIRED] = {"Hold Timer Expired", {0}},
    [BGP_FSM_ERROR] = {"Finite State Machine Error",
        {[1] = "Unexpected Message in OpenSent", "Unexpected Message in OpenConfirm",
         "Unexpected Message in Established"}},
    [BGP_CEASE] = {"Cease",
        {[1] = "Maximum Number of Prefixes Reached", "Administrative Shutdown",
         "Peer De-configured", "Administrative Reset", "Connection Rejected",
         "Other Configuration Change", "Connection Collision Resolution", "Out of Resources",
         "Hard Reset", "BFD Down"}},
    [BGP_REFRESH_ERROR] = {"ROUTE-REFRESH Message Error", {[1] = "Invalid Message Length"}},
    [BGP_SEND_HOLD_EXPIRED] = {"Send Hold Timer Expired", {0}},
};
// clang-format on

const char *bgp_error_name(uint8_t code, uint8_t subcode, char *text, size_t size)
{
    const char *name = code < CODES ? errors[code].name : NULL;
    const char *detail = name && subcode < SUBCODES ? errors[code].subcodes[subcode] : NULL;
    if (!name)
        snprintf(text, size, "%u/%u", code, subcode);
    else if (detail)
        snprintf(text, size, "%s/%s", name, detail);
    else
        snprintf(text, size, subcode > 0 ? "%s/%u" : "%s", name, subcode);
    return text;
}

// RFC 9003 §2: one octet of length, then the text. A length that lies is cut to what is there.
static void read_text(struct cursor data, struct bgp_notification *n)
{
    uint8_t size = cursor_u8(&data);
    if (!cursor_ok(&data))
        return;
    size_t left = cursor_left(&data);
    n->text_size = left < size ? (uint8_t)left : size;
    n->text = cursor_bytes(&data, n->text_size);
}

struct bgp_verdict bgp_notification_decode(struct cursor body, struct bgp_notification *n)
{
    *n = (struct bgp_notification){0};
    n->code = cursor_u8(&body);
    n->subcode = cursor_u8(&body);
    if (n->code == BGP_CEASE && n->subcode == HARD_RESET) {
        n->hard_reset = true;
        if (cursor_left(&body) >= 2) {
            n->code = cursor_u8(&body);
            n->subcode = cursor_u8(&body);
        }
    }
    if (n->code == BGP_CEASE && (n->subcode == SHUTDOWN || n->subcode == RESET))
        read_text(body, n);
    n->data_size = cursor_left(&body);
    n->data = cursor_bytes(&body, n->data_size);

    struct bgp_verdict verdict = {.remedy = BGP_CLOSE, .spec = "RFC 4271 §6.4"};
    char name[80];
    snprintf(verdict.reason, sizeof verdict.reason, "the peer says %s",
             bgp_error_name(n->code, n->subcode, name, sizeof name));
    return verdict;
}

const char *bgp_notification_text(const struct bgp_notification *n, char *text)
{
    escape_text(n->text, n->text_size, text, BGP_TEXT_MAX);
    return text;
}

void bgp_notification_encode(struct writer *w, const struct bgp_verdict *verdict)
{
    size_t begun = bgp_message_begin(w, BGP_NOTIFICATION);
    writer_u8(w, verdict->code);
    writer_u8(w, verdict->subcode);
    writer_bytes(w, verdict->data, verdict->data_size);
    bgp_message_end(w, begun);
}

void bgp_cease_encode(struct writer *w, uint8_t subcode, const char *text)
{
    size_t begun = bgp_message_begin(w, BGP_NOTIFICATION);
    writer_u8(w, BGP_CEASE);
    writer_u8(w, subcode);
    if (text && (subcode == SHUTDOWN || subcode == RESET)) {
        size_t size = strnlen(text, TEXT_SENT_MAX + 1);
        if (size > TEXT_SENT_MAX)
            for (size = TEXT_SENT_MAX; size > 0 && ((uint8_t)text[size] & 0xc0) == 0x80;)
                size--;
        writer_u8(w, (uint8_t)size);
        writer_bytes(w, text, size);
    }
    bgp_message_end(w, begun);
}
