// SPDX-License-Identifier: ISC
// Our addresses as the kernel wants them, and back.
#pragma once

#include "base/prefix.h"

#include <netinet/in.h>
#include <sys/socket.h>

enum { ENDPOINT_TEXT_MAX = ADDRESS_TEXT_MAX + 8 };  // bytes: "[2001:db8::1]:65535"

union endpoint {
    struct sockaddr any;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
};

int endpoint_family(enum family family);  // AF_INET or AF_INET6
// FAMILY_NONE gives an empty one, of size 0.
union endpoint endpoint_of(struct address address, uint16_t port);
socklen_t endpoint_size(const union endpoint *endpoint);
struct address endpoint_address(const union endpoint *endpoint);
uint16_t endpoint_port(const union endpoint *endpoint);
// The address that stands for every one of ours.
struct address endpoint_any(enum family family);
// "192.0.2.1:862" or "[2001:db8::1]:862", into `text` (ENDPOINT_TEXT_MAX bytes); gives it back.
const char *endpoint_format(struct address address, uint16_t port, char *text);
