// SPDX-License-Identifier: ISC
// What packets must show until a move is believed, and how long they need for it at their rate: for
// verdict.c, which judges by it, and for who reads a configuration before anything moves.
#pragma once

#include "net/errors.h"
#include "net/net.h"
#include "stat/sprt.h"

// Of a move that leaves a loss of `before_ppm`.
struct sprt proof_test(uint32_t before_ppm);
// What the targets of a bit set are asked on one path, all together.
uint64_t proof_rate_mpps(const struct net *net, uint32_t targets);
// Probes sent earlier than this after all routers confirmed tell of the time before.
int64_t proof_after_ns(const struct net *net, int64_t timeout_ns);
// Twice the mean: at a loss that is just good 97 of 100 are proven by then, at less all but a few.
int64_t proof_patience_ns(const struct sprt *test, uint64_t rate_mpps);

// Adds a warning, at `line`, for each family in which no drain can ever be proven in time.
void proof_check(const struct net *net, uint32_t line, struct net_errors *errors);
