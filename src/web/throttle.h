// SPDX-License-Identifier: ISC
// How often passwords may be tried: from one place, for one name, and by all together, since each
// try costs 0.1 s of the web process. Bounded memory: strangers fill a table of fixed size, which a
// secret key spreads them over, so that nobody can choose whom to share a place with.
#pragma once

#include "base/prefix.h"
#include "base/siphash.h"
#include "web/bucket.h"

enum { WEB_THROTTLE_SLOTS = 512 };

struct web_throttle {
    struct siphash_key key;
    struct web_bucket all, slots[WEB_THROTTLE_SLOTS];
};

struct web_try {
    const struct address *from;  // of IPv6 its first 64 bits count: a host has all of them
    const char *name;
};

// 0: it may be tried, and counts; else how long to wait, and nothing is counted.
int64_t web_throttle_try_ns(struct web_throttle *throttle, struct web_try try, struct mono now);
// It was the right password: who knows it is not held up.
void web_throttle_succeed(struct web_throttle *throttle, struct web_try try);
