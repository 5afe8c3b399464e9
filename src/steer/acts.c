// SPDX-License-Identifier: ISC
#include "steer/acts.h"

#include "base/keyed.h"

#include <stdlib.h>
#include <string.h>

enum { SECONDS = 60, STANCES_MAX = NET_ANNOUNCE_MAX * NET_UPSTREAMS_MAX };

struct key {  // without padding, of few words
    uint8_t address[16];
    uint8_t length, family;
    uint16_t unused;
    uint32_t place;  // router or upstream
};

struct memory {
    struct key key;
    uint32_t count;  // ever; the last ones are kept, in a ring
    struct mono at[ACTS_KEPT];
};

struct stance {
    struct key key;
    enum net_stance stance;
    bool was_bettered;
    struct mono bettered_at;
};

struct acts {
    struct keyed memories, stances;
    struct {
        int64_t second;  // the last that is counted
        uint32_t sum, counts[SECONDS];
    } minute;
};

static struct key key_of(struct prefix prefix, uint32_t place)
{
    struct key key = {
        .length = prefix.length, .family = (uint8_t)prefix.address.family, .place = place};
    memcpy(key.address, prefix.address.bytes, sizeof key.address);
    return key;
}

// The gate decides what comes in here, so that the hashes need no secret. All memory is taken now:
// an act that is not remembered would be one that no limit counts.
struct acts *acts_new(uint32_t most)
{
    struct acts *acts = calloc(1, sizeof *acts);
    if (!acts)
        return NULL;
    keyed_init_trusted(&acts->memories, sizeof(struct memory), sizeof(struct key), most);
    keyed_init_trusted(&acts->stances, sizeof(struct stance), sizeof(struct key), STANCES_MAX);
    if (keyed_reserve(&acts->memories) && keyed_reserve(&acts->stances))
        return acts;
    acts_free(acts);
    return NULL;
}

void acts_free(struct acts *acts)
{
    if (!acts)
        return;
    keyed_done(&acts->memories);
    keyed_done(&acts->stances);
    free(acts);
}

static const struct memory *find(const struct acts *acts, const struct act *act)
{
    struct key key = key_of(act->prefix, act->router);
    return keyed_find(&acts->memories, &key);
}

void acts_expect(const struct acts *acts, const struct act *act)
{
    struct key key = key_of(act->prefix, act->router);
    keyed_expect(&acts->memories, &key);
}

// The n-th last one, from 0.
static struct mono nth_last(const struct memory *memory, uint32_t n)
{
    return memory->at[(memory->count - 1 - n) % ACTS_KEPT];
}

static uint32_t in_window(const struct memory *memory, struct mono now)
{
    uint32_t n = 0;
    while (n < memory->count && n < ACTS_KEPT &&
           mono_since_ns(now, nth_last(memory, n)) < (int64_t)ACTS_WINDOW_S * NS_PER_S)
        n++;
    return n;
}

static void drop_old(struct acts *acts, struct mono now)
{
    for (uint32_t place = acts->memories.count; place-- > 0;) {
        struct memory *memory = keyed_at(&acts->memories, place);
        if (in_window(memory, now) == 0)
            keyed_drop(&acts->memories, memory);
    }
}

bool acts_have_room(struct acts *acts, const struct act *act, struct mono now)
{
    if (acts->memories.count == acts->memories.max && !find(acts, act))
        drop_old(acts, now);
    return acts->memories.count < acts->memories.max || find(acts, act);
}

void acts_note(struct acts *acts, const struct act *act, struct mono now)
{
    struct key key = key_of(act->prefix, act->router);
    if (!acts_have_room(acts, act, now))
        return;
    struct memory *memory = keyed_make(&acts->memories, &key);
    if (memory)
        memory->at[memory->count++ % ACTS_KEPT] = now;
}

uint32_t acts_in_window(const struct acts *acts, const struct act *act, struct mono now)
{
    const struct memory *memory = find(acts, act);
    return memory ? in_window(memory, now) : 0;
}

static int64_t left_ns(struct mono now, struct mono since, int64_t wait_ns)
{
    int64_t left = wait_ns - mono_since_ns(now, since);
    return left > 0 ? left : 0;
}

int64_t acts_wait_ns(const struct acts *acts, const struct act *act, const struct acts_limit *limit,
                     struct mono now)
{
    const struct memory *memory = find(acts, act);
    uint32_t count = memory ? in_window(memory, now) : 0;
    if (count >= limit->most)
        return left_ns(now, nth_last(memory, limit->most - 1), (int64_t)ACTS_WINDOW_S * NS_PER_S);
    return count < 2 ? 0 : left_ns(now, nth_last(memory, 0), limit->stay_ns << (count - 2));
}

static void enter_second(struct acts *acts, int64_t second)
{
    int64_t passed = second - acts->minute.second;
    for (int64_t n = 0; n < passed && n < SECONDS; n++) {
        uint32_t *count = &acts->minute.counts[(second - n) % SECONDS];
        acts->minute.sum -= *count;
        *count = 0;
    }
    if (passed > 0)
        acts->minute.second = second;
}

void acts_note_move(struct acts *acts, struct mono now)
{
    enter_second(acts, now.ns / NS_PER_S);
    acts->minute.counts[acts->minute.second % SECONDS]++;
    acts->minute.sum++;
}

uint32_t acts_in_minute(struct acts *acts, struct mono now)
{
    enter_second(acts, now.ns / NS_PER_S);
    return acts->minute.sum;
}

void acts_note_stance(struct acts *acts, const struct act_stance *said, struct mono now)
{
    struct key key = key_of(said->prefix, said->upstream);
    struct stance *stance = keyed_make(&acts->stances, &key);
    if (!stance)
        return;
    if (said->stance < stance->stance) {
        stance->was_bettered = true;
        stance->bettered_at = now;
    }
    stance->stance = said->stance;
}

int64_t acts_unbettered_ns(const struct acts *acts, const struct act_stance *wanted,
                           struct mono now)
{
    struct key key = key_of(wanted->prefix, wanted->upstream);
    const struct stance *stance = keyed_find(&acts->stances, &key);
    if (!stance || !stance->was_bettered || wanted->stance >= stance->stance)
        return INT64_MAX;
    return mono_since_ns(now, stance->bettered_at);
}
