// SPDX-License-Identifier: ISC
#include "role/service.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Both may be set for somebody else: then WATCHDOG_PID is not us.
static int64_t watchdog_asked(void)
{
    const char *length_us = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    if (!length_us || (pid && strtol(pid, NULL, 10) != getpid()))
        return 0;
    long long us = strtoll(length_us, NULL, 10);
    return us > 0 && us < INT64_MAX / 1000 ? us * 1000 : 0;
}

void service_open(struct service *service)
{
    const char *name = getenv("NOTIFY_SOCKET");
    *service = (struct service){.fd = -1, .address.sun_family = AF_UNIX};
    size_t size = name ? strlen(name) : 0;
    if (size > 1 && size < sizeof service->address.sun_path && (name[0] == '/' || name[0] == '@')) {
        memcpy(service->address.sun_path, name, size);
        service->address_size =
            (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size + (name[0] == '/'));
        if (name[0] == '@')  // abstract: unix(7)
            service->address.sun_path[0] = '\0';
        service->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        service->watchdog_ns = watchdog_asked();
    }
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

void service_close(struct service *service)
{
    if (service->fd >= 0)
        close(service->fd);
    service->fd = -1;
}

void service_tell(const struct service *service, const char *text)
{
    if (service->fd >= 0)
        (void)sendto(service->fd, text, strlen(text), MSG_NOSIGNAL,
                     (const struct sockaddr *)&service->address, service->address_size);
}

void service_turn(struct service *service, struct mono now)
{
    if (service->watchdog_ns == 0 ||
        mono_since_ns(now, service->told_at) < service->watchdog_ns / 2)
        return;
    service->told_at = now;
    service_tell(service, "WATCHDOG=1");
}
