// SPDX-License-Identifier: ISC
// The certificate and key with which web speaks TLS, read while the parent still may.
#pragma once

#include "net/access.h"

#include <stdbool.h>
#include <stddef.h>

struct web_tls {
    char *certificate, *key;  // PEM; NULL: no TLS
};

// False: `why` (ROLE_ERROR_MAX bytes) says what is wrong with them.
bool web_tls_read(const struct net_access *access, struct web_tls *tls, char *why);

// From the engine's process to web's, when they were renewed: as one text, which begins so, and
// back. It is given back by web_tls_wipe(); NULL: out of memory.
enum { WEB_TLS_MARK = 't' };
char *web_tls_write(const struct web_tls *tls, size_t *size);
bool web_tls_take(const char *text, size_t size, struct web_tls *tls);  // false: it is none
void web_tls_wipe(char *text, size_t size);
void web_tls_free(struct web_tls *tls);
