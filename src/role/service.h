// SPDX-License-Identifier: ISC
// The service manager that started us, if one did: that we are ready, how we are, that we still
// live. sd_notify(3), sd_watchdog_enabled(3): datagrams to the socket named in NOTIFY_SOCKET.
// Nobody there, or nobody who reads: nothing happens, and nothing is waited for.
#pragma once

#include "base/clock.h"

#include <sys/socket.h>
#include <sys/un.h>

struct service {
    int fd;  // -1: no service manager
    struct sockaddr_un address;
    socklen_t address_size;
    int64_t watchdog_ns;  // it must hear from us within; 0: it does not ask
    struct mono told_at;
};

// Reads what the environment says, and takes it out, so that no child speaks for us.
void service_open(struct service *service);
void service_close(struct service *service);
// `text` is lines like "READY=1".
void service_tell(const struct service *service, const char *text);
// Once a turn of the loop that must not hang: tells that we live, twice as often as is asked for.
void service_turn(struct service *service, struct mono now);
