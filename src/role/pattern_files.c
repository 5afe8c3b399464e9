// SPDX-License-Identifier: ISC
#include "role/pattern_files.h"

#include "base/data_dirs.h"
#include "base/siphash.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_SIZE_MAX = 1 << 20, LOOK_MS = 500 };

static const char suffix[] = ".pattern";

static int is_pattern(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name), end = sizeof suffix - 1;
    return size > end && strcmp(entry->d_name + size - end, suffix) == 0;
}

static bool read_file(const char *path, char *bytes, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    *size = fread(bytes, 1, FILE_SIZE_MAX, file);
    bool good = !ferror(file);
    if (good && *size == FILE_SIZE_MAX) {
        good = false;
        errno = EFBIG;
    }
    fclose(file);
    return good;
}

// Takes one file, of the vendor; `to` is what it is taken into.
typedef bool take_file(void *to, const char *vendor, struct syslog_text text,
                       struct syslog_pattern_error *error);

static bool take_patterns(void *to, const char *vendor, struct syslog_text text,
                          struct syslog_pattern_error *error)
{
    return syslog_patterns_add(to, vendor, text, error);
}

static bool take_traps(void *to, const char *vendor, struct syslog_text text,
                       struct syslog_pattern_error *error)
{
    return trap_rules_add(to, vendor, text, error);
}

static bool add(take_file *take, void *to, const char *directory, const char *name, char *why)
{
    char path[PATH_MAX], vendor[NAME_MAX + 1];
    struct syslog_pattern_error error;
    size_t size = 0;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    snprintf(vendor, sizeof vendor, "%.*s", (int)(strlen(name) - (sizeof suffix - 1)), name);
    char *bytes = malloc(FILE_SIZE_MAX);
    if (!bytes || !read_file(path, bytes, &size)) {
        snprintf(why, PATTERN_FILES_WHY_MAX, "cannot read '%.200s': %s", path, strerror(errno));
        free(bytes);
        return false;
    }
    bool good = take(to, vendor, (struct syslog_text){bytes, size}, &error);
    if (!good)
        snprintf(why, PATTERN_FILES_WHY_MAX, "%.200s:%u: %s", path, error.line, error.what);
    free(bytes);
    return good;
}

static bool add_all(take_file *take, void *to, const char *directory, char *why)
{
    struct dirent **entries = NULL;
    int count = to ? scandir(directory, &entries, is_pattern, alphasort) : -1;
    bool good = count > 0;
    if (count < 0)
        snprintf(why, PATTERN_FILES_WHY_MAX, "cannot read the patterns in '%.200s': %s", directory,
                 strerror(errno));
    else if (count == 0)
        snprintf(why, PATTERN_FILES_WHY_MAX, "'%.200s' has no file of a name such as junos%s",
                 directory, suffix);
    for (int i = 0; i < count; i++) {
        good = good && add(take, to, directory, entries[i]->d_name, why);
        free(entries[i]);
    }
    free(entries);
    return good;
}

struct syslog_patterns *pattern_files_load(const char *directory, char *why)
{
    struct syslog_patterns *patterns = syslog_patterns_new();
    if (add_all(take_patterns, patterns, directory, why))
        return patterns;
    syslog_patterns_free(patterns);
    return NULL;
}

struct trap_rules *pattern_files_load_traps(const char *directory, char *why)
{
    struct trap_rules *rules = trap_rules_new();
    if (add_all(take_traps, rules, directory, why))
        return rules;
    trap_rules_free(rules);
    return NULL;
}

static const struct data_dirs *dirs(void)
{
    return &data_dirs[access(data_dirs[0].patterns, R_OK) == 0 ? 0 : 1];
}

const char *pattern_files_usual(void)
{
    return dirs()->patterns;
}

const char *pattern_files_shell(void)
{
    return dirs()->shell_patterns;
}

const char *pattern_files_trap(void)
{
    return dirs()->trap_patterns;
}

static uint64_t mark_of(const char *directory)
{
    static const struct siphash_key key = {1, 2};
    struct dirent **entries = NULL;
    int count = scandir(directory, &entries, is_pattern, alphasort);
    uint64_t mark = (uint64_t)count;
    for (int i = 0; i < count; i++) {
        char path[PATH_MAX];
        struct stat about = {0};
        snprintf(path, sizeof path, "%s/%s", directory, entries[i]->d_name);
        (void)stat(path, &about);
        const uint64_t facts[] = {
            mark,
            siphash(key, entries[i]->d_name, strlen(entries[i]->d_name)),
            (uint64_t)about.st_size,
            (uint64_t)about.st_ino,
            (uint64_t)about.st_mtim.tv_sec,
            (uint64_t)about.st_mtim.tv_nsec,
        };
        mark = siphash(key, facts, sizeof facts);
        free(entries[i]);
    }
    free(entries);
    return mark;
}

void pattern_watch_begin(struct pattern_watch *watch, const char *directory)
{
    *watch = (struct pattern_watch){.directory = directory};
    watch->taken = watch->seen = mark_of(directory);
}

bool pattern_watch_changed(struct pattern_watch *watch, struct mono now)
{
    if (!mono_reached(now, mono_add_ms(watch->looked_at, LOOK_MS)))
        return false;
    uint64_t mark = mark_of(watch->directory);
    bool changed = mark != watch->taken && mark == watch->seen;
    watch->looked_at = now;
    watch->seen = mark;
    if (changed)
        watch->taken = mark;
    return changed;
}
