// SPDX-License-Identifier: ISC
#include "probe/flight.h"

#include <assert.h>
#include <stdlib.h>

enum { BACK_MAX = (1 << FLIGHT_BACK_BITS) - 1, PROBES_MAX = BACK_MAX - 2 * FLIGHT_CHUNK };

static uint32_t *chunk_at(const struct flight *f, uint32_t position)
{
    return &f->chunks[position / FLIGHT_CHUNK % f->chunk_count];
}

static struct flight_probe *at(const struct flight *f, uint32_t position)
{
    return &f->ring[*chunk_at(f, position) * FLIGHT_CHUNK + position % FLIGHT_CHUNK];
}

static uint32_t back_from(const struct flight *f, uint32_t from, uint32_t to)
{
    return from >= to ? from - to : from + (f->positions - to);
}

// The flow's probe of that number; NULL when it is forgotten. From the newest back: nearly always
// it is one of the last. What would be further back than what is held was written over.
static struct flight_probe *find(const struct flight *f, uint32_t id, uint32_t sequence)
{
    const struct flight_flow *flow = &f->flows[id];
    uint32_t age = flow->next - sequence, position = flow->newest;
    if (age == 0 || age > flow->recent || back_from(f, f->sent, position) > f->held)
        return NULL;
    for (; age > 1; age--) {
        uint32_t back = at(f, position)->back;
        position = back_from(f, position, back);
        if (back == 0 || back_from(f, f->sent, position) > f->held)
            return NULL;
    }
    return at(f, position);
}

// The number of the oldest one that is not settled; there is one.
static uint32_t first_open(const struct flight_flow *flow)
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
    count = count < PROBES_MAX ? count : PROBES_MAX;
    f->chunk_count = (count + FLIGHT_CHUNK - 1) / FLIGHT_CHUNK + 1;
    f->ring_size = f->chunk_count * FLIGHT_CHUNK;
    f->positions = UINT32_MAX / f->ring_size * f->ring_size;
    f->ring = calloc(f->ring_size, sizeof f->ring[0]);
    f->chunks = calloc(f->chunk_count, sizeof f->chunks[0]);
    for (uint32_t i = 0; f->chunks && i < f->chunk_count; i++)
        f->chunks[i] = i;
    return f->ring && f->chunks;
}

bool flight_init(struct flight *f, const struct flow *flows, uint32_t flow_count,
                 uint32_t group_count, uint32_t probe_count)
{
    assert(group_count <= UINT16_MAX);
    *f = (struct flight){
        .names = flows,
        .flows = calloc(flow_count, sizeof f->flows[0]),
        .groups = calloc(group_count, sizeof f->groups[0]),
        .flow_count = flow_count,
        .group_count = group_count,
    };
    bool has_all = (flow_count == 0 || f->flows) && (group_count == 0 || f->groups);
    if (has_all && get_chunks(f, probe_count) && wheel_init(&f->overdue, flow_count))
        return true;
    flight_done(f);
    return false;
}

void flight_done(struct flight *f)
{
    free(f->flows);
    free(f->groups);
    free(f->ring);
    free(f->chunks);
    wheel_done(&f->overdue);
    *f = (struct flight){0};
}

void flight_flow_init(struct flight *f, uint32_t id, uint32_t group, uint32_t first)
{
    assert(id < f->flow_count && group < f->group_count);
    struct flight_flow *flow = &f->flows[id];
    for (; flow->open > 0; flow->open--)  // nobody will ask for them
        probe_of(f, id, first_open(flow))->state = FLIGHT_UNUSED;
    *flow = (struct flight_flow){.group = (uint16_t)group, .next = first};
    wheel_remove(&f->overdue, id);
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
    return mono_since_ns(now, probe->sent_at) >= FLIGHT_LATE_FACTOR * timeout_ns;
}

static const struct flight_probe *oldest_chunk(const struct flight *f)
{
    return at(f, back_from(f, f->sent, f->held));
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

// The next chunk is to be one that was used before, if there is any: it changes places with the one
// that would have its turn.
static void begin_chunk(struct flight *f, struct mono now)
{
    while (f->held == f->ring_size || (f->held > 0 && oldest_is_past(f, now))) {
        f->held -= FLIGHT_CHUNK;
        f->warm++;
    }
    if (f->warm == 0)
        return;
    uint32_t back = f->held + f->warm-- * FLIGHT_CHUNK;
    uint32_t *next = chunk_at(f, f->sent), *used = chunk_at(f, back_from(f, f->sent, back));
    uint32_t fresh = *next;
    *next = *used;
    *used = fresh;
}

void flight_fetch(const struct flight *f, uint32_t id)
{
    __builtin_prefetch(&f->flows[id], 1);  // it may lie across two cache lines
    __builtin_prefetch((const char *)&f->flows[id + 1] - 1, 1);
    __builtin_prefetch(&f->overdue.nodes[id], 1);
}

void flight_fetch_probe(const struct flight *f, uint32_t id)
{
    const struct flight_flow *flow = &f->flows[id];
    const struct rtt *group = &f->groups[flow->group];
    __builtin_prefetch(at(f, flow->newest), 1);
    __builtin_prefetch(&group->total, 1);  // likewise
    __builtin_prefetch((const char *)(group + 1) - 1, 1);
}

// Most round trips of a group are alike.
void flight_fetch_rtt(const struct flight *f, uint32_t id)
{
    const struct rtt *group = &f->groups[f->flows[id].group];
    __builtin_prefetch(&group->counts[group->p50.bucket], 1);
}

bool flight_has_room(const struct flight *f, uint32_t id)
{
    const struct flight_flow *flow = &f->flows[id];
    bool is_full = f->sent % FLIGHT_CHUNK == 0 && f->held == f->ring_size;
    return flow->open < FLIGHT_RECENT_MAX && !(is_full && oldest_waits(f));
}

// The oldest probe without verdict; NULL. What lies before is settled, so it is the first open one.
static struct flight_probe *oldest_waiting(const struct flight *f, uint32_t id)
{
    const struct flight_flow *flow = &f->flows[id];
    return flow->open > 0 ? probe_of(f, id, first_open(flow)) : NULL;
}

// Half of the bits do: of a STAMP time stamp whoever makes answers up has to guess the low ones.
static uint32_t fold(uint64_t echo)
{
    return (uint32_t)(echo ^ echo >> 32);
}

static struct mono deadline_of(const struct flight_probe *probe)
{
    return mono_add_ns(probe->sent_at, probe->timeout_us * (int64_t)NS_PER_US);
}

void flight_sent(struct flight *f, uint32_t id, struct mono now, uint64_t echo)
{
    assert(flight_has_room(f, id));
    struct flight_flow *flow = &f->flows[id];
    int64_t timeout_ns =
        rtt_timeout_ns(&f->groups[flow->group], f->timeout_min_ns, f->timeout_max_ns);
    if (f->sent % FLIGHT_CHUNK == 0)
        begin_chunk(f, now);
    uint32_t back = back_from(f, f->sent, flow->newest);
    bool has_previous = flow->recent > 0 && back <= f->held;
    struct flight_probe *probe = at(f, f->sent);
    *probe = (struct flight_probe){
        .sent_at = now,
        .echo = fold(echo),
        .back = has_previous ? back & BACK_MAX : 0,
        .state = FLIGHT_WAITING,
        .timeout_us = (uint32_t)((timeout_ns + NS_PER_US - 1) / NS_PER_US),
    };
    if (flow->open++ == 0)
        wheel_set(&f->overdue, id, deadline_of(probe).ns, now.ns);
    flow->newest = f->sent;
    f->sent = f->sent + 1 < f->positions ? f->sent + 1 : 0;
    f->held++;
    if (flow->recent < FLIGHT_RECENT_MAX)
        flow->recent++;
    flow->next++;
}

uint32_t flight_expand(const struct flight *f, uint32_t id, uint16_t low)
{
    uint32_t last = f->flows[id].next - 1;
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
static void count_losses(struct flight_flow *flow, uint32_t sequence,
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
    struct flight_flow *flow = &f->flows[id];
    for (; flow->open > 0; flow->open--) {
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
        wheel_set(&f->overdue, id, deadline_of(oldest).ns, now.ns);
    else
        wheel_remove(&f->overdue, id);
}

static struct sample sample_of(const struct flight *f, uint32_t id,
                               const struct flight_probe *probe, enum sample_verdict verdict,
                               struct mono now)
{
    const struct flow *name = &f->names[id];
    return (struct sample){
        .id = id,
        .use = name->use,
        .path = name->path,
        .target = name->target,
        .flow = name->number,
        .verdict = verdict,
        .sent_at = probe->sent_at,
        .known_at = now,
    };
}

static enum flight_fit fit_of(const struct flight_probe *probe, const struct flight_answer *answer,
                              struct mono now)
{
    static const enum flight_fit fits[] = {
        [FLIGHT_UNUSED] = FLIGHT_STRANGE,   [FLIGHT_WAITING] = FLIGHT_FITS,
        [FLIGHT_ANSWERED] = FLIGHT_DOUBLED, [FLIGHT_LOST] = FLIGHT_FITS,
        [FLIGHT_VOID] = FLIGHT_FITS_VOID,
    };
    if (!probe || probe->echo != fold(answer->echo))
        return FLIGHT_STRANGE;
    int64_t late_ns = FLIGHT_LATE_FACTOR * (probe->timeout_us * (int64_t)NS_PER_US);
    if (probe->state == FLIGHT_LOST && mono_since_ns(now, probe->sent_at) >= late_ns)
        return FLIGHT_TOO_LATE;
    return fits[probe->state];
}

// (T4 - T1) - (T3 - T2), RFC 8762 §4; a reflector that claims to have kept the probe for longer
// than it was away is not believed.
static int64_t rtt_of(const struct flight_probe *probe, const struct flight_answer *answer)
{
    int64_t away_ns = mono_since_ns(answer->came_at, probe->sent_at);
    if (answer->kept_ns < away_ns)
        away_ns -= answer->kept_ns;
    return away_ns > 0 ? away_ns : 1;
}

enum flight_fit flight_answer(struct flight *f, uint32_t id, const struct flight_answer *answer,
                              struct mono now, struct sample *sample)
{
    struct flight_flow *flow = &f->flows[id];
    struct flight_probe *probe = find(f, id, answer->sequence);
    enum flight_fit fit = fit_of(probe, answer, now);
    if (fit != FLIGHT_FITS)
        return fit;
    bool is_late = probe->state == FLIGHT_LOST;
    probe->state = FLIGHT_ANSWERED;
    probe->reflected = answer->reflected;
    probe->counted = answer->has_count;
    *sample = sample_of(f, id, probe, SAMPLE_OK, now);
    sample->late = is_late;
    sample->rtt_ns = rtt_of(probe, answer);
    rtt_add(&f->groups[flow->group], sample->rtt_ns);
    if (is_late)  // passed over when it was told as lost
        return FLIGHT_FITS;
    settle(f, id, now);
    sample->lost_forward = flow->direction.forward;
    sample->lost_reverse = flow->direction.reverse;
    sample->direction_known = flow->direction_known;
    flow->direction = (struct flight_direction){0};
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
    if (!probe || !mono_reached(now, deadline_of(probe)))
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

bool flight_oldest(const struct flight *f, uint32_t id, struct mono *sent_at)
{
    const struct flight_probe *oldest = oldest_waiting(f, id);
    if (oldest)
        *sent_at = oldest->sent_at;
    return oldest;
}

uint32_t flight_waiting(const struct flight *f, uint32_t *ids)
{
    return wheel_list(&f->overdue, ids);
}
