// SPDX-License-Identifier: ISC
#include "base/prefix.h"

#include <arpa/inet.h>
#include <assert.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *family_name(enum family family)
{
    static const char *const names[FAMILIES] = {"none", "ipv4", "ipv6"};
    return names[family];
}

bool address_parse(const char *text, struct address *address)
{
    uint8_t bytes[16];
    if (inet_pton(AF_INET, text, bytes) == 1)
        *address = address_from_bytes(FAMILY_IPV4, bytes);
    else if (inet_pton(AF_INET6, text, bytes) == 1)
        *address = address_from_bytes(FAMILY_IPV6, bytes);
    else
        return false;
    return true;
}

bool address_port_parse(const char *text, struct address *address, uint16_t *port)
{
    char head[ADDRESS_TEXT_MAX];
    const char *colon = strrchr(text, ':');
    size_t size = colon ? (size_t)(colon - text) : 0;
    size_t digits = colon ? strspn(colon + 1, "0123456789") : 0;
    bool bracketed = size >= 2 && text[0] == '[' && colon[-1] == ']';
    size -= bracketed ? 2 : 0;
    if (digits == 0 || digits > 5 || colon[1 + digits] || size >= sizeof head)
        return false;
    memcpy(head, text + bracketed, size);
    head[size] = '\0';
    long number = strtol(colon + 1, NULL, 10);
    *port = (uint16_t)number;
    return number > 0 && number <= UINT16_MAX && address_parse(head, address) &&
           bracketed == (address->family == FAMILY_IPV6);
}

const char *address_format(struct address address, char *text)
{
    if (address.family == FAMILY_NONE)
        return strcpy(text, "-");
    int family = address.family == FAMILY_IPV4 ? AF_INET : AF_INET6;
    return inet_ntop(family, address.bytes, text, ADDRESS_TEXT_MAX);
}

struct prefix prefix_of(struct address address, uint8_t length)
{
    assert(length <= family_bits(address.family));
    size_t kept = length / 8;
    if (length % 8 > 0)
        address.bytes[kept++] &= (uint8_t)(0xff00 >> length % 8);
    memset(address.bytes + kept, 0, sizeof address.bytes - kept);
    return (struct prefix){.address = address, .length = length};
}

bool prefix_parse(const char *text, struct prefix *prefix)
{
    char head[ADDRESS_TEXT_MAX];
    const char *slash = strchr(text, '/');
    if (!slash || (size_t)(slash - text) >= sizeof head)
        return false;
    memcpy(head, text, (size_t)(slash - text));
    head[slash - text] = '\0';

    struct address address;
    size_t digits = strspn(slash + 1, "0123456789");
    if (!address_parse(head, &address) || digits == 0 || digits > 3 || slash[1 + digits])
        return false;
    long length = strtol(slash + 1, NULL, 10);
    if (length > family_bits(address.family))
        return false;
    struct prefix masked = prefix_of(address, (uint8_t)length);
    if (!address_equal(masked.address, address))
        return false;
    *prefix = masked;
    return true;
}

const char *prefix_format(struct prefix prefix, char *text)
{
    char head[ADDRESS_TEXT_MAX];
    snprintf(text, PREFIX_TEXT_MAX, "%s/%u", address_format(prefix.address, head), prefix.length);
    return text;
}

int prefix_compare(struct prefix a, struct prefix b)
{
    if (a.address.family != b.address.family)
        return a.address.family < b.address.family ? -1 : 1;
    int order = memcmp(a.address.bytes, b.address.bytes, sizeof a.address.bytes);
    return order != 0 ? order : a.length - b.length;
}

uint32_t prefix_place(const void *items, uint32_t count, size_t item_bytes, struct prefix prefix)
{
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        struct prefix there;
        memcpy(&there, (const char *)items + middle * item_bytes, sizeof there);
        if (prefix_compare(there, prefix) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t prefix_count(const void *items, uint32_t count, size_t item_bytes, enum family family)
{
    struct prefix first = {.address = {.family = family}};
    struct prefix behind = {.address = {.family = family + 1}};
    return prefix_place(items, count, item_bytes, behind) -
           prefix_place(items, count, item_bytes, first);
}
