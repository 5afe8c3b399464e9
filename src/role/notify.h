// SPDX-License-Identifier: ISC
// The notify role from inside: it takes pages from the engine and delivers each by its channel, as
// often as it takes. Outbound only: nobody reaches it. No name server, mail server or disk that is
// slow or dead holds up the engine, or another page.
#pragma once

#include "base/random.h"
#include "engine/effect.h"
#include "engine/event.h"
#include "role/notify_format.h"
#include "role/notify_spool.h"
#include "role/program.h"
#include "role/roles.h"

#include <curl/curl.h>

enum {
    NOTIFY_JOBS_MAX = 1024,   // pages that wait
    NOTIFY_RUNNING_MAX = 16,  // attempts at once
};

// One attempt to deliver a page; lives as long as it runs.
struct notify_attempt {
    struct notify_request request;
    const struct net_upstream *way;  // NULL: as the host routes
    CURL *easy;
    struct curl_slist *headers, *receivers;
    size_t body_sent;
    char answer[64];  // the first words of what the other end says
    size_t answer_size;
    char error[CURL_ERROR_SIZE];
};

struct notify_job {
    bool is_used;
    struct alert_page page;
    int64_t since_s;  // UTC; when it was first asked for
    uint32_t tries;
    struct mono due;                 // of the next attempt
    struct notify_attempt *attempt;  // NULL: none runs, or a program does
    struct program program;
};

struct notify_role {
    const struct net *net;
    char secrets[NET_CHANNELS_MAX][NOTIFY_SECRET_MAX];
    char link_secret[WEB_LINK_SECRET_MAX];
    struct notify_spool *spool;
    int channel;
    bool is_stopping;
    bool is_spool_fuller;  // than there is room here: then nothing is taken out of it
    struct mono now;
    int64_t now_s;
    struct random random;
    CURLM *multi;
    struct notify_job jobs[NOTIFY_JOBS_MAX];
};

// notify_http.c: by libcurl, SMTP too.
bool notify_http_start(struct notify_role *r, struct notify_job *job, char *why, size_t size);
// Why it failed, into `why`; true: it did not.
bool notify_http_end(struct notify_job *job, CURLcode code, char *why, size_t size);
void notify_http_drop(struct notify_role *r, struct notify_job *job);
