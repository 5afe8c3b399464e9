// SPDX-License-Identifier: ISC
#include "lab/space.h"

#include "lab/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char directory_of_all[] = "/run/fairlead-lab";
static const char directory_of_spaces[] = "/run/netns";

enum {
    SPACES_MAX = 64,
    KILL_ROUNDS_MAX = 200,  // of 10 ms: a process in the kernel may take a while to die
};

static bool path_join(char *path, const char *directory, const char *name)
{
    return snprintf(path, SPACE_PATH_MAX, "%s/%s", directory, name) < SPACE_PATH_MAX;
}

int space_namespace(const struct space *space, const char *node)
{
    char name[SPACE_PATH_MAX], path[SPACE_PATH_MAX];
    snprintf(name, sizeof name, "%s-%s", space->prefix, node);
    if (!path_join(path, directory_of_spaces, name))
        return -ENAMETOOLONG;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

struct inodes {
    size_t count;
    ino_t items[SPACES_MAX];
};

static bool is_ours(const char *prefix, const char *name)
{
    size_t size = strlen(prefix);
    return strncmp(name, prefix, size) == 0 && name[size] == '-';
}

static struct inodes inodes_of(const char *prefix)
{
    struct inodes inodes = {0};
    DIR *directory = opendir(directory_of_spaces);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        struct stat stat;
        if (is_ours(prefix, entry->d_name) && inodes.count < SPACES_MAX &&
            fstatat(dirfd(directory), entry->d_name, &stat, 0) == 0)
            inodes.items[inodes.count++] = stat.st_ino;
    }
    if (directory)
        closedir(directory);
    return inodes;
}

static bool lives_in(pid_t pid, const struct inodes *inodes)
{
    char path[64];
    struct stat stat_of_space;
    snprintf(path, sizeof path, "/proc/%d/ns/net", (int)pid);
    if (stat(path, &stat_of_space) < 0)
        return false;
    for (size_t i = 0; i < inodes->count; i++)
        if (inodes->items[i] == stat_of_space.st_ino)
            return true;
    return false;
}

// Kills every process in these namespaces, also those that daemons forked; how many it found.
static size_t kill_all_in(const struct inodes *inodes)
{
    size_t found = 0;
    DIR *directory = opendir("/proc");
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        pid_t pid = atoi(entry->d_name);
        if (pid > 0 && pid != getpid() && lives_in(pid, inodes)) {
            kill(pid, SIGKILL);
            found++;
        }
    }
    if (directory)
        closedir(directory);
    while (waitpid(-1, NULL, WNOHANG) > 0)  // those that became ours
        ;
    return found;
}

static void remove_names(const char *prefix)
{
    DIR *directory = opendir(directory_of_spaces);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        char path[SPACE_PATH_MAX];
        if (is_ours(prefix, entry->d_name) && path_join(path, directory_of_spaces, entry->d_name)) {
            umount2(path, MNT_DETACH);
            unlink(path);
        }
    }
    if (directory)
        closedir(directory);
}

static int remove_entry(const char *path, const struct stat *stat, int kind, struct FTW *at)
{
    (void)stat, (void)kind, (void)at;
    return remove(path);
}

static void clear(const char *prefix)
{
    char path[SPACE_PATH_MAX];
    struct inodes inodes = inodes_of(prefix);
    for (int round = 0; round < KILL_ROUNDS_MAX && kill_all_in(&inodes) > 0; round++)
        poll(NULL, 0, 10);
    remove_names(prefix);
    if (path_join(path, directory_of_all, prefix))
        nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

// The lock, -EWOULDBLOCK when its lab lives, other -errno.
static int lock_of(const char *prefix)
{
    char directory[SPACE_PATH_MAX], path[SPACE_PATH_MAX];
    if (!path_join(directory, directory_of_all, prefix) || !path_join(path, directory, "lock"))
        return -ENAMETOOLONG;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    int result = -errno;
    close(fd);
    return result;
}

static void clear_stale(void)
{
    DIR *directory = opendir(directory_of_all);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        if (strncmp(entry->d_name, "fl", 2) != 0 || strlen(entry->d_name) >= SPACE_PREFIX_MAX)
            continue;
        int lock = lock_of(entry->d_name);
        if (lock < 0)
            continue;
        clear(entry->d_name);
        close(lock);
    }
    if (directory)
        closedir(directory);
}

// In a session of its own, deaf to Ctrl-C: waits until the lab closes the pipe, in whatever way.
__attribute__((noreturn)) static void be_janitor(const struct space *space, int pipe)
{
    char byte;
    prctl(PR_SET_PDEATHSIG, 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_NAME, "lab-janitor");
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    while (read(pipe, &byte, 1) < 0 && errno == EINTR)
        ;
    clear(space->prefix);
    _exit(0);
}

static int start_janitor(struct space *space)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    pid_t pid = process_fork(-1);
    if (pid == 0) {
        close(ends[1]);
        be_janitor(space, ends[0]);
    }
    close(ends[0]);
    if (pid < 0)
        close(ends[1]);
    space->janitor = pid < 0 ? -1 : ends[1];
    space->janitor_pid = pid;
    return pid < 0 ? (int)pid : 0;
}

// One lab at a time: what another has just begun and not locked yet must not look stale.
static int claim(struct space *space)
{
    char path[SPACE_PATH_MAX];
    if (mkdir(directory_of_all, 0755) < 0 && errno != EEXIST)
        return -errno;
    path_join(path, directory_of_all, "lock");
    int turn = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (turn < 0 || flock(turn, LOCK_EX) < 0)
        return -errno;
    clear_stale();
    if (mkdir(space->directory, 0755) == 0 || errno == EEXIST)
        space->lock = lock_of(space->prefix);
    else
        space->lock = -errno;
    close(turn);
    return space->lock < 0 ? space->lock : 0;
}

int space_open(struct space *space)
{
    *space = (struct space){.lock = -1, .janitor = -1, .janitor_pid = -1};
    snprintf(space->prefix, sizeof space->prefix, "fl%d", (int)getpid());
    snprintf(space->directory, sizeof space->directory, "%s/%s", directory_of_all, space->prefix);
    int result = claim(space);
    if (result < 0)
        return result;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    return start_janitor(space);
}

void space_close(struct space *space)
{
    if (space->janitor >= 0)
        close(space->janitor);
    if (space->janitor_pid > 0)
        waitpid(space->janitor_pid, NULL, 0);
    if (space->lock >= 0)
        close(space->lock);
    *space = (struct space){.lock = -1, .janitor = -1, .janitor_pid = -1};
}
