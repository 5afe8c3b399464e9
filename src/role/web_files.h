// SPDX-License-Identifier: ISC
// The files of the dashboard, inside the binary. Whoever may reach the server may have them: they
// hold nothing of the network. Made of web/ by tools/embed_web.py.
#pragma once

#include <stddef.h>

struct web_file {
    const char *path;  // as asked for: "/"
    const char *type;  // Content-Type
    const void *bytes;
    size_t size;
    const char *policy;    // Content-Security-Policy
    const char *encoding;  // Content-Encoding of the bytes; NULL: none
};

extern const char web_policy[];
extern const struct web_file web_files[];
extern const size_t web_file_count;

const struct web_file *web_file_find(const char *path);  // NULL: there is no such file
