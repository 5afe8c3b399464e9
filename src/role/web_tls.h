// SPDX-License-Identifier: ISC
// The certificate and key with which web speaks TLS, read while the parent still may.
#pragma once

#include "net/access.h"

#include <stdbool.h>

struct web_tls {
    char *certificate, *key;  // PEM; NULL: no TLS
};

// False: `why` (ROLE_ERROR_MAX bytes) says what is wrong with them.
bool web_tls_read(const struct net_access *access, struct web_tls *tls, char *why);
void web_tls_free(struct web_tls *tls);
