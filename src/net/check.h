// SPDX-License-Identifier: ISC
// Whether a configuration whose values are all well-formed makes sense as a whole.
#pragma once

#include "net/net.h"
#include "net/tree.h"

// Adds what is wrong or doubtful to `errors`; `root` tells the lines.
void check_net(const struct net *net, const struct tree_node *root, struct net_errors *errors);
