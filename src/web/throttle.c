// SPDX-License-Identifier: ISC
#include "web/throttle.h"

#include <string.h>

// A person mistypes a few times; who guesses has 8,640 tries a day for a name, where 12 characters
// are asked for.
static const struct web_rate of_place = {.interval_ns = 10ll * NS_PER_S, .burst = 6};
// More than of one place: whoever locks a name out needs several places, and never locks out for
// longer than he goes on.
static const struct web_rate of_name = {.interval_ns = 10ll * NS_PER_S, .burst = 20};
// A fifth of the process's time, whoever asks.
static const struct web_rate of_all = {.interval_ns = 500ll * NS_PER_MS, .burst = 6};

static struct web_bucket *slot_of_place(struct web_throttle *t, const struct address *from)
{
    uint8_t bytes[9] = {(uint8_t)from->family};
    memcpy(bytes + 1, from->bytes, from->family == FAMILY_IPV4 ? 4 : 8);
    return &t->slots[siphash(t->key, bytes, sizeof bytes) % (WEB_THROTTLE_SLOTS / 2)];
}

static struct web_bucket *slot_of_name(struct web_throttle *t, const char *name)
{
    return &t->slots[WEB_THROTTLE_SLOTS / 2 +
                     siphash(t->key, name, strlen(name)) % (WEB_THROTTLE_SLOTS / 2)];
}

int64_t web_throttle_try_ns(struct web_throttle *throttle, struct web_try try, struct mono now)
{
    const struct {
        struct web_bucket *bucket;
        struct web_rate rate;
    } counted[] = {
        {slot_of_place(throttle, try.from), of_place},
        {slot_of_name(throttle, try.name), of_name},
        {&throttle->all, of_all},
    };
    int64_t wait_ns = 0;
    for (size_t i = 0; i < sizeof counted / sizeof counted[0]; i++) {
        int64_t own_ns = web_bucket_wait_ns(counted[i].bucket, counted[i].rate, now);
        wait_ns = own_ns > wait_ns ? own_ns : wait_ns;
    }
    for (size_t i = 0; wait_ns == 0 && i < sizeof counted / sizeof counted[0]; i++)
        web_bucket_take(counted[i].bucket, counted[i].rate, now);
    return wait_ns;
}

void web_throttle_succeed(struct web_throttle *throttle, struct web_try try)
{
    web_bucket_give(slot_of_place(throttle, try.from), of_place);
    web_bucket_give(slot_of_name(throttle, try.name), of_name);
}
