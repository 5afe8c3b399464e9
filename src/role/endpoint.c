// SPDX-License-Identifier: ISC
#include "role/endpoint.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

int endpoint_family(enum family family)
{
    return family == FAMILY_IPV6 ? AF_INET6 : AF_INET;
}

union endpoint endpoint_of(struct address address, uint16_t port)
{
    union endpoint endpoint = {.any.sa_family = AF_UNSPEC};
    if (address.family == FAMILY_IPV4) {
        endpoint.ipv4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
        memcpy(&endpoint.ipv4.sin_addr, address.bytes, sizeof endpoint.ipv4.sin_addr);
    } else if (address.family == FAMILY_IPV6) {
        endpoint.ipv6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port)};
        memcpy(&endpoint.ipv6.sin6_addr, address.bytes, sizeof endpoint.ipv6.sin6_addr);
    }
    return endpoint;
}

socklen_t endpoint_size(const union endpoint *endpoint)
{
    if (endpoint->any.sa_family == AF_INET)
        return sizeof endpoint->ipv4;
    return endpoint->any.sa_family == AF_INET6 ? sizeof endpoint->ipv6 : 0;
}

struct address endpoint_address(const union endpoint *endpoint)
{
    if (endpoint->any.sa_family == AF_INET)
        return address_from_bytes(FAMILY_IPV4, &endpoint->ipv4.sin_addr);
    if (endpoint->any.sa_family == AF_INET6)
        return address_from_bytes(FAMILY_IPV6, &endpoint->ipv6.sin6_addr);
    return (struct address){0};
}

uint16_t endpoint_port(const union endpoint *endpoint)
{
    if (endpoint->any.sa_family == AF_INET)
        return ntohs(endpoint->ipv4.sin_port);
    return endpoint->any.sa_family == AF_INET6 ? ntohs(endpoint->ipv6.sin6_port) : 0;
}

struct address endpoint_any(enum family family)
{
    return (struct address){.family = family};
}

const char *endpoint_format(struct address address, uint16_t port, char *text)
{
    char host[ADDRESS_TEXT_MAX];
    snprintf(text, ENDPOINT_TEXT_MAX, address.family == FAMILY_IPV6 ? "[%s]:%u" : "%s:%u",
             address_format(address, host), (unsigned)port);
    return text;
}
