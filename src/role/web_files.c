// SPDX-License-Identifier: ISC
#include "role/web_files.h"

#include "role/status_page.h"

#include <string.h>

const struct web_file *web_file_find(const char *path, struct web_file *file)
{
    if (strcmp(path, "/") != 0)
        return NULL;
    *file = (struct web_file){.path = "/",
                              .type = "text/html; charset=utf-8",
                              .bytes = status_page,
                              .size = status_page_size,
                              .policy = status_page_policy};
    return file;
}
