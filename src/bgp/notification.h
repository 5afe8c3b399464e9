// SPDX-License-Identifier: ISC
// The BGP NOTIFICATION message: RFC 4271 §4.5, its texts RFC 9003, hard reset RFC 8538.
#pragma once

#include "base/cursor.h"
#include "base/writer.h"
#include "bgp/verdict.h"

enum { BGP_TEXT_MAX = 255 * 4 + 1 };  // bytes: the longest text of RFC 9003, each octet as \xNN

struct bgp_notification {
    uint8_t code, subcode;
    bool hard_reset;      // RFC 8538 §3: code and subcode are those inside, or 6/9 when none are
    const uint8_t *data;  // view
    size_t data_size;
    const uint8_t *text;  // shutdown communication, view, not to be shown as it is; NULL: none
    uint8_t text_size;
};

// Cannot fail: a NOTIFICATION is never answered, so what can be read of it is. The verdict is
// always BGP_CLOSE.
struct bgp_verdict bgp_notification_decode(struct cursor body, struct bgp_notification *n);

// The text into `text` (BGP_TEXT_MAX bytes), safe for a terminal and a log: control bytes, broken
// UTF-8, quotes and backslashes become \xNN. Gives `text`.
const char *bgp_notification_text(const struct bgp_notification *n, char *text);

// Write a whole message. `text` is cut to 128 octets at a character, so that peers of RFC 8203 can
// read it; it may be NULL.
void bgp_notification_encode(struct writer *w, const struct bgp_verdict *verdict);
void bgp_cease_encode(struct writer *w, uint8_t subcode, const char *text);

// "Cease/Administrative Shutdown"
const char *bgp_error_name(uint8_t code, uint8_t subcode, char *text, size_t size);
