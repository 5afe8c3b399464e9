// SPDX-License-Identifier: ISC
// The file on a disk that fails in every way that disks do.
#include "role/audit_file.h"

#include "audit/reader.h"
#include "base/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
    char directory[32], path[64];
};

static struct place make_place(void)
{
    struct place p = {.directory = "/tmp/audit-XXXXXX"};
    assert_non_null(mkdtemp(p.directory));
    snprintf(p.path, sizeof p.path, "%s/log", p.directory);
    return p;
}

static void remove_place(const struct place *p)
{
    DIR *directory = opendir(p->directory);
    for (struct dirent *entry; (entry = readdir(directory));)
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
    rmdir(p->directory);
}

static const struct spawn_user nobody_else = {0};

static struct audit_file *open_log(const struct place *p)
{
    uint64_t found = 0;
    struct audit_file *file = malloc(sizeof *file);
    assert_int_equal(audit_file_open(file, p->path, &nobody_else), 0);
    assert_int_equal(audit_file_recover(file, &found), 0);
    return file;
}

static void close_log(struct audit_file *file)
{
    audit_file_close(file);
    free(file);
}

static int append(struct audit_file *file, int count)
{
    struct audit_batch *batch = malloc(sizeof *batch);
    audit_batch_begin(batch, file);
    for (int i = 0; i < count; i++) {
        char body[64];
        int size = snprintf(body, sizeof body, "\"record\":\"effect\",\"a\":%d", i);
        assert_true(audit_batch_add(batch, body, (size_t)size));
    }
    int error = audit_file_write(file, batch);
    free(batch);
    return error;
}

struct verdict {
    bool good;
    uint64_t records, torn;
};

// A whole chain, in the order of these files.
static struct verdict verify(const char *const *paths, int count)
{
    struct audit_reader *reader = malloc(sizeof *reader);
    struct verdict verdict = {.good = true};
    struct audit_wrong wrong;
    char *line = NULL;
    size_t room = 0;
    audit_reader_init(reader);
    for (int i = 0; i < count; i++) {
        FILE *file = fopen(paths[i], "r");
        assert_non_null(file);
        audit_reader_next_file(reader);
        for (ssize_t size; (size = getline(&line, &room, file)) > 0;) {
            bool ended = line[size - 1] == '\n';
            verdict.good &= audit_reader_line(reader, line, (size_t)(size - ended), ended, NULL);
        }
        verdict.good &= audit_reader_end(reader, &wrong);
        fclose(file);
    }
    verdict.records = reader->records;
    verdict.torn = reader->torn;
    free(line);
    free(reader);
    return verdict;
}

static void check_log(const struct place *p, uint64_t records, uint64_t torn)
{
    const char *path = p->path;
    struct verdict verdict = verify(&path, 1);
    assert_true(verdict.good);
    assert_int_equal(verdict.records, records);
    assert_int_equal(verdict.torn, torn);
}

static void goes_on_where_it_ended(void **state)
{
    (void)state;
    struct place p = make_place();
    for (int i = 0; i < 3; i++) {
        struct audit_file *file = open_log(&p), *other = malloc(sizeof *other);
        assert_int_equal(append(file, 2), 0);
        assert_int_equal(file->first, 1);
        assert_int_equal(audit_file_open(other, p.path, &nobody_else), -EBUSY);
        free(other);
        close_log(file);
    }
    check_log(&p, 7, 0);
    struct stat status;
    assert_int_equal(stat(p.path, &status), 0);
    assert_int_equal(status.st_mode & 0777 & ~0640u, 0);
    remove_place(&p);
}

static void refuses_what_is_no_file(void **state)
{
    (void)state;
    struct place p = make_place();
    struct audit_file *file = malloc(sizeof *file);
    assert_int_equal(audit_file_open(file, "/proc/none/such/log", &nobody_else), -ENOENT);
    assert_int_equal(symlink("/tmp/audit-elsewhere", p.path), 0);
    assert_int_equal(audit_file_open(file, p.path, &nobody_else), -ELOOP);
    assert_int_equal(file->fd, -1);
    free(file);
    remove_place(&p);
}

// ---- a disk that fails: after so many bytes, or at the next sync.
static struct {
    size_t room;
    int write_error, sync_error;
} disk;

static ssize_t failing_write(int fd, const void *bytes, size_t size)
{
    size_t now = size < disk.room ? size : disk.room;
    if (now == 0) {
        errno = disk.write_error;
        return -1;
    }
    disk.room -= now;
    return write(fd, bytes, now);
}

static int failing_sync(int fd)
{
    errno = disk.sync_error;
    return disk.sync_error ? -1 : fdatasync(fd);
}

static const struct audit_io failing = {failing_write, failing_sync};

// Full at every byte of a batch of three: what reached it is found, the rest can be written again.
static void survives_a_full_disk(void **state)
{
    (void)state;
    for (size_t room = 0; room < 330; room += 7) {
        struct place p = make_place();
        struct audit_file *file = open_log(&p);
        uint64_t found = 0;
        assert_int_equal(append(file, 1), 0);
        file->io = &failing;
        disk.room = room;
        disk.write_error = ENOSPC;
        disk.sync_error = 0;
        struct audit_chain before = file->chain;
        assert_int_equal(append(file, 3), -ENOSPC);
        assert_memory_equal(&file->chain, &before, sizeof before);
        int error = audit_file_recover(file, &found);  // still full
        assert_true(error == 0 || error == -ENOSPC);
        disk.room = SIZE_MAX;
        assert_int_equal(audit_file_recover(file, &found), 0);
        assert_true(found < 3);
        assert_int_equal(append(file, 3 - (int)found), 0);
        close_log(file);
        const char *path = p.path;
        struct verdict verdict = verify(&path, 1);
        assert_true(verdict.good);
        assert_int_equal(verdict.records, 1 + 1 + 3 + verdict.torn);
        remove_place(&p);
    }
}

static void does_not_believe_a_failed_sync(void **state)
{
    (void)state;
    struct place p = make_place();
    struct audit_file *file = open_log(&p);
    uint64_t found = 0;
    file->io = &failing;
    disk.room = SIZE_MAX;
    disk.sync_error = EIO;
    struct audit_chain before = file->chain;
    assert_int_equal(append(file, 3), -EIO);
    assert_memory_equal(&file->chain, &before, sizeof before);
    disk.sync_error = 0;
    assert_int_equal(audit_file_recover(file, &found), 0);
    assert_int_equal(found, 3);  // this disk had them after all
    close_log(file);
    check_log(&p, 4, 0);
    remove_place(&p);
}

// The sync of the closing record fails: it is there all the same, and is none of ours.
static void counts_only_what_was_said(void **state)
{
    (void)state;
    struct place p = make_place();
    struct audit_file *file = open_log(&p);
    uint64_t found = 0;
    file->io = &failing;
    disk.room = 200;
    disk.write_error = ENOSPC;
    disk.sync_error = 0;
    assert_int_equal(append(file, 3), -ENOSPC);
    disk.room = SIZE_MAX;
    disk.sync_error = EIO;
    assert_int_equal(audit_file_recover(file, &found), -EIO);
    assert_int_equal(audit_file_recover(file, &found), -EIO);
    disk.sync_error = 0;
    assert_int_equal(audit_file_recover(file, &found), 0);
    assert_int_equal(found, 1);
    close_log(file);
    check_log(&p, 3, 1);
    remove_place(&p);
}

static void put(const struct place *p, const char *text)
{
    int fd = open(p->path, O_WRONLY | O_APPEND);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void closes_a_torn_end(void **state)
{
    (void)state;
    static const char *const ends[] = {"{\"hash\":\"00", "{\"hash\":\"00\n", "\n", "\n\n\n",
                                       "\x01\x02\n\xff"};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        struct place p = make_place();
        close_log(open_log(&p));
        put(&p, ends[i]);
        struct audit_file *file = open_log(&p);
        assert_int_equal(append(file, 1), 0);
        close_log(file);
        close_log(open_log(&p));
        check_log(&p, 3, 1);
        remove_place(&p);
    }
}

static void join(const struct place *p, const char *more, char *path)
{
    snprintf(path, 96, "%s%s", p->path, more);
}

// The chain goes on in the next file, as it does from one that is damaged.
static void begins_the_next_file(void **state)
{
    (void)state;
    struct place p = make_place();
    char first[96], second[96];
    struct audit_file *file = open_log(&p);
    file->bytes_max = 1000;
    assert_int_equal(audit_file_rotate(file), 0);
    assert_int_equal(file->first, 1);
    assert_int_equal(append(file, 9), 0);
    assert_int_equal(audit_file_rotate(file), 0);
    assert_int_equal(file->first, 11);
    assert_int_equal(append(file, 9), 0);
    assert_int_equal(audit_file_rotate(file), 0);
    close_log(file);
    join(&p, ".000000000001", first);
    join(&p, ".000000000011", second);
    const char *all[] = {first, second, p.path};
    struct verdict verdict = verify(all, 3);
    assert_true(verdict.good);
    assert_int_equal(verdict.records, 21);
    const char *swapped[] = {second, first, p.path};
    assert_false(verify(swapped, 3).good);
    remove_place(&p);
}

static void puts_a_damaged_file_aside(void **state)
{
    (void)state;
    struct place p = make_place();
    char aside[96];
    struct audit_file *file = open_log(&p);
    assert_int_equal(append(file, 3), 0);
    close_log(file);
    int fd = open(p.path, O_WRONLY);
    assert_int_equal(pwrite(fd, "x", 1, 300), 1);
    close(fd);
    file = open_log(&p);
    assert_int_equal(append(file, 1), 0);
    assert_true(file->first > 1);
    close_log(file);
    join(&p, ".000000000001", aside);
    const char *path = aside;
    assert_false(verify(&path, 1).good);
    check_log(&p, 2, 0);
    remove_place(&p);
}

// The process before put the file aside, or a person took it away: the descriptor that we were
// given is no longer the log.
static void finds_the_file_at_its_name(void **state)
{
    (void)state;
    struct place p = make_place();
    struct audit_file *file = open_log(&p);
    uint64_t found = 0;
    assert_int_equal(append(file, 1), 0);
    assert_int_equal(unlink(p.path), 0);
    assert_int_equal(audit_file_recover(file, &found), 0);
    assert_int_equal(file->first, 3);
    assert_int_equal(append(file, 1), 0);
    close_log(file);
    check_log(&p, 2, 0);
    remove_place(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_on_where_it_ended),
        cmocka_unit_test(refuses_what_is_no_file),
        cmocka_unit_test(survives_a_full_disk),
        cmocka_unit_test(does_not_believe_a_failed_sync),
        cmocka_unit_test(counts_only_what_was_said),
        cmocka_unit_test(closes_a_torn_end),
        cmocka_unit_test(begins_the_next_file),
        cmocka_unit_test(puts_a_damaged_file_aside),
        cmocka_unit_test(finds_the_file_at_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
