// SPDX-License-Identifier: ISC
// The notices that stand, and how many of each kind may be told: what a peer can cause must not
// flood a log, and what was told as raised must be told as cleared. Bounded; a raised one for which
// it is too early waits its turn, a moment for which it is too early is left out and counted.
#pragma once

#include "detect/notice.h"

enum {
    NOTICES_MAX = 1024,        // standing: all of 64 own prefixes in 16 tables
    NOTICES_BURST = 20,        // of one kind told at once: a screenful
    NOTICES_REFILL_MS = 200,   // then one more of the kind
    NOTICES_AGAIN_MS = 10000,  // a standing one whose text or numbers changed is told again
};

struct notices_item {
    struct notice notice;
    bool told, changed;  // changed: since it was told
    struct mono told_at;
};

struct notices {
    uint32_t count;
    struct notices_item items[NOTICES_MAX];
    struct {
        uint32_t used;         // tokens
        struct mono refilled;  // up to when tokens have come back
        uint32_t dropped;      // since one was told
        uint64_t told, dropped_ever;
    } kinds[NOTICE_KINDS];
};

// True when the notice is to be told now; it then has `dropped`, and `since` if it is over.
bool notices_take(struct notices *book, struct mono now, struct notice *notice);
// The next one that had to wait and may be told now; false: none.
bool notices_next(struct notices *book, struct mono now, struct notice *notice);
// All of its that stand are gone, untold: who noticed them is gone.
void notices_forget(struct notices *book, enum notice_origin by);
