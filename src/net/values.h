// SPDX-License-Identifier: ISC
// One value of the configuration: from its node in the file into its place in a struct, or an error
// that says what would be right.
#pragma once

#include "net/keys.h"
#include "net/net.h"
#include "net/tree.h"

enum { VALUES_WHERE_MAX = 160 };

struct values {
    struct net *net;  // routers are looked up here by name
    struct net_errors *errors;
    char where[VALUES_WHERE_MAX];  // "routers[0].address": of the value that is read
};

// False after an error. `place` is the field of `key`, already zeroed.
bool values_read(struct values *values, const struct tree_node *node, const struct key *key,
                 void *place);
