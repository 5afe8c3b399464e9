// SPDX-License-Identifier: ISC
// SipHash-2-4 (Aumasson and Bernstein (2012)): a keyed hash that whoever lacks the key can neither
// predict nor make collide. For tables that strangers fill and for tags that answers must carry.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct siphash_key {
    uint64_t low, high;  // random, for as long as the process lives
};

uint64_t siphash(struct siphash_key key, const void *bytes, size_t size);
