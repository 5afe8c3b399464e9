// SPDX-License-Identifier: ISC
#include "role/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <linux/sockios.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#if defined __SANITIZE_ADDRESS__
#define HAS_SANITIZERS 1
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define HAS_SANITIZERS 1
#endif
#endif
#ifndef HAS_SANITIZERS
#define HAS_SANITIZERS 0
#endif

enum { NAME_MAX_BYTES = 32 };

// Calls by their names in Linux; those that a machine has not are passed over. The C library
// chooses among old and new ones of the same meaning, so both stand here.
struct promised {
    unsigned promise;
    const char *calls;
};

static const struct promised promised[] = {
    {FILTER_STDIO,
     "read write readv writev pread64 preadv pwrite64 lseek close close_range dup dup2 dup3 fstat "
     "poll ppoll select pselect6 epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 "
     "eventfd2 pipe2 signalfd4 timerfd_create timerfd_settime fcntl fadvise64 "
     "recvfrom recvmsg recvmmsg sendto sendmsg sendmmsg shutdown getsockopt setsockopt "
     "socketpair getsockname getpeername accept accept4 ftruncate fallocate fsync fdatasync flock "
     "brk munmap mremap madvise rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending "
     "rt_sigtimedwait sigaltstack restart_syscall futex sched_yield membarrier rseq "
     "set_robust_list clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time "
     "getrandom getpid getppid gettid getuid geteuid getgid getegid getrlimit getrusage "
     "sysinfo uname umask exit exit_group"},
    {FILTER_INET | FILTER_ROUTING | FILTER_LOCAL, "bind connect listen"},
    {FILTER_LINKS, "connect"},  // a datagram socket, to learn its source
    {FILTER_LOOK | FILTER_READ | FILTER_WRITE,
     "access faccessat faccessat2 stat lstat newfstatat statx readlink readlinkat"},
    {FILTER_READ | FILTER_WRITE, "getdents64 statfs fstatfs"},
    {FILTER_WRITE, "open openat creat rename renameat renameat2 unlink unlinkat mkdir mkdirat "
                   "fchmod fchown utimensat pwritev"},
    {FILTER_CHILDREN, "wait4 waitid"},
    {FILTER_THREAD, "sched_getaffinity sched_getparam sched_getscheduler"},
};

// What no program that people would have us run has any use for.
static const char kept_from_programs[] =
    "acct add_key adjtimex bpf chroot clock_adjtime clock_settime create_module delete_module "
    "fanotify_init finit_module fsconfig fsmount fsopen fspick init_module io_uring_enter "
    "io_uring_register io_uring_setup ioperm iopl kcmp kexec_file_load kexec_load keyctl "
    "lookup_dcookie mount mount_setattr move_mount name_to_handle_at nfsservctl "
    "open_by_handle_at open_tree perf_event_open pivot_root process_madvise process_vm_readv "
    "process_vm_writev ptrace quotactl quotactl_fd reboot request_key setdomainname sethostname "
    "setns settimeofday swapoff swapon syslog umount umount2 unshare userfaultfd vhangup";

// Families of sockets by promise.
static const struct family {
    unsigned promise;
    int family;
} families[] = {
    {FILTER_INET, AF_INET},
    {FILTER_INET, AF_INET6},
    {FILTER_ROUTING, AF_NETLINK},
    {FILTER_LOCAL, AF_UNIX},
};

// Requests of ioctl() by promise.
static const struct request {
    unsigned promise;
    unsigned long number;
} requests[] = {
    {FILTER_STDIO, FIONBIO},      {FILTER_STDIO, FIOCLEX},       {FILTER_STDIO, FIONREAD},
    {FILTER_LINKS, SIOCGIFFLAGS}, {FILTER_LINKS, SIOCGIFINDEX},  {FILTER_LINKS, SIOCGIFNAME},
    {FILTER_LINKS, SIOCGIFMTU},   {FILTER_LINKS, SIOCGIFHWADDR}, {FILTER_LINKS, SIOCETHTOOL},
};

static int add_all(scmp_filter_ctx filter, uint32_t action, const char *calls)
{
    for (const char *at = calls, *end; *at; at = end + strspn(end, " ")) {
        char name[NAME_MAX_BYTES] = "";
        end = at + strcspn(at, " ");
        if ((size_t)(end - at) >= sizeof name)
            return -EINVAL;
        memcpy(name, at, (size_t)(end - at));
        int number = seccomp_syscall_resolve_name(name);
        int error = number < 0 ? 0 : seccomp_rule_add(filter, action, number, 0);
        if (error)
            return error;
    }
    return 0;
}

// Allowed when an argument, as far as the mask goes, is this.
static int add_if(scmp_filter_ctx filter, int call, struct scmp_arg_cmp is)
{
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &is);
}

static int add_sockets(scmp_filter_ctx filter, unsigned promises)
{
    int error = 0;
    for (size_t i = 0; !error && i < sizeof families / sizeof families[0]; i++)
        if (promises & families[i].promise)
            error = add_if(filter, SCMP_SYS(socket),
                           SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i].family, 0));
    return error;
}

static int add_requests(scmp_filter_ctx filter, unsigned promises)
{
    int error = 0;
    for (size_t i = 0; !error && i < sizeof requests / sizeof requests[0]; i++)
        if (promises & requests[i].promise)
            error = add_if(filter, SCMP_SYS(ioctl), SCMP_A1(SCMP_CMP_EQ, requests[i].number, 0));
    return error;
}

// Memory is never made executable; nobody is given signals but ourselves, by abort(); a process
// may name itself.
static int add_by_argument(scmp_filter_ctx filter, unsigned promises)
{
    static const int prctls[] = {PR_SET_NAME, PR_SET_PDEATHSIG, PR_GET_DUMPABLE, PR_SET_VMA};
    const scmp_datum_t self = (scmp_datum_t)getpid();
    int error = add_if(filter, SCMP_SYS(mmap), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    if (!error)
        error = add_if(filter, SCMP_SYS(mprotect), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    if (!error)  // fstat(), as the C library asks for it
        error = add_if(filter, SCMP_SYS(newfstatat),
                       SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH));
    if (!error)
        error = add_if(filter, SCMP_SYS(tgkill), SCMP_A0(SCMP_CMP_EQ, self, 0));
    if (!error)  // asks for limits, and sets none
        error = add_if(filter, SCMP_SYS(prlimit64), SCMP_A2(SCMP_CMP_EQ, 0, 0));
    for (size_t i = 0; !error && i < sizeof prctls / sizeof prctls[0]; i++)
        error = add_if(filter, SCMP_SYS(prctl), SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)prctls[i], 0));
    if (!error && (promises & FILTER_READ) && !(promises & FILTER_WRITE)) {
        const scmp_datum_t writes = O_ACCMODE | O_CREAT | O_TRUNC;
        error = add_if(filter, SCMP_SYS(openat), SCMP_A2(SCMP_CMP_MASKED_EQ, writes, O_RDONLY));
#ifdef __NR_open
        if (!error)
            error = add_if(filter, SCMP_SYS(open), SCMP_A1(SCMP_CMP_MASKED_EQ, writes, O_RDONLY));
#endif
    }
    return error;
}

// clone3() hides its flags from us: the C library takes "not there" for an answer, and then asks
// by clone().
static int add_threads(scmp_filter_ctx filter)
{
    int error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    if (error)
        return error;
    return add_if(filter, SCMP_SYS(clone), SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
}

static int add_promises(scmp_filter_ctx filter, unsigned promises)
{
    int error = 0;
    for (size_t i = 0; !error && i < sizeof promised / sizeof promised[0]; i++)
        if (promises & promised[i].promise)
            error = add_all(filter, SCMP_ACT_ALLOW, promised[i].calls);
    if (!error)
        error = add_sockets(filter, promises);
    if (!error)
        error = add_requests(filter, promises);
    if (!error)
        error = add_by_argument(filter, promises);
    if (!error && (promises & FILTER_THREAD))
        error = add_threads(filter);
    return error;
}

int filter_apply(unsigned promises)
{
    bool runs_programs = promises & FILTER_PROGRAMS;
    // When the parent ends, it is looked for leaks: by a clone of it that traces it.
    bool is_leak_checked = HAS_SANITIZERS && (promises & FILTER_CHILDREN);
    if (promises == 0)
        return 0;
    if (HAS_SANITIZERS)  // their reports read the program, and the map of its memory
        promises |= FILTER_READ;
    scmp_filter_ctx filter =
        seccomp_init(runs_programs || is_leak_checked ? SCMP_ACT_ALLOW : SCMP_ACT_KILL_PROCESS);
    if (!filter)
        return -ENOMEM;
    int error = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (!error && !is_leak_checked)
        error = runs_programs ? add_all(filter, SCMP_ACT_ERRNO(EPERM), kept_from_programs)
                              : add_promises(filter, promises);
    if (!error)
        error = seccomp_load(filter);
    seccomp_release(filter);
    return error;
}
