// SPDX-License-Identifier: ISC
#include "role/spawn.h"

#include "role/channel.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

// Descriptors a role may hold: sessions of a crowd of peers are the most.
enum { ROLE_DESCRIPTORS_MAX = 8192 };

bool spawn_user_find(const char *name, bool root, struct spawn_user *user, char *why)
{
    *user = (struct spawn_user){.drop = geteuid() == 0, .uid = geteuid(), .gid = getegid()};
    if (!user->drop)
        return true;
    errno = 0;
    const struct passwd *entry = getpwnam(name);
    if (!entry || (entry->pw_uid == 0 && !root)) {
        snprintf(why, ROLE_ERROR_MAX, "cannot become user '%s': %s: name another with 'user:'",
                 name,
                 entry   ? "that is root again"
                 : errno ? strerror(errno)
                         : "there is no such user");
        return false;
    }
    user->uid = entry->pw_uid;
    user->gid = entry->pw_gid;
    return true;
}

// Leaving root takes them away; a service manager may also have given them to somebody else.
static int give_up_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 ||
        syscall(SYS_capset, &header, none) < 0)
        return -errno;
    return 0;
}

int spawn_drop(const struct spawn_user *user)
{
    if (user->drop && (setgroups(0, NULL) < 0 || setresgid(user->gid, user->gid, user->gid) < 0 ||
                       setresuid(user->uid, user->uid, user->uid) < 0))
        return -errno;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -errno;
    return geteuid() == 0 ? 0 : give_up_capabilities();
}

// A role holds few descriptors, and but for one never forks: one that is taken over cannot do more.
static int limit_resources(bool may_fork)
{
    const struct rlimit none = {0, 0};
    struct rlimit descriptors;
    if (getrlimit(RLIMIT_NOFILE, &descriptors) < 0)
        return -errno;
    if (descriptors.rlim_max > ROLE_DESCRIPTORS_MAX)
        descriptors.rlim_max = ROLE_DESCRIPTORS_MAX;
    if (descriptors.rlim_cur > descriptors.rlim_max)
        descriptors.rlim_cur = descriptors.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &descriptors) < 0 ||
        (!may_fork && setrlimit(RLIMIT_NPROC, &none) < 0))
        return -errno;
    return 0;
}

// Ctrl-C and a closed terminal reach the whole process group: what then happens is the parent's
// to decide, in its order.
static void settle_signals(void)
{
    static const struct {
        int signal;
        void (*disposition)(int);
    } settled[] = {{SIGINT, SIG_IGN},
                   {SIGHUP, SIG_IGN},
                   {SIGPIPE, SIG_IGN},
                   {SIGTERM, SIG_DFL},
                   {SIGCHLD, SIG_DFL}};
    for (size_t i = 0; i < sizeof settled / sizeof settled[0]; i++)
        signal(settled[i].signal, settled[i].disposition);
    sigset_t none;  // the parent blocks signals while it forks
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void close_what_is_of_others(const struct spawn *spawn)
{
    for (uint32_t i = 0; i < spawn->role_count; i++)
        if (i != spawn->role && spawn->roles[i])
            spawn->kinds[i].close(spawn->roles[i]);
    for (uint32_t i = 0; i < spawn->inherited_count; i++)
        if (spawn->inherited[i] >= 0)
            close(spawn->inherited[i]);
}

static int become_role(const struct spawn *spawn, pid_t parent, int channel)
{
    const struct role_kind *kind = &spawn->kinds[spawn->role];
    settle_signals();
    close_what_is_of_others(spawn);
    int error = spawn_drop(&spawn->user);
    if (!error)
        error = limit_resources(kind->forks != SPAWN_FORKS_NEVER);
    // The channel's end is how a role learns that the parent is gone; this is the second belt. It
    // is forgotten by a change of user, so it comes after that.
    if (!error && prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) < 0)
        error = -errno;
    if (error) {
        fprintf(stderr, "fairlead: %s: cannot give up privileges: %s\n", kind->name,
                strerror(-error));
        return 3;
    }
    if (getppid() != parent)
        return 3;
    char title[16];
    snprintf(title, sizeof title, "fairlead-%s", kind->name);
    prctl(PR_SET_NAME, title, 0, 0, 0);
    return kind->run(spawn->roles[spawn->role], channel);
}

pid_t spawn_role(const struct spawn *spawn, int *channel)
{
    int fds[2];
    int error = channel_pair(fds);
    if (error)
        return error;
    pid_t parent = getpid(), child = fork();
    if (child < 0) {
        error = -errno;
        close(fds[0]);
        close(fds[1]);
        return error;
    }
    if (child == 0) {
        close(fds[0]);
        _exit(become_role(spawn, parent, fds[1]));  // nothing of the parent's is to be tidied up
    }
    close(fds[1]);
    *channel = fds[0];
    return child;
}
