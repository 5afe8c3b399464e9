// SPDX-License-Identifier: ISC
// The web server's HTTP: connections, requests as plain values, and answers with their headers.
#pragma once

#include "role/web_questions.h"
#include "web/link.h"
#include "web/visitor.h"

struct MHD_Daemon;
struct net;
struct web_login;
struct web_streams;
struct certificate;

enum { WEB_STATUS_BYTES_MAX = 256 * 1024 };

struct web_http {
    struct MHD_Daemon *server;
    const struct net *net;
    struct web_login *login;
    bool secure;            // it speaks TLS
    bool asks_certificate;  // and answers nobody who shows none
    char *status;           // the last picture, as JSON; WEB_STATUS_BYTES_MAX bytes
    size_t status_size;
    struct mono status_at, now;  // set by the owner before web_http_turn()
    struct web_questions questions;
    struct web_streams *streams;
    struct web_visitors visitors;
    char link_secret[WEB_LINK_SECRET_MAX];  // set by the owner; "": no link is ours
};

// Serves on the listening socket, which it takes, over TLS where there is a certificate, and asks
// the engine's process over `channel`. False when it cannot. `net` and `tls` are lent for as long.
bool web_http_open(struct web_http *http, int listen_fd, int channel, const struct net *net,
                   const struct certificate *tls);
// Goes on with another certificate. False: it cannot, and serves nobody any more.
bool web_http_seal(struct web_http *http, const struct certificate *tls);
void web_http_close(struct web_http *http);

// Waits until there is something to do, or something on `channel`, at most so long.
void web_http_wait(const struct web_http *http, int channel, int most_ms);
void web_http_turn(struct web_http *http);
