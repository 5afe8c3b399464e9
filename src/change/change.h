// SPDX-License-Identifier: ISC
// A change: something that somebody did to devices, and when. And what of it differs on some of
// them, as far as their configurations show. Facts for people and for the search for causes; no
// reason to move traffic.
#pragma once

#include "base/clock.h"
#include "net/devices.h"

enum change_source {
    CHANGE_WEBHOOK,  // a pipeline said so
    CHANGE_GIT,      // a commit on a branch that is watched
    CHANGE_ETCD,     // a value under a prefix that is watched
    CHANGE_SYSLOG,   // a device said so; comes as a notice, see detect/device.h
    CHANGE_SOURCES
};
extern const char *const change_source_names[CHANGE_SOURCES];

enum {
    CHANGE_ID_MAX = 64,     // bytes, with the final zero
    CHANGE_WHAT_MAX = 160,  // likewise
    // Of one struct; a change of more comes in parts with the same id, so that each fits a message.
    CHANGE_DEVICES_MAX = 48,
};

struct change {
    enum change_source source;
    char id[CHANGE_ID_MAX];  // of the source's own: "CR-2026-3148", a commit
    char who[NET_NAME_MAX];  // "": not said
    char what[CHANGE_WHAT_MAX];
    struct net_device_set devices;  // none: not known on which
    uint32_t others;                // and so many that the configuration does not have
    struct mono done_at;
};

// Into one line: whatever breaks or turns it is a space. As much as has room, of whole characters.
void change_line(const char *from, size_t size, char *to, size_t to_size);

// On `devices` there is another value than on the rest of those that the change touched.
struct change_odd {
    enum change_source source;
    char id[CHANGE_ID_MAX];
    struct net_device_set devices;
    char what[CHANGE_WHAT_MAX];  // "bfd profile fast transmit-interval 15; the others have 150"
};

// Takes up to CHANGE_DEVICES_MAX devices from `rest` into a part of the change; false: that was the
// last.
bool change_part(const struct change *change, struct net_device_set *rest, struct change *part);
