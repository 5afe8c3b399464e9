// SPDX-License-Identifier: ISC
// Prefixes in a path-compressed binary trie, one root for each family, the nodes in a pool. A node
// whose `value` is 0 only joins others. Values belong to the caller.
#pragma once

#include "base/prefix.h"
#include "rib/pool.h"

struct trie_node {
    uint8_t bytes[16];
    uint32_t child[2];
    uint32_t value;  // 0: no prefix of the caller's
    uint8_t length;
    uint8_t family;  // 0: the item is free
};

struct trie {
    struct pool nodes;
    uint32_t root[FAMILIES];
};

void trie_init(struct trie *trie, struct pool_budget *budget);
void trie_done(struct trie *trie);

static inline struct trie_node *trie_at(const struct trie *trie, uint32_t node)
{
    return (struct trie_node *)pool_at(&trie->nodes, node);
}

struct prefix trie_prefix(const struct trie_node *node);

// The node of exactly this prefix; 0 when there is none.
uint32_t trie_find(const struct trie *trie, struct prefix prefix);
// The same, made when absent; 0 when memory is out. Set its value before anything else.
uint32_t trie_make(struct trie *trie, struct prefix prefix);
// Takes the node of this prefix away; its value must be 0 by now.
void trie_drop(struct trie *trie, struct prefix prefix);

// Calls `visit` for the nodes with a value that contain the address, the shortest prefix first.
void trie_matches(const struct trie *trie, struct address address,
                  void (*visit)(void *context, const struct trie_node *node), void *context);
// The same for all inside `outer`, in order of prefix. `visit` must not change the trie.
void trie_inside(const struct trie *trie, struct prefix outer,
                 void (*visit)(void *context, const struct trie_node *node), void *context);
