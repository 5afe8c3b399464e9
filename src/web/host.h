// SPDX-License-Identifier: ISC
#pragma once

#include <stdbool.h>

// Whether a Host header means this machine: a page of somebody else that lets its name point here
// must not read ours (DNS rebinding).
bool web_host_is_local(const char *host);
