// SPDX-License-Identifier: ISC
// Reads what the audit log says of before, its latest file first, for those who look for something
// in it. The chain of hashes is not checked: whoever can write the log can stop us anyway.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// One who looks; `search` is handed through.
struct audit_past {
    void (*line)(void *search, const char *line, size_t size);  // with its newline, if it has one
    bool (*is_wanted)(void *search);  // a file has ended: whether the one before is wanted
    void *search;
};

// At most `files_max` files. Needs the right to read them. 0 or -errno: part of it could not be
// read. That there is no log at all is no error.
int audit_past_read(const char *path, int files_max, struct audit_past past);
