// SPDX-License-Identifier: ISC
#include "probe/schedule.h"

#include "base/amount.h"
#include "base/random.h"
#include "base/wheel.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

// Tokens that each come back one second after they were spent: exact in every window of a second,
// which a bucket that refills steadily is not by up to its depth.
struct window {
    uint32_t *spent;  // a ring; of each that is not back, as far as was looked, low bits of ns
    uint32_t capacity, next, count;
    int64_t last;  // when one was spent last: the others less than a second before
    bool is_unlimited;
};

// There may be very many, and each probe waits for its flow's: with its place in the queue it is
// half a line of a processor's caches.
struct flow {
    struct wheel_node queued;  // when it goes next
    uint32_t sooner;           // in 2^15 ns: than by its own rate, while there is suspicion
    float interval_ns;
    uint32_t phase;  // of the interval, in 2^-32 of it
    uint16_t path;
    uint8_t target;
    uint8_t suspicion;  // answers still wanted before it calms down
};
static_assert(2 * sizeof(struct flow) == REGION_LINE_BYTES, "none lies across two");
static_assert(SCHEDULE_SUSPICION_MAX <= UINT8_MAX, "it is counted in a byte");

enum packet {
    PACKET_OWN,    // by a flow's own rate; its window counts all others too
    PACKET_SPARE,  // accelerated: what the flows' own rates leave of the cap
    PACKET_TRACE,
    PACKETS
};

struct limit {  // of a path, a target or a host
    struct window windows[PACKETS];
    int64_t base_mpps;
    struct limit *host;  // of a target that is a part of it; NULL: none
};

struct schedule {
    struct limit *paths, *targets, *hosts;
    uint32_t flow_count, path_count, target_count;
    uint32_t suspected;  // flows
    struct wheel queue;  // its records are the flows
    struct random random;
};

// What traces may take of what a target may be sent. Others' hosts are usually asked as much as
// they may be, and their ways are to be known too.
enum { TRACES_PART = 5 };
enum { SOONER_LOG2 = 15, SOONER_NS = 1 << SOONER_LOG2 };  // 39 h are told, to 0.03 ms

static const int64_t never = INT64_MAX;
static const int64_t long_ago = INT64_MIN / 2;

static struct flow *flow_of(const struct schedule *s, uint32_t id)
{
    return wheel_record(&s->queue, id);
}

static bool window_init(struct window *w, uint32_t capacity)
{
    *w = (struct window){.is_unlimited = capacity == SCHEDULE_UNLIMITED};
    if (w->is_unlimited)
        return true;
    *w = (struct window){.spent = calloc(capacity, sizeof w->spent[0]), .capacity = capacity};
    return capacity == 0 || w->spent;
}

static uint32_t window_oldest_at(const struct window *w)
{
    return w->next >= w->count ? w->next - w->count : w->next + w->capacity - w->count;
}

// When the first of those that are out was spent; there is one.
static int64_t window_oldest(const struct window *w)
{
    return w->last - (uint32_t)((uint32_t)w->last - w->spent[window_oldest_at(w)]);
}

static int64_t window_opens_at(const struct window *w)
{
    if (w->is_unlimited || w->count < w->capacity)
        return long_ago;
    return w->capacity > 0 ? window_oldest(w) + NS_PER_S : never;
}

static void window_spend(struct window *w, int64_t now)
{
    enum { AHEAD = 16 };  // what comes back then lies a line further
    if (w->is_unlimited)
        return;
    while (w->count > 0 && window_oldest(w) + NS_PER_S <= now)
        w->count--;
    w->spent[w->next] = (uint32_t)now;
    w->next = w->next + 1 < w->capacity ? w->next + 1 : 0;
    w->last = now;
    w->count++;
    uint32_t soon = window_oldest_at(w) + AHEAD;
    __builtin_prefetch(&w->spent[soon < w->capacity ? soon : 0]);
}

// A window of their own keeps accelerated probes from spending in a moment what the flows' own need
// for the rest of the second. Jitter makes crowds: with it the number of a flow's own probes in a
// second has a variance of a hundredth of its mean, so a margin of 1 + 1/32 is three deviations at
// usual rates.
static uint32_t spare_of(const struct limit *limit, uint32_t cap_pps)
{
    if (cap_pps == SCHEDULE_UNLIMITED)
        return SCHEDULE_UNLIMITED;
    int64_t own_pps = (limit->base_mpps + 999) / 1000;
    int64_t needed_pps = own_pps + 1 + own_pps / 32;
    return needed_pps < cap_pps ? cap_pps - (uint32_t)needed_pps : 0;
}

static uint32_t traces_of(uint32_t cap_pps)
{
    if (cap_pps == SCHEDULE_UNLIMITED)
        return SCHEDULE_UNLIMITED;
    return cap_pps > TRACES_PART ? cap_pps / TRACES_PART : 1;
}

static bool limit_init(struct limit *limit, uint32_t cap_pps)
{
    assert(cap_pps > 0);
    return window_init(&limit->windows[PACKET_OWN], cap_pps) &&
           window_init(&limit->windows[PACKET_SPARE], spare_of(limit, cap_pps)) &&
           window_init(&limit->windows[PACKET_TRACE], traces_of(cap_pps));
}

static bool limits_init(struct schedule *s, const struct schedule_caps *caps)
{
    bool has_all = true;
    for (uint32_t i = 0; i < s->flow_count; i++) {
        const struct flow *flow = flow_of(s, i);
        int64_t mpps = llround(1000.0 * NS_PER_S / (double)flow->interval_ns);
        s->paths[flow->path].base_mpps += mpps;
        for (struct limit *of = &s->targets[flow->target]; of; of = of->host)
            of->base_mpps += mpps;
    }
    for (uint32_t i = 0; has_all && i < s->path_count; i++)
        has_all = limit_init(&s->paths[i], caps->path_pps);
    for (uint32_t i = 0; has_all && i < s->target_count; i++)
        has_all = limit_init(&s->targets[i], caps->target_pps[i]) &&
                  (!caps->host_of || limit_init(&s->hosts[i], caps->host_pps[i]));
    return has_all;
}

static void join_hosts(struct schedule *s, const struct schedule_caps *caps)
{
    for (uint32_t i = 0; caps->host_of && i < s->target_count; i++) {
        uint32_t host = caps->host_of[i];
        assert(host < s->target_count);
        s->targets[i].host = caps->host_pps[host] < SCHEDULE_UNLIMITED ? &s->hosts[host] : NULL;
    }
}

static uint32_t phase_of(const struct schedule_flow *flow)
{
    return (uint32_t)lround((double)flow->phase_ns / (double)flow->interval_ns * UINT32_MAX);
}

static int64_t phase_ns(const struct flow *flow)
{
    return lround((double)flow->phase / UINT32_MAX * (double)flow->interval_ns);
}

struct schedule *schedule_new(const struct schedule_flow *flows, uint32_t flow_count,
                              const struct schedule_caps *caps, uint64_t seed)
{
    assert(caps->path_count <= UINT16_MAX && caps->target_count <= UINT8_MAX);
    struct schedule *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    *s = (struct schedule){
        .paths = calloc(caps->path_count, sizeof s->paths[0]),
        .targets = calloc(caps->target_count, sizeof s->targets[0]),
        .hosts = calloc(caps->target_count, sizeof s->hosts[0]),
        .flow_count = flow_count,
        .path_count = caps->path_count,
        .target_count = caps->target_count,
        .random = {seed},
    };
    if ((caps->path_count > 0 && !s->paths) ||
        (caps->target_count > 0 && (!s->targets || !s->hosts)) ||
        !wheel_init(&s->queue, flow_count, sizeof(struct flow), caps->memory))
        goto fail;
    for (uint32_t i = 0; i < flow_count; i++) {
        assert(flows[i].path < caps->path_count && flows[i].target < caps->target_count &&
               flows[i].interval_ns > 0);
        struct flow *flow = flow_of(s, i);
        flow->interval_ns = (float)flows[i].interval_ns;
        flow->phase = phase_of(&flows[i]);
        flow->path = (uint16_t)flows[i].path;
        flow->target = (uint8_t)flows[i].target;
    }
    join_hosts(s, caps);
    if (!limits_init(s, caps))
        goto fail;
    return s;
fail:
    schedule_free(s);
    return NULL;
}

static void limits_done(struct limit *limits, uint32_t count)
{
    for (uint32_t i = 0; limits && i < count; i++)
        for (enum packet packet = 0; packet < PACKETS; packet++)
            free(limits[i].windows[packet].spent);
    free(limits);
}

void schedule_free(struct schedule *s)
{
    if (!s)
        return;
    limits_done(s->paths, s->path_count);
    limits_done(s->targets, s->target_count);
    limits_done(s->hosts, s->target_count);
    wheel_done(&s->queue);
    free(s);
}

void schedule_start(struct schedule *s, struct mono now)
{
    for (uint32_t i = 0; i < s->flow_count; i++) {
        struct flow *flow = flow_of(s, i);
        s->suspected -= flow->suspicion > 0;
        flow->suspicion = 0;
        flow->sooner = 0;
        wheel_set(&s->queue, i, now.ns + phase_ns(flow), now.ns);
    }
}

struct mono schedule_due(const struct schedule *s)
{
    return (struct mono){wheel_next_ns(&s->queue)};
}

static int64_t jittered(struct schedule *s, double gap_ns)
{
    double factor = 1 - SCHEDULE_JITTER + 2 * SCHEDULE_JITTER * random_unit(&s->random);
    return (int64_t)(gap_ns * factor);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

// When it goes by its own rate.
static int64_t own_due(const struct flow *flow)
{
    return flow->queued.key_ns + ((int64_t)flow->sooner << SOONER_LOG2);
}

// The next probe of a flow goes by its own rate or, sooner, when it is due by its suspicion; by
// less than SOONER_NS before that.
static void queue(struct schedule *s, uint32_t id, int64_t own, int64_t due, struct mono now)
{
    int64_t sooner = (amount_higher(0, own - due) + SOONER_NS - 1) >> SOONER_LOG2;
    struct flow *flow = flow_of(s, id);
    flow->sooner = (uint32_t)least(sooner, UINT32_MAX);
    wheel_set(&s->queue, id, own - ((int64_t)flow->sooner << SOONER_LOG2), now.ns);
}

// When it lets such a packet go, and whatever it is part of.
static int64_t limit_opens_at(const struct limit *limit, enum packet packet)
{
    int64_t opens = long_ago;
    for (; limit; limit = limit->host) {
        opens = amount_higher(opens, window_opens_at(&limit->windows[PACKET_OWN]));
        if (packet != PACKET_OWN)
            opens = amount_higher(opens, window_opens_at(&limit->windows[packet]));
    }
    return opens;
}

static void limit_spend(struct limit *limit, enum packet packet, int64_t now)
{
    for (; limit; limit = limit->host) {
        window_spend(&limit->windows[PACKET_OWN], now);
        if (packet != PACKET_OWN)
            window_spend(&limit->windows[packet], now);
    }
}

uint32_t schedule_take(struct schedule *s, struct mono now)
{
    for (uint32_t id; (id = wheel_due(&s->queue, now.ns)) != WHEEL_NOBODY;) {
        struct flow *flow = flow_of(s, id);
        int64_t own = own_due(flow);
        bool is_own = own <= now.ns;
        enum packet packet = is_own ? PACKET_OWN : PACKET_SPARE;
        struct limit *path = &s->paths[flow->path], *target = &s->targets[flow->target];
        int64_t opens = amount_higher(limit_opens_at(path, packet), limit_opens_at(target, packet));
        if (opens > now.ns) {  // behind all who wait for the same token: nobody starves
            own = is_own ? opens : own;
            queue(s, id, own, least(opens, own) + SOONER_NS - 1, now);  // not before it opens
            continue;
        }
        limit_spend(path, packet, now.ns);
        limit_spend(target, packet, now.ns);
        if (is_own)
            own = now.ns + jittered(s, (double)flow->interval_ns);
        else
            own = amount_higher(own, now.ns + SCHEDULE_FAST_NS / 2);  // not in pairs
        bool is_fast = flow->suspicion > 0;
        queue(s, id, own, is_fast ? now.ns + jittered(s, SCHEDULE_FAST_NS) : own, now);
        return id;
    }
    return SCHEDULE_NOBODY;
}

static uint32_t more_suspicion(uint32_t before)
{
    uint32_t after = before + SCHEDULE_SUSPICION;
    return after < SCHEDULE_SUSPICION_MAX ? after : SCHEDULE_SUSPICION_MAX;
}

static void suspect(struct schedule *s, uint32_t id, uint32_t suspicion, struct mono now)
{
    struct flow *flow = flow_of(s, id);
    uint32_t before = flow->suspicion;
    s->suspected += (uint32_t)(suspicion > 0) - (uint32_t)(before > 0);
    flow->suspicion = (uint8_t)suspicion;
    if ((before > 0) == (suspicion > 0))
        return;
    int64_t own = own_due(flow);
    queue(s, id, own, suspicion > 0 ? now.ns : own, now);
}

void schedule_fetch(const struct schedule *s, uint32_t id)
{
    if (s->suspected > 0 && id < s->flow_count)
        __builtin_prefetch(flow_of(s, id), 1);
}

void schedule_told(struct schedule *s, uint32_t id, bool lost, struct mono now)
{
    assert(id < s->flow_count);
    if (!lost && s->suspected == 0)
        return;  // nearly always: the flow is not even looked at
    const struct flow *flow = flow_of(s, id);
    if (lost && flow->interval_ns > SCHEDULE_FAST_NS)
        suspect(s, id, more_suspicion(flow->suspicion), now);
    else if (!lost && flow->suspicion > 0)
        suspect(s, id, flow->suspicion - 1u, now);
}

void schedule_hasten(struct schedule *s, uint32_t id, struct mono now)
{
    assert(id < s->flow_count);
    const struct flow *flow = flow_of(s, id);
    if (flow->interval_ns > SCHEDULE_FAST_NS && flow->suspicion < SCHEDULE_HASTE)
        suspect(s, id, SCHEDULE_HASTE, now);
}

static struct mono beyond_due(const struct schedule *s, uint32_t path, uint32_t target,
                              enum packet at_target)
{
    int64_t opens = limit_opens_at(&s->paths[path], PACKET_SPARE);
    if (target != SCHEDULE_NOBODY)
        opens = amount_higher(opens, limit_opens_at(&s->targets[target], at_target));
    return (struct mono){opens};
}

static void spend_beyond(struct schedule *s, uint32_t path, uint32_t target, enum packet at_target,
                         struct mono now)
{
    assert(beyond_due(s, path, target, at_target).ns <= now.ns);
    limit_spend(&s->paths[path], PACKET_SPARE, now.ns);
    limit_spend(&s->targets[target], at_target, now.ns);
}

struct mono schedule_spare_due(const struct schedule *s, uint32_t path, uint32_t target)
{
    return beyond_due(s, path, target, PACKET_SPARE);
}

void schedule_spend_spare(struct schedule *s, uint32_t path, uint32_t target, struct mono now)
{
    spend_beyond(s, path, target, PACKET_SPARE, now);
}

struct mono schedule_trace_due(const struct schedule *s, uint32_t path, uint32_t target)
{
    return beyond_due(s, path, target, PACKET_TRACE);
}

void schedule_spend_trace(struct schedule *s, uint32_t path, uint32_t target, struct mono now)
{
    spend_beyond(s, path, target, PACKET_TRACE, now);
}
