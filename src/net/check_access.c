// SPDX-License-Identifier: ISC
// Who may see and act over HTTP. What is refused here would be open to everybody.
#include "net/check_inside.h"
#include "net/rights.h"

#include <ctype.h>
#include <string.h>

static uint32_t line_at(const struct check *c, const char *list, uint32_t index, const char *key)
{
    const struct tree_node *entry = tree_at(tree_find(tree_find(c->root, "access"), list), index);
    const struct tree_node *value = tree_find(entry, key);
    return value ? value->key_line : entry ? entry->line : line_in(c, "access", list);
}

bool check_is_loopback(struct address address)
{
    static const uint8_t one[16] = {[15] = 1};
    return address.family == FAMILY_IPV4 ? address.bytes[0] == 127
                                         : memcmp(address.bytes, one, sizeof one) == 0;
}

static void check_listens(const struct check *c)
{
    const struct net *net = c->net;
    char text[ADDRESS_TEXT_MAX];
    if (net->web_address.family && !check_is_loopback(net->web_address) &&
        !net_access_is_guarded(&net->access))
        net_errors_add(c->errors, NET_ERROR, line_in(c, "web", NULL),
                       "web: %s is reachable from elsewhere: Fairlead refuses to listen beyond "
                       "loopback without TLS and authentication: write 127.0.0.1 or [::1], or "
                       "access.tls_certificate, access.tls_key and access.users",
                       address_format(net->web_address, text));
}

static void check_needs(const struct check *c, const char *key, const char *value,
                        const char *needed, const char *needed_value)
{
    if (c->sound && value[0] && !needed_value[0])
        net_errors_add(c->errors, NET_ERROR, line_in(c, "access", key),
                       "access.%s: write access.%s, which it needs", key, needed);
}

// "https://fairlead.example.net:8470": what is written before a path. Goes into pages as it is.
static void check_url(const struct check *c)
{
    const char *url = c->net->access.url;
    const char *rest = strncmp(url, "https://", 8) == 0  ? url + 8
                       : strncmp(url, "http://", 7) == 0 ? url + 7
                                                         : "";
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.:[]";
    if (url[0] && (!rest[0] || rest[strspn(rest, allowed)] != '\0'))
        net_errors_add(c->errors, NET_ERROR, line_in(c, "access", "url"),
                       "access.url: '%.64s' is not how a host is reached: write "
                       "https://HOST:PORT, without a path",
                       url);
}

// Names of users and tokens share one space: the audit log has nothing else to tell them apart.
static const char *name_at(const struct net_access *access, uint32_t index)
{
    return index < access->user_count ? access->users[index].name
                                      : access->tokens[index - access->user_count].name;
}

static void check_names_differ(const struct check *c)
{
    const struct net_access *access = &c->net->access;
    uint32_t users = access->user_count;
    for (uint32_t i = 0; i < users + access->token_count; i++)
        for (uint32_t j = 0; j < i; j++) {
            const char *name = name_at(access, i), *list = i < users ? "users" : "tokens";
            uint32_t at = i < users ? i : i - users;
            if (name[0] && strcmp(name, name_at(access, j)) == 0)
                net_errors_add(c->errors, NET_ERROR, line_at(c, list, at, "name"),
                               "access.%s[%u].name: '%s' is also the name of access.%s[%u]: give "
                               "each its own",
                               list, at, name, j < users ? "users" : "tokens",
                               j < users ? j : j - users);
        }
}

// scrypt with r 32 and p 1 and 2^13 to 2^15 blocks, which take 32 to 128 MiB and 0.07 to 0.3 s:
// less is soon guessed, more would hold up everybody else who asks.
static bool is_scrypt(const char *hash)
{
    static const char head[] = "$7$", shape[] = "U..../....",
                      digits64[] =
                          "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    enum { SALT_MIN = 16, KEY_DIGITS = 43 };
    if (strncmp(hash, head, 3) != 0 || !hash[3] || !strchr("BCD", hash[3]) ||
        strncmp(hash + 4, shape, sizeof shape - 1) != 0)
        return false;
    const char *salt = hash + 4 + sizeof shape - 1;
    size_t salt_size = strspn(salt, digits64);
    const char *key = salt + salt_size + 1;
    return salt_size >= SALT_MIN && salt[salt_size] == '$' && strspn(key, digits64) == KEY_DIGITS &&
           key[KEY_DIGITS] == '\0';
}

static bool is_sha256(const char *text)
{
    size_t size = 0;
    while (isxdigit((unsigned char)text[size]))
        size++;
    return size == NET_DIGEST_TEXT_MAX - 1 && text[size] == '\0';
}

// What stands there is not told: it may be a password that somebody took for its hash.
static void check_hashes(const struct check *c)
{
    const struct net_access *access = &c->net->access;
    for (uint32_t i = 0; i < access->user_count; i++)
        if (access->users[i].password[0] && !is_scrypt(access->users[i].password))
            net_errors_add(c->errors, NET_ERROR, line_at(c, "users", i, "password"),
                           "access.users[%u].password: this is no hash by scrypt: write what "
                           "`fairlead password` prints",
                           i);
    for (uint32_t i = 0; i < access->token_count; i++)
        if (access->tokens[i].rights & RIGHT_ADMIN)
            net_errors_add(c->errors, NET_ERROR, line_at(c, "tokens", i, "rights"),
                           "access.tokens[%u].rights: limits are lifted by people only (S18): "
                           "remove admin",
                           i);
    for (uint32_t i = 0; i < access->token_count; i++)
        if (access->tokens[i].sha256[0] && !is_sha256(access->tokens[i].sha256))
            net_errors_add(c->errors, NET_ERROR, line_at(c, "tokens", i, "sha256"),
                           "access.tokens[%u].sha256: these are not 64 hexadecimal digits: write "
                           "what `fairlead password --token` prints",
                           i);
}

void check_access(const struct check *c)
{
    const struct net_access *access = &c->net->access;
    check_listens(c);
    check_needs(c, "tls_certificate", access->tls_certificate, "tls_key", access->tls_key);
    check_needs(c, "tls_key", access->tls_key, "tls_certificate", access->tls_certificate);
    check_needs(c, "tls_authorities", access->tls_authorities, "tls_key", access->tls_key);
    check_needs(c, "link_secret_file", access->link_secret, "url", access->url);
    check_url(c);
    check_names_differ(c);
    check_hashes(c);
}
