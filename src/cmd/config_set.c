// SPDX-License-Identifier: ISC
#include "cmd/config_set.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool fail(const char *path, const char *why)
{
    fprintf(stderr, "fairlead: cannot read '%s': %s\n", path, why);
    return false;
}

static char *read_text(FILE *file, size_t *size)
{
    char *text = malloc((size_t)CONFIG_BYTES_MAX + 1);
    if (text)
        *size = fread(text, 1, (size_t)CONFIG_BYTES_MAX + 1, file);
    char *fits = text ? realloc(text, *size + 1) : NULL;
    return fits ? fits : text;
}

static bool load_file(struct config_set *set, const char *path)
{
    if (set->count == SIBLINGS_MAX)
        return fail(path, "more than 64 devices");
    struct config_set_file *file = &set->files[set->count];
    FILE *from = fopen(path, "rb");
    if (!from)
        return fail(path, strerror(errno));
    set->count++;
    size_t size = 0;
    file->path = strdup(path);
    file->text = read_text(from, &size);
    bool bad = ferror(from);
    fclose(from);
    if (!file->path || !file->text)
        return fail(path, "out of memory");
    if (bad)
        return fail(path, "it is no ordinary file, or damaged");
    if (!config_read(&file->config, file->text, size))
        return fail(path, size > CONFIG_BYTES_MAX ? "larger than 16 MiB" : "out of memory");
    const char *base = strrchr(path, '/');
    base = base ? base + 1 : path;
    const char *dot = strrchr(base, '.');
    size_t length = dot && dot > base ? (size_t)(dot - base) : strlen(base);
    snprintf(file->name, sizeof file->name, "%.*s", (int)length, base);
    return true;
}

static bool load_directory(struct config_set *set, const char *path)
{
    struct dirent **entries;
    bool good = true;
    int count = scandir(path, &entries, NULL, alphasort);
    if (count < 0)
        return fail(path, strerror(errno));
    for (int i = 0; i < count; i++) {
        char *inside = NULL;
        struct stat about;
        if (entries[i]->d_name[0] != '.' &&
            asprintf(&inside, "%s/%s", path, entries[i]->d_name) > 0 && stat(inside, &about) == 0 &&
            S_ISREG(about.st_mode))
            good &= load_file(set, inside);
        free(inside);
        free(entries[i]);
    }
    free(entries);
    return good;
}

bool config_set_load(struct config_set *set, const char *path)
{
    struct stat about;
    if (stat(path, &about) < 0)
        return fail(path, strerror(errno));
    return S_ISDIR(about.st_mode) ? load_directory(set, path) : load_file(set, path);
}

void config_set_done(struct config_set *set)
{
    for (uint32_t i = 0; i < set->count; i++) {
        config_done(&set->files[i].config);
        free(set->files[i].path);
        free(set->files[i].text);
    }
    set->count = 0;
}

const struct config_set_file *config_set_find(const struct config_set *set, const char *name)
{
    for (uint32_t i = 0; i < set->count; i++)
        if (strcmp(set->files[i].name, name) == 0)
            return &set->files[i];
    return NULL;
}
