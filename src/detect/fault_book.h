// SPDX-License-Identifier: ISC
// The faults that are open, and how often each may be told: what the network does must not flood a
// log, and a fault that was told must be told as over. Bounded; one that there is no room for is
// counted.
#pragma once

#include "detect/fault.h"

enum {
    FAULT_BOOK_MAX = 32,         // open at once: more is one fault that nobody has understood
    FAULT_BOOK_BURST = 16,       // told at once,
    FAULT_BOOK_REFILL_MS = 500,  // then one more
};

struct fault_book_item {
    struct fault fault;
    bool told, changed;  // changed: since it was told
};

struct fault_book {
    uint32_t count;
    struct fault_book_item items[FAULT_BOOK_MAX];
    uint32_t used;         // tokens
    struct mono refilled;  // up to when tokens have come back
    uint64_t refused;
};

// Learns the news; true when it is to be told now.
bool fault_book_take(struct fault_book *book, struct mono now, const struct fault *fault);
// The next one that had to wait and may be told now; false: none.
bool fault_book_next(struct fault_book *book, struct mono now, struct fault *fault);
// All are gone, untold: whoever saw them is gone.
void fault_book_forget(struct fault_book *book);
