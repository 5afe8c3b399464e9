// SPDX-License-Identifier: ISC
// Whose loss is it: the path's, or that of one target behind it? A target that is down must not
// look like an upstream that is.
#pragma once

#include "detect/history.h"

enum blame_verdict {
    BLAME_OPEN,    // not yet to be told
    BLAME_PATH,    // two targets lose, or only one is alive
    BLAME_TARGET,  // one loses, all others are proven clean
};

struct blame {
    enum blame_verdict verdict;
    uint32_t target;          // BLAME_TARGET: that one
    uint32_t targets, lossy;  // heard, and of these losing beyond the normal
};

// A target is lossy with two losses at least, at least a quarter of the path's loss rate and twice
// the normal one. `alive` is the set of targets that could be: answered or lost a probe lately, and
// not set aside.
struct blame blame_of(const struct history_count *count, uint32_t alive, uint32_t normal_ppm);
