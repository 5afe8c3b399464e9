// SPDX-License-Identifier: ISC
#pragma once

#include "net/net.h"

#include <stdbool.h>

// Whether a Host header means this machine: a page of somebody else that lets its name point here
// must not read ours (DNS rebinding).
bool web_host_is_local(const char *host);
// Whether it means this machine, or is how people reach it: the host of access.url. Where strangers
// reach a server that says nothing to them, and no url is written, any name will do.
bool web_host_is_ours(const struct net *net, const char *host);
