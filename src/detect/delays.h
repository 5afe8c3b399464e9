// SPDX-License-Identifier: ISC
// Whose delay is it? Holds a detector (detect/delay.h) for each path and target, and says which
// part makes packets later, when that has been the same for a second:
//
//   everything               both families do: this host, or what all ways have in common, so that
//                            no part of the network is named: a suspicion
//   everything in a family   all upstreams' paths do, where there are several
//   an upstream              both its paths do
//   a path                   to two of its targets at least; or to one, by this path alone, while
//                            of no other it is known that it is as usual
//   a target                 by two paths at least that do not do it elsewhere
//   one path to one target   otherwise
//
// The path "as routed" goes where we send it, so that its time changes with our own moves: it is
// left out.
#pragma once

#include "base/region.h"
#include "detect/fault.h"
#include "net/net.h"
#include "probe/sample.h"
#include "stat/cusum_book.h"

enum {
    DELAYS_NUMBER_FIRST = 1000000,  // of its faults: far from those of lost packets
    DELAYS_SETTLE_MS = 1000,
};

struct delays;

// `net` is lent and must outlive it, and so is `memory`, for what is written all over (NULL: its
// own); `book` only for the call. NULL without memory or when what is asked has no rule.
struct delays *delays_new(const struct net *net, struct cusum_book *book, struct region *memory);
void delays_free(struct delays *delays);
// Our own loop ran so much later than it should have.
void delays_late(struct delays *delays, int64_t late_ns, struct mono now);
// Soon a sample of that flow comes; and, once that has come, what it leads to.
void delays_fetch(const struct delays *delays, uint32_t path, uint32_t target, uint32_t flow);
void delays_fetch_recent(const struct delays *delays, uint32_t path, uint32_t target);
// Takes a sample of a flow that is probed at a steady rate.
void delays_sample(struct delays *delays, const struct sample *sample);
// True when a fault is opened, of another kind than was told, or over; ask again until it is not.
bool delays_tick(struct delays *delays, struct mono now, struct fault *out);
