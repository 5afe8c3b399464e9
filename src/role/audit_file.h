// SPDX-License-Identifier: ISC
// The file of the audit log: only ever appended to, and what was appended is on the disk. Every
// failure leaves it as it was or with a torn end, which the next opening closes by a record. When
// it is large it is renamed, with the number of its first record, and the chain goes on in a new
// one.
#pragma once

#include "audit/chain.h"
#include "role/spawn.h"

#include <stdbool.h>

enum {
    AUDIT_FILE_MIB_MAX = 16,  // then the next; read from end to end at each start, 0.2 s
    AUDIT_FILE_DIGITS = 12,   // of the number in the name of one that was put aside
};

struct audit_io {  // the system's calls, or a test's
    ssize_t (*write)(int fd, const void *bytes, size_t size);
    int (*sync)(int fd);
};
extern const struct audit_io audit_io_system;

struct audit_file {
    int directory, fd;  // -1: none
    const char *path, *name;
    const struct audit_io *io;
    struct audit_chain chain;  // of the last record that is on the disk for sure
    uint64_t first, bytes;     // number of the file's first record; 0: it is empty
    uint64_t torn;             // ends that were closed in it
    uint64_t bytes_max;
    char line[AUDIT_LINE_MAX];
};

// With privileges: makes it, and its directory, for this user. `path` is lent. 0 or -errno; -EBUSY:
// another process writes it.
int audit_file_open(struct audit_file *file, const char *path, const struct spawn_user *user);
void audit_file_close(struct audit_file *file);

// Reads all of it, closes a torn end, begins it if it is empty; after a failure too: nothing but
// what is on the disk is believed. `found` grows, even when it fails, by how many records behind
// the last one known for sure are there after all. 0 or -errno.
int audit_file_recover(struct audit_file *file, uint64_t *found);
// One record at the end of what is in `batch` (`*size` of `room` bytes); false: there is no room.
struct audit_batch {
    struct audit_chain chain;  // after the last one in it
    size_t size;
    char bytes[AUDIT_WRITE_MAX];
};
void audit_batch_begin(struct audit_batch *batch, const struct audit_file *file);
bool audit_batch_add(struct audit_batch *batch, const char *body, size_t size);
// Onto the disk. 0 or -errno: then recover before anything else is written.
int audit_file_write(struct audit_file *file, const struct audit_batch *batch);
// A new file when this one is large. 0 or -errno: it goes on in this one.
int audit_file_rotate(struct audit_file *file);
