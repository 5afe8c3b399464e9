// SPDX-License-Identifier: ISC
#include "role/audit_past.h"

#include "net/net.h"
#include "role/audit_file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int read_file(struct audit_past past, const char *path)
{
    FILE *in = fopen(path, "re");
    char *line = NULL;
    size_t room = 0;
    if (!in)
        return errno == ENOENT ? 0 : -errno;
    errno = 0;
    for (ssize_t size; (size = getline(&line, &room, in)) > 0;)
        past.line(past.search, line, (size_t)size);
    int error = feof(in) ? 0 : -(errno ? errno : EIO);
    free(line);
    fclose(in);
    return error;
}

static void take_name(const char *file, const char *name, const char *before, char *best)
{
    size_t size = strlen(name);
    if (strncmp(file, name, size) != 0 || file[size] != '.')
        return;
    const char *digits = file + size + 1;
    if (strspn(digits, "0123456789") != AUDIT_FILE_DIGITS || digits[AUDIT_FILE_DIGITS] != '\0')
        return;
    if (strcmp(digits, best) > 0 && (!before[0] || strcmp(digits, before) < 0))
        memcpy(best, digits, AUDIT_FILE_DIGITS + 1);
}

// The latest file of the log that was put aside before `number` ("": none was found yet), which
// becomes its number, or "" when there is none.
static int find_before(const char *path, char number[AUDIT_FILE_DIGITS + 1])
{
    char best[AUDIT_FILE_DIGITS + 1] = "", directory[NET_TEXT_MAX] = ".";
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    if (slash)
        snprintf(directory, sizeof directory, "%.*s", (int)(slash - path) + 1, path);
    DIR *all = opendir(directory);
    int error = all || errno == ENOENT ? 0 : -errno;
    for (struct dirent *one; all && (one = readdir(all));)
        take_name(one->d_name, name, number, best);
    if (all)
        closedir(all);
    memcpy(number, best, sizeof best);
    return error;
}

int audit_past_read(const char *path, int files_max, struct audit_past past)
{
    char number[AUDIT_FILE_DIGITS + 1] = "", aside[NET_TEXT_MAX + AUDIT_FILE_DIGITS + 2];
    int error = read_file(past, path);
    for (int files = 1; files < files_max && !error && past.is_wanted(past.search); files++) {
        error = find_before(path, number);
        if (error || !number[0])
            break;
        snprintf(aside, sizeof aside, "%s.%s", path, number);
        error = read_file(past, aside);
    }
    return error;
}
