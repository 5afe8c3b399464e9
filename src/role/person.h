// SPDX-License-Identifier: ISC
// Who asks, and what they may. At the other end of a UNIX socket: as the kernel says; no name
// service is asked, for those may hang when the network does, which is when people come. Over the
// web: as its process says, and not more than the configuration allows that name.
#pragma once

#include "net/net.h"
#include "net/rights.h"
#include "web/caller.h"

#include <sys/types.h>

struct person {
    uid_t uid;                            // ASKED_UID_*: the kernel does not know them
    char name[NET_NAME_MAX];              // as in /etc/passwd; "uid 1001" when it is not there
    uint32_t rights;                      // RIGHT_*
    char request_id[WEB_REQUEST_ID_MAX];  // see web/caller.h; "": none
};

// Who may act beside root and whoever runs the daemon: the members of a group; -1: nobody.
struct person_rule {
    gid_t group;
};

// False when the kernel does not say who it is: nobody then.
bool person_of(int fd, struct person_rule rule, struct person *person);

// What the caller claims, as far as the configuration allows that name.
struct person person_over_web(const struct net *net, const struct web_caller *caller);
