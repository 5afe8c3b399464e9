// SPDX-License-Identifier: ISC
#include "steer/ledger.h"

#include <assert.h>
#include <string.h>

bool permit_equal(const struct permit *a, const struct permit *b)
{
    return a->router == b->router && a->upstream == b->upstream &&
           prefix_equal(a->prefix, b->prefix) && address_equal(a->next_hop, b->next_hop) &&
           a->local_pref == b->local_pref && a->no_export == b->no_export &&
           memcmp(&a->marker, &b->marker, sizeof a->marker) == 0 && a->origin == b->origin &&
           a->as_path_size == b->as_path_size &&
           memcmp(a->as_path, b->as_path, a->as_path_size) == 0;
}

const struct permit *ledger_find(const struct ledger *ledger, uint32_t router, struct prefix prefix)
{
    for (uint32_t i = 0; i < ledger->count; i++) {
        const struct permit *permit = &ledger->permits[i];
        if (permit->router == router && prefix_equal(permit->prefix, prefix))
            return permit;
    }
    return NULL;
}

void ledger_put(struct ledger *ledger, const struct permit *permit)
{
    const struct permit *before = ledger_find(ledger, permit->router, permit->prefix);
    uint32_t place = before ? (uint32_t)(before - ledger->permits) : ledger->count++;
    assert(place < STEER_ROUTES_MAX);
    ledger->permits[place] = *permit;
}

void ledger_strike(struct ledger *ledger, const struct permit *permit)
{
    size_t place = (size_t)(permit - ledger->permits);
    assert(place < ledger->count);
    ledger->permits[place] = ledger->permits[--ledger->count];
}

uint32_t ledger_count(const struct ledger *ledger, uint32_t router, enum family family)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < ledger->count; i++) {
        const struct permit *permit = &ledger->permits[i];
        count += (router == NET_NOBODY || permit->router == router) &&
                 (family == FAMILY_NONE || permit->prefix.address.family == family);
    }
    return count;
}
