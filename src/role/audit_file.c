// SPDX-License-Identifier: ISC
#include "role/audit_file.h"

#include "audit/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

const struct audit_io audit_io_system = {write, fdatasync};

enum { OPEN_FLAGS = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW, OPEN_MODE = 0640 };

// ---- opening

// Whoever we become must be able to begin the next file in it.
static int make_directory(const char *name, const struct spawn_user *user)
{
    if (mkdir(name, 0750) < 0)
        return errno == EEXIST ? 0 : -errno;
    return user->drop && chown(name, user->uid, user->gid) < 0 ? -errno : 0;
}

static int open_directory(const char *path, const struct spawn_user *user, int *directory)
{
    char name[NET_TEXT_MAX] = ".";
    const char *slash = strrchr(path, '/');
    if (slash)
        snprintf(name, sizeof name, "%.*s", slash == path ? 1 : (int)(slash - path), path);
    int error = make_directory(name, user);
    if (!error)
        *directory = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return !error && *directory < 0 ? -errno : error;
}

static int open_file(struct audit_file *file, int more_flags)
{
    file->fd = openat(file->directory, file->name, OPEN_FLAGS | more_flags, OPEN_MODE);
    if (file->fd < 0)
        return -errno;
    // Two writers would tear the chain apart.
    return flock(file->fd, LOCK_EX | LOCK_NB) < 0 ? (errno == EWOULDBLOCK ? -EBUSY : -errno) : 0;
}

int audit_file_open(struct audit_file *file, const char *path, const struct spawn_user *user)
{
    const char *slash = strrchr(path, '/');
    *file = (struct audit_file){.directory = -1,
                                .fd = -1,
                                .path = path,
                                .name = slash ? slash + 1 : path,
                                .io = &audit_io_system,
                                .bytes_max = (uint64_t)AUDIT_FILE_MIB_MAX << 20};
    audit_chain_init(&file->chain);
    int error = open_directory(path, user, &file->directory);
    if (!error)
        error = open_file(file, O_CREAT);
    if (!error && user->drop && geteuid() == 0 && fchown(file->fd, user->uid, user->gid) < 0)
        error = -errno;
    if (error)
        audit_file_close(file);
    return error;
}

void audit_file_close(struct audit_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    if (file->directory >= 0)
        close(file->directory);
    file->fd = file->directory = -1;
}

// ---- writing

// What could not be written whole is there in part: the next opening closes it.
static int write_all(struct audit_file *file, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = file->io->write(file->fd, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return written < 0 ? -errno : -EIO;
        bytes += written;
        size -= (size_t)written;
        file->bytes += (uint64_t)written;
    }
    return file->io->sync(file->fd) < 0 ? -errno : 0;
}

void audit_batch_begin(struct audit_batch *batch, const struct audit_file *file)
{
    batch->chain = file->chain;
    batch->size = 0;
}

bool audit_batch_add(struct audit_batch *batch, const char *body, size_t size)
{
    if (sizeof batch->bytes - batch->size < AUDIT_LINE_MAX)
        return false;
    batch->size += audit_chain_seal(&batch->chain, body, size, batch->bytes + batch->size);
    return true;
}

int audit_file_write(struct audit_file *file, const struct audit_batch *batch)
{
    int error = write_all(file, batch->bytes, batch->size);
    if (!error)
        file->chain = batch->chain;
    return error;
}

static int write_one(struct audit_file *file, const char *body, size_t size)
{
    struct audit_chain chain = file->chain;
    size_t length = audit_chain_seal(&chain, body, size, file->line);
    int error = write_all(file, file->line, length);
    if (!error)
        file->chain = chain;
    return error;
}

static int begin(struct audit_file *file, const char *why)
{
    char body[256];
    int size =
        snprintf(body, sizeof body, "\"record\":\"begin\",\"previous\":\"%s\",\"why\":\"%s\"",
                 file->chain.hash, why);
    int error = write_one(file, body, (size_t)size);
    if (!error && fsync(file->directory) < 0)  // its name, too
        error = -errno;
    if (!error)
        file->first = file->chain.number;
    return error;
}

// ---- the next file

static int put_aside(struct audit_file *file, const char *why)
{
    char aside[NET_TEXT_MAX + 32];
    snprintf(aside, sizeof aside, "%s.%0*" PRIu64, file->name, AUDIT_FILE_DIGITS, file->first);
    int old = file->fd;
    if (faccessat(file->directory, aside, F_OK, 0) == 0)
        return -EEXIST;  // never over another one
    if (renameat(file->directory, file->name, file->directory, aside) < 0)
        return -errno;
    int error = open_file(file, O_CREAT | O_EXCL);
    if (error) {  // back, so that the log goes on
        (void)renameat(file->directory, aside, file->directory, file->name);
        if (file->fd >= 0)
            close(file->fd);
        file->fd = old;
        return error;
    }
    close(old);
    file->bytes = 0;
    return begin(file, why);
}

int audit_file_rotate(struct audit_file *file)
{
    return file->bytes < file->bytes_max ? 0 : put_aside(file, "the file before was large");
}

// ---- reading it again

static int read_all(struct audit_file *file, struct audit_reader *reader)
{
    FILE *in = fdopen(dup(file->fd), "r");
    char *line = NULL;
    size_t room = 0;
    ssize_t size;
    if (!in)
        return -errno;
    // After a failed fsync the kernel may hold pages as clean that never reached the disk.
    (void)posix_fadvise(file->fd, 0, 0, POSIX_FADV_DONTNEED);
    audit_reader_init(reader);
    rewind(in);
    while ((size = getline(&line, &room, in)) > 0) {
        bool ended = line[size - 1] == '\n';
        bool goes_on = audit_reader_line(reader, line, (size_t)(size - ended), ended, NULL);
        if (reader->records == 1)
            file->first = reader->chain.number;
        if (!goes_on)
            break;
    }
    int error = ferror(in) ? -EIO : 0;
    free(line);
    fclose(in);
    return error;
}

// The bytes from the last good record on, into the hash that the closing record names.
static int digest_end(const struct audit_file *file, uint64_t from, uint64_t bytes, char *hash)
{
    char *end = malloc(bytes);
    ssize_t got = end ? pread(file->fd, end, bytes, (off_t)from) : -1;
    if (got == (ssize_t)bytes)
        audit_digest(end, bytes, hash);
    free(end);
    return got == (ssize_t)bytes ? 0 : -EIO;
}

static int close_torn(struct audit_file *file, const struct audit_wrong *torn)
{
    char body[256], hash[AUDIT_HASH_TEXT];
    int error = digest_end(file, torn->byte, torn->bytes, hash);
    int size =
        snprintf(body, sizeof body, "\"record\":\"torn\",\"bytes\":%" PRIu64 ",\"sha256\":\"%s\"",
                 torn->bytes, error ? "" : hash);
    return error ? error : write_one(file, body, (size_t)size);
}

// The last line must have an end before it can be judged: perhaps it lacks no more than that.
static int end_line(struct audit_file *file)
{
    char last = '\n';
    if (file->bytes > 0 && pread(file->fd, &last, 1, (off_t)file->bytes - 1) != 1)
        return -EIO;
    return last == '\n' ? 0 : write_all(file, "\n", 1);
}

// Another file may stand at our name by now: this one was put aside by the process before us, or by
// a person.
static int find_file(struct audit_file *file)
{
    struct stat ours, named;
    if (fstat(file->fd, &ours) < 0)
        return -errno;
    bool there = fstatat(file->directory, file->name, &named, AT_SYMLINK_NOFOLLOW) == 0;
    if (there && ours.st_dev == named.st_dev && ours.st_ino == named.st_ino) {
        file->bytes = (uint64_t)ours.st_size;
        return 0;
    }
    int old = file->fd, error = open_file(file, O_CREAT);
    if (error && file->fd >= 0)
        close(file->fd);
    if (error)
        file->fd = old;
    else
        close(old);
    file->bytes = !error && fstat(file->fd, &named) == 0 ? (uint64_t)named.st_size : 0;
    return error;
}

static int settle(struct audit_file *file, const struct audit_reader *reader)
{
    struct audit_wrong wrong;
    if (reader->begun)
        file->chain = reader->chain;
    if (file->bytes == 0)
        return begin(file, file->chain.number > 0 ? "the file before is gone" : "a new log");
    if (audit_reader_end(reader, &wrong))
        return 0;
    if (wrong.may_be_torn && reader->begun)
        return close_torn(file, &wrong);
    file->first = reader->begun ? file->first : 0;
    return put_aside(file, "the file before is damaged");
}

// Records that say something: not what begins a file or closes an end.
static uint64_t count_found(const struct audit_file *file, const struct audit_reader *reader,
                            uint64_t known)
{
    uint64_t from = file->first > known ? file->first : known, until = reader->chain.number;
    uint64_t torn = reader->torn - (file->torn < reader->torn ? file->torn : reader->torn);
    return known > 0 && until > from + torn ? until - from - torn : 0;
}

int audit_file_recover(struct audit_file *file, uint64_t *found)
{
    struct audit_reader *reader = malloc(sizeof *reader);
    uint64_t known = file->chain.number;
    int error = reader ? find_file(file) : -ENOMEM;
    if (!error)
        error = end_line(file);
    if (!error)
        error = read_all(file, reader);
    if (!error) {
        *found += count_found(file, reader, known);
        file->torn = reader->torn;
        error = settle(file, reader);
    }
    free(reader);
    return error;
}
