// SPDX-License-Identifier: ISC
// The outer form of a calendar, before the library sees it: whole lines, and few enough of them. A
// library that builds trees must not be handed a tower.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// Unfolds (RFC 5545 §3.1) into `out` (`size` bytes and one more, gets a final zero) and gives the
// length; `why` gets what is wrong, or NULL.
size_t lines_unfold(const char *text, size_t size, char *out, const char **why);
