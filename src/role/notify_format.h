// SPDX-License-Identifier: ISC
// What each kind of channel is handed for a page: one row of data for each, filled with the page's
// words.
#pragma once

#include "alert/alert.h"
#include "web/link.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    NOTIFY_SECRET_MAX = 256,
    NOTIFY_BODY_MAX = 4096,
    NOTIFY_LINK_MAX = NET_TEXT_MAX + WEB_LINK_TEXT_MAX,
};

struct notify_about {
    const struct net *net;
    const struct alert_page *page;
    const char *secret;       // of the channel; "": none
    int64_t now_s;            // UTC
    const char *link_secret;  // of access.link_secret_file; "": pages carry no link
};

struct notify_request {
    char url[2 * NET_URL_MAX];
    char header[NOTIFY_SECRET_MAX + 32];        // of authorisation; "": none
    char body[NOTIFY_BODY_MAX];                 // JSON; of e-mail the whole message
    char from[NET_TEXT_MAX], to[NET_TEXT_MAX];  // of e-mail
};

// By which whom this page is for says that they have it; "" where there is none, or no more to
// have.
void notify_link(const struct notify_about *about, char text[NOTIFY_LINK_MAX]);
// False: it does not fit, or memory is out. Not for programs.
bool notify_format(const struct notify_about *about, struct notify_request *request);
