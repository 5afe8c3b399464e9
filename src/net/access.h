// SPDX-License-Identifier: ISC
// Who may see and act over HTTP, as configured. A part of struct net; what is made of it is in
// web/.
#pragma once

#include "net/alert.h"

enum {
    NET_USERS_MAX = 32,
    NET_TOKENS_MAX = 32,
    NET_DIGEST_TEXT_MAX = 65,  // SHA-256 in hexadecimal digits, with the final zero
};

struct net_user {
    char name[NET_NAME_MAX];
    char password[NET_TEXT_MAX];  // its scrypt hash, as crypt(5) writes it
    uint32_t rights;              // RIGHT_*
};

struct net_token {  // of a machine
    char name[NET_NAME_MAX];
    char sha256[NET_DIGEST_TEXT_MAX];  // of the token
    uint32_t rights;                   // RIGHT_*
    int64_t until_s;                   // since 1970
};

struct net_access {
    char tls_certificate[NET_TEXT_MAX], tls_key[NET_TEXT_MAX];  // files; empty: no TLS
    char tls_authorities[NET_TEXT_MAX];  // file; empty: no certificate is asked for
    char url[NET_TEXT_MAX];          // how people reach the page, without a path; empty: not said
    char link_secret[NET_TEXT_MAX];  // file; empty: pages carry no link
    uint32_t user_count, token_count;
    struct net_user users[NET_USERS_MAX];
    struct net_token tokens[NET_TOKENS_MAX];
};

// Whether strangers may reach web: what it says is sealed, and only who is known hears it.
static inline bool net_access_is_guarded(const struct net_access *access)
{
    return access->tls_certificate[0] && access->tls_key[0] &&
           access->user_count + access->token_count > 0;
}
