// SPDX-License-Identifier: ISC
#include "role/spawn.h"

#include "role/filter.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

// Descriptors a role may hold: sessions of a crowd of peers are the most.
enum { ROLE_DESCRIPTORS_MAX = 8192 };
// About nine times the share of a process that asks for nothing (sched(7)).
enum { FIRST_NICE = -10 };

// Root may become anybody; so may one to whom a service manager gave that alone.
static bool may_become_another(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct has[_LINUX_CAPABILITY_U32S_3] = {{0}};
    const uint32_t both = 1u << CAP_SETUID | 1u << CAP_SETGID;
    return geteuid() == 0 ||
           (syscall(SYS_capget, &header, has) == 0 && (has[0].effective & both) == both);
}

static bool find(const char *name, bool root, const char *remedy, struct spawn_user *user,
                 char *why)
{
    errno = 0;
    const struct passwd *entry = getpwnam(name);
    if (!entry || (entry->pw_uid == 0 && !root)) {
        snprintf(why, ROLE_ERROR_MAX, "cannot become user '%s': %s: %s", name,
                 entry   ? "that is root again"
                 : errno ? strerror(errno)
                         : "there is no such user",
                 remedy);
        return false;
    }
    *user = (struct spawn_user){.drop = true, .uid = entry->pw_uid, .gid = entry->pw_gid};
    return true;
}

bool spawn_user_find(const char *name, bool root, struct spawn_user *user, char *why)
{
    if (geteuid() == 0)
        return find(name, root, "name another with 'user:'", user, why);
    *user = (struct spawn_user){.drop = false, .uid = geteuid(), .gid = getegid()};
    return true;
}

static bool find_own(const struct spawn_user *parents, const char *role, struct spawn_user *user,
                     char *why)
{
    char name[NET_NAME_MAX + 16];
    const struct passwd *entry = getpwuid(parents->uid);
    snprintf(name, sizeof name, "%s-%s", entry ? entry->pw_name : "fairlead", role);
    if (!may_become_another()) {
        snprintf(why, ROLE_ERROR_MAX,
                 "cannot become user '%s': start as root or with CAP_SETUID and CAP_SETGID, or "
                 "write 'role_users: false'",
                 name);
        return false;
    }
    return find(name, false, "make it, as systemd-sysusers does, or write 'role_users: false'",
                user, why);
}

bool spawn_user_of(const struct net *net, const char *role, bool runs_hooks,
                   struct spawn_user *user, char *why)
{
    const char *hooks = net->hooks_user;
    if (!spawn_user_find(net->user, false, user, why))
        return false;
    if (runs_hooks && hooks[0] && may_become_another())
        return find(hooks, strcmp(hooks, "root") == 0, "name another with 'hooks_user:'", user,
                    why);
    return !net->role_users || find_own(&(struct spawn_user){.uid = user->uid}, role, user, why);
}

void spawn_files_as(const struct spawn_user *user)
{
    if (geteuid() == 0)
        return;
    setfsgid(user ? user->gid : getegid());
    setfsuid(user ? user->uid : geteuid());
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

// Those that no program could get back from; needs CAP_SETPCAP, which root has.
static void shrink_bounding_set(void)
{
    for (int capability = 0; capability <= CAP_LAST_CAP; capability++)
        (void)prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
}

int spawn_drop(const struct spawn_user *user)
{
    if (user->uid != 0)
        shrink_bounding_set();
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

void spawn_go_first(void)
{
    (void)setpriority(PRIO_PROCESS, 0, FIRST_NICE);
}

int spawn_keeper(const struct spawn *spawn)
{
    settle_signals();
    close_what_is_of_others(spawn);
    if (spawn->kinds[spawn->role].goes_first)  // and so does what it starts
        spawn_go_first();
    int error = spawn_drop(&spawn->user);
    if (!error && spawn->kinds[spawn->role].promises)
        error = filter_apply(FILTER_PROGRAMS);
    if (error)
        fprintf(stderr, "fairlead: %s: cannot give up privileges: %s\n",
                spawn->kinds[spawn->role].name, strerror(-error));
    return error;
}

int spawn_role(const struct spawn *spawn, int channel)
{
    const struct role_kind *kind = &spawn->kinds[spawn->role];
    bool runs_programs = kind->runs_programs && kind->runs_programs(spawn->net);
    settle_signals();
    char title[16];
    snprintf(title, sizeof title, "fairlead-%s", kind->name);
    prctl(PR_SET_NAME, title, 0, 0, 0);
    int error = limit_resources(kind->forks != SPAWN_FORKS_NEVER);
    if (!error)
        error = filter_apply(runs_programs ? FILTER_PROGRAMS : kind->promises);
    if (error) {
        fprintf(stderr, "fairlead: %s: cannot limit what it may do: %s\n", kind->name,
                strerror(-error));
        return 3;
    }
    return kind->run(spawn->roles[spawn->role], channel);
}
