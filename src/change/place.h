// SPDX-License-Identifier: ISC
// Which device a file or a key is of, by a pattern of its path: "configs/{device}.conf",
// "**/{device}/*", "/network/{device}/**". "{device}" stands for a name, "*" for anything without
// a slash, "**" for anything, and "**" with a slash behind it also for nothing.
#pragma once

#include "net/net.h"

enum { PLACE_PATH_MAX = 1024 };  // bytes; longer ones are of no device

// Whether a pattern has its one "{device}", and nothing that cannot be read.
bool place_is_pattern(const char *pattern);
// The name of the device; where several fit, one that the configuration has. False: none.
bool place_device(const struct net *net, const char *pattern, const char *path, size_t size,
                  char name[NET_NAME_MAX]);
