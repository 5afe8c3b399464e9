// SPDX-License-Identifier: ISC
// What upstreams carry and may carry, and what goes to which prefix, as far as the engine knows it:
// for a question that only the tables can answer. Bits a second; -1: unknown.
#pragma once

#include "engine/demand.h"

struct traffic_upstream {
    int64_t capacity_bps;
    int64_t limit_bps;  // with its headroom (S10)
    int64_t use_bps;    // as a plan reckons: the larger of now and of the 95th percentile
};

// Of one image, so its bytes may go from one process to another; what is behind `count` items need
// not.
struct traffic {
    struct traffic_upstream upstreams[NET_UPSTREAMS_MAX];
    uint32_t count;
    struct traffic_item {
        struct prefix prefix;
        int64_t bps;
    } items[DEMAND_MAX];  // in order of prefix; of others nothing is told
};

struct engine;

// So many bytes hold it.
size_t traffic_size(const struct traffic *traffic);
// False: the bytes are none.
bool traffic_read(struct traffic *traffic, const void *bytes, size_t size);
void traffic_of(const struct engine *engine, struct traffic *traffic);
