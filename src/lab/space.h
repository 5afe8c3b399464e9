// SPDX-License-Identifier: ISC
// The lab's ground: network namespaces named PREFIX-NODE, where `ip netns exec` finds them, and a
// directory for sockets, logs and copies of configurations. A prefix is "fl" and the lab's pid.
//
// Whatever happens to the lab, a janitor process clears the ground behind it; and what a killed
// janitor left, the next lab clears.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

enum { SPACE_PREFIX_MAX = 16, SPACE_DIRECTORY_MAX = 48, SPACE_PATH_MAX = 128 };  // bytes

struct space {
    char prefix[SPACE_PREFIX_MAX];
    char directory[SPACE_DIRECTORY_MAX];
    int lock;     // held as long as the ground is ours
    int janitor;  // a pipe to it: when it closes, the janitor clears
    pid_t janitor_pid;
};

// Clears what dead labs left, claims new ground, starts the janitor. 0 or -errno.
int space_open(struct space *space);
// Everything of it is gone when this returns: processes, namespaces, files.
void space_close(struct space *space);

int space_namespace(const struct space *space, const char *node);  // descriptor or -errno
