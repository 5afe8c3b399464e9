// SPDX-License-Identifier: ISC
#include "role/web_files.h"

#include <string.h>

// Nothing but the page's own files is loaded, nothing inline runs, and no text can become markup by
// any script: the browser itself refuses what our own code should never do (Trusted Types).
const char web_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

const struct web_file *web_file_find(const char *path)
{
    for (size_t i = 0; i < web_file_count; i++)
        if (strcmp(path, web_files[i].path) == 0)
            return &web_files[i];
    return NULL;
}
