// SPDX-License-Identifier: ISC
#include "detect/components_inside.h"

#include "base/random.h"

#include <assert.h>
#include <string.h>

static_assert((int)ADDRESS_PLACES < NOBODY16, "places are numbered");

// Where in the table it stands, or would.
static uint16_t *entry_of(struct hop_addresses *hops, struct address address)
{
    uint64_t words[2], at;
    memcpy(words, address.bytes, sizeof words);
    at = random_mix(random_mix(words[0] + address.family) + words[1]);
    for (;; at++) {
        uint16_t *entry = &hops->table[at % ADDRESS_TABLE_SIZE];
        if (*entry == 0 || address_equal(hops->all[*entry - 1], address))
            return entry;
    }
}

// All that no way has and no component is called by.
static void forget_unused(struct components *c)
{
    bool is_kept[ADDRESS_PLACES] = {false};
    struct hop_addresses *hops = &c->hops;
    for (uint32_t i = 0; i < c->count; i++)
        if (c->items[i].kind == KIND_HOP)
            is_kept[c->items[i].a] = true;
    memset(hops->table, 0, sizeof hops->table);
    for (uint32_t n = 0; n < ADDRESS_PLACES; n++) {
        if (hops->users[n] == 0 && !is_kept[n])
            hops->all[n] = (struct address){0};
        if (hops->all[n].family != FAMILY_NONE)
            *entry_of(hops, hops->all[n]) = (uint16_t)(n + 1);
    }
}

static void skip_taken(struct hop_addresses *hops)
{
    while (hops->next < ADDRESS_PLACES && hops->all[hops->next].family != FAMILY_NONE)
        hops->next++;
}

// Components and ways have no more than half of the places: one is free, or can be.
static uint32_t free_place(struct components *c)
{
    struct hop_addresses *hops = &c->hops;
    skip_taken(hops);
    if (hops->next == ADDRESS_PLACES) {
        forget_unused(c);
        hops->next = 0;
        skip_taken(hops);
    }
    assert(hops->next < ADDRESS_PLACES);
    return hops->next;
}

// One more than its number; 0: nobody, or there is no room while ways have `most` already.
static uint16_t use(struct components *c, struct address address, uint32_t most)
{
    struct hop_addresses *hops = &c->hops;
    if (address.family == FAMILY_NONE)
        return 0;
    uint16_t number = *entry_of(hops, address);
    if ((number == 0 || hops->users[number - 1] == 0) && hops->used >= most)
        return 0;
    if (number == 0) {
        number = (uint16_t)(free_place(c) + 1);
        hops->all[number - 1] = address;
        *entry_of(hops, address) = number;
    }
    hops->used += hops->users[number - 1] == 0;
    hops->users[number - 1]++;
    return number;
}

static void leave(struct components *c, const struct way *way)
{
    for (uint32_t i = 0; i < COMPONENTS_HOPS_MAX; i++) {
        if (hop_of(way, i) == NOBODY16)
            continue;
        c->hops.users[hop_of(way, i)]--;
        c->hops.used -= c->hops.users[hop_of(way, i)] == 0;
    }
}

void components_learn(struct components *c, uint32_t flow, const struct components_way *way)
{
    struct way new = {0};
    if (flow >= c->flow_count)
        return;
    if (way->bucket < INT16_MAX && way->bucket_count < INT16_MAX)
        new = (struct way){.bucket = (uint16_t)(way->bucket + 1),
                           .bucket_count = (uint16_t)(way->bucket_count + 1)};
    leave(c, &c->ways[flow]);
    for (uint32_t i = 0; i < COMPONENTS_HOPS_MAX && i < way->hop_count; i++) {
        uint32_t most = COMPONENTS_ADDRESSES_MAX;
        if (i >= COMPONENTS_NEAREST)
            most /= 2;
        new.hops[i] = use(c, way->hops[i], most);
    }
    c->stale |= memcmp(&new, &c->ways[flow], sizeof new) != 0;
    c->ways[flow] = new;
}

uint32_t components_hops(const struct components *c, uint32_t flow,
                         struct address hops[COMPONENTS_HOPS_MAX])
{
    uint32_t count = 0;
    for (uint32_t i = 0; flow < c->flow_count && i < COMPONENTS_HOPS_MAX; i++)
        if (hop_of(&c->ways[flow], i) != NOBODY16)
            hops[count++] = c->hops.all[hop_of(&c->ways[flow], i)];
    return count;
}
