// SPDX-License-Identifier: ISC
// A YAML file as a tree of texts, lists and maps, each with its line. YAML without its traps: no
// anchors, aliases, tags, second documents or repeated keys, and every value is text until its
// reader says otherwise ('no' is not false, '1:30' is not 90).
//
// Parses from memory; size and depth are bounded. Knows nothing of what the keys mean.
#pragma once

#include "net/errors.h"

enum {
    TREE_BYTES_MAX = 256 * 1024,
    TREE_NODES_MAX = 8192,
    TREE_DEPTH_MAX = 16,
};

enum tree_kind { TREE_TEXT, TREE_LIST, TREE_MAP, TREE_KINDS };

struct tree_node {
    enum tree_kind kind;
    uint32_t line;                  // where it begins, from 1
    const char *key;                // in a map: its key; else NULL
    uint32_t key_line;              // in a map: where the key stands
    const char *text;               // TREE_TEXT: without a zero inside; else NULL
    bool quoted;                    // TREE_TEXT: stood in quotes or as a block
    uint32_t count;                 // of children
    const struct tree_node *first;  // child
    const struct tree_node *next;   // sibling
};

struct tree;

// NULL when the text is not such YAML (then `errors` says where and what would be right) or memory
// is out. An empty file is an empty map. Free it with tree_free().
struct tree *tree_parse(const char *text, size_t size, struct net_errors *errors);
void tree_free(struct tree *tree);

const struct tree_node *tree_root(const struct tree *tree);
// The child of a map with this key; NULL when there is none, or `map` is NULL or no map.
const struct tree_node *tree_find(const struct tree_node *map, const char *key);
// The child at `index`; NULL when there are fewer, or `node` is NULL.
const struct tree_node *tree_at(const struct tree_node *node, uint32_t index);

const char *tree_kind_name(enum tree_kind kind);  // "a value", "a list", "a map"
// Of `count` words the one that `word` most likely meant; NULL when none is near.
const char *tree_nearest(const char *word, const char *const *words, size_t count);
