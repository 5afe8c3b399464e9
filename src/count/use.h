// SPDX-License-Identifier: ISC
// What upstreams carry: rates from counters of octets, and what others measured, as JSON. Rates are
// never guessed: a counter that went back, or is another one by now, gives none.
#pragma once

#include "base/clock.h"
#include "count/count.h"

#include <jansson.h>

enum {
    COUNT_RATE_MS_MIN = 200,        // shorter: the moment of reading is most of what is measured
    COUNT_RATE_MS_MAX = 60 * 1000,  // longer: a mean of what nobody asks for any more
};
#define COUNT_BPS_MAX 1000000000000000ll  // 1000 Tbit/s: more is a mistake

struct count_octets {  // since the interface exists
    uint32_t index;    // of the interface: the next one of its name counts anew
    uint64_t out, in;
};

struct count_rate {  // zeroed: nothing was read yet
    bool begun;
    struct mono at;
    struct count_octets last;
};

struct count_use {
    uint32_t upstream;
    int64_t out_bps, in_bps;
};

struct count_demand {
    struct prefix prefix;
    int64_t bps;
};

// What was read now; true when `use` got the rates since the last reading (but no upstream).
bool count_rate_take(struct count_rate *rate, struct mono now, const struct count_octets *octets,
                     struct count_use *use);

// {"upstream":"transit-a","out_bps":123,"in_bps":456} of an upstream whose use is pushed, and
// {"prefix":"198.51.100.0/24","bps":123} of a prefix inside steer.prefixes. False: `why` says what
// was expected.
bool count_use_read(const struct net *net, const json_t *item, struct count_use *use,
                    struct count_error *why);
bool count_demand_read(const struct net *net, const json_t *item, struct count_demand *demand,
                       struct count_error *why);
