// SPDX-License-Identifier: ISC
// For tests: an audit log in several files, latest first.
#pragma once

#include "net/net.h"

#include "base/check.h"

#include <stdio.h>
#include <unistd.h>

enum { AUDIT_FILES = 3 };

// The log itself, then those that were put aside; NULL: there is none.
static inline void audit_files_write(const char *path, const char *const files[AUDIT_FILES])
{
    static const char *const numbers[AUDIT_FILES] = {"", ".000000000900", ".000000000020"};
    char aside[NET_TEXT_MAX + 16];
    for (int i = 0; i < AUDIT_FILES; i++) {
        snprintf(aside, sizeof aside, "%s%s", path, numbers[i]);
        unlink(aside);
        FILE *file = files[i] ? fopen(aside, "w") : NULL;
        if (file && (fputs(files[i], file) < 0 || fclose(file) != 0))
            fail_msg("%s cannot be written", aside);
    }
}
