// SPDX-License-Identifier: ISC
// Secrets stand in files of their own, which nobody else may read, and never in the configuration:
// that is shown, copied and kept in repositories.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// The only line of the file, without what ends it. False: `why` (ROLE_ERROR_MAX bytes) says what is
// wrong and what would help; `text` is empty.
bool secret_read(const char *path, char *text, size_t size, char *why);

struct secret_file {
    const char *path;
    const char *cannot;  // what it is wanted for, after "cannot": "use the secret in"
    mode_t refused;      // rights that others must not have; 0: it is no secret
};

// The whole of it, likewise.
bool secret_read_whole(const struct secret_file *file, char *text, size_t size, char *why);
