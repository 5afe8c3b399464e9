// SPDX-License-Identifier: ISC
// What people asked of a daemon before this one, as the audit log says: a freeze, which stands
// until somebody thaws, and drains, which ended with it. When in doubt it is frozen: nothing is
// done, and it is said why.
#pragma once

#include "engine/drains.h"
#include "engine/event.h"
#include "net/net.h"

enum { WORDS_FOUND_FILES_MAX = 64 };  // a gigabyte, one second; usually the latest alone

struct words_found {
    struct event_frozen frozen;  // why "": nothing is
    uint32_t drain_count;
    struct {
        char object[NET_OBJECT_TEXT_MAX];
        char text[NOTICE_TEXT_MAX];
    } drains[DRAINS_MAX];
};

// Needs the right to read the log. Where there is none nothing was asked.
void words_found_read(struct words_found *found, const struct net *net);
