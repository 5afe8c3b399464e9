// SPDX-License-Identifier: ISC
// Keys of etcd that are watched over its JSON gateway: what is put or removed there is a change.
// Part of the ingest role. A connection that ends is made again from the revision behind the last
// one that was heard, so nothing is lost but what etcd itself compacted away, and that is told.
#pragma once

#include "change/etcd.h"

#include <curl/curl.h>

struct ingest_role;

struct ingest_etcd {
    struct ingest_role *role;
    uint32_t number;  // of net.changes.etcd
    CURL *easy;       // NULL: not connected
    int64_t next;     // revision that is to be heard; 0: from now
    bool is_lost;
    struct mono again_at;
    int64_t wait_ms;  // before the next try, doubled each time
    size_t filled;
    char *line;     // ETCD_LINE_MAX
    bool is_login;  // it is asked for a token, not for keys
    char password[NET_TEXT_MAX];
    char token[ETCD_TOKEN_MAX];  // empty: none yet, or none is needed
    struct curl_slist *headers;
    char request[ETCD_REQUEST_MAX], error[CURL_ERROR_SIZE];
};

struct ingest_etcds {
    CURLM *multi;
    struct ingest_etcd of[NET_ETCDS_MAX];
};

// Reads the secrets: false, and `why` says so.
bool ingest_etcd_open(struct ingest_role *role, char *why);
bool ingest_etcd_start(struct ingest_role *role);  // false: memory is out
void ingest_etcd_tick(struct ingest_role *role);   // never waits
void ingest_etcd_stop(struct ingest_role *role);
