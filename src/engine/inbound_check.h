// SPDX-License-Identifier: ISC
// For tests of what the world sends by A while that loses packets: two upstreams, A and B, have an
// own prefix of each family. What leaves by A moves in IPv4, and finds nothing to move in IPv6.
#pragma once

#include "engine/inbound.h"
#include "engine/site_check.h"

enum { INBOUND_A = SITE_A, INBOUND_B, INBOUND_C };
enum { MBIT = 1000 * 1000, MINUTE_MS = 60000, LONG_MS = INBOUND_AGE_MS + 25000 };

struct site *inbound_site(enum family family, enum net_mode stance_mode);
struct inbound *inbound_of_a(struct site *s);
void inbound_use(struct site *s, int64_t a_mbps, int64_t b_mbps);
// Slowly enough to count as heard, so that an hour is no long test.
void inbound_run(struct site *s, int64_t ms);
void inbound_lose(struct site *s, uint32_t percent, int64_t ms);
void inbound_heal(struct site *s);
// Whether A is the last choice for the own prefix of the family.
bool inbound_is_offered_last(const struct site *s);
