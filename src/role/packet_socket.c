// SPDX-License-Identifier: ISC
#include "role/packet_socket.h"

#include "probe/hairpin.h"
#include "probe/ip.h"
#include "role/datagram.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HOPS_BACK = 254 };

// Everything that crosses the interface is shown to it: UDP to the port with one hop gone, of both
// families, as it stands behind an Ethernet header.
static int filter(int fd)
{
    const struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 6),
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 14 + 9),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IP_UDP, 0, 12),
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 14 + 8),
        BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 14),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, HOPS_BACK, 0, 9),
        BPF_JUMP(BPF_JMP | BPF_JA, 5, 0, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IPV6, 0, 7),
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 14 + 6),  // next header and hop limit
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IP_UDP << 8 | HOPS_BACK, 0, 5),
        BPF_STMT(BPF_LDX | BPF_IMM, 40),
        BPF_JUMP(BPF_JMP | BPF_JA, 0, 0, 0),
        BPF_STMT(BPF_LD | BPF_H | BPF_IND, 14 + 2),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, HAIRPIN_PORT, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    return datagram_filter(fd, code, sizeof code / sizeof code[0]);
}

static int find_interface(struct packet_socket *s, const char *device)
{
    struct ifreq request = {0};
    strncpy(request.ifr_name, device, sizeof request.ifr_name - 1);
    if (ioctl(s->fd, SIOCGIFINDEX, &request) < 0)
        return -errno;
    s->interface = (uint32_t)request.ifr_ifindex;
    if (ioctl(s->fd, SIOCGIFHWADDR, &request) < 0)
        return -errno;
    if (request.ifr_hwaddr.sa_family != ARPHRD_ETHER)
        return -EAFNOSUPPORT;
    memcpy(s->mac, request.ifr_hwaddr.sa_data, sizeof s->mac);
    return 0;
}

// Of protocol 0 nothing is heard.
static int bind_to(int fd, uint32_t interface, uint16_t protocol)
{
    const struct sockaddr_ll at = {
        .sll_family = AF_PACKET, .sll_protocol = htons(protocol), .sll_ifindex = (int)interface};
    return bind(fd, (const struct sockaddr *)&at, sizeof at) < 0 ? -errno : 0;
}

// Hears nothing before the filter stands.
int packet_socket_open(struct packet_socket *s, const char *device)
{
    s->fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    s->sender = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int error = s->fd < 0 || s->sender < 0 ? -errno : find_interface(s, device);
    if (!error)
        error = filter(s->fd);
    if (!error)
        error = datagram_want_departures(s->sender);
    if (!error)
        error = bind_to(s->sender, s->interface, 0);
    if (!error)
        error = bind_to(s->fd, s->interface, ETH_P_ALL);
    if (error)
        packet_socket_close(s);
    return error;
}

void packet_socket_close(struct packet_socket *s)
{
    if (s->fd >= 0)
        close(s->fd);
    if (s->sender >= 0)
        close(s->sender);
    s->fd = s->sender = -1;
}

int packet_socket_send(const struct packet_socket *s, const void *frame, size_t size, bool asks)
{
    struct iovec part = {(void *)frame, size};  // only read
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    _Alignas(8) uint8_t control[DATAGRAM_CONTROL_MAX];
    if (asks)
        datagram_put_departure(&message, control);
    return sendmsg(s->sender, &message, MSG_DONTWAIT) < 0 ? -errno : 0;
}

bool packet_socket_departed(const struct packet_socket *s, struct wall *at)
{
    return datagram_departed(s->sender, at);
}

int packet_socket_dropped(const struct packet_socket *s)
{
    struct tpacket_stats stats = {0};
    socklen_t size = sizeof stats;
    return getsockopt(s->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0 &&
           stats.tp_drops > 0;
}
