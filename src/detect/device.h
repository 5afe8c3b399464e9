// SPDX-License-Identifier: ISC
// What a device says of itself, as a notice: told once, or standing until the device says that it
// is over. Nothing here is a reason to move traffic: anybody who can send a datagram with a false
// address can say it (safety.md S19).
#pragma once

#include "detect/notice.h"
#include "net/net.h"
#include "syslog/pattern.h"

// `device`: its name. False: the fact is none for people.
bool device_notice(const struct net *net, const char *device, const struct syslog_message *message,
                   const struct syslog_match *match, struct notice *notice);
// The device that sends from there; NULL: none.
const struct net_device *device_by_address(const struct net_syslog *syslog, struct address address);
// The name that a message has whose sender passes on what others say: that of a device of this name
// or address, and else as it is written. False: it has none, or one that is no name.
bool device_by_host(const struct net_syslog *syslog, struct syslog_text host,
                    char name[NET_NAME_MAX]);
