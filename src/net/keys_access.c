// SPDX-License-Identifier: ISC
#include "net/keys_rows.h"
#include "net/net.h"

static const struct key user_rows[] = {
    {.name = "name",
     .kind = KEY_NAME,
     .offset = offsetof(struct net_user, name),
     .doc =
         "whom the audit log and the answers name; as in alert.people for a person who is paged"},
    {.name = "password",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net_user, password),
     .max = NET_TEXT_MAX - 1,
     .doc = "what fairlead password prints: the hash of it, by scrypt"},
    {.name = "rights",
     .kind = KEY_RIGHTS,
     .offset = offsetof(struct net_user, rights),
     .doc = "read: see; ack: say who has an outage in hand; act: move traffic, hold it, let it go; "
            "admin: lift limits, end Fairlead"},
};
static const struct keys user_keys = KEYS_OF(user_rows);

static const struct key token_rows[] = {
    {.name = "name",
     .kind = KEY_NAME,
     .offset = offsetof(struct net_token, name),
     .doc = "whom the audit log and the answers name"},
    {.name = "sha256",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net_token, sha256),
     .max = NET_DIGEST_TEXT_MAX - 1,
     .doc = "of the token, 64 hexadecimal digits; fairlead password --token makes both"},
    {.name = "rights",
     .kind = KEY_RIGHTS,
     .offset = offsetof(struct net_token, rights),
     .doc = "likewise; limits are lifted by people only"},
    {.name = "until",
     .kind = KEY_LOCAL_TIME,
     .offset = offsetof(struct net_token, until_s),
     .doc = "it is refused from then on, UTC"},
};
static const struct keys token_keys = KEYS_OF(token_rows);

static const struct key rows[] = {
    {.name = "tls_certificate",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net_access, tls_certificate),
     .max = NET_TEXT_MAX - 1,
     .fallback = "",
     .doc = "file with the certificate of web, and those between it and its root, as PEM; read "
            "at the start and at SIGHUP; empty: web speaks HTTP without TLS"},
    {.name = "tls_key",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net_access, tls_key),
     .max = NET_TEXT_MAX - 1,
     .fallback = "",
     .doc = "file with its key, as PEM, which nobody else may read; likewise"},
    {.name = "tls_authorities",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net_access, tls_authorities),
     .max = NET_TEXT_MAX - 1,
     .fallback = "",
     .doc = "file with the certificates of who signs those of people's browsers and of machines: "
            "whoever has none that is signed so is refused, before any login or token, and at "
            "the links of pages too; none: no certificate is asked for; likewise"},
    {.name = "url",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net_access, url),
     .max = NET_TEXT_MAX - 1,
     .fallback = "",
     .doc = "how people reach web: https://HOST:PORT; only what names this host is then answered"},
    {.name = "link_secret_file",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net_access, link_secret),
     .max = NET_TEXT_MAX - 1,
     .fallback = "",
     .doc = "its first line, 32 characters or more that nobody knows, signs the link in each page "
            "that says that somebody has the outage in hand; empty: pages carry none"},
    {.name = "users",
     .kind = KEY_LIST,
     .offset = offsetof(struct net_access, users),
     .max = NET_USERS_MAX,
     .fallback = "",
     .section = &user_keys,
     .count_offset = offsetof(struct net_access, user_count),
     .stride = sizeof(struct net_user),
     .doc = "people who log in; none, and no tokens: who reaches web may read, and nobody acts"},
    {.name = "tokens",
     .kind = KEY_LIST,
     .offset = offsetof(struct net_access, tokens),
     .max = NET_TOKENS_MAX,
     .fallback = "",
     .section = &token_keys,
     .count_offset = offsetof(struct net_access, token_count),
     .stride = sizeof(struct net_token),
     .doc = "of machines, which send 'Authorization: Bearer TOKEN'"},
};
const struct keys keys_access = KEYS_OF(rows);
