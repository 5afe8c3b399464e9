// SPDX-License-Identifier: ISC
// Who a request is from, and what that one may do.
#pragma once

#include "net/net.h"
#include "net/rights.h"
#include "web/session.h"

// Why a request may less than whom it seems to be from.
enum web_lack {
    WEB_LACKS_NOTHING,
    WEB_LACKS_LOGIN,  // nobody has said who they are
    WEB_LACKS_TOKEN,  // it brings a token, which is nobody's or too old
    WEB_LACKS_CSRF,   // the page that posts is not one of ours
    WEB_LACKS_RATE,   // too many requests
    WEB_LACKS_TIME,   // the last act is too long ago
    WEB_LACKS,
};

// By what somebody was let in: what goes on for long looks again and again whether it still holds.
struct web_pass {
    const struct web_session *session;  // NULL: none
    uint8_t id[WEB_SECRET_BYTES];       // of that session
    int64_t until_s;                    // of a token; 0: none
};

struct web_person {
    char name[NET_NAME_MAX];  // "": nobody has said
    uint32_t rights;          // RIGHT_*
    enum web_lack lack;
    const struct web_session *session;  // NULL: none
    struct web_pass pass;
};
