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
    watch->counting = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    union {
        struct sockaddr any;
        struct sockaddr_nl netlink;
    } groups = {.netlink = {.nl_family = AF_NETLINK,
                            .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR}};
    if (watch->asking >= 0 && watch->changes >= 0 && watch->counting >= 0 &&
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
    if (watch->counting >= 0)
        close(watch->counting);
    watch->asking = watch->changes = watch->counting = -1;
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

bool link_name(const struct link_watch *watch, uint32_t index, char name[LINK_NAME_MAX])
{
    struct ifreq request = {.ifr_ifindex = (int)index};
    if (ioctl(watch->asking, SIOCGIFNAME, &request) < 0)
        return false;
    memcpy(name, request.ifr_name, LINK_NAME_MAX);
    name[LINK_NAME_MAX - 1] = 0;
    return true;
}

// The kernel answers within the call that asks, so nothing is waited for. Gives the answer's size.
static size_t ask_stats(int fd, uint32_t index, void *answer, size_t size)
{
    const struct {
        struct nlmsghdr head;
        struct if_stats_msg body;
    } question = {
        .head = {.nlmsg_len = sizeof question,
                 .nlmsg_type = RTM_GETSTATS,
                 .nlmsg_flags = NLM_F_REQUEST},
        .body = {.ifindex = index, .filter_mask = IFLA_STATS_FILTER_BIT(IFLA_STATS_LINK_64)},
    };
    while (recv(fd, answer, size, MSG_DONTWAIT) > 0)  // to a question whose answer was not taken
        continue;
    if (send(fd, &question, sizeof question, MSG_DONTWAIT) < 0)
        return 0;
    ssize_t got = recv(fd, answer, size, MSG_DONTWAIT);
    return got > 0 ? (size_t)got : 0;
}

static bool read_stats(const struct link_watch *watch, const char *name, uint32_t *index,
                       struct rtnl_link_stats64 *stats)
{
    enum { HEAD = NLMSG_SPACE(sizeof(struct if_stats_msg)) };
    struct ifreq request = {0};
    char answer[1024];
    struct nlmsghdr message;
    struct rtattr attribute;
    strncpy(request.ifr_name, name, sizeof request.ifr_name - 1);
    if (ioctl(watch->asking, SIOCGIFINDEX, &request) < 0)
        return false;
    *index = (uint32_t)request.ifr_ifindex;
    size_t size = ask_stats(watch->counting, *index, answer, sizeof answer);
    if (size < HEAD + RTA_LENGTH(0))
        return false;
    memcpy(&message, answer, sizeof message);
    memcpy(&attribute, answer + HEAD, sizeof attribute);
    if (message.nlmsg_type != RTM_NEWSTATS || attribute.rta_type != IFLA_STATS_LINK_64 ||
        attribute.rta_len < RTA_LENGTH(0) || attribute.rta_len > size - HEAD)
        return false;
    size_t told = attribute.rta_len - RTA_LENGTH(0);  // a newer kernel may tell more
    memcpy(stats, answer + HEAD + RTA_LENGTH(0), told < sizeof *stats ? told : sizeof *stats);
    return true;
}

bool link_read_drops(const struct link_watch *watch, const char *name, struct link_drops *drops)
{
    struct rtnl_link_stats64 stats = {0};
    uint32_t index;
    if (!read_stats(watch, name, &index, &stats))
        return false;
    drops->sent = stats.tx_dropped + stats.tx_errors;
    drops->received = stats.rx_missed_errors + stats.rx_fifo_errors + stats.rx_over_errors;
    return true;
}

bool link_read_octets(const struct link_watch *watch, const char *name, struct count_octets *octets)
{
    struct rtnl_link_stats64 stats = {0};
    if (!read_stats(watch, name, &octets->index, &stats))
        return false;
    octets->out = stats.tx_bytes;
    octets->in = stats.rx_bytes;
    return true;
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
