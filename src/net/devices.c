// SPDX-License-Identifier: ISC
#include "net/devices.h"

#include <stdio.h>
#include <string.h>

enum { MORE_MAX = 24 };  // bytes of " and 335 more"

const char *net_device_name(const struct net *net, uint32_t number)
{
    if (number < NET_ROUTERS_MAX)
        return number < net->router_count ? net->routers[number].name : NULL;
    number -= NET_ROUTERS_MAX;
    if (number < NET_DEVICES_MAX)
        return number < net->syslog.device_count ? net->syslog.devices[number].name : NULL;
    number -= NET_DEVICES_MAX;
    return number < net->bmp.sender_count ? net->bmp.senders[number].name : NULL;
}

uint32_t net_device_find(const struct net *net, const char *name)
{
    for (uint32_t number = 0; number < NET_DEVICE_NUMBERS; number++) {
        const char *other = net_device_name(net, number);
        if (other && other[0] && strcmp(other, name) == 0)
            return number;
    }
    return NET_NOBODY;
}

bool net_devices_have(const struct net_device_set *set, uint32_t number)
{
    return number < NET_DEVICE_NUMBERS && (set->words[number / 32] >> number % 32 & 1) != 0;
}

void net_devices_add(struct net_device_set *set, uint32_t number)
{
    if (number < NET_DEVICE_NUMBERS)
        set->words[number / 32] |= UINT32_C(1) << number % 32;
}

uint32_t net_devices_count(const struct net_device_set *set)
{
    uint32_t count = 0;
    for (size_t i = 0; i < sizeof set->words / sizeof set->words[0]; i++)
        count += (uint32_t)__builtin_popcount(set->words[i]);
    return count;
}

uint32_t net_devices_next(const struct net_device_set *set, uint32_t number)
{
    while (number < NET_DEVICE_NUMBERS && !net_devices_have(set, number))
        number++;
    return number < NET_DEVICE_NUMBERS ? number : NET_NOBODY;
}

bool net_devices_equal(const struct net_device_set *a, const struct net_device_set *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

bool net_devices_within(const struct net_device_set *part, const struct net_device_set *whole)
{
    uint32_t outside = 0;
    for (size_t i = 0; i < sizeof part->words / sizeof part->words[0]; i++)
        outside |= part->words[i] & ~whole->words[i];
    return outside == 0;
}

const char *net_devices_format(const struct net *net, const struct net_device_set *set, char *text,
                               size_t size)
{
    size_t length = 0;
    uint32_t left = net_devices_count(set);
    if (size > 0)
        text[0] = '\0';
    for (uint32_t i = net_devices_next(set, 0); i != NET_NOBODY; i = net_devices_next(set, i + 1)) {
        const char *name = net_device_name(net, i);
        size_t room = left > 1 ? MORE_MAX : 1;
        if (length + 2 + strlen(name ? name : "?") + room > size)
            break;
        length += (size_t)snprintf(text + length, size - length, "%s%s", length > 0 ? ", " : "",
                                   name ? name : "?");
        left--;
    }
    if (left > 0 && size > 0)
        snprintf(text + length, size - length, length > 0 ? " and %u more" : "%u devices", left);
    return text;
}
