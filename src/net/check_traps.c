// SPDX-License-Identifier: ISC
#include "net/check_inside.h"

#include <string.h>

static uint32_t user_line(const struct check *c, uint32_t index, const char *key)
{
    const struct tree_node *list = tree_find(tree_find(c->root, "traps"), "users");
    const struct tree_node *value = tree_find(tree_at(list, index), key);
    return value ? value->key_line : line_in(c, "traps", "users");
}

// RFC 3411 §5: 5 to 32 octets.
static bool is_engine_id(const char *text)
{
    if (strncmp(text, "0x", 2) == 0)
        text += 2;
    size_t size = strlen(text);
    return size >= 10 && size <= 64 && size % 2 == 0 &&
           strspn(text, "0123456789abcdefABCDEF") == size;
}

static bool is_auth(const char *text)
{
    static const char *const words[] = {"SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512"};
    bool found = false;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        found |= strcmp(text, words[i]) == 0;
    return found;
}

static void refuse(const struct check *c, uint32_t i, const char *key, const char *what)
{
    net_errors_add(c->errors, NET_ERROR, user_line(c, i, key), "traps.users[%u].%s: %s", i, key,
                   what);
}

// For informs all of one name are one: this host is the engine.
static bool has_other_keys(const struct net_trap_user *a, const struct net_trap_user *b)
{
    return strcmp(a->auth, b->auth) != 0 || strcmp(a->auth_key, b->auth_key) != 0 ||
           strcmp(a->priv_key, b->priv_key) != 0;
}

static void check_user(const struct check *c, uint32_t i)
{
    const struct net_trap_user *user = &c->net->traps.users[i];
    if (user->engine_id[0] && !is_engine_id(user->engine_id))
        refuse(c, i, "engine_id", "10 to 64 hexadecimal digits are wanted");
    if (!is_auth(user->auth))
        refuse(c, i, "auth", "SHA, SHA-224, SHA-256, SHA-384 or SHA-512 is wanted");
    if (user->priv_key[0] && !user->auth_key[0])
        refuse(c, i, "priv_key", "it needs an auth_key beside it (RFC 3411 §3.4.3)");
    for (uint32_t j = 0; j < i; j++)
        if (strcmp(user->name, c->net->traps.users[j].name) == 0 &&
            has_other_keys(user, &c->net->traps.users[j]))
            refuse(c, i, "name", "the same name has other keys above");
}

void check_traps(const struct check *c)
{
    const struct net_traps *traps = &c->net->traps;
    bool listens = traps->listen[FAMILY_IPV4].family || traps->listen[FAMILY_IPV6].family;
    if (!c->sound)
        return;
    for (uint32_t i = 0; i < traps->user_count; i++)
        check_user(c, i);
    if (listens && c->net->syslog.device_count == 0)
        net_errors_add(c->errors, NET_WARNING, line_in(c, "traps", "listen"),
                       "traps.listen: syslog.devices is empty: every trap will be refused");
    if (listens && !traps->community[0] && traps->user_count == 0)
        net_errors_add(c->errors, NET_WARNING, line_in(c, "traps", "listen"),
                       "traps.listen: every trap will be refused: write a community or users");
}
