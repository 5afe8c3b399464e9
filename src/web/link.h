// SPDX-License-Identifier: ISC
// The link in a page by which its reader says "I have it", without a login. Signed (HMAC-SHA-256,
// RFC 2104, 128 bits of it): it says which outage, of which run of the daemon, whom it was sent to,
// and until when it holds; and nothing but to acknowledge can be done with it.
#pragma once

#include "net/net.h"
#include "web/request.h"

enum {
    WEB_LINK_TEXT_MAX =
        192,  // bytes: "/ack?outage=3&run=1795675609&person=anna&until=...&sign=..."
    WEB_LINK_SECRET_MIN = 32,
    WEB_LINK_SECRET_MAX = 256,
    WEB_LINK_S_MAX = 24 * 3600,  // it holds so long
};
#define WEB_LINK_PATH "/ack"

struct web_link {
    uint32_t outage;
    int64_t run_s;  // outages of another run of the daemon have the same numbers
    char person[NET_NAME_MAX];
    int64_t until_s;  // UTC
};

struct web_link_key {
    const char *secret, *site;  // one secret may serve several sites
};

// Behind access.url, into WEB_LINK_TEXT_MAX bytes.
void web_link_write(const struct web_link *link, struct web_link_key key, char *text);

enum web_link_fault { WEB_LINK_GOOD, WEB_LINK_FORGED, WEB_LINK_OLD };
// `link` is filled where it is not forged.
enum web_link_fault web_link_read(const struct web_request *request, struct web_link_key key,
                                  int64_t now_s, struct web_link *link);
