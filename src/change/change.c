// SPDX-License-Identifier: ISC
#include "change/change.h"

#include "base/utf8.h"

const char *const change_source_names[CHANGE_SOURCES] = {"webhook", "git", "etcd", "syslog"};

bool change_part(const struct change *change, struct net_device_set *rest, struct change *part)
{
    *part = *change;
    part->devices = (struct net_device_set){0};
    uint32_t device = net_devices_next(rest, 0);
    for (uint32_t n = 0; n < CHANGE_DEVICES_MAX && device != NET_NOBODY; n++) {
        net_devices_add(&part->devices, device);
        rest->words[device / 32] &= ~(UINT32_C(1) << device % 32);
        device = net_devices_next(rest, device);
    }
    return device != NET_NOBODY;
}

void change_line(const char *from, size_t size, char *to, size_t to_size)
{
    size_t used = 0;
    for (size_t i = 0; i < size && used + 1 < to_size; i++)
        to[used++] = (unsigned char)from[i] >= ' ' && from[i] != 0x7f ? from[i] : ' ';
    to[used] = '\0';
    utf8_trim(to);
}
