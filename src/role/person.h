// SPDX-License-Identifier: ISC
// Who is at the other end of a UNIX socket, as the kernel says, and whether they may act. Asks no
// name service: those may hang when the network does, which is when people come.
#pragma once

#include "net/net.h"

#include <sys/types.h>

struct person {
    uid_t uid;
    char name[NET_NAME_MAX];  // as in /etc/passwd; "uid 1001" when it is not there
    bool may_act;
};

// Who may act beside root and whoever runs the daemon: the members of a group; -1: nobody.
struct person_rule {
    gid_t group;
};

// False when the kernel does not say who it is: nobody then.
bool person_of(int fd, struct person_rule rule, struct person *person);
