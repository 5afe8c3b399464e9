// SPDX-License-Identifier: ISC
// The page behind a link in a page (web/link.h): it asks before it acknowledges, because programs
// that look through mail follow links, and says what became of it. No script, nothing loaded.
#pragma once

#include <stddef.h>

enum web_ack_state {
    WEB_ACK_ASKS,       // whether the reader has it in hand
    WEB_ACK_TAKEN,      // it was said
    WEB_ACK_REFUSED,    // the engine did not take it: `words` says why
    WEB_ACK_OVER,       // no such outage is open
    WEB_ACK_OTHER_RUN,  // the link is of an earlier run of the daemon
    WEB_ACK_OLD,
    WEB_ACK_FORGED,  // nothing in the link counts
    WEB_ACK_SILENT,  // the engine has not said anything yet
    WEB_ACK_STATES
};

struct web_ack {
    enum web_ack_state state;
    const char *what;           // "outage 3 of fra1"; "": not known
    const char *person;         // in whose name
    const char *title, *words;  // anybody's texts; "": none
};

enum { WEB_ACK_HTML_MAX = 20 * 1024 };

// The length of what it writes into `html`, of which it needs WEB_ACK_HTML_MAX bytes at most.
size_t web_ack_write(const struct web_ack *ack, char html[WEB_ACK_HTML_MAX]);
// Content-Security-Policy: this page's own style, and its own form.
extern const char web_ack_policy[];
// What the policy allows by its hash.
extern const char web_ack_style[];
unsigned web_ack_status(enum web_ack_state state);  // of HTTP
