// SPDX-License-Identifier: ISC
// The latest samples of one path in order of sending, whatever the order their verdicts came in:
// where evidence is counted, and from where scoring is done again when a verdict comes late.
#pragma once

#include "net/net.h"
#include "probe/sample.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    HISTORY_SAMPLES = 4096,  // a power of two; 40 s at 100 samples a second
    HISTORY_NOWHERE = 0,     // no position
};

// 12 bytes: a path has 4096 of them.
struct history_entry {
    int64_t sent_ns;
    uint8_t target : 7, aside : 1;  // aside: counts for its target, not for the path
    uint8_t flow : 6, verdict : 2;  // enum sample_verdict
    uint8_t lost_forward, lost_reverse;
} __attribute__((packed, aligned(4)));
static_assert(NET_TARGETS_MAX <= 1 << 7 && NET_FLOWS_MAX <= 1 << 6, "they fit");

// Entries stand at positions `oldest` to `next` - 1; positions only grow.
struct history {
    uint64_t oldest, next;
    struct history_entry entries[HISTORY_SAMPLES];
};

struct history_target {
    uint32_t ok, lost;
    bool aside;  // at least at the end
};

// Of what was sent at some moment or later.
struct history_count {
    uint32_t ok, lost, voided;            // not of targets set aside
    uint32_t lost_forward, lost_reverse;  // together at most `lost`
    uint32_t flows_lossy, flows;
    int64_t first_lost_ns, last_lost_ns;  // valid when lost > 0
    struct history_target targets[NET_TARGETS_MAX];
};

void history_init(struct history *h);
struct history_entry *history_at(struct history *h, uint64_t position);
// Puts the sample where it was sent and gives its position; HISTORY_NOWHERE when that is before
// `floor`. Positions from there on grow by one.
uint64_t history_insert(struct history *h, const struct sample *sample, bool aside, uint64_t floor);
// The position of the sample's earlier verdict; HISTORY_NOWHERE when that is forgotten.
uint64_t history_find(const struct history *h, const struct sample *sample);
void history_count(const struct history *h, struct mono since, struct history_count *count);
