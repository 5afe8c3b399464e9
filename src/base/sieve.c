// SPDX-License-Identifier: ISC
#include "base/sieve.h"

#include <string.h>

void sieve_add(struct sieve *sieve, struct prefix prefix)
{
    bool six = prefix.address.family == FAMILY_IPV6;
    uint32_t needed = six ? 2 * SIEVE_BITS : SIEVE_BITS;
    uint32_t open = prefix.length < needed ? needed - prefix.length : 0;
    if (open >= SIEVE_BITS) {  // so short a prefix has something at every place
        memset(sieve->words[six], 0xff, sizeof sieve->words[six]);
        return;
    }
    uint32_t first = sieve_place(&prefix.address);
    for (uint32_t low = 0; low < UINT32_C(1) << open; low++) {
        uint32_t place = first ^ low;  // the open bits are 0 in the prefix
        sieve->words[six][place / 64] |= UINT64_C(1) << place % 64;
    }
}
