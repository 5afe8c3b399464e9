// SPDX-License-Identifier: ISC
// Syslog over TLS: RFC 5425. Part of the ingest role; where messages begin and end, and what they
// say, is ingest_syslog.c's.
#pragma once

#include "net/net.h"
#include "role/ingest_syslog.h"

enum {
    INGEST_TLS_SHAKE_MS = 10 * 1000,  // from the connection until it is secure, or it ends
    INGEST_TLS_READS_MAX = 16,        // records of one connection in one turn
};

// Reads certificate, key and authorities, and takes the ports. False: `why` says so.
bool ingest_tls_open(struct ingest_role *role, char *why);
void ingest_tls_close(struct ingest_tls *tls);
// A renewed one, as certificate_write() gives it: new connections are secured with it, and those
// that there are stay as they are. What is none changes nothing.
void ingest_tls_renew(struct ingest_role *role, const char *text, size_t size);
int ingest_tls_start(struct ingest_role *role);    // 0 or an error of libuv
void ingest_tls_resume(struct ingest_role *role);  // a place is free for those who wait
void ingest_tls_tick(struct ingest_role *role);    // ends what is not secure in time
