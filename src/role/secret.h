// SPDX-License-Identifier: ISC
// Secrets stand in files of their own, which nobody else may read, and never in the configuration:
// that is shown, copied and kept in repositories.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// The only line of the file, without what ends it. False: `why` (ROLE_ERROR_MAX bytes) says what is
// wrong and what would help; `text` is empty.
bool secret_read(const char *path, char *text, size_t size, char *why);
// The whole of it; of one that is no secret anybody may read it.
bool secret_read_whole(const char *path, bool is_secret, char *text, size_t size, char *why);
