// SPDX-License-Identifier: ISC
// What the site detector asks before it looks, and before it names: rules for what is normal and
// harmless, each made once where several paths, or parts, have the same.
#pragma once

#include "detect/harmless.h"
#include "stat/burst.h"
#include "stat/cusum.h"

struct site_level {  // of paths where so much loss is normal
    uint32_t loss_ppm;
    struct cusum_rule flow_rule, path_rule;
};

struct site_rule {  // of bursts
    bool is_made, is_good;
    int64_t interval_ns;
    struct harmless harmless;
    struct burst_rule burst;
};
