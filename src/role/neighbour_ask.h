// SPDX-License-Identifier: ISC
// The MAC address of a neighbour, as this host's kernel knows it, and how to make the kernel find
// out.
#pragma once

#include "base/prefix.h"

enum { NEIGHBOUR_MAC = 6 };  // octets: Ethernet

struct neighbour_ask {
    int netlink;        // rtnetlink(7): one question, one answer
    int udp[FAMILIES];  // what is sent by these needs the address
};

// 0 or -errno.
int neighbour_ask_open(struct neighbour_ask *ask);
void neighbour_ask_close(struct neighbour_ask *ask);
// Never waits. False when the kernel knows none, or not any more.
bool neighbour_ask_mac(const struct neighbour_ask *ask, uint32_t interface,
                       struct address neighbour, uint8_t mac[NEIGHBOUR_MAC]);
// Sends it an empty datagram to the discard port (RFC 863).
void neighbour_ask_remind(const struct neighbour_ask *ask, uint32_t interface,
                          struct address neighbour);
