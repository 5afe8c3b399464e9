// SPDX-License-Identifier: ISC
// Wires and addresses of a lab, by batches for ip(8).
#pragma once

#include "lab/lab.h"

// Namespaces, links, addresses, routes, rules, settings of the kernel. 0, or -errno and why.
int ground_build(struct lab *lab);
