// SPDX-License-Identifier: ISC
#include "role/link.h"

#include "role/endpoint.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int link_watch_open(struct link_watch *watch)
{
    watch->asking = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    watch->changes = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    union {
        struct sockaddr any;
        struct sockaddr_nl netlink;
    } groups = {.netlink = {.nl_family = AF_NETLINK,
                            .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR}};
    if (watch->asking >= 0 && watch->changes >= 0 &&
        bind(watch->changes, &groups.any, sizeof groups.netlink) == 0)
        return 0;
    int error = -errno;
    link_watch_close(watch);
    return error;
}

void link_watch_close(struct link_watch *watch)
{
    if (watch->asking >= 0)
        close(watch->asking);
    if (watch->changes >= 0)
        close(watch->changes);
    watch->asking = watch->changes = -1;
}

bool link_watch_changed(const struct link_watch *watch)
{
    bool has_changed = false;
    char message[8192];
    for (;;) {
        ssize_t got = recv(watch->changes, message, sizeof message, MSG_DONTWAIT | MSG_TRUNC);
        if (got < 0 && errno != ENOBUFS)  // ENOBUFS: so many that some were dropped
            return has_changed;
        has_changed = true;
    }
}

bool link_is_up(const struct link_watch *watch, const char *name)
{
    struct ifreq request = {0};
    strncpy(request.ifr_name, name, sizeof request.ifr_name - 1);
    if (ioctl(watch->asking, SIOCGIFFLAGS, &request) < 0)
        return false;
    const int wanted = IFF_UP | IFF_RUNNING;
    return (request.ifr_flags & wanted) == wanted;
}

static bool has_address(const struct ifaddrs *entry, struct address address)
{
    union endpoint endpoint = {0};
    if (!entry->ifa_addr || entry->ifa_addr->sa_family != endpoint_family(address.family))
        return false;
    memcpy(&endpoint, entry->ifa_addr,
           address.family == FAMILY_IPV6 ? sizeof endpoint.ipv6 : sizeof endpoint.ipv4);
    return address_equal(endpoint_address(&endpoint), address);
}

bool link_of_address(struct address address, char name[LINK_NAME_MAX])
{
    struct ifaddrs *all;
    bool is_found = false;
    if (address.family == FAMILY_NONE || getifaddrs(&all) < 0)
        return false;
    for (const struct ifaddrs *entry = all; entry && !is_found; entry = entry->ifa_next) {
        if (!has_address(entry, address) || (entry->ifa_flags & IFF_LOOPBACK))
            continue;
        strncpy(name, entry->ifa_name, LINK_NAME_MAX - 1);
        name[LINK_NAME_MAX - 1] = 0;
        is_found = true;
    }
    freeifaddrs(all);
    return is_found;
}
