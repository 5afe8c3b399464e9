// SPDX-License-Identifier: ISC
#include "probe/flight.h"

#include <assert.h>
#include <stdlib.h>

static_assert((FLIGHT_RING & (FLIGHT_RING - 1)) == 0, "the ring is indexed by a mask");

bool flight_init(struct flight *f, const struct flow *flows, uint32_t flow_count,
                 uint32_t group_count)
{
    *f = (struct flight){
        .names = flows,
        .flows = calloc(flow_count, sizeof f->flows[0]),
        .groups = calloc(group_count, sizeof f->groups[0]),
        .flow_count = flow_count,
        .group_count = group_count,
    };
    bool has_all = (flow_count == 0 || f->flows) && (group_count == 0 || f->groups);
    if (has_all && heap_init(&f->overdue, flow_count))
        return true;
    flight_done(f);
    return false;
}

void flight_done(struct flight *f)
{
    free(f->flows);
    free(f->groups);
    heap_done(&f->overdue);
    *f = (struct flight){0};
}

static struct flight_probe *probe_of(const struct flight *f, uint32_t id, uint32_t sequence)
{
    return &f->flows[id].ring[sequence & (FLIGHT_RING - 1)];
}

void flight_flow_init(struct flight *f, uint32_t id, uint32_t group, uint32_t first)
{
    assert(id < f->flow_count && group < f->group_count);
    f->flows[id] = (struct flight_flow){.group = group, .next = first, .settled = first};
    heap_remove(&f->overdue, id);
}

bool flight_has_room(const struct flight *f, uint32_t id)
{
    return f->flows[id].next - f->flows[id].settled < FLIGHT_RING;
}

// The oldest probe without verdict; NULL. What lies before is settled, so it is the first
// unsettled.
static struct flight_probe *oldest_waiting(const struct flight *f, uint32_t id)
{
    const struct flight_flow *flow = &f->flows[id];
    return flow->settled != flow->next ? probe_of(f, id, flow->settled) : NULL;
}

void flight_sent(struct flight *f, uint32_t id, struct mono now, uint64_t echo)
{
    assert(flight_has_room(f, id));
    struct flight_flow *flow = &f->flows[id];
    int64_t timeout_ns =
        rtt_timeout_ns(&f->groups[flow->group], f->timeout_min_ns, f->timeout_max_ns);
    struct mono deadline = mono_add_ns(now, timeout_ns);
    if (flow->settled == flow->next)
        heap_set(&f->overdue, id, deadline.ns);
    *probe_of(f, id, flow->next) = (struct flight_probe){
        .sent_at = now,
        .deadline = deadline,
        .echo = echo,
        .sequence = flow->next,
        .state = FLIGHT_WAITING,
    };
    flow->next++;
}

uint32_t flight_expand(const struct flight *f, uint32_t id, uint16_t low)
{
    uint32_t last = f->flows[id].next - 1;
    return last - (uint16_t)(last - low);
}

// Between two answers, Δs probes were sent and Δr answered: Δs - Δr were lost on the way there, and
// of the answers all but the last on the way back (RFC 8762 §4.3.1 lets a reflector count).
// Whatever does not add up (a reflector started anew, one count for all senders, reordering, or one
// that only copies our number) tells nothing, and counting begins again from there.
static void count_losses(struct flight_flow *flow, const struct flight_probe *answered)
{
    uint32_t sent = answered->sequence - flow->anchor_sequence;
    uint32_t reflected = answered->reflected - flow->anchor_reflected;
    if (flow->anchored && reflected >= 1 && reflected <= sent) {
        flow->direction.forward += sent - reflected;
        flow->direction.reverse += reflected - 1;
        flow->direction.known = true;
    }
    flow->anchored = answered->counted && answered->reflected != answered->sequence;
    flow->anchor_sequence = answered->sequence;
    flow->anchor_reflected = answered->reflected;
}

// Moves past all probes that have a verdict. Directions are counted here, in order, so that an
// answer which overtook another is not taken for a loss. A void probe may or may not have been
// counted by the reflector: nothing is said across it.
static void settle(struct flight *f, uint32_t id)
{
    struct flight_flow *flow = &f->flows[id];
    for (; flow->settled != flow->next; flow->settled++) {
        const struct flight_probe *probe = probe_of(f, id, flow->settled);
        if (probe->state == FLIGHT_WAITING)
            break;
        if (probe->state == FLIGHT_ANSWERED)
            count_losses(flow, probe);
        else if (probe->state == FLIGHT_VOID)
            flow->anchored = false;
    }
    const struct flight_probe *oldest = oldest_waiting(f, id);
    if (oldest)
        heap_set(&f->overdue, id, oldest->deadline.ns);
    else
        heap_remove(&f->overdue, id);
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

static enum flight_fit fit_of(const struct flight_flow *flow, const struct flight_probe *probe,
                              const struct flight_answer *answer, struct mono now)
{
    static const enum flight_fit fits[] = {
        [FLIGHT_UNUSED] = FLIGHT_STRANGE,   [FLIGHT_WAITING] = FLIGHT_FITS,
        [FLIGHT_ANSWERED] = FLIGHT_DOUBLED, [FLIGHT_LOST] = FLIGHT_FITS,
        [FLIGHT_VOID] = FLIGHT_FITS_VOID,
    };
    uint32_t age = flow->next - answer->sequence;
    if (age == 0 || age > FLIGHT_RING || probe->echo != answer->echo)
        return FLIGHT_STRANGE;
    int64_t timeout_ns = mono_since_ns(probe->deadline, probe->sent_at);
    struct mono end = mono_add_ns(probe->sent_at, FLIGHT_LATE_FACTOR * timeout_ns);
    if (probe->state == FLIGHT_LOST && mono_reached(now, end))
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
    struct flight_probe *probe = probe_of(f, id, answer->sequence);
    enum flight_fit fit = fit_of(flow, probe, answer, now);
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
    settle(f, id);
    sample->lost_forward = flow->direction.forward;
    sample->lost_reverse = flow->direction.reverse;
    sample->direction_known = flow->direction.known;
    flow->direction = (struct flight_direction){0};
    return FLIGHT_FITS;
}

uint32_t flight_overdue(const struct flight *f, struct mono now)
{
    const struct heap_item *first = heap_first(&f->overdue);
    return first && first->key <= now.ns ? first->id : FLIGHT_NOBODY;
}

struct mono flight_due(const struct flight *f)
{
    const struct heap_item *first = heap_first(&f->overdue);
    return (struct mono){first ? first->key : INT64_MAX};
}

bool flight_expire(struct flight *f, uint32_t id, struct mono now, struct sample *sample)
{
    struct flight_probe *probe = oldest_waiting(f, id);
    if (!probe || !mono_reached(now, probe->deadline))
        return false;
    probe->state = FLIGHT_LOST;
    *sample = sample_of(f, id, probe, SAMPLE_LOST, now);
    settle(f, id);
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
    settle(f, id);
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
    for (uint32_t i = 0; i < f->overdue.count; i++)
        ids[i] = f->overdue.items[i].id;
    return f->overdue.count;
}
