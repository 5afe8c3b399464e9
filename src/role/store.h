// SPDX-License-Identifier: ISC
// The store role from inside. Its channel carries texts, one a packet: from the parent "TIME_NS
// EFFECT", what was told to people and when, and behind a newline the sentence that said it; to it
// events of outages that an earlier life of the daemon left open (store_kept.h), once, and "!why",
// nothing can be stored now, or "=text", it can again, or "#names" of all drafts
// (said_desk_names()), when they are others. What it has no room for stays in the channel, and then
// with the parent, who drops and counts.
#pragma once

#include "engine/message.h"
#include "net/net.h"
#include "role/store_ask.h"
#include "role/store_page.h"

enum {
    STORE_SAID_MAX = 1024,  // bytes, as in the log
    STORE_PACKET_MAX = MESSAGE_MAX + STORE_SAID_MAX + 24,
    STORE_PENDING_MAX = 1024,  // facts that wait for a disk that is full or slow: three megabytes
};

struct store_role {
    const struct net *net;
    struct wall began;  // of the daemon: the same when the process is started again
    struct store_file file;
    struct store_asker asker;
    struct store_page page;
    char drafts[SAID_NAMES_MAX];  // as the parent was told; "": not yet
    int channel;
    bool failing;
    bool gave_back, said_end;  // what an earlier life of the daemon left open
    char why[STORE_WHY_MAX];
    struct mono retry_at, expire_at;
    uint32_t count;
    struct store_fact facts[STORE_PENDING_MAX];
    char texts[STORE_PENDING_MAX][STORE_PACKET_MAX];
};
