// SPDX-License-Identifier: ISC
#include "bgp/community.h"

#include "base/prefix.h"

#include <inttypes.h>
#include <stdio.h>

void bgp_community_text(struct cursor *list, char *text)
{
    uint16_t asn = cursor_be16(list);
    uint16_t value = cursor_be16(list);
    snprintf(text, BGP_COMMUNITY_TEXT_MAX, "%u:%u", asn, value);
}

void bgp_large_community_text(struct cursor *list, char *text)
{
    uint32_t global = cursor_be32(list);
    uint32_t local1 = cursor_be32(list);
    uint32_t local2 = cursor_be32(list);
    snprintf(text, BGP_COMMUNITY_TEXT_MAX, "%u:%u:%u", global, local1, local2);
}

void bgp_identifier_text(uint32_t id, char *text)
{
    snprintf(text, BGP_COMMUNITY_TEXT_MAX, "%u.%u.%u.%u", id >> 24, id >> 16 & 255, id >> 8 & 255,
             id & 255);
}

void bgp_extended_community_text(struct cursor *list, char *text)
{
    enum { TWO_OCTET_AS, IPV4_ADDRESS, FOUR_OCTET_AS, TARGET = 2, ORIGIN = 3 };
    struct cursor fields = *list;
    uint64_t whole = cursor_be64(list);
    uint8_t type = cursor_u8(&fields);
    uint8_t subtype = cursor_u8(&fields);
    if (type > FOUR_OCTET_AS || (subtype != TARGET && subtype != ORIGIN)) {
        snprintf(text, BGP_COMMUNITY_TEXT_MAX, "0x%016" PRIx64, whole);
        return;
    }
    const char *name = subtype == TARGET ? "target" : "origin";
    uint32_t first = type == TWO_OCTET_AS ? cursor_be16(&fields) : cursor_be32(&fields);
    uint32_t second = type == TWO_OCTET_AS ? cursor_be32(&fields) : cursor_be16(&fields);
    char id[BGP_COMMUNITY_TEXT_MAX];
    bgp_identifier_text(first, id);
    if (type == IPV4_ADDRESS)
        snprintf(text, BGP_COMMUNITY_TEXT_MAX, "%s:%.15s:%u", name, id, second);
    else
        snprintf(text, BGP_COMMUNITY_TEXT_MAX, "%s:%u:%u", name, first, second);
}

void bgp_ipv6_extended_community_text(struct cursor *list, char *text)
{
    uint16_t type = cursor_be16(list);
    struct address address = {.family = FAMILY_IPV6};
    for (int i = 0; i < 16; i++)
        address.bytes[i] = cursor_u8(list);
    uint16_t value = cursor_be16(list);
    char host[ADDRESS_TEXT_MAX];
    snprintf(text, BGP_COMMUNITY_TEXT_MAX, "0x%04x:%s:%u", type, address_format(address, host),
             value);
}
