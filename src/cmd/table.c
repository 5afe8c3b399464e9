// SPDX-License-Identifier: ISC
#include "cmd/asking.h"
#include "cmd/verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char help[] =
    "  fairlead table dump FILE  the tables as they are now, as an MRT archive (RFC 6396)\n"
    "  fairlead table dump -     the same to standard output\n"
    "\n"
    "All routes of the sessions and of BMP, of one moment. `fairlead mrt FILE` shows them, "
    "`fairlead feed`\n"
    "plays them into a router. FILE appears when it is whole, or not at all.\n"
    "\n"
    "  -c, --config FILE  the daemon's configuration, for its control socket\n"
    "  --control PATH     the control socket itself\n"
    "  --json             the totals as one JSON object\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 done, 2 wrong usage, 3 the daemon does not answer, or the archive is not "
    "whole.\n";

enum { PIECE_MAX = 1 << 20 };  // octets: asked_bytes() holds as much

enum target_way {
    TARGET_ITSELF,    // a pipe or a device cannot be replaced: it is written to
    TARGET_NAMELESS,  // a file without a name, until it is whole: whatever ends us, nothing is left
    TARGET_NAMED,     // where the file system has no such files
};

struct target {
    const char *name;
    enum target_way way;
    int fd;
    char temporary[PATH_MAX];
};

static int fail(const struct target *target)
{
    fprintf(stderr, "fairlead: cannot write '%s': %s\n", target->name, strerror(errno));
    return 3;
}

static int open_temporary(struct target *target)
{
    char path[PATH_MAX];
    int size = snprintf(target->temporary, sizeof target->temporary, "%s.%ld", target->name,
                        (long)getpid());
    if (size >= (int)sizeof target->temporary) {
        errno = ENAMETOOLONG;
        return -1;
    }
    snprintf(path, sizeof path, "%s", target->name);
    target->way = TARGET_NAMELESS;
    int fd = open(dirname(path), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
        return fd;
    target->way = TARGET_NAMED;
    return open(target->temporary, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
}

static bool open_target(struct target *target)
{
    struct stat there;
    if (strcmp(target->name, "-") == 0)
        target->fd = STDOUT_FILENO;
    else if (stat(target->name, &there) == 0 && !S_ISREG(there.st_mode))
        target->fd = open(target->name, O_WRONLY | O_CLOEXEC);
    else
        target->fd = open_temporary(target);
    return target->fd >= 0;
}

static bool write_all(const struct target *target, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t wrote = write(target->fd, bytes, size);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return false;
        bytes += wrote;
        size -= (size_t)wrote;
    }
    return true;
}

// What was written becomes the file.
static bool replace(const struct target *target)
{
    char nameless[32];
    snprintf(nameless, sizeof nameless, "/proc/self/fd/%d", target->fd);
    return fsync(target->fd) == 0 &&
           (target->way == TARGET_NAMED ||
            linkat(AT_FDCWD, nameless, AT_FDCWD, target->temporary, AT_SYMLINK_FOLLOW) == 0) &&
           rename(target->temporary, target->name) == 0;
}

static int close_target(const struct target *target, int status)
{
    if (target->fd < 0 || target->fd == STDOUT_FILENO)
        return status;
    if (target->way != TARGET_ITSELF) {
        if (status == 0 && !replace(target))
            status = fail(target);
        if (status != 0)
            unlink(target->temporary);
    }
    return close(target->fd) < 0 && status == 0 ? fail(target) : status;
}

// Takes a line, and writes what it announces. `status` becomes 3 when that fails.
static void take_line(struct asked *asked, const struct target *target, int *status, json_t **done)
{
    const char *text = asked_line(asked), *bytes = NULL;
    json_t *line = text ? json_loads(text, 0, NULL) : NULL;
    const char *error = json_string_value(json_object_get(line, "error"));
    json_int_t size = json_integer_value(json_object_get(line, "piece"));
    if (json_object_get(line, "done")) {
        *done = line;
        return;
    }
    if (error)
        fprintf(stderr, "fairlead: %s\n", error);
    else if (size > 0 && size <= PIECE_MAX)
        bytes = asked_bytes(asked, (size_t)size);
    else if (text)
        fprintf(stderr, "fairlead: the daemon's answer is not what was expected\n");
    json_decref(line);
    if (!bytes)
        *status = 3;
    else if (!write_all(target, bytes, (size_t)size))
        *status = fail(target);
}

static void tell(const struct asking *asking, const json_t *done, FILE *out)
{
    long long left_out = (long long)json_integer_value(json_object_get(done, "left_out"));
    if (asking->json) {
        json_dumpf(done, out, JSON_COMPACT);
        fputc('\n', out);
        return;
    }
    fprintf(out, "%lld routes of %lld peers, %lld octets\n",
            (long long)json_integer_value(json_object_get(done, "routes")),
            (long long)json_integer_value(json_object_get(done, "peers")),
            (long long)json_integer_value(json_object_get(done, "bytes")));
    if (left_out > 0)
        fprintf(out, "%lld routes are left out: their attributes fit no record\n", left_out);
}

static int dump(const struct asking *asking, const char *name)
{
    const struct ask ask = {.kind = ASK_TABLE, .version = ASK_VERSION};
    struct target target = {.name = name, .fd = -1};
    struct asked asked = {.fd = -1};
    json_t *done = NULL;
    int status = open_target(&target) ? asking_ask(asking, &ask, &asked) : fail(&target);
    while (status == 0 && !done)
        take_line(&asked, &target, &status, &done);
    asked_done(&asked);
    status = close_target(&target, status);
    if (status == 0)
        tell(asking, done, target.fd == STDOUT_FILENO ? stderr : stdout);
    json_decref(done);
    return status;
}

int cmd_table(int argc, char **argv)
{
    struct asking asking = {0};
    int status = asking_options(&asking, "table", help, argc, argv);
    if (status != ASKING_GOES_ON)
        return status;
    if (argc - optind != 2 || strcmp(argv[optind], "dump") != 0)
        return asking_wrong("table", "write 'dump' and one file");
    return dump(&asking, argv[optind + 1]);
}
