// SPDX-License-Identifier: ISC
#include "probe/flight.h"

#include <assert.h>
#include <stdlib.h>

enum { CHUNKS_MAX = (1 << FLIGHT_BACK_BITS) / FLIGHT_CHUNK - 2 };

// Positions come round at 2^32, a multiple of the places.
static uint32_t *chunk_at(const struct flight *f, uint32_t position)
{
    return &f->chunks[position / FLIGHT_CHUNK & (f->places - 1)];
}

static struct flight_probe *at(const struct flight *f, uint32_t position)
{
    return &f->ring[*chunk_at(f, position) * FLIGHT_CHUNK + position % FLIGHT_CHUNK];
}

// The flow's probe of that number; NULL when it is forgotten. From the newest back: nearly always
// it is one of the last. What would be further back than what is held was written over.
static struct flight_probe *find(const struct flight *f, uint32_t id, uint32_t sequence)
{
    const struct flow_flight *flow = &f->flows[id].flight;
    uint32_t age = flow->next - sequence, position = flow->newest;
    if (age == 0 || age > flow->recent || f->sent - position > f->held)
        return NULL;
    for (; age > 1; age--) {
        uint32_t back = at(f, position)->back;
        position -= back;
        if (back == 0 || f->sent - position > f->held)
            return NULL;
    }
    return at(f, position);
}

// The number of the oldest one that is not settled; there is one.
static uint32_t first_open(const struct flow_flight *flow)
{
    return flow->next - flow->open;
}

// One without verdict, which is never forgotten.
static struct flight_probe *probe_of(const struct flight *f, uint32_t id, uint32_t sequence)
{
    struct flight_probe *probe = find(f, id, sequence);
    assert(probe);
    return probe;
}

static bool get_chunks(struct flight *f, uint32_t probe_count)
{
    uint32_t count = probe_count > FLIGHT_RECENT_MAX ? probe_count : FLIGHT_RECENT_MAX;
    uint32_t wanted = (count - 1) / FLIGHT_CHUNK + 2;
    f->chunk_count = wanted < CHUNKS_MAX ? wanted : CHUNKS_MAX;
    for (f->places = 1; f->places < f->chunk_count;)
        f->places *= 2;
    f->ring_size = f->chunk_count * FLIGHT_CHUNK;
    f->ring = calloc(f->ring_size, sizeof f->ring[0]);
    f->chunks = calloc(f->places, sizeof f->chunks[0]);
    f->times = calloc(f->chunk_count, sizeof f->times[0]);
    return f->ring && f->chunks && f->times;
}

bool flight_init(struct flight *f, struct flow *flows, const struct flight_room *room)
{
    assert(room->groups <= UINT16_MAX);
    *f = (struct flight){
        .flows = flows,
        .memory = room->memory,
        .groups = region_take(room->memory, room->groups, sizeof f->groups[0]),
        .waiting = region_take(room->memory, room->groups, sizeof f->waiting[0]),
        .flow_count = room->flows,
        .group_count = room->groups,
    };
    for (uint32_t id = 0; id < room->flows; id++)
        flows[id].flight = (struct flow_flight){0};
    if ((room->groups == 0 || (f->groups && f->waiting)) && get_chunks(f, room->probes) &&
        wheel_init(&f->overdue, room->flows, sizeof(struct wheel_node), room->memory))
        return true;
    flight_done(f);
    return false;
}

void flight_done(struct flight *f)
{
    region_give(f->memory, f->groups);
    region_give(f->memory, f->waiting);
    free(f->ring);
    free(f->chunks);
    free(f->times);
    wheel_done(&f->overdue);
    *f = (struct flight){0};
}

void flight_flow_init(struct flight *f, uint32_t id, uint32_t group, uint32_t first)
{
    assert(id < f->flow_count && group < f->group_count);
    struct flow_flight *flow = &f->flows[id].flight;
    f->waiting[flow->group] -= flow->open;
    for (; flow->open > 0; flow->open--)  // nobody will ask for them
        probe_of(f, id, first_open(flow))->state = FLIGHT_UNUSED;
    *flow = (struct flow_flight){.group = (uint16_t)group, .next = first};
    wheel_remove(&f->overdue, id);
}

// ---- when they were sent

enum { AFTER_BITS = 36 };  // of ns: 68 s, which all that may still wait is younger than
#define AFTER_MAX_NS ((INT64_C(1) << AFTER_BITS) - 1)
#define MOVED_NS (AFTER_MAX_NS - (INT64_C(1) << 32))  // 64 s

static struct mono *time_of(const struct flight *f, const struct flight_probe *probe)
{
    return &f->times[(size_t)(probe - f->ring) / FLIGHT_CHUNK];
}

static struct mono sent_at(const struct flight *f, const struct flight_probe *probe)
{
    int64_t after_ns = (int64_t)probe->after_high << 32 | probe->after_ns;
    return mono_add_ns(*time_of(f, probe), after_ns);
}

static void set_after(struct flight_probe *probe, int64_t after_ns)
{
    after_ns = after_ns < 0 ? 0 : after_ns < AFTER_MAX_NS ? after_ns : AFTER_MAX_NS;
    probe->after_ns = (uint32_t)after_ns;
    probe->after_high = (uint32_t)(after_ns >> 32) & 15;
}

// Where so little is sent that the newest chunk lasts for longer, its older probes become 64 s old,
// and no older while it is the newest.
static void move_time(struct flight *f, struct flight_probe *last, struct mono moved)
{
    for (struct flight_probe *probe = last - f->sent % FLIGHT_CHUNK; probe < last; probe++)
        set_after(probe, mono_since_ns(sent_at(f, probe), moved));
    *time_of(f, last) = moved;
}

static void set_sent_at(struct flight *f, struct flight_probe *probe, struct mono now)
{
    if (f->sent % FLIGHT_CHUNK == 0)
        *time_of(f, probe) = now;
    int64_t after_ns = mono_since_ns(now, *time_of(f, probe));
    if (after_ns < 0 || after_ns > AFTER_MAX_NS) {
        move_time(f, probe, mono_add_ns(now, -MOVED_NS));
        after_ns = MOVED_NS;
    }
    set_after(probe, after_ns);
}

// ---- what is remembered

// One that waits may be asked for at any time, a lost one as long as its answer would be late. What
// could still come of others says nothing: it is only counted by another name then.
static bool is_past(const struct flight *f, const struct flight_probe *probe, struct mono now)
{
    if (probe->state == FLIGHT_WAITING)
        return false;
    int64_t timeout_ns =
        probe->state == FLIGHT_LOST ? probe->timeout_us * (int64_t)NS_PER_US : f->timeout_min_ns;
    return mono_since_ns(now, sent_at(f, probe)) >= FLIGHT_LATE_FACTOR * timeout_ns;
}

static const struct flight_probe *oldest_chunk(const struct flight *f)
{
    return at(f, f->sent - f->held);
}

static bool oldest_waits(const struct flight *f)
{
    const struct flight_probe *chunk = oldest_chunk(f);
    for (uint32_t i = 0; i < FLIGHT_CHUNK; i++)
        if (chunk[i].state == FLIGHT_WAITING)
            return true;
    return false;
}

static bool oldest_is_past(const struct flight *f, struct mono now)
{
    const struct flight_probe *chunk = oldest_chunk(f);
    for (uint32_t i = 0; i < FLIGHT_CHUNK; i++)
        if (!is_past(f, &chunk[i], now))
            return false;
    return true;
}

// The next chunk is to be one that was used before, if there is any.
static void begin_chunk(struct flight *f, struct mono now)
{
    while (f->held == f->ring_size || (f->held > 0 && oldest_is_past(f, now))) {
        f->held -= FLIGHT_CHUNK;
        f->warm++;
    }
    uint32_t *next = chunk_at(f, f->sent), back = f->held + f->warm * FLIGHT_CHUNK;
    if (f->warm == 0) {
        *next = f->used++;
        return;
    }
    *next = *chunk_at(f, f->sent - back);
    f->warm--;
}

void flight_fetch(const struct flight *f, uint32_t id)
{
    __builtin_prefetch(&f->flows[id], 1);
    __builtin_prefetch(wheel_record(&f->overdue, id), 1);
}

void flight_fetch_probe(const struct flight *f, uint32_t id)
{
    const struct flow_flight *flow = &f->flows[id].flight;
    __builtin_prefetch(at(f, flow->newest), 1);
    flight_fetch_timeout(f, flow->group);
}

void flight_fetch_timeout(const struct flight *f, uint32_t group)
{
    __builtin_prefetch(&f->groups[group].total, 1);
}

// Most round trips of a group are alike.
void flight_fetch_rtt(const struct flight *f, uint32_t id)
{
    const struct rtt *group = &f->groups[f->flows[id].flight.group];
    __builtin_prefetch(&group->counts[group->p50.bucket], 1);
}

bool flight_has_room(const struct flight *f, uint32_t id)
{
    const struct flow_flight *flow = &f->flows[id].flight;
    bool is_full = f->sent % FLIGHT_CHUNK == 0 && f->held == f->ring_size;
    return flow->open < FLIGHT_RECENT_MAX && !(is_full && oldest_waits(f));
}

// The oldest probe without verdict; NULL. What lies before is settled, so it is the first open one.
static struct flight_probe *oldest_waiting(const struct flight *f, uint32_t id)
{
    const struct flow_flight *flow = &f->flows[id].flight;
    return flow->open > 0 ? probe_of(f, id, first_open(flow)) : NULL;
}

// Half of the bits do: of a STAMP time stamp whoever makes answers up has to guess the low ones.
static uint32_t fold(uint64_t echo)
{
    return (uint32_t)(echo ^ echo >> 32);
}

static struct mono deadline_of(const struct flight *f, const struct flight_probe *probe)
{
    return mono_add_ns(sent_at(f, probe), probe->timeout_us * (int64_t)NS_PER_US);
}

void flight_sent(struct flight *f, uint32_t id, struct mono now, uint64_t echo)
{
    assert(flight_has_room(f, id));
    struct flow_flight *flow = &f->flows[id].flight;
    int64_t timeout_ns =
        rtt_timeout_ns(&f->groups[flow->group], f->timeout_min_ns, f->timeout_max_ns);
    if (f->sent % FLIGHT_CHUNK == 0)
        begin_chunk(f, now);
    uint32_t back = f->sent - flow->newest;
    bool has_previous = flow->recent > 0 && back <= f->held;
    struct flight_probe *probe = at(f, f->sent);
    *probe = (struct flight_probe){
        .echo = fold(echo),
        .back = has_previous ? back & ((1u << FLIGHT_BACK_BITS) - 1) : 0,
        .state = FLIGHT_WAITING,
        .timeout_us = (uint32_t)((timeout_ns + NS_PER_US - 1) / NS_PER_US),
    };
    set_sent_at(f, probe, now);
    f->waiting[flow->group]++;
    if (flow->open++ == 0)
        wheel_set(&f->overdue, id, deadline_of(f, probe).ns, now.ns);
    flow->newest = f->sent;
    f->sent++;
    f->held++;
    if (flow->recent < FLIGHT_RECENT_MAX)
        flow->recent++;
    flow->next++;
}

uint32_t flight_expand(const struct flight *f, uint32_t id, uint16_t low)
{
    uint32_t last = f->flows[id].flight.next - 1;
    return last - (uint16_t)(last - low);
}

static void count_up(uint8_t *sum, uint32_t more)
{
    *sum = more < UINT8_MAX - (uint32_t)*sum ? (uint8_t)(*sum + more) : UINT8_MAX;
}

// Between two answers, Δs probes were sent and Δr answered: Δs - Δr were lost on the way there, and
// of the answers all but the last on the way back (RFC 8762 §4.3.1 lets a reflector count).
// Whatever does not add up (a reflector started anew, one count for all senders, reordering, or one
// that only copies our number) tells nothing, and counting begins again from there.
static void count_losses(struct flow_flight *flow, uint32_t sequence,
                         const struct flight_probe *answered)
{
    uint32_t sent = sequence - flow->anchor_sequence;
    uint32_t reflected = answered->reflected - flow->anchor_reflected;
    if (flow->anchored && reflected >= 1 && reflected <= sent) {
        count_up(&flow->direction.forward, sent - reflected);
        count_up(&flow->direction.reverse, reflected - 1);
        flow->direction_known = true;
    }
    flow->anchored = answered->counted && answered->reflected != sequence;
    flow->anchor_sequence = sequence;
    flow->anchor_reflected = answered->reflected;
}

// Moves past all probes that have a verdict. Directions are counted here, in order, so that an
// answer which overtook another is not taken for a loss. A void probe may or may not have been
// counted by the reflector: nothing is said across it.
static void settle(struct flight *f, uint32_t id, struct mono now)
{
    struct flow_flight *flow = &f->flows[id].flight;
    for (; flow->open > 0; flow->open--, f->waiting[flow->group]--) {
        uint32_t sequence = first_open(flow);
        const struct flight_probe *probe = probe_of(f, id, sequence);
        if (probe->state == FLIGHT_WAITING)
            break;
        if (probe->state == FLIGHT_ANSWERED)
            count_losses(flow, sequence, probe);
        else if (probe->state == FLIGHT_VOID)
            flow->anchored = false;
    }
    const struct flight_probe *oldest = oldest_waiting(f, id);
    if (oldest)
        wheel_set(&f->overdue, id, deadline_of(f, oldest).ns, now.ns);
    else
        wheel_remove(&f->overdue, id);
}

static struct sample sample_of(const struct flight *f, uint32_t id,
                               const struct flight_probe *probe, enum sample_verdict verdict,
                               struct mono now)
{
    const struct flow *name = &f->flows[id];
    return (struct sample){
        .id = id,
        .use = name->use,
        .path = name->path,
        .target = name->target,
        .flow = name->number,
        .verdict = verdict,
        .sent_at = sent_at(f, probe),
        .known_at = now,
    };
}

static enum flight_fit fit_of(const struct flight *f, const struct flight_probe *probe,
                              const struct flight_answer *answer, struct mono now)
{
    static const enum flight_fit fits[] = {
        [FLIGHT_UNUSED] = FLIGHT_STRANGE,   [FLIGHT_WAITING] = FLIGHT_FITS,
        [FLIGHT_ANSWERED] = FLIGHT_DOUBLED, [FLIGHT_LOST] = FLIGHT_FITS,
        [FLIGHT_VOID] = FLIGHT_FITS_VOID,
    };
    if (!probe || probe->echo != fold(answer->echo))
        return FLIGHT_STRANGE;
    int64_t late_ns = FLIGHT_LATE_FACTOR * (probe->timeout_us * (int64_t)NS_PER_US);
    if (probe->state == FLIGHT_LOST && mono_since_ns(now, sent_at(f, probe)) >= late_ns)
        return FLIGHT_TOO_LATE;
    return fits[probe->state];
}

// (T4 - T1) - (T3 - T2), RFC 8762 §4; a reflector that claims to have kept the probe for longer
// than it was away is not believed.
static int64_t rtt_of(const struct sample *sample, const struct flight_answer *answer)
{
    int64_t away_ns = mono_since_ns(answer->came_at, sample->sent_at);
    if (answer->kept_ns < away_ns)
        away_ns -= answer->kept_ns;
    return away_ns > 0 ? away_ns : 1;
}

// What nobody dated says nothing of the way it took: whatever kept it from the clock may have kept
// others from us. One that was told as lost was not, at any rate.
static void void_undated(struct sample *sample)
{
    if (sample->late)
        return;
    sample->verdict = SAMPLE_VOID;
    sample->void_reason = SAMPLE_UNDATED;
    sample->rtt_ns = 0;
}

enum flight_fit flight_answer(struct flight *f, uint32_t id, const struct flight_answer *answer,
                              struct mono now, struct sample *sample)
{
    struct flow_flight *flow = &f->flows[id].flight;
    struct flight_probe *probe = find(f, id, answer->sequence);
    enum flight_fit fit = fit_of(f, probe, answer, now);
    if (fit != FLIGHT_FITS)
        return fit;
    bool is_late = probe->state == FLIGHT_LOST;
    probe->state = FLIGHT_ANSWERED;
    probe->reflected = answer->reflected;
    probe->counted = answer->has_count;
    *sample = sample_of(f, id, probe, SAMPLE_OK, now);
    sample->late = is_late;
    sample->rtt_ns = rtt_of(sample, answer);
    if (answer->undated)
        void_undated(sample);
    else
        rtt_add(&f->groups[flow->group], sample->rtt_ns);
    if (is_late)  // passed over when it was told as lost
        return FLIGHT_FITS;
    settle(f, id, now);
    sample->lost_forward = flow->direction.forward;
    sample->lost_reverse = flow->direction.reverse;
    sample->direction_known = flow->direction_known;
    flow->direction = (struct flow_direction){0};
    flow->direction_known = false;
    return FLIGHT_FITS;
}

uint32_t flight_overdue(struct flight *f, struct mono now)
{
    return wheel_due(&f->overdue, now.ns);
}

struct mono flight_due(const struct flight *f)
{
    return (struct mono){wheel_next_ns(&f->overdue)};
}

bool flight_expire(struct flight *f, uint32_t id, struct mono now, struct sample *sample)
{
    struct flight_probe *probe = oldest_waiting(f, id);
    if (!probe || !mono_reached(now, deadline_of(f, probe)))
        return false;
    probe->state = FLIGHT_LOST;
    *sample = sample_of(f, id, probe, SAMPLE_LOST, now);
    settle(f, id, now);
    return true;
}

bool flight_void(struct flight *f, uint32_t id, enum sample_void_reason reason, struct mono now,
                 struct sample *sample)
{
    struct flight_probe *probe = oldest_waiting(f, id);
    if (!probe)
        return false;
    probe->state = FLIGHT_VOID;
    *sample = sample_of(f, id, probe, SAMPLE_VOID, now);
    sample->void_reason = reason;
    settle(f, id, now);
    return true;
}

bool flight_oldest(const struct flight *f, uint32_t id, struct mono *at)
{
    const struct flight_probe *oldest = oldest_waiting(f, id);
    if (oldest)
        *at = sent_at(f, oldest);
    return oldest;
}

bool flight_group_waits(const struct flight *f, uint32_t group)
{
    return f->waiting[group] > 0;
}

uint32_t flight_waiting(const struct flight *f, uint32_t *ids)
{
    return wheel_list(&f->overdue, ids);
}
