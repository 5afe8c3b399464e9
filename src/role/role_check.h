// SPDX-License-Identifier: ISC
// For tests: a role as a process of its own, on a disk that takes so much of a file and no more.
#pragma once

#include "base/check.h"
#include "role/channel.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

// In the child gives its end of the channel, which the role is to run on; in the parent -1, with
// the other end in `channel`.
static inline int role_fork(pid_t *pid, int *channel, rlim_t bytes_max)
{
    int fds[2];
    assert_int_equal(channel_pair(fds), 0);
    *channel = fds[0];
    *pid = fork();
    if (*pid == 0) {
        close(fds[0]);
        signal(SIGXFSZ, SIG_IGN);
        const struct rlimit limit = {bytes_max, RLIM_INFINITY};
        setrlimit(RLIMIT_FSIZE, &limit);
        freopen("/dev/null", "w", stderr);
        return fds[1];
    }
    close(fds[1]);
    return -1;
}
