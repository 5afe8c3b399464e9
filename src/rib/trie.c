// SPDX-License-Identifier: ISC
#include "rib/trie.h"

#include <assert.h>
#include <string.h>

void trie_init(struct trie *trie, struct pool_budget *budget)
{
    *trie = (struct trie){0};
    pool_init(&trie->nodes, sizeof(struct trie_node), budget);
}

void trie_done(struct trie *trie)
{
    pool_done(&trie->nodes);
    memset(trie->root, 0, sizeof trie->root);
}

struct prefix trie_prefix(const struct trie_node *node)
{
    struct prefix prefix = {.address.family = (enum family)node->family, .length = node->length};
    memcpy(prefix.address.bytes, node->bytes, sizeof node->bytes);
    return prefix;
}

static unsigned bit(const uint8_t *bytes, unsigned at)
{
    return bytes[at / 8] >> (7 - at % 8) & 1;
}

// How many leading bits the two have in common, `most` at most.
static unsigned common_bits(const uint8_t *a, const uint8_t *b, unsigned most)
{
    for (unsigned byte = 0; byte * 8 < most; byte++) {
        unsigned differ = a[byte] ^ b[byte];
        if (differ == 0)
            continue;
        unsigned common = byte * 8 + (unsigned)__builtin_clz(differ) - 24;
        return common < most ? common : most;
    }
    return most;
}

static unsigned common_with(const struct trie_node *node, struct prefix prefix)
{
    unsigned most = node->length < prefix.length ? node->length : prefix.length;
    return common_bits(node->bytes, prefix.address.bytes, most);
}

// Where a descent towards `prefix` ends: `link` names the first node that does not lie strictly
// above it, or 0. The links before it, for repairs after a removal.
struct descent {
    uint32_t *link, *above;
};

static struct descent descend(const struct trie *trie, struct prefix prefix)
{
    struct descent at = {.link = (uint32_t *)&trie->root[prefix.address.family]};
    while (*at.link != 0) {
        struct trie_node *node = trie_at(trie, *at.link);
        if (node->length >= prefix.length || common_with(node, prefix) < node->length)
            break;
        at.above = at.link;
        at.link = &node->child[bit(prefix.address.bytes, node->length)];
    }
    return at;
}

static bool node_is(const struct trie *trie, uint32_t node, struct prefix prefix)
{
    return node != 0 && trie_at(trie, node)->length == prefix.length &&
           common_with(trie_at(trie, node), prefix) == prefix.length;
}

uint32_t trie_find(const struct trie *trie, struct prefix prefix)
{
    struct descent at = descend(trie, prefix);
    return node_is(trie, *at.link, prefix) && trie_at(trie, *at.link)->value != 0 ? *at.link : 0;
}

static uint32_t new_node(struct trie *trie, struct prefix prefix)
{
    uint32_t made = pool_take(&trie->nodes);
    if (made == 0)
        return 0;
    struct trie_node *node = trie_at(trie, made);
    memcpy(node->bytes, prefix.address.bytes, sizeof node->bytes);
    node->length = prefix.length;
    node->family = (uint8_t)prefix.address.family;
    return made;
}

// Puts `made` in the place of what `link` names, and that below it.
static void put_above(struct trie *trie, uint32_t *link, uint32_t made)
{
    uint32_t below = *link;
    struct trie_node *node = trie_at(trie, made);
    node->child[bit(trie_at(trie, below)->bytes, node->length)] = below;
    *link = made;
}

uint32_t trie_make(struct trie *trie, struct prefix prefix)
{
    struct descent at = descend(trie, prefix);
    if (node_is(trie, *at.link, prefix))
        return *at.link;
    uint32_t made = new_node(trie, prefix);
    if (made == 0)
        return 0;
    if (*at.link == 0) {
        *at.link = made;
        return made;
    }
    unsigned common = common_with(trie_at(trie, *at.link), prefix);
    if (common == prefix.length) {
        put_above(trie, at.link, made);
        return made;
    }
    uint32_t join = new_node(trie, prefix_of(prefix.address, (uint8_t)common));
    if (join == 0) {
        pool_give(&trie->nodes, made);
        return 0;
    }
    put_above(trie, at.link, join);
    trie_at(trie, join)->child[bit(prefix.address.bytes, common)] = made;
    return made;
}

// A node without a value and with fewer than two children joins nothing.
static void collapse(struct trie *trie, uint32_t *link)
{
    uint32_t node = *link;
    struct trie_node n = *trie_at(trie, node);
    if (n.value != 0 || (n.child[0] != 0 && n.child[1] != 0))
        return;
    *link = n.child[0] | n.child[1];
    pool_give(&trie->nodes, node);
}

void trie_drop(struct trie *trie, struct prefix prefix)
{
    struct descent at = descend(trie, prefix);
    assert(node_is(trie, *at.link, prefix) && trie_at(trie, *at.link)->value == 0);
    collapse(trie, at.link);
    if (at.above)
        collapse(trie, at.above);
}

void trie_matches(const struct trie *trie, struct address address,
                  void (*visit)(void *context, const struct trie_node *node), void *context)
{
    struct prefix host = {.address = address, .length = family_bits(address.family)};
    uint32_t at = trie->root[address.family];
    while (at != 0) {
        const struct trie_node *node = trie_at(trie, at);
        if (common_with(node, host) < node->length)
            return;
        if (node->value != 0)
            visit(context, node);
        if (node->length == host.length)
            return;
        at = node->child[bit(address.bytes, node->length)];
    }
}

void trie_inside(const struct trie *trie, struct prefix outer,
                 void (*visit)(void *context, const struct trie_node *node), void *context)
{
    enum { DEPTH_MAX = 128 + 2 };  // every level is a bit longer than the one above
    uint32_t stack[DEPTH_MAX];
    size_t depth = 0;
    uint32_t top = *descend(trie, outer).link;
    if (top == 0 || common_with(trie_at(trie, top), outer) < outer.length)
        return;
    stack[depth++] = top;
    while (depth > 0) {
        const struct trie_node *node = trie_at(trie, stack[--depth]);
        if (node->value != 0)
            visit(context, node);
        for (int side = 1; side >= 0; side--) {
            if (node->child[side] != 0)
                stack[depth++] = node->child[side];
        }
    }
}
