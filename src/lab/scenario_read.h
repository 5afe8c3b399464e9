// SPDX-License-Identifier: ISC
// Reading values out of a scenario's tree. What is missing or wrong is told to the errors, with its
// line, and something harmless is given instead.
#pragma once

#include "lab/scenario.h"

struct reader {
    struct scenario *scenario;
    struct net_errors *errors;
};

struct reader_range {
    double min, max, otherwise;  // `otherwise` below `min`: must be given
};

void reader_fail(struct reader *r, const struct tree_node *at, const char *text, ...)
    __attribute__((format(printf, 3, 4)));
// Complains of every key of `map` that is not one of `keys` (which end with NULL).
void reader_keys(struct reader *r, const struct tree_node *map, const char *const *keys);
bool reader_has_room(struct reader *r, const struct tree_node *at, uint32_t count, uint32_t max);

// NULL as `otherwise`: must be given.
const char *reader_text(struct reader *r, const struct tree_node *map, const char *key,
                        const char *otherwise);
double reader_number(struct reader *r, const struct tree_node *map, const char *key,
                     struct reader_range range);
// The index of one of `words` (which end with NULL); the first when the key is missing.
uint32_t reader_word(struct reader *r, const struct tree_node *map, const char *key,
                     const char *const *words);
uint32_t reader_node(struct reader *r, const struct tree_node *map, const char *key);
// NULL when the key is missing.
const struct tree_node *reader_list(struct reader *r, const struct tree_node *map, const char *key);
const struct tree_node *reader_map(struct reader *r, const struct tree_node *map, const char *key);
void reader_each(struct reader *r, const struct tree_node *list,
                 void (*read)(struct reader *r, const struct tree_node *item));

// Parts of a scenario. Traffic may be said by several trees, a key by each.
void reader_traffic(struct reader *r);
void reader_fault(struct reader *r, const struct tree_node *map);
void reader_said(struct reader *r, const struct tree_node *map);
void reader_expect(struct reader *r, const struct tree_node *map);
