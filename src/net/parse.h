// SPDX-License-Identifier: ISC
// A configuration file's text to struct net, or all that is wrong with it.
#pragma once

#include "net/errors.h"
#include "net/net.h"

// False when there is an error (then `net` is not to be used); warnings and notes may stand in
// `errors` also when it is true, sorted by line. `file_name` is lent: it begins every error.
bool net_parse(const char *text, size_t size, const char *file_name, struct net *net,
               struct net_errors *errors);
